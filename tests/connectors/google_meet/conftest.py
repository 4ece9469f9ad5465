"""A simulated Workspace on a clock that is held, and connectors wired to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from connectors.google_meet import Connector, Options, connect
from connectors.google_meet.simulator import (
    DEFAULT_USER,
    DEFAULT_USER_ID,
    PUSH_ACCOUNT,
    Simulator,
)
from connectors.kit.base import Page, Record
from connectors.kit.session import Wiring, in_process
from connectors.kit.tokens import MemoryTokens

CHANNEL_TOKEN = "channel-token-0123456789"
USERS = {"sato": {"email": DEFAULT_USER, "id": DEFAULT_USER_ID}}


@pytest.fixture
def google(clock: Any) -> Iterator[Simulator]:
    made = Simulator(now=clock, per_minute=None)
    yield made
    made.close()


@pytest.fixture
def queries(google: Simulator, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, str]]]:
    """Path and query of every request from now on, those for tokens aside."""
    seen: list[tuple[str, dict[str, str]]] = []
    admit = google.admit

    def note(request: Any) -> None:
        if request.path != "/token":
            seen.append((request.path, request.args.to_dict()))
        admit(request)

    monkeypatch.setattr(google, "admit", note)
    return seen


@pytest.fixture
def wire(google: Simulator, clock: Any) -> Iterator[Callable[..., Connector]]:
    """A connector of the service account for one user; its pauses take no time."""
    made: list[Connector] = []

    def build(**options: Any) -> Connector:
        wiring = Wiring(
            "meet",
            MemoryTokens(),
            transport=in_process(google),
            now=clock,
            sleep=lambda _: None,
        )
        key = {"scheme": "service_account", "key": json.dumps(google.service_account_key())}
        given = {
            "auth": key,
            "users": USERS,
            "push_account": PUSH_ACCOUNT,
            "channel_tokens": [CHANNEL_TOKEN],
            "requests_per_second": 50,
            **options,
        }
        made.append(connect(Options.model_validate(given), wiring))
        return made[-1]

    yield build
    for connector in made:
        connector.close()


@pytest.fixture
def api(google: Simulator, clock: Any) -> Callable[..., httpx.Response]:
    """Plain requests of a signed-in user, as any client would make them."""
    client = httpx.Client(transport=in_process(google), base_url="https://google.example")
    refresh = google.allow(DEFAULT_USER)
    form = {
        "grant_type": "refresh_token",
        "client_id": "1234.apps.googleusercontent.com",
        "client_secret": "rehearsal-client-secret",
        "refresh_token": refresh,
    }
    client.headers["authorization"] = (
        f"Bearer {client.post('/token', data=form).json()['access_token']}"
    )

    def ask(method: str, path: str, **options: Any) -> httpx.Response:
        return client.request(method, path, **options)

    return ask


def records(pages: list[Page]) -> list[Record]:
    """The records of some pages."""
    return [record for page in pages for record in page.records]


def pull(connector: Connector, stream: str, cursor: str | None = None) -> list[Page]:
    """A whole pull."""
    return list(connector.pull(stream, cursor))


HALF_AN_HOUR = timedelta(minutes=30)
