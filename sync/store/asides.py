"""What is set aside: listed, explained with a code and a fix, and tried again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from sync.store.database import dumps

if TYPE_CHECKING:
    from sync.store.database import Tx

COLUMNS = (
    "subject",
    "kind",
    "connection",
    "stream",
    "external_id",
    "lead_id",
    "field",
    "code",
    "message",
    "fix",
    "sent",
    "received",
    "run_id",
    "first_at",
    "last_at",
    "times",
    "state",
)


@dataclass(frozen=True, slots=True)
class Aside:
    """One thing that needs a person.

    ``kind`` is record, field, change, hook, stage, conflict, limit or handoff. ``subject`` names it
    uniquely; the same trouble again updates the same item.
    """

    kind: str
    connection: str
    code: str
    message: str
    stream: str | None = None
    external_id: str | None = None
    lead_id: str | None = None
    field: str | None = None
    fix: str | None = None
    sent: Any = None
    received: Any = None
    run_id: str | None = None
    first_at: str = ""
    last_at: str = ""
    times: int = 1
    state: str = "open"
    id: int = 0

    @property
    def subject(self) -> str:
        """What this is about. A change is about the whole lead, whichever field keeps it back."""
        field = None if self.kind == "change" else self.field
        return subject(
            self.kind, self.connection, self.stream, self.external_id or self.lead_id, field
        )


def subject(
    kind: str, connection: str, stream: str | None, thing: str | None, field: str | None = None
) -> str:
    """The unique name of something that can be set aside."""
    return "/".join((kind, connection, stream or "-", thing or "-", field or "-"))


def put(tx: Tx, items: Iterable[Aside], now: str) -> None:
    """Set these aside, or say again that they are."""
    rows = [
        (
            item.subject,
            item.kind,
            item.connection,
            item.stream,
            item.external_id,
            item.lead_id,
            item.field,
            item.code,
            item.message,
            item.fix,
            None if item.sent is None else dumps(item.sent),
            None if item.received is None else dumps(item.received),
            item.run_id,
            now,
            now,
            1,
            "open",
        )
        for item in items
    ]
    if not rows:
        return
    places = ", ".join("?" * len(COLUMNS))
    update = ("lead_id", "code", "message", "fix", "sent", "received", "run_id", "last_at", "state")
    sets = ", ".join(f"{column} = excluded.{column}" for column in update)
    tx.write_many(
        f"INSERT INTO set_aside ({', '.join(COLUMNS)}) VALUES ({places})"
        f" ON CONFLICT (subject) DO UPDATE SET {sets}, times = set_aside.times + 1",
        rows,
    )


def close(tx: Tx, subjects: Sequence[str], now: str) -> None:
    """These are settled."""
    tx.write_in(
        "UPDATE set_aside SET state = 'closed', last_at = ? WHERE state = 'open' AND subject IN ?",
        subjects,
        now,
    )


def close_of_lead(tx: Tx, lead_id: str, kind: str, now: str) -> None:
    """All that was set aside of a kind about a lead is settled."""
    tx.write(
        "UPDATE set_aside SET state = 'closed', last_at = ? WHERE state = 'open'"
        " AND lead_id = ? AND kind = ?",
        now,
        lead_id,
        kind,
    )


def close_of_leads(tx: Tx, lead_ids: Iterable[str], kind: str, now: str) -> None:
    """All that was set aside of a kind about these leads is settled."""
    tx.write_in(
        "UPDATE set_aside SET state = 'closed', last_at = ? WHERE state = 'open'"
        " AND kind = ? AND lead_id IN ?",
        lead_ids,
        now,
        kind,
    )


_OPEN = (
    "SELECT id, kind, connection, code, message, stream, external_id, lead_id, field, fix,"
    " sent, received, run_id, first_at, last_at, times, state FROM set_aside"
    " WHERE state = 'open'"
)


def listed(
    tx: Tx,
    *,
    connection: str | None = None,
    code: str | None = None,
    kind: str | None = None,
    run_id: str | None = None,
    lead_id: str | None = None,
    ids: Sequence[int] | None = None,
    limit: int = 200,
) -> list[Aside]:
    """Open items, newest first; ``ids`` leaves only those of them."""
    sql = _OPEN
    given: list[Any] = []
    wanted = (
        ("connection", connection),
        ("code", code),
        ("kind", kind),
        ("run_id", run_id),
        ("lead_id", lead_id),
    )
    for column, value in wanted:
        if value is not None:
            sql += f" AND {column} = ?"
            given.append(value)
    tail = " ORDER BY last_at DESC, id DESC LIMIT ?"
    if ids is None:
        rows = tx.rows(sql + tail, *given, limit)
    else:
        rows = tx.rows_in(f"{sql} AND id IN ?{tail}", ids, limit, before=tuple(given))
    return [_aside(row) for row in rows]


def of_leads(tx: Tx, lead_ids: Iterable[str], kind: str) -> list[Aside]:
    """The open items of a kind about these leads, the oldest first."""
    rows = tx.rows_in(f"{_OPEN} AND kind = ? AND lead_id IN ?", lead_ids, before=(kind,))
    return sorted(map(_aside, rows), key=lambda item: item.id)


def leads_with(tx: Tx, kind: str) -> list[str]:
    """The leads about which something of a kind is set aside."""
    rows = tx.rows(
        "SELECT DISTINCT lead_id FROM set_aside WHERE state = 'open' AND kind = ?"
        " AND lead_id IS NOT NULL ORDER BY lead_id",
        kind,
    )
    return [str(row[0]) for row in rows]


def _aside(row: Any) -> Aside:
    return Aside(
        kind=row[1],
        connection=row[2],
        code=row[3],
        message=row[4],
        stream=row[5],
        external_id=row[6],
        lead_id=row[7],
        field=row[8],
        fix=row[9],
        sent=orjson.loads(row[10]) if row[10] else None,
        received=orjson.loads(row[11]) if row[11] else None,
        run_id=row[12],
        first_at=row[13],
        last_at=row[14],
        times=row[15],
        state=row[16],
        id=row[0],
    )


def counts(tx: Tx) -> list[tuple[str, str, str, int]]:
    """Open items by connection, kind and code."""
    rows = tx.rows(
        "SELECT connection, kind, code, count(*) FROM set_aside WHERE state = 'open'"
        " GROUP BY connection, kind, code ORDER BY connection, kind, code"
    )
    return [(str(a), str(b), str(c), int(d)) for a, b, c, d in rows]
