"""The wire of the simulated Zoom: tokens, scopes, rate limits, pages of a list, and refusals.

Sources: Zoom's Meetings and Phone OpenAPI documents (labels, scopes, codes, page sizes), its pages
on rate limits and on OAuth. What those do not say is marked here as unverified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from werkzeug.exceptions import HTTPException

from connectors.kit.simulator import (
    BaseSimulator,
    Refusal,
    Request,
    Response,
    Window,
    json_response,
    route,
)

ACCOUNT_ID = "aCcT_rehearsal"
CLIENT_ID = "zoom-rehearsal-client"
CLIENT_SECRET = "zoom-rehearsal-secret"  # noqa: S105 - opens nothing but a simulator
TOKEN_LIFETIME = 3599
"""Seconds an access token lives (Zoom, server-to-server OAuth)."""
PAGE_TOKEN_LIFETIME = timedelta(minutes=15)
DEFAULT_PAGE = 30
MOST_PER_PAGE = 300
SCOPES = frozenset(
    f"{scope}:admin"
    for scope in (
        "meeting:read:list_meetings",
        "meeting:read:list_registrants",
        "meeting:read:registrant",
        "meeting:read:list_past_instances",
        "webinar:read:list_past_instances",
        "meeting:read:list_registration_questions",
        "meeting:write:registrant",
        "meeting:update:registrant_status",
        "webinar:read:list_webinars",
        "webinar:read:list_registrants",
        "webinar:read:registrant",
        "webinar:read:list_registration_questions",
        "webinar:write:registrant",
        "webinar:update:registrant_status",
        "report:read:user",
        "report:read:list_meeting_participants",
        "report:read:list_webinar_participants",
        "phone:read:list_call_logs",
        "phone:read:call_log",
    )
)
PRO = {
    "LIGHT": 30,
    "MEDIUM": 20,
    "HEAVY": 10,
    "PHONE LIGHT": 20,
    "PHONE MEDIUM": 10,
    "PHONE HEAVY": 5,
}
"""Requests a second of an account on the Pro plan, by label (Zoom, rate limits)."""
PRO_DAY = {"HEAVY": 30_000, "PHONE HEAVY": 15_000}
NO_SCOPE = 4711
"""Unverified: the code of a missing scope, and that it comes with status 400."""


def refusal(
    status: int, code: int, message: str, errors: Sequence[Mapping[str, str]] = ()
) -> Refusal:
    """A refusal in Zoom's shape; ``errors`` names the fields at fault (unverified shape)."""
    body: dict[str, Any] = {"code": code, "message": message}
    if errors:
        body["errors"] = [dict(error) for error in errors]
    return Refusal(json_response(body, status))


def invalid(field: str, message: str) -> Refusal:
    """A refusal of one parameter or field."""
    return refusal(400, 300, "Validation Failed.", [{"field": field, "message": message}])


def stamp(moment: float) -> str:
    """A moment as Zoom writes it: UTC, to the second."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Wire(BaseSimulator):
    """Who may ask, how often, and how a list is cut into pages.

    ``limits`` are requests a second by label, ``day_limits`` a day; None for no limit.
    ``rate_headers`` False leaves the X-RateLimit headers out, as some have met it.
    """

    slug = "zoom"

    def __init__(
        self,
        *,
        path: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 0,
        limits: Mapping[str, int] | None = PRO,
        day_limits: Mapping[str, int] | None = PRO_DAY,
        rate_headers: bool = True,
    ) -> None:
        super().__init__(path=path, now=now, seed=seed)
        self.scopes = set(SCOPES)
        self.client_secret = CLIENT_SECRET
        self.rate_headers = rate_headers
        self.tokens = self.table("tokens")
        self.pages = self.table("pages")
        self._seconds = {label: Window(most, 1.0) for label, most in (limits or {}).items()}
        self._day_limits = dict(day_limits or {})

    # -- who asks -----------------------------------------------------------------------------

    @route("POST", "/oauth/token")
    def token(self, request: Request) -> Response:
        """An access token for the account, or for a person whose refresh token works once.

        Unverified: the words of its refusals, and that they have status 400.
        """
        form = {**request.args.to_dict(), **request.form.to_dict()}
        who = request.authorization
        known = (CLIENT_ID, self.client_secret)
        if who is None or who.type != "basic" or (who.username, who.password) != known:
            return _no("invalid_client", "Invalid client_id or client_secret")
        match form.get("grant_type"):
            case "account_credentials":
                if form.get("account_id") != ACCOUNT_ID:
                    return _no("invalid_request", "Bad Request")
                return json_response(self._grant(user=False))
            case "refresh_token":
                held = self.tokens.get(form.get("refresh_token", ""))
                if held is None or held.get("used", True):
                    return _no("invalid_grant", "Invalid Token!")
                self.tokens[form["refresh_token"]] = {**held, "used": True}
                return json_response(self._grant(user=True))
            case _:
                return _no("unsupported_grant_type", "unsupported grant type")

    def sign_in(self) -> str:
        """A person consents to a user-level app; returns the first refresh token."""
        with self.lock:
            return str(self._grant(user=True)["refresh_token"])

    def revoke(self) -> None:
        """Deactivate the app: its secret and every token stop working."""
        with self.lock:
            self.client_secret = ""
            for key, held in self.tokens.items():
                self.tokens[key] = {**held, "until": 0.0, "used": True}

    def _grant(self, *, user: bool) -> dict[str, Any]:
        access = f"eyJ{self.random.getrandbits(240):060x}"
        until = self.now().timestamp() + TOKEN_LIFETIME
        self.tokens[access] = {"until": until, "user": user}
        body = {
            "access_token": access,
            "token_type": "bearer",
            "expires_in": TOKEN_LIFETIME,
            "scope": " ".join(sorted(self.scopes)),
            "api_url": "https://api.zoom.us",
        }
        if user:
            body["refresh_token"] = f"rf{self.random.getrandbits(240):060x}"
            self.tokens[str(body["refresh_token"])] = {"used": False}
        return body

    def admit(self, request: Request) -> None:
        """Refuse whoever has no token that is good now."""
        if request.path == "/oauth/token":
            return
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        held = self.tokens.get(given) if scheme.lower() == "bearer" else None
        if held is None or "until" not in held:
            raise refusal(401, 124, "Invalid access token.")
        if held["until"] <= self.now().timestamp():
            raise refusal(401, 124, "Access token is expired.")

    def is_user(self, request: Request) -> bool:
        """Whether the token is a person's, for whom ``me`` stands."""
        given = request.headers.get("Authorization", "").partition(" ")[2]
        return bool(self.tokens[given]["user"])

    def allow(self, label: str, granular: str, classic: str) -> None:
        """Refuse a token without the scope, in either family, and a call that is one too many."""
        names = {granular, f"{granular}:admin", classic, f"{classic}:admin"}
        if not names & self.scopes:
            wanted = f"{classic}:admin, {granular}:admin"
            message = f"Invalid access token, does not contain scopes:[{wanted}]."
            raise refusal(400, NO_SCOPE, message)
        window = self._seconds.get(label)
        if window is not None and not window.take(self.now()):
            raise self._too_fast(label, window.limit)
        most = self._day_limits.get(label)
        if most is not None and self.next_id(f"{label} {self.now().date()}") > most:
            raise self._too_many(label, most)

    def _too_fast(self, label: str, most: int) -> Refusal:
        message = (
            "You have reached the maximum per-second rate limit for this API. Try again later."
        )
        headers = {"X-RateLimit-Type": "QPS", "X-RateLimit-Limit": str(most)}
        return self._limited(label, message, headers)

    def _too_many(self, label: str, most: int) -> Refusal:
        message = "You have reached the maximum daily rate limit for this API."
        midnight = self.next_day().strftime("%Y-%m-%dT%H:%M:%SZ")
        headers = {"X-RateLimit-Type": "Daily-limit", "X-RateLimit-Limit": str(most)}
        return self._limited(label, message, headers | {"Retry-After": midnight})

    def _limited(self, label: str, message: str, headers: dict[str, str]) -> Refusal:
        category = label.removeprefix("PHONE ").title()
        shown = {"X-RateLimit-Category": category, "X-RateLimit-Remaining": "0", **headers}
        return Refusal(
            json_response(
                {"code": 429, "message": message}, 429, shown if self.rate_headers else {}
            )
        )

    def next_day(self) -> datetime:
        """When daily limits begin anew: 00:00 UTC."""
        today = self.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return today + timedelta(days=1)

    def refuse(self, request: Request, error: HTTPException) -> Response:  # noqa: ARG002
        """Zoom's shape of a wrong path, method or body. Unverified: code 2300."""
        messages = {404: "This API endpoint is not recognized.", 405: "Method not supported."}
        message = messages.get(error.code or 500, "Request Body should be a valid JSON object.")
        code = 2300 if error.code in messages else 300
        return json_response({"code": code, "message": message}, error.code or 500)

    # -- lists --------------------------------------------------------------------------------

    def size_of(self, request: Request) -> int:
        """``page_size``; refused above 300."""
        text = request.args.get("page_size", str(DEFAULT_PAGE))
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_PER_PAGE):
            raise invalid("page_size", f"page_size must be from 1 to {MOST_PER_PAGE}.")
        return int(text)

    def page(self, request: Request, name: str, rows: Sequence[Mapping[str, Any]]) -> Response:
        """One page of a list, by ``next_page_token``, which lives for 15 minutes."""
        size, start = self.size_of(request), 0
        given = request.args.get("next_page_token", "")
        now = self.now()
        if given:
            held = self.pages.get(given)
            if held is None or held["path"] != request.path or held["until"] <= now.timestamp():
                raise refusal(400, 300, "The next page token is invalid or expired.")
            start = int(held["start"])
        following = ""
        if start + size < len(rows):
            following = f"{self.random.getrandbits(200):050x}"
            until = (now + PAGE_TOKEN_LIFETIME).timestamp()
            self.pages[following] = {"path": request.path, "start": start + size, "until": until}
        return json_response(
            {
                "next_page_token": following,
                "page_count": -(-len(rows) // size),
                "page_size": size,
                "total_records": len(rows),
                name: list(rows[start : start + size]),
            }
        )

    def body_of(self, request: Request) -> dict[str, Any]:
        """The JSON object that was sent."""
        body = request.get_json()
        if not isinstance(body, dict):
            raise refusal(400, 300, "Request Body should be a valid JSON object.")
        return body


def _no(error: str, reason: str) -> Response:
    return json_response({"reason": reason, "error": error}, 400)
