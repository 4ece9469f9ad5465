"""What a process does with memory: it keeps what it has loaded, works fast, and stays its size."""

from __future__ import annotations

import ctypes
import gc
import sys
from functools import cache

BETWEEN = 50_000
"""New objects between two looks for cycles. At Python's 700, looking was a sixth of a pull."""
ARENAS = 2
_M_ARENA_MAX = -8


@cache
def calm_collector() -> None:
    """Have the collector look less often, and never again at what is loaded by now."""
    gc.freeze()
    gc.set_threshold(BETWEEN, 20, 20)


@cache
def few_arenas() -> None:
    """Have all threads share a few heaps, where the C library is glibc.

    By default each of some dozen threads gets its own, and each keeps the most that it ever needed:
    a hub under steady work took 60 MB more so.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, ARENAS)
