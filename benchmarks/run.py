"""Measure floors, peers and the hub in turn, and hold their ratios against the goals.

Rows run interleaved (A B C, A B C, …), each as whole processes with start-up. Ratios are taken
within a round, then the median: the numbers themselves do not travel between machines.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks import report
from benchmarks.envs import NotInstalled
from benchmarks.hooks import measure_hooks
from benchmarks.matching import measure_matching
from benchmarks.measure import CommandFailed, Cost, TookTooLong, measure
from benchmarks.rows import DATABASES, ROWS, Place, Row

SERVER = os.environ.get("RENKEI_BENCH_POSTGRES", "postgresql://127.0.0.1:5432/test")
LIMIT = 150.0
DELIVERIES = 12_000


@contextmanager
def vendor(records: int) -> Iterator[tuple[str, int]]:
    """The bench's vendor: its address and process."""
    command = [sys.executable, "-m", "benchmarks.vendor", "--records", str(records)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), process.pid
        finally:
            process.terminate()


@contextmanager
def databases(names: tuple[str, ...]) -> Iterator[Mapping[str, str]]:
    """Scratch databases on the PostgreSQL server, gone afterwards; empty where there is none."""
    import psycopg

    try:
        server = psycopg.connect(SERVER, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        yield {}
        return
    at = server.info
    base = f"postgresql://{at.user}:{at.password or 'none'}@{at.host}:{at.port}"
    made = {name: f"renkei_bench_{os.getpid()}_{name}" for name in names}
    with server:
        try:
            for database in made.values():
                server.execute(f'CREATE DATABASE "{database}"')
            yield {name: f"{base}/{database}" for name, database in made.items()}
        finally:
            for database in made.values():
                server.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


class Bench:
    """The rounds, and what they cost. A row that cannot run says so once and is left out."""

    def __init__(self, records: int, leads: int, only: str | None, *, slow: bool) -> None:
        self.records, self.leads = records, leads
        self.wanted = [row for row in ROWS if (slow or not row.slow) and _chosen(row, only)]
        self.costs: list[dict[str, Cost]] = []
        self.hooks: list[dict[str, dict[str, float]]] = []
        self.matching: list[dict[str, dict[str, float]]] = []
        self.dropped: dict[str, str] = {}
        self.with_hooks = only is None or "hooks" in only
        self.with_matching = (slow and only is None) or "matching" in (only or "")

    def round(self, number: int) -> None:
        """Measure every row once."""
        done: dict[str, Cost] = {}
        self.costs.append(done)
        with (
            tempfile.TemporaryDirectory(prefix="renkei-bench-") as home,
            vendor(self.records) as (address, pid),
            databases(DATABASES) as found,
        ):
            place = Place(address, self.records, Path(home), found)
            for row in self.wanted:
                if row.name not in self.dropped:
                    self._row(row, place, pid, done)
                    report.line(number, row, self.records, done.get(row.name), self.dropped)
        if self.with_hooks:
            self.hooks.append(measure_hooks(DELIVERIES))
            report.hooks_line(number, self.hooks[-1])
        if self.with_matching and not self.matching:  # once: the figures are many calls' medians
            with (
                tempfile.TemporaryDirectory(prefix="renkei-bench-") as home,
                databases(("matching",)) as found,
            ):
                at = found.get("matching")
                self.matching.append(measure_matching(self.leads, Path(home), at))
            report.matching_line(number, self.matching[-1])

    def _row(self, row: Row, place: Place, pid: int, done: dict[str, Cost]) -> None:
        missing = [name for name in row.needs if name not in done]
        if missing:
            self.dropped[row.name] = f"{missing[0]} did not run"
            return
        try:
            done[row.name] = measure(row.commands(place), limit=LIMIT, mine=[pid])
        except NotInstalled as error:
            self.dropped[row.name] = str(error)
        except KeyError:
            self.dropped[row.name] = "no PostgreSQL server; set RENKEI_BENCH_POSTGRES"
        except TookTooLong:
            self.dropped[row.name] = f"took longer than {LIMIT:.0f} s"
        except CommandFailed as error:
            self.dropped[row.name] = f"failed: {error}"


def _chosen(row: Row, only: str | None) -> bool:
    if only is None:
        return True
    names = only.split(",")
    needed = {need for other in ROWS if _named(other, names) for need in other.needs}
    return _named(row, names) or row.name in needed


def _named(row: Row, names: list[str]) -> bool:
    return any(name in row.name for name in names)


def main() -> int:
    """Run the bench; 1 where ``--gate`` is given and something is below its least."""
    parser = argparse.ArgumentParser(prog="benchmarks.run", description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--leads", type=int, default=1_000_000, help="how many are matched")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gate", action="store_true", help='fail when an "at least" is missed')
    parser.add_argument("--only", help="parts of row names: sqlite,help,hooks,matching")
    given = parser.parse_args()
    bench = Bench(given.records, given.leads, given.only, slow=not given.gate)
    for number in range(1, given.rounds + 1):
        bench.round(number)
        if not report.is_quiet(bench.costs[-1:]) and number == 1:
            print("   others use the machine: this round is measured again", flush=True)
            bench.costs.clear()
            bench.round(number)
    missed = report.table(bench.costs, bench.hooks, bench.matching, bench.dropped, given.records)
    return 1 if given.gate and missed else 0


if __name__ == "__main__":
    sys.exit(main())
