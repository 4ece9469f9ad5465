"""Meetings, webinars and their registrants in the simulated Zoom (Meetings OpenAPI document)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal

from connectors.kit.simulator import Request, Response, json_response, route
from connectors.zoom.simulator_wire import Wire, invalid, refusal, stamp

Kind = Literal["meeting", "webinar"]
Row = dict[str, Any]

EXPIRES_AFTER = timedelta(days=30)
"""How long after its end an event is still listed. Unverified: the vendor says "unexpired"."""
STATUSES = ("pending", "approved", "denied")
TYPES = {
    "scheduled": "all",
    "upcoming": "ahead",
    "upcoming_meetings": "ahead",
    "live": "live",
    "previous_meetings": "over",
}


class Events(Wire):
    """What the account's users have scheduled, and who registered.

    ``webinar_plan`` False is an account without the webinar add-on. ``lag`` is how many seconds a
    registration takes to be in the lists.
    """

    def __init__(self, *, webinar_plan: bool = True, lag: float = 0.0, **options: Any) -> None:
        super().__init__(**options)
        self.webinar_plan = webinar_plan
        self.lag = lag
        self.users = self.table("users")
        self.events = self.table("events")
        self.registrants = self.table("registrants")

    # -- meetings and webinars ----------------------------------------------------------------

    @route("GET", "/v2/users/<user_id>/meetings")
    def list_meetings(self, request: Request, user_id: str) -> Response:
        """A user's meetings, a page by ``next_page_token``."""
        self.allow("MEDIUM", "meeting:read:list_meetings", "meeting:read")
        wanted = request.args.get("type", "scheduled")
        if wanted not in TYPES:
            raise invalid("type", "Invalid field.")
        rows = self._listed(self.user(request, user_id), "meeting", TYPES[wanted])
        return self.page(request, "meetings", [_shown(row) for row in rows])

    @route("GET", "/v2/users/<user_id>/webinars")
    def list_webinars(self, request: Request, user_id: str) -> Response:
        """A user's webinars; the only paging its documentation knows is ``page_number``."""
        self.allow("MEDIUM", "webinar:read:list_webinars", "webinar:read")
        self._need_plan("webinar")
        wanted = request.args.get("type", "scheduled")
        if wanted not in ("scheduled", "upcoming"):
            raise invalid("type", "Invalid field.")
        rows = self._listed(self.user(request, user_id), "webinar", TYPES[wanted])
        size = self.size_of(request)
        number = request.args.get("page_number", "1")
        if not number.isdigit() or int(number) < 1:
            raise invalid("page_number", "Invalid field.")
        start = (int(number) - 1) * size
        return json_response(
            {
                "page_number": int(number),
                "page_count": -(-len(rows) // size),
                "page_size": size,
                "total_records": len(rows),
                "webinars": [_shown(row) for row in rows[start : start + size]],
            }
        )

    def user(self, request: Request, user_id: str) -> Row:
        """A user by id or e-mail; ``me`` only with a token of a person."""
        if user_id == "me" and self.is_user(request):
            return next(iter(self.users.values()))
        for row in self.users.values():
            if user_id in (row["id"], row["email"]):
                return row
        raise refusal(404, 1001, f"User does not exist: {user_id}.")

    def _listed(self, user: Row, kind: Kind, when: str) -> list[Row]:
        now = self.now().timestamp()
        rows = [
            row
            for row in self.events.values()
            if row["kind"] == kind and row["host_id"] == user["id"] and not _expired(row, now)
        ]
        if when == "ahead":
            rows = [row for row in rows if row["start"] is None or end_of(row) >= now]
        elif when == "over":
            rows = [row for row in rows if row["start"] is not None and end_of(row) < now]
        elif when == "live":
            rows = [row for row in rows if row["start"] and row["start"] <= now < end_of(row)]
        return sorted(rows, key=lambda row: (row["start"] or 0, row["id"]))

    def event(self, kind: Kind, event_id: str) -> Row:
        """A meeting or a webinar, by its number."""
        self._need_plan(kind)
        row = self.events.get(event_id)
        if row is None or row["kind"] != kind:
            raise refusal(404, 3001, f"{kind.title()} does not exist: {event_id}.")
        return row

    def _need_plan(self, kind: Kind) -> None:
        if kind == "webinar" and not self.webinar_plan:
            raise refusal(400, 200, "Webinar plan is missing.")

    # -- registrants --------------------------------------------------------------------------

    @route("GET", "/v2/webinars/<event_id>/registrants")
    def webinar_registrants(self, request: Request, event_id: str) -> Response:
        """A webinar's registrants of one status, ``approved`` unless said otherwise."""
        self.allow("MEDIUM", "webinar:read:list_registrants", "webinar:read")
        return self._registrants(request, "webinar", event_id)

    @route("GET", "/v2/meetings/<event_id>/registrants")
    def meeting_registrants(self, request: Request, event_id: str) -> Response:
        """A meeting's registrants of one status."""
        self.allow("MEDIUM", "meeting:read:list_registrants", "meeting:read")
        return self._registrants(request, "meeting", event_id)

    def _registrants(self, request: Request, kind: Kind, event_id: str) -> Response:
        self.open(self.event(kind, event_id))
        status = request.args.get("status", "approved")
        if status not in STATUSES:
            raise invalid("status", "Invalid field.")
        source = request.args.get("tracking_source_id")
        now = self.now().timestamp()
        rows = [
            row
            for row in self.of_event(event_id)
            if row["status"] == status
            and row["visible_at"] <= now
            and source in (None, (row.get("tracking_source") or {}).get("id"))
        ]
        return self.page(request, "registrants", [registrant(row) for row in rows])

    def of_event(self, event_id: str) -> Iterator[Row]:
        """The registrants of an event, the first to register first."""
        return (row for row in self.registrants.values() if row["event"] == event_id)

    def open(self, event: Row) -> None:
        """Refuse where the event takes no registrations (``approval_type`` 2)."""
        if event["approval_type"] != 2:
            return
        if event["kind"] == "meeting":
            raise refusal(400, 300, "Cannot access webinar info.")
        message = f"Registration has not been enabled for this webinar: {event['id']}."
        raise refusal(400, 3000, message)

    @route("GET", "/v2/webinars/<event_id>/registrants/questions")
    def webinar_questions(self, request: Request, event_id: str) -> Response:  # noqa: ARG002
        """What a webinar asks of those who register."""
        self.allow("LIGHT", "webinar:read:list_registration_questions", "webinar:read")
        return self._questions("webinar", event_id)

    @route("GET", "/v2/meetings/<event_id>/registrants/questions")
    def meeting_questions(self, request: Request, event_id: str) -> Response:  # noqa: ARG002
        """What a meeting asks of those who register."""
        self.allow("LIGHT", "meeting:read:list_registration_questions", "meeting:read")
        return self._questions("meeting", event_id)

    def _questions(self, kind: Kind, event_id: str) -> Response:
        event = self.event(kind, event_id)
        self.open(event)
        asked = [{"field_name": name, "required": True} for name in event["required"]]
        return json_response({"questions": asked, "custom_questions": event["questions"]})

    @route("GET", "/v2/webinars/<event_id>/registrants/<registrant_id>")
    def webinar_registrant(self, request: Request, event_id: str, registrant_id: str) -> Response:  # noqa: ARG002
        """One registrant of a webinar."""
        self.allow("LIGHT", "webinar:read:registrant", "webinar:read")
        return json_response(registrant(self.one("webinar", event_id, registrant_id)))

    @route("GET", "/v2/meetings/<event_id>/registrants/<registrant_id>")
    def meeting_registrant(self, request: Request, event_id: str, registrant_id: str) -> Response:  # noqa: ARG002
        """One registrant of a meeting."""
        self.allow("LIGHT", "meeting:read:registrant", "meeting:read")
        return json_response(registrant(self.one("meeting", event_id, registrant_id)))

    def one(self, kind: Kind, event_id: str, registrant_id: str) -> Row:
        """A registrant. Unverified for meetings: that an unknown one is code 3079 as well."""
        self.open(self.event(kind, event_id))
        row = self.registrants.get(f"{event_id}:{registrant_id}")
        if row is None:
            raise refusal(400, 3079, f"This registrant does not exist: {registrant_id}.")
        return row


def registrant(row: Row) -> dict[str, Any]:
    """A registrant as the lists show it; where it came from is only in the webhook."""
    hidden = ("event", "visible_at", "create_time", "tracking_source")
    shown = {name: value for name, value in row.items() if name not in hidden}
    return shown | {"create_time": stamp(row["create_time"])}


def end_of(row: Row) -> float:
    """When an event is to end."""
    return float(row["start"]) + 60.0 * float(row["duration"])


def _expired(row: Row, now: float) -> bool:
    return row["start"] is not None and end_of(row) + EXPIRES_AFTER.total_seconds() < now


def _shown(row: Row) -> dict[str, Any]:
    start = {"start_time": stamp(row["start"])} if row["start"] is not None else {}
    return {
        **{name: row[name] for name in ("uuid", "id", "host_id", "topic", "type", "duration")},
        **start,
        "timezone": row["timezone"],
        "created_at": stamp(row["created"]),
        "join_url": f"https://example.zoom.us/j/{row['id']}",
    }
