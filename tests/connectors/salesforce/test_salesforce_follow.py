"""Records that moved: converted leads, merged rows, and what belongs to what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.kit.base import Record, Ref
from connectors.kit.errors import ContractBroken
from connectors.salesforce import Connector
from connectors.salesforce.records import flatten
from connectors.salesforce.simulator import Field, Simulator

Connecting = Callable[..., Connector]


def pulled(connector: Connector, stream: str, cursor: str | None = None) -> list[Record]:
    return [record for page in connector.pull(stream, cursor) for record in page.records]


def test_a_converted_lead_comes_as_its_contact(
    org: Simulator, connected: Connecting, clock: Any
) -> None:
    lead = org.add_lead(LastName="佐藤", Email="sato@a.example")
    clock.pass_time(minutes=1)
    became = org.convert_lead(lead)
    (record,) = pulled(connected(), "Lead")
    assert (record.stream, record.external_id) == ("Contact", became["Contact"])
    assert record.previous_ids == (Ref("Lead", lead),)
    assert record.payload["Email"] == "sato@a.example"
    assert record.payload["ConvertedFromLead"]["ConvertedOpportunityId"] == became["Opportunity"]
    assert record.refs == (
        Ref("Account", became["Account"] or ""),
        Ref("Opportunity", became["Opportunity"] or ""),
    )
    flat = connected().flatten(record.stream, record.payload)
    assert flat["ConvertedFromLead.Id"] == lead
    (plain,) = pulled(connected(), "Contact")
    assert plain.external_id == record.external_id
    assert plain.version != record.version, "the hub must not take one for the other"
    (again,) = pulled(connected(), "Lead")
    assert again.version == record.version


def test_a_lead_converted_without_an_opportunity_has_none(
    org: Simulator, connected: Connecting
) -> None:
    org.convert_lead(org.add_lead(), opportunity=False)
    (record,) = pulled(connected(), "Lead")
    assert [ref.stream for ref in record.refs] == ["Account"]


def test_a_merged_lead_comes_as_the_winner(
    org: Simulator, connected: Connecting, clock: Any
) -> None:
    winner, loser = org.add_lead(LastName="佐藤"), org.add_lead(LastName="佐籐")
    clock.pass_time(minutes=1)
    org.merge(winner, loser)
    plain, moved = pulled(connected(), "Lead")
    assert (plain.external_id, plain.previous_ids) == (winner, ())
    assert (moved.external_id, moved.previous_ids) == (winner, (Ref("Lead", loser),))
    assert (moved.deleted, moved.payload["LastName"]) == (False, "佐藤")
    assert plain.version != moved.version


def test_mergers_and_conversions_are_followed_to_the_end(
    org: Simulator, connected: Connecting
) -> None:
    first, second, third = (org.add_lead() for _ in range(3))
    org.merge(second, first)
    org.merge(third, second)
    became = org.convert_lead(third)["Contact"] or ""
    other = org.add_contact()
    org.merge(other, became, "Contact")
    found = pulled(connected(), "Lead")
    assert {record.external_id for record in found} == {other}
    assert {record.stream for record in found} == {"Contact"}
    by_start = {record.previous_ids[0].external_id: record for record in found}
    assert by_start[first].previous_ids == (
        Ref("Lead", first),
        Ref("Lead", second),
        Ref("Lead", third),
        Ref("Contact", became),
    )
    assert set(by_start) == {first, second, third}
    assert len({record.version for record in found}) == 3


def test_a_lead_whose_contact_was_deleted_is_a_deleted_contact(
    org: Simulator, connected: Connecting
) -> None:
    lead = org.add_lead()
    contact = org.convert_lead(lead)["Contact"] or ""
    org.delete("Contact", contact)
    (record,) = pulled(connected(), "Lead")
    assert (record.external_id, record.deleted) == (contact, True)
    assert record.previous_ids == (Ref("Lead", lead),)
    org.purge("Contact", contact)
    (record,) = pulled(connected(), "Lead")
    assert (record.external_id, record.deleted) == (contact, True)


def test_following_a_whole_page_costs_a_handful_of_calls(
    org: Simulator, connected: Connecting
) -> None:
    for _ in range(60):
        org.convert_lead(org.add_lead())
    connector = connected()
    pulled(connector, "Contact")
    before = len(org.seen)
    assert len(pulled(connector, "Lead")) == 60
    assert len(org.seen) - before <= 4


def test_a_circle_of_mergers_is_no_loop(org: Simulator, connected: Connecting) -> None:
    one, two = org.add_lead(), org.add_lead()
    for row, master in ((one, two), (two, one)):
        held = org.org.find(row)
        assert held is not None
        org.org.put("Lead", {**held, "IsDeleted": True, "MasterRecordId": master})
    with pytest.raises(ContractBroken, match="circle"):
        pulled(connected(), "Lead")


def test_fetch_answers_for_every_id_that_was_asked(org: Simulator, connected: Connecting) -> None:
    kept, gone, lead = org.add_lead(), org.add_lead(), org.add_lead()
    org.delete("Lead", gone)
    contact = org.convert_lead(lead)["Contact"] or ""
    asked = [kept[:15], gone, lead, "00Q000000000009", "ungültig", contact]
    found = connected().fetch("Lead", asked)
    shown = {(r.stream, r.external_id, r.deleted, len(r.previous_ids)) for r in found}
    assert shown == {
        ("Lead", kept, False, 0),
        ("Lead", gone, True, 0),
        ("Contact", contact, False, 1),
        ("Contact", contact, False, 0),
        ("Lead", "00Q000000000009EAA", True, 0),
        ("Lead", "ungültig", True, 0),
    }


def test_more_ids_than_a_query_takes_are_fetched_in_parts(
    org: Simulator, connected: Connecting
) -> None:
    planted = [org.add_lead() for _ in range(405)]
    connector = connected()
    assert len(connector.fetch("Lead", planted)) == 405
    longest = max(len(seen.path) for seen in org.seen)
    assert longest < 100, "ids go in the query, not in the path"
    assert sum(1 for seen in org.seen if "queryAll" in seen.path) == 3


def test_an_opportunity_belongs_to_its_primary_contact_first(
    org: Simulator, connected: Connecting, clock: Any
) -> None:
    account = org.add_account("株式会社青空製作所")
    first, second = org.add_contact(account), org.add_contact(account)
    deal = org.add_opportunity(first, account=account, primary=False)
    clock.pass_time(seconds=5)
    org.add_role(deal, second, primary=True)
    (record,) = pulled(connected(), "Opportunity")
    assert record.refs == (
        Ref("Contact", second),
        Ref("Contact", first),
        Ref("Account", account),
    )
    (fetched,) = connected().fetch("Opportunity", [deal])
    assert fetched.refs == record.refs


def test_an_opportunity_without_roles_belongs_to_its_contact_field(
    org: Simulator, connected: Connecting
) -> None:
    contact = org.add_contact()
    org.add_opportunity(ContactId=contact)
    (record,) = pulled(connected(), "Opportunity")
    assert record.refs == (Ref("Contact", contact),)


def test_activities_belong_to_people_and_deals(org: Simulator, connected: Connecting) -> None:
    lead, contact = org.add_lead(), org.add_contact()
    deal = org.add_opportunity(contact)
    org.add_task(lead, TaskSubtype="Call", CallDurationInSeconds=180)
    org.add_task(contact, WhatId=deal)
    org.add_task()
    org.add_event(contact, DurationInMinutes=45)
    connector = connected()
    assert [record.refs for record in pulled(connector, "Task")] == [
        (Ref("Lead", lead),),
        (Ref("Contact", contact), Ref("Opportunity", deal)),
        (),
    ]
    (event,) = pulled(connector, "Event")
    assert event.refs == (Ref("Contact", contact),)
    assert connector.flatten("Event", event.payload)["DurationSeconds"] == 2700


@pytest.mark.parametrize(
    ("stage", "outcome"),
    [("Prospecting", "open"), ("Closed Won", "won"), ("Closed Lost", "lost")],
)
def test_a_deal_says_how_it_ended(
    org: Simulator, connected: Connecting, stage: str, outcome: str
) -> None:
    org.schema.put_field(
        "Opportunity", Field("Loss_Reason__c", "失注理由", "picklist", 255, custom=True)
    )
    org.add_opportunity(stage=stage, Loss_Reason__c="予算なし")
    (record,) = pulled(connected(), "Opportunity")
    flat = connected().flatten("Opportunity", record.payload)
    assert (flat["outcome"], flat["Loss_Reason__c"]) == (outcome, "予算なし")
    assert record.changed_at == datetime(2026, 4, 1, tzinfo=UTC)


def test_flat_fields_have_dotted_names_and_no_attributes() -> None:
    payload = {
        "attributes": {"type": "Contact"},
        "Id": "003",
        "Account": {"attributes": {}, "Name": "株式会社青空製作所", "Owner": {"Email": "a@b"}},
        "Owner": None,
    }
    assert flatten("Contact", payload) == {
        "Id": "003",
        "Account.Name": "株式会社青空製作所",
        "Account.Owner.Email": "a@b",
        "Owner": None,
    }
