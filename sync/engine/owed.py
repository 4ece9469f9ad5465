"""What a connection's copy of a lead lacks: the difference between the lead and what it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mapping.consent import DENIED, denied
from mapping.fieldmap import FieldMap
from sync.engine import consents
from sync.engine.hub import Flow
from sync.store.leads import LeadRow
from sync.store.links import LinkRow


def target_link(flow: Flow, links: Sequence[LinkRow]) -> LinkRow | None:
    """The record to write to: the oldest that still exists and takes writes.

    The same one in whatever order ``links`` come.
    """
    return min(
        (
            link
            for link in links
            if link.connection == flow.name and link.state == "live" and link.kind == "lead"
        ),
        key=lambda link: (link.first_seen_at, link.id),
        default=None,
    )


def may_create(flow: Flow, lead: LeadRow, links: Sequence[LinkRow]) -> bool:
    """Whether a lead that the connection lacks is to be created there.

    A lead whose record was deleted there is not created again.
    """
    push = flow.config.push
    if push is None or not push.create:
        return False
    if any(link.connection == flow.name and link.kind == "lead" for link in links):
        return False
    for name, wanted in push.create_when.items():
        value = lead.stage if name == "stage" else lead.fields.get(name)
        have = value if isinstance(value, list) else [value]
        if not any(str(one) in wanted for one in have if one is not None):
            return False
    return True


def owed_fields(
    flow: Flow, field_map: FieldMap, lead: LeadRow, link: LinkRow | None
) -> dict[str, Any]:
    """The lead fields whose value the record should get, by canonical name.

    A blank is written only over a value that came from the hub, or where a person said so. A
    field that the vendor refused is left alone until its value changes. An opt-out is written
    whatever ``fields`` and ``fill`` say, and silence is never written over one.
    """
    push = flow.config.push
    fields = lead.fields
    opt_outs = denied(fields)
    allowed = None if push is None or push.fields is None else opt_outs.union(push.fields)
    writable = field_map.writable if allowed is None else field_map.writable & allowed
    if link is None:
        return _whatever_there_is(flow, writable, lead)
    if push is not None and not push.update:
        return {}
    held = consents.really(link)
    fill = frozenset(push.fill) - opt_outs if push is not None else frozenset()
    owed: dict[str, Any] = {}
    for name in writable:
        ours = fields.get(name) if name not in OF_THE_HUB else value_of(flow, name, lead)
        theirs = held.get(name)
        if ours == theirs or (name in fill and theirs is not None):
            continue
        by_hand = name in lead.edits and theirs is not None
        if ours is None and not by_hand and (name in link.since or theirs in _NOT_BLANKED):
            continue
        if name in link.parked and link.parked[name] == ours:
            continue
        if field_map.settles(name, ours, theirs):
            continue
        owed[name] = ours
    return owed


def _whatever_there_is(flow: Flow, writable: Iterable[str], lead: LeadRow) -> dict[str, Any]:
    """What a record that is to be created gets."""
    owed: dict[str, Any] = {}
    for name in writable:
        value = value_of(flow, name, lead)
        if value is not None:
            owed[name] = value
    return owed


_NOT_BLANKED = (None, DENIED)
OF_THE_HUB = frozenset(
    {"renkei_id", "renkei_stage", "renkei_stage_at", "renkei_reason", "renkei_cycle"}
)
"""Fields that no system states: what the hub itself says of a lead."""


def value_of(flow: Flow, name: str, lead: LeadRow) -> Any:
    """What a lead has in a field, those included that the hub itself says of it."""
    if name not in OF_THE_HUB:
        return lead.fields.get(name)
    match name:
        case "renkei_id":
            return lead.id
        case "renkei_stage":
            return lead.stage
        case "renkei_stage_at":
            return lead.stage_at
        case "renkei_cycle":
            return lead.cycle
        case _:
            return said_reason(flow, lead)


def said_reason(flow: Flow, lead: LeadRow) -> str | None:
    """Why a lead stands where it does, as people call it in the hub's language."""
    return flow.rules.reason_name(lead.stage, lead.stage_reason, flow.language)


def owed_stage(field_map: FieldMap, lead: LeadRow, link: LinkRow | None) -> str | None:
    """The vendor's value for the lead's stage, where the record stands elsewhere."""
    projection = field_map.stage
    if projection is None:
        return None
    wanted = projection.project(lead.stage)
    if wanted is None:
        return None
    if link is None:
        return str(wanted)
    if link.stage_value is not None and projection.agrees(lead.stage, link.stage_value):
        return None
    refused = link.parked.get("stage", ...)
    if refused in (link.stage_value, wanted) or str(wanted) == link.stage_value:
        return None
    return str(wanted)


def is_owed(flow: Flow, lead: LeadRow, links: Sequence[LinkRow]) -> bool:
    """Whether the connection's copy of this lead is out of date."""
    if lead.merged_into or flow.config.push is None:
        return False
    link = target_link(flow, links)
    if link is None:
        return may_create(flow, lead, links)
    if not flow.config.push.update:
        return False
    field_map = flow.map_for(link.stream)
    if owed_stage(field_map, lead, link) is not None:
        return True
    if owed_fields(flow, field_map, lead, link):
        return True
    return consents.elsewhere(flow, lead, links, link) is not None
