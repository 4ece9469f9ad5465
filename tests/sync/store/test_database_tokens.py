"""Tokens are encrypted at rest, and each version is fetched once among all workers."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from connectors.kit.errors import AuthFailed, Unavailable
from connectors.kit.tokens import Token
from sync.store.database import Database
from sync.store.spool import Spool
from sync.store.tokens import DatabaseTokens, key_file

KEY = Fernet.generate_key().decode()


def test_what_is_stored_does_not_show_the_token(database: Database) -> None:
    store = DatabaseTokens(database, KEY)
    store.refresh("crm", None, lambda _: Token("access-secret", "refresh-secret"))
    with database.read() as tx:
        ((blob,),) = tx.rows("SELECT blob FROM token")
    assert b"secret" not in bytes(blob)
    assert DatabaseTokens(database, KEY).read("crm") == Token(
        "access-secret", "refresh-secret", version=1
    )


def test_twenty_workers_fetch_each_version_once(database: Database) -> None:
    calls: list[int] = []
    lock = threading.Lock()

    def fetch(held: Token | None) -> Token:
        with lock:
            calls.append(held.version if held else 0)
        return Token(f"access-{len(calls)}", f"refresh-{len(calls)}")

    start = threading.Barrier(20)
    got: list[Token] = []

    def work() -> None:
        store = DatabaseTokens(database, KEY)
        start.wait()
        used: int | None = None
        for _ in range(3):
            token = store.refresh("crm", used, fetch)
            used = token.version
        got.append(token)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 20
    assert sorted(calls) == list(range(len(calls)))


def test_a_refresh_token_the_answer_lacks_is_kept(database: Database) -> None:
    store = DatabaseTokens(database, KEY)
    store.refresh("crm", None, lambda _: Token("a1", "r1"))
    assert store.refresh("crm", 1, lambda _: Token("a2")).refresh_token == "r1"


def test_a_failed_refresh_lets_the_next_worker_try(database: Database) -> None:
    store = DatabaseTokens(database, KEY)

    def fail(_: Token | None) -> Token:
        raise Unavailable("down")

    with pytest.raises(Unavailable):
        store.refresh("crm", None, fail)
    assert store.refresh("crm", None, lambda _: Token("a1")).access_token == "a1"


def test_a_worker_that_died_while_refreshing_is_not_waited_for_long(database, clock) -> None:
    store = DatabaseTokens(database, KEY, sleep=lambda _: clock.pass_time(seconds=10))
    store.refresh("crm", None, lambda _: Token("a1"))
    with database.write() as tx:
        tx.write(
            "UPDATE token SET refreshing_by = 'dead', lease_until = ?",
            "2026-04-01T00:00:30.000000Z",
        )
    assert store.refresh("crm", 1, lambda _: Token("a2")).access_token == "a2"


def cut_off_after(store: DatabaseTokens, fresh: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor has answered, and the database is away when the answer is to be stored."""

    def fail(*_: object) -> Token:
        raise ConnectionError

    with monkeypatch.context() as away:
        away.setattr(store, "_store", fail)
        with pytest.raises(ConnectionError):
            store.refresh("crm", 1, lambda _: fresh)


def test_an_answer_that_could_not_be_stored_is_taken_up_by_the_next_worker(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DatabaseTokens(database, KEY, spool=Spool(tmp_path / "tokens"))
    store.refresh("crm", None, lambda _: Token("a1", "r1"))
    cut_off_after(store, Token("access-two", "refresh-secret"), monkeypatch)
    (kept,) = (tmp_path / "tokens").iterdir()
    assert b"refresh-secret" not in kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0

    def never(_: Token | None) -> Token:
        raise AssertionError("the vendor was asked again")

    other = DatabaseTokens(database, KEY, spool=Spool(tmp_path / "tokens"))
    found = other.refresh("crm", 1, never)
    assert (found.access_token, found.refresh_token, found.version) == (
        "access-two",
        "refresh-secret",
        2,
    )
    assert other.read("crm") == found
    assert list((tmp_path / "tokens").iterdir()) == []


def test_an_answer_is_not_taken_up_once_another_worker_has_asked_anew(
    database: Database, tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DatabaseTokens(database, KEY, spool=Spool(tmp_path / "tokens"))
    store.refresh("crm", None, lambda _: Token("a1", "r1"))
    cut_off_after(store, Token("a2", "r2"), monkeypatch)
    clock.pass_time(minutes=1)
    elsewhere = DatabaseTokens(database, KEY)
    assert elsewhere.refresh("crm", 1, lambda _: Token("a3", "r3")).refresh_token == "r3"
    assert store.refresh("crm", 1, lambda _: Token("a4", "r4")).refresh_token == "r3"
    assert store.refresh("crm", 2, lambda _: Token("a5", "r5")).refresh_token == "r5"


def test_a_worker_that_answers_after_its_lease_leaves_it_to_the_one_that_has_it(
    database: Database, tmp_path: Path, clock: Any
) -> None:
    asked, late = threading.Event(), threading.Event()
    slow = DatabaseTokens(
        database, KEY, spool=Spool(tmp_path / "one"), sleep=lambda _: late.set() or time.sleep(0.01)
    )
    quick = DatabaseTokens(database, KEY, spool=Spool(tmp_path / "two"))
    slow.refresh("crm", None, lambda _: Token("a1", "r1"))
    got: list[Token] = []

    def second(_: Token | None) -> Token:
        asked.set()
        assert late.wait(20)
        return Token("a3", "r3")

    thread = threading.Thread(target=lambda: got.append(quick.refresh("crm", 1, second)))

    def first(_: Token | None) -> Token:
        clock.pass_time(minutes=1)
        thread.start()
        assert asked.wait(20)
        return Token("a2", "r2")

    found = slow.refresh("crm", 1, first)
    thread.join()
    assert (found.refresh_token, found.version) == ("r3", 2)
    assert got == [found]


def test_a_refresh_token_that_stays_the_same_is_not_spooled(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DatabaseTokens(database, KEY, spool=Spool(tmp_path / "tokens"))
    store.refresh("crm", None, lambda _: Token("a1", "r1"))
    cut_off_after(store, Token("a2"), monkeypatch)
    assert list((tmp_path / "tokens").iterdir()) == []


def test_an_old_key_still_opens_and_a_wrong_one_says_so(database: Database) -> None:
    DatabaseTokens(database, KEY).refresh("crm", None, lambda _: Token("a1"))
    new = Fernet.generate_key().decode()
    found = DatabaseTokens(database, f"{new},{KEY}").read("crm")
    assert found is not None
    assert found.access_token == "a1"
    with pytest.raises(AuthFailed, match="sign in again"):
        DatabaseTokens(database, new).read("crm")
    with pytest.raises(AuthFailed, match="Fernet"):
        DatabaseTokens(database, "short").read("crm")


def test_the_key_file_is_made_once_and_is_private(tmp_path: Path) -> None:
    key = key_file(tmp_path)
    assert key_file(tmp_path) == key
    assert (tmp_path / ".renkei" / "key").stat().st_mode & 0o077 == 0
