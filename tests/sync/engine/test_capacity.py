"""What an installation can carry, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sync.engine.capacity import ENOUGH, Account, Disk, Stage, limits, per_day

NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
GB = 2**30
RESOLVE = Stage("resolve", "", rows=100_000, seconds=50.0, busiest=7200)
PUSH = Stage("push", "crm", rows=1000, seconds=20.0, busiest=36_000, away=15.0)
ROOMY = Disk(size=GB, leads=1000, per_day=None, free=None)


def told(stages=(), accounts=(), disk: Disk = ROOMY, dialect: str = "sqlite") -> list[str]:
    found = limits(stages, accounts, disk, now=NOW, dialect=dialect)
    return [f"{one.what} {one.name}".strip() for one in found]


def test_room_is_the_speed_of_full_batches_over_the_busiest_hour() -> None:
    assert (RESOLVE.rate, RESOLVE.load, RESOLVE.headroom) == (2000.0, 2.0, 1000.0)
    assert (PUSH.rate, PUSH.load, PUSH.headroom) == (50.0, 10.0, 5.0)


@pytest.mark.parametrize(
    ("rows", "trial", "rate"),
    [
        pytest.param(ENOUGH - 1, None, None, id="too little"),
        pytest.param(ENOUGH, None, 50.0, id="enough"),
        pytest.param(ENOUGH - 1, 3000.0, 3000.0, id="too little, but measured"),
        pytest.param(ENOUGH, 3000.0, 50.0, id="its own work counts first"),
    ],
)
def test_a_speed_is_told_from_enough_records(
    rows: int, trial: float | None, rate: float | None
) -> None:
    stage = Stage("resolve", "", rows=rows, seconds=rows / 50, busiest=3600, trial=trial)
    assert stage.rate == (None if rate is None else pytest.approx(rate))


def test_without_a_load_there_is_no_room_to_tell() -> None:
    assert replace(RESOLVE, busiest=0).headroom is None
    assert told([replace(RESOLVE, busiest=0)]) == []


@pytest.mark.parametrize(
    ("used", "over", "expected", "headroom"),
    [
        pytest.param(1000, 0.5, 2000.0, 5.0, id="half a day"),
        pytest.param(1000, 1.0, 1000.0, 10.0, id="a rolling day"),
        pytest.param(1000, 0.01, None, None, id="a day just begun"),
        pytest.param(0, 0.5, 0.0, None, id="not called"),
    ],
)
def test_the_days_calls_are_drawn_on_to_its_end(
    used: int, over: float, expected: float | None, headroom: float | None
) -> None:
    account = Account("hs", limit=10_000, used=used, over=over)
    assert (account.expected, account.headroom) == (expected, headroom)


def test_an_account_that_will_not_last_the_day_says_until_when_it_does() -> None:
    midnight = NOW + timedelta(hours=12)
    account = Account("hs", limit=10_000, used=8000, over=0.5, ends_at=midnight)
    assert account.spent_at is not None
    assert (account.spent_at - NOW) / timedelta(hours=1) == pytest.approx(3.0)
    assert replace(account, used=4000).spent_at is None


def test_what_runs_out_first_comes_first() -> None:
    short = Account("hs", limit=100, used=100, over=0.5, ends_at=NOW + timedelta(hours=12))
    full_soon = replace(ROOMY, per_day=GB, free=30 * GB)
    full_late = replace(ROOMY, per_day=GB, free=900 * GB)
    assert told([RESOLVE, PUSH], [short], full_soon) == ["quota hs", "disk", "push crm", "resolve"]
    assert told([RESOLVE, PUSH], [], full_late) == ["push crm", "resolve", "disk"]


def test_a_disk_that_does_not_fill_is_no_limit() -> None:
    assert told(disk=replace(ROOMY, per_day=-5.0, free=GB)) == []
    assert told(disk=replace(ROOMY, per_day=None, free=GB)) == []
    assert told(disk=replace(ROOMY, per_day=1.0, free=None)) == []


@pytest.mark.parametrize(
    ("stage", "dialect", "advice"),
    [
        pytest.param(RESOLVE, "sqlite", "resolve.sqlite", id="one writer"),
        pytest.param(RESOLVE, "postgresql", "resolve.postgresql", id="more workers"),
        pytest.param(PUSH, "sqlite", "push.vendor", id="the vendor's time"),
        pytest.param(replace(PUSH, away=9.0), "sqlite", "push.hub", id="the hub's time"),
        pytest.param(replace(PUSH, name="pull"), "sqlite", "pull.vendor", id="reading"),
    ],
)
def test_what_to_do_depends_on_where_the_time_goes(stage: Stage, dialect: str, advice: str) -> None:
    (found,) = limits([stage], [], ROOMY, now=NOW, dialect=dialect)
    assert found.advice == advice


def test_growth_needs_a_day_between_two_sizes() -> None:
    start = [(NOW, 1000)]
    assert per_day([]) is None
    assert per_day(start) is None
    assert per_day([*start, (NOW + timedelta(hours=23), 2000)]) is None
    assert (
        per_day([*start, (NOW + timedelta(hours=12), 0), (NOW + timedelta(days=2), 5000)]) == 2000
    )
