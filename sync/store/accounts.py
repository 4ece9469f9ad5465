"""Accounts: the companies behind leads, and the keys they are known by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from sync.store.database import dumps

if TYPE_CHECKING:
    from sync.store.database import Tx

COLUMNS = ("id", "name", "fields", "created_at", "updated_at")


@dataclass(slots=True)
class AccountRow:
    """One company."""

    id: str
    name: str | None
    fields: dict[str, Any]
    created_at: str
    updated_at: str


def by_ids(tx: Tx, ids: Iterable[str]) -> dict[str, AccountRow]:
    """Accounts by id."""
    rows = tx.rows_in(f"SELECT {', '.join(COLUMNS)} FROM account WHERE id IN ?", ids)
    return {row[0]: AccountRow(row[0], row[1], orjson.loads(row[2]), *row[3:]) for row in rows}


def by_keys(tx: Tx, keys: Iterable[str]) -> list[tuple[str, str]]:
    """All keys of the accounts that have any of these: (key, account id), oldest account first."""
    return [
        (key, account_id)
        for key, account_id in tx.rows_in(
            "SELECT key, account_id FROM account_key WHERE account_id IN"
            " (SELECT account_id FROM account_key WHERE key IN ?) ORDER BY account_id, key",
            keys,
        )
    ]


def save(tx: Tx, accounts: Iterable[AccountRow]) -> None:
    """Write accounts whole."""
    rows = [(a.id, a.name, dumps(a.fields), a.created_at, a.updated_at) for a in accounts]
    tx.insert("account", COLUMNS, rows, key=("id",), update=("name", "fields", "updated_at"))


def save_keys(tx: Tx, rows: Sequence[tuple[str, str]]) -> None:
    """Add (key, account id)."""
    tx.insert("account_key", ("key", "account_id"), rows, key=("key", "account_id"))


def count(tx: Tx) -> int:
    """How many accounts there are."""
    ((number,),) = tx.rows("SELECT count(*) FROM account")
    return int(number)
