"""A simulated Zoom account: meetings, webinars, registrants, reports, calls and webhooks.

What people do is planted with methods (``schedule``, ``register``, ``attend``, ``call``); what the
API answers and refuses is in the ``simulator_*`` modules, each written from the vendor's documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.zoom.simulator_events import Kind, Row
from connectors.zoom.simulator_hooks import Hooks
from connectors.zoom.simulator_wire import ACCOUNT_ID, CLIENT_ID, CLIENT_SECRET

__all__ = ["ACCOUNT_ID", "CLIENT_ID", "CLIENT_SECRET", "HOST", "Simulator"]

HOST = "seminar@mihon.example"
"""The e-mail of the account's first user."""


class Simulator(Hooks):
    """One account on the Pro plan with one user, ``HOST``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if not self.users:
            self.add_user(HOST)
            self.save()

    def add_user(self, email: str) -> str:
        """Give the account another user; returns the id."""
        with self.lock:
            own = f"u{self.random.getrandbits(96):024x}"
            self.users[own] = {"id": own, "email": email}
            return own

    def schedule(
        self,
        kind: Kind,
        topic: str,
        start: datetime | None,
        *,
        minutes: int = 60,
        host: str = HOST,
        timezone: str = "Asia/Tokyo",
        approval_type: int = 0,
        required: Sequence[str] = (),
        questions: Sequence[Mapping[str, Any]] = (),
        event_id: int | None = None,
    ) -> str:
        """Schedule a meeting or webinar and return its number.

        ``approval_type`` is 0 for automatic, 1 for manual approval, 2 for no registration.
        ``start`` None recurs at no fixed time.
        """
        with self.lock:
            number = event_id or 80_000_000_000 + self.next_id("event") * 7919
            fixed, loose = {"meeting": (2, 3), "webinar": (5, 6)}[kind]
            owner = next(row for row in self.users.values() if row["email"] == host)
            self.events[str(number)] = {
                "id": number,
                "kind": kind,
                "uuid": self._uuid(),
                "host_id": owner["id"],
                "topic": topic,
                "type": loose if start is None else fixed,
                "start": start.timestamp() if start else None,
                "duration": minutes,
                "timezone": timezone,
                "created": self.now().timestamp(),
                "approval_type": approval_type,
                "required": list(required),
                "questions": [{"type": "short", "required": False, **one} for one in questions],
            }
            return str(number)

    def unschedule(self, event_id: str) -> None:
        """Delete an event with all that belongs to it."""
        with self.lock:
            for key in [key for key in self.registrants if key.startswith(f"{event_id}:")]:
                del self.registrants[key]
            del self.events[event_id]

    def register(
        self,
        event_id: str,
        email: str,
        first_name: str,
        last_name: str = "",
        *,
        answers: Mapping[str, str] | None = None,
        source: str = "",
        **fields: str,
    ) -> str:
        """Register at the event's page as a visitor; returns the registrant's id."""
        with self.lock:
            given = [{"title": title, "value": value} for title, value in (answers or {}).items()]
            body = {"email": email, "first_name": first_name, "last_name": last_name, **fields}
            more: dict[str, Any] = {}
            if source:
                page = f"https://example.zoom.us/webinar/register/{event_id}"
                more["tracking_source"] = {
                    "id": f"{self.random.getrandbits(40)}",
                    "source_name": source,
                    "tracking_url": page,
                }
            event = self.events[event_id]
            return str(self.put_registrant(event, body | {"custom_questions": given}, **more)["id"])

    def decide(self, event_id: str, registrant_id: str, action: str) -> None:
        """The host approves, denies or cancels a registration."""
        with self.lock:
            row = self.registrants[f"{event_id}:{registrant_id}"]
            self.set_status(self.events[event_id], row, action)

    def hold(
        self, event_id: str, start: datetime, *, minutes: int = 60, uuid: str | None = None
    ) -> str:
        """Hold an event once, its host being there; returns the UUID of the instance."""
        with self.lock:
            own = uuid or self._uuid()
            event = self.events[event_id]
            begun, ended = start.timestamp(), start.timestamp() + minutes * 60
            self.instances[own] = {"uuid": own, "event": event_id, "start": begun, "end": ended}
            host = self.users[event["host_id"]]
            self._session(own, host["id"], "主催", host["email"], "", begun, ended)
            shown = {name: event[name] for name in ("id", "host_id", "topic", "type")}
            self.tell(f"{event['kind']}.ended", {"uuid": own, **shown})
            return own

    def attend(
        self,
        uuid: str,
        *,
        registrant_id: str = "",
        email: str = "",
        name: str = "参加者",
        after: int = 0,
        seconds: int = 1800,
    ) -> None:
        """Join an instance ``after`` seconds from its start, and stay for some."""
        with self.lock:
            begun = self.instances[uuid]["start"] + after
            self._session(uuid, "", name, email, registrant_id, begun, begun + seconds)

    def _session(
        self,
        uuid: str,
        user: str,
        name: str,
        email: str,
        registrant_id: str,
        join: float,
        leave: float,
    ) -> None:
        number = self.next_id("session", 16_778_240)
        self.sessions[str(number)] = {
            "uuid": uuid,
            "user": user,
            "user_id": str(number),
            "name": name,
            "user_email": email,
            "registrant_id": registrant_id,
            "join": join,
            "leave": leave,
        }

    def call(
        self,
        number: str,
        *,
        direction: str = "outbound",
        at: datetime | None = None,
        talked: int | None = 180,
        internal: bool = False,
        result: str = "answered",
        email: str = "",
        name: str = "",
    ) -> str:
        """Call ``number``, or be called from it; returns the id of the call's record.

        ``talked`` is in seconds, None where nobody answered. ``at`` is the start (default now).
        """
        with self.lock:
            begun = (at or self.now()).timestamp()
            own = f"{(at or self.now()):%Y%m%d}-{self.random.getrandbits(128):032x}"
            ours, theirs = ("caller", "callee") if direction == "outbound" else ("callee", "caller")
            answered = None if talked is None else begun + 8
            row: Row = {
                "id": own,
                "call_id": str(7_000_000_000_000_000_000 + self.next_id("call")),
                "connect_type": "internal" if internal else "external",
                "call_type": "general",
                "direction": direction,
                "international": False,
                f"{ours}_ext_id": "x1",
                f"{ours}_ext_type": "user",
                f"{ours}_email": HOST,
                f"{ours}_name": "営業 一郎",
                f"{ours}_did_number": "+81312340000",
                f"{theirs}_ext_id": "x2" if internal else "",
                f"{theirs}_email": email,
                f"{theirs}_name": name,
                f"{theirs}_did_number": number,
                "call_result": result,
                "recording_status": "non_recorded",
                "start_time": begun,
                "answer_time": answered,
                "end_time": begun + 20 if answered is None else answered + (talked or 0),
            }
            row["duration"] = int(row["end_time"] - begun)
            self.calls[own] = row
            self.tell_call(row)
            return own

    def delete_call(self, uuid: str) -> None:
        """Delete a call's record in the admin's portal."""
        with self.lock:
            del self.calls[uuid]
            self.tell(
                "phone.call_history_deleted",
                {"call_log_ids": [uuid], "user_id": "x1", "move_to_trash": False},
            )

    def _uuid(self) -> str:
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        return "".join(self.random.choices(alphabet, k=22)) + "=="
