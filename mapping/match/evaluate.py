"""How good a matching is, against labels: pairs, B-cubed, and exact clusters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """Precision, recall and F1 of pairs and by B-cubed; counts behind them.

    Pairs: of two records put together, how many belong together, and the other way round, after
    transitive closure. B-cubed: the same per record, averaged (Bagga and Baldwin, 1998). ``exact``
    is the share of true clusters that were found as they are. With no pair to find (or found),
    recall (or precision) is 1.
    """

    records: int
    people: int
    clusters: int
    true_pairs: int
    found_pairs: int
    right_pairs: int
    b3_precision: float
    b3_recall: float
    exact: float

    @property
    def precision(self) -> float:
        """Of the pairs that were put together, the share that belongs together."""
        return self.right_pairs / self.found_pairs if self.found_pairs else 1.0

    @property
    def recall(self) -> float:
        """Of the pairs that belong together, the share that was put together."""
        return self.right_pairs / self.true_pairs if self.true_pairs else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall of pairs."""
        return _mean(self.precision, self.recall)

    @property
    def b3_f1(self) -> float:
        """The harmonic mean of B-cubed precision and recall."""
        return _mean(self.b3_precision, self.b3_recall)


def figures(found: Mapping[str, Hashable], truth: Mapping[str, Hashable]) -> Figures:
    """How the clusters ``found`` (record → cluster) compare with the ``truth`` (record → person).

    Records without a label are left out.
    """
    both: Counter[tuple[Hashable, Hashable]] = Counter()
    clusters: Counter[Hashable] = Counter()
    people: Counter[Hashable] = Counter()
    for record, person in truth.items():
        cluster = found[record]
        both[cluster, person] += 1
        clusters[cluster] += 1
        people[person] += 1
    total = len(truth)
    precision = sum(n * n / clusters[cluster] for (cluster, _), n in both.items())
    recall = sum(n * n / people[person] for (_, person), n in both.items())
    exact = sum(
        1 for (cluster, person), n in both.items() if n == clusters[cluster] == people[person]
    )
    return Figures(
        records=total,
        people=len(people),
        clusters=len(clusters),
        true_pairs=_pairs(people.values()),
        found_pairs=_pairs(clusters.values()),
        right_pairs=_pairs(both.values()),
        b3_precision=precision / total if total else 1.0,
        b3_recall=recall / total if total else 1.0,
        exact=exact / len(people) if people else 1.0,
    )


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _mean(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0
