"""Accounts first: the company behind a lead, by corporate number, domain, or name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mapping.keys import account_keys
from sync.engine.batch import Batch, Item
from sync.engine.hub import new_id
from sync.store import accounts as store
from sync.store.accounts import AccountRow
from sync.store.database import Tx, from_iso
from sync.store.links import LinkRow


def _texts(values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(key.text() for key in account_keys(values))


def as_lead_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """An account's values under the names a lead has for its company."""
    return {**values, "company": values.get("name")}


def keys_in(batch: Batch) -> set[str]:
    """The account keys that the batch's records bring; noted on the records of people."""
    keys: set[str] = set()
    for item in batch.items:
        if item.kind == "lead":
            item.account_keys = _texts(item.draft.values)
            keys.update(item.account_keys)
        elif item.kind == "account":
            keys.update(_texts(as_lead_values(item.draft.values)))
    return keys


def load(tx: Tx, batch: Batch, keys: Iterable[str]) -> None:
    """Read the accounts that the batch's companies may be."""
    batch.account_keys = store.by_keys(tx, keys)
    batch.accounts = store.by_ids(tx, set(batch.account_keys.values()))


def take(batch: Batch, item: Item, result: Any) -> None:
    """Bring an account record into the batch."""
    batch.done.append(item.row.id)
    link = batch.links.get(item.row.link_id)
    if item.row.deleted:
        if link is not None:
            link.state = "gone"
            batch.keep(link)
        return
    values = {k: v for k, v in item.draft.values.items() if v is not None}
    account_id = link.owner_id if link is not None else None
    account = _account(
        batch, _texts(as_lead_values(values)), str(values.get("name") or ""), account_id
    )
    account.fields = {**account.fields, **values}
    account.name = account.name or str(values.get("name") or "") or None
    batch.changed_accounts[account.id] = account
    batch.keep(
        LinkRow(
            id=item.row.link_id,
            connection=item.connection,
            stream=item.stream,
            external_id=item.external_id,
            kind="account",
            owner_id=account.id,
            digest=item.row.digest,
            version=item.row.version,
            changed_at=item.row.changed_at,
            held=values,
            since=dict.fromkeys(values, item.at),
            stage_value=None,
            parked={},
            state="live",
            match=None,
            first_seen_at=link.first_seen_at if link else batch.now,
            updated_at=batch.now,
        )
    )
    result.counts["accounts"] += 1


def finish(batch: Batch) -> None:
    """Give each changed lead its account; a company not known yet becomes one."""
    for working in batch.leads.values():
        lead = working.lead
        if not working.touched or lead.merged_into:
            continue
        single = working.is_new and working.cause is not None and len(working.links) == 1
        keys = working.cause.account_keys if single and working.cause else _texts(lead.fields)
        if not keys:
            lead.account_id = None
            continue
        account = _account(batch, keys, lead.company or "", None)
        lead.account_id = account.id


def _account(batch: Batch, keys: tuple[str, ...], name: str, known: str | None) -> AccountRow:
    found = known or next((batch.account_keys[k] for k in keys if k in batch.account_keys), None)
    account = batch.accounts.get(found) if found else None
    if account is None:
        account = AccountRow(
            id=found or _new_account_id(batch),
            name=name or None,
            fields={"name": name} if name else {},
            created_at=batch.now,
            updated_at=batch.now,
        )
        batch.accounts[account.id] = account
        batch.changed_accounts[account.id] = account
    for key in keys:
        if key not in batch.account_keys:
            batch.account_keys[key] = account.id
            batch.new_account_keys.append((key, account.id))
    return account


def _new_account_id(batch: Batch) -> str:
    return new_id("ac", from_iso(batch.now))
