"""Working time: what a span holds of it, and when so much of it will have passed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.hours import DAYS, BusinessHours, minute_of

TOKYO = ZoneInfo("Asia/Tokyo")


def jst(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        pytest.param("2026-11-02T10:00", "2026-11-02T12:30", 2.5, id="within a day"),
        pytest.param("2026-11-02T17:00", "2026-11-04T10:00", 2, id="over a holiday (文化の日)"),
        pytest.param("2026-11-06T17:00", "2026-11-09T10:00", 2, id="over a weekend"),
        pytest.param("2026-11-07T10:00", "2026-11-08T10:00", 0, id="a weekend alone"),
        pytest.param("2026-11-02T06:00", "2026-11-02T23:00", 9, id="from early till late"),
        pytest.param("2026-05-05T00:00", "2026-05-07T10:00", 1, id="a holiday moved by Sunday"),
        pytest.param("2026-12-28T17:00", "2027-01-04T10:00", 29, id="the turn of the year"),
    ],
)
def test_only_working_time_counts(begin: str, end: str, hours: float) -> None:
    found = BusinessHours().business_seconds(jst(begin), jst(end))
    assert found == hours * 3600
    assert BusinessHours().business_seconds(jst(end), jst(begin)) == -found


def test_the_companys_own_days_off_count_as_holidays() -> None:
    hours = BusinessHours(closed=frozenset({date(2026, 12, 29), date(2026, 12, 30)}))
    assert hours.business_seconds(jst("2026-12-28T17:00"), jst("2026-12-31T10:00")) == 2 * 3600
    assert not hours.is_working_day(date(2026, 12, 29))


def test_a_deadline_lies_at_the_end_of_a_day_and_not_in_the_next_morning() -> None:
    hours = BusinessHours()
    assert hours.deadline(jst("2026-11-06T10:00"), 8) == jst("2026-11-06T18:00")
    assert hours.deadline(jst("2026-11-06T10:00"), 8.5) == jst("2026-11-09T09:30")
    assert hours.deadline(jst("2026-11-07T10:00"), 1) == jst("2026-11-09T10:00")
    assert hours.deadline(jst("2026-11-07T10:00"), 0) == jst("2026-11-07T10:00")


def test_days_when_clocks_change_have_the_hours_they_have() -> None:
    new_york = ZoneInfo("America/New_York")
    whole = BusinessHours(frozenset(DAYS), 0, minute_of("24:00"), "America/New_York", None)

    def day(number: int, month: int) -> datetime:
        return datetime(2026, month, number, tzinfo=new_york)

    assert whole.business_seconds(day(8, 3), day(9, 3)) == 23 * 3600
    assert whole.business_seconds(day(1, 11), day(2, 11)) == 25 * 3600
    assert whole.deadline(day(8, 3), 23) == day(9, 3)


ZONES = ("Asia/Tokyo", "America/New_York", "Europe/London", "Australia/Lord_Howe", "UTC")
MOMENTS = st.integers(-125_000_000, 1_000_000_000).map(
    lambda seconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=7)
)
"""Both sides of the day that working time is counted from."""
HOURS = st.integers(1, 500_000_000_000).map(lambda ticks: ticks / 3_600_000_000)


@st.composite
def businesses(draw: st.DrawFn) -> BusinessHours:
    begin = draw(st.integers(0, 24 * 60 - 1))
    return BusinessHours(
        days=draw(st.frozensets(st.sampled_from(DAYS), min_size=1)),
        begin=begin,
        end=draw(st.integers(begin + 1, 24 * 60)),
        zone=draw(st.sampled_from(ZONES)),
        country=draw(st.sampled_from(["JP", "US", None])),
        closed=draw(st.frozensets(st.dates(date(2025, 1, 1), date(2026, 12, 31)), max_size=3)),
    )


@given(businesses(), MOMENTS, MOMENTS, MOMENTS)
def test_spans_add_up_and_grow(
    hours: BusinessHours, one: datetime, two: datetime, three: datetime
) -> None:
    a, b, c = sorted((one, two, three))
    first, second = hours.business_seconds(a, b), hours.business_seconds(b, c)
    assert first + second == pytest.approx(hours.business_seconds(a, c), abs=1e-6)
    assert 0 <= first <= (b - a).total_seconds()


@given(businesses(), MOMENTS, HOURS)
def test_a_deadline_and_its_span_are_each_others_inverse(
    hours: BusinessHours, begin: datetime, wanted: float
) -> None:
    due = hours.deadline(begin, wanted)
    assert hours.business_seconds(begin, due) == pytest.approx(wanted * 3600, abs=1e-6)
    before = due - timedelta(microseconds=1)
    assert hours.business_seconds(begin, before) < hours.business_seconds(begin, due)


@given(businesses(), MOMENTS, HOURS)
def test_the_latest_begin_is_the_last_moment_with_so_much_time_left(
    hours: BusinessHours, end: datetime, wanted: float
) -> None:
    begin = hours.latest_begin(end, wanted)
    assert hours.business_seconds(begin, end) == pytest.approx(wanted * 3600, abs=1e-6)
    after = begin + timedelta(microseconds=1)
    assert hours.business_seconds(after, end) < hours.business_seconds(begin, end)


@given(businesses(), MOMENTS, MOMENTS, HOURS, HOURS)
def test_who_begins_later_or_has_longer_is_due_no_sooner(
    hours: BusinessHours, one: datetime, two: datetime, few: float, many: float
) -> None:
    first, second = sorted((one, two))
    assert hours.deadline(first, few) <= hours.deadline(second, few)
    short, long = sorted((few, many))
    assert hours.deadline(first, short) <= hours.deadline(first, long)
