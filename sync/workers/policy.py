"""What the engine does about each error: one table, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.kit.errors import (
    AuthFailed,
    BadSignature,
    Conflict,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordGone,
    RecordRejected,
    Unavailable,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What follows from an error of a whole run.

    ``state`` is the run's; ``connection`` the connection's new state, None to leave it; ``again``
    whether it is tried again by itself; ``counts`` whether it counts as a failure.
    """

    state: str
    connection: str | None = None
    again: bool = False
    counts: bool = True


ANSWERS: dict[type[ConnectorError], Answer] = {
    AuthFailed: Answer("failed", connection="needs_auth"),
    RateLimited: Answer("stopped", again=True, counts=False),
    Unavailable: Answer("failed", again=True),
    RecordRejected: Answer("failed"),
    RecordGone: Answer("failed"),
    Conflict: Answer("failed", again=True),
    ContractBroken: Answer("failed"),
    BadSignature: Answer("failed", counts=False),
    ConnectorError: Answer("failed"),
}


def answer_to(error: ConnectorError) -> Answer:
    """The table's line for an error, by its nearest class."""
    for kind in type(error).__mro__:
        if kind in ANSWERS:
            return ANSWERS[kind]
    return ANSWERS[ConnectorError]
