"""A simulated domain with a clock we hold, and a connector that talks to it in the process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.kintone import Connector, Options, connect
from connectors.kintone.contract import SECRET, STREAM
from connectors.kintone.simulator import LEADS, TOKEN, Simulator
from connectors.kit.session import Wiring, in_process
from connectors.kit.tokens import MemoryTokens

BASE = "http://127.0.0.1:8080"


class Clock:
    """The time at the vendor and at ours."""

    def __init__(self) -> None:
        self.time = datetime(2026, 5, 14, 2, 51, 7, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Simulator:
    return Simulator(now=clock)


@pytest.fixture
def wired(simulator: Simulator, clock: Clock) -> Callable[..., Connector]:
    """Makes a connector; keywords are options, ``app`` those of the app."""

    def make(app: dict[str, Any] | None = None, **options: Any) -> Connector:
        written = {
            "base_url": BASE,
            "api_tokens": [TOKEN],
            "apps": {"leads": {"app": LEADS, **(app or {})}},
            "hook_secret": SECRET,
            **options,
        }
        wiring = Wiring(
            connection="kintone-test",
            tokens=MemoryTokens(),
            transport=in_process(simulator),
            now=clock,
            sleep=lambda seconds: None,
        )
        return connect(Options.model_validate(written), wiring)

    return make


@pytest.fixture
def connector(wired: Callable[..., Connector]) -> Connector:
    return wired()


@pytest.fixture
def http(simulator: Simulator) -> httpx.Client:
    """Plain requests to the domain, with the app's token."""
    headers = {"X-Cybozu-API-Token": TOKEN}
    return httpx.Client(
        transport=httpx.WSGITransport(app=simulator), base_url=BASE, headers=headers
    )


@pytest.fixture
def stream() -> str:
    return STREAM
