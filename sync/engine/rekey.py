"""Match keys made anew, after an upgrade or a change of match.yaml: what finds whom is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

import orjson

from mapping.match.accounts import Directory, Firm, account_keys, firm_of
from mapping.match.profile import KEYS_VERSION, profile
from sync.engine.hub import Hub
from sync.engine.stated import stated
from sync.store import accounts, leads, links, pages
from sync.store.database import Tx
from sync.store.links import LinkRow
from sync.store.runs import save_setting, setting

__all__ = ["Rekeyed", "everything", "known_accounts", "needs_rekey", "rekey"]

PAGE = 500
_SETTING = "match_keys"


@dataclass(slots=True)
class Rekeyed:
    """How many leads were looked at, and how many keys were added and removed."""

    leads: int = 0
    added: int = 0
    removed: int = 0
    accounts: int = 0


def needs_rekey(hub: Hub) -> bool:
    """Whether the stored keys were made by other rules than today's."""
    with hub.database.read() as tx:
        return setting(tx, _SETTING) != _digest(hub)


def rekey(
    hub: Hub,
    *,
    stop: Callable[[], bool] = lambda: False,
    watch: Callable[[Rekeyed], None] = lambda _: None,
) -> Rekeyed:
    """Make the keys of all leads and accounts anew, a page in a transaction.

    Safe to stop and to run again: it begins anew, and writes only what differs. Keys of accounts
    are added and not taken away: what a company was called once is still its name.
    """
    done = Rekeyed()
    directory = known_accounts(hub)
    for page in everything(hub, pages.companies):
        if stop():
            return done
        with hub.database.write() as tx:
            found = [(link.owner_id or "", firm_of(link.held)) for link in page]
            done.accounts += _learn(tx, directory, found)
    after = ""
    while not stop():
        with hub.database.write() as tx:
            ids = pages.lead_ids(tx, after, PAGE)
            _one_page(hub, tx, ids, directory, done)
        watch(done)
        if len(ids) < PAGE:
            with hub.database.write() as tx:
                save_setting(tx, _SETTING, _digest(hub))
            break
        after = ids[-1]
    return done


def known_accounts(hub: Hub) -> Directory:
    """All accounts and what they are known by."""
    directory = Directory()
    after = ("", "")
    while True:
        with hub.database.read() as tx:
            found = pages.account_keys(tx, after, 20 * PAGE)
        for account_id, key in found:
            directory.learn(account_id, (key,))
        if len(found) < 20 * PAGE:
            return directory
        after = found[-1]


def everything(
    hub: Hub, read: Callable[[Tx, str, int], list[LinkRow]], size: int = PAGE
) -> Iterator[list[LinkRow]]:
    """All links that ``read`` gives, page by page, each read in a transaction of its own."""
    after = ""
    while True:
        with hub.database.read() as tx:
            found = read(tx, after, size)
        if found:
            yield found
        if len(found) < size:
            return
        after = found[-1].id


def _digest(hub: Hub) -> str:
    """What the keys of given values depend on."""
    text = orjson.dumps([KEYS_VERSION, hub.rules.keys])
    return blake2b(text, digest_size=8).hexdigest()


def _one_page(hub: Hub, tx: Tx, ids: list[str], directory: Directory, done: Rekeyed) -> None:
    rows = leads.by_ids(tx, ids, lock=True, provenance=False)
    wanted: set[tuple[int, str]] = set()
    firms: list[tuple[str, Firm]] = []
    for link in links.of_leads(tx, rows):
        values = stated(link)
        lead = rows[str(link.owner_id)]
        if not values or lead.merged_into:
            continue
        made = profile(link.id, values, hub.rules)
        wanted.update((key, lead.id) for key in made.keys)
        account_id = directory.find(made.firm) if made.firm.is_known else None
        # A lead's account is the company its values name: that of the records that name it too.
        if account_id is None and values.get("company") == lead.fields.get("company"):
            account_id = lead.account_id
        if account_id is not None:
            firms.append((account_id, made.firm))
    held = {(key, lead_id) for lead_id, keys in leads.keys_of(tx, ids).items() for key in keys}
    added, removed = sorted(wanted - held), sorted(held - wanted)
    leads.save_keys(tx, added, removed)
    done.leads += len(ids)
    done.added += len(added)
    done.removed += len(removed)
    done.accounts += _learn(tx, directory, firms)


def _learn(tx: Tx, directory: Directory, found: Iterable[tuple[str, Firm]]) -> int:
    """Have accounts known by what is said of them; how many keys that adds."""
    new = [
        (key, account_id)
        for account_id, firm in found
        if account_id
        for key in directory.learn(account_id, account_keys(firm))
    ]
    accounts.save_keys(tx, sorted(new))
    return len(new)
