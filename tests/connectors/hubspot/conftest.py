"""A portal to test on, a clock to hold, and a connector that talks to it without sockets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.hubspot import Connector, Options, connect
from connectors.hubspot.simulator import Limits, Simulator
from connectors.kit.session import Wiring, in_process
from connectors.kit.tokens import MemoryTokens

UNLIMITED = Limits(burst=1_000_000, searches=1_000_000, daily=10_000_000)


class Clock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_portal(clock: Clock) -> Callable[..., Simulator]:
    def make(**options: Any) -> Simulator:
        return Simulator(now=clock, **{"limits": UNLIMITED, **options})

    return make


@pytest.fixture
def portal(make_portal: Callable[..., Simulator]) -> Simulator:
    return make_portal()


@pytest.fixture
def make_hub(clock: Clock) -> Callable[..., Connector]:
    """Builds a connector for a portal from an operator's options."""

    def make(portal: Simulator, **options: Any) -> Connector:
        way_in = {} if "oauth" in options else {"token": portal.token}
        written = {"base_url": "https://hubspot.test", **way_in, **options}
        wiring = Wiring(
            connection="hs-jp",
            tokens=MemoryTokens(),
            transport=in_process(portal),
            now=clock,
            sleep=lambda _: None,
        )
        return connect(Options.model_validate(written), wiring)

    return make


@pytest.fixture
def hub(portal: Simulator, make_hub: Callable[..., Connector]) -> Connector:
    return make_hub(portal)


@pytest.fixture
def asker() -> Callable[..., Callable[..., httpx.Response]]:
    """Makes ways to call a portal's API as any client would."""

    def make(simulator: Simulator, token: str | None = None) -> Callable[..., httpx.Response]:
        client = httpx.Client(
            base_url="https://hubspot.test",
            transport=in_process(simulator),
            headers={"authorization": f"Bearer {token or simulator.token}"},
        )
        return lambda method, path, body=None, **more: client.request(
            method, path, json=body, **more
        )

    return make


@pytest.fixture
def ask(portal: Simulator, asker: Callable[..., Any]) -> Callable[..., httpx.Response]:
    return asker(portal)  # type: ignore[no-any-return]  # as above
