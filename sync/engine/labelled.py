"""Reading a labelled file: rows that somebody said of who they are, to judge a matching by.

The label is a column that names each row's entity, as ``cluster`` or ``person_id``, or the row's id
where FEBRL's ``rec-122-org`` and ``rec-122-dup-0`` say it. What gives the label away (the label
itself, ids of rows, which file a row is from) is never compared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.file.delimited import read_rows, sniff
from connectors.file.flat import clean, flatten
from connectors.file.headers import column_names
from connectors.file.options import Options
from connectors.file.profiles import FIELD_NAMES, assign, guess, header_key, known_headers
from connectors.file.text import decode
from connectors.kit.errors import RecordRejected
from mapping.model import Value

LABELS = (
    "cluster", "clusterid", "trueid", "truecluster", "entityid", "entid", "entity", "personid",
    "person", "goldid", "gold", "identity", "matchid", "dedupeid", "masterid", "goldenid", "label",
    "class", "groupid", "group", "名寄せid", "名寄id", "人物id", "正解id", "正解",
)  # fmt: skip
"""Headers of labels, as ``header_key`` folds them; the first that is there is taken."""

_NO_EVIDENCE = frozenset(
    (
        "id", "uniqueid", "recid", "recordid", "rowid", "rowno", "rownumber", "row", "index", "no",
        "uuid", "guid", "レコードid", "行番号", "source", "dataset", "sourcedataset", "sourcefile",
        "file", "filename", "origin", *LABELS,
    )
)  # fmt: skip
"""Headers of what names a row or a file, and says nothing of whom the row is about."""

_FEBRL = re.compile(r"rec-(\d+)-(?:org|dup(?:-\d+)?)")
_MOST_ROWS = 2_000_000
_FILLED = 0.2
"""A set of leads has a company, and an address or a number, in at least so many of its rows."""


class Unlabelled(Exception):
    """A file that nothing can be judged by. ``code`` is of the command line's catalogue."""

    def __init__(self, code: str, **says: str) -> None:
        super().__init__(code)
        self.code = code
        self.says = says


@dataclass(frozen=True, slots=True)
class Labelled:
    """A labelled file. ``rows`` are its cells by header, by record; ``truth`` who each record is.

    A record is named by its row's number. ``sides`` says which of two linked files it is from.
    ``compared`` are the headers that may be looked at, ``fields`` the lead fields that they mean.
    """

    rows: Mapping[str, Mapping[str, str]]
    truth: Mapping[str, str]
    label: str
    compared: Sequence[str]
    fields: Mapping[str, str]
    sides: Mapping[str, str] | None = None

    def own_values(self) -> dict[str, dict[str, Value]]:
        """Each record's cells as they are written, by ``custom.<header>``."""
        names = {header: custom_name(header) for header in self.compared}
        return {
            record: {names[header]: cells[header] for header in self.compared if cells[header]}
            for record, cells in self.rows.items()
        }

    def lead_values(self) -> dict[str, dict[str, Value]]:
        """Each record's values as a list import reads them, unknown columns as they are written."""
        fields = _default_map()
        own = {field: (header,) for header, field in self.fields.items()}
        options = Options(path="labelled.csv", columns=own)
        others = {one: custom_name(one) for one in self.compared if one not in self.fields}
        made: dict[str, dict[str, Value]] = {}
        for record, cells in self.rows.items():
            known = {header: cells[header] for header in self.fields}
            read = fields.read(flatten(known, options)).values
            values = {name: value for name, value in read.items() if value is not None}
            values |= {name: cells[one] for one, name in others.items() if cells[one]}
            made[record] = values
        return made

    def is_of_leads(self) -> bool:
        """Whether these are people at companies who can be reached, as the hub's leads are."""
        filled = {
            field: sum(1 for cells in self.rows.values() if cells[header])
            for header, field in self.fields.items()
        }
        enough = _FILLED * len(self.rows)

        def has(*names: str) -> bool:
            return max((filled.get(name, 0) for name in names), default=0) >= enough

        return (
            has("full_name", "family_name")
            and has("company")
            and has("email", "phone", "mobile", "phone_direct")
        )


def custom_name(header: str) -> str:
    """The field of a column without a meaning: "Site name" is ``custom.site_name``."""
    return "custom." + (re.sub(r"\W+", "_", header.strip().lower()).strip("_") or "column")


def read_labelled(path: Path, label: str | None = None, link: str | None = None) -> Labelled:
    """A CSV or TSV file in UTF-8, CP932 or EUC-JP, with its header in the first row.

    ``label`` and ``link`` name columns. Raises Unlabelled with BAD_FILE, NO_COLUMN or NO_LABEL.
    """
    headers, rows = _read(path)
    by_key = {header_key(header): header for header in headers}
    for asked in (label, link):
        if asked is not None and header_key(asked) not in by_key:
            raise Unlabelled("NO_COLUMN", name=asked, known=", ".join(headers))
    labelled = by_key[header_key(label)] if label else _label(by_key, headers, rows)
    if labelled is None:
        raise Unlabelled("NO_LABEL", known=", ".join(headers))
    truth = {record: cells[labelled] for record, cells in rows.items() if cells[labelled]}
    if _of_febrl(truth.values()):
        truth = {record: _FEBRL.fullmatch(name)[1] for record, name in truth.items()}  # type: ignore[index]  # it matched
    linked = by_key[header_key(link)] if link else None
    compared = [
        header
        for header in headers
        if header not in (labelled, linked) and not _gives_away(header, rows, truth)
    ]
    return Labelled(
        rows=rows,
        truth=truth,
        label=labelled,
        compared=compared,
        fields=_fields(compared),
        sides={record: cells[linked] for record, cells in rows.items()} if linked else None,
    )


def _read(path: Path) -> tuple[list[str], dict[str, dict[str, str]]]:
    try:
        text = decode(path.read_bytes(), "auto", _familiar).text.lstrip("\ufeff")
        delimiter = "\t" if path.suffix.lower() == ".tsv" else sniff(text)
        read = read_rows(text, delimiter, _MOST_ROWS)
    except (OSError, RecordRejected) as error:
        raise Unlabelled("BAD_FILE", file=str(path), why=str(error)) from error
    if len(read) < 2:
        raise Unlabelled("BAD_FILE", file=str(path), why="no rows")
    headers, body = column_names(read[0].cells), read[1:]
    wide = len(str(body[-1].number))
    rows = {}
    for row in body:
        if row.fault is None:
            cells = [clean(cell) for cell in row.cells[: len(headers)]]
            cells += [""] * (len(headers) - len(cells))
            rows[f"{row.number:0{wide}}"] = dict(zip(headers, cells, strict=True))
    return headers, rows


def _familiar(text: str) -> int:
    head = text.partition("\n")[0]
    return known_headers(re.split(r"[,\t;|]", head))


def _label(
    by_key: Mapping[str, str], headers: Sequence[str], rows: Mapping[str, Mapping[str, str]]
) -> str | None:
    for name in LABELS:
        if name in by_key:
            return by_key[name]
    for header in headers:
        if _of_febrl(cells[header] for cells in rows.values()):
            return header
    return None


def _of_febrl(values: Any) -> bool:
    """Whether these are ids as FEBRL gives them, which hold the label."""
    seen = list(values)
    return bool(seen) and all(_FEBRL.fullmatch(one) for one in seen)


def _gives_away(
    header: str, rows: Mapping[str, Mapping[str, str]], truth: Mapping[str, str]
) -> bool:
    """Whether a column only names rows, files, or the label once more."""
    key = header_key(header)
    if key in _NO_EVIDENCE or _of_febrl(cells[header] for cells in rows.values()):
        return True
    if not key.endswith("id"):
        return False
    values = Counter(cells[header] for cells in rows.values() if cells[header])
    return len(values) == values.total() or {
        record: cells[header] for record, cells in rows.items()
    } == dict(truth)


def _fields(headers: Sequence[str]) -> dict[str, str]:
    """The lead field that each header means: as list imports know them, and by its own name."""
    keys = {header_key(header): header for header in headers}
    named = {
        field: keys[header_key(field)] for field in sorted(FIELD_NAMES) if header_key(field) in keys
    }
    known = assign(
        guess(headers),
        tuple(sorted(headers)),
        tuple((field, (header,)) for field, header in named.items()),
    )
    return {header: field for field, header in known.items()}


def _default_map() -> Any:
    from connectors import registry
    from mapping.fieldmap import compile_map
    from sync.config.maps import merged_documents

    return compile_map(merged_documents(registry.find().get("file"), {})["rows"])
