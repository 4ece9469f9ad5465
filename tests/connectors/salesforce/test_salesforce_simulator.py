"""The simulated org answers, and refuses, as an org does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from connectors.kit.session import in_process
from connectors.salesforce.simulator import (
    CLIENT_ID,
    CLIENT_SECRET,
    REFRESH_TOKEN,
    Simulator,
    key_pair,
)
from connectors.salesforce.simulator_ids import long_id, read_id

LOGIN = "https://login.salesforce.com"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def rows(count: int, **values: Any) -> dict[str, Any]:
    base = {"attributes": {"type": "Lead"}, "LastName": "佐藤", "Company": "株式会社見本"}
    return {"allOrNone": False, "records": [{**base, **values} for _ in range(count)]}


def token(org: Simulator, host: str = LOGIN, **form: str) -> httpx.Response:
    client = httpx.Client(transport=in_process(org), base_url=host)
    return client.post("/services/oauth2/token", data=form)


def refused(reply: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert reply.status_code == status, reply.text
    (error,) = reply.json()
    assert error["errorCode"] == code
    found: dict[str, Any] = error
    return found


def test_ids_have_fifteen_characters_or_eighteen_with_a_checksum() -> None:
    assert long_id("003AAAAAAAAAAAA") == "003AAAAAAAAAAAAY55"
    assert long_id("00q00000000000a") == "00q00000000000aAAA"
    assert read_id("003AAAAAAAAAAAA") == "003AAAAAAAAAAAAY55"
    assert read_id("003AAAAAAAAAAAAY55") == "003AAAAAAAAAAAAY55"
    assert read_id("003AAAAAAAAAAAAAAA") is None
    assert read_id("003AAAAAAAAAAA") is None
    assert read_id("003AAAAAAAAAAAAY") is None


def test_no_token_says_when_it_ends(org: Simulator) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    body = token(org, "https://aozora.my.salesforce.example", **form).json()
    assert body["instance_url"] == "https://aozora.my.salesforce.example"
    assert "expires_in" not in body
    assert token(org, LOGIN, **form).json()["error"] == "invalid_grant"
    wrong = token(org, "https://aozora.my.salesforce.example", **{**form, "client_secret": "x"})
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_client")
    assert token(org, grant_type="password").json()["error"] == "unsupported_grant_type"


def test_a_refresh_token_works_once(org: Simulator) -> None:
    form = {
        "grant_type": "refresh_token",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": REFRESH_TOKEN,
    }
    second = token(org, **form).json()["refresh_token"]
    assert second != REFRESH_TOKEN
    assert token(org, **form).json()["error"] == "invalid_grant"
    assert token(org, **{**form, "refresh_token": second}).status_code == 200


def test_a_refresh_token_used_again_ends_its_grant_where_the_org_says_so(org: Simulator) -> None:
    org.revoke_on_reuse = True
    form = {
        "grant_type": "refresh_token",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    second = token(org, **form, refresh_token=REFRESH_TOKEN).json()["refresh_token"]
    assert token(org, **form, refresh_token=REFRESH_TOKEN).status_code == 400
    assert token(org, **form, refresh_token=second).status_code == 400
    anew = org.sign_in()
    assert token(org, **form, refresh_token=REFRESH_TOKEN).status_code == 400
    assert token(org, **form, refresh_token=anew).status_code == 200


def test_an_assertion_must_be_signed_addressed_and_fresh(org: Simulator, clock: Any) -> None:
    private, public = key_pair()
    stranger, _ = key_pair()
    org.register_key(public)
    now = int(clock().timestamp())
    claims = {"iss": CLIENT_ID, "sub": "renkei@example.co.jp", "aud": LOGIN, "exp": now + 180}

    def answer(key: str = private, **changed: Any) -> httpx.Response:
        assertion = jwt.encode({**claims, **changed}, key, algorithm="RS256")
        return token(org, grant_type=JWT_GRANT, assertion=assertion)

    assert answer().status_code == 200
    refusals = [
        answer(stranger),
        answer(aud="https://aozora.example"),
        answer(exp=now - 1),
        answer(exp=now + 3600),
        answer(iss="another-app"),
        answer(sub="stranger@example.co.jp"),
    ]
    assert [reply.status_code for reply in refusals] == [400] * 6
    assert {reply.json()["error"] for reply in refusals} == {"invalid_grant", "invalid_client_id"}


def test_a_session_ends_by_time_and_by_hand(org: Simulator, api: httpx.Client, clock: Any) -> None:
    assert api.get("/limits").status_code == 200
    clock.pass_time(hours=3)
    refused(api.get("/limits"), 401, "INVALID_SESSION_ID")
    clock.pass_time(hours=-3)
    org.end_sessions()
    refused(api.get("/limits"), 401, "INVALID_SESSION_ID")


def test_versions_are_told_to_anyone_and_others_do_not_exist(
    org: Simulator, api: httpx.Client
) -> None:
    anyone = httpx.Client(transport=in_process(org), base_url=LOGIN)
    assert {"version": "62.0"}.items() <= anyone.get("/services/data/").json()[7].items()
    reply = api.get("https://aozora.my.salesforce.example/services/data/v12.0/limits")
    assert reply.json() == [
        {"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}
    ]
    refused(api.get("/sobjects/Leed/describe"), 404, "NOT_FOUND")
    refused(api.put("/limits"), 405, "METHOD_NOT_ALLOWED")
    refused(api.post("/sobjects/Lead", content=b"{"), 400, "JSON_PARSER_ERROR")


def test_the_day_has_so_many_calls_and_no_more(clock: Any) -> None:
    org = Simulator(now=clock, daily_limit=3)
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    host = "https://aozora.my.salesforce.example"
    client = httpx.Client(transport=in_process(org), base_url=host)
    access = client.post("/services/oauth2/token", data=form).json()["access_token"]
    client.headers["authorization"] = f"Bearer {access}"
    replies = [client.get("/services/data/v62.0/limits") for _ in range(4)]
    assert [r.headers["sforce-limit-info"] for r in replies[:3]] == [
        "api-usage=1/3",
        "api-usage=2/3",
        "api-usage=3/3",
    ]
    assert replies[2].json()["DailyApiRequests"] == {"Max": 3, "Remaining": 0}
    refused(replies[3], 403, "REQUEST_LIMIT_EXCEEDED")
    assert "retry-after" not in replies[3].headers


@pytest.mark.parametrize(
    ("values", "code", "fields"),
    [
        ({"LastName": None}, "REQUIRED_FIELD_MISSING", ["LastName"]),
        ({"LastName": "", "Company": None}, "REQUIRED_FIELD_MISSING", ["LastName", "Company"]),
        ({"Nope__c": 1}, "INVALID_FIELD", []),
        ({"LastName": "長" * 81}, "STRING_TOO_LONG", ["LastName"]),
        ({"Email": "日本@例え"}, "INVALID_EMAIL_ADDRESS", ["Email"]),
        ({"Status": "対応中"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["Status"]),
        ({"Status": "Closed - Converted"}, "INVALID_STATUS", ["Status"]),
        ({"DoNotCall": "true"}, "INVALID_TYPE_ON_FIELD_IN_RECORD", ["DoNotCall"]),
        ({"DoNotCall": None}, "INVALID_TYPE_ON_FIELD_IN_RECORD", ["DoNotCall"]),
        ({"OwnerId": "005"}, "MALFORMED_ID", ["OwnerId"]),
        ({"OwnerId": "005000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY", []),
        ({"SystemModstamp": "2026-01-01"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["SystemModstamp"]),
        ({"Renkei_Stage_At__c": "昨日"}, "INVALID_TYPE_ON_FIELD_IN_RECORD", ["Renkei_Stage_At__c"]),
    ],
)
def test_a_row_the_org_cannot_hold_is_refused(
    api: httpx.Client, values: dict[str, Any], code: str, fields: list[str]
) -> None:
    body = rows(1, **values)
    (result,) = api.post("/composite/sobjects", json=body).json()
    assert result["success"] is False
    (error,) = result["errors"]
    assert (error["statusCode"], error["fields"]) == (code, fields)
    single = {k: v for k, v in body["records"][0].items() if k != "attributes"}
    status = 404 if code == "INVALID_CROSS_REFERENCE_KEY" else 400
    refusal = refused(api.post("/sobjects/Lead", json=single), status, code)
    assert refusal.get("fields", []) == fields


def test_a_single_row_lives_through_its_resource(api: httpx.Client) -> None:
    created = api.post("/sobjects/Lead", json={"LastName": "佐藤", "Company": "見本商事"})
    assert created.status_code == 201
    row = created.json()["id"]
    assert created.headers["location"].endswith(f"/sobjects/Lead/{row}")
    assert api.patch(f"/sobjects/Lead/{row}", json={"Title": "課長"}).status_code == 204
    assert api.get(f"/sobjects/Lead/{row[:15]}").json()["Title"] == "課長"
    assert api.delete(f"/sobjects/Lead/{row}").status_code == 204
    refused(api.patch(f"/sobjects/Lead/{row}", json={"Title": "x"}), 404, "ENTITY_IS_DELETED")
    refused(api.get(f"/sobjects/Lead/{row}"), 404, "NOT_FOUND")


@pytest.mark.parametrize("bad", ["00Q123", "00QIR0000000001XXX", "003IR0000000001", "日本語"])
def test_an_id_of_the_wrong_form_or_object_is_malformed(api: httpx.Client, bad: str) -> None:
    body = {"records": [{"attributes": {"type": "Lead"}, "id": bad, "Title": "x"}]}
    (result,) = api.patch("/composite/sobjects", json=body).json()
    assert result["errors"][0]["statusCode"] == "MALFORMED_ID"


def test_a_collection_takes_two_hundred_rows(api: httpx.Client) -> None:
    assert len(api.post("/composite/sobjects", json=rows(200)).json()) == 200
    assert api.post("/composite/sobjects", json=rows(201)).status_code == 400
    assert api.patch("/composite/sobjects", json=rows(201)).status_code == 400
    assert api.patch("/composite/sobjects/Lead/Renkei_Id__c", json=rows(201)).status_code == 400
    ids = ",".join(["00QIR0000000001"] * 201)
    assert api.delete("/composite/sobjects", params={"ids": ids}).status_code == 400


def test_a_collection_answers_row_by_row_in_order(org: Simulator, api: httpx.Client) -> None:
    body = rows(3)
    body["records"][1]["LastName"] = None
    for number, row in enumerate(body["records"]):
        row["Renkei_Id__c"] = f"ld_{number}"
    path = "/composite/sobjects/Lead/Renkei_Id__c"
    first = api.patch(path, json=body)
    assert first.status_code == 200
    assert [r["success"] for r in first.json()] == [True, False, True]
    assert [r["created"] for r in first.json()] == [True, False, True]
    again = api.patch(path, json=body).json()
    assert [r["created"] for r in again] == [False, False, False]
    assert again[0]["id"] == first.json()[0]["id"]
    whole = api.patch(path, json={**body, "allOrNone": True}).json()
    assert [r["errors"][0]["statusCode"] for r in whole] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    ]


def test_all_or_none_leaves_nothing_behind(org: Simulator, api: httpx.Client) -> None:
    body = rows(2, Renkei_Id__c="ld_1")
    body["records"][1]["Renkei_Id__c"] = "ld_2"
    body["records"][1]["LastName"] = None
    api.patch("/composite/sobjects/Lead/Renkei_Id__c", json={**body, "allOrNone": True})
    assert list(org.org.rows("Lead")) == []
    (again,) = api.patch(
        "/composite/sobjects/Lead/Renkei_Id__c", json=rows(1, Renkei_Id__c="ld_1")
    ).json()
    assert again["created"] is True


def test_an_external_id_is_unique_whatever_its_case(api: httpx.Client) -> None:
    first = api.post("/sobjects/Lead", json={**_person(), "Renkei_Id__c": "LD_1"}).json()["id"]
    error = refused(
        api.post("/sobjects/Lead", json={**_person(), "Renkei_Id__c": "ld_1"}),
        400,
        "DUPLICATE_VALUE",
    )
    assert first in error["message"]
    path = "/composite/sobjects/Lead/Renkei_Id__c"
    doubled = api.patch(path, json=rows(2, Renkei_Id__c="ld_9")).json()
    assert [r["errors"][0]["statusCode"] for r in doubled] == ["DUPLICATE_VALUE"] * 2
    (unnamed,) = api.patch(path, json=rows(1)).json()
    assert unnamed["errors"][0]["statusCode"] == "MISSING_ARGUMENT"
    refused(api.patch("/composite/sobjects/Lead/Title", json=rows(1)), 404, "NOT_FOUND")


def test_an_upsert_by_a_value_that_several_hold_answers_300(
    org: Simulator, api: httpx.Client
) -> None:
    single = api.patch("/sobjects/Contact/Email/a%40b.example", json={"LastName": "佐藤"})
    assert (single.status_code, single.json()["created"]) == (201, True)
    again = api.patch("/sobjects/Contact/Email/a%40b.example", json={"LastName": "鈴木"})
    assert (again.status_code, again.json()["created"]) == (200, False)
    org.add_contact(Email="A@B.example")
    several = api.patch("/sobjects/Contact/Email/a%40b.example", json={"LastName": "高橋"})
    assert several.status_code == 300
    assert len(several.json()) == 2


def test_duplicate_rules_block_or_alert(org: Simulator, api: httpx.Client) -> None:
    held = org.add_contact(Email="sato@a.example")
    person = {**_person(), "Email": "SATO@a.example"}
    allow = {"sforce-duplicate-rule-header": "allowSave=true; runAsCurrentUser=true"}
    org.set_duplicate_rule("block")
    error = refused(api.post("/sobjects/Lead", json=person), 400, "DUPLICATES_DETECTED")
    match = error["duplicateResut"]["matchResults"][0]["matchRecords"][0]["record"]
    assert match == {"attributes": {"type": "Contact"}, "Id": held}
    assert api.post("/sobjects/Lead", json=person, headers=allow).status_code == 400
    org.set_duplicate_rule("alert")
    assert api.post("/sobjects/Lead", json=person).status_code == 400
    assert api.post("/sobjects/Lead", json=person, headers=allow).status_code == 201


def test_a_converted_lead_becomes_a_contact_and_is_read_only(
    org: Simulator, api: httpx.Client
) -> None:
    lead = org.add_lead(LastName="佐藤", Company="株式会社青空製作所", City="横浜市")
    call = org.add_task(lead)
    became = org.convert_lead(lead)
    row = api.get(f"/sobjects/Lead/{lead}").json()
    assert (row["IsConverted"], row["Status"]) == (True, "Closed - Converted")
    assert row["ConvertedDate"] == "2026-04-01"
    for name in ("Account", "Contact", "Opportunity"):
        assert row[f"Converted{name}Id"] == became[name]
    contact = api.get(f"/sobjects/Contact/{became['Contact']}").json()
    assert (contact["MailingCity"], contact["AccountId"]) == ("横浜市", became["Account"])
    assert api.get(f"/sobjects/Task/{call}").json()["WhoId"] == became["Contact"]
    refused(
        api.patch(f"/sobjects/Lead/{lead}", json={"Title": "x"}),
        400,
        "CANNOT_UPDATE_CONVERTED_LEAD",
    )


def test_the_loser_of_a_merge_names_the_winner(
    org: Simulator, api: httpx.Client, clock: Any
) -> None:
    winner, loser = org.add_lead(), org.add_lead()
    call = org.add_task(loser)
    stamped = api.get(f"/sobjects/Task/{call}").json()["SystemModstamp"]
    clock.pass_time(minutes=5)
    org.merge(winner, loser)
    soql = "SELECT Id, IsDeleted, MasterRecordId, SystemModstamp FROM Lead ORDER BY Id"
    first, second = api.get("/queryAll", params={"q": soql}).json()["records"]
    assert (first["Id"], first["IsDeleted"]) == (winner, False)
    assert (second["IsDeleted"], second["MasterRecordId"]) == (True, winner)
    assert first["SystemModstamp"] == "2026-04-01T00:05:00.000+0000"
    task = api.get(f"/sobjects/Task/{call}").json()
    assert (task["WhoId"], task["SystemModstamp"]) == (winner, stamped)


def test_replication_tells_what_changed_and_what_was_deleted(
    org: Simulator, api: httpx.Client, clock: Any
) -> None:
    kept, gone = org.add_lead(), org.add_lead()
    clock.pass_time(minutes=2)
    org.delete("Lead", gone)
    clock.pass_time(minutes=10)
    window = {"start": "2026-04-01T00:00:00+00:00", "end": "2026-04-01T00:10:00+00:00"}
    assert api.get("/sobjects/Lead/updated/", params=window).json()["ids"] == [kept]
    body = api.get("/sobjects/Lead/deleted/", params=window).json()
    assert body["deletedRecords"] == [{"id": gone, "deletedDate": "2026-04-01T00:02:00.000+0000"}]
    short = {**window, "end": "2026-04-01T00:00:30+00:00"}
    refused(api.get("/sobjects/Lead/updated/", params=short), 400, "INVALID_REPLICATION_DATE")
    old = {**window, "start": "2026-01-01T00:00:00+00:00"}
    refused(api.get("/sobjects/Lead/deleted/", params=old), 400, "INVALID_REPLICATION_DATE")


def test_a_locked_row_is_refused_as_often_as_planted(org: Simulator, api: httpx.Client) -> None:
    row = org.add_lead()
    org.lock_row(row)
    body = {"records": [{"attributes": {"type": "Lead"}, "id": row, "Title": "部長"}]}
    (first,) = api.patch("/composite/sobjects", json=body).json()
    assert first["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    (second,) = api.patch("/composite/sobjects", json=body).json()
    assert second["success"] is True


def test_an_org_survives_a_restart_with_its_file(tmp_path: Path, clock: Any) -> None:
    file = tmp_path / "org.db"
    first = Simulator(path=file, now=clock)
    lead = first.add_lead(Renkei_Id__c="ld_1")
    first.close()
    second = Simulator(path=file, now=clock)
    assert second.org.by_value("Lead", "Renkei_Id__c", "LD_1") == [lead]
    assert second.add_lead() > lead
    assert len(second.table("User")) == 1
    second.close()


def _person() -> dict[str, Any]:
    return {"LastName": "佐藤", "Company": "株式会社見本"}
