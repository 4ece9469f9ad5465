"""Why a lead stands where it does is told to every system, in words, and so is a new record."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.salesforce.simulator_fields import Field
from tests.journeys.complaints.conftest import ruled

EMAIL = "tanaka@minato-shoji.example"


def lost_in_the_sfa(world: Any, reason: str) -> None:
    """A deal that is lost for a reason."""
    own = Field("Loss_Reason__c", "失注理由", "string", length=255, custom=True)
    world.sfa.schema.put_field("Opportunity", own)
    contact = world.sfa.add_contact(
        world.sfa.add_account("みなと商事株式会社"), LastName="田中", FirstName="実", Email=EMAIL
    )
    deal = world.sfa.add_opportunity(contact, "Negotiation/Review")
    world.settle()
    world.sfa.edit("Opportunity", deal, StageName="Closed Lost", Loss_Reason__c=reason)
    world.settle()


@pytest.mark.parametrize(
    ("language", "told"), [("ja", "価格"), ("en", "Price")], ids=["japanese", "english"]
)
def test_a_reason_of_the_list_is_written_as_people_call_it(
    world: Any, language: str, told: str
) -> None:
    before = world.config()
    hub = before.hub.model_copy(update={"language": language})
    world.config = lambda: before.model_copy(update={"hub": hub})
    world.hub = world.open()
    lost_in_the_sfa(world, "価格")
    assert world.stages(world.lead(EMAIL))[-1].reason_code == "price"
    assert [(row["ステージ"], row["失注理由"]) for row in world.crm_rows()] == [("失注", told)]


def test_a_reason_that_is_due_and_was_not_given_is_not_written(world: Any) -> None:
    lost_in_the_sfa(world, "")
    assert world.stages(world.lead(EMAIL))[-1].reason_code == "unstated"
    assert [(row["ステージ"], row["失注理由"]) for row in world.crm_rows()] == [("失注", "")]


def test_what_only_the_hub_writes_is_written_on_the_contact_that_a_lead_becomes(
    world: Any,
) -> None:
    own = {"renkei_stage": {"from": "Renkei_Stage__c", "direction": "push"}}
    for name in ("Lead", "Contact"):
        stage = Field("Renkei_Stage__c", "Renkei", "string", length=40, custom=True)
        world.sfa.schema.put_field(name, stage)
    ruled(world, fields={"sfa": {"Lead": {"fields": own}, "Contact": {"fields": own}}})
    world.submit(EMAIL, "田中", "実", company="みなと商事株式会社")
    world.settle()
    record = world.links(world.lead(EMAIL))["crm"].external_id
    world.crm.edit_record(5, record, {"ステージ": "SQL"})
    world.settle()
    (lead,) = world.sfa_rows()
    assert lead["Renkei_Stage__c"] == "sql"

    world.sfa.convert_lead(lead["Id"], opportunity=False)
    world.settle()
    assert world.lead(EMAIL).stage == "sql"
    assert [row["Renkei_Stage__c"] for row in world.sfa_rows("Contact")] == ["sql"]
