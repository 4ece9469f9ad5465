"""Runs, cursors, and the state of connections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from sync.store.database import dumps

if TYPE_CHECKING:
    from sync.store.database import Row, Tx

_COLUMNS = (
    "id, connection, stream, kind, cause, state, started_at, beat_at, finished_at, counts, steps,"
    " error, code, process, resumes_at"
)


@dataclass(slots=True)
class RunRow:
    """One pull, push, import or sweep of one connection, with counts and errors.

    ``resumes_at`` is set where it stopped to wait for the quota, or because the vendor asked to.
    ``counts`` are read, new, unchanged, created, updated, set_aside … ``steps`` are seconds spent.
    """

    id: str
    connection: str
    stream: str | None
    kind: str
    cause: str
    state: str
    started_at: str
    beat_at: str
    finished_at: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    steps: dict[str, float] = field(default_factory=dict)
    error: str | None = None
    code: str | None = None
    process: str | None = None
    resumes_at: str | None = None


def _run(row: Row) -> RunRow:
    counts, steps = orjson.loads(row[9]), orjson.loads(row[10]) if row[10] else {}
    return RunRow(*[*row[:9], counts, steps, *row[11:]])


def save(tx: Tx, run: RunRow) -> None:
    """Write a run whole."""
    names = tuple(_COLUMNS.replace(" ", "").split(","))
    tx.insert(
        "run",
        names,
        [
            (
                run.id,
                run.connection,
                run.stream,
                run.kind,
                run.cause,
                run.state,
                run.started_at,
                run.beat_at,
                run.finished_at,
                dumps(run.counts),
                dumps(run.steps) if run.steps else None,
                run.error,
                run.code,
                run.process,
                run.resumes_at,
            )
        ],
        key=("id",),
        update=names[1:],
    )


def recent(tx: Tx, connection: str | None = None, limit: int = 20) -> list[RunRow]:
    """The newest runs first."""
    if connection is None:
        sql = f"SELECT {_COLUMNS} FROM run ORDER BY started_at DESC, id DESC LIMIT ?"
        return [_run(row) for row in tx.rows(sql, limit)]
    sql = (
        f"SELECT {_COLUMNS} FROM run WHERE connection = ? ORDER BY started_at DESC, id DESC LIMIT ?"
    )
    return [_run(row) for row in tx.rows(sql, connection, limit)]


def since(tx: Tx, connection: str, moment: str) -> list[RunRow]:
    """A connection's runs that were begun at ``moment`` or later, oldest first."""
    sql = f"SELECT {_COLUMNS} FROM run WHERE connection = ? AND started_at >= ? ORDER BY started_at"
    return [_run(row) for row in tx.rows(sql, connection, moment)]


def by_id(tx: Tx, run_id: str) -> RunRow | None:
    """One run."""
    rows = tx.rows(f"SELECT {_COLUMNS} FROM run WHERE id = ?", run_id)
    return _run(rows[0]) if rows else None


def last_that_wrote(tx: Tx) -> RunRow | None:
    """The newest run that wrote something to a vendor."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM run WHERE kind IN ('push', 'undo') AND EXISTS"
        " (SELECT 1 FROM history WHERE history.run_id = run.id AND event = 'pushed')"
        " ORDER BY started_at DESC, id DESC LIMIT 1"
    )
    return _run(rows[0]) if rows else None


def close_lost(tx: Tx, now: str, beat_before: str) -> int:
    """Mark runs whose process went away; how many."""
    return tx.write(
        "UPDATE run SET state = 'failed', finished_at = ?, code = 'LOST',"
        " error = 'the process that ran it went away; its work is taken up again by itself'"
        " WHERE state = 'running' AND beat_at < ?",
        now,
        beat_before,
    )


def close_of(tx: Tx, processes: Sequence[str], now: str) -> int:
    """Mark the runs of processes that are gone, and free what they had leased; how many runs."""
    tx.write_in(
        "UPDATE outbox SET due_at = ?, crashes = crashes + 1, lease_until = NULL, leased_by = NULL"
        " WHERE leased_by IN ?",
        processes,
        now,
    )
    tx.write_in("UPDATE hook SET due_at = ?, leased_by = NULL WHERE leased_by IN ?", processes, now)
    tx.write_in(
        "UPDATE handoff_message SET due_at = ?, leased_by = NULL WHERE leased_by IN ?",
        processes,
        now,
    )
    tx.write_in(
        "UPDATE alert SET due_at = ?, leased_by = NULL WHERE leased_by IN ?", processes, now
    )
    tx.write_in(
        "UPDATE tick SET lease_until = NULL, leased_by = NULL WHERE leased_by IN ?", processes
    )
    return tx.write_in(
        "UPDATE run SET state = 'failed', finished_at = ?, code = 'LOST',"
        " error = 'the process that ran it went away; its work is taken up again by itself'"
        " WHERE state = 'running' AND process IN ?",
        processes,
        now,
    )


def connections_running(tx: Tx, kind: str) -> set[str]:
    """The connections with a run of a kind on its way."""
    rows = tx.rows("SELECT DISTINCT connection FROM run WHERE state = 'running' AND kind = ?", kind)
    return {str(row[0]) for row in rows}


def forget_before(tx: Tx, before_id: str, moment: str, limit: int) -> int:
    """Drop runs that ended before ``moment``, so many at most; how many.

    ``before_id`` is an id that a run begun at ``moment`` would have: ids sort by time.
    """
    return tx.write(
        "DELETE FROM run WHERE id IN (SELECT id FROM run WHERE id < ? AND state <> 'running'"
        " AND finished_at < ? ORDER BY id LIMIT ?)",
        before_id,
        moment,
        limit,
    )


def cursor(tx: Tx, connection: str, stream: str) -> str | None:
    """Where to go on reading."""
    rows = tx.rows(
        "SELECT value FROM cursor WHERE connection = ? AND stream = ?", connection, stream
    )
    return rows[0][0] if rows else None


def save_cursor(tx: Tx, connection: str, stream: str, value: str | None, now: str) -> None:
    """Note where to go on; in the same transaction as the page's records."""
    tx.insert(
        "cursor",
        ("connection", "stream", "value", "updated_at"),
        [(connection, stream, value, now)],
        key=("connection", "stream"),
        update=("value", "updated_at"),
    )


def whole_streams(tx: Tx, connection: str) -> set[str]:
    """The streams of a connection that were read to their end at least once."""
    rows = tx.rows(
        "SELECT stream FROM cursor WHERE connection = ? AND whole_at IS NOT NULL", connection
    )
    return {str(row[0]) for row in rows}


def mark_whole(tx: Tx, connection: str, stream: str, now: str) -> None:
    """Note that a stream was read to its end; the first time stays."""
    tx.insert(
        "cursor",
        ("connection", "stream", "value", "updated_at"),
        [(connection, stream, None, now)],
        key=("connection", "stream"),
    )
    tx.write(
        "UPDATE cursor SET whole_at = ? WHERE connection = ? AND stream = ? AND whole_at IS NULL",
        now,
        connection,
        stream,
    )


def cursors(tx: Tx) -> list[tuple[str, str, str | None, str]]:
    """All cursors: connection, stream, value, when saved."""
    rows = tx.rows("SELECT connection, stream, value, updated_at FROM cursor ORDER BY 1, 2")
    return [(a, b, c, d) for a, b, c, d in rows]


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """Whether a connection may be used. ``state`` is active, paused or needs_auth."""

    name: str
    state: str = "active"
    reason: str | None = None
    since: str = ""


def connection_states(tx: Tx) -> dict[str, ConnectionState]:
    """The states that were ever set; a connection not named is active."""
    rows = tx.rows("SELECT name, state, reason, since FROM connection")
    return {row[0]: ConnectionState(*row) for row in rows}


def set_connection(tx: Tx, name: str, state: str, reason: str | None, now: str) -> bool:
    """Set a connection's state; whether that changed anything."""
    held = connection_states(tx).get(name, ConnectionState(name))
    if held.state == state:
        return False
    tx.insert(
        "connection",
        ("name", "state", "reason", "since"),
        [(name, state, reason, now)],
        key=("name",),
        update=("state", "reason", "since"),
    )
    return True


def setting(tx: Tx, name: str) -> str | None:
    """A value the installation keeps for itself."""
    rows = tx.rows("SELECT value FROM setting WHERE name = ?", name)
    return rows[0][0] if rows else None


def save_setting(tx: Tx, name: str, value: str) -> None:
    """Keep a value."""
    tx.insert("setting", ("name", "value"), [(name, value)], key=("name",), update=("value",))


def set_if_before(tx: Tx, name: str, value: str, before: str) -> bool:
    """Keep a value that grows, where there is none or one up to ``before``; whether it was kept.

    Of several who ask at once, one is told so.
    """
    return bool(
        tx.write(
            "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE"
            " SET value = excluded.value WHERE setting.value <= ?",
            name,
            value,
            before,
        )
    )
