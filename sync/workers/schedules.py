"""Schedules: when pulls and sweeps run by themselves, in whose time zone, and what was missed.

A moment becomes a tick row, and the row's key is the election: it does not matter how many
processes look at the clock. Cron lines mean what Debian's cron means by them (cronsim): a time that
a spring night leaves out runs once, at its end; one that an autumn night has twice runs once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim

from sync.config.model import ScheduleConfig
from sync.engine.hub import Hub
from sync.store import runs, ticks
from sync.store.database import from_iso, iso

Kind = Literal["pull", "sweep"]

GRACE = timedelta(seconds=90)
"""How late a moment may be noticed and not count as missed."""
MOST_CAUGHT_UP = 1000
"""How many missed moments ``catch_up: all`` makes up for, at most; the newest."""
ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Schedule:
    """One schedule of one connection."""

    kind: Kind
    connection: str
    config: ScheduleConfig
    zone: str

    @property
    def key(self) -> str:
        """Its name among the ticks. A line that was edited is another schedule, and starts anew."""
        return f"{self.kind}:{self.connection}|{self.config.cron}|{self.zone}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A tick that is to be worked on."""

    key: str
    due_at: str
    kind: Kind
    connection: str
    overlap: Literal["skip", "queue"]
    cause: str


def schedules_of(hub: Hub) -> list[Schedule]:
    """Every schedule of every enabled connection."""
    found: list[Schedule] = []
    for name, flow in hub.flows.items():
        pull = flow.config.pull
        if pull is None or not flow.config.enabled:
            continue
        for kind, config in (("pull", pull.schedule), ("sweep", pull.sweep)):
            if config is not None:
                zone = config.timezone or hub.config.hub.timezone
                found.append(Schedule("sweep" if kind == "sweep" else "pull", name, config, zone))
    return found


def moments(cron: str, zone: str, after: datetime) -> Iterator[datetime]:
    """The moments of a cron line after ``after``, in UTC, without end."""
    for moment in CronSim(cron, after.astimezone(ZoneInfo(zone))):
        found = moment.astimezone(UTC)
        if found > after:
            yield found


def missed(schedule: Schedule, last: datetime, now: datetime) -> list[datetime]:
    """The moments after ``last`` that have come by ``now``, the newest thousand."""
    found: list[datetime] = []
    for moment in moments(schedule.config.cron, schedule.zone, last):
        if moment > now:
            break
        found.append(moment)
        del found[:-MOST_CAUGHT_UP]
    return found


def wanted(schedule: Schedule, come: Sequence[datetime], now: datetime) -> list[datetime]:
    """Of the moments that have come, those that are to run."""
    if schedule.config.catch_up == "all":
        return list(come)
    newest = list(come[-1:])
    if schedule.config.catch_up == "skip":
        return [moment for moment in newest if now - moment <= GRACE]
    return newest


@dataclass
class Ticker:
    """Notes ticks as their moments come. Keeps each schedule's next moment in memory."""

    hub: Hub
    _next: dict[str, datetime] = field(default_factory=dict)

    def tick(self) -> int:
        """Note the moments that have come since the last look; how many are to run."""
        now = self.hub.now()
        come = [
            schedule
            for schedule in schedules_of(self.hub)
            if self._next.get(schedule.key, now) <= now
        ]
        if not come:
            return 0
        with self.hub.database.read() as tx:
            last = ticks.latest(tx, [schedule.key for schedule in come])
            states = runs.connection_states(tx)
        count = 0
        for schedule in come:
            held = states.get(schedule.connection)
            active = held is None or held.state == "active"
            count += self._note(schedule, last.get(schedule.key), now, active=active)
            self._next[schedule.key] = next(
                moments(schedule.config.cron, schedule.zone, now), datetime.max.replace(tzinfo=UTC)
            )
        return count

    def _note(self, schedule: Schedule, last: str | None, now: datetime, *, active: bool) -> int:
        """Note one schedule's moments. The first look at a schedule only says where it starts."""
        if last is None:
            with self.hub.database.write() as tx:
                ticks.note(tx, schedule.key, [iso(now)], "skipped", iso(now))
            return 0
        come = missed(schedule, from_iso(last), now)
        if not come or not active:
            return 0  # a paused connection catches up when it is resumed
        run = wanted(schedule, come, now)
        with self.hub.database.write() as tx:
            ticks.note(tx, schedule.key, [iso(moment) for moment in run], "due", iso(now))
            if come[-1] not in run:
                ticks.note(tx, schedule.key, [iso(come[-1])], "skipped", iso(now))
        return len(run)


def ask(hub: Hub, kind: Kind, connection: str) -> None:
    """Ask for a pull or a sweep now, whoever does it."""
    now = hub.stamp()
    with hub.database.write() as tx:
        ticks.note(tx, f"{kind}:{connection}|{ASKED}", [now], "due", now)


def due_of(hub: Hub, connection: str) -> list[Asked]:
    """What a connection's ticks ask for now, oldest first."""
    return [asked for asked in due(hub) if asked.connection == connection]


def due(hub: Hub) -> list[Asked]:
    """What all ticks ask for now, oldest first."""
    overlap = {schedule.key: schedule.config.overlap for schedule in schedules_of(hub)}
    with hub.database.read() as tx:
        rows = ticks.due(tx, hub.stamp())
    found = []
    for key, due_at in rows:
        name, _, rest = key.partition("|")
        kind, _, connection = name.partition(":")
        found.append(
            Asked(
                key=key,
                due_at=due_at,
                kind="sweep" if kind == "sweep" else "pull",
                connection=connection,
                overlap=overlap.get(key, "queue"),
                cause="webhook" if rest == ASKED else "schedule",
            )
        )
    return found


def skip_overlapping(hub: Hub, wanted_now: Sequence[Asked]) -> int:
    """Skip these ticks, where their schedule says so, for the last run is still going."""
    now = hub.now()
    count = 0
    with hub.database.write() as tx:
        for asked in wanted_now:
            if asked.overlap != "skip":
                continue
            tick = ticks.begin(tx, asked.key, asked.due_at, iso(now), iso(now + GRACE))
            if tick is not None:
                ticks.end(tx, tick, "skipped", iso(now))
                count += 1
    return count
