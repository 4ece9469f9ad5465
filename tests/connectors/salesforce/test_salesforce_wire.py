"""What public Salesforce clients send and need to read, pinned without them.

Each of these once made a client fail, or read something that was not so.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any

import httpx
import pytest

from connectors.kit.session import in_process
from connectors.salesforce.simulator import (
    AUTHORIZATION_CODE,
    CLIENT_ID,
    CLIENT_SECRET,
    REFRESH_TOKEN,
    Simulator,
)

HOST = "https://aozora.my.salesforce.example"


@pytest.fixture
def bare(org: Simulator) -> httpx.Client:
    """A client that has not signed in."""
    return httpx.Client(transport=in_process(org), base_url=HOST)


def codes(answer: httpx.Response) -> list[str]:
    return [item["errorCode"] for item in answer.json()]


def test_the_client_may_be_named_in_a_basic_header(bare: httpx.Client) -> None:
    def token(secret: str) -> httpx.Response:
        basic = b64encode(f"{CLIENT_ID}:{secret}".encode()).decode()
        form = {"grant_type": "client_credentials"}
        headers = {"authorization": f"Basic {basic}"}
        return bare.post("/services/oauth2/token", data=form, headers=headers)

    assert token(CLIENT_SECRET).json()["token_type"] == "Bearer"
    assert token("wrong").json()["error"] == "invalid_client"


def test_an_authorization_code_signs_in_once_and_its_token_can_be_revoked(
    bare: httpx.Client,
) -> None:
    form = {
        "grant_type": "authorization_code",
        "code": AUTHORIZATION_CODE,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uri": "https://hub.example.co.jp/back",
    }
    first = bare.post("/services/oauth2/token", data=form).json()
    again = bare.post("/services/oauth2/token", data=form)

    assert first["refresh_token"] == REFRESH_TOKEN
    assert again.json()["error"] == "invalid_grant"
    signed = {"authorization": f"Bearer {first['access_token']}"}
    assert bare.get(first["id"], headers=signed).json()["username"] == "renkei@example.co.jp"
    assert bare.post("/services/oauth2/revoke", data={"token": first["access_token"]}).is_success
    assert bare.get(first["id"], headers=signed).status_code == 403


@pytest.mark.parametrize("path", ["/services/data", "/services/data/"])
def test_versions_need_no_session_nor_a_slash(bare: httpx.Client, path: str) -> None:
    assert bare.get(path).json()[0]["url"] == "/services/data/v55.0"


@pytest.mark.parametrize("path", ["/limits/", "/sobjects/", "/sobjects/Lead/describe/", "/"])
def test_a_slash_at_the_end_makes_no_difference(api: httpx.Client, path: str) -> None:
    answer, same = api.get(path), api.get(path.rstrip("/"))
    assert (answer.status_code, answer.json().keys()) == (200, same.json().keys())


def test_a_version_says_where_its_resources_and_its_user_are(api: httpx.Client) -> None:
    found = api.get("").json()
    assert found["sobjects"] == "/services/data/v62.0/sobjects"
    assert api.get(found["identity"]).json()["organization_id"].startswith("00D")


def test_an_object_tells_of_itself_and_of_the_rows_used_last(
    api: httpx.Client, org: Simulator
) -> None:
    lead = org.add_lead(LastName="山田")
    about = api.get("/sobjects/Lead").json()
    (glob,) = [o for o in api.get("/sobjects").json()["sobjects"] if o["name"] == "Lead"]

    assert about["objectDescribe"] == glob
    assert glob["urls"]["describe"] == "/services/data/v62.0/sobjects/Lead/describe"
    assert [one["Id"] for one in about["recentItems"]] == [lead]
    assert glob.items() <= api.get("/sobjects/Lead/describe").json().items()


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param("/sobjects/Contact/{lead}", 404, "NOT_FOUND", id="another object's id"),
        pytest.param("/sobjects/Lead/{lead}?fields=Id,Nope", 400, "INVALID_FIELD", id="field"),
        pytest.param("/sobjects/Lead/00QIR00000012", 404, "NOT_FOUND", id="wrong length"),
    ],
)
def test_a_read_of_what_is_not_there_is_refused(
    api: httpx.Client, org: Simulator, path: str, status: int, code: str
) -> None:
    refused = api.get(path.format(lead=org.add_lead()))
    assert (refused.status_code, codes(refused)) == (status, [code])


def test_an_id_of_the_wrong_length_is_taken_for_a_field(api: httpx.Client) -> None:
    message = api.get("/sobjects/Lead/00QIR00000012").json()[0]["message"]
    assert message.startswith("Provided external ID field does not exist")


def test_an_update_of_a_newer_row_fails_its_precondition(
    api: httpx.Client, org: Simulator, clock: Any
) -> None:
    lead = org.add_lead(Title="課長")
    read = api.get(f"/sobjects/Lead/{lead}").headers["date"]
    clock.pass_time(seconds=60)
    org.edit("Lead", lead, Title="部長")

    unmodified, modified = {"if-unmodified-since": read}, {"if-modified-since": read}
    stale = api.patch(f"/sobjects/Lead/{lead}", json={"Title": "係長"}, headers=unmodified)

    assert stale.status_code == 412
    assert api.get(f"/sobjects/Lead/{lead}?fields=Title").json()["Title"] == "部長"
    assert api.get(f"/sobjects/Lead/{lead}", headers=modified).status_code == 200
    now = {"if-modified-since": api.get("/limits").headers["date"]}
    assert api.get(f"/sobjects/Lead/{lead}", headers=now).status_code == 304


def test_a_row_is_read_and_deleted_by_external_id(api: httpx.Client, org: Simulator) -> None:
    lead = org.add_lead(Renkei_Id__c="ld/1")
    path = "/sobjects/Lead/Renkei_Id__c/ld%2F1"

    assert api.get(path).json()["Id"] == lead
    assert api.delete(path).status_code == 204
    assert codes(api.get(path)) == ["NOT_FOUND"]


def test_collections_are_read_in_order_with_null_for_what_is_gone(
    api: httpx.Client, org: Simulator
) -> None:
    first, gone, last = (org.add_lead(LastName=name) for name in ("一", "二", "三"))
    org.delete("Lead", gone)
    body = {"ids": [last, gone, first], "fields": ["Id", "lastname"]}

    posted = api.post("/composite/sobjects/Lead", json=body).json()
    got = api.get(f"/composite/sobjects/Lead?ids={last},{gone},{first}&fields=Id,LastName").json()

    assert [row and row["LastName"] for row in posted] == ["三", None, "一"]
    assert got == posted
    assert codes(api.post("/composite/sobjects/Lead", json={**body, "fields": ["X"]})) == [
        "INVALID_FIELD"
    ]


def test_composite_requests_refer_to_earlier_answers_and_cost_one_call(
    api: httpx.Client, org: Simulator
) -> None:
    def ask(last_name: str, *, whole: bool) -> Any:
        data = "/services/data/v62.0/sobjects"
        contact = {"LastName": last_name, "AccountId": "@{acc.id}"}
        body = {
            "allOrNone": whole,
            "compositeRequest": [
                {"method": "POST", "url": f"{data}/Account", "referenceId": "acc",
                 "body": {"Name": "株式会社見本"}},
                {"method": "POST", "url": f"{data}/Contact", "referenceId": "con",
                 "body": contact},
                {"method": "GET", "url": f"{data}/Contact/@{{con.id}}?fields=AccountId",
                 "referenceId": "read"},
            ],
        }  # fmt: skip
        return api.post("/composite", json=body)

    answer = ask("山田", whole=True)
    made, _, read = answer.json()["compositeResponse"]
    assert answer.headers["sforce-limit-info"].startswith("api-usage=1/")
    assert made["httpHeaders"]["Location"].endswith(made["body"]["id"])
    assert read["body"]["AccountId"] == made["body"]["id"]

    failed = ask("", whole=True).json()["compositeResponse"]
    assert [one["httpStatusCode"] for one in failed] == [400, 400, 400]
    assert [one["body"][0]["errorCode"] for one in failed] == [
        "PROCESSING_HALTED",
        "REQUIRED_FIELD_MISSING",
        "PROCESSING_HALTED",
    ]
    count = "/query?q=SELECT COUNT() FROM Account"
    assert api.get(count).json()["totalSize"] == 1
    assert [one["httpStatusCode"] for one in ask("", whole=False).json()["compositeResponse"]] == [
        201,
        400,
        400,
    ]
    assert api.get(count).json()["totalSize"] == 2


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (r"LastName LIKE 'A\_%'", ["A_1"]),
        (r"LastName LIKE 'A_1'", ["A_1", "AB1"]),
        (r"LastName LIKE 'A\%'", []),
        ("CreatedDate = TODAY", ["A_1", "AB1"]),
        ("CreatedDate >= YESTERDAY AND CreatedDate <= TODAY", ["A_1", "AB1"]),
        ("CreatedDate < LAST_N_DAYS:3", ["old"]),
        ("CreatedDate > last_n_days:3", []),
    ],
)
def test_wildcards_are_escaped_and_periods_are_days_in_japan(
    api: httpx.Client, org: Simulator, clock: Any, where: str, found: list[str]
) -> None:
    org.session_timeout = timedelta(days=30)
    form = {"grant_type": "client_credentials"} | {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    token = api.post(f"{HOST}/services/oauth2/token", data=form).json()["access_token"]
    api.headers["authorization"] = f"Bearer {token}"
    org.add_lead(LastName="old")
    clock.pass_time(seconds=10 * 86_400)
    for name in ("A_1", "AB1"):
        org.add_lead(LastName=name)

    query = f"SELECT LastName FROM Lead WHERE {where} ORDER BY Id"
    rows = api.get("/query", params={"q": query}).json()["records"]

    assert [row["LastName"] for row in rows] == found


def test_a_backslash_before_anything_else_is_refused(api: httpx.Client) -> None:
    query = r"SELECT Id FROM Lead WHERE LastName = 'A\_1'"
    assert codes(api.get("/query", params={"q": query})) == ["MALFORMED_QUERY"]


def test_jobs_are_listed_aborted_and_forgotten(api: httpx.Client) -> None:
    job = api.post("/jobs/query", json={"operation": "query", "query": "SELECT Id FROM Lead"})
    job_id = job.json()["id"]

    assert [one["id"] for one in api.get("/jobs/query").json()["records"]] == [job_id]
    assert api.get("/jobs/ingest").json()["records"] == []
    aborted = api.patch(f"/jobs/query/{job_id}", json={"state": "Aborted"})
    assert aborted.json()["state"] == "Aborted"
    assert api.delete(f"/jobs/query/{job_id}").status_code == 204
    assert api.get(f"/jobs/query/{job_id}").status_code == 404
