"""Scores of an audit: how far records agree, with an interval, and which values do not.

Records are drawn, not values, and the values of one record go wrong together. So a record counts
once, by the share of its compared values that agree, and the score is the mean of these shares. No
variable between 0 and 1 varies more than a yes-or-no one of the same mean (Bhatia and Davis 2000),
so that Wilson's interval for as many yes-or-no answers as there are records is never too narrow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
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

    ``share`` is how much of all there is was drawn and read: 1 leaves nothing to chance. ``error``
    is why reading ended early; the figures are of what was read before.
    """

    names: tuple[str, ...]
    share: float = 0.0
    records: int = 0
    compared: Counter[str] = field(default_factory=Counter)
    differing: Counter[str] = field(default_factory=Counter)
    why: Counter[str] = field(default_factory=Counter)
    examples: list[Difference] = field(default_factory=list)
    repaired: int = 0
    error: str | None = None
    _agreeing: float = 0.0

    @property
    def score(self) -> float | None:
        """The mean share of a record's values that agree; None where nothing was compared."""
        if not self.records:
            return None
        return self._agreeing / self.records if self.differing else 1.0

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the score of all records lies, with 95 % confidence; a point if all were read."""
        score = self.score
        if score is None:
            return None
        if self.share >= 1:
            return score, score
        return wilson(score, self.records / (1 - self.share))

    def worst(self) -> list[tuple[str, int, int]]:
        """Fields that differ: (field, differing, compared), the greatest share first."""
        rows = [(name, count, self.compared[name]) for name, count in self.differing.items()]
        return sorted(rows, key=lambda row: (-row[1] / row[2], row[0]))

    def note(self, found: Mapping[str, Difference | None]) -> bool:
        """Count one record, by what was found of each compared value; whether any differs.

        A record of which nothing could be compared does not count.
        """
        if not found:
            return False
        differences = [one for one in found.values() if one is not None]
        self.records += 1
        self._agreeing += 1 - len(differences) / len(found)
        self.compared.update(found.keys())
        self.differing.update(one.field for one in differences)
        self.why.update(one.why for one in differences)
        self.examples += differences[: EXAMPLES - len(self.examples)]
        return bool(differences)


def wilson(share: float, number: float) -> tuple[float, float]:
    """The 95 % interval of a share seen in ``number`` independent draws.

    Wilson's score interval (E. B. Wilson, Probable Inference, JASA 22, 1927, 209-212), which holds
    near 0 and 1, too. Where a part f of a finite whole was drawn, ``number`` is that of the draws
    over 1 - f: the correction that sampling without replacement allows (Cochran 1977, 2.6).
    """
    z2 = _Z * _Z
    middle = (share + z2 / (2 * number)) / (1 + z2 / number)
    spread = _Z * sqrt(share * (1 - share) / number + z2 / (4 * number * number))
    spread /= 1 + z2 / number
    return max(0.0, min(share, middle - spread)), min(1.0, max(share, middle + spread))
