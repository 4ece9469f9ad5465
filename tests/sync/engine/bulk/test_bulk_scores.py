"""Scores of many pairs at once are those of comparing each, whatever the records say."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import inf

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapping.match.accounts import Firm
from mapping.match.census import Census
from mapping.match.compare import Score, compare
from mapping.match.everyone import profiles_of
from mapping.match.extra import Learnt
from mapping.match.profile import Profile, cut_of, profile
from mapping.match.rules import DEFAULT, Extra, Rules
from mapping.model import Value
from sync.engine.bulk import census, packed
from sync.engine.bulk.columns import Columns, components, read
from sync.engine.bulk.comparing import Comparer
from sync.engine.bulk.facts import Pool
from sync.engine.bulk.packed import pack
from sync.engine.bulk.pairs import Finder
from sync.engine.bulk.score import Judge
from sync.engine.bulk.telling import tell_accounts

EXTRAS = Rules(
    extras=(
        Extra("city", "text", same=1.7, close=0.4, differ=-1.1, tie=True),
        Learnt("title", "tokens", same=4.0, close=1.0, differ=-2.0, usual={"部長": 0.5}),
    )
)


def maybe(*texts: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *texts])


PARTS = st.fixed_dictionaries(
    {
        "family_name": maybe(
            "佐藤", "斉藤", "齋藤", "サトウ", "Sato", "Satou", "Robertson", "高", "Li"
        ),
        "given_name": maybe(
            "花子", "華子", "ハナコ", "Hanako", "Hana", "H", "Jonathan", "Jon", "一郎"
        ),
        "full_name": maybe(
            "佐藤花子", "花子佐藤", "Sato Hanako", "Jon Robertson", "新見剛", "佐藤"
        ),
        "family_kana": maybe("サトウ", "サイトウ", "サドウ"),
        "given_kana": maybe("ハナコ", "イチロウ", "バナコ"),
        "family_romaji": maybe("sato"),
        "given_romaji": maybe("hanako", "ichiro", "hana ko"),
        "email": maybe(
            "hanako.sato@aozora.co.jp",
            "hanako.satoh@aozora.co.jp",
            "hanako.sato@aozola.co.jp",
            "h.sato@minato.co.jp",
            "i.sato@aozora.co.jp",
            "jon.robertson@gmail.com",
            "info@aozora.co.jp",
        ),
        "emails": st.sampled_from([None, None, None, ["h.sato@minato.co.jp"], ["sato@x1.example"]]),
        "mobile": maybe("+819011112222", "+819033334444"),
        "phone": maybe("+81312345678", "+81312345678;ext=12", "+81399999999", "+819011112222"),
        "phones": st.sampled_from([None, None, None, ["+81399999999"]]),
        "company": maybe(
            "株式会社青空製作所",
            "青空製作所販売",
            "Aozora Works",
            "みなと商事（旧 青空製作所）",
            "青空製作",
        ),
        "corporate_number": maybe("7000012050002", "8000012050001"),
        "website": maybe("https://aozora.co.jp", "https://www.minato.co.jp"),
        "prefecture": maybe("東京都", "大阪府"),
        "city": maybe("千代田区", "千代田", "大阪市"),
        "department": maybe("営業部", "営業部 第一課", "総務部", "Sales"),
        "title": maybe("部長", "部長 代理", "課長"),
    }
)
PEOPLE = st.lists(PARTS, min_size=2, max_size=9)


def every_pair(columns: Columns) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.triu_indices(len(columns), 1)
    return columns.in_order(a.astype(np.int32), b.astype(np.int32))


def both_ways(
    people: Sequence[dict[str, Value]], rules: Rules, floor: float
) -> tuple[dict[tuple[str, str], Score], dict[tuple[str, str], Score]]:
    """The scores of all pairs in bulk, and one by one."""
    records = {
        f"r{number}": {name: value for name, value in one.items() if value is not None}
        for number, one in enumerate(people)
    }
    profiles = profiles_of(records, rules)
    counted = Census()
    by_key: dict[int, int] = {}
    for made in profiles.values():
        counted.count(made)
        for one in made.keys:
            by_key[one] = by_key.get(one, 0) + 1
    counted.hot(one for one, count in by_key.items() if count > cut_of(one))
    columns = read(pack(made) for made in profiles.values())
    tell_accounts(columns)
    with Finder(columns, "100MB", 1) as finder:
        crowd = census.take(columns, finder)
    plain = all(type(one) is Extra for one in rules.extras)
    with Comparer(columns, crowd, rules, 1) as comparer:
        judge = Judge(Pool(columns, is_plain=plain), crowd, rules, comparer)
        found = judge.scored([every_pair(columns)], floor)
    names = columns.records
    in_bulk = {
        (names[a], names[b]): judge.scores.all[score]
        for a, b, score in zip(*(one.tolist() for one in found), strict=True)
    }
    alone = {
        (a, b): score
        for a, b in combinations(sorted(profiles), 2)
        if (score := compare(profiles[a], profiles[b], counted.crowd, rules)).points >= floor
    }
    return in_bulk, alone


@given(PEOPLE)
@settings(deadline=None, max_examples=75, suppress_health_check=[HealthCheck.too_slow])
def test_every_pair_scores_as_if_it_were_compared(people: list[dict[str, Value]]) -> None:
    in_bulk, alone = both_ways(people, DEFAULT, -inf)
    assert in_bulk == alone


@given(PEOPLE)
@settings(deadline=None, max_examples=75, suppress_health_check=[HealthCheck.too_slow])
def test_no_pair_that_reaches_the_floor_is_lost(people: list[dict[str, Value]]) -> None:
    in_bulk, alone = both_ways(people, DEFAULT, DEFAULT.review)
    assert in_bulk == alone


@given(PEOPLE)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_the_same_with_further_fields(people: list[dict[str, Value]]) -> None:
    in_bulk, alone = both_ways(people, EXTRAS, EXTRAS.review)
    assert in_bulk == alone


FIRMS = st.builds(
    Firm,
    st.sampled_from(["", "", "", "7000012050002", "8000012050001"]),
    st.lists(st.sampled_from(["a.jp", "b.jp", "c.jp"]), max_size=3, unique=True).map(tuple),
    st.lists(
        st.sampled_from(["青空製作所", "青空製作所販売", "aozora", "みなと商事"]),
        max_size=3,
        unique=True,
    ).map(tuple),
    st.lists(st.sampled_from(["青空製作所", "若葉"]), max_size=2, unique=True).map(tuple),
    st.sampled_from(["", "東京都", "大阪府"]),
)


@given(st.lists(FIRMS, min_size=1, max_size=14))
@settings(deadline=None, max_examples=300)
def test_companies_are_the_same_accounts(firms: list[Firm]) -> None:
    made = [profile(f"r{number}", {}) for number in range(len(firms))]
    for one, firm in zip(made, firms, strict=True):
        one.firm = firm
    columns = read(map(pack, made))
    tell_accounts(columns)
    told = [columns.account_of(number) for number in range(len(made))]
    expected = _told_in_rounds(made)
    assert [one is None for one in told] == [one is None for one in expected]
    assert _partition(told) == _partition(expected)


def _told_in_rounds(made: Sequence[Profile]) -> list[str | None]:
    from mapping.match.accounts import Directory
    from mapping.match.everyone import _says_less

    directory, numbers = Directory(), iter(range(1000))
    for _ in range(2):
        for one in sorted(made, key=_says_less):
            if one.firm.is_known:
                one.account, _ = directory.take(one.firm, lambda: f"n{next(numbers)}")
    return [one.account for one in made]


def _partition(told: Sequence[str | None]) -> set[frozenset[int]]:
    groups: dict[str, set[int]] = {}
    for number, account in enumerate(told):
        if account is not None:
            groups.setdefault(account, set()).add(number)
    return set(map(frozenset, groups.values()))


@given(
    st.integers(1, 30).flatmap(
        lambda size: st.tuples(
            st.just(size),
            st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=40),
        )
    )
)
def test_components_are_named_by_their_first(given_: tuple[int, list[tuple[int, int]]]) -> None:
    size, twos = given_
    sets = [{one} for one in range(size)]
    for a, b in twos:
        joined = sets[a] | sets[b]
        for one in joined:
            sets[one] = joined
    a, b = np.array(twos, np.int32).reshape(-1, 2).T
    assert components(size, a, b).tolist() == [min(one) for one in sets]


@pytest.mark.parametrize("text", ["", "a", "sato", "zzzzzzzzzzzz"])
def test_a_word_is_packed_first_letter_highest(text: str) -> None:
    assert packed.word(text) <= packed.word(text + "a") or len(text) == packed.LETTERS
    unpacked = [packed.word(text) >> 5 * at & 31 for at in reversed(range(packed.LETTERS))]
    assert "".join(chr(96 + one) for one in unpacked if one) == text


@given(PARTS)
@settings(deadline=None)
def test_a_packed_profile_compares_like_the_profile(values: dict[str, Value]) -> None:
    made = profile("r", {name: value for name, value in values.items() if value is not None})
    again = packed.unpack(pack(made).body, made.account)
    assert compare(made, again) == compare(made, made) == compare(again, made)
