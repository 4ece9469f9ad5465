"""A day's calls are shared: who stops first, what goes on, and that nothing is lost by stopping."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.kit.simulator import Window
from sync.config.model import LeaveConfig, QuotaConfig
from sync.engine.budgets import accounts, forecast
from sync.engine.hub import Hub
from sync.engine.quota import Lane
from sync.store.database import Database
from sync.store.runs import RunRow
from sync.store.upgrade import upgrade
from sync.workers import jobs
from tests.conftest import KEY, Clock

NOTHING = LeaveConfig(backfill=0, routine=0, opt_out=0)


def another(world: Any, path: Path) -> Any:
    """A world of the same kind that nothing disturbs."""
    path.mkdir()
    clock = Clock(world.now())
    database = Database(f"sqlite:///{path / 'other.sqlite3'}", clock=clock, keys=KEY)
    upgrade(database)
    return type(world)(path, database, clock.pass_time, clock)


def people(world: Any, count: int, begin: int = 0) -> None:
    for number in range(begin, begin + count):
        world.ma.add_contact(
            email=f"p{number}@kaisha{number}.example", lastname="佐藤", firstname="花子"
        )


def answers(world: Any, *numbers: int) -> list[str]:
    """Answers of different people of different companies; their e-mails."""
    emails = [f"p{number}@kaisha{number}.example" for number in numbers]
    for number, email in zip(numbers, emails, strict=True):
        world.submit(
            email,
            f"姓{number}",
            f"名{number}",
            company=f"株式会社第{number}商店",
            phone=f"+8131234{number:04}",
        )
    return emails


def held(world: Any) -> dict[str, Any]:
    """What every system holds, without what depends on when it was written."""
    return {
        "leads": sorted((lead.email, lead.name, lead.stage) for lead in world.leads()),
        "ma": sorted((one["email"], one.get("lastname")) for one in world.contacts()),
        "sfa": sorted((one["Email"], one["LastName"]) for one in world.sfa_rows()),
        "crm": sorted((one["メールアドレス"], one["ステージ"]) for one in world.crm_rows()),
    }


def statuses(simulator: Any) -> Counter[int]:
    return Counter(seen.status for seen in simulator.seen)


def spent(done: Iterable[RunRow]) -> set[tuple[str, str]]:
    return {(run.connection, run.kind) for run in done if run.code == "QUOTA_SPENT"}


def account(hub: Hub, name: str) -> Any:
    (found,) = [one for one in accounts(hub) if one.account == name]
    return found


def test_a_backfill_stops_at_its_share_and_routine_work_goes_on(world: Any) -> None:
    people(world, 40)
    world.submit("hanako@aozora.example")
    world.ma.daily = 20
    done = world.sync()
    assert ("ma", "pull") in spent(done)
    assert {run.state for run in done if run.code == "QUOTA_SPENT"} == {"stopped"}
    assert world.ma._used_today() <= 14
    assert account(world.hub, "ma").left >= 6
    assert "hanako@aozora.example" in {one["email"] for one in world.contacts()}
    (wait,) = account(world.hub, "ma").waits
    assert (wait.lane, wait.code) == (Lane.BACKFILL, "QUOTA_SPENT")
    assert statuses(world.ma)[429] == 0


def test_after_the_reset_it_goes_on_and_ends_as_if_nothing_had_stopped_it(
    world: Any, tmp_path: Path
) -> None:
    calm = another(world, tmp_path / "calm")
    for one in (world, calm):
        people(one, 45)
        one.submit("hanako@aozora.example")
    world.ma.daily = 40
    days = 0
    while spent(world.sync()) and days < 20:
        world.tick(days=1)
        days += 1
    assert 1 <= days < 20
    world.ma.daily = 1_000_000
    world.tick(days=1)
    world.settle()
    calm.settle()
    assert held(world) == held(calm)
    assert statuses(world.ma)[429] == 0


@pytest.mark.parametrize("name", ["ma", "sfa", "crm"])
def test_a_push_that_stops_at_any_call_writes_everybody_once(world: Any, name: str) -> None:
    world.settle()
    expected: set[str] = set()
    for calls in range(1, 7):
        world.tick(days=2)
        world.quotas[name] = QuotaConfig(daily=calls, leave=NOTHING)
        world.hub = world.open()
        expected |= set(answers(world, *range(calls * 10, calls * 10 + 3)))
        world.tick(minutes=5)
        jobs.pull(world.hub, "form")
        done = jobs.push(world.hub, name)
        assert done is not None
        assert done.code in ("QUOTA_SPENT", None)
        assert account(world.hub, name).left >= 0
    world.tick(days=2)
    world.quotas.clear()
    world.hub = world.open()
    world.settle()
    said = held(world)
    for system in ("ma", "sfa", "crm"):
        assert Counter(email for email, _ in said[system]) == Counter(expected)


def test_an_opt_out_is_written_when_routine_has_stopped(world: Any) -> None:
    emails = answers(world, 1, 2, 3, 4)
    world.settle()
    world.tick(days=1)
    records = [world.links(world.lead(email))["crm"].external_id for email in emails]
    world.quotas["ma"] = QuotaConfig(daily=100, leave=LeaveConfig(routine=100, opt_out=10))
    world.hub = world.open()
    for record in records[1:]:
        world.crm.edit_record(5, record, {"役職": "部長"})
    world.crm.edit_record(5, records[0], {"メール配信": "拒否"})
    before = len(world.ma.seen)
    world.tick(minutes=5)
    jobs.pull(world.hub, "crm")
    (owed,) = [one for one in forecast(world.hub) if one.connection == "ma"]
    assert owed.changes[Lane.OPT_OUT] == 1
    assert owed.fits is (Lane.ROUTINE not in owed.changes)
    done = jobs.push(world.hub, "ma")
    assert done is not None
    assert (done.code, done.counts["updated"]) == ("QUOTA_SPENT", 1)
    assert len(world.ma.seen) > before
    assert account(world.hub, "ma").used.keys() == {Lane.OPT_OUT}
    assert world.lead(emails[0]).fields["consent.email.marketing"] == "denied"
    world.quotas.clear()
    world.hub = world.open()
    world.tick(days=1)
    world.settle()
    assert forecast(world.hub) == []


def test_a_rolling_quota_is_asked_once_an_hour(world: Any) -> None:
    for _ in range(4):
        world.sfa.add_lead(LastName="佐藤", Company="見本", Email="a@mihon.example")
    world.sfa.daily_limit = 100
    world.sfa._calls = Window(100, 24 * 3600.0)
    world.sfa.use_up_calls(40)
    assert ("sfa", "pull") in spent(world.sync("sfa"))
    seen = len(world.sfa.seen)
    for _ in range(5):
        assert ("sfa", "pull") in spent(world.sync("sfa"))
    assert len(world.sfa.seen) == seen
    world.tick(hours=1)
    world.sync("sfa")
    assert seen < len(world.sfa.seen) <= seen + 4  # it signs in, and asks
    world.tick(days=1)
    assert spent(world.sync("sfa")) == set()
    assert world.leads()


# -- several workers ------------------------------------------------------------------------------


def at_once(*work: Any) -> None:
    failed: list[BaseException] = []

    def guarded(one: Any) -> None:
        try:
            one()
        except BaseException as error:  # noqa: BLE001 - raised again below
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def test_two_workers_never_exceed_the_day_together(world: Any) -> None:
    people(world, 60)
    world.quotas["ma"] = QuotaConfig(leave=NOTHING)
    world.ma.daily = 33
    hubs = [world.open(), world.open()]
    at_once(
        lambda: jobs.pull(hubs[0], "ma", streams=["contacts", "calls"]),
        lambda: jobs.pull(hubs[1], "ma", streams=["deals", "contacts", "notes", "emails"]),
    )
    assert statuses(world.ma)[429] == 0
    assert len(world.ma.seen) <= 33
    one = account(world.hub, "ma")
    assert sum(one.used.values()) == len(world.ma.seen)
    assert one.left == 33 - len(world.ma.seen)


class Gate:
    """An app whose ``nth`` request waits at the vendor until it is let go."""

    def __init__(self, app: Any, nth: int) -> None:
        self.app, self.nth = app, nth
        self.asked = 0
        self.there, self.go = threading.Event(), threading.Event()

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        self.asked += 1
        if self.asked == self.nth:
            self.there.set()
            assert self.go.wait(20)
        answer: Iterable[bytes] = self.app(environ, start_response)
        return answer


class Slower(Gate):
    """An app that answers 429 to its ``nth`` request."""

    def __init__(self, app: Any, nth: int, wait: str) -> None:
        super().__init__(app, 0)
        self.refuses, self.wait = nth, wait

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        if self.asked + 1 != self.refuses:
            return super().__call__(environ, start_response)
        self.asked += 1
        start_response("429 Too Many Requests", [("Retry-After", self.wait)])
        return [b"{}"]


def opened(world: Any, app: Any) -> Hub:
    """A hub in a process of its own, as it were: nothing in memory is shared with others."""
    shared, world.database = world.database, Database(world.database.url, clock=world.now, keys=KEY)
    world.wrap = lambda name, simulator: app if name == "ma" else simulator
    found: Hub = world.open()
    world.database, world.wrap = shared, lambda _name, simulator: simulator
    return found


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_after_a_429_only_calls_in_flight_arrive(world: Any, form: str) -> None:
    people(world, 30)
    until = datetime.now(UTC) + timedelta(seconds=600)
    wait = "600" if form == "seconds" else format_datetime(until, usegmt=True)
    slower, gate = Slower(world.ma, 4, wait), Gate(world.ma, 3)
    one, two = opened(world, slower), opened(world, gate)
    in_flight = threading.Thread(target=lambda: jobs.pull(two, "ma"))
    in_flight.start()
    assert gate.there.wait(20)
    (*_, refused) = jobs.pull(one, "ma")
    gate.go.set()
    in_flight.join()
    assert (refused.state, slower.asked, gate.asked) == ("stopped", 4, 3)
    assert refused.resumes_at is not None
    for seconds in (0, 500):
        world.tick(seconds=seconds)
        for hub in (one, two):
            assert [run.code for run in jobs.pull(hub, "ma")] == ["ACCOUNT_PAUSED"]
    assert (slower.asked, gate.asked) == (4, 3)
    world.tick(seconds=140)  # what was asked for, and the spread
    assert {run.code for run in jobs.pull(two, "ma")} == {None}
    for hub in (one, two):
        hub.database.close()


def test_connections_that_share_an_account_share_its_pause(world: Any) -> None:
    shared = QuotaConfig(account="both")
    world.quotas = {"ma": shared, "sfa": shared}
    world.hub = world.open()
    world.hub.flows["ma"].meter.pause(60)
    seen = len(world.sfa.seen)
    assert [run.code for run in jobs.pull(world.hub, "sfa")] == ["ACCOUNT_PAUSED"]
    assert len(world.sfa.seen) == seen
