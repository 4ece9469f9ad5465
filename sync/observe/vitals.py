"""What one process knows of itself: counts, how long its jobs took, and what may be wrong."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from sync.observe import tracing
from sync.observe.context import about

__all__ = ["BOUNDS", "Durations", "Vitals", "at_work"]

BOUNDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
"""Upper bounds of the buckets that durations of jobs are counted in, in seconds."""

Counts = Callable[[], Mapping[str, int]]
Check = Callable[[], str | None]


@dataclass
class Durations:
    """How many jobs took how long, by job. Safe from all threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _buckets: dict[str, list[int]] = field(default_factory=dict)
    _sums: Counter[str] = field(default_factory=Counter)

    def note(self, job: str, seconds: float) -> None:
        """A job is over."""
        with self._lock:
            buckets = self._buckets.setdefault(job, [0] * (len(BOUNDS) + 1))
            buckets[bisect_left(BOUNDS, seconds)] += 1
            self._sums[job] += seconds  # type: ignore[assignment]  # a Counter adds what it is given

    def seen(self) -> dict[str, tuple[tuple[int, ...], float]]:
        """By job: how many fell into each bucket, the last one has no bound, and all seconds."""
        with self._lock:
            return {job: (tuple(some), self._sums[job]) for job, some in self._buckets.items()}


@dataclass
class Vitals:
    """A process's signs of life. Whoever is started puts its counts and its check in here.

    ``checks`` say why the process is not ready, None where nothing is wrong; ``silence`` is how
    many seconds ago the sweeper looked.
    """

    durations: Durations = field(default_factory=Durations)
    counts: dict[str, Counts] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    silence: Callable[[], float] | None = None


@contextmanager
def at_work(vitals: Vitals, job: str, connection: str) -> Iterator[None]:
    """One job: timed, traced, and named in each log line of this thread while the block runs."""
    started = perf_counter()
    with about(job=job, connection=connection), tracing.span(job, connection=connection):
        try:
            yield
        finally:
            vitals.durations.note(job, perf_counter() - started)
