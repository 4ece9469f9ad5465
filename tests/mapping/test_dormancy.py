"""The way to dormant: by allowed moves only, within the round, and no further."""

from __future__ import annotations

from itertools import pairwise

import pytest

from mapping.dormancy import fall_asleep, way_to_sleep
from mapping.stage_rules import StageRules
from mapping.stage_words import STAGES, TRANSITIONS
from mapping.stages import StageState

AT = "2026-04-01T00:00:00.000000Z"


def test_who_may_rest_rests_at_once_and_who_is_worked_on_is_handed_back_first() -> None:
    assert way_to_sleep("inquiry") == way_to_sleep("lost") == ("dormant",)
    assert way_to_sleep("mql") == ("recycled", "dormant")
    assert way_to_sleep("won") is way_to_sleep("dormant") is None


@pytest.mark.parametrize("stage", STAGES)
def test_every_step_is_an_allowed_move(stage: str) -> None:
    way = way_to_sleep(stage) or ()
    assert all(after in TRANSITIONS[before] for before, after in pairwise((stage, *way)))


def test_the_companys_own_moves_count() -> None:
    moves = {**TRANSITIONS, "won": frozenset({"dormant"}), "mql": frozenset({"sal"})}
    rules = StageRules(transitions=moves)
    assert way_to_sleep("won", rules) == ("dormant",)
    assert way_to_sleep("mql", rules) is None


def test_falling_asleep_stays_in_the_round_and_says_by_which_rule() -> None:
    state = StageState("mql", 3, "2025-01-01T00:00:00.000000Z")
    found = fall_asleep(state, at=AT, system="renkei", rule="dormant")
    assert [(e.stage, e.cycle, e.inferred, e.reason_code, e.exited_at) for e in found.entries] == [
        ("recycled", 3, True, "no_contact", AT),
        ("dormant", 3, False, None, None),
    ]
    assert {(e.system, e.rule) for e in found.entries} == {("renkei", "dormant")}
    assert found.state is not None
    assert fall_asleep(found.state, at=AT, system="renkei", rule="dormant").moved is False
