"""Incidents: what needs a person, one row from when it is first seen until it was well for long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import orjson

from sync.store.database import dumps

if TYPE_CHECKING:
    from sync.store.database import Row, Tx


@dataclass(slots=True)
class IncidentRow:
    """One incident. ``state`` is pending (nobody is told yet), open or closed.

    ``facts`` are numbers, ids and codes, nothing personal. ``flaps`` is how often the same came
    back shortly before.
    """

    id: str
    kind: str
    subject: str
    connection: str | None
    state: str
    since: str
    first_seen_at: str
    last_seen_at: str
    facts: dict[str, Any] = field(default_factory=dict)
    opened_at: str | None = None
    well_since: str | None = None
    closed_at: str | None = None
    flaps: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """What it is about: of one key only one is not closed."""
        return self.kind, self.subject


COLUMNS = tuple(one.name for one in fields(IncidentRow))
_SELECT = f"SELECT {', '.join(f'incident.{name}' for name in COLUMNS)} FROM incident"
_CHANGES = ("state", "since", "last_seen_at", "facts", "opened_at", "well_since", "closed_at")


def _row(row: Row) -> IncidentRow:
    place = COLUMNS.index("facts")
    return IncidentRow(*[*row[:place], orjson.loads(row[place]), *row[place + 1 :]])


def _value(row: IncidentRow, name: str) -> Any:
    value = getattr(row, name)
    return dumps(value) if name == "facts" else value


def unclosed(tx: Tx, *, lock: bool = False) -> list[IncidentRow]:
    """Those that are pending or open, the oldest first; locked where they will be changed."""
    tail = " FOR UPDATE" if lock and tx.postgres else ""
    rows = tx.rows(f"{_SELECT} WHERE state <> 'closed' ORDER BY first_seen_at, id{tail}")
    return [_row(row) for row in rows]


def put(tx: Tx, rows: Sequence[IncidentRow]) -> None:
    """Store new ones. One that another process stored meanwhile, by its key, stays."""
    places = ", ".join("?" * len(COLUMNS))
    tx.write_many(
        f"INSERT INTO incident ({', '.join(COLUMNS)}) VALUES ({places}) ON CONFLICT DO NOTHING",
        [tuple(_value(row, name) for name in COLUMNS) for row in rows],
    )


def save(tx: Tx, rows: Sequence[IncidentRow]) -> None:
    """Write these, unless they were closed meanwhile."""
    sets = ", ".join(f"{name} = ?" for name in _CHANGES)
    tx.write_many(
        f"UPDATE incident SET {sets} WHERE id = ? AND state <> 'closed'",
        [(*(_value(row, name) for name in _CHANGES), row.id) for row in rows],
    )


def drop(tx: Tx, ids: Sequence[str]) -> None:
    """These were pending and came to nothing."""
    tx.write_in("DELETE FROM incident WHERE state = 'pending' AND id IN ?", ids)


def closed_since(tx: Tx, moment: str) -> list[IncidentRow]:
    """Those that were closed at or after a time, the newest first."""
    rows = tx.rows(
        f"{_SELECT} WHERE state = 'closed' AND closed_at >= ? ORDER BY closed_at DESC, id DESC",
        moment,
    )
    return [_row(row) for row in rows]


def of_alert(tx: Tx, alert_id: str) -> list[IncidentRow]:
    """What an alert tells of, the oldest first."""
    rows = tx.rows(
        f"{_SELECT} WHERE id IN (SELECT incident_id FROM alert_incident WHERE alert_id = ?)"
        " ORDER BY opened_at, id",
        alert_id,
    )
    return [_row(row) for row in rows]


def untold(tx: Tx, destination: str) -> list[IncidentRow]:
    """Open ones that a destination is not being told of."""
    rows = tx.rows(
        f"{_SELECT} WHERE state = 'open' AND NOT EXISTS (SELECT 1 FROM alert_incident AS told"
        " WHERE told.incident_id = incident.id AND told.destination = ? AND told.about = 'opened')"
        " ORDER BY opened_at, id",
        destination,
    )
    return [_row(row) for row in rows]


def over(tx: Tx, destination: str, after: str) -> list[IncidentRow]:
    """Closed since ``after``, where a destination was told that they are open, and not that."""
    rows = tx.rows(
        f"{_SELECT} JOIN alert_incident AS told ON told.incident_id = incident.id"
        " AND told.destination = ? AND told.about = 'opened'"
        " JOIN alert ON alert.id = told.alert_id AND alert.state = 'sent'"
        " WHERE incident.state = 'closed' AND incident.closed_at >= ?"
        " AND NOT EXISTS (SELECT 1 FROM alert_incident AS again WHERE"
        " again.incident_id = incident.id AND again.destination = told.destination"
        " AND again.about = 'closed') ORDER BY incident.closed_at, incident.id",
        destination,
        after,
    )
    return [_row(row) for row in rows]


def last_told(tx: Tx, destination: str) -> list[tuple[IncidentRow, str, int]]:
    """Open ones that a destination was told of, when, and the number of the last reminder owed."""
    rows = tx.rows(
        f"{_SELECT.replace(' FROM ', ', alert.sent_at, coalesce(max(again.number), 0) FROM ')}"
        " JOIN alert_incident AS told ON told.incident_id = incident.id AND told.destination = ?"
        " AND told.about = 'opened' JOIN alert ON alert.id = told.alert_id AND alert.state = 'sent'"
        " LEFT JOIN alert_incident AS again ON again.incident_id = incident.id"
        " AND again.destination = told.destination AND again.about = 'reminder'"
        f" WHERE incident.state = 'open' GROUP BY {', '.join(f'incident.{c}' for c in COLUMNS)},"
        " alert.sent_at ORDER BY incident.opened_at, incident.id",
        destination,
    )
    return [(_row(row[:-2]), str(row[-2]), int(row[-1])) for row in rows]


def forget_before(tx: Tx, moment: str) -> int:
    """Drop what was closed before a time, and who was told of it; how many."""
    old = "(SELECT id FROM incident WHERE state = 'closed' AND closed_at < ?)"
    tx.write(f"DELETE FROM alert_incident WHERE incident_id IN {old}", moment)
    count = tx.write("DELETE FROM incident WHERE state = 'closed' AND closed_at < ?", moment)
    tx.write(
        "DELETE FROM alert WHERE state IN ('sent', 'dropped') AND created_at < ? AND NOT EXISTS"
        " (SELECT 1 FROM alert_incident WHERE alert_id = alert.id)",
        moment,
    )
    tx.write("DELETE FROM hook_refusal WHERE minute < ?", moment)
    return count


def refused(tx: Tx, counts: Iterable[tuple[str, str, int]], minute: str) -> None:
    """Count webhooks that were refused in a minute: (connection, why, how many)."""
    tx.write_many(
        "INSERT INTO hook_refusal (connection, why, minute, count) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (connection, why, minute) DO UPDATE"
        " SET count = hook_refusal.count + excluded.count",
        [(name, why, minute, count) for name, why, count in counts],
    )
