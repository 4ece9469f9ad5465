"""The wire of the simulated Chatwork: its routes, limits and refusals, as the sheet has them.

Unverified, here only: the words of the refusals, 403 for a room one is not in, and that an
unknown room is 404.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
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

DEFAULT_TOKEN = "chatwork-rehearsal-token"  # noqa: S105 - the simulator's own
BOT = 1484814
CALLS, CALLS_SECONDS = 300, 300
"""Requests of one user in five minutes."""
POSTS, POSTS_SECONDS = 10, 10
"""Messages and tasks in one room. Unverified: from memory."""
LONGEST = 65_535
LISTED = 100
ACCESS_LIFETIME = 900


def refusal(status: int, *errors: str) -> Refusal:
    """An error of the API: a list of words."""
    return Refusal(json_response({"errors": list(errors)}, status))


class Wire(BaseSimulator):
    """What the API answers to the bot. ``Simulator`` adds what other people do."""

    slug = "chatwork"

    def __init__(
        self,
        *,
        path: Path | None,
        now: Callable[[], datetime],
        seed: int,
        token: str,
        limits: bool,
    ) -> None:
        super().__init__(path=path, now=now, seed=seed)
        self.token = token
        self.limits = limits
        self.accounts = self.table("accounts")
        self.rooms = self.table("rooms")
        self.messages = self.table("messages")
        self.tasks = self.table("tasks")
        self.apps = self.table("apps")
        self.grants = self.table("grants")
        self._calls = {"from": 0.0, "count": 0}
        self._posts: dict[str, Window] = {}

    # -- who, how often, and in what form -----------------------------------------------------

    def admit(self, request: Request) -> None:
        """Check the token, count the request, and take forms only."""
        if request.path.endswith("/token"):
            return
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        given = request.headers.get("X-ChatWorkToken")
        if not (self.token and given == self.token) and not self._granted(bearer):
            raise refusal(401, "Invalid API token")
        self._count()
        if request.method in ("POST", "PUT") and request.content_length:
            kind = request.mimetype
            if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
                raise refusal(400, "The body is no form")

    def _granted(self, token: str) -> bool:
        now = self.now().timestamp()
        return any(
            row["access_token"] == token and now < row["until"] for row in self.grants.values()
        )

    def _count(self) -> None:
        now = self.now().timestamp()
        if now >= self._calls["from"] + CALLS_SECONDS:
            self._calls = {"from": now, "count": 0}
        if self.limits and self._calls["count"] >= CALLS:
            raise refusal(429, "Rate limit exceeded")
        self._calls["count"] += 1

    def _answer(self, request: Request) -> Response:
        answer = super()._answer(request)
        left = max(CALLS - int(self._calls["count"]), 0)
        answer.headers["X-RateLimit-Limit"] = str(CALLS)
        answer.headers["X-RateLimit-Remaining"] = str(left)
        answer.headers["X-RateLimit-Reset"] = str(int(self._calls["from"]) + CALLS_SECONDS)
        return answer

    def _may_post(self, room_id: int) -> None:
        window = self._posts.setdefault(str(room_id), Window(POSTS, POSTS_SECONDS))
        if self.limits and not window.take(self.now()):
            raise refusal(429, "Rate limit for messages and tasks per room exceeded")

    def refuse(self, request: Request, error: HTTPException) -> Response:  # noqa: ARG002 - a hook
        """The vendor's shape of a wrong path or method."""
        return json_response({"errors": [error.name]}, error.code or 500)

    # -- OAuth --------------------------------------------------------------------------------

    @route("POST", "/token")
    def exchange(self, request: Request) -> Response:
        """A refresh token for an access token; the client proves itself by HTTP Basic."""
        client = request.authorization
        app = self.apps.get(client.username or "") if client is not None else None
        if app is None or client is None or app["secret"] != client.password:
            return _oauth_error("invalid_client", "The client is not known", 401)
        if request.form.get("grant_type") != "refresh_token":
            return _oauth_error("unsupported_grant_type", "Only refresh_token is simulated", 400)
        held = self.grants.get(request.form.get("refresh_token", ""))
        if held is None or held["client_id"] != (client.username or ""):
            return _oauth_error("invalid_grant", "The refresh token is not known", 400)
        key = str(held["refresh_token"])
        until = self.now().timestamp() + ACCESS_LIFETIME
        self.grants[key] = {**held, "access_token": self._secret(), "until": until}
        return json_response(
            {
                "access_token": self.grants[key]["access_token"],
                "token_type": "Bearer",
                "expires_in": str(ACCESS_LIFETIME),
                "refresh_token": key,
                "scope": "users.all:read rooms.all:read_write",
            }
        )

    def _secret(self) -> str:
        return f"{self.random.getrandbits(160):040x}"

    # -- who we are and where we are ------------------------------------------------------------

    @route("GET", "/v2/me")
    def me(self, request: Request) -> Response:  # noqa: ARG002 - a route
        """The bot."""
        return json_response({**self._account(BOT), "room_id": 1, "mail": "bot@mihon.example"})

    @route("GET", "/v2/rooms")
    def list_rooms(self, request: Request) -> Response:  # noqa: ARG002 - a route
        """The rooms the bot is in."""
        mine = [row for row in self.rooms.values() if str(BOT) in row["members"]]
        return json_response(
            [
                {
                    "room_id": row["room_id"],
                    "name": row["name"],
                    "type": "group",
                    "role": row["members"][str(BOT)],
                }
                for row in mine
            ]
        )

    @route("GET", "/v2/rooms/<int:room_id>/members")
    def list_members(self, request: Request, room_id: int) -> Response:  # noqa: ARG002 - a route
        """Who is in a room; no mail addresses."""
        members: Mapping[str, str] = self._room(room_id)["members"]
        return json_response(
            [{**self._account(int(key)), "role": role} for key, role in members.items()]
        )

    # -- messages -------------------------------------------------------------------------------

    @route("GET", "/v2/rooms/<int:room_id>/messages")
    def list_messages(self, request: Request, room_id: int) -> Response:
        """The newest hundred; without ``force=1`` only those this user has not been given."""
        room = self._room(room_id)
        held = [row for row in self.messages.values() if row["room_id"] == room_id]
        newest = sorted(held, key=lambda row: int(row["message_id"]))[-LISTED:]
        if request.args.get("force", "0") != "1":
            newest = [row for row in newest if int(row["message_id"]) > room["read_to"]]
        if not newest:
            return Response(status=204)
        room["read_to"] = max(room["read_to"], int(newest[-1]["message_id"]))
        self.rooms[str(room_id)] = room
        return json_response([self._shown(row) for row in newest])

    @route("POST", "/v2/rooms/<int:room_id>/messages")
    def post_message(self, request: Request, room_id: int) -> Response:
        """Say something."""
        self._room(room_id, writing=True)
        body = _body(request)
        self._may_post(room_id)
        return json_response({"message_id": self.keep(room_id, BOT, body)["message_id"]})

    @route("GET", "/v2/rooms/<int:room_id>/messages/<message_id>")
    def get_message(self, request: Request, room_id: int, message_id: str) -> Response:  # noqa: ARG002
        """One message."""
        return json_response(self._shown(self._message(room_id, message_id)))

    @route("PUT", "/v2/rooms/<int:room_id>/messages/<message_id>")
    def put_message(self, request: Request, room_id: int, message_id: str) -> Response:
        """Change what one said oneself."""
        row = self._message(room_id, message_id)
        if row["account_id"] != BOT:
            raise refusal(403, "You can only edit your own messages")
        self.change(row, _body(request))
        return json_response({"message_id": message_id})

    def _message(self, room_id: int, message_id: str) -> dict[str, Any]:
        self._room(room_id)
        row = self.messages.get(message_id)
        if row is None or row["room_id"] != room_id:
            raise refusal(404, "Message not found")
        return row

    def _shown(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "message_id": row["message_id"],
            "account": self._account(row["account_id"]),
            "body": row["body"],
            "send_time": row["send_time"],
            "update_time": row["update_time"],
        }

    # -- tasks ----------------------------------------------------------------------------------

    @route("GET", "/v2/rooms/<int:room_id>/tasks")
    def list_tasks(self, request: Request, room_id: int) -> Response:
        """At most a hundred tasks of one status."""
        self._room(room_id)
        status = request.args.get("status", "open")
        if status not in ("open", "done"):
            raise refusal(400, "status must be open or done")
        rows = [
            row
            for row in self.tasks.values()
            if row["room_id"] == room_id
            and row["status"] == status
            and _same(request, "account_id", row["account_id"])
            and _same(request, "assigned_by_account_id", row["assigned_by"])
        ]
        return json_response([self._task_shown(row) for row in rows[-LISTED:]])

    @route("POST", "/v2/rooms/<int:room_id>/tasks")
    def post_task(self, request: Request, room_id: int) -> Response:
        """One task for each of ``to_ids``, who must be in the room."""
        room = self._room(room_id, writing=True)
        body = _body(request)
        to_ids = [one for one in request.form.get("to_ids", "").split(",") if one]
        if not to_ids or any(one not in room["members"] for one in to_ids):
            raise refusal(400, "to_ids must be members of the room")
        kind = request.form.get("limit_type", "time")
        limit = request.form.get("limit", "0")
        if kind not in ("none", "date", "time") or not limit.isdigit():
            raise refusal(400, "limit must be unix seconds, limit_type none, date or time")
        self._may_post(room_id)
        made = [self.keep_task(room_id, int(one), body, int(limit), kind) for one in to_ids]
        return json_response({"task_ids": made})

    @route("GET", "/v2/rooms/<int:room_id>/tasks/<int:task_id>")
    def get_task(self, request: Request, room_id: int, task_id: int) -> Response:  # noqa: ARG002
        """One task."""
        return json_response(self._task_shown(self._task(room_id, task_id)))

    @route("PUT", "/v2/rooms/<int:room_id>/tasks/<int:task_id>/status")
    def put_status(self, request: Request, room_id: int, task_id: int) -> Response:
        """Complete a task, or open it again."""
        row = self._task(room_id, task_id)
        status = _body(request)
        if status not in ("open", "done"):
            raise refusal(400, "body must be open or done")
        self.tasks[str(task_id)] = {**row, "status": status}
        return json_response({"task_id": task_id})

    def _task(self, room_id: int, task_id: int) -> dict[str, Any]:
        self._room(room_id)
        row = self.tasks.get(str(task_id))
        if row is None or row["room_id"] != room_id:
            raise refusal(404, "Task not found")
        return row

    def _task_shown(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "task_id": row["task_id"],
            "account": self._account(row["account_id"]),
            "assigned_by_account": self._account(row["assigned_by"]),
            "message_id": row["message_id"],
            "body": row["body"],
            "limit_time": row["limit_time"],
            "status": row["status"],
            "limit_type": row["limit_type"],
        }

    # -- what is kept ---------------------------------------------------------------------------

    def keep(self, room_id: int, account_id: int, body: str) -> dict[str, Any]:
        """A new message in a room."""
        row = {
            "message_id": str(self.next_id("message", 10**15)),
            "room_id": room_id,
            "account_id": account_id,
            "body": body,
            "send_time": int(self.now().timestamp()),
            "update_time": 0,
        }
        self.messages[str(row["message_id"])] = row
        self.told("message_created", row)
        return row

    def change(self, row: dict[str, Any], body: str) -> None:
        """Other words for a message that is there."""
        now = int(self.now().timestamp())
        changed = {**row, "body": body, "update_time": max(now, int(row["update_time"]) + 1)}
        self.messages[str(row["message_id"])] = changed
        self.told("message_updated", changed)

    def keep_task(self, room_id: int, account_id: int, body: str, limit: int, kind: str) -> int:
        """A new task of the bot's, for one person."""
        task_id = self.next_id("task")
        self.tasks[str(task_id)] = {
            "task_id": task_id,
            "room_id": room_id,
            "account_id": account_id,
            "assigned_by": BOT,
            "message_id": str(self.next_id("message", 10**15)),
            "body": body,
            "limit_time": limit,
            "limit_type": kind if limit else "none",
            "status": "open",
        }
        return task_id

    def told(self, event: str, row: Mapping[str, Any]) -> None:
        """Something happened to a message; ``Simulator`` tells the webhooks."""

    def _account(self, account_id: int) -> dict[str, Any]:
        name = self.accounts.get(str(account_id), {"name": "退室した人"})["name"]
        picture = f"https://chatwork.example/{account_id}.png"
        return {"account_id": account_id, "name": name, "avatar_image_url": picture}

    def _room(self, room_id: int, *, writing: bool = False) -> dict[str, Any]:
        room = self.rooms.get(str(room_id))
        if room is None:
            raise refusal(404, "Room not found")
        role = room["members"].get(str(BOT))
        if role is None or (writing and role == "readonly"):
            raise refusal(403, "You don't have permission for this room")
        return room


def _body(request: Request) -> str:
    body = request.form.get("body", "")
    if not 1 <= len(body) <= LONGEST:
        raise refusal(400, "Parameter 'body' is required, at most 65535 characters")
    return body


def _same(request: Request, name: str, value: int) -> bool:
    asked = request.args.get(name)
    return asked is None or asked == str(value)


def _oauth_error(error: str, description: str, status: int) -> Response:
    uri = "https://developer.chatwork.com"
    return json_response(
        {"error": error, "error_description": description, "error_uri": uri}, status
    )
