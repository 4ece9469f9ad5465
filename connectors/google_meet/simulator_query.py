"""What the simulated Calendar API makes of its parameters and of what is sent to it."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from connectors.google_meet.simulator_signin import refusal

Event = dict[str, Any]

MOST_RESULTS, DEFAULT_RESULTS = 2500, 250
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def time_of(value: Mapping[str, str]) -> datetime:
    """The moment of an event's start or end; an all-day event's is midnight in UTC."""
    found = datetime.fromisoformat(value.get("dateTime") or value.get("date") or "")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def packed(*values: Any) -> str:
    """Some values as an opaque token."""
    return urlsafe_b64encode(orjson.dumps(values)).decode()


def unpacked(token: str) -> tuple[int, Any]:
    """The two values of a token; refused where it is none."""
    try:
        first, second = orjson.loads(urlsafe_b64decode(token.encode()))
        return int(first), second
    except (Base64Error, ValueError, TypeError):
        raise refusal(400, "invalid", "Invalid sync token value.") from None


def same_parameters(args: Mapping[str, str]) -> str:
    """The parameters that must be the same with a sync token as when it was given."""
    return ",".join(f"{name}={args.get(name)}" for name in ("singleEvents", "eventTypes"))


def page_size(args: Mapping[str, str]) -> int:
    """How many events a page of a calendar has."""
    text = args.get("maxResults", str(DEFAULT_RESULTS))
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise refusal(400, "invalidParameter", "Invalid integer value: maxResults")
    return min(int(text), MOST_RESULTS)


def is_asked_for(event: Event, args: Mapping[str, str], *, deleted: bool) -> bool:
    """Whether a list with these parameters has the event in it."""
    if event["status"] == "cancelled" and not (deleted or "updatedMin" in args):
        return False
    return all(_matches(event, args))


def _matches(event: Event, args: Mapping[str, str]) -> Iterator[bool]:
    if "timeMin" in args:
        yield time_of(event["end"]) > _time(args, "timeMin")
    if "timeMax" in args:
        yield time_of(event["start"]) < _time(args, "timeMax")
    if "updatedMin" in args:
        yield datetime.fromisoformat(event["updated"]) >= _time(args, "updatedMin")
    if "iCalUID" in args:
        yield event["iCalUID"] == args["iCalUID"]
    if "privateExtendedProperty" in args:
        name, _, value = args["privateExtendedProperty"].partition("=")
        held = (event.get("extendedProperties") or {}).get("private") or {}
        yield held.get(name) == value


def _time(args: Mapping[str, str], name: str) -> datetime:
    try:
        found = datetime.fromisoformat(args[name])
    except ValueError:
        found = datetime(1, 1, 1)  # noqa: DTZ001 - refused in the next line
    if found.tzinfo is None:
        raise refusal(400, "badRequest", f"{name} must have a time zone offset")
    return found


def check_event(event: Mapping[str, Any]) -> None:
    """Refuse an event without times, or upside down, or with an attendee who is none."""
    for end in ("start", "end"):
        if not isinstance(event.get(end), Mapping) or not ({"date", "dateTime"} & set(event[end])):
            raise refusal(400, "required", f"Missing {end} time.")
    try:
        empty = time_of(event["end"]) < time_of(event["start"])
    except ValueError:
        raise refusal(400, "invalid", "Invalid value for: Invalid format") from None
    if empty:
        raise refusal(400, "timeRangeEmpty", "The specified time range is empty.")
    if not all(EMAIL.fullmatch(str(one.get("email", ""))) for one in event.get("attendees", ())):
        raise refusal(400, "invalid", "Invalid attendee email.")
