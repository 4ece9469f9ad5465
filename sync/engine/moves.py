"""Moves that no record says: by hand, by rule, by rest, by an answer, or that had to wait.

They are made one way: the stays, the lead's history, who is owed a copy, and the hand-offs that
begin all follow from the decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mapping.stages import StageDecision
from sync.engine import finish
from sync.engine.batch import Batch, Working
from sync.engine.handoff import arising
from sync.engine.hub import Hub
from sync.store import asides, leads, links, outbox
from sync.store.database import Tx
from sync.store.journeys import StageRow
from sync.store.leads import Event

__all__ = ["move", "settle", "write"]


def move(
    batch: Batch,
    working: Working,
    decision: StageDecision,
    *,
    rows: Sequence[StageRow] | None = None,
    event: str = "stage",
    said: Mapping[str, Any] | None = None,
    link_id: str | None = None,
) -> bool:
    """Let a lead stand where it was decided that it stands; false where nothing moves.

    ``rows`` are the stays where they hold more than the decision does, ``said`` is what else the
    history keeps, ``link_id`` what brought it about.
    """
    state = decision.state
    if state is None or not decision.moved:
        return False
    lead = working.lead
    changes = {"stage": [lead.stage, state.stage], **(said or {})}
    working.state, working.restaged = state, True
    lead.stage, lead.stage_at, lead.cycle = state.stage, state.entered_at, state.cycle
    lead.stage_reason = finish.reason_of(decision.entries[-1])
    lead.updated_at = batch.now
    batch.stages += finish.stays(lead.id, decision.entries) if rows is None else rows
    batch.events.append(Event(lead.id, state.entered_at, event, changes, link_id))
    return True


def settle(batch: Batch, working: Working) -> None:
    """Forget what systems said of the lead's stage and were refused: it has been decided."""
    for link in working.links:
        if link.parked.pop("stage", None) is not None:
            batch.keep(link)
    batch.decided.add(working.lead.id)


def write(hub: Hub, tx: Tx, batch: Batch, workings: Iterable[Working]) -> None:
    """Write what became of these leads, and what follows from it."""
    leads.save(tx, [working.lead for working in workings])
    links.save(tx, batch.changed_links.values())
    leads.add_history(tx, batch.events)
    arising.add_stages(hub, tx, batch.stages)
    outbox.owe(tx, batch.owed, batch.now, urgent=batch.urgent)
    asides.put(tx, batch.asides, batch.now)
    asides.close(tx, batch.settled, batch.now)
    asides.close_of_leads(tx, sorted(batch.decided), "stage", batch.now)
