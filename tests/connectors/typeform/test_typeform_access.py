"""Getting in: tokens that rotate, refusals told by the right error, two requests a second."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from pydantic import ValidationError
from werkzeug.test import Client

import connectors.typeform
from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordRejected,
    Unavailable,
)
from connectors.kit.session import Wiring
from connectors.kit.simulator import Fault, json_response
from connectors.kit.tokens import MemoryTokens
from connectors.typeform import Connector, Options, connect
from connectors.typeform.simulator import DEFAULT_FORM_ID, Simulator

HOME = Path(connectors.typeform.__file__).parent
REFUSALS = json.loads((HOME / "cassettes" / "refusals.json").read_text(encoding="utf-8"))
STREAM = f"responses:{DEFAULT_FORM_ID}"
WEEK = 604_800
PERSON = {
    "email": "takahashi@sakura.example",
    "last_name": "高橋",
    "first_name": "陽子",
    "company": "さくら商事",
}
Wire = Callable[..., Connector]


def app(simulator: Simulator) -> dict[str, Any]:
    refresh_token = simulator.add_app("renkei-app", "app-secret")
    return {
        "client_id": "renkei-app",
        "client_secret": "app-secret",
        "refresh_token": refresh_token,
    }


def used(simulator: Simulator) -> list[bool]:
    return [row["used"] for row in simulator.grants.values()]


def test_the_first_refresh_token_is_traded_once_and_its_successor_kept(
    wire: Wire, simulator: Simulator, tokens: MemoryTokens
) -> None:
    connector = wire(oauth=app(simulator))
    simulator.submit(DEFAULT_FORM_ID, PERSON)
    assert len(list(connector.pull(STREAM, None))) == 1
    assert used(simulator) == [True, False]
    held = tokens.read("tf-jp")
    assert held is not None
    assert held.refresh_token in simulator.grants
    assert not simulator.grants[held.refresh_token]["used"]


@pytest.mark.parametrize("refused", [401, 403])
def test_every_week_the_successor_is_traded(
    wire: Wire, simulator: Simulator, clock: Any, refused: int
) -> None:
    simulator.refused = refused
    connector = wire(oauth=app(simulator))
    for _ in range(3):
        connector.streams()
        list(connector.pull(STREAM, None))
        clock.sleep(WEEK)
    assert used(simulator) == [True, True, True, False]


@pytest.mark.parametrize("refused", [401, 403])
def test_a_token_refused_before_its_end_is_renewed_and_the_request_sent_again(
    wire: Wire, simulator: Simulator, refused: int
) -> None:
    simulator.refused = refused
    connector = wire(oauth=app(simulator))
    list(connector.pull(STREAM, None))
    for key, row in simulator.grants.items():
        simulator.grants[key] = row | {"until": 0.0}
    simulator.submit(DEFAULT_FORM_ID, PERSON)
    assert len(list(connector.pull(STREAM, None))) == 1


def test_two_workers_do_not_trade_the_same_refresh_token(wire: Wire, simulator: Simulator) -> None:
    oauth = app(simulator)
    for connector in (wire(oauth=oauth), wire(oauth=oauth)):
        list(connector.pull(STREAM, None))
    assert used(simulator) == [True, False]


def test_a_refresh_token_used_elsewhere_asks_for_a_new_sign_in(
    wire: Wire, simulator: Simulator
) -> None:
    oauth = app(simulator)
    Client(simulator).post("/oauth/token", data={"grant_type": "refresh_token", **oauth})
    with pytest.raises(AuthFailed) as caught:
        list(wire(oauth=oauth).pull(STREAM, None))
    assert caught.value.code == "REAUTHORISE"
    assert oauth["refresh_token"] not in str(caught.value)


def test_the_token_endpoint_is_on_the_host_of_the_account(wire: Wire, simulator: Simulator) -> None:
    connector = wire(oauth=app(simulator), base_url="https://api.typeform.eu/")
    assert list(connector.pull(STREAM, None)) == []
    assert [seen.path for seen in simulator.seen] == [
        "/oauth/token",
        f"/forms/{DEFAULT_FORM_ID}/responses",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({}, id="no way in"),
        pytest.param(
            {
                "token": "tfp_x",
                "oauth": {"client_id": "a", "client_secret": "b", "refresh_token": "c"},
            },
            id="two ways in",
        ),
        pytest.param({"token": "tfp_x", "forms": ["../me"]}, id="a form id that is a path"),
        pytest.param({"token": "tfp_x", "base_url": "api.typeform.com"}, id="no scheme"),
        pytest.param({"token": "tfp_x", "webhook_secrets": ["a", "b", "c"]}, id="three secrets"),
        pytest.param({"token": "tfp_x", "page_size": 1001}, id="a page too large"),
        pytest.param({"token": "tfp_x", "overlap": -1}, id="an overlap to the future"),
    ],
)
def test_options_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(wrong)


def test_options_do_not_show_their_secrets() -> None:
    options = Options.model_validate({"token": "tfp_visible", "webhook_secrets": ["hush-hush"]})
    assert "tfp_visible" not in repr(options)
    assert "hush-hush" not in repr(options)


def answered(status: int, headers: dict[str, str] | None = None) -> ConnectorError:
    """What a pull raises when the vendor answers everything with its recorded refusal."""
    options = Options.model_validate({"token": "tfp_x", "forms": ["pQ7rT2wX"]})
    connector = connect(options, Wiring("tf", MemoryTokens(), sleep=lambda _: None))
    reply = httpx.Response(status, json=REFUSALS[str(status)], headers=headers)
    with respx.mock as vendor:
        vendor.route(host="api.typeform.com").mock(return_value=reply)
        with pytest.raises(ConnectorError) as caught:
            list(connector.pull("responses:pQ7rT2wX", None))
    connector.session.close()
    return caught.value


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (400, ContractBroken, "TYPEFORM_BAD_QUERY"),
        (401, AuthFailed, "TYPEFORM_TOKEN_REFUSED"),
        (402, AuthFailed, "TYPEFORM_PLAN"),
        (403, AuthFailed, "TYPEFORM_TOKEN_REFUSED"),
        (404, ContractBroken, "TYPEFORM_NOT_FOUND"),
        (429, RateLimited, "TYPEFORM_RATE_LIMITED"),
        (499, Unavailable, "TYPEFORM_TIMED_OUT"),
    ],
)
def test_a_refusal_is_told_by_what_to_do_about_it(
    status: int, error: type[ConnectorError], code: str
) -> None:
    caught = answered(status)
    assert type(caught) is error
    assert (caught.code, caught.status) == (code, status)
    assert REFUSALS[str(status)]["description"] not in str(caught)


def test_slow_down_takes_the_vendors_seconds_or_one() -> None:
    with_seconds, without = answered(429, {"Retry-After": "30"}), answered(429)
    assert isinstance(with_seconds, RateLimited)
    assert isinstance(without, RateLimited)
    assert (with_seconds.retry_after, without.retry_after) == (30, 1)


def test_a_refused_webhook_names_the_field(wire: Wire, simulator: Simulator) -> None:
    with pytest.raises(RecordRejected) as caught:
        wire(webhook_secrets=["s3cret"]).subscribe("not-a-url")
    assert caught.value.fields == ("url",)
    assert caught.value.code == "TYPEFORM_VALIDATION"


def test_their_time_out_and_a_429_are_waited_out_inside_the_call(
    wire: Wire, simulator: Simulator
) -> None:
    simulator.submit(DEFAULT_FORM_ID, PERSON)
    slow = json_response(REFUSALS["429"], 429, {"Retry-After": "1"})
    simulator.faults += [
        Fault("/responses", response=json_response(REFUSALS["499"], 499)),
        Fault("/responses", response=slow),
    ]
    assert len(list(wire().pull(STREAM, None))) == 1


def test_an_accounts_two_requests_a_second_are_kept(clock: Any) -> None:
    """With a clock of its own the throttle alone keeps the pace; see the sleeps it asks for."""
    slept: list[float] = []
    wiring = Wiring("tf", MemoryTokens(), sleep=slept.append)
    connector = connect(Options.model_validate({"token": "tfp_x", "forms": ["f1"]}), wiring)
    with respx.mock as vendor:
        vendor.get("https://api.typeform.com/forms/f1").mock(
            return_value=httpx.Response(200, json={"id": "f1", "title": "問合せ"})
        )
        for _ in range(12):
            connector.fields("responses:f1")
    connector.session.close()
    assert slept[-1] > 3.5, "twelve requests at once would be done within four seconds"


def test_identify_names_the_account_and_the_scopes_that_lack(
    wire: Wire, simulator: Simulator
) -> None:
    connector = wire(webhook_secrets=["s3cret"])
    assert connector.identify().account == "見本商事 営業企画"
    assert connector.identify().scopes_missing == ()
    simulator.scopes -= {"responses:read", "webhooks:read"}
    assert connector.identify().scopes_missing == ("responses:read", "webhooks:read")


def test_identify_without_the_account_scope_still_answers(wire: Wire, simulator: Simulator) -> None:
    simulator.scopes.discard("accounts:read")
    identity = wire().identify()
    assert identity.account == "tf-jp"
    assert identity.scopes_missing == ("accounts:read",)


def test_identify_with_a_bad_token_fails(wire: Wire) -> None:
    with pytest.raises(AuthFailed):
        wire(token="tfp_other").identify()


def test_a_scope_that_lacks_is_told_as_such(wire: Wire, simulator: Simulator) -> None:
    simulator.scopes.discard("responses:read")
    with pytest.raises(AuthFailed, match="responses:read") as caught:
        list(wire().pull(STREAM, None))
    assert caught.value.code == "TYPEFORM_FORBIDDEN"
