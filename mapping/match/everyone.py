"""Matching records in memory: all at once, or one after another. The two find the same people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mapping.match.accounts import Directory
from mapping.match.census import Census
from mapping.match.cluster import NO_DECISIONS, Clusters, Decisions, Pair, cluster
from mapping.match.compare import Score, compare
from mapping.match.place import Placement, place
from mapping.match.profile import Profile, cut_of, profile
from mapping.match.rules import DEFAULT, Rules
from mapping.model import Value

Records = Mapping[str, Mapping[str, Value]]


def match_all(
    records: Records, *, rules: Rules = DEFAULT, decisions: Decisions = NO_DECISIONS
) -> Clusters:
    """The people behind all these records, by record id."""
    profiles = profiles_of(records, rules)
    census = Census()
    for made in profiles.values():
        census.count(made)
    by_key: dict[int, list[str]] = {}
    for made in profiles.values():
        for one in made.keys:
            by_key.setdefault(one, []).append(made.record)
    census.hot(one for one, found in by_key.items() if len(found) > cut_of(one))
    crowd = census.crowd

    def score(a: str, b: str) -> Score:
        return compare(profiles[a], profiles[b], crowd, rules)

    pairs = (Pair(a, b, score(a, b)) for a, b in candidate_pairs(by_key))
    return cluster(list(records), pairs, score, rules=rules, decisions=decisions)


def candidate_pairs(by_key: Mapping[int, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Each two records that share a key, once; keys of too many find nobody."""
    seen: set[tuple[str, str]] = set()
    for one, found in by_key.items():
        if not 2 <= len(found) <= cut_of(one):
            continue
        for number, a in enumerate(found):
            for b in found[number + 1 :]:
                pair = (a, b) if a < b else (b, a)
                if a != b and pair not in seen:
                    seen.add(pair)
                    yield pair


def profiles_of(records: Records, rules: Rules = DEFAULT) -> dict[str, Profile]:
    """The profiles of all records, each with its account.

    Companies are told in two rounds, those that say most about themselves first, so that their
    order does not matter: what a later record teaches of a company counts for the earlier ones.
    """
    made = {record: profile(record, values, rules) for record, values in records.items()}
    directory = Directory()
    numbers = iter(range(len(made) + 1))
    ordered = sorted(made.values(), key=_says_less)
    for _ in range(2):
        for one in ordered:
            if one.firm.is_known:
                one.account, _new = directory.take(one.firm, lambda: f"a{next(numbers)}")
    return made


def _says_less(made: Profile) -> tuple[object, ...]:
    firm = made.firm
    return (not firm.number, not (firm.domains and firm.names), not firm.domains, firm)


class Matcher:
    """Records taken in one after another, each placed among those before it."""

    def __init__(self, rules: Rules = DEFAULT, decisions: Decisions = NO_DECISIONS) -> None:
        self.rules = rules
        self.decisions = decisions
        self.leads: dict[str, list[Profile]] = {}
        self.of: dict[str, str] = {}
        self.review: list[tuple[str, str]] = []
        self._by_key: dict[int, list[str]] = {}
        self._census = Census()
        self._directory = Directory()

    def add(self, record: str, values: Mapping[str, Value]) -> Placement:
        """Take a record in; its lead is ``of[record]``, named by the first record it had."""
        made = profile(record, values, self.rules)
        if made.firm.is_known:
            made.account, _ = self._directory.take(made.firm, lambda: f"a:{record}")
        found = {self.of[one] for one in self._candidates(made.keys)}
        self._census.count(made)
        placed = place(
            made,
            {lead: self.leads[lead] for lead in found},
            crowd=self._census.crowd,
            rules=self.rules,
            decisions=self.decisions,
        )
        lead = placed.same[0].lead if placed.same else record
        self.leads.setdefault(lead, []).append(made)
        self.of[record] = lead
        for other in placed.same[1:]:
            self._merge(lead, other.lead)
        for one in made.keys:
            self._by_key.setdefault(one, []).append(record)
        return placed

    def _candidates(self, keys: Iterable[int]) -> Iterator[str]:
        for one in keys:
            found = self._by_key.get(one, ())
            if len(found) <= cut_of(one):
                yield from found
            else:
                self._census.hot((one,))

    def _merge(self, winner: str, loser: str) -> None:
        for made in self.leads.pop(loser):
            self.of[made.record] = winner
            self.leads[winner].append(made)
