"""No stage is entered without its evidence but by override; with it, evidence changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.conditions import Facts, Holds
from mapping.qualify import Past, Rule, Rules, qualify
from mapping.stage_rules import DEFAULT, StageRules
from mapping.stages import Entry, Observation, StageState, decide_stage, first_steps, override
from tests.mapping.lifecycles import at, rules, words

FIELDS = ("title", "phone", "company")
SQL = replace(DEFAULT, evidence={"sql": ("title", "phone")})
WHOLE = {"title": "部長", "phone": "+81312345678", "company": "青空製作所"}


def said(*stages: str, **more: Any) -> Observation:
    return Observation(stages, at(9), "crm", **more)


def standing(stage: str) -> StageState:
    return StageState(stage, 1, at(1))


known_fields = st.dictionaries(
    st.sampled_from(FIELDS), st.sampled_from(["x", 0, False, "", None, []])
)


@st.composite
def asking(draw: st.DrawFn) -> StageRules:
    """The rules of a company that asks for evidence anywhere but at the beginning."""
    known = draw(rules())
    stages = st.sampled_from(sorted(set(known.stages) - {"inquiry"}))
    names = st.lists(st.sampled_from(FIELDS), min_size=1, unique=True).map(tuple)
    return replace(known, evidence=draw(st.dictionaries(stages, names, max_size=4)))


def is_filled(value: Any) -> bool:
    return value is not None and value not in ("", [])


def proven(known: StageRules, entry: Entry, fields: Mapping[str, Any]) -> bool:
    names = known.evidence.get(entry.stage, ())
    assert entry.evidence == tuple((name, fields.get(name)) for name in names)
    return all(is_filled(fields.get(name)) for name in names)


@settings(max_examples=300)
@given(asking(), st.data())
def test_no_stage_with_evidence_is_entered_without_it_but_by_override(
    known: StageRules, data: st.DataObject
) -> None:
    state: StageState | None = None
    by_hand = st.tuples(st.sampled_from(sorted(known.stages)), st.integers(1, 28))
    rule = Rules((Rule("r", ("inquiry", "mql", "sal"), "sql", Holds("company", filled=True)),))
    for word in data.draw(st.lists(words(known) | by_hand, max_size=10)):
        fields = data.draw(known_fields)
        if isinstance(word, Observation):
            decision = decide_stage(state, word, known, fields)
            assert all(proven(known, one, fields) for one in decision.entries)
            assert bool(decision.lacking) == (decision.refused == "EVIDENCE_MISSING")
        else:
            decision = override(
                state, word[0], at=at(word[1]), user="mori", reason="確認済み", rules=known
            )
            assert not decision.refused
        state = decision.state
        if state is not None:
            for firing in qualify(
                replace(rule, moves=known), state, Past(), Facts(fields, {}, 0.0), at(28)
            ):
                assert all(proven(known, one, fields) for one in firing.decision.entries)
                state = firing.decision.state


@given(asking(), st.data())
def test_who_has_all_fields_moves_as_if_none_were_asked_for(
    known: StageRules, data: st.DataObject
) -> None:
    state: StageState | None = None
    for word in data.draw(st.lists(words(known), max_size=8)):
        decision = decide_stage(state, word, known, WHOLE)
        bare = decide_stage(state, word, known.bare)
        entries = tuple(one._replace(evidence=()) for one in decision.entries)
        assert (decision.state, entries) == (bare.state, bare.entries)
        assert decision.refused == bare.refused
        state = decision.state


@given(asking(), st.data())
def test_a_move_that_lacks_evidence_leaves_the_lead_where_it_is(
    known: StageRules, data: st.DataObject
) -> None:
    state = standing(data.draw(st.sampled_from(sorted(known.stages))))
    decision = decide_stage(state, data.draw(words(known)), known)
    if decision.refused:
        assert decision.state == state
        assert decision.entries == ()


@given(asking(), st.data())
def test_the_short_way_of_new_leads_enters_nothing_without_evidence(
    known: StageRules, data: st.DataObject
) -> None:
    word = data.draw(words(known))
    for stage, _, _ in first_steps(word.stages, word.deal, word.origin, known):
        assert stage not in known.evidence


@pytest.mark.parametrize(
    ("fields", "lacking"),
    [
        pytest.param({}, ("title", "phone"), id="neither"),
        pytest.param({"title": "部長", "phone": ""}, ("phone",), id="a blank is none"),
        pytest.param({"title": "部長", "phone": "+81312345678"}, (), id="both"),
    ],
)
def test_the_missing_fields_are_named(fields: dict[str, Any], lacking: tuple[str, ...]) -> None:
    decision = decide_stage(standing("sal"), said("sql"), SQL, fields)
    assert decision.lacking == lacking
    assert decision.refused == ("EVIDENCE_MISSING" if lacking else None)
    assert all(name in decision.message for name in lacking)


@pytest.mark.parametrize("word", [said("opportunity"), said("won", deal=True), said("lost")])
def test_a_stage_that_is_only_passed_needs_its_evidence_too(word: Observation) -> None:
    assert decide_stage(standing("sal"), word, SQL).refused == "EVIDENCE_MISSING"


def test_a_lead_that_is_handed_back_needs_none() -> None:
    assert decide_stage(standing("sal"), said("recycled"), SQL).moved
