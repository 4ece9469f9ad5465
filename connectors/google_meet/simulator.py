"""A simulated Google Workspace: people, their calendars, and who came to their meetings.

All of Google's hosts are one here: their paths do not meet. ``book`` puts a meeting into calendars,
``hold`` has people come to it, as the two would leave their traces at Google.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.google_meet.simulator_events import PUSH_ACCOUNT, Subscriptions
from connectors.google_meet.simulator_signin import CLIENT_ID, CLIENT_SECRET, stamp

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "DEFAULT_USER",
    "DEFAULT_USER_ID",
    "PUSH_ACCOUNT",
    "Simulator",
]

DEFAULT_USER = "sato@mihon.example"
DEFAULT_USER_ID = "108000000000000000001"
LENGTH = timedelta(minutes=30)


class Simulator(Subscriptions):
    """One Workspace with one person, ``DEFAULT_USER``.

    ``per_minute`` is the requests a person may make in a minute, None for no limit.
    ``conference_reads`` is how many reads a new Meet link is pending for.
    """

    def __init__(
        self,
        *,
        path: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 0,
        per_minute: int | None = 600,
        conference_reads: int = 1,
    ) -> None:
        super().__init__(path=path, now=now, seed=seed, per_minute=per_minute)
        self.conference_reads = conference_reads
        if not self.people:
            self.add_person(DEFAULT_USER, "佐藤 恵", DEFAULT_USER_ID)
            self.save()

    def add_person(self, email: str, name: str, user_id: str) -> None:
        """Somebody of the Workspace, with a calendar."""
        self.people[email] = {"email": email, "name": name, "id": user_id}

    def book(
        self,
        guests: Mapping[str, str | None],
        *,
        organizer: str = DEFAULT_USER,
        start: datetime | None = None,
        length: timedelta = LENGTH,
        summary: str = "初回商談",
        meet: bool = True,
        **fields: Any,
    ) -> str:
        """Book a meeting and return its event's id. ``guests`` are names by address.

        Google tells a guest's name only where it knows it: None leaves it out.
        """
        with self.lock:
            self.who = organizer
            begin = start or self.now()
            event_id = f"sim{self.next_id('eid'):020d}"
            attendees = [
                {"email": email, "responseStatus": "needsAction"}
                | ({"displayName": name} if name else {})
                for email, name in guests.items()
            ]
            data = self.conference({"requestId": event_id}) if meet else None
            link = {"hangoutLink": data["entryPoints"][0]["uri"]} if data else {}
            self.put_event(
                {
                    "kind": "calendar#event",
                    "id": event_id,
                    "status": "confirmed",
                    "created": stamp(self.now()),
                    "summary": summary,
                    "start": {"dateTime": begin.isoformat(), "timeZone": "Asia/Tokyo"},
                    "end": {"dateTime": (begin + length).isoformat(), "timeZone": "Asia/Tokyo"},
                    "iCalUID": f"{event_id}@google.com",
                    "organizer": {"email": organizer},
                    "creator": {"email": organizer},
                    "attendees": [
                        {"email": organizer, "organizer": True, "responseStatus": "accepted"},
                        *attendees,
                    ],
                    **({"conferenceData": data} if data else {}),
                    **link,
                    **fields,
                }
            )
            return event_id

    def change(self, event_id: str, **fields: Any) -> None:
        """Somebody changes an event in the calendar."""
        with self.lock:
            self.put_event({**self.event(event_id), **fields})

    def hold(
        self,
        event_id: str | None,
        came: Sequence[Mapping[str, Any]],
        *,
        start: datetime | None = None,
        length: timedelta = LENGTH,
        organizer: str = DEFAULT_USER,
        ended: bool = True,
    ) -> str:
        """Have a meeting take place; returns the conference's id.

        ``came`` are participants as Meet names them (``{"anonymousUser": {"displayName": …}}``),
        each with ``minutes``: pairs of when they came and left, in minutes from the start (default
        all of it). Without an event it is a meeting that nobody booked.
        """
        with self.lock:
            self.who = organizer
            begin = start or self.now() - length
            record_id = f"rec-{self.next_id('record')}"
            name = f"conferenceRecords/{record_id}"
            space = self._space_of(event_id) if event_id else self.add_space(organizer)["name"]
            self.records[name] = {
                "name": name,
                "startTime": stamp(begin),
                "space": space,
                "owner": organizer,
            }
            for one in came:
                whole = ((0, length.total_seconds() / 60),)
                self._join(name, begin, one, one.get("minutes", whole), ended=ended)
            if ended:
                self.end(record_id, begin + length)
            else:
                self.publish(f"{_MEET}.started", organizer, _about(name), f"//meet/{space}")
            return record_id

    def end(self, record_id: str, at: datetime | None = None) -> None:
        """Everybody has left; subscriptions are told."""
        with self.lock:
            name = f"conferenceRecords/{record_id}"
            row = {**self.records[name], "endTime": stamp(at or self.now())}
            self.records[name] = row
            for key, one in list(self.participants.items()):
                if key.startswith(f"{name}/") and "latestEndTime" not in one:
                    sessions = [
                        {"endTime": row["endTime"], **session} for session in one["sessions"]
                    ]
                    self.participants[key] = {
                        **one,
                        "latestEndTime": row["endTime"],
                        "sessions": sessions,
                    }
            self.publish(f"{_MEET}.ended", row["owner"], _about(name), f"//meet/{row['space']}")

    def _join(
        self,
        record: str,
        begin: datetime,
        who: Mapping[str, Any],
        minutes: Sequence[Sequence[float]],
        *,
        ended: bool,
    ) -> None:
        name = f"{record}/participants/{self.next_id('participant', 100)}"
        sessions = []
        for number, (came, left) in enumerate(minutes, start=1):
            ends = {"endTime": stamp(begin + timedelta(minutes=left))} if ended else {}
            sessions.append(
                {
                    "name": f"{name}/participantSessions/{number}",
                    "startTime": stamp(begin + timedelta(minutes=came)),
                    **ends,
                }
            )
        last = {"latestEndTime": sessions[-1]["endTime"]} if ended else {}
        self.participants[name] = {
            "name": name,
            "earliestStartTime": sessions[0]["startTime"],
            **last,
            **{key: value for key, value in who.items() if key != "minutes"},
            "sessions": sessions[::-1],
        }

    def event(self, event_id: str) -> dict[str, Any]:
        """An event as it is now."""
        return dict(next(r["event"] for r in self.events.values() if r["event"]["id"] == event_id))

    def _space_of(self, event_id: str) -> str:
        code = self.event(event_id)["conferenceData"]["conferenceId"]
        return next(name for name, row in self.spaces.items() if row["meetingCode"] == code)


_MEET = "google.workspace.meet.conference.v2"


def _about(record: str) -> dict[str, Any]:
    return {"conferenceRecord": {"name": record}}
