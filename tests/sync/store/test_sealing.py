"""Payloads are sealed at rest, open while their key is listed, and leave nothing readable."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from cryptography.fernet import Fernet

from connectors.kit.errors import AuthFailed
from sync.store import hooks, inbox
from sync.store.database import Database, iso
from sync.store.hooks import Arrived
from sync.store.inbox import InboxRow, Received
from sync.store.schema import metadata
from sync.store.sealing import Box, WrongKey, check_key, key_file
from sync.store.upgrade import _config, upgrade

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
MARKER = "秘密の備考 marker-7f3a"
AT = "2026-04-01T00:00:00.000000Z"


def received(external_id: str = "1", payload: str = MARKER) -> Received:
    body = f'{{"memo":"{payload}"}}'.encode()
    return Received(
        f"crm/people/{external_id}", "d", body, None, None, None, None, False, AT, "pull", None
    )


def arrived(body: bytes) -> Arrived:
    return Arrived("form", "event-1", "POST", "https://h.example", "{}", body, AT)


@pytest.fixture
def reopened(database: Database) -> Iterator[Callable[[str], Database]]:
    """The same database in a process with these keys."""
    made: list[Database] = []

    def open_with(keys: str) -> Database:
        made.append(Database(database.url, clock=database.now, keys=keys))
        return made[-1]

    yield open_with
    for one in made:
        one.close()


def claimed(database: Database) -> list[InboxRow]:
    with database.read() as tx:
        return inbox.opened(tx, tx.rows(f"SELECT {inbox.FIELDS} FROM inbox ORDER BY id"))


def test_what_is_sealed_opens_with_its_name_and_key_alone() -> None:
    box = Box(NEW)
    sealed = box.seal(b"payload", "crm/people/1")
    assert b"payload" not in sealed
    assert box.open(sealed, "crm/people/1") == b"payload"
    assert box.open(sealed, "crm/people/2") is None
    assert box.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "crm/people/1") is None
    assert Box(OLD).open(sealed, "crm/people/1") is None
    assert box.seal(b"payload", "crm/people/1") != sealed


def test_the_newest_key_seals_and_older_ones_open() -> None:
    old = Box(OLD).seal(b"before", "a")
    both = Box(f"{NEW}, {OLD}")
    assert both.open(old, "a") == b"before"
    assert Box(NEW).open(both.seal(b"after", "a"), "a") == b"after"
    assert (both.is_newest(old), both.is_newest(both.seal(b"", "a"))) == (False, True)


def test_a_digest_needs_the_key_and_outlives_it() -> None:
    before, after = Box(OLD), Box(f"{NEW},{OLD}")
    digest = before.digest(b"yes", b"|tail")
    assert digest == Box(OLD).digest(b"yes", b"|tail")
    assert digest != Box(NEW).digest(b"yes", b"|tail")
    assert after.agrees(digest, b"yes", b"|tail")
    assert not after.agrees(digest, b"no", b"|tail")
    assert not after.agrees(after.digest(b"yes"), b"no")
    assert not Box(NEW).agrees(digest, b"yes", b"|tail")


def test_a_digest_from_before_there_were_keys_still_agrees() -> None:
    from hashlib import blake2b

    assert Box(NEW).agrees(blake2b(b"yes", digest_size=12).hexdigest(), b"yes")


@pytest.mark.parametrize(
    "keys", ["short", "", "a" * 44, f"{NEW},é"], ids=["short", "none", "no key", "one of two"]
)
def test_what_is_no_fernet_key_is_refused(keys: str) -> None:
    with pytest.raises(AuthFailed, match="Fernet") as refused:
        Box(keys)
    assert refused.value.code == "BAD_KEY"


def test_payloads_and_bodies_come_back_as_they_were(database: Database) -> None:
    with database.write() as tx:
        inbox.put(tx, [received(str(n), f"{MARKER}-{n}") for n in range(7)])
        hooks.put(tx, [arrived(b"\x00\x01 any bytes \xff")])
    assert [row.payload for row in claimed(database)] == [
        received(str(n), f"{MARKER}-{n}").payload for n in range(7)
    ]
    with database.write() as tx:
        ((hook,), _) = hooks.claim(tx, [], iso(database.now()), AT, 5)
    assert hook.body == b"\x00\x01 any bytes \xff"


def test_no_payload_is_readable_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "renkei.sqlite3"
    database = Database(f"sqlite:///{file}", keys=NEW)
    upgrade(database)
    with database.write() as tx:
        inbox.put(tx, [received(str(n)) for n in range(50)])
        hooks.put(tx, [arrived(f'{{"answer":"{MARKER}"}}'.encode())])
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("renkei.sqlite3*"))
    assert b"crm/people/49" in stored
    for marker in (MARKER.encode(), b"marker-7f3a", b"memo", b'"answer"'):
        assert marker not in stored
    database.close()


def test_old_rows_open_while_the_old_key_is_listed(
    database: Database, reopened: Callable[[str], Database]
) -> None:
    with reopened(OLD).write() as tx:
        inbox.put(tx, [received("1")])
        hooks.put(tx, [arrived(b"body")])
    rotated = reopened(f"{NEW},{OLD}")
    with rotated.write() as tx:
        inbox.put(tx, [received("2")])
    assert [row.payload for row in claimed(rotated)] == [
        received("1").payload,
        received("2").payload,
    ]
    only_new = reopened(NEW)
    assert [row.payload for row in claimed(only_new)] == [None, received("2").payload]
    with only_new.write() as tx:
        ((hook,), _) = hooks.claim(tx, [], iso(database.now()), AT, 5)
    assert hook.body is None


def test_a_process_with_another_key_does_not_begin(
    reopened: Callable[[str], Database],
) -> None:
    check_key(reopened(OLD))
    check_key(reopened(OLD))
    with pytest.raises(WrongKey, match="same key"):
        check_key(reopened(NEW))
    check_key(reopened(f"{NEW},{OLD}"))
    check_key(reopened(NEW))
    with pytest.raises(WrongKey):
        check_key(reopened(OLD))


def test_many_processes_that_make_the_key_at_once_get_the_same(tmp_path: Path) -> None:
    start, found = threading.Barrier(8), []

    def make() -> None:
        start.wait()
        found.append(key_file(tmp_path))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert set(found) == {key_file(tmp_path)}
    assert [path.name for path in (tmp_path / ".renkei").iterdir()] == ["key"]


def test_rows_from_before_are_read_as_they_were(database: Database) -> None:
    body = b'\x01\x00<a attr="\xc3\x28">plain \xff'
    metadata.drop_all(database.engine)
    with database.write() as tx:
        tx.write("DROP TABLE alembic_version")
    config = _config()
    with database.engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    row: tuple[Any, ...] = (
        "crm/people/1",
        "d",
        '{"memo":"日本語"}',
        False,
        AT,
        "pull",
        "new",
        0,
        AT,
    )
    with database.write() as tx:
        columns = (
            "link_id", "digest", "payload", "deleted", "received_at", "source", "state",
            "attempts", "due_at",
        )  # fmt: skip
        tx.insert("inbox", columns, [row])
        columns = (
            "connection", "event_key", "method", "url", "headers", "body", "received_at", "state",
            "attempts", "due_at",
        )  # fmt: skip
        tx.insert("hook", columns, [("form", "e", "POST", "u", "{}", body, AT, "new", 0, AT)])
    assert upgrade(database) is True
    assert [one.payload for one in claimed(database)] == ['{"memo":"日本語"}'.encode()]
    with database.write() as tx:
        ((hook,), _) = hooks.claim(tx, [], iso(database.now()), AT, 5)
    assert hook.body == body
    with database.write() as tx:
        inbox.put(tx, [received("2")])
    assert claimed(database)[1].payload == received("2").payload
