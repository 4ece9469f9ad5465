"""What qualification rules rest on: activities, stays and changes of many leads at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

if TYPE_CHECKING:
    from sync.store.database import Row, Tx

__all__ = ["Change", "StayRow", "activities", "changes", "heads", "standing", "stays"]


class StayRow(NamedTuple):
    """One stay of a lead in a stage."""

    stage: str
    cycle: int
    entered_at: str
    system: str
    inferred: bool
    override_by: str | None
    rule: str | None


class Change(NamedTuple):
    """What changed of a lead at a time: field → [from, to]."""

    at: str
    fields: Mapping[str, Any]


Activity = tuple[str, str, str, str | None, dict[str, Any]]
"""Record, kind, time, subject, and the other fields."""


def activities(
    tx: Tx, lead_ids: Collection[str], kinds: Sequence[str]
) -> dict[str, list[Activity]]:
    """By lead the activities of these kinds, oldest first."""
    found: dict[str, list[Activity]] = defaultdict(list)
    if not kinds:
        return found
    marks = ", ".join("?" * len(kinds))
    rows = tx.rows_in(
        "SELECT lead_id, link_id, activity, at, subject, fields FROM activity WHERE lead_id IN ?"
        f" AND activity IN ({marks}) ORDER BY lead_id, at, link_id",
        lead_ids,
        *kinds,
    )
    for lead_id, link_id, activity, at, subject, fields in rows:
        found[lead_id].append((link_id, activity, at, subject, orjson.loads(fields)))
    return found


def stays(tx: Tx, lead_ids: Collection[str]) -> dict[str, list[StayRow]]:
    """By lead its stays in the order they were entered."""
    found: dict[str, list[StayRow]] = defaultdict(list)
    rows = tx.rows_in(
        "SELECT lead_id, stage, cycle, entered_at, system, inferred, override_by, rule"
        " FROM stage_history WHERE lead_id IN ? ORDER BY lead_id, entered_at, id",
        lead_ids,
    )
    for lead_id, stage, cycle, at, system, inferred, by, rule in rows:
        found[lead_id].append(StayRow(stage, cycle, at, system, bool(inferred), by, rule))
    return found


def changes(tx: Tx, lead_ids: Collection[str]) -> dict[str, list[Change]]:
    """By lead the changes of its fields as the hub made them; what it began with is none."""
    found: dict[str, list[Change]] = defaultdict(list)
    rows = tx.rows_in(
        "SELECT lead_id, at, changes FROM history WHERE lead_id IN ?"
        " AND event IN ('changed', 'edited') ORDER BY lead_id, id",
        lead_ids,
    )
    for lead_id, at, told in rows:
        found[lead_id].append(Change(at, orjson.loads(told)))
    return found


def standing(tx: Tx, stages: Collection[str], after: str, limit: int) -> list[str]:
    """Leads that stand at any of these stages, by id, behind ``after``."""
    rows = tx.rows_in(
        "SELECT id FROM lead WHERE merged_into IS NULL AND stage IN ? AND id > ?"
        " ORDER BY id LIMIT ?",
        stages,
        after,
        limit,
    )
    return [str(row[0]) for row in rows]


class Head(NamedTuple):
    """A lead as far as a simulation asks for it."""

    id: str
    name: str | None
    company: str | None
    account_id: str | None
    created_at: str
    fields: Mapping[str, Any]


def heads(tx: Tx, until: str, page: int) -> Iterator[list[Head]]:
    """Leads that a stage was entered of before a time, page by page."""
    last = ""
    while True:
        rows: list[Row] = tx.rows(
            "SELECT id, name, company, account_id, created_at, fields FROM lead WHERE id > ?"
            " AND merged_into IS NULL AND EXISTS (SELECT 1 FROM stage_history WHERE lead_id ="
            " lead.id AND entered_at < ?) ORDER BY id LIMIT ?",
            last,
            until,
            page,
        )
        if rows:
            yield [Head(*[*row[:5], orjson.loads(row[5])]) for row in rows]
        if len(rows) < page:
            return
        last = rows[-1][0]
