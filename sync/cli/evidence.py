"""Why two records are taken for one person, in words, with points that add up to the score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sync.cli.out import Out

__all__ = ["points_shown", "told"]


def told(out: Out, reasons: Sequence[Sequence[Any]], score: float) -> list[tuple[str, str]]:
    """Each reason, (code, points, …), in words, with its points as they are shown."""
    shown = points_shown([float(one[1]) for one in reasons], score)
    return [
        (_words(out, str(one[0]), float(one[1])), points)
        for one, points in zip(reasons, shown, strict=True)
    ]


def points_shown(points: Sequence[float], score: float) -> list[str]:
    """Points to a tenth, rounded so that they add up to the score, which is rounded too."""
    tenths = [round(one * 10) for one in points]
    over = sum(tenths) - round(score * 10)
    # Where rounding took or gave too much, it is corrected where it did so most.
    step = 1 if over > 0 else -1
    places = sorted(range(len(tenths)), key=lambda at: step * (points[at] * 10 - tenths[at]))
    for at in places[: abs(over)]:
        tenths[at] -= step
    return [f"{one / 10:+.1f}" for one in tenths]


def _words(out: Out, code: str, points: float) -> str:
    from mapping.match.rules import WORDS
    from mapping.model import label

    if code in WORDS:
        ja, en = WORDS[code]
        return ja if out.language == "ja" else en
    key = "evidence.agrees" if points > 0 else "evidence.differs"
    return out.words(key, field=label(code, out.language))
