"""No connection takes all the threads, and no queue grows because another one is fed too fast."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sync.engine.hub import Hub
from sync.store import hooks
from sync.workers import actors
from sync.workers.actors import Crew
from tests.sync.workers.ringing import Deaf, crew, put_hook, rung


def test_who_was_turned_away_is_called_when_a_thread_is_free_first_come_first(relay: Any) -> None:
    one = Crew(relay.open(), Deaf(), threads=3)

    def slow(_name: str) -> None:
        for name in ("second", "third", "second"):
            one._alone("pull", name, lambda _name: pytest.fail("there is no thread for it"))

    one._alone("pull", "first", slow)
    assert rung(one) == [("pull", "second")]
    done: list[str] = []
    one._alone("pull", "second", done.append)
    assert done == ["second"]
    assert rung(one) == [("pull", "second"), ("pull", "third")]
    one._alone("pull", "third", done.append)
    assert rung(one) == [("pull", "second"), ("pull", "third")]


def test_a_long_job_makes_room_sooner_while_another_waits(
    relay: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    one = Crew(relay.open(), Deaf(), threads=3)
    seen: list[bool] = []

    def slow(_name: str) -> None:
        is_over = one._stopper()
        now[0] += actors.SHARED_SECONDS + 1
        seen.append(is_over())
        one._alone("pull", "second", seen.append)
        seen.append(is_over())

    one._alone("pull", "first", slow)
    assert seen == [False, True]


def test_webhooks_stay_in_store_while_the_inbox_is_full(
    relay: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub: Hub = relay.open("form")
    one = crew(hub)

    def waiting() -> int:
        with hub.database.read() as tx:
            return hooks.backlog(tx, 10)

    put_hook(relay)
    one.webhooks()
    assert waiting() == 0
    monkeypatch.setattr(actors, "BACKLOG", 1)
    relay.form.seed(1)
    put_hook(relay)
    assert waiting() == 1
    rung(one).clear()
    one.webhooks()
    assert (waiting(), rung(one)) == (1, [("resolve", "")])
    one.resolve()
    one.webhooks()
    assert waiting() == 0
