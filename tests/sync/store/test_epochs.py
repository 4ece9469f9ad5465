"""What a restore voids, and what outlives it."""

from __future__ import annotations

from typing import Any

import pytest

from sync.store import epochs, outbox, runs, ticks
from sync.store.database import Database, iso
from sync.store.schema import metadata

NOW = "2026-04-01T00:00:00.000000Z"
LATER = "2026-04-01T01:00:00.000000Z"
COLUMNS = {f"{table.name}.{one.name}" for table in metadata.sorted_tables for one in table.columns}
TOKEN = ("connection", "blob", "version", "updated_at")


def installed(database: Database, mark: str = "aaaa") -> None:
    with database.write() as tx:
        runs.save_setting(tx, "installation", mark)


def begin(database: Database, old: epochs.Replaced | None = None, *names: str) -> int:
    with database.write() as tx:
        return epochs.begin(tx, names, LATER, old, COLUMNS)


def test_a_claim_of_the_epoch_before_changes_nothing_any_more(database: Database) -> None:
    with database.write() as tx:
        outbox.owe(tx, [("crm", "ld_1")], NOW)
        before = outbox.lease(tx, "crm", NOW, LATER, 10, "p1")
        tx.write("UPDATE outbox SET fence = 0, lease_until = NULL, leased_by = NULL")  # the backup
    begin(database)
    with database.write() as tx:
        (again,) = outbox.lease(tx, "crm", LATER, "2026-04-01T02:00:00.000000Z", 10, "p2")
        outbox.settle(tx, before)  # by a worker that slept through the restore
        assert outbox.depth(tx) == {"crm": {"due": 1}}
        outbox.settle(tx, [again])
        assert outbox.depth(tx) == {}


def test_what_was_leased_or_on_its_way_at_the_backup_is_free(database: Database) -> None:
    with database.write() as tx:
        outbox.owe(tx, [("crm", "ld_1")], NOW)
        outbox.lease(tx, "crm", NOW, "2026-04-01T09:00:00.000000Z", 10, "p1")
        outbox.mark_sent(tx, "crm", ["ld_1"])
        until = "2026-04-01T09:00:00.000000Z"
        assert ticks.take_lease(tx, "pull:crm", NOW, until, "p1") is not None
    begin(database)
    with database.write() as tx:
        (again,) = outbox.lease(tx, "crm", LATER, "2026-04-01T02:00:00.000000Z", 10, "p2")
        assert (again.sent, again.crashes) == (False, 0)
        assert ticks.take_lease(tx, "pull:crm", NOW, LATER, "p2") is not None


@pytest.mark.parametrize(
    ("mark", "version", "kept"),
    [
        pytest.param("aaaa", 7, b"newer", id="newer, of the same installation"),
        pytest.param("aaaa", 5, b"backup", id="no newer"),
        pytest.param("bbbb", 7, b"backup", id="of another installation"),
        pytest.param(None, 7, b"backup", id="of none"),
    ],
)
def test_a_token_that_was_renewed_since_the_backup_stays(
    mark: str | None, version: int, kept: bytes, database: Database
) -> None:
    installed(database)
    with database.write() as tx:
        tx.insert("token", TOKEN, [("ma", b"backup", 5, NOW)])
    newer = epochs.Replaced(mark, 0, "", [("ma", b"newer", None, version, NOW)])
    begin(database, newer)
    with database.read() as tx:
        ((blob,),) = tx.rows("SELECT blob FROM token")
    assert bytes(blob) == kept


def test_every_fence_is_of_its_epoch(database: Database) -> None:
    """A tick's only counts how often it was begun: its lease is taken away instead."""
    names = {one.partition(".")[0] for one in COLUMNS if one.endswith(".fence")} - {"tick"}
    with database.write() as tx:
        for name in names:
            columns = [one for one in metadata.tables[name].columns if not one.nullable]
            row = {one.name: _any(one.type.python_type) for one in columns}
            tx.connection.execute(metadata.tables[name].insert().values(row | {"fence": 3}))
    begin(database)
    with database.read() as tx:
        fences = {name: tx.rows(f"SELECT fence FROM {name}")[0][0] for name in names}
    assert fences == dict.fromkeys(names, 1_000_003)


def _any(kind: type) -> object:
    return NOW if kind is str else kind(1)


def test_epochs_grow_whatever_is_restored(database: Database) -> None:
    assert begin(database) == 1
    assert begin(database) == 2
    assert begin(database, epochs.Replaced("x", 7, "", [])) == 8


@pytest.mark.parametrize(
    ("old", "since"),
    [
        pytest.param(None, LATER, id="nothing is known of what was replaced"),
        pytest.param(epochs.Replaced("bbbb", 0, NOW, []), LATER, id="another installation"),
        pytest.param(epochs.Replaced("aaaa", 0, NOW, []), NOW, id="its last write"),
        pytest.param(epochs.Replaced("aaaa", 0, "", []), "", id="it never wrote"),
    ],
)
def test_a_mark_says_until_when_something_may_have_been_written(
    old: epochs.Replaced | None, since: str, database: Database
) -> None:
    installed(database)
    begin(database, old, "crm")
    with database.read() as tx:
        assert epochs.marks(tx) == {"crm": since}


def whole(database: Database, stream: str, at: str) -> None:
    with database.write() as tx:
        runs.mark_whole(tx, "crm", stream, at)


def settled(database: Database, *streams: str, not_before: str = NOW) -> bool:
    with database.write() as tx:
        return epochs.settle(tx, "crm", streams, not_before)


def test_a_mark_goes_when_all_streams_were_read_late_enough_and_taken_in(
    database: Database, clock: Any
) -> None:
    whole(database, "people", NOW)
    begin(database, None, "crm")
    assert not settled(database, "people")  # read before the restore
    whole(database, "people", NOW)
    assert not settled(database, "people", not_before=LATER)  # the vendor's search may lag
    whole(database, "people", LATER)
    assert not settled(database, "people", "clients", not_before=LATER)
    whole(database, "clients", iso(clock()))
    columns = ("link_id", "digest", "payload", "deleted", "received_at", "source", "state",
               "attempts", "due_at")  # fmt: skip
    with database.write() as tx:
        tx.insert("inbox", columns, [("crm/people/1", "x", b"", False, NOW, "pull", "new", 0, NOW)])
    assert not settled(database, "people", "clients")
    with database.write() as tx:
        tx.write("UPDATE inbox SET state = 'done'")
    assert settled(database, "people", "clients")
    with database.read() as tx:
        assert epochs.marks(tx) == {}
