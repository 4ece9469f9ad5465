"""What a person sees before a list is imported: the guesses, the columns, the first rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.file.faults import ROW_MESSAGES
from connectors.file.flat import flatten
from connectors.file.folder import read_given
from connectors.file.options import AUTO, Options
from connectors.file.profiles import PROFILES, assign, header_key
from connectors.file.reading import Listing, Report, open_list, payload_of, read_list


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth a look before the import. ``code`` is stable; ``rows`` says how many."""

    code: str
    message: str
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file would be read.

    ``columns`` are all headers in their order with the field each means, or None; ``unmapped`` are
    those without. ``rows`` are the first rows as the file has them, ``fields`` the same rows as the
    field map will get them. ``encoding`` is None for a workbook.
    """

    file: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    header_row: int
    profile: str
    columns: Mapping[str, str | None]
    unmapped: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    fields: Sequence[Mapping[str, Any]]
    report: Report
    notices: Sequence[Notice]


def preview(path: str | Path, n: int = 5, options: Options | None = None) -> Preview:
    """How a file would be read, and its first ``n`` rows.

    ``options`` are the connection's. Raises RecordRejected where there is no list in the file.
    """
    file = Path(path)
    chosen = options or Options(path=str(file))
    raw = read_given(file, chosen.max_bytes)
    listing = open_list(file.name, raw, chosen)
    reading = read_list(file.name, raw, chosen, listing=listing)
    own = tuple(chosen.columns.items())
    field_of = {
        header: field
        for field, header in assign(listing.profile, tuple(sorted(listing.columns)), own).items()
    }
    ignored = PROFILES[listing.profile].ignore
    first = [payload_of(listing, row, file.name) for row in listing.rows[:n]]
    return Preview(
        file=file.name,
        encoding=listing.encoding,
        delimiter=listing.delimiter,
        sheet=listing.sheet,
        header_row=listing.header_row,
        profile=listing.profile,
        columns={header: field_of.get(header) for header in listing.columns},
        unmapped=[
            header
            for header in listing.columns
            if header not in field_of and header_key(header) not in ignored
        ],
        rows=[{name: row[name] for name in row if not name.startswith("_")} for row in first],
        fields=[flatten(row, chosen) for row in first],
        report=reading.report,
        notices=_notices(listing, reading.report, chosen),
    )


def _notices(listing: Listing, report: Report, options: Options) -> list[Notice]:
    notices = []
    if len(listing.fitting) > 1:
        notices.append(
            Notice(
                "ENCODING_AMBIGUOUS",
                f"the bytes also fit {', '.join(listing.fitting[1:])}: look at the rows, and say "
                "options.encoding where they are garbled",
            )
        )
    if listing.encoding is not None and not listing.fitting and options.encoding == AUTO:
        notices.append(
            Notice(
                "ENCODING_BROKEN",
                f"no encoding fits every line; {listing.encoding} fits best",
            )
        )
    if listing.profile == "generic" and options.profile == AUTO:
        notices.append(
            Notice(
                "PROFILE_UNKNOWN",
                "the headers name no kind of list: say options.profile where it is from an "
                "exhibition, a seminar or a card service",
            )
        )
    if not listing.rows:
        notices.append(Notice("NO_ROWS", "there is a header and no row below it"))
    if report.folded:
        notices.append(
            Notice("DUPLICATES", "rows of the same key are folded into one", report.folded)
        )
    notices.extend(
        Notice(code, f"set aside: the row {ROW_MESSAGES[code]}", count)
        for code, count in sorted(report.set_aside.items())
    )
    return notices
