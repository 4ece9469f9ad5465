"""What shows whether all is well: the newest runs, the oldest of what waits, what grew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sync.store.database import Tx

GOOD = "state IN ('succeeded', 'partial')"
NEWEST = 200
"""Runs of a connection and kind that are looked at."""


class Ended(NamedTuple):
    """How a run ended."""

    connection: str
    kind: str
    stream: str | None
    state: str
    code: str | None
    started_at: str


class Late(NamedTuple):
    """What waits: how many, and since when the oldest."""

    connection: str
    number: int
    since: str


def ended(tx: Tx, names: Sequence[str], kinds: Sequence[str], after: str) -> list[Ended]:
    """The newest runs of connections that succeeded or failed, newest first, by kind.

    One that a limit, a quota or a person stopped tells neither, nor does one that lost its process.
    """
    one = (
        "SELECT * FROM (SELECT connection, kind, stream, state, code, started_at FROM run"
        " WHERE connection = ? AND kind = ? AND started_at >= ?"
        f" AND ({GOOD} OR state = 'failed') AND coalesce(code, '') <> 'LOST'"
        f" ORDER BY started_at DESC LIMIT {NEWEST}) AS newest"
    )
    asked = [(name, kind) for name in names for kind in kinds]
    if not asked:
        return []
    given = [value for name, kind in asked for value in (name, kind, after)]
    rows = tx.rows(" UNION ALL ".join([one] * len(asked)), *given)
    return sorted((Ended(*row) for row in rows), key=lambda run: run.started_at, reverse=True)


def last_pulls(tx: Tx, names: Sequence[str]) -> dict[str, str]:
    """When the last pull that succeeded ended, by connection."""
    return _newest(tx, names, f"finished_at FROM run WHERE {GOOD}")


def pulling(tx: Tx, names: Sequence[str], beat_after: str) -> set[str]:
    """The connections that are being pulled, by a process that gave a sign after a time."""
    rows = tx.rows_in(
        "SELECT DISTINCT connection FROM run WHERE state = 'running' AND kind = 'pull'"
        " AND beat_at >= ? AND connection IN ?",
        names,
        before=(beat_after,),
    )
    return {str(row[0]) for row in rows}


def _newest(tx: Tx, names: Sequence[str], of: str) -> dict[str, str]:
    one = (
        f"SELECT * FROM (SELECT connection, {of} AND connection = ? AND kind = 'pull'"
        " ORDER BY started_at DESC LIMIT 1) AS newest"
    )
    if not names:
        return {}
    rows = tx.rows(" UNION ALL ".join([one] * len(names)), *names)
    return {str(name): str(at) for name, at in rows}


def first_ticks(tx: Tx, schedules: Sequence[str]) -> dict[str, str]:
    """The oldest tick that is kept of each schedule."""
    rows = tx.rows_in(
        "SELECT schedule, min(due_at) FROM tick WHERE schedule IN ? GROUP BY schedule", schedules
    )
    return {str(name): str(at) for name, at in rows}


def failed_ticks(tx: Tx, schedules: Sequence[str]) -> dict[str, str]:
    """The schedules whose last tick that ended has failed, and when it was due."""
    rows = tx.rows_in(
        "SELECT schedule, due_at FROM tick WHERE state = 'failed' AND schedule IN ?"
        " AND due_at = (SELECT max(due_at) FROM tick AS other WHERE other.schedule = tick.schedule"
        " AND other.state IN ('failed', 'done'))",
        schedules,
    )
    return {str(name): str(at) for name, at in rows}


def late_hooks(tx: Tx, before: str) -> list[Late]:
    """Stored webhooks that came before a time and are not done with, by connection."""
    rows = tx.rows(
        "SELECT connection, count(*), min(received_at) FROM hook WHERE state = 'new'"
        " AND received_at < ? GROUP BY connection",
        before,
    )
    return [Late(*row) for row in rows]


def late_inbox(tx: Tx, before: str) -> Late | None:
    """Records that were due in the inbox before a time; None where there are none."""
    ((count, since),) = tx.rows(
        "SELECT count(*), min(due_at) FROM inbox WHERE state = 'new' AND due_at < ?", before
    )
    return Late("", int(count), str(since)) if count else None


def late_outbox(tx: Tx, before: str) -> list[Late]:
    """Copies that were due before a time, or failed and are owed for as long, by connection."""
    rows = tx.rows(
        "SELECT connection, count(*), min(since) FROM outbox WHERE state <> 'aside'"
        " AND (due_at < ? OR (attempts > 0 AND since < ?)) GROUP BY connection",
        before,
        before,
    )
    return [Late(*row) for row in rows]


def set_aside_since(tx: Tx, moment: str) -> dict[tuple[str, str], tuple[int, str]]:
    """What is set aside since a time: (connection, code) to how many, and when the first was."""
    rows = tx.rows(
        "SELECT connection, code, count(*), min(first_at) FROM set_aside WHERE state = 'open'"
        " AND first_at >= ? AND kind <> 'limit' GROUP BY connection, code",
        moment,
    )
    return {(str(a), str(b)): (int(c), str(d)) for a, b, c, d in rows}


def limits_held(tx: Tx) -> dict[str, str]:
    """The connections whose push a limit stopped, and since when."""
    rows = tx.rows(
        "SELECT connection, min(last_at) FROM set_aside WHERE state = 'open' AND kind = 'limit'"
        " GROUP BY connection"
    )
    return {str(name): str(at) for name, at in rows}


def refusals(tx: Tx, since: str) -> dict[tuple[str, str], tuple[int, str]]:
    """Webhooks refused since a minute: (connection, why) to how many, and the first minute."""
    rows = tx.rows(
        "SELECT connection, why, sum(count), min(minute) FROM hook_refusal WHERE minute >= ?"
        " GROUP BY connection, why",
        since,
    )
    return {(str(a), str(b)): (int(c), str(d)) for a, b, c, d in rows}


def unanswered(tx: Tx, before: str) -> list[tuple[str, str, int, str]]:
    """Hand-offs whose last level was told before a time: (rule, connection, how many, due)."""
    rows = tx.rows(
        "SELECT rule, connection, count(*), min(due_at) FROM handoff WHERE state = 'open'"
        " AND escalate_at IS NULL AND due_at < ? AND NOT EXISTS (SELECT 1 FROM handoff_message"
        " WHERE handoff_id = handoff.id AND handoff_message.level = handoff.level"
        " AND posted_at >= ?) GROUP BY rule, connection",
        before,
        before,
    )
    return [(str(a), str(b), int(c), str(d)) for a, b, c, d in rows]


def settings(tx: Tx, names: Iterable[str]) -> dict[str, str]:
    """These values that the installation keeps for itself."""
    rows = tx.rows_in("SELECT name, value FROM setting WHERE name IN ?", names)
    return {str(name): str(value) for name, value in rows}
