"""Webhooks as they came in: stored before they are answered, leased, and done with later.

Bodies are sealed. What repeats share is stored as a keyed digest: where a vendor gives its events
no id, it is made of the body.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.store.database import Tx

CHUNKS = (64, 16, 4, 1)
"""How many webhooks one statement stores; few sizes, so that few statements are prepared."""
TRIED = 10
"""How many that were tried before are leased at once."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A webhook on its way in. ``headers`` is JSON text; ``event_key`` is what repeats share."""

    connection: str
    event_key: str
    method: str
    url: str
    headers: str
    body: bytes
    received_at: str


@dataclass(frozen=True, slots=True)
class HookRow:
    """A stored webhook, as leased. ``attempts`` counts this lease; ``until`` is when it ends.

    ``body`` is None where no key that is listed opens it.
    """

    id: int
    connection: str
    event_key: str
    method: str
    url: str
    headers: str
    body: bytes | None
    received_at: str
    attempts: int
    until: str


def put(tx: Tx, arrived: Sequence[Arrived]) -> None:
    """Store these; one that is there already, by connection and event, stays as it is.

    Many rows in one step: a step for each row gives the interpreter away each time, and the event
    loop beside it takes its time to give it back.
    """
    box, start = tx.box, 0
    for size in CHUNKS:
        while len(arrived) - start >= size:
            chunk = arrived[start : start + size]
            start += size
            given: list[str | bytes] = []
            for hook in chunk:
                key = box.digest(hook.event_key.encode())
                given += (
                    hook.connection,
                    key,
                    hook.method,
                    hook.url,
                    hook.headers,
                    box.seal(hook.body, _name(hook.connection, key)),
                    hook.received_at,
                    hook.received_at,
                )
            tx.write(_put_sql(size), *given)


def _name(connection: str, event_key: str) -> str:
    """What a body is sealed under."""
    return f"hook/{connection}/{event_key}"


@cache
def _put_sql(size: int) -> str:
    rows = ", ".join(["(?, ?, ?, ?, ?, ?, ?, 'new', 0, ?)"] * size)
    return (
        "INSERT INTO hook (connection, event_key, method, url, headers, body, received_at, state,"
        f" attempts, due_at) VALUES {rows} ON CONFLICT (connection, event_key) DO NOTHING"
    )


def claim(
    tx: Tx, waiting: Sequence[str], now: str, until: str, limit: int, by: str | None = None
) -> tuple[list[HookRow], bool]:
    """Lease the oldest due hooks until ``until``, for the process ``by``; whether more may be due.

    None of the ``waiting`` connections' are taken. Of those that were tried before few are leased
    at once: one of them may be what ends the process, and each that is leased then counts a try.
    """
    lock = " FOR UPDATE SKIP LOCKED" if tx.postgres else ""
    due = tx.rows_in(
        "SELECT id, attempts FROM hook WHERE NOT (connection IN ?) AND state = 'new'"
        f" AND due_at <= ? ORDER BY due_at, id LIMIT ?{lock}",
        [*waiting, ""],
        now,
        limit,
    )
    if not due:
        return [], False
    left = {one for one, _ in [row for row in due if row[1]][TRIED:]}
    ids = [one for one, _ in due if one not in left]
    tx.write_in(
        "UPDATE hook SET attempts = attempts + 1, due_at = ?, leased_by = ? WHERE id IN ?",
        ids,
        until,
        by,
    )
    rows = tx.rows_in(
        "SELECT id, connection, event_key, method, url, headers, body, received_at, attempts,"
        " due_at FROM hook WHERE id IN ? ORDER BY id",
        ids,
    )
    unseal = tx.box.open
    taken = [HookRow(*[*row[:6], unseal(row[6], _name(row[1], row[2])), *row[7:]]) for row in rows]
    return taken, bool(left) or len(due) == limit


def done(tx: Tx, rows: Sequence[HookRow]) -> None:
    """These are done with. A lease that was lost meanwhile changes nothing."""
    tx.write_many(
        "UPDATE hook SET state = 'done', leased_by = NULL"
        " WHERE id = ? AND state = 'new' AND due_at = ?",
        [(row.id, row.until) for row in rows],
    )


def set_aside(tx: Tx, rows: Sequence[HookRow]) -> None:
    """These wait for a person."""
    tx.write_many(
        "UPDATE hook SET state = 'aside', leased_by = NULL"
        " WHERE id = ? AND state = 'new' AND due_at = ?",
        [(row.id, row.until) for row in rows],
    )


def later(tx: Tx, rows: Sequence[tuple[HookRow, str]], *, failed: bool = True) -> None:
    """Try these again at the given time; only a failure counts as an attempt."""
    tx.write_many(
        "UPDATE hook SET attempts = attempts - ?, due_at = ?, leased_by = NULL"
        " WHERE id = ? AND state = 'new' AND due_at = ?",
        [(int(not failed), due, row.id, row.until) for row, due in rows],
    )


def put_back(tx: Tx, connection: str | None, ids: Sequence[int] | None, now: str) -> int:
    """Give set-aside hooks another try: these, a connection's, or all; how many came back."""
    sql = "UPDATE hook SET state = 'new', attempts = 0, due_at = ? WHERE state = 'aside'"
    if ids is not None:
        return tx.write_in(f"{sql} AND id IN ?", ids, now)
    if connection is None:
        return tx.write(sql, now)
    return tx.write(f"{sql} AND connection = ?", now, connection)


def hasten(tx: Tx, connection: str | None, now: str) -> int:
    """Have hooks that failed, and wait for their next try, due now; how many those are."""
    sql = (
        "UPDATE hook SET due_at = ?"
        " WHERE state = 'new' AND leased_by IS NULL AND attempts > 0 AND due_at > ?"
    )
    if connection is None:
        return tx.write(sql, now, now)
    return tx.write(f"{sql} AND connection = ?", now, now, connection)


def is_due(tx: Tx, waiting: Sequence[str], now: str) -> bool:
    """Whether a hook is due that is none of the ``waiting`` connections'."""
    return bool(
        tx.rows_in(
            "SELECT 1 FROM hook WHERE NOT (connection IN ?) AND state = 'new' AND due_at <= ?"
            " LIMIT 1",
            [*waiting, ""],
            now,
        )
    )


def next_due(tx: Tx) -> str | None:
    """When the next hook falls due; None where none waits."""
    ((due,),) = tx.rows("SELECT min(due_at) FROM hook WHERE state = 'new'")
    return due if due is None else str(due)


def backlog(tx: Tx, at_most: int) -> int:
    """How many hooks are not done with; counted no further than ``at_most``."""
    ((count,),) = tx.rows(
        "SELECT count(*) FROM (SELECT 1 AS one FROM hook WHERE state = 'new' LIMIT ?) AS counted",
        at_most,
    )
    return int(count)


def depth(tx: Tx) -> dict[str, dict[str, int]]:
    """How many hooks there are, by connection and state."""
    found: dict[str, dict[str, int]] = {}
    for name, state, count in tx.rows(
        "SELECT connection, state, count(*) FROM hook GROUP BY connection, state"
    ):
        found.setdefault(name, {})[state] = int(count)
    return found


def forget_before(tx: Tx, moment: str, limit: int) -> int:
    """Drop hooks that are done with and were last due before ``moment``, so many at most."""
    return tx.write(
        "DELETE FROM hook WHERE id IN (SELECT id FROM hook WHERE state = 'done' AND due_at < ?"
        " ORDER BY due_at LIMIT ?)",
        moment,
        limit,
    )
