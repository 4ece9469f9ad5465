"""How long batches of work took: noted in memory, and saved now and then.

What came in full batches is noted apart, for only that tells what the work can do: a batch of one
record takes nearly as long as one of a hundred.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from sync.store import worktimes
from sync.store.database import Database, iso
from sync.store.worktimes import Spent

FULL = 50
"""From how many rows on a batch tells how fast the work is."""
FULL_KIND = ".full"


@dataclass(slots=True)
class Lap:
    """Work that is being timed; ``rows`` is said when it is known."""

    rows: int = 0


@dataclass(slots=True)
class Worktime:
    """The work of one process, by kind. A killed process loses what it had not saved yet."""

    _spent: dict[str, Spent] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def of(self, kind: str) -> Iterator[Lap]:
        """Time a block. Nothing is noted where it came to no rows, or raised."""
        lap, started = Lap(), perf_counter()
        yield lap
        if lap.rows:
            self.note(kind, Spent(lap.rows, perf_counter() - started))

    def note(self, kind: str, spent: Spent) -> None:
        """Note a batch."""
        with self._lock:
            for name in (kind, kind + FULL_KIND) if spent.rows >= FULL else (kind,):
                self._spent[name] = self._spent.get(name, Spent(0, 0.0)).plus(spent)

    def save(self, database: Database) -> None:
        """Have the database keep what was noted since the last time."""
        with self._lock:
            spent, self._spent = self._spent, {}
        if spent:
            with database.write() as tx:
                worktimes.add(tx, iso(database.now()), spent)
