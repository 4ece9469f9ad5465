"""Schedules run when their zone's clock says so, once, and make up for what was missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Literal

import pytest

from sync.config.model import PullConfig, ScheduleConfig
from sync.engine.hub import Hub
from sync.store import runs, ticks
from sync.store.database import iso
from sync.workers import schedules
from sync.workers.schedules import Schedule, Ticker, missed, moments, wanted


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "zone", "after", "expected"),
    [
        pytest.param(
            "30 2 * * *",
            "America/New_York",
            "2026-03-07T12:00",
            ["2026-03-08T07:00", "2026-03-09T06:30"],
            id="a time the spring night leaves out runs once, when the gap ends",
        ),
        pytest.param(
            "30 1 * * *",
            "America/New_York",
            "2026-10-31T12:00",
            ["2026-11-01T05:30", "2026-11-02T06:30"],
            id="a time the autumn night has twice runs once, the first time",
        ),
        pytest.param(
            "30 1 * * *",
            "America/New_York",
            "2026-11-01T05:30",
            ["2026-11-02T06:30"],
            id="and not again when it is looked at between the two",
        ),
        pytest.param(
            "30 1 * * *",
            "America/New_York",
            "2026-11-01T06:10",
            ["2026-11-02T06:30"],
            id="nor when the first look is during the second",
        ),
        pytest.param(
            "30 2 * * *",
            "Europe/Berlin",
            "2026-03-28T12:00",
            ["2026-03-29T01:00", "2026-03-30T00:30"],
            id="spring in Berlin",
        ),
        pytest.param(
            "30 2 * * *",
            "Europe/Berlin",
            "2026-10-24T12:00",
            ["2026-10-25T00:30", "2026-10-26T01:30"],
            id="autumn in Berlin",
        ),
        pytest.param(
            "0 * * * *",
            "America/New_York",
            "2026-11-01T04:30",
            ["2026-11-01T05:00", "2026-11-01T06:00", "2026-11-01T07:00"],
            id="an hourly line runs in every real hour",
        ),
        pytest.param(
            "15 2 * * *",
            "Australia/Lord_Howe",
            "2026-10-03T12:00",
            ["2026-10-03T15:30", "2026-10-04T15:15"],
            id="a gap of half an hour",
        ),
        pytest.param(
            "0 9 * * 1-5",
            "Asia/Tokyo",
            "2026-04-03T00:00",
            ["2026-04-06T00:00", "2026-04-07T00:00"],
            id="working mornings in Tokyo, over a week-end",
        ),
        pytest.param(
            "0 9 29 2 *",
            "Asia/Tokyo",
            "2026-01-01T00:00",
            ["2028-02-29T00:00"],
            id="a leap day, and no other",
        ),
        pytest.param(
            "*/15 * * * *",
            "UTC",
            "2026-04-01T00:14:59.500000",
            ["2026-04-01T00:15", "2026-04-01T00:30"],
            id="fractions of a second do not bring a moment twice",
        ),
    ],
)
def test_moments(cron: str, zone: str, after: str, expected: list[str]) -> None:
    found = list(islice(moments(cron, zone, at(after)), len(expected)))
    assert found == [at(moment) for moment in expected]


def a_schedule(
    catch_up: Literal["one", "all", "skip"], overlap: Literal["skip", "queue"] = "skip"
) -> Schedule:
    config = ScheduleConfig(cron="0 * * * *", catch_up=catch_up, overlap=overlap, timezone=None)
    return Schedule("pull", "form", config, "Asia/Tokyo")


@pytest.mark.parametrize(
    ("catch_up", "now", "expected"),
    [
        pytest.param("one", "2026-04-01T03:30", ["03:00"], id="one run for all that was missed"),
        pytest.param("all", "2026-04-01T03:30", ["01:00", "02:00", "03:00"], id="each"),
        pytest.param("skip", "2026-04-01T03:30", [], id="none"),
        pytest.param("skip", "2026-04-01T03:00:30", ["03:00"], id="none, but the one that is now"),
        pytest.param("one", "2026-04-01T00:59", [], id="nothing has come yet"),
    ],
)
def test_catching_up(
    catch_up: Literal["one", "all", "skip"], now: str, expected: list[str]
) -> None:
    schedule = a_schedule(catch_up)
    come = missed(schedule, at("2026-04-01T00:00"), at(now))
    found = wanted(schedule, come, at(now))
    assert [moment.strftime("%H:%M") for moment in found] == expected


def test_a_long_absence_is_made_up_for_by_a_thousand_runs_at_most() -> None:
    come = missed(a_schedule("all"), at("2025-01-01T00:00"), at("2026-01-01T00:30"))
    assert len(come) == schedules.MOST_CAUGHT_UP
    assert come[-1] == at("2026-01-01T00:00")


def scheduled(relay: Any, cron: str = "*/10 * * * *", **more: Any) -> Hub:
    relay.pull["form"] = PullConfig(schedule=ScheduleConfig(cron=cron, **more))
    hub: Hub = relay.open()
    return hub


def states(hub: Hub) -> list[str]:
    with hub.database.read() as tx:
        rows = tx.rows("SELECT state FROM tick WHERE schedule LIKE ? ORDER BY due_at", "pull:%")
    return [row[0] for row in rows]


@pytest.fixture
def morning(relay: Any, clock: Any) -> Any:
    clock.moment = at("2026-04-01T00:05")
    return clock


def test_the_first_look_only_says_where_a_schedule_starts(relay: Any, morning: Any) -> None:
    hub = scheduled(relay)
    assert Ticker(hub).tick() == 0
    assert states(hub) == ["skipped"]
    assert schedules.due(hub) == []


def test_a_moment_is_noted_once_however_many_look(relay: Any, morning: Any) -> None:
    hub = scheduled(relay)
    first, second = Ticker(hub), Ticker(hub)
    first.tick()
    morning.pass_time(minutes=6)
    first.tick()
    second.tick()
    Ticker(hub).tick()
    assert states(hub) == ["skipped", "due"]
    (asked,) = schedules.due(hub)
    assert (asked.kind, asked.connection, asked.cause) == ("pull", "form", "schedule")


def test_one_process_gets_a_tick(relay: Any, morning: Any) -> None:
    hub = scheduled(relay)
    ticker = Ticker(hub)
    ticker.tick()
    morning.pass_time(minutes=6)
    ticker.tick()
    (asked,) = schedules.due(hub)
    now, until = iso(morning.moment), iso(morning.moment + timedelta(seconds=30))
    with hub.database.write() as tx:
        got = [ticks.begin(tx, asked.key, asked.due_at, now, until) for _ in range(2)]
    assert got[0] is not None
    assert got[1] is None
    assert schedules.due(hub) == []
    morning.pass_time(seconds=31)
    assert schedules.due(hub) == [asked], "a process that went away leaves its tick to others"


def test_a_paused_connection_catches_up_when_it_is_resumed(relay: Any, morning: Any) -> None:
    hub = scheduled(relay)
    ticker = Ticker(hub)
    ticker.tick()
    with hub.database.write() as tx:
        runs.set_connection(tx, "form", "paused", "a test", hub.stamp())
    morning.pass_time(hours=2)
    assert ticker.tick() == 0
    with hub.database.write() as tx:
        runs.set_connection(tx, "form", "active", None, hub.stamp())
    morning.pass_time(minutes=10)
    assert ticker.tick() == 1


def test_an_edited_line_starts_anew(relay: Any, morning: Any) -> None:
    Ticker(scheduled(relay)).tick()
    morning.pass_time(hours=5)
    hub = scheduled(relay, "0 3 * * *")
    assert Ticker(hub).tick() == 0
    assert schedules.due(hub) == []


@pytest.mark.parametrize(("overlap", "left"), [("skip", "skipped"), ("queue", "due")])
def test_overlap(relay: Any, morning: Any, overlap: Literal["skip", "queue"], left: str) -> None:
    hub = scheduled(relay, overlap=overlap)
    ticker = Ticker(hub)
    ticker.tick()
    morning.pass_time(minutes=6)
    ticker.tick()
    schedules.skip_overlapping(hub, schedules.due_of(hub, "form"))
    assert states(hub) == ["skipped", left]


def test_what_somebody_asks_for_is_never_skipped(relay: Any, morning: Any) -> None:
    hub = scheduled(relay)
    schedules.ask(hub, "pull", "crm")
    assert schedules.skip_overlapping(hub, schedules.due(hub)) == 0
    (asked,) = schedules.due(hub)
    assert (asked.connection, asked.cause) == ("crm", "webhook")


def test_sweeps_have_schedules_of_their_own(relay: Any) -> None:
    line = ScheduleConfig(cron="0 4 * * *", timezone="Europe/Berlin")
    relay.pull["form"] = PullConfig(schedule=ScheduleConfig(cron="0 * * * *"), sweep=line)
    relay.pull["crm"] = None
    found = schedules.schedules_of(relay.open())
    assert [(one.kind, one.connection, one.zone) for one in found] == [
        ("pull", "form", "Asia/Tokyo"),
        ("sweep", "form", "Europe/Berlin"),
    ]


def test_old_ticks_go_but_the_newest_of_a_schedule_stays(relay: Any, morning: Any) -> None:
    hub = scheduled(relay, catch_up="skip")
    ticker = Ticker(hub)
    ticker.tick()
    for _ in range(3):
        morning.pass_time(hours=1)
        ticker.tick()
    with hub.database.write() as tx:
        assert ticks.forget_before(tx, iso(morning.moment + timedelta(days=40))) == 3
    assert len(states(hub)) == 1
