"""Records by their place in the order of ids, for samples drawn without sorting by chance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.store.database import Tx

_PEOPLE = "connection = ? AND kind = 'lead' AND state <> 'moved' AND owner_id IS NOT NULL"


def count(tx: Tx, connection: str) -> int:
    """How many records of people a connection has, deleted ones included."""
    ((number,),) = tx.rows(f"SELECT count(*) FROM link WHERE {_PEOPLE}", connection)
    return int(number)


def at(tx: Tx, connection: str, places: Iterable[int]) -> list[str]:
    """The ids of the links at these places (from 1 on), deleted records left out.

    Deleted ones keep their places, so that a sample stays the same when a record goes.
    """
    numbered = (
        f"SELECT id, state, row_number() OVER (ORDER BY id) AS place FROM link WHERE {_PEOPLE}"
    )
    rows = tx.rows_in(
        f"SELECT id, state FROM ({numbered}) AS numbered WHERE place IN ? ORDER BY id",
        places,
        before=(connection,),
    )
    return [link_id for link_id, state in rows if state == "live"]
