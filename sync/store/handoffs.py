"""Leads that are handed over: what waits for an answer, until when, and what was answered.

Whoever changes a hand-off locks its lead first, so that nobody waits for anybody in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sync.store import runs

if TYPE_CHECKING:
    from sync.store.database import Row, Tx


@dataclass(slots=True)
class HandoffRow:
    """One lead handed over once. ``state`` is open, answered or withdrawn."""

    id: str
    lead_id: str
    cycle: int
    stage: str
    rule: str
    connection: str
    state: str
    owner: str | None
    owner_why: str | None
    created_at: str
    due_at: str
    level: int
    escalate_at: str | None
    closed_at: str | None = None
    answered_by: str | None = None
    action: str | None = None
    reason: str | None = None


COLUMNS = tuple(one.name for one in fields(HandoffRow))
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM handoff"


def _row(row: Row) -> HandoffRow:
    return HandoffRow(*row)


def put(tx: Tx, rows: Sequence[HandoffRow]) -> None:
    """Store new hand-offs."""
    values = [tuple(getattr(row, name) for name in COLUMNS) for row in rows]
    tx.insert("handoff", COLUMNS, values)


def save(tx: Tx, row: HandoffRow) -> None:
    """Write a hand-off that is locked."""
    sets = ", ".join(f"{name} = ?" for name in COLUMNS[1:])
    values = [getattr(row, name) for name in COLUMNS[1:]]
    tx.write(f"UPDATE handoff SET {sets} WHERE id = ?", *values, row.id)


def by_id(tx: Tx, handoff_id: str, *, lock: bool = False) -> HandoffRow | None:
    """One hand-off; locked where it will be changed."""
    tail = " FOR UPDATE" if lock and tx.postgres else ""
    rows = tx.rows(f"{_SELECT} WHERE id = ?{tail}", handoff_id)
    return _row(rows[0]) if rows else None


def listed(
    tx: Tx,
    *,
    state: str | None = None,
    late_at: str | None = None,
    lead_ids: Iterable[str] | None = None,
    limit: int,
) -> list[HandoffRow]:
    """Hand-offs, the newest first; ``late_at``: open ones whose time was over then."""
    wanted, given = ["1 = 1"], []
    if state is not None:
        wanted.append("state = ?")
        given.append(state)
    if late_at is not None:
        wanted.append("state = 'open' AND due_at <= ?")
        given.append(late_at)
    tail = "ORDER BY created_at DESC, id DESC LIMIT ?"
    sql = f"{_SELECT} WHERE {' AND '.join(wanted)}"
    if lead_ids is None:
        return [_row(row) for row in tx.rows(f"{sql} {tail}", *given, limit)]
    found = tx.rows_in(f"{sql} AND lead_id IN ? {tail}", lead_ids, limit, before=tuple(given))
    return [_row(row) for row in found]


def withdraw(tx: Tx, lead_ids: Iterable[str], rules: Iterable[str], now: str) -> None:
    """Open hand-offs of these leads by these rules are over: the stage was entered anew."""
    wanted = list(rules)
    rows = tx.rows_in(f"{_SELECT} WHERE state = 'open' AND lead_id IN ?", lead_ids)
    _withdrawn(tx, [row[0] for row in rows if _row(row).rule in wanted], now)


def follow_merges(tx: Tx, connection: str) -> None:
    """What was handed over of a lead that became part of another is that one's."""
    found = tx.rows(
        "SELECT handoff.id FROM handoff JOIN lead ON lead.id = handoff.lead_id"
        f" WHERE state = 'open' AND connection = ? AND merged_into IS NOT NULL{_free(tx)}",
        connection,
    )
    tx.write_in(
        "UPDATE handoff SET lead_id = (SELECT merged_into FROM lead WHERE lead.id = lead_id)"
        " WHERE id IN ?",
        [row[0] for row in found],
    )


def withdraw_moved(tx: Tx, connection: str, now: str) -> int:
    """Withdraw what is open although its lead left the stage; how many."""
    rows = tx.rows(f"SELECT id FROM handoff WHERE {_MOVED}{_free(tx)}", connection)
    _withdrawn(tx, [row[0] for row in rows], now)
    return len(rows)


def _free(tx: Tx) -> str:
    """Only what nobody else is changing just now."""
    return " FOR UPDATE OF handoff SKIP LOCKED" if tx.postgres else ""


_MOVED = (
    "state = 'open' AND connection = ? AND NOT EXISTS (SELECT 1 FROM lead"
    " WHERE lead.id = handoff.lead_id AND lead.stage = handoff.stage"
    " AND lead.cycle = handoff.cycle AND lead.merged_into IS NULL)"
)


def _withdrawn(tx: Tx, ids: Sequence[str], now: str) -> None:
    tx.write_in(
        "UPDATE handoff SET state = 'withdrawn', closed_at = ?, escalate_at = NULL"
        " WHERE state = 'open' AND id IN ?",
        ids,
        now,
    )
    close_messages(tx, ids, now)


def close_messages(tx: Tx, handoff_ids: Iterable[str], now: str) -> None:
    """What was said about these is to say how it ended; what was not said yet stays unsaid.

    What is being posted just now is looked at by whoever posts it.
    """
    tx.write_in(
        "UPDATE handoff_message SET state = CASE state WHEN 'there' THEN 'update' ELSE 'closed'"
        " END, due_at = ?, attempts = 0 WHERE state IN ('due', 'there', 'aside')"
        " AND handoff_id IN ?",
        list(handoff_ids),
        now,
    )


def to_escalate(tx: Tx, connection: str, now: str) -> list[HandoffRow]:
    """Open hand-offs that nobody answered in time; locked, others' are skipped."""
    rows = tx.rows(
        f"{_SELECT} WHERE state = 'open' AND connection = ? AND escalate_at <= ?"
        f" ORDER BY escalate_at LIMIT 200{_free(tx)}",
        connection,
        now,
    )
    return [_row(row) for row in rows]


def is_due(tx: Tx, connection: str, now: str) -> bool:
    """Whether something is to be said, to escalate or to be withdrawn at a connection."""
    ((found,),) = tx.rows(
        "SELECT EXISTS (SELECT 1 FROM handoff_message WHERE connection = ?"
        " AND state IN ('due', 'posting', 'update') AND due_at <= ?)"
        " OR EXISTS (SELECT 1 FROM handoff WHERE state = 'open' AND connection = ?"
        f" AND escalate_at <= ?) OR EXISTS (SELECT 1 FROM handoff WHERE {_MOVED})",
        connection,
        now,
        connection,
        now,
        connection,
    )
    return bool(found)


# -- turns ------------------------------------------------------------------------------------


def take_turn(tx: Tx, team: str, members: Sequence[str], now: str) -> str | None:
    """Whose turn it is: the next of the members after the last; nobody else's at the same time."""
    if not members:
        return None
    tx.insert("handoff_turn", ("team", "updated_at"), [(team, now)], key=("team",))
    lock = " FOR UPDATE" if tx.postgres else ""
    ((last,),) = tx.rows(f"SELECT owner FROM handoff_turn WHERE team = ?{lock}", team)
    place = members.index(last) + 1 if last in members else 0
    chosen = members[place % len(members)]
    tx.write("UPDATE handoff_turn SET owner = ?, updated_at = ? WHERE team = ?", chosen, now, team)
    return chosen


def owners_beside(tx: Tx, lead_id: str, account_id: str) -> list[str]:
    """Owners of what is open of a company, its deals first, then its other leads, then its own."""
    rows: list[Any] = tx.rows(
        "SELECT fields FROM deal WHERE account_id = ? AND stage = 'opportunity'"
        " ORDER BY updated_at DESC, link_id",
        account_id,
    )
    rows += tx.rows(
        "SELECT fields FROM lead WHERE account_id = ? AND id <> ? AND merged_into IS NULL AND stage"
        " NOT IN ('disqualified', 'recycled', 'lost', 'dormant', 'churned')"
        " ORDER BY stage_at DESC, id",
        account_id,
        lead_id,
    )
    return _owners([*rows, *tx.rows("SELECT fields FROM account WHERE id = ?", account_id)])


def _owners(rows: Sequence[Row]) -> list[str]:
    import orjson

    found = [orjson.loads(row[0]).get("owner") for row in rows]
    return [str(owner) for owner in dict.fromkeys(found) if owner]


def account_fields(tx: Tx, account_id: str) -> dict[str, Any]:
    """What is known of a company."""
    import orjson

    rows = tx.rows("SELECT fields FROM account WHERE id = ?", account_id)
    return dict(orjson.loads(rows[0][0])) if rows else {}


# -- answers ----------------------------------------------------------------------------------


def note_answer(
    tx: Tx, connection: str, answer_id: str, action: str, person: str, at: str, now: str
) -> bool:
    """Note that an answer came; false where it had come before."""
    return bool(
        tx.write(
            "INSERT INTO handoff_answer (connection, answer_id, verdict, action, person, at,"
            " taken_at) VALUES (?, ?, 'new', ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            connection,
            answer_id,
            action,
            person,
            at,
            now,
        )
    )


def judged(tx: Tx, connection: str, answer_id: str, handoff_id: str | None, verdict: str) -> None:
    """Note what an answer came to."""
    tx.write(
        "UPDATE handoff_answer SET handoff_id = ?, verdict = ? WHERE connection = ?"
        " AND answer_id = ?",
        handoff_id,
        verdict,
        connection,
        answer_id,
    )


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer, and what it came to."""

    connection: str
    answer_id: str
    verdict: str
    action: str
    person: str
    at: str


def answers_of(tx: Tx, handoff_id: str) -> list[AnswerRow]:
    """What was answered about a hand-off, in order."""
    rows = tx.rows(
        "SELECT connection, answer_id, verdict, action, person, at FROM handoff_answer"
        " WHERE handoff_id = ? ORDER BY taken_at, answer_id",
        handoff_id,
    )
    return [AnswerRow(*row) for row in rows]


def begin_collecting(tx: Tx, connection: str, now: str, before: str) -> bool:
    """Whether answers are to be asked for now: not since ``before``, and by nobody else."""
    return runs.set_if_before(tx, f"handoff.collected:{connection}", now, before)


def collected_at(tx: Tx, connection: str) -> str | None:
    """When answers were last asked for."""
    return runs.setting(tx, f"handoff.collected:{connection}")
