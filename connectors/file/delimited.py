"""Text to rows: CSV, TSV and their cousins.

A row that cannot be read is reported and the next line is read as if nothing had happened: one
stray quotation mark must not swallow the rest of the list. Row numbers are those a spreadsheet
shows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.file.faults import (
    FILE_BAD_QUOTES,
    FILE_TOO_MANY_ROWS,
    ROW_CELL_TOO_LONG,
    ROW_QUOTES,
    refused,
)
from connectors.file.profiles import known_headers

MAX_CELL = 32_767
"""Characters of one cell; what a spreadsheet itself allows."""
HEADER_DEPTH = 50
"""Rows in which the header is looked for."""
_MAX_RESTARTS = 500
_CANDIDATES = (",", "\t", ";", "|")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list: its number, its cells, and what is wrong with it as it stands."""

    number: int
    cells: Sequence[str]
    fault: str | None = None

    def blank(self) -> bool:
        """Whether nothing is written in it."""
        return self.fault is None and not any(cell.strip() for cell in self.cells)


def read_rows(text: str, delimiter: str, max_rows: int) -> list[Row]:
    """Every row that is not blank. More than ``max_rows`` (and a header's depth) is refused."""
    rows: list[Row] = []
    for row in _rows(text, delimiter):
        if row.blank():
            continue
        rows.append(row)
        if len(rows) > max_rows + HEADER_DEPTH:
            raise too_many(max_rows)
    return rows


def too_many(max_rows: int) -> Exception:
    """The refusal of a list with more rows than allowed."""
    return refused(
        FILE_TOO_MANY_ROWS,
        f"the list has more than {max_rows} rows: split it, or raise options.max_rows",
    )


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    lines = io.StringIO(text, newline="").readlines()
    start = number = restarts = 0
    while start < len(lines):
        reader = csv.reader(
            lines[start:] if start else lines,
            delimiter=delimiter,
            skipinitialspace=True,
            strict=True,
        )
        consumed = 0
        fault = ROW_QUOTES
        try:
            for cells in reader:
                long = any(len(cell) > MAX_CELL for cell in cells)
                if long and reader.line_num - consumed > 1:
                    fault = ROW_CELL_TOO_LONG
                    break
                number += 1
                yield Row(number, cells, ROW_CELL_TOO_LONG if long else None)
                consumed = reader.line_num
            else:
                return
        except csv.Error as error:
            if "field limit" in str(error):
                fault = ROW_CELL_TOO_LONG
        restarts += 1
        if restarts > _MAX_RESTARTS:
            raise refused(
                FILE_BAD_QUOTES,
                f"more than {_MAX_RESTARTS} rows have broken quotation marks: check the delimiter "
                "and how the list was exported",
            )
        start += consumed
        number += 1
        yield Row(number, [lines[start]], fault)
        start += 1


def sniff(text: str) -> str:
    """The delimiter under which the first rows look most like a list: known headers, then width."""
    head = "".join(_head(text))

    def worth(delimiter: str) -> tuple[int, int]:
        rows = [row.cells for row in _rows(head, delimiter)][:HEADER_DEPTH]
        known = max((known_headers(cells) for cells in rows), default=0)
        widths = [len(cells) for cells in rows if len(cells) > 1]
        return known, max(map(widths.count, widths), default=0)

    return max(_CANDIDATES, key=worth)


def _head(text: str) -> Iterator[str]:
    left = 200_000
    for number, line in enumerate(io.StringIO(text, newline="")):
        if number >= HEADER_DEPTH * 2 or left <= 0:
            return
        left -= len(line)
        yield line[:left]
