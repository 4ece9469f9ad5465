"""Inviting a lead to a meeting: a calendar event with a Meet link.

The event's id is made from the lead's, so that an invitation whose answer was lost is found and not
sent twice. The link comes a moment after the event; it arrives with the calendar's next pull. An
event that somebody cancelled stays cancelled: its id cannot be used again, nor should it be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from connectors.google_meet.api import CALENDAR, Api, Body, object_of
from connectors.google_meet.events import MEET, attendees_of, email_of, moment, time_text
from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import (
    AuthFailed,
    Conflict,
    ConnectorError,
    RateLimited,
    RecordGone,
    RecordRejected,
    Unavailable,
)

STREAM = "invitations"
FIELDS = ("email", "name", "start", "end", "summary", "description", "organizer")
"""What can be written. ``organizer`` is the address of one of the users."""
TEXTS = ("summary", "description")
OUR_KEY = "renkei_id"
"""The private property of an event that holds the lead's id."""
LOOKS, PAUSE = 3, 1.0
"""How often, and with how many seconds between, a new event is read until its link is ready."""
SEPARATOR = "."


class Books:
    """Writes invitations, one at a time."""

    def __init__(self, api: Api, sleep: Callable[[float], None]) -> None:
        self._api = api
        self._options = api.options
        self._sleep = sleep

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome for each. What stops all of them is raised if nothing was written yet."""
        done: list[Outcome] = []
        for place, change in enumerate(changes):
            try:
                done.append(self._write(change))
            except (RateLimited, AuthFailed, Unavailable) as error:
                if not done:
                    raise
                rest = changes[place:]
                return [*done, *(_failed(one, _later(error, one is change)) for one in rest)]
            except ConnectorError as error:
                done.append(_failed(change, error))
        return done

    def _write(self, change: Change) -> Outcome:
        unknown = tuple(sorted(set(change.values) - set(FIELDS)))
        if unknown:
            raise _rejected(f"an invitation has no field {', '.join(unknown)}", *unknown)
        if change.external_id is not None:
            user, _, event_id = change.external_id.partition(SEPARATOR)
            if user not in self._options.users:
                raise _rejected(
                    f'the invitation is in the calendar of "{user}", who is no user of the '
                    "connection any more: add them to `users` again"
                )
            return self._update(change, user, event_id)
        user = self._organizer(change)
        event_id = f"renkei{sha256(f'{self._connection}|{change.key}'.encode()).hexdigest()[:40]}"
        reply = self._api.request(
            user,
            "POST",
            CALENDAR,
            params={"conferenceDataVersion": "1", "sendUpdates": self._options.send_updates},
            json=self._new(change, event_id),
            safe=True,
            accept=(409,),
        )
        if reply.status == 409:
            return self._update(change, user, event_id)
        event = self._when_linked(user, object_of(reply))
        data = event.get("conferenceData") or {}
        status = ((data.get("createRequest") or {}).get("status") or {}).get("statusCode")
        refused = {"conference": _rejected("Google made the event without a Meet link")}
        return Outcome(
            change.key,
            Status.CREATED,
            external_id=f"{user}{SEPARATOR}{event_id}",
            version=event.get("etag"),
            refused=refused if status == "failure" or not data else {},
        )

    @property
    def _connection(self) -> str:
        return self._api.wiring.connection

    def _organizer(self, change: Change) -> str:
        """In whose calendar: the user with that address, else the first user."""
        wanted = str(change.values.get("organizer") or "").strip().lower()
        users = {user.email: name for name, user in self._options.users.items()}
        return users.get(wanted) or next(iter(self._options.users))

    def _new(self, change: Change, event_id: str) -> dict[str, Any]:
        values = change.values
        if not values.get("email") or not values.get("start"):
            missing = tuple(name for name in ("email", "start") if not values.get(name))
            raise _rejected(f"an invitation needs {' and '.join(missing)}", *missing)
        guest = {"email": str(values["email"]).strip()}
        name = {"displayName": str(values["name"])} if values.get("name") else {}
        request = {"requestId": f"{event_id}-1", "conferenceSolutionKey": {"type": MEET}}
        return {
            "id": event_id,
            **{name: str(values[name]) for name in TEXTS if values.get(name)},
            **self._times(values, None),
            "attendees": [{**guest, **name}],
            "conferenceData": {"createRequest": request},
            "extendedProperties": {"private": {OUR_KEY: change.key}},
        }

    def _times(self, values: Mapping[str, Any], held: Body | None) -> dict[str, Any]:
        """``start`` and ``end`` as Calendar takes them; a move keeps the meeting's length."""
        start = self._time(values.get("start"), "start")
        end = self._time(values.get("end"), "end")
        length = timedelta(minutes=self._options.meeting_minutes)
        if held is not None:
            began, ended = (moment(time_text(held.get(name))) for name in ("start", "end"))
            start = start or began
            if began is not None and ended is not None:
                length = ended - began
        if start is None:
            raise _rejected("an invitation needs a start", "start")
        end = end or start + length
        if end <= start:
            raise _rejected("a meeting ends before it starts", "start", "end")
        zone = self._options.time_zone
        local = {"start": start.astimezone(ZoneInfo(zone)), "end": end.astimezone(ZoneInfo(zone))}
        return {
            name: {"dateTime": time.isoformat(timespec="seconds"), "timeZone": zone}
            for name, time in local.items()
        }

    def _time(self, value: Any, name: str) -> datetime | None:
        if value in (None, ""):
            return None
        try:
            found = datetime.fromisoformat(str(value).replace("/", "-"))
        except ValueError:
            raise _rejected(f"the {name} of a meeting is no time", name) from None
        zone = ZoneInfo(self._options.time_zone)
        return found if found.tzinfo else found.replace(tzinfo=zone)

    def _update(self, change: Change, user: str, event_id: str) -> Outcome:
        """Move or rename a meeting; nothing is sent where it is already so."""
        held = object_of(self._api.request(user, "GET", f"{CALENDAR}/{event_id}"))
        if held.get("status") == "cancelled":
            raise RecordGone(
                "the meeting was cancelled in the calendar; book another one there",
                status=410,
                code="GOOGLE_MEET_CANCELLED",
            )
        self._check_guest(change, held)
        patch = self._patch(change.values, held)
        external_id = f"{user}{SEPARATOR}{event_id}"
        if not patch:
            return Outcome(
                change.key, Status.UNCHANGED, external_id=external_id, version=held.get("etag")
            )
        reply = self._api.request(
            user,
            "PATCH",
            f"{CALENDAR}/{event_id}",
            params={"conferenceDataVersion": "1", "sendUpdates": self._options.send_updates},
            json=patch,
            headers={"if-match": str(held["etag"])} if held.get("etag") else None,
            safe=False,
        )
        version = object_of(reply).get("etag")
        return Outcome(change.key, Status.UPDATED, external_id=external_id, version=version)

    def _check_guest(self, change: Change, held: Body) -> None:
        """Refuse to turn a meeting into another person's, or to take over one that is not ours."""
        ours = ((held.get("extendedProperties") or {}).get("private") or {}).get(OUR_KEY)
        if ours != change.key:
            raise Conflict(
                "the calendar holds an event of this id that was made for another lead",
                code="GOOGLE_MEET_NOT_OURS",
            )
        email = change.values.get("email")
        invited = {email_of(one) for one in attendees_of(held)}
        if email and str(email).strip().lower() not in invited:
            raise _rejected(
                "the lead's address changed after the invitation was sent: change the guest in the "
                "calendar",
                "email",
            )

    def _patch(self, values: Mapping[str, Any], held: Body) -> dict[str, Any]:
        patch: dict[str, Any] = {}
        for name in TEXTS:
            if name in values and (values[name] or "") != (held.get(name) or ""):
                patch[name] = str(values[name] or "")
        if values.get("start") or values.get("end"):
            times = self._times(values, held)
            for name, time in times.items():
                if moment(time_text(time)) != moment(time_text(held.get(name))):
                    patch[name] = time
        return patch

    def _when_linked(self, user: str, event: Body) -> Body:
        """The event once Google has made its link, or as it is after some looks."""
        for _ in range(LOOKS):
            request = (event.get("conferenceData") or {}).get("createRequest") or {}
            if (request.get("status") or {}).get("statusCode") != "pending":
                break
            self._sleep(PAUSE)
            reply = self._api.request(user, "GET", f"{CALENDAR}/{event['id']}")
            event = object_of(reply)
        return event


def _rejected(message: str, *fields: str) -> RecordRejected:
    return RecordRejected(f"Google Calendar: {message}", code="GOOGLE_MEET_INVALID", fields=fields)


def _later(error: ConnectorError, itself: bool) -> ConnectorError:
    """The error for a change that was not tried, which nobody can have applied."""
    if itself or not isinstance(error, Unavailable):
        return error
    return Unavailable(str(error), status=error.status, code=error.code)


def _failed(change: Change, error: ConnectorError) -> Outcome:
    return Outcome(change.key, Status.FAILED, external_id=change.external_id, error=error)
