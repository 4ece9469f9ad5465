"""Bulk matching finds what matching all at once in plain Python finds: people, and pairs to ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from benchmarks.leads import generate
from benchmarks.leads.reading import values_of
from mapping.match.cluster import NO_DECISIONS, Clusters, Decisions
from mapping.match.everyone import match_all
from mapping.match.extra import Learnt
from mapping.match.rules import DEFAULT, Extra, Rules
from mapping.model import Value
from sync.engine import bulk
from sync.engine.bulk import MissingExtra, match_bulk, pack_all, pairs

Records = Mapping[str, Mapping[str, Value]]


def leads(seed: int, people: int, kind: str = "japanese") -> dict[str, dict[str, Value]]:
    return dict(map(values_of, generate(seed, people, kind)))


def in_bulk(
    records: Records, rules: Rules = DEFAULT, decisions: Decisions = NO_DECISIONS
) -> Clusters:
    rows = pack_all(records.items(), rules=rules, processes=1)
    return match_bulk(rows, rules=rules, decisions=decisions, processes=1)


def people(found: Clusters) -> dict[str, frozenset[str]]:
    return {name: frozenset(records) for name, records in found.members.items()}


def same(one: Clusters, other: Clusters) -> None:
    assert dict(one.of) == dict(other.of)
    assert people(one) == people(other)
    assert list(one.review) == list(other.review)


@pytest.mark.parametrize("seed", [101, 102, 103])
@pytest.mark.parametrize("kind", ["japanese", "western"])
def test_bulk_finds_the_same_people_and_asks_the_same(kind: str, seed: int) -> None:
    records = leads(seed, 700, kind)
    expected = match_all(records)
    assert len(expected.members) < len(records)
    assert expected.review
    same(in_bulk(records), expected)


def test_several_processes_and_small_portions_change_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records = leads(104, 500)
    expected = in_bulk(records)
    monkeypatch.setattr(pairs, "RANGE", 100)
    monkeypatch.setattr("sync.engine.bulk.clusters.RANGE", 100)
    monkeypatch.setattr("sync.engine.bulk.columns._BLOCK", 64)
    monkeypatch.setattr("sync.engine.bulk.comparing._ENOUGH", 1)
    monkeypatch.setattr("sync.engine.bulk.telling._PART", 50)
    rows = pack_all(records.items(), processes=2)
    same(match_bulk(rows, processes=2, memory="100MB"), expected)


def test_the_order_of_records_only_names_the_people() -> None:
    records = leads(105, 400)
    turned = dict(reversed(records.items()))
    there, back = in_bulk(records), in_bulk(turned)
    assert set(people(there).values()) == set(people(back).values())
    assert list(there.review) == list(back.review)


def _decided(records: Records) -> Iterable[Decisions]:
    plain = match_all(records)
    joined = [sorted(members)[:2] for members in plain.members.values() if len(members) > 1]
    asked = [(pair.a, pair.b) for pair in plain.review]
    different: dict[str, set[str]] = {}
    for a, b in [*map(tuple, joined[::3]), *asked[::4]]:
        different.setdefault(a, set()).add(b)
        different.setdefault(b, set()).add(a)
    frozen = {record: frozenset(others) for record, others in different.items()}
    yield Decisions(different=frozen)
    yield Decisions(same=asked[1::4])
    yield Decisions(same=asked[1::3], different=frozen)


@pytest.mark.parametrize("kind", ["japanese", "western"])
def test_what_people_said_counts_alike(kind: str) -> None:
    records = leads(106, 400, kind)
    for decisions in _decided(records):
        same(in_bulk(records, decisions=decisions), match_all(records, decisions=decisions))


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param(Rules(accept=9.0, review=-4.0, veto=-8.0), id="other thresholds"),
        pytest.param(Rules(largest=2), id="small clusters"),
        pytest.param(Rules(points={"names_differ": 3.3, "department": 7.1}), id="odd points"),
        pytest.param(
            Rules(
                extras=(
                    Extra("prefecture", "text", same=1.7, close=0.4, differ=-1.1),
                    Extra("title", "tokens", same=4.0, close=1.0, differ=-2.0, tie=True),
                ),
                keys=(("family_name:1", "prefecture"),),
            ),
            id="further fields and keys",
        ),
        pytest.param(
            Rules(
                extras=(Learnt("prefecture", "text", same=2.0, differ=-1.0, usual={"東京都": 0.2}),)
            ),
            id="learnt fields",
        ),
    ],
)
def test_the_rules_count_alike(rules: Rules) -> None:
    records = leads(107, 250)
    same(in_bulk(records, rules), match_all(records, rules=rules))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_records_are_no_special_case(count: int) -> None:
    records = dict(list(leads(108, 40).items())[:count])
    same(in_bulk(records), match_all(records))


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "find_spec", lambda name: None if name == "duckdb" else object())
    with pytest.raises(MissingExtra, match=r"duckdb.*pip install 'renkei\[bulk\]'"):
        match_bulk([])
