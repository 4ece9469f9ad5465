"""Salesforce's refusals in our words.

A refused request answers with an array of ``{errorCode, message, fields}``; a refused row of a
collection has ``{statusCode, message, fields}``. Their messages quote values ("invalid e-mail
address: …"), so none of their text is passed on: codes, field names and ids only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordRejected,
    Unavailable,
)
from connectors.kit.session import Reply

DAY_IS_FULL = 3600.0
"""Seconds to wait when the rolling daily quota is used up; there is no Retry-After."""
TOO_MANY_AT_ONCE = 60.0
"""Seconds to wait when too many long calls run at the same time."""
_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,80}")
_COLUMN = re.compile(r"[Nn]o such column '([A-Za-z][\w.]*)'")
_QUOTED = re.compile(r"['\"「『]([A-Za-z]\w*)['\"」』]")
_FIELD = re.compile(r"[A-Za-z][\w.]*")
_RESOURCE = re.compile(r"/v[\d.]+/(query|queryAll|composite/.*)$")
NO_EXTERNAL_ID = "SALESFORCE_NO_EXTERNAL_ID_FIELD"
QUERY_TIMEOUT = "SALESFORCE_QUERY_TIMEOUT"
INVALID_FIELD = "SALESFORCE_INVALID_FIELD"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error of Salesforce's, without its text.

    ``existing`` are the ids of the records that a duplicate rule found, best first. ``quoted`` are
    names that its text puts in quotes, whatever its language: fields, or values, so that they are
    compared with and never told.
    """

    code: str
    fields: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    existing: tuple[str, ...] = ()
    about_external_id: bool = False
    concurrent: bool = False


def complaint(item: Mapping[str, Any]) -> Complaint:
    """What an error item says."""
    code = item.get("errorCode") or item.get("statusCode") or ""
    message = item.get("message")
    message = message if isinstance(message, str) else ""
    named = item.get("fields")
    fields = (
        tuple(f for f in named if isinstance(f, str) and _FIELD.fullmatch(f))
        if isinstance(named, list)
        else ()
    )
    column = _COLUMN.search(message)
    if not fields and column is not None:
        fields = (column[1],)
    return Complaint(
        code=code if isinstance(code, str) and _CODE.fullmatch(code) else "UNKNOWN",
        fields=fields,
        quoted=tuple(_QUOTED.findall(message)),
        existing=_existing(item),
        about_external_id=message.startswith("Provided external ID field"),
        concurrent="Concurrent" in message,
    )


def _existing(item: Mapping[str, Any]) -> tuple[str, ...]:
    """The matches of a duplicate rule; over REST the key is misspelt in many versions."""
    verdict = item.get("duplicateResult") or item.get("duplicateResut")
    if not isinstance(verdict, Mapping):
        return ()
    return tuple(
        match["record"]["Id"]
        for result in verdict.get("matchResults") or ()
        for match in result.get("matchRecords") or ()
        if isinstance(match.get("record"), Mapping) and isinstance(match["record"].get("Id"), str)
    )


def read_errors(reply: Reply) -> list[Complaint]:
    """The errors of a refused request; none where the body is not Salesforce's."""
    try:
        body = orjson.loads(reply.content)
    except orjson.JSONDecodeError:
        return []
    items = body if isinstance(body, list) else []
    return [complaint(item) for item in items if isinstance(item, Mapping)]


def translate(reply: Reply) -> ConnectorError | None:
    """A refused request as our error; None where the status says enough."""
    errors = read_errors(reply)
    if not errors:
        return None
    first, status = errors[0], reply.status
    where = f"Salesforce, {reply.method} {urlsplit(reply.url).path}"
    code = f"SALESFORCE_{first.code}"
    match first.code:
        case "INVALID_SESSION_ID" | "INVALID_AUTH_HEADER":
            return AuthFailed(
                f"{where}: the session is refused even after a new sign-in; check that the user is "
                "active, may use the API and is not barred by address",
                status=status,
                code=code,
            )
        case "REQUEST_LIMIT_EXCEEDED":
            wait = TOO_MANY_AT_ONCE if first.concurrent else DAY_IS_FULL
            return RateLimited(
                f"{where}: the org's API calls are used up; see Company Information in Setup for "
                "who uses them",
                retry_after=wait,
                status=status,
                code=code,
            )
        case "SERVER_UNAVAILABLE" | "UNABLE_TO_LOCK_ROW" | "API_CURRENTLY_DISABLED":
            return Unavailable(
                f"{where}: {first.code}; tried again later", status=status, code=code
            )
        case "API_DISABLED_FOR_ORG" | "INSUFFICIENT_ACCESS" | "FUNCTIONALITY_NOT_ENABLED":
            return AuthFailed(
                f"{where}: {first.code}; give the hub's user the permission in Salesforce Setup",
                status=status,
                code="FORBIDDEN",
            )
        case "NOT_FOUND" if first.about_external_id:
            return RecordRejected(
                f"{where}: the external id field does not exist or the hub's user may not see it",
                status=status,
                code=NO_EXTERNAL_ID,
            )
        case "NOT_FOUND" if _RESOURCE.search(urlsplit(reply.url).path):
            return ContractBroken(
                f'{where}: no such resource; check "api_version"', status=status, code=code
            )
        case "MALFORMED_QUERY" | "INVALID_TYPE":
            return ContractBroken(
                f"{where}: {first.code}; an object is not there for the hub's user, or a name in "
                "the options is wrong",
                status=status,
                code=code,
            )
    if status in (400, 413, 414, 431):
        named = f" on {', '.join(first.fields)}" if first.fields else ""
        return RecordRejected(
            f"{where}: {first.code}{named}", status=status, code=code, fields=first.fields
        )
    return None
