"""Who stands in a stage since when, and how long others stood there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sync.store.funnels import lead_value

if TYPE_CHECKING:
    from sync.store.database import Tx

OWNER, TEAM = ("owner",), ("custom.team",)


class Standing(NamedTuple):
    """A lead that stands in a stage."""

    lead_id: str
    name: str | None
    company: str | None
    stage: str
    since: str
    owner: str | None
    team: str | None


class Stay(NamedTuple):
    """One stay in a stage; ``is_open`` where the lead still stands there."""

    stage: str
    entered_at: str
    exited_at: str | None
    is_open: bool


def standing(
    tx: Tx, latest: Mapping[str, str], *, owner: str | None = None, team: str | None = None
) -> list[Standing]:
    """Leads that stand in one of these stages since a moment or longer, those longest first."""
    if not latest:
        return []
    wanted, places = _whose(tx, owner, team)
    values = [lead_value(tx, fields) for fields in (OWNER, TEAM)]
    tests = " OR ".join("(stage = ? AND stage_at <= ?)" for _ in latest)
    rows = tx.rows(
        f"SELECT id, name, company, stage, stage_at, {values[0][0]}, {values[1][0]} FROM lead"
        f" WHERE merged_into IS NULL AND ({tests}){wanted} ORDER BY stage_at, id",
        *(place for _, keys in values for place in keys),
        *(one for pair in latest.items() for one in pair),
        *places,
    )
    return [Standing._make(row) for row in rows]


def count_standing(
    tx: Tx, stages: Sequence[str], *, owner: str | None = None, team: str | None = None
) -> dict[str, int]:
    """How many leads stand in each of these stages."""
    wanted, places = _whose(tx, owner, team)
    rows = tx.rows(
        f"SELECT stage, COUNT(*) FROM lead WHERE merged_into IS NULL"
        f" AND stage IN ({', '.join('?' * len(stages))}){wanted} GROUP BY stage",
        *stages,
        *places,
    )
    return {stage: int(count) for stage, count in rows}


def stays(
    tx: Tx,
    stages: Sequence[str],
    since: str,
    until: str,
    *,
    owner: str | None = None,
    team: str | None = None,
) -> list[Stay]:
    """Stays in these stages that began in the period; what was only inferred is no stay."""
    wanted, places = _whose(tx, owner, team)
    rows = tx.rows(
        "SELECT h.stage, h.entered_at, h.exited_at, lead.stage = h.stage FROM stage_history h"
        " JOIN lead ON lead.id = h.lead_id WHERE NOT h.inferred"
        f" AND h.stage IN ({', '.join('?' * len(stages))})"
        f" AND h.entered_at >= ? AND h.entered_at < ?{wanted}",
        *stages,
        since,
        until,
        *places,
    )
    return [
        Stay(stage, begin, end, end is None and bool(is_there))
        for stage, begin, end, is_there in rows
    ]


def _whose(tx: Tx, owner: str | None, team: str | None) -> tuple[str, list[Any]]:
    """SQL that a lead is this owner's and this team's, and what fills its places."""
    sql, places = "", []
    for fields, value in ((OWNER, owner), (TEAM, team)):
        if value is not None:
            found, keys = lead_value(tx, fields)
            sql += f" AND {found} = ?"
            places += [*keys, value]
    return sql, places
