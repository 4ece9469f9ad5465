"""How long to wait before something that failed is tried again."""

from __future__ import annotations

import random
from datetime import timedelta

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)


def backoff(attempts: int) -> timedelta:
    """The wait after so many failures: doubling, capped, and spread by a quarter either way."""
    wait: timedelta = min(FIRST_WAIT * (1 << min(attempts, 16)), LONGEST_WAIT)
    spread: float = random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, no secret
    return wait * spread
