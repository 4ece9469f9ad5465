"""The outbox holds facts, not commands: leases, fences, and copies that become stale again."""

from __future__ import annotations

from datetime import timedelta

from sync.store import outbox
from sync.store.database import Database, iso
from sync.store.outbox import Owed


def lease(database: Database, seconds: int = 60, limit: int = 10) -> list[Owed]:
    now = database.now()
    with database.write() as tx:
        return outbox.lease(tx, "crm", iso(now), iso(now + timedelta(seconds=seconds)), limit)


def owe(database: Database, *lead_ids: str) -> None:
    with database.write() as tx:
        outbox.owe(tx, [("crm", lead_id) for lead_id in lead_ids], iso(database.now()))


def settle(database: Database, *owed: Owed) -> None:
    with database.write() as tx:
        outbox.settle(tx, owed)


def depth(database: Database) -> int:
    with database.read() as tx:
        return sum(sum(states.values()) for states in outbox.depth(tx).values())


def test_owing_twice_is_one_row(database: Database) -> None:
    owe(database, "a")
    owe(database, "a")
    assert [owed.lead_id for owed in lease(database)] == ["a"]


def test_a_leased_row_is_not_leased_again_until_its_time_is_up(database, clock) -> None:
    owe(database, "a")
    assert lease(database)
    assert lease(database) == []
    clock.pass_time(seconds=61)
    (again,) = lease(database)
    assert again.crashes == 1


def test_what_changed_during_the_push_stays_owed(database: Database) -> None:
    owe(database, "a")
    (owed,) = lease(database)
    owe(database, "a")
    settle(database, owed)
    assert [row.lead_id for row in lease(database)] == ["a"]


def test_a_worker_that_wakes_up_late_settles_nothing(database, clock) -> None:
    owe(database, "a")
    (late,) = lease(database)
    clock.pass_time(seconds=61)
    (owner,) = lease(database)
    settle(database, late)
    assert depth(database) == 1
    settle(database, owner)
    assert depth(database) == 0


def test_a_failure_waits_and_more_news_does_not_shorten_the_wait(database, clock) -> None:
    owe(database, "a")
    (owed,) = lease(database)
    with database.write() as tx:
        outbox.put_off(tx, [(owed, iso(clock() + timedelta(seconds=100)))], "UNAVAILABLE")
    owe(database, "a")
    assert lease(database) == []
    clock.pass_time(seconds=101)
    (again,) = lease(database)
    assert again.attempts == 1


def test_what_is_set_aside_comes_back_when_the_lead_changes(database: Database) -> None:
    owe(database, "a")
    (owed,) = lease(database)
    with database.write() as tx:
        outbox.set_aside(tx, [(owed, "REJECTED")])
    assert lease(database) == []
    owe(database, "a")
    assert [row.lead_id for row in lease(database)] == ["a"]


def test_the_oldest_are_leased_first_and_no_more_than_asked(database, clock) -> None:
    owe(database, "late")
    clock.pass_time(seconds=1)
    owe(database, "later")
    assert [row.lead_id for row in lease(database, limit=1)] == ["late"]
