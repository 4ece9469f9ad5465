"""Metrics say what is in the database, in few statements, and nothing that grows without end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError

from sync.config.model import PullConfig, ScheduleConfig
from sync.engine.hub import Hub
from sync.engine.quota import Lane, in_lane
from sync.observe import metrics as metrics_module
from sync.observe import reading
from sync.observe.metrics import Metrics
from sync.observe.reading import Reader
from sync.observe.vitals import BOUNDS, Durations, Vitals, at_work
from sync.store import asides, gauges, hooks, inbox, outbox, runs, ticks
from sync.store.asides import Aside
from sync.store.database import iso
from sync.store.hooks import Arrived
from sync.store.inbox import Received
from sync.store.runs import RunRow
from sync.workers import jobs
from tests.conftest import Clock

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]
STATEMENTS = 12


class Shown:
    """What a scrape shows."""

    def __init__(self, body: bytes) -> None:
        families = list(text_string_to_metric_families(body.decode()))
        self.samples: Samples = {
            (one.name, tuple(sorted(one.labels.items()))): one.value
            for family in families
            for one in family.samples
        }

    def __call__(self, name: str, **labels: str) -> float:
        """The value of one sample."""
        return self.samples[f"renkei_{name}", tuple(sorted(labels.items()))]

    def all(self, name: str) -> dict[tuple[str, ...], float]:
        """The values of a metric, by the values of its labels in the order of their names."""
        return {
            tuple(value for _, value in labels): number
            for (found, labels), number in self.samples.items()
            if found == f"renkei_{name}"
        }


@pytest.fixture
def hub(relay: Any) -> Hub:
    schedule = ScheduleConfig(cron="0 * * * *")
    relay.pull["crm"] = PullConfig(schedule=schedule)
    opened: Hub = relay.open()
    return opened


def scrape(hub: Hub, vitals: Vitals | None = None) -> Shown:
    return Shown(Metrics(hub, vitals or Vitals()).render())


def run(hub: Hub, number: int, **said: Any) -> RunRow:
    now = hub.stamp()
    one = RunRow(f"run_{number}", "crm", None, "pull", "schedule", "succeeded", now, now, now)
    for name, value in said.items():
        setattr(one, name, value)
    with hub.database.write() as tx:
        runs.save(tx, one)
    return one


def received(name: str, number: int, at: str) -> Received:
    link = f"{name}/responses/{number}"
    return Received(link, f"d{number}", b"{}", None, None, None, None, False, at, "pull", None)


def test_queues_are_as_deep_and_old_as_their_rows(hub: Hub, clock: Clock) -> None:
    start = hub.stamp()
    with hub.database.write() as tx:
        inbox.put(tx, [received("form", number, start) for number in range(3)])
        hooks.put(tx, [Arrived("form", "k", "POST", "http://x", "{}", b"{}", start)])
    clock.pass_time(seconds=60)
    with hub.database.write() as tx:
        inbox.put(tx, [received("crm", 9, hub.stamp())])
        inbox.done(tx, [1])
        outbox.owe(tx, [("crm", "ld_1"), ("crm", "ld_2")], hub.stamp())
        ticks.note(tx, "pull:crm|asked", [hub.stamp()], "due", hub.stamp())
        ticks.note(tx, "sweep:crm|x", [hub.stamp()], "done", hub.stamp())
    clock.pass_time(seconds=30)
    shown = scrape(hub)
    assert shown.all("queue_depth") == {
        ("form", "resolve"): 2,
        ("form", "webhooks"): 1,
        ("crm", "resolve"): 1,
        ("crm", "push"): 2,
        ("crm", "pull"): 1,
    }
    assert shown.all("queue_age_seconds") == {
        ("form", "resolve"): 90,
        ("form", "webhooks"): 90,
        ("crm", "resolve"): 30,
        ("crm", "push"): 30,
        ("crm", "pull"): 30,
    }
    assert shown.all("lag_seconds") == {("crm",): 30, ("form",): 90}


def test_a_lag_begins_with_the_last_good_pull_where_pulls_are_scheduled(
    hub: Hub, clock: Clock
) -> None:
    stream = hub.flows["crm"].streams()[0]
    form = hub.flows["form"].streams()[0]
    for number, name, some, state in (
        (1, "crm", stream, "succeeded"),
        (2, "form", form, "partial"),
    ):
        run(hub, number, connection=name, stream=some, state=state)
    clock.pass_time(hours=2)
    run(hub, 3, stream=stream, state="failed", code="UNAVAILABLE")
    shown = scrape(hub)
    assert shown.all("pull_age_seconds") == {("crm",): 7200, ("form",): 7200}
    assert shown.all("lag_seconds") == {("crm",): 7200, ("form",): 0}
    run(hub, 4, stream=stream)
    clock.pass_time(seconds=5)
    assert scrape(hub).all("pull_age_seconds")["crm",] == 5


def test_the_stream_that_was_not_read_for_longest_counts(hub: Hub, clock: Clock) -> None:
    first = hub.stamp()
    run(hub, 1, stream="old")
    clock.pass_time(seconds=50)
    run(hub, 2, stream="new")
    run(hub, 3, stream="old", connection="form")
    streams = [("crm", "old"), ("crm", "new"), ("crm", "never"), ("form", "old")]
    with hub.database.read() as tx:
        found = gauges.pulled(tx, streams, first)
        assert gauges.pulled(tx, [], first) == {}
    assert found == {"crm": first, "form": hub.stamp()}


def test_a_stream_that_never_worked_counts_from_its_first_try(hub: Hub, clock: Clock) -> None:
    stream = hub.flows["crm"].streams()[0]
    run(hub, 1, stream=stream, state="failed")
    clock.pass_time(seconds=100)
    run(hub, 2, stream=stream, state="failed")
    assert scrape(hub)("pull_age_seconds", connection="crm") == 100


def test_what_was_not_read_for_a_week_is_a_week_old_at_least(hub: Hub, clock: Clock) -> None:
    stream = hub.flows["crm"].streams()[0]
    run(hub, 1, stream=stream)
    clock.pass_time(days=6)
    run(hub, 2, stream=stream, state="failed")
    clock.pass_time(days=5)
    assert scrape(hub)("pull_age_seconds", connection="crm") == 5 * 86_400


def test_a_real_run_is_counted_as_its_rows_say(relay: Any, clock: Clock) -> None:
    relay.crm.seed(4)
    hub = relay.open()
    done = jobs.run_once(hub)
    clock.pass_time(minutes=5)
    shown = scrape(hub)
    wanted = Counter((one.code or "", one.connection, one.kind, one.state) for one in done)
    assert shown.all("recent_runs") == wanted
    with hub.database.read() as tx:
        ((leads,),) = tx.rows("SELECT count(*) FROM lead")
        open_asides = {(code, a, b): n for a, b, code, n in asides.counts(tx)}
    labels = {"connection": "crm", "kind": "pull"}
    assert shown("recent_records", **labels, outcome="created") == leads == 4
    assert shown.all("set_aside") == open_asides
    clock.pass_time(hours=1)
    later = scrape(hub)
    assert later.all("recent_runs") == later.all("recent_records") == {}


def test_what_is_set_aside_held_and_paused_is_shown(hub: Hub) -> None:
    now = hub.stamp()
    with hub.database.write() as tx:
        asides.put(
            tx,
            [
                Aside("record", "crm", "RECORD_REJECTED", "m", external_id=str(number))
                for number in range(3)
            ],
            now,
        )
        outbox.owe(tx, [("crm", "ld_1"), ("crm", "ld_2")], now)
        outbox.hold_back(tx, "crm", now)
        runs.set_connection(tx, "form", "needs_auth", "why", now)
    shown = scrape(hub)
    assert shown("set_aside", connection="crm", kind="record", code="RECORD_REJECTED") == 3
    assert shown.all("held_back") == {("crm",): 2}
    assert shown.all("connection_state") == {
        ("crm", "active"): 1,
        ("crm", "paused"): 0,
        ("crm", "needs_auth"): 0,
        ("form", "active"): 0,
        ("form", "paused"): 0,
        ("form", "needs_auth"): 1,
    }
    with hub.database.read() as tx:
        depth = outbox.depth(tx)
    assert sum(depth["crm"].values()) == 2
    assert shown.all("queue_depth") == {}


def test_hand_offs_wait_and_are_late(hub: Hub, clock: Clock) -> None:
    due = iso(hub.now().replace(microsecond=0))
    clock.pass_time(minutes=1)
    later = iso(hub.now().replace(year=2040))
    row = "('{}', 'ld', 1, 'mql', 'r', 'crm', '{}', '{}', '{}', 0)"
    values = [("h1", "open", due), ("h2", "open", later), ("h3", "answered", due)]
    with hub.database.write() as tx:
        for name, state, until in values:
            tx.write(
                "INSERT INTO handoff (id, lead_id, cycle, stage, rule, connection, state,"
                f" created_at, due_at, level) VALUES {row.format(name, state, due, until)}"
            )
    shown = scrape(hub)
    assert shown.all("handoffs_waiting") == {("crm",): 2}
    assert shown.all("handoffs_late") == {("crm",): 1}


def test_a_quota_is_told_by_account_and_lane(relay: Any) -> None:
    hub = relay.open()
    meter = hub.flows["crm"].meter
    meter.terms = replace(meter.terms, daily=100)
    with in_lane(Lane.ROUTINE):
        for _ in range(10):
            meter.spend()
    meter.settle()
    meter.pause(60)
    shown = scrape(hub)
    assert shown("quota_limit", account="crm") == 100
    assert shown("quota_left", account="crm") == 90
    assert shown("quota_used", account="crm", lane="routine") == 10
    assert shown("quota_room", account="crm", lane="routine") == 80
    assert shown("quota_room", account="crm", lane="backfill") == 40
    assert 60 <= shown("account_pause_seconds", account="crm") <= 63
    assert ("form",) not in shown.all("quota_limit")


def test_a_scrape_takes_a_fixed_number_of_statements(hub: Hub, relay: Any) -> None:
    def statements(of: Hub) -> int:
        reader = Reader(of)
        reader.hub.database.now()
        before = of.database.statements
        reader.read()
        return int(of.database.statements - before)

    empty = statements(hub)
    relay.crm.seed(20)
    jobs.run_once(hub)
    now = hub.stamp()
    with hub.database.write() as tx:
        inbox.put(tx, [received(f"form{n}", n, now) for n in range(50)])
        outbox.owe(tx, [(f"crm{n}", "ld_1") for n in range(50)], now)
    assert statements(hub) == statements(relay.open("crm")) == empty == STATEMENTS


def test_scrapes_in_a_row_read_once(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [0.0]
    monkeypatch.setattr(reading, "perf_counter", lambda: seconds[0])
    shown, before = Metrics(hub, Vitals()), hub.database.statements
    shown.render()
    first = hub.database.statements - before
    shown.render()
    assert hub.database.statements - before == first
    seconds[0] = reading.KEPT_SECONDS + 0.1
    shown.render()
    assert hub.database.statements - before == 2 * first


def test_a_slow_reading_is_kept_for_longer(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([0.0, 2.0, 2.0, 41.0, 43.0, 45.0, 45.0])
    monkeypatch.setattr(reading, "perf_counter", lambda: next(seconds))
    reader = Reader(hub)
    first = reader.read()
    assert reader.read() is first
    assert reader.read() is not first


@contextmanager
def _down(*_given: Any) -> Iterator[Any]:
    raise OperationalError("SELECT", None, Exception("connection refused"))
    yield


def test_a_database_that_is_away_leaves_the_rest_to_be_seen(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    vitals = Vitals(counts={"webhooks": lambda: {"stored": 7}})
    monkeypatch.setattr(hub.database, "read", _down)
    shown = scrape(hub, vitals)
    assert (shown("database_up"), shown("webhooks_total", reason="stored")) == (0, 7)
    assert "renkei_lag_seconds" not in {name for name, _ in shown.samples}


def test_durations_fall_into_their_buckets() -> None:
    found = Durations()
    for seconds in (0.01, 0.02, 4000.0):
        found.note("push", seconds)
    ((buckets, total),) = found.seen().values()
    assert (buckets[0], buckets[1], buckets[-1], sum(buckets)) == (1, 1, 1, 3)
    assert total == pytest.approx(4000.03)


def test_jobs_are_timed_also_where_they_fail(hub: Hub) -> None:
    vitals = Vitals()
    with pytest.raises(ZeroDivisionError), at_work(vitals, "push", "crm"):
        raise ZeroDivisionError
    with at_work(vitals, "push", "crm"):
        pass
    shown = scrape(hub, vitals)
    assert shown("job_seconds_count", job="push") == 2
    assert shown("job_seconds_bucket", job="push", le=str(BOUNDS[-1])) == 2


def test_labels_stay_few_whatever_a_connector_makes_of_codes(hub: Hub) -> None:
    now = hub.stamp()
    with hub.database.write() as tx:
        codes = [f"CODE_{number}" for number in range(300)] + ["tanaka@example.jp", "龘"]
        items = [Aside("record", "crm", code, "m", external_id=code) for code in codes]
        asides.put(tx, items, now)
    counts = {f"WHY_{number}": 1 for number in range(300)} | {"tanaka@example.jp": 5}
    shown = scrape(hub, Vitals(counts={"webhooks": lambda: counts}))
    for name, total in (("set_aside", 302), ("webhooks_total", 305)):
        values = shown.all(name)
        assert len(values) == metrics_module.MOST_VALUES + 1
        assert sum(values.values()) == total
        assert not any("tanaka" in str(value) or "龘" in str(value) for value in values)


def test_a_reason_that_is_no_word_of_ours_is_not_shown(hub: Hub) -> None:
    counts = {"stored": 2, "BAD_SIGNATURE": 1, "tanaka@example.jp": 5, "龘": 1}
    shown = scrape(hub, Vitals(counts={"webhooks": lambda: counts}))
    assert shown.all("webhooks_total") == {("stored",): 2, ("BAD_SIGNATURE",): 1, ("other",): 6}


def test_what_happened_in_the_process_is_counted(relay: Any, clock: Clock) -> None:
    relay.crm.seed(2)
    hub = relay.open()
    jobs.run_once(hub)
    batches = scrape(hub)("batches_total", result="done")
    assert batches >= 1
    with hub.database.write() as tx:
        outbox.owe(tx, [("crm", "ld_gone")], hub.stamp())
        outbox.lease(tx, "crm", hub.stamp(), hub.stamp(), 1, "p1")
    clock.pass_time(seconds=61)
    jobs.push(hub, "crm")
    assert scrape(hub)("takeovers_total", what="change") == 1
