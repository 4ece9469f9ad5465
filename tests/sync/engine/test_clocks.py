"""Who stands in a stage for too long, in the hours that are worked, and how stages keep time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.engine.clocks import clock_of, clocks, running
from sync.engine.periods import span_of
from sync.store import journeys, leads
from sync.store.database import Database, from_iso, iso
from sync.store.journeys import StageRow
from sync.store.leads import LeadRow
from tests.sync.engine.lives import Lives, at

CLOCKS = {"mql": {"hours": 8}, "sal": {"hours": 48, "business": False}}
"""The clock of the tests stands at 2026-04-01, a Wednesday, 09:00 in Tokyo."""


@pytest.fixture
def lives(database: Database, tmp_path: Path) -> Lives:
    return Lives(database, tmp_path, clocks=CLOCKS)


def test_nights_and_holidays_use_up_no_business_hours(lives: Lives) -> None:
    late = lives.lead(("mql", at("2026-03-27")))  # Friday 10:00: 8 h on Friday, 9 on Monday …
    near = lives.lead(("mql", at("2026-03-31")))  # Tuesday 10:00: 8 h until 18:00
    lives.lead(("mql", at("2026-03-31", "04:00:00.000000")))  # 13:00: 5 h
    found = running(lives.hub)
    assert [(one.lead.lead_id, one.due, one.late_hours) for one in found] == [
        (late, at("2026-03-27", "09:00:00.000000"), 18.0),
        (near, at("2026-03-31", "09:00:00.000000"), 0.0),
    ]
    assert [one.is_over for one in found] == [True, False]


def test_a_clock_on_the_wall_counts_nights_too(lives: Lives) -> None:
    late = lives.lead(("sal", at("2026-03-29")))
    lives.lead(("sal", at("2026-03-31")))
    (one,) = running(lives.hub)
    assert (one.lead.lead_id, one.due, one.late_hours) == (late, at("2026-03-31"), 23.0)


def test_near_is_as_near_as_one_asks(lives: Lives) -> None:
    lives.lead(("mql", at("2026-03-31", "04:00:00.000000")))
    assert len(running(lives.hub, near_percent=62)) == 1  # 5 of 8 hours are 62.5 %
    assert running(lives.hub, near_percent=63) == ()


def test_stages_without_a_clock_and_merged_leads_have_no_limit(lives: Lives) -> None:
    lives.lead(("inquiry", at("2025-01-01")))
    gone = lives.lead(("mql", at("2025-01-01")))
    with lives.database.write() as tx:
        tx.write("UPDATE lead SET merged_into = 'ld_x' WHERE id = ?", gone)
    assert running(lives.hub) == ()


def test_an_owner_and_a_team_see_their_own(lives: Lives) -> None:
    mine = lives.lead(("mql", at("2026-03-01")), owner="a@b.example", custom__team="east")
    lives.lead(("mql", at("2026-03-01")), owner="c@b.example", custom__team="west")
    report = clocks(lives.hub, owner="a@b.example")
    assert [one.lead.lead_id for one in report.leads] == [mine]
    assert [(one.now, one.over, one.missed) for one in report.stages] == [(1, 1, 1), (0, 0, 0)]
    assert [one.lead.team for one in running(lives.hub, team="west")] == ["west"]


def test_a_stage_keeps_its_time_by_those_who_left_it_and_those_who_are_late(lives: Lives) -> None:
    for hours in (2, 4, 8, 9):  # from Monday 09:00
        lives.lead(
            ("mql", at("2026-03-02", "00:00:00.000000")),
            ("tal", at("2026-03-02", f"{hours:02}:00:00.000000")),
        )
    lives.lead(("mql", at("2026-03-03")))  # still there, and late
    lives.lead(("mql", at("2026-03-31", "08:00:00.000000")))  # has time left
    lives.lead(("mql", at("2026-03-02"), {"inferred": True}), ("sal", at("2026-03-30")))
    first, second = clocks(lives.hub).stages
    assert (first.now, first.over, first.kept, first.missed) == (2, 1, 3, 2)
    assert first.kept_rate == 0.6
    assert (first.median_hours, first.p90_hours) == (6.0, pytest.approx(8.7))
    assert (second.now, second.kept, second.missed, second.kept_rate) == (1, 0, 0, None)


def test_a_period_takes_those_who_entered_in_it(lives: Lives) -> None:
    lives.lead(("mql", at("2026-02-27")), ("tal", at("2026-03-02")))
    lives.lead(("mql", at("2026-03-02")), ("tal", at("2026-03-03")))
    first, _ = clocks(lives.hub, span_of("2026-03", "2026-03", "Asia/Tokyo")).stages
    assert (first.kept, first.missed) == (0, 1)


def test_without_clocks_nothing_is_asked(database: Database, tmp_path: Path) -> None:
    lives = Lives(database, tmp_path)
    lives.lead(("mql", at("2025-01-01")))
    report = clocks(lives.hub)
    assert (report.leads, report.stages) == ((), ())


SINCE = st.integers(0, 60 * 24 * 30).map(lambda minutes: f"{minutes}")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    minutes=st.lists(st.integers(0, 60 * 24 * 30), min_size=1, max_size=20),
    near=st.integers(1, 100),
)
def test_who_is_listed_is_who_has_used_up_so_much(
    lives: Lives, minutes: list[int], near: int
) -> None:
    """What the query picks by the moment of entry is what counting each lead's hours says."""
    with lives.database.write() as tx:
        tx.write("DELETE FROM lead")
        tx.write("DELETE FROM stage_history")
    now = from_iso(lives.hub.stamp()).timestamp()
    begins = {}
    for number, back in enumerate(minutes):
        begin = from_iso(lives.hub.stamp()).fromtimestamp(
            now - 60 * back, tz=from_iso(lives.hub.stamp()).tzinfo
        )
        begins[lives.lead(("mql" if number % 2 else "sal", iso(begin)))] = begin
    of = {clock.stage: clock for clock in clock_of(lives.hub)}
    wanted = {
        lead
        for number, (lead, begin) in enumerate(begins.items())
        for clock in [of["mql" if number % 2 else "sal"]]
        if clock.passed(begin, lives.hub.now()) >= clock.hours * near / 100 - 1e-9
    }
    assert {one.lead.lead_id for one in running(lives.hub, near_percent=near)} == wanted


def test_twenty_thousand_leads_are_told_in_seconds(lives: Lives) -> None:
    rows, stays = [], []
    for number in range(20_000):
        lead_id, since = f"ld_{number:05}", at(f"2026-{number % 2 + 2:02}-{number % 27 + 1:02}")
        rows.append(
            LeadRow(
                lead_id, "田中", None, None, None, "mql", since, None, 1, {}, {}, {}, None, since,
                since,
            )
        )  # fmt: skip
        stays.append(StageRow(lead_id, 1, "mql", since, None, "crm", None, None, False, None, None))
    with lives.database.write() as tx:
        leads.save(tx, rows)
        journeys.add_stages(tx, stays, {row.id for row in rows})
    begin = time.perf_counter()
    report = clocks(lives.hub)
    assert time.perf_counter() - begin < 5
    assert len(report.leads) == report.stages[0].missed == 20_000
