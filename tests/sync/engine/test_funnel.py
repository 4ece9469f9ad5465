"""The funnel: what is counted, once, in which month, and how long it took."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mapping.errors import MappingError
from sync.engine.attribution import dimension
from sync.engine.funnel import Cohort, cohorts, funnel, steps_of
from sync.engine.periods import ALWAYS, Span, span_of
from sync.store.database import Database
from tests.sync.engine.lives import Lives, at

LAST_OF_MARCH = at("2026-03-31", "14:59:59.999999")
FIRST_OF_APRIL = at("2026-03-31", "15:00:00.000000")
GUESSED = {"inferred": True}


@pytest.fixture
def lives(database: Database, tmp_path: Path) -> Lives:
    return Lives(database, tmp_path)


def counted(lives: Lives, span: Span = ALWAYS) -> dict[str, tuple[int, int, int, float | None]]:
    """By stage: now, entered, went on, median days."""
    found = funnel(lives.hub, steps_of(lives.hub), span)
    return {
        one.step.code: (one.now, one.entered, one.went_on, one.median_days)
        for one in found.steps
        if one.now or one.entered
    }


def april() -> Span:
    return span_of("2026-04", "2026-04", "Asia/Tokyo")


def test_a_stage_counts_who_is_there_who_came_and_who_went_on(lives: Lives) -> None:
    lives.lead(("inquiry", at("2026-04-01")), ("mql", at("2026-04-11")), ("tal", at("2026-04-12")))
    lives.lead(("inquiry", at("2026-04-02")), ("mql", at("2026-04-04")))
    lives.lead(("inquiry", at("2026-04-03")))
    assert counted(lives) == {
        "inquiry": (1, 3, 2, 6.0),
        "mql": (1, 2, 1, 1.0),
        "tal": (1, 1, 0, None),
    }


def test_a_stage_that_is_entered_twice_in_a_cycle_counts_once(lives: Lives) -> None:
    lives.lead(
        ("inquiry", at("2026-04-01")),
        ("mql", at("2026-04-02")),
        ("recycled", at("2026-04-03")),
        ("mql", at("2026-04-05")),
        ("sal", at("2026-04-06")),
    )
    assert counted(lives)["mql"] == (0, 1, 1, 4.0)


def test_a_new_cycle_is_a_passage_of_its_own(lives: Lives) -> None:
    lives.lead(
        ("inquiry", at("2026-04-01")),
        ("mql", at("2026-04-02")),
        ("recycled", at("2026-04-03")),
        ("mql", at("2026-04-05"), {"cycle": 2}),
    )
    assert counted(lives)["mql"] == (1, 2, 0, None)


def test_who_went_back_did_not_go_on(lives: Lives) -> None:
    lives.lead(("sal", at("2026-04-01")), ("mql", at("2026-04-02")))
    assert counted(lives) == {"mql": (1, 1, 0, None), "sal": (0, 1, 0, None)}


def test_an_inferred_stage_counts_and_takes_no_time(lives: Lives) -> None:
    lives.lead(
        ("inquiry", at("2026-04-01")),
        ("mql", at("2026-04-09"), GUESSED),
        ("tal", at("2026-04-09")),
        ("tql", at("2026-04-12")),
    )
    found = counted(lives)
    assert found["inquiry"] == (0, 1, 1, 8.0)
    assert found["mql"] == (0, 1, 1, None)
    assert found["tal"] == (0, 1, 1, 3.0)


def test_the_median_of_an_even_number_lies_between_the_middle_two(lives: Lives) -> None:
    for day in ("02", "04", "09", "30"):
        lives.lead(("inquiry", at("2026-04-01")), ("mql", at(f"2026-04-{day}")))
    assert counted(lives)["inquiry"][3] == pytest.approx(5.5)


def test_months_begin_at_midnight_in_the_zone_of_the_hub(lives: Lives) -> None:
    lives.lead(("inquiry", LAST_OF_MARCH))
    lives.lead(("inquiry", FIRST_OF_APRIL))
    lives.lead(("inquiry", at("2026-04-30", "14:59:59.999999")))
    lives.lead(("inquiry", at("2026-04-30", "15:00:00.000000")))
    lives.lead(("inquiry", at("2026-03-01")), ("mql", FIRST_OF_APRIL))
    lives.lead(("inquiry", FIRST_OF_APRIL), ("mql", at("2026-04-30", "15:00:00.000000")))
    found_in_april = counted(lives, april())
    assert found_in_april["inquiry"][:2] == (4, 3)
    assert found_in_april["mql"][:2] == (2, 1)
    found = cohorts(lives.hub, steps_of(lives.hub), dimension("month"))
    assert [(one.name, one.began) for one in found.cohorts] == [
        ("2026-03", 2),
        ("2026-04", 3),
        ("2026-05", 1),
    ]


@pytest.mark.parametrize(
    ("since", "until", "zone", "begin", "end"),
    [
        ("2026-04", "2026-04", "Asia/Tokyo", "2026-03-31T15", "2026-04-30T15"),
        ("2026-04-01", "2026-04-02", "Asia/Tokyo", "2026-03-31T15", "2026-04-02T15"),
        ("2026-04-01T12:00", "2026-04-01T13:00", "UTC", "2026-04-01T12", "2026-04-01T13"),
        ("2026-03", "2026-03", "America/New_York", "2026-03-01T05", "2026-04-01T04"),
        ("2026-12", "2026-12", "Asia/Tokyo", "2026-11-30T15", "2026-12-31T15"),
    ],
)
def test_a_period_takes_its_last_month_and_day_whole(
    since: str, until: str, zone: str, begin: str, end: str
) -> None:
    found = span_of(since, until, zone)
    assert (found.since[:13], found.until[:13]) == (begin, end)


def test_who_went_on_after_the_period_went_on(lives: Lives) -> None:
    lives.lead(("inquiry", at("2026-04-30")), ("mql", at("2026-05-02")))
    assert counted(lives, april()) == {"inquiry": (0, 1, 1, 2.0), "mql": (1, 0, 0, None)}


def test_ways_back_are_told_with_where_from_and_why(lives: Lives) -> None:
    early = ("mql", at("2026-03-01"))
    lives.lead(early, ("recycled", at("2026-04-02"), {"reason": "no_budget"}))
    lives.lead(early, ("recycled", at("2026-04-03"), {"reason": "no_budget"}))
    lives.lead(early, ("lost", at("2026-04-03"), {"reason": "price"}))
    lives.lead(early, ("recycled", at("2026-03-03"), {"reason": "no_budget"}))
    lives.lead(("disqualified", at("2026-04-09")))
    found = funnel(lives.hub, steps_of(lives.hub), april())
    assert {(one.before, one.stage, one.reason, one.count) for one in found.back} == {
        ("mql", "recycled", "no_budget", 2),
        ("mql", "lost", "price", 1),
        (None, "disqualified", None, 1),
    }
    assert found.aside == {"lost": 1, "recycled": 3, "dormant": 0, "disqualified": 1}


def test_cohorts_tell_how_far_those_came_who_began_in_the_period(lives: Lives) -> None:
    lives.lead(
        ("inquiry", at("2026-04-01")),
        ("mql", at("2026-05-02")),
        first_touch_source="展示会",
        lead_source="offline",
    )
    lives.lead(("inquiry", at("2026-04-01")), lead_source="展示会")
    lives.lead(("inquiry", at("2026-04-01")), custom__team="IS 第一")
    lives.lead(("inquiry", at("2026-03-01")), ("mql", at("2026-04-02")), lead_source="展示会")
    steps = steps_of(lives.hub, own=["入口=inquiry", "有望=mql,tal"])
    found = cohorts(lives.hub, steps, dimension("source"), april())
    assert found.cohorts == (Cohort("展示会", 2, (2, 1)), Cohort(None, 1, (1, 0)))
    by_team = cohorts(lives.hub, steps, dimension("team"), april())
    assert [(one.name, one.began) for one in by_team.cohorts] == [(None, 2), ("IS 第一", 1)]
    assert found.cohorts[0].conversion == 0.5


def test_the_purchase_funnel_puts_stages_together(lives: Lives) -> None:
    lives.lead(("inquiry", at("2026-04-01")), ("tal", at("2026-04-05")), ("won", at("2026-04-25")))
    lives.lead(("mql", at("2026-04-01")), ("tal", at("2026-04-03")))
    found = funnel(lives.hub, steps_of(lives.hub, "purchase"))
    assert [(one.step.ja, one.now, one.entered, one.went_on) for one in found.steps] == [
        ("認知", 0, 1, 1),
        ("興味・関心", 1, 2, 1),
        ("比較検討", 0, 0, 0),
        ("購入", 1, 1, 0),
    ]
    assert found.steps[1].median_days == 20.0
    assert found.steps[2].conversion is None


def test_stages_that_a_company_does_not_use_are_no_steps(
    database: Database, tmp_path: Path
) -> None:
    lives = Lives(database, tmp_path, optional=["tal", "tql"])
    codes = [step.code for step in steps_of(lives.hub)]
    assert codes == ["inquiry", "mql", "sal", "sql", "opportunity", "won"]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(["a=mql"], id="one step"),
        pytest.param(["a=mql", "b=mqll"], id="no stage"),
        pytest.param(["a=mql", "b=tal,mql"], id="a stage twice"),
        pytest.param(["a=mql", "a=tal"], id="a name twice"),
        pytest.param(["a=mql", "b="], id="no stages"),
        pytest.param(["a=mql", "tal"], id="no name"),
    ],
)
def test_steps_that_make_no_funnel_are_refused(lives: Lives, written: list[str]) -> None:
    with pytest.raises(MappingError):
        steps_of(lives.hub, own=written)


def test_nothing_is_a_funnel_too(lives: Lives) -> None:
    assert counted(lives) == {}
    assert cohorts(lives.hub, steps_of(lives.hub), dimension("month")).cohorts == ()
    assert cohorts(lives.hub, steps_of(lives.hub), dimension("owner")).cohorts == ()


def test_a_word_that_no_lead_has_is_refused_with_what_is_near() -> None:
    with pytest.raises(MappingError) as raised:
        dimension("campain")
    assert "campaign" in (raised.value.hint or "")


def test_the_number_of_statements_does_not_grow_with_the_leads(lives: Lives) -> None:
    def statements() -> Any:
        before = lives.database.statements
        counted(lives)
        cohorts(lives.hub, steps_of(lives.hub), dimension("source"))
        return lives.database.statements - before

    lives.lead(("inquiry", at("2026-04-01")))
    few = statements()
    for _ in range(20):
        lives.lead(("inquiry", at("2026-04-01")), ("lost", at("2026-04-02")))
    assert statements() == few == 4
