"""Alerts: written down before they are sent, leased, and kept with what became of them.

``state``: due, sending (it may have been sent already), sent, dropped (there was nothing to tell
any more).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import orjson

from sync.store.database import dumps

if TYPE_CHECKING:
    from sync.store.database import Row, Tx


@dataclass(slots=True)
class AlertRow:
    """One message to one destination. ``about`` is opened, closed, reminder or test.

    ``content`` is what it says, once that is settled. ``error`` is the code of the last failure.
    """

    id: str
    destination: str
    about: str
    state: str
    created_at: str
    due_at: str
    content: dict[str, Any] | None = None
    sending_at: str | None = None
    sent_at: str | None = None
    attempts: int = 0
    fence: int = 0
    leased_by: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a destination is told of an incident, and how that stands."""

    incident_id: str
    about: str
    alert: AlertRow


COLUMNS = tuple(one.name for one in fields(AlertRow))
_NAMES = ", ".join(f"alert.{name}" for name in COLUMNS)
_WORK = "state IN ('due', 'sending')"
_CHANGES = (
    "state",
    "content",
    "sending_at",
    "sent_at",
    "due_at",
    "attempts",
    "leased_by",
    "error",
)


def _row(row: Sequence[Any]) -> AlertRow:
    place = COLUMNS.index("content")
    content = orjson.loads(row[place]) if row[place] else None
    return AlertRow(*[*row[:place], content, *row[place + 1 :]])


def _value(row: AlertRow, name: str) -> Any:
    value = getattr(row, name)
    return dumps(value) if name == "content" and value is not None else value


def put(tx: Tx, rows: Sequence[AlertRow]) -> None:
    """Store new alerts."""
    tx.insert("alert", COLUMNS, [tuple(_value(row, name) for name in COLUMNS) for row in rows])


def tell(
    tx: Tx, alert_id: str, destination: str, about: str, told: Iterable[tuple[str, int]]
) -> None:
    """An alert tells of these incidents: (id, number of the reminder or 0). Once each."""
    columns = ("incident_id", "destination", "about", "number", "alert_id")
    rows = [(incident, destination, about, number, alert_id) for incident, number in told]
    tx.insert("alert_incident", columns, rows, key=columns[:4])


def untell(tx: Tx, alert_id: str, incident_ids: Sequence[str]) -> None:
    """An alert does not tell of these after all."""
    tx.write_in(
        "DELETE FROM alert_incident WHERE alert_id = ? AND incident_id IN ?", incident_ids, alert_id
    )


def unbegun(tx: Tx, destination: str, about: str) -> str | None:
    """An alert of this sort that nobody has begun to send, locked: more may be told by it."""
    lock = " FOR UPDATE SKIP LOCKED" if tx.postgres else ""
    rows = tx.rows(
        "SELECT id FROM alert WHERE destination = ? AND about = ? AND state = 'due'"
        f" AND sending_at IS NULL AND leased_by IS NULL ORDER BY created_at, id LIMIT 1{lock}",
        destination,
        about,
    )
    return str(rows[0][0]) if rows else None


def claim(tx: Tx, now: str, until: str, by: str | None) -> AlertRow | None:
    """Lease the oldest due alert until ``until``; what others lock is skipped."""
    lock = " FOR UPDATE SKIP LOCKED" if tx.postgres else ""
    due = tx.rows(
        f"SELECT id FROM alert WHERE {_WORK} AND due_at <= ? ORDER BY due_at, id LIMIT 1{lock}", now
    )
    if not due:
        return None
    rows = tx.rows(
        "UPDATE alert SET due_at = ?, leased_by = ?, attempts = attempts + 1, fence = fence + 1"
        f" WHERE id = ? RETURNING {', '.join(COLUMNS)}",
        until,
        by,
        due[0][0],
    )
    return _row(rows[0])


def is_held(tx: Tx, row: AlertRow) -> bool:
    """Whether an alert is still leased to us; locked where it is."""
    lock = " FOR UPDATE" if tx.postgres else ""
    return bool(tx.rows(f"SELECT 1 FROM alert WHERE id = ? AND fence = ?{lock}", row.id, row.fence))


def save(tx: Tx, row: AlertRow) -> bool:
    """Write an alert that is leased to us; false where the lease was lost."""
    sets = ", ".join(f"{name} = ?" for name in _CHANGES)
    values = [_value(row, name) for name in _CHANGES]
    return bool(
        tx.write(f"UPDATE alert SET {sets} WHERE id = ? AND fence = ?", *values, row.id, row.fence)
    )


def is_due(tx: Tx, now: str) -> bool:
    """Whether an alert is to be sent now."""
    return bool(tx.rows(f"SELECT 1 FROM alert WHERE {_WORK} AND due_at <= ? LIMIT 1", now))


def by_ids(tx: Tx, ids: Sequence[str]) -> list[AlertRow]:
    """These alerts, in order."""
    return [
        _row(r) for r in tx.rows_in(f"SELECT {_NAMES} FROM alert WHERE id IN ? ORDER BY id", ids)
    ]


def told_of(tx: Tx, incident_ids: Sequence[str]) -> list[Told]:
    """Who is told of these incidents, in order."""
    rows: list[Row] = tx.rows_in(
        f"SELECT incident_id, alert_incident.about, {_NAMES} FROM alert_incident"
        " JOIN alert ON alert.id = alert_incident.alert_id WHERE incident_id IN ?"
        " ORDER BY incident_id, alert_incident.destination, alert.created_at",
        incident_ids,
    )
    return [Told(row[0], row[1], _row(row[2:])) for row in rows]


def put_back(tx: Tx, now: str) -> int:
    """Try what was not sent again, now; how many."""
    return tx.write(
        f"UPDATE alert SET due_at = ?, attempts = 0 WHERE {_WORK} AND leased_by IS NULL", now
    )


def unsent(tx: Tx) -> list[AlertRow]:
    """Alerts that are still to be sent, the oldest first."""
    return [_row(row) for row in tx.rows(f"SELECT {_NAMES} FROM alert WHERE {_WORK} ORDER BY id")]
