"""Getting in: two kinds of app, scopes, and refusals told by the right error."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import connectors.zoom
from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordGone,
    RecordRejected,
)
from connectors.kit.reply import Reply
from connectors.kit.tokens import MemoryTokens
from connectors.zoom import Connector, Options
from connectors.zoom.simulator import ACCOUNT_ID, CLIENT_ID, CLIENT_SECRET, HOST, Simulator
from connectors.zoom.translate import PageExpired, translate

HOME = Path(connectors.zoom.__file__).parent
REFUSALS = json.loads((HOME / "cassettes" / "refusals.json").read_text(encoding="utf-8"))
Wire = Callable[..., Connector]
SERVER = {"account_id": ACCOUNT_ID, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
USER = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "refresh_token": "r"}


def refusal(name: str, method: str = "GET", path: str = "/v2/webinars/1/registrants") -> Any:
    said = REFUSALS[name]
    reply = Reply(
        status=said["status"],
        headers={"date": "Wed, 01 Apr 2026 23:00:00 GMT"},
        content=json.dumps(said["body"]).encode(),
        url=f"https://api.zoom.us{path}",
        method=method,
    )
    return translate(reply)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        pytest.param(refusal("token"), AuthFailed, "ZOOM_TOKEN_REFUSED", id="token"),
        pytest.param(refusal("scope"), AuthFailed, "ZOOM_SCOPE", id="scope"),
        pytest.param(refusal("plan"), AuthFailed, "ZOOM_NOT_ALLOWED", id="plan"),
        pytest.param(
            refusal("user", path="/v2/users/x/webinars"), ContractBroken, "ZOOM_NO_USER", id="user"
        ),
        pytest.param(
            refusal("user", "POST", "/v2/meetings/1/registrants"),
            RecordGone,
            "ZOOM_GONE",
            id="a meeting that is gone, told as a user",
        ),
        pytest.param(refusal("event"), RecordGone, "ZOOM_GONE", id="event"),
        pytest.param(refusal("registrant"), RecordGone, "ZOOM_GONE", id="registrant"),
        pytest.param(refusal("old"), RecordGone, "ZOOM_TOO_OLD", id="old"),
        pytest.param(refusal("query"), ContractBroken, "ZOOM_BAD_QUERY", id="query"),
        pytest.param(refusal("page"), PageExpired, "ZOOM_PAGE_EXPIRED", id="page"),
        pytest.param(refusal("path"), ContractBroken, "ZOOM_NO_PATH", id="path"),
        pytest.param(refusal("second"), RateLimited, "ZOOM_RATE_LIMITED", id="second"),
        pytest.param(refusal("adds", "POST"), RateLimited, "ZOOM_DAILY_LIMIT", id="day"),
        pytest.param(refusal("full", "POST"), RecordRejected, "ZOOM_REFUSED", id="full"),
    ],
)
def test_a_refusal_is_told_by_its_code_and_names_nobody(
    error: ConnectorError, kind: type[ConnectorError], code: str
) -> None:
    assert type(error) is kind
    assert error.code == code
    assert "nagisa" not in str(error)


def test_a_missing_scope_is_named() -> None:
    assert "webinar:read:list_registrants:admin" in str(refusal("scope"))


def test_a_limit_without_headers_is_waited_out_by_what_it_says() -> None:
    assert refusal("second").retry_after == 1.0
    assert refusal("adds", "POST").retry_after == 3600.0


def test_a_token_is_asked_for_once_and_again_when_it_is_used_up(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    def asked() -> int:
        return sum(seen.path == "/oauth/token" for seen in simulator.seen)

    for _ in range(3):
        list(wire().pull("webinar_registrants", None))
    assert asked() == 1
    clock.forward(seconds=3540)
    list(wire().pull("webinar_registrants", None))
    assert asked() == 2


def test_a_token_that_was_revoked_early_is_asked_for_again(
    wire: Wire, simulator: Simulator
) -> None:
    connector = wire()
    list(connector.pull("webinar_registrants", None))
    for key, held in simulator.tokens.items():
        simulator.tokens[key] = {**held, "until": 0.0}
    list(connector.pull("webinar_registrants", None))
    assert 401 in {seen.status for seen in simulator.seen}


def test_a_person_signs_in_with_a_refresh_token_that_works_once(
    wire: Wire, simulator: Simulator, clock: Any, tokens: MemoryTokens
) -> None:
    oauth = {**USER, "refresh_token": simulator.sign_in()}
    first = wire(oauth=oauth, hosts=[])
    list(first.pull("webinar_registrants", None))
    clock.forward(hours=2)
    list(wire(oauth=oauth, hosts=[]).pull("webinar_registrants", None))
    held = tokens.read("zoom-jp")
    assert held is not None
    assert held.refresh_token not in (None, oauth["refresh_token"])
    assert [s.path for s in simulator.seen if s.path.startswith("/v2")] == [
        "/v2/users/me/webinars"
    ] * 2


def test_a_wrong_secret_is_told_without_it(wire: Wire, simulator: Simulator) -> None:
    simulator.client_secret = "another"
    with pytest.raises(AuthFailed) as caught:
        wire().identify()
    assert CLIENT_SECRET not in str(caught.value)


def test_identify_names_the_account_and_the_scopes_that_are_missing(
    wire: Wire, simulator: Simulator
) -> None:
    assert wire().identify().account == ACCOUNT_ID
    simulator.scopes -= {"report:read:user:admin", "phone:read:list_call_logs:admin"}
    simulator.tokens.clear()
    fresh = wire(read=["webinars", "calls"])
    fresh._auth._renew(fresh._auth.token())
    assert fresh.identify().scopes_missing == ("report:read:user", "phone:read:list_call_logs")
    simulator.scopes |= {"report:read:admin", "phone:read:admin"}
    fresh._auth._renew(fresh._auth.token())
    assert fresh.identify().scopes_missing == ()


@pytest.mark.parametrize("change", [{"hosts": ["nobody@mihon.example"]}, {"hosts": [HOST, "x"]}])
def test_identify_tells_of_a_host_that_is_none(wire: Wire, change: Any) -> None:
    with pytest.raises(ContractBroken) as caught:
        wire(**change).identify()
    assert caught.value.code == "ZOOM_NO_USER"


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"hosts": [HOST]}, id="no app"),
        pytest.param({"hosts": [HOST], "server": SERVER, "oauth": USER}, id="both"),
        pytest.param({"server": SERVER}, id="no hosts"),
        pytest.param({"server": SERVER, "hosts": ["me"]}, id="me without a person"),
        pytest.param({"server": SERVER, "hosts": ["a/b"]}, id="a path"),
        pytest.param({"server": SERVER, "hosts": [HOST], "read": []}, id="nothing"),
        pytest.param({"server": SERVER, "hosts": [HOST], "page_size": 301}, id="a large page"),
        pytest.param({"server": SERVER, "hosts": [HOST], "history_days": 181}, id="too far back"),
        pytest.param(
            {"server": SERVER, "hosts": [HOST], "internal_domains": ["@mihon.example"]},
            id="an address for a domain",
        ),
    ],
)
def test_options_that_cannot_work_are_refused(given: Any) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(given)


def test_calls_alone_need_no_hosts() -> None:
    assert Options.model_validate({"server": SERVER, "read": ["calls"]}).users == ("me",)


def test_streams_are_those_of_what_is_read(wire: Wire) -> None:
    assert wire().streams() == [
        "webinar_registrants",
        "meeting_registrants",
        "webinar_participants",
        "meeting_participants",
    ]
    assert wire(read=["calls"]).streams() == ["calls"]
