"""The outbox: not a list of commands, but the fact that a connection's copy of a lead is stale."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sync.store.database import Tx

CRASHES = 6
"""Leases that may end with no word before a change is set aside as a crasher; the last ones have it
alone, so that nobody is set aside for having been leased together with one."""


HELD = "LIMIT"
"""The error of copies that a limit of their connection holds back."""


class Owed(NamedTuple):
    """A lead that a connection is owed, as leased. ``sent`` says a create may be on its way."""

    connection: str
    lead_id: str
    dirty: int
    sent: bool
    fence: int
    attempts: int
    crashes: int


def owe(
    tx: Tx,
    rows: Sequence[tuple[str, str]],
    now: str,
    *,
    urgent: Collection[tuple[str, str]] = frozenset(),
) -> None:
    """These (connection, lead) copies are stale. Saying so again only marks them dirtier.

    The ``urgent`` of them lack an opt-out; they stay so until they are settled.
    """
    if not rows:
        return
    insert = (
        "INSERT INTO outbox (connection, lead_id, dirty, state, due_at, fence, attempts, crashes,"
        " since, urgent)"
    )
    again = (
        " ON CONFLICT (connection, lead_id) DO UPDATE SET dirty = outbox.dirty + 1,"
        " due_at = CASE WHEN outbox.lease_until IS NULL AND outbox.attempts = 0"
        " THEN excluded.due_at ELSE outbox.due_at END,"
        " state = CASE WHEN outbox.state = 'aside' THEN 'due' ELSE outbox.state END,"
        " urgent = outbox.urgent OR excluded.urgent"
    )
    tx.write_set(
        [(*row, now, now, row in urgent) for row in sorted(set(rows))],
        each=f"{insert} VALUES (?, ?, 1, 'due', ?, 0, 0, 0, ?, ?){again}",
        together=f"{insert} SELECT connection, lead_id, 1, 'due', due_at, 0, 0, 0, since, urgent"
        " FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::boolean[])"
        f" AS owed (connection, lead_id, due_at, since, urgent){again}",
    )


def lease(
    tx: Tx,
    connection: str,
    now: str,
    until: str,
    limit: int,
    by: str | None = None,
    *,
    urgent: bool = False,
) -> list[Owed]:
    """Take the oldest due copies of a connection until ``until``, for the process ``by``.

    With ``urgent`` only those that lack an opt-out. A row whose lease ran out without a word
    counts a crash.
    """
    lock = " FOR UPDATE SKIP LOCKED" if tx.postgres else ""
    some = " AND urgent" if urgent else ""
    once = "MATERIALIZED " if tx.postgres else ""
    rows = tx.rows(
        f"WITH taken AS {once}(SELECT lead_id FROM outbox WHERE connection = ?"
        f" AND state <> 'aside' AND due_at <= ?{some} ORDER BY due_at, lead_id LIMIT ?{lock})"
        " UPDATE outbox SET fence = fence + 1, lease_until = ?, leased_by = ?, due_at = ?,"
        " crashes = crashes + CASE WHEN lease_until IS NULL THEN 0 ELSE 1 END"
        " WHERE connection = ? AND lead_id IN (SELECT lead_id FROM taken)"
        " RETURNING connection, lead_id, dirty, state, fence, attempts, crashes",
        connection,
        now,
        limit,
        until,
        by,
        until,
        connection,
    )
    return sorted(
        (Owed(a, b, c, d == "sent", e, f, g) for a, b, c, d, e, f, g in rows),
        key=lambda owed: owed.lead_id,
    )


def lease_these(
    tx: Tx, connection: str, lead_ids: Sequence[str], now: str, until: str, by: str | None = None
) -> list[Owed]:
    """Take the copies of these leads, held back or put off as they may be, until ``until``.

    Those that somebody else has, or that wait for a person, are not taken.
    """
    rows = tx.rows_in(
        "UPDATE outbox SET fence = fence + 1, lease_until = ?, leased_by = ?, due_at = ?,"
        " crashes = crashes + CASE WHEN lease_until IS NULL THEN 0 ELSE 1 END,"
        " error = CASE WHEN error = ? THEN NULL ELSE error END,"
        " state = CASE WHEN state = 'aside' THEN 'due' ELSE state END"
        " WHERE connection = ? AND (state <> 'aside' OR error = ?)"
        " AND (lease_until IS NULL OR due_at <= ?) AND lead_id IN ?"
        " RETURNING connection, lead_id, dirty, state, fence, attempts, crashes",
        lead_ids,
        before=(until, by, until, HELD, connection, HELD, now),
    )
    return sorted(
        (Owed(a, b, c, d == "sent", e, f, g) for a, b, c, d, e, f, g in rows),
        key=lambda owed: owed.lead_id,
    )


def hold_back(tx: Tx, connection: str, now: str) -> int:
    """Hold back what a connection is owed and nobody is writing just now; how many.

    What lacks an opt-out stays due.
    """
    return tx.write(
        "UPDATE outbox SET state = 'aside', lease_until = NULL, leased_by = NULL, error = ?"
        " WHERE connection = ? AND state <> 'aside' AND (lease_until IS NULL OR due_at <= ?)"
        " AND NOT urgent",
        HELD,
        connection,
        now,
    )


def hold(tx: Tx, owed: Sequence[Owed]) -> None:
    """These were leased and lack no opt-out any more: the rest of them is held back."""
    tx.write_many(
        "UPDATE outbox SET state = 'aside', lease_until = NULL, leased_by = NULL, crashes = 0,"
        " error = ?, urgent = false WHERE connection = ? AND lead_id = ? AND fence = ?",
        [(HELD, o.connection, o.lead_id, o.fence) for o in owed],
    )


def let_go(tx: Tx, connection: str, now: str) -> int:
    """What was held back is due again; how many."""
    return tx.write(
        "UPDATE outbox SET state = 'due', error = NULL, due_at = ?"
        " WHERE connection = ? AND state = 'aside' AND error = ?",
        now,
        connection,
        HELD,
    )


class Waiting(NamedTuple):
    """How many copies a connection is owed: all, those held back, and those that might be."""

    owed: int
    held: int
    free: int


def waiting(tx: Tx, connection: str) -> Waiting:
    """How many copies a connection is owed; others aside are left out."""
    ((owed, held, free),) = tx.rows(
        "SELECT count(*), coalesce(sum(CASE WHEN state = 'aside' THEN 1 ELSE 0 END), 0),"
        " coalesce(sum(CASE WHEN state <> 'aside' AND NOT urgent THEN 1 ELSE 0 END), 0)"
        " FROM outbox WHERE connection = ? AND (state <> 'aside' OR error = ?)",
        connection,
        HELD,
    )
    return Waiting(int(owed), int(held), int(free))


def held_connections(tx: Tx) -> set[str]:
    """The connections that a limit holds something back from."""
    rows = tx.rows(
        "SELECT DISTINCT connection FROM outbox WHERE state = 'aside' AND error = ?", HELD
    )
    return {str(row[0]) for row in rows}


def mark_sent(tx: Tx, connection: str, lead_ids: Sequence[str]) -> None:
    """Write ahead: creates of these leads are about to go out."""
    tx.write_in(
        "UPDATE outbox SET state = 'sent' WHERE connection = ? AND lead_id IN ?",
        lead_ids,
        connection,
    )


def settle(tx: Tx, owed: Sequence[Owed]) -> None:
    """These copies are up to date; what became stale again meanwhile stays owed."""
    settled = tx.write_set(
        [(o.connection, o.lead_id, o.fence, o.dirty) for o in owed],
        each="DELETE FROM outbox WHERE connection = ? AND lead_id = ? AND fence = ? AND dirty = ?",
        together="DELETE FROM outbox USING"
        " unnest(%b::text[], %b::text[], %b::bigint[], %b::bigint[])"
        " AS done (connection, lead_id, fence, dirty)"
        " WHERE outbox.connection = done.connection AND outbox.lead_id = done.lead_id"
        " AND outbox.fence = done.fence AND outbox.dirty = done.dirty",
    )
    if settled == len(owed):
        return
    tx.write_many(
        "UPDATE outbox SET lease_until = NULL, leased_by = NULL, attempts = 0, crashes = 0,"
        " error = NULL,"
        " state = 'due', due_at = since WHERE connection = ? AND lead_id = ? AND fence = ?",
        [(o.connection, o.lead_id, o.fence) for o in owed],
    )


def put_off(tx: Tx, rows: Sequence[tuple[Owed, str]], error: str, *, failed: bool = True) -> None:
    """Try these again at the given time."""
    tx.write_many(
        "UPDATE outbox SET lease_until = NULL, leased_by = NULL, crashes = 0,"
        " attempts = attempts + ?, due_at = ?,"
        " error = ? WHERE connection = ? AND lead_id = ? AND fence = ?",
        [(int(failed), due, error, o.connection, o.lead_id, o.fence) for o, due in rows],
    )


def give_back(tx: Tx, owed: Sequence[Owed]) -> None:
    """These were leased and not sent: they are due again, as if nobody had taken them."""
    tx.write_many(
        "UPDATE outbox SET lease_until = NULL, leased_by = NULL, state = ?, due_at = since"
        " WHERE connection = ? AND lead_id = ? AND fence = ?",
        [("sent" if o.sent else "due", o.connection, o.lead_id, o.fence) for o in owed],
    )


def set_aside(tx: Tx, rows: Sequence[tuple[Owed, str]]) -> None:
    """These wait for a person, or for the lead to change: (owed, error code)."""
    tx.write_many(
        "UPDATE outbox SET state = 'aside', lease_until = NULL, leased_by = NULL, error = ?"
        " WHERE connection = ? AND lead_id = ? AND fence = ?",
        [(code, o.connection, o.lead_id, o.fence) for o, code in rows],
    )


def put_back(tx: Tx, connection: str | None, lead_ids: Sequence[str] | None, now: str) -> int:
    """Give set-aside copies another try; how many came back."""
    sql = (
        "UPDATE outbox SET state = 'due', attempts = 0, crashes = 0, due_at = ?"
        " WHERE state = 'aside'"
    )
    if connection is None:
        return tx.write(sql, now)
    if lead_ids is None:
        return tx.write(f"{sql} AND connection = ?", now, connection)
    return tx.write_in(f"{sql} AND connection = ? AND lead_id IN ?", lead_ids, now, connection)


def hasten(tx: Tx, connection: str, now: str, *, sent: bool) -> int:
    """Have what failed, and waits for its next try, due now; how much that is.

    Creates of which nobody knows what came of them are meant where ``sent`` says so. Where a vendor
    asked to wait, its account's meter holds the calls back all the same.
    """
    return tx.write(
        "UPDATE outbox SET due_at = ? WHERE connection = ? AND state IN ('due', ?)"
        " AND lease_until IS NULL AND attempts > 0 AND due_at > ?",
        now,
        connection,
        "sent" if sent else "due",
        now,
    )


def forget(tx: Tx, lead_ids: Sequence[str]) -> None:
    """Nothing is owed for these leads any more (they were merged away)."""
    tx.write_in("DELETE FROM outbox WHERE lead_id IN ?", lead_ids)


def owed_ids(tx: Tx, connection: str, limit: int) -> list[str]:
    """The leads a connection is owed, due now, later, or held back; others aside are left out."""
    rows = tx.rows(
        "SELECT lead_id FROM outbox WHERE connection = ? AND (state <> 'aside' OR error = ?)"
        " ORDER BY lead_id LIMIT ?",
        connection,
        HELD,
        limit,
    )
    return [str(row[0]) for row in rows]


def due_by_connection(tx: Tx, now: str) -> dict[str, int]:
    """How many copies are due, by connection."""
    rows = tx.rows(
        "SELECT connection, count(*) FROM outbox WHERE state <> 'aside' AND due_at <= ?"
        " GROUP BY connection",
        now,
    )
    return {str(name): int(count) for name, count in rows}


def depth(tx: Tx) -> dict[str, dict[str, int]]:
    """How many copies are owed, by connection and state."""
    found: dict[str, dict[str, int]] = {}
    for name, state, count in tx.rows(
        "SELECT connection, state, count(*) FROM outbox GROUP BY connection, state"
    ):
        found.setdefault(name, {})[state] = int(count)
    return found


def next_due(tx: Tx) -> str | None:
    """When the next copy falls due; None where nothing is owed."""
    ((due,),) = tx.rows("SELECT min(due_at) FROM outbox WHERE state <> 'aside'")
    return due if due is None else str(due)


def urgent_by_connection(tx: Tx) -> dict[str, int]:
    """How many copies that lack an opt-out are owed, by connection; set-aside ones are left out."""
    rows = tx.rows(
        "SELECT connection, count(*) FROM outbox WHERE urgent AND state <> 'aside'"
        " GROUP BY connection"
    )
    return {str(name): int(count) for name, count in rows}


def is_due(tx: Tx, connection: str, now: str, *, urgent: bool = False) -> bool:
    """Whether a connection is owed something that is due; with ``urgent``, an opt-out."""
    some = " AND urgent" if urgent else ""
    return bool(
        tx.rows(
            "SELECT 1 FROM outbox WHERE connection = ? AND due_at <= ? AND state <> 'aside'"
            f"{some} LIMIT 1",
            connection,
            now,
        )
    )
