"""A portal to test on, a clock to hold, and a connector that talks to it without sockets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.hubspot.simulator import Limits, Simulator
from connectors.kit.session import in_process

UNLIMITED = Limits(burst=1_000_000, searches=1_000_000, daily=10_000_000)


class Clock:
    """A clock that moves only when told, or when somebody sleeps on it."""

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
        options.setdefault("limits", UNLIMITED)
        return Simulator(now=clock, **options)

    return make


@pytest.fixture
def portal(make_portal: Callable[..., Simulator]) -> Simulator:
    return make_portal()


@pytest.fixture
def ask(portal: Simulator) -> Callable[..., httpx.Response]:
    """Call the portal's API as any client would."""
    return asker(portal)


def asker(simulator: Simulator, token: str | None = None) -> Callable[..., httpx.Response]:
    client = httpx.Client(
        base_url="https://hubspot.test",
        transport=in_process(simulator),
        headers={"authorization": f"Bearer {token or simulator.token}"},
    )

    def call(method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return client.request(method, path, json=body, **options)

    return call
