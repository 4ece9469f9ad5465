"""The soak itself: it works for a moment, loses nothing, and names what grows.

``make soak-steady`` is an hour of it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.samples import SPARE, Sample, grew
from benchmarks.steady import steady
from sync.store.database import Database


def test_a_moment_of_steady_work_is_sampled_and_nothing_is_lost(
    database: Database, tmp_path: Path
) -> None:
    found = steady(tmp_path / "hub", database.url, 4, rate=50, every=0.25, fill=20)
    assert found.lost == 0
    assert found.told["statuses"] == {"200": 100}
    assert found.rows["hook"] == 100
    assert found.rows["inbox"] >= 100
    assert found.rows["lead"] < found.rows["inbox"]  # some answered twice
    assert len(found.samples) >= 8
    assert all(one["rss_mb"] > 50 and one["threads"] > 10 for one in found.samples)
    assert found.bytes["hook"] > 100 * 2000


def samples(**changes: float) -> list[Sample]:
    """Samples of which the last third has these changes."""
    usual = dict.fromkeys(SPARE, 100.0)
    return [usual] * 20 + [{**usual, **changes}] * 10


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({}, [], id="flat"),
        pytest.param({"rss_mb": 104.9}, [], id="within five percent"),
        pytest.param({"rss_mb": 105.2}, ["rss_mb grew from 100.0 to 105.2"], id="memory"),
        pytest.param({"threads": 108.0}, ["threads grew from 100.0 to 108.0"], id="threads"),
        pytest.param({"files": 111.0}, ["files grew from 100.0 to 111.0"], id="files"),
        pytest.param({"wal_mb": 107.0}, ["wal_mb grew from 100.0 to 107.0"], id="log"),
        pytest.param({"waiting": 306.0}, ["waiting grew from 100.0 to 306.0"], id="queue"),
        pytest.param({"rss_mb": 60.0}, [], id="less is no growth"),
    ],
)
def test_what_grew_is_named(changes: dict[str, float], told: list[str]) -> None:
    assert grew(samples(**changes)) == told


def test_one_peak_of_what_waits_is_no_growth_and_one_of_the_log_is() -> None:
    usual = dict.fromkeys(SPARE, 100.0)
    assert grew([usual] * 29 + [{**usual, "waiting": 5000.0}]) == []
    assert grew([usual] * 29 + [{**usual, "wal_mb": 500.0}]) == ["wal_mb grew from 100.0 to 500.0"]


def test_a_small_log_may_reach_its_size() -> None:
    usual = dict.fromkeys(SPARE, 30.0)
    assert grew([usual] * 20 + [{**usual, "wal_mb": 60.0}] * 10) == []


def test_too_few_samples_are_no_proof() -> None:
    assert grew(samples()[:2]) == ["too few samples to tell"]
