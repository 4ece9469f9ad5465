"""A lot that is leased goes out in calls of the vendor's size; one that fails fails alone."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from connectors.kit.errors import AuthFailed, ContractBroken, Unavailable
from sync.engine.outcomes import RETRIES
from sync.store import runs
from sync.store.outbox import CRASHES

SATO = {"family": "佐藤", "company": "青空製作所", "status": "new", "mail": "yes"}


def test_what_was_written_before_a_call_failed_is_kept_and_the_rest_waits(shelves: Any) -> None:
    calls: list[int] = []

    def third_call_fails(changes: Any) -> None:
        calls.append(len(changes))
        if len(calls) == 3:
            raise Unavailable("down", maybe_applied=False)

    for number in range(45):
        person = {
            **SATO,
            "email": f"p{number}@aozora.example",
            "given": f"花子{number}",
            "title": "",
        }
        shelves.at["crm"].put(str(number), **person)
    shelves.at["sfa"].before = third_call_fails
    shelves.run()
    assert sum(calls) == 45  # each was tried once, in calls of ten at most
    assert len(shelves.at["sfa"].people) == 35  # all but the call that failed
    with shelves.database.read() as tx:
        ((linked,),) = tx.rows("SELECT count(*) FROM link WHERE connection = 'sfa'")
    assert linked == 35
    shelves.at["sfa"].before = lambda _: None
    shelves.tick(minutes=10)
    shelves.settle()
    assert len(shelves.at["sfa"].people) == 45
    assert len(shelves.at["sfa"].writes) == 45


def people(shelves: Any, count: int) -> None:
    for number in range(count):
        email, given = f"p{number}@aozora.example", f"花子{number}"
        shelves.at["crm"].put(str(number), **SATO, email=email, given=given, title="")


def test_a_lead_that_kills_its_worker_each_time_is_set_aside_alone(shelves: Any) -> None:
    def dies_of_seven(changes: Any) -> None:
        if any("p7@" in str(change.values.values()) for change in changes):
            raise SystemExit  # the process is gone: nothing is recorded

    people(shelves, 45)
    shelves.at["sfa"].before = dies_of_seven
    for _ in range(2 * CRASHES):
        with suppress(SystemExit):
            shelves.run()
        shelves.tick(minutes=2)
    shelves.run()
    assert len(shelves.at["sfa"].people) == 44
    (aside,) = shelves.asides()
    assert (aside.code, aside.connection) == ("CRASHER", "sfa")


def test_a_worker_that_is_killed_whatever_it_writes_sets_nobody_aside(shelves: Any) -> None:
    kills = iter(range(CRASHES - 1))

    def dies_a_few_times(_changes: Any) -> None:
        if next(kills, None) is not None:
            raise SystemExit

    people(shelves, 45)
    shelves.at["sfa"].before = dies_a_few_times
    for _ in range(CRASHES):
        with suppress(SystemExit):
            shelves.run()
        shelves.tick(minutes=2)
    shelves.settle()
    assert len(shelves.at["sfa"].people) == 45
    assert shelves.asides() == []


def test_refused_credentials_cost_no_attempt(shelves: Any) -> None:
    refusals = iter(range(2 * RETRIES))

    def refused(_changes: Any) -> None:
        if next(refusals, None) is not None:
            raise AuthFailed("who are you?")

    people(shelves, 5)
    shelves.at["sfa"].before = refused
    for _ in range(2 * RETRIES):
        shelves.run()
        with shelves.database.write() as tx:  # somebody signs in, and is refused again
            assert runs.set_connection(tx, "sfa", "active", None, shelves.hub.stamp())
    shelves.run()
    assert len(shelves.at["sfa"].people) == 5
    assert shelves.asides() == []


@pytest.mark.parametrize("error", [AuthFailed("who?"), ContractBroken("a page of HTML")])
def test_what_is_wrong_with_the_vendor_sets_no_change_aside(shelves: Any, error: Any) -> None:
    people(shelves, 5)
    shelves.at["sfa"].refuse = lambda _: error  # told of each change of a call that broke off
    shelves.run()
    assert shelves.asides() == []
    shelves.at["sfa"].refuse = lambda _: None
    shelves.tick(minutes=10)
    shelves.run()
    assert len(shelves.at["sfa"].people) == 5
