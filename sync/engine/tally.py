"""What happened in this process, counted; metrics show it."""

from __future__ import annotations

import threading
from collections import Counter


class Tally:
    """Counts by what happened and of which kind. Safe from all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, Counter[str]] = {}

    def add(self, what: str, kind: str, number: int = 1) -> None:
        """It happened, so many times."""
        if number:
            with self._lock:
                self._counts.setdefault(what, Counter())[kind] += number

    def of(self, what: str) -> dict[str, int]:
        """How often it happened, by kind."""
        with self._lock:
            return dict(self._counts.get(what, ()))
