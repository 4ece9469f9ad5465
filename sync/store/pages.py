"""The whole store in pages, for what goes through everybody: matching again, making keys anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.store.links import COLUMNS, LinkRow, _link

if TYPE_CHECKING:
    from sync.store.database import Tx


def lead_ids(tx: Tx, after: str, limit: int) -> list[str]:
    """The next leads by id, those that were merged into others too."""
    sql = "SELECT id FROM lead WHERE id > ? ORDER BY id LIMIT ?"
    return [row[0] for row in tx.rows(sql, after, limit)]


def people(tx: Tx, after: str, limit: int) -> list[LinkRow]:
    """The next records of leads by id, moved ones left out."""
    return _links(tx, "lead", after, limit)


def companies(tx: Tx, after: str, limit: int) -> list[LinkRow]:
    """The next records of accounts by id, moved ones left out."""
    return _links(tx, "account", after, limit)


def _links(tx: Tx, kind: str, after: str, limit: int) -> list[LinkRow]:
    sql = (
        f"SELECT {', '.join(COLUMNS)} FROM link WHERE id > ? AND kind = ? AND state <> 'moved'"
        " AND owner_id IS NOT NULL ORDER BY id LIMIT ?"
    )
    return [_link(row) for row in tx.rows(sql, after, kind, limit)]


def account_keys(tx: Tx, after: tuple[str, str], limit: int) -> list[tuple[str, str]]:
    """The next keys of accounts, as (account id, key), oldest account first."""
    sql = (
        "SELECT account_id, key FROM account_key WHERE (account_id, key) > (?, ?)"
        " ORDER BY account_id, key LIMIT ?"
    )
    return [(account_id, key) for account_id, key in tx.rows(sql, *after, limit)]
