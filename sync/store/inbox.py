"""The inbox: what was received and is not yet resolved; payloads are sealed.

What is resolved stays as long as the operator's retention says, and can be replayed until then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sync.store.database import Row, Tx

COLUMNS = (
    "link_id",
    "digest",
    "payload",
    "refs",
    "previous",
    "version",
    "changed_at",
    "deleted",
    "received_at",
    "source",
    "run_id",
    "state",
    "attempts",
    "due_at",
)


REPLAY = "replay"
"""The source of rows that hold a payload of another row, to be read once more."""


class Received(NamedTuple):
    """A record on its way in. ``payload``, ``refs`` and ``previous`` are JSON."""

    link_id: str
    digest: str
    payload: bytes
    refs: str | None
    previous: str | None
    version: str | None
    changed_at: str | None
    deleted: bool
    received_at: str
    source: str
    run_id: str | None


class InboxRow(NamedTuple):
    """A received record. ``payload`` is None where no key that is listed opens it."""

    id: int
    link_id: str
    digest: str
    payload: bytes | None
    refs: str | None
    previous: str | None
    version: str | None
    changed_at: str | None
    deleted: bool
    received_at: str
    source: str
    run_id: str | None
    attempts: int


def opened(tx: Tx, rows: Iterable[Row]) -> list[InboxRow]:
    """Stored rows, in the order of the fields of an ``InboxRow``, with their payloads opened."""
    unseal = tx.box.open
    return [InboxRow._make((*row[:3], unseal(row[3], row[1]), *row[4:])) for row in rows]


FIELDS = ", ".join(InboxRow._fields)
"""The columns of an ``InboxRow``."""


def latest_digests(tx: Tx, link_ids: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """What the hub last received of these records: still waiting in the inbox, or resolved.

    Gives its digest, and when the vendor says it changed.
    """
    resolved = tx.rows_in("SELECT id, digest, changed_at FROM link WHERE id IN ?", link_ids)
    # Not the bare state: an index on it would have all that waits read for a few records.
    waiting = tx.rows_in(
        "SELECT link_id, digest, changed_at FROM inbox"
        " WHERE link_id IN ? AND state || '' = 'new' ORDER BY id",
        link_ids,
    )
    found = {link_id: (digest, changed_at) for link_id, digest, changed_at in [*resolved, *waiting]}
    return {link_id: known for link_id, known in found.items() if known[0]}


def put(tx: Tx, records: Iterable[Received]) -> None:
    """Take records in, in their order."""
    seal = tx.box.seal
    tx.insert(
        "inbox",
        COLUMNS,
        [
            (*one[:2], seal(one.payload, one.link_id), *one[3:], "new", 0, one.received_at)
            for one in records
        ],
    )


def claim(tx: Tx, now: str, limit: int) -> list[InboxRow]:
    """The oldest due records, locked until the transaction ends; others' are skipped."""
    lock = " FOR UPDATE SKIP LOCKED" if tx.postgres else ""
    rows = tx.rows(
        f"SELECT {FIELDS} FROM inbox"
        f" WHERE state = 'new' AND due_at <= ? ORDER BY due_at, id LIMIT ?{lock}",
        now,
        limit,
    )
    return opened(tx, rows)


def done(tx: Tx, ids: Sequence[int]) -> None:
    """These records are resolved."""
    tx.write_in("UPDATE inbox SET state = 'done' WHERE id IN ?", ids)


def set_aside(tx: Tx, ids: Sequence[int]) -> None:
    """These records wait for a person."""
    tx.write_in("UPDATE inbox SET state = 'aside' WHERE id IN ?", ids)


def later(tx: Tx, rows: Sequence[tuple[str, int]]) -> None:
    """Try again at (due_at, id)."""
    tx.write_many("UPDATE inbox SET attempts = attempts + 1, due_at = ? WHERE id = ?", rows)


def put_back(tx: Tx, link_ids: Sequence[str], now: str) -> int:
    """Give the newest set-aside state of these records another try; how many came back."""
    return tx.write_in(
        "UPDATE inbox SET state = 'new', attempts = 0, due_at = ? WHERE state = 'aside'"
        " AND link_id IN ?",
        link_ids,
        now,
    )


def again(tx: Tx, link_ids: Sequence[str], now: str) -> int:
    """Have the newest resolved state of these records resolved again; how many there are.

    What was purged after its retention is not there any more.
    """
    return tx.write_in(
        "UPDATE inbox SET state = 'new', attempts = 0, due_at = ? WHERE state <> 'new'"
        " AND id IN (SELECT max(id) FROM inbox WHERE link_id IN ?"
        f" AND source <> '{REPLAY}' GROUP BY link_id)",
        link_ids,
        now,
    )


def waiting(tx: Tx, now: str) -> int:
    """How many records are due."""
    ((count,),) = tx.rows("SELECT count(*) FROM inbox WHERE state = 'new' AND due_at <= ?", now)
    return int(count)


def backlog(tx: Tx, at_most: int) -> int:
    """How many records wait, due or not; counted no further than ``at_most``."""
    ((count,),) = tx.rows(
        "SELECT count(*) FROM (SELECT 1 AS one FROM inbox WHERE state = 'new' LIMIT ?) AS counted",
        at_most,
    )
    return int(count)


def next_due(tx: Tx) -> str | None:
    """When the next record falls due; None where nothing waits."""
    ((due,),) = tx.rows("SELECT min(due_at) FROM inbox WHERE state = 'new'")
    return due if due is None else str(due)


class Heard(NamedTuple):
    """One state of a record that was received. ``at`` is when it changed, as far as it says."""

    id: int
    link_id: str
    at: str
    received_at: str
    source: str
    run_id: str | None


def heard(tx: Tx, link_ids: Iterable[str]) -> list[Heard]:
    """What was received of these records and is still kept, oldest first."""
    rows = tx.rows_in(
        "SELECT id, link_id, coalesce(changed_at, received_at), received_at, source, run_id"
        " FROM inbox WHERE link_id IN ? AND state = 'done' ORDER BY id",
        link_ids,
    )
    return sorted(Heard(*row) for row in rows)


def forget_before(tx: Tx, moment: str, limit: int) -> int:
    """Drop payloads that were resolved and last due before ``moment``, so many at most; how many.

    By when they were due, and not when they came: that is what the index knows.
    """
    return tx.write(
        "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE state = 'done' AND due_at < ?"
        " ORDER BY due_at LIMIT ?)",
        moment,
        limit,
    )
