"""A vendor's picklist as a projection of the stages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.errors import Unreadable
from mapping.fieldmap import compile_map
from mapping.stages import STAGES, Observation, StageProjection, StageState, decide_stage

READ = {
    "lead": ["inquiry", "recycled", "dormant"],
    "marketingqualifiedlead": ["mql", "tal", "tql"],
    "salesqualifiedlead": ["sal", "sql"],
    "customer": ["won", "customer"],
    "1": ["opportunity"],
}
WRITE = {
    "inquiry": "lead",
    "recycled": "lead",
    "mql": "marketingqualifiedlead",
    "tql": "marketingqualifiedlead",
    "sal": "salesqualifiedlead",
    "sql": "salesqualifiedlead",
    "opportunity": 1,
    "won": "customer",
}


def projection(back: str = "direct") -> StageProjection:
    stage = {"field": "lifecyclestage", "read": READ, "write": WRITE, "back": back}
    found = compile_map({"kind": "lead", "stage": stage}).stage
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("stage", "held", "agrees"),
    [
        ("recycled", "lead", True),
        ("tal", " marketingqualifiedlead ", True),
        ("opportunity", 1, True),
        ("opportunity", "1", True),
        ("mql", "lead", False),
        ("mql", None, False),
        ("mql", "", False),
        ("mql", "unheard of", False),
        ("mql", ["lead"], False),
    ],
)
def test_a_vendor_agrees_when_its_value_may_mean_the_stage(
    stage: str, held: Any, agrees: bool
) -> None:
    assert projection().agrees(stage, held) is agrees


@pytest.mark.parametrize(
    ("back", "stage", "held", "steps"),
    [
        ("direct", "sql", "lead", ("salesqualifiedlead",)),
        ("direct", "recycled", "salesqualifiedlead", ("lead",)),
        ("clear", "recycled", "salesqualifiedlead", ("", "lead")),
        ("clear", "sql", "lead", ("salesqualifiedlead",)),
        ("clear", "mql", None, ("marketingqualifiedlead",)),
        ("clear", "mql", "unheard of", ("marketingqualifiedlead",)),
        ("never", "recycled", "salesqualifiedlead", ()),
        ("never", "won", "lead", ("customer",)),
        ("direct", "tal", "marketingqualifiedlead", ()),
        ("direct", "lost", "salesqualifiedlead", ()),
    ],
)
def test_the_steps_to_a_stage_take_the_vendors_way_back(
    back: str, stage: str, held: Any, steps: tuple[str, ...]
) -> None:
    assert projection(back).steps(stage, held) == steps


def test_a_value_nobody_named_says_which_line_is_missing() -> None:
    with pytest.raises(Unreadable) as caught:
        projection().seen("evangelist")
    assert caught.value.code == "PICKLIST_UNMAPPED"
    assert 'read: "evangelist"' in caught.value.hint


def test_a_stage_that_is_not_written_there_projects_to_nothing() -> None:
    assert projection().project("lost") is None
    assert projection().project("sql") == "salesqualifiedlead"


@given(st.sampled_from(sorted(WRITE)), st.sampled_from([*READ, None]))
def test_after_the_steps_the_vendor_agrees_and_its_echo_moves_nobody(stage: str, held: Any) -> None:
    there = projection("clear")
    steps = there.steps(stage, held)
    holds = steps[-1] if steps else held
    assert there.agrees(stage, holds)
    assert there.steps(stage, holds) == ()
    seen = there.seen(holds)
    assert seen is not None
    present = StageState(stage, 1, "2026-11-22T00:00:00Z")
    echo = Observation(seen.stages, "2026-11-23T00:00:00Z", "hs")
    assert not decide_stage(present, echo).moved


def test_every_stage_has_a_name_in_both_languages_and_a_rank_of_its_own() -> None:
    assert all(stage.ja and stage.en for stage in STAGES.values())
    assert sorted(stage.rank for stage in STAGES.values()) == list(range(len(STAGES)))
