"""The default field map reads and writes what a fresh org holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors import salesforce
from connectors.kit.base import Change, Status
from connectors.kit.manifest import read_yaml
from connectors.salesforce import Connector
from connectors.salesforce.simulator import Simulator
from mapping.fieldmap import Draft, FieldMap, compile_map

Connecting = Callable[..., Connector]
MAPS = read_yaml(Path(salesforce.__file__).parent / "fields.yaml")


def field_map(stream: str) -> FieldMap:
    return compile_map(MAPS[stream])


def draft(connector: Connector, stream: str) -> Draft:
    (record,) = [record for page in connector.pull(stream, None) for record in page.records]
    return field_map(stream).read(connector.flatten(record.stream, record.payload))


@pytest.mark.parametrize("stream", sorted(MAPS))
def test_every_mapped_field_is_read_from_the_org(
    connected: Connecting, org: Simulator, stream: str
) -> None:
    compiled = field_map(stream)
    asked = set(connected()._rows.fields(stream))
    made_here = {"outcome", "DurationSeconds", "CurrencyIsoCode", "Loss_Reason__c"}
    needed = {name for line in compiled.lines if line.pulls for name in line.reads}
    assert needed - asked <= made_here


def test_what_is_worked_out_is_described_beside_the_orgs_fields(
    connected: Connecting, org: Simulator
) -> None:
    deal = org.add_opportunity(stage="Closed Won")
    meeting = org.add_event(org.add_lead(), DurationInMinutes=30)
    connector = connected()
    for stream, own, name in (
        ("Opportunity", deal, "outcome"),
        ("Event", meeting, "DurationSeconds"),
    ):
        (record,) = connector.fetch(stream, [own])
        specs = {spec.name: spec for spec in connector.fields(stream)}
        assert name in connector.flatten(stream, record.payload)
        assert specs[name].writable is False


def test_a_lead_is_read(org: Simulator, connected: Connecting) -> None:
    org.add_lead(
        LastName="佐藤",
        FirstName="花子",
        Company="株式会社青空製作所",
        Email="Hanako.Sato@Aozora.example",
        Phone="03-1234-5678",
        State="神奈川県",
        LeadSource="Partner Referral",
        Status="Working - Contacted",
        HasOptedOutOfEmail=True,
    )
    read = draft(connected(), "Lead")
    assert read.problems == ()
    assert read.values["family_name"] == "佐藤"
    assert read.values["prefecture"] == "神奈川県"
    assert read.values["channel"] == "referral"
    assert read.values["consent.email.marketing"] == "denied"
    assert read.values["consent.phone.marketing"] == "unknown"
    assert read.values["owner"] == "renkei@example.co.jp"
    assert read.stage is not None
    assert read.stage.stages[0] == "tal"


def test_a_contact_takes_its_company_from_its_account(
    org: Simulator, connected: Connecting
) -> None:
    org.add_contact(org.add_account("株式会社青空製作所"), LastName="小林", DoNotCall=True)
    read = draft(connected(), "Contact")
    assert read.values["company"] == "株式会社青空製作所"
    assert read.values["consent.phone.marketing"] == "denied"


@pytest.mark.parametrize(
    ("stage", "meant"),
    [("Needs Analysis", "opportunity"), ("Closed Won", "won"), ("Closed Lost", "lost")],
)
def test_a_deal_is_read(org: Simulator, connected: Connecting, stage: str, meant: str) -> None:
    org.add_opportunity(stage=stage, Amount=1_500_000, Name="新規導入")
    read = draft(connected(), "Opportunity")
    assert read.problems == ()
    assert read.values["amount"] == 1_500_000
    assert read.stage is not None
    assert read.stage.stages == (meant,)


def test_calls_and_meetings_are_read(org: Simulator, connected: Connecting) -> None:
    lead = org.add_lead()
    org.add_task(lead, TaskSubtype="Call", CallDurationInSeconds=180, Status="Completed")
    org.add_event(lead, DurationInMinutes=30)
    call, meeting = draft(connected(), "Task"), draft(connected(), "Event")
    assert (call.values["activity"], call.values["duration_seconds"]) == ("call", 180)
    assert (meeting.values["activity"], meeting.values["duration_seconds"]) == ("meeting", 1800)
    assert call.problems == meeting.problems == ()


@pytest.mark.parametrize(
    ("consent", "opted_out"), [("denied", True), ("granted", False), ("unknown", False)]
)
def test_a_lead_is_written(
    org: Simulator, connected: Connecting, consent: str, opted_out: bool
) -> None:
    values: dict[str, Any] = {
        "family_name": "佐藤",
        "company": "株式会社青空製作所",
        "email": "hanako.sato@aozora.example",
        "prefecture": "神奈川県",
        "consent.email.marketing": consent,
    }
    written = field_map("Lead").write(values)
    assert written.problems == ()
    (outcome,) = connected().push([Change("Lead", "ld_1", written.values)])
    assert (outcome.status, dict(outcome.refused)) == (Status.CREATED, {})
    held = org.org.find(outcome.external_id)
    assert held is not None
    assert (held["State"], held["HasOptedOutOfEmail"]) == ("神奈川県", opted_out)


def test_no_stage_is_written_that_only_conversion_may_set() -> None:
    projection = field_map("Lead").stage
    assert projection is not None
    assert "Closed - Converted" not in projection.write.values()
    assert {"sql", "opportunity", "won", "lost"} & set(projection.write) == set()
