"""The connector: a drop folder as a stream of rows."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.file.flat import MADE, flatten
from connectors.file.folder import Folder, Found, read_given
from connectors.file.options import Options
from connectors.file.preview import Preview, preview
from connectors.file.profiles import LABELS, MARKS
from connectors.file.reading import STREAM, Reading, Report, bad_file, chunks, read_list
from connectors.kit.base import FieldSpec, Identity, Page, StageSpec
from connectors.kit.errors import RecordRejected, Unavailable
from connectors.kit.session import Wiring

log = logging.getLogger("renkei.file")

PAGE = 500
"""Records of one page."""
READER = 1
"""Raised when the code makes other records of the same bytes: files are then read again."""


class Mark(BaseModel):
    """What the cursor says of one file: which bytes, read how, and how many records are through."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str
    mtime: int
    size: int
    how: str
    rows: int
    done: bool


class Connector:
    """Reads lists from a folder. There is nobody to write to, and a missing row is no deletion."""

    def __init__(self, options: Options, wiring: Wiring) -> None:
        self.options = options
        self.reports: dict[str, Report] = {}
        self._wiring = wiring
        place = str(wiring.root / options.path)
        move_to = str(wiring.root / options.move_to) if options.move_to else None
        self._folder = Folder(place, move_to)
        self._how = _how(options)

    def streams(self) -> list[str]:
        """The one stream: rows, whatever file they are in."""
        return [STREAM]

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Rows of files that are new, changed, or half read; file by file in the order of names.

        A file that cannot be read becomes one record that is set aside. A file that is still being
        written waits for the next pull. ``reports`` tells what became of each file.
        """
        del stream
        there = list(self._folder.files())
        present = {found.name for found in there}
        marks = {name: mark for name, mark in _marks(cursor).items() if name in present}
        known = {mark.sha256 for mark in marks.values() if mark.done and mark.how == self._how}
        held_up: tuple[str, OSError] | None = None
        for found in there:
            if self._is_through(found, marks.get(found.name)) or self._is_fresh(found):
                continue
            sha = ""
            try:
                raw = self._folder.read(found, self.options.max_bytes)
            except RecordRejected as error:
                reading = self._refused(found.name, None, error)
            except OSError as error:
                held_up = held_up or (found.name, error)
                continue
            else:
                if raw is None:
                    continue
                sha = hashlib.sha256(raw).hexdigest()
                again = sha in known
                reading = Reading([], Report(found.name)) if again else self._read(found, raw)
                known.add(sha)
            yield from self._pages(found, sha, reading, marks)
        if held_up is not None:
            name, cause = held_up
            raise Unavailable(
                f"{name} could not be read ({type(cause).__name__}): give the hub's user access",
                code="FILE_FORBIDDEN",
            ) from cause

    def pull_file(self, path: str | Path) -> Iterator[Page]:
        """Every row of one file, wherever it lies; for a one-off import.

        The pages carry no cursor. Raises RecordRejected where the file cannot be read as a list.
        """
        file = Path(path)
        raw = read_given(file, self.options.max_bytes)
        reading = read_list(file.name, raw, self.options, self._wiring.now())
        self._note(reading.report)
        for records in chunks(reading.records, 0, PAGE):
            yield Page(records, cursor=None, total=len(reading.records))

    def preview(self, path: str | Path, n: int = 5) -> Preview:
        """How a file would be read, and its first ``n`` rows; nothing is imported."""
        return preview(path, n, self.options)

    def flatten(self, stream: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """The row's fields by the profile it was read with and the operator's columns."""
        del stream
        return flatten(payload, self.options)

    def fields(self, stream: str) -> Sequence[FieldSpec]:
        """The fields a header can mean, with the header most lists use, and those we add."""
        del stream
        return [
            FieldSpec(name=name, label=label, type="text", writable=False)
            for name, label in {**LABELS, **MARKS, **MADE}.items()
        ]

    def stages(self, stream: str) -> Sequence[StageSpec]:
        """None: a list has no stages."""
        del stream
        return []

    def identify(self) -> Identity:
        """The folder, once it is known to be there and open to us."""
        for _ in self._folder.files():
            break
        return Identity(account=str(self._folder.root))

    def _is_through(self, found: Found, mark: Mark | None) -> bool:
        unchanged = (
            mark is not None
            and mark.done
            and mark.how == self._how
            and (mark.size, mark.mtime) == (found.size, found.mtime_ns)
        )
        if unchanged and self._folder.put_away(found):
            log.info("%s: moved %s away", self._wiring.connection, found.name)
        return unchanged

    def _is_fresh(self, found: Found) -> bool:
        age = (self._wiring.now() - found.saved_at).total_seconds()
        return abs(age) < self.options.settle

    def _read(self, found: Found, raw: bytes) -> Reading:
        saved_at = min(found.saved_at, self._wiring.now())
        try:
            reading = read_list(found.name, raw, self.options, saved_at)
        except RecordRejected as error:
            return self._refused(found.name, raw, error)
        self._note(reading.report)
        return reading

    def _refused(self, name: str, raw: bytes | None, error: RecordRejected) -> Reading:
        report = Report(name, set_aside={error.code: 1})
        self._note(report)
        return Reading([bad_file(name, raw, error.code, str(error))], report)

    def _note(self, report: Report) -> None:
        self.reports[report.file] = report
        log.info(
            "%s: %s: %d rows, %d records, %d duplicates folded in, set aside %d",
            self._wiring.connection,
            report.file,
            report.rows,
            report.records,
            report.folded,
            sum(report.set_aside.values()),
        )

    def _pages(
        self, found: Found, sha: str, reading: Reading, marks: dict[str, Mark]
    ) -> Iterator[Page]:
        """The file's records from where the last pull stopped; ``marks`` moves along."""
        begun = marks.get(found.name)
        same = begun is not None and (begun.sha256, begun.how) == (sha, self._how)
        through = begun.rows if begun is not None and same else 0
        for records in [*chunks(reading.records, through, PAGE)] or [()]:
            through += len(records)
            marks[found.name] = Mark(
                sha256=sha,
                mtime=found.mtime_ns,
                size=found.size,
                how=self._how,
                rows=through,
                done=through >= len(reading.records),
            )
            yield Page(records, cursor=_cursor(marks))


def _marks(cursor: str | None) -> dict[str, Mark]:
    if cursor is None:
        return {}
    try:
        held = orjson.loads(cursor)
        return {name: Mark.model_validate(mark) for name, mark in held.items()}
    except (orjson.JSONDecodeError, ValidationError, AttributeError):
        log.warning("the saved place in the drop folder is unreadable; all files are read again")
        return {}


def _cursor(marks: Mapping[str, Mark]) -> str:
    held = {name: mark.model_dump() for name, mark in sorted(marks.items())}
    return orjson.dumps(held).decode()


def _how(options: Options) -> str:
    """A short hash of everything that changes what is read out of a file."""
    reading = options.model_dump(mode="json", exclude={"path", "settle", "move_to"})
    reading["reader"] = READER
    return hashlib.sha256(orjson.dumps(reading, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]
