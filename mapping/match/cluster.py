"""From scored pairs to people: best first, and never across a contradiction.

Two clusters join by their best pair, unless any two of their records contradict each other, a
person has said that they differ, or the cluster would be too large. What fails is left to review,
with what stood in its way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mapping.match.compare import Score
from mapping.match.rules import DEFAULT, STRONG, Rules

Scorer = Callable[[str, str], Score]


class Pair(NamedTuple):
    """Two records and what was found when they were compared.

    ``blocked`` says why they did not join: ``contradiction``, ``decision``, ``size``, ``rival``, or
    "" if the score was too low.
    """

    a: str
    b: str
    score: Score
    blocked: str = ""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people, and vendors that merged records, have said for good about pairs of records."""

    same: Collection[tuple[str, str]] = ()
    different: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def forbids(self, ours: Iterable[str], theirs: Collection[str]) -> bool:
        """Whether somebody said that a record of one cluster and one of the other differ."""
        if not self.different:
            return False
        others = frozenset(theirs)
        return any(
            not self.different[one].isdisjoint(others) for one in ours if one in self.different
        )


NO_DECISIONS = Decisions()


@dataclass(frozen=True, slots=True)
class Clusters:
    """Who is who: each record's cluster (named by its first record), and the pairs to look at."""

    of: Mapping[str, str]
    members: Mapping[str, Sequence[str]]
    review: Sequence[Pair]


RIVAL = 3.0
"""A record that ties about as well to two who contradict each other belongs to neither yet."""


def cluster(
    records: Sequence[str],
    pairs: Iterable[Pair],
    score: Scorer,
    *,
    rules: Rules = DEFAULT,
    decisions: Decisions = NO_DECISIONS,
) -> Clusters:
    """The clusters of records. ``pairs`` are those that share a key; ``score`` compares others.

    The result does not depend on the order of ``pairs``.
    """
    return _Clustering(records, score, rules, decisions).run(pairs)


class _Clustering:
    def __init__(
        self, records: Sequence[str], score: Scorer, rules: Rules, decisions: Decisions
    ) -> None:
        self.score = score
        self.rules = rules
        self.decisions = decisions
        self.place = {record: number for number, record in enumerate(records)}
        self.of = {record: record for record in records}
        self.members: dict[str, list[str]] = {record: [record] for record in records}
        self.known: dict[tuple[str, str], Score] = {}

    def run(self, pairs: Iterable[Pair]) -> Clusters:
        rules = self.rules
        for a, b in self.decisions.same:
            if a in self.of and b in self.of:
                self._join(self.of[a], self.of[b])
        maybe: list[Pair] = []
        for pair in pairs:
            if pair.score.points >= rules.review:
                maybe.append(pair)
            self.known[self._key(pair.a, pair.b)] = pair.score
        maybe.sort(key=lambda pair: (-pair.score.points, *self._key(pair.a, pair.b)))
        rivals = self._rivals(maybe)
        review: list[Pair] = []
        for pair in maybe:
            one, other = self.of[pair.a], self.of[pair.b]
            if one == other:
                continue
            blocked = ""
            if is_automatic(pair.score, rules):
                blocked = "rival" if pair in rivals else self._obstacle(one, other, pair.score)
                if not blocked:
                    self._join(one, other)
                    continue
            if blocked != "decision":
                review.append(pair._replace(blocked=blocked))
        kept = [
            pair
            for pair in review
            if self.of[pair.a] != self.of[pair.b]
            and not self.decisions.forbids(
                self.members[self.of[pair.a]], self.members[self.of[pair.b]]
            )
        ]
        return Clusters(self.of, self.members, kept)

    def _rivals(self, maybe: Sequence[Pair]) -> set[Pair]:
        """Pairs of a record with two others that contradict each other, with no clear winner."""
        by_record: dict[str, list[tuple[Pair, str]]] = {}
        for pair in maybe:
            if is_automatic(pair.score, self.rules):
                by_record.setdefault(pair.a, []).append((pair, pair.b))
                by_record.setdefault(pair.b, []).append((pair, pair.a))
        found: set[Pair] = set()
        for ties in by_record.values():
            best = ties[0][0].score.points
            near = [one for one in ties if one[0].score.points > best - RIVAL][: self.rules.largest]
            for (pair, b), (other, c) in _twos(near):
                if self._score(b, c).forbids(self.rules):
                    found |= {pair, other}
        return found

    def _obstacle(self, one: str, other: str, score: Score) -> str:
        ours, theirs = self.members[one], self.members[other]
        if self.decisions.forbids(ours, theirs):
            return "decision"
        if len(ours) + len(theirs) > self.rules.largest and not is_own(score):
            return "size"
        if any(self._score(a, b).forbids(self.rules) for a in ours for b in theirs):
            return "contradiction"
        return ""

    def _join(self, one: str, other: str) -> None:
        if one == other:
            return
        if self.place[other] < self.place[one]:
            one, other = other, one
        for record in self.members[other]:
            self.of[record] = one
        self.members[one] += self.members.pop(other)

    def _score(self, a: str, b: str) -> Score:
        key = self._key(a, b)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = self.score(*key)
        return found

    @staticmethod
    def _key(a: str, b: str) -> tuple[str, str]:
        return (a, b) if a < b else (b, a)


def is_own(score: Score) -> bool:
    """Whether two records share what only one person has; such may be any number of records."""
    return any(one.code in STRONG for one in score.reasons)


def is_automatic(score: Score, rules: Rules) -> bool:
    """Whether two records may be tied without a person's word."""
    return score.is_clear and score.points >= rules.accept


def _twos(ties: Sequence[tuple[Pair, str]]) -> Iterator[tuple[tuple[Pair, str], tuple[Pair, str]]]:
    for number, one in enumerate(ties):
        for other in ties[number + 1 :]:
            yield one, other
