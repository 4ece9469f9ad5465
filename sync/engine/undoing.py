"""Undo a run: what it wrote at a vendor is put back, where it still stands as it was written.

The present state is read again first. A field that somebody has changed since is left and told, as
are records that the run created, and opt-outs, which nothing takes back. What is put back would be
owed again, since the lead still says what it said: those fields are parked for their record, ahead
of the write, until the lead's value changes or somebody retries them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from connectors.kit.base import Fetches, Pushes, Record, Ref
from connectors.kit.errors import ContractBroken
from mapping.consent import DENIED, is_consent
from mapping.fieldmap import FieldMap
from mapping.transforms import is_blank
from sync.engine.hub import Flow, Hub
from sync.engine.pull import receive
from sync.engine.putting_back import Kept, Undone, Work, Write, batches, put_back, told
from sync.engine.resolve import resolve_due
from sync.store import leads, links
from sync.store.database import Tx
from sync.store.leads import Event
from sync.store.links import LinkRow

__all__ = ["undo_run"]

READ_AT_ONCE = 100


def undo_run(
    hub: Hub,
    flow: Flow,
    run_id: str,
    *,
    as_run: str = "",
    dry_run: bool = False,
    on_batch: Callable[[Undone], bool] | None = None,
) -> Undone:
    """Put back what a run wrote to a connection; history names ``as_run`` as the run that did.

    With ``dry_run`` vendors are read, and nothing is written anywhere. Safe to stop and to do
    again: what is back already stays so. Raises the connector's errors.
    """
    connector = flow.connector
    if not isinstance(connector, Pushes):
        raise ContractBroken(f'connection "{flow.name}" cannot be written')
    with hub.database.read() as tx:
        writes = _writes(leads.pushed_by(tx, run_id))
    undone = Undone(records=len(writes))
    for start in range(0, len(writes), READ_AT_ONCE):
        some = writes[start : start + READ_AT_ONCE]
        present = _read(hub, flow, some, dry_run=dry_run, run_id=as_run)
        with hub.database.read() as tx:
            works = _works(tx, flow, some, present, undone)
            edited = {work.link.id: _sift(work, undone) for work in works}
            _tell_edited(tx, works, edited, run_id, undone)
        works = [work for work in works if work.back]
        if dry_run:
            for work in works:
                undone.put_back += told(work, work.back)
            continue
        for batch in batches(works, connector.batch_size):
            put_back(hub, connector, batch, run_id, as_run, undone)
            if on_batch is not None and not on_batch(undone):
                return undone
    return undone


def _writes(events: Iterable[Event]) -> list[Write]:
    """What was written, a record once: it may have been written several times in one run."""
    found: dict[str, Write] = {}
    for event in events:
        if event.link_id is None:
            continue
        written, before = event.changes.get("fields") or {}, event.changes.get("before") or {}
        known = found.get(event.link_id)
        if known is None:
            found[event.link_id] = Write(event.link_id, dict(written), dict(before), not before)
        else:
            known.fields.update(written)
            known.before = {**before, **known.before}
    return list(found.values())


def _read(
    hub: Hub, flow: Flow, writes: Sequence[Write], *, dry_run: bool, run_id: str
) -> dict[str, Record] | None:
    """The records as the vendor has them, taken in too; None where it cannot be asked."""
    connector = flow.connector
    if not isinstance(connector, Fetches):
        return None
    by_stream: dict[str, list[str]] = {}
    for write in writes:
        if not write.created:
            _, stream, external_id = links.split_id(write.link_id)
            by_stream.setdefault(stream, []).append(external_id)
    found = [one for stream, ids in by_stream.items() for one in connector.fetch(stream, ids)]
    if not dry_run:
        with hub.database.write() as tx:
            receive(tx, flow, found, source="reread", run_id=run_id, now=hub.stamp())
        resolve_due(hub)
    records = {links.link_id(flow.name, one.stream, one.external_id): one for one in found}
    for one in found:
        for ref in one.previous_ids:
            records.setdefault(_id(flow, ref), one)
    return records


def _id(flow: Flow, ref: Ref) -> str:
    return links.link_id(flow.name, ref.stream, ref.external_id)


def _works(
    tx: Tx,
    flow: Flow,
    writes: Sequence[Write],
    present: Mapping[str, Record] | None,
    undone: Undone,
) -> list[Work]:
    """The records that can be written; what is created, gone or moved is kept."""
    stored = links.by_ids(tx, [write.link_id for write in writes])
    people = leads.by_ids(tx, {one.owner_id for one in stored.values() if one.owner_id})
    works = []
    for write in writes:
        link = stored.get(write.link_id)
        lead = people.get(link.owner_id or "") if link is not None else None
        if link is None or lead is None:
            undone.kept.append(Kept(write.link_id, "", "", "gone"))
            continue
        record = present.get(link.id) if present is not None else None
        why = ""
        if write.created:
            why = "created"
        elif link.state == "moved" or (record and record.external_id != link.external_id):
            why = "moved"
        elif link.state == "gone" or (present is not None and (record is None or record.deleted)):
            why = "gone"
        if why:
            undone.kept.append(Kept(link.id, lead.id, "", why))
            continue
        field_map = flow.map_for(link.stream)
        now = (
            flow.flatten(link.stream, record.payload)
            if record is not None
            else _held(link, field_map)
        )
        works.append(Work(write, link, lead, field_map, now))
    return works


def _held(link: LinkRow, field_map: FieldMap) -> dict[str, Any]:
    """What the hub last heard of a record, in the vendor's words."""
    now = field_map.write(link.held).values
    if field_map.stage is not None:
        now[field_map.stage.field] = link.stage_value
    return now


def _sift(work: Work, undone: Undone) -> dict[str, str]:
    """Decide about each field of a record; those that were edited since, and their lead fields."""
    write, field_map, now = work.write, work.field_map, work.now
    names = _names(field_map)
    was = field_map.read({**now, **write.fields}).values
    held = field_map.read(now).values
    then = field_map.read({**now, **write.before}).values
    edited: dict[str, str] = {}
    for vendor_field, written in write.fields.items():
        name = names.get(vendor_field)
        before = write.before.get(vendor_field)
        if name == "renkei_id":
            continue  # what ties the record to its lead is no news of the run's
        why = ""
        if name is None:
            why = "unmapped"
        elif vendor_field not in write.before:
            why = "unknown"
        elif _stands(field_map, name, now.get(vendor_field), before, held, then):
            undone.already += 1
            continue
        elif not _stands(field_map, name, now.get(vendor_field), written, held, was):
            edited[vendor_field] = name
            continue
        elif is_consent(name) and was.get(name, DENIED) == DENIED:
            why = "opt_out"
        if why:
            undone.kept.append(Kept(work.link.id, work.lead.id, vendor_field, why))
            continue
        work.back[vendor_field] = before
        work.names[vendor_field] = str(name)
    return edited


def _names(field_map: FieldMap) -> dict[str, str]:
    """The lead field behind each vendor field that is written; the stage's are "stage"."""
    names = dict(field_map.written_to())
    if field_map.stage is not None:
        names[field_map.stage.field] = "stage"
        if field_map.stage.reason_field:
            names.setdefault(field_map.stage.reason_field, "stage")
    return names


def _stands(
    field_map: FieldMap,
    name: str,
    now: Any,
    wanted: Any,
    held: Mapping[str, Any],
    would: Mapping[str, Any],
) -> bool:
    """Whether a record holds what was wanted; fields that are never read are compared as text."""
    if name != "stage" and name in field_map.fields:
        return field_map.settles(name, would.get(name), held.get(name))
    return now == wanted or (is_blank(now) and is_blank(wanted)) or str(now) == str(wanted)


def _tell_edited(
    tx: Tx,
    works: Sequence[Work],
    edited: Mapping[str, Mapping[str, str]],
    run_id: str,
    undone: Undone,
) -> None:
    """Tell who changed fields since: a later run, or the vendor, and when the hub heard of it."""
    later: dict[tuple[str, str], str] = {}
    people = {work.lead.id for work in works if edited[work.link.id]}
    for event in leads.pushes_of(tx, people):
        for name in event.changes.get("fields", {}):
            by = "" if event.run_id == run_id else event.run_id or ""
            later[event.link_id or "", name] = by
    for work in works:
        link = work.link
        for vendor_field, name in edited[link.id].items():
            at = link.since.get(name)
            by = later.get((link.id, vendor_field)) or link.connection
            if at is not None:
                by = f"{link.connection} {at}"
            undone.kept.append(Kept(link.id, work.lead.id, vendor_field, "edited", by))
