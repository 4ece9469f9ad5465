"""Records matched all at once, in bulk, and one after another are the same people.

Where records contradict each other, arrival counts: who came first is together already, and only a
person parts them. Everywhere else the order of arrival changes nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations, permutations
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.leads import generate
from benchmarks.leads.reading import values_of
from mapping.match.accounts import Directory
from mapping.match.census import Census
from mapping.match.cluster import Clusters, is_automatic
from mapping.match.compare import compare
from mapping.match.everyone import Matcher, _says_less, candidate_pairs, match_all, profiles_of
from mapping.match.profile import Profile, cut_of
from mapping.match.rules import DEFAULT
from mapping.model import Value
from sync.engine.bulk import match_bulk, pack_all

Records = Mapping[str, Mapping[str, Value]]
SETS = [("japanese", seed) for seed in range(401, 407)] + [
    ("western", seed) for seed in range(401, 405)
]


class Known(NamedTuple):
    """What a hub knows that has seen all these records before."""

    profiles: Mapping[str, Profile]
    census: Census
    companies: Directory
    by_key: Mapping[int, Sequence[str]]


@cache
def leads(kind: str, seed: int) -> Records:
    return dict(map(values_of, generate(seed, 330, kind)))


def known(records: Records) -> Known:
    profiles = profiles_of(records)
    census, companies, numbers = Census(), Directory(), iter(range(len(records)))
    by_key: dict[int, list[str]] = {}
    for _ in range(2):
        for made in sorted(profiles.values(), key=_says_less):
            if made.firm.is_known:
                companies.take(made.firm, lambda: f"a{next(numbers)}")
    for made in profiles.values():
        census.count(made)
        for key in made.keys:
            by_key.setdefault(key, []).append(made.record)
    census.hot(key for key, found in by_key.items() if len(found) > cut_of(key))
    return Known(profiles, census, companies, by_key)


def one_by_one(records: Records, order: Iterable[str], seen: Known) -> dict[str, frozenset[str]]:
    """Each record's people, when they come in this order to a hub that has seen it all before."""
    matcher = Experienced(seen)
    for record in order:
        matcher.add(record, records[record])
    return together(matcher.of)


class Experienced(Matcher):
    """A hub to which companies, shared contacts and crowded keys are nothing new."""

    def __init__(self, seen: Known) -> None:
        super().__init__()
        self._directory, self._census = seen.companies, seen.census
        self._hot = {key for key, found in seen.by_key.items() if len(found) > cut_of(key)}

    def _candidates(self, keys: Iterable[int]) -> Iterator[str]:
        return super()._candidates(key for key in keys if key not in self._hot)


def together(of: Mapping[str, str]) -> dict[str, frozenset[str]]:
    members: dict[str, set[str]] = {}
    for record, lead in of.items():
        members.setdefault(lead, set()).add(record)
    return {record: frozenset(members[lead]) for record, lead in of.items()}


def uncontested(seen: Known) -> set[str]:
    """Records among whom nothing stands in the way of anybody whom they could be tied to."""
    sets: dict[str, set[str]] = {record: {record} for record in seen.profiles}
    crowd = seen.census.crowd
    for a, b in candidate_pairs(seen.by_key):
        if is_automatic(compare(seen.profiles[a], seen.profiles[b], crowd), DEFAULT):
            joined = sets[a] | sets[b]
            for one in joined:
                sets[one] = joined
    return {
        record
        for record, others in sets.items()
        if len(others) <= DEFAULT.largest
        and not any(
            compare(seen.profiles[a], seen.profiles[b], crowd).forbids(DEFAULT)
            for a, b in combinations(sorted(others), 2)
        )
    }


def in_bulk(records: Records) -> Clusters:
    return match_bulk(pack_all(records.items(), processes=1), processes=1)


@pytest.mark.parametrize(("kind", "seed"), SETS)
def test_batch_and_bulk_find_the_same(kind: str, seed: int) -> None:
    records = leads(kind, seed)
    batch, bulk = match_all(records), in_bulk(records)
    assert dict(batch.of) == dict(bulk.of)
    assert list(batch.review) == list(bulk.review)


@pytest.mark.parametrize(("kind", "seed"), SETS)
def test_one_by_one_finds_the_same_wherever_nothing_is_contested(kind: str, seed: int) -> None:
    records = leads(kind, seed)
    seen = known(records)
    clear = uncontested(seen)
    assert len(clear) > 0.9 * len(records)
    batch = together(match_all(records).of)
    shuffled = random.Random(seed).sample(list(records), len(records))
    for order in (list(records), list(reversed(records)), shuffled):
        online = one_by_one(records, order, seen)
        assert {one for one in records if online[one] != batch[one]} & clear == set()


@pytest.mark.parametrize(("kind", "seed"), SETS)
def test_comparing_knows_no_order(kind: str, seed: int) -> None:
    seen = known(leads(kind, seed))
    for a, b in candidate_pairs(seen.by_key):
        there = compare(seen.profiles[a], seen.profiles[b], seen.census.crowd)
        back = compare(seen.profiles[b], seen.profiles[a], seen.census.crowd)
        assert (there.points, there.is_clear, there.is_hard) == (
            back.points,
            back.is_clear,
            back.is_hard,
        )


CLEAR: Mapping[str, Sequence[Mapping[str, Value]]] = {
    "Sato": [
        {"family_name": "佐藤", "given_name": "花子", "email": "h.sato@aozora.co.jp"},
        {"family_name": "佐藤", "given_name": "花子", "company": "株式会社青空製作所"},
        {"full_name": "佐藤 花子", "email": "h.sato@aozora.co.jp", "company": "青空製作所"},
        {"full_name": "Hanako Sato", "email": "h.sato@aozora.co.jp"},
    ],
    "Suzuki": [
        {"family_name": "鈴木", "given_name": "一郎", "mobile": "+819011112222"},
        {"full_name": "鈴木一郎", "mobile": "+819011112222", "company": "みなと商事"},
    ],
    "Takahashi": [
        {"family_name": "髙橋", "given_name": "健", "company": "青空製作所", "title": "部長"},
        {"family_name": "高橋", "given_name": "健", "email": "takahashi@aozora.co.jp"},
    ],
}
RECORDS: Mapping[str, Mapping[str, Value]] = {
    f"{person}{number}": {
        **({"website": "https://aozora.co.jp"} if values.get("company") == "青空製作所" else {}),
        **values,
    }
    for person, records in CLEAR.items()
    for number, values in enumerate(records)
}


@given(st.permutations(list(RECORDS)))
@settings(deadline=None, max_examples=100)
def test_clear_cases_are_told_in_any_order_of_arrival(order: list[str]) -> None:
    online = one_by_one(RECORDS, order, known(RECORDS))
    for one, other in combinations(RECORDS, 2):
        assert (other in online[one]) == (one[:-1] == other[:-1])


@pytest.mark.parametrize("order", list(permutations(["Suzuki0", "Suzuki1", "Takahashi1"])))
def test_a_hub_that_has_seen_nothing_tells_clear_cases_too(order: tuple[str, ...]) -> None:
    matcher = Matcher()
    for record in order:
        matcher.add(record, RECORDS[record])
    online = together(matcher.of)
    assert online["Suzuki0"] == {"Suzuki0", "Suzuki1"}
    assert online["Takahashi1"] == {"Takahashi1"}
