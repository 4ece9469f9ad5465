"""A simulated Zoom account, a clock held by the test, and connectors wired to both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import Client

from connectors.kit.session import Wiring, in_process
from connectors.kit.tokens import MemoryTokens
from connectors.zoom import Connector, Options, connect
from connectors.zoom.simulator import ACCOUNT_ID, CLIENT_ID, CLIENT_SECRET, HOST, Simulator

SERVER = {"account_id": ACCOUNT_ID, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


class Clock:
    """Time that passes only when the test, or a sleep, says so."""

    def __init__(self) -> None:
        self.at = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def forward(self, **time: float) -> None:
        self.at += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[Simulator]:
    made = Simulator(now=clock, limits=None, day_limits=None)
    yield made
    made.close()


@pytest.fixture
def tokens() -> MemoryTokens:
    return MemoryTokens()


@pytest.fixture
def wire(
    simulator: Simulator, clock: Clock, tokens: MemoryTokens
) -> Iterator[Callable[..., Connector]]:
    """A connector with the given options; the account's own app and host unless said otherwise."""
    made: list[Connector] = []

    def build(app: Any = None, **options: Any) -> Connector:
        given: dict[str, Any] = {"hosts": [HOST], "requests_per_second": 80, **options}
        if "oauth" not in given:
            given.setdefault("server", SERVER)
        wiring = Wiring(
            "zoom-jp",
            tokens,
            transport=in_process(app or simulator),
            now=clock,
            sleep=clock.sleep,
        )
        made.append(connect(Options.model_validate(given), wiring))
        return made[-1]

    yield build
    for connector in made:
        connector.session.close()


@pytest.fixture
def http(simulator: Simulator) -> Client:
    """Plain requests to the account."""
    return Client(simulator)


@pytest.fixture
def me(http: Client) -> dict[str, str]:
    """The header of a token of the account."""
    form = {"grant_type": "account_credentials", "account_id": ACCOUNT_ID}
    reply = http.post("/oauth/token", data=form, auth=(CLIENT_ID, CLIENT_SECRET))
    assert reply.json is not None
    return {"Authorization": f"Bearer {reply.json['access_token']}"}
