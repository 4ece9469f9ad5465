"""What the simulated Zoom knows of meetings and webinars that were held (Meetings OpenAPI)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from connectors.kit.simulator import Refusal, Request, Response, json_response, route
from connectors.zoom.simulator_events import Kind, Row
from connectors.zoom.simulator_registering import Registering
from connectors.zoom.simulator_wire import invalid, refusal, stamp

LONGEST_WINDOW = timedelta(days=31)
"""A report covers a month at most. Unverified: that a longer one is refused, and not cut."""
OLDEST_REPORT = timedelta(days=183)
OLDEST = timedelta(days=365)


class Reports(Registering):
    """Sessions of those who came.

    ``report_delay`` is how many seconds after the end a report is ready (30 to 60 minutes at the
    vendor, unverified).
    """

    def __init__(self, *, report_delay: float = 0.0, **options: Any) -> None:
        super().__init__(**options)
        self.report_delay = report_delay
        self.instances = self.table("instances")
        self.sessions = self.table("sessions")

    @route("GET", "/v2/report/users/<user_id>/meetings")
    def report_meetings(self, request: Request, user_id: str) -> Response:
        """What a user held between two days, meetings and webinars with two people or more."""
        self.allow("HEAVY", "report:read:user", "report:read")
        user = self.user(request, user_id)
        first, last = _day(request, "from"), _day(request, "to")
        if last < first or last - first > LONGEST_WINDOW:
            raise invalid("from", "The date range should only be one month.")
        oldest = (self.now() - OLDEST_REPORT).date()
        rows = []
        for row in self.instances.values():
            event, day = self.events[row["event"]], _date(row["start"])
            mine = event["host_id"] == user["id"] and len(self.came(row["uuid"])) > 1
            if mine and max(first, oldest) <= day <= last and self._ready(row):
                rows.append(self._held(row, event, user))
        return self.page(request, "meetings", rows)

    def _held(self, row: Row, event: Row, user: Row) -> dict[str, Any]:
        return {
            "uuid": row["uuid"],
            "id": event["id"],
            "type": event["type"],
            "topic": event["topic"],
            "user_email": user["email"],
            "start_time": stamp(row["start"]),
            "end_time": stamp(row["end"]),
            "duration": int((row["end"] - row["start"]) // 60),
            "participants_count": len(self.came(row["uuid"])),
        }

    def came(self, uuid: str) -> list[Row]:
        """The sessions of one instance."""
        return [row for row in self.sessions.values() if row["uuid"] == uuid]

    def _ready(self, row: Row) -> bool:
        return bool(self.now().timestamp() >= row["end"] + self.report_delay)

    @route("GET", "/v2/report/meetings/<path:key>/participants")
    def report_meeting(self, request: Request, key: str) -> Response:
        """Who came to a meeting, a row for each time somebody joined."""
        self.allow("HEAVY", "report:read:list_meeting_participants", "report:read")
        return self._report(request, "meeting", key)

    @route("GET", "/v2/report/webinars/<path:key>/participants")
    def report_webinar(self, request: Request, key: str) -> Response:
        """Who came to a webinar, a row for each time somebody joined."""
        self.allow("HEAVY", "report:read:list_webinar_participants", "report:read")
        return self._report(request, "webinar", key)

    def _report(self, request: Request, kind: Kind, key: str) -> Response:
        row = self._instance(kind, key)
        if self.now() - datetime.fromtimestamp(row["start"], UTC) > OLDEST:
            raise refusal(400, 12702, f"Can not access a {kind} a year ago.")
        with_registrant = request.args.get("include_fields") == "registrant_id"
        rows = [_session(one, with_registrant=with_registrant) for one in self.came(row["uuid"])]
        return self.page(request, "participants", rows)

    def _instance(self, kind: Kind, key: str) -> Row:
        """An instance by UUID, or the latest of an event by its number.

        What arrives is decoded once already. A UUID that begins with a slash or holds two in a row
        is only understood where it was encoded twice.
        """
        uuid = unquote(key) if "%" in key else key
        if uuid == key and (key.startswith("/") or "//" in key):
            raise _unknown(kind, key)
        found = [
            row
            for row in self.instances.values()
            if self.events[row["event"]]["kind"] == kind and uuid in (row["uuid"], row["event"])
        ]
        ready = [row for row in found if self._ready(row)]
        if not ready:
            raise _unknown(kind, uuid)
        return max(ready, key=lambda row: float(row["start"]))

    @route("GET", "/v2/past_meetings/<event_id>/instances")
    def meeting_instances(self, request: Request, event_id: str) -> Response:  # noqa: ARG002
        """When a meeting was held."""
        self.allow("MEDIUM", "meeting:read:list_past_instances", "meeting:read")
        return json_response({"meetings": self._instances("meeting", event_id)})

    @route("GET", "/v2/past_webinars/<event_id>/instances")
    def webinar_instances(self, request: Request, event_id: str) -> Response:  # noqa: ARG002
        """When a webinar was held."""
        self.allow("LIGHT", "webinar:read:list_past_instances", "webinar:read")
        return json_response({"webinars": self._instances("webinar", event_id)})

    def _instances(self, kind: Kind, event_id: str) -> list[dict[str, Any]]:
        self.event(kind, event_id)
        now = self.now().timestamp()
        return [
            {"uuid": row["uuid"], "start_time": stamp(row["start"])}
            for row in self.instances.values()
            if row["event"] == event_id and row["end"] <= now
        ]


def _unknown(kind: Kind, key: str) -> Refusal:
    return refusal(404, 3001, f"{kind.title()} {key} not found or has expired.")


def _day(request: Request, name: str) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        raise invalid(name, "Should be a date, yyyy-mm-dd.") from None


def _date(moment: float) -> date:
    return datetime.fromtimestamp(moment, UTC).date()


def _session(row: Row, *, with_registrant: bool) -> dict[str, Any]:
    registrant = {"registrant_id": row["registrant_id"]} if row["registrant_id"] else {}
    return {
        "id": row["user"],
        "user_id": row["user_id"],
        "name": row["name"],
        "user_email": row["user_email"],
        "join_time": stamp(row["join"]),
        "leave_time": stamp(row["leave"]),
        "duration": int(row["leave"] - row["join"]),
        "status": "in_meeting",
        "failover": False,
        **(registrant if with_registrant else {}),
    }
