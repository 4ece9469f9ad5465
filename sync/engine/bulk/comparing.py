"""Pairs compared one by one, in as many processes as it pays for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from types import TracebackType

from mapping.match.compare import Score, compare
from mapping.match.crowd import Crowd
from mapping.match.profile import Profile
from mapping.match.rules import Rules
from sync.engine.bulk.columns import Columns
from sync.engine.bulk.packed import unpack
from sync.engine.bulk.packing import pool, portable
from sync.engine.memory import calm_collector

Packed = tuple[bytes, str | None]

_ENOUGH = 20_000
"""Fewer pairs are compared sooner than processes are started."""
_CHUNK = 5_000


class Comparer:
    """Compares pairs of records by number; starts processes when there is much to do."""

    def __init__(self, columns: Columns, crowd: Crowd, rules: Rules, processes: int) -> None:
        self._columns = columns
        self._given = (crowd, portable(rules))
        self._processes = processes
        self._workers: ProcessPoolExecutor | None = None

    def __enter__(self) -> Comparer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._workers is not None:
            self._workers.shutdown(cancel_futures=True)

    def __call__(self, pairs: Sequence[tuple[int, int]]) -> Iterator[Score]:
        """The scores of pairs, in their order."""
        if self._processes < 2 or (self._workers is None and len(pairs) < _ENOUGH):
            crowd, rules = self._given
            profile = lru_cache(maxsize=4096)(self._columns.profile)
            for a, b in pairs:
                yield compare(profile(a), profile(b), crowd, rules)
            return
        if self._workers is None:
            self._workers = pool(self._processes, _begin, self._given)
        chunks = [pairs[at : at + _CHUNK] for at in range(0, len(pairs), _CHUNK)]
        for scores, numbers in self._workers.map(_compared, map(self._packed, chunks)):
            yield from map(scores.__getitem__, numbers)

    def _packed(self, pairs: Sequence[tuple[int, int]]) -> list[tuple[Packed, Packed]]:
        columns = self._columns

        def one(record: int) -> Packed:
            return columns.body(record), columns.account_of(record)

        return [(one(a), one(b)) for a, b in pairs]


_given: list[tuple[Crowd, Rules]] = []
"""What a comparing process was given when it began."""


def _begin(crowd: Crowd, rules: Rules) -> None:
    calm_collector()
    _given[:] = [(crowd, rules)]


def _compared(pairs: Sequence[tuple[Packed, Packed]]) -> tuple[list[Score], list[int]]:
    """The different scores of pairs, and which of them each pair has."""
    ((crowd, rules),) = _given
    different: dict[Score, int] = {}
    numbers = [
        different.setdefault(compare(_profile(*a), _profile(*b), crowd, rules), len(different))
        for a, b in pairs
    ]
    return list(different), numbers


@lru_cache(maxsize=4096)
def _profile(body: bytes, account: str | None) -> Profile:
    return unpack(body, account)
