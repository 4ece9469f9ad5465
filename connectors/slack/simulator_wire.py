"""The wire of the simulated Slack: Web API methods, response addresses, and what they refuse."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
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
    route,
)
from connectors.slack import simulator_rules as rules

DEFAULT_TOKEN = "xoxb-rehearsal"  # noqa: S105 - the simulator's own
BOT = "U0BOT00001"
BOT_ID = "B0BOT00001"
TEAM = "T0MIHON001"
SCOPES = ("chat:write", "users:read", "users:read.email", "channels:read", "channels:history")
BURST, BURST_SECONDS = 3, 2.0
"""Messages a channel takes: about one a second, short bursts allowed. The figures are ours."""
LONGEST_TEXT = 40_000
TRIGGER_SECONDS = 3.0
RESPONSES, RESPONSE_SECONDS = 5, 1_800.0
MOST_LISTED = 999
_CALLS = re.compile(r"<!(channel|here|everyone)")


def refusal(error: str, status: int = 200, **more: Any) -> Refusal:
    """The usual shape of a refusal: HTTP 200 and a word."""
    headers = {"Retry-After": "1"} if status == 429 else {}
    return Refusal(json_response({"ok": False, "error": error, **more}, status, headers))


class Wire(BaseSimulator):
    """What a workspace answers to the app. ``Simulator`` adds what people do."""

    slug = "slack"

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
        self.scopes = set(SCOPES)
        self.called: list[str] = []
        self.users = self.table("users")
        self.channels = self.table("channels")
        self.messages = self.table("messages")
        self.views = self.table("views")
        self.triggers = self.table("triggers")
        self.responses = self.table("responses")
        self.whispers = self.table("whispers")
        self._windows: dict[str, Window] = {}

    def admit(self, request: Request) -> None:
        """Check the token; response addresses need none."""
        if not request.path.startswith("/api/"):
            return
        given = request.headers.get("Authorization", "")
        if not given:
            raise refusal("not_authed")
        if not self.token or given != f"Bearer {self.token}":
            raise refusal("invalid_auth")

    def refuse(self, request: Request, error: HTTPException) -> Response:  # noqa: ARG002 - a hook
        """An unknown method is a word, too."""
        return json_response({"ok": False, "error": "unknown_method"}, 200)

    # -- who ------------------------------------------------------------------------------------

    @route("GET", "/api/auth.test")
    @route("POST", "/api/auth.test")
    def auth_test(self, request: Request) -> Response:  # noqa: ARG002 - a route
        """Whose token it is; the header names its scopes (unverified: from memory)."""
        body = {"ok": True, "team": "見本商事", "team_id": TEAM, "user": "renkei", "user_id": BOT}
        return json_response(body, headers={"X-OAuth-Scopes": ",".join(sorted(self.scopes))})

    @route("GET", "/api/users.lookupByEmail")
    def lookup(self, request: Request) -> Response:
        """The user behind a mail address."""
        self._need("users:read.email")
        email = request.args.get("email", "")
        for key, row in self.users.items():
            if row["email"] and row["email"] == email:
                return json_response({"ok": True, "user": self._user(key)})
        raise refusal("users_not_found")

    @route("GET", "/api/users.info")
    def user_info(self, request: Request) -> Response:
        """A user; the address only with its scope."""
        self._need("users:read")
        key = request.args.get("user", "")
        if key not in self.users:
            raise refusal("user_not_found")
        return json_response({"ok": True, "user": self._user(key)})

    def _user(self, key: str) -> dict[str, Any]:
        row = self.users[key]
        email = {"email": row["email"]} if "users:read.email" in self.scopes else {}
        profile = {"real_name": row["name"], **email}
        return {"id": key, "team_id": TEAM, "real_name": row["name"], "profile": profile}

    # -- channels ---------------------------------------------------------------------------------

    @route("GET", "/api/conversations.list")
    def list_channels(self, request: Request) -> Response:
        """Channels, by cursor."""
        self._need("channels:read")
        size = _size(request, 100)
        start = int(request.args.get("cursor") or 0)
        rows = list(self.channels.values())
        more = str(start + size) if len(rows) > start + size else ""
        shown = [
            {"id": row["id"], "name": row["name"], "is_archived": row["archived"]}
            for row in rows[start : start + size]
        ]
        return json_response(
            {"ok": True, "channels": shown, "response_metadata": {"next_cursor": more}}
        )

    @route("GET", "/api/conversations.history")
    def history(self, request: Request) -> Response:
        """A channel's messages that begin a thread, newest first, between oldest and latest."""
        self._need("channels:history")
        channel = request.args.get("channel", "")
        self._channel(channel)
        low, high = request.args.get("oldest", "0"), request.args.get("latest", "99999999999")
        inclusive = request.args.get("inclusive", "false") in ("true", "1")
        for name, text in (("oldest", low), ("latest", high)):
            if not re.fullmatch(r"\d+(\.\d+)?", text):
                raise refusal(f"invalid_ts_{name}")
        found = [
            row
            for row in self.messages.values()
            if row["channel"] == channel
            and row.get("thread_ts", row["ts"]) == row["ts"]
            and _between(row["ts"], low, high, inclusive)
        ]
        found.sort(key=lambda row: _order(row["ts"]), reverse=True)
        size = _size(request, 100)
        shown = [{k: v for k, v in row.items() if k != "channel"} for row in found[:size]]
        return json_response({"ok": True, "messages": shown, "has_more": len(found) > size})

    # -- chat -------------------------------------------------------------------------------------

    @route("POST", "/api/chat.postMessage")
    def post_message(self, request: Request) -> Response:
        """Say something as the bot."""
        body = self._arguments(request)
        channel = self._writable(body)
        self._check(body)
        row = self.keep(channel, BOT, str(body.get("text") or ""), bot_id=BOT_ID)
        if body.get("blocks"):
            row["blocks"] = body["blocks"]
        if body.get("thread_ts"):
            row["thread_ts"] = body["thread_ts"]
        self.messages[f"{channel}:{row['ts']}"] = row
        shown = {key: value for key, value in row.items() if key != "channel"}
        return json_response({"ok": True, "channel": channel, "ts": row["ts"], "message": shown})

    @route("POST", "/api/chat.update")
    def update(self, request: Request) -> Response:
        """Change what the bot said. Without blocks the old ones stay."""
        body = self._arguments(request)
        channel = self._writable(body)
        row = self.messages.get(f"{channel}:{body.get('ts')}")
        if row is None:
            raise refusal("message_not_found")
        if row["user"] != BOT:
            raise refusal("cant_update_message")
        self._check(body)
        blocks = {"blocks": body["blocks"]} if "blocks" in body else {}
        changed = {**row, "text": str(body.get("text") or ""), **blocks}
        self.messages[f"{channel}:{row['ts']}"] = changed
        shown = {"text": changed["text"], "user": BOT}
        return json_response({"ok": True, "channel": channel, "ts": row["ts"], "message": shown})

    @route("POST", "/api/chat.postEphemeral")
    def whisper(self, request: Request) -> Response:
        """Say something to one user."""
        body = self._arguments(request)
        channel = self._writable(body)
        if str(body.get("user")) not in self.channels[channel]["members"]:
            raise refusal("user_not_in_channel")
        self._check(body)
        return json_response({"ok": True, "message_ts": self.note(channel, body["user"], body)})

    def _check(self, body: Mapping[str, Any]) -> None:
        text = str(body.get("text") or "")
        if not text and not body.get("blocks"):
            raise refusal("no_text")
        if len(text) > LONGEST_TEXT:
            raise refusal("msg_too_long")
        if body.get("blocks"):
            found = rules.faults(body["blocks"])
            if found:
                raise refusal("invalid_blocks", response_metadata={"messages": found})
        for parsed in [text, *rules.mrkdwn(body.get("blocks") or [])]:
            self.called.extend(_CALLS.findall(parsed))

    def _writable(self, body: Mapping[str, Any]) -> str:
        self._need("chat:write")
        channel = str(body.get("channel") or "")
        row = self._channel(channel)
        if row["archived"]:
            raise refusal("is_archived")
        window = self._windows.setdefault(channel, Window(BURST, BURST_SECONDS))
        if self.limits and not window.take(self.now()):
            raise refusal("ratelimited", 429)
        return channel

    def _channel(self, channel: str) -> dict[str, Any]:
        row = self.channels.get(channel)
        if row is None:
            raise refusal("channel_not_found")
        if BOT not in row["members"]:
            raise refusal("not_in_channel")
        return row

    def _need(self, scope: str) -> None:
        if scope not in self.scopes:
            provided = ",".join(sorted(self.scopes))
            raise refusal("missing_scope", needed=scope, provided=provided)

    def _arguments(self, request: Request) -> Mapping[str, Any]:
        """The arguments of a write: JSON that names its charset, or a form."""
        if request.mimetype == "application/x-www-form-urlencoded":
            return dict(request.form)
        if request.mimetype != "application/json":
            raise refusal("missing_post_type" if not request.mimetype else "invalid_post_type")
        if request.mimetype_params.get("charset", "").lower() != "utf-8":
            raise refusal("invalid_charset")
        try:
            body = orjson.loads(request.get_data())
        except orjson.JSONDecodeError as error:
            raise refusal("invalid_json") from error
        if not isinstance(body, dict):
            raise refusal("json_not_object")
        return body

    # -- modals and response addresses ------------------------------------------------------------

    @route("POST", "/api/views.open")
    def open_view(self, request: Request) -> Response:
        """Open a modal for whoever made the trigger, once and at once."""
        body = self._arguments(request)
        trigger = self.triggers.get(str(body.get("trigger_id")))
        if trigger is None:
            messages = ["invalid `trigger_id`"]
            raise refusal("invalid_arguments", response_metadata={"messages": messages})
        if trigger["used"]:
            raise refusal("exchanged_trigger_id")
        if self.now().timestamp() > trigger["until"]:
            raise refusal("expired_trigger_id")
        found = rules.view_faults(body.get("view"))
        if found:
            raise refusal("invalid_arguments", response_metadata={"messages": found})
        self.triggers[str(body["trigger_id"])] = {**trigger, "used": True}
        key = f"V{self.next_id('view', 100)}"
        view = {**body["view"], "id": key, "team_id": TEAM, "hash": "1.0", "state": {"values": {}}}
        self.views[key] = {"view": view, "user": trigger["user"]}
        return json_response({"ok": True, "view": view})

    @route("POST", "/actions/<key>")
    def respond(self, request: Request, key: str) -> Response:
        """Answer a press: five times in half an hour, without a token."""
        row = self.responses.get(key)
        now = self.now().timestamp()
        if row is None or row["uses"] >= RESPONSES or now > row["until"]:
            raise Refusal(Response("expired_url", status=404))
        body = self._arguments(request)
        self.responses[key] = {**row, "uses": row["uses"] + 1}
        if body.get("replace_original"):
            held = self.messages[f"{row['channel']}:{row['ts']}"]
            blocks = {"blocks": body.get("blocks", [])}
            changed = {**held, "text": str(body.get("text") or ""), **blocks}
            self.messages[f"{row['channel']}:{row['ts']}"] = changed
        else:
            self.note(row["channel"], row["user"], body)
        return Response("ok")

    # -- what is kept -----------------------------------------------------------------------------

    def keep(self, channel: str, user: str, text: str, **more: Any) -> dict[str, Any]:
        """A new message."""
        seconds = int(self.now().timestamp())
        row = {
            "type": "message",
            "channel": channel,
            "ts": f"{seconds}.{self.next_id('ts') % 1_000_000:06d}",
            "user": user,
            "text": text,
            **more,
        }
        self.messages[f"{channel}:{row['ts']}"] = row
        return row

    def note(self, channel: str, user: str, body: Mapping[str, Any]) -> str:
        """Something that only one user sees."""
        key = f"{int(self.now().timestamp())}.{self.next_id('ts') % 1_000_000:06d}"
        self.whispers[key] = {"channel": channel, "user": user, "text": str(body.get("text"))}
        return key


def _order(ts: str) -> tuple[int, str]:
    seconds, _, rest = ts.partition(".")
    return int(seconds), rest.ljust(6, "0")


def _between(ts: str, low: str, high: str, inclusive: bool) -> bool:
    place, bottom, top = _order(ts), _order(low), _order(high)
    return bottom <= place <= top if inclusive else bottom < place < top


def _size(request: Request, default: int) -> int:
    text = request.args.get("limit", str(default))
    if not text.isdigit() or not 1 <= int(text) <= MOST_LISTED:
        raise refusal("invalid_limit")
    return int(text)
