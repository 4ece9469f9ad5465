"""The connector against answers in the vendor's own shape, without the simulator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import respx

from connectors import marketo
from connectors.kit.base import Change, Ref, Status
from connectors.kit.errors import AuthFailed, RateLimited
from connectors.kit.session import Wiring
from connectors.kit.tokens import MemoryTokens
from connectors.marketo import Connector, Options, connect
from connectors.marketo.feeds import cursor_text
from connectors.marketo.translate import moment

CASSETTES = Path(marketo.__file__).parent / "cassettes"
HOST = "https://123-abc-456.mktorest.com"
SECRET = "zx&y=1 +2"


def answer(name: str) -> httpx.Response:
    held = json.loads((CASSETTES / f"{name}.json").read_text(encoding="utf-8"))["response"]
    return httpx.Response(held["status"], headers=held["headers"], json=held["body"])


@pytest.fixture
def vendor() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False, base_url=HOST) as router:
        router.post("/identity/oauth/token").mock(return_value=answer("token"))
        router.get("/rest/v1/leads/describe2.json").mock(return_value=answer("describe2"))
        router.get("/rest/v1/activities/types.json").mock(return_value=answer("activity-types"))
        router.get("/rest/v1/activities/pagingtoken.json").mock(return_value=answer("paging-token"))
        yield router


@pytest.fixture
def connector(vendor: respx.MockRouter, clock: Any) -> Connector:
    clock.pass_time(hours=1)
    options = {"base_url": f"{HOST}/rest", "client_id": "app", "client_secret": SECRET}
    wiring = Wiring("mkto", MemoryTokens(), now=clock, sleep=lambda _: None)
    return connect(Options.model_validate(options), wiring)


def mark(**more: Any) -> str:
    at = int(datetime(2026, 4, 1, tzinfo=UTC).timestamp())
    tokens = {"changes": "C", "touches": "T", "deletes": "D"}
    return cursor_text({"at": at, "looked": at, **tokens, **more})


def test_every_cassette_is_json_of_invented_people() -> None:
    files = sorted(CASSETTES.glob("*.json"))
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert set(json.loads(text)) == {"request", "response"}
        for host in ("@minato.example", "@aoba.example", "@hub.example"):
            text = text.replace(host, "")
        assert "@" not in text, file.name


def test_credentials_go_into_the_query_and_the_token_into_a_header(
    vendor: respx.MockRouter, connector: Connector
) -> None:
    asked = vendor.get("/rest/v1/leads/describe2.json").mock(return_value=answer("describe2"))

    connector.fields("leads")

    signed_in = vendor.post("/identity/oauth/token").calls.last.request.url
    assert dict(signed_in.params) == {
        "grant_type": "client_credentials",
        "client_id": "app",
        "client_secret": SECRET,
    }
    request = asked.calls.last.request
    assert request.headers["authorization"] == "Bearer 5f0c1d8e-77aa-4c1b-9a53-2f0b8f6f3c11:int"
    assert "access_token" not in str(request.url)


def test_a_200_that_says_expired_is_asked_again_with_another_token(
    vendor: respx.MockRouter, connector: Connector
) -> None:
    route = vendor.get("/rest/v1/leads/describe2.json")
    route.side_effect = [answer("expired-602"), answer("describe2")]

    names = [one.name for one in connector.fields("leads")]

    assert "leadStatus" in names
    assert vendor.post("/identity/oauth/token").call_count == 2


def test_a_new_token_that_is_refused_as_well_is_an_auth_failure(
    vendor: respx.MockRouter, connector: Connector
) -> None:
    vendor.get("/rest/v1/leads/describe2.json").mock(return_value=answer("expired-602"))
    with pytest.raises(AuthFailed):
        connector.fields("leads")


def test_refused_credentials_are_told_without_the_secret(
    vendor: respx.MockRouter, connector: Connector
) -> None:
    vendor.post("/identity/oauth/token").mock(return_value=answer("token-refused"))
    with pytest.raises(AuthFailed, match="unauthorized") as caught:
        connector.fields("leads")
    assert "zx" not in str(caught.value)
    assert caught.value.code == "TOKEN_REFUSED"


@pytest.mark.parametrize(
    ("name", "code", "wait"),
    [
        pytest.param("rate-606", "RATE_LIMITED", 20.0, id="rate"),
        pytest.param("busy-615", "MARKETO_BUSY", 5.0, id="busy"),
        pytest.param("quota-607", "MARKETO_DAILY_QUOTA", 4 * 3600 + 60.0, id="quota"),
    ],
)
def test_a_200_that_says_slow_down_is_one(
    vendor: respx.MockRouter, connector: Connector, name: str, code: str, wait: float
) -> None:
    vendor.get("/rest/v1/leads/describe2.json").mock(return_value=answer(name))
    with pytest.raises(RateLimited) as caught:
        connector.fields("leads")
    assert (caught.value.code, caught.value.retry_after) == (code, wait)


def test_what_the_log_tells_becomes_records(vendor: respx.MockRouter, connector: Connector) -> None:
    vendor.get("/rest/v1/activities.json").mock(return_value=answer("merges"))
    changes = vendor.get("/rest/v1/activities/leadchanges.json").mock(
        return_value=answer("lead-changes")
    )
    vendor.get("/rest/v1/activities/deletedleads.json").mock(return_value=answer("deleted-leads"))
    vendor.get("/rest/v1/leads.json").mock(return_value=answer("leads-by-id"))

    told = list(connector.pull("leads", mark()))

    merged, changed, again, gone = (page.records for page in told)
    assert merged[0].previous_ids == (Ref("leads", "50111"), Ref("leads", "50112"))
    sato, tanaka = changed
    # 08:59:41 in Japan, as the log writes it, is a second offset; the other form is UTC's.
    assert sato.changed_at == datetime(2026, 3, 31, 23, 59, 41, tzinfo=UTC)
    assert tanaka.changed_at == datetime(2026, 3, 31, 23, 59, 50, tzinfo=UTC)
    assert tanaka.payload["firstName"] is None
    assert again[0].previous_ids
    assert (gone[0].external_id, gone[0].deleted) == ("50099", True)
    asked = changes.calls.last.request.url.params
    assert asked["nextPageToken"] == "C"
    assert asked["fields"].split(",") == [
        *("email", "firstName", "lastName", "company", "leadStatus", "leadScore"),
        *("unsubscribed", "renkeiLeadId"),
    ]
    kept = json.loads(str(told[-1].cursor))
    assert kept["changes"] == "GQ3DQMRNMNUGC3THMVZTUOBX"
    assert kept["deletes"] == "GQ3DQMRNMRSWYZLUMVZTUOBZ"


def test_activities_with_and_without_an_integer_id_are_read(
    vendor: respx.MockRouter, connector: Connector
) -> None:
    vendor.get("/rest/v1/activities.json").mock(return_value=answer("activities"))

    (page,) = connector.pull("activities", None)

    form, click = page.records
    assert (form.external_id, click.external_id) == ("88120", "b7c1f0e4a9")
    assert click.changed_at == datetime(2026, 4, 1, 0, 5, tzinfo=UTC)
    flat = connector.flatten("activities", click.payload)
    assert (flat["activityType"], flat["attributes.Link"]) == (
        "Click Email",
        "https://www.aoba.example/seminar",
    )


def test_a_long_read_goes_as_a_post_that_says_it_is_a_get(
    vendor: respx.MockRouter, connector: Connector
) -> None:
    asked = vendor.post("/rest/v1/leads.json").mock(return_value=answer("leads-by-id"))
    ids = [str(10**24 + number) for number in range(300)]

    connector.fetch("leads", ids)

    request = asked.calls.last.request
    assert dict(request.url.params) == {"_method": "GET"}
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    form = parse_qs(request.content.decode())
    assert form["filterType"] == ["id"]
    assert len(form["filterValues"][0].split(",")) == 300


def test_a_write_is_told_record_by_record_in_order(
    vendor: respx.MockRouter, connector: Connector
) -> None:
    sent = vendor.post("/rest/v1/leads.json").mock(return_value=answer("sync-partial"))
    people = ("h.sato@minato.example", "k.tanaka@aoba.example", "n.ito@aoba.example")
    changes = [Change("leads", f"ld_{n}", {"email": one}) for n, one in enumerate(people)]

    said = connector.push(changes)

    assert json.loads(sent.calls.last.request.content) == {
        "action": "createOrUpdate",
        "lookupField": "email",
        "input": [{"email": one} for one in people],
    }
    assert [one.status for one in said] == [Status.CREATED, Status.FAILED, Status.FAILED]
    assert said[0].external_id == "50130"
    assert [one.error.code for one in said if one.error] == ["MARKETO_AMBIGUOUS", "MARKETO_SKIPPED"]


def test_an_unknown_field_is_taken_out_of_a_request_that_it_refused(
    vendor: respx.MockRouter, connector: Connector
) -> None:
    sent = vendor.post("/rest/v1/leads.json")
    sent.side_effect = [answer("unknown-field-1006"), answer("sync-partial")]
    values = {"email": "h.sato@minato.example", "seiKana": "サトウ"}
    others = [Change("leads", f"ld_{n}", {"email": f"p{n}@aoba.example"}) for n in (2, 3)]

    said = connector.push([Change("leads", "ld_1", values), *others])

    assert list(said[0].refused) == ["seiKana"]
    second = json.loads(sent.calls.last.request.content)["input"]
    assert sorted(one["email"] for one in second) == [
        "h.sato@minato.example",
        "p2@aoba.example",
        "p3@aoba.example",
    ]
    assert not any("seiKana" in one for one in second)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-04-01T00:00:00Z", id="Z"),
        pytest.param("2026-04-01T00:00:00+0000", id="+0000"),
        pytest.param("2026-03-31T19:00:00-05:00", id="offset"),
        pytest.param("2026-04-01T00:00:00Z+0000", id="both, as asset answers write it"),
    ],
)
def test_every_form_of_a_time_is_the_same_moment(text: str) -> None:
    assert moment(text) == datetime(2026, 4, 1, tzinfo=UTC)


def test_no_time_is_none() -> None:
    assert moment(None) is None
    assert moment("soon") is None
