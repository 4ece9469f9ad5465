"""Quotas: what is left of each account's daily calls, shared by all workers and processes.

Calls are claimed a few dozen at a time, spent without a word, and told of when the next are claimed
or the job ends. What a killed process had claimed is lost until the day ends, never overspent. A
pause is written on its own and only ever grows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from sync.store.database import dumps

if TYPE_CHECKING:
    from sync.store.database import Row, Tx

_COLUMNS = "account, ends_at, daily, others, claimed, used, said_at, paused_until"


@dataclass(slots=True)
class QuotaRow:
    """One account's day, which ends at ``ends_at``.

    ``daily`` is the vendor's limit where it says one. ``others`` are calls that it says are used
    and that are not known to be ours. ``claimed`` calls may be on their way. ``used`` are our own
    calls of the day, by lane.
    """

    account: str
    ends_at: str
    daily: int | None = None
    others: int = 0
    claimed: int = 0
    used: dict[str, int] = field(default_factory=dict)
    said_at: str | None = None
    paused_until: str | None = None


def _quota(row: Row) -> QuotaRow:
    account, ends_at, daily, others, claimed, used, said_at, paused = row
    spent = orjson.loads(used)
    return QuotaRow(account, ends_at, daily, others, claimed, spent, said_at, paused)


def locked(tx: Tx, account: str, ends_at: str, now: str) -> QuotaRow:
    """An account's row, made on first use, and nobody else's until this transaction ends."""
    tx.insert("quota", _NEW, [(account, ends_at, 0, 0, "{}", now)], key=("account",))
    lock = " FOR UPDATE" if tx.postgres else ""
    return _quota(tx.rows(f"SELECT {_COLUMNS} FROM quota WHERE account = ?{lock}", account)[0])


_NEW = ("account", "ends_at", "others", "claimed", "used", "updated_at")


def save(tx: Tx, row: QuotaRow, now: str) -> None:
    """Write a locked row; its pause is left as it is."""
    tx.write(
        "UPDATE quota SET ends_at = ?, daily = ?, others = ?, claimed = ?, used = ?,"
        " said_at = ?, updated_at = ? WHERE account = ?",
        row.ends_at,
        row.daily,
        row.others,
        row.claimed,
        dumps(row.used),
        row.said_at,
        now,
        row.account,
    )


def pause(tx: Tx, account: str, until: str, ends_at: str, now: str) -> None:
    """Nobody calls this account before ``until``; a longer pause that is there stays."""
    tx.insert("quota", _NEW, [(account, ends_at, 0, 0, "{}", now)], key=("account",))
    tx.write(
        "UPDATE quota SET paused_until = ?, updated_at = ? WHERE account = ?"
        " AND (paused_until IS NULL OR paused_until < ?)",
        until,
        now,
        account,
        until,
    )


def paused_until(tx: Tx, account: str) -> str | None:
    """Until when an account is left alone; None, or a time that has passed, where it is not."""
    rows = tx.rows("SELECT paused_until FROM quota WHERE account = ?", account)
    return rows[0][0] if rows else None


def of_accounts(tx: Tx, accounts: Iterable[str]) -> dict[str, QuotaRow]:
    """The rows of these accounts that were ever called."""
    rows = tx.rows_in(f"SELECT {_COLUMNS} FROM quota WHERE account IN ?", accounts)
    return {row[0]: _quota(row) for row in rows}
