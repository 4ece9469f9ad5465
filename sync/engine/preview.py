"""A real record through its field map, and the lead it would become or join. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mapping.errors import Unreadable
from mapping.fieldmap import Draft
from mapping.keys import Key, lead_keys
from mapping.lines import ABSENT
from mapping.match import Candidate, decide
from mapping.model import OUR_ID
from sync.engine.hub import Flow, Hub
from sync.store import leads, links
from sync.store.links import link_id

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
    keys: tuple[Key, ...] = ()
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
    keys = lead_keys(seen.draft.values)
    seen = replace(seen, keys=keys)
    with hub.database.read() as tx:
        owner = links.owners(tx, [link_id(flow.name, seen.stream, seen.external_id)])
        if owner:
            return replace(seen, verdict="known", lead_id=next(iter(owner.values())))
        ours = seen.draft.values.get(OUR_ID)
        if isinstance(ours, str) and ours in leads.by_ids(tx, [ours]):
            return replace(seen, verdict="our_id", lead_id=ours)
        shared: dict[str, list[Key]] = {}
        for text, found in leads.by_keys(tx, [key.text() for key in keys]).items():
            for lead_id in found:
                shared.setdefault(lead_id, []).extend(key for key in keys if key.text() == text)
        rows = leads.by_ids(tx, shared)
    candidates = [
        Candidate(lead_id, rows[lead_id].fields, tuple(found))
        for lead_id, found in shared.items()
        if lead_id in rows
    ]
    match = decide(seen.draft.values, candidates)
    verdict = {"same": "same", "ask": "ask"}.get(str(match.verdict), "new")
    return replace(
        seen,
        verdict=verdict,
        lead_id=match.lead_id,
        score=match.score,
        reasons=tuple((one.code, one.points) for one in match.reasons),
    )
