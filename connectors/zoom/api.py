"""Requests to Zoom: lists page by page, events, registrants, reports, calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

from connectors.kit.errors import ContractBroken, RecordGone, RecordRejected, Unavailable
from connectors.kit.paging import offset_pages, token_pages
from connectors.kit.session import Session
from connectors.zoom.options import Options
from connectors.zoom.translate import PageExpired

Kind = Literal["meeting", "webinar"]
Row = Mapping[str, Any]

STATUSES = ("approved", "pending", "denied")
WEBINAR_TYPES = frozenset({5, 6, 9})
NOT_TIMED = frozenset({3, 6, 8, 9})
"""Types that recur: the time in a list is that of one occurrence, or there is none."""
NO_REGISTRATION = "ZOOM_NO_REGISTRATION"


@dataclass(frozen=True)
class Api:
    """One account's REST API, with the hub's clock."""

    session: Session
    options: Options
    now: Callable[[], datetime]

    def events(self, kind: Kind) -> list[Row]:
        """Every event of the hosts that has not expired, by its number, each once."""
        found: dict[int, Row] = {}
        for host in self.options.users:
            path = _events_path(kind, host)
            pages = self._numbered(path) if kind == "webinar" else self.pages(path, "meetings")
            found |= {number_of(row): row for rows in pages for row in rows}
        return [found[number] for number in sorted(found)]

    def greet(self, kind: Kind, host: str) -> None:
        """Ask for one event of a host; what is wrong with the host or the plan is raised."""
        self.read(_events_path(kind, host), [("page_size", 1)])

    def _numbered(self, path: str) -> Iterator[Sequence[Row]]:
        """The list of webinars: the only paging its documentation knows is ``page_number``."""

        def fetch(number: int) -> Row:
            query = {"page_size": self.options.page_size, "page_number": number}
            return self.read(path, list(query.items()))

        bodies = offset_pages(
            fetch,
            lambda body: len(rows_of(body, "webinars")),
            size=self.options.page_size,
            start=1,
            step=1,
            more_of=lambda body: body.get("page_number", 1) < body.get("page_count", 1),
            what="Zoom's list of webinars",
        )
        return (rows_of(body, "webinars") for body in bodies)

    def registrants(self, kind: Kind, event_id: str) -> Iterator[Sequence[Row]]:
        """An event's registrants, those of one status after those of another.

        Nothing for an event that takes no registrations or was deleted meanwhile.
        """
        path = f"/v2/{kind}s/{event_id}/registrants"
        try:
            for status in STATUSES:
                yield from self.pages(path, "registrants", [("status", status)])
        except RecordGone:
            return
        except RecordRejected as error:
            if error.code != NO_REGISTRATION:
                raise

    def registrant(self, kind: Kind, event_id: str, registrant_id: str) -> Row | None:
        """One registrant, None where there is none (any more)."""
        try:
            return self.read(f"/v2/{kind}s/{event_id}/registrants/{quote(registrant_id, safe='')}")
        except RecordGone:
            return None
        except RecordRejected as error:
            if error.code != NO_REGISTRATION:
                raise
            return None

    def questions(self, kind: Kind, event_id: str) -> Row:
        """What an event asks; nothing where it takes no registrations."""
        try:
            return self.read(f"/v2/{kind}s/{event_id}/registrants/questions")
        except RecordGone:
            return {}
        except RecordRejected as error:
            if error.code != NO_REGISTRATION:
                raise
            return {}

    def held(self, host: str, first: date, last: date) -> Iterator[Sequence[Row]]:
        """What a host held between two days, a month apart at most."""
        query = [("from", first.isoformat()), ("to", last.isoformat())]
        return self.pages(f"/v2/report/users/{quote(host, safe='')}/meetings", "meetings", query)

    def sessions(self, kind: Kind, uuid: str) -> list[Row]:
        """Who came to one instance, a row for each time they joined.

        Nothing while the report is not ready, and of what is too old to be told.
        """
        path = f"/v2/report/{kind}s/{in_path(uuid)}/participants"
        found: dict[tuple[str, ...], Row] = {}
        try:
            for rows in self.pages(path, "participants", [("include_fields", "registrant_id")]):
                found |= {_session_key(row): row for row in rows}
        except RecordGone:
            return []
        return list(found.values())

    def calls(self, first: datetime, last: datetime) -> Iterator[Sequence[Row]]:
        """Calls that ended between two moments, a month apart at most."""
        query = [
            ("from", first.strftime("%Y-%m-%dT%H:%M:%SZ")),
            ("to", last.strftime("%Y-%m-%dT%H:%M:%SZ")),
            ("time_type", "end_time"),
        ]
        return self.pages("/v2/phone/call_history", "call_logs", query, also="call_history")

    def call(self, call_id: str) -> Row | None:
        """One call, None where it was deleted."""
        try:
            return self.read(f"/v2/phone/call_history/{quote(call_id, safe='')}")
        except RecordGone:
            return None

    def pages(
        self, path: str, name: str, query: Sequence[tuple[str, Any]] = (), *, also: str = ""
    ) -> Iterator[Sequence[Row]]:
        """The pages of a list, from the beginning once more where their token expired half-way.

        Then the pages that came before come again. ``also`` is another name of the list.
        """
        for last_try in (False, True):
            try:
                yield from self._pages(path, name, query, also)
            except PageExpired as error:
                if last_try:
                    raise Unavailable(
                        f"{error}; twice in a row, tried again later", code=error.code
                    ) from error
            else:
                return

    def _pages(
        self, path: str, name: str, query: Sequence[tuple[str, Any]], also: str
    ) -> Iterator[Sequence[Row]]:
        def fetch(token: str | None) -> Row:
            following = [("next_page_token", token)] if token else []
            return self.read(path, [("page_size", self.options.page_size), *query, *following])

        def following(body: Row) -> str | None:
            return str(body.get("next_page_token") or "") or None

        for body in token_pages(fetch, following, what=f"Zoom's list of {name}"):
            rows = rows_of(body, name, also)
            if rows:
                yield rows

    def read(self, path: str, query: Sequence[tuple[str, Any]] = ()) -> Row:
        """The object that a GET answers with."""
        body = self.session.get(path, params=query).json()
        if not isinstance(body, Mapping):
            raise ContractBroken("Zoom answered with JSON that is no object", code="ZOOM_SHAPE")
        return body


def _events_path(kind: Kind, host: str) -> str:
    return f"/v2/users/{quote(host, safe='')}/{kind}s"


def rows_of(body: Row, name: str, also: str = "") -> Sequence[Row]:
    """The list in an answer; ContractBroken where it has none."""
    rows = body.get(name)
    if also and not rows:
        rows = body.get(also, rows)
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ContractBroken(f"an answer of Zoom has no list of {name}", code="ZOOM_SHAPE")
    return rows


def number_of(event: Row) -> int:
    """An event's number; it is text in some answers and a number in others."""
    try:
        return int(event["id"])
    except (KeyError, TypeError, ValueError) as error:
        raise ContractBroken("an event of Zoom has no number", code="ZOOM_SHAPE") from error


def in_path(uuid: str) -> str:
    """An instance's UUID as a path holds it: encoded twice where Zoom wants that.

    Those that begin with a slash or hold two in a row (Zoom API reference, participant reports).
    """
    once = quote(uuid, safe="")
    return quote(once, safe="") if uuid.startswith("/") or "//" in uuid else once


def windows(
    first: datetime, last: datetime, size: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    """The time from ``first`` to ``last`` in pieces of at most ``size`` that share their ends."""
    while first < last:
        end = min(first + size, last)
        yield first, end
        first = end


def _session_key(row: Row) -> tuple[str, ...]:
    names = ("user_id", "id", "registrant_id", "user_email", "name", "join_time")
    return tuple(str(row.get(name) or "") for name in names)
