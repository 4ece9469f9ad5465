"""Leads with their links, for whoever moves them without news of them."""

from __future__ import annotations

from collections.abc import Sequence

from sync.engine.batch import Working
from sync.store import leads, links
from sync.store.database import Tx

__all__ = ["workings_of"]


def workings_of(tx: Tx, ids: Sequence[str], *, lock: bool = False) -> list[Working]:
    """These leads as they are stored; ``lock`` keeps others from changing them meanwhile."""
    rows = leads.by_ids(tx, ids, lock=lock)
    held: dict[str, list[links.LinkRow]] = {}
    for link in links.of_leads(tx, rows):
        held.setdefault(link.owner_id or "", []).append(link)
    return [Working.stored(row, held.get(row.id, [])) for row in rows.values()]
