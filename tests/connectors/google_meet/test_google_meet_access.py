"""Getting in: a service account for each user, one person's sign-in, quotas and refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import connectors.google_meet
from connectors.google_meet import Connector, Options
from connectors.google_meet.simulator import (
    CLIENT_ID,
    CLIENT_SECRET,
    DEFAULT_USER,
    Simulator,
)
from connectors.google_meet.simulator_signin import SPACES
from connectors.google_meet.translate import translate
from connectors.kit.errors import (
    AuthFailed,
    Conflict,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordGone,
    RecordRejected,
)
from connectors.kit.session import Reply
from connectors.kit.simulator import Fault, json_response
from tests.connectors.google_meet.conftest import USERS, pull, records

HOME = Path(connectors.google_meet.__file__).parent
REFUSALS = json.loads((HOME / "cassettes" / "refusals.json").read_text(encoding="utf-8"))
SUZUKI = "suzuki@mihon.example"
Wire = Callable[..., Connector]


def refused(name: str, method: str = "GET", **headers: str) -> ConnectorError:
    url = "https://www.googleapis.com/calendar/v3/calendars/taro@aozora.example/events?q=x"
    content = json.dumps(REFUSALS[name], ensure_ascii=False).encode()
    error = translate(Reply(int(name[:3]), headers, content, url, method))
    assert error is not None
    assert "taro" not in str(error)
    return error


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        pytest.param("400 calendar", ContractBroken, "GOOGLE_MEET_BAD_QUERY", id="a bad query"),
        pytest.param("400 meet", ContractBroken, "GOOGLE_MEET_BAD_QUERY", id="a bad filter"),
        pytest.param("401", AuthFailed, "GOOGLE_MEET_TOKEN_REFUSED", id="a bad token"),
        pytest.param("403 minute", RateLimited, "GOOGLE_MEET_RATE_LIMITED", id="a full minute"),
        pytest.param("403 user", RateLimited, "GOOGLE_MEET_RATE_LIMITED", id="a user's minute"),
        pytest.param("403 invitations", RateLimited, "GOOGLE_MEET_RATE_LIMITED", id="strangers"),
        pytest.param("403 scope", AuthFailed, "GOOGLE_MEET_FORBIDDEN", id="a scope"),
        pytest.param("403 account", AuthFailed, "GOOGLE_MEET_NO_DELEGATION", id="no delegation"),
        pytest.param("403 meet", AuthFailed, "GOOGLE_MEET_FORBIDDEN", id="somebody else's space"),
        pytest.param("404", RecordGone, "GOOGLE_MEET_NOT_FOUND", id="not there"),
        pytest.param("409", Conflict, "GOOGLE_MEET_CONFLICT", id="an id that is taken"),
        pytest.param("410", RecordGone, "GOOGLE_MEET_NOT_FOUND", id="an old token"),
        pytest.param("412", Conflict, "GOOGLE_MEET_CONFLICT", id="a newer event"),
        pytest.param("429", RateLimited, "GOOGLE_MEET_RATE_LIMITED", id="Meet's quota"),
    ],
)
def test_a_refusal_is_told_by_its_error(name: str, kind: type[ConnectorError], code: str) -> None:
    error = refused(name)
    assert (type(error), error.code) == (kind, code)


def test_a_refused_write_is_the_records_fault() -> None:
    assert isinstance(refused("400 calendar", "POST"), RecordRejected)


@pytest.mark.parametrize(
    ("name", "headers", "seconds"),
    [
        pytest.param("403 minute", {}, 30.0, id="a minute"),
        pytest.param("403 invitations", {}, 3600.0, id="an hour"),
        pytest.param("429", {"retry-after": "7"}, 7.0, id="as said"),
    ],
)
def test_how_long_to_wait(name: str, headers: dict[str, str], seconds: float) -> None:
    error = refused(name, **headers)
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_each_user_is_acted_for_with_a_token_of_their_own(wire: Wire, google: Simulator) -> None:
    google.add_person(SUZUKI, "鈴木", "108000000000000000002")
    connector = wire(users={**USERS, "suzuki": {"email": SUZUKI}})
    assert connector.identify().account == "Google Workspace (sato, suzuki)"
    assert sorted(grant["email"] for grant in google.grants.values()) == [DEFAULT_USER, SUZUKI]
    assert sum(seen.path == "/token" for seen in google.seen) == 2


def test_a_token_that_ends_is_replaced_without_a_word(
    wire: Wire, google: Simulator, clock: Any
) -> None:
    connector = wire()
    connector.identify()
    clock.pass_time(hours=2)
    connector.identify()
    for token in google.grants:
        del google.grants[token]
    connector.identify()
    assert sum(seen.path == "/token" for seen in google.seen) == 3


def test_one_person_who_signed_in_is_read_too(wire: Wire, google: Simulator) -> None:
    google.book({"taro@aozora.example": None})
    auth = {
        "scheme": "refresh",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": google.allow(DEFAULT_USER),
    }
    connector = wire(auth=auth)
    assert len(records(pull(connector, "events"))) == 1
    google.revoke()
    with pytest.raises(AuthFailed) as caught:
        connector.identify()
    assert caught.value.code == "REAUTHORISE"


def test_without_the_delegation_the_operator_is_told(wire: Wire, google: Simulator) -> None:
    google.delegated = set()
    with pytest.raises(AuthFailed, match="unauthorized_client"):
        wire().identify()


def test_a_user_who_does_not_exist_is_told(wire: Wire) -> None:
    with pytest.raises(AuthFailed, match="invalid_grant"):
        wire(users={"gone": {"email": "gone@mihon.example"}}).identify()


def test_missing_scopes_are_named(wire: Wire, google: Simulator) -> None:
    auth = {
        "scheme": "refresh",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": google.allow(DEFAULT_USER),
    }
    google.app_scopes = {SPACES}
    assert wire(auth=auth).identify().scopes_missing == ("calendar.events",)
    google.app_scopes = set()


def test_a_private_key_that_is_none_is_told_without_it(wire: Wire, google: Simulator) -> None:
    key = {**google.service_account_key(), "private_key": "very-secret-nonsense"}
    with pytest.raises(AuthFailed) as caught:
        wire(auth={"scheme": "service_account", "key": json.dumps(key)}).identify()
    assert caught.value.code == "PRIVATE_KEY"
    assert "nonsense" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_quota_that_is_full_for_a_moment_is_waited_out(wire: Wire, google: Simulator) -> None:
    body = {"error": {"errors": [{"reason": "rateLimitExceeded"}]}}
    full = json_response(body, 403, {"retry-after": "1"})
    google.faults.append(Fault("/events", response=full, times=2))
    assert wire().identify().scopes_missing == ()


def test_a_quota_of_a_minute_ends_a_pull(wire: Wire, clock: Any, google: Simulator) -> None:
    small = Simulator(now=clock, per_minute=3)
    google._windows, google._per_minute = small._windows, 3
    small.close()
    with pytest.raises(RateLimited) as caught:
        pull(wire(), "participants")
    assert caught.value.retry_after == 30


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"users": {}}, "users", id="nobody"),
        pytest.param({"users": {"Sato": USERS["sato"]}}, "users", id="a name with capitals"),
        pytest.param({"users": {"a": {"email": "x"}}}, "email", id="no address"),
        pytest.param(
            {"users": {"a": USERS["sato"], "b": USERS["sato"]}}, "same e-mail", id="one twice"
        ),
        pytest.param({"auth": {"scheme": "service_account", "key": "{}"}}, "key file", id="no key"),
        pytest.param({"auth": {"scheme": "service_account", "key": "x"}}, "key file", id="no JSON"),
        pytest.param(
            {
                "auth": {
                    "scheme": "refresh",
                    "client_id": "a",
                    "client_secret": "b",
                    "refresh_token": "c",
                },
                "users": {"a": USERS["sato"], "b": {"email": SUZUKI}},
            },
            "one person's",
            id="two for one sign-in",
        ),
        pytest.param({"time_zone": "Tokyo"}, "Asia/Tokyo", id="no zone"),
        pytest.param({"base_url": "http://google.example"}, "https", id="no TLS"),
        pytest.param({"pubsub_topic": "meet"}, "pubsub_topic", id="no topic"),
    ],
)
def test_options_that_cannot_be_are_refused(wire: Wire, options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        wire(**options)
    assert says in str(caught.value)


def test_a_bad_key_file_is_not_quoted_when_it_is_refused() -> None:
    auth = {"scheme": "service_account", "key": '{"private_key": "very-secret-nonsense"}'}
    with pytest.raises(ValidationError) as caught:
        Options.model_validate({"auth": auth, "users": USERS})
    assert "very-secret" not in str(caught.value)
