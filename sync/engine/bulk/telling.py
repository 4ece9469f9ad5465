"""Which account each record's company is: as ``mapping.match.everyone`` tells it, per company.

Records that say the same of their company are told once. Companies that no number, domain or name
connects do not meet, so they can be told in several processes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mapping.match.accounts import Directory, Firm
from sync.engine.bulk.columns import Columns, Ints, Places, components
from sync.engine.bulk.packed import ODD_FIRM, firm_part, read_firm, text_number
from sync.engine.bulk.packing import pool

_ROUNDS = 2
_PART = 20_000
"""As many companies are told at a time; fewer are told sooner than processes are started."""


def tell_accounts(
    columns: Columns, *, processes: int = 1, directory: Directory | None = None
) -> None:
    """Give each record its account.

    ``directory`` are accounts that are known beforehand; it learns what the records say.
    """
    different, first, numbers = np.unique(columns["firm"], return_index=True, return_inverse=True)
    told = np.full(len(different), -1, np.int64)
    named = np.flatnonzero(different)
    records = first[named]
    firms = [firm_part(columns.body(record)) for record in records.tolist()]
    if directory is not None:
        accounts: dict[str, int] = {}
        said = _tell([read_firm(part) for part in firms], directory)
        told[named] = [
            -1 if one is None else accounts.setdefault(one, len(accounts)) for one in said
        ]
    else:
        told[named] = _tell_apart(_groups(columns, records), firms, processes)
    columns.account = told[numbers].astype(np.int32)


def _tell_apart(groups: Places, firms: Sequence[bytes], processes: int) -> Ints:
    """Tell each group of connected companies alone, in whatever process has time."""
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    together = np.split(order, starts[1:])
    parts: list[list[list[bytes]]] = [[]]
    size = 0
    for group in together:
        parts[-1].append([firms[number] for number in group.tolist()])
        size += len(group)
        if size >= _PART:
            parts.append([])
            size = 0
    if processes < 2 or len(parts) < 2:
        found = map(_told, parts)
        said = [one for part in found for one in part]
    else:
        with pool(processes) as workers:
            said = [one for part in workers.map(_told, parts) for one in part]
    # Accounts are numbered within their group: no group has more of them than companies.
    told = np.empty(len(order), np.int64)
    offsets = np.repeat(starts, np.diff(np.append(starts, len(order))))
    local = np.array(said, np.int64)
    told[order] = np.where(local < 0, -1, local + offsets)
    return told


def _groups(columns: Columns, records: Ints) -> Places:
    """For each company (by a record that has it) the first of those that keys connect it with."""
    slots = ("number", "company", "company2", "site", "site2", "former")
    keys = [columns[name][records] for name in slots]
    owners = [np.arange(len(records))] * len(slots)
    for owner in np.flatnonzero(columns["flags"][records] & ODD_FIRM).tolist():
        firm = read_firm(firm_part(columns.body(int(records[owner]))))
        hashed = [text_number(name) for name in (*firm.names, *firm.former, *firm.domains)]
        keys.append(np.array(hashed, np.int64))
        owners.append(np.full(len(hashed), owner))
    every, whose = np.concatenate(keys), np.concatenate(owners)
    order = np.argsort(every, kind="stable")
    every, whose = every[order], whose[order]
    same = (every[1:] == every[:-1]) & (every[1:] != 0)
    return components(len(records), whose[:-1][same], whose[1:][same])


def _told(groups: Sequence[Sequence[bytes]]) -> list[int]:
    """The account of each company of each group, numbered within it; -1 where it cannot be told."""
    told: list[int] = []
    for group in groups:
        if len(group) == 1:
            told.append(0)
            continue
        numbers: dict[str, int] = {}
        for account in _tell([read_firm(part) for part in group], Directory()):
            told.append(-1 if account is None else numbers.setdefault(account, len(numbers)))
    return told


def _tell(firms: Sequence[Firm], directory: Directory) -> list[str | None]:
    order = sorted(range(len(firms)), key=lambda number: says_less(firms[number]))
    told: list[str | None] = [None] * len(firms)
    fresh = iter(range(len(firms) + 1))
    for _ in range(_ROUNDS):
        for number in order:
            told[number], _new = directory.take(firms[number], lambda: f"new{next(fresh)}")
        if len(directory.accounts) == 1:
            break  # there is no other that a second round could find
    return told


def says_less(firm: Firm) -> tuple[object, ...]:
    """Orders companies so that those come first that say most about themselves."""
    return (not firm.number, not (firm.domains and firm.names), not firm.domains, firm)
