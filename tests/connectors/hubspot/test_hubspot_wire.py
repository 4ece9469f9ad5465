"""What HubSpot's own clients send and need to read, pinned without them.

Each of these once made an official client fail, or read something that was not so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from connectors.hubspot.simulator import Simulator

Ask = Callable[..., httpx.Response]
CONTACTS = "/crm/v3/objects/contacts"
TIES = "/crm/v4/associations/contacts/companies"


def typed(key: str, type_id: int) -> dict[str, Any]:
    kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
    return {"to": {"id": key}, "types": [kind]}


@pytest.mark.parametrize("said", ["true", "True", "TRUE"])
def test_archived_is_read_in_any_case(ask: Ask, portal: Simulator, said: str) -> None:
    portal.add_contact(email="a@example.co.jp")
    gone = portal.add_contact(email="b@example.co.jp")
    portal.archive("contacts", gone)

    found = ask("GET", f"{CONTACTS}?archived={said}").json()["results"]

    assert [one["id"] for one in found] == [gone]
    assert ask("GET", f"{CONTACTS}/{gone}?archived={said}").json()["archived"] is True


def test_a_new_record_is_tied_to_the_kind_its_association_type_names(
    ask: Ask, portal: Simulator
) -> None:
    person, company = portal.add_contact(email="a@example.co.jp"), portal.add_company(name="見本")
    assert person == company, "ids are counted by kind, so only the type tells which is meant"

    body = {
        "properties": {"email": "b@example.co.jp"},
        "associations": [typed(company, 279)],
    }
    made = ask("POST", CONTACTS, body).json()["id"]

    shown = ask("GET", f"{CONTACTS}/{made}?associations=companies,deals").json()
    assert shown["associations"] == {
        "companies": {
            "results": [
                {"id": company, "type": "contact_to_company"},
                {"id": company, "type": "contact_to_company_unlabeled"},
            ]
        }
    }
    listed = ask("GET", f"{CONTACTS}?associations=companies&limit=100").json()["results"]
    assert ["associations" in one for one in listed] == [False, True]


def test_an_association_type_of_other_kinds_makes_no_record(ask: Ask, portal: Simulator) -> None:
    company = portal.add_company(name="見本")
    body = {"properties": {"email": "b@example.co.jp"}, "associations": [typed(company, 202)]}

    assert ask("POST", CONTACTS, body).status_code == 400
    assert ask("GET", CONTACTS).json()["results"] == []


def test_history_tells_every_value_newest_first(ask: Ask, portal: Simulator, clock: Any) -> None:
    own = portal.add_contact(email="a@example.co.jp", lastname="山田")
    clock.forward(60)
    ask("PATCH", f"{CONTACTS}/{own}", {"properties": {"lastname": "佐藤"}})

    body = {
        "propertiesWithHistory": ["lastname", "email"],
        "properties": [],
        "inputs": [{"id": own}],
    }
    (read,) = ask("POST", f"{CONTACTS}/batch/read", body).json()["results"]

    past = read["propertiesWithHistory"]
    assert [(one["value"], one["sourceType"]) for one in past["lastname"]] == [
        ("佐藤", "INTEGRATION"),
        ("山田", "CRM_UI"),
    ]
    assert past["lastname"][0]["timestamp"] == "2026-01-05T01:01:00.000Z"
    assert [one["value"] for one in past["email"]] == ["a@example.co.jp"]
    many = {**body, "inputs": [{"id": str(n)} for n in range(51)]}
    assert ask("POST", f"{CONTACTS}/batch/read", many).status_code == 400


def test_the_words_of_a_query_narrow_a_search(ask: Ask, portal: Simulator, clock: Any) -> None:
    portal.add_contact(email="taro@example.co.jp", lastname="山田")
    portal.add_contact(email="hanako@example.co.jp", lastname="鈴木")
    clock.forward(5)

    found = ask("POST", f"{CONTACTS}/search", {"query": "山田 TARO", "limit": 5}).json()

    assert (found["total"], found["results"][0]["properties"]["lastname"]) == (1, "山田")


def test_a_default_tie_is_told_from_both_ends_with_its_type(ask: Ask, portal: Simulator) -> None:
    portal.add_contact(email="x@example.co.jp")
    person, company = portal.add_contact(email="a@example.co.jp"), portal.add_company(name="見本")
    path = f"/crm/v4/objects/contacts/{person}/associations/default/companies/{company}"
    one = ask("PUT", path)
    inputs = {"inputs": [{"from": {"id": person}, "to": {"id": company}}]}
    many = ask("POST", f"{TIES}/batch/associate/default", inputs)

    assert (one.status_code, many.status_code) == (200, 200)
    assert one.json()["results"] == many.json()["results"]
    assert [line["associationSpec"]["associationTypeId"] for line in one.json()["results"]] == [
        279,
        280,
    ]


def test_a_typed_tie_answers_with_both_ends_and_can_be_archived(
    ask: Ask, portal: Simulator
) -> None:
    person = portal.add_contact(email="a@example.co.jp")
    first, second = portal.add_company(name="一"), portal.add_company(name="二")
    portal.link("contacts", person, "companies", first)
    spec = typed(second, 1)["types"]

    made = ask("PUT", f"/crm/v4/objects/contacts/{person}/associations/companies/{second}", spec)

    assert made.status_code == 201
    assert made.json() == {
        "fromObjectTypeId": "0-1",
        "fromObjectId": int(person),
        "toObjectTypeId": "0-2",
        "toObjectId": int(second),
        "labels": [],
    }
    assert portal.portal.linked("contacts", person, "companies") == {first: [279], second: [1, 279]}
    gone = {"inputs": [{"from": {"id": person}, "to": [{"id": first}, {"id": second}]}]}
    assert ask("POST", f"{TIES}/batch/archive", gone).status_code == 204
    assert portal.portal.linked("contacts", person, "companies") == {}


def test_what_the_clients_need_of_owners_pipelines_and_forms_is_there(
    ask: Ask, portal: Simulator
) -> None:
    (owner,) = ask("GET", "/crm/v3/owners/?archived=False").json()["results"]
    assert {"createdAt", "updatedAt", "archived", "userIdIncludingInactive"} <= owner.keys()
    assert ask("GET", f"/crm/v3/owners/{owner['id']}").json() == owner
    assert ask("GET", f"/crm/v3/owners/{owner['userId']}?idProperty=userId").json() == owner

    pipeline = ask("GET", "/crm/v3/pipelines/deals/default").json()
    assert {"createdAt", "updatedAt", "archived"} <= pipeline.keys()
    won = ask("GET", "/crm/v3/pipelines/deals/default/stages/closedwon").json()
    assert won in pipeline["stages"]
    assert {"createdAt", "updatedAt", "writePermissions"} <= won.keys()
    assert ask("GET", "/crm/v3/pipelines/deals/nope").status_code == 404

    guid = portal.add_form("資料請求")
    form = ask("GET", f"/marketing/v3/forms/{guid}").json()
    assert {"configuration", "displayOptions", "legalConsentOptions"} <= form.keys()
    assert all("dependentFields" in field for g in form["fieldGroups"] for field in g["fields"])


def test_a_custom_property_is_made_in_its_group_changed_and_archived(ask: Ask) -> None:
    path = "/crm/v3/properties/contacts"
    made = {"name": "hub_key", "label": "鍵", "type": "string", "fieldType": "text"}
    assert ask("POST", path, {**made, "groupName": "contactinformation"}).status_code == 201
    assert "contactinformation" in [
        one["name"] for one in ask("GET", f"{path}/groups").json()["results"]
    ]
    assert ask("PATCH", f"{path}/hub_key", {"label": "キー"}).json()["label"] == "キー"
    assert ask("PATCH", f"{path}/email", {"label": "x"}).status_code == 400
    assert ask("DELETE", f"{path}/hub_key").status_code == 204
    assert ask("GET", f"{path}/hub_key").status_code == 404


def test_an_authorization_code_signs_in_once(ask: Ask, portal: Simulator) -> None:
    def token(**form: str) -> httpx.Response:
        who = {"client_id": portal.client_id, "client_secret": portal.client_secret}
        return ask("POST", "/oauth/v1/token", data={**who, **form})

    code = {"grant_type": "authorization_code", "code": portal.authorization_code}
    assert token(**code).json()["status"] == "BAD_REDIRECT_URI"
    first = token(**code, redirect_uri="https://hub.example.co.jp/back")
    again = token(**code, redirect_uri="https://hub.example.co.jp/back")

    assert first.json()["refresh_token"] == portal.refresh_token
    assert again.json()["status"] == "BAD_AUTH_CODE"
    info = ask("GET", f"/oauth/v1/access-tokens/{first.json()['access_token']}").json()
    assert (info["expires_in"], info["user_id"], info["hub_id"]) == (1800, 9001, portal.portal_id)
    assert ask("GET", f"/oauth/v1/refresh-tokens/{portal.refresh_token}").json()["hub_id"] == 62515


@pytest.mark.parametrize("query", ["limit=abc", "after=x", "limit=-1"])
def test_a_parameter_that_is_no_number_is_refused_in_the_vendors_shape(
    ask: Ask, query: str
) -> None:
    refused = ask("GET", f"{CONTACTS}?{query}")
    assert refused.status_code == 400
    assert refused.json()["category"] == "VALIDATION_ERROR"


def test_a_wrong_method_is_405_and_no_consent_is_written_for_an_unknown_subscription(
    ask: Ask,
) -> None:
    refused = ask("PUT", CONTACTS, {})
    assert (refused.status_code, "HTTP ERROR 405" in refused.text) == (405, True)
    body = {"channel": "EMAIL", "statusState": "SUBSCRIBED", "subscriptionId": 9}
    path = "/communication-preferences/v4/statuses/a@example.co.jp"
    assert ask("POST", path, body).status_code == 400
