"""Who came to meetings, as activities: one record for each participant who is known by address.

A conference is read once it is over. Its record, its participants and their sessions are Meet's;
who they are, the calendar says (``attendance``). Meet forgets all of it after 30 days, which is no
deletion here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.google_meet.api import CALENDAR, Api, Body, object_of
from connectors.google_meet.attendance import kind_of, matched, name_of
from connectors.google_meet.events import (
    HIDDEN,
    Event,
    email_of,
    meeting_code,
    moment,
    seconds_between,
    time_text,
)
from connectors.google_meet.options import KEPT_DAYS
from connectors.kit.base import Record
from connectors.kit.errors import ContractBroken

STREAM = "participants"
WINDOW = timedelta(days=7)
AROUND = timedelta(hours=3)
"""How much earlier or later than booked a meeting may take place."""
MOST_SPACES = 5000
"""Meeting codes that are kept in memory."""
KINDS: Mapping[str, str] = {
    "signedinUser": "signed_in",
    "anonymousUser": "anonymous",
    "phoneUser": "phone",
}


def stamp(value: datetime) -> str:
    """A time as Google takes it: UTC, to the second."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def id_of(name: Any, *parts: str) -> str:
    """The ids of a resource name joined by slashes; ContractBroken where it is another's name.

    ``conferenceRecords/a/participants/b`` with ``conferenceRecords``, ``participants`` is ``a/b``.
    """
    words = str(name).split("/")
    if len(words) == 2 * len(parts) and tuple(words[::2]) == parts and all(words[1::2]):
        return "/".join(words[1::2])
    raise ContractBroken("Meet answered with a resource of another name", code="GOOGLE_MEET_SHAPE")


@dataclass(slots=True)
class Meetings:
    """Reads conferences on behalf of users."""

    api: Api
    _codes: dict[str, str | None] = field(default_factory=dict)

    def windows(
        self, user: str, start: datetime | None, now: datetime
    ) -> Iterator[tuple[list[Record], datetime]]:
        """The records of each week's ended meetings, and the moment up to which all were read.

        Meet lists the newest first, so that no place inside a window is safe to go on from: a
        window is read whole. ``start`` None is as far back as Meet remembers.
        """
        oldest = now - timedelta(days=KEPT_DAYS)
        begin = oldest if start is None else min(max(start, oldest), now)
        while True:
            end = min(begin + WINDOW, now)
            yield list(self._window(user, begin, end)), end
            if end >= now:
                return
            begin = end

    def _window(self, user: str, begin: datetime, end: datetime) -> Iterator[Record]:
        condition = f'end_time>="{stamp(begin)}" AND end_time<="{stamp(end)}"'
        path = "/v2/conferenceRecords"
        records = list(
            self.api.pages(user, path, "conferenceRecords", filter=condition, pageSize=100)
        )
        if not records:
            return
        booked = self._booked(user, records)
        for record in records:
            event = self._event_of(user, record, booked)
            if event is not None:
                yield from self._came(user, record, event)

    def read(self, record_id: str) -> list[Record] | None:
        """The records of one ended conference; None where no user sees it."""
        for user in self.api.options.users:
            reply = self.api.request(
                user, "GET", f"/v2/conferenceRecords/{record_id}", accept=(403, 404)
            )
            if reply.status >= 400:
                continue
            record = object_of(reply)
            if not record.get("endTime"):
                return []
            event = self._event_of(user, record, self._booked(user, [record]))
            return list(self._came(user, record, event)) if event is not None else []
        return None

    def _booked(self, user: str, records: Sequence[Body]) -> dict[str, list[Event]]:
        """The events around some conferences, by meeting code."""
        starts = [time for one in records if (time := moment(one.get("startTime"))) is not None]
        ends = [time for one in records if (time := moment(one.get("endTime"))) is not None]
        if not starts or not ends:
            raise ContractBroken("a conference of Meet has no times", code="GOOGLE_MEET_SHAPE")
        found: dict[str, list[Event]] = {}
        for event in self.api.pages(
            user,
            CALENDAR,
            "items",
            timeMin=stamp(min(starts) - AROUND),
            timeMax=stamp(max(ends) + AROUND),
            singleEvents="true",
            maxResults=self.api.options.page_size,
        ):
            code = meeting_code(event)
            if code is not None and event.get("visibility") not in HIDDEN:
                found.setdefault(code, []).append(event)
        return found

    def _event_of(
        self, user: str, record: Body, booked: Mapping[str, Sequence[Event]]
    ) -> Event | None:
        """The event that a conference was held for: of those with its code the nearest."""
        began = moment(record.get("startTime"))
        if not booked or began is None:
            return None
        events = booked.get(self._code(user, str(record.get("space") or "")) or "", ())
        near = [
            (time, event) for event in events if (time := moment(time_text(event.get("start"))))
        ]
        distances = [(abs((time - began).total_seconds()), event) for time, event in near]
        return min(distances, key=lambda pair: pair[0], default=(0.0, None))[1]

    def _code(self, user: str, space: str) -> str | None:
        """The meeting code of a space; None where it is not ours to see."""
        if space not in self._codes:
            reply = self.api.request(
                user, "GET", f"/v2/spaces/{id_of(space, 'spaces')}", accept=(403, 404)
            )
            code = object_of(reply).get("meetingCode") if reply.status < 400 else None
            if len(self._codes) >= MOST_SPACES:
                self._codes.clear()
            self._codes[space] = str(code) if code else None
        return self._codes[space]

    def _came(self, user: str, record: Body, event: Event) -> Iterator[Record]:
        """A record for each participant that is a guest of the event."""
        record_id = id_of(record.get("name"), "conferenceRecords")
        path = f"/v2/conferenceRecords/{record_id}/participants"
        everybody = list(self.api.pages(user, path, "participants", pageSize=250))
        guests = matched(everybody, event, self.api.options)
        others = sorted({name_of(one) for one in everybody if one.get("name") not in guests})
        about = {
            "id": record_id,
            "startTime": record.get("startTime"),
            "endTime": record.get("endTime"),
        }
        booking = {
            "id": event.get("id"),
            "summary": event.get("summary"),
            "hangoutLink": event.get("hangoutLink"),
            "organizer": email_of(event.get("organizer")),
        }
        for one in everybody:
            if one.get("name") not in guests:
                continue
            guest, by = guests[str(one["name"])]
            own_id = id_of(one["name"], "conferenceRecords", "participants")
            sessions = self.api.pages(
                user,
                f"{path}/{own_id.partition('/')[2]}/participantSessions",
                "participantSessions",
                pageSize=250,
            )
            payload = {
                "conference": about,
                "event": booking,
                "participant": {k: v for k, v in one.items() if k != "name"},
                "email": email_of(guest),
                "matchedBy": by,
                "others": [name for name in others if name],
                "sessions": sorted(map(_times, sessions), key=lambda times: times[0] or ""),
            }
            yield Record(
                stream=STREAM,
                external_id=own_id,
                payload=payload,
                changed_at=moment(record.get("endTime")),
            )


def _times(session: Body) -> list[str | None]:
    return [session.get("startTime"), session.get("endTime")]


def flatten(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A participant's record as flat fields.

    ``present_seconds`` is the sum of their sessions: who left and came back was away in between.
    """
    conference, event = payload.get("conference") or {}, payload.get("event") or {}
    participant = payload.get("participant") or {}
    present = present_seconds(payload.get("sessions") or ())
    fields = {
        "conference_id": conference.get("id"),
        "conference_started_at": conference.get("startTime"),
        "conference_ended_at": conference.get("endTime"),
        "event_id": event.get("id"),
        "summary": event.get("summary"),
        "url": event.get("hangoutLink"),
        "organizer": event.get("organizer"),
        "email": payload.get("email"),
        "display_name": name_of(participant) or None,
        "kind": KINDS.get(kind_of(participant)),
        "matched_by": payload.get("matchedBy"),
        "joined_at": participant.get("earliestStartTime"),
        "left_at": participant.get("latestEndTime"),
        "present_seconds": present,
        "sessions": len(payload.get("sessions") or ()),
        "others": payload.get("others"),
    }
    return {name: value for name, value in fields.items() if value is not None}


def present_seconds(sessions: Iterable[Sequence[str | None]]) -> int | None:
    """How long somebody was there; None where no session has both its times."""
    lengths = [seconds_between(start, end) for start, end in sessions]
    known = [length for length in lengths if length is not None]
    return sum(known) if known else None
