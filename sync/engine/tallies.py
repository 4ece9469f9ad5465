"""Scores of an audit: how many compared values agree, with an interval, and which do not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

__all__ = ["DIFFERS", "DRIFTED", "GONE", "OWED", "Difference", "Tally", "wilson"]

EXAMPLES = 50
"""Differences that are kept of each connection and pair."""
_Z = 1.959964  # the 97.5th percentile of the normal distribution

DRIFTED, OWED, GONE, DIFFERS = "drifted", "owed", "gone", "differs"


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that does not agree. ``why``: drifted, owed, gone, or (between two) differs.

    ``holds`` is what the vendor holds now, ``wanted`` what it was believed or is to hold.
    """

    lead_id: str
    record: str
    field: str
    why: str
    holds: Any = None
    wanted: Any = None


@dataclass(slots=True)
class Tally:
    """What was compared of one connection, or of a pair, and what did not agree.

    ``error`` is why reading ended early; the figures are of what was read before.
    """

    names: tuple[str, ...]
    records: int = 0
    compared: Counter[str] = field(default_factory=Counter)
    differing: Counter[str] = field(default_factory=Counter)
    why: Counter[str] = field(default_factory=Counter)
    examples: list[Difference] = field(default_factory=list)
    repaired: int = 0
    error: str | None = None

    @property
    def score(self) -> float | None:
        """The share of compared values that agree; None where nothing was compared."""
        total = self.compared.total()
        return 1 - self.differing.total() / total if total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % Wilson interval of the score."""
        total = self.compared.total()
        return wilson(total - self.differing.total(), total) if total else None

    def worst(self) -> list[tuple[str, int, int]]:
        """Fields that differ: (field, differing, compared), the greatest share first."""
        rows = [(name, count, self.compared[name]) for name, count in self.differing.items()]
        return sorted(rows, key=lambda row: (-row[1] / row[2], row[0]))

    def note(self, name: str, difference: Difference | None) -> None:
        """Count one compared value."""
        self.compared[name] += 1
        if difference is not None:
            self.differing[name] += 1
            self.why[difference.why] += 1
            if len(self.examples) < EXAMPLES:
                self.examples.append(difference)


def wilson(agreeing: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's score, which holds near 0 and 1, too."""
    share, z2 = agreeing / total, _Z * _Z
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    spread = _Z * sqrt(share * (1 - share) / total + z2 / (4 * total * total)) / (1 + z2 / total)
    return max(0.0, min(share, middle - spread)), min(1.0, max(share, middle + spread))
