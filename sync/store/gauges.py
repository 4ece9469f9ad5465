"""What metrics are read from: each question is one statement over all connections.

What waits is read by index where there is one; finished rows are never counted through.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import orjson

from sync.store.outbox import HELD
from sync.store.ticks import LEASES

if TYPE_CHECKING:
    from sync.store.database import Row, Tx


class Waiting(NamedTuple):
    """What waits in a queue for a connection: how many, and since when the first of them."""

    queue: str
    connection: str
    size: int
    since: str


class Ended(NamedTuple):
    """Runs of a connection, taken together with others that ended the same way."""

    connection: str
    kind: str
    state: str
    code: str
    counts: dict[str, int]


def hooks(tx: Tx) -> list[Waiting]:
    """Webhooks that are stored and not taken; since when they are due."""
    rows = tx.rows(
        "SELECT connection, count(*), min(due_at) FROM hook WHERE state = 'new' GROUP BY connection"
    )
    return _waiting("webhooks", rows)


def inbox(tx: Tx) -> list[Waiting]:
    """Records that are received and not resolved; since when they are due."""
    slash = "strpos(link_id, '/')" if tx.postgres else "instr(link_id, '/')"
    rows = tx.rows(
        f"SELECT substr(link_id, 1, {slash} - 1), count(*), min(due_at)"
        " FROM inbox WHERE state = 'new' GROUP BY 1"
    )
    return _waiting("resolve", rows)


def outbox(tx: Tx) -> list[Waiting]:
    """Leads that a connection is owed, due or put off; since when. What is aside is not waiting."""
    rows = tx.rows(
        "SELECT connection, count(*), min(since) FROM outbox WHERE state <> 'aside'"
        " GROUP BY connection"
    )
    return _waiting("push", rows)


def held(tx: Tx) -> dict[str, int]:
    """Leads that a limit of a connection holds back, by connection."""
    rows = tx.rows(
        "SELECT connection, count(*) FROM outbox WHERE state = 'aside' AND error = ?"
        " GROUP BY connection",
        HELD,
    )
    return {str(name): int(count) for name, count in rows}


def ticks(tx: Tx) -> list[Waiting]:
    """Pulls and sweeps that were to begin and are not done; since when."""
    rows = tx.rows(
        "SELECT schedule, count(*), min(due_at) FROM tick WHERE state IN ('due', 'running')"
        " GROUP BY schedule"
    )
    found: dict[str, Waiting] = {}
    for key, count, since in rows:
        if key.startswith(LEASES):
            continue
        name = key.partition("|")[0].partition(":")[2]
        before = found.get(name, Waiting("pull", name, 0, since))
        found[name] = Waiting("pull", name, before.size + int(count), min(before.since, since))
    return list(found.values())


def messages(tx: Tx) -> list[Waiting]:
    """Messages of hand-offs that are to be said or said anew; since when they are due."""
    rows = tx.rows(
        "SELECT connection, count(*), min(due_at) FROM handoff_message"
        " WHERE state IN ('due', 'posting', 'update') GROUP BY connection"
    )
    return _waiting("handoff", rows)


def handoffs(tx: Tx, now: str) -> dict[str, tuple[int, int]]:
    """Hand-offs that nobody answered, by connection: all, and those whose time is over."""
    rows = tx.rows(
        "SELECT connection, count(*), sum(CASE WHEN due_at <= ? THEN 1 ELSE 0 END) FROM handoff"
        " WHERE state = 'open' GROUP BY connection",
        now,
    )
    return {str(name): (int(count), int(late)) for name, count, late in rows}


def pulled(tx: Tx, streams: Sequence[tuple[str, str]], since: str) -> dict[str, str]:
    """By connection when the one of its streams was read that was not read for longest.

    Looks no further back than ``since``. A stream that was only tried counts from its first try;
    one that was not even tried is left out.
    """
    if not streams:
        return {}
    places = ", ".join(["(?, ?)"] * len(streams))
    of_stream = (
        "FROM run WHERE run.connection = wanted.connection AND run.stream = wanted.stream"
        " AND kind = 'pull' AND started_at >= ?"
    )
    rows = tx.rows(
        f"WITH wanted (connection, stream) AS (VALUES {places})"
        " SELECT connection, min(at) FROM (SELECT wanted.connection AS connection, coalesce("
        f"(SELECT finished_at {of_stream} AND state IN ('succeeded', 'partial')"
        " ORDER BY started_at DESC LIMIT 1),"
        f" (SELECT min(started_at) {of_stream})) AS at FROM wanted) AS read_at"
        " WHERE at IS NOT NULL GROUP BY connection",
        *[part for one in streams for part in one],
        since,
        since,
    )
    return {str(name): str(at) for name, at in rows}


def ended(tx: Tx, connections: Iterable[str], since: str) -> list[Ended]:
    """The runs that began since then."""
    rows = tx.rows_in(
        "SELECT connection, kind, state, code, counts FROM run"
        " WHERE connection IN ? AND started_at >= ?",
        connections,
        since,
    )
    return [Ended(a, b, c, d or "", orjson.loads(e)) for a, b, c, d, e in rows]


def _waiting(queue: str, rows: Iterable[Row]) -> list[Waiting]:
    return [Waiting(queue, str(name), int(count), str(since)) for name, count, since in rows]
