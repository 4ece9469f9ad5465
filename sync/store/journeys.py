"""What leads went through: deals, activities, and the stages they entered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from sync.store.database import dumps

if TYPE_CHECKING:
    from sync.store.database import Tx


@dataclass(slots=True)
class DealRow:
    """One deal at a connection."""

    link_id: str
    lead_id: str | None
    account_id: str | None
    name: str | None
    stage: str | None
    fields: dict[str, Any]
    updated_at: str


@dataclass(slots=True)
class ActivityRow:
    """One thing that happened with a lead."""

    link_id: str
    lead_id: str
    activity: str
    at: str
    subject: str | None
    fields: dict[str, Any]


class StageRow(NamedTuple):
    """One stay of a lead in a stage.

    ``rule`` is the id of the rule that put it there, ``inputs`` what that saw, as JSON.
    """

    lead_id: str
    cycle: int
    stage: str
    entered_at: str
    exited_at: str | None
    system: str
    reason_code: str | None
    reason_text: str | None
    inferred: bool
    override_by: str | None
    link_id: str | None
    rule: str | None = None
    inputs: str | None = None


def save_deals(tx: Tx, deals: Iterable[DealRow]) -> None:
    """Write deals whole."""
    columns = ("link_id", "lead_id", "account_id", "name", "stage", "fields", "updated_at")
    rows = [
        (d.link_id, d.lead_id, d.account_id, d.name, d.stage, dumps(d.fields), d.updated_at)
        for d in deals
    ]
    tx.insert("deal", columns, rows, key=("link_id",), update=columns[1:])


def deals_of(tx: Tx, lead_ids: Iterable[str]) -> list[DealRow]:
    """Deals of leads."""
    rows = tx.rows_in(
        "SELECT link_id, lead_id, account_id, name, stage, fields, updated_at FROM deal"
        " WHERE lead_id IN ? ORDER BY updated_at, link_id",
        lead_ids,
    )
    return [DealRow(*[*row[:5], orjson.loads(row[5]), row[6]]) for row in rows]


def save_activities(tx: Tx, activities: Iterable[ActivityRow]) -> None:
    """Write activities whole."""
    columns = ("link_id", "lead_id", "activity", "at", "subject", "fields")
    rows = [
        (a.link_id, a.lead_id, a.activity, a.at, a.subject, dumps(a.fields)) for a in activities
    ]
    tx.insert("activity", columns, rows, key=("link_id",), update=columns[1:])


def activities_of(tx: Tx, lead_id: str) -> list[ActivityRow]:
    """A lead's activities, oldest first."""
    rows = tx.rows(
        "SELECT link_id, lead_id, activity, at, subject, fields FROM activity WHERE lead_id = ?"
        " ORDER BY at, link_id",
        lead_id,
    )
    return [ActivityRow(*[*row[:5], orjson.loads(row[5])]) for row in rows]


def add_stages(
    tx: Tx, stages: Sequence[StageRow], new_leads: Collection[str] = frozenset()
) -> None:
    """Append stays; the lead's open stay ends when the next begins. New leads have none."""
    if not stages:
        return
    first: dict[str, str] = {}
    for row in stages:
        if row.lead_id not in new_leads:
            first.setdefault(row.lead_id, row.entered_at)
    tx.write_many(
        "UPDATE stage_history SET exited_at = ? WHERE lead_id = ? AND exited_at IS NULL",
        [(entered_at, lead_id) for lead_id, entered_at in first.items()],
    )
    tx.insert("stage_history", StageRow._fields, stages)


def add_told(tx: Tx, stays: Sequence[StageRow]) -> None:
    """Add stays of the time before the hub, which are over: no open stay ends by them."""
    tx.insert("stage_history", StageRow._fields, stays)


def first_entries(tx: Tx, lead_ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """When leads first entered each stage that they have been in, what was inferred included."""
    found: dict[str, dict[str, str]] = {}
    for lead_id, stage, at in tx.rows_in(
        "SELECT lead_id, stage, MIN(entered_at) FROM stage_history WHERE lead_id IN ?"
        " GROUP BY lead_id, stage",
        lead_ids,
    ):
        found.setdefault(lead_id, {})[stage] = at
    return found


def stages_of(tx: Tx, lead_id: str) -> list[StageRow]:
    """The stages a lead went through, in order."""
    rows = tx.rows(
        "SELECT lead_id, cycle, stage, entered_at, exited_at, system, reason_code, reason_text,"
        " inferred, override_by, link_id, rule, inputs FROM stage_history WHERE lead_id = ?"
        " ORDER BY entered_at, id",
        lead_id,
    )
    return [StageRow(*[*row[:8], bool(row[8]), *row[9:]]) for row in rows]


def stages_before(tx: Tx, lead_ids: Iterable[str]) -> dict[str, str]:
    """The stage that each lead really was at before the present one, where it was at any."""
    stays: dict[str, list[str]] = {}
    rows = tx.rows_in(
        "SELECT lead_id, stage FROM stage_history WHERE lead_id IN ? AND NOT inferred ORDER BY id",
        lead_ids,
    )
    for lead_id, stage in rows:
        stays.setdefault(lead_id, []).append(stage)
    return {lead_id: found[-2] for lead_id, found in stays.items() if len(found) > 1}


def move_owner(tx: Tx, loser: str, winner: str) -> dict[str, list[Any]]:
    """Everything that happened with one lead happened with the other; what was moved, by table."""
    return {
        table: [
            row[0]
            for row in tx.rows(
                f"UPDATE {table} SET lead_id = ? WHERE lead_id = ? RETURNING {key}", winner, loser
            )
        ]
        for table, key in _OF_LEADS.items()
    }


def move_back(tx: Tx, lead_id: str, moved: Mapping[str, Sequence[Any]]) -> None:
    """Give what was moved, by table, to a lead."""
    for table, key in _OF_LEADS.items():
        tx.write_in(
            f"UPDATE {table} SET lead_id = ? WHERE {key} IN ?", moved.get(table, ()), lead_id
        )


_OF_LEADS = {"deal": "link_id", "activity": "link_id", "stage_history": "id", "history": "id"}
