"""Registering leads for a meeting or webinar: once each, and never again changed.

Zoom has no key of our own to write by, and no way to change a registrant. So before anybody is
registered the event's lists are read once for all, and who is in them under the same address is
left as is. What would have to change is refused field by field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordGone,
    RecordRejected,
    Unavailable,
)
from connectors.zoom.api import Api, Kind, Row
from connectors.zoom.describe import WRITABLE
from connectors.zoom.records import QUESTION, flatten, kind_of, registrant_id_of, stream_of

MOST = 30
"""Changes of one call: each new one is a request, and the lists are read once a call."""
REQUIRED = ("email", "first_name")
PASSING = (RateLimited, Unavailable, AuthFailed, ContractBroken)
Target = tuple[Kind, str]


def push(api: Api, changes: Sequence[Change]) -> list[Outcome]:
    """One outcome per change. What passes by itself is raised while nothing is written yet."""
    outcomes: list[Outcome] = []
    writers: dict[Target, Writer] = {}
    written = False
    for place, change in enumerate(changes):
        target = _target(change)
        try:
            writer = writers.setdefault(target, Writer(api, *target))
            outcomes.append(writer.write(change))
        except PASSING as error:
            if not written:
                raise
            return [*outcomes, *(_failed(one, error) for one in changes[place:])]
        written = written or outcomes[-1].status is Status.CREATED
    return outcomes


def _target(change: Change) -> Target:
    """The event a change is for: that of its record, or else the one its stream names."""
    kind, named = kind_of(change.stream)
    event_id = (change.external_id or "").partition(":")[0] or named
    if not event_id.isdigit():
        raise ContractBroken(
            f'push.stream must name the event to register for: "{stream_of(kind)}:NUMBER"',
            code="ZOOM_NO_EVENT",
        )
    return kind, event_id


@dataclass
class Writer:
    """Registers people for one event. What it knows of the event it asks when first needed."""

    api: Api
    kind: Kind
    event_id: str
    _there: dict[str, Row] | None = None
    _asked: frozenset[str] | None = field(default=None)

    def write(self, change: Change) -> Outcome:
        """What became of one change; what concerns more than itself is raised."""
        try:
            if change.external_id is not None:
                return self._compare(change, self._held(change.external_id))
            return self._register(change)
        except (RecordRejected, RecordGone) as error:
            return _failed(change, error)

    def _held(self, external_id: str) -> Row:
        own = external_id.partition(":")[2]
        row = self.api.registrant(self.kind, self.event_id, own)
        if row is None:
            text = f"Zoom has no such registrant of {self.kind} {self.event_id} (any more)"
            raise RecordGone(text, code="ZOOM_GONE")
        return row

    def _register(self, change: Change) -> Outcome:
        values, refused = self._known(change.values)
        missing = tuple(name for name in REQUIRED if not values.get(name))
        if missing:
            raise RecordRejected(
                f"Zoom registers nobody without {' and '.join(missing)}",
                code="ZOOM_VALIDATION",
                fields=missing,
            )
        email = values["email"].lower()
        there = self._registered()
        if email in there:
            return self._compare(change, there[email])
        path = f"/v2/{self.kind}s/{self.event_id}/registrants"
        answer = self.api.session.post(path, json=_body(values)).json()
        if not isinstance(answer, Mapping) or not answer.get("registrant_id"):
            raise ContractBroken("Zoom registered somebody without an id", code="ZOOM_SHAPE")
        own = str(answer["registrant_id"])
        there[email] = {**_body(values), "id": own}
        return self._outcome(change, Status.CREATED, own, refused)

    def _known(self, values: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, ConnectorError]]:
        """What can be written, as text, and what the event has no field for.

        Zoom passes over what it does not know: what is not said here is never said.
        """
        known: dict[str, str] = {}
        refused: dict[str, ConnectorError] = {}
        for name, value in values.items():
            if name in WRITABLE or (name.startswith(QUESTION) and name in self._questions()):
                text = _text(value)
                if text:
                    known[name] = text
            else:
                refused[name] = RecordRejected(
                    f'{self.kind} {self.event_id} of Zoom has no field "{name}"; check the field '
                    "map, or add the question to its registration page",
                    code="ZOOM_NO_FIELD",
                    fields=(name,),
                )
        return known, refused

    def _compare(self, change: Change, row: Row) -> Outcome:
        """The outcome for somebody who is registered: what differs stays as it is."""
        held = flatten(stream_of(self.kind), row)
        if "full_name" in held:
            held["first_name"] = held["full_name"]
        values, refused = self._known(change.values)
        for name, text in values.items():
            theirs = _text(held.get(name))
            if text != theirs and not (name == "email" and text.lower() == theirs.lower()):
                refused[name] = RecordRejected(
                    f'Zoom cannot change the field "{name}" of somebody who is registered',
                    code="ZOOM_NO_UPDATE",
                    fields=(name,),
                )
        return self._outcome(change, Status.UNCHANGED, registrant_id_of(row), refused)

    def _outcome(
        self, change: Change, status: Status, own: str, refused: Mapping[str, ConnectorError]
    ) -> Outcome:
        """The outcome in the stream that pulls read, whichever one the change named."""
        return Outcome(
            change.key,
            status,
            f"{self.event_id}:{own}",
            stream=stream_of(self.kind),
            refused=refused,
        )

    def _registered(self) -> dict[str, Row]:
        """Everybody who is registered, by address in lower case."""
        if self._there is None:
            self._there = {
                str(row.get("email") or "").lower(): row
                for rows in self.api.registrants(self.kind, self.event_id)
                for row in rows
            }
        return self._there

    def _questions(self) -> frozenset[str]:
        if self._asked is None:
            asked = self.api.questions(self.kind, self.event_id).get("custom_questions") or ()
            self._asked = frozenset(f"{QUESTION}{one.get('title')}" for one in asked)
        return self._asked


def _body(values: Mapping[str, str]) -> dict[str, Any]:
    """What is sent: plain fields, and answers in a list."""
    answers = [
        {"title": name.removeprefix(QUESTION), "value": text}
        for name, text in values.items()
        if name.startswith(QUESTION)
    ]
    plain = {name: text for name, text in values.items() if not name.startswith(QUESTION)}
    return plain | ({"custom_questions": answers} if answers else {})


def _text(value: Any) -> str:
    if isinstance(value, list | tuple | set):
        return ", ".join(str(one) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value).strip()


def _failed(change: Change, error: ConnectorError) -> Outcome:
    return Outcome(change.key, Status.FAILED, change.external_id, error=error)
