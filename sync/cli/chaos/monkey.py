"""The monkey: what it does to a hub, in an order that follows from the seed.

It goes by progress and not by the clock: so many records have so many kills, on a slow machine and
on a fast one. Between two kills something must have been done, or killing would be all there is.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sync.cli.chaos.house import House, Member
from sync.cli.chaos.world import World

STOPS_OF_KILLS = 5
"""One process is asked to stop for so many that are killed."""
LOCKS_OF_KILLS = 10
FULL_DISKS = 3
FULL_SECONDS = 2.0
LEAST_SECONDS = 0.4
"""Between two deeds, at least."""
LIVES_SECONDS = 0.2
"""How long a process has worked, at least, before it is killed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is done to a hub."""

    kills: int = 0
    flushes: int = 0
    restarts: int = 0
    disks: int = 0

    def deeds(self, seed: int) -> list[str]:
        """All of it, shuffled."""
        found = ["kill"] * self.kills + ["flush"] * self.flushes + ["restart"] * self.restarts
        found += ["stop"] * -(-self.kills // STOPS_OF_KILLS)
        found += ["lock"] * -(-self.kills // LOCKS_OF_KILLS)
        found += ["disk"] * self.disks
        random.Random(f"deeds {seed}").shuffle(found)  # noqa: S311 - repeatable chance
        if self.kills:  # somebody removes an option half-way, and puts it back
            half = len(found) // 2
            found[half:half] = ["drift", "kill", "mend"]
        return found


@dataclass
class Monkey:
    """Does the deeds as their time comes.

    ``points`` are the named points that lives are to end at, before all else. ``flush`` empties the
    broker, ``restart`` restarts the database in a mode.
    """

    deeds: Sequence[str]
    seed: int
    world: World
    points: list[str]
    flush: Callable[[], None] | None = None
    restart: Callable[[str], None] | None = None
    counts: Counter[str] = field(default_factory=Counter)
    hit: list[str] = field(default_factory=list)
    done: int = 0
    _last: float = 0.0
    _mark: int = -1
    _full_until: float = 0.0

    def __post_init__(self) -> None:
        self._chance = random.Random(f"monkey {self.seed}")  # noqa: S311 - repeatable chance

    @property
    def share(self) -> float:
        """How much of it is done."""
        return self.done / len(self.deeds) if self.deeds else 1.0

    @property
    def is_done(self) -> bool:
        """Whether all is done, the named points too."""
        return self.done >= len(self.deeds) and not self.points and not self._full_until

    def next_point(self) -> str:
        """The named point at which the next lives are to end."""
        return self.points[0] if self.points else ""

    def died_at(self, point: str) -> None:
        """A process died at a named point; that is one kill."""
        self.hit.append(point)
        self.counts["kill"] += 1
        if point in self.points:
            self.points.remove(point)

    def act(self, house: House, share: float, mark: int) -> None:
        """Do the next deed if it is due: ``share`` of the work is done, ``mark`` grows with it.

        A ``mark`` of -1 says that there is nothing to do: nothing is waited for then.
        """
        now = time.monotonic()
        if self._full_until:
            if now >= self._full_until:
                self._fill(house, 0)
            if now >= self._full_until + LIVES_SECONDS:
                house.is_full, self._full_until = False, 0.0
            return
        due = self.done < len(self.deeds) and share >= (self.done + 0.5) / (len(self.deeds) + 1)
        if not due or now - self._last < LEAST_SECONDS or (mark >= 0 and mark == self._mark):
            return
        if getattr(self, f"_{self.deeds[self.done]}")(house):
            self.done += 1
            self._last, self._mark = now, mark

    def _victim(self, house: House) -> Member | None:
        now = time.monotonic()
        found = [one for one in house.at_work() if now - one.started > LIVES_SECONDS]
        return self._chance.choice(found) if found else None

    def _kill(self, house: House) -> bool:
        one = self._victim(house)
        if one is None:
            return False
        house.kill(one)
        self.counts["kill"] += 1
        return True

    def _stop(self, house: House) -> bool:
        one = self._victim(house)
        if one is None:
            return False
        house.ask_to_stop(one)
        self.counts["stop"] += 1
        return True

    def _flush(self, _house: House) -> bool:
        if self.flush is not None:
            self.flush()
            self.counts["flush"] += 1
        return True

    def _restart(self, _house: House) -> bool:
        if self.restart is not None:
            self.restart(self._chance.choice(("immediate", "fast")))
            self.counts["restart"] += 1
        return True

    def _lock(self, _house: House) -> bool:
        self.world.lock_rows(3)
        return True

    def _drift(self, _house: House) -> bool:
        self.world.drift()
        self.counts["drift"] += 1
        return True

    def _mend(self, _house: House) -> bool:
        self.world.mend()
        return True

    def _disk(self, house: House) -> bool:
        if not house.at_work():
            return False
        house.is_full = True
        self._fill(house, 1)
        self._full_until = time.monotonic() + FULL_SECONDS
        self.counts["disk"] += 1
        return True

    def _fill(self, house: House, most: int) -> None:
        """Let no process write to a file beyond its first byte; 0 lets them again."""
        if sys.platform != "linux":
            return
        import resource

        limit = most or resource.RLIM_INFINITY
        for one in house.members:
            if one.pid and Path(f"/proc/{one.pid}").exists():
                resource.prlimit(one.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
