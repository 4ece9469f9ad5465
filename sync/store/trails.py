"""Activities for reports: page by page over all leads, and who has been silent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from sync.store.funnels import lead_value

if TYPE_CHECKING:
    from sync.store.database import Row, Tx

PAGE = 20_000


class Told(NamedTuple):
    """One activity as a report reads it; ``group`` is what the lead is told apart by."""

    lead_id: str
    at: str
    link_id: str
    activity: str
    subject: str | None
    fields: dict[str, Any]
    group: str | None


def told(
    tx: Tx, kinds: Sequence[str], since: str, until: str, fields: Sequence[str] = ()
) -> Iterator[Told]:
    """Activities of these kinds in the period, lead by lead, in time order."""
    group, places = lead_value(tx, fields) if fields else ("NULL", ())
    marks = ", ".join("?" * len(kinds))
    sql = (
        f"SELECT a.lead_id, a.at, a.link_id, a.activity, a.subject, a.fields, {group}"
        " FROM activity a JOIN lead ON lead.id = a.lead_id"
        " WHERE (a.lead_id, a.at, a.link_id) > (?, ?, ?) AND a.at >= ? AND a.at < ?"
        f" AND a.activity IN ({marks}) ORDER BY a.lead_id, a.at, a.link_id LIMIT {PAGE}"
    )
    last = ("", "", "")
    while True:
        rows = tx.rows(sql, *places, *last, since, until, *kinds)
        for row in rows:
            lead_id, at, link_id, activity, subject, told_of, value = row
            yield Told(
                lead_id,
                at,
                link_id,
                activity,
                subject,
                orjson.loads(told_of),
                None if value is None else str(value),
            )
        if len(rows) < PAGE:
            return
        last = rows[-1][:3]


def openings(tx: Tx, since: str, until: str, fields: Sequence[str] = ()) -> list[Row]:
    """(lead, when, group) for each cycle in which a deal was opened in the period, by lead."""
    group, places = lead_value(tx, fields) if fields else ("NULL", ())
    return tx.rows(
        f"SELECT opened.lead_id, opened.at, {group} FROM (SELECT lead_id, MIN(entered_at) AS at"
        " FROM stage_history WHERE stage = 'opportunity' GROUP BY lead_id, cycle) AS opened"
        " JOIN lead ON lead.id = opened.lead_id WHERE opened.at >= ? AND opened.at < ?"
        " ORDER BY opened.lead_id, opened.at",
        *places,
        since,
        until,
    )


class Silent(NamedTuple):
    """A lead that nothing was heard of. ``denied`` are the consents that were taken back."""

    lead_id: str
    name: str | None
    company: str | None
    email: str | None
    phone: str | None
    owner: str | None
    stage: str
    stage_at: str
    last_at: str | None
    last: str | None
    denied: tuple[str, ...]


def silent(
    tx: Tx,
    before: str,
    *,
    ours: Sequence[str],
    consents: Sequence[str],
    with_denied: bool = False,
    stages: Sequence[str] | None = None,
    among: Sequence[str] | None = None,
    having: Mapping[str, str] | None = None,
    limit: int | None = None,
) -> list[Silent]:
    """Leads that are dormant, or neither moved nor did anything since; the longest silent first.

    With ``stages``, of the leads that stand there, those who neither moved nor did anything since.
    With ``among`` only these leads are looked at, with ``having`` those with these values.

    ``ours`` are the kinds of activity that are no sign of the lead. Disqualified leads are left
    out, and those who took one of these ``consents`` back, unless they are asked for.
    """
    values = [lead_value(tx, [name]) for name in ("phone", "owner", *consents)]
    columns = ", ".join(sql for sql, _ in values)
    places = [place for _, keys in values for place in keys]
    marks = ", ".join("?" * len(ours))
    allowed, more = ("", []) if with_denied else _not_denied(tx, consents)
    where = "stage <> 'disqualified' AND (stage = 'dormant' OR"
    if stages is not None:
        where = f"(stage IN ({', '.join('?' * len(stages))}) AND"
    these, chosen = ("", []) if among is None else _among(tx, among)
    for name, value in (having or {}).items():
        field, keys = lead_value(tx, [name])
        these += f" AND CAST({field} AS TEXT) = ?"
        chosen += [*keys, value]
    order = "CASE WHEN heard_at > stage_at THEN heard_at ELSE stage_at END"
    rows = tx.rows(
        "WITH heard AS (SELECT lead_id, MAX(at) AS heard_at FROM activity"
        f" WHERE activity NOT IN ({marks}) GROUP BY lead_id),"
        " quiet AS (SELECT lead.id AS quiet_id, heard_at FROM lead"
        " LEFT JOIN heard ON heard.lead_id = lead.id"
        f" WHERE merged_into IS NULL AND {where} (stage_at < ?"
        f" AND (heard_at IS NULL OR heard_at < ?))){these}{allowed}"
        f" ORDER BY {order}, lead.id{'' if limit is None else f' LIMIT {int(limit)}'})"
        " SELECT lead.id, lead.name, lead.company, lead.email, lead.stage, lead.stage_at, heard_at,"
        " (SELECT MIN(activity) FROM activity WHERE lead_id = lead.id AND at = heard_at"
        f" AND activity NOT IN ({marks})), {columns}"
        f" FROM quiet JOIN lead ON lead.id = quiet_id ORDER BY {order}, lead.id",
        *ours,
        *(stages or ()),
        before,
        before,
        *chosen,
        *more,
        *ours,
        *places,
    )
    return [
        Silent(
            lead_id=row[0],
            name=row[1],
            company=row[2],
            email=row[3],
            stage=row[4],
            stage_at=row[5],
            last_at=row[6],
            last=row[7],
            phone=row[8],
            owner=row[9],
            denied=tuple(
                name for name, state in zip(consents, row[10:], strict=True) if state == "denied"
            ),
        )
        for row in rows
    ]


def _among(tx: Tx, ids: Sequence[str]) -> tuple[str, list[Any]]:
    """SQL that a lead is one of these, and what fills its place."""
    if tx.postgres:
        return " AND lead.id = ANY(?)", [list(ids)]
    return " AND lead.id IN (SELECT value FROM json_each(?))", [orjson.dumps(list(ids)).decode()]


def _not_denied(tx: Tx, consents: Sequence[str]) -> tuple[str, list[str]]:
    """SQL that no consent was taken back, and what fills its places.

    The fields are only taken apart where the word is in them at all.
    """
    there = "strpos" if tx.postgres else "instr"
    denied = [lead_value(tx, [name]) for name in consents]
    tests = " OR ".join(f"{sql} = 'denied'" for sql, _ in denied)
    sql = (
        f" AND NOT CASE WHEN {there}(lead.fields, '\"denied\"') = 0 THEN 1 = 0"
        f" ELSE COALESCE({tests}, 1 = 0) END"
    )
    return sql, [place for _, keys in denied for place in keys]
