"""A simulated Typeform account, a clock held by the test, and connectors wired to both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.kit.session import Wiring, in_process
from connectors.kit.tokens import MemoryTokens
from connectors.typeform import Connector, Options, connect
from connectors.typeform.simulator import DEFAULT_FORM_ID, DEFAULT_TOKEN, Simulator


class Clock:
    """Time that passes only when the test, or a sleep, says so."""

    def __init__(self) -> None:
        self.at = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[Simulator]:
    made = Simulator(now=clock, rate=None)
    yield made
    made.close()


@pytest.fixture
def tokens() -> MemoryTokens:
    return MemoryTokens()


@pytest.fixture
def wire(
    simulator: Simulator, clock: Clock, tokens: MemoryTokens
) -> Iterator[Callable[..., Connector]]:
    """A connector with the given options; the default form and token unless said otherwise."""
    made: list[Connector] = []

    def build(**options: Any) -> Connector:
        given: dict[str, Any] = {"forms": [DEFAULT_FORM_ID], **options}
        if "oauth" not in given:
            given.setdefault("token", DEFAULT_TOKEN)
        wiring = Wiring(
            "tf-jp", tokens, transport=in_process(simulator), now=clock, sleep=clock.sleep
        )
        made.append(connect(Options.model_validate(given), wiring))
        return made[-1]

    yield build
    for connector in made:
        connector.session.close()
