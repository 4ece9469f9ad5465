"""From scored pairs to people, for millions: who could join is told apart first.

Records join only through pairs that tie them unasked, so each set of records that such pairs
connect is looked at alone. Where no two of a set contradict each other, nothing can stand in the
way of any join, and the set is one person. Every other set goes through ``mapping.match.cluster``,
which is the definition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mapping.match.cluster import Clusters, Decisions, Pair, cluster, is_automatic
from mapping.match.compare import Score
from sync.engine.bulk.columns import RANGE, Bools, Columns, Places, components
from sync.engine.bulk.score import Judge, Scored

_LARGE = 50
"""In larger sets only the scores that are asked for are worked out."""


def clusters(columns: Columns, judge: Judge, scored: Scored, decisions: Decisions) -> Clusters:
    """The clusters that ``mapping.match.cluster`` finds; ``scored`` are all pairs to look at."""
    return _Clustering(columns, judge, scored, decisions).run()


class _Clustering:
    def __init__(
        self, columns: Columns, judge: Judge, scored: Scored, decisions: Decisions
    ) -> None:
        self.columns, self.judge, self.scored = columns, judge, scored
        self.decisions = decisions
        self.records, self.rules = columns.records, judge.rules
        is_tie = judge.scores.each(lambda one: is_automatic(one, judge.rules)) > 0
        self.tied: Bools = is_tie[scored.score]
        self.said = [pair for pair in decisions.same if self._knows(pair)]

    def run(self) -> Clusters:
        """Everybody's cluster, and what is left to a person."""
        size = len(self.records)
        numbers = self.columns.numbers_of(one for pair in self.said for one in pair)
        said_a, said_b = np.array(numbers, np.int32).reshape(-1, 2).T
        said = components(size, said_a, said_b)
        ties = self.scored.where(self.tied)
        sets = components(size, np.append(ties.a, said_a), np.append(ties.b, said_b))
        is_settled = np.ones(size, np.bool_)
        np.logical_and.at(is_settled, sets, said == sets)
        inside = self.judge.scored(self._inside(sets, is_settled))
        held = ~is_settled & self._may_not_join(sets, inside)
        joined = np.where(held[sets], said, sets)
        review: list[Pair] = []
        for numbers, found in self._one_by_one(sets, held, inside, ties):
            review += found.review
            local = {self.records[number]: number for number in numbers}
            joined[numbers] = [local[found.of[one]] for one in local]
        review += self._open(joined)
        review.sort(key=lambda pair: (-pair.score.points, pair.a, pair.b))
        return self._result(joined, review)

    def _knows(self, pair: tuple[str, str]) -> bool:
        return self.columns.knows(pair[0]) and self.columns.knows(pair[1])

    def _inside(self, sets: Places, is_settled: Bools) -> Iterator[tuple[Places, Places]]:
        """Each two records of a set that is of more than what was said."""
        order = np.argsort(sets, kind="stable").astype(np.int32)
        firsts, starts, sizes = np.unique(sets[order], return_index=True, return_counts=True)
        for size in range(2, _LARGE + 1):
            of_size = starts[(sizes == size) & ~is_settled[firsts]]
            rows, columns = np.triu_indices(size, 1)
            step = max(1, RANGE // len(rows))
            for at in range(0, len(of_size), step):
                members = order[of_size[at : at + step, None] + np.arange(size)]
                a, b = members[:, rows].ravel(), members[:, columns].ravel()
                yield self.columns.in_order(a, b)

    def _may_not_join(self, sets: Places, inside: Scored) -> Bools:
        """For each set (by its first record), whether something may stand in the way."""
        forbids = self.judge.scores.each(lambda one: one.forbids(self.rules)) > 0
        held: Bools = np.bincount(sets, minlength=len(sets)) > min(self.rules.largest, _LARGE)
        held[sets[inside.a[forbids[inside.score]]]] = True
        decided = [one for one in self.decisions.different if self.columns.knows(one)]
        held[sets[self.columns.numbers_of(decided)]] = True
        return held

    def _one_by_one(
        self, sets: Places, held: Bools, inside: Scored, ties: Scored
    ) -> Iterator[tuple[list[int], Clusters]]:
        """The records and clusters of each set that is held."""
        known = self._by_set(sets, inside.where(held[sets[inside.a]]))
        tied = self._by_set(sets, ties.where(held[sets[ties.a]]))
        said: dict[int, list[tuple[str, str]]] = {}
        for pair in self.said:
            said.setdefault(int(sets[self.columns.number_of(pair[0])]), []).append(pair)
        members: dict[int, list[int]] = {}
        for number in np.flatnonzero(held[sets]).tolist():
            members.setdefault(int(sets[number]), []).append(number)
        for one, numbers in members.items():
            scores = {(pair.a, pair.b): pair.score for pair in known.get(one, ())}
            yield (
                numbers,
                cluster(
                    [self.records[number] for number in numbers],
                    tied.get(one, ()),
                    _Known(scores, self.judge),
                    rules=self.rules,
                    decisions=Decisions(said.get(one, ()), self.decisions.different),
                ),
            )

    def _by_set(self, sets: Places, scored: Scored) -> dict[int, list[Pair]]:
        found: dict[int, list[Pair]] = {}
        for one, pair in zip(sets[scored.a].tolist(), self._pairs(scored), strict=True):
            found.setdefault(one, []).append(pair)
        return found

    def _pairs(self, scored: Scored) -> Iterator[Pair]:
        records, scores = self.records, self.judge.scores.all
        for a, b, score in zip(*(one.tolist() for one in scored), strict=True):
            yield Pair(records[a], records[b], scores[score])

    def _open(self, joined: Places) -> Iterator[Pair]:
        """The pairs that are not sure enough, of two clusters that nobody said to differ."""
        maybe = self.scored.where(~self.tied & (joined[self.scored.a] != joined[self.scored.b]))
        rank, points = self.columns.rank, self.judge.scores.each(lambda score: -score.points)
        maybe = maybe.where(np.lexsort((rank[maybe.b], rank[maybe.a], points[maybe.score])))
        apart = {
            (int(joined[one]), int(joined[other]))
            for record, others in self.decisions.different.items()
            if self.columns.knows(record)
            for one in (self.columns.number_of(record),)
            for other in self.columns.numbers_of(filter(self.columns.knows, others))
        }
        if not apart:
            return self._pairs(maybe)
        twos = zip(joined[maybe.a].tolist(), joined[maybe.b].tolist(), strict=True)
        return self._pairs(maybe.where(np.array([two not in apart for two in twos], np.bool_)))

    def _result(self, joined: Places, review: Sequence[Pair]) -> Clusters:
        records = self.records
        first = joined.tolist()
        members: dict[str, list[str]] = {}
        of: dict[str, str] = {}
        for record, number in zip(records, first, strict=True):
            of[record] = name = records[number]
            if name is record:
                members[name] = [record]
            else:
                members[name].append(record)
        return Clusters(of, members, review)


class _Known:
    """Scores that are known already, and others when they are asked for."""

    def __init__(self, scores: dict[tuple[str, str], Score], judge: Judge) -> None:
        self.scores, self.judge = scores, judge

    def __call__(self, a: str, b: str) -> Score:
        found = self.scores.get((a, b))
        if found is None:
            columns = self.judge.columns
            found = self.judge.one(columns.number_of(a), columns.number_of(b))
        return found
