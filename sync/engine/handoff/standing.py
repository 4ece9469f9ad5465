"""A hand-off and the lead that it is about now, whatever that was merged into."""

from __future__ import annotations

from sync.store import handoffs, leads
from sync.store.database import Tx
from sync.store.handoffs import HandoffRow
from sync.store.leads import LeadRow

MERGES = 20
"""How many merges in a row are followed."""


def locked(tx: Tx, handoff_id: str, *, lock: bool = True) -> tuple[LeadRow | None, HandoffRow]:
    """The lead that stands for a hand-off's, and the hand-off; locked in that order."""
    found = handoffs.by_id(tx, handoff_id)
    if found is None:
        raise LookupError(handoff_id)
    lead = standing(tx, found.lead_id, lock=lock)
    again = handoffs.by_id(tx, handoff_id, lock=True) if lock else found
    return lead, again or found


def standing(tx: Tx, lead_id: str, *, lock: bool = True) -> LeadRow | None:
    """A lead, or the one that it was merged into."""
    for _ in range(MERGES):
        lead = leads.by_ids(tx, [lead_id], lock=lock).get(lead_id)
        if lead is None or lead.merged_into is None:
            return lead
        lead_id = lead.merged_into
    return None
