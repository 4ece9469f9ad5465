"""How the database itself is doing: its version, its clock, and what has waited for too long."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.store.database import Tx


def version(tx: Tx) -> tuple[int, ...]:
    """The version of SQLite or PostgreSQL."""
    if not tx.postgres:
        ((text,),) = tx.rows("SELECT sqlite_version()")
        return tuple(int(part) for part in str(text).split("."))
    ((number,),) = tx.rows("SELECT current_setting('server_version_num')::int")
    return int(number) // 10_000, int(number) % 10_000


def server_time(tx: Tx) -> datetime:
    """What time it is at PostgreSQL's."""
    ((moment,),) = tx.rows("SELECT clock_timestamp()")
    return moment  # type: ignore[no-any-return]  # the driver's rows have no types


def journal_mode(tx: Tx) -> str:
    """How SQLite keeps its journal; ``wal`` is what the hub needs."""
    ((mode,),) = tx.rows("PRAGMA journal_mode")
    return str(mode)


def damage(tx: Tx) -> str:
    """What is wrong with an SQLite file; "" where nothing is."""
    ((said,),) = tx.rows("PRAGMA integrity_check(1)")
    return "" if said == "ok" else str(said)


def stale_leases(tx: Tx, before: str) -> int:
    """Rows whose lease ran out before this moment and that nobody has taken up since."""
    ((owed,),) = tx.rows("SELECT count(*) FROM outbox WHERE lease_until < ?", before)
    ((begun,),) = tx.rows(
        "SELECT count(*) FROM tick WHERE state = 'running' AND lease_until < ?", before
    )
    return int(owed) + int(begun)


def oldest_due(tx: Tx, now: str) -> dict[str, str]:
    """Since when the oldest row of each queue has been due, for the queues that have any."""
    rows = tx.rows(
        "SELECT 'inbox', min(due_at) FROM inbox WHERE state = 'new' AND due_at <= ?"
        " UNION ALL SELECT 'outbox', min(outbox.due_at) FROM outbox LEFT JOIN connection"
        " ON connection.name = outbox.connection WHERE outbox.state <> 'aside'"
        " AND outbox.due_at <= ? AND coalesce(connection.state, 'active') = 'active'"
        " UNION ALL SELECT 'webhooks', min(due_at) FROM hook WHERE state = 'new' AND due_at <= ?",
        now,
        now,
        now,
    )
    return {str(queue): str(since) for queue, since in rows if since is not None}
