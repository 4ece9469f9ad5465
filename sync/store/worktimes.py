"""How long work took, hour by hour, and how large the database was then.

Kept among the settings, a row an hour, and forgotten after some weeks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import orjson

from sync.store import runs
from sync.store.database import dumps

if TYPE_CHECKING:
    from sync.store.database import Tx

_NAME = "worktime."
_HOUR = len("2026-04-01T00")


class Spent(NamedTuple):
    """What one kind of work came to: how many rows, in how many seconds, how many at a vendor."""

    rows: int
    seconds: float
    away: float = 0.0

    def plus(self, other: Spent) -> Spent:
        """Both together."""
        seconds, away = self.seconds + other.seconds, self.away + other.away
        return Spent(self.rows + other.rows, round(seconds, 6), round(away, 6))


class Hour(NamedTuple):
    """An hour, as the beginning of a stored time; work by kind; the database's bytes, if known."""

    hour: str
    work: Mapping[str, Spent]
    size: int | None


def add(tx: Tx, now: str, work: Mapping[str, Spent]) -> None:
    """Add to the hour of ``now``; its first word also says how large the database is."""
    name = _NAME + now[:_HOUR]
    tx.insert("setting", ("name", "value"), [(name, "{}")], key=("name",))
    lock = " FOR UPDATE" if tx.postgres else ""
    ((held,),) = tx.rows(f"SELECT value FROM setting WHERE name = ?{lock}", name)
    said = orjson.loads(held)
    for kind, spent in work.items():
        said[kind] = list(Spent(*said.get(kind, (0, 0.0))).plus(spent))
    said.setdefault("size", size(tx))
    runs.save_setting(tx, name, dumps(said))


def since(tx: Tx, moment: str) -> list[Hour]:
    """The hours from that of ``moment`` on, oldest first."""
    rows = tx.rows(
        "SELECT name, value FROM setting WHERE name >= ? AND name < ? ORDER BY name",
        _NAME + moment[:_HOUR],
        _NAME + "~",
    )
    found = []
    for name, value in rows:
        said = orjson.loads(value)
        bytes_ = said.pop("size", None)
        work = {kind: Spent(*spent) for kind, spent in said.items()}
        found.append(Hour(name.removeprefix(_NAME), work, bytes_))
    return found


def forget_before(tx: Tx, moment: str) -> int:
    """Drop the hours before that of ``moment``; how many."""
    return tx.write(
        "DELETE FROM setting WHERE name >= ? AND name < ?", _NAME, _NAME + moment[:_HOUR]
    )


def size(tx: Tx) -> int:
    """Bytes that the database uses; on SQLite without the pages that are free again."""
    if tx.postgres:
        ((found,),) = tx.rows("SELECT pg_database_size(current_database())")
    else:
        ((found,),) = tx.rows(
            "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count(),"
            " pragma_freelist_count(), pragma_page_size()"
        )
    return int(found)
