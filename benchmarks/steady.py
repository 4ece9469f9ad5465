"""Steady work for a long time: records come by webhook and by polling, and all of them are pushed.

``python -m benchmarks.steady`` starts ``renkei up`` over loopback and gives it 50 records a second,
half of them form answers by webhook, half contacts that are polled once a minute; every second one
is a person it knows, with something new. Before that it is given ``--fill`` answers at once, which
fill its caches. It samples memory, threads, open files, the database's log and what waits, says
whether they stayed flat, and what each record took on the disk. It ends with 1 where something grew
or was lost.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.burst import send
from benchmarks.house import House, up
from benchmarks.places import scratch
from benchmarks.samples import Sample, counts, grew, process, queues, sizes
from sync.store.database import Database

AGAIN = 0.5
WARM_UP = 0.2
"""The share of the samples at the beginning that do not count."""
MOST_WARM_UP = 600.0
FILL, FILLING = 70_000, 20_000_000
"""How many answers fill the hub's caches, and the number of who gives the first of them."""
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Steady:
    """What it came to. ``grew`` and ``lost`` say in words what is wrong."""

    samples: list[Sample]
    told: Mapping[str, Any]
    rows: Mapping[str, int]
    bytes: Mapping[str, int]
    grew: list[str]
    lost: int


def steady(home: Path, url: str, seconds: float, rate: float, every: float, fill: int) -> Steady:
    """Work so long at so many records a second, with a sample ``every`` so many seconds."""
    database = Database(url)
    with up(home, url, rate=rate / 2) as house:
        if fill:
            _lost(house, send(house, FILLING, fill), fill)
        rows, size = counts(database), sizes(database)
        count = max(1, int(seconds * rate / 2))
        command = [sys.executable, "-m", "benchmarks.answers", house.url, "0", str(count)]
        more = ["--every", str(2 / rate), "--again", str(AGAIN), "--connections", "8"]
        samples: list[Sample] = []
        with tempfile.TemporaryFile() as out, subprocess.Popen([*command, *more], stdout=out) as by:
            until = time.monotonic() + seconds
            while time.monotonic() < until or by.poll() is None:
                samples.append({**process(house.pid), **queues(database)})
                time.sleep(every)
            out.seek(0)
            told: dict[str, Any] = json.load(out)
        lost = _lost(house, told)
        rows = {name: after - rows[name] for name, after in counts(database).items()}
        size = {name: after - size.get(name, 0) for name, after in sizes(database).items()}
    database.close()
    first = int(min(len(samples) * WARM_UP, MOST_WARM_UP / every))
    return Steady(samples, told, rows, size, grew(samples[first:]), lost)


def _lost(house: House, told: Mapping[str, Any], fill: int = 0) -> int:
    """How many people whose answer was taken are not at the target in time."""
    until = time.monotonic() + PATIENCE + fill / 100
    while True:
        arrived = house.ask("/arrived")["first"]
        lost = sum(email not in arrived for email in told["sent"])
        if not lost or time.monotonic() > until:
            return lost + int(told["unanswered"])
        time.sleep(1.0)


def main() -> int:
    """Measure; 1 where something grew or was lost."""
    parser = argparse.ArgumentParser(prog="benchmarks.steady", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=50.0, help="records a second")
    parser.add_argument("--fill", type=int, default=FILL, help="answers before it begins")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two samples")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--csv", type=Path, help="a directory that gets the samples")
    given = parser.parse_args()
    bad = False
    with (
        tempfile.TemporaryDirectory(prefix="renkei-bench-") as root,
        scratch("steady", Path(root), only=given.only) as places,
    ):
        for name, url in places.items():
            at = Path(root) / name
            found = steady(at, url, given.minutes * 60, given.rate, given.every, given.fill)
            _tell(name, found)
            bad |= bool(found.grew or found.lost)
            if given.csv is not None:
                _write(given.csv / f"steady-{name.lower()}.csv", found.samples)
    return 1 if bad else 0


def _tell(name: str, found: Steady) -> None:
    received = found.rows["inbox"]
    last = ", ".join(f"{what} {value:,.1f}" for what, value in found.samples[-1].items())
    print(f"{name}: {received:,} records received, webhooks p99 {found.told['p99']:.0f} ms; {last}")
    each = sorted(found.bytes.items(), key=lambda item: -item[1])
    for table, size in each:
        if size > 2**16:
            rows = found.rows.get(table)
            of = f", {rows:,} rows, {size / max(rows, 1):,.0f} bytes a row" if rows else ""
            print(f"  {table or 'database':14} {size / 2**20:8.1f} MB{of}")
    print(f"  a record received took {found.bytes[''] / max(received, 1):,.0f} bytes in all")
    told = [*found.grew, *([f"{found.lost} answers were lost"] if found.lost else [])]
    print(f"{name}: {'; '.join(told) or 'flat'}", flush=True)


def _write(path: Path, samples: list[Sample]) -> None:
    names = list(samples[0])
    lines = [",".join(names), *(",".join(f"{one[name]:g}" for name in names) for one in samples)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
