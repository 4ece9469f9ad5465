"""Bulk jobs: a large first pull, a large push, and going on with a job after a stop."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from connectors.kit.base import Change, Page, Ref, Status
from connectors.kit.errors import Unavailable
from connectors.salesforce import Connector, jobs
from connectors.salesforce.simulator import Simulator

Connecting = Callable[..., Connector]


def ids(pages: list[Page]) -> list[str]:
    return [record.external_id for page in pages for record in page.records]


def used_jobs(org: Simulator, kind: str) -> int:
    return sum(
        1 for seen in org.seen if seen.method == "POST" and seen.path.endswith(f"/jobs/{kind}")
    )


def test_a_large_first_pull_is_a_job(org: Simulator, connected: Connecting) -> None:
    account = org.add_account("株式会社青空製作所")
    planted = [
        org.add_contact(
            account,
            LastName='小林, "健"\n一',
            Email=f"k{n}@a.example",
            DoNotCall=True,
        )
        for n in range(6)
    ]
    rest = [record for page in connected().pull("Contact", None) for record in page.records]
    pages = list(connected(bulk_threshold=5).pull("Contact", None))
    assert used_jobs(org, "query") == 1
    assert pages[0].total == 6
    assert "job" in json.loads(pages[0].cursor or "")
    assert set(json.loads(pages[-1].cursor or "")) == {"at"}
    assert ids(pages) == planted
    bulk = [record for page in pages for record in page.records]
    for one, other in zip(bulk, rest, strict=True):
        assert one.refs == other.refs == (Ref("Account", account),)
        assert one.changed_at == other.changed_at
        left = {**other.payload, "Account": dict(other.payload["Account"])}
        left.pop("attributes")
        left["Account"].pop("attributes")
        left["Owner"] = {"Email": left["Owner"]["Email"]}
        assert dict(one.payload) == left


def test_a_first_pull_below_the_threshold_is_none(org: Simulator, connected: Connecting) -> None:
    org.add_lead()
    (page,) = connected(bulk_threshold=5).pull("Lead", None)
    assert used_jobs(org, "query") == 0
    assert "job" not in json.loads(page.cursor or "")


def test_a_job_goes_on_where_it_was_left(
    org: Simulator, connected: Connecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "ROWS_A_PAGE", 2)
    planted = [org.add_lead() for _ in range(5)]
    pages = list(connected(bulk_threshold=0).pull("Lead", None))
    assert [len(page.records) for page in pages] == [0, 2, 2, 1]
    for place in range(3):
        rest = list(connected(bulk_threshold=0).pull("Lead", pages[place].cursor))
        assert set(ids(pages[: place + 1]) + ids(rest)) == set(planted)
    assert used_jobs(org, "query") == 1
    later = connected(bulk_threshold=0).pull("Lead", pages[-1].cursor)
    assert set(ids(list(later))) <= set(planted)
    assert used_jobs(org, "query") == 1


def test_a_job_that_is_forgotten_is_read_anew_by_queries(
    org: Simulator, connected: Connecting
) -> None:
    planted = [org.add_lead() for _ in range(3)]
    first = next(iter(connected(bulk_threshold=0).pull("Lead", None)))
    for job in org.table("_jobs"):
        del org.table("_jobs")[job]
    pages = list(connected(bulk_threshold=0).pull("Lead", first.cursor))
    assert ids(pages) == planted


def test_a_job_that_does_not_end_is_left_to_the_engine(
    org: Simulator, connected: Connecting, clock: Any
) -> None:
    org.add_lead()
    reading = connected(bulk_threshold=0).pull("Lead", None)
    first = next(reading)
    job = next(iter(org.table("_jobs").values()))
    org.table("_jobs")[job["id"]] = {**job, "state": "Queued"}
    started = clock()
    with pytest.raises(Unavailable) as caught:
        next(reading)
    assert caught.value.code == "SALESFORCE_JOB_PENDING"
    assert (clock() - started).total_seconds() < 900
    org.table("_jobs")[job["id"]] = {**job, "state": "InProgress"}
    assert len(ids(list(connected(bulk_threshold=0).pull("Lead", first.cursor)))) == 1


def test_a_job_sees_converted_and_deleted_rows_too(org: Simulator, connected: Connecting) -> None:
    lead, gone = org.add_lead(), org.add_lead()
    contact = org.convert_lead(lead)["Contact"]
    org.delete("Lead", gone)
    found = [r for p in connected(bulk_threshold=0).pull("Lead", None) for r in p.records]
    shown = {(record.stream, record.external_id, record.deleted) for record in found}
    assert shown == {("Contact", contact, False), ("Lead", gone, True)}


def test_a_large_push_is_a_job_with_the_same_outcomes(
    org: Simulator, connected: Connecting
) -> None:
    base = {"LastName": "佐藤", "Company": "株式会社見本"}
    changes = [Change("Lead", f"ld_{n}", {**base, "Title": f"担当, {n}"}) for n in range(201)]
    changes.append(Change("Lead", "ld_bad", {**base, "Email": "x", "Title": "課長"}))
    changes.append(Change("Lead", "ld_poor", {"LastName": "佐藤"}))
    changes.append(Change("Lead", "ld_clear", {**base, "Phone": None, "DoNotCall": True}))
    done = {o.key: o for o in connected(bulk_push_threshold=200).push(changes)}
    assert set(done) == {change.key for change in changes}
    assert used_jobs(org, "ingest") == 1
    assert done["ld_0"].status is Status.CREATED
    held = org.org.find(done["ld_7"].external_id)
    assert held is not None
    assert (held["Title"], held["Renkei_Id__c"]) == ("担当, 7", "ld_7")
    assert done["ld_bad"].status is Status.CREATED
    assert done["ld_bad"].refused["Email"].code == "SALESFORCE_INVALID_EMAIL_ADDRESS"
    assert done["ld_poor"].error is not None
    assert done["ld_poor"].error.code == "SALESFORCE_REQUIRED_FIELD_MISSING"
    assert len(list(org.org.rows("Lead"))) == 203
    org.edit("Lead", done["ld_7"].external_id or "", Phone="03-1234-5678", City="横浜市")
    again = [
        Change("Lead", o.key, {"Title": "部長", "Phone": None}, o.external_id)
        for o in done.values()
        if o.external_id
    ]
    repeated = connected(bulk_push_threshold=200).push(again)
    assert {o.status for o in repeated} == {Status.UPDATED}
    assert used_jobs(org, "ingest") == 2
    assert {r["Title"] for r in org.org.rows("Lead")} == {"部長"}
    held = org.org.find(done["ld_7"].external_id)
    assert held is not None
    assert (held["Phone"], held["City"]) == (None, "横浜市")


def test_an_ingest_job_takes_one_upload_and_names_its_field(api: httpx.Client) -> None:
    body = {"object": "Lead", "operation": "upsert", "externalIdFieldName": "Title"}
    refused = api.post("/jobs/ingest", json=body)
    assert refused.status_code == 400
    assert refused.json()[0]["errorCode"] == "INVALIDJOB"
    assert "Title does not match an External ID" in refused.json()[0]["message"]
    good = {**body, "externalIdFieldName": "Renkei_Id__c", "contentType": "CSV"}
    job = api.post("/jobs/ingest", json=good).json()
    assert (job["state"], job["contentUrl"][:9]) == ("Open", "services/")
    csv = "Renkei_Id__c,LastName,Company\nld_1,佐藤,見本\nld_2,,見本\n".encode()
    path = f"/jobs/ingest/{job['id']}"
    assert api.put(f"{path}/batches", content=csv).status_code == 201
    assert api.put(f"{path}/batches", content=csv).json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert api.patch(path, json={"state": "UploadComplete"}).json()["state"] == "UploadComplete"
    states = [api.get(path).json()["state"] for _ in range(3)]
    assert states == ["InProgress", "JobComplete", "JobComplete"]
    done = api.get(f"{path}/successfulResults").text.splitlines()
    assert done[0] == '"sf__Id","sf__Created","Renkei_Id__c","LastName","Company"'
    assert done[1].split(",")[1] == '"true"'
    failed = api.get(f"{path}/failedResults").text.splitlines()
    assert "REQUIRED_FIELD_MISSING" in failed[1]
    assert len(api.get(f"{path}/unprocessedrecords").text.splitlines()) == 1


def test_a_query_job_tells_where_its_next_rows_begin(org: Simulator, api: httpx.Client) -> None:
    for _ in range(3):
        org.add_lead(DoNotCall=True)
    count = {"operation": "query", "query": "SELECT COUNT() FROM Lead"}
    assert api.post("/jobs/query", json=count).status_code == 400
    query = {"operation": "query", "query": "SELECT Id, DoNotCall, Owner.Email FROM Lead"}
    job = api.post("/jobs/query", json=query).json()["id"]
    path = f"/jobs/query/{job}"
    assert api.get(f"{path}/results").json()[0]["errorCode"] == "INVALIDJOBSTATE"
    while api.get(path).json()["state"] != "JobComplete":
        pass
    first = api.get(f"{path}/results", params={"maxRecords": 2})
    assert first.headers["sforce-numberofrecords"] == "2"
    assert first.text.splitlines()[0] == '"Id","DoNotCall","Owner.Email"'
    locator = first.headers["sforce-locator"]
    last = api.get(f"{path}/results", params={"maxRecords": 2, "locator": locator})
    assert last.headers["sforce-locator"] == "null"
    assert last.text.splitlines()[1].endswith('"true","renkei@example.co.jp"')
