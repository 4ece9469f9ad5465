"""One file to records: decode, find the header, name the columns, fold duplicates together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import Any

from connectors.file.delimited import HEADER_DEPTH, Row, read_rows, sniff, too_many
from connectors.file.faults import (
    FILE_TOO_LARGE,
    FILE_TOO_WIDE,
    FILE_TYPE,
    ROW_CELLS,
    ROW_MESSAGES,
    ROW_NO_PERSON,
    ROW_UNDECODABLE,
    refused,
)
from connectors.file.flat import flatten, names_a_person
from connectors.file.headers import column_names, find_header, require_person
from connectors.file.identity import row_id, row_version
from connectors.file.options import AUTO, Options
from connectors.file.profiles import assign, guess, header_key, known_headers
from connectors.file.text import BROKEN, decode
from connectors.file.workbook import MAX_COLUMNS, OLE_MAGIC, ZIP_MAGIC, read_workbook
from connectors.kit.base import Record

STREAM = "rows"
TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
BOOK_SUFFIXES = frozenset({".xlsx", ".xlsm"})
SUFFIXES = TEXT_SUFFIXES | BOOK_SUFFIXES

_UNPRINTABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])
"""Control characters that no database wants in text, NUL first."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A file as a list: its header, its rows, and how it was read. ``fitting`` as in Decoded."""

    rows: Sequence[Row]
    header_row: int
    columns: tuple[str, ...]
    profile: str
    encoding: str | None = None
    fitting: tuple[str, ...] = ()
    delimiter: str | None = None
    sheet: str | None = None


@dataclass(slots=True)
class Report:
    """What became of one file.

    Rows read, records that can be taken in, duplicates folded into them, rows set aside by code.
    """

    file: str
    profile: str = ""
    encoding: str | None = None
    rows: int = 0
    records: int = 0
    folded: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)

    def count(self, code: str) -> None:
        """One more row is set aside with this code."""
        self.set_aside[code] = self.set_aside.get(code, 0) + 1


@dataclass(frozen=True, slots=True)
class Reading:
    """A file's records in the order of its rows, and the report on it."""

    records: Sequence[Record]
    report: Report


def open_list(name: str, raw: bytes, options: Options) -> Listing:
    """The list in a file. Raises RecordRejected, with a FILE_… code, where there is none."""
    if len(raw) > options.max_bytes:
        raise refused(
            FILE_TOO_LARGE,
            f"the file has {len(raw)} bytes, more than options.max_bytes ({options.max_bytes})",
        )
    suffix = PurePath(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise refused(
            FILE_TYPE,
            f"{suffix or 'a file without suffix'} is not read: save the list as CSV or XLSX",
        )
    own = frozenset(header_key(header) for names in options.columns.values() for header in names)
    how: dict[str, Any]
    if suffix in BOOK_SUFFIXES or raw.startswith((ZIP_MAGIC, OLE_MAGIC)):
        sheet, rows = read_workbook(raw, options.sheet, options.max_rows)
        how = {"sheet": sheet}
    else:
        decoded = decode(raw, options.encoding, lambda text: _familiar(text, options, own))
        delimiter = _delimiter(decoded.text, suffix, options)
        rows = read_rows(decoded.text, delimiter, options.max_rows)
        how = {
            "encoding": decoded.encoding,
            "fitting": decoded.fitting,
            "delimiter": delimiter,
        }
    at = find_header(rows, options.header_contains, own)
    body = rows[at + 1 :]
    if len(body) > options.max_rows:
        raise too_many(options.max_rows)
    header = rows[at].cells
    header = header[: max((_width(row.cells) for row in rows[at:]), default=0)]
    if len(header) > MAX_COLUMNS:
        raise refused(FILE_TOO_WIDE, f"the list has more than {MAX_COLUMNS} columns")
    columns = tuple(column_names([cell.translate(_UNPRINTABLE) for cell in header]))
    profile = guess(columns) if options.profile == AUTO else options.profile
    require_person(assign(profile, tuple(sorted(columns)), tuple(options.columns.items())))
    return Listing(body, rows[at].number, columns, profile, **how)


def _width(cells: Sequence[str]) -> int:
    """How many cells there are up to the last filled one."""
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    return width


def _familiar(text: str, options: Options, own: frozenset[str]) -> int:
    head = text[:100_000]
    delimiter = sniff(head) if options.delimiter == AUTO else options.delimiter
    cells = (line.strip().split(delimiter) for line in head.splitlines()[:HEADER_DEPTH])
    return max((known_headers([c.strip('" ') for c in row], own) for row in cells), default=0)


def _delimiter(text: str, suffix: str, options: Options) -> str:
    if options.delimiter != AUTO:
        return options.delimiter
    return "\t" if suffix == ".tsv" else sniff(text)


def payload_of(listing: Listing, row: Row, file: str) -> dict[str, Any]:
    """A row as it is kept: every cell under its column's name, and where it came from."""
    cells = row.cells
    fault = row.fault
    if fault is None and any(BROKEN in cell for cell in cells):
        fault = ROW_UNDECODABLE
    if fault is None and any(cell.strip() for cell in cells[len(listing.columns) :]):
        fault = ROW_CELLS
    if fault is not None:
        return bad_row(listing, row, file, fault)
    values = dict.fromkeys(listing.columns, "")
    for name, cell in zip(listing.columns, cells, strict=False):
        values[name] = cell if cell.isprintable() else cell.translate(_UNPRINTABLE)
    return {**values, **_origin(listing, row, file)}


def bad_row(listing: Listing, row: Row, file: str, fault: str) -> dict[str, Any]:
    """A row that cannot be used, kept with its code, a message and the beginnings of its cells."""
    shown = (cell[:200].translate(_UNPRINTABLE) for cell in row.cells[:50])
    return {
        **_origin(listing, row, file),
        "_error": fault,
        "_message": f"row {row.number} {ROW_MESSAGES[fault]}",
        "_cells": [cell.replace(BROKEN, "\ufffd") for cell in shown],
    }


def _origin(listing: Listing, row: Row, file: str) -> dict[str, Any]:
    return {
        "_file": file,
        "_sheet": listing.sheet,
        "_row": row.number,
        "_profile": listing.profile,
    }


def read_list(
    name: str,
    raw: bytes,
    options: Options,
    saved_at: datetime | None = None,
    listing: Listing | None = None,
) -> Reading:
    """Every record of a file, and the report on it.

    ``saved_at`` is when the file was saved; ``listing`` is the file where it is open already.
    """
    listing = listing or open_list(name, raw, options)
    report = Report(name, listing.profile, listing.encoding, rows=len(listing.rows))
    groups: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {}
    print_of_file = hashlib.sha256(raw).hexdigest()[:24]
    for row in listing.rows:
        payload = payload_of(listing, row, name)
        flat = flatten(payload, options)
        if "_error" not in flat and not names_a_person(flat):
            payload = bad_row(listing, row, name, ROW_NO_PERSON)
            flat = flatten(payload, options)
        if "_error" in flat:
            report.count(flat["_error"])
            external_id = f"bad:{print_of_file}:{row.number}"
        else:
            external_id = row_id(flat, options.key)
        groups.setdefault(external_id, []).append((payload, flat))
    records = []
    for external_id, members in groups.items():
        payload, flat = members[0]
        if len(members) > 1:
            payload = fold([member for member, _ in members])
            flat = flatten(payload, options)
            report.folded += len(members) - 1
        records.append(
            Record(STREAM, external_id, payload, version=row_version(flat), changed_at=saved_at)
        )
    report.records = len(records) - sum(report.set_aside.values())
    return Reading(records, report)


def fold(payloads: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One row out of several of the same key: the fullest, its blanks filled from the others.

    ``_also`` lists the rows folded in and ``_other`` the values they had instead, so that nothing
    is lost.
    """
    fullest = max(payloads, key=lambda payload: sum(1 for value in payload.values() if value))
    folded = dict(fullest)
    other: dict[str, list[str]] = {}
    for payload in payloads:
        for name, value in payload.items():
            if name.startswith("_") or not value.strip() or value == folded[name]:
                continue
            if not folded[name].strip():
                folded[name] = value
            elif value not in other.setdefault(name, []):
                other[name].append(value)
    folded["_also"] = [payload["_row"] for payload in payloads if payload is not fullest]
    if other:
        folded["_other"] = other
    return folded


def bad_file(name: str, raw: bytes | None, code: str, message: str) -> Record:
    """The record that stands for a file that cannot be read, so that it is set aside and seen."""
    known_by = raw if raw is not None else name.encode()
    payload = {"_error": code, "_message": message, "_file": name, "_row": 0}
    external_id = f"bad:{hashlib.sha256(known_by).hexdigest()[:24]}:0"
    return Record(STREAM, external_id, payload, version=code)


def chunks(records: Sequence[Record], start: int, size: int) -> Iterable[Sequence[Record]]:
    """The records from ``start`` on, ``size`` at a time."""
    return (records[at : at + size] for at in range(start, len(records), size))
