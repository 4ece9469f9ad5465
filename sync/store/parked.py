"""Which open items wait for a field map or a vendor's fields to change.

An item about a vendor's field itself, a drift, names neither a record nor a lead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.store import asides

if TYPE_CHECKING:
    from sync.store.asides import Aside
    from sync.store.database import Tx

LATEST = "9999"
"""After every time that is stored."""
_OF_A_DRIFT = "kind = 'field' AND external_id IS NULL AND lead_id IS NULL"


def open_after(
    tx: Tx, connection: str, after: int, limit: int, before: str = LATEST
) -> list[Aside]:
    """The next open records, fields and changes of a connection, drifts left out, in their order.

    Fields that an undo put back wait for nothing of the kind. ``after`` is the number of the last
    one seen; ``before`` leaves out what was set aside, or tried again, later.
    """
    rows = tx.rows(
        "SELECT id FROM set_aside WHERE connection = ? AND state = 'open' AND id > ?"
        " AND last_at <= ? AND kind IN ('record', 'field', 'change') AND code <> 'UNDONE'"
        f" AND NOT ({_OF_A_DRIFT}) ORDER BY id LIMIT ?",
        connection,
        after,
        before,
        limit,
    )
    found = asides.listed(tx, ids=[row[0] for row in rows], limit=limit)
    return sorted(found, key=lambda item: item.id)


def drift_items(tx: Tx, connection: str) -> list[Aside]:
    """The open items about a connection's fields as the vendor describes them."""
    rows = tx.rows(
        f"SELECT id FROM set_aside WHERE connection = ? AND state = 'open' AND {_OF_A_DRIFT}",
        connection,
    )
    return asides.listed(tx, ids=[row[0] for row in rows], limit=len(rows))
