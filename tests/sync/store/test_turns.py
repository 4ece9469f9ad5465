"""Threads that write to one SQLite file are served in the order in which they asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.store.database import Database
from sync.store.turns import Turns

LONG = 60.0


def until(what: Callable[[], bool]) -> None:
    """Return when it is so; fail after a long while."""
    over = threading.Event()
    for _ in range(int(LONG / 0.01)):
        if what():
            return
        over.wait(0.01)
    raise AssertionError("it never came about")


class Crowd:
    """Threads that ask for a turn one after the other, and note when they have it."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.served: list[str] = []
        self.threads: list[threading.Thread] = []

    def ask(self, name: str, *, first: bool = False) -> None:
        asked = self.turns.waiting + 1

        def work() -> None:
            with self.turns.turn(first=first):
                self.served.append(name)

        self.threads.append(threading.Thread(target=work))
        self.threads[-1].start()
        until(lambda: self.turns.waiting == asked)

    def join(self) -> list[str]:
        for thread in self.threads:
            thread.join(LONG)
        return self.served


def test_turns_go_in_the_order_of_asking_and_whoever_is_waited_for_goes_first() -> None:
    turns = Turns(LONG)
    crowd = Crowd(turns)
    with turns.turn():
        for name in ("backfill", "push", "pull"):
            crowd.ask(name)
        crowd.ask("webhooks", first=True)
    assert crowd.join() == ["webhooks", "backfill", "push", "pull"]
    with turns.turn():
        assert turns.waiting == 0


def test_a_turn_that_ends_in_an_error_is_passed_on() -> None:
    turns = Turns(LONG)
    crowd = Crowd(turns)

    def fail() -> None:
        with turns.turn():
            crowd.ask("next")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert crowd.join() == ["next"]


def test_whose_patience_ends_goes_on_and_passes_nobodys_turn_on() -> None:
    turns = Turns(0.01)
    with turns.turn():
        with turns.turn():
            pass
        assert turns.waiting == 0
        turns._patience = LONG
        crowd = Crowd(turns)
        crowd.ask("next")
        assert crowd.served == []
    assert crowd.join() == ["next"]


def test_a_sqlite_database_lets_webhooks_write_before_those_who_waited_longer(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'turns.sqlite3'}")
    with database.write() as tx:
        tx.write("CREATE TABLE noted (id INTEGER PRIMARY KEY, name TEXT)")
    turns = database._turns
    assert turns is not None
    threads = []

    def note(name: str, *, first: bool) -> None:
        with database.write(first=first) as tx:
            tx.write("INSERT INTO noted (name) VALUES (?)", name)

    with database.write():
        for number, name in enumerate(("backfill", "push", "webhooks")):
            first = name == "webhooks"
            threads.append(threading.Thread(target=note, args=(name,), kwargs={"first": first}))
            threads[-1].start()
            until(lambda asked=number + 1: turns.waiting == asked)
    for thread in threads:
        thread.join(LONG)
    with database.read() as tx:
        rows = tx.rows("SELECT name FROM noted ORDER BY id")
    database.close()
    assert rows == [("webhooks",), ("backfill",), ("push",)]
