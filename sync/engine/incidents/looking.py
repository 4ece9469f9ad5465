"""Look once: note what opened and what is over, and owe everybody who asked their message.

What is owed follows from the rows: a look that was killed, or done twice, changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sync.config.alerts import DestinationConfig
from sync.engine.hub import Hub, new_id
from sync.engine.incidents.deciding import BACK_WITHIN, after, begun, explained
from sync.engine.incidents.detectors import DETECTORS, Look, Timetable
from sync.engine.incidents.kinds import KINDS, Finding
from sync.store import alerts, incidents
from sync.store.alerts import AlertRow
from sync.store.database import Tx, from_iso, iso

REMIND_EVERY = timedelta(days=1)
TELL_OVER_WITHIN = timedelta(days=7)
"""How long after its end it is looked whether somebody is to be told of it."""


def findings(hub: Hub, timetables: Sequence[Timetable] = ()) -> list[Finding]:
    """What is wrong now, each thing once, and nothing that another one explains."""
    with hub.database.read() as tx:
        standing = {row.key: row for row in incidents.unclosed(tx) if row.state == "open"}
        look = Look(hub, tx, hub.now(), timetables, standing)
        found: dict[tuple[str, str], Finding] = {}
        for detect in DETECTORS:
            for one in detect(look):
                found.setdefault(one.key, one)
    return explained(list(found.values()), standing)


def note(hub: Hub, found: Sequence[Finding]) -> None:
    """Open, keep and close incidents by what was found, and owe the messages that follow."""
    now = hub.now()
    with hub.database.write() as tx:
        held = {row.key: row for row in incidents.unclosed(tx, lock=True)}
        wrong = {one.key: one for one in found}
        before = incidents.closed_since(tx, iso(now - BACK_WITHIN))
        new = [
            begun(one, new_id("in", now), now, before)
            for key, one in wrong.items()
            if key not in held
        ]
        seen = {row.id: after(row, wrong.get(row.key), now) for row in held.values()}
        incidents.put(tx, new)
        incidents.save(tx, [row for row in seen.values() if row is not None])
        incidents.drop(tx, [key for key, row in seen.items() if row is None])
        for one in hub.config.alerts.to:
            _owe(tx, one, now)


def _owe(tx: Tx, destination: DestinationConfig, now: datetime) -> None:
    """Owe a destination what it is to be told and is not being told yet."""
    name = destination.name
    opened = [row for row in incidents.untold(tx, name) if destination.wants(row.kind)]
    _put(tx, name, "opened", [(row.id, 0) for row in opened], now)
    over = incidents.over(tx, name, iso(now - TELL_OVER_WITHIN))
    _put(tx, name, "closed", [(row.id, 0) for row in over], now)
    again = []
    for row, told_at, last in incidents.last_told(tx, name):
        days = (now - from_iso(told_at)) // REMIND_EVERY
        if KINDS[row.kind].critical and days > last:
            again.append((row.id, days))
    _put(tx, name, "reminder", again, now)


def _put(
    tx: Tx, destination: str, about: str, told: Sequence[tuple[str, int]], now: datetime
) -> None:
    """One message for all of these, that which waits already where there is one."""
    if not told:
        return
    alert_id = alerts.unbegun(tx, destination, about)
    if alert_id is None:
        alert_id, stamp = new_id("al", now), iso(now)
        alerts.put(tx, [AlertRow(alert_id, destination, about, "due", stamp, stamp)])
    alerts.tell(tx, alert_id, destination, about, told)
