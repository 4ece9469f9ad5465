"""What is said about hand-offs: written down before it is said, leased, and found again by answers.

``state``: due, posting (it may be there already), there, update (it has to say how it ended),
closed, aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from sync.store.database import dumps

if TYPE_CHECKING:
    from sync.store.database import Row, Tx

_COLUMNS = (
    "id, handoff_id, level, connection, room, state, content, token_hash, message_id, task_ids,"
    " posting_at, posted_at, due_at, attempts, fence"
)
_WORK = "state IN ('due', 'posting', 'update')"


@dataclass(slots=True)
class MessageRow:
    """One message of a hand-off, as leased. ``content`` is what it says, once that is settled.

    Level 0 is the hand-off itself, those above it are escalations.
    """

    id: str
    handoff_id: str
    level: int
    connection: str
    room: str
    state: str
    content: dict[str, Any] | None = None
    token_hash: str | None = None
    message_id: str | None = None
    task_ids: list[str] = field(default_factory=list)
    posting_at: str | None = None
    posted_at: str | None = None
    due_at: str = ""
    attempts: int = 0
    fence: int = 0


def _row(tx: Tx, row: Row) -> MessageRow:
    content = tx.box.open(row[6], _name(row[0])) if row[6] is not None else None
    tasks = orjson.loads(row[9]) if row[9] else []
    kept = orjson.loads(content) if content is not None else None
    return MessageRow(*[*row[:6], kept, *row[7:9], tasks, *row[10:]])


def _name(message_id: str) -> str:
    """What the content is sealed under."""
    return f"handoff/{message_id}"


def put(tx: Tx, rows: Sequence[MessageRow]) -> None:
    """Have these said; one that is there, by hand-off and level, stays as it is."""
    columns = ("id", "handoff_id", "level", "connection", "room", "state", "due_at")
    values = [(*(getattr(row, name) for name in columns), row.attempts, row.fence) for row in rows]
    tx.insert(
        "handoff_message", (*columns, "attempts", "fence"), values, key=("handoff_id", "level")
    )


def claim(
    tx: Tx, connection: str, now: str, until: str, limit: int, by: str | None
) -> list[MessageRow]:
    """Lease what is due at a connection until ``until``; what others lock is skipped."""
    lock = " FOR UPDATE SKIP LOCKED" if tx.postgres else ""
    due = tx.rows(
        f"SELECT id FROM handoff_message WHERE connection = ? AND {_WORK} AND due_at <= ?"
        f" ORDER BY due_at, id LIMIT ?{lock}",
        connection,
        now,
        limit,
    )
    ids = [row[0] for row in due]
    tx.write_in(
        "UPDATE handoff_message SET due_at = ?, leased_by = ?, attempts = attempts + 1,"
        " fence = fence + 1 WHERE id IN ?",
        ids,
        until,
        by,
    )
    rows = tx.rows_in(
        f"SELECT {_COLUMNS} FROM handoff_message WHERE id IN ? ORDER BY level, id", ids
    )
    return [_row(tx, row) for row in rows]


def held(tx: Tx, row: MessageRow) -> str | None:
    """The state of a message that is still leased to us, locked; None where the lease was lost."""
    lock = " FOR UPDATE" if tx.postgres else ""
    rows = tx.rows(
        f"SELECT state FROM handoff_message WHERE id = ? AND fence = ?{lock}", row.id, row.fence
    )
    return str(rows[0][0]) if rows else None


def save(tx: Tx, row: MessageRow, *, leased: bool) -> bool:
    """Write a message, and give its lease back unless ``leased``; false where that was lost."""
    said = None if row.content is None else dumps(row.content).encode()
    content = None if said is None else tx.box.seal(said, _name(row.id))
    return bool(
        tx.write(
            "UPDATE handoff_message SET room = ?, state = ?, content = ?, token_hash = ?,"
            " message_id = ?, task_ids = ?, posting_at = ?, posted_at = ?, due_at = ?,"
            " attempts = ?, leased_by = CASE WHEN ? THEN leased_by ELSE NULL END"
            " WHERE id = ? AND fence = ?",
            row.room,
            row.state,
            content,
            row.token_hash,
            row.message_id,
            dumps(row.task_ids) if row.task_ids else None,
            row.posting_at,
            row.posted_at,
            row.due_at,
            row.attempts,
            leased,
            row.id,
            row.fence,
        )
    )


def answered(tx: Tx, connection: str, message_id: str, token_hash: str | None) -> MessageRow | None:
    """The message that an answer is about; by its token where it was not known to be there yet."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM handoff_message WHERE connection = ? AND message_id = ?",
        connection,
        message_id,
    )
    if not rows and token_hash is not None:
        rows = tx.rows(
            f"SELECT {_COLUMNS} FROM handoff_message WHERE token_hash = ? AND connection = ?"
            " AND message_id IS NULL AND state = 'posting'",
            token_hash,
            connection,
        )
    return _row(tx, rows[0]) if rows else None


def of_handoffs(tx: Tx, handoff_ids: Sequence[str]) -> list[MessageRow]:
    """What is said about these, in order."""
    rows = tx.rows_in(
        f"SELECT {_COLUMNS} FROM handoff_message WHERE handoff_id IN ? ORDER BY handoff_id, level",
        handoff_ids,
    )
    return [_row(tx, row) for row in rows]


def set_aside_of(tx: Tx, handoff_ids: Sequence[str] | None) -> list[MessageRow]:
    """Messages that wait for a person: of these hand-offs, or all."""
    sql = f"SELECT {_COLUMNS} FROM handoff_message WHERE state = 'aside'"
    if handoff_ids is None:
        return [_row(tx, row) for row in tx.rows(f"{sql} ORDER BY id")]
    rows = tx.rows_in(f"{sql} AND handoff_id IN ? ORDER BY id", handoff_ids)
    return [_row(tx, row) for row in rows]


def waiting(tx: Tx, connection: str, limit: int = 500) -> list[MessageRow]:
    """Messages that are there and wait for an answer, the newest first."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM handoff_message WHERE connection = ? AND state = 'there'"
        " ORDER BY posted_at DESC LIMIT ?",
        connection,
        limit,
    )
    return [_row(tx, row) for row in rows]


def is_waiting(tx: Tx, connection: str) -> bool:
    """Whether any message waits for an answer."""
    return bool(
        tx.rows(
            "SELECT 1 FROM handoff_message WHERE connection = ? AND state = 'there' LIMIT 1",
            connection,
        )
    )


def put_back(tx: Tx, ids: Sequence[str], now: str) -> int:
    """Try what was set aside again: it goes out anew, or is looked for where it may be there."""
    return tx.write_in(
        "UPDATE handoff_message SET state = CASE WHEN message_id IS NOT NULL THEN 'update'"
        " WHEN posting_at IS NOT NULL THEN 'posting' ELSE 'due' END, attempts = 0, due_at = ?"
        " WHERE state = 'aside' AND id IN ?",
        ids,
        now,
    )
