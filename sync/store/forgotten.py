"""Queries about leads that a restored database had forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sync.store.database import dumps

if TYPE_CHECKING:
    from sync.store.database import Tx

MATCH = {"rule": "restored"}
"""Why a record is its lead's, where it named a lead that the restored database had forgotten."""


def doubtful(tx: Tx, lead_ids: Sequence[str]) -> dict[str, str]:
    """Of these leads those that may be one with a forgotten lead, and that one; nobody has decided.

    Asked for few leads at a time: those that are about to be created somewhere.
    """
    found: dict[str, str] = {}
    for mine, other in (("lead_a", "lead_b"), ("lead_b", "lead_a")):
        rows = tx.rows_in(
            f"SELECT {mine}, {other} FROM match_review WHERE EXISTS"
            f" (SELECT 1 FROM link WHERE link.owner_id = {other} AND link.match = ?)"
            f" AND {mine} IN ? ORDER BY {other}",
            lead_ids,
            before=(dumps(MATCH),),
        )
        found |= {str(lead): str(twin) for lead, twin in rows}
    return found
