"""Pushing: created once, written after what moved, and one bad field spoils only itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import (
    RecordGone,
    RecordRejected,
)
from connectors.kit.simulator import Fault
from connectors.salesforce import Connector
from connectors.salesforce.simulator import Simulator

Connecting = Callable[..., Connector]


def new(key: str = "ld_1", **values: Any) -> Change:
    return Change("Lead", key, {"LastName": "佐藤", "Company": "株式会社見本", **values})


def update(row: str, key: str = "ld_1", stream: str = "Lead", **values: Any) -> Change:
    return Change(stream, key, values, external_id=row)


def push(connector: Connector, *changes: Change) -> dict[str, Outcome]:
    outcomes = connector.push(changes)
    assert sorted(o.key for o in outcomes) == sorted(c.key for c in changes)
    return {outcome.key: outcome for outcome in outcomes}


def row(org: Simulator, row_id: str | None) -> dict[str, Any]:
    held = org.org.find(row_id)
    assert held is not None
    return held


def writes(org: Simulator) -> int:
    return sum(1 for seen in org.seen if "/composite/" in seen.path)


def codes(outcome: Outcome) -> dict[str, str]:
    return {name: error.code for name, error in outcome.refused.items()}


def test_a_new_lead_is_created_once(org: Simulator, connected: Connecting) -> None:
    first = push(connected(), new(Email="sato@a.example"))["ld_1"]
    assert first.status is Status.CREATED
    held = row(org, first.external_id)
    assert (held["Renkei_Id__c"], held["Email"]) == ("ld_1", "sato@a.example")
    again = push(connected(), new())["ld_1"]
    assert (again.status, again.external_id) == (Status.UPDATED, first.external_id)
    assert len(list(org.org.rows("Lead"))) == 1


def test_a_lost_answer_makes_no_second_lead(org: Simulator, connected: Connecting) -> None:
    connector = connected()
    push(connector, new("ld_0"))
    org.faults.append(Fault("/composite/", after=True))
    assert push(connector, new("ld_1"))["ld_1"].external_id
    assert len(list(org.org.rows("Lead"))) == 2


def test_a_known_record_is_updated_by_its_id_and_given_the_key(
    org: Simulator, connected: Connecting
) -> None:
    contact = org.add_contact(LastName="小林")
    done = push(connected(), update(contact[:15], stream="Contact", Title="部長", Phone=None))
    assert (done["ld_1"].status, done["ld_1"].external_id) == (Status.UPDATED, contact)
    assert row(org, contact)["Title"] == "部長"
    assert row(org, contact)["Renkei_Id__c"] == "ld_1"


def test_two_hundred_rows_are_one_call(org: Simulator, connected: Connecting) -> None:
    connector = connected()
    push(connector, *[new(f"ld_{n}") for n in range(200)])
    assert writes(org) == 1
    push(connector, *[new(f"ld_{n}") for n in range(200, 605)])
    assert writes(org) == 4


def test_creates_and_updates_of_both_objects_go_in_one_push(
    org: Simulator, connected: Connecting
) -> None:
    lead, contact = org.add_lead(), org.add_contact()
    done = push(
        connected(),
        new("ld_1"),
        update(lead, "ld_2", Title="課長"),
        update(contact, "ld_3", "Contact", Title="部長"),
        Change("Contact", "ld_4", {"LastName": "鈴木"}),
        Change("Account", "ld_5", {"Name": "株式会社見本"}, "001000000000001AAA"),
    )
    assert [done[f"ld_{n}"].status for n in (1, 2, 3, 4)] == [
        Status.CREATED,
        Status.UPDATED,
        Status.UPDATED,
        Status.CREATED,
    ]
    assert done["ld_5"].error is not None
    assert done["ld_5"].error.code == "SALESFORCE_STREAM"


def test_a_change_without_values_writes_nothing(org: Simulator, connected: Connecting) -> None:
    lead = org.add_lead()
    assert push(connected(), update(lead))["ld_1"].status is Status.UNCHANGED
    assert writes(org) == 0


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("No_Such__c", "値", "SALESFORCE_NO_SUCH_FIELD"),
        ("IsConverted", True, "SALESFORCE_READ_ONLY_FIELD"),
        ("Email", "佐藤@例え", "SALESFORCE_INVALID_EMAIL_ADDRESS"),
        ("FirstName", "長" * 41, "SALESFORCE_STRING_TOO_LONG"),
        ("Status", "対応中", "SALESFORCE_INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Status", "Closed - Converted", "SALESFORCE_CONVERTED_STATUS"),
        ("DoNotCall", "たぶん", "SALESFORCE_INVALID_TYPE_ON_FIELD_IN_RECORD"),
    ],
)
def test_a_bad_field_is_refused_and_the_rest_is_written(
    org: Simulator, connected: Connecting, field: str, value: Any, code: str
) -> None:
    known = org.add_lead()
    done = push(
        connected(),
        new("ld_1", Title="課長", **{field: value}),
        update(known, "ld_2", Title="部長", **{field: value}),
        new("ld_3"),
    )
    assert done["ld_1"].status is Status.CREATED
    assert done["ld_2"].status is Status.UPDATED
    assert codes(done["ld_1"]) == codes(done["ld_2"]) == {field: code}
    assert done["ld_3"].refused == {}
    assert row(org, done["ld_1"].external_id)["Title"] == "課長"
    assert row(org, known)["Title"] == "部長"


def test_several_bad_fields_of_one_row_are_all_named(org: Simulator, connected: Connecting) -> None:
    done = push(connected(), new(Email="x", FirstName="長" * 41, Nope__c=1, Title="課長"))["ld_1"]
    assert done.status is Status.CREATED
    assert set(done.refused) == {"Email", "FirstName", "Nope__c"}
    assert row(org, done.external_id)["Title"] == "課長"


def test_a_field_hidden_since_it_was_described_is_refused(
    org: Simulator, connected: Connecting
) -> None:
    connector = connected()
    push(connector, new("ld_0"))
    org.schema.hide_field("Lead", "Phone")
    done = push(connector, new(Phone="03-1234-5678", Title="課長"))["ld_1"]
    assert codes(done) == {"Phone": "SALESFORCE_INVALID_FIELD"}


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"Company": None}, "REQUIRED_FIELD_MISSING", "Company"),
        ({"LastName": "長" * 81}, "STRING_TOO_LONG", "LastName"),
    ],
)
def test_a_new_lead_without_what_it_needs_is_rejected(
    connected: Connecting, values: dict[str, Any], code: str, field: str
) -> None:
    done = push(connected(), new("ld_1", **values), new("ld_2"))
    error = done["ld_1"].error
    assert isinstance(error, RecordRejected)
    assert (error.code, error.fields) == (f"SALESFORCE_{code}", (field,))
    assert "長" not in str(error)
    assert done["ld_2"].status is Status.CREATED


def test_an_update_of_nothing_but_bad_fields_fails(org: Simulator, connected: Connecting) -> None:
    done = push(connected(), update(org.add_lead(), Nope__c=1))["ld_1"]
    assert isinstance(done.error, RecordRejected)
    assert done.error.fields == ("Nope__c",)
    assert done.status is Status.FAILED


def test_values_are_sent_as_the_field_wants_them(org: Simulator, connected: Connecting) -> None:
    at = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
    change = new(
        HasOptedOutOfEmail="true",
        DoNotCall=False,
        Renkei_Stage_At__c=at,
        Title=3,
        Description=["展示会", "資料請求"],
    )
    done = push(connected(), change)["ld_1"]
    held = row(org, done.external_id)
    assert (held["HasOptedOutOfEmail"], held["DoNotCall"], held["Title"]) == (True, False, "3")
    assert held["Renkei_Stage_At__c"] == "2026-04-01T09:30:00.000+0000"
    assert held["Description"] == "展示会;資料請求"
    push(connected(), update(done.external_id or "", HasOptedOutOfEmail=None))
    assert row(org, done.external_id)["HasOptedOutOfEmail"] is False


def test_a_converted_lead_is_written_at_its_contact(org: Simulator, connected: Connecting) -> None:
    lead = org.add_lead()
    contact = org.convert_lead(lead)["Contact"]
    change = update(
        lead, Title="部長", City="横浜市", Company="株式会社新社名", Status="Working - Contacted"
    )
    done = push(connected(), change)["ld_1"]
    assert (done.status, done.stream, done.external_id) == (Status.UPDATED, "Contact", contact)
    assert codes(done) == dict.fromkeys(("Company", "Status"), "SALESFORCE_CONVERTED_LEAD")
    held = row(org, contact)
    assert (held["Title"], held["MailingCity"], held["Renkei_Id__c"]) == ("部長", "横浜市", "ld_1")


def test_a_create_that_meets_a_converted_lead_is_written_at_its_contact(
    org: Simulator, connected: Connecting
) -> None:
    contact = org.convert_lead(org.add_lead(Renkei_Id__c="ld_1"))["Contact"]
    done = push(connected(), new(Title="部長"))["ld_1"]
    assert (done.status, done.stream, done.external_id) == (Status.UPDATED, "Contact", contact)
    assert row(org, contact)["Title"] == "部長"


def test_a_merged_record_is_written_at_the_winner(org: Simulator, connected: Connecting) -> None:
    winner, loser = org.add_lead(), org.add_lead()
    org.merge(winner, loser)
    done = push(connected(), update(loser, Title="部長"))["ld_1"]
    assert (done.status, done.stream, done.external_id) == (Status.UPDATED, None, winner)
    assert row(org, winner)["Title"] == "部長"


def test_a_deleted_record_is_gone(org: Simulator, connected: Connecting) -> None:
    gone, purged = org.add_lead(), org.add_lead()
    org.delete("Lead", gone)
    org.purge("Lead", purged)
    done = push(
        connected(),
        update(gone, "ld_1", Title="部長"),
        update(purged, "ld_2", Title="部長"),
        update("kaputt", "ld_3", Title="部長"),
    )
    for key in ("ld_1", "ld_2", "ld_3"):
        assert isinstance(done[key].error, RecordGone)
    assert done["ld_1"].external_id == gone


def test_a_reference_to_nothing_is_no_deletion(org: Simulator, connected: Connecting) -> None:
    nobody = "005000000000001AAA"
    known = org.add_lead()
    done = push(
        connected(), new("ld_1", OwnerId=nobody), update(known, "ld_2", OwnerId=nobody, Title="x")
    )
    assert isinstance(done["ld_1"].error, RecordRejected)
    assert isinstance(done["ld_2"].error, RecordRejected)
