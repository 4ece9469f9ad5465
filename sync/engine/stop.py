"""The stop of a process: from then on nobody begins a call to a vendor, or waits to begin one."""

from __future__ import annotations

import time

from connectors.kit.errors import HeldBack

LOOK_SECONDS = 0.1
"""How often a wait looks whether it is to end."""


class Stop:
    """Once set, it ends what the hub asks of vendors; what is owed stays due.

    A call on its way is waited for: its answer is part of what is stored. There is no lock in it,
    so a signal's handler may set it, also in the very thread that waits for it.
    """

    def __init__(self) -> None:
        self._is_set = False

    def is_set(self) -> bool:
        """Whether the process is to end."""
        return self._is_set

    def set(self) -> None:
        """Let it end."""
        self._is_set = True

    def clear(self) -> None:
        """Let it be used once more."""
        self._is_set = False

    def wait(self, seconds: float | None = None) -> bool:
        """Return when it is set, or after so long; whether it is set."""
        until = None if seconds is None else time.monotonic() + seconds
        while not self._is_set:
            left = LOOK_SECONDS if until is None else until - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(left, LOOK_SECONDS))
        return self._is_set

    def sleep(self, seconds: float) -> None:
        """Wait so long. Raises HeldBack when it is set before that is over."""
        self.wait(seconds)
        self.check()

    def check(self) -> None:
        """Raises HeldBack once it is set."""
        if self._is_set:
            raise HeldBack(
                "the hub was told to stop; it goes on by itself with the next start",
                retry_after=0.0,
                code="STOPPED",
            )
