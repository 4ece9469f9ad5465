"""Who writes next: the threads of one process take turns at a database with one writer.

SQLite lets whoever happens to ask at the right moment write, and has the others sleep and ask again
for longer and longer. Here they are served in the order in which they came.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """One turn at a time, in the order of asking; who may go first goes before the others."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._taken = False
        self._first: deque[threading.Event] = deque()
        self._others: deque[threading.Event] = deque()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        with self._lock:
            return len(self._first) + len(self._others)

    @contextmanager
    def turn(self, *, first: bool = False) -> Iterator[None]:
        """Wait for one's turn, and hold it for the block.

        Whose patience ends goes on without one: what guards the database says then what is wrong.
        """
        queue = self._first if first else self._others
        mine = threading.Event()
        with self._lock:
            if self._taken:
                queue.append(mine)
            else:
                self._taken = True
                mine.set()
        if not mine.wait(self._patience):
            with self._lock:
                if not mine.is_set():
                    queue.remove(mine)
        try:
            yield
        finally:
            if mine.is_set():
                self._pass_on()

    def _pass_on(self) -> None:
        with self._lock:
            queue = self._first or self._others
            if queue:
                queue.popleft().set()
            else:
                self._taken = False
