"""Sansan's refusals as our errors.

A refusal is ``{"error": [{"code", "description"}]}`` or ``{"code", "message"}``: both are met in
public clients' code. Codes only are repeated; a description may quote what was searched for.
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
    RecordGone,
)
from connectors.kit.reply import LONGEST_RETRY_AFTER
from connectors.kit.session import Reply, retry_after, shown_path

SHORTEST_WAIT = 1.0
"""Seconds to wait after a 429 that names no time; the limit is by the second."""
_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,60}")


def translate(reply: Reply) -> ConnectorError | None:
    """The error that a refusal is, or None where its status says enough."""
    body = _body(reply.content)
    code = code_of(body) or str(reply.status)
    where = f"Sansan: {reply.method} {shown_path(reply.url)}"
    match reply.status:
        case 400:
            return ContractBroken(
                f"{where} was refused ({code}): Sansan does not take the query; check `since`, "
                "`window_days` and `range`",
                status=400,
                code="SANSAN_BAD_QUERY",
            )
        case 401:
            return AuthFailed(
                f"{where} was refused: the API key is wrong or was deleted; issue a new one in "
                "Sansan's settings",
                status=401,
                code="SANSAN_KEY_REFUSED",
            )
        case 403:
            return AuthFailed(
                f"{where} was forbidden: the key's user may not use the API, or not see all cards; "
                "an administrator allows both in Sansan, or set `range: me`",
                status=403,
                code="SANSAN_FORBIDDEN",
            )
        case 404:
            return RecordGone(
                f"{where} found nothing, or nothing the key's user may see",
                status=404,
                code="SANSAN_NOT_FOUND",
            )
        case 429:
            return RateLimited(
                f"{where} was told to slow down",
                retry_after=wait_of(reply, body),
                code="SANSAN_RATE_LIMITED",
            )
        case _:
            return None


def wait_of(reply: Reply, body: Mapping[str, Any]) -> float:
    """Seconds to wait: Sansan says so in the body; a proxy before it may say so in a header."""
    said = body.get("retry_after")
    if isinstance(said, str) and said.isascii() and said.isdigit():
        said = int(said)
    if isinstance(said, int | float) and not isinstance(said, bool) and said >= 0:
        return min(float(said), LONGEST_RETRY_AFTER)
    header = retry_after(reply.headers)
    return SHORTEST_WAIT if header is None else header


def code_of(body: Mapping[str, Any]) -> str:
    """The code of a refusal of either shape; empty where there is none that can be repeated."""
    errors = body.get("error")
    first = errors[0] if isinstance(errors, list) and errors else errors
    said = first.get("code") if isinstance(first, Mapping) else body.get("code")
    return said if isinstance(said, str) and _CODE.fullmatch(said) else ""


def _body(content: bytes) -> Mapping[str, Any]:
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}
