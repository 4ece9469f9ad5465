"""Bars, shares and CSV for verbs that report."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync.cli.failures import refused
from sync.cli.tables import cut, width

if TYPE_CHECKING:
    from sync.cli.context import Desk
    from sync.engine.periods import Span

COLUMNS = 80
"""Columns of the narrowest terminal that a chart has to fit."""
_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(number: float, most: float, room: int) -> str:
    """A bar in at most so many columns, to an eighth of one; something is never nothing."""
    if number <= 0 or most <= 0:
        return ""
    eighths = max(1, round(number / most * room * 8))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def share(part: int, whole: int) -> str:
    """A share with what it is of: 25.0% (3/12); – of nothing."""
    return f"{part / whole:.1%} ({part:,}/{whole:,})" if whole else "–"


def percent(value: float | None) -> str:
    """A share alone."""
    return "–" if value is None else f"{value:.1%}"


def bars(rows: Sequence[tuple[str, float, str]]) -> list[str]:
    """Lines of name, bar and text that fit 80 columns, whatever the width of their letters."""
    names = [cut(name, 24) for name, _, _ in rows]
    left = max((width(name) for name in names), default=0)
    right = max((width(text) for _, _, text in rows), default=0)
    room = max(4, COLUMNS - left - right - 4)
    most = max((number for _, number, _ in rows), default=0)
    lines = []
    for name, (_, number, text) in zip(names, rows, strict=True):
        drawn = bar(number, most, room)
        gap = " " * (room - len(drawn))
        lines.append(f"{name}{' ' * (left - width(name))}  {drawn}{gap}  {text}".rstrip())
    return lines


def period(desk: Desk, since: str | None, until: str | None) -> Span:
    """The period that two options mean; Refused where it is none."""
    from sync.engine.periods import span_of

    try:
        return span_of(since, until, desk.config.hub.timezone)
    except ValueError:
        if since and until:
            raise refused("EMPTY_PERIOD", since=since, until=until) from None
        raise refused("BAD_TIME", text=since or until) from None


def said_period(desk: Desk, since: str | None, until: str | None) -> str:
    """The period as it was asked for, in words."""
    out = desk.out
    if since is None and until is None:
        return out.words("report.always")
    return out.words("report.period", since=since or "", until=until or "", zone=out.zone)


def write_csv(
    desk: Desk, target: str, headers: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Rows to a file that Excel reads (UTF-8 with its mark), or with ``-`` to standard output.

    A cell that a spreadsheet would take for a formula gets an apostrophe.
    """
    from connectors.file.export import protect

    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(headers)
    for row in rows:
        writer.writerow([protect(cell) if isinstance(cell, str) else cell for cell in row])
    if target == "-":
        sys.stdout.write(text.getvalue())
        return
    Path(target).write_bytes(text.getvalue().encode("utf-8-sig"))
    desk.out.say("report.written", rows=f"{len(rows):,}", file=target)
