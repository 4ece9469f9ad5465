"""What was kept long enough goes in small steps, by what an index knows, and nothing else goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from sync.engine.hub import Hub, new_id
from sync.store import runs
from sync.store.database import iso
from sync.store.runs import RunRow
from sync.workers import jobs, sweeper
from sync.workers.bells import Bell, make_broker
from sync.workers.sweeper import Sweeper


@pytest.fixture
def hub(relay: Any) -> Hub:
    relay.form.seed(5)
    found: Hub = relay.open()
    jobs.run_once(found)
    return found


def left(hub: Hub, table: str) -> int:
    with hub.database.read() as tx:
        ((count,),) = tx.rows(f"SELECT count(*) FROM {table}")
        return int(count)


def test_a_beat_drops_a_few_rows_and_the_next_one_goes_on(
    hub: Hub, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "FORGOTTEN", 3)
    there = left(hub, "inbox")
    look = Sweeper(hub, Bell(make_broker(""), "test"))
    clock.pass_time(days=31)
    counts = []
    for _ in range(there):
        look.sweep()
        counts.append(left(hub, "inbox"))
    assert counts[0] == there - 3
    assert counts[-1] == 0
    assert left(hub, "lead") == 5


def test_runs_go_by_when_they_ended_and_what_still_runs_stays(hub: Hub, clock: Any) -> None:
    begun = clock.moment
    with hub.database.write() as tx:
        tx.write("DELETE FROM run")
        for state, days in (("succeeded", 1), ("running", 1), ("failed", 300)):
            at = begun + timedelta(days=days)
            end = None if state == "running" else iso(at)
            run = RunRow(new_id("run", at), "crm", None, "pull", "command", state, iso(at), iso(at))
            run.finished_at = end
            runs.save(tx, run)
    moment = begun + timedelta(days=30)
    with hub.database.write() as tx:
        assert runs.forget_before(tx, new_id("run", moment), iso(moment), 10) == 1
        assert sorted(run.state for run in runs.recent(tx)) == ["failed", "running"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_dropped_is_found_by_an_index(hub: Hub, clock: Any) -> None:
    said: list[tuple[str, Any]] = []

    def note(_c: Any, _k: Any, sql: str, values: Any, *_: Any) -> None:
        if sql.startswith("DELETE FROM") and "tick" not in sql:
            said.append((sql, values))

    event.listen(hub.database.engine, "before_cursor_execute", note)
    clock.pass_time(days=31)
    Sweeper(hub, Bell(make_broker(""), "test")).sweep()
    with hub.database.read() as tx:
        plans = [tx.rows(f"EXPLAIN QUERY PLAN {sql}", *values) for sql, values in said[:3]]
    steps = [str(step[3]) for plan in plans for step in plan]
    assert len(plans) == 3
    assert [step for step in steps if step.startswith("SCAN")] == []
    for known in ("inbox USING", "hook USING", "run USING"):
        (found,) = [step for step in steps if known in step and "<?" in step]
        assert found.endswith(("(state=? AND due_at<?)", "(id<?)"))
