"""Packed rows as columns: an array of numbers per slot, keys in one array, bodies in one buffer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import islice
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mapping.match.profile import Profile
from sync.engine.bulk.packed import COLUMNS, CONTACTS, PackedRow, unpack

Ints: TypeAlias = npt.NDArray[np.int64]
Places: TypeAlias = npt.NDArray[np.int32]
Bools: TypeAlias = npt.NDArray[np.bool_]
Floats: TypeAlias = npt.NDArray[np.float64]

RANGE = 1 << 18
"""As many pairs are worked on at a time: enough for arrays to pay, few enough for their memory."""
_BLOCK = 1 << 16


class Columns:
    """Records by number, in the order in which they came.

    ``account`` is -1 where none is known. ``is_shared`` and ``places`` are what the census found
    for each record's contacts and names, ``rank`` its place in the order of ids.
    """

    def __init__(self) -> None:
        self.records: list[str] = []
        self.numbers: dict[str, Ints] = {}
        self.extras: list[Ints] = []
        self.keys: Ints = np.zeros(0, np.int64)
        self.key_ends: Ints = np.zeros(1, np.int64)
        self.rank: Places = np.zeros(0, np.int32)
        self.account: Places = np.zeros(0, np.int32)
        self.is_shared: dict[str, Bools] = {}
        self.places: dict[str, Places] = {}
        self._bodies = bytearray()
        self._body_ends: Ints = np.zeros(1, np.int64)

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, name: str) -> Ints:
        return self.numbers[name]

    def body(self, record: int) -> bytes:
        """A record's profile as JSON."""
        start, end = self._body_ends[record : record + 2]
        return bytes(memoryview(self._bodies)[start:end])

    def account_of(self, record: int) -> str | None:
        """A record's account, named as in ``mapping.match.everyone``."""
        account = int(self.account[record])
        return f"a{account}" if account >= 0 else None

    def profile(self, record: int) -> Profile:
        """A record's profile, with its account."""
        return unpack(self.body(record), self.account_of(record))

    def knows(self, record: str) -> bool:
        """Whether a record is among these."""
        return record in self._by_record

    def number_of(self, record: str) -> int:
        """The number of a record; KeyError where it is not among these."""
        return self._by_record[record]

    def numbers_of(self, records: Iterable[str]) -> list[int]:
        """The numbers of records."""
        return [self._by_record[one] for one in records]

    @cached_property
    def _by_record(self) -> dict[str, int]:
        return {record: number for number, record in enumerate(self.records)}

    def in_order(self, a: Places, b: Places) -> tuple[Places, Places]:
        """Pairs, each with the smaller id first: the order in which they are compared."""
        swapped = self.rank[a] > self.rank[b]
        return np.where(swapped, b, a), np.where(swapped, a, b)

    def key_owners(self) -> Places:
        """For each key, in their order, whose it is."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.key_ends))

    def contacts(self) -> Ints:
        """Where among the keys the contacts are: the first ones of each record."""
        counts = self["flags"] >> CONTACTS
        skipped = np.repeat(self.key_ends[:-1] - np.cumsum(counts) + counts, counts)
        found: Ints = np.arange(int(counts.sum())) + skipped
        return found


def read(rows: Iterable[PackedRow]) -> Columns:
    """Take rows in, a block at a time; what they are made of is let go."""
    columns = Columns()
    parts: list[list[Ints]] = [[np.zeros(0, np.int64)] for _ in COLUMNS]
    keys = bytearray()
    ends: list[tuple[Ints, Ints]] = []
    left = iter(rows)
    while block := list(islice(left, _BLOCK)):
        records, numbers, row_keys, bodies = zip(*block, strict=True)
        columns.records += records
        flat = np.frombuffer(b"".join(numbers), np.int64).reshape(len(block), -1).T
        parts += ([] for _ in range(len(parts), len(flat)))
        for column, part in zip(parts, flat, strict=True):
            column.append(part.copy())
        keys += b"".join(row_keys)
        columns._bodies += b"".join(bodies)
        ends.append((_sizes(row_keys), _sizes(bodies)))
    found: list[Ints] = []
    for column in parts:
        found.append(np.concatenate(column))
        column.clear()  # what a million records are made of is not held twice
    columns.numbers = dict(zip(COLUMNS, found, strict=False))
    columns.extras = found[len(COLUMNS) :]
    columns.keys = np.frombuffer(keys, np.int64)
    columns.key_ends = _ends([one >> 3 for one, _ in ends])
    columns._body_ends = _ends([one for _, one in ends])
    columns.account = np.full(len(columns), -1, np.int32)
    columns.rank = _ranks(columns.records)
    return columns


def _sizes(parts: Sequence[bytes]) -> Ints:
    return np.fromiter(map(len, parts), np.int64, len(parts))


def _ends(sizes: list[Ints]) -> Ints:
    ends: Ints = np.cumsum(np.concatenate([np.zeros(1, np.int64), *sizes]))
    return ends


def _ranks(records: list[str]) -> Places:
    rank = np.empty(len(records), np.int32)
    rank[sorted(range(len(records)), key=records.__getitem__)] = np.arange(len(records))
    return rank


def components(size: int, a: Places, b: Places) -> Places:
    """For each of ``size`` records the first of those that pairs (a, b) connect it with."""
    first = np.arange(size, dtype=np.int32)
    while not np.array_equal(first[a], first[b]):
        low = np.minimum(first[a], first[b])
        np.minimum.at(first, first[a], low)
        np.minimum.at(first, first[b], low)
        while not np.array_equal(first, further := first[first]):
            first = further
    return first
