"""The simulator against the vendor's documents: shapes, rules and refusals."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.hubspot.simulator import Limits, Simulator
from connectors.kit.session import in_process

Ask = Callable[..., httpx.Response]
CONTACTS = "/crm/v3/objects/contacts"


def asker(simulator: Simulator, token: str | None = None) -> Ask:
    """A way to call a portal's API as any client would."""
    client = httpx.Client(
        base_url="https://hubspot.test",
        transport=in_process(simulator),
        headers={"authorization": f"Bearer {token or simulator.token}"},
    )
    return lambda method, path, body=None, **more: client.request(method, path, json=body, **more)


@pytest.fixture
def ask(portal: Simulator) -> Ask:
    return asker(portal)


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


# Limits, sign-in, wrong paths


def test_a_burst_is_answered_with_429_and_its_policy(make_portal: Callable[..., Simulator]) -> None:
    portal = make_portal(limits=Limits(burst=2, searches=1, daily=100))
    ask = asker(portal)

    headers = ask("GET", CONTACTS).headers
    assert headers["x-hubspot-ratelimit-max"] == "2"
    assert headers["x-hubspot-ratelimit-daily-remaining"] == "99"
    ask("GET", CONTACTS)
    refused = ask("GET", CONTACTS)

    assert refused.status_code == 429
    assert refused.json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert refused.json()["errorType"] == "RATE_LIMIT"


def test_searches_have_a_limit_of_their_own_and_no_limit_headers(
    make_portal: Callable[..., Simulator], clock: Any
) -> None:
    ask = asker(make_portal(limits=Limits(searches=2)))

    answers = [ask("POST", f"{CONTACTS}/search", since(0)) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].json()["policyName"] == "SECONDLY"
    assert not [name for name in answers[0].headers if "ratelimit" in name]
    clock.forward(1.1)
    assert ask("POST", f"{CONTACTS}/search", since(0)).status_code == 200


def test_the_day_ends_at_midnight_in_japan(
    make_portal: Callable[..., Simulator], clock: Any
) -> None:
    ask = asker(make_portal(limits=Limits(daily=1)))
    ask("GET", CONTACTS)

    assert ask("GET", CONTACTS).json()["policyName"] == "DAILY"
    clock.forward(14 * 3600)  # 10:00 to 24:00 JST
    assert ask("GET", CONTACTS).status_code == 200


def test_no_token_a_wrong_one_and_a_missing_scope(make_portal: Callable[..., Simulator]) -> None:
    portal = make_portal(scopes=("crm.objects.contacts.read",))

    wrong = asker(portal, "pat-wrong")("GET", CONTACTS)
    assert (wrong.status_code, wrong.json()["category"]) == (401, "INVALID_AUTHENTICATION")
    denied = asker(portal)("POST", CONTACTS, {"properties": {}})
    assert (denied.status_code, denied.json()["category"]) == (403, "MISSING_SCOPES")
    needed = denied.json()["errors"][0]["context"]["requiredGranularScopes"]
    assert needed == ["crm.objects.contacts.write"]


def grant(ask: Ask, refresh_token: str) -> httpx.Response:
    form = {
        "grant_type": "refresh_token",
        "client_id": Simulator.client_id,
        "client_secret": Simulator.client_secret,
        "refresh_token": refresh_token,
    }
    return ask("POST", "/oauth/v1/token", data=form)


def test_an_oauth_token_works_for_half_an_hour(portal: Simulator, ask: Ask, clock: Any) -> None:
    token = grant(ask, Simulator.refresh_token).json()
    theirs = asker(portal, token["access_token"])

    assert token["expires_in"] == 1800
    assert theirs("GET", CONTACTS).status_code == 200
    clock.forward(1800)
    assert theirs("GET", CONTACTS).json()["category"] == "EXPIRED_AUTHENTICATION"


def test_a_revoked_refresh_token_gets_no_token(ask: Ask) -> None:
    ask("DELETE", f"/oauth/v1/refresh-tokens/{Simulator.refresh_token}")

    answer = grant(ask, Simulator.refresh_token)

    assert (answer.status_code, answer.json()["status"]) == (400, "BAD_REFRESH_TOKEN")


def test_a_wrong_path_is_a_page_and_a_wrong_object_is_a_sentence(ask: Ask) -> None:
    page = ask("GET", "/crm/v3/contacts")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert ask("GET", "/crm/v3/objects/contactz").json()["category"] == "VALIDATION_ERROR"
    gone = ask("GET", f"{CONTACTS}/999")
    assert (gone.status_code, gone.json()["category"]) == (404, "OBJECT_NOT_FOUND")
    cut = ask("POST", CONTACTS, content=b'{"properties": {"email"')
    assert (cut.status_code, cut.json()["category"]) == (400, "VALIDATION_ERROR")


# The rest of the account


def test_ties_are_read_in_batches_and_the_first_company_is_the_primary(
    portal: Simulator, ask: Ask
) -> None:
    own, lone = (
        portal.add_contact(email="a@example.co.jp"),
        portal.add_contact(email="b@example.co.jp"),
    )
    company = portal.add_company(name="株式会社サンプル")
    ask("PUT", f"/crm/v4/objects/contacts/{own}/associations/default/companies/{company}")

    path = "/crm/v4/associations/contacts/companies/batch/read"
    answer = ask("POST", path, {"inputs": [{"id": own}, {"id": lone}]})

    assert answer.status_code == 207
    (tie,) = answer.json()["results"]
    assert tie["from"]["id"] == own
    assert tie["to"][0]["toObjectId"] == int(company)
    assert tie["to"][0]["associationTypes"][0] == {
        "category": "HUBSPOT_DEFINED",
        "typeId": 1,
        "label": "Primary",
    }
    assert answer.json()["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    listed = ask("GET", f"/crm/v4/objects/companies/{company}/associations/contacts").json()
    assert [one["toObjectId"] for one in listed["results"]] == [int(own)]


def test_properties_carry_options_and_custom_ones_can_be_made(ask: Ask) -> None:
    made = ask(
        "POST",
        "/crm/v3/properties/contacts",
        {"name": "sei_kana", "label": "セイ", "type": "string", "fieldType": "text"},
    )
    assert made.status_code == 201
    shown = {
        one["name"]: one for one in ask("GET", "/crm/v3/properties/contacts").json()["results"]
    }
    assert [one["value"] for one in shown["lifecyclestage"]["options"]][:3] == [
        "subscriber",
        "lead",
        "marketingqualifiedlead",
    ]
    assert shown["renkei_lead_id"]["hasUniqueValue"] is True
    assert shown["hs_email_optout"]["modificationMetadata"]["readOnlyValue"] is True
    assert shown["sei_kana"]["hubspotDefined"] is False


def test_deal_stages_come_from_the_pipeline(ask: Ask) -> None:
    (pipeline,) = ask("GET", "/crm/v3/pipelines/deals").json()["results"]

    assert {one["id"]: one["metadata"]["probability"] for one in pipeline["stages"]} == {
        "appointmentscheduled": "0.2",
        "qualifiedtobuy": "0.4",
        "presentationscheduled": "0.6",
        "decisionmakerboughtin": "0.8",
        "contractsent": "0.9",
        "closedwon": "1.0",
        "closedlost": "0.0",
    }
    refused = ask("POST", "/crm/v3/objects/deals", {"properties": {"dealstage": "受注"}})
    assert refused.json()["errors"][0]["code"] == "INVALID_OPTION"


def test_submissions_are_newest_first_and_make_contacts(
    portal: Simulator, ask: Ask, clock: Any
) -> None:
    form = portal.add_form("資料請求")
    for name in ("佐藤", "鈴木"):
        portal.submit(form, email=f"{name}@example.co.jp", lastname=name)
        clock.forward(60)

    path = f"/form-integrations/v1/submissions/forms/{form}"
    page = ask("GET", f"{path}?limit=1").json()
    assert page["results"][0]["values"][1] == {
        "name": "lastname",
        "value": "鈴木",
        "objectTypeId": "0-1",
    }
    assert page["results"][0]["submittedAt"] == 1767574860000
    assert ask("GET", f"{path}?limit=51").status_code == 400
    assert len(portal.portal.rows("contacts")) == 2
    assert ask("GET", "/marketing/v3/forms").json()["results"][0]["name"] == "資料請求"


def test_unsubscribing_an_address_flags_its_contact(portal: Simulator, ask: Ask) -> None:
    own = portal.add_contact(email="taro@example.co.jp")
    path = "/communication-preferences/v4/statuses/taro@example.co.jp"

    ask("POST", f"{path}/unsubscribe-all?channel=EMAIL")

    assert ask("GET", f"{path}?channel=EMAIL").json()["results"][0]["status"] == "UNSUBSCRIBED"
    assert portal.held("contacts", own)["hs_email_optout"] == "true"
    assert ask("GET", path).status_code == 400


# Webhooks and files


def test_a_change_is_told_in_one_signed_array(portal: Simulator, ask: Ask) -> None:
    url = "https://hub.example.co.jp/webhooks/hubspot/main"
    portal.subscribe_url(url, "秘密")

    ask("POST", CONTACTS, {"properties": {"email": "taro@example.co.jp", "lastname": "山田"}})

    (sent,) = portal.deliveries
    stamp = sent.headers["X-HubSpot-Request-Timestamp"]
    message = b"POST" + url.encode() + sent.body + stamp.encode()
    expected = b64encode(hmac.new("秘密".encode(), message, sha256).digest()).decode()
    assert sent.headers["X-HubSpot-Signature-v3"] == expected
    events = json.loads(sent.body)
    assert events[0]["subscriptionType"] == "contact.creation"
    assert {one["propertyName"] for one in events[1:]} >= {"email", "lastname"}
    assert {one["changeSource"] for one in events} == {"INTEGRATION"}


def test_a_merge_event_names_primary_merged_and_new_id(portal: Simulator) -> None:
    portal.subscribe_url("https://hub.example.co.jp/hook", "s")
    winner, loser = (portal.add_contact(email=f"{n}@example.co.jp") for n in "ab")

    survivor = portal.merge("contacts", winner, loser, new_id=True)

    event = [one for one in json.loads(portal.deliveries[-1].body) if "merge" in str(one)][-1]
    assert event["subscriptionType"] == "contact.merge"
    assert event["primaryObjectId"] == int(winner)
    assert event["mergedObjectIds"] == [int(loser)]
    assert event["newObjectId"] == event["objectId"] == int(survivor)


def test_a_portal_kept_in_a_file_survives_a_restart(clock: Any, tmp_path: Path) -> None:
    portal = Simulator(path=tmp_path / "portal.db", now=clock)
    winner = portal.add_contact(email="taro@example.co.jp")
    loser = portal.add_contact(email="t@example.co.jp")
    portal.merge("contacts", winner, loser)
    portal.close()

    again = Simulator(path=tmp_path / "portal.db", now=clock)

    ask = asker(again)
    assert ask("GET", f"{CONTACTS}/{loser}").json()["id"] == winner
    taken = ask("POST", CONTACTS, {"properties": {"email": "t@example.co.jp"}})
    assert taken.status_code == 409
    assert ask("POST", CONTACTS, {"properties": {"email": "n@example.co.jp"}}).json()["id"] == str(
        int(loser) + 1
    )
    again.close()
