"""Webhook intake: checked, stored and committed before it is answered.

The event loop checks and parses; one thread writes, many webhooks in one commit, and only then are
they answered. What cannot be stored now is answered 503, and the vendor sends it again.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from hashlib import sha256
from time import monotonic
from typing import Any
from urllib.parse import unquote

import orjson

from connectors.kit.base import Answer, AnswersHooks, Hook, News, ReceivesWebhooks
from connectors.kit.errors import BadSignature, ConnectorError
from sync.engine.hub import Hub
from sync.engine.refusals import NOT_STORED, SIGNATURE
from sync.observe.redact import Plain, code_of
from sync.store.database import iso
from sync.store.hooks import Arrived
from sync.web.writer import Full, Writer
from sync.workers.bells import Bell

log = logging.getLogger("renkei.intake")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_BODY = 1024 * 1024
BODY_SECONDS = 10.0
"""How long a body may take to come in."""
TELL_SECONDS = 60.0
"""How often the log says that a connection's webhooks are refused."""
NOT_KEPT = re.compile(r"(proxy-)?authorization|cookie|(.*-)?(token|secret|password|api-?key)")
"""Headers that are checked, and not stored: whoever reads them could send in their name."""


class Refused(Exception):
    """A request that is answered with a status and nothing else."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Intake:
    """The ASGI application below /hooks. ``counts`` says what became of requests, by reason."""

    def __init__(self, hub: Hub, bell: Bell) -> None:
        self.hub = hub
        self.counts: Counter[str] = Counter()
        self.writer = Writer(hub.database, bell)
        self._base = hub.config.hub.public_url.rstrip("/")
        self._receivers: dict[str, ReceivesWebhooks] = {
            name: flow.connector
            for name, flow in hub.flows.items()
            if flow.config.enabled and isinstance(flow.connector, ReceivesWebhooks)
        }
        self._taken = {
            name: receiver.taken
            for name, receiver in self._receivers.items()
            if isinstance(receiver, AnswersHooks)
        }
        self._told: dict[tuple[str, str], float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            answer = await self._take(scope, receive)
        except Refused as refused:
            self.counts[refused.reason] += 1
            await _answer(send, refused.status)
        except Exception:
            self.counts["fault"] += 1
            raise
        else:
            await _answer(send, answer.status, answer.body, answer.content_type)

    async def _take(self, scope: Scope, receive: Receive) -> Answer:
        method: str = scope["method"]
        if method not in ("POST", "GET"):
            raise Refused(405, "method")
        path: bytes = scope.get("raw_path") or scope["path"].encode()
        name = connection_of(path)
        receiver = self._receivers.get(name)
        if receiver is None:
            raise Refused(404, "unknown")
        if self.writer.is_full():
            self.hub.refusals.note(name, NOT_STORED)
            raise Refused(503, "full")
        body = await _body(receive)
        query: bytes = scope.get("query_string") or b""
        now = self.hub.now()
        hook = Hook(
            method=method,
            url=f"{self._base}{path.decode('latin-1')}{'?' if query else ''}"
            f"{query.decode('latin-1')}",
            headers=_headers(scope["headers"]),
            body=body,
            received_at=now,
        )
        answer, news = self._read(name, receiver, hook)
        if answer is not None:
            self.counts["handshake"] += 1
            return answer
        kept = {key: value for key, value in hook.headers.items() if not NOT_KEPT.fullmatch(key)}
        arrived = Arrived(
            connection=name,
            event_key=event_key(news, body),
            method=method,
            url=hook.url,
            headers=orjson.dumps(kept).decode(),
            body=body,
            received_at=iso(now),
        )
        try:
            await self.writer.store(arrived)
        except Full as error:
            self.hub.refusals.note(name, NOT_STORED)
            raise Refused(503, "full") from error
        except OSError as error:
            self.hub.refusals.note(name, NOT_STORED)
            raise Refused(503, "disk") from error
        self.counts["stored"] += 1
        return self._taken.get(name, _OK)

    def _read(
        self, name: str, receiver: ReceivesWebhooks, hook: Hook
    ) -> tuple[Answer | None, News]:
        """The answer to a handshake, or what a webhook that proved itself says."""
        try:
            answer = receiver.verify(hook)
        except BadSignature as error:
            self.hub.refusals.note(name, SIGNATURE)
            self._tell(name, code_of(error))
            raise Refused(401, code_of(error)) from error
        except ConnectorError as error:
            self._tell(name, code_of(error))
            raise Refused(400, code_of(error)) from error
        if answer is not None:
            return answer, _NO_NEWS
        try:
            return None, receiver.read_hook(hook)
        except (ConnectorError, ValueError, TypeError, LookupError, AttributeError) as error:
            self._tell(name, code_of(error))
            raise Refused(400, "unreadable") from error

    def _tell(self, name: str, reason: Plain) -> None:
        """Say that a connection's webhooks are refused, once a minute."""
        now = monotonic()
        if now - self._told.get((name, reason), -TELL_SECONDS) >= TELL_SECONDS:
            self._told[name, reason] = now
            log.warning('a webhook for connection "%s" was refused (%s)', name, reason)

    def close(self) -> None:
        """Write what has been taken in, and take no more."""
        self.writer.close()


_OK = Answer()
_NO_NEWS = News(())
_NAME = re.compile(rb"/hooks/([^/]+)")


def connection_of(path: bytes) -> str:
    """The connection's name in a path below /hooks; empty where there is none."""
    found = _NAME.search(path)
    return unquote(found[1].decode("latin-1")) if found else ""


def event_key(news: News, body: bytes) -> str:
    """What every delivery of the same events has in common."""
    said = "\n".join(sorted(news.event_ids)).encode() if news.event_ids else body
    return sha256(said).hexdigest()


def _headers(raw: list[tuple[bytes, bytes]]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for key, value in raw:
        name, text = key.decode("latin-1").lower(), value.decode("latin-1")
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found


async def _body(receive: Receive) -> bytes:
    """The body, whole; the bytes are counted, whatever Content-Length says."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            message = await receive()
            body: bytes = message.get("body", b"")
            if message.get("more_body") and message["type"] == "http.request":
                body = await _rest(body, receive)
    except TimeoutError as error:
        raise Refused(408, "slow") from error
    if message["type"] == "http.disconnect":
        raise Refused(400, "gone")
    if len(body) > MAX_BODY:
        raise Refused(413, "too large")
    return body


async def _rest(start: bytes, receive: Receive) -> bytes:
    parts, size = [start], len(start)
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "gone")
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if size > MAX_BODY:
            raise Refused(413, "too large")
        if not message.get("more_body"):
            return b"".join(parts)


RETRY_AFTER = b"10"


async def _answer(
    send: Send, status: int, body: bytes = b"", content_type: str = "text/plain"
) -> None:
    headers = [
        (b"content-length", b"%d" % len(body)),
        (b"content-type", content_type.encode("latin-1")),
    ]
    if status == 503:
        headers.append((b"retry-after", RETRY_AFTER))
    if status in (408, 413):
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
