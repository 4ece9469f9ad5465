"""What a replay reads: received payloads of a period, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from sync.store.inbox import FIELDS, REPLAY, InboxRow, opened

if TYPE_CHECKING:
    from sync.store.database import Tx

_KEPT = f"state <> 'new' AND source <> '{REPLAY}'"


class Slot(NamedTuple):
    """Where a received payload is stored. ``state`` is done or aside."""

    id: int
    link_id: str
    digest: str
    state: str


class Written(NamedTuple):
    """Vendor fields that the hub wrote to a record, and when."""

    link_id: str
    at: str
    fields: dict[str, Any]


def slots(
    tx: Tx, after: int, upto: int, since: str, until: str, limit: int
) -> tuple[int, list[Slot]]:
    """Payloads received from ``since`` until before ``until``, by id; and the last id looked at.

    Those with an id above ``after`` up to ``upto``, at most ``limit``; the last id is ``upto``
    where there are no more.
    """
    rows = tx.rows(
        f"SELECT id, link_id, digest, state FROM inbox WHERE id > ? AND id <= ?"
        f" AND received_at >= ? AND received_at < ? AND {_KEPT} ORDER BY id LIMIT ?",
        after,
        upto,
        since,
        until,
        limit,
    )
    found = [Slot._make(row) for row in rows]
    return (found[-1].id if len(found) == limit else upto), found


def last_id(tx: Tx) -> int:
    """The id of the newest row."""
    ((last,),) = tx.rows("SELECT max(id) FROM inbox")
    return int(last or 0)


def oldest(tx: Tx) -> str | None:
    """When the oldest payload that is still there was received."""
    ((at,),) = tx.rows(f"SELECT min(received_at) FROM inbox WHERE {_KEPT}")
    return None if at is None else str(at)


def newest(tx: Tx, link_ids: Collection[str]) -> dict[tuple[str, str], int]:
    """For these records, by (record, digest), the newest row that holds that payload.

    Under the digest ``""`` the newest of the record at all.
    """
    found: dict[tuple[str, str], int] = {}
    rows = tx.rows_in(
        f"SELECT link_id, digest, max(id) FROM inbox WHERE link_id IN ? AND {_KEPT}"
        " GROUP BY link_id, digest",
        link_ids,
    )
    for link_id, digest, row_id in rows:
        found[link_id, digest] = row_id
        found[link_id, ""] = max(row_id, found.get((link_id, ""), 0))
    return found


def waiting(tx: Tx, link_ids: Collection[str]) -> set[str]:
    """Those of the records of which something waits to be resolved."""
    # Not the bare state: an index on it would have all that waits read for a few records.
    sql = "SELECT DISTINCT link_id FROM inbox WHERE link_id IN ? AND state || '' = 'new'"
    return {row[0] for row in tx.rows_in(sql, link_ids)}


def payloads(tx: Tx, ids: Collection[int]) -> list[InboxRow]:
    """Rows with their payloads, by id."""
    return opened(tx, tx.rows_in(f"SELECT {FIELDS} FROM inbox WHERE id IN ? ORDER BY id", ids))


def earlier(tx: Tx, link_ids: Collection[str], most: int) -> dict[str, list[InboxRow]]:
    """What was resolved of these records, by record, the newest first; at most ``most`` each."""
    rows = tx.rows_in(
        f"SELECT {FIELDS} FROM (SELECT {FIELDS}, row_number() OVER"
        f" (PARTITION BY link_id ORDER BY id DESC) AS place FROM inbox WHERE link_id IN ?"
        f" AND state = 'done' AND source <> '{REPLAY}') AS placed"
        " WHERE place <= ? ORDER BY id DESC",
        link_ids,
        most,
    )
    found: dict[str, list[InboxRow]] = {}
    for row in opened(tx, rows):
        found.setdefault(row.link_id, []).append(row)
    return found


def written(tx: Tx, lead_ids: Collection[str]) -> dict[str, list[Written]]:
    """What the hub wrote to the records of these leads, by record, in order."""
    rows = tx.rows_in(
        "SELECT link_id, at, changes FROM history WHERE lead_id IN ? AND event = 'pushed'"
        " ORDER BY id",
        lead_ids,
    )
    found: dict[str, list[Written]] = {}
    for link_id, at, changes in rows:
        fields = orjson.loads(changes).get("fields") or {}
        found.setdefault(link_id, []).append(Written(link_id, at, fields))
    return found


def stage_authors(tx: Tx, lead_ids: Collection[str]) -> dict[str, str]:
    """By lead the record that put it at the stage where it stands; none where a person did."""
    rows = tx.rows_in(
        "SELECT lead_id, link_id FROM stage_history WHERE lead_id IN ? AND exited_at IS NULL"
        " AND override_by IS NULL AND link_id IS NOT NULL",
        lead_ids,
    )
    return dict(rows)


def deals(tx: Tx, link_ids: Iterable[str]) -> dict[str, tuple[str | None, dict[str, Any]]]:
    """By record a deal's stage and its fields."""
    rows = tx.rows_in("SELECT link_id, stage, fields FROM deal WHERE link_id IN ?", link_ids)
    return {row[0]: (row[1], orjson.loads(row[2])) for row in rows}


def activities(tx: Tx, link_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """By record an activity's fields, its kind, time and subject among them."""
    rows = tx.rows_in(
        "SELECT link_id, activity, at, subject, fields FROM activity WHERE link_id IN ?", link_ids
    )
    return {
        row[0]: {**orjson.loads(row[4]), "activity": row[1], "at": row[2], "subject": row[3]}
        for row in rows
    }
