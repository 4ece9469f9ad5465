"""Stages, moves and reasons of a company's own: where they stand and what follows from it."""

from __future__ import annotations

import pytest

from mapping.own_stages import Own, OwnStage, rules_of, unreached
from mapping.stage_rules import StageRules
from mapping.stage_words import REASONS, TRANSITIONS, Reason
from mapping.stages import (
    Observation,
    StageState,
    deal_observation,
    decide_stage,
    merge_states,
    override,
)
from mapping.steps import own_steps, stage_steps

NOW = "2026-11-10T09:00:00Z"


def own(
    *stages: tuple[str, str], optional: set[str] | None = None, **moves: set[str]
) -> StageRules:
    made = tuple(OwnStage(code, f"{code}の段階", code.title(), after) for code, after in stages)
    after = {stage: frozenset(to) for stage, to in moves.items()}
    return rules_of(Own(made, after, optional=frozenset(optional or ())))


def way(rules: StageRules, present: str | None, *said: str, **more: object) -> list[str] | str:
    """The stages entered, or why none was."""
    state = StageState(present, 1, "2026-11-05T09:00:00Z") if present else None
    decision = decide_stage(state, Observation(said, NOW, "crm", **more), rules)  # type: ignore[arg-type]  # by name
    return decision.refused or [one.stage for one in decision.entries]


TRIAL = own(("trial", "sql"))


def test_a_stage_of_ones_own_stands_behind_another_in_every_order() -> None:
    assert TRIAL.path[-3:] == ("sql", "trial", "opportunity")
    read = list(TRIAL.stages)
    assert read[read.index("sql") + 1] == "trial"
    assert TRIAL.rank("sql") < TRIAL.rank("trial") < TRIAL.rank("opportunity")
    assert [one.rank for one in sorted(TRIAL.stages.values(), key=lambda one: one.rank)] == [
        *range(15)
    ]


@pytest.mark.parametrize(
    ("present", "said", "entered"),
    [
        pytest.param("sql", "trial", ["trial"], id="the next stage"),
        pytest.param("mql", "trial", ["tal", "tql", "sal", "sql", "trial"], id="on the way there"),
        pytest.param("sql", "won", ["trial", "opportunity", "won"], id="inferred when skipped"),
        pytest.param("trial", "opportunity", ["opportunity"], id="onward"),
        pytest.param("trial", "recycled", ["recycled"], id="handed back"),
        pytest.param("trial", "lost", ["lost"], id="lost as from sql"),
        pytest.param("trial", "sql", "FORBIDDEN_MOVE", id="not back"),
        pytest.param("recycled", "trial", ["mql", "tal", "tql", "sal", "sql", "trial"], id="again"),
        pytest.param(
            None, "trial", ["inquiry", "mql", "tal", "tql", "sal", "sql", "trial"], id="new"
        ),
    ],
)
def test_its_moves_follow_from_its_place(
    present: str | None, said: str, entered: list[str] | str
) -> None:
    assert way(TRIAL, present, said, first=present is None) == entered


def test_moves_that_are_written_win() -> None:
    rules = own(("trial", "sql"), trial={"opportunity"})
    assert way(rules, "trial", "recycled") == "FORBIDDEN_MOVE"
    assert way(rules, "trial", "opportunity") == ["opportunity"]


def test_stages_behind_one_another_stand_in_the_order_they_are_written() -> None:
    rules = own(("demo", "sql"), ("trial", "sql"), ("audit", "demo"))
    assert rules.path[5:] == ("sql", "demo", "audit", "trial", "opportunity")
    assert way(rules, "sql", "opportunity") == ["demo", "audit", "trial", "opportunity"]
    assert way(rules, "trial", "demo") == "FORBIDDEN_MOVE"


def test_a_recycled_lead_is_not_taken_to_a_stage_in_front_of_mql() -> None:
    rules = own(("engaged", "inquiry"))
    assert way(rules, "inquiry", "mql") == ["engaged", "mql"]
    assert way(rules, "recycled", "mql") == ["mql"]
    assert way(rules, "recycled", "engaged") == "FORBIDDEN_MOVE"


def test_a_stage_beside_the_way_is_entered_and_left_like_the_one_it_stands_behind() -> None:
    rules = own(("nurtured", "recycled"))
    assert "nurtured" not in rules.path
    assert way(rules, "sal", "nurtured") == ["nurtured"]
    assert way(rules, "recycled", "nurtured") == ["nurtured"]
    assert way(rules, "nurtured", "tal") == ["mql", "tal"]
    assert way(rules, "sal", "sql", "nurtured") == ["sql"]
    assert way(rules, "opportunity", "sql", "nurtured") == "FORBIDDEN_MOVE"
    assert rules.back == ("recycled", "lost", "dormant", "disqualified", "nurtured")


def test_a_lead_at_such_a_stage_begins_a_new_cycle_when_it_is_worked_on() -> None:
    rules = own(("nurtured", "recycled"))
    rested = StageState("nurtured", 1, "2026-11-05T09:00:00Z")
    decision = decide_stage(rested, Observation(("mql",), NOW, "crm"), rules)
    assert decision.state is not None
    assert decision.state.cycle == 2
    by_hand = override(rested, "sql", at=NOW, user="mori", reason="再開", rules=rules)
    assert by_hand.state is not None
    assert by_hand.state.cycle == 2


def test_a_stage_behind_the_order_is_on_nobodys_way_to_it() -> None:
    rules = own(("onboarding", "won"))
    assert way(rules, "sql", "won") == ["opportunity", "won"]
    assert way(rules, "opportunity", "onboarding") == ["won", "onboarding"]
    assert way(rules, "onboarding", "customer") == ["customer"]


def test_an_open_deal_says_nothing_of_a_lead_that_stands_behind_opportunity() -> None:
    rules = own(("contract", "opportunity"))
    state = StageState("contract", 1, "2026-11-05T09:00:00Z")
    opened = deal_observation("opportunity", at=NOW, system="crm")
    assert decide_stage(state, opened, rules).refused is None
    assert decide_stage(state, opened, rules).state == state
    lost = deal_observation("lost", at=NOW, system="crm", reason="価格")
    assert [one.stage for one in decide_stage(state, lost, rules).entries] == ["lost"]
    assert way(rules, "sql", "won") == ["opportunity", "contract", "won"]


@pytest.mark.parametrize(
    ("unused", "present", "said", "entered"),
    [
        pytest.param({"tql"}, "tal", "sal", ["sal"], id="tal to sal"),
        pytest.param({"tal", "tql"}, "mql", "sql", ["sal", "sql"], id="two left out"),
        pytest.param({"sql"}, "sal", "lost", ["lost"], id="side exits, too"),
        pytest.param({"mql", "tal"}, "recycled", "tql", ["tql"], id="back in"),
        pytest.param({"mql"}, "dormant", "tal", ["tal"], id="won back"),
        pytest.param({"tal"}, "mql", "tal", ["tal"], id="a system says it all the same"),
    ],
)
def test_a_stage_that_is_not_used_is_passed_over(
    unused: set[str], present: str, said: str, entered: list[str]
) -> None:
    assert way(own(optional=unused), present, said) == entered


def test_a_way_that_written_moves_close_is_found() -> None:
    assert list(unreached(own(tql={"recycled"}))) == [("sal", "tql")]
    assert list(unreached(own(("trial", "sql"), sql={"opportunity"}))) == [("trial", "sql")]
    assert list(unreached(own(("trial", "sql"), sql={"opportunity"}, optional={"trial"}))) == []
    closed = {stage: set(after) - {"x"} for stage, after in TRANSITIONS.items()}
    assert list(unreached(own(("x", "won"), **closed))) == [("x", None)]


def test_stages_are_renamed_and_keep_their_code_and_place() -> None:
    rules = rules_of(Own((OwnStage("mql", "有望リード"),)))
    assert rules.name("mql", "ja") == "有望リード"
    assert rules.name("mql", "en") == "MQL"
    assert rules.name("gone", "en") == "gone"
    assert rules.transitions == TRANSITIONS
    with pytest.raises(Exception, match="not a stage") as wrong:
        rules.check("有望リード")
    assert "mql" in wrong.value.hint  # type: ignore[attr-defined]  # MappingError has one


def test_reasons_are_added_in_front_of_other_and_renamed_by_their_code() -> None:
    card = Reason("exhibition_only", "名刺交換のみ", "Card exchange only")
    price = Reason("price", "価格面", "Too dear")
    rules = rules_of(Own(reasons={"recycled": [card], "lost": [price], "sal": [card]}))
    assert [*rules.reasons["recycled"]][-3:] == ["exhibition_only", "other", "unstated"]
    assert rules.reason_of("recycled", "名刺交換のみ") == ("exhibition_only", None)
    assert rules.reason_of("lost", "Too dear") == ("price", None)
    assert rules.reason_of("lost", "価格") == ("other", "価格")
    assert rules.reason_name("lost", "price", "ja") == "価格面"
    assert [*rules.reasons["lost"]] == [*REASONS["lost"]]
    assert way(rules, "tql", "sal") == ["sal"]
    assert rules.reason_of("sal", None) == ("unstated", None)


def test_of_two_leads_that_become_one_the_further_of_its_own_stages_stands() -> None:
    one, other = (StageState(stage, 1, NOW) for stage in ("trial", "sql"))
    assert merge_states(one, other, TRIAL) == merge_states(other, one, TRIAL) == one


def test_a_funnel_has_a_step_for_a_stage_on_the_way_and_takes_it_in_steps_of_ones_own() -> None:
    assert [step.code for step in stage_steps(TRIAL)][-4:] == ["sql", "trial", "opportunity", "won"]
    assert own_steps(["試用=trial", "受注=won"], TRIAL)[0].stages == ("trial",)
    assert "trial" not in [
        step.code for step in stage_steps(own(("trial", "sql"), optional={"trial"}))
    ]
