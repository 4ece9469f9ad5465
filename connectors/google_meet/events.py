"""Calendar events as activities: one record for each guest of each meeting.

Pure. An event lies in several calendars under one id; it is taken from one of them only, and what
depends on whose calendar it is (``self``, ``etag``) is left out, so that its records are the same
from wherever they come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from connectors.google_meet.options import Options
from connectors.kit.base import Record
from connectors.kit.body import moment_of

Event = Mapping[str, Any]
Person = Mapping[str, Any]

STREAM = "events"
KEPT = (
    "id",
    "status",
    "summary",
    "start",
    "end",
    "created",
    "updated",
    "hangoutLink",
    "recurringEventId",
    "iCalUID",
)
"""What of an event is kept. Not its description: it is written for those who were invited."""
MEET = "hangoutsMeet"
"""How Calendar calls Google Meet among the conference solutions."""
HIDDEN = frozenset({"private", "confidential"})
ROOMS = (".calendar.google.com",)
"""Ends of addresses that are rooms and groups, not people."""


def email_of(person: Any) -> str:
    """Somebody's address, in lower case; empty where there is none."""
    found = person.get("email") if isinstance(person, Mapping) else None
    return found.strip().lower() if isinstance(found, str) else ""


def attendees_of(event: Event) -> list[Person]:
    """The people of an event; rooms are none."""
    found = event.get("attendees")
    people = [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
    return [
        one
        for one in people
        if email_of(one) and not one.get("resource") and not email_of(one).endswith(ROOMS)
    ]


def is_internal(person: Person, options: Options) -> bool:
    """Whether somebody is one of our own people."""
    return email_of(person).rpartition("@")[2] in options.own_domains


def guests_of(event: Event, options: Options) -> list[Person]:
    """The people from outside, an outsider who invites among them."""
    people = attendees_of(event)
    host = event.get("organizer")
    if isinstance(host, Mapping) and email_of(host) not in {email_of(one) for one in people}:
        people += attendees_of({"attendees": [host]})
    return [one for one in people if not is_internal(one, options)]


def meeting_code(event: Event) -> str | None:
    """The Meet code of an event; None where it has no Meet link, or none yet."""
    data = event.get("conferenceData")
    code = data.get("conferenceId") if isinstance(data, Mapping) else None
    return code if isinstance(code, str) and code else None


def has_meet(event: Event) -> bool:
    """Whether an event is a meeting on Google Meet, or is about to become one."""
    found = event.get("conferenceData")
    data = found if isinstance(found, Mapping) else {}
    parts = (("conferenceSolution", "key"), ("createRequest", "conferenceSolutionKey"))
    for part, key in parts:
        kind = ((data.get(part) or {}).get(key) or {}).get("type")
        if kind:
            return bool(kind == MEET)
    return bool(event.get("hangoutLink"))


def keeper_of(event: Event, options: Options) -> str | None:
    """The user from whose calendar an event is taken: its organiser, else the first invited."""
    organizer = email_of(event.get("organizer"))
    invited = {email_of(one) for one in attendees_of(event)}
    users = {user.email: name for name, user in options.users.items()}
    if organizer in users:
        return users[organizer]
    return next((name for email, name in users.items() if email in invited), None)


def external_id(event_id: str, email: str) -> str:
    """The id of a guest's record: the event's, and a mark of the address but not the address."""
    return f"{event_id}.{sha256(email.encode()).hexdigest()[:16]}"


def records_of(event: Event, user: str, options: Options) -> Iterator[Record]:
    """A record for each guest of an event in a user's calendar; none for what is no such meeting.

    Of a cancelled event they are deleted, as far as the calendar still says who was invited.
    """
    if not event.get("id") or event.get("visibility") in HIDDEN or not has_meet(event):
        return
    if keeper_of(event, options) != user:
        return
    gone = event.get("status") == "cancelled"
    kept = {name: event[name] for name in KEPT if event.get(name) is not None}
    about = {**kept, "organizer": email_of(event.get("organizer")), "code": meeting_code(event)}
    for guest in guests_of(event, options):
        email = email_of(guest)
        person = {
            "email": email,
            "displayName": guest.get("displayName"),
            "responseStatus": guest.get("responseStatus"),
            "optional": bool(guest.get("optional")),
        }
        yield Record(
            stream=STREAM,
            external_id=external_id(str(event["id"]), email),
            payload={"event": about, "attendee": person},
            changed_at=moment(event.get("updated")),
            deleted=gone,
        )


def flatten(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A guest's record as flat fields; times as Google writes them."""
    event, guest = payload.get("event") or {}, payload.get("attendee") or {}
    start, end = time_text(event.get("start")), time_text(event.get("end"))
    fields = {
        "event_id": event.get("id"),
        "summary": event.get("summary"),
        "status": event.get("status"),
        "start": start,
        "end": end,
        "duration_seconds": seconds_between(start, end),
        "organizer": event.get("organizer"),
        "url": event.get("hangoutLink"),
        "meeting_code": event.get("code"),
        "recurring_event_id": event.get("recurringEventId"),
        "email": guest.get("email"),
        "name": guest.get("displayName"),
        "response": guest.get("responseStatus"),
        "optional": guest.get("optional"),
    }
    return {name: value for name, value in fields.items() if value is not None}


def time_text(value: Any) -> str | None:
    """An event's start or end: a moment, or a date for all-day events."""
    if not isinstance(value, Mapping):
        return None
    found = value.get("dateTime") or value.get("date")
    return str(found) if found else None


def moment(text: Any) -> datetime | None:
    """A time of Google's in UTC, be it to the second or the nanosecond; None if it is none."""
    return moment_of(text, UTC)


def seconds_between(start: Any, end: Any) -> int | None:
    """Whole seconds from one time to another; None where one is none or they are upside down."""
    first, last = moment(start), moment(end)
    if first is None or last is None or last < first:
        return None
    return int((last - first).total_seconds())
