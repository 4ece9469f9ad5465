"""What is open about who is who, what people decided for good, and merges that can be undone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from sync.store.database import packed

if TYPE_CHECKING:
    from sync.store.database import Row, Tx

SAME, DIFFERENT = "same", "different"


class Open(NamedTuple):
    """Two leads that may be one person: by which records, how sure, and what stands in the way."""

    lead_a: str
    lead_b: str
    record_a: str
    record_b: str
    score: float
    blocked: str
    reasons: list[list[Any]]
    later_until: str | None
    created_at: str
    updated_at: str


_REVIEW = "SELECT " + ", ".join(Open._fields) + " FROM match_review"


def pair_of(one: str, other: str) -> tuple[str, str]:
    """Two lead ids in the order in which a pair of them is kept."""
    return (one, other) if one < other else (other, one)


def _open(row: Row) -> Open:
    return Open(*[*row[:6], orjson.loads(row[6]), *row[7:]])


def ask(tx: Tx, found: Iterable[Open]) -> None:
    """Put pairs up for review; one that is there gets its newest score and keeps its age."""
    rows = [(*one[:6], packed(one.reasons), *one[7:]) for one in found]
    tx.insert(
        "match_review",
        Open._fields,
        rows,
        key=("lead_a", "lead_b"),
        update=("record_a", "record_b", "score", "blocked", "reasons", "updated_at"),
    )


def open_pairs(
    tx: Tx,
    now: str,
    *,
    above: float = 0.0,
    limit: int = 1000,
    later: bool = False,
    free: bool = False,
) -> list[Open]:
    """Pairs that wait for a person, the surest first; those put off only with ``later``.

    With ``free`` only those that nothing but their score stands in the way of.
    """
    due = "" if later else " AND (later_until IS NULL OR later_until <= ?)"
    due += " AND blocked = ''" if free else ""
    sql = f"{_REVIEW} WHERE score >= ?{due} ORDER BY score DESC, lead_a, lead_b LIMIT ?"
    more = () if later else (now,)
    return [_open(row) for row in tx.rows(sql, above, *more, limit)]


def open_pair(tx: Tx, one: str, other: str) -> Open | None:
    """The open question about two leads."""
    rows = tx.rows(f"{_REVIEW} WHERE lead_a = ? AND lead_b = ?", *pair_of(one, other))
    return _open(rows[0]) if rows else None


def pairs_of(tx: Tx, lead_id: str) -> list[Open]:
    """The open questions about one lead."""
    sql = f"{_REVIEW} WHERE lead_a = ? OR lead_b = ? ORDER BY score DESC, lead_a, lead_b"
    return [_open(row) for row in tx.rows(sql, lead_id, lead_id)]


def count_open(tx: Tx, now: str) -> int:
    """How many pairs wait for a person."""
    sql = "SELECT count(*) FROM match_review WHERE later_until IS NULL OR later_until <= ?"
    ((number,),) = tx.rows(sql, now)
    return int(number)


def put_off(tx: Tx, one: str, other: str, until: str) -> int:
    """Ask about two leads later."""
    sql = "UPDATE match_review SET later_until = ? WHERE lead_a = ? AND lead_b = ?"
    return tx.write(sql, until, *pair_of(one, other))


def settle(tx: Tx, pairs: Sequence[tuple[str, str]]) -> None:
    """Close open questions: pairs in the order in which they are kept."""
    tx.write_many("DELETE FROM match_review WHERE lead_a = ? AND lead_b = ?", pairs)


def repoint(tx: Tx, loser: str, winner: str, records: Collection[str] | None = None) -> None:
    """Ask of a lead that took another's place what was asked of that one.

    With ``records`` only the questions about these of its records. Of two questions about one pair
    the surer stays, and none does about leads that somebody said are two.
    """
    held = {(one.lead_a, one.lead_b): one.score for one in pairs_of(tx, winner)}
    found, gone = [], []
    for one in pairs_of(tx, loser):
        is_first = one.lead_a == loser
        if records is not None and (one.record_a if is_first else one.record_b) not in records:
            continue
        gone.append((one.lead_a, one.lead_b))
        other = one.lead_b if is_first else one.lead_a
        pair = pair_of(winner, other)
        if other == winner or held.get(pair, -1.0) >= one.score:
            continue
        turned = one
        if (pair[0] == winner) != is_first:
            turned = one._replace(record_a=one.record_b, record_b=one.record_a)
        found.append(turned._replace(lead_a=pair[0], lead_b=pair[1]))
    settle(tx, gone)
    ask(tx, found)
    tx.write(
        "DELETE FROM match_review WHERE (lead_a = ? OR lead_b = ?) AND EXISTS"
        " (SELECT 1 FROM match_decision AS said JOIN link AS a ON a.id = said.record_a"
        " JOIN link AS b ON b.id = said.record_b WHERE said.verdict = ?"
        " AND a.owner_id = match_review.lead_a AND b.owner_id = match_review.lead_b)",
        winner,
        winner,
        DIFFERENT,
    )


def decide(tx: Tx, pairs: Iterable[tuple[str, str]], verdict: str, user: str, now: str) -> None:
    """Keep what a person said about pairs of records, for good; the last word counts."""
    columns = ("record_a", "record_b", "verdict", "decided_by", "at")
    rows = [(x, y, verdict, user, now) for a, b in pairs for x, y in ((a, b), (b, a))]
    tx.insert(
        "match_decision",
        columns,
        rows,
        key=("record_a", "record_b"),
        update=("verdict", "decided_by", "at"),
    )


def decisions(
    tx: Tx, records: Iterable[str], verdict: str = DIFFERENT
) -> dict[str, frozenset[str]]:
    """For each of these records, those it was said to be different from (or the same as)."""
    found: dict[str, set[str]] = {}
    for one, other in tx.rows_in(
        "SELECT record_a, record_b FROM match_decision WHERE record_a IN ? AND verdict = ?",
        records,
        verdict,
    ):
        found.setdefault(one, set()).add(other)
    return {one: frozenset(others) for one, others in found.items()}


def follow(tx: Tx, moves: Sequence[tuple[str, str]]) -> None:
    """Carry decisions over to the record that took another's place: (old record, new record)."""
    columns = ("record_a", "record_b", "verdict", "decided_by", "at")
    for old, new in moves:
        rows = tx.rows(
            "SELECT record_b, verdict, decided_by, at FROM match_decision WHERE record_a = ?", old
        )
        both = [
            pair
            for other, verdict, user, at in rows
            if other != new
            for pair in ((new, other, verdict, user, at), (other, new, verdict, user, at))
        ]
        tx.insert("match_decision", columns, both, key=("record_a", "record_b"))


@dataclass(slots=True)
class MergeRow:
    """Two leads that became one. ``before`` is what it takes to undo it."""

    id: int
    winner_id: str
    loser_id: str
    at: str
    cause: str
    done_by: str | None
    before: dict[str, Any]
    undone_at: str | None


_MERGE = "SELECT id, winner_id, loser_id, at, cause, done_by, before, undone_at FROM lead_merge"


def _merge(row: Row) -> MergeRow:
    return MergeRow(*[*row[:6], orjson.loads(row[6]), row[7]])


def add_merges(tx: Tx, merges: Iterable[MergeRow]) -> None:
    """Append merges; their ids are the database's."""
    columns = ("winner_id", "loser_id", "at", "cause", "done_by", "before")
    rows = [(m.winner_id, m.loser_id, m.at, m.cause, m.done_by, packed(m.before)) for m in merges]
    tx.insert("lead_merge", columns, rows)


def merges_of(tx: Tx, lead_id: str) -> list[MergeRow]:
    """The merges that made a lead what it is and were not undone, newest first."""
    sql = f"{_MERGE} WHERE winner_id = ? AND undone_at IS NULL ORDER BY id DESC"
    return [_merge(row) for row in tx.rows(sql, lead_id)]


def undone(tx: Tx, merge_id: int, now: str) -> None:
    """Note that a merge was taken back."""
    tx.write("UPDATE lead_merge SET undone_at = ? WHERE id = ?", now, merge_id)


def now_of(tx: Tx, records: Iterable[str]) -> set[str]:
    """These records, and those that took their places since."""
    found = set(records)
    new = found
    while new:
        sql = "SELECT now_link_id FROM alias WHERE link_id IN ?"
        new = {row[0] for row in tx.rows_in(sql, sorted(new))} - found
        found = found | new
    return found


def happened_with(tx: Tx, lead_id: str) -> dict[str, list[str]]:
    """The deals and activities of a lead, by their links."""
    return {
        table: [
            row[0]
            for row in tx.rows(
                f"SELECT link_id FROM {table} WHERE lead_id = ? ORDER BY link_id", lead_id
            )
        ]
        for table in ("deal", "activity")
    }


def open_stays(tx: Tx, lead_ids: Iterable[str]) -> dict[str, list[int]]:
    """The stays in a stage that did not end, by lead."""
    found: dict[str, list[int]] = {}
    for stay, lead_id in tx.rows_in(
        "SELECT id, lead_id FROM stage_history WHERE lead_id IN ? AND exited_at IS NULL"
        " ORDER BY id",
        lead_ids,
    ):
        found.setdefault(lead_id, []).append(stay)
    return found


def close_stays(tx: Tx, lead_id: str, stage: str, entered_at: str) -> None:
    """End the open stays of a lead, save the one where it stands, when it came to stand there."""
    tx.write(
        "UPDATE stage_history SET exited_at = CASE WHEN entered_at > ? THEN entered_at ELSE ? END"
        " WHERE lead_id = ? AND exited_at IS NULL AND NOT (stage = ? AND entered_at = ?)",
        entered_at,
        entered_at,
        lead_id,
        stage,
        entered_at,
    )


def reopen_stays(tx: Tx, stays: Iterable[int]) -> None:
    """Take the end of these stays back."""
    tx.write_in("UPDATE stage_history SET exited_at = NULL WHERE id IN ?", stays)
