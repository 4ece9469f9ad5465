"""A real record through its field map, and the lead it would become or join. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mapping.errors import Unreadable
from mapping.fieldmap import Draft
from mapping.lines import ABSENT
from mapping.match.accounts import lookup_keys
from mapping.match.profile import profile
from mapping.model import OUR_ID
from sync.engine import identify
from sync.engine.batch import Batch, Working
from sync.engine.hub import Flow, Hub
from sync.store import accounts, leads, links
from sync.store.links import LinkRow, link_id

__all__ = ["LineSeen", "RecordPreview", "preview_record"]


@dataclass(frozen=True, slots=True)
class LineSeen:
    """One line of the field map at work: what the vendor's fields hold, and what it made of it."""

    field: str
    vendor: Mapping[str, Any]
    value: Any
    code: str = ""


@dataclass(frozen=True, slots=True)
class RecordPreview:
    """What would become of a record. ``verdict``: known, our_id, same, ask, new, or none."""

    stream: str
    external_id: str
    kind: str
    lines: tuple[LineSeen, ...]
    draft: Draft
    unread: tuple[str, ...]
    verdict: str = "none"
    lead_id: str | None = None
    score: float = 0.0
    reasons: tuple[tuple[str, float], ...] = field(default_factory=tuple)


def preview_record(
    hub: Hub, flow: Flow, stream: str, external_id: str, payload: Mapping[str, Any]
) -> RecordPreview:
    """What the field map makes of a payload, and which lead it would be.

    Raises MappingError for a record its connector cannot read.
    """
    flat = flow.flatten(stream, payload)
    field_map = flow.map_for(stream)
    draft = field_map.read(flat)
    lines = []
    for line in field_map.lines:
        if not line.pulls:
            continue
        vendor = {name: flat.get(name) for name in line.reads if name in flat}
        try:
            value: Any = line.value(flat)
        except Unreadable as why:
            lines.append(LineSeen(line.field, vendor, None, why.code))
            continue
        if value is not ABSENT:
            lines.append(LineSeen(line.field, vendor, value))
    known = field_map.vendor_fields()
    unread = tuple(name for name in flat if name not in known and not name.startswith("_"))
    seen = RecordPreview(stream, external_id, flow.kind(stream), tuple(lines), draft, unread)
    return _matched(hub, flow, seen) if seen.kind == "lead" else seen


def _matched(hub: Hub, flow: Flow, seen: RecordPreview) -> RecordPreview:
    record = link_id(flow.name, seen.stream, seen.external_id)
    made = profile(record, seen.draft.values, hub.rules)
    with hub.database.read() as tx:
        owner = links.owners(tx, [record])
        if owner:
            return replace(seen, verdict="known", lead_id=next(iter(owner.values())))
        ours = seen.draft.values.get(OUR_ID)
        if isinstance(ours, str) and ours in leads.by_ids(tx, [ours]):
            return replace(seen, verdict="our_id", lead_id=ours)
        batch = Batch(hub.stamp(), hub.stage_rules)
        firm = made.firm
        for key, account_id in accounts.by_keys(tx, lookup_keys(firm)):
            batch.directory.learn(account_id, (key,))
        batch.by_key, batch.hot = leads.by_keys(tx, made.keys)
        wanted = {lead_id for found in batch.by_key.values() for lead_id in found}
        rows = leads.by_ids(tx, wanted, provenance=False)
        held: dict[str, list[LinkRow]] = {}
        for link in links.of_leads(tx, rows):
            held.setdefault(link.owner_id or "", []).append(link)
        identify.load(tx, batch)
    made.account = batch.directory.find(firm) if firm.is_known else None
    for lead_id, row in rows.items():
        batch.leads[lead_id] = Working(row, held.get(lead_id, []), None, set())
    placed = identify.place_profile(hub, batch, made)
    near = (placed.same or placed.maybe) if placed is not None else ()
    if not near:
        return replace(seen, verdict="new")
    return replace(
        seen,
        verdict="same" if placed is not None and placed.same else "ask",
        lead_id=near[0].lead,
        score=near[0].score.points,
        reasons=tuple((one.code, one.points) for one in near[0].score.reasons),
    )
