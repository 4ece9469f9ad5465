"""Clocks: which leads stand in a stage for too long, and how well a stage keeps its time.

A lead's clock begins when it enters the stage and ends when it leaves it, wherever to. Hours are
business hours, or those of the clock on the wall where the stage's clock says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mapping.hours import BusinessHours
from sync.engine.hub import Hub
from sync.engine.periods import ALWAYS, Span
from sync.store import clocks as store
from sync.store.clocks import Standing, Stay
from sync.store.database import from_iso, iso

__all__ = ["NEAR", "Clock", "ClockReport", "Running", "StageTime", "clock_of", "clocks", "running"]

NEAR = 80
"""Percent of a limit from which on a lead is near it."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How long a lead may stand in a stage. ``hours`` of ``business``, else of every day."""

    stage: str
    hours: float
    business: BusinessHours | None

    def passed(self, begin: datetime, end: datetime) -> float:
        """The hours from one moment to another."""
        if self.business is not None:
            return self.business.business_seconds(begin, end) / 3600
        return (end - begin).total_seconds() / 3600

    def due(self, begin: datetime) -> datetime:
        """When a lead that entered the stage at ``begin`` has to have left it."""
        if self.business is not None:
            return self.business.deadline(begin, self.hours)
        return begin + timedelta(hours=self.hours)

    def latest_begin(self, now: datetime, share: float) -> datetime:
        """Who entered the stage then or before has used so much of the time up by now."""
        hours = self.hours * share
        if self.business is not None:
            return self.business.latest_begin(now, hours)
        return now - timedelta(hours=hours)


@dataclass(frozen=True, slots=True)
class Running:
    """A lead over or near its limit; ``late_hours`` are below 0 while there is time left."""

    lead: Standing
    due: str
    late_hours: float

    @property
    def is_over(self) -> bool:
        """Whether the time is over."""
        return self.late_hours > 0


@dataclass(frozen=True, slots=True)
class StageTime:
    """How one stage keeps its time.

    ``now`` leads stand there, ``over`` of them too long. Of those who entered it in the period
    ``kept`` left in time and ``missed`` did not, or are over it still; who still has time is in
    neither. ``median_hours`` and ``p90_hours`` are of those who left.
    """

    clock: Clock
    now: int
    over: int
    kept: int
    missed: int
    median_hours: float | None
    p90_hours: float | None

    @property
    def kept_rate(self) -> float | None:
        """The share that left in time, 0 to 1; None where nothing is decided."""
        decided = self.kept + self.missed
        return self.kept / decided if decided else None


@dataclass(frozen=True, slots=True)
class ClockReport:
    """Leads over or near their limit, those due first at the top, and how each stage does."""

    span: Span
    near_percent: int
    leads: tuple[Running, ...]
    stages: tuple[StageTime, ...]


def clock_of(hub: Hub) -> tuple[Clock, ...]:
    """The clocks that are configured."""
    return tuple(
        Clock(stage, one.hours, hub.hours if one.business else None)
        for stage, one in hub.config.stages.clocks.items()
    )


def running(
    hub: Hub, *, near_percent: int = NEAR, owner: str | None = None, team: str | None = None
) -> tuple[Running, ...]:
    """Leads that have used up so much of their time, or all of it: one query."""
    found = {clock.stage: clock for clock in clock_of(hub)}
    now = hub.now()
    latest = {
        stage: iso(clock.latest_begin(now, near_percent / 100)) for stage, clock in found.items()
    }
    with hub.database.read() as tx:
        standing = store.standing(tx, latest, owner=owner, team=team)
    told = []
    for lead in standing:
        clock, since = found[lead.stage], from_iso(lead.since)
        late = clock.passed(since, now) - clock.hours
        told.append(Running(lead, iso(clock.due(since)), late))
    return tuple(sorted(told, key=lambda one: (one.due, one.lead.lead_id)))


def clocks(
    hub: Hub,
    span: Span = ALWAYS,
    *,
    near_percent: int = NEAR,
    owner: str | None = None,
    team: str | None = None,
) -> ClockReport:
    """Who is late, and how each stage kept its time in a period: three queries."""
    found = clock_of(hub)
    if not found:
        return ClockReport(span, near_percent, (), ())
    leads = running(hub, near_percent=near_percent, owner=owner, team=team)
    stages = [clock.stage for clock in found]
    with hub.database.read() as tx:
        now = store.count_standing(tx, stages, owner=owner, team=team)
        stays = store.stays(tx, stages, span.since, span.until, owner=owner, team=team)
    of_stage: dict[str, list[Stay]] = {stage: [] for stage in stages}
    for stay in stays:
        of_stage[stay.stage].append(stay)
    over = [one.lead.stage for one in leads if one.is_over]
    moment = hub.now()
    return ClockReport(
        span,
        near_percent,
        leads,
        tuple(
            _stage_time(clock, of_stage[clock.stage], moment, now.get(clock.stage, 0), over)
            for clock in found
        ),
    )


def _stage_time(
    clock: Clock, stays: Iterable[Stay], now: datetime, standing: int, over: Sequence[str]
) -> StageTime:
    left: list[float] = []
    missed = 0
    for stay in stays:
        begin = from_iso(stay.entered_at)
        if stay.exited_at is not None:
            left.append(clock.passed(begin, from_iso(stay.exited_at)))
        elif stay.is_open and clock.passed(begin, now) > clock.hours:
            missed += 1
    left.sort()
    late = sum(hours > clock.hours for hours in left)
    return StageTime(
        clock=clock,
        now=standing,
        over=over.count(clock.stage),
        kept=len(left) - late,
        missed=missed + late,
        median_hours=_quantile(left, 0.5),
        p90_hours=_quantile(left, 0.9),
    )


def _quantile(values: Sequence[float], share: float) -> float | None:
    """The value below which a share of sorted values lie, between two of them where need be."""
    if not values:
        return None
    place = (len(values) - 1) * share
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)
