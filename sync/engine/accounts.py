"""Accounts first: the company behind a lead, by corporate number, domain, or name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from mapping.match.accounts import Firm, account_keys, firm_of, lookup_keys
from sync.engine.batch import Batch, Item
from sync.engine.hub import new_id
from sync.store import accounts as store
from sync.store.accounts import AccountRow
from sync.store.database import Tx, from_iso
from sync.store.links import LinkRow


def _firms(batch: Batch) -> Iterator[Firm]:
    for item in batch.items:
        if item.kind == "lead" and item.profile is not None:
            yield item.profile.firm
        elif item.kind == "account":
            yield firm_of(item.draft.values)


def load(tx: Tx, batch: Batch) -> None:
    """Read the accounts that the batch's companies may be."""
    keys = {key for firm in _firms(batch) for key in lookup_keys(firm)}
    for key, account_id in store.by_keys(tx, keys):
        batch.directory.learn(account_id, (key,))
    batch.accounts = store.by_ids(tx, batch.directory.accounts)


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
    account = _account(batch, firm_of(values), str(values.get("name") or ""), account_id)
    if account is None:  # only a name that several accounts have
        account = _new(batch, _new_account_id(batch), str(values.get("name") or ""))
    account.fields = {
        **account.fields,
        **(values if item.again is None else _mended(account, item)),
    }
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


def _mended(account: AccountRow, item: Item) -> dict[str, Any]:
    """Of what is read once more, what no other record has said otherwise since."""
    found = item.again.corrections if item.again is not None else ()
    return {
        one.field: one.new
        for one in found
        if one.new is not None and account.fields.get(one.field) == one.old
    }


def place(batch: Batch, item: Item) -> None:
    """Give a person's record its account, before it is asked whose the record is.

    A company that was not known becomes an account, and what the record teaches about one that was
    (another name, another domain) counts from then on.
    """
    made = item.profile
    if made is None or not made.firm.is_known:
        return
    account = _account(batch, made.firm, str(item.draft.values.get("company") or ""), None)
    made.account = account.id if account is not None else None


def finish(batch: Batch) -> None:
    """Give each changed lead the account that its values name."""
    for working in batch.leads.values():
        lead = working.lead
        if not working.touched or lead.merged_into:
            continue
        single = working.cause.profile if working.cause and len(working.links) == 1 else None
        firm = single.firm if single is not None else firm_of(lead.fields)
        account = _account(batch, firm, lead.company or "", None)
        lead.account_id = account.id if account is not None else None


def _account(batch: Batch, firm: Firm, name: str, known: str | None) -> AccountRow | None:
    directory = batch.directory
    if known is not None:
        found, new = known, directory.learn(known, account_keys(firm))
    else:
        account_id, new = directory.take(firm, partial(_new_account_id, batch))
        if account_id is None:
            return None
        found = account_id
    batch.new_account_keys += [(key, found) for key in new]
    return batch.accounts.get(found) or _new(batch, found, name)


def _new(batch: Batch, account_id: str, name: str) -> AccountRow:
    account = AccountRow(
        id=account_id,
        name=name or None,
        fields={"name": name} if name else {},
        created_at=batch.now,
        updated_at=batch.now,
    )
    batch.accounts[account.id] = account
    batch.changed_accounts[account.id] = account
    return account


def _new_account_id(batch: Batch) -> str:
    return new_id("ac", from_iso(batch.now))
