"""The simulator against the vendor's documents: shapes, rules and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from connectors.marketo.simulator import CLIENT_ID, CLIENT_SECRET, Simulator

Ask = Callable[..., httpx.Response]
LEADS = "/rest/v1/leads.json"
SIGN_IN = {
    "grant_type": "client_credentials",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
}


def code(answer: httpx.Response) -> str:
    """The code of a refusal, which comes with a 200."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["success"] is False
    assert "requestId" in body
    (error,) = body["errors"]
    assert isinstance(error["code"], str)
    return str(error["code"])


def sync(ask: Ask, *records: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    body = ask("POST", LEADS, json={"input": list(records), **more}).json()
    assert body["success"] is True, body
    return list(body["result"])


def reasons(result: dict[str, Any]) -> list[str]:
    assert result["status"] == "skipped"
    return [one["code"] for one in result["reasons"]]


# Who may ask


def test_a_token_asked_for_early_is_the_same_with_what_is_left_of_its_life(
    instance: Simulator, asker: Callable[..., Ask], clock: Any
) -> None:
    ask = asker(instance)
    first = ask("GET", "/identity/oauth/token", params=SIGN_IN).json()
    clock.pass_time(seconds=3597)
    again = ask("GET", "/identity/oauth/token", params=SIGN_IN).json()
    clock.pass_time(seconds=3)
    new = ask("POST", "/identity/oauth/token", params=SIGN_IN).json()

    assert (first["token_type"], first["expires_in"]) == ("bearer", 3599)
    assert (again["access_token"], again["expires_in"]) == (first["access_token"], 2)
    assert new["access_token"] != first["access_token"]


def test_wrong_credentials_are_the_one_thing_that_is_a_401(ask: Ask) -> None:
    asked = {**SIGN_IN, "client_secret": "wrong"}
    assert ask("GET", "/identity/oauth/token", params=asked).status_code == 401


def test_an_expired_and_an_unknown_token_have_codes_of_their_own(
    instance: Simulator, ask: Ask
) -> None:
    instance.expire_tokens()
    assert code(ask("GET", "/rest/v1/leads/describe2.json")) == "602"
    instance.forget_tokens()
    assert code(ask("GET", "/rest/v1/leads/describe2.json")) == "601"


def test_a_token_in_the_query_is_not_seen_any_more(instance: Simulator, asker: Any) -> None:
    ask = asker(instance)
    token = ask("GET", "/identity/oauth/token", params=SIGN_IN).json()["access_token"]
    refused = ask(
        "GET",
        "/rest/v1/leads/describe2.json",
        params={"access_token": token},
        headers={"authorization": ""},
    )
    assert code(refused) == "601"


def test_an_api_user_without_the_permission_is_denied(
    make_instance: Callable[..., Simulator], asker: Callable[..., Ask]
) -> None:
    ask = asker(make_instance(permissions=["Read-Only Lead"]))
    assert ask("GET", "/rest/v1/leads/describe2.json").json()["success"] is True
    assert code(ask("GET", "/rest/v1/activities/types.json")) == "603"
    assert code(ask("POST", LEADS, json={"input": [{"email": "a@example.jp"}]})) == "603"


# Limits


def test_a_hundred_and_first_call_in_twenty_seconds_is_refused_and_not_counted(
    make_instance: Callable[..., Simulator], asker: Callable[..., Ask], clock: Any
) -> None:
    ask = asker(make_instance(rate=100))
    for _ in range(100):
        assert ask("GET", "/rest/v1/leads/partitions.json").json()["success"] is True
    assert code(ask("GET", "/rest/v1/leads/partitions.json")) == "606"
    clock.pass_time(seconds=20)
    usage = ask("GET", "/rest/v1/stats/usage.json").json()["result"][0]
    errors = ask("GET", "/rest/v1/stats/errors.json").json()["result"][0]
    assert usage["total"] == 100
    assert errors["errors"] == [{"errorCode": "606", "count": 1}]


def test_the_calls_of_a_day_end_at_midnight_in_us_central_time(
    make_instance: Callable[..., Simulator], asker: Callable[..., Ask], clock: Any
) -> None:
    instance = make_instance(daily=1)
    ask = asker(instance)
    assert ask("GET", "/rest/v1/leads/partitions.json").json()["success"] is True
    assert code(ask("GET", "/rest/v1/leads/partitions.json")) == "607"
    clock.pass_time(hours=4, minutes=59)  # 23:59 in Chicago, where it is summer time
    later = asker(instance)
    assert code(later("GET", "/rest/v1/leads/partitions.json")) == "607"
    clock.pass_time(minutes=1)
    assert later("GET", "/rest/v1/leads/partitions.json").json()["success"] is True


def test_ten_requests_under_way_make_an_eleventh_wait(instance: Simulator, ask: Ask) -> None:
    instance.busy = 1
    assert code(ask("GET", "/rest/v1/leads/partitions.json")) == "615"
    assert ask("GET", "/rest/v1/leads/partitions.json").json()["success"] is True


# Requests that are wrong


@pytest.mark.parametrize(
    ("method", "path", "options", "refused"),
    [
        pytest.param("GET", "/rest/v1/lead.json", {}, "610", id="wrong path"),
        pytest.param("DELETE", LEADS, {}, "605", id="wrong method"),
        pytest.param("POST", LEADS, {"content": b"{}"}, "612", id="no content type"),
        pytest.param(
            "POST",
            LEADS,
            {"content": b"{", "headers": {"content-type": "application/json"}},
            "609",
            id="no JSON",
        ),
        pytest.param("POST", LEADS, {"json": {"input": []}}, "701", id="no records"),
        pytest.param(
            "POST",
            LEADS,
            {"json": {"input": [{"email": f"p{n}@example.jp"} for n in range(301)]}},
            "1003",
            id="301 records",
        ),
        pytest.param(
            "POST",
            LEADS,
            {"json": {"lookupField": "id", "input": [{"id": 1}]}},
            "1003",
            id="upsert by id",
        ),
        pytest.param(
            "POST",
            LEADS,
            {"json": {"lookupField": "lastName", "input": [{"lastName": "佐藤"}]}},
            "1011",
            id="lookup by a field that is none to look up by",
        ),
        pytest.param(
            "GET",
            LEADS,
            {"params": {"filterType": "id", "filterValues": "1", "fields": "id,seiKana"}},
            "1006",
            id="unknown field asked for",
        ),
        pytest.param(
            "GET",
            LEADS,
            {"params": {"filterType": "id", "filterValues": ",".join(map(str, range(301)))}},
            "1003",
            id="301 filter values",
        ),
        pytest.param(
            "GET",
            "/rest/v1/activities.json",
            {"params": {"nextPageToken": "NOTATOKEN", "activityTypeIds": "2"}},
            "1003",
            id="bad paging token",
        ),
        pytest.param(
            "GET",
            "/rest/v1/activities.json",
            {"params": {"activityTypeIds": "1,2,3,6,7,8,9,10,11,12,13"}},
            "1003",
            id="eleven kinds",
        ),
        pytest.param(
            "GET",
            "/rest/v1/activities/pagingtoken.json",
            {"params": {"sinceDatetime": "yesterday"}},
            "704",
            id="no date",
        ),
    ],
)
def test_a_wrong_request_is_told_by_its_code(
    ask: Ask, method: str, path: str, options: dict[str, Any], refused: str
) -> None:
    assert code(ask(method, path, **options)) == refused


def test_an_address_of_more_than_8_kb_is_a_414_and_a_large_body_a_413(ask: Ask) -> None:
    long = {"filterType": "email", "filterValues": ",".join(f"p{n}@example.jp" for n in range(600))}
    assert ask("GET", LEADS, params=long).status_code == 414
    big = {"input": [{"email": "a@example.jp", "address": "あ" * 400_000}]}
    assert ask("POST", LEADS, json=big).status_code == 413


def test_a_long_read_may_come_as_a_post_that_says_it_is_a_get(
    instance: Simulator, ask: Ask
) -> None:
    own = instance.add_lead(email="a@example.jp")
    form = {"filterType": "email", "filterValues": "a@example.jp"}

    found = ask("POST", f"{LEADS}?_method=GET", data=form).json()["result"]

    assert [one["id"] for one in found] == [int(own)]


# Writing


def test_an_upsert_tells_each_record_in_order_and_finds_addresses_without_case(
    instance: Simulator, ask: Ask
) -> None:
    own = instance.add_lead(email="Hanako@Example.jp")

    told = sync(
        ask,
        {"email": "taro@example.jp", "lastName": "鈴木"},
        {"email": "hanako@example.jp", "lastName": "佐藤"},
        {"email": "x@example.jp", "seiKana": "サトウ"},
    )

    assert [one["status"] for one in told] == ["created", "updated", "skipped"]
    assert told[1]["id"] == int(own)
    assert reasons(told[2]) == ["1006"]
    assert instance.held(own)["lastName"] == "佐藤"


def test_an_ambiguous_address_is_skipped(instance: Simulator, ask: Ask) -> None:
    instance.add_lead(email="info@example.jp")
    instance.add_lead(email="info@example.jp")
    (told,) = sync(ask, {"email": "info@example.jp", "lastName": "佐藤"})
    assert reasons(told) == ["1007"]


@pytest.mark.parametrize(
    ("record", "more", "skipped"),
    [
        pytest.param({"email": "a@example.jp"}, {"action": "createOnly"}, "1005", id="exists"),
        pytest.param({"email": "n@example.jp"}, {"action": "updateOnly"}, "1004", id="is not"),
        pytest.param({"email": "a@example.jp", "leadScore": "many"}, {}, "1001", id="type"),
        pytest.param({"lastName": "佐藤"}, {}, "1002", id="no key"),
        pytest.param({"email": "a@example.jp", "company": "青葉"}, {}, "1021", id="company"),
        pytest.param({"email": "a@example.jp", "id": 1}, {}, "1003", id="id in an upsert"),
        pytest.param({"email": "あ@example.jp"}, {}, "1001", id="address that is not ASCII"),
        pytest.param({"email": "a@example.jp"}, {"partitionName": "EU"}, "1008", id="no partition"),
        pytest.param({"email": "a@example.jp"}, {"partitionName": "Japan"}, "1010", id="another"),
    ],
)
def test_a_record_is_skipped_with_a_reason(
    instance: Simulator, ask: Ask, record: dict[str, Any], more: dict[str, Any], skipped: str
) -> None:
    instance.add_lead(email="a@example.jp")
    (told,) = sync(ask, record, **more)
    assert reasons(told) == [skipped]


def test_a_crm_that_is_synchronised_keeps_its_fields_to_itself(
    make_instance: Callable[..., Simulator], asker: Callable[..., Ask]
) -> None:
    ask = asker(make_instance(crm=True))
    (told,) = sync(ask, {"email": "a@example.jp", "company": "青葉商事"})
    assert reasons(told) == ["1018"]


def test_one_key_twice_in_a_batch_is_a_duplicate(ask: Ask) -> None:
    told = sync(ask, {"email": "a@example.jp"}, {"email": "A@example.jp"})
    assert told[0]["status"] == "created"
    assert reasons(told[1]) == ["1036"]


def test_null_and_the_empty_text_clear(instance: Simulator, ask: Ask) -> None:
    own = instance.add_lead(email="a@example.jp", city="港区", state="東京都")
    sync(ask, {"email": "a@example.jp", "city": None, "state": ""})
    assert instance.held(own) == {"email": "a@example.jp"}
