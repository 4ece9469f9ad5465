"""What a system's word on a stage changes: a table, and laws that hold for any history."""

from __future__ import annotations

from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.errors import MappingError
from mapping.stage_rules import DEFAULT
from mapping.stages import (
    REASONS,
    STAGES,
    TRANSITIONS,
    Entry,
    Observation,
    StageDecision,
    StageRules,
    StageState,
    deal_observation,
    decide_stage,
    merge_states,
    override,
)

DAY = "2026-11-{:02d}T09:00:00Z"


def at(day: int) -> str:
    return DAY.format(day)


def said(
    *stages: str,
    day: int = 10,
    reason: str | None = None,
    first: bool = False,
    deal: bool = False,
    origin: str | None = None,
) -> Observation:
    return Observation(stages, at(day), "hs", reason, first, deal=deal, origin=origin)


def state(stage: str, *, cycle: int = 1, day: int = 5) -> StageState:
    return StageState(stage, cycle, at(day), {stage: at(day)})


def entered(decision: StageDecision) -> list[str]:
    return [entry.stage for entry in decision.entries]


@pytest.mark.parametrize(
    ("present", "observation", "way", "cycle"),
    [
        pytest.param("inquiry", said("mql"), ["mql"], 1, id="one step"),
        pytest.param("mql", said("sal"), ["tal", "tql", "sal"], 1, id="fast track infers"),
        pytest.param(
            "inquiry",
            said("won"),
            ["mql", "tal", "tql", "sal", "sql", "opportunity", "won"],
            1,
            id="far ahead",
        ),
        pytest.param("tql", said("sal", "sql"), ["sal"], 1, id="the preferred of a set"),
        pytest.param("tql", said("lost"), ["sal", "sql", "lost"], 1, id="lost without a deal"),
        pytest.param(
            "sal", said("lost", deal=True), ["sql", "opportunity", "lost"], 1, id="lost deal"
        ),
        pytest.param("sal", said("recycled", reason="予算なし"), ["recycled"], 1, id="handed back"),
        pytest.param(
            "mql", said("inquiry", "dormant", "recycled"), ["recycled"], 1, id="back to lead"
        ),
        pytest.param("recycled", said("tal"), ["mql", "tal"], 2, id="recycled lead worked again"),
        pytest.param("dormant", said("mql"), ["mql"], 2, id="掘り起こし"),
        pytest.param("dormant", said("recycled"), ["recycled"], 1, id="listed for nurturing"),
        pytest.param("lost", said("mql"), ["recycled", "mql"], 2, id="lost lead comes back"),
        pytest.param("lost", said("opportunity"), ["opportunity"], 1, id="same deal re-opened"),
        pytest.param("lost", said("won"), ["opportunity", "won"], 1, id="re-opened and won"),
        pytest.param("won", said("opportunity"), ["opportunity"], 2, id="up-sell"),
        pytest.param("won", said("customer"), ["customer"], 1, id="is a customer"),
        pytest.param("customer", said("won"), ["opportunity", "won"], 2, id="bought again"),
        pytest.param("churned", said("mql"), ["recycled", "mql"], 2, id="old customer asks"),
        pytest.param(
            "disqualified", said("inquiry", reason="退職し転職"), ["inquiry"], 2, id="qualified now"
        ),
    ],
)
def test_an_allowed_move_enters_every_stage_on_its_way(
    present: str, observation: Observation, way: list[str], cycle: int
) -> None:
    decision = decide_stage(state(present), observation)
    assert decision.moved
    assert entered(decision) == way
    assert [entry.inferred for entry in decision.entries] == [True] * (len(way) - 1) + [False]
    assert decision.state is not None
    assert (decision.state.stage, decision.state.cycle) == (way[-1], cycle)


@pytest.mark.parametrize(
    ("present", "observation", "refused"),
    [
        pytest.param("sql", said("mql"), "FORBIDDEN_MOVE", id="backward"),
        pytest.param("mql", said("dormant"), "FORBIDDEN_MOVE", id="dormant while worked on"),
        pytest.param("opportunity", said("recycled"), "FORBIDDEN_MOVE", id="open deal"),
        pytest.param(
            "opportunity", said("sal", "sql", "lost"), "FORBIDDEN_MOVE", id="no loss is made up"
        ),
        pytest.param("won", said("lost"), "FORBIDDEN_MOVE", id="won is not lost"),
        pytest.param("won", said("mql"), "FORBIDDEN_MOVE", id="customer to MQL"),
        pytest.param("lost", said("disqualified"), "FORBIDDEN_MOVE", id="lost to disqualified"),
        pytest.param("recycled", said("inquiry"), "FORBIDDEN_MOVE", id="recycled to inquiry"),
        pytest.param("disqualified", said("mql"), "REASON_REQUIRED", id="no reason given"),
        pytest.param("sql", said("recycled", day=4), "STALE_MOVE", id="older than the present"),
        pytest.param("recycled", said("mql", day=4), "STALE_MOVE", id="older than the recycling"),
    ],
)
def test_a_move_that_is_not_allowed_changes_nothing(
    present: str, observation: Observation, refused: str
) -> None:
    decision = decide_stage(state(present), observation)
    assert decision.refused == refused
    assert decision.message
    assert (decision.state, decision.entries, decision.moved) == (state(present), (), False)


def test_a_value_that_may_mean_the_present_stage_moves_nobody() -> None:
    decision = decide_stage(state("tql"), said("mql", "tal", "tql"))
    assert decision == StageDecision(state("tql"))


def test_a_new_lead_has_been_an_inquiry() -> None:
    decision = decide_stage(None, said("mql", first=True))
    assert entered(decision) == ["inquiry", "mql"]
    assert decision.state == StageState("mql", 1, at(10), {"inquiry": at(10), "mql": at(10)})


@pytest.mark.parametrize(
    ("origin", "stage", "way"),
    [
        ("sales", "sql", ["sal", "sql"]),
        ("teleprospecting", "tql", ["tal", "tql"]),
        ("sales", "mql", ["inquiry", "mql"]),
        ("marketing", "tal", ["inquiry", "mql", "tal"]),
    ],
)
def test_a_new_lead_starts_where_its_origin_says(origin: str, stage: str, way: list[str]) -> None:
    assert entered(decide_stage(None, said(stage, first=True, origin=origin))) == way


def test_a_forward_word_dated_before_the_present_entry_counts_from_that_entry() -> None:
    decision = decide_stage(state("mql", day=8), said("tal", day=3))
    assert decision.entries[0].entered_at == at(8)


def test_a_stage_the_company_does_not_use_is_not_inferred() -> None:
    rules = StageRules(optional=frozenset({"tal"}))
    assert entered(decide_stage(state("mql"), said("tql"), rules)) == ["tql"]
    assert entered(decide_stage(state("mql"), said("tal"), rules)) == ["tal"]


@pytest.mark.parametrize("stage", sorted(REASONS))
def test_a_reason_that_is_due_and_missing_is_marked(stage: str) -> None:
    decision = decide_stage(state("sql"), said(stage))
    assert decision.entries[-1].reason_code == "unstated"


@pytest.mark.parametrize(
    ("reason", "code", "text"),
    [
        ("price", "price", None),
        ("価格", "price", None),
        ("Lost contact", "lost_contact", None),
        ("社内稟議否決", "approval_denied", None),
        ("担当の好み", "other", "担当の好み"),
        ("  ", "unstated", None),
    ],
)
def test_a_reason_is_recognised_by_code_or_name(reason: str, code: str, text: str | None) -> None:
    last = decide_stage(state("opportunity"), said("lost", reason=reason)).entries[-1]
    assert (last.reason_code, last.reason_text) == (code, text)


def test_an_unknown_stage_is_refused_with_the_stage_that_is_meant() -> None:
    with pytest.raises(MappingError) as caught:
        decide_stage(None, said("商談"))
    assert caught.value.code == "UNKNOWN_STAGE"
    assert '"opportunity"' in caught.value.hint


def test_an_override_goes_anywhere_in_a_persons_name() -> None:
    decision = override(
        state("won"), "mql", at=at(12), user="mori", reason="誤って受注にした", rules=DEFAULT
    )
    (entry,) = decision.entries
    assert (entry.stage, entry.override_by, entry.reason_text) == (
        "mql",
        "mori",
        "誤って受注にした",
    )
    assert decision.state is not None
    assert decision.state.cycle == 2


@pytest.mark.parametrize(("user", "reason"), [("", "reason"), ("mori", " ")])
def test_an_override_without_name_or_reason_is_refused(user: str, reason: str) -> None:
    with pytest.raises(MappingError) as caught:
        override(state("sql"), "mql", at=at(12), user=user, reason=reason, rules=DEFAULT)
    assert caught.value.code == "OVERRIDE_UNEXPLAINED"


def test_the_end_of_one_deal_moves_nobody_while_another_is_open() -> None:
    lost = deal_observation("lost", at=at(10), system="sf", others=["opportunity"], reason="価格")
    assert decide_stage(state("opportunity"), lost) == StageDecision(state("opportunity"))


def test_a_new_deal_beside_a_won_one_opens_a_cycle_at_its_first_word() -> None:
    deal = deal_observation("opportunity", at=at(10), system="sf", others=["won"], first=True)
    decision = decide_stage(state("won"), deal)
    assert decision.state is not None
    assert (decision.state.stage, decision.state.cycle) == ("opportunity", 2)


def test_a_stage_that_no_deal_has_is_refused() -> None:
    with pytest.raises(MappingError, match="mql"):
        deal_observation("mql", at=at(10), system="sf")


stages = st.sampled_from(sorted(STAGES))
sets = st.lists(stages, min_size=1, max_size=4, unique=True).map(tuple)
observations = st.builds(
    lambda stages, **said_with: said(*stages, **said_with),
    sets,
    day=st.integers(1, 28),
    reason=st.sampled_from([None, "予算なし", "other"]),
    first=st.booleans(),
    deal=st.booleans(),
)
deciders: st.SearchStrategy[Observation | tuple[str, int]] = st.one_of(
    observations, st.tuples(stages, st.integers(1, 28))
)


@given(st.lists(deciders, max_size=12))
def test_no_history_holds_a_forbidden_move_without_an_override(
    history: list[Observation | tuple[str, int]],
) -> None:
    present: StageState | None = None
    entries: list[Entry] = []
    for step in history:
        if isinstance(step, Observation):
            decision = decide_stage(present, step)
        else:
            stage, day = step
            decision = override(
                present, stage, at=at(day), user="mori", reason="確認済み", rules=DEFAULT
            )
        assert decision.moved == bool(decision.entries)
        assert not (decision.refused and decision.moved)
        entries += decision.entries
        present = decision.state
    if entries and entries[0].override_by is None:
        assert entries[0].stage in {"inquiry", "tal", "sal"}
    for before, after in pairwise(entries):
        assert after.override_by or after.stage in TRANSITIONS[before.stage]
        assert before.entered_at <= after.entered_at
        assert before.cycle <= after.cycle
    if present is not None:
        assert present.stage == entries[-1].stage
        assert present.first_entered.keys() == {entry.stage for entry in entries}
        for entry in reversed(entries):
            assert present.first_entered[entry.stage] <= entry.entered_at


@given(st.lists(sets, min_size=1, max_size=4), st.data())
def test_first_words_end_at_the_furthest_stage_in_any_order(
    words: list[tuple[str, ...]], data: st.DataObject
) -> None:
    days = [data.draw(st.integers(1, 28)) for _ in words]
    spoken = [said(*word, day=day, first=True) for word, day in zip(words, days, strict=True)]
    ends = set()
    for order in permutations(spoken):
        present: StageState | None = None
        for observation in order:
            decision = decide_stage(present, observation)
            assert decision.refused is None
            present = decision.state
        assert present is not None
        ends.add((present.stage, present.cycle))
    furthest = max((word[0] for word in words), key=lambda stage: STAGES[stage].rank)
    assert ends == {(furthest, 1)}


@given(stages, observations)
def test_hearing_the_same_word_twice_is_hearing_it_once(
    present: str, observation: Observation
) -> None:
    once = decide_stage(state(present), observation)
    assert decide_stage(once.state, observation).state == once.state


states = st.builds(
    lambda stage, cycle, day: StageState(stage, cycle, at(day), {stage: at(day)}),
    stages,
    st.integers(1, 4),
    st.integers(1, 28),
)


@given(states, states, states)
def test_merging_states_depends_on_no_order(a: StageState, b: StageState, c: StageState) -> None:
    assert merge_states(a, b) == merge_states(b, a)
    assert merge_states(merge_states(a, b), c) == merge_states(a, merge_states(b, c))
    assert merge_states(a, a) == a
    assert merge_states(a, None) == a == merge_states(None, a)


def test_a_merge_keeps_the_furthest_stage_with_its_own_times() -> None:
    merged = merge_states(state("sql", day=9), state("recycled", cycle=2, day=12))
    assert merged == StageState("sql", 2, at(9), {"sql": at(9), "recycled": at(12)})
