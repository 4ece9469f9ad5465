"""Webhooks that were refused, counted in memory until they are written down, once a minute.

Whoever likes may send webhooks that prove nothing: a row for each would be a way to fill the disk.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

SIGNATURE, NOT_STORED = "signature", "not_stored"


class Refusals:
    """Counts by connection and reason; for any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(self, connection: str, why: str) -> None:
        """One more."""
        with self._lock:
            self._counts[connection, why] += 1

    def add(self, counts: Mapping[tuple[str, str], int]) -> None:
        """These could not be written down yet."""
        with self._lock:
            self._counts.update(counts)

    def take(self) -> dict[tuple[str, str], int]:
        """What came since the last time."""
        with self._lock:
            found, self._counts = dict(self._counts), Counter()
        return found
