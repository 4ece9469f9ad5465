"""C46 to C50: one life cycle that goes both ways, counts alike everywhere and explains itself."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sync.config.model import PushConfig
from sync.engine.explain import explain
from sync.engine.views import status
from tests.journeys.complaints.conftest import EMAIL, FAMILIES, LEADS, ids, in_step


def to(world: Any, person: dict[str, str], stage: str) -> None:
    """Set the stage in kintone, and sync."""
    world.crm.edit_record(LEADS, person["crm"], {"ステージ": stage})
    world.settle()


def test_c46_a_stage_that_goes_back_goes_back_where_the_vendor_ignores_it(world: Any) -> None:
    person = in_step(world)
    world.ma.set_property("contacts", person["ma"], "lifecyclestage", "marketingqualifiedlead")
    world.settle()
    plain = {"lifecyclestage": "lead"}
    world.ma.write("contacts", plain, person["ma"])  # what the vendor does with such a write
    assert world.contacts()[0]["lifecyclestage"] == "marketingqualifiedlead"
    to(world, person, "ナーチャリング")
    assert world.lead(EMAIL).stage == "recycled"
    assert world.contacts()[0]["lifecyclestage"] == "lead"
    world.settle()
    assert [row["ステージ"] for row in world.crm_rows()] == ["ナーチャリング"]


def test_c47_the_furthest_stage_ever_reached_is_not_where_a_lead_stays(world: Any) -> None:
    person = in_step(world)
    for stage in ("SQL", "失注", "ナーチャリング", "MQL"):
        world.tick(days=1)
        to(world, person, stage)
    lead = world.lead(EMAIL)
    assert (lead.stage, lead.cycle) == ("mql", 2)
    assert world.contacts()[0]["lifecyclestage"] == "marketingqualifiedlead"
    assert world.sfa_rows()[0]["Status"] == "Open - Not Contacted"
    entered = [(row.stage, row.cycle) for row in world.stages(lead) if not row.inferred]
    assert entered[-4:] == [("sql", 1), ("lost", 1), ("recycled", 1), ("mql", 2)]


def test_c48_who_is_no_lead_stays_none_and_is_not_passed_on(world: Any) -> None:
    world.pushes["sfa"] = PushConfig(stream="Lead", create_when={"stage": ["mql", "tal", "tql"]})
    world.hub = world.open()
    lawyer = {"email": "bengoshi@hou.example", "lastname": "鈴木", "lifecyclestage": "other"}
    world.ma.add_contact(**lawyer)
    world.ma.add_contact(
        email=EMAIL, lastname="佐藤", lifecyclestage="marketingqualifiedlead", company="青空"
    )
    world.settle()
    assert world.lead("bengoshi@hou.example").stage == "disqualified"
    assert [row["Email"] for row in world.sfa_rows()] == [EMAIL]
    world.crm.edit_record(LEADS, ids(world, "bengoshi@hou.example")["crm"], {"役職": "弁護士"})
    world.settle()
    assert world.lead("bengoshi@hou.example").stage == "disqualified"
    assert len(world.sfa_rows()) == 1


def test_c49_every_system_counts_the_same_leads_in_a_stage(world: Any) -> None:
    people = [
        in_step(world, f"p{number}@c{number}.example", last=family, phone=None)
        for number, family in enumerate(FAMILIES)
    ]
    for number, person in enumerate(people):
        if number % 3 == 0:
            world.ma.set_property(
                "contacts", person["ma"], "lifecyclestage", "marketingqualifiedlead"
            )
        elif number % 3 == 1:
            world.crm.edit_record(LEADS, person["crm"], {"ステージ": "SQL"})
        elif number < 6:
            world.sfa.edit("Lead", person["sfa"], Status="Closed - Not Converted")
    world.settle()
    assert status(world.hub).by_stage == {"mql": 4, "sql": 3, "disqualified": 2, "inquiry": 1}
    crm = Counter(row["ステージ"] for row in world.crm_rows())
    assert crm == {"MQL": 4, "SQL": 3, "対象外": 2, "リード": 1}
    ma = Counter(row["lifecyclestage"] for row in world.contacts())
    assert ma == {
        "marketingqualifiedlead": 4,
        "salesqualifiedlead": 3,
        "other": 2,
        "lead": 1,
    }


def test_c50_why_a_lead_is_here_is_told_by_source_score_and_stage(world: Any) -> None:
    world.sfa.add_lead(LastName="佐藤", FirstName="花子", Company="（株）青空製作所", Email=EMAIL)
    in_step(world)
    found = explain(world.hub, world.lead(EMAIL).id)
    assert found is not None
    why = {story.field: story for story in found.fields}
    assert (why["lead_source"].value, why["lead_source"].connection) == ("google", "form")
    (match,) = [one for one in found.matches if one.reasons]
    assert match.score > 0
    assert abs(sum(points for _, points in match.reasons) - match.score) < 0.01
    assert [one.row.stage for one in found.stages] == ["inquiry"]
    assert found.stages[0].row.link_id
