"""The connector against answers in the vendor's own shape, without the simulator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from connectors import salesforce
from connectors.kit.base import Change, Status
from connectors.kit.errors import AuthFailed, Conflict, RecordRejected
from connectors.kit.session import Wiring
from connectors.kit.tokens import MemoryTokens
from connectors.salesforce import Connector, Options, connect
from connectors.salesforce.ids import full_id

CASSETTES = Path(salesforce.__file__).parent / "cassettes"
HOST = "https://aozora.my.salesforce.example"
DATA = f"{HOST}/services/data/v62.0"


def answer(name: str) -> httpx.Response:
    held = json.loads((CASSETTES / f"{name}.json").read_text(encoding="utf-8"))["response"]
    return httpx.Response(held["status"], headers=held["headers"], json=held["body"])


@pytest.fixture
def vendor() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        router.post(f"{HOST}/services/oauth2/token").respond(
            json={"access_token": "00D!first", "instance_url": HOST, "token_type": "Bearer"}
        )
        router.get(f"{DATA}/sobjects/Lead/describe").mock(return_value=answer("describe-lead"))
        yield router


@pytest.fixture
def connector(vendor: respx.MockRouter, clock: Any) -> Connector:
    clock.pass_time(hours=1)
    options = {
        "auth": {
            "scheme": "client_credentials",
            "client_id": "app",
            "client_secret": "secret",
            "login_url": HOST,
        },
        "bulk_threshold": None,
    }
    wiring = Wiring("sf", MemoryTokens(), now=clock, sleep=lambda _: None)
    return connect(Options.model_validate(options), wiring)


def test_every_cassette_is_json_of_invented_people() -> None:
    files = sorted(CASSETTES.glob("*.json"))
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        held = json.loads(text)
        assert set(held) == {"request", "response"}
        assert "@" not in text.replace("@aozora.example", "").replace("@hub.example", "")
        ids = [part for part in text.replace("/", '"').split('"') if part.startswith("00Q5h")]
        assert all(full_id(row_id[:15]) == row_id for row_id in ids), file.name


def test_rows_become_records(vendor: respx.MockRouter, connector: Connector) -> None:
    asked = vendor.get(f"{DATA}/queryAll").mock(return_value=answer("query-leads"))
    vendor.get(f"{DATA}/query").mock(return_value=answer("query-lead-history"))
    (page,) = connector.pull("Lead", None)
    sato, tanaka = page.records
    assert (sato.external_id, sato.deleted, sato.previous_ids) == ("00Q5h00000AbCdEEAV", False, ())
    assert sato.changed_at is not None
    assert sato.changed_at.isoformat() == "2026-03-31T23:10:04+00:00"
    assert tanaka.deleted
    assert connector.flatten("Lead", sato.payload)["Owner.Email"] == "suzuki@hub.example"
    assert json.loads(page.cursor or "") == {"at": "2026-04-01T01:00:01Z"}
    soql = asked.calls.last.request.url.params["q"]
    assert soql == (
        "SELECT Id, IsDeleted, SystemModstamp, OwnerId, Owner.Email, FirstName, LastName, Email, "
        "Company, Status, Renkei_Id__c FROM Lead WHERE SystemModstamp <= 2026-04-01T01:00:01Z "
        "ORDER BY SystemModstamp ASC, Id ASC LIMIT 2000"
    )
    assert sato.payload["StageHistory"] == [
        ["Working - Contacted", "2026-03-20T02:00:00.000+0000"]
    ]  # since when it was open is not told, for this user does not see CreatedDate
    assert connector.session.quota.left == 15_000 - 119


def test_each_row_of_a_batch_has_its_own_fate(
    vendor: respx.MockRouter, connector: Connector
) -> None:
    sent = vendor.patch(f"{DATA}/composite/sobjects/Lead/Renkei_Id__c").mock(
        return_value=answer("upsert-leads")
    )
    person = {"LastName": "佐藤", "Company": "株式会社青空製作所"}
    outcomes = connector.push([Change("Lead", f"ld_{n}", person) for n in range(5)])
    done = {outcome.key: outcome for outcome in outcomes}
    assert (done["ld_0"].status, done["ld_0"].external_id) == (Status.CREATED, "00Q5h00000AbCdGEAV")
    assert done["ld_1"].status is Status.UPDATED
    missing, conflict, invalid = (done[f"ld_{n}"].error for n in (2, 3, 4))
    assert isinstance(missing, RecordRejected)
    assert (missing.code, missing.fields) == ("SALESFORCE_REQUIRED_FIELD_MISSING", ("Company",))
    assert isinstance(conflict, Conflict)
    assert conflict.existing_id == "00Q5h00000AbCdEEAV"
    assert isinstance(invalid, RecordRejected)
    assert invalid.code == "SALESFORCE_FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert "03-0000" not in str(invalid)
    body = json.loads(sent.calls.last.request.content)
    assert body["allOrNone"] is False
    assert body["records"][0] == {
        "attributes": {"type": "Lead"},
        **person,
        "Renkei_Id__c": "ld_0",
    }


def test_a_session_refused_after_a_new_sign_in_is_the_operators(
    vendor: respx.MockRouter, connector: Connector
) -> None:
    asked = vendor.get(f"{DATA}/queryAll").mock(return_value=answer("session-expired"))
    with pytest.raises(AuthFailed) as caught:
        list(connector.pull("Lead", None))
    assert asked.call_count == 2
    assert caught.value.code == "SALESFORCE_INVALID_SESSION_ID"


def test_a_fifteen_character_id_is_asked_for_in_full(
    vendor: respx.MockRouter, connector: Connector
) -> None:
    asked = vendor.get(f"{DATA}/queryAll").mock(return_value=answer("query-leads"))
    (record,) = connector.fetch("Lead", ["00Q5h00000AbCdE"])
    assert record.external_id == "00Q5h00000AbCdEEAV"
    assert asked.calls.last.request.url.params["q"].endswith(" IN ('00Q5h00000AbCdEEAV')")
