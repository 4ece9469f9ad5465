"""The flow in one process: a form's webhook becomes a CRM record, whatever is lost on the way."""

from __future__ import annotations

import logging
import os
import signal
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.kit.simulator import Fault, json_response
from sync.config.model import PullConfig, ScheduleConfig
from sync.engine.hub import Hub
from sync.store import runs
from sync.store.database import iso
from sync.workers import actors, jobs, runner, schedules
from sync.workers.actors import Crew, declare
from sync.workers.bells import Bell, make_broker
from sync.workers.leases import held
from sync.workers.runner import running
from tests.sync.workers.ringing import Deaf, crew, put_hook, rung, sweeper


@contextmanager
def posting(address: str, relay: Any) -> Iterator[None]:
    hook = relay.form_hook()
    request = urllib.request.Request(  # the served hub of this test
        f"{address}/hooks/form", data=hook.body, headers=dict(hook.headers)
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    yield


def test_a_form_answer_reaches_the_crm_through_the_workers(relay: Any) -> None:
    with running(relay.open()) as house, posting(house.address, relay):
        assert relay.arrives()
    (row,) = relay.crm_rows()
    assert row["メールアドレス"] == "lead1@kaisha1.example"
    assert row["ステージ"] == "リード"


def test_many_answers_reach_it_once_each(relay: Any) -> None:
    with running(relay.open()) as house:
        for _ in range(20):
            with posting(house.address, relay):
                pass
        assert relay.arrives(20)
    emails = [row["メールアドレス"] for row in relay.crm_rows()]
    assert len(emails) == len(set(emails)) == 20


def test_stopping_leaves_no_lease_and_no_thread(relay: Any) -> None:
    before = set(threading.enumerate())
    hub = relay.open()
    with running(hub) as house, posting(house.address, relay):
        assert relay.arrives()
    left = [thread for thread in set(threading.enumerate()) - before if thread.is_alive()]
    assert [thread.name for thread in left if not thread.name.startswith("AnyIO")] == []
    with hub.database.read() as tx:
        assert tx.rows("SELECT * FROM tick WHERE state = 'running'") == []
        assert tx.rows("SELECT * FROM run WHERE state = 'running'") == []
    assert hub.process is None


def test_a_message_says_nothing_so_a_connection_that_is_gone_does_no_harm(relay: Any) -> None:
    one = crew(relay.open("form"))
    one.push("crm")
    one.pull("crm")
    one.push("nobody")
    assert rung(one) == []


def test_webhooks_ring_for_resolving_and_resolving_rings_for_the_push(relay: Any) -> None:
    one = crew(relay.open())
    put_hook(relay)
    one.webhooks()
    assert rung(one) == [("resolve", "")]
    one.resolve()
    assert rung(one) == [("resolve", ""), ("push", "crm")]
    one.push("crm")
    assert len(relay.crm_rows()) == 1


def test_doing_a_job_twice_or_for_nothing_changes_nothing(relay: Any) -> None:
    one = crew(relay.open())
    put_hook(relay)
    for _ in range(2):
        one.webhooks()
        one.resolve()
        one.push("crm")
        one.pull("crm")
    assert len(relay.crm_rows()) == 1


def test_a_hint_from_the_crm_is_read_again_and_resolved(relay: Any) -> None:
    relay.crm.seed(1)
    one = crew(relay.open())
    put_hook(relay, "crm")
    one.webhooks()
    one.resolve()
    with relay.database.read() as tx:
        ((source,),) = tx.rows("SELECT source FROM inbox")
        ((leads,),) = tx.rows("SELECT count(*) FROM lead")
    assert (source, leads) == ("reread", 1)


def test_a_job_that_is_running_here_runs_once_more_instead_of_twice_at_once(relay: Any) -> None:
    one = crew(relay.open())
    at_once: list[int] = []

    def work(_connection: str) -> None:
        at_once.append(1)
        if len(at_once) == 1:
            one._alone("push", "crm", work)
            one._alone("push", "crm", work)

    one._alone("push", "crm", work)
    assert len(at_once) == 1
    assert rung(one) == [("push", "crm")]


def test_pulls_and_pushes_leave_threads_to_webhooks(relay: Any) -> None:
    one = Crew(relay.open(), Deaf(), threads=3)
    ran: list[str] = []

    def slow(name: str) -> None:
        ran.append(name)
        one._alone("push", "second", ran.append)
        one._alone("webhooks", "", lambda _name: ran.append("webhooks"))

    one._alone("push", "first", slow)
    assert ran == ["first", "webhooks"]


def test_a_job_that_fails_is_logged_and_frees_its_place(
    relay: Any, caplog: pytest.LogCaptureFixture
) -> None:
    one = crew(relay.open())

    def work(_connection: str) -> None:
        raise RuntimeError("a fault")

    with caplog.at_level(logging.ERROR, "renkei"):
        one._alone("push", "crm", work)
    assert [record.name for record in caplog.records] == ["renkei.actors"]
    done: list[str] = []
    one._alone("push", "crm", done.append)
    assert done == ["crm"]


# -- scheduled pulls -----------------------------------------------------------------------------


@pytest.fixture
def hourly(relay: Any, clock: Any) -> Hub:
    clock.moment = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
    relay.pull["form"] = PullConfig(schedule=ScheduleConfig(cron="0 * * * *"))
    relay.form.seed(3)
    hub: Hub = relay.open()
    sweeper(hub).sweep()
    clock.pass_time(minutes=31)
    return hub


def tick_states(hub: Hub) -> list[str]:
    with hub.database.read() as tx:
        rows = tx.rows("SELECT state FROM tick WHERE schedule LIKE ? ORDER BY due_at", "pull:%")
    return [row[0] for row in rows]


def test_a_scheduled_pull_runs_when_its_moment_has_come_and_rings_on(hourly: Hub) -> None:
    one = crew(hourly)
    assert sweeper(hourly).sweep() == [("pull", "form")]
    one.pull("form")
    assert tick_states(hourly) == ["skipped", "done"]
    assert rung(one) == [("push", "crm")]
    with hourly.database.read() as tx:
        (run,) = runs.recent(tx, "form")
    assert (run.cause, run.state, run.counts["read"]) == ("schedule", "succeeded", 3)
    one.pull("form")
    with hourly.database.read() as tx:
        assert len(runs.recent(tx, "form")) == 1, "a ring that came twice pulls once"


def test_two_pulls_of_one_connection_never_run_at_once(hourly: Hub) -> None:
    sweeper(hourly).sweep()
    with held(hourly, "pull:form"):
        crew(hourly).pull("form")
        with hourly.database.read() as tx:
            assert runs.recent(tx, "form") == []
    assert tick_states(hourly) == ["skipped", "skipped"]


def test_a_pull_that_fails_is_tried_again_after_a_while_and_then_given_up(
    relay: Any, hourly: Hub, clock: Any
) -> None:
    relay.form_app.refuse = True
    sweeper(hourly).sweep()
    for _ in range(actors.TRIES):
        crew(hourly).pull("form")
        crew(hourly).pull("form")
        clock.pass_time(minutes=5)
    assert tick_states(hourly) == ["skipped", "failed"]
    with hourly.database.read() as tx:
        assert len(runs.recent(tx, "form")) == actors.TRIES
    clock.pass_time(hours=1)
    relay.form_app.refuse = False
    sweeper(hourly).sweep()
    crew(hourly).pull("form")
    assert tick_states(hourly)[-1] == "done"


def test_a_pull_that_is_cut_short_is_due_again(hourly: Hub, monkeypatch: Any) -> None:
    sweeper(hourly).sweep()
    one = crew(hourly)
    pull = jobs.pull

    def interrupted(*given: Any, **more: Any) -> Any:
        hourly.stop.set()
        return pull(*given, **more)

    monkeypatch.setattr(jobs, "pull", interrupted)
    one.pull("form")
    assert tick_states(hourly) == ["skipped", "due"]
    monkeypatch.undo()
    hourly.stop.clear()
    crew(hourly).pull("form")
    assert tick_states(hourly) == ["skipped", "done"]


def test_a_pull_whose_process_died_is_taken_over(hourly: Hub, clock: Any) -> None:
    sweeper(hourly).sweep()
    with hourly.database.write() as tx:
        tx.write(
            "UPDATE tick SET state = 'running', lease_until = ? WHERE state = 'due'",
            iso(clock.moment + timedelta(seconds=30)),
        )
    crew(hourly).pull("form")
    assert tick_states(hourly) == ["skipped", "running"]
    clock.pass_time(seconds=31)
    assert sweeper(hourly).sweep() == [("pull", "form")]
    crew(hourly).pull("form")
    assert tick_states(hourly) == ["skipped", "done"]


def test_a_sweep_that_was_asked_for_finds_what_vanished(relay: Any) -> None:
    relay.crm.seed(2)
    hub = relay.open()
    jobs.run_once(hub, ["crm"])
    relay.crm.delete_one()
    schedules.ask(hub, "sweep", "crm")
    crew(hub).pull("crm")
    with hub.database.read() as tx:
        (run,) = [run for run in runs.recent(tx, "crm") if run.kind == "sweep"]
        states = {row[0] for row in tx.rows("SELECT state FROM link")}
    assert run.counts["gone"] == 1
    assert states == {"live", "gone"}


# -- up ------------------------------------------------------------------------------------------


def test_up_ends_when_it_is_told(relay: Any) -> None:
    hub = relay.open()
    thread = threading.Thread(target=runner.up, args=(hub,))
    thread.start()
    hub.stop.set()
    thread.join(15)
    assert not thread.is_alive()


def test_up_ends_cleanly_by_a_signal_and_puts_the_handlers_back(relay: Any) -> None:
    before = signal.getsignal(signal.SIGTERM)
    up = threading.Event()
    hub = relay.open()
    ending = threading.Thread(
        target=lambda: up.wait(10) and os.kill(os.getpid(), signal.SIGTERM)  # to this process
    )
    ending.start()
    real = runner.running

    @contextmanager
    def told(*given: Any, **more: Any) -> Iterator[Any]:
        with real(*given, **more) as house:
            up.set()
            yield house

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "running", told)
        runner.up(hub, web=False)
    ending.join()
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_worker_can_take_some_queues_only(relay: Any) -> None:
    hub = relay.open()
    put_hook(relay)
    taken = threading.Event()
    with running(hub, web=False, queues=["webhooks"]) as house:
        house.crew.bell.taken = lambda job, _c="": taken.set() if job != "webhooks" else None  # type: ignore[method-assign]
        house.bell.ring("resolve")
        assert not taken.wait(0.5)


def test_actors_are_declared_without_retries(relay: Any) -> None:
    broker = make_broker("")
    declare(broker, Crew(relay.open(), Bell(broker, "test")))
    assert {name: actor.options["max_retries"] for name, actor in broker.actors.items()} == {
        "alerts": 0,
        "describe": 0,
        "handoff": 0,
        "pull": 0,
        "push": 0,
        "resolve": 0,
        "subscribe": 0,
        "webhooks": 0,
    }


# -- quotas and pauses ---------------------------------------------------------------------------


def test_a_scheduled_pull_waits_as_long_as_the_vendor_asked(relay: Any, clock: Any) -> None:
    relay.pull["form"] = PullConfig(schedule=ScheduleConfig(cron="*/5 * * * *"))
    relay.form.seed(3)
    clock.moment = datetime.now(UTC).replace(minute=31, second=0, microsecond=0)
    hub = relay.open()
    sweeper(hub).sweep()
    hub.flows["form"].meter.pause(7200)
    for _ in range(12):
        clock.pass_time(minutes=5)
        sweeper(hub).sweep()
        crew(hub).pull("form")
    assert Counter(tick_states(hub)) == {"due": 1, "skipped": 12}  # one waits for all
    with hub.database.read() as tx:
        assert runs.recent(tx, "form") == []
    assert relay.form.simulator.seen == []
    clock.pass_time(minutes=70)
    assert ("pull", "form") in sweeper(hub).sweep()
    crew(hub).pull("form")
    assert "due" not in tick_states(hub)
    with hub.database.read() as tx:
        assert runs.recent(tx, "form")[0].state == "succeeded"


def test_a_pull_that_met_a_429_is_due_when_it_is_over(relay: Any, hourly: Hub, clock: Any) -> None:
    answer = json_response({}, 429, {"Retry-After": "3000"})
    relay.form.simulator.faults.append(Fault("/forms", response=answer))
    sweeper(hourly).sweep()
    crew(hourly).pull("form")
    with hourly.database.read() as tx:
        (run,) = runs.recent(tx, "form")
        ((until,),) = tx.rows(
            "SELECT lease_until FROM tick WHERE state = 'due' AND schedule LIKE ?", "pull:%"
        )
    assert (run.state, run.code) == ("stopped", "TYPEFORM_RATE_LIMITED")
    assert until == run.resumes_at == iso(hourly.now() + timedelta(seconds=3000))
    seen = len(relay.form.simulator.seen)
    clock.pass_time(minutes=20)
    crew(hourly).pull("form")
    assert len(relay.form.simulator.seen) == seen


def test_waiting_again_and_again_is_no_failure(relay: Any, hourly: Hub, clock: Any) -> None:
    sweeper(hourly).sweep()
    for _ in range(actors.CRASHES + 5):
        hourly.flows["form"].meter.pause(600)
        crew(hourly).pull("form")
        clock.pass_time(minutes=11)
    crew(hourly).pull("form")
    assert tick_states(hourly) == ["skipped", "done"]
    assert relay.form.simulator.seen
