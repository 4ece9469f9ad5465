"""What the records teach about contacts and names: ``mapping.match.census``, as arrays."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from mapping.match.crowd import Crowd
from mapping.match.rules import HOT
from sync.engine.bulk.columns import Columns, Ints
from sync.engine.bulk.pairs import Finder


class _Keys(Collection[int]):
    """A sorted array as a set of keys."""

    def __init__(self, keys: Ints) -> None:
        self.keys = keys

    def __contains__(self, one: object) -> bool:
        at = int(np.searchsorted(self.keys, one))  # type: ignore[call-overload]
        return at < len(self.keys) and self.keys[at] == one

    def __iter__(self) -> Iterator[int]:
        return iter(self.keys.tolist())

    def __len__(self) -> int:
        return len(self.keys)


class _Counts(Mapping[int, int]):
    """Two arrays as a mapping from key to count."""

    def __init__(self, keys: Ints, counts: Ints) -> None:
        self.keys_, self.counts = keys, counts

    def __getitem__(self, one: int) -> int:
        at = int(np.searchsorted(self.keys_, one))
        if at < len(self.keys_) and self.keys_[at] == one:
            return int(self.counts[at])
        raise KeyError(one)

    def __iter__(self) -> Iterator[int]:
        return iter(self.keys_.tolist())

    def __len__(self) -> int:
        return len(self.keys_)


def take(columns: Columns, finder: Finder) -> Crowd:
    """Note of each record what its contacts and names are; the same as a crowd to compare with."""
    hot = finder.hot()
    shared = np.union1d(finder.shared(), hot)
    columns.is_shared = {
        name: np.isin(columns[name], shared) for name in ("mailbox", "mobile", "base")
    }
    names: list[Ints] = [hot]
    counts: list[Ints] = [np.full(len(hot), HOT, np.int64)]
    for name in ("name", "sound"):
        keys, places = finder.spread(name)
        is_cold = ~np.isin(keys, hot)
        names.append(keys[is_cold])
        counts.append(places[is_cold])
    keys, places = np.concatenate(names), np.concatenate(counts)
    order = np.argsort(keys)
    keys, places = keys[order], places[order]
    for name in ("name", "sound"):
        at = np.minimum(np.searchsorted(keys, columns[name]), max(len(keys) - 1, 0))
        held = keys[at] == columns[name] if len(keys) else np.zeros(len(columns), np.bool_)
        columns.places[name] = np.where(held, places[at] if len(keys) else 1, 1).astype(np.int32)
    return Crowd(_Keys(shared), _Counts(keys, places))
