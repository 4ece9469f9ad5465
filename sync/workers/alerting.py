"""Incidents and alerts at work: look once a minute, in one process; send what is due."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from sync.engine.hub import Hub
from sync.engine.incidents import looking, sending
from sync.engine.incidents.detectors import Timetable
from sync.store import incidents, runs
from sync.store.database import iso
from sync.workers.schedules import Schedule, schedules_of

log = logging.getLogger("renkei.alerts")

LOOK_EVERY = timedelta(minutes=1)
_LOOKED = "incidents.looked"


def look(hub: Hub) -> bool:
    """Note what opened and what is over; whether this process looked.

    Of all processes one looks in a minute. What each counted for itself is written down first.
    """
    now = hub.now()
    counts = hub.refusals.take()
    try:
        with hub.database.write() as tx:
            minute = iso(now.replace(second=0, microsecond=0))
            incidents.refused(tx, [(*key, count) for key, count in counts.items()], minute)
            before = iso(now - LOOK_EVERY + timedelta(seconds=5))
            mine = runs.set_if_before(tx, _LOOKED, iso(now), before)
    except Exception:
        hub.refusals.add(counts)
        raise
    if mine:
        found = looking.findings(hub, [_timetable(hub, one, now) for one in schedules_of(hub)])
        looking.note(hub, found)
    return mine


def _timetable(hub: Hub, schedule: Schedule, now: datetime) -> Timetable:
    pulled_by = None
    if schedule.kind == "pull":
        pulled_by = _moments_ago(schedule, now, hub.config.alerts.when.missed_pulls)
    return Timetable(schedule.kind, schedule.connection, schedule.key, pulled_by)


def _moments_ago(schedule: Schedule, now: datetime, count: int) -> datetime:
    """The moment that was due so many moments ago, in UTC."""
    local = now.astimezone(ZoneInfo(schedule.zone))
    moments = CronSim(schedule.config.cron, local, reverse=True)
    for _ in range(count - 1):
        next(moments)
    return next(moments).astimezone(UTC)


def send(hub: Hub, *, stop: Callable[[], bool] = lambda: False) -> Counter[str]:
    """Send the alerts that are due; how many were sent, put off and dropped."""
    done = sending.send_due(hub, stop=stop)
    if done["put_off"]:
        log.warning("%d alerts could not be sent; they are tried again", done["put_off"])
    return done
