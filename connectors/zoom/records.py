"""Registrants, attendance and calls as records, and their payloads as flat fields.

A registrant's payload is the registrant as Zoom shows it, from a list or from a webhook, with
``event``: what it is for. A person at an event is one record, made of the sessions in the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from connectors.kit.base import Record, Ref
from connectors.kit.body import flat, moment_of
from connectors.kit.errors import ContractBroken
from connectors.zoom.api import WEBINAR_TYPES, Kind, Row, number_of

REGISTRANTS: Mapping[str, Kind] = {
    "webinar_registrants": "webinar",
    "meeting_registrants": "meeting",
}
PARTICIPANTS: Mapping[str, Kind] = {
    "webinar_participants": "webinar",
    "meeting_participants": "meeting",
}
CALLS = "calls"
EVENT_FIELDS = ("topic", "type", "start_time", "duration", "timezone")
NOT_KEPT = frozenset({"participant_pin_code", "join_url"})
"""What lets somebody in as this person."""
QUESTION = "question."
OTHER_SIDE = {"outbound": "callee", "inbound": "caller"}
OUR_SIDE = {"outbound": "caller", "inbound": "callee"}


def kind_of(stream: str) -> tuple[Kind, str]:
    """What a stream of registrants is about, and the event it names ("" for every event)."""
    name, _, event_id = stream.partition(":")
    if name not in REGISTRANTS or (event_id and not event_id.isdigit()):
        raise ContractBroken(f'Zoom has no stream "{stream}"', code="ZOOM_NO_STREAM")
    return REGISTRANTS[name], event_id


def stream_of(kind: Kind) -> str:
    """The stream of a kind of event's registrants."""
    return f"{kind}_registrants"


def registrant_record(kind: Kind, event: Row, row: Row) -> Record:
    """The record of a registrant; a cancelled one is deleted."""
    number = number_of(event)
    about = {name: event[name] for name in EVENT_FIELDS if event.get(name) is not None}
    shown = {name: value for name, value in row.items() if name not in NOT_KEPT}
    return Record(
        stream=stream_of(kind),
        external_id=f"{number}:{registrant_id_of(row)}",
        payload={**shown, "event": {"id": str(number), **about}},
        changed_at=moment_of(row.get("create_time"), UTC),
        deleted=str(row.get("status")) == "cancelled",
    )


def registrant_id_of(row: Row) -> str:
    """A registrant's id; ContractBroken where there is none."""
    found = row.get("id") or row.get("registrant_id")
    if not found:
        raise ContractBroken("a registrant of Zoom has no id", code="ZOOM_SHAPE")
    return str(found)


def is_webinar(held: Row) -> bool:
    """Whether what was held is a webinar; all else counts as a meeting."""
    return held.get("type") in WEBINAR_TYPES


def attendance(kind: Kind, held: Row, sessions: Iterable[Row], ours: Ours) -> list[Record]:
    """A record for each person who came, their times summed; ``ours`` are left out.

    A person is known by the registrant id, or else by address. Somebody without either cannot be
    told from other guests and is left out as well.
    """
    people: dict[str, list[Row]] = {}
    waiting: dict[str, list[Row]] = {}
    by_email: dict[str, str] = {}
    for session in sessions:
        own, email = str(session.get("registrant_id") or ""), email_of(session)
        if ours.has(email):
            continue
        if own:
            people.setdefault(own, []).append(session)
            by_email.setdefault(email, own)
        elif email:
            waiting.setdefault(email, []).append(session)
    for email, some in waiting.items():
        people.setdefault(by_email.get(email) or _alias(email), []).extend(some)
    return [_attended(kind, held, person, some) for person, some in people.items()]


class Ours:
    """Our own people, whose presence is no activity of a lead."""

    def __init__(self, addresses: Iterable[str], domains: Iterable[str]) -> None:
        self._addresses = {address.strip().lower() for address in addresses if "@" in address}
        self._domains = frozenset(domains)

    def has(self, email: str) -> bool:
        """Whether an address in lower case is one of them."""
        return bool(email) and (
            email in self._addresses or email.rpartition("@")[2] in self._domains
        )


def email_of(session: Row) -> str:
    """A participant's address in lower case; "" for a guest."""
    return str(session.get("user_email") or session.get("email") or "").strip().lower()


def _alias(email: str) -> str:
    """An id for somebody known by address only; ids are shown and logged, addresses are not."""
    return sha256(email.encode()).hexdigest()[:20]


def _attended(kind: Kind, held: Row, person: str, sessions: Sequence[Row]) -> Record:
    joined = sorted(str(one["join_time"]) for one in sessions if one.get("join_time"))
    left = sorted(str(one["leave_time"]) for one in sessions if one.get("leave_time"))
    own = next((str(one["registrant_id"]) for one in sessions if one.get("registrant_id")), "")
    number = str(number_of(held))
    payload = {
        "event": {
            "id": number,
            "kind": kind,
            **{
                name: held[name]
                for name in ("uuid", "topic", "type", "start_time", "end_time")
                if held.get(name) is not None
            },
        },
        "registrant_id": own or None,
        "user_email": next((email for one in sessions if (email := email_of(one))), None),
        "name": next((str(one["name"]) for one in sessions if one.get("name")), None),
        "join_time": joined[0] if joined else held.get("start_time"),
        "leave_time": left[-1] if left else None,
        "seconds": sum(_seconds(one.get("duration")) for one in sessions),
        "sessions": len(sessions),
    }
    return Record(
        stream=f"{kind}_participants",
        external_id=f"{held.get('uuid')}:{person}",
        payload=payload,
        changed_at=moment_of(payload["leave_time"] or payload["join_time"], UTC),
        refs=(Ref(stream_of(kind), f"{number}:{own}"),) if own else (),
    )


def call_record(row: Row) -> Record | None:
    """The record of a call with somebody outside; None for one between colleagues."""
    own = str(row.get("call_history_uuid") or row.get("id") or "")
    if not own:
        raise ContractBroken("a call of Zoom Phone has no id", code="ZOOM_SHAPE")
    if row.get("connect_type") == "internal":
        return None
    shown = {name: value for name, value in row.items() if name not in _CALL_NOT_KEPT}
    shown["call_result"] = row.get("call_result") or row.get("result")
    return Record(
        stream=CALLS,
        external_id=own,
        payload={**shown, "id": own},
        changed_at=moment_of(row.get("end_time"), UTC),
    )


_CALL_NOT_KEPT = frozenset(
    {"call_history_uuid", "call_path_id", "call_path", "result"}
    | {f"{side}_device_{way}_ip" for side in OTHER_SIDE.values() for way in ("private", "public")}
)


def flatten(stream: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """A payload as flat fields.

    Answers are ``question.TITLE``, the outer side of a call is ``person.…``. A registrant without a
    family name has ``full_name`` in place of the given one: old ones hold the whole name there.
    """
    name = stream.partition(":")[0]
    fields = flat(payload)
    if name == CALLS:
        return fields | _sides(payload)
    if name in REGISTRANTS:
        for answer in fields.pop("custom_questions", None) or ():
            if answer.get("title"):
                fields[f"{QUESTION}{answer['title']}"] = answer.get("value")
        if fields.get("first_name") and not fields.get("last_name"):
            fields["full_name"] = fields.pop("first_name")
    return fields


def _sides(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Who was called or called, which of us it was, and how long they talked."""
    direction = str(payload.get("direction"))
    theirs, ours = OTHER_SIDE.get(direction, "callee"), OUR_SIDE.get(direction, "caller")
    answered = moment_of(payload.get("answer_time"), UTC)
    ended = moment_of(payload.get("end_time"), UTC)
    talked = int((ended - answered).total_seconds()) if answered and ended else 0
    return {
        "person.number": payload.get(f"{theirs}_did_number"),
        "person.email": payload.get(f"{theirs}_email"),
        "person.name": payload.get(f"{theirs}_name"),
        "agent.email": payload.get(f"{ours}_email"),
        "agent.name": payload.get(f"{ours}_name"),
        "talk_seconds": max(talked, 0),
        "missed": direction == "inbound" and answered is None,
    }


def _seconds(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0


def ended_at(event: Row) -> datetime | None:
    """When an event is to end, by its start and its minutes; None where it has no time."""
    start = moment_of(event.get("start_time"), UTC)
    if start is None:
        return None
    return datetime.fromtimestamp(start.timestamp() + 60 * _seconds(event.get("duration")), UTC)
