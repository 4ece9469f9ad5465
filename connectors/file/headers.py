"""Where a list begins, and what its columns are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.file.delimited import HEADER_DEPTH, Row
from connectors.file.faults import FILE_NO_HEADER, FILE_NO_PERSON, refused
from connectors.file.profiles import header_key, known_headers

_PHONES = frozenset({"phone", "mobile", "phone_direct"})
_NAMES = frozenset({"full_name", "family_name", "full_kana", "family_kana"})


def find_header(
    rows: Sequence[Row], contains: Sequence[str] = (), own: frozenset[str] = frozenset()
) -> int:
    """The index of the header row: lists open with titles, dates of export and notes.

    It is the first row that has all of ``contains``, or else the row among the first fifty with
    most known headers; ``own`` are the keys of headers only this connection knows.
    """
    head = [(at, row) for at, row in enumerate(rows[:HEADER_DEPTH]) if row.fault is None]
    if contains:
        wanted = {header_key(name) for name in contains}
        for at, row in head:
            if wanted <= {header_key(cell) for cell in row.cells}:
                return at
        raise refused(
            FILE_NO_HEADER,
            f"none of the first {HEADER_DEPTH} rows has all headers of options.header_contains",
        )
    best = max(head, key=lambda pair: known_headers(pair[1].cells, own), default=None)
    if best is None or known_headers(best[1].cells, own) == 0:
        raise refused(
            FILE_NO_HEADER,
            f"none of the first {HEADER_DEPTH} rows has a header we know: name the columns under "
            "options.columns, or the header row under options.header_contains",
        )
    return best[0]


def column_names(cells: Sequence[str]) -> list[str]:
    """A name for every column, no two alike even for ``header_key``, none with a leading "_".

    Order need not be kept with the row, since a database may lose it: a second 電話番号 is
    電話番号 (2), and a column without a header is called by its place.
    """
    names: list[str] = []
    seen: set[str] = set()
    for place, cell in enumerate(cells, start=1):
        plain = " ".join(cell.split()).lstrip("_") or f"column {place}"
        name, copy = plain, 1
        while header_key(name) in seen:
            copy += 1
            name = f"{plain} ({copy})"
        seen.add(header_key(name))
        names.append(name)
    return names


def require_person(assigned: Mapping[str, str]) -> None:
    """Refuse a list that says nothing a person could be known by."""
    if "email" in assigned or not _PHONES.isdisjoint(assigned):
        return
    if "company" in assigned and not _NAMES.isdisjoint(assigned):
        return
    raise refused(
        FILE_NO_PERSON,
        "no column is an e-mail address, a phone number, or a company with a name: name them under "
        "options.columns (email: <header>)",
    )
