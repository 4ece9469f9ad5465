"""How fast and how much one connection may ask; part of ``connectors.kit.session``."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from connectors.kit.reply import Quota


class Meter(Protocol):
    """Counts an account's calls for all workers; the hub's, given to a session by its wiring."""

    def spend(self) -> float:
        """Count one call that is about to go out; seconds to wait before it does, most often 0.

        Raises HeldBack where it must not go out.
        """
        ...

    def heard(self, quota: Quota) -> None:
        """The vendor said what is left."""
        ...

    def pause(self, seconds: float) -> None:
        """The vendor asked for a pause: nobody calls this account for so long."""
        ...


class Throttle:
    """At most ``rate`` requests in any ``per`` seconds, smoothed; shared by a process's threads."""

    def __init__(
        self,
        rate: float,
        per: float = 1.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        burst = int(min(10.0, rate / 10))  # may go at once after a rest, and is part of the rate
        self._gap = per / (rate - burst)
        self._burst = burst * self._gap
        self._next = 0.0
        self._lock = threading.Lock()
        self._clock = clock
        self._sleep = sleep

    def wait(self) -> None:
        """Return when the next request may go out."""
        with self._lock:
            now = self._clock()
            due = max(self._next, now - self._burst)
            self._next = due + self._gap
        if due > now:
            self._sleep(due - now)

    def pause(self, seconds: float) -> None:
        """Let nobody go before ``seconds`` have passed; the whole connection waits."""
        with self._lock:
            self._next = max(self._next, self._clock() + seconds)
