"""Histories that vendors tell: taken in at a record's first word, and never again."""

from __future__ import annotations

from collections.abc import Sequence

from mapping.projection import Told
from mapping.stages import Observation
from mapping.told import earlier, replay, since
from sync.engine import finish
from sync.engine.batch import Batch, Item, TellsOf, Working
from sync.engine.hub import Hub
from sync.store import journeys
from sync.store.database import Tx
from sync.store.links import LinkRow

__all__ = ["note", "observe", "told_by", "write"]


def told_by(hub: Hub, item: Item, *, first: bool) -> tuple[Told, ...]:
    """What a record says of the time before the hub; nothing but at its first word."""
    return hub.flows[item.connection].map_for(item.stream).told(item.flat) if first else ()


def observe(
    hub: Hub,
    batch: Batch,
    working: Working,
    item: Item,
    seen: Observation,
    told: Sequence[Told],
    link: LinkRow | None,
) -> None:
    """Let a first word count that comes with a history.

    A new lead's life is as told, unless the present stage lacks evidence. A known lead's life gets
    the entries that are earlier than what the hub knows, once the batch is decided; the word itself
    counts since when the record says.
    """
    if working.state is None:
        decision = replay(told, seen, hub.stage_rules)
        if finish.is_unproven(hub, working, decision):
            _keep(batch, working, item, told)
            finish.observe_stage(hub, batch, working, item, seen, link)
        elif decision.state is not None:
            finish.enter(batch, working, decision.state, item)
            working.lead.stage_reason = finish.reason_of(decision.entries[-1])
            batch.stages += finish.stays(working.lead.id, decision.entries)
        return
    _keep(batch, working, item, told)
    at = since(told, seen.stages)
    finish.observe_stage(
        hub, batch, working, item, seen if at is None else seen._replace(at=at), link
    )


def note(hub: Hub, batch: Batch, working: Working, item: Item) -> None:
    """Keep what a record tells that the hub wrote to before it heard of it."""
    told = told_by(hub, item, first=True)
    if told:
        _keep(batch, working, item, told)


def _keep(batch: Batch, working: Working, item: Item, told: Sequence[Told]) -> None:
    batch.told.append(TellsOf(working.lead.id, tuple(told), item.connection, item.row.link_id))


def write(tx: Tx, batch: Batch) -> None:
    """Add what was told of known leads; after the stays of the batch were written.

    One query and one statement, and none where nobody told anything.
    """
    if not batch.told:
        return
    known = journeys.first_entries(tx, {one.lead_id for one in batch.told})
    rows = []
    for lead_id, told, system, event in batch.told:
        working = batch.leads[lead_id]
        first = known.setdefault(lead_id, {})
        found = earlier(told, first, working.lead.stage_at, system=system, event=event)
        rows += finish.stays(lead_id, found)
        for one in found:
            first[one.stage] = min(one.entered_at, first.get(one.stage, one.entered_at))
    journeys.add_told(tx, rows)
