"""What people look at: incidents, open and lately ended, and who was told of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sync.engine.hub import Hub
from sync.store import alerts, incidents
from sync.store.alerts import AlertRow
from sync.store.database import iso
from sync.store.incidents import IncidentRow

__all__ = ["Delivery", "Listed", "listed", "retry", "waiting"]

RECENT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How telling a destination of an incident stands.

    ``standing`` is waits, unsure (it may have been sent), sent, or dropped (it was over before
    anybody was told).
    """

    destination: str
    about: str
    standing: str
    at: str | None
    error: str | None
    next_at: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """One incident, and who is told of it."""

    row: IncidentRow
    deliveries: tuple[Delivery, ...]


_STANDING = {"due": "waits", "sending": "unsure"}


def listed(hub: Hub) -> list[Listed]:
    """Open incidents, the oldest first, then those that ended within a week, the newest first."""
    with hub.database.read() as tx:
        rows = [row for row in incidents.unclosed(tx) if row.state == "open"]
        rows += incidents.closed_since(tx, iso(hub.now() - RECENT))
        told: dict[str, list[Delivery]] = {}
        for one in alerts.told_of(tx, [row.id for row in rows]):
            told.setdefault(one.incident_id, []).append(_delivery(one.about, one.alert))
    return [Listed(row, tuple(told.get(row.id, ()))) for row in rows]


def waiting(hub: Hub) -> list[AlertRow]:
    """The alerts that are still to be sent, the oldest first."""
    with hub.database.read() as tx:
        return alerts.unsent(tx)


def _delivery(about: str, alert: AlertRow) -> Delivery:
    standing = _STANDING.get(alert.state, alert.state)
    next_at = alert.due_at if alert.state in _STANDING else None
    return Delivery(alert.destination, about, standing, alert.sent_at, alert.error, next_at)


def retry(hub: Hub) -> int:
    """Have what was not sent sent now; how many alerts."""
    with hub.database.write() as tx:
        return alerts.put_back(tx, hub.stamp())
