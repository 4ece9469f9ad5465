"""What the simulators refuse, in one table, asked over plain HTTP as a stranger would."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from connectors.hubspot.simulator import Limits
from connectors.hubspot.simulator import Simulator as HubSpot
from connectors.kintone.simulator import TOKEN as KINTONE_TOKEN
from connectors.kintone.simulator import Simulator as Kintone
from connectors.salesforce.contract import CLIENT_ID, CLIENT_SECRET
from connectors.salesforce.simulator import Simulator as Salesforce
from connectors.typeform.simulator import DEFAULT_FORM_ID, DEFAULT_TOKEN
from connectors.typeform.simulator import Simulator as Typeform

DATA = "/services/data/v62.0"


def hubspot(method: str, path: str, token: str | None = None, **body: Any) -> TestResponse:
    portal = HubSpot()
    return ask(portal, method, path, bearer(token or portal.token), body)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def ask(app: Any, method: str, path: str, headers: dict[str, str], body: Any) -> TestResponse:
    return Client(app).open(path, method=method, headers=headers, json=body or None)


def salesforce(method: str, path: str, token: str | None = None, **body: Any) -> TestResponse:
    org = Salesforce()
    if token is None:
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        token = Client(org).post("/services/oauth2/token", data=form).get_json()["access_token"]
    return ask(org, method, path, bearer(token), body)


def kintone(method: str, path: str, token: str = KINTONE_TOKEN, **body: Any) -> TestResponse:
    domain = Kintone()
    domain.add_record(5, {"氏名": "佐藤 花子"})
    return ask(domain, method, path, {"X-Cybozu-API-Token": token}, body)


def typeform(path: str, token: str = DEFAULT_TOKEN) -> TestResponse:
    return ask(Typeform(), "GET", path, bearer(token), None)


CONTACTS = "/crm/v3/objects/contacts"
HUNDRED_AND_ONE = [{"properties": {"email": f"p{n}@a.example"}} for n in range(101)]
ROWS = [{"attributes": {"type": "Lead"}, "LastName": "佐藤", "Company": "青空"}] * 201

CASES = {
    "hubspot: wrong path": (lambda: hubspot("GET", "/crm/v3/objets/contacts"), 404),
    "hubspot: wrong token": (lambda: hubspot("GET", CONTACTS, "pat-wrong"), 401),
    "hubspot: unknown property": (
        lambda: hubspot("POST", CONTACTS, properties={"no_such": "x", "email": "a@b.example"}),
        400,
    ),
    "hubspot: 101 in a batch": (
        lambda: hubspot("POST", f"{CONTACTS}/batch/create", inputs=HUNDRED_AND_ONE),
        400,
    ),
    "salesforce: wrong path": (lambda: salesforce("GET", f"{DATA}/sobject/Lead"), 404),
    "salesforce: expired session": (lambda: salesforce("GET", f"{DATA}/limits", "00Dwrong"), 401),
    "salesforce: id of the wrong length": (
        lambda: salesforce("PATCH", f"{DATA}/sobjects/Lead/00Q123", LastName="佐藤"),
        400,
    ),
    "salesforce: unknown field": (
        lambda: salesforce(
            "POST", f"{DATA}/sobjects/Lead", LastName="佐", Company="青", Nope__c="x"
        ),
        400,
    ),
    "salesforce: 201 rows in a collection": (
        lambda: salesforce("POST", f"{DATA}/composite/sobjects", allOrNone=False, records=ROWS),
        400,
    ),
    "kintone: wrong path": (lambda: kintone("GET", "/k/v1/record_s.json?app=5"), 404),
    "kintone: no token": (lambda: kintone("GET", "/k/v1/records.json?app=5", ""), 401),
    "kintone: stale revision": (
        lambda: kintone(
            "PUT", "/k/v1/record.json", app=5, id=1, revision=9, record={"役職": {"value": "部長"}}
        ),
        409,
    ),
    "kintone: 101 records": (
        lambda: kintone("POST", "/k/v1/records.json", app=5, records=[{}] * 101),
        400,
    ),
    "typeform: wrong path": (lambda: typeform("/form"), 404),
    "typeform: wrong token": (lambda: typeform("/forms", "tfp_wrong"), (401, 403)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_simulator_refuses_what_the_vendor_would(case: str) -> None:
    request, status = CASES[case]
    answer = request()
    assert answer.status_code in (status if isinstance(status, tuple) else (status,)), answer.text


def test_hubspot_refuses_more_searches_than_its_limit() -> None:
    portal = HubSpot(limits=Limits(burst=1000, searches=5, daily=1000))
    client = Client(portal)
    search = f"{CONTACTS}/search"
    statuses = [
        client.post(search, headers=bearer(portal.token), json={"limit": 1}).status_code
        for _ in range(8)
    ]
    assert statuses.count(429) >= 2


def test_typeform_refuses_more_than_two_requests_a_second() -> None:
    client = Client(Typeform())
    path = f"/forms/{DEFAULT_FORM_ID}"
    statuses = [client.get(path, headers=bearer(DEFAULT_TOKEN)).status_code for _ in range(4)]
    assert 429 in statuses
