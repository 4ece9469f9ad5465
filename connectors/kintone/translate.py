"""kintone's errors as ours, its cells as flat values, and our values as cells.

Source: cybozu developer network (error responses, field types). The error codes are from memory and
from public clients of the API: kintone publishes no list. What is not known here is judged by its
HTTP status.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

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
from connectors.kit.session import Reply, retry_after

# Unverified as a whole: kintone has no public list of codes.
NO_ONE = frozenset({"CB_WA01", "CB_AU01", "CB_UA01", "GAIA_IA02"})
NOT_ALLOWED = frozenset({"GAIA_NO01", "GAIA_NO02", "CB_NO02", "GAIA_FU01"})
GONE = frozenset({"GAIA_RE01", "GAIA_RE20"})
STALE = "GAIA_CO02"
LOCKED = frozenset({"GAIA_DA02", "GAIA_RE18", "GAIA_TO03"})
NO_APP = "GAIA_AP01"
GUEST_SPACE = frozenset({"GAIA_IL23", "GAIA_IL25"})
NO_CURSOR = "GAIA_CN01"
CURSORS = "GAIA_TM12"
QUERY = re.compile(r"GAIA_(QU|IQ)\d+")
INVALID = "CB_VA01"
BUSY_WAIT = 10.0
"""Seconds to stay away after a 429 without a Retry-After, which kintone does not document."""

LISTS = frozenset(
    {"CHECK_BOX", "MULTI_SELECT", "FILE", "SUBTABLE"}
    | {"USER_SELECT", "GROUP_SELECT", "ORGANIZATION_SELECT"}
)
PEOPLE = frozenset({"USER_SELECT", "GROUP_SELECT", "ORGANIZATION_SELECT", "STATUS_ASSIGNEE"})
EMPTY_IS_NULL = frozenset({"NUMBER", "DATE", "TIME", "DATETIME", "DROP_DOWN", "RADIO_BUTTON"})
_PLACE = re.compile(
    r"records\[(?P<index>\d+)\](?:\.record)?(?:\.(?P<code>[^.\[\]]+)|\[(?P<other>[^\[\]]+)\])"
)
_AS_ID = re.compile(r"(\d+)$")


def said(reply: Reply) -> Mapping[str, Any]:
    """The body of an error; empty where it is not kintone's (a proxy's page, nothing at all)."""
    try:
        body = reply.json()
    except ContractBroken:
        return {}
    return body if isinstance(body, dict) else {}


def translate(reply: Reply) -> ConnectorError | None:
    """Kintone's answer as one of our errors; None where the status says enough."""
    body = said(reply)
    code, status = str(body.get("code", "")), reply.status
    where = f"kintone, {reply.method} {urlsplit(reply.url).path}"
    if status == 429:
        key = "KINTONE_CURSORS" if code == CURSORS else "KINTONE_BUSY"
        text = f"{where}: too much at once for the domain ({code or 429}); tried again later"
        wait = retry_after(reply.headers)
        return RateLimited(text, retry_after=BUSY_WAIT if wait is None else wait, code=key)
    if code in NO_ONE:
        text = f"{where}: kintone does not know the credentials ({code}); check the API tokens, "
        text += "and that each app was updated after its token was made"
        return AuthFailed(text, status=status, code="KINTONE_AUTH")
    if code in NOT_ALLOWED:
        text = f"{where}: the credentials may not do this ({code}); give the app's API token the "
        text += "rights to view, add and edit records"
        return AuthFailed(text, status=status, code="KINTONE_RIGHTS")
    if code in LOCKED:
        return Unavailable(f"{where}: the records are locked ({code})", status=status)
    if code == STALE:
        text = f"{where}: the record changed since it was read ({code})"
        return Conflict(text, status=status, code="KINTONE_REVISION")
    if code in GONE:
        return RecordGone(f"{where}: no such record ({code})", status=status, code="KINTONE_GONE")
    if code == NO_CURSOR:
        return RecordGone(f"{where}: the cursor is gone", status=status, code="KINTONE_CURSOR")
    return _wrong(where, code, status, body)


def _wrong(where: str, code: str, status: int, body: Mapping[str, Any]) -> ConnectorError | None:
    if code == NO_APP:
        text = f"{where}: there is no such app; check apps.*.app of the connection"
        return ContractBroken(text, status=status, code="KINTONE_NO_APP")
    if code in GUEST_SPACE:
        text = f"{where}: the app is in a guest space ({code}); set guest_space of the connection"
        return ContractBroken(text, status=status, code="KINTONE_GUEST_SPACE")
    if QUERY.fullmatch(code):
        text = f"{where}: the query was refused ({code}); was a field code changed?"
        return ContractBroken(text, status=status, code="KINTONE_QUERY")
    if status == 404:
        text = f"{where}: kintone has no such path; check base_url and guest_space"
        return ContractBroken(text, status=status, code="KINTONE_NO_PATH")
    if status == 400:
        fields = tuple(sorted({code for _, code in places(body)}))
        text = f"{where}: refused ({code or 400}, kintone's error id {body.get('id', 'unknown')})"
        key = "KINTONE_VALIDATION" if code == INVALID else "KINTONE_REFUSED"
        return RecordRejected(text, status=status, code=key, fields=fields)
    return None


def places(body: Mapping[str, Any]) -> set[tuple[int, str]]:
    """Which fields of which records of a batch kintone refused: (index, field code)."""
    errors = body.get("errors")
    if not isinstance(errors, dict):
        return set()
    found = (_PLACE.match(place) for place in errors)
    return {(int(one["index"]), one["code"] or one["other"]) for one in found if one}


def flat(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A record's cells as field code to bare value.

    People, groups and departments become their codes, files their names, a table a list of rows.
    """
    return {
        code: _bare(cell.get("type", ""), cell.get("value"))
        for code, cell in payload.items()
        if isinstance(cell, dict)
    }


def _bare(kind: str, value: Any) -> Any:
    if kind == "SUBTABLE":
        return [flat(row.get("value") or {}) for row in value or ()]
    if kind in PEOPLE:
        return [person.get("code") for person in value or ()]
    if kind in ("CREATOR", "MODIFIER"):
        return (value or {}).get("code")
    if kind == "FILE":
        return [file.get("name") for file in value or ()]
    return value


def cell(value: Any, kind: str) -> dict[str, Any]:
    """A flat value as the cell that is written to a field of this type."""
    if kind in LISTS:
        several = value if isinstance(value, list | tuple | set) else [value]
        items: Iterable[Any] = (one for one in several if one not in (None, ""))
        if kind in PEOPLE:
            return {"value": [one if isinstance(one, dict) else {"code": one} for one in items]}
        return {"value": list(items)}
    if value in (None, ""):
        return {"value": None if kind in EMPTY_IS_NULL else ""}
    if isinstance(value, datetime):
        return {"value": value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    if isinstance(value, date):
        return {"value": value.isoformat()}
    if isinstance(value, bool):
        return {"value": "true" if value else "false"}
    if isinstance(value, list | tuple | set):
        return {"value": ", ".join(str(one) for one in value)}
    return {"value": str(value)}


def as_id(value: Any) -> str | None:
    """The record id in a record number (``12``, or ``LEAD-12`` in an app with a code)."""
    match = _AS_ID.search(str(value or "").strip())
    return match[1] if match else None
