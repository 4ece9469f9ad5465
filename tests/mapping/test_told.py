"""Lives that systems tell: taken as they are told, and never at the cost of what the hub saw."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mapping.fieldmap import compile_map
from mapping.projection import Told
from mapping.stage_words import STAGES
from mapping.stages import Observation, decide_stage
from mapping.told import TOLD, earlier, replay, since


def day(number: int) -> str:
    return f"2025-{number // 28 + 1:02}-{number % 28 + 1:02}T00:00:00.000000Z"


NOW = "2026-04-01T00:00:00.000000Z"
SAL = ("sal", "sql", "lost", "dormant")


def seen(*stages: str, reason: str | None = None) -> Observation:
    return Observation(stages, NOW, "ma", reason, first=True, event="ma/contacts/1")


def test_a_new_leads_life_is_as_it_is_told_with_what_lies_between() -> None:
    told = [Told(day(1), ("inquiry",)), Told(day(5), ("mql", "tal")), Told(day(9), SAL)]
    found = replay(told, seen(*SAL))
    lines = [(e.stage, e.entered_at, e.exited_at, e.inferred) for e in found.entries]
    assert lines == [
        ("inquiry", day(1), day(5), False),
        ("mql", day(5), day(9), False),
        ("tal", day(9), day(9), True),
        ("tql", day(9), day(9), True),
        ("sal", day(9), None, False),
    ]
    assert {e.rule for e in found.entries} == {TOLD}
    assert found.state is not None
    assert (found.state.stage, found.state.entered_at, found.state.cycle) == ("sal", day(9), 1)


def test_what_the_record_says_now_and_does_not_date_counts_from_now() -> None:
    found = replay([Told(day(1), ("mql",))], seen("disqualified", reason="競合他社"))
    last = found.entries[-1]
    assert (last.stage, last.entered_at, last.rule) == ("disqualified", NOW, None)
    assert last.reason_code == "competitor"
    assert found.entries[-2].exited_at == NOW


def test_an_order_that_the_hub_does_not_allow_is_taken_as_it_is_told() -> None:
    told = [Told(day(1), ("opportunity",)), Told(day(5), ("inquiry", "recycled", "dormant"))]
    found = replay(told, seen("inquiry", "recycled", "dormant"))
    assert found.entries[-1].stage == "recycled"
    assert found.entries[-1].rule == TOLD
    told += [Told(day(9), ("mql",))]
    assert [(e.stage, e.cycle) for e in replay(told, seen("mql")).entries[-2:]] == [
        ("recycled", 1),
        ("mql", 2),
    ]


def test_a_known_life_only_begins_earlier() -> None:
    known = {"inquiry": day(20), "mql": day(3), "sal": day(30)}
    told = [
        Told(day(1), ("inquiry",)),
        Told(day(5), ("mql", "tal")),  # known to be earlier
        Told(day(9), SAL),
        Told(day(40), ("opportunity",)),  # later than where the lead is
    ]
    found = earlier(told, known, day(30), system="ma", event="ma/contacts/1")
    assert [(e.stage, e.entered_at, e.exited_at) for e in found] == [
        ("inquiry", day(1), day(3)),
        ("sal", day(9), day(20)),
    ]
    after = {**known, **{e.stage: e.entered_at for e in found}}
    assert earlier(told, after, day(30), system="ma", event="ma/contacts/1") == []


def test_since_is_told_of_the_present_value_only() -> None:
    told = [Told(day(1), ("mql", "tal")), Told(day(2), SAL)]
    assert since(told, SAL) == day(2)
    assert since(told, ("mql", "tal")) is None
    assert since([], SAL) is None


def test_a_map_names_a_field_for_each_value_or_one_with_the_list() -> None:
    read = {"lead": ["inquiry"], "sal": ["sal"]}
    each = compile_map(
        {"kind": "lead", "stage": {"field": "s", "read": read, "entered": "since_{value}"}}
    )
    flat = {"since_sal": "2026-02-01T09:00:00+09:00", "since_lead": "1767225600000", "since_x": 1}
    assert each.told(flat) == (
        Told("2026-01-01T00:00:00.000000Z", ("inquiry",)),
        Told("2026-02-01T00:00:00.000000Z", ("sal",)),
    )
    assert each.told({"since_sal": "soon", "since_lead": None}) == ()
    one = compile_map({"kind": "lead", "stage": {"field": "s", "read": read, "entered": "h"}})
    pairs = [["sal", "2026-02-01T00:00:00.000+0000"], ["nobody's", "2026-01-01T00:00:00Z"]]
    assert one.told({"h": pairs}) == (Told("2026-02-01T00:00:00.000000Z", ("sal",)),)
    assert one.told({"h": "text"}) == one.told({}) == ()


STAGE_SETS = st.lists(st.sampled_from(sorted(STAGES)), min_size=1, max_size=3, unique=True).map(
    tuple
)
LIVES = st.lists(st.tuples(st.integers(0, 300), STAGE_SETS), max_size=8).map(
    lambda pairs: [Told(day(number), stages) for number, stages in sorted(pairs)]
)


@given(LIVES, STAGE_SETS)
def test_any_life_can_be_told_and_ends_where_the_record_says(
    told: list[Told], stages: tuple[str, ...]
) -> None:
    found = replay(told, seen(*stages))
    assert found.state is not None
    assert found.state.stage in stages
    for one, after in pairwise(found.entries):
        assert one.exited_at == after.entered_at >= one.entered_at
        assert after.cycle >= one.cycle
    assert found.entries[-1].exited_at is None
    assert found.entries[-1].stage == found.state.stage


@given(STAGE_SETS)
def test_a_life_that_tells_nothing_is_the_plain_first_word(stages: tuple[str, ...]) -> None:
    plain = decide_stage(None, seen(*stages))
    if plain.refused is None:
        assert replay([], seen(*stages)).entries == plain.entries


@given(LIVES, st.dictionaries(st.sampled_from(sorted(STAGES)), st.integers(0, 300).map(day)))
def test_what_is_added_is_earlier_and_is_added_once(
    told: list[Told], known: dict[str, str]
) -> None:
    found = earlier(told, known, NOW, system="ma", event="x")
    for one in found:
        assert one.entered_at < known.get(one.stage, NOW)
        assert one.entered_at <= (one.exited_at or "") <= NOW
    after = dict(known)
    for one in found:
        after[one.stage] = min(one.entered_at, after.get(one.stage, NOW))
    assert earlier(told, after, NOW, system="ma", event="x") == []
