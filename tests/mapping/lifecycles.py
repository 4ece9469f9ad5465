"""Life cycles that companies might write, and what systems and people might say, at random."""

from __future__ import annotations

from hypothesis import strategies as st

from mapping.own_stages import Own, OwnStage, rules_of
from mapping.stage_rules import StageRules
from mapping.stage_words import PATH, STAGES
from mapping.stages import Observation

DAYS = st.integers(1, 28)


def at(day: int) -> str:
    """Nine in the morning of a day."""
    return f"2026-11-{day:02d}T09:00:00Z"


@st.composite
def owns(draw: st.DrawFn, *, with_moves: bool = True) -> Own:
    """Stages of a company's own anywhere, stages that it does not use, and moves of its own."""
    own: list[OwnStage] = []
    for number in range(draw(st.integers(0, 4))):
        known = [*STAGES, *(one.code for one in own)]
        own.append(OwnStage(f"own{number}", "独自", "Own", draw(st.sampled_from(known))))
    codes = [*STAGES, *(one.code for one in own)]
    unused = st.sampled_from([*PATH[1:-1], *codes[len(STAGES) :]])
    moves = st.dictionaries(
        st.sampled_from(codes), st.frozensets(st.sampled_from(codes), max_size=5), max_size=3
    )
    return Own(
        stages=tuple(own),
        transitions=draw(moves) if with_moves else {},
        optional=draw(st.frozensets(unused, max_size=4)),
    )


def rules(*, with_moves: bool = True) -> st.SearchStrategy[StageRules]:
    """The rules that random settings come to."""
    return owns(with_moves=with_moves).map(rules_of)


def words(known: StageRules) -> st.SearchStrategy[Observation]:
    """What a system, or a deal, may say of a lead at any time."""
    sets = st.lists(st.sampled_from(sorted(known.stages)), min_size=1, max_size=4, unique=True)
    said = st.builds(
        Observation,
        stages=sets.map(tuple),
        at=DAYS.map(at),
        system=st.just("crm"),
        reason=st.sampled_from([None, "予算なし", "other"]),
        first=st.booleans(),
        origin=st.sampled_from([None, "sales", "teleprospecting"]),
    )
    deals = st.builds(
        Observation,
        stages=st.sampled_from([("opportunity",), ("won",), ("lost",)]),
        at=DAYS.map(at),
        system=st.just("sfa"),
        reason=st.sampled_from([None, "価格"]),
        first=st.booleans(),
        deal=st.just(value=True),
    )
    return said | deals


def is_start(rules: StageRules, stage: str) -> bool:
    """Whether a lead may begin there: at a start, or behind one with only unused stages between."""
    for start in ("inquiry", "tal", "sal"):
        passed = rules.path[rules.place[start] : rules.place.get(stage, rules.place[start] + 1)]
        if stage == start or (passed and rules.optional.issuperset(passed)):
            return True
    return False
