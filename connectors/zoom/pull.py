"""Reading in rounds: Zoom tells of nothing what changed, so what can still change is read again.

- Registrants: every list of every event that is not over for a day. Events go by their number, so
  that a round can go on from any of them; a page's own token lives 15 minutes and is no cursor.
- Attendance: the report of what was held since the last round, and of what ended so shortly before
  that its report may still grow.
- Calls: those that ended since an hour before the last round.

Reports and calls are asked for by windows below a month, which is the most that Zoom takes; a round
goes on from the window it was in. A cursor is what the last finished round covers and, inside a
round, its beginning and its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import orjson

from connectors.kit.base import Page, Record
from connectors.kit.body import moment_of
from connectors.kit.errors import ContractBroken
from connectors.zoom.api import NOT_TIMED, Api, Kind, Row, number_of, windows
from connectors.zoom.records import (
    Ours,
    attendance,
    call_record,
    ended_at,
    is_webinar,
    registrant_record,
)

WINDOW = timedelta(days=28)
"""Below a month whatever the month (Zoom: the range should be one month)."""
OLDEST = timedelta(days=180)
"""Reports and calls are kept for six months (Zoom API reference)."""
STILL_OPEN = timedelta(days=1)
"""How long after its end an event's registrants are still read: hosts tidy up afterwards."""
CALL_OVERLAP = timedelta(hours=1)
"""Calls read again: a record is seen some time after the call."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far rounds have come.

    ``since`` is when the last finished round began; ``began`` and ``at`` are of one under way.
    """

    since: str | None = None
    began: str | None = None
    at: str | None = None

    def dump(self) -> str:
        """The cursor."""
        held = {name: value for name, value in asdict(self).items() if value}
        return orjson.dumps(held, option=orjson.OPT_SORT_KEYS).decode()

    @classmethod
    def load(cls, cursor: str | None) -> Mark:
        """What ``dump`` wrote; ContractBroken for anything else."""
        try:
            held = orjson.loads(cursor) if cursor else {}
            for name in ("since", "began"):
                if name in held:
                    datetime.fromisoformat(held[name])
            mark = cls(**{name: str(value) for name, value in held.items()})
        except (ValueError, TypeError, AttributeError) as error:
            raise ContractBroken(
                "the saved cursor is not one of Zoom's: reset the stream to read it anew",
                code="ZOOM_CURSOR",
            ) from error
        return mark

    def begun(self, now: datetime) -> Mark:
        """The mark of the round that goes on, or of one that begins now."""
        return self if self.began else Mark(self.since, _text(now))

    def here(self, at: str) -> Mark:
        """The mark inside a round."""
        return Mark(self.since, self.began, at)

    def done(self) -> Mark:
        """The mark after the round."""
        return Mark(self.began)

    def from_(self, before: timedelta, history: timedelta) -> datetime:
        """Where a round by time starts: a while before the last one, or in history."""
        began = datetime.fromisoformat(str(self.began))
        start = began - history if self.since is None else datetime.fromisoformat(self.since)
        return max(start - before, began - OLDEST)


def registrants(api: Api, kind: Kind, cursor: str | None) -> Iterator[Page]:
    """A round through the registrants of every event that is still open."""
    mark = Mark.load(cursor).begun(api.now())
    since = datetime.fromisoformat(mark.since) if mark.since else None
    for event in api.events(kind):
        number = number_of(event)
        if (mark.at and number < _number(mark.at)) or not _is_open(event, since):
            continue
        place = mark.here(str(number)).dump()
        for rows in api.registrants(kind, str(number)):
            yield Page([registrant_record(kind, event, row) for row in rows], place)
    yield Page([], mark.done().dump())


def _is_open(event: Row, since: datetime | None) -> bool:
    ended = ended_at(event)
    if since is None or ended is None or event.get("type") in NOT_TIMED:
        return True
    return ended >= since - STILL_OPEN


def participants(api: Api, kind: Kind, cursor: str | None) -> Iterator[Page]:
    """A round through the reports of what was held, a page for each instance."""
    options = api.options
    mark = Mark.load(cursor).begun(api.now())
    settle = timedelta(hours=options.report_hours)
    start = mark.from_(settle, timedelta(days=options.history_days))
    # Days, in a zone that Zoom does not name: a day more on both sides covers all of them.
    first, last = start - DAY, datetime.fromisoformat(str(mark.began)) + DAY
    for begin, end in windows(first, last, WINDOW):
        at = begin.date().isoformat()
        if mark.at and at < mark.at:
            continue
        until = end if end == last else end - DAY  # the next window begins with that day
        for host in options.users:
            for rows in api.held(host, begin.date(), until.date()):
                for held in rows:
                    if is_webinar(held) == (kind == "webinar") and _held_since(held, start):
                        yield Page(_came(api, kind, held), mark.here(at).dump())
    yield Page([], mark.done().dump())


def _held_since(held: Mapping[str, object], start: datetime) -> bool:
    ended = moment_of(held.get("end_time") or held.get("start_time"), UTC)
    return ended is None or ended >= start


def _came(api: Api, kind: Kind, held: Row) -> list[Record]:
    uuid = held.get("uuid")
    if not isinstance(uuid, str) or not uuid:
        raise ContractBroken("a report of Zoom has an event without a UUID", code="ZOOM_SHAPE")
    known = [*api.options.users, str(held.get("user_email") or "")]
    ours = Ours(known, api.options.internal_domains)
    return attendance(kind, held, api.sessions(kind, uuid), ours)


def calls(api: Api, cursor: str | None) -> Iterator[Page]:
    """A round through the calls that ended since the last one."""
    mark = Mark.load(cursor).begun(api.now())
    start = mark.from_(CALL_OVERLAP, timedelta(days=api.options.history_days))
    for begin, end in windows(start, datetime.fromisoformat(str(mark.began)), WINDOW):
        at = _text(begin)
        if mark.at and at < mark.at:
            continue
        for rows in api.calls(begin, end):
            found = [record for row in rows if (record := call_record(row)) is not None]
            yield Page(found, mark.here(at).dump())
    yield Page([], mark.done().dump())


def _text(moment: datetime) -> str:
    """A moment in UTC, to the second, so that text sorts like time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ContractBroken(
            "the saved cursor is not one of Zoom's: reset the stream to read it anew",
            code="ZOOM_CURSOR",
        ) from error
