"""The simulated Calendar API v3: events with Meet links, sync tokens, and channels.

Sources: Google's discovery document of Calendar v3 and its page on push notifications, as the fact
sheet has them. One calendar for each person; an event lies in the calendar of its organiser and of
every attendee in the Workspace, under one id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.google_meet.simulator_channels import Channels
from connectors.google_meet.simulator_query import (
    Event,
    check_event,
    is_asked_for,
    packed,
    page_size,
    same_parameters,
    unpacked,
)
from connectors.google_meet.simulator_signin import SERVICE_ACCOUNT, refusal
from connectors.kit.simulator import Request, Response, Table, json_response, route

EVENT_ID = re.compile(r"[a-v0-9]{5,1024}")
NOT_WITH_SYNC_TOKEN = (
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "sharedExtendedProperty",
    "q",
    "timeMin",
    "timeMax",
    "updatedMin",
)
OLDEST_UPDATE = timedelta(days=28)
"""From memory: how far back ``updatedMin`` may reach before it is a 410."""


class Calendars(Channels):
    """The calendars of a Workspace. Rows of ``events`` are by calendar and event."""

    conference_reads = 1
    """How many reads a new Meet link is pending for."""
    conference_fails = False
    """Whether Google cannot make Meet links."""
    oldest_token = 0
    """Sync tokens from before this change are no longer valid."""

    @property
    def events(self) -> Table:
        """Copies of events, each with the number of its last change."""
        return self.table("events")

    @property
    def spaces(self) -> Table:
        """Meeting spaces by name."""
        return self.table("spaces")

    def put_event(self, event: Event) -> None:
        """Write an event to the calendars of its organiser and of its attendees here."""
        event["updated"] = self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        event["etag"] = f'"{self.next_id("etag", 3_000_000)}"'
        everybody = [event["organizer"]["email"], *(one["email"] for one in event["attendees"])]
        for owner in dict.fromkeys(email for email in everybody if email in self.people):
            key = f"{owner}/{event['id']}"
            held = self.events.get(key, {"n": self.next_id("event")})
            self.events[key] = {**held, "event": event, "seq": self.next_id("change")}
            self._tell(owner)

    def cancel(self, event_id: str) -> None:
        """Delete an event, as its organiser does; it stays as cancelled."""
        with self.lock:
            for row in list(self.events.values()):
                if row["event"]["id"] == event_id and row["event"]["status"] != "cancelled":
                    self.put_event({**row["event"], "status": "cancelled"})
                    return

    def answer(self, event_id: str, email: str, response: str) -> None:
        """An attendee answers an invitation."""
        with self.lock:
            event = next(r["event"] for r in self.events.values() if r["event"]["id"] == event_id)
            attendees = [
                {**one, "responseStatus": response} if one["email"] == email else one
                for one in event["attendees"]
            ]
            self.put_event({**event, "attendees": attendees})

    def expire_sync_tokens(self) -> None:
        """Have every sync token answered with 410 from now on."""
        self.oldest_token = self.next_id("change")

    def conference(self, request: Mapping[str, Any]) -> Event:
        """A Meet link for an event: a new space of whoever asks."""
        space = self.add_space(self.who)
        return {
            "createRequest": {**request, "status": {"statusCode": "success"}},
            "conferenceId": space["meetingCode"],
            "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"},
            "entryPoints": [
                {"entryPointType": "video", "uri": space["meetingUri"], "label": "meet.google.com"}
            ],
        }

    def add_space(self, owner: str) -> Event:
        """A new space of a person."""
        letters = [chr(97 + self.random.randrange(26)) for _ in range(10)]
        code = f"{''.join(letters[:3])}-{''.join(letters[3:7])}-{''.join(letters[7:])}"
        name = f"spaces/{self.random.getrandbits(60):015x}"
        uri = f"https://meet.google.com/{code}"
        space = {"name": name, "meetingUri": uri, "meetingCode": code, "owner": owner}
        self.spaces[name] = space
        return space

    # -- events -------------------------------------------------------------------------------

    @route("GET", "/calendar/v3/calendars/<calendar>/events")
    def list_events(self, request: Request, calendar: str) -> Response:
        """A page of a calendar; the last one has a sync token where no order was asked for."""
        owner = self._owner(calendar)
        args = request.args.to_dict()
        token = args.pop("pageToken", None)
        after, upto = unpacked(token) if token else (0, self.next_id("change"))
        since, deleted = self._since(args), args.get("showDeleted") == "true"
        size = page_size(args)
        rows = sorted(
            (
                row
                for key, row in self.events.items()
                if key.startswith(f"{owner}/")
                and after < row["n"]
                and row["seq"] > since
                and is_asked_for(row["event"], args, deleted=deleted or "syncToken" in args)
            ),
            key=lambda row: int(row["n"]),
        )
        page: dict[str, Any] = {
            "kind": "calendar#events",
            "summary": owner,
            "timeZone": "Asia/Tokyo",
        }
        page["items"] = [self._shown(row["event"], owner) for row in rows[:size]]
        if len(rows) > size:
            page["nextPageToken"] = packed(int(rows[size - 1]["n"]), upto)
        elif "orderBy" not in args:
            page["nextSyncToken"] = packed(upto, same_parameters(args))
        return json_response(page)

    def _since(self, args: Mapping[str, str]) -> int:
        """The change after which a sync token asks; 0 for a list without one."""
        wrong = [name for name in NOT_WITH_SYNC_TOKEN if name in args]
        if "syncToken" not in args:
            if args.get("orderBy") == "startTime" and args.get("singleEvents") != "true":
                raise refusal(400, "badRequest", "The requested ordering is not available")
            if "updatedMin" in args:
                oldest = self.now() - OLDEST_UPDATE
                if datetime.fromisoformat(args["updatedMin"]) < oldest:
                    raise refusal(
                        410,
                        "updatedMinTooLongAgo",
                        "The requested minimum modification time lies too far in the past.",
                        domain="calendar",
                    )
            return 0
        if wrong or args.get("showDeleted") == "false":
            raise refusal(400, "badRequest", f"Sync token cannot be combined with {wrong}")
        since, asked = unpacked(args["syncToken"])
        if since < self.oldest_token:
            raise refusal(
                410,
                "fullSyncRequired",
                "Sync token is no longer valid, a full sync is required.",
                domain="calendar",
            )
        if asked != same_parameters(args):
            raise refusal(400, "badRequest", "The sync token is of other parameters")
        return since

    @route("POST", "/calendar/v3/calendars/<calendar>/events")
    def insert_event(self, request: Request, calendar: str) -> Response:
        """Make an event; one's own id is taken once and for all."""
        owner = self._owner(calendar)
        body = request.get_json()
        event_id = body.get("id") or f"sim{self.next_id('eid'):020d}"
        if not EVENT_ID.fullmatch(event_id):
            raise refusal(400, "invalid", "Invalid resource id value.")
        if f"{owner}/{event_id}" in self.events:
            raise refusal(409, "duplicate", "The requested identifier already exists.")
        check_event(body)
        if body.get("attendees") and owner == SERVICE_ACCOUNT:
            raise refusal(
                403,
                "forbiddenForServiceAccounts",
                "Service accounts cannot invite attendees without Domain-Wide Delegation.",
                domain="calendar",
            )
        event = {
            "kind": "calendar#event",
            "id": event_id,
            "status": "confirmed",
            "created": self.now().isoformat(),
            "iCalUID": f"{event_id}@google.com",
            "organizer": {"email": owner},
            "creator": {"email": owner},
            "attendees": [],
            **{name: value for name, value in body.items() if name not in ("id", "conferenceData")},
        }
        for one in event["attendees"]:
            one.setdefault("responseStatus", "needsAction")
        if request.args.get("conferenceDataVersion") == "1" and body.get("conferenceData"):
            event |= self._requested(body["conferenceData"])
        self.put_event(event)
        return json_response(self._shown(event, owner))

    def _requested(self, wanted: Mapping[str, Any]) -> Event:
        request = dict(wanted.get("createRequest") or {})
        if not request.get("requestId"):
            raise refusal(400, "required", "Missing conference request id")
        if self.conference_reads:
            request["status"] = {"statusCode": "pending"}
            return {
                "conferenceData": {"createRequest": request, "reads": self.conference_reads - 1}
            }
        return self._linked(request)

    def _linked(self, request: Mapping[str, Any]) -> Event:
        """What an event has once its link was made, or could not be."""
        if self.conference_fails:
            failed = {**request, "status": {"statusCode": "failure"}}
            return {"conferenceData": {"createRequest": failed}}
        ready = self.conference(request)
        return {"conferenceData": ready, "hangoutLink": ready["entryPoints"][0]["uri"]}

    @route("GET", "/calendar/v3/calendars/<calendar>/events/<event_id>")
    def get_event(self, request: Request, calendar: str, event_id: str) -> Response:  # noqa: ARG002
        """One event, a cancelled one too."""
        owner = self._owner(calendar)
        event = self._event(owner, event_id)
        data = event.get("conferenceData") or {}
        if data.get("reads") is not None:
            event = self._a_read_later(event, owner)
        return json_response(self._shown(event, owner))

    def _a_read_later(self, event: Event, owner: str) -> Event:
        """The event after one more read, by which its Meet link may have become ready."""
        data = event["conferenceData"]
        left = int(data["reads"]) - 1
        if left >= 0:
            row = self.events[f"{owner}/{event['id']}"]
            event = {**event, "conferenceData": {**data, "reads": left}}
            self.events[f"{owner}/{event['id']}"] = {**row, "event": event}
            return event
        event = {**event, **self._linked(data["createRequest"])}
        self.put_event(event)
        return event

    @route("PATCH", "/calendar/v3/calendars/<calendar>/events/<event_id>")
    def patch_event(self, request: Request, calendar: str, event_id: str) -> Response:
        """Change some fields; If-Match guards against another's change."""
        owner = self._owner(calendar)
        event = self._event(owner, event_id)
        guard = request.headers.get("If-Match")
        if guard not in (None, "*", event["etag"]):
            raise refusal(412, "conditionNotMet", "Precondition Failed")
        body = request.get_json()
        body.pop("conferenceData", None)
        changed = {**event, **body}
        check_event(changed)
        self.put_event(changed)
        return json_response(self._shown(changed, owner))

    @route("DELETE", "/calendar/v3/calendars/<calendar>/events/<event_id>")
    def delete_event(self, request: Request, calendar: str, event_id: str) -> Response:  # noqa: ARG002
        """Cancel an event."""
        event = self._event(self._owner(calendar), event_id)
        if event["status"] == "cancelled":
            raise refusal(410, "deleted", "Resource has been deleted")
        self.cancel(event_id)
        return Response(status=204)

    def _event(self, owner: str, event_id: str) -> Event:
        row = self.events.get(f"{owner}/{event_id}")
        if row is None:
            raise refusal(404, "notFound", "Not Found")
        return dict(row["event"])

    def _shown(self, event: Event, owner: str) -> Event:
        """An event as the owner of a calendar sees it."""
        organizer = event["organizer"]
        if event["status"] == "cancelled" and organizer["email"] != owner:
            return {name: event[name] for name in ("kind", "etag", "id", "status")}
        shown = {**event, "organizer": _marked(organizer, owner)}
        shown["attendees"] = [_marked(one, owner) for one in event["attendees"]]
        if not shown["attendees"]:
            del shown["attendees"]
        if "conferenceData" in shown:
            data = shown["conferenceData"]
            shown["conferenceData"] = {k: v for k, v in data.items() if k != "reads"}
        return shown


def _marked(person: Mapping[str, Any], owner: str) -> Event:
    return {**person, **({"self": True} if person["email"] == owner else {})}
