"""Zoom's webhooks: the check of their address, registrations, calls (Zoom, using webhooks).

They carry no id, so a repetition is known by what it says: event, time and object. Zoom tries three
times more over 85 minutes and then drops the event; the next pull finds what was lost, but for a
cancelled registration, which no list shows.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson

from connectors.kit.base import Answer, Hook, News, Record, Ref
from connectors.kit.errors import BadSignature, ContractBroken
from connectors.kit.signatures import SCHEMES, verify
from connectors.zoom.api import Kind, number_of
from connectors.zoom.records import (
    CALLS,
    call_record,
    registrant_id_of,
    registrant_record,
    stream_of,
)

VALIDATION = "endpoint.url_validation"
KINDS: Mapping[str, Kind] = {"webinar": "webinar", "meeting": "meeting"}
STATUSES = {
    "registration_created": None,
    "registration_approved": "approved",
    "registration_denied": "denied",
}
CANCELLED = "registration_cancelled"
CALL_ENDED = frozenset({"caller_call_history_completed", "callee_call_history_completed"})
CALL_DELETED = "call_history_deleted"
LONGEST_TOKEN = 512


def check(hook: Hook, secrets: Sequence[str]) -> Answer | None:
    """Return where Zoom signed within five minutes; the answer to a check of the address.

    BadSignature else. The check of the address is signed like all else, and is answered with the
    secret that it was signed with.
    """
    verify(SCHEMES["zoom"], hook, secrets, hook.received_at)
    body = _body(hook)
    if body.get("event") != VALIDATION:
        return None
    plain = _payload(body).get("plainToken")
    if not isinstance(plain, str) or not 0 < len(plain) <= LONGEST_TOKEN:
        raise ContractBroken("Zoom's check of the address has no plainToken", code="ZOOM_HOOK")
    secret = next(secret for secret in secrets if _signed_by(hook, secret))
    encrypted = hmac.digest(secret.strip().encode(), plain.encode(), "sha256").hex()
    answer = orjson.dumps({"plainToken": plain, "encryptedToken": encrypted})
    return Answer(200, answer, "application/json")


def _signed_by(hook: Hook, secret: str) -> bool:
    try:
        verify(SCHEMES["zoom"], hook, [secret], hook.received_at)
    except BadSignature:
        return False
    return True


def read(hook: Hook, wanted: frozenset[str]) -> News:
    """What an event tells: whole registrants and calls, and what is gone.

    ``wanted`` are the stream types that are read. What belongs to others, and events of other
    kinds, are accepted and passed over.
    """
    body = _body(hook)
    said = (sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest(),)
    family, _, event = str(body.get("event") or "").partition(".")
    shown = _payload(body).get("object")
    about = shown if isinstance(shown, Mapping) else {}
    kind = KINDS.get(family)
    if kind is not None and stream_of(kind) in wanted:
        if event == CANCELLED:
            return News(said, deleted=(_cancelled(kind, about),))
        if event in STATUSES:
            at = body.get("event_ts") if event == "registration_created" else None
            return News(said, records=(_registered(kind, about, STATUSES[event], at),))
    if family == "phone" and CALLS in wanted:
        return _phone(event, about, said)
    return News(said)


def _registered(kind: Kind, about: Mapping[str, Any], status: str | None, at: Any) -> Record:
    """The registrant as a list would show it; ``at`` is when the registration was made.

    Without the time of the change: the lists only know the time of registration, and a record that
    claims to be older than what came before it is not believed.
    """
    row = dict(_registrant(about))
    if status is not None:
        row["status"] = status
    if isinstance(at, int) and "create_time" not in row:
        made = datetime.fromtimestamp(at // 1000, UTC)
        row["create_time"] = made.strftime("%Y-%m-%dT%H:%M:%SZ")
    record = registrant_record(kind, about, row)
    return Record(record.stream, record.external_id, record.payload)


def _cancelled(kind: Kind, about: Mapping[str, Any]) -> Ref:
    own = registrant_id_of(_registrant(about))
    return Ref(stream_of(kind), f"{number_of(about)}:{own}")


def _registrant(about: Mapping[str, Any]) -> Mapping[str, Any]:
    found = about.get("registrant")
    if not isinstance(found, Mapping):
        raise ContractBroken("a registration told by Zoom has no registrant", code="ZOOM_HOOK")
    return found


def _phone(event: str, about: Mapping[str, Any], said: tuple[str, ...]) -> News:
    if event in CALL_ENDED:
        rows = about.get("call_logs") or ()
        records = (call_record(row) for row in rows if isinstance(row, Mapping))
        return News(said, records=tuple(one for one in records if one is not None))
    if event == CALL_DELETED:
        gone = (Ref(CALLS, str(own)) for own in about.get("call_log_ids") or ())
        return News(said, deleted=tuple(gone))
    return News(said)


def _payload(body: Mapping[str, Any]) -> Mapping[str, Any]:
    payload = body.get("payload")
    if not isinstance(payload, Mapping):
        raise ContractBroken("a webhook of Zoom has no payload", code="ZOOM_HOOK")
    return payload


def _body(hook: Hook) -> Mapping[str, Any]:
    try:
        body = orjson.loads(hook.body)
    except orjson.JSONDecodeError as error:
        raise ContractBroken("a webhook of Zoom is not JSON", code="ZOOM_HOOK") from error
    if not isinstance(body, dict):
        raise ContractBroken("a webhook of Zoom is no JSON object", code="ZOOM_HOOK")
    return body
