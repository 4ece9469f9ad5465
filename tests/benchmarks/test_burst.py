"""A real `renkei up`, a process that sends webhooks, and a target: what was answered arrives once.

``python -m benchmarks.burst --gate`` is the same with ten thousand, and with the goals for time.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.burst import Burst, burst, missed, quiet
from benchmarks.house import up
from sync.store.database import Database

GOOD = Burst(11_000, 0, 4000.0, 20.0, 249.0, 300.0, lost=0, doubled=0, drained=119.0)


def test_every_webhook_that_was_answered_arrives_once_also_where_it_came_twice(
    database: Database, tmp_path: Path
) -> None:
    with up(tmp_path / "hub", database.url) as house:
        found = burst(house, database.url, 400, connections=40)
        waits = quiet(house, 5, every=0.05)
    assert (found.requests, found.refused) == (440, 0)
    assert (found.lost, found.doubled) == (0, 0)
    assert len(waits) == 5
    assert max(waits) < float("inf")


@pytest.mark.parametrize(
    ("change", "waits", "told"),
    [
        pytest.param({}, [5.0], [], id="all goals met"),
        pytest.param({"lost": 1}, [], ["webhooks were lost"], id="lost"),
        pytest.param({"doubled": 1}, [], ["webhooks were doubled"], id="doubled"),
        pytest.param({"p99_ms": 251.0}, [], ["p99 of the answer above 250 ms"], id="slow answer"),
        pytest.param({"drained": 121.0}, [], ["drained later than 120 s"], id="slow drain"),
        pytest.param({}, [0.1, 5.1], ["p95 to the target above 5 s"], id="slow single"),
    ],
)
def test_a_missed_goal_is_named(
    change: dict[str, float], waits: list[float], told: list[str]
) -> None:
    fields = {name: getattr(GOOD, name) for name in Burst.__slots__}
    assert missed(Burst(**{**fields, **change}), waits) == told
