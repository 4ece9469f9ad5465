"""What happened before the hub: HubSpot and Salesforce tell it at their first word, once."""

from __future__ import annotations

from typing import Any

import pytest

from sync.engine.funnel import funnel, steps_of
from sync.engine.periods import span_of
from sync.store.database import from_iso

EMAIL = "tanaka@minato-shoji.example"
PERSON = {"LastName": "田中", "Company": "みなと商事株式会社", "Email": EMAIL}


def told(world: Any) -> list[tuple[str, str, str, bool]]:
    """(stage, day, rule, inferred) of the lead's stays."""
    return [
        (row.stage, from_iso(row.entered_at).date().isoformat(), row.rule or "", row.inferred)
        for row in world.stages(world.lead(EMAIL))
    ]


def entered(world: Any, month: str) -> dict[str, int]:
    hub = world.hub
    found = funnel(hub, steps_of(hub), span_of(month, month, "UTC"))
    return {one.step.code: one.entered for one in found.steps if one.entered}


@pytest.fixture
def contact(world: Any) -> str:
    """A contact who became an MQL in May and an SQL in June; the hub comes in July."""
    own: str = world.ma.add_contact(email=EMAIL, lastname="田中", lifecyclestage="lead")
    world.tick(days=40)
    world.ma.set_property("contacts", own, "lifecyclestage", "marketingqualifiedlead")
    world.tick(days=30)
    world.ma.set_property("contacts", own, "lifecyclestage", "salesqualifiedlead")
    world.tick(days=30)
    world.ma.set_property("contacts", own, "jobtitle", "部長")
    return own


LIFE = [
    ("inquiry", "2026-04-01", "told", False),
    ("mql", "2026-05-11", "told", False),
    ("tal", "2026-06-10", "told", True),
    ("tql", "2026-06-10", "told", True),
    ("sal", "2026-06-10", "told", False),
]


def test_hubspot_tells_when_a_contact_entered_each_stage(world: Any, contact: str) -> None:
    world.sync("ma")
    assert told(world) == LIFE
    lead = world.lead(EMAIL)
    assert (lead.stage, lead.stage_at[:10], lead.cycle) == ("sal", "2026-06-10", 1)
    first = world.stages(lead)[0]
    assert (first.system, first.link_id) == ("ma", f"ma/contacts/{contact}")
    assert entered(world, "2026-04") == {"inquiry": 1}
    assert entered(world, "2026-05") == {"mql": 1}
    assert entered(world, "2026-06") == {"tal": 1, "tql": 1, "sal": 1}


def test_a_second_pull_and_later_news_tell_nothing_again(world: Any, contact: str) -> None:
    world.sync("ma")
    world.ma.set_property("contacts", contact, "lifecyclestage", "opportunity")
    world.sync("ma", rounds=2)
    lines = told(world)
    assert lines[:5] == LIFE
    assert [line[0] for line in lines[5:]] == ["sql", "opportunity"]
    assert {line[2] for line in lines[5:]} == {""}


def only_read(world: Any) -> None:
    """Let the hub write nowhere."""
    world.pushes.clear()
    world.hub = world.open()


def test_a_lead_that_the_hub_knows_only_begins_earlier(world: Any, contact: str) -> None:
    assert contact
    only_read(world)
    world.submit(EMAIL, "田中", "実", company="みなと商事株式会社")
    world.sync("form")
    own = told(world)
    assert [line[0] for line in own] == ["inquiry"]
    before = world.stages(world.lead(EMAIL))
    world.sync("ma")
    assert len(world.leads()) == 1
    after = world.stages(world.lead(EMAIL))
    assert [line for line in told(world) if line[2] == "told"] == [
        ("inquiry", "2026-04-01", "told", False),
        ("mql", "2026-05-11", "told", False),
        ("sal", "2026-06-10", "told", False),
    ]
    seen = [row for row in after if row.rule is None]
    assert seen[0]._replace(exited_at=None) == before[0]
    assert [row.stage for row in seen] == ["inquiry", "mql", "tal", "tql", "sal"]
    assert [row.stage for row in after if row.exited_at is None] == ["sal"]
    assert world.lead(EMAIL).stage == "sal"


def test_a_record_that_was_written_to_first_tells_its_history_too(world: Any, contact: str) -> None:
    assert contact
    world.submit(EMAIL, "田中", "実", company="みなと商事株式会社")
    world.sync("form")  # is written to the contact of that mailbox
    world.sync("ma")
    assert ("inquiry", "2026-04-01", "told", False) in told(world)
    assert ("mql", "2026-05-11", "told", False) in told(world)


def test_salesforce_tells_a_leads_statuses(world: Any) -> None:
    own = world.sfa.add_lead(**PERSON)
    world.tick(days=40)
    world.sfa.edit("Lead", own, Status="Working - Contacted")
    world.tick(days=30)
    world.sfa.edit("Lead", own, Title="部長")
    world.sync("sfa", rounds=2)
    assert told(world) == [
        ("inquiry", "2026-04-01", "told", False),
        ("mql", "2026-05-11", "told", True),
        ("tal", "2026-05-11", "told", False),
    ]
    assert entered(world, "2026-05") == {"mql": 1, "tal": 1}


def test_salesforce_tells_when_a_deal_was_opened_and_won(world: Any) -> None:
    account = world.sfa.add_account("みなと商事株式会社")
    person = world.sfa.add_contact(account, LastName="田中", Email=EMAIL)
    deal = world.sfa.add_opportunity(person, account=account, Name="基幹刷新")
    world.tick(days=40)
    world.sfa.edit("Opportunity", deal, StageName="Closed Won")
    world.tick(days=30)
    world.sfa.edit("Opportunity", deal, Description="済")
    world.tick(days=1)
    world.sfa.edit("Contact", person, Title="部長")
    world.sync("sfa", rounds=2)
    assert world.lead(EMAIL).stage == "won"
    assert [line for line in told(world) if line[2] == "told"] == [
        ("opportunity", "2026-04-01", "told", False),
        ("won", "2026-05-11", "told", False),
    ]
    assert entered(world, "2026-04") == {"opportunity": 1}


def test_histories_that_are_hidden_from_the_user_are_done_without(world: Any) -> None:
    own = world.sfa.add_lead(**PERSON)
    world.tick(days=40)
    world.sfa.edit("Lead", own, Status="Working - Contacted")
    world.sfa.schema.hide_field("LeadHistory", "NewValue")
    world.sync("sfa")
    assert [line[0] for line in told(world)] == ["inquiry", "mql", "tal"]
    assert {line[2] for line in told(world)} == {""}


def test_both_systems_tell_one_life_whoever_is_heard_first(world: Any, contact: str) -> None:
    assert contact
    only_read(world)
    own = world.sfa.add_lead(**PERSON)
    world.tick(days=1)
    world.sfa.edit("Lead", own, Status="Working - Contacted")
    world.sync("sfa")
    world.sync("ma")
    firsts: dict[str, str] = {}
    for stage, at, _, inferred in told(world):
        if not inferred:
            firsts.setdefault(stage, at)
    assert (firsts["inquiry"], firsts["mql"], firsts["sal"]) == (
        "2026-04-01",
        "2026-05-11",
        "2026-06-10",
    )
    assert world.lead(EMAIL).stage == "sal"
