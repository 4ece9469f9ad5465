"""An instance to test on, and connectors that talk to it without sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from connectors.kit.session import Wiring, in_process
from connectors.kit.tokens import MemoryTokens
from connectors.marketo import Connector, Options, connect
from connectors.marketo.simulator import CLIENT_ID, CLIENT_SECRET, Simulator

HOST = "https://123-abc-456.mktorest.com"
MANY = 1_000_000
CREDENTIALS = {"base_url": HOST, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


@pytest.fixture
def make_instance(clock: Any) -> Callable[..., Simulator]:
    def make(**options: Any) -> Simulator:
        return Simulator(now=clock, **{"rate": MANY, "daily": MANY, **options})

    return make


@pytest.fixture
def instance(make_instance: Callable[..., Simulator]) -> Simulator:
    return make_instance()


@pytest.fixture
def make_hub(clock: Any) -> Callable[..., Connector]:
    """Builds a connector for an instance from an operator's options."""

    def make(instance: Simulator, **options: Any) -> Connector:
        wiring = Wiring(
            connection="mkto",
            tokens=MemoryTokens(),
            transport=in_process(instance),
            now=clock,
            sleep=lambda _: None,
        )
        written = {"deletes_every": 0, **CREDENTIALS, **options}
        return connect(Options.model_validate(written), wiring)

    return make


@pytest.fixture
def hub(instance: Simulator, make_hub: Callable[..., Connector]) -> Connector:
    return make_hub(instance)


@pytest.fixture
def asker() -> Callable[..., Callable[..., httpx.Response]]:
    """Makes ways to call an instance's API as any client would."""

    def make(instance: Simulator) -> Callable[..., httpx.Response]:
        client = httpx.Client(base_url=HOST, transport=in_process(instance))
        asked = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        body = client.get("/identity/oauth/token", params=asked).json()
        client.headers["authorization"] = f"Bearer {body['access_token']}"
        return client.request

    return make


@pytest.fixture
def ask(instance: Simulator, asker: Callable[..., Any]) -> Callable[..., httpx.Response]:
    return asker(instance)  # type: ignore[no-any-return]  # a fixture that makes them
