"""Counts over stage histories: who entered which step, went on, and how long it took.

Everything is counted in passages: one lead in one cycle. A step's first entry in a passage counts,
so that nobody who comes twice is counted twice. The page "Funnel and KPIs" prints queries that say
the same in fewer words; a test holds these against those.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sync.store.database import Row, Tx

NEVER = "9999"
"""Sorts behind every time that is stored."""


class Entered(NamedTuple):
    """Of one step: passages that entered it in a period, and those who went further since.

    Half of these did so within ``median_days``; an entry that was only inferred says nothing of how
    long it took, and is left out of them.
    """

    entered: int
    went_on: int
    median_days: float | None


def lead_value(tx: Tx, fields: Sequence[str], lead: str = "lead") -> tuple[str, tuple[str, ...]]:
    """SQL for the first of these fields that a lead has, and what fills its places."""
    if tx.postgres:
        one, keys = f"{lead}.fields::json ->> ?", tuple(fields)
    else:
        one, keys = f"json_extract({lead}.fields, ?)", tuple(f'$."{name}"' for name in fields)
    parts = ", ".join(f"NULLIF({one}, '')" for _ in fields)
    return (f"COALESCE({parts})" if len(fields) > 1 else parts), keys


def entered(tx: Tx, steps: Sequence[Sequence[str]], since: str, until: str) -> list[Entered]:
    """For each step (its stages) who entered it in the period, who went on, and how fast."""
    many = len(steps)
    places = ", ".join(f"({place})" for place in range(many))
    parts = {
        "at": [f"s{place}" for place in range(many)],
        "known": [f"k{place}" for place in range(many)],
        "next": [_next(tx, place, many) for place in range(many)],
    }
    columns = ", ".join(
        f"CASE place {' '.join(f'WHEN {n} THEN {one}' for n, one in enumerate(each))} END AS {name}"
        for name, each in parts.items()
    )
    sql = (
        f"WITH {_passages(steps)}, step (place) AS (VALUES {places}),"
        f" entry AS (SELECT place, {columns} FROM passage CROSS JOIN step),"
        " timed AS (SELECT place, next, CASE WHEN known = at THEN"
        f" {_days(tx, 'at', 'next')} END AS days FROM entry WHERE at >= ? AND at < ?)"
        f" {_MEDIANS_ON_POSTGRES if tx.postgres else _MEDIANS_ON_SQLITE}"
    )
    found = {int(row[0]): row[1:] for row in tx.rows(sql, *(since, until) * 2)}
    return [_entered(*found.get(place, (0, 0, None))) for place in range(many)]


def _entered(came: int, went: int, days: float | None) -> Entered:
    return Entered(int(came), int(went), None if days is None else float(days))


_MEDIANS_ON_POSTGRES = (
    "SELECT place, COUNT(*), COUNT(next), percentile_cont(0.5) WITHIN GROUP (ORDER BY days)"
    " FROM timed GROUP BY place"
)
_MEDIANS_ON_SQLITE = (
    ", ranked AS (SELECT place, next, days, ROW_NUMBER() OVER (PARTITION BY place"
    " ORDER BY days IS NULL, days) AS rank, COUNT(days) OVER (PARTITION BY place) AS many"
    " FROM timed) SELECT place, COUNT(*), COUNT(next),"
    " AVG(CASE WHEN rank IN ((many + 1) / 2, (many + 2) / 2) THEN days END)"
    " FROM ranked GROUP BY place"
)


def cohorts(
    tx: Tx,
    steps: Sequence[Sequence[str]],
    since: str,
    until: str,
    group: tuple[str, tuple[Any, ...]],
) -> list[Row]:
    """(group, passages that began in the period, of those how many came to each step…)."""
    by, places = group
    reached = ", ".join(f"COUNT(s{place})" for place in range(len(steps)))
    return tx.rows(
        f"WITH {_passages(steps)} SELECT {by} AS grp, COUNT(*), {reached} FROM passage"
        " JOIN lead ON lead.id = passage.lead_id WHERE began >= ? AND began < ?"
        " GROUP BY 1 ORDER BY 1",
        since,
        until,
        *places,
        since,
        until,
    )


def by_month(months: Sequence[tuple[str, str, str]], column: str) -> tuple[str, tuple[Any, ...]]:
    """SQL for the month that a time falls in, by (name, begin, end), and what fills its places."""
    whens = " ".join(f"WHEN {column} < ? THEN '{name}'" for name, _, _ in months)
    return f"CASE {whens} END", tuple(end for _, _, end in months)


def reach(tx: Tx) -> tuple[str, str] | None:
    """The first and the last time that a stage was entered."""
    ((first, last),) = tx.rows("SELECT MIN(entered_at), MAX(entered_at) FROM stage_history")
    return (first, last) if first else None


def moves_to(
    tx: Tx, stages: Sequence[str], since: str, until: str
) -> list[tuple[str | None, str, str | None, int]]:
    """(stage before, stage entered, reason's code, how often) in the period, by the stage entered.

    Each move counts, also a second one of the same lead.
    """
    places = ", ".join("?" * len(stages))
    rows = tx.rows(
        "WITH step AS (SELECT stage, reason_code, entered_at, LAG(stage)"
        " OVER (PARTITION BY lead_id ORDER BY entered_at, id) AS before FROM stage_history"
        " WHERE lead_id IN (SELECT lead_id FROM stage_history"
        f" WHERE stage IN ({places}) AND entered_at >= ? AND entered_at < ?))"
        " SELECT before, stage, reason_code, COUNT(*) FROM step"
        f" WHERE stage IN ({places}) AND entered_at >= ? AND entered_at < ?"
        " GROUP BY before, stage, reason_code ORDER BY 4 DESC, 1, 2, 3",
        *(*stages, since, until) * 2,
    )
    return [(before, stage, code, int(count)) for before, stage, code, count in rows]


def _passages(steps: Sequence[Sequence[str]]) -> str:
    """Each lead's cycle with the first entry of each step, and the first that was not inferred.

    Of leads that entered anything in a period, which fills the first two places.
    """
    columns = []
    for place, stages in enumerate(steps):
        names = ", ".join(f"'{stage}'" for stage in stages)
        first = f"MIN(CASE WHEN stage IN ({names})"
        columns.append(f"{first} THEN entered_at END) AS s{place}")
        columns.append(f"{first} AND NOT inferred THEN entered_at END) AS k{place}")
    return (
        "passage AS (SELECT lead_id, cycle, MIN(entered_at) AS began,"
        f" {', '.join(columns)} FROM stage_history WHERE lead_id IN (SELECT lead_id"
        " FROM stage_history WHERE entered_at >= ? AND entered_at < ?) GROUP BY lead_id, cycle)"
    )


def _next(tx: Tx, place: int, many: int) -> str:
    if place == many - 1:
        return "NULL"
    later = [
        f"CASE WHEN s{one} >= s{place} THEN s{one} ELSE '{NEVER}' END"
        for one in range(place + 1, many)
    ]
    if len(later) > 1:
        later = [f"{'LEAST' if tx.postgres else 'MIN'}({', '.join(later)})"]
    return f"NULLIF({later[0]}, '{NEVER}')"


def _days(tx: Tx, begin: str, end: str) -> str:
    if tx.postgres:
        return f"EXTRACT(EPOCH FROM ({end})::timestamptz - {begin}::timestamptz) / 86400.0"
    return f"(julianday({end}) - julianday({begin}))"
