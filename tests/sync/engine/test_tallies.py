"""Scores of an audit: what a record counts for, and that the interval holds."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.engine.tallies import DRIFTED, Difference, Tally, wilson


@pytest.mark.parametrize(
    ("agreeing", "total", "low", "high"),
    [
        pytest.param(10, 10, 0.7225, 1.0, id="all of few"),
        pytest.param(0, 10, 0.0, 0.2775, id="none of few"),
        pytest.param(990, 1000, 0.9817, 0.9946, id="nearly all of many"),
    ],
)
def test_the_interval_is_wilsons(agreeing: int, total: int, low: float, high: float) -> None:
    assert wilson(agreeing / total, total) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share(both: tuple[int, int]) -> None:
    agreeing, total = both
    low, high = wilson(agreeing / total, total)
    assert 0 <= low <= agreeing / total <= high <= 1


def made(found: Sequence[int], of: int = 8) -> list[dict[str, Difference | None]]:
    """Records of some fields, so many of which differ in each."""
    return [
        {
            f"f{place}": Difference("", "", f"f{place}", DRIFTED) if place < bad else None
            for place in range(of)
        }
        for bad in found
    ]


@pytest.mark.parametrize("gone", [0.02, 0.2], ids=["few gone", "many gone"])
def test_the_interval_holds_the_score_of_all_though_values_go_wrong_together(gone: float) -> None:
    """Of 500 samples at least 95 % have an interval that the whole's score lies in."""
    chance = Random(1)
    whole = [8 if chance.random() < gone else int(chance.random() < 0.05) for _ in range(1000)]
    true = 1 - mean(whole) / 8

    held = 0
    for _ in range(500):
        tally = Tally(("crm",), share=0.2)
        for record in made(chance.sample(whole, 200)):
            tally.note(record)
        low, high = tally.interval or (0, 0)
        held += low <= true <= high

    assert held >= 475


def test_a_record_counts_once_however_many_fields_it_has() -> None:
    tally = Tally(("crm",))
    for record in (*made([8]), *made([0], of=2), {}):
        tally.note(record)

    assert (tally.score, tally.records) == (0.5, 2)
