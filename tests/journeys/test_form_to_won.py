"""One lead from a form's answer to 受注, and another to 失注, seen by every system."""

from __future__ import annotations

from typing import Any

from connectors.salesforce.simulator_fields import Field

EMAIL = "tanaka@minato-shoji.example"


def crm_stage(world: Any, email: str = EMAIL) -> str:
    (row,) = [row for row in world.crm_rows() if row["メールアドレス"] == email]
    return str(row["ステージ"])


def ma_stage(world: Any, email: str = EMAIL) -> str:
    (row,) = [row for row in world.contacts() if row["email"] == email]
    return str(row["lifecyclestage"])


def stage(world: Any, email: str = EMAIL) -> str:
    return str(world.lead(email).stage)


def test_a_lead_goes_from_a_form_answer_to_won_in_every_system(world: Any) -> None:
    world.submit(EMAIL, "田中", "実", company="みなと商事株式会社")
    world.settle()
    assert (stage(world), crm_stage(world), ma_stage(world)) == ("inquiry", "リード", "lead")

    # marketing raises it in HubSpot
    contact = world.links(world.lead(EMAIL))["ma"].external_id
    world.ma.set_property("contacts", contact, "lifecyclestage", "marketingqualifiedlead")
    world.settle()
    assert (stage(world), crm_stage(world)) == ("mql", "MQL")

    # inside sales reaches them, in kintone
    record = world.links(world.lead(EMAIL))["crm"].external_id
    world.crm.edit_record(5, record, {"ステージ": "TQL"})
    world.settle()
    assert stage(world) == "tql"
    assert world.sfa_rows()[0]["Status"] == "Working - Contacted"

    # field sales converts the lead in Salesforce and opens a deal
    lead_id = world.links(world.lead(EMAIL))["sfa"].external_id
    world.sfa.convert_lead(lead_id)
    world.settle()
    assert stage(world) == "opportunity"
    assert crm_stage(world) == "商談"
    assert world.links(world.lead(EMAIL))["sfa"].stream == "Contact"
    assert len(world.leads()) == 1

    # and wins it
    (deal,) = world.sfa_rows("Opportunity")
    world.sfa.edit("Opportunity", deal["Id"], StageName="Closed Won")
    world.settle()
    assert (stage(world), crm_stage(world), ma_stage(world)) == ("won", "受注", "customer")

    codes = [row.stage for row in world.stages(world.lead(EMAIL))]
    assert codes[0] == "inquiry"
    assert codes[-1] == "won"
    assert codes.index("mql") < codes.index("tql") < codes.index("opportunity")
    assert {row.system for row in world.stages(world.lead(EMAIL)) if row.stage == "won"} == {"sfa"}


def test_a_lead_lost_in_the_sfa_shows_it_in_the_crm_with_time_system_and_reason(
    world: Any,
) -> None:
    reasons = Field("Loss_Reason__c", "失注理由", "string", length=255, custom=True)
    world.sfa.schema.put_field("Opportunity", reasons)
    account = world.sfa.add_account("みなと商事株式会社")
    contact = world.sfa.add_contact(account, LastName="田中", FirstName="実", Email=EMAIL)
    deal = world.sfa.add_opportunity(contact, "Negotiation/Review", account=account)
    world.settle()
    assert (stage(world), crm_stage(world)) == ("opportunity", "商談")

    world.sfa.edit("Opportunity", deal, StageName="Closed Lost", Loss_Reason__c="予算が合わない")
    lost_at = world.now()
    world.settle()
    assert (stage(world), crm_stage(world)) == ("lost", "失注")
    (row,) = [row for row in world.stages(world.lead(EMAIL)) if row.stage == "lost"]
    assert row.system == "sfa"
    assert row.entered_at[:16] == lost_at.isoformat()[:16]
    assert row.reason_text == "予算が合わない"
    assert [row["失注理由"] for row in world.crm_rows()] == ["予算が合わない"]


def test_an_opt_out_in_one_system_reaches_the_others(world: Any) -> None:
    world.submit(EMAIL, "田中", "実", company="みなと商事株式会社")
    world.settle()
    record = world.links(world.lead(EMAIL))["crm"].external_id
    world.crm.edit_record(5, record, {"メール配信": "拒否"})
    world.settle()
    assert world.lead(EMAIL).fields["consent.email.marketing"] == "denied"
    assert world.sfa_rows()[0]["HasOptedOutOfEmail"] is True
