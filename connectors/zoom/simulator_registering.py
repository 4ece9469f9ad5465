"""Registering for meetings and webinars in the simulated Zoom, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.kit.simulator import Request, Response, json_response, route
from connectors.zoom.simulator_events import Events, Kind, Row, end_of
from connectors.zoom.simulator_wire import invalid, refusal, stamp

TEXTS = (
    "last_name",
    "address",
    "city",
    "state",
    "zip",
    "country",
    "phone",
    "industry",
    "org",
    "job_title",
    "comments",
)
CLOSED = {
    "purchasing_time_frame": (
        "",
        "Within a month",
        "1-3 months",
        "4-6 months",
        "More than 6 months",
        "No timeframe",
    ),
    "role_in_purchase_process": (
        "",
        "Decision Maker",
        "Evaluator/Recommender",
        "Influencer",
        "Not involved",
    ),
    "no_of_employees": (
        "",
        "1-20",
        "21-50",
        "51-100",
        "101-500",
        "500-1,000",
        "1,001-5,000",
        "5,001-10,000",
        "More than 10,000",
    ),
}
LENGTHS = {"email": 128, "first_name": 64, "last_name": 64}
LONGEST_ANSWER = 128
MOST_ADDS = 3
"""Adds of one registrant a day (Zoom, rate limits)."""
ACTIONS = {"approve": "approved", "deny": "denied"}


class Registering(Events):
    """Adds registrants, and approves, denies and cancels them."""

    @route("POST", "/v2/webinars/<event_id>/registrants")
    def register_webinar(self, request: Request, event_id: str) -> Response:
        """Register somebody for a webinar."""
        self.allow("LIGHT", "webinar:write:registrant", "webinar:write")
        return self._register(request, "webinar", event_id)

    @route("POST", "/v2/meetings/<event_id>/registrants")
    def register_meeting(self, request: Request, event_id: str) -> Response:
        """Register somebody for a meeting."""
        self.allow("LIGHT", "meeting:write:registrant", "meeting:write")
        return self._register(request, "meeting", event_id)

    def _register(self, request: Request, kind: Kind, event_id: str) -> Response:
        event = self.event(kind, event_id)
        if event["approval_type"] == 2:
            message = f"This {kind} does not have registration as required: {event_id}."
            raise refusal(400, 3000, message)
        if event["start"] is not None and event["type"] in (2, 5) and self._over(event):
            message = f"{kind.title()} is over, you cannot register now."
            raise refusal(400, 3038, message)
        body = self.body_of(request)
        self._check(event, body)
        email = str(body["email"])
        if email.lower() == self.users[event["host_id"]]["email"].lower():
            raise refusal(400, 3027, "Host cannot register.")
        self._count_add(event_id, email)
        row = self.put_registrant(event, body)
        return json_response(
            {
                "id": event["id"],
                "registrant_id": row["id"],
                "join_url": row["join_url"],
                "start_time": stamp(event["start"]) if event["start"] is not None else "",
                "topic": event["topic"],
            },
            201,
        )

    def _over(self, event: Row) -> bool:
        return end_of(event) < self.now().timestamp()

    def _check(self, event: Row, body: Mapping[str, Any]) -> None:
        """Refuse what is missing, too long or not on its list; unknown fields are passed over.

        Unverified: that unknown fields and unknown questions are passed over in silence.
        """
        for name in ("email", "first_name", *event["required"]):
            if not isinstance(body.get(name), str) or not body[name].strip():
                raise invalid(name, "Invalid field.")
        if "@" not in body["email"]:
            raise invalid("email", "Invalid field.")
        for name, most in LENGTHS.items():
            if len(str(body.get(name, ""))) > most:
                raise invalid(name, f"Maximum length is {most}.")
        for name, values in CLOSED.items():
            if body.get(name, "") not in values:
                raise invalid(name, "Invalid field.")
        self._check_answers(event, body)

    def _check_answers(self, event: Row, body: Mapping[str, Any]) -> None:
        given = {str(item.get("title")): item for item in body.get("custom_questions") or ()}
        if any(len(str(item.get("value", ""))) > LONGEST_ANSWER for item in given.values()):
            raise invalid("custom_questions", f"Maximum length is {LONGEST_ANSWER}.")
        for question in event["questions"]:
            if question["required"] and not (given.get(question["title"]) or {}).get("value"):
                raise invalid("custom_questions", "Invalid field.")

    def _count_add(self, event_id: str, email: str) -> None:
        day = f"add {event_id} {email.lower()} {self.now().date()}"
        if self.next_id(day) > MOST_ADDS:
            message = (
                f"You have exceeded the daily rate limit ({MOST_ADDS}) of Add registrant API "
                f"requests permitted for the registrant {email}."
            )
            raise refusal(429, 429, message)

    def put_registrant(self, event: Row, body: Mapping[str, Any], **more: Any) -> Row:
        """A new registration, told by webhook; that of an address that is there stays as it is.

        Unverified: what becomes of a second registration of one address.
        """
        event_id, email = str(event["id"]), str(body["email"])
        for row in self.of_event(event_id):
            if row["email"].lower() == email.lower():
                return row
        own = f"r{self.random.getrandbits(120):030x}"
        asked = {question["title"] for question in event["questions"]}
        row = {
            "event": event_id,
            "id": own,
            "email": email,
            "first_name": str(body["first_name"]),
            **{name: str(body.get(name) or "") for name in (*TEXTS, *CLOSED)},
            "custom_questions": [
                {"title": item["title"], "value": str(item.get("value") or "")}
                for item in body.get("custom_questions") or ()
                if item.get("title") in asked
            ],
            "status": "pending" if event["approval_type"] == 1 else "approved",
            "create_time": self.now().timestamp(),
            "visible_at": self.now().timestamp() + self.lag,
            "join_url": f"https://example.zoom.us/w/{event_id}?tk={own}",
            **more,
        }
        self.registrants[f"{event_id}:{own}"] = row
        self.tell_registration("created", event, row)
        return row

    @route("PUT", "/v2/webinars/<event_id>/registrants/status")
    def webinar_status(self, request: Request, event_id: str) -> Response:
        """Approve, deny or cancel registrants of a webinar."""
        self.allow("MEDIUM", "webinar:update:registrant_status", "webinar:write")
        return self._put_status(request, "webinar", event_id)

    @route("PUT", "/v2/meetings/<event_id>/registrants/status")
    def meeting_status(self, request: Request, event_id: str) -> Response:
        """Approve, deny or cancel registrants of a meeting."""
        self.allow("MEDIUM", "meeting:update:registrant_status", "meeting:write")
        return self._put_status(request, "meeting", event_id)

    def _put_status(self, request: Request, kind: Kind, event_id: str) -> Response:
        event = self.event(kind, event_id)
        body = self.body_of(request)
        action = body.get("action")
        if action != "cancel" and action not in ACTIONS:
            raise invalid("action", "Invalid field.")
        for item in body.get("registrants") or ():
            row = self.registrants.get(f"{event_id}:{item.get('id')}")
            if row is not None:
                self.set_status(event, row, str(action))
        return Response(status=204)

    def set_status(self, event: Row, row: Row, action: str) -> None:
        """Approve, deny or cancel one registrant. Unverified: a cancelled one leaves every list."""
        key = f"{row['event']}:{row['id']}"
        if action == "cancel":
            del self.registrants[key]
            self.tell_registration("cancelled", event, row)
            return
        self.registrants[key] = row = {**row, "status": ACTIONS[action]}
        self.tell_registration(ACTIONS[action], event, row)

    def tell_registration(self, what: str, event: Row, row: Row) -> None:
        """Send the webhook of a registration; ``Hooks`` does."""
