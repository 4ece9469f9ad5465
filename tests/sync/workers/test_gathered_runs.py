"""Pushes that follow each other are one run: a busy hour leaves sixty rows, not thousands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sync.engine.hub import Hub
from sync.store import runs
from sync.store.runs import RunRow
from sync.workers import jobs
from sync.workers.actors import ONE_RUN, Crew
from sync.workers.bells import Bell, make_broker


@pytest.fixture
def hub(relay: Any) -> Hub:
    found: Hub = relay.open()
    return found


@pytest.fixture
def answer(relay: Any, hub: Hub) -> Callable[[], None]:
    """Somebody answers the form, and it is known who."""

    def take() -> None:
        relay.form.seed(1)
        jobs.pull(hub, "form")

    return take


def pushes(hub: Hub) -> list[RunRow]:
    with hub.database.read() as tx:
        return [run for run in runs.recent(tx, "crm") if run.kind == "push"]


def test_pushes_of_one_minute_are_one_run_that_says_all_of_it(
    hub: Hub, answer: Callable[[], None]
) -> None:
    crew = Crew(hub, Bell(make_broker(""), "test"))
    answer()
    crew.push("crm")
    (first,) = pushes(hub)
    for _ in range(2):
        answer()
        crew.push("crm")
    (run,) = pushes(hub)
    assert (run.id, run.state, run.counts) == (first.id, "succeeded", {"created": 3})
    assert run.steps["push"] > first.steps["push"]
    with hub.database.read() as tx:
        wrote = tx.rows("SELECT run_id FROM history WHERE event = 'pushed'")
    assert wrote == [(run.id,)] * 3


def test_after_a_minute_another_run_begins(
    hub: Hub, answer: Callable[[], None], clock: Any
) -> None:
    crew = Crew(hub, Bell(make_broker(""), "test"))
    answer()
    crew.push("crm")
    clock.moment += ONE_RUN
    answer()
    crew.push("crm")
    assert [run.counts for run in pushes(hub)] == [{"created": 1}, {"created": 1}]


def test_a_run_that_failed_is_not_gone_on_with(
    relay: Any, hub: Hub, answer: Callable[[], None], clock: Any
) -> None:
    crew = Crew(hub, Bell(make_broker(""), "test"))
    answer()
    relay.crm_app.refuse = True
    crew.push("crm")
    relay.crm_app.refuse = False
    clock.pass_time(seconds=45)
    crew.push("crm")
    assert [run.state for run in pushes(hub)] == ["succeeded", "failed"]
