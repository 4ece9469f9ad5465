"""What stages.yaml says is what the engine does; own stages are stages like any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mapping.document import merge_documents
from mapping.fieldmap import compile_map
from sync.config.model import StagesConfig
from sync.config.positions import read_document
from sync.engine import edits, merging
from sync.engine.explain import explain
from sync.engine.funnel import funnel, steps_of
from sync.engine.replay import Period, replay
from sync.engine.timeline import timeline
from sync.engine.views import LeadView
from sync.store.database import Database
from tests.sync.engine.conftest import PLUGINS, Shelves
from tests.sync.engine.histories import SATO, SUZUKI, hear, hear_deal, owner

TRIAL = {
    "stages": {
        "trial": {"ja": "トライアル", "en": "Trial", "after": "sql"},
        "nurtured": {"ja": "育成", "en": "Nurtured", "after": "recycled"},
    }
}

Open = Callable[..., Shelves]


@pytest.fixture
def opened(database: Database, clock: Any) -> Open:
    """A hub whose company has these stages; shelves tell them by their codes."""

    def open_with(written: Mapping[str, Any]) -> Shelves:
        stages = StagesConfig.model_validate(written)
        shelves = Shelves(database, clock.pass_time, ["crm", "sfa"], stages)
        rules = shelves.hub.stage_rules
        default = read_document(PLUGINS / "shelf" / "fields.yaml").data["people"]
        own = {code: code for code in stages.stages}
        document = merge_documents(default, {"stage": {"read": own, "write": own}})
        for flow in shelves.hub.flows.values():
            flow.maps = {**flow.maps, "people": compile_map(document, kind="lead", rules=rules)}
        return shelves

    return open_with


def stays(shelves: Shelves, lead_id: str) -> list[str]:
    return [f"{one.stage}{'?' if one.inferred else ''}" for one in shelves.stages(lead_id)]


def test_nobody_is_inferred_at_a_stage_that_stages_yaml_leaves_out(opened: Open) -> None:
    shelves = opened({"optional": ["tal", "tql"]})
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "deal"})
    assert stays(shelves, lead) == ["inquiry?", "mql?", "sal?", "sql"]
    hear(shelves, "crm", "2", **{**SUZUKI, "status": "mql"})
    other = hear(shelves, "crm", "2", **{**SUZUKI, "status": "deal"})
    assert stays(shelves, other) == ["inquiry?", "mql", "sal?", "sql"]


def test_a_move_that_stages_yaml_allows_is_followed(opened: Open) -> None:
    shelves = opened({"transitions": {"won": ["opportunity", "disqualified"]}})
    hear(shelves, "crm", "1", **{**SATO, "status": "won"})
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "out"})
    assert stays(shelves, lead)[-1] == "disqualified"
    assert shelves.asides(kind="stage") == []


def test_a_move_that_stages_yaml_takes_away_is_set_aside(opened: Open) -> None:
    shelves = opened({"transitions": {"mql": ["tal"]}})
    hear(shelves, "crm", "1", **{**SATO, "status": "mql"})
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "out"})
    assert stays(shelves, lead)[-1] == "mql"
    assert [one.code for one in shelves.asides(kind="stage")] == ["FORBIDDEN_MOVE"]


def test_a_stage_of_ones_own_is_read_inferred_and_written(opened: Open) -> None:
    shelves = opened(TRIAL)
    shelves.at["crm"].put("1", **{**SATO, "status": "mql"})
    shelves.settle()
    ((sfa_id, _),) = shelves.at["sfa"].people.items()
    shelves.at["crm"].put("1", status="trial")
    shelves.settle()
    (lead,) = shelves.leads()
    assert lead.stage == "trial"
    assert shelves.at["sfa"].people[sfa_id]["status"] == "trial"
    assert stays(shelves, lead.id)[-5:] == ["tal?", "tql?", "sal?", "sql?", "trial"]
    shelves.at["sfa"].put(sfa_id, status="won")
    shelves.settle()
    assert stays(shelves, lead.id)[-3:] == ["trial", "opportunity?", "won"]
    assert shelves.at["crm"].people["1"]["status"] == "won"
    assert shelves.asides() == []


def test_a_stage_of_ones_own_that_is_skipped_is_inferred(opened: Open) -> None:
    shelves = opened(TRIAL)
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "won"})
    assert stays(shelves, lead)[-4:] == ["sql?", "trial?", "opportunity?", "won"]


def test_a_person_sets_a_stage_of_ones_own_and_all_systems_get_it(opened: Open) -> None:
    shelves = opened(TRIAL)
    shelves.at["crm"].put("1", **SATO)
    shelves.settle()
    (lead,) = shelves.leads()
    done = edits.set_stage(shelves.hub, lead.id, "nurtured", reason="長期", user="mori")
    assert done.stage == ("inquiry", "nurtured")
    shelves.settle()
    assert {row["status"] for one in shelves.at.values() for row in one.people.values()} == {
        "nurtured"
    }
    hear(shelves, "crm", "1", **{**SATO, "status": "mql"})
    assert [(one.stage, one.cycle) for one in shelves.stages(lead.id)][-1] == ("mql", 2)


def test_the_further_of_ones_own_stages_stands_when_two_leads_become_one(opened: Open) -> None:
    shelves = opened(TRIAL)
    one = hear(shelves, "crm", "1", **{**SATO, "status": "deal"})
    other = hear(shelves, "sfa", "2", **{**SUZUKI, "status": "trial"})
    merging.merge(shelves.hub, one, other, user="mori")
    (lead,) = shelves.leads()
    assert lead.stage == "trial"
    merging.unmerge(shelves.hub, lead.id, user="mori")
    assert sorted(one.stage for one in shelves.leads()) == ["sql", "trial"]


def test_a_record_that_is_split_off_stands_at_its_own_stage(opened: Open) -> None:
    shelves = opened(TRIAL)
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "new"})
    hear(shelves, "sfa", "2", **{**SATO, "status": "trial"})
    merging.split(shelves.hub, lead, ["sfa/people/2"], user="mori")
    apart = owner(shelves, "sfa/people/2")
    assert apart != lead
    assert stays(shelves, apart)[-1] == "trial"


def test_a_deal_and_a_stage_of_ones_own_behind_it_get_on(opened: Open) -> None:
    shelves = opened(
        {"stages": {"contract": {"ja": "契約", "en": "Contract", "after": "opportunity"}}}
    )
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "contract"})
    hear_deal(shelves, "crm", "d1", "1", name="基幹", outcome="open")
    assert shelves.asides(kind="stage") == []
    assert stays(shelves, lead)[-1] == "contract"
    hear_deal(shelves, "crm", "d1", "1", name="基幹", outcome="won")
    assert stays(shelves, lead)[-1] == "won"


def test_a_stage_of_ones_own_is_a_step_of_the_funnel_and_told_in_the_story(opened: Open) -> None:
    shelves = opened(TRIAL)
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "trial"})
    other = hear(shelves, "crm", "2", **{**SUZUKI, "status": "trial"})
    edits.set_stage(shelves.hub, other, "nurtured", reason="長期", user="mori")
    found = funnel(shelves.hub, steps_of(shelves.hub))
    steps = {one.step.code: (one.now, one.entered, one.went_on) for one in found.steps}
    assert steps["sql"] == (0, 2, 2)
    assert steps["trial"] == (1, 2, 0)
    assert found.aside["nurtured"] == 1
    assert [(one.before, one.stage) for one in found.back] == [("trial", "nurtured")]
    told = explain(shelves.hub, lead)
    assert told is not None
    assert told.stages[-1].row.stage == "trial"
    (row,) = [one for one in shelves.leads() if one.id == lead]
    view = LeadView(row, stages=tuple(shelves.stages(lead)))
    assert [one.what["stage"] for one in timeline(view) if one.kind == "stage"][-1] == "trial"


def test_a_lead_at_a_stage_that_was_taken_out_harms_nothing_and_is_counted(opened: Open) -> None:
    shelves = opened(TRIAL)
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "trial"})
    without = opened({})
    hear(without, "crm", "1", **{**SATO, "status": "won"})
    assert stays(without, lead)[-1] == "trial"
    assert [one.code for one in without.asides(kind="stage")] == ["FORBIDDEN_MOVE"]
    assert funnel(without.hub, steps_of(without.hub)).aside["trial"] == 1
    edits.set_stage(without.hub, lead, "sql", reason="段階を廃止", user="mori")
    assert without.asides(kind="stage") == []
    assert Counter(one.stage for one in without.leads()) == {"sql": 1}


def test_the_purchase_funnel_has_the_companys_steps(opened: Open) -> None:
    written = {
        **TRIAL,
        "purchase": [
            {"ja": "検討", "en": "Looking at it", "stages": ["sql", "trial"]},
            {"ja": "購入", "en": "Bought", "stages": ["won"]},
        ],
    }
    shelves = opened(written)
    hear(shelves, "crm", "1", **{**SATO, "status": "trial"})
    hear(shelves, "crm", "2", **{**SUZUKI, "status": "won"})
    found = funnel(shelves.hub, steps_of(shelves.hub, "purchase"))
    assert [(one.step.code, one.step.ja, one.now, one.entered) for one in found.steps] == [
        ("looking_at_it", "検討", 1, 2),
        ("bought", "購入", 1, 1),
    ]


def test_a_reason_of_ones_own_is_known_by_its_name(opened: Open) -> None:
    card = {"exhibition_only": {"ja": "名刺交換のみ", "en": "Card exchange only"}}
    shelves = opened({"reasons": {"recycled": card}})
    lead = hear(shelves, "crm", "1", **{**SATO, "status": "mql"})
    edits.set_stage(shelves.hub, lead, "recycled", reason="名刺交換のみ", user="mori")
    (*_, last) = shelves.stages(lead)
    assert (last.reason_code, last.reason_text) == ("exhibition_only", None)


def test_a_replay_judges_by_the_companys_rules(opened: Open) -> None:
    usual = opened({})
    hear(usual, "crm", "1", **{**SATO, "status": "won"})
    hear(usual, "crm", "1", **{**SATO, "status": "out"})
    ever = Period("2000-01-01", "2100-01-01")
    assert replay(usual.hub, ever).counts["moves"] == 0
    allowing = opened({"transitions": {"won": ["opportunity", "disqualified"]}})
    assert replay(allowing.hub, ever).counts["moves"] == 1
