"""How calls are claimed and counted: within the limit, few statements, no pause ever lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.kit.errors import HeldBack
from connectors.kit.manifest import Day
from connectors.kit.reply import Quota
from sync.config.model import ConnectionConfig, LeaveConfig, QuotaConfig
from sync.engine.quota import Lane, Meter, Terms, in_lane, left_of, terms_of
from sync.store import quotas
from sync.store.database import Database, iso

MIDNIGHT = Day(resets="00:00", timezone="Asia/Tokyo")


def terms(day: Day | None = MIDNIGHT, **quota: Any) -> Terms:
    connection = ConnectionConfig(connector="kintone", quota=QuotaConfig(**quota))
    return terms_of("crm", connection, day, "Asia/Tokyo")


def meter(database: Database, day: Day | None = MIDNIGHT, **quota: Any) -> Meter:
    return Meter(database, "crm", terms(day, **quota))


def row(database: Database) -> quotas.QuotaRow:
    with database.read() as tx:
        return quotas.of_accounts(tx, ["crm"])["crm"]


def spend(one: Meter, lane: Lane, most: int) -> int:
    """How many of ``most`` calls the lane may make."""
    with in_lane(lane):
        for count in range(most):
            try:
                one.spend()
            except HeldBack:
                return count
    return most


@pytest.mark.parametrize(
    ("lane", "calls"),
    [(Lane.BACKFILL, 50), (Lane.ROUTINE, 90), (Lane.OPT_OUT, 98), (Lane.HAND_OFF, 100)],
)
def test_each_lane_stops_where_it_leaves_the_rest_to_those_above(
    database: Database, lane: Lane, calls: int
) -> None:
    one = meter(database, daily=100)
    assert spend(one, lane, 200) == calls
    for above in list(Lane)[: list(Lane).index(lane)]:
        assert spend(one, above, 1) == 1


def test_a_lane_never_leaves_less_than_one_above_it() -> None:
    odd = terms(leave=LeaveConfig(backfill=0, routine=30, opt_out=10))
    assert [odd.floor(lane, 10) for lane in Lane] == [0, 1, 3, 3]


def test_calls_are_counted_in_the_database_a_few_dozen_at_a_time(database: Database) -> None:
    one = meter(database, daily=100_000)
    before = database.transactions
    assert spend(one, Lane.ROUTINE, 1000) == 1000
    assert database.transactions - before == 20
    one.settle()
    assert (row(database).used, row(database).claimed) == ({"routine": 1000}, 0)


def test_what_a_job_did_not_need_is_given_back(database: Database) -> None:
    one, two = meter(database, daily=100), meter(database, daily=100)
    assert spend(one, Lane.ROUTINE, 3) == 3
    assert row(database).claimed > 3
    one.settle()
    assert spend(two, Lane.ROUTINE, 200) == 87


def test_what_a_killed_process_had_claimed_is_free_when_the_day_is_over(
    database: Database, clock: Any
) -> None:
    leave = LeaveConfig(backfill=0, routine=0, opt_out=0)
    spend(meter(database, daily=100, leave=leave), Lane.ROUTINE, 1)  # and never heard of again
    claimed = row(database).claimed
    other = meter(database, daily=100, leave=leave)
    assert spend(other, Lane.ROUTINE, 200) == 100 - claimed
    clock.pass_time(days=1)
    assert spend(other, Lane.ROUTINE, 200) == 100


def test_calls_of_others_count_once_the_vendor_says_so(database: Database) -> None:
    one = meter(database)
    with in_lane(Lane.ROUTINE):
        one.spend()
        one.heard(Quota(left=39, limit=100))
    assert spend(one, Lane.ROUTINE, 200) == 29  # 60 are gone to others, 10 are left alone
    one.settle()
    assert (row(database).others, row(database).used) == (60, {"routine": 30})


def test_when_others_use_up_the_day_it_stops_at_once(database: Database) -> None:
    one = meter(database)
    with in_lane(Lane.ROUTINE):
        one.spend()
        one.heard(Quota(left=1000, limit=1000))
        one.spend()
        one.heard(Quota(left=100, limit=1000))
        with pytest.raises(HeldBack) as caught:
            one.spend()
    assert caught.value.code == "QUOTA_SPENT"


def test_a_limit_that_is_counted_here_is_not_taken_for_the_vendors_word(database: Database) -> None:
    one = meter(database)
    with in_lane(Lane.HAND_OFF):
        one.spend()
        one.heard(Quota(left=3, limit=100, counted=True))
    assert spend(one, Lane.HAND_OFF, 200) == 99


def test_headers_about_a_shorter_time_than_a_day_say_nothing_about_it(database: Database) -> None:
    one = meter(database, day=None)
    with in_lane(Lane.BACKFILL):
        one.spend()
        one.heard(Quota(left=0, limit=300))
    assert spend(one, Lane.BACKFILL, 500) == 500


def test_a_day_ends_when_the_vendor_says_in_its_zone() -> None:
    now = datetime(2026, 4, 1, 14, 59, tzinfo=UTC)
    assert terms().day_ends(now) == now + timedelta(minutes=1)
    assert terms(resets="09:00").day_ends(now) == datetime(2026, 4, 2, 0, 0, tzinfo=UTC)
    spring = terms(Day(resets="00:00", timezone="America/Chicago"))
    assert spring.day_ends(datetime(2026, 3, 8, 12, tzinfo=UTC)) == datetime(
        2026, 3, 9, 5, tzinfo=UTC
    )


def test_a_minute_around_the_reset_the_vendors_clock_may_be_behind(
    database: Database, clock: Any
) -> None:
    one = meter(database)
    with in_lane(Lane.HAND_OFF):
        one.spend()
        one.heard(Quota(left=0, limit=100))
    one.settle()
    clock.moment = datetime(2026, 4, 1, 15, 0, 5, tzinfo=UTC)
    assert spend(one, Lane.HAND_OFF, 1) == 0
    clock.pass_time(minutes=1)
    assert spend(one, Lane.HAND_OFF, 200) == 100


def test_a_rolling_quota_frees_as_the_vendor_says(database: Database, clock: Any) -> None:
    one = meter(database, day=Day(rolling=True))
    with in_lane(Lane.HAND_OFF):
        one.spend()
        one.heard(Quota(left=0, limit=100))
    assert spend(one, Lane.HAND_OFF, 5) == 0
    clock.pass_time(hours=1)
    with in_lane(Lane.HAND_OFF):
        one.spend()
        one.heard(Quota(left=30, limit=100))
    assert spend(one, Lane.HAND_OFF, 200) == 30


def test_a_pause_only_grows_and_outlives_whatever_else_is_written(
    database: Database, clock: Any
) -> None:
    one = meter(database, daily=100)
    with in_lane(Lane.ROUTINE):
        one.spend()
    one.pause(600)
    until = row(database).paused_until
    assert until is not None
    assert iso(clock() + timedelta(seconds=600)) <= until <= iso(clock() + timedelta(seconds=630))
    meter(database).pause(30)
    one.settle()
    assert row(database).paused_until == until
    with pytest.raises(HeldBack) as caught:
        meter(database).spend()
    assert (caught.value.code, caught.value.retry_after >= 600) == ("ACCOUNT_PAUSED", True)


def test_a_pause_of_days_is_cut_to_one(database: Database, clock: Any) -> None:
    meter(database).pause(10 * 86_400)
    assert row(database).paused_until == iso(clock() + timedelta(days=1))


def test_a_pause_of_a_moment_is_waited_out_in_the_call(database: Database) -> None:
    one = meter(database)
    one.pause(1)
    assert 1 <= one.spend() <= 2


def test_calls_outside_a_job_leave_nothing_claimed(database: Database) -> None:
    one = meter(database, daily=100)
    for _ in range(3):
        one.spend()
    one.settle()
    assert (row(database).claimed, left_of(one.terms, row(database))) == (0, 97)
