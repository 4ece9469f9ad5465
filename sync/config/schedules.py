"""Schedules and time zones as an operator writes them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from sync.config.positions import Keys
from sync.config.report import near, text_at
from sync.config.validate import Part

_NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
}
_ZONES = {"JST": "Asia/Tokyo", "Japan": "Asia/Tokyo", "Tokyo": "Asia/Tokyo", "GMT+9": "Asia/Tokyo"}


def check_schedule(part: Part, path: Keys) -> None:
    """A schedule's cron line and time zone."""
    cron = text_at(part.data, *map(str, path), "cron")
    if cron is not None and not is_cron(cron):
        part.wrong((*path, "cron"), "BAD_CRON", value=cron, near=_NICKNAMES.get(cron.strip(), ""))
    check_zone(part, (*path, "timezone"))


def check_zone(part: Part, path: Keys) -> None:
    """A time zone's name."""
    zone = text_at(part.data, *map(str, path))
    if zone is None or is_zone(zone):
        return
    meant = _ZONES.get(zone) or near(zone, sorted(available_timezones()))
    part.wrong(path, "BAD_ZONE", value=zone, near=meant)


def is_cron(line: str) -> bool:
    """Whether a line is a schedule: five fields that some minute fits."""
    from cronsim import CronSim, CronSimError

    if len(line.split()) != 5:
        return False
    try:
        next(CronSim(line, datetime(2026, 1, 1)))  # noqa: DTZ001 - a wall clock's, as cron has it
    except (CronSimError, StopIteration):
        return False
    return True


def is_zone(name: str) -> bool:
    """Whether it is an IANA time zone that this host knows."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True
