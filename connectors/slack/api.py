"""Requests to Slack: most refusals come as HTTP 200 with ``ok: false`` and a word.

Sources: the Web API's OpenAPI document and the python-slack-sdk. What an error word means for us is
in ``_error``; only the word is repeated, never what was sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordGone,
    RecordRejected,
    Unavailable,
)
from connectors.kit.session import Reply, Session, Throttle, Wiring

POSTS_PER_SECOND = 1
"""Messages in one channel (Slack docs, rate limits; short bursts are let pass)."""
READS_PER_MINUTE = 50
"""Requests of a tier 3 method. Unverified: from memory, as all tiers."""
JSON = "application/json; charset=utf-8"
RESPONSE_HOST = "hooks.slack.com"

NOT_LET_IN = frozenset(
    {
        "not_authed",
        "invalid_auth",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "no_permission",
        "org_login_required",
    }
)
FOR_NOW = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
SLOWER = frozenset({"ratelimited", "rate_limited"})
GONE = frozenset({"message_not_found"})
OF_THE_CHANNEL = frozenset(
    {"channel_not_found", "not_in_channel", "is_archived", "restricted_action"}
)
TOO_LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})
"""Unverified: the words of a trigger that can no longer be used, from memory."""
_BAD_TRIGGER = "invalid `trigger_id`"
_WORD = re.compile(r"[a-z0-9_:.,]{1,120}")


class Api:
    """The Web API as one bot user."""

    def __init__(self, session: Session, bare: Session, wiring: Wiring) -> None:
        self.session = session
        self._bare = bare
        self._wiring = wiring
        self._reads = wiring.throttle(READS_PER_MINUTE, 60.0)
        self._channels: dict[str, Throttle] = {}

    def close(self) -> None:
        """Give the sockets back."""
        self.session.close()
        self._bare.close()

    def read(self, method: str, **asked: str) -> Mapping[str, Any]:
        """The answer of a method that only reads."""
        self._reads.wait()
        reply = self.session.get(f"/{method}", params=asked)
        return self.judged(method, reply, safe=True)

    def write(
        self, method: str, body: Mapping[str, Any], *, safe: bool = False
    ) -> Mapping[str, Any]:
        """The answer of a method that does something; ``safe`` where twice is once."""
        reply = self.session.post(
            f"/{method}", content=orjson.dumps(body), headers={"content-type": JSON}, safe=safe
        )
        return self.judged(method, reply, safe=safe)

    def say(self, method: str, body: Mapping[str, Any], *, safe: bool = False) -> Mapping[str, Any]:
        """A write that counts against its channel's one message a second."""
        channel = str(body["channel"])
        throttle = self._channels.get(channel)
        if throttle is None:
            throttle = self._channels[channel] = self._wiring.throttle(POSTS_PER_SECOND)
        throttle.wait()
        return self.write(method, body, safe=safe)

    def respond(self, url: str, body: Mapping[str, Any]) -> bool:
        """Answer to a response_url, without our token; false where it is no good any more."""
        host = urlsplit(url).hostname
        if host not in (RESPONSE_HOST, urlsplit(self.session.base_url).hostname):
            return False
        try:
            self._bare.post(url, content=orjson.dumps(body), headers={"content-type": JSON})
        except (RecordGone, RecordRejected, AuthFailed):
            return False
        return True

    def judged(self, method: str, reply: Reply, *, safe: bool) -> Mapping[str, Any]:
        """The body of an answer that says ok; else the error that its word means."""
        body = reply.json()
        if not isinstance(body, Mapping) or not isinstance(body.get("ok"), bool):
            raise ContractBroken(f"Slack: {method} answered without ok", code="SLACK_SHAPE")
        if not body["ok"]:
            raise self._error(method, reply, body, safe=safe)
        return body

    def _error(
        self, method: str, reply: Reply, body: Mapping[str, Any], *, safe: bool
    ) -> ConnectorError:
        given = str(body.get("error") or "")
        word = given if _WORD.fullmatch(given) else "no word"
        where = f"Slack: {method} was refused ({word})"
        if word == "missing_scope":
            needed = str(body.get("needed") or "")
            scope = needed if _WORD.fullmatch(needed) else "the scope it needs"
            return AuthFailed(
                f"{where}: give the app {scope}, and install it again", code="SLACK_SCOPE"
            )
        if word in NOT_LET_IN:
            return AuthFailed(
                f"{where}: the bot token is wrong or was taken back; install the app again and put "
                "its token into the options",
                code="SLACK_TOKEN_REFUSED",
            )
        if word in SLOWER:
            wait = self.session.wait_said(reply, default=30.0)
            return RateLimited(where, retry_after=wait, status=200, code="SLACK_RATE_LIMITED")
        if word in FOR_NOW:
            return Unavailable(where, maybe_applied=not safe, code="SLACK_UNAVAILABLE")
        if word in GONE:
            return RecordGone(where, code="SLACK_NO_MESSAGE")
        if word in TOO_LATE or _BAD_TRIGGER in _messages(body):
            return RecordRejected(where, status=200, code="SLACK_TOO_LATE")
        if safe and method.startswith("conversations."):
            return ContractBroken(
                f"{where}: correct `channels`, and invite the app to the channel",
                code="SLACK_NO_CHANNEL",
            )
        if word in OF_THE_CHANNEL:
            return RecordRejected(
                f"{where}: name the channel by its id, and invite the app to it",
                status=200,
                code="SLACK_NO_CHANNEL",
                fields=("room",),
            )
        return RecordRejected(where, status=200, code="SLACK_REFUSED")


def _messages(body: Mapping[str, Any]) -> list[Any]:
    metadata = body.get("response_metadata")
    said = metadata.get("messages") if isinstance(metadata, Mapping) else None
    return said if isinstance(said, list) else []
