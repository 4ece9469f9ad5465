"""Give a lead to its owner: written on the lead like a hand edit, with the way that found them."""

from __future__ import annotations

from sync.config.handoff import HandoffRule
from sync.engine import edits
from sync.engine.batch import Batch, Working
from sync.engine.handoff.owners import choose
from sync.engine.handoff.words import say
from sync.engine.hub import Hub
from sync.store import handoffs
from sync.store.database import Tx
from sync.store.handoffs import HandoffRow
from sync.store.leads import LeadRow


def give(hub: Hub, tx: Tx, rule: HandoffRule, handoff: HandoffRow, lead: LeadRow) -> None:
    """Find the owner of what is handed over, and write them down on both."""
    owner, way = choose(hub, tx, rule, lead, hub.stamp())
    if owner is None or way is None:
        return
    assign(hub, tx, handoff, lead, owner, way)


def assign(hub: Hub, tx: Tx, handoff: HandoffRow, lead: LeadRow, owner: str, way: str) -> None:
    """Make somebody the owner of what is handed over."""
    handoff.owner, handoff.owner_why = owner, way
    handoffs.save(tx, handoff)
    if lead.fields.get("owner") == owner:
        return
    why = say(hub.config.hub.language, f"way.{way}")

    def change(batch: Batch, working: Working) -> None:
        edit = [owner, batch.now, f"handoff:{handoff.rule}", why, handoff.id]
        working.lead.edits = {**working.lead.edits, "owner": edit}
        working.touched = True

    edits.change_in(hub, tx, lead.id, change)
