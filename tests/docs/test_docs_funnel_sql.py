"""The queries that the page on the funnel prints say what `renkei funnel` says."""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mapping.stage_words import PATH, TRANSITIONS
from sync.engine.attribution import dimension
from sync.engine.funnel import Funnel, cohorts, funnel, steps_of
from sync.engine.periods import span_of
from sync.store.database import Database, iso
from tests.sync.engine.lives import Lives, Stay

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "funnel-and-kpi.md"
PRINTED = dict(
    re.findall(
        r"^```sql\n-- (\w[\w ]*?)(?: \([^\n]*\)|:[^\n]*)?\n(.*?);\n```$",
        PAGE.read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
)
SPAN = span_of("2026-04", "2026-06", "Asia/Tokyo")
ZONE_EDGE = datetime(2026, 3, 31, 15, tzinfo=UTC)


def life(dice: random.Random) -> list[Stay]:
    """A lead's stages, by allowed moves, over months around the period and right at its edges."""
    stage = dice.choice(["inquiry", "inquiry", "tal", "sal"])
    moment = ZONE_EDGE + timedelta(microseconds=dice.choice([-1, 0, 1]))
    if dice.random() < 0.8:
        moment += timedelta(days=dice.uniform(-60, 100))
    cycle, stays = 1, []
    for _ in range(dice.randint(1, 9)):
        reason = dice.choice(["price", "no_budget", None]) if stage not in PATH else None
        told = {"cycle": cycle, "reason": reason, "inferred": dice.random() < 0.3}
        stays.append((stage, iso(moment), told))
        if not told["inferred"]:
            moment += timedelta(days=dice.choice([0, dice.uniform(0, 40)]))
        after = dice.choice(sorted(TRANSITIONS[stage]))
        cycle += stage not in PATH and after in PATH
        stage = after
    return stays


@pytest.fixture
def lives(database: Database, tmp_path: Path) -> Lives:
    made, dice = Lives(database, tmp_path), random.Random(20260401)
    for _ in range(150):
        made.lead(*life(dice))
    return made


@pytest.fixture
def found(lives: Lives) -> Funnel:
    return funnel(lives.hub, steps_of(lives.hub), SPAN)


def ask(lives: Lives, name: str) -> list[Any]:
    with lives.database.read() as tx:
        return tx.rows(PRINTED[name])


def test_the_page_prints_every_figure() -> None:
    assert PRINTED.keys() == {"now", "entered", "went on", "median days", "back", "cohort of April"}


def test_now_is_what_the_page_prints(lives: Lives, found: Funnel) -> None:
    printed = dict(ask(lives, "now"))
    assert sum(printed.values()) == 150
    told = {one.step.code: one.now for one in found.steps} | found.aside
    assert {stage: count for stage, count in told.items() if count} == printed


def test_entered_is_what_the_page_prints(lives: Lives, found: Funnel) -> None:
    printed = dict(ask(lives, "entered"))
    told = {one.step.code: one.entered for one in found.steps if one.entered}
    assert len(told) == 8
    assert {stage: printed[stage] for stage in told} == told


def test_who_went_on_is_what_the_page_prints(lives: Lives, found: Funnel) -> None:
    told = {one.step.code: one.went_on for one in found.steps if one.went_on}
    assert len(told) == 7
    assert dict(ask(lives, "went on")) == told


def test_ways_back_are_what_the_page_prints(lives: Lives, found: Funnel) -> None:
    told: Counter[tuple[str, str | None]] = Counter()
    for move in found.back:
        told[move.stage, move.reason] += move.count
    assert sum(told.values()) > 50
    assert {(stage, reason): count for stage, reason, count in ask(lives, "back")} == told


def test_a_cohort_is_what_the_page_prints(lives: Lives) -> None:
    months = cohorts(lives.hub, steps_of(lives.hub), dimension("month"), SPAN).cohorts
    ((april,),) = ask(lives, "cohort of April")
    assert april > 10
    assert {one.name: one.began for one in months}["2026-04"] == april


def test_median_days_are_what_the_page_prints(lives: Lives, found: Funnel) -> None:
    told = {one.step.code: one.median_days for one in found.steps if one.median_days is not None}
    assert len(told) >= 6
    if lives.database.dialect == "postgresql":
        printed = {stage: float(days) for stage, days in ask(lives, "median days")}
        assert printed == pytest.approx(told, abs=1e-6)
