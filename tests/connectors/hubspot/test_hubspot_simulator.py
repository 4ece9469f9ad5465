"""The simulator against the vendor's documents: shapes, rules and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from connectors.hubspot.simulator import Simulator

Ask = Callable[..., httpx.Response]
Asker = Callable[..., Ask]
CONTACTS = "/crm/v3/objects/contacts"


def upsert(*inputs: dict[str, Any]) -> dict[str, Any]:
    return {"inputs": [{"idProperty": "email", **one} for one in inputs]}


def person(email: str, trace: str, **values: str) -> dict[str, Any]:
    return {"id": email, "objectWriteTraceId": trace, "properties": {"email": email, **values}}


def since(moment_ms: int, **more: Any) -> dict[str, Any]:
    one = {"propertyName": "lastmodifieddate", "operator": "GTE", "value": str(moment_ms)}
    return {"filterGroups": [{"filters": [one]}], "sorts": ["lastmodifieddate"], **more}


# Reading and writing records


def test_a_created_contact_reads_back_with_text_values_and_a_lower_case_email(ask: Ask) -> None:
    made = ask(
        "POST", CONTACTS, {"properties": {"email": "Taro@Example.co.jp", "lastname": "山田"}}
    )

    assert made.status_code == 201
    read = ask("GET", f"{CONTACTS}/{made.json()['id']}?properties=email,lastname,phone").json()
    assert read["properties"]["email"] == "taro@example.co.jp"
    assert read["properties"]["lastname"] == "山田"
    assert read["properties"]["phone"] is None
    assert read["updatedAt"] == read["properties"]["lastmodifieddate"] == "2026-01-05T01:00:00.000Z"


def test_an_email_that_is_taken_answers_409_with_the_holder(portal: Simulator, ask: Ask) -> None:
    held = portal.add_contact(email="taro@example.co.jp")

    answer = ask("POST", CONTACTS, {"properties": {"email": "TARO@example.co.jp"}})

    assert answer.status_code == 409
    assert answer.json()["message"] == f"Contact already exists. Existing ID: {held}"
    assert answer.json()["category"] == "CONFLICT"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        pytest.param({"no_such": "x"}, "PROPERTY_DOESNT_EXIST", id="unknown property"),
        pytest.param({"lifecyclestage": "MQL"}, "INVALID_OPTION", id="label in place of value"),
        pytest.param({"email": "not-an-email"}, "INVALID_EMAIL", id="no address"),
        pytest.param({"hs_email_optout": "true"}, "READ_ONLY_VALUE", id="read-only flag"),
        pytest.param({"renkei_stage_at": "昨日"}, "INVALID_DATE", id="no moment"),
    ],
)
def test_a_value_the_portal_cannot_keep_is_refused(
    ask: Ask, values: dict[str, str], code: str
) -> None:
    answer = ask("POST", CONTACTS, {"properties": values})

    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"
    assert answer.json()["errors"][0]["code"] == code
    assert answer.json()["correlationId"]


def test_an_empty_string_clears(portal: Simulator, ask: Ask) -> None:
    own = portal.add_contact(email="taro@example.co.jp", phone="03-1234-5678")

    ask("PATCH", f"{CONTACTS}/{own}", {"properties": {"phone": ""}})

    assert "phone" not in portal.held("contacts", own)


def test_a_list_is_in_order_of_id_with_an_opaque_after(portal: Simulator, ask: Ask) -> None:
    made = [portal.add_contact(email=f"p{n}@example.co.jp") for n in range(5)]

    first = ask("GET", f"{CONTACTS}?limit=2").json()
    second = ask("GET", f"{CONTACTS}?limit=2&after={first['paging']['next']['after']}").json()
    last = ask("GET", f"{CONTACTS}?limit=2&after={second['paging']['next']['after']}").json()

    assert [one["id"] for page in (first, second, last) for one in page["results"]] == made
    assert "paging" not in last


def test_a_list_of_more_than_100_and_a_url_too_long_are_refused(ask: Ask) -> None:
    assert ask("GET", f"{CONTACTS}?limit=101").status_code == 400
    assert ask("GET", f"{CONTACTS}?properties={'x' * 9000}").status_code == 414


def test_archived_records_are_in_their_own_list(portal: Simulator, ask: Ask, clock: Any) -> None:
    own = portal.add_contact(email="taro@example.co.jp")
    clock.forward(60)
    ask("DELETE", f"{CONTACTS}/{own}")

    assert ask("GET", CONTACTS).json()["results"] == []
    (gone,) = ask("GET", f"{CONTACTS}?archived=true").json()["results"]
    assert gone["archivedAt"] == "2026-01-05T01:01:00.000Z"
    assert ask("GET", f"{CONTACTS}/{own}").status_code == 404


def test_a_merged_id_answers_as_the_winner(portal: Simulator, ask: Ask) -> None:
    winner = portal.add_contact(email="taro@example.co.jp", lifecyclestage="lead")
    loser = portal.add_contact(email="t.yamada@example.co.jp", lifecyclestage="opportunity")

    ask("POST", f"{CONTACTS}/merge", {"primaryObjectId": winner, "objectIdToMerge": loser})

    names = "hs_merged_object_ids,hs_additional_emails,lifecyclestage"
    read = ask("GET", f"{CONTACTS}/{loser}?properties={names}").json()
    assert read["id"] == winner
    assert read["properties"]["hs_merged_object_ids"] == loser
    assert read["properties"]["hs_additional_emails"] == "t.yamada@example.co.jp"
    assert read["properties"]["lifecyclestage"] == "opportunity"
    listed = ask("GET", f"{CONTACTS}?archived=true").json()["results"]
    assert listed == []


# Batches


def test_an_upsert_answers_207_in_the_shape_of_the_documents(ask: Ask) -> None:
    answer = ask(
        "POST",
        f"{CONTACTS}/batch/upsert",
        upsert(person("taro@example.co.jp", "row-17", lastname="山田"), person("nope", "row-18")),
    )

    assert answer.status_code == 207
    body = answer.json()
    assert body["numErrors"] == 1
    assert body["results"][0]["new"] is True
    assert body["results"][0]["objectWriteTraceId"] == "row-17"
    error = body["errors"][0]
    assert error["context"]["objectWriteTraceId"] == ["row-18"]
    assert error["errors"][0]["code"] == "INVALID_EMAIL"
    assert error["errors"][0]["context"]["propertyName"] == ["email"]


def test_an_upsert_twice_makes_one_contact(portal: Simulator, ask: Ask) -> None:
    body = upsert(person("taro@example.co.jp", "a"))

    first = ask("POST", f"{CONTACTS}/batch/upsert", body).json()["results"][0]
    second = ask("POST", f"{CONTACTS}/batch/upsert", body).json()["results"][0]

    assert (first["new"], second["new"]) == (True, False)
    assert first["id"] == second["id"]


def test_an_upsert_finds_a_person_by_a_second_address(portal: Simulator, ask: Ask) -> None:
    winner = portal.add_contact(email="taro@example.co.jp")
    portal.merge("contacts", winner, portal.add_contact(email="old@example.co.jp"))

    found = ask("POST", f"{CONTACTS}/batch/upsert", upsert(person("old@example.co.jp", "a"))).json()

    assert found["results"][0]["id"] == winner
    assert portal.held("contacts", winner)["email"] == "taro@example.co.jp"


def test_one_plain_validation_error_fails_its_whole_batch(portal: Simulator, ask: Ask) -> None:
    answer = ask(
        "POST",
        f"{CONTACTS}/batch/upsert",
        upsert(person("a@example.co.jp", "a"), person("b@example.co.jp", "b", no_such="x")),
    )

    assert answer.status_code == 400
    assert "PROPERTY_DOESNT_EXIST" in answer.json()["message"]
    assert len(portal.portal.rows("contacts")) == 0


def test_more_than_100_inputs_and_doubled_ids_are_refused(ask: Ask) -> None:
    many = [person(f"p{n}@example.co.jp", str(n)) for n in range(101)]
    twice = [person("a@example.co.jp", "1"), person("A@example.co.jp", "2")]

    for inputs in (many, twice, []):
        answer = ask("POST", f"{CONTACTS}/batch/upsert", upsert(*inputs))
        assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_an_update_of_an_id_that_is_gone_is_an_error_line(portal: Simulator, ask: Ask) -> None:
    own = portal.add_contact(email="taro@example.co.jp")
    inputs = [
        {"id": own, "objectWriteTraceId": "a", "properties": {"city": "千代田区"}},
        {"id": "999", "objectWriteTraceId": "b", "properties": {"city": "港区"}},
    ]

    body = ask("POST", f"{CONTACTS}/batch/update", {"inputs": inputs}).json()

    assert [one["id"] for one in body["results"]] == [own]
    assert body["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert body["errors"][0]["context"]["objectWriteTraceId"] == ["b"]


def test_a_batch_read_gives_winners_for_losers_and_names_what_is_missing(
    portal: Simulator, ask: Ask
) -> None:
    winner = portal.add_contact(email="taro@example.co.jp")
    loser = portal.add_contact(email="t@example.co.jp")
    portal.merge("contacts", winner, loser)

    body = ask("POST", f"{CONTACTS}/batch/read", {"inputs": [{"id": loser}, {"id": "999"}]}).json()

    assert [one["id"] for one in body["results"]] == [winner]
    assert body["errors"][0]["context"]["ids"] == ["999"]


# Stages


def test_a_backward_stage_is_ignored_in_silence_unless_cleared_first(
    portal: Simulator, ask: Ask
) -> None:
    own = portal.add_contact(email="taro@example.co.jp", lifecyclestage="opportunity")

    def write(stage: str) -> int:
        values = {"properties": {"lifecyclestage": stage}}
        return ask("PATCH", f"{CONTACTS}/{own}", values).status_code

    assert write("lead") == 200
    assert portal.held("contacts", own)["lifecyclestage"] == "opportunity"
    assert write("") == 200
    assert write("lead") == 200
    assert portal.held("contacts", own)["lifecyclestage"] == "lead"


def test_a_deal_moves_its_people_forward_and_a_won_one_makes_customers(portal: Simulator) -> None:
    own = portal.add_contact(email="taro@example.co.jp", lifecyclestage="lead")

    deal = portal.add_deal(contact_ids=[own], dealname="基幹刷新")
    assert portal.held("contacts", own)["lifecyclestage"] == "opportunity"
    portal.set_property("deals", deal, "dealstage", "closedwon")

    assert portal.held("contacts", own)["lifecyclestage"] == "customer"
    assert portal.held("deals", deal)["hs_is_closed_won"] == "true"


# Search


def test_a_search_page_has_total_results_and_after(portal: Simulator, ask: Ask, clock: Any) -> None:
    for n in range(3):
        portal.add_contact(email=f"p{n}@example.co.jp")
    clock.forward(10)

    body = ask("POST", f"{CONTACTS}/search", since(0, limit=2)).json()

    assert body["total"] == 3
    assert body["paging"]["next"]["after"] == "2"
    rest = ask("POST", f"{CONTACTS}/search", since(0, limit=2, after="2")).json()
    assert "paging" not in rest
    found = {one["id"] for page in (body, rest) for one in page["results"]}
    assert len(found) == 3


def test_fresh_writes_are_missing_from_search_until_the_index_has_them(
    portal: Simulator, ask: Ask, clock: Any
) -> None:
    own = portal.add_contact(email="taro@example.co.jp")
    assert ask("POST", f"{CONTACTS}/search", since(0)).json()["total"] == 0

    clock.forward(3)
    assert ask("POST", f"{CONTACTS}/search", since(0)).json()["total"] == 1
    portal.set_property("contacts", own, "city", "港区")
    query = since(0, properties=["city"])
    assert (
        ask("POST", f"{CONTACTS}/search", query).json()["results"][0]["properties"]["city"] is None
    )


def test_searches_are_capped_in_depth_and_page_and_filters(
    asker: Asker,
    make_portal: Callable[..., Simulator],
) -> None:
    ask = asker(make_portal(search_cap=400))

    assert ask("POST", f"{CONTACTS}/search", since(0, limit=201)).status_code == 400
    assert ask("POST", f"{CONTACTS}/search", since(0, limit=200, after="200")).status_code == 200
    assert ask("POST", f"{CONTACTS}/search", since(0, limit=200, after="201")).status_code == 400
    one = {"propertyName": "email", "operator": "HAS_PROPERTY"}
    assert (
        ask("POST", f"{CONTACTS}/search", {"filterGroups": [{"filters": [one] * 11}]}).status_code
        == 400
    )
    wrong = {"filterGroups": [{"filters": [{**one, "propertyName": "no_such"}]}]}
    assert ask("POST", f"{CONTACTS}/search", wrong).status_code == 400


@pytest.mark.parametrize(
    ("operator", "more", "found"),
    [
        ("EQ", {"value": "株式会社A"}, {"1"}),
        ("NEQ", {"value": "株式会社A"}, {"2", "3"}),
        ("IN", {"values": ["株式会社a", "株式会社B"]}, {"1", "2"}),
        ("HAS_PROPERTY", {}, {"1", "2"}),
        ("NOT_HAS_PROPERTY", {}, {"3"}),
        ("CONTAINS_TOKEN", {"value": "会社"}, {"1", "2"}),
    ],
)
def test_search_operators(
    portal: Simulator, ask: Ask, clock: Any, operator: str, more: dict[str, Any], found: set[str]
) -> None:
    for n, company in enumerate(["株式会社A", "株式会社B", ""], 1):
        portal.add_contact(email=f"p{n}@example.co.jp", company=company, city=str(n))
    clock.forward(10)
    one = {"propertyName": "company", "operator": operator, **more}
    query = {"filterGroups": [{"filters": [one]}], "properties": ["city"]}

    results = ask("POST", f"{CONTACTS}/search", query).json()["results"]

    assert {one["properties"]["city"] for one in results} == found
