"""Leads, their match keys, and what happened to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from mapping.match.profile import cut_of, mailbox_key
from sync.store.database import dumps, packed

if TYPE_CHECKING:
    from sync.store.database import Row, Tx

COLUMNS = (
    "id",
    "name",
    "email",
    "company",
    "account_id",
    "stage",
    "stage_at",
    "stage_reason",
    "cycle",
    "fields",
    "provenance",
    "edits",
    "merged_into",
    "created_at",
    "updated_at",
)
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM lead"
_NO_CHANGES: Mapping[str, Any] = {}


@dataclass(slots=True)
class LeadRow:
    """One person as the hub sees them.

    ``provenance`` says per field who said it (link), when, and by which rule it won. ``edits`` are
    values set by hand, which win.
    """

    id: str
    name: str | None
    email: str | None
    company: str | None
    account_id: str | None
    stage: str
    stage_at: str
    stage_reason: str | None
    cycle: int
    fields: dict[str, Any]
    provenance: dict[str, Any]
    edits: dict[str, Any]
    merged_into: str | None
    created_at: str
    updated_at: str


class Event(NamedTuple):
    """One line of a lead's history. ``changes`` is field → [from, to]."""

    lead_id: str
    at: str
    event: str
    changes: Mapping[str, Any] = _NO_CHANGES
    link_id: str | None = None
    run_id: str | None = None
    inbox_id: int | None = None


def _lead(row: Row) -> LeadRow:
    edits = orjson.loads(row[11]) if row[11] else {}
    return LeadRow(*[*row[:9], orjson.loads(row[9]), orjson.loads(row[10]), edits, *row[12:]])


def by_ids(
    tx: Tx, ids: Iterable[str], *, lock: bool = False, provenance: bool = True
) -> dict[str, LeadRow]:
    """Leads by their ids; locked in id order where the transaction will change them.

    Without ``provenance`` that is left empty, for those who will not save the leads.
    """
    tail = " ORDER BY id FOR UPDATE" if lock and tx.postgres else ""
    select = _SELECT if provenance else _SELECT.replace("provenance", "'{}'")
    return {row[0]: _lead(row) for row in tx.rows_in(f"{select} WHERE id IN ?{tail}", ids)}


def find(tx: Tx, text: str, limit: int = 20) -> list[LeadRow]:
    """Leads by id, e-mail, a record's external id, or part of the name or company."""
    like = f"%{text}%"
    sql = (
        f"{_SELECT} WHERE merged_into IS NULL AND (id = ? OR email = ? OR id IN"
        " (SELECT owner_id FROM link WHERE external_id = ?) OR id IN"
        " (SELECT lead_id FROM match_key WHERE key = ?) OR name LIKE ? OR company LIKE ?)"
        " ORDER BY updated_at DESC LIMIT ?"
    )
    rows = tx.rows(sql, text, text.lower(), text, mailbox_key(text.lower()), like, like, limit)
    return [_lead(row) for row in rows]


def by_email(tx: Tx, text: str, limit: int = 20) -> list[LeadRow]:
    """Leads that have this e-mail, first or second: by indexes alone."""
    email = text.lower()
    found = {row[0] for row in tx.rows("SELECT id FROM lead WHERE email = ? LIMIT ?", email, limit)}
    key = mailbox_key(email)
    keyed = tx.rows("SELECT lead_id FROM match_key WHERE key = ? LIMIT ?", key, limit)
    found |= {row[0] for row in keyed}
    return [row for row in by_ids(tx, sorted(found)).values() if row.merged_into is None]


def lock_keys(tx: Tx, keys: Iterable[int], names: Iterable[str] = ()) -> None:
    """Hold these keys until the transaction ends, so that no other resolver decides about them.

    ``names`` are locked by their hash. In a fixed order, so that two resolvers cannot wait for each
    other. On SQLite the one writer holds everything already.
    """
    if not tx.postgres:
        return
    tx.rows(
        "SELECT count(pg_advisory_xact_lock(h)) FROM (SELECT h FROM (SELECT unnest(%b::bigint[])"
        " AS h UNION SELECT hashtextextended(n, 0) FROM unnest(%b::text[]) AS n) AS every"
        " ORDER BY 1) AS hashes",
        list(set(keys)),
        list(set(names)),
    )


def by_keys(tx: Tx, keys: Iterable[int]) -> tuple[dict[int, list[str]], set[int]]:
    """Lead ids by match key, and the hot keys: those of so many leads that they find nobody."""
    by_cut: dict[int, list[int]] = defaultdict(list)
    for key in keys:
        by_cut[cut_of(key)].append(key)
    if not by_cut:
        return {}, set()
    # The cut has to be made for each key alone: a common name has thousands of rows.
    each = _EACH_ON_POSTGRES if tx.postgres else _EACH_ON_SQLITE
    sql = " UNION ALL ".join(each.format(limit=cut + 1) for cut in by_cut)
    wanted = [some if tx.postgres else dumps(some) for some in by_cut.values()]
    found: dict[int, list[str]] = defaultdict(list)
    for key, lead_id in tx.rows(sql, *wanted):
        found[key].append(lead_id)
    hot = {key for key, leads in found.items() if len(leads) > cut_of(key)}
    return {key: sorted(leads) for key, leads in found.items() if key not in hot}, hot


_EACH_ON_POSTGRES = (
    "SELECT k, one.lead_id FROM unnest(%b::bigint[]) AS k CROSS JOIN LATERAL"
    " (SELECT lead_id FROM match_key WHERE key = k LIMIT {limit}) AS one"
)
_EACH_ON_SQLITE = (
    "SELECT k.value, one.value FROM json_each(?) AS k, json_each((SELECT json_group_array(lead_id)"
    " FROM (SELECT lead_id FROM match_key WHERE key = k.value LIMIT {limit}))) AS one"
)


def holders_of_emails(tx: Tx, emails: Iterable[str], connection: str) -> dict[str, str]:
    """For each e-mail, the lead that has a record with it at a connection, or else the oldest."""
    found: dict[str, str] = {}
    rows = tx.rows_in(
        "SELECT lead.email, lead.id, link.id FROM lead LEFT JOIN link ON link.owner_id = lead.id"
        " AND link.kind = 'lead' AND link.state = 'live' AND link.connection = ?"
        " WHERE lead.merged_into IS NULL AND lead.email IN ?"
        " ORDER BY link.first_seen_at IS NULL, link.first_seen_at, lead.id",
        emails,
        before=(connection,),
    )
    for email, lead_id, _ in rows:
        found.setdefault(email, lead_id)
    return found


def keys_of(tx: Tx, lead_ids: Iterable[str]) -> dict[str, set[int]]:
    """The stored match keys of leads."""
    found: dict[str, set[int]] = defaultdict(set)
    for lead_id, key in tx.rows_in(
        "SELECT lead_id, key FROM match_key WHERE lead_id IN ?", lead_ids
    ):
        found[lead_id].add(key)
    return found


def save(tx: Tx, leads: Iterable[LeadRow]) -> None:
    """Write leads whole."""
    rows = [
        (
            lead.id,
            lead.name,
            lead.email,
            lead.company,
            lead.account_id,
            lead.stage,
            lead.stage_at,
            lead.stage_reason,
            lead.cycle,
            packed(lead.fields),
            packed(lead.provenance),
            dumps(lead.edits) if lead.edits else None,
            lead.merged_into,
            lead.created_at,
            lead.updated_at,
        )
        for lead in leads
    ]
    tx.insert("lead", COLUMNS, rows, key=("id",), update=COLUMNS[1:])


def save_keys(
    tx: Tx, added: Sequence[tuple[int, str]], removed: Sequence[tuple[int, str]] = ()
) -> None:
    """Add and remove (key, lead id)."""
    tx.write_many("DELETE FROM match_key WHERE key = ? AND lead_id = ?", removed)
    tx.insert("match_key", ("key", "lead_id"), added, key=("key", "lead_id"))


def add_history(tx: Tx, events: Sequence[Event]) -> None:
    """Append to the history."""
    columns = ("lead_id", "at", "event", "link_id", "run_id", "inbox_id", "changes")
    rows = [
        (lead_id, at, event, link_id, run_id, inbox_id, packed(changes) if changes else "{}")
        for lead_id, at, event, changes, link_id, run_id, inbox_id in events
    ]
    tx.insert("history", columns, rows)


def history(tx: Tx, lead_id: str) -> list[Event]:
    """A lead's history, oldest first."""
    rows = tx.rows(
        "SELECT lead_id, at, event, changes, link_id, run_id, inbox_id FROM history"
        " WHERE lead_id = ? ORDER BY id",
        lead_id,
    )
    return [_event(row) for row in rows]


def pushed_by(tx: Tx, run_id: str) -> list[Event]:
    """What a run wrote to vendors, in its order."""
    return [_event(row) for row in tx.rows(f"{_PUSHES} AND run_id = ? ORDER BY id", run_id)]


def has_pushed(tx: Tx, run_id: str) -> bool:
    """Whether a run wrote anything to a vendor."""
    return bool(tx.rows(f"{_PUSHES} AND run_id = ? LIMIT 1", run_id))


def pushes_of(tx: Tx, lead_ids: Iterable[str]) -> list[Event]:
    """What was written to vendors of these leads, oldest first."""
    return [_event(row) for row in tx.rows_in(f"{_PUSHES} AND lead_id IN ? ORDER BY id", lead_ids)]


_PUSHES = (
    "SELECT lead_id, at, event, changes, link_id, run_id, inbox_id FROM history"
    " WHERE event = 'pushed'"
)


def _event(row: Row) -> Event:
    a, b, c, d, e, f, g = row
    return Event(a, b, c, orjson.loads(d), e, f, g)


def count_by_stage(tx: Tx) -> dict[str, int]:
    """How many leads stand at each stage."""
    rows = tx.rows(
        "SELECT stage, count(*) FROM lead WHERE merged_into IS NULL GROUP BY stage ORDER BY stage"
    )
    return {str(stage): int(count) for stage, count in rows}


def count(tx: Tx) -> int:
    """How many leads there are."""
    ((number,),) = tx.rows("SELECT count(*) FROM lead WHERE merged_into IS NULL")
    return int(number)


def everybody(tx: Tx) -> list[LeadRow]:
    """Every lead that was not merged into another, oldest first; for small hubs."""
    return [_lead(row) for row in tx.rows(f"{_SELECT} WHERE merged_into IS NULL ORDER BY id")]


def link_counts(tx: Tx) -> dict[int, int]:
    """How many leads have one record, how many two, and so on."""
    rows = tx.rows(
        "SELECT records, count(*) FROM (SELECT owner_id, count(*) AS records FROM link"
        " WHERE kind = 'lead' AND state <> 'moved' AND owner_id IS NOT NULL GROUP BY owner_id)"
        " AS per_lead GROUP BY records ORDER BY records"
    )
    return {int(records): int(leads) for records, leads in rows}
