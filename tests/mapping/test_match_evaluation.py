"""The figures a matching is judged by, against counting by hand."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.match.evaluate import figures

LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12)


def test_counted_by_hand() -> None:
    truth = {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2, "f": 3}
    found = {"a": "x", "b": "x", "c": "y", "d": "y", "e": "z", "f": "w"}
    seen = figures(found, truth)
    assert (seen.true_pairs, seen.found_pairs, seen.right_pairs) == (4, 2, 1)
    assert (seen.precision, seen.recall) == (0.5, 0.25)
    assert seen.f1 == pytest.approx(1 / 3)
    # Per record: a, b 1; c, d 1/2; e, f 1 — and a, b 2/3; c 1/3; d, e 1/2; f 1.
    assert seen.b3_precision == pytest.approx(5 / 6)
    assert seen.b3_recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 / 2 + 1 / 2 + 1) / 6)
    assert seen.exact == pytest.approx(1 / 3)
    assert (seen.records, seen.people, seen.clusters) == (6, 3, 4)


@given(LABELS)
def test_pairs_are_those_that_a_loop_counts(labels: list[tuple[int, int]]) -> None:
    found = {str(at): cluster for at, (cluster, _) in enumerate(labels)}
    truth = {str(at): person for at, (_, person) in enumerate(labels)}
    pairs = list(combinations(sorted(truth), 2))
    seen = figures(found, truth)
    same = {pair for pair in pairs if truth[pair[0]] == truth[pair[1]]}
    put = {pair for pair in pairs if found[pair[0]] == found[pair[1]]}
    counted = (len(same), len(put), len(same & put))
    assert (seen.true_pairs, seen.found_pairs, seen.right_pairs) == counted


@given(LABELS)
def test_the_truth_itself_is_perfect_however_it_is_named(labels: list[tuple[int, int]]) -> None:
    truth = {str(at): person for at, (_, person) in enumerate(labels)}
    renamed = {record: f"cluster {person}" for record, person in truth.items()}
    seen = figures(renamed, truth)
    assert (seen.f1, seen.exact) == (1.0, 1.0)
    assert seen.b3_f1 == pytest.approx(1.0)


def test_records_without_a_label_are_left_out() -> None:
    truth = {"a": 1, "b": 1}
    alone = figures({"a": "x", "b": "x"}, truth)
    assert figures({"a": "x", "b": "x", "c": "x", "d": "x"}, truth) == alone


def test_nothing_to_find_and_nothing_found_is_no_mistake() -> None:
    seen = figures({"a": "x", "b": "y"}, {"a": 1, "b": 2})
    assert (seen.precision, seen.recall, seen.f1) == (1.0, 1.0, 1.0)
    assert figures({}, {}).b3_f1 == 1.0
