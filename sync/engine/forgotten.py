"""Leads that a restored database has forgotten, and their records at vendors, which name them.

Such a record was made since the backup. Its lead gets the id again that the record names; where
the same person has come back as another lead already, the id leads there. And a lead that may be
the one of such a record is not made a second time until a person has looked.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from mapping.fieldmap import Problem
from mapping.model import OUR_ID
from sync.store import epochs, forgotten

if TYPE_CHECKING:
    from sync.engine.batch import Batch, Item, Working
    from sync.engine.hub import Hub
    from sync.store.database import Tx

__all__ = ["MATCH", "doubtful", "learn", "named", "remember"]

MATCH = forgotten.MATCH
_OURS = re.compile(r"ld_[0-9a-v]{26}")


def learn(hub: Hub, tx: Tx, batch: Batch, ids: Collection[str]) -> None:
    """Note which of the ids that records name are of forgotten leads; reads nothing otherwise."""
    unknown = {one for one in ids if one not in batch.leads and _OURS.fullmatch(one)}
    if hub.epoch and unknown:
        batch.restored = frozenset(epochs.marks(tx))
        batch.forgotten = unknown if batch.restored else set()


def named(batch: Batch, item: Item) -> str | None:
    """The forgotten lead's id that a record names; None where it names none, or a known one."""
    ours = item.draft.values.get(OUR_ID)
    known = not isinstance(ours, str) or ours not in batch.forgotten
    return None if known or item.connection not in batch.restored else str(ours)


def remember(batch: Batch, item: Item, working: Working) -> None:
    """A record that names a forgotten lead is another's: the forgotten one is a part of that."""
    ours = named(batch, item)
    if ours is None or ours == working.lead.id:
        return
    batch.forgotten.discard(ours)
    lead = replace(working.lead, id=ours, merged_into=working.lead.id, fields={}, provenance={})
    batch.leads[ours] = replace(working, lead=lead, links=[], keys=set(), touched=True)


def doubtful(tx: Tx, lead_ids: Collection[str]) -> dict[str, Problem]:
    """Why some of these leads are not to be made anywhere yet, by their ids."""
    return {
        lead_id: Problem(
            field="",
            vendor_field="",
            code="MAYBE_THERE",
            message=f"the person may have records already, as lead {other}: those were made after"
            " the backup that was restored",
            hint='decide whether the two leads are one, with "renkei dedupe list"',
        )
        for lead_id, other in forgotten.doubtful(tx, sorted(lead_ids)).items()
    }
