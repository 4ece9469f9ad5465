"""A hub that is started after a restore has everything read once more, by itself, and goes on."""

from __future__ import annotations

from typing import Any

from sync.store import epochs
from sync.store.database import iso
from sync.workers import schedules
from sync.workers.actors import Crew
from sync.workers.bells import Bell, make_broker
from sync.workers.sweeper import Sweeper


def look(sweeper: Sweeper, crew: Crew) -> list[tuple[str, str]]:
    """One look of the sweeper, and what it rings for is done."""
    wanted = sweeper.sweep()
    for job, connection in wanted:
        getattr(crew, job)(*((connection,) if connection else ()))
    return wanted


def test_workers_read_what_was_restored_and_then_write(relay: Any, clock: Any) -> None:
    relay.form.seed(1)
    with relay.database.write() as tx:
        epochs.begin(tx, ["form", "crm", "gone"], iso(clock()), None, set())
    hub = relay.open()
    bell = Bell(make_broker(""), "test")
    crew, sweeper = Crew(hub, bell), Sweeper(hub, bell)
    seen: list[tuple[str, str]] = []
    for _ in range(6):
        clock.pass_time(seconds=20)
        seen += look(sweeper, crew)
        if relay.crm_rows():
            break
    assert len(relay.crm_rows()) == 1
    assert seen.index(("pull", "crm")) < seen.index(("push", "crm"))
    with relay.database.read() as tx:
        assert "crm" not in epochs.marks(tx)
    bell.close()


def test_a_connection_that_cannot_be_read_is_not_written(relay: Any, clock: Any) -> None:
    relay.form.seed(1)
    with relay.database.write() as tx:
        epochs.begin(tx, ["crm"], iso(clock()), None, set())
    relay.crm_app.refuse = True
    hub = relay.open()
    bell = Bell(make_broker(""), "test")
    crew, sweeper = Crew(hub, bell), Sweeper(hub, bell)
    schedules.ask(hub, "pull", "form")
    seen: list[tuple[str, str]] = []
    for _ in range(6):
        clock.pass_time(seconds=20)
        seen += look(sweeper, crew)
    assert ("pull", "crm") in seen
    assert ("push", "crm") not in seen
    assert relay.crm_rows() == []
    bell.close()
