"""A simulated org on a clock that is held, and connectors wired to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from connectors.kit.session import Wiring, in_process
from connectors.kit.tokens import MemoryTokens
from connectors.salesforce import Connector, Options, connect
from connectors.salesforce.simulator import CLIENT_ID, CLIENT_SECRET, Simulator

HOST = "https://aozora.my.salesforce.example"
CREDENTIALS = {
    "scheme": "client_credentials",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "login_url": HOST,
}
Connecting = Callable[..., Connector]


@pytest.fixture
def org(clock: Any) -> Simulator:
    return Simulator(now=clock)


@pytest.fixture
def connected(org: Simulator, clock: Any) -> Connecting:
    """Builds a connector with these options; its pauses move the clock."""
    tokens = MemoryTokens()

    def build(**options: Any) -> Connector:
        wiring = Wiring(
            connection="sf",
            tokens=tokens,
            transport=in_process(org),
            now=clock,
            sleep=lambda seconds: clock.pass_time(seconds=seconds),
        )
        return connect(Options.model_validate({"auth": CREDENTIALS, **options}), wiring)

    return build


@pytest.fixture
def requests(org: Simulator, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every request the org gets from now on."""
    seen: list[Any] = []
    admit = org.admit

    def note(request: Any) -> None:
        seen.append(request)
        admit(request)

    monkeypatch.setattr(org, "admit", note)
    return seen


@pytest.fixture
def api(org: Simulator) -> httpx.Client:
    """A signed-in client of the org's data API; paths are below the version."""
    client = httpx.Client(transport=in_process(org), base_url=HOST)
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    token = client.post("/services/oauth2/token", data=form).json()["access_token"]
    client.base_url = httpx.URL(f"{HOST}/services/data/v62.0")
    client.headers["authorization"] = f"Bearer {token}"
    return client
