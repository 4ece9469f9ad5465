"""A burst of webhooks on a real installation, and how long a single one takes to its target.

``python -m benchmarks.burst`` starts ``renkei up`` over loopback with a simulated vendor, on SQLite
and on PostgreSQL. A second process sends signed webhooks over many connections, a tenth of them
twice. Each that was answered must become one lead and one record at the target. Then one webhook at
a time goes through the quiet hub. With ``--gate`` it ends with 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.house import House, up
from benchmarks.places import scratch
from sync.store.database import Database

MOST_P99_MS, MOST_DRAIN_SECONDS = 250.0, 120.0
MOST_P95_SECONDS = 5.0
PATIENCE = 300.0
QUIET_FIRST = 5_000_000


@dataclass(frozen=True, slots=True)
class Burst:
    """What a burst came to. ``drained`` is in seconds from the first send."""

    requests: int
    refused: int
    rate: float
    p50_ms: float
    p99_ms: float
    most_ms: float
    lost: int
    doubled: int
    drained: float


def send(house: House, first: int, count: int, *more: str) -> dict[str, Any]:
    """What became of ``count`` webhooks that another process sends."""
    words = [sys.executable, "-m", "benchmarks.answers", house.url, str(first), str(count)]
    ran = subprocess.run([*words, *more], check=True, capture_output=True)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def burst(house: House, database: str, count: int, connections: int) -> Burst:
    """Send as fast as may be, and wait until all of it is at the target."""
    told = send(house, 0, count, "--connections", str(connections))
    people: Mapping[str, float] = told["sent"]
    drained = _wait(house, len(people), told["started"])
    arrived = house.ask("/arrived")["records"]
    stored = Database(database)
    with stored.read() as tx:
        ((hooks, open_hooks),) = tx.rows(
            "SELECT count(*), coalesce(sum(CASE WHEN state <> 'done' THEN 1 ELSE 0 END), 0)"
            " FROM hook"
        )
        emails = [row[0] for row in tx.rows("SELECT email FROM lead WHERE merged_into IS NULL")]
    stored.close()
    lost = {email for email in people if not arrived.get(email)} | (set(people) - set(emails))
    doubled = (
        sum(1 for email in people if arrived.get(email, 0) > 1) + len(emails) - len(set(emails))
    )
    ok = int(told["statuses"].get("200", 0))
    return Burst(
        requests=told["requests"],
        refused=told["requests"] - ok,
        rate=told["requests"] / told["seconds"],
        p50_ms=told["p50"],
        p99_ms=told["p99"],
        most_ms=told["most"],
        lost=len(lost) + int(open_hooks) + max(0, count - int(hooks)) + told["unanswered"],
        doubled=doubled + max(0, int(hooks) - count),
        drained=drained,
    )


def _wait(house: House, people: int, since: float) -> float:
    """Seconds from ``since`` until the target holds so many people, or patience ends."""
    until = time.monotonic() + PATIENCE
    while house.ask("/figures")["people"] < people and time.monotonic() < until:
        time.sleep(0.05)
    return time.monotonic() - since


def quiet(house: House, count: int, every: float) -> Sequence[float]:
    """Seconds from each of some single webhooks to its write at the target, in order of size."""
    there = house.ask("/figures")["people"]
    told = send(house, QUIET_FIRST, count, "--connections", "1", "--every", str(every))
    _wait(house, there + count, told["started"])
    first = house.ask("/arrived")["first"]
    return sorted(first.get(email, float("inf")) - sent for email, sent in told["sent"].items())


def at(waits: Sequence[float], percent: int) -> float:
    """A percentile of sorted waits."""
    return waits[min(len(waits) * percent // 100, len(waits) - 1)]


def missed(found: Burst, waits: Sequence[float]) -> list[str]:
    """The goals that are missed, in words."""
    held = {
        "webhooks were lost": found.lost == 0,
        "webhooks were doubled": found.doubled == 0,
        f"p99 of the answer above {MOST_P99_MS:.0f} ms": found.p99_ms <= MOST_P99_MS,
        f"drained later than {MOST_DRAIN_SECONDS:.0f} s": found.drained <= MOST_DRAIN_SECONDS,
        f"p95 to the target above {MOST_P95_SECONDS:.0f} s": not waits
        or at(waits, 95) <= MOST_P95_SECONDS,
    }
    return [what for what, is_held in held.items() if not is_held]


def main() -> int:
    """Measure; 1 where ``--gate`` is given and a goal is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks.burst", description=__doc__)
    parser.add_argument("--hooks", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=100)
    parser.add_argument("--quiet", type=int, default=100, help="single webhooks afterwards")
    parser.add_argument("--every", type=float, default=0.25, help="seconds between two of them")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--gate", action="store_true")
    given = parser.parse_args()
    bad = False
    with (
        tempfile.TemporaryDirectory(prefix="renkei-bench-") as root,
        scratch("burst", Path(root), only=given.only) as places,
    ):
        for name, url in places.items():
            with up(Path(root) / name, url) as house:
                found = burst(house, url, given.hooks, given.connections)
                waits = quiet(house, given.quiet, given.every) if given.quiet else []
            _tell(name, found, waits)
            for what in missed(found, waits):
                bad = True
                print(f"  missed: {what}", flush=True)
    return 1 if given.gate and bad else 0


def _tell(name: str, found: Burst, waits: Sequence[float]) -> None:
    print(
        f"{name}: {found.requests:,} requests, {found.rate:,.0f}/s, answered p50 {found.p50_ms:.0f}"
        f" p99 {found.p99_ms:.0f} most {found.most_ms:.0f} ms, refused {found.refused};"
        f" lost {found.lost}, doubled {found.doubled};"
        f" all at the target after {found.drained:.1f} s",
        flush=True,
    )
    if waits:
        told = ", ".join(f"p{p} {at(waits, p) * 1000:.0f} ms" for p in (50, 95, 99))
        print(f"{name}: one webhook to the target: {told} ({len(waits)} times)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
