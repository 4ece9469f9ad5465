"""What people set by hand: values that win over every system, and stages with a reason.

An edit is kept on the lead with its time and author, and the lead is worked out again by the same
rules as after news from a system; what then differs from a connection's copy is owed to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from mapping.consent import DENIED
from mapping.errors import MappingError
from mapping.model import PUSH_ONLY, FieldType, Value, choices, field_type, suggestions
from mapping.stages import override
from mapping.transforms import Shape, reader_of
from sync.engine import awaiting, finish, granting, moves, qualifying, sharing
from sync.engine.batch import Batch, Working
from sync.engine.hub import Hub
from sync.store import leads, links
from sync.store.database import Tx

__all__ = ["Change", "Edited", "change_in", "edit_lead", "read_edit", "set_stage"]

Change = Callable[[Batch, Working], None]
"""What is done to a lead: notes in the batch what is to be written."""


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit changed: fields from → to, the stage from → to, and who is owed a copy."""

    lead_id: str
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    stage: tuple[str, str] | None = None
    owed: tuple[str, ...] = ()


def read_edit(name: str, text: str, zone: str = "Asia/Tokyo") -> Value:
    """The value a person means by a text. MappingError says what is wrong with field or value."""
    kind = field_type("lead", name)
    if kind is None or name in PUSH_ONLY:
        near = suggestions("lead", name)
        raise MappingError(
            "UNKNOWN_FIELD",
            f'"{name}" is not a field that can be set',
            hint=f'did you mean "{near[0]}"?' if near else 'a field of your own is "custom.NAME"',
        )
    if not text.strip():
        return None
    shape = Shape(zone=ZoneInfo(zone), choices=choices("lead", name), items=FieldType.TEXT)
    return reader_of(kind, shape)(text)


def edit_lead(
    hub: Hub,
    lead_id: str,
    values: Mapping[str, Value],
    *,
    user: str,
    unset: Sequence[str] = (),
    reason: str = "",
    where: str = "",
    dry_run: bool = False,
) -> Edited:
    """Set fields by hand, or (``unset``) let the systems speak for them again.

    A blank value keeps the field blank, whatever a system says. Saying it twice changes nothing.
    A consent that is granted, or an opt-out taken back, needs a ``reason``, which is kept with it
    as evidence, and ``where`` it was typed; without one MappingError is raised.
    """

    def change(batch: Batch, working: Working) -> None:
        lead, edits = working.lead, dict(working.lead.edits)
        granting.check_edit(lead, values, unset, reason)
        for name in unset:
            granting.unset(edits, name)
        for name, value in values.items():
            if name not in edits or edits[name][0] != value or granting.is_anew(lead, name, value):
                edits[name] = granting.edited(
                    lead, name, value, batch.now, user, reason=reason, where=where
                )
        working.touched = edits != working.lead.edits
        working.lead.edits = edits
        sharing.said(batch, working, [name for name in values if values[name] == DENIED])

    return _change(hub, lead_id, change, dry_run=dry_run)


def set_stage(
    hub: Hub, lead_id: str, stage: str, *, reason: str, user: str, dry_run: bool = False
) -> Edited:
    """Put a lead at a stage in a person's name; any move is allowed, a reason is due.

    Moves of this lead that systems asked for and that were refused are settled by it.
    """

    def change(batch: Batch, working: Working) -> None:
        decision = override(
            working.state, stage, at=batch.now, user=user, reason=reason, rules=batch.rules
        )
        if moves.move(batch, working, decision):
            moves.settle(batch, working)

    return _change(hub, lead_id, change, dry_run=dry_run)


def _change(hub: Hub, lead_id: str, change: Change, *, dry_run: bool) -> Edited:
    if dry_run:
        with hub.database.read() as tx:
            return _worked_out(hub, tx, lead_id, change)[0]
    with hub.database.write() as tx:
        return change_in(hub, tx, lead_id, change)


def change_in(hub: Hub, tx: Tx, lead_id: str, change: Change) -> Edited:
    """Change a lead within a transaction, and have what follows from it written and owed.

    LookupError where the lead is not there, or is part of another.
    """
    edited, batch, working = _worked_out(hub, tx, lead_id, change)
    if working.touched or working.restaged:
        others = sharing.share(tx, batch)
        finish.finish_by_hand(hub, batch, others)
        moves.write(hub, tx, batch, [working, *others])
    return _qualified(hub, tx, edited, working, batch.now) if working.touched else edited


def _qualified(hub: Hub, tx: Tx, edited: Edited, working: Working, now: str) -> Edited:
    """The edit with the move that waited for it, and what the qualification rules make of it."""
    present = working.lead.stage
    before = edited.stage[0] if edited.stage else present
    stale = awaiting.take(hub, tx, [working], now)
    stale += qualifying.take(hub, tx, [working], {}, now).owed
    if working.lead.stage == present:
        return edited
    owed = {*edited.owed, *(connection for connection, _ in stale)}
    return replace(edited, stage=(before, working.lead.stage), owed=tuple(sorted(owed)))


def _worked_out(hub: Hub, tx: Tx, lead_id: str, change: Change) -> tuple[Edited, Batch, Working]:
    batch = Batch(hub.stamp(), hub.stage_rules)
    working = batch.leads[lead_id] = _load(tx, lead_id)
    stage, fields = working.lead.stage, dict(working.lead.fields)
    change(batch, working)
    if not (working.touched or working.restaged):
        return Edited(lead_id), batch, working
    before = len(batch.events)
    finish.finish_by_hand(hub, batch, (working,))
    batch.events[before:] = [event._replace(event="edited") for event in batch.events[before:]]
    now = working.lead.fields
    edited = Edited(
        lead_id,
        changes={
            name: (fields.get(name), now.get(name))
            for name in sorted(fields.keys() | now.keys())
            if fields.get(name) != now.get(name)
        },
        stage=(stage, working.lead.stage) if working.lead.stage != stage else None,
        owed=tuple(sorted({connection for connection, _ in batch.owed})),
    )
    return edited, batch, working


def _load(tx: Tx, lead_id: str) -> Working:
    row = leads.by_ids(tx, [lead_id], lock=True).get(lead_id)
    if row is None or row.merged_into:
        raise LookupError(lead_id)
    keys = leads.keys_of(tx, [lead_id]).get(lead_id, set())
    return Working.stored(row, links.of_leads(tx, [lead_id]), keys)
