"""Laws of the stage machine that hold under any rules a company may write."""

from __future__ import annotations

from itertools import pairwise, permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.own_stages import Own, rules_of, unreached
from mapping.routes import route
from mapping.stage_rules import DEFAULT, StageRules
from mapping.stage_words import STAGES
from mapping.stages import (
    Entry,
    Observation,
    StageState,
    decide_stage,
    first_steps,
    merge_states,
    override,
)
from tests.mapping.lifecycles import at, is_start, owns, rules, words


class Life:
    """A lead's stays as they are stored, and a mark where two leads became one."""

    def __init__(self, rules: StageRules) -> None:
        self.rules = rules
        self.state: StageState | None = None
        self.entries: list[Entry] = []
        self.heads: list[str | None] = []

    def hear(self, observation: Observation) -> None:
        self._take(decide_stage(self.state, observation, self.rules))

    def set_by_hand(self, stage: str, when: str) -> None:
        self._take(
            override(self.state, stage, at=when, user="mori", reason="確認済み", rules=self.rules)
        )

    def merge(self, other: Life) -> None:
        self.state = merge_states(self.state, other.state, self.rules)
        self.entries += other.entries
        self.heads += other.heads

    def _take(self, decision: Any) -> None:
        assert decision.moved == bool(decision.entries)
        assert not (decision.refused and decision.moved)
        before = self.state.stage if self.state is not None else None
        for entry in decision.entries:
            self.heads.append(before)
            self.entries.append(entry)
            before = entry.stage
        self.state = decision.state

    def check(self) -> None:
        """Every stay is a start, an allowed move from where the lead stood, or an override."""
        for before, entry in zip(self.heads, self.entries, strict=True):
            if entry.override_by is not None:
                continue
            if before is None:
                assert is_start(self.rules, entry.stage), entry.stage
            else:
                assert entry.stage in self.rules.transitions[before], (before, entry.stage)


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Two leads of one company, what was said of them, and one more life after they were merged."""
    known = draw(rules())
    step = st.one_of(
        words(known), st.tuples(st.sampled_from(sorted(known.stages)), st.integers(1, 28))
    )
    one, other = Life(known), Life(known)
    for lead, told in draw(st.lists(st.tuples(st.sampled_from([one, other]), step), max_size=12)):
        _tell(lead, told)
    one.merge(other)
    for told in draw(st.lists(step, max_size=4)):
        _tell(one, told)
    return one


def _tell(lead: Life, told: Observation | tuple[str, int]) -> None:
    if isinstance(told, Observation):
        lead.hear(told)
    else:
        lead.set_by_hand(told[0], at(told[1]))


@settings(max_examples=300)
@given(lives())
def test_no_rules_and_no_words_lead_to_a_forbidden_move(life: Life) -> None:
    life.check()


@given(rules(), st.data())
def test_times_and_cycles_never_run_back(known: StageRules, data: st.DataObject) -> None:
    life = Life(known)
    for told in data.draw(st.lists(words(known), max_size=10)):
        life.hear(told)
    for before, after in pairwise(life.entries):
        assert before.entered_at <= after.entered_at
        assert before.cycle <= after.cycle
    if life.state is not None:
        assert life.state.stage == life.entries[-1].stage


@given(rules(), st.data())
def test_nobody_is_inferred_at_a_stage_that_the_company_does_not_use(
    known: StageRules, data: st.DataObject
) -> None:
    life = Life(known)
    for told in data.draw(st.lists(words(known), max_size=10)):
        life.hear(told)
    assert [one for one in life.entries if one.inferred and one.stage in known.optional] == []


@given(owns(with_moves=False))
def test_no_stage_of_ones_own_and_none_left_out_closes_a_way(own: Own) -> None:
    known = rules_of(own)
    assert list(unreached(known)) == []
    for stage in known.stages:
        way = route(None, stage, known, first=True)
        assert way is not None, stage
        assert way[-1] == stage
        used = [one for one in known.path if one not in known.optional or one == stage]
        passed = [one for one in way if one in known.place]
        assert passed == [one for one in used if one in passed]


@given(rules(with_moves=False), st.data())
def test_first_words_end_at_the_furthest_stage_in_any_order(
    known: StageRules, data: st.DataObject
) -> None:
    codes = st.sampled_from(sorted(known.stages))
    spoken = [
        Observation((stage,), at(day), "crm", first=True)
        for stage, day in data.draw(
            st.lists(st.tuples(codes, st.integers(1, 28)), min_size=1, max_size=4)
        )
    ]
    ends = set()
    for order in permutations(spoken):
        state: StageState | None = None
        for word in order:
            decision = decide_stage(state, word, known)
            assert decision.refused is None, (state, word)
            state = decision.state
        assert state is not None
        ends.add((state.stage, state.cycle))
    assert ends == {(max((word.stages[0] for word in spoken), key=known.rank), 1)}


@given(rules(), st.data())
def test_the_short_way_of_a_new_lead_is_the_long_one(
    known: StageRules, data: st.DataObject
) -> None:
    word = data.draw(words(known))._replace(first=True, reason=None)
    entries = decide_stage(None, word, known).entries
    told = first_steps(word.stages, word.deal, word.origin, known)
    assert told == tuple((one.stage, one.reason_code, one.inferred) for one in entries)


@given(rules(), st.data())
def test_merging_states_depends_on_no_order(known: StageRules, data: st.DataObject) -> None:
    stage = st.sampled_from([*known.stages, "removed_since"])
    a, b, c = (
        StageState(
            data.draw(stage), data.draw(st.integers(1, 3)), at(data.draw(st.integers(1, 28)))
        )
        for _ in range(3)
    )

    def merged(one: StageState | None, other: StageState | None) -> StageState | None:
        return merge_states(one, other, known)

    assert merged(a, b) == merged(b, a)
    assert merged(merged(a, b), c) == merged(a, merged(b, c))


@given(rules(), st.data())
def test_a_lead_at_a_stage_that_was_taken_out_stays_until_a_person_moves_it(
    known: StageRules, data: st.DataObject
) -> None:
    stands = StageState("removed_since", 1, at(5))
    decision = decide_stage(stands, data.draw(words(known)), known)
    assert decision.state == stands
    assert decision.refused == "FORBIDDEN_MOVE"
    by_hand = override(stands, "mql", at=at(6), user="mori", reason="整理", rules=known)
    assert by_hand.state is not None
    assert by_hand.state.stage == "mql"


def test_settings_that_say_nothing_are_the_usual_life_cycle() -> None:
    assert rules_of(Own()) is DEFAULT
    assert DEFAULT.stages is STAGES
