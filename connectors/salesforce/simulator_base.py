"""What every part of the simulated Salesforce stands on: the org, its sessions and its quota."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from werkzeug.exceptions import HTTPException

from connectors.kit.simulator import (
    BaseSimulator,
    Refusal,
    Request,
    Response,
    Window,
    json_response,
)
from connectors.salesforce.simulator_org import Org
from connectors.salesforce.simulator_schema import Schema

VERSIONS = tuple(range(55, 69))
DAY = 24 * 3600.0
INTEGRATION_USER = {
    "Name": "連携 ユーザー",
    "Username": "renkei@example.co.jp",
    "Email": "renkei@example.co.jp",
    "IsActive": True,
}


def refusal(status: int, code: str, message: str, *fields: str) -> Refusal:
    """A refusal in the shape of the data API: an array of one error."""
    item: dict[str, Any] = {"message": message, "errorCode": code}
    if fields:
        item["fields"] = list(fields)
    return Refusal(json_response([item], status))


class OrgSimulator(BaseSimulator):
    """An org behind its door: bearer sessions that end, a daily quota, and versions of the API.

    ``stage_fields`` adds the hub's custom fields to Lead and Contact. ``page_size`` is the most
    rows of a query page. ``session_timeout`` is in seconds of the simulator's clock.
    ``instance_url`` is what tokens name as the org's host (default: the host that was asked).
    """

    slug = "salesforce"

    def __init__(
        self,
        *,
        path: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 0,
        stage_fields: bool = True,
        daily_limit: int = 15_000,
        page_size: int = 2000,
        session_timeout: float = 7200.0,
        instance_url: str | None = None,
    ) -> None:
        super().__init__(path=path, now=now, seed=seed)
        self.schema = Schema(stage_fields=stage_fields)
        self.org = Org(self, self.schema)
        self.page_size = page_size
        self.session_timeout = timedelta(seconds=session_timeout)
        self.instance_url = instance_url
        self.daily_limit = daily_limit
        self._calls = Window(daily_limit, DAY)
        if not self.table("User"):
            self.org.insert("User", INTEGRATION_USER)
            self.org.insert("Organization", {"Name": "連携デモ株式会社"})
        self.save()

    def use_up_calls(self, left: int = 0) -> None:
        """Let the org's other integrations use the daily calls up, but for ``left``."""
        while self._calls.left() > left:
            self._calls.take(self.now())

    def end_sessions(self) -> None:
        """End every session, as a time-out or an administrator does."""
        sessions = self.table("_sessions")
        for token in sessions:
            del sessions[token]

    def admit(self, request: Request) -> None:
        """Let in who has a session, while calls are left."""
        path = request.path.rstrip("/")
        if not path.startswith("/services/data"):
            return
        request.environ["PATH_INFO"] = path  # a slash at the end makes no difference
        parts = path.split("/")
        if len(parts) == 3:
            return
        if not self.has_session(request):
            raise refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if parts[3] not in {f"v{number}.0" for number in VERSIONS}:
            raise refusal(404, "NOT_FOUND", "The requested resource does not exist")
        if not self._calls.take(self.now()):
            raise refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")

    def has_session(self, request: Request) -> bool:
        """Whether the request carries the token of a session that has not ended."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        session = self.table("_sessions").get(token)
        return (
            scheme in ("Bearer", "OAuth")
            and session is not None
            and datetime.fromisoformat(session["ends"]) > self.now()
        )

    def refuse(self, request: Request, error: HTTPException) -> Response:
        """A wrong path or method, in the data API's shape."""
        if error.code == 405:
            message = f"HTTP Method '{request.method}' not allowed."
            return refusal(405, "METHOD_NOT_ALLOWED", message).response
        return refusal(404, "NOT_FOUND", "The requested resource does not exist").response

    def _answer(self, request: Request) -> Response:
        response = super()._answer(request)
        if request.path.startswith("/services/data/v"):
            used = self.daily_limit - self._calls.left()
            response.headers["Sforce-Limit-Info"] = f"api-usage={used}/{self.daily_limit}"
        return response

    def body(self, request: Request) -> dict[str, Any]:
        """The request's JSON object."""
        try:
            read = orjson.loads(request.get_data())
        except orjson.JSONDecodeError as error:
            raise refusal(400, "JSON_PARSER_ERROR", f"Unexpected character: {error}") from error
        if not isinstance(read, dict):
            raise refusal(400, "JSON_PARSER_ERROR", "The request body must be an object")
        return read

    def known(self, name: str) -> str:
        """The object's name as the org spells it."""
        found = next((n for n in self.schema.objects if n.lower() == name.lower()), None)
        if found is None:
            raise refusal(404, "NOT_FOUND", "The requested resource does not exist")
        return found


def allows_duplicates(request: Request) -> bool:
    """Whether ``Sforce-Duplicate-Rule-Header`` asks to save past an alert."""
    said = request.headers.get("Sforce-Duplicate-Rule-Header", "")
    return "allowsave=true" in said.replace(" ", "").lower()
