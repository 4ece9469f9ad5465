"""The same in plain Python, for where the extra is not installed and the store is small."""

from __future__ import annotations

from collections.abc import Mapping

from mapping.match.accounts import Directory
from mapping.match.census import Census
from mapping.match.cluster import Clusters, Decisions, Pair, cluster
from mapping.match.compare import Score, compare
from mapping.match.everyone import _says_less, candidate_pairs
from mapping.match.profile import cut_of, profile
from mapping.match.rules import Rules
from mapping.model import Value


def match_plain(
    records: Mapping[str, Mapping[str, Value]],
    rules: Rules,
    decisions: Decisions,
    directory: Directory,
) -> Clusters:
    """The people behind records, whose companies may be among the accounts of ``directory``."""
    profiles = {record: profile(record, values, rules) for record, values in records.items()}
    numbers = iter(range(len(profiles) + 1))
    for _ in range(2):
        for made in sorted(profiles.values(), key=_says_less):
            if made.firm.is_known:
                made.account, _new = directory.take(made.firm, lambda: f"new{next(numbers)}")
    census = Census()
    by_key: dict[int, list[str]] = {}
    for made in profiles.values():
        census.count(made)
        for one in made.keys:
            by_key.setdefault(one, []).append(made.record)
    census.hot(one for one, found in by_key.items() if len(found) > cut_of(one))

    def score(a: str, b: str) -> Score:
        return compare(profiles[a], profiles[b], census.crowd, rules)

    pairs = (Pair(a, b, score(a, b)) for a, b in candidate_pairs(by_key))
    return cluster(list(records), pairs, score, rules=rules, decisions=decisions)
