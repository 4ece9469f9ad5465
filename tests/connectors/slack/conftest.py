"""A simulated Slack workspace, a clock held by the test, and connectors wired to both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.kit.session import Wiring, in_process
from connectors.kit.tokens import MemoryTokens
from connectors.slack import Connector, Options, connect
from connectors.slack.simulator import CHANNEL, DEFAULT_TOKEN, SIGNING_SECRET, Simulator


class Clock:
    """Time that passes only when the test, or a sleep, says so."""

    def __init__(self) -> None:
        self.at = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[Simulator]:
    made = Simulator(now=clock)
    yield made
    made.close()


@pytest.fixture
def wire(simulator: Simulator, clock: Clock) -> Iterator[Callable[..., Connector]]:
    """A connector with the given options beside those of the rehearsal."""
    made: list[Connector] = []

    def build(**options: Any) -> Connector:
        given: dict[str, Any] = {
            "bot_token": DEFAULT_TOKEN,
            "signing_secrets": [SIGNING_SECRET],
            "channels": [CHANNEL],
            **options,
        }
        wiring = Wiring(
            "slack-jp",
            MemoryTokens(),
            transport=in_process(simulator),
            now=clock,
            sleep=clock.sleep,
        )
        made.append(connect(Options.model_validate(given), wiring))
        return made[-1]

    yield build
    for connector in made:
        connector.api.close()
