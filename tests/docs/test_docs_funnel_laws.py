"""Whatever leads went through, `renkei funnel` says what the printed queries say."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapping.stage_words import STAGES
from sync.engine.attribution import dimension
from sync.engine.funnel import cohorts, funnel, steps_of
from sync.store.database import Database, iso
from tests.docs.test_docs_funnel_sql import PRINTED, SPAN, ZONE_EDGE
from tests.sync.engine.histories import empty
from tests.sync.engine.lives import Lives, Stay

TICK = timedelta(microseconds=1)
MOMENTS = st.one_of(
    st.sampled_from([ZONE_EDGE - TICK, ZONE_EDGE, ZONE_EDGE + timedelta(days=91) - TICK]),
    st.sampled_from([ZONE_EDGE + timedelta(days=days) for days in (-40, 1, 2, 29, 30, 91, 120)]),
)


@st.composite
def stays(draw: st.DrawFn) -> Stay:
    """One stay anywhere, at a time around the period, of any cycle; nothing need follow a rule."""
    told = {
        "cycle": draw(st.integers(1, 2)),
        "reason": draw(st.sampled_from(["price", "no_budget", None])),
        "inferred": draw(st.booleans()),
    }
    return draw(st.sampled_from(sorted(STAGES))), iso(draw(MOMENTS)), told


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(told=st.lists(st.lists(stays(), min_size=1, max_size=7), max_size=6))
def test_the_funnel_says_what_the_queries_say(
    database: Database, tmp_path: Path, told: list[list[Stay]]
) -> None:
    empty(database)
    lives = Lives(database, tmp_path)
    for life in told:
        lives.lead(*life)
    found = funnel(lives.hub, steps_of(lives.hub), SPAN)

    with database.read() as tx:
        names = [*PRINTED]
        if database.dialect != "postgresql":
            names.remove("median days")
        printed: dict[str, Any] = {name: tx.rows(PRINTED[name]) for name in names}

    assert {**{one.step.code: one.now for one in found.steps if one.now}} | {
        stage: count for stage, count in found.aside.items() if count
    } == dict(printed["now"])
    steps = {one.step.code for one in found.steps}
    assert {one.step.code: one.entered for one in found.steps if one.entered} == {
        stage: count for stage, count in printed["entered"] if stage in steps
    }
    assert {one.step.code: one.went_on for one in found.steps if one.went_on} == dict(
        printed["went on"]
    )
    back: Counter[tuple[str, str | None]] = Counter()
    for move in found.back:
        back[move.stage, move.reason] += move.count
    assert back == {(stage, reason): count for stage, reason, count in printed["back"]}
    months = cohorts(lives.hub, steps_of(lives.hub), dimension("month"), SPAN).cohorts
    ((april,),) = printed["cohort of April"]
    assert sum(one.began for one in months if one.name == "2026-04") == april
    if "median days" in printed:
        days = {
            one.step.code: one.median_days for one in found.steps if one.median_days is not None
        }
        assert days == pytest.approx({k: float(v) for k, v in printed["median days"]}, abs=1e-6)
