"""A simulated Marketo instance before its data: who may ask, how often, and how it refuses.

Nearly every refusal is a 200 with ``success: false``. Refused calls count against no limit.
Sources: Adobe Marketo Engage developer docs ("Authentication", "Error Codes", "Usage").
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from connectors.kit.simulator import (
    BaseSimulator,
    Refusal,
    Request,
    Response,
    json_response,
    route,
)

CLIENT_ID = "4e3c1f70-rehearsal-client"
CLIENT_SECRET = "marketo-rehearsal-client-secret"  # noqa: S105 - the simulator's, opens nothing
API_USER = "renkei-api@rehearsal.example"
CENTRAL = ZoneInfo("America/Chicago")
"""The day of the quota begins here at midnight."""
IDENTITY = "/identity/"
RATE, RATE_SECONDS = 100, 20
DAILY = 50_000
CONCURRENT = 10
TOKEN_LIFE = 3600
LONGEST_URI = 8 * 1024
LARGEST_BODY = 1024 * 1024
PERMISSIONS = ("Read-Only Lead", "Read-Write Lead", "Read-Only Activity")
SAID = {
    "601": "Access token invalid",
    "602": "Access token expired",
    "603": "Access denied",
    "605": "HTTP method not supported",
    "607": "Daily quota reached",
    "609": "Invalid JSON",
    "610": "Requested resource not found",
    "612": "Invalid Content Type",
    "615": "Concurrent access limit reached",
}


def zulu(moment: datetime) -> str:
    """A time as leads and activities carry it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def offset(moment: datetime) -> str:
    """A time as lead changes and deleted leads carry it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


class Instance(BaseSimulator):
    """One subscription with one API-only user and its custom service.

    ``rate`` is how many calls 20 seconds take, ``daily`` how many a day. ``busy`` requests to come
    find ten others under way. ``permissions`` are those of the API user.
    """

    slug = "marketo"

    def __init__(
        self,
        *,
        path: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 0,
        rate: int = RATE,
        daily: int = DAILY,
        permissions: Iterable[str] = PERMISSIONS,
    ) -> None:
        super().__init__(path=path, now=now, seed=seed)
        self.rate = rate
        self.daily = daily
        self.busy = 0
        self.permissions = set(permissions)
        self._recent: deque[datetime] = deque()
        self._succeeded = False
        if not self.table("clients"):
            self.table("clients")[CLIENT_ID] = {"secret": CLIENT_SECRET}

    # ---- who asks ----------------------------------------------------------------------------

    @route("GET", "/identity/oauth/token")
    @route("POST", "/identity/oauth/token")
    def issue_token(self, request: Request) -> Response:
        """The token of a custom service: the same one until it has expired."""
        asked = request.args
        held = self.table("clients").get(asked.get("client_id", ""))
        if held is None or held["secret"] != asked.get("client_secret"):
            return json_response(
                {"error": "unauthorized", "error_description": "Bad client credentials"}, 401
            )
        if asked.get("grant_type") != "client_credentials":
            return json_response({"error": "unsupported_grant_type"}, 400)
        now = self.now()
        for token, row in self.table("tokens").items():
            left = (datetime.fromisoformat(row["until"]) - now).total_seconds()
            if row["client"] == asked["client_id"] and left > 0:
                return self._token(token, left)
        token = f"{UUID(int=self.random.getrandbits(128), version=4)}:int"
        until = now + timedelta(seconds=TOKEN_LIFE)
        self.table("tokens")[token] = {"client": asked["client_id"], "until": until.isoformat()}
        return self._token(token, TOKEN_LIFE)

    def _token(self, token: str, left: float) -> Response:
        lasts = max(int(left) - 1, 0)
        body = {"access_token": token, "token_type": "bearer", "expires_in": lasts}
        return json_response({**body, "scope": API_USER})

    def expire_tokens(self) -> None:
        """Let the hour of every token be over."""
        for token, row in self.table("tokens").items():
            self.table("tokens")[token] = {**row, "until": self.now().isoformat()}

    def forget_tokens(self) -> None:
        """Make every token one that was never issued."""
        self.table("tokens").clear()

    def revoke(self) -> None:
        """Somebody deletes the custom service."""
        self.forget_tokens()
        self.table("clients").clear()

    def admit(self, request: Request) -> None:
        """Sizes, token, then limits."""
        if request.path.startswith(IDENTITY):
            return
        if len(request.full_path) > LONGEST_URI:
            raise Refusal(Response("Request-URI Too Long", 414))
        if (request.content_length or 0) > LARGEST_BODY:
            raise Refusal(Response("Request Entity Too Large", 413))
        self._override(request)
        if self.busy > 0:
            self.busy -= 1
            raise self.no("615")
        self._admit_token(request)
        self._admit_rate()

    def _override(self, request: Request) -> None:
        """A long read comes as a POST that says it is a GET, its query as a form."""
        if request.method == "POST" and request.args.get("_method") == "GET":
            if not (request.content_type or "").startswith("application/x-www-form-urlencoded"):
                raise self.no("612")
            request.environ["REQUEST_METHOD"] = "GET"

    def _admit_token(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        held = self.table("tokens").get(token) if scheme.lower() == "bearer" else None
        if held is None:
            raise self.no("601")
        if datetime.fromisoformat(held["until"]) <= self.now():
            raise self.no("602")

    def _admit_rate(self) -> None:
        now = self.now()
        while self._recent and self._recent[0] <= now - timedelta(seconds=RATE_SECONDS):
            self._recent.popleft()
        if len(self._recent) >= self.rate:
            said = f"Max rate limit '{self.rate}' exceeded with in '{RATE_SECONDS}' secs"
            raise self.no("606", said)
        if self.used_today() >= self.daily:
            raise self.no("607")

    def need(self, *permissions: str) -> None:
        """Refuse an API user who has none of these permissions."""
        if not self.permissions & set(permissions):
            raise self.no("603")

    # ---- answers -----------------------------------------------------------------------------

    def _answer(self, request: Request) -> Response:
        self._succeeded = False
        answer = super()._answer(request)
        if self._succeeded:
            self._recent.append(self.now())
            self._count("total")
        return answer

    def ok(self, result: list[Any] | None = None, **more: Any) -> Response:
        """A good answer."""
        self._succeeded = True
        body: dict[str, Any] = {"requestId": self._request_id()}
        if result is not None:
            body["result"] = result
        return json_response({**body, "success": True, **more})

    def no(self, code: str, message: str = "") -> Refusal:
        """A refusal of a whole request."""
        self._count(code)
        errors = [{"code": code, "message": message or SAID[code]}]
        return Refusal(
            json_response({"requestId": self._request_id(), "success": False, "errors": errors})
        )

    def _request_id(self) -> str:
        return f"{self.random.getrandbits(16):x}#{int(self.now().timestamp() * 1000):x}"

    def refuse(self, request: Request, error: HTTPException) -> Response:  # noqa: ARG002 - its base
        """A path or method that is none: told like anything else, with a 200."""
        return self.no("605" if isinstance(error, MethodNotAllowed) else "610").response

    def asked(self, request: Request) -> MultiDict[str, str]:
        """The query, wherever it was put."""
        if request.args.get("_method") == "GET":
            return MultiDict([*request.args.items(multi=True), *request.form.items(multi=True)])
        return request.args

    def names(self, asked: Mapping[str, str], name: str) -> list[str]:
        """A parameter of several values, with commas between them."""
        return [one.strip() for one in asked.get(name, "").split(",") if one.strip()]

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON object of a write."""
        if not (request.content_type or "").startswith("application/json"):
            raise self.no("612")
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise self.no("609")
        return body

    # ---- what was used -----------------------------------------------------------------------

    def today(self) -> str:
        """The day of the quota, in US Central time."""
        return self.now().astimezone(CENTRAL).date().isoformat()

    def used_today(self) -> int:
        """Calls of today that counted."""
        return int(self.table("usage").get(self.today(), {}).get("total", 0))

    def use_up(self) -> None:
        """Another integration spends what is left of the day."""
        row = self.table("usage").get(self.today(), {})
        self.table("usage")[self.today()] = {**row, "total": self.daily}

    def _count(self, what: str) -> None:
        row = self.table("usage").get(self.today(), {})
        self.table("usage")[self.today()] = {**row, what: int(row.get(what, 0)) + 1}

    @route("GET", "/rest/v1/stats/usage.json")
    def usage(self, request: Request) -> Response:  # noqa: ARG002 - a route
        """Calls of today, by API user."""
        total = self.used_today()
        users = [{"userId": API_USER, "count": total}]
        return self.ok([{"date": self.today(), "total": total, "users": users}])

    @route("GET", "/rest/v1/stats/errors.json")
    def errors(self, request: Request) -> Response:  # noqa: ARG002 - a route
        """Refusals of today, by code."""
        row = dict(self.table("usage").get(self.today(), {}))
        row.pop("total", None)
        listed = [{"errorCode": code, "count": count} for code, count in sorted(row.items())]
        return self.ok([{"date": self.today(), "total": sum(row.values()), "errors": listed}])
