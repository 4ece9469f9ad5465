"""Typeform's refusals as our errors.

A refusal is ``{"code", "description", "details": [{"code", "field", "in"}]}`` (Typeform developer
docs, troubleshooting). Only codes and field names are repeated: a description may quote an answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordRejected,
    Unavailable,
)
from connectors.kit.session import Reply, Response, retry_after, shown_path

BAD_TOKEN = frozenset({"AUTHENTICATION_ERROR", "INVALID_AUTHORIZATION"})
"""Codes of a 403 that says the token itself is bad, not its scopes (developer docs)."""
SHORTEST_WAIT = 1.0
"""Seconds to wait after a 429 without Retry-After. Unverified; the limit is per second."""
TIMED_OUT = 499
"""The vendor's own time-out, as other connectors have met it; not in its docs."""
_CODE = re.compile(r"[A-Za-z0-9_]{1,60}")


def translate(reply: Reply) -> ConnectorError | None:
    """The error that a refusal is, or None where its status says enough."""
    body = _body(reply.content)
    code = _code(body)
    where = f"Typeform: {reply.method} {shown_path(reply.url)}"
    match reply.status:
        case 401 | 403:
            return _not_let_in(where, reply.status, code)
        case 402:
            return AuthFailed(
                f"{where} is not in the account's plan (402): change the plan, or leave the form "
                "out of the connection",
                status=402,
                code="TYPEFORM_PLAN",
            )
        case 404:
            return ContractBroken(
                f"{where} does not exist (404): the form was deleted, is in another account, or "
                "the base URL is of another region; correct `forms` or `base_url`",
                status=404,
                code="TYPEFORM_NOT_FOUND",
            )
        case 429:
            said = retry_after(reply.headers)
            return RateLimited(
                f"{where} was told to slow down",
                retry_after=SHORTEST_WAIT if said is None else said,
                code="TYPEFORM_RATE_LIMITED",
            )
        case 400 | 422:
            return _refused(where, reply, code, body)
        case status if status == TIMED_OUT:
            return Unavailable(
                f"{where} timed out inside Typeform (499)", status=499, code="TYPEFORM_TIMED_OUT"
            )
        case _:
            return None


def token_expired(response: Response) -> bool:
    """Whether an answer says that the access token is used up or wrong."""
    if response.status_code == 401:
        return True
    return response.status_code == 403 and _code(_body(response.content)) in BAD_TOKEN


def _not_let_in(where: str, status: int, code: str) -> AuthFailed:
    if status == 401 or code in BAD_TOKEN:
        return AuthFailed(
            f"{where} was refused: the token is wrong, expired or revoked, or of another region; "
            "make a new one, or sign in again",
            status=status,
            code="TYPEFORM_TOKEN_REFUSED",
        )
    return AuthFailed(
        f"{where} was forbidden: the token lacks a scope, or the person it belongs to may not see "
        "the form; needed are forms:read, responses:read and for webhooks webhooks:write",
        status=status,
        code="TYPEFORM_FORBIDDEN",
    )


def _refused(where: str, reply: Reply, code: str, body: Mapping[str, Any]) -> ConnectorError:
    details = body.get("details")
    said = [
        str(detail["field"])
        for detail in (details if isinstance(details, list) else [])
        if isinstance(detail, dict) and _CODE.fullmatch(str(detail.get("field", "")))
    ]
    message = (
        f"{where} was refused ({code or reply.status}), fields: {', '.join(said) or 'not said'}"
    )
    if reply.method == "GET":
        return ContractBroken(message, status=reply.status, code="TYPEFORM_BAD_QUERY")
    return RecordRejected(
        message, status=reply.status, code="TYPEFORM_VALIDATION", fields=tuple(said)
    )


def _body(content: bytes) -> Mapping[str, Any]:
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _code(body: Mapping[str, Any]) -> str:
    code = str(body.get("code", ""))
    return code.upper() if _CODE.fullmatch(code) else ""
