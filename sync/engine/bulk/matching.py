"""Everything matched at once, step by step."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from mapping.match.accounts import Directory
from mapping.match.cluster import Clusters, Decisions
from mapping.match.compare import Score
from mapping.match.rules import Extra, Rules
from sync.engine.bulk import MEMORY, census
from sync.engine.bulk.clusters import clusters
from sync.engine.bulk.columns import Columns, read
from sync.engine.bulk.comparing import Comparer
from sync.engine.bulk.facts import Pool
from sync.engine.bulk.packed import PackedRow
from sync.engine.bulk.packing import cores
from sync.engine.bulk.pairs import Finder
from sync.engine.bulk.score import Judge
from sync.engine.bulk.telling import tell_accounts


def match(
    rows: Iterable[PackedRow],
    *,
    rules: Rules,
    decisions: Decisions | Callable[[], Decisions],
    processes: int | None,
    memory: str,
    directory: Directory | None,
) -> Clusters:
    """The clusters of packed rows; see ``match_bulk``."""
    count = cores() if processes is None else processes
    with _without_collector():
        return _match(rows, rules, decisions, count, memory, directory)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Python looks for no cycles meanwhile: millions of tuples are made, and no cycle."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _match(
    rows: Iterable[PackedRow],
    rules: Rules,
    decisions: Decisions | Callable[[], Decisions],
    count: int,
    memory: str,
    directory: Directory | None,
) -> Clusters:
    columns = read(rows)
    said = decisions if isinstance(decisions, Decisions) else decisions()
    tell_accounts(columns, processes=count, directory=directory)
    with _judging(columns, rules, count, memory) as (judge, finder):
        scored = judge.scored(finder.pairs(), rules.review)
        return clusters(columns, judge, scored, said)


class Sample(NamedTuple):
    """Scores of some pairs of records, each with how many pairs have it.

    ``near`` are of pairs that share a key, each of which stands for ``times``; ``any`` are of pairs
    taken by chance.
    """

    records: int
    times: int
    near: list[tuple[Score, int]]
    any: list[tuple[Score, int]]


def sample(
    rows: Iterable[PackedRow], *, rules: Rules, most: int, processes: int | None = None
) -> Sample:
    """Scores of about ``most`` pairs of each sort, by chance that is the same each time."""
    count = cores() if processes is None else processes
    columns = read(rows)
    tell_accounts(columns, processes=count)
    with _judging(columns, rules, count, MEMORY) as (judge, finder):
        chance = np.random.default_rng(0)
        a, b = chance.integers(0, max(len(columns), 1), (2, most), dtype=np.int32)
        two = a != b
        anyone = [columns.in_order(a[two], b[two])] if len(columns) else []
        parts, some = finder.sample(most)
        near, far = judge.scored([some]), judge.scored(anyone)
        found = [
            np.bincount(one.score, minlength=len(judge.scores.all)).tolist() for one in (near, far)
        ]
        return Sample(
            len(columns),
            parts,
            *(
                [
                    (score, times)
                    for score, times in zip(judge.scores.all, all_times, strict=True)
                    if times
                ]
                for all_times in found
            ),
        )


@contextmanager
def _judging(
    columns: Columns, rules: Rules, count: int, memory: str
) -> Iterator[tuple[Judge, Finder]]:
    with Finder(columns, memory, count) as finder:
        crowd = census.take(columns, finder)
        pool = Pool(columns, is_plain=all(type(one) is Extra for one in rules.extras))
        with Comparer(columns, crowd, rules, count) as comparer:
            yield Judge(pool, crowd, rules, comparer, count), finder
