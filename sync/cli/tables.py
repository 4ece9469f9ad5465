"""Text for people: values, and tables aligned where kanji and kana take two columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

__all__ = ["cut", "plain", "shown", "width"]

_WIDE = frozenset("WF")


def width(text: str) -> int:
    """The columns a text takes in a terminal."""
    return sum(
        0
        if unicodedata.combining(char)
        else 2
        if unicodedata.east_asian_width(char) in _WIDE
        else 1
        for char in text
    )


def cut(text: str, most: int) -> str:
    """The text in at most so many columns, with … where something was cut off."""
    text = " ".join(text.split())
    if width(text) <= most:
        return text
    taken, used = [], 1
    for char in text:
        used += width(char)
        if used > most:
            break
        taken.append(char)
    return "".join(taken) + "…"


def shown(value: Any) -> str:
    """A value as people read it."""
    if value is None or value == "":
        return "–"
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def plain(headers: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """The table as text; ``right`` are the columns that hold numbers."""
    lines = [list(headers), *[list(row) for row in rows]]
    widths = [max(width(line[place]) for line in lines) for place in range(len(headers))]
    out = []
    for line in lines:
        cells = []
        for place, cell in enumerate(line):
            pad = " " * (widths[place] - width(cell))
            cells.append(pad + cell if place in right else cell + pad)
        out.append("  ".join(cells).rstrip())
    return "\n".join(out)
