"""The hub's own work becomes figures: by stage and hour, what came in full batches apart."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from sync.engine.hub import Hub
from sync.engine.loads import Waiting, capacity
from sync.engine.trial import trial
from sync.engine.worktime import FULL, Worktime
from sync.store import worktimes
from sync.store.database import iso
from sync.store.worktimes import Spent
from sync.workers import jobs


@pytest.fixture
def hub(relay: Any) -> Hub:
    found: Hub = relay.open()
    return found


def stages(hub: Hub) -> dict[str, Any]:
    hub.worktime.save(hub.database)
    return {f"{one.name}:{one.connection}": one for one in capacity(hub).stages}


def test_each_stage_tells_what_it_did(relay: Any, hub: Hub) -> None:
    relay.form.seed(FULL)
    jobs.run_once(hub)
    found = stages(hub)
    assert set(found) == {"webhooks:", "resolve:", "pull:form", "pull:crm", "push:crm"}
    assert (found["pull:form"].rows, found["pull:form"].busiest) == (FULL, FULL)
    assert (found["push:crm"].rows, found["push:crm"].busiest) == (FULL, FULL)
    assert found["resolve:"].rows >= FULL
    assert found["webhooks:"].busiest == 0
    for name in ("pull:form", "push:crm", "resolve:"):
        assert 0 < found[name].away <= found[name].seconds or name == "resolve:"


def test_small_batches_are_load_and_no_measure_of_speed(relay: Any, hub: Hub) -> None:
    for _ in range(3):
        relay.form.seed(1)
        jobs.run_once(hub)
    found = stages(hub)
    assert (found["push:crm"].rows, found["push:crm"].busiest) == (0, 3)
    assert (found["pull:form"].rows, found["resolve:"].rows) == (0, 0)
    assert found["resolve:"].rate is None


def test_the_load_is_the_busiest_hour_of_the_last_day_and_the_speed_the_weeks(
    hub: Hub, clock: Any
) -> None:
    for rows, hours in ((9000, 0), (600, 30), (700, 1), (650, 1)):
        clock.pass_time(hours=hours)
        hub.worktime.note("resolve", Spent(rows, rows / 1000))
        hub.worktime.save(hub.database)
    found = stages(hub)["resolve:"]
    assert (found.rows, found.busiest) == (10_950, 700)
    assert found.rate == pytest.approx(1000.0)
    clock.pass_time(days=8)
    assert stages(hub)["resolve:"].rows == 0


def test_hours_add_up_over_processes_and_say_how_large_the_database_was(hub: Hub) -> None:
    one, two = Worktime(), Worktime()
    one.note("resolve", Spent(10, 1.0, 0.5))
    two.note("resolve", Spent(5, 2.0))
    for worktime in (one, two, one):
        worktime.save(hub.database)
    with hub.database.read() as tx:
        (hour,) = worktimes.since(tx, hub.stamp())
        size = worktimes.size(tx)
    assert hour.work == {"resolve": Spent(15, 3.0, 0.5)}
    assert hour.size is not None
    assert 0 < hour.size <= size


def test_what_processes_save_at_once_adds_up(hub: Hub) -> None:
    start = threading.Barrier(4)

    def save() -> None:
        worktime = Worktime()
        start.wait()
        for _ in range(25):
            worktime.note("resolve", Spent(1, 1.0))
            worktime.save(hub.database)

    crowd = [threading.Thread(target=save) for _ in range(4)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    with hub.database.read() as tx:
        (hour,) = worktimes.since(tx, hub.stamp())
    assert hour.work["resolve"] == Spent(100, 100.0)


def test_hours_are_forgotten(hub: Hub, clock: Any) -> None:
    for _ in range(3):
        hub.worktime.note("resolve", Spent(1, 1.0))
        hub.worktime.save(hub.database)
        clock.pass_time(days=1)
    with hub.database.write() as tx:
        assert worktimes.forget_before(tx, iso(clock.moment)) == 3
        assert worktimes.since(tx, "2020") == []
        assert tx.rows("SELECT count(*) FROM setting WHERE name = 'key.canary'") == [(0,)]


def test_growth_is_told_from_the_sizes_of_hours(relay: Any, hub: Hub, clock: Any) -> None:
    relay.form.seed(1)
    jobs.run_once(hub)
    assert stages(hub)
    assert capacity(hub).disk.per_day is None
    clock.pass_time(days=2)
    hub.worktime.note("resolve", Spent(1, 1.0))
    hub.worktime.save(hub.database)
    disk = capacity(hub).disk
    assert disk.per_day is not None
    assert (disk.leads, disk.free is None) == (1, hub.database.dialect == "postgresql")


def test_what_is_overdue_is_told_with_its_age(relay: Any, hub: Hub, clock: Any) -> None:
    relay.form.seed(1)
    jobs.pull(hub, "form")
    clock.pass_time(minutes=10)
    (waiting,) = capacity(hub).waiting
    assert waiting.name == "push"
    assert isinstance(waiting, Waiting)
    assert 600 <= waiting.seconds < 700


def test_a_trial_touches_nothing_and_leaves_nothing_behind(
    hub: Hub, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.engine.trial.RECORDS", 1100)
    monkeypatch.setattr("sync.engine.trial.WARM_UP", 20)
    before = sorted(path.name for path in tmp_path.iterdir())
    found = trial(hub)
    assert set(found) == {"webhooks", "resolve"}
    assert min(found.values()) > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    with hub.database.read() as tx:
        for table in ("lead", "inbox", "hook", "run"):
            assert tx.rows(f"SELECT count(*) FROM {table}") == [(0,)]
        if tx.postgres:
            left = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'renkei_trial%'"
            assert tx.rows(left.replace("%", "%%")) == []
