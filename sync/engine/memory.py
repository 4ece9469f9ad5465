"""Python's cycle collector, told that this process keeps what it has loaded and then works fast."""

from __future__ import annotations

import gc
from functools import cache

BETWEEN = 50_000
"""New objects between two looks for cycles. At Python's 700, looking was a sixth of a pull."""


@cache
def calm_collector() -> None:
    """Have the collector look less often, and never again at what is loaded by now."""
    gc.freeze()
    gc.set_threshold(BETWEEN, 20, 20)
