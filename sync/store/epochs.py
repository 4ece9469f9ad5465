"""Epochs: each restore begins one. What an earlier epoch had leased, begun or found out is void.

After a restore the database does not know what was written since the backup. So each connection is
marked, and only opt-outs are written to it until it has been read to its end once more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sync.store import runs

if TYPE_CHECKING:
    from sync.store.database import Row, Tx

__all__ = ["Replaced", "begin", "epoch", "mark", "marks", "replaced", "settle"]

_EPOCH = "epoch"
_MARK = "restored:"
_FENCES = 1_000_000
"""How far apart the fences of two epochs are: no claim of an earlier one is mistaken for ours."""
_TOKEN = ("connection", "blob", "previous", "version", "updated_at")


class Replaced(NamedTuple):
    """What outlives a database that is replaced by a backup.

    Tokens are the vendors' state and not ours: an older one may have been used up. ``wrote_at`` is
    when something was last written to a vendor, or begun to be; "" where nothing ever was.
    """

    installation: str | None
    epoch: int
    wrote_at: str
    tokens: Sequence[Row]


def epoch(tx: Tx) -> int:
    """How often this installation was restored."""
    return int(runs.setting(tx, _EPOCH) or 0)


def replaced(tx: Tx) -> Replaced:
    """What is to be kept of the database that is there."""
    tokens = tx.rows(f"SELECT {', '.join(_TOKEN)} FROM token")
    return Replaced(runs.setting(tx, "installation"), epoch(tx), _wrote_at(tx), tokens)


def _wrote_at(tx: Tx) -> str:
    ((pushed,),) = tx.rows("SELECT max(at) FROM history WHERE event = 'pushed'")
    ((begun,),) = tx.rows("SELECT max(beat_at) FROM run WHERE kind IN ('push', 'undo')")
    return max(str(pushed or ""), str(begun or ""))


def begin(tx: Tx, names: Iterable[str], now: str, old: Replaced | None, columns: set[str]) -> int:
    """Begin an epoch in a restored database and mark these connections; the epoch's number.

    Works on every schema there was: ``columns`` are all that it has, as ``table.column``. ``old``
    is None where what was replaced could not be read.
    """
    known = old is not None and old.installation == runs.setting(tx, "installation")
    number = max(epoch(tx), old.epoch if old is not None else 0) + 1
    runs.save_setting(tx, _EPOCH, str(number))
    since = max(old.wrote_at, _wrote_at(tx)) if old is not None and known else now
    for name in names:
        runs.save_setting(tx, f"{_MARK}{name}", since)
    if "cursor.whole_at" in columns:
        tx.write("UPDATE cursor SET whole_at = NULL")
    tx.write(
        "UPDATE outbox SET state = CASE state WHEN 'sent' THEN 'due' ELSE state END,"
        " due_at = CASE WHEN lease_until IS NULL THEN due_at ELSE ? END,"
        " fence = fence + ?, lease_until = NULL, leased_by = NULL, crashes = 0",
        now,
        _FENCES,
    )
    tx.write("UPDATE hook SET leased_by = NULL, due_at = ? WHERE leased_by IS NOT NULL", now)
    tx.write("UPDATE tick SET lease_until = NULL, leased_by = NULL WHERE leased_by IS NOT NULL")
    for table in ("handoff_message", "alert"):
        if f"{table}.fence" in columns:
            tx.write(f"UPDATE {table} SET fence = fence + ?, leased_by = NULL", _FENCES)
    tx.write(
        "UPDATE run SET state = 'failed', finished_at = ?, code = 'LOST',"
        " error = 'a backup was restored; what this run had not done is done again'"
        " WHERE state = 'running'",
        now,
    )
    tx.write("UPDATE token SET refreshing_by = NULL, lease_until = NULL")
    if old is not None and known:
        _keep_tokens(tx, old.tokens)
    return number


def _keep_tokens(tx: Tx, newer: Sequence[Row]) -> None:
    held = {
        str(name): int(version)
        for name, version in tx.rows("SELECT connection, version FROM token")
    }
    better = [row for row in newer if int(row[3]) > held.get(str(row[0]), 0)]
    tx.insert("token", _TOKEN, better, key=("connection",), update=_TOKEN[1:])


def marks(tx: Tx) -> dict[str, str]:
    """The connections that are to be read once more, each with when it may last have been written.

    "" where nothing ever was.
    """
    rows = tx.rows(
        "SELECT name, value FROM setting WHERE substr(name, 1, ?) = ?", len(_MARK), _MARK
    )
    return {str(name).removeprefix(_MARK): str(value) for name, value in rows}


def mark(tx: Tx, name: str) -> str | None:
    """The mark of one connection; None where it has none."""
    return runs.setting(tx, f"{_MARK}{name}")


def settle(tx: Tx, name: str, streams: Collection[str], not_before: str) -> bool:
    """Take a connection's mark away, where these streams were read to their end since and taken in.

    What was read before ``not_before`` does not count: the vendor's search may not have shown what
    was written last.
    """
    tx.write(
        "UPDATE cursor SET whole_at = NULL WHERE connection = ? AND whole_at < ?", name, not_before
    )
    if not runs.whole_streams(tx, name).issuperset(streams):
        return False
    prefix = f"{name}/"
    waiting = tx.rows(
        "SELECT 1 FROM inbox WHERE state = 'new' AND attempts = 0"
        " AND substr(link_id, 1, ?) = ? LIMIT 1",
        len(prefix),
        prefix,
    )
    if waiting:
        return False
    tx.write("DELETE FROM setting WHERE name = ?", f"{_MARK}{name}")
    return True
