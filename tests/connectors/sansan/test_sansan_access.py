"""Getting in: refusals told by the right error, the wait in the body, a key that is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import connectors.sansan
from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordGone,
)
from connectors.kit.session import Reply
from connectors.kit.simulator import Fault, json_response
from connectors.sansan import Connector, Options
from connectors.sansan.simulator import Simulator
from connectors.sansan.translate import translate

HOME = Path(connectors.sansan.__file__).parent
REFUSALS = json.loads((HOME / "cassettes" / "refusals.json").read_text(encoding="utf-8"))
Wire = Callable[..., Connector]


def refused(name: str, headers: dict[str, str] | None = None) -> ConnectorError:
    content = json.dumps(REFUSALS[name], ensure_ascii=False).encode()
    url = "https://api.sansan.com/v3.2/bizCards?updatedFrom=x"
    error = translate(Reply(int(name[:3]), headers or {}, content, url, "GET"))
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        pytest.param("400", ContractBroken, "SANSAN_BAD_QUERY", id="a bad window"),
        pytest.param("400 plain", ContractBroken, "SANSAN_BAD_QUERY", id="the other shape"),
        pytest.param("401", AuthFailed, "SANSAN_KEY_REFUSED", id="a wrong key"),
        pytest.param("403", AuthFailed, "SANSAN_FORBIDDEN", id="no right to the API"),
        pytest.param("404", RecordGone, "SANSAN_NOT_FOUND", id="no such card"),
        pytest.param("429", RateLimited, "SANSAN_RATE_LIMITED", id="too fast"),
    ],
)
def test_a_refusal_is_told_by_its_error(name: str, kind: type[ConnectorError], code: str) -> None:
    error = refused(name)
    assert (type(error), error.code) == (kind, code)
    assert "updatedFrom" not in str(error)
    assert "before" not in str(error)


def test_both_shapes_of_a_refusal_name_its_code() -> None:
    assert "INVALID_PARAMETER" in str(refused("400"))
    assert "INVALID_PARAMETER" in str(refused("400 plain"))


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        pytest.param({"retry_after": 7}, {"retry-after": "30"}, 7.0, id="the body's word"),
        pytest.param({"retry_after": "7"}, {}, 7.0, id="as text"),
        pytest.param({"retry_after": True}, {}, 1.0, id="no number"),
        pytest.param({"retry_after": -4}, {}, 1.0, id="less than nothing"),
        pytest.param({"retry_after": 10**9}, {}, 86_400.0, id="for ever"),
        pytest.param({}, {"retry-after": "30"}, 30.0, id="a proxy's header"),
        pytest.param({}, {}, 1.0, id="nothing said"),
    ],
)
def test_how_long_to_wait_is_in_the_body(
    body: dict[str, Any], headers: dict[str, str], seconds: float
) -> None:
    error = translate(Reply(429, headers, json.dumps(body).encode(), "https://a.example/", "GET"))
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_a_days_allowance_is_waited_for_outside_of_the_call(wire: Wire, clock: Any) -> None:
    small = Simulator(now=clock, rate=None, daily=2)
    connector = wire(small, pauses=True, since="2026-03-30")
    connector.identify()
    started = clock()
    list(connector.pull("bizCards", None))
    with pytest.raises(RateLimited) as caught:
        connector.identify()
    small.close()
    assert caught.value.retry_after == 3600
    assert clock() - started < timedelta(seconds=60)


def test_a_limit_of_ten_a_second_loses_no_card(wire: Wire, clock: Any) -> None:
    strict = Simulator(now=clock, rate=10)
    made = [strict.scan(lastName="伊藤") for _ in range(40)]
    pages = list(wire(strict, pauses=True, page_size=1, window_days=365).pull("bizCards", None))
    strict.close()
    assert [record.external_id for page in pages for record in page.records] == made


def test_a_revoked_key_is_told_as_such(wire: Wire, simulator: Simulator) -> None:
    connector = wire()
    assert connector.identify().account == "Sansan (USR0001)"
    simulator.revoke()
    with pytest.raises(AuthFailed) as caught:
        connector.identify()
    assert caught.value.code == "SANSAN_KEY_REFUSED"


def test_a_company_that_does_not_allow_the_api_is_told(wire: Wire, simulator: Simulator) -> None:
    simulator.may_use_api = False
    with pytest.raises(AuthFailed, match="administrator"):
        wire().identify()


def test_an_outage_of_a_second_is_waited_out(wire: Wire, simulator: Simulator) -> None:
    slow = json_response({"retry_after": 1}, 429)
    simulator.faults.append(Fault("/me", response=slow, times=2))
    assert wire().identify().account == "Sansan (USR0001)"


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"since": "2026-03-01"}, id="no key"),
        pytest.param({"api_key": "k"}, id="no first day"),
        pytest.param({"api_key": "k", "since": "いつか"}, id="no day"),
        pytest.param({"api_key": "k", "since": "2026-03-01", "window_days": 400}, id="too wide"),
        pytest.param({"api_key": "k", "since": "2026-03-01", "page_size": 301}, id="too many"),
        pytest.param({"api_key": "k", "since": "2026-03-01", "app_id": "a\nb"}, id="two lines"),
        pytest.param({"api_key": "k", "since": "2026-03-01", "campaign_tags": [""]}, id="no tag"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(options)
