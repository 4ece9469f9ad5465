"""A HubSpot portal to rehearse on: the objects, forms, consent and webhooks a lead hub meets.

Written from HubSpot's developer docs, not from the connector. It refuses what the vendor refuses
(unknown properties, options, batches over 100, deep searches, bursts) and shares its bad habits: a
search index that lags, results out of order, stages that silently will not go back, merged ids that
answer as somebody else.

Plant people with ``add_contact`` and its neighbours; they take property values by name. Read what
the portal holds with ``held``.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from werkzeug.exceptions import HTTPException

from connectors.hubspot.simulator_people import People
from connectors.hubspot.simulator_portal import Portal, Row
from connectors.hubspot.simulator_rules import error_body, html_page
from connectors.hubspot.simulator_schema import KINDS
from connectors.kit.simulator import (
    Delivery,
    Refusal,
    Request,
    Response,
    Window,
    json_response,
)

MOST_EVENTS = 100
"""Events in one webhook; from memory."""
PORTAL_ZONE = timedelta(hours=9)
OPEN_PATHS = ("/oauth/", "/submissions/")
SCOPES = (
    "oauth",
    "forms",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.objects.deals.read",
    "crm.objects.deals.write",
    "crm.objects.owners.read",
    "communication_preferences.read_write",
)
EVENT_IDS = {
    "propertyChange": 25,
    "creation": 26,
    "merge": 27,
    "deletion": 28,
    "restore": 29,
    "privacyDeletion": 30,
}
FLAGS = {"creation": "NEW", "deletion": "DELETED", "merge": "MERGED", "restore": "RESTORED"}


@dataclass(frozen=True, slots=True)
class Limits:
    """How often may be called: in ten seconds, searches in one second, in a day (JST)."""

    burst: int = 190
    searches: int = 5
    daily: int = 650_000


class Simulator(People):
    """A portal in Japan with one private app, one OAuth app and the default pipeline.

    ``renkei_properties`` adds the custom contact properties a careful operator makes for the hub.
    ``index_lag`` is how many seconds searches are behind. ``search_cap`` is the deepest result a
    search shows. ``limits`` are how often may be called. ``whole_batch_refusals``: a plain
    validation error fails its whole batch with 400, else it is a line of a 207. ``automation``: new
    contacts become leads, deals move their people.
    """

    slug = "hubspot"

    def __init__(
        self,
        *,
        path: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 0,
        token: str = "pat-jp1-rehearsal",  # noqa: S107 - a simulator's
        scopes: Iterable[str] = SCOPES,
        renkei_properties: bool = True,
        index_lag: float = 3.0,
        search_cap: int = 10_000,
        limits: Limits = Limits(),
        whole_batch_refusals: bool = True,
        automation: bool = True,
    ) -> None:
        super().__init__(path=path, now=now, seed=seed)
        self.token = token
        self.scopes = tuple(scopes)
        self.search_cap = search_cap
        self.whole_batch_refusals = whole_batch_refusals
        self.daily = limits.daily
        self._burst = Window(limits.burst, 10)
        self._searches = Window(limits.searches, 1)
        self._events: list[Row] = []
        self.portal = Portal(
            self, custom=renkei_properties, index_lag=index_lag, automation=automation
        )
        self.portal.happened = self._note
        if not self.table("owners"):
            self.add_owner("tanaka@renkei.example", "田中", "一郎")

    # What a request must get past

    def admit(self, request: Request) -> None:
        """Token, scope, then limits; search has a limit of its own and no limit headers."""
        self.portal.source = "INTEGRATION"
        if request.path.startswith(OPEN_PATHS):
            return
        self._admit_token(request)
        self._admit_scope(request)
        searching = request.path.endswith("/search")
        if searching and not self._searches.take(self.now()):
            raise self._too_many("SECONDLY", "You have reached your secondly limit.")
        if not searching and not self._burst.take(self.now()):
            raise self._too_many(
                "TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit."
            )
        if self._used_today() >= self.daily:
            raise self._too_many("DAILY", "You have reached your daily limit.")
        self.table("_usage")["day"] = {"day": self._today(), "used": self._used_today() + 1}

    def _today(self) -> str:
        return (self.now() + PORTAL_ZONE).date().isoformat()

    def revoke(self) -> None:
        """Somebody deletes the private app and disconnects the public one."""
        with self.lock:
            self.table("revoked")[self.token] = {}
            self.table("revoked")[self.refresh_token] = {}
            for token in self.table("access"):
                del self.table("access")[token]

    def _used_today(self) -> int:
        row = self.table("_usage").get("day", {})
        return int(row["used"]) if row.get("day") == self._today() else 0

    def _admit_token(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise self._unauthorised(
                "Authentication credentials not found", "INVALID_AUTHENTICATION"
            )
        if token == self.token and token not in self.table("revoked"):
            return
        issued = self.table("access").get(token)
        if issued is None:
            raise self._unauthorised(
                "Authentication credentials not found", "INVALID_AUTHENTICATION"
            )
        if datetime.fromisoformat(issued["until"].replace("Z", "+00:00")) <= self.now():
            raise self._unauthorised(
                "The OAuth token used to make this call expired", "EXPIRED_AUTHENTICATION"
            )

    def _unauthorised(self, message: str, category: str) -> Refusal:
        return Refusal(json_response(error_body(message, category, self.correlation()), 401))

    def _admit_scope(self, request: Request) -> None:
        needed = _needed_scope(request.path, request.method)
        if needed is None or needed in self.scopes:
            return
        message = "This app hasn't been granted all required scopes to make this call."
        errors = [{"message": message, "context": {"requiredGranularScopes": [needed]}}]
        body = error_body(message, "MISSING_SCOPES", self.correlation(), errors)
        raise Refusal(json_response(body, 403))

    def _too_many(self, policy: str, message: str) -> Refusal:
        body = {
            "status": "error",
            "message": message,
            "errorType": "RATE_LIMIT",
            "correlationId": self.correlation(),
            "policyName": policy,
        }
        return Refusal(json_response(body, 429))

    def refuse(self, request: Request, error: HTTPException) -> Response:
        """A wrong path or method is a page, not JSON."""
        return html_page(request.path, error.code or 404)

    def _answer(self, request: Request) -> Response:
        try:
            answer = super()._answer(request)
        finally:
            self.portal.source = "CRM_UI"
        if not request.path.endswith("/search") and not request.path.startswith(OPEN_PATHS):
            answer.headers.update(
                {
                    "X-HubSpot-RateLimit-Daily": str(self.daily),
                    "X-HubSpot-RateLimit-Daily-Remaining": str(self.daily - self._used_today()),
                    "X-HubSpot-RateLimit-Max": str(self._burst.limit),
                    "X-HubSpot-RateLimit-Remaining": str(self._burst.left()),
                    "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
                }
            )
        answer.headers.setdefault("X-HubSpot-Correlation-Id", self.correlation())
        self.tell()
        return answer

    # Webhooks v3

    def subscribe_url(self, url: str, client_secret: str) -> None:
        """Send every event of contacts, companies and deals to ``url`` from now on."""
        with self.lock:
            self.table("_hook")["target"] = {"url": url, "secret": client_secret}

    def _note(self, kind: str, event: str, own: str, **more: Any) -> None:
        if "target" not in self.table("_hook") or kind not in {"contacts", "companies", "deals"}:
            return
        one: Row = {
            "eventId": self.next_id("events", 3_816_279_340),
            "subscriptionId": EVENT_IDS[event],
            "portalId": self.portal_id,
            "appId": self.app_id,
            "occurredAt": int(self.now().timestamp() * 1000),
            "subscriptionType": f"{KINDS[kind][0]}.{event}",
            "attemptNumber": 0,
            "objectId": int(own),
            "changeSource": self.portal.source,
        }
        if event == "propertyChange":
            one.update(propertyName=more["name"], propertyValue=more["value"])
        else:
            one["changeFlag"] = FLAGS.get(event, event.upper())
        if event == "merge":
            one.update(
                primaryObjectId=int(more["primary"]),
                mergedObjectIds=[int(more["merged"])],
                newObjectId=int(own),
                numberOfPropertiesMoved=0,
            )
        self._events.append(one)

    def tell(self) -> None:
        """Send what happened since the last call, in signed arrays of up to 100 events."""
        with self.lock:
            target = self.table("_hook").get("target")
            while self._events and target is not None:
                batch, self._events = self._events[:MOST_EVENTS], self._events[MOST_EVENTS:]
                self.send(self.signed(batch, target["url"], target["secret"]))

    def signed(self, events: list[Row], url: str, secret: str) -> Delivery:
        """A webhook with signature v3: base64 HMAC-SHA256 of method, URL, body and time."""
        body = orjson.dumps(events)
        stamp = str(int(self.now().timestamp() * 1000))
        message = b"POST" + url.encode() + body + stamp.encode()
        signature = b64encode(hmac.new(secret.encode(), message, sha256).digest()).decode()
        headers = {
            "Content-Type": "application/json",
            "X-HubSpot-Signature-v3": signature,
            "X-HubSpot-Request-Timestamp": stamp,
        }
        return Delivery(url=url, body=body, headers=headers, vendor_id=str(events[0]["eventId"]))


def _needed_scope(path: str, method: str) -> str | None:
    if path.startswith(("/form-integrations/", "/marketing/v3/forms")):
        return "forms"
    if path.startswith("/communication-preferences/"):
        return "communication_preferences.read_write"
    if path.startswith("/crm/v3/owners"):
        return "crm.objects.owners.read"
    parts = path.strip("/").split("/")
    if parts[:3] != ["crm", "v3", "objects"] or len(parts) < 4:
        return None
    kind = parts[3] if parts[3] in {"contacts", "companies", "deals"} else "contacts"
    reading = method == "GET" or path.endswith(("/search", "/batch/read"))
    return f"crm.objects.{kind}.{'read' if reading else 'write'}"
