"""HubSpot's refusals as our errors, and values as HubSpot writes them.

HubSpot developer docs, "Error handling" and "Usage guidelines". Messages of the vendor hold values
that people typed, so only codes, property names and the correlation id are passed on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
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
    Unavailable,
)
from connectors.kit.reply import retry_after, shown_path
from connectors.kit.session import Reply

POLICY_WAITS: Mapping[str, float] = {
    "DAILY": 3600.0,
    "TEN_SECONDLY_ROLLING": 10.0,
    "SECONDLY": 1.0,
}
"""Unverified: the policy names of a 429, and seconds to wait for each. The day ends at midnight in
the portal's zone, which the answer does not tell: so look again every hour."""
MIGRATING = 477
"""Unverified: the portal is being moved to another data centre; see Retry-After."""
READ_ONLY = frozenset({"READ_ONLY_VALUE", "READ_ONLY_PROPERTY"})
UNKNOWN_FIELD = "UNKNOWN_FIELD"
READ_ONLY_FIELD = "READ_ONLY_FIELD"
VALUE_REFUSED = "VALUE_REFUSED"
_EXISTING = re.compile(r"Existing ID:\s*(\d+)")
_LISTED = re.compile(r"\[\{.*\}\]", re.DOTALL)
_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,120}")


def translate(reply: Reply) -> ConnectorError | None:
    """What an answer that is no success means; None leaves it to the session."""
    body = _body(reply)
    where = f"HubSpot {reply.method} {shown_path(reply.url)}{_trace(body)}"
    match reply.status:
        case 401:
            return AuthFailed(
                f"{where} refused the token ({_word(body.get('category'))}): make a new private "
                "app token or sign in again",
                status=401,
            )
        case 403:
            scopes = ", ".join(_scopes(body)) or "a scope"
            return AuthFailed(
                f"{where} is not allowed: the app lacks {scopes}; add it in the app's settings",
                status=403,
                code="MISSING_SCOPES",
            )
        case 429:
            policy = str(body.get("policyName", ""))
            said = retry_after(reply.headers)
            wait = POLICY_WAITS.get(policy, 10.0) if said is None else said
            daily = policy == "DAILY"
            return RateLimited(
                f"{where} met the {'daily' if daily else 'short-term'} limit",
                retry_after=wait,
                code="HUBSPOT_DAILY_LIMIT" if daily else "RATE_LIMITED",
            )
        case 404 if not body:
            return ContractBroken(f"{where} does not exist; check base_url", status=404)
        case 400 | 404 if _asks(reply):
            return ContractBroken(
                f"{where} was not understood ({reply.status}, {_word(body.get('category'))}): "
                "check form_ids and properties in the connection's options",
                status=reply.status,
            )
        case 414 | 415:
            return ContractBroken(f"{where} was refused ({reply.status}): our request is wrong")
        case 423:
            return Unavailable(f"{where} is locked for now", status=423)
        case _ if reply.status == MIGRATING:
            wait = retry_after(reply.headers) or 3600.0
            return RateLimited(f"{where}: the portal is being moved", retry_after=wait, status=477)
        case 400 | 404 | 409:
            return refusal(body, where, reply.status)
    return None


def translate_grant(reply: Reply) -> ConnectorError | None:
    """What a refusal of the token endpoint means: its ``status`` is the reason, in capitals."""
    said = _word(_body(reply).get("status"))
    if reply.status not in {400, 401, 403}:
        return None
    dead = said == "BAD_REFRESH_TOKEN"
    advice = "sign in again" if dead else "check client_id and client_secret of the app"
    return AuthFailed(
        f"HubSpot gave no access token ({said}): {advice}",
        status=reply.status,
        code="REAUTHORISE" if dead else "TOKEN_REFUSED",
    )


def missing_scopes(reply: Reply) -> tuple[str, ...]:
    """The scopes a 403 asks for; empty for other answers."""
    return tuple(_scopes(_body(reply))) if reply.status == 403 else ()


def refusal(body: Mapping[str, Any], where: str, status: int = 400) -> ConnectorError:
    """The error of one refused request, or of one line of a batch's ``errors``."""
    category = str(body.get("category", ""))
    message = str(body.get("message", ""))
    if status == 409 or category == "CONFLICT":
        found = _EXISTING.search(message)
        existing = found[1] if found else None
        return Conflict(
            f"{where}: the record exists already" + (f" as {existing}" if existing else ""),
            existing_id=existing,
        )
    if status == 404 or category == "OBJECT_NOT_FOUND":
        return RecordGone(f"{where}: the record is not there", status=404)
    faults = list(_faults(body))
    for code, codes in ((UNKNOWN_FIELD, {"PROPERTY_DOESNT_EXIST"}), (READ_ONLY_FIELD, READ_ONLY)):
        names = tuple(dict.fromkeys(name for fault, name in faults if fault in codes and name))
        if names:
            return rejected(where, code, names)
    names = tuple(dict.fromkeys(name for _, name in faults if name))
    said = sorted({fault for fault, _ in faults if fault}) or [_word(category)]
    detail = f" in {', '.join(names)}" if names else ""
    return RecordRejected(
        f"{where} was refused: {', '.join(said)}{detail}",
        status=status,
        code=VALUE_REFUSED if names else "HUBSPOT_VALIDATION",
        fields=names,
    )


def rejected(where: str, code: str, names: Sequence[str]) -> RecordRejected:
    """The error of fields that HubSpot will not take, with what to do."""
    advice = {
        UNKNOWN_FIELD: "is no property of the portal: create it there or take it out of the map",
        READ_ONLY_FIELD: 'cannot be written: map it with "direction: pull"',
        VALUE_REFUSED: "was given a value that it does not take: check its options and the map",
    }[code]
    return RecordRejected(f"{where}: {', '.join(names)} {advice}", code=code, fields=tuple(names))


def _body(reply: Reply) -> Mapping[str, Any]:
    try:
        read = orjson.loads(reply.content)
    except orjson.JSONDecodeError:
        return {}
    return read if isinstance(read, dict) else {}


def _asks(reply: Reply) -> bool:
    """Whether the request only read something."""
    return reply.method == "GET" or shown_path(reply.url).endswith(("/search", "/batch/read"))


def _trace(body: Mapping[str, Any]) -> str:
    found = _NAME.fullmatch(str(body.get("correlationId", "")))
    return f" (correlation {found[0]})" if found else ""


def _word(value: object) -> str:
    return str(value) if isinstance(value, str) and _NAME.fullmatch(value) else "no reason given"


def _scopes(body: Mapping[str, Any]) -> Iterator[str]:
    for one in body.get("errors") or ():
        context = one.get("context") or {}
        for key in ("requiredGranularScopes", "requiredScopes"):
            yield from (scope for scope in context.get(key) or () if _NAME.fullmatch(str(scope)))


def _faults(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(code, property) pairs, wherever this answer keeps them."""
    lines: list[Mapping[str, Any]] = [
        one for one in body.get("errors") or () if isinstance(one, dict)
    ]
    listed = _LISTED.search(str(body.get("message", "")))
    if listed:
        with suppress(orjson.JSONDecodeError):  # it may only look like a list
            lines += [one for one in orjson.loads(listed[0]) if isinstance(one, dict)]
    for line in lines:
        code = _word(line.get("code") or line.get("error") or "")
        context = line.get("context") if isinstance(line.get("context"), dict) else {}
        names = (context or {}).get("propertyName") or [line.get("name") or line.get("in") or ""]
        for name in names:
            yield code, str(name) if _NAME.fullmatch(str(name)) else ""


def moment(text: object) -> datetime | None:
    """A time as HubSpot writes it (ISO 8601 or epoch milliseconds), in UTC."""
    value = str(text or "")
    if value.isdigit():
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def written(value: object) -> str:
    """A value as HubSpot takes it: text; an empty one clears."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return str(int(value.timestamp() * 1000))
        case date():
            return value.isoformat()
        case list() | tuple() | set() | frozenset():
            return ";".join(written(one) for one in value)
        case _:
            return str(value)
