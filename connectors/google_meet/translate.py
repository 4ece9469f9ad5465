"""Google's refusals as our errors.

Calendar answers ``{"error": {"code", "message", "errors": [{"domain", "reason"}]}}``, Meet and
Workspace Events ``{"error": {"code", "message", "status", "details"}}``. Only reasons and statuses
are repeated: a message may quote an address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from connectors.kit.errors import (
    AuthFailed,
    Conflict,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordGone,
    RecordRejected,
)
from connectors.kit.session import Reply, retry_after, shown_path

MINUTE_IS_FULL = 30.0
"""Seconds to wait when a quota of a minute is used up and no time is named: half of it."""
DAY_IS_FULL = 3600.0
"""Seconds to wait for quotas that take long to refill."""
FULL_MINUTE = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RESOURCE_EXHAUSTED"})
FULL_DAY = frozenset({"calendarUsageLimits", "quotaExceeded", "dailyLimitExceeded"})
"""From memory: reasons of a 403 about invitations to strangers, and about a day's calls."""
NO_SCOPE = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
SCOPE_CODE = "GOOGLE_MEET_FORBIDDEN"
_REASON = re.compile(r"[A-Za-z_]{1,60}")


def translate(reply: Reply) -> ConnectorError | None:
    """The error that a refusal is, or None where its status says enough."""
    reason = reason_of(reply)
    where = f"Google: {reply.method} {shown_path(reply.url)}"
    match reply.status:
        case 400:
            return _refused(where, reply, reason)
        case 401:
            return AuthFailed(
                f"{where} was refused: the access token is no longer good even after a new one; "
                "check that the user is active and the grant stands",
                status=401,
                code="GOOGLE_MEET_TOKEN_REFUSED",
            )
        case 403 | 429 if reply.status == 429 or reason in FULL_MINUTE | FULL_DAY:
            said = retry_after(reply.headers)
            wait = DAY_IS_FULL if reason in FULL_DAY else MINUTE_IS_FULL
            return RateLimited(
                f"{where} was told to slow down ({reason or reply.status})",
                retry_after=wait if said is None else said,
                status=reply.status,
                code="GOOGLE_MEET_RATE_LIMITED",
            )
        case 403 if reason == "forbiddenForServiceAccounts":
            return AuthFailed(
                f"{where} was forbidden: a service account invites nobody by itself; allow it "
                "domain-wide delegation in the admin console",
                status=403,
                code="GOOGLE_MEET_NO_DELEGATION",
            )
        case 403:
            return AuthFailed(
                f"{where} was forbidden ({reason or 403}): a scope is missing, or the user's "
                "edition or licence lacks the API; needed are calendar.events and "
                "meetings.space.readonly",
                status=403,
                code=SCOPE_CODE,
            )
        case 404 | 410:
            return RecordGone(
                f"{where} found nothing ({reason or reply.status})",
                status=reply.status,
                code="GOOGLE_MEET_NOT_FOUND",
            )
        case 409 | 412:
            return Conflict(
                f"{where} met an existing or newer event ({reason or reply.status})",
                status=reply.status,
                code="GOOGLE_MEET_CONFLICT",
            )
        case _:
            return None


def reason_of(reply: Reply) -> str:
    """The reason or status of a refusal; empty where there is none that can be repeated."""
    error = _error(reply.content)
    errors = error.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    said = first.get("reason") if isinstance(first, Mapping) else error.get("status")
    return said if isinstance(said, str) and _REASON.fullmatch(said) else ""


def _refused(where: str, reply: Reply, reason: str) -> ConnectorError:
    message = f"{where} was refused ({reason or 400})"
    if reply.method == "GET":
        return ContractBroken(message, status=400, code="GOOGLE_MEET_BAD_QUERY")
    return RecordRejected(message, status=400, code="GOOGLE_MEET_INVALID")


def _error(content: bytes) -> Mapping[str, Any]:
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}
