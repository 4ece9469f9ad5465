"""Put fields of records back at a vendor: parked first, then written, then written down.

They are parked ahead of the write, so that no push in between, and none after a crash, writes again
what was to be undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.kit.base import Change, Outcome, Pushes, Status
from connectors.kit.errors import ConnectorError, RecordGone, Unavailable
from mapping.fieldmap import FieldMap
from sync.engine.hub import Hub
from sync.engine.owed import value_of
from sync.store import asides, leads, links
from sync.store.asides import Aside, subject
from sync.store.database import Tx
from sync.store.leads import Event, LeadRow
from sync.store.links import LinkRow

__all__ = ["UNDONE", "Kept", "PutBack", "Undone", "Work", "Write", "batches", "put_back", "told"]

UNDONE = "UNDONE"
"""The code of fields that were put back and are parked."""


@dataclass(frozen=True, slots=True)
class PutBack:
    """One vendor field of a record: what the run wrote, and what it is put back to."""

    record: str
    lead_id: str
    field: str
    written: Any
    value: Any


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that is not put back; of the whole record where ``field`` is "".

    ``why`` is created (by the run, or found there when it was about to create), edited (since, and
    ``by`` whom), gone, moved (into another record), opt_out, unknown (what it held before),
    unmapped (the field map does not write it any more), or refused (by the vendor, ``by`` its
    code).
    """

    record: str
    lead_id: str
    field: str
    why: str
    by: str = ""


@dataclass(slots=True)
class Undone:
    """What an undo came to. ``already`` are fields that stand as before the run."""

    put_back: list[PutBack] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    already: int = 0
    records: int = 0


@dataclass(slots=True)
class Write:
    """What a run wrote to one record, over what: the first ``before`` and the last ``fields``."""

    link_id: str
    fields: dict[str, Any]
    before: dict[str, Any]
    created: bool


@dataclass(slots=True)
class Work:
    """A record on its way back. ``names`` are the lead fields of its vendor fields, or stage."""

    write: Write
    link: LinkRow
    lead: LeadRow
    field_map: FieldMap
    now: Mapping[str, Any]
    back: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def told(work: Work, fields: Iterable[str]) -> list[PutBack]:
    """These fields of a record, as they are put back."""
    return [
        PutBack(work.link.id, work.lead.id, one, work.write.fields[one], work.back[one])
        for one in fields
    ]


def batches(works: Sequence[Work], size: int) -> Iterable[list[Work]]:
    """Calls of the vendor's size, in none of which a lead is twice: outcomes name the lead."""
    waiting = list(works)
    while waiting:
        batch: dict[str, Work] = {}
        rest: list[Work] = []
        for work in waiting:
            if len(batch) < size and work.lead.id not in batch:
                batch[work.lead.id] = work
            else:
                rest.append(work)
        yield list(batch.values())
        waiting = rest


def put_back(
    hub: Hub,
    connector: Pushes,
    batch: Sequence[Work],
    run_id: str,
    as_run: str,
    undone: Undone,
) -> None:
    """Park the fields of some records, write them, and write down what became of it."""
    with hub.database.write() as tx:
        _park(hub, tx, batch, run_id, as_run)
    changes = [
        Change(
            stream=work.link.stream,
            key=work.lead.id,
            values=work.back,
            external_id=work.link.external_id,
            version=work.link.version,
            before={one: work.now.get(one) for one in work.back},
        )
        for work in batch
    ]
    try:
        done = {outcome.key: outcome for outcome in connector.push(changes)}
    except ConnectorError as error:
        if not (isinstance(error, Unavailable) and error.maybe_applied):
            with hub.database.write() as tx:
                for work, link in _fresh(tx, batch):
                    _unpark(tx, link, work.names.values(), hub.stamp())
        raise
    with hub.database.write() as tx:
        events: list[Event] = []
        now = hub.stamp()
        for work, link in _fresh(tx, batch):
            outcome = done.get(work.lead.id) or _no_outcome(work)
            kept = _record(tx, work, link, outcome, undone, now)
            if kept:
                before = {one: work.now.get(one) for one in kept}
                said = {"fields": {one: work.back[one] for one in kept}, "before": before}
                events.append(Event(work.lead.id, now, "pushed", said, link.id, as_run or None))
        leads.add_history(tx, events)


def _no_outcome(work: Work) -> Outcome:
    error = Unavailable("the connector gave no outcome", maybe_applied=True)
    return Outcome(work.lead.id, Status.FAILED, error=error)


def _fresh(tx: Tx, batch: Sequence[Work]) -> list[tuple[Work, LinkRow]]:
    """The links as they are now, locked against resolvers."""
    ids = [work.link.id for work in batch]
    leads.lock_keys(tx, (), ids)
    stored = links.by_ids(tx, ids)
    return [(work, stored[work.link.id]) for work in batch if work.link.id in stored]


def _park(hub: Hub, tx: Tx, batch: Sequence[Work], run_id: str, as_run: str) -> None:
    """Keep the next push from writing again what is about to be put back."""
    now = hub.stamp()
    found: dict[str, Aside] = {}
    changed: list[LinkRow] = []
    closed: list[str] = []
    for work, link in _fresh(tx, batch):
        about = (link.connection, link.stream, link.external_id)
        then = work.field_map.read({**work.now, **work.back}).values
        for vendor_field, name in work.names.items():
            if name == "stage":
                stage = work.field_map.stage
                ours = stage.project(work.lead.stage) if stage is not None else None
                value = work.back.get(stage.field) if stage is not None else None
                same = stage is None or stage.agrees(work.lead.stage, value) or ours is None
            else:
                ours = value_of(hub.flows[link.connection], name, work.lead)
                same = name in work.field_map.fields and work.field_map.settles(
                    name, ours, then.get(name)
                )
            if same:
                if link.parked.pop(name, None) is not None:
                    closed.append(subject("field", *about, name))
                continue
            link.parked[name] = ours if name != "stage" else str(ours)
            found.setdefault(
                subject("field", *about, name),
                Aside(
                    kind="field",
                    connection=link.connection,
                    code=UNDONE,
                    message=f"run {run_id} was undone here: the record keeps what it held before,"
                    " and the lead says otherwise",
                    stream=link.stream,
                    external_id=link.external_id,
                    lead_id=work.lead.id,
                    field=name,
                    fix="it is written again when the lead's value changes; correct the lead, or"
                    ' "renkei retry" writes it now',
                    sent={vendor_field: work.write.fields[vendor_field]},
                    received={vendor_field: work.back[vendor_field]},
                    run_id=as_run or None,
                ),
            )
        changed.append(link)
    links.save(tx, changed)
    asides.close(tx, closed, now)
    asides.put(tx, found.values(), now)


def _unpark(tx: Tx, link: LinkRow, names: Iterable[str], now: str) -> None:
    closed = []
    for name in names:
        link.parked.pop(name, None)
        closed.append(subject("field", link.connection, link.stream, link.external_id, name))
    links.save(tx, [link])
    asides.close(tx, closed, now)


def _record(
    tx: Tx, work: Work, link: LinkRow, outcome: Outcome, undone: Undone, now: str
) -> list[str]:
    """Write down what became of one record; the vendor fields that were put back."""
    error = outcome.error if outcome.status is Status.FAILED else None
    if isinstance(error, RecordGone):
        link.state = "gone"
    refused = set(work.back)
    if error is None:
        refused &= {*outcome.refused, *outcome.held}
    why = "gone" if isinstance(error, RecordGone) else "refused"
    for one in sorted(refused):
        code = error or outcome.refused.get(one)
        by = code.code if code is not None else "NOT_TAKEN"
        undone.kept.append(Kept(link.id, work.lead.id, one, why, by))
    back = [one for one in work.back if one not in refused]
    then = work.field_map.read({**work.now, **{one: work.back[one] for one in back}}).values
    for one in back:
        name = work.names[one]
        if name != "stage":
            link.since.pop(name, None)
            link.held[name] = then.get(name)
        elif work.field_map.stage is not None and one == work.field_map.stage.field:
            link.stage_value = None if work.back[one] is None else str(work.back[one])
    link.version = outcome.version or link.version
    link.updated_at = now
    may_be_back = isinstance(error, Unavailable) and error.maybe_applied
    _unpark(tx, link, () if may_be_back else [work.names[one] for one in refused], now)
    undone.put_back += told(work, back)
    return back
