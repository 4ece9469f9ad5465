"""What an installation can carry: arithmetic over what its own work took. No clock, no database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["ENOUGH", "Account", "Disk", "Limit", "Stage", "limits", "per_day"]

ENOUGH = 500
"""Records that a stage must have worked on before its speed is told."""
HOUR, DAY = 3600.0, 86_400.0
PART_OF_DAY = 1 / 24
"""How much of a day must be over before its calls are drawn on to its end."""
SOON = 90.0
"""Days within which a full disk comes before what only a larger load would reach."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of work, of one connection or of all.

    ``rows`` and ``seconds`` are those of full batches, ``away`` the seconds that went by at the
    vendor; ``busiest`` is how many records the busiest hour of the last day brought. ``trial`` is a
    speed that was measured beside it.
    """

    name: str
    connection: str
    rows: int
    seconds: float
    busiest: int
    away: float = 0.0
    trial: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether its own work tells how fast it is."""
        return self.rows >= ENOUGH and self.seconds > 0

    @property
    def rate(self) -> float | None:
        """Records a second of one worker; None where too few were seen and none were tried."""
        return self.rows / self.seconds if self.is_known else self.trial

    @property
    def load(self) -> float:
        """Records a second in the busiest hour."""
        return self.busiest / HOUR

    @property
    def headroom(self) -> float | None:
        """How many times the present load it carries; None where either is not known."""
        return None if self.rate is None or not self.busiest else self.rate / self.load

    @property
    def is_vendors(self) -> bool:
        """Whether most of its time goes by at the vendor."""
        return self.away > self.seconds / 2


@dataclass(frozen=True, slots=True)
class Account:
    """One account's calls of a day of which ``over``, a part, has passed; no limit: None."""

    name: str
    limit: int | None
    used: int
    over: float
    ends_at: datetime | None = None

    @property
    def expected(self) -> float | None:
        """Calls by the end of the day if it goes on so; None at the beginning of one."""
        return self.used / self.over if self.over >= PART_OF_DAY else None

    @property
    def headroom(self) -> float | None:
        """How many times the present calls the limit allows."""
        return self.limit / self.expected if self.limit and self.expected else None

    @property
    def spent_at(self) -> datetime | None:
        """When the calls are used up, where that is before the day ends."""
        if self.headroom is None or self.headroom >= 1 or self.ends_at is None:
            return None
        return self.ends_at - timedelta(days=1 - self.headroom)


@dataclass(frozen=True, slots=True)
class Disk:
    """What the database takes, how that grows, and what is free; None where it is not known."""

    size: int
    leads: int
    per_day: float | None
    free: int | None

    @property
    def days(self) -> float | None:
        """Days until nothing is free."""
        if self.free is None or not self.per_day or self.per_day <= 0:
            return None
        return self.free / self.per_day


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that runs out: at ``headroom`` times the load, or at a time. ``advice``: a key."""

    what: str
    name: str
    advice: str
    headroom: float | None = None
    at: datetime | None = None


def limits(
    stages: Iterable[Stage],
    accounts: Iterable[Account],
    disk: Disk,
    *,
    now: datetime,
    dialect: str,
) -> list[Limit]:
    """What runs out, the first thing first.

    What does not carry today's load comes before a disk that is soon full, and that before what
    only a larger load would reach.
    """
    found = [
        Limit(one.name, one.connection, _advice(one, dialect), headroom=one.headroom)
        for one in stages
        if one.headroom is not None
    ]
    found += [
        Limit("quota", one.name, "quota", headroom=one.headroom, at=one.spent_at)
        for one in accounts
        if one.headroom is not None
    ]
    if disk.days is not None:
        at = now + timedelta(days=min(disk.days, 36_500))
        found.append(Limit("disk", "", "disk", at=at))
    return sorted(found, key=lambda one: _urgency(one, disk))


def _urgency(one: Limit, disk: Disk) -> tuple[int, float]:
    if one.headroom is None:
        days = disk.days or 0.0
        return (1 if days <= SOON else 3, days)
    return (0 if one.headroom < 1 else 2, one.headroom)


def _advice(stage: Stage, dialect: str) -> str:
    if stage.name in ("pull", "push"):
        return f"{stage.name}.{'vendor' if stage.is_vendors else 'hub'}"
    return f"{stage.name}.{dialect}"


def per_day(sizes: Sequence[tuple[datetime, int]]) -> float | None:
    """Bytes a day by which something grew, from its first size to its last.

    None where they are less than a day apart.
    """
    if not sizes:
        return None
    (first, small), (last, large) = sizes[0], sizes[-1]
    days = (last - first).total_seconds() / DAY
    return (large - small) / days if days >= 1 else None
