"""Zoom's refusals as our errors.

A refusal is ``{"code", "message"}``; the code is Zoom's own number and the status says little: a
missing permission is a 400. Source: the response lists of Zoom's OpenAPI documents. Messages are
not repeated: they quote addresses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
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
)
from connectors.kit.reply import moment
from connectors.kit.session import Reply, retry_after, shown_path

BAD_TOKEN = 124
NOT_ALLOWED = 200
INVALID = 300
NO_USER = 1001
NO_PATH = 2300
"""Unverified: the code of an unknown path."""
NO_REGISTRATION = 3000
GONE = frozenset({3001, 3079})
"""An event, or a registrant, that does not exist."""
NO_SCOPE = 4711
"""Unverified: the code of a missing scope, and that it comes with status 400."""
TOO_OLD = 12702
REASONS: Mapping[int, str] = {
    3000: "it takes no registrations, or no more of them",
    3027: "the host cannot register",
    3034: "it wants another address of this person",
    3038: "it is over",
    3043: "it is full",
}
"""What a refused registration means."""
SHORTEST_WAIT = 1.0
"""Seconds to wait after a 429 of a limit by the second."""
_NAME = re.compile(r"[A-Za-z0-9_.\[\]]{1,60}")
_SCOPES = re.compile(r"scopes:\[([a-z_:, ]{1,500})\]")


class PageExpired(ContractBroken):
    """A page token that is older than 15 minutes: the list must be read from its beginning."""

    code = "ZOOM_PAGE_EXPIRED"


def translate(reply: Reply) -> ConnectorError | None:
    """The error that a refusal is, or None where its status says enough."""
    body = _body(reply.content)
    where = f"Zoom: {reply.method} {shown_path(reply.url)}"
    if reply.status == 429:
        return _limited(where, reply, str(body.get("message", "")))
    code = body.get("code")
    if not isinstance(code, int):
        return None
    if reply.status == 401 or code == BAD_TOKEN:
        return AuthFailed(
            f"{where} was refused: the token is wrong or expired, or the app was deactivated; "
            "check the app in the Zoom marketplace",
            status=reply.status,
            code="ZOOM_TOKEN_REFUSED",
        )
    if code in (NO_SCOPE, NOT_ALLOWED):
        return _not_allowed(where, reply.status, code, body)
    if reply.status in (400, 404):
        return _wrong(where, reply, code, body)
    return None


def _limited(where: str, reply: Reply, message: str) -> RateLimited:
    """Until when: the header where there is one, else by what kind of limit it was."""
    kind = f"{reply.headers.get('x-ratelimit-type', '')} {message}".lower()
    said = retry_after(reply.headers)
    daily = "daily" in kind
    wait = SHORTEST_WAIT
    if said is not None:
        wait = said
    elif daily:
        wait = _to_midnight(reply.headers)
    return RateLimited(
        f"{where} was told to slow down: {'the day' if daily else 'the second'} is used up",
        retry_after=wait,
        code="ZOOM_DAILY_LIMIT" if daily else "ZOOM_RATE_LIMITED",
    )


def _to_midnight(headers: Mapping[str, str]) -> float:
    """Seconds to 00:00 UTC, when daily limits begin anew, by the answer's own clock."""
    now = moment(headers.get("date", "")) or datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (midnight - now).total_seconds()


def _not_allowed(where: str, status: int, code: int, body: Mapping[str, Any]) -> AuthFailed:
    if code == NO_SCOPE:
        found = _SCOPES.search(str(body.get("message", "")))
        named = found[1] if found else "see the connector's page"
        return AuthFailed(
            f"{where}: the app lacks a scope ({named}); add it in the Zoom marketplace",
            status=status,
            code="ZOOM_SCOPE",
        )
    return AuthFailed(
        f"{where} is not allowed: the plan does not include it, or the app's owner lacks the role; "
        "take it out of `read`, or change the plan",
        status=status,
        code="ZOOM_NOT_ALLOWED",
    )


def _wrong(where: str, reply: Reply, code: int, body: Mapping[str, Any]) -> ConnectorError | None:
    about_registrants = "/registrants" in urlsplit(reply.url).path
    if code in GONE or (code == NO_USER and about_registrants):
        return RecordGone(f"{where} found nothing ({code})", status=reply.status, code="ZOOM_GONE")
    if code == TOO_OLD:
        return RecordGone(f"{where}: older than a year", status=reply.status, code="ZOOM_TOO_OLD")
    if code == NO_USER:
        text = f"{where}: Zoom has no such user; correct `hosts`"
        return ContractBroken(text, status=reply.status, code="ZOOM_NO_USER")
    if code == NO_PATH:
        text = f"{where}: Zoom does not know the path; check `base_url`"
        return ContractBroken(text, status=reply.status, code="ZOOM_NO_PATH")
    if reply.method == "GET":
        return _not_read(where, reply.status, code, body, about_registrants)
    return _not_written(where, reply.status, code, body)


def _not_read(
    where: str, status: int, code: int, body: Mapping[str, Any], about_registrants: bool
) -> ConnectorError | None:
    if code == INVALID and "page token" in str(body.get("message", "")):
        return PageExpired(f"{where}: the page token is no longer good", status=status)
    if about_registrants and not fields_of(body) and code in (INVALID, NO_REGISTRATION):
        text = f"{where}: the event takes no registrations"
        return RecordRejected(text, status=status, code="ZOOM_NO_REGISTRATION")
    if status == 404:
        return None
    named = ", ".join(fields_of(body)) or "not said"
    text = f"{where} was refused ({code}), fields: {named}"
    return ContractBroken(text, status=status, code="ZOOM_BAD_QUERY")


def _not_written(where: str, status: int, code: int, body: Mapping[str, Any]) -> ConnectorError:
    fields = fields_of(body)
    if fields:
        text = f"{where} was refused ({code}), fields: {', '.join(fields)}"
        return RecordRejected(text, status=status, code="ZOOM_VALIDATION", fields=fields)
    why = REASONS.get(code, "look the number up in Zoom's API reference")
    return RecordRejected(f"{where} was refused ({code}): {why}", code="ZOOM_REFUSED")


def fields_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields a refusal names. Unverified: their place in the body."""
    errors = body.get("errors")
    named = [
        str(one.get("field", ""))
        for one in (errors if isinstance(errors, list) else ())
        if isinstance(one, Mapping)
    ]
    return tuple(name for name in named if _NAME.fullmatch(name))


def _body(content: bytes) -> Mapping[str, Any]:
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}
