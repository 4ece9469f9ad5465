"""The simulator's answers beside recorded exchanges of real orgs, where those are at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.salesforce.ids import full_id
from connectors.salesforce.simulator import Simulator
from connectors.salesforce.simulator_ids import read_id
from connectors.salesforce.translate import complaint

SAMPLES = Path(__file__).parents[4] / "shared" / "apis" / "samples" / "salesforce"


def sample(name: str) -> dict[str, Any]:
    file = SAMPLES / f"{name}.json"
    if not file.exists():
        pytest.skip("the recorded exchanges are kept outside the repository and are not here")
    first: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))[0]
    return first


def keys(value: Any) -> Any:
    """The shape of an answer: names and kinds, without values; of a list its first item's."""
    if isinstance(value, dict):
        return {name: keys(item) for name, item in value.items()}
    if isinstance(value, list):
        return [keys(value[0])] if value else []
    return type(value).__name__


def test_recorded_ids_have_the_checksum_we_work_out() -> None:
    text = "".join(
        json.dumps(sample(name)["response"])
        for name in ("soql-query", "soql-query-contacts", "soql-query-opportunities")
    )
    ids = {part for part in text.replace("/", '"').split('"') if part[:3] in ("001", "003", "006")}
    ids = {part for part in ids if len(part) == 18}
    assert len(ids) >= 6
    for row_id in ids:
        assert full_id(row_id[:15]) == row_id
        assert read_id(row_id[:15]) == row_id


@pytest.mark.parametrize("name", ["soql-query", "soql-queryall", "soql-query-contacts"])
def test_a_recorded_query_gets_an_answer_of_the_same_shape(
    org: Simulator, api: httpx.Client, name: str
) -> None:
    held = sample(name)
    account = org.add_account("株式会社青空製作所")
    org.add_contact(
        account,
        FirstName="健一",
        Email="a@b.example",
        Phone="03",
        MobilePhone="090",
        Title="部長",
        Department="購買部",
        MailingStreet="1-1",
    )
    path = held["path"].rsplit("/", 1)[1]
    reply = api.get(f"/{path}", params=held["query"])
    assert keys(reply.json()) == keys(held["response"])
    assert "sforce-limit-info" in reply.headers


def test_a_recorded_opportunity_query_gets_an_answer_of_the_same_shape(
    org: Simulator, api: httpx.Client
) -> None:
    held = sample("soql-query-opportunities")
    org.add_opportunity(Amount=15000)
    body = api.get("/query", params=held["query"]).json()
    assert keys(body) == keys(held["response"])


def test_a_created_row_is_answered_as_recorded(api: httpx.Client) -> None:
    held = sample("create-record")
    reply = api.post("/sobjects/Account/", json=held["request_body"])
    assert reply.status_code == held["status"]
    assert keys(reply.json()) == keys(held["response"])
    assert "location" in reply.headers


def test_an_upserted_row_is_answered_as_recorded(api: httpx.Client) -> None:
    held = sample("upsert-by-external-id")
    path = held["path"].partition("/v60.0")[2]
    reply = api.patch(path, json=held["request_body"])
    assert reply.status_code == held["status"]
    assert keys(reply.json()) == keys(held["response"])


def test_a_collection_is_answered_as_recorded(api: httpx.Client) -> None:
    held = sample("collections-create")
    reply = api.post("/composite/sobjects", json=held["request_body"])
    assert reply.status_code == held["status"]
    assert keys(reply.json()) == keys(held["response"])


def test_a_row_that_is_not_there_is_refused_as_recorded(api: httpx.Client) -> None:
    held = sample("collections-update")
    body = {
        "records": [{"attributes": {"type": "Account"}, "id": "001000000000001", "Name": "見本"}]
    }
    reply = api.patch("/composite/sobjects", json=body)
    assert reply.json() == held["response"]


def test_recorded_errors_are_understood() -> None:
    refused = sample("collections-upsert-partial-failure")["response"][0]["errors"][0]
    assert complaint(refused).code == "JSON_PARSER_ERROR"
    missing = sample("collections-update")["response"][0]["errors"][0]
    assert complaint(missing).code == "INVALID_CROSS_REFERENCE_KEY"


def test_recorded_limits_are_where_the_simulator_has_them(api: httpx.Client) -> None:
    held = sample("limits")["response"]["DailyApiRequests"]
    assert keys(api.get("/limits").json()["DailyApiRequests"]) == keys(held)
