"""Stages that are entered with evidence only: what waits for it, and moves when it is there."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sync.config.model import StagesConfig
from sync.engine import edits, merging
from sync.engine.hub import open_hub
from sync.store.database import Database, from_iso
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.histories import SATO, hear, hear_deal

EVIDENCE = {"evidence": {"sql": ["title", "department"]}}
PROOF = {"title": "部長", "department": "情報システム部"}
Open = Callable[..., Shelves]


@pytest.fixture
def opened(database: Database, clock: Any) -> Open:
    """A hub whose company has these stages."""

    def open_with(**written: Any) -> Shelves:
        stages = StagesConfig.model_validate({**EVIDENCE, **written})
        return Shelves(database, clock.pass_time, ["crm", "sfa"], stages)

    return open_with


def fill(shelves: Shelves, lead: str, **values: str) -> Any:
    shelves.tick(minutes=5)
    return edits.edit_lead(shelves.hub, lead, values or PROOF, user="mori")


def stays(shelves: Shelves, lead: str) -> list[str]:
    return [f"{one.stage}{'?' if one.inferred else ''}" for one in shelves.stages(lead)]


def codes(shelves: Shelves) -> list[str]:
    return [one.code for one in shelves.asides(kind="stage")]


def test_a_move_without_evidence_waits_and_nothing_else_of_the_record_does(opened: Open) -> None:
    shelves = opened()
    hear(shelves, "crm", "1", **{**SATO, "status": "talking"})
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "deal", "title": "課長", "mail": "no"})
    assert stays(shelves, lead)[-1] == "tal"
    (row,) = shelves.leads()
    assert (row.fields["title"], row.fields["consent.email.marketing"]) == ("課長", "denied")
    (item,) = shelves.asides(kind="stage")
    assert (item.code, item.lead_id, item.field) == ("EVIDENCE_MISSING", lead, "stage")
    assert "department" in item.fix
    assert "title" not in item.fix


def test_the_move_is_made_when_the_fields_are_there_and_keeps_what_counted(opened: Open) -> None:
    shelves = opened()
    shelves.at["crm"].put("1", **{**SATO, "status": "talking"})
    shelves.settle()
    (row,) = shelves.leads()
    shelves.at["crm"].put("1", status="deal")
    shelves.settle()
    assert {one["status"] for one in shelves.at["crm"].people.values()} == {"deal"}
    said_at = shelves.asides(kind="stage")[0].last_at
    done = fill(shelves, row.id, title="部長")
    assert (done.stage, codes(shelves)) == (None, ["EVIDENCE_MISSING"])
    done = fill(shelves, row.id, department="情報システム部")
    assert done.stage == ("tal", "sql")
    assert "sfa" in done.owed
    assert codes(shelves) == []
    last = shelves.stages(row.id)[-1]
    assert (last.stage, last.system, last.override_by) == ("sql", "crm", None)
    assert from_iso(last.entered_at) > from_iso(said_at) + timedelta(minutes=4)
    assert [(one["name"], one["saw"]) for one in json.loads(last.inputs)] == list(PROOF.items())
    assert shelves.stages(row.id)[-2].inputs is None
    shelves.settle()
    assert {one["status"] for one in shelves.at["sfa"].people.values()} == {"deal"}
    shelves.at["crm"].put("1", status="won")
    shelves.settle()
    assert stays(shelves, row.id)[-1] == "won"


def test_a_record_that_brings_stage_and_evidence_moves_at_once(opened: Open) -> None:
    shelves = opened(evidence={"sql": ["title"]})
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "deal", "title": "部長"})
    assert stays(shelves, lead)[-1] == "sql"
    assert codes(shelves) == []


def test_a_first_word_without_evidence_makes_an_inquiry_that_moves_later(opened: Open) -> None:
    shelves = opened(evidence={"sql": ["title"]})
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "deal"})
    assert stays(shelves, lead) == ["inquiry"]
    hear(shelves, "sfa", "2", **{**SATO, "title": "部長"})
    assert stays(shelves, lead)[-2:] == ["sal?", "sql"]
    assert codes(shelves) == []


def test_a_deal_waits_for_evidence_too(opened: Open) -> None:
    shelves = opened()
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "mql"})
    hear_deal(shelves, "crm", "d1", "1", name="基幹", outcome="open")
    assert (stays(shelves, lead)[-1], codes(shelves)) == ("mql", ["EVIDENCE_MISSING"])
    fill(shelves, lead)
    assert (stays(shelves, lead)[-1], codes(shelves)) == ("opportunity", [])


def test_the_last_word_of_a_deal_is_what_waits(opened: Open) -> None:
    shelves = opened()
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "mql"})
    hear_deal(shelves, "crm", "d1", "1", name="基幹", outcome="open")
    hear_deal(shelves, "crm", "d1", "1", name="基幹", outcome="won")
    fill(shelves, lead)
    assert (stays(shelves, lead)[-1], codes(shelves)) == ("won", [])


def test_a_person_needs_no_evidence_and_ends_the_waiting(opened: Open) -> None:
    shelves = opened()
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "deal"})
    edits.set_stage(shelves.hub, lead, "sql", reason="電話で確認", user="mori")
    assert (stays(shelves, lead)[-1], codes(shelves)) == ("sql", [])


def test_a_system_that_takes_its_word_back_ends_the_waiting(opened: Open) -> None:
    shelves = opened()
    hear(shelves, "crm", "1", **{**SATO, "status": "talking"})
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "deal"})
    hear(shelves, "crm", "1", **{**SATO, "status": "talking"})
    assert codes(shelves) == []
    fill(shelves, lead)
    assert stays(shelves, lead)[-1] == "tal"


def test_what_has_been_overtaken_does_not_come_back(opened: Open) -> None:
    shelves = opened()
    hear(shelves, "crm", "1", **{**SATO, "status": "talking"})
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "deal"})
    shelves.tick(minutes=1)
    edits.set_stage(shelves.hub, lead, "disqualified", reason="競合", user="mori")
    fill(shelves, lead)
    assert stays(shelves, lead)[-1] == "disqualified"


def test_a_rule_fires_once_its_stage_has_its_evidence(opened: Open) -> None:
    shelves = opened(
        qualification=[
            {
                "id": "named",
                "from": "mql",
                "to": "sql",
                "when": {"field": "company", "filled": True},
            }
        ]
    )
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "mql"})
    assert stays(shelves, lead)[-1] == "mql"
    fill(shelves, lead)
    last = shelves.stages(lead)[-1]
    assert (last.stage, last.rule) == ("sql", "named")
    assert {one["name"] for one in json.loads(last.inputs)} == {"company", *PROOF}


def test_a_record_that_is_split_off_stands_where_it_stood(opened: Open) -> None:
    shelves = opened(evidence={"sql": ["title"]})
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "new", "title": "部長"})
    hear(shelves, "sfa", "2", **{**SATO, "status": "deal"})
    assert stays(shelves, lead)[-1] == "sql"
    merging.split(shelves.hub, lead, ["sfa/people/2"], user="mori")
    assert sorted(one.stage for one in shelves.leads()) == ["sql", "sql"]


def reopen(shelves: Shelves, **written: Any) -> None:
    """The hub starts anew with other stages."""
    stages = StagesConfig.model_validate(written)
    shelves.hub = open_hub(
        shelves.config.model_copy(update={"stages": stages}), database=shelves.database
    )


def test_evidence_that_is_no_longer_asked_for_lets_go_what_waited(opened: Open) -> None:
    shelves = opened()
    shelves.at["crm"].put("1", **{**SATO, "status": "talking"})
    shelves.settle()
    shelves.at["crm"].put("1", status="deal")
    shelves.settle()
    (lead,) = shelves.leads()
    reopen(shelves, **EVIDENCE)
    shelves.settle()
    assert (stays(shelves, lead.id)[-1], codes(shelves)) == ("tal", ["EVIDENCE_MISSING"])
    reopen(shelves)
    shelves.settle()
    assert (stays(shelves, lead.id)[-1], codes(shelves)) == ("sql", [])
    assert {row["status"] for row in shelves.at["sfa"].people.values()} == {"deal"}


def test_a_move_that_stages_yaml_has_come_to_allow_is_made(opened: Open) -> None:
    shelves = opened()
    shelves.at["crm"].put("1", **{**SATO, **PROOF, "status": "won"})
    shelves.settle()
    (lead,) = shelves.leads()
    fill(shelves, lead.id)
    edits.set_stage(shelves.hub, lead.id, "won", reason="受注", user="mori")
    shelves.settle()
    shelves.at["crm"].put("1", status="out")
    shelves.settle()
    assert (stays(shelves, lead.id)[-1], codes(shelves)) == ("won", ["FORBIDDEN_MOVE"])
    reopen(shelves, transitions={"won": ["opportunity", "disqualified"]})
    shelves.settle()
    assert (stays(shelves, lead.id)[-1], codes(shelves)) == ("disqualified", [])
    assert len([one for one in shelves.stages(lead.id) if one.stage == "disqualified"]) == 1


def test_a_move_that_is_allowed_now_may_still_lack_evidence(opened: Open) -> None:
    shelves = opened(evidence={}, transitions={"sal": ["recycled"]})
    shelves.at["crm"].put("1", **{**SATO, "status": "talking"})
    shelves.settle()
    shelves.at["crm"].put("1", status="deal")
    shelves.settle()
    (lead,) = shelves.leads()
    assert codes(shelves) == ["FORBIDDEN_MOVE"]
    reopen(shelves, **EVIDENCE)
    shelves.settle()
    assert codes(shelves) == ["EVIDENCE_MISSING"]
    fill(shelves, lead.id)
    assert (stays(shelves, lead.id)[-1], codes(shelves)) == ("sql", [])


def test_a_deal_that_is_open_again_does_not_become_won_later(opened: Open) -> None:
    shelves = opened(evidence={"won": ["title"]})
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "mql"})
    for outcome in ("open", "won", "open"):
        hear_deal(shelves, "crm", "d1", "1", name="基幹", outcome=outcome)
    assert codes(shelves) == []
    fill(shelves, lead)
    assert stays(shelves, lead)[-1] == "opportunity"
