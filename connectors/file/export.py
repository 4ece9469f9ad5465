"""Rows to a CSV that a spreadsheet can open without harm.

A cell that a spreadsheet would take for a formula gets an apostrophe; our own import takes it off
again. CP932, which older Japanese tools want, cannot hold every character: look-alikes are used
where there are any, 〓 where there are none, and the report says what and where.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO, Literal

Encoding = Literal["utf-8-sig", "utf-8", "cp932"]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a text for a formula, at its beginning (OWASP, CSV injection)."""
MISSING = "〓"
"""What Japanese printers set for a character they do not have."""

_LOOK_ALIKES = str.maketrans(
    {
        "\u301c": "\uff5e",  # wave dash, the best known of the Windows mapping differences
        "\u2212": "\uff0d",
        "\u2016": "\u2225",
        "\u2014": "\u2015",
        "\u00a2": "\uffe0",
        "\u00a3": "\uffe1",
        "\u00ac": "\uffe2",
        "\u00a5": "\uffe5",
        "\u00a0": " ",
    }
)


@dataclass(frozen=True, slots=True)
class Unfit:
    """A character that the encoding cannot hold, and the (row, column) places where it was."""

    character: str
    places: Sequence[tuple[int, str]]


@dataclass(slots=True)
class Exported:
    """What was written. ``protected`` cells got an apostrophe; ``unfit`` are by character."""

    rows: int = 0
    protected: int = 0
    unfit: dict[str, Unfit] = field(default_factory=dict)


def protect(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would compute it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def write_csv(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    out: BinaryIO,
    *,
    encoding: Encoding = "utf-8-sig",
    raw: bool = False,
) -> Exported:
    """Write a header and the rows, every cell in quotes, and say what could not be kept.

    ``raw`` is for machines: nothing gets an apostrophe. Numbers never get one. A row's row number
    in the report is that of the file; the header is row 1.
    """
    report = Exported()
    text = io.TextIOWrapper(out, encoding=encoding, newline="", write_through=True)
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")

    def cell(value: object, row: int, column: str) -> str:
        shown = _text(value)
        if not raw and not isinstance(value, (int, float)):
            safe = protect(shown)
            report.protected += safe != shown
            shown = safe
        return _fit(shown, encoding, report, row, column)

    try:
        writer.writerow([cell(name, 1, name) for name in columns])
        for number, row in enumerate(rows, start=2):
            writer.writerow([cell(row.get(name), number, name) for name in columns])
            report.rows += 1
    finally:
        text.detach()
    return report


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return "; ".join(_text(item) for item in value)
    return str(value)


def _fit(text: str, encoding: Encoding, report: Exported, row: int, column: str) -> str:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        kept = text.translate(_LOOK_ALIKES) if encoding == "cp932" else text
        return "".join(_fitting(char, encoding, report, row, column) for char in kept)
    return text


def _fitting(char: str, encoding: Encoding, report: Exported, row: int, column: str) -> str:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        known = report.unfit.get(char, Unfit(char, ()))
        report.unfit[char] = Unfit(char, (*known.places, (row, column)))
        return MISSING if encoding == "cp932" else "\ufffd"
    return char
