"""What vendors said of their streams when they were last asked, and when that was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from sync.store.database import dumps

if TYPE_CHECKING:
    from sync.store.database import Tx

COLUMNS = ("connection", "stream", "digest", "content", "seen_at")


@dataclass(frozen=True, slots=True)
class DescribedRow:
    """One stream's description. ``digest`` is of what the vendor said, not of all of ``content``.

    ``seen_at`` is when the vendor last said so.
    """

    connection: str
    stream: str
    digest: str
    content: Mapping[str, Any]
    seen_at: str


def of(tx: Tx, connection: str) -> dict[str, DescribedRow]:
    """The descriptions of a connection, by stream."""
    rows = tx.rows(f"SELECT {', '.join(COLUMNS)} FROM described WHERE connection = ?", connection)
    return {
        row[1]: DescribedRow(row[0], row[1], row[2], orjson.loads(row[3]), row[4]) for row in rows
    }


def save(tx: Tx, rows: Iterable[DescribedRow]) -> None:
    """Write descriptions whole."""
    tx.insert(
        "described",
        COLUMNS,
        [(one.connection, one.stream, one.digest, dumps(one.content), one.seen_at) for one in rows],
        key=COLUMNS[:2],
        update=COLUMNS[2:],
    )


def last_seen(tx: Tx) -> dict[str, str]:
    """When each connection that was ever described last was."""
    rows = tx.rows("SELECT connection, max(seen_at) FROM described GROUP BY connection")
    return {str(name): str(at) for name, at in rows}
