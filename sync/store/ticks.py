"""Ticks: the moments a schedule was due, each taken by one process; and leases by name.

The primary key (schedule, due_at) is the election: whoever inserts a tick first made it. A lease
is a row too, so that two pulls of one connection never run at once, on whatever hosts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.store.database import Tx

LEASES = "lease:"
"""What the rows of leases begin with, so that no schedule is mistaken for one."""


@dataclass(frozen=True, slots=True)
class TickRow:
    """A tick as claimed. ``fence`` counts how often it was begun."""

    schedule: str
    due_at: str
    fence: int


def note(tx: Tx, schedule: str, moments: Iterable[str], state: str, now: str) -> None:
    """These moments of a schedule are due (or were skipped); what is noted already stays."""
    tx.insert(
        "tick",
        ("schedule", "due_at", "state", "lease_until", "fence", "updated_at"),
        [(schedule, moment, state, None, 0, now) for moment in moments],
        key=("schedule", "due_at"),
    )


def latest(tx: Tx, schedules: Sequence[str]) -> dict[str, str]:
    """The newest tick of each of these schedules that has one."""
    rows = tx.rows_in(
        "SELECT schedule, max(due_at) FROM tick WHERE schedule IN ? GROUP BY schedule", schedules
    )
    return {str(name): str(due) for name, due in rows}


def due(tx: Tx, now: str) -> list[tuple[str, str]]:
    """Ticks that may be begun: (schedule, moment), oldest first.

    They are due, or were begun by a process that went away.
    """
    rows = tx.rows(
        "SELECT schedule, due_at FROM tick WHERE state IN ('due', 'running')"
        " AND (lease_until IS NULL OR lease_until <= ?) ORDER BY due_at, schedule",
        now,
    )
    return [(a, b) for a, b in rows if not a.startswith(LEASES)]


def is_waiting(tx: Tx, schedule: str, now: str) -> bool:
    """Whether a tick of this schedule is to go on at a later time: it does what others would."""
    return bool(
        tx.rows(
            "SELECT 1 FROM tick WHERE schedule = ? AND state = 'due' AND lease_until > ? LIMIT 1",
            schedule,
            now,
        )
    )


def begin(
    tx: Tx, schedule: str, due_at: str, now: str, until: str, by: str | None = None
) -> TickRow | None:
    """Claim a tick until ``until``, for the process ``by``; None where another has it."""
    rows = tx.rows(
        "UPDATE tick SET state = 'running', lease_until = ?, leased_by = ?, fence = fence + 1,"
        " updated_at = ?"
        " WHERE schedule = ? AND due_at = ? AND state IN ('due', 'running')"
        " AND (lease_until IS NULL OR lease_until <= ?) RETURNING schedule, due_at, fence",
        until,
        by,
        now,
        schedule,
        due_at,
        now,
    )
    return TickRow(*rows[0]) if rows else None


def renew(tx: Tx, tick: TickRow, until: str, now: str) -> bool:
    """Keep a claimed tick until ``until``; false where the claim was lost."""
    return bool(
        tx.write(
            "UPDATE tick SET lease_until = ?, updated_at = ? WHERE schedule = ? AND due_at = ?"
            " AND fence = ? AND state = 'running'",
            until,
            now,
            tick.schedule,
            tick.due_at,
            tick.fence,
        )
    )


def end(
    tx: Tx,
    tick: TickRow,
    state: str,
    now: str,
    *,
    not_before: str | None = None,
    counts: bool = True,
) -> None:
    """A claimed tick is done, skipped or failed; or due again, from ``not_before``.

    Where it only waits, ``counts=False`` takes back that it was begun: waiting is no failure.
    """
    tx.write(
        "UPDATE tick SET state = ?, lease_until = ?, leased_by = NULL, updated_at = ?,"
        " fence = fence - ?"
        " WHERE schedule = ? AND due_at = ? AND fence = ? AND state = 'running'",
        state,
        not_before,
        now,
        0 if counts else 1,
        tick.schedule,
        tick.due_at,
        tick.fence,
    )


def take_lease(tx: Tx, name: str, now: str, until: str, by: str | None = None) -> TickRow | None:
    """A lease by name, for the process ``by``; None while another has it."""
    tx.insert(
        "tick",
        ("schedule", "due_at", "state", "lease_until", "fence", "updated_at"),
        [(LEASES + name, "", "due", None, 0, now)],
        key=("schedule", "due_at"),
    )
    return begin(tx, LEASES + name, "", now, until, by)


def give_lease_back(tx: Tx, lease: TickRow, now: str) -> None:
    """The lease is free for others."""
    end(tx, lease, "due", now)


def forget_before(tx: Tx, moment: str) -> int:
    """Drop ticks that are over and were due before ``moment``; the newest of a schedule stays."""
    return tx.write(
        "DELETE FROM tick WHERE state IN ('done', 'skipped', 'failed') AND due_at < ?"
        " AND due_at < (SELECT max(due_at) FROM tick AS newer"
        " WHERE newer.schedule = tick.schedule)",
        moment,
    )
