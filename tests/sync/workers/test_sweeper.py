"""The sweeper rings for whatever is due, and keeps house."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from sync.store import runs
from sync.workers.bells import Bell, make_broker
from sync.workers.job import start
from sync.workers.runner import running
from tests.sync.workers.ringing import crew, put_hook, rung, sweeper


def test_the_sweeper_rings_for_whatever_is_due_step_by_step(relay: Any) -> None:
    hub = relay.open()
    one, look = crew(hub), sweeper(hub)
    assert look.sweep() == []
    put_hook(relay)
    assert look.sweep() == [("webhooks", "")]
    one.webhooks()
    assert look.sweep() == [("resolve", "")]
    one.resolve()
    assert look.sweep() == [("push", "crm")]
    one.push("crm")
    assert look.sweep() == []


def test_messages_that_are_lost_cost_a_look_and_nothing_else(relay: Any) -> None:
    hub = relay.open()
    bell = Bell(make_broker(""), "test")
    put_hook(relay)
    bell.ring("webhooks")
    bell.broker.flush_all()
    with running(hub, web=False):
        assert relay.arrives()


def test_the_sweeper_does_not_ring_for_a_connection_that_is_paused(relay: Any) -> None:
    hub = relay.open()
    one, look = crew(hub), sweeper(hub)
    put_hook(relay)
    with hub.database.write() as tx:
        runs.set_connection(tx, "form", "paused", "a test", hub.stamp())
    assert look.sweep() == []
    with hub.database.write() as tx:
        runs.set_connection(tx, "form", "active", None, hub.stamp())
        runs.set_connection(tx, "crm", "paused", "a test", hub.stamp())
    one.webhooks()
    one.resolve()
    assert ("push", "crm") not in rung(one)
    assert look.sweep() == []
    one.push("crm")
    assert relay.crm_rows() == []


def test_the_sweeper_closes_lost_runs_once_a_minute(relay: Any, clock: Any) -> None:
    hub = relay.open()
    look = sweeper(hub)
    look.sweep()
    job = start(hub, "form", "pull", "schedule")
    with hub.database.write() as tx:
        runs.save(tx, job.run)
    clock.pass_time(minutes=3)
    look.sweep()
    with hub.database.read() as tx:
        assert [(run.state, run.code) for run in runs.recent(tx)] == [("failed", "LOST")]


def test_the_sweeper_forgets_what_was_kept_long_enough(relay: Any, clock: Any) -> None:
    hub = relay.open()
    one, look = crew(hub), sweeper(hub)
    put_hook(relay)
    one.webhooks()
    one.resolve()
    look.sweep()
    clock.pass_time(days=31)
    put_hook(relay)
    look.sweep()
    with hub.database.read() as tx:
        assert [row[0] for row in tx.rows("SELECT state FROM hook")] == ["new"]
        assert tx.rows("SELECT id FROM inbox") == []
        assert len(tx.rows("SELECT id FROM lead")) == 1


def test_a_sweeper_that_cannot_look_says_so_once_and_goes_on(
    relay: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.workers.sweeper.BEAT_SECONDS", 0.001)
    look = sweeper(relay.open())
    looks, again = threading.Semaphore(0), threading.Semaphore(0)

    def fail() -> None:
        looks.release()
        raise ConnectionRefusedError

    monkeypatch.setattr(look, "sweep", fail)
    with caplog.at_level(logging.WARNING, "renkei"):
        look.start()
        for _ in range(3):
            assert looks.acquire(timeout=10)
        monkeypatch.setattr(look, "sweep", again.release)
        for _ in range(2):
            assert again.acquire(timeout=10)
        look.stop()
    assert [record.getMessage() for record in caplog.records] == [
        "the sweeper cannot look; it goes on trying",
        "the sweeper can look again",
    ]


# -- pulls by schedule ---------------------------------------------------------------------------


def test_the_sweeper_does_not_ring_for_pushes_that_have_no_calls(relay: Any, clock: Any) -> None:
    hub = relay.open()
    one, look = crew(hub), sweeper(hub)
    put_hook(relay)
    one.webhooks()
    one.resolve()
    hub.flows["crm"].meter.pause(600)
    assert look.sweep() == []
    one.push("crm")
    assert (relay.crm_rows(), relay.crm_simulator.seen) == ([], [])
    with hub.database.read() as tx:
        assert runs.recent(tx, "crm") == []
    clock.pass_time(minutes=11)
    assert look.sweep() == [("push", "crm")]
    one.push("crm")
    assert len(relay.crm_rows()) == 1
