"""Webhooks on their way from the vendors to the hub: some doubled, some overtaken, some lost.

A vendor tries a delivery a few times and then lets it be, as vendors do while a hub is down. What
was lost is found by the next pull.
"""

from __future__ import annotations

import heapq
import itertools
import random
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.kit.simulator import Delivery

DOUBLED = 0.10
LATE = 0.15
LATE_SECONDS = 2.0
TRIES = 4
AGAIN_SECONDS = 0.7
CARRIERS = 3


class Courier:
    """Delivers webhooks from threads of its own. ``calm`` ends doubling and lateness."""

    def __init__(self, seed: int) -> None:
        self.counts: Counter[str] = Counter()
        self.calm = False
        self._chance = random.Random(f"webhooks {seed}")  # noqa: S311 - repeatable chance
        self._bag: list[tuple[float, int, int, Delivery]] = []
        self._numbers = itertools.count()
        self._wake = threading.Condition()
        self._open = True
        self._under_way = 0
        self._threads = [
            threading.Thread(target=self._run, name=f"courier-{number}", daemon=True)
            for number in range(CARRIERS)
        ]
        for thread in self._threads:
            thread.start()

    def post(self, delivery: Delivery) -> None:
        """Have a webhook delivered, once or twice, now or a little later."""
        with self._wake:
            copies = 2 if not self.calm and self._chance.random() < DOUBLED else 1
            self.counts["doubled"] += copies - 1
            for _ in range(copies):
                late = not self.calm and self._chance.random() < LATE
                self.counts["late"] += late
                wait = self._chance.uniform(0.1, LATE_SECONDS) if late else 0.0
                self._put(time.monotonic() + wait, 0, delivery)

    def is_idle(self) -> bool:
        """Whether nothing waits and nothing is under way."""
        with self._wake:
            return not self._bag and not self._under_way

    def stop(self) -> None:
        """Deliver no more."""
        with self._wake:
            self._open = False
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(timeout=15)

    def _put(self, due: float, tries: int, delivery: Delivery) -> None:
        heapq.heappush(self._bag, (due, next(self._numbers), tries, delivery))
        self._wake.notify()

    def _run(self) -> None:
        from connectors.kit.serving import post

        while True:
            with self._wake:
                while self._open and not (self._bag and self._bag[0][0] <= time.monotonic()):
                    wait = self._bag[0][0] - time.monotonic() if self._bag else None
                    self._wake.wait(wait)
                if not self._open:
                    return
                _, _, tries, delivery = heapq.heappop(self._bag)
                self._under_way += 1
            taken = post(delivery)
            with self._wake:
                self._under_way -= 1
                self.counts["taken" if taken else "refused"] += 1
                if not taken and tries + 1 < TRIES:
                    self._put(time.monotonic() + AGAIN_SECONDS * 2**tries, tries + 1, delivery)
                elif not taken:
                    self.counts["given_up"] += 1
