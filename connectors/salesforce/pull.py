"""Reading: by change time, a page at a time, or a first pull as a job.

A pull goes from its cursor to a moment that is fixed before it reads, oldest change first. Each
page is a query of its own that begins after the last row of the page before (change time and id):
no server-side locator is held, which would die with the run, and a row that changes meanwhile moves
behind the fixed moment and is read by the next pull. Rows that transactions commit late, with
earlier stamps, are caught by reading ``overlap`` seconds again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.kit.base import Page
from connectors.kit.errors import ConnectorError, ContractBroken, RecordRejected, Unavailable
from connectors.kit.paging import guarded
from connectors.salesforce.api import Api, Row, moment, quote
from connectors.salesforce.describe import Descriptions
from connectors.salesforce.ids import full_id
from connectors.salesforce.jobs import JobFailed, Jobs
from connectors.salesforce.options import Options
from connectors.salesforce.records import Rows, moment_of
from connectors.salesforce.translate import INVALID_FIELD, QUERY_TIMEOUT

FIRST_DAY = datetime(1999, 1, 1, tzinfo=UTC)
"""No row is older; where windows that time out begin to be halved."""
SHORTEST = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pull stands. ``at`` alone is the end of an earlier pull.

    With ``row`` and ``until`` it is the middle of a pull: everything up to that row was read. With
    ``job`` it is the middle of a job's results. ``first``: nothing was read before this pull.
    """

    at: datetime | None = None
    row: str | None = None
    until: datetime | None = None
    job: str | None = None
    locator: str | None = None
    first: bool = False

    def cursor(self) -> str:
        """The place as text."""
        said: dict[str, str | None] = {
            "at": moment(self.at) if self.at else None,
            "id": self.row,
            "until": moment(self.until) if self.until else None,
            "job": self.job,
            "locator": self.locator,
            "first": "yes" if self.first else None,
        }
        return json.dumps({name: value for name, value in said.items() if value is not None})


def read_place(cursor: str | None) -> Place:
    """The place a cursor names."""
    if cursor is None:
        return Place()
    try:
        said: dict[str, Any] = json.loads(cursor)
        place = Place(
            at=_moment(said.get("at")),
            row=said.get("id"),
            until=_moment(said.get("until")),
            job=said.get("job"),
            locator=said.get("locator"),
            first=said.get("first") == "yes",
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise _no_cursor() from error
    for name in (place.row, place.job):
        if name is not None and full_id(name) is None:
            raise _no_cursor()
    return place


def _moment(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said).astimezone(UTC) if said else None


def _no_cursor() -> ContractBroken:
    return ContractBroken(
        "the cursor was not made by this connector: reset the stream's cursor to pull it anew",
        code="SALESFORCE_CURSOR",
    )


class Puller:
    """Pulls the streams of one org."""

    def __init__(
        self, api: Api, descriptions: Descriptions, rows: Rows, jobs: Jobs, options: Options
    ) -> None:
        self._api = api
        self._descriptions = descriptions
        self._rows = rows
        self._jobs = jobs
        self._options = options

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Pages from the cursor to now."""
        place = read_place(cursor)
        if place.job is None and place.at is None:
            place, total = self._begin(stream)
            if place.job is not None:
                yield Page([], place.cursor(), total)
        if place.job is not None:
            try:
                yield from self._from_job(stream, place)
            except JobFailed:
                # Nothing of a job is lost by reading from the beginning; a retry would meet it.
                place = Place(first=True)
            else:
                return
        yield from guarded(self._from_queries(stream, place), what=f"Salesforce {stream}")

    def ids(self, stream: str) -> Iterator[str]:
        """Every id that is not deleted."""
        after = ""
        while True:
            where = f" WHERE Id > {quote(after)}" if after else ""
            size = self._options.page_size
            body = self._api.page(
                f"SELECT Id FROM {stream}{where} ORDER BY Id ASC LIMIT {size}"  # noqa: S608
            )
            found = [str(row["Id"]) for row in body["records"]]
            yield from found
            if not found or (len(found) < size and body.get("done", True)):
                return
            after = found[-1]

    def _begin(self, stream: str) -> tuple[Place, int | None]:
        """A job for a large first pull, else the very beginning."""
        threshold = self._options.bulk_threshold
        if threshold is None:
            return Place(first=True), None
        body = self._api.page(f"SELECT COUNT() FROM {stream}", deleted=True)  # noqa: S608
        total = int(body.get("totalSize", 0))
        if total <= threshold:
            return Place(first=True), total
        until = self._api.time()
        soql = self._soql(stream, Place(), until, "")
        return Place(job=self._jobs.start_query(soql), until=until), total

    def _from_job(self, stream: str, place: Place) -> Iterator[Page]:
        job, until = place.job or "", place.until or self._api.time()
        described = self._descriptions.of(stream)
        for part in self._jobs.slices(job, place.locator, described):
            after = (
                replace(place, locator=part.locator, until=until)
                if part.locator
                else Place(at=until)
            )
            found = self._rows.records(stream, part.rows, with_history=True)
            yield Page(found, after.cursor())

    def _from_queries(self, stream: str, place: Place) -> Iterator[Page]:
        if place.until is None and place.at is not None:
            place = Place(at=place.at - timedelta(seconds=self._options.overlap))
        self._descriptions.of(stream)  # the org's clock is known from its first answer
        until = place.until or self._api.time()
        end, width = until, None
        while True:
            try:
                rows, whole = self._read(stream, place, end)
            except ConnectorError as error:
                if error.code != QUERY_TIMEOUT:
                    raise
                width = self._half(stream, place, end, error)
                end = (place.at or FIRST_DAY) + width
                continue
            done = whole and end >= until
            if rows:
                last = _place_after(rows[-1], until, first=place.first)
                after = Place(at=until) if done else last
                found = self._rows.records(stream, rows, with_history=place.first)
                yield Page(found, after.cursor())
                place = last
            if done:
                return
            if whole and width is not None:
                place = Place(at=end, until=until, first=place.first)
                width *= 2
                end = min(end + width, until)

    def _half(self, stream: str, place: Place, end: datetime, error: ConnectorError) -> timedelta:
        width = (end - (place.at or FIRST_DAY)) / 2
        if width < SHORTEST:
            raise Unavailable(
                f"Salesforce could not read {stream} in time, not even the changes of a few "
                'seconds: read fewer fields ("fields"), or ask Salesforce for an index',
                status=error.status,
                code=QUERY_TIMEOUT,
            ) from error
        return width

    def _read(self, stream: str, place: Place, end: datetime) -> tuple[list[Row], bool]:
        """A page of rows, and whether they are all up to ``end``."""
        size = self._options.page_size
        tail = f" ORDER BY SystemModstamp ASC, Id ASC LIMIT {size}"
        try:
            body = self._api.page(self._soql(stream, place, end, tail), deleted=True)
        except RecordRejected as error:
            if error.code != INVALID_FIELD:
                raise
            self._descriptions.forget(stream)  # a field was taken away since it was described
            body = self._api.page(self._soql(stream, place, end, tail), deleted=True)
        rows = body["records"]
        return rows, len(rows) < size and bool(body.get("done", True))

    def _soql(self, stream: str, place: Place, end: datetime, tail: str) -> str:
        conditions = []
        if place.at is not None:
            at = moment(place.at)
            conditions.append(f"SystemModstamp >= {at}")
            if place.row is not None:
                conditions.append(f"(SystemModstamp > {at} OR Id > {quote(place.row)})")
        conditions.append(f"SystemModstamp <= {moment(end)}")
        fields = ", ".join(self._rows.fields(stream))
        return f"SELECT {fields} FROM {stream} WHERE {' AND '.join(conditions)}{tail}"  # noqa: S608


def _place_after(row: Row, until: datetime, *, first: bool) -> Place:
    changed = moment_of(row)
    if changed is None:
        raise ContractBroken("a Salesforce row has no SystemModstamp", code="SALESFORCE_NO_STAMP")
    return Place(at=changed, row=row["Id"], until=until, first=first)
