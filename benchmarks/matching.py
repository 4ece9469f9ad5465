"""Who is who at size: one new lead against a full store, and a whole list at once.

``fill URL N`` stores N generated leads; ``one URL N`` then finds whose a thousand new records are,
one after another, and prints milliseconds. ``bulk N`` matches N records from raw and from packed
rows and prints records a second and the peak of memory. All print JSON.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson

from benchmarks.leads import generate
from benchmarks.leads.reading import draft_of, values_of
from benchmarks.measure import measure
from mapping.match.accounts import Directory
from mapping.match.profile import Profile, profile
from mapping.match.rules import DEFAULT
from sync.engine.bulk import match_bulk, pack_all
from sync.engine.bulk.packing import cores, pool
from sync.engine.memory import calm_collector
from sync.engine.preview import RecordPreview, _matched
from sync.store import accounts, leads, links
from sync.store.database import Database, packed
from sync.store.leads import LeadRow
from sync.store.upgrade import upgrade

SEED = 11
PEOPLE = 0.456
"""People for each record that the generator writes, and a few more."""
NEW, WARM_UP = 1_000, 100
AT = "2026-01-01T00:00:00.000000Z"
LIMIT = 3_600.0
_CHUNK = 5_000
Row = dict[str, str]


def measure_matching(records: int, home: Path, postgres: str | None) -> dict[str, dict[str, float]]:
    """What each of them gave, as whole processes, one after the other."""
    found: dict[str, dict[str, float]] = {}
    urls = {"sqlite": f"sqlite:///{home / 'matching'}.sqlite3", "postgres": postgres}
    for name, url in urls.items():
        if url is not None:
            _run("fill", url, str(records))
            found[name] = _run("one", url, str(records))
    found["bulk"] = _run("bulk", str(records))
    return found


def _run(*arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.matching", *arguments]
    cost = measure([command], limit=LIMIT)
    return {**json.loads(cost.output), "strangers": cost.strangers}


def rows_of(count: int) -> list[Row]:
    """So many generated rows; the same, and more of them, for a larger number."""
    people = int(count * PEOPLE) + 500
    return generate(SEED, people)[:count]


def _values(row: Row) -> tuple[str, dict[str, Any], Profile]:
    record, values = values_of(row)
    return record, values, profile(record, values)


def _many(rows: list[Row]) -> list[tuple[str, dict[str, Any], Profile]]:
    return list(map(_values, rows))


def fill(url: str, count: int) -> dict[str, float]:
    """Store leads of one record each, with their keys and their companies'."""
    database = Database(url)
    upgrade(database)
    directory, fresh = Directory(), iter(range(count + NEW))
    started = time.perf_counter()
    rows = iter(rows_of(count + NEW)[:count])
    chunks = iter(lambda: list(islice(rows, _CHUNK)), [])
    with pool(cores()) as workers:
        for chunk in _ahead(workers, chunks):
            with database.write() as tx:
                leads.save(tx, [_lead(record, values) for record, values, _ in chunk])
                held = [_link(record, values) for record, values, _ in chunk]
                tx.insert("link", links.COLUMNS, held)
                keys = [(key, f"ld_{record}") for record, _, made in chunk for key in made.keys]
                leads.save_keys(tx, sorted(keys))
                new: list[tuple[str, str]] = []
                for _, _, made in chunk:
                    account, learnt = directory.take(made.firm, lambda: f"ac_{next(fresh):08d}")
                    new += [(key, account) for key in learnt if account]
                accounts.save_keys(tx, sorted(new))
    database.learn()
    database.close()
    return {"seconds": time.perf_counter() - started}


def _ahead(workers: Any, chunks: Iterable[list[Row]]) -> Iterator[Any]:
    """What workers make of chunks, a few chunks ahead."""
    waiting = []
    for chunk in chunks:
        waiting.append(workers.submit(_many, chunk))
        if len(waiting) > 4:
            yield waiting.pop(0).result()
    for one in waiting:
        yield one.result()


def _lead(record: str, values: dict[str, Any]) -> LeadRow:
    name, email, company = (values.get(one) for one in ("full_name", "email", "company"))
    start = (f"ld_{record}", name, email, company, None, "inquiry", AT, None, 1)
    return LeadRow(*start, dict(values), {}, {}, None, AT, AT)


def _link(record: str, values: dict[str, Any]) -> tuple[Any, ...]:
    where = (f"list/rows/{record}", "list", "rows", record, "lead", f"ld_{record}")
    held = (packed(values), packed({AT: "*"}), None, None, "live", None, AT, AT)
    return (*where, None, None, None, *held)


def one_by_one(url: str, count: int) -> dict[str, float]:
    """Milliseconds that it takes to say whose a new record is, from its raw fields on."""
    hub: Any = SimpleNamespace(database=Database(url), rules=DEFAULT, stamp=lambda: AT)
    flow: Any = SimpleNamespace(name="new")
    rows = rows_of(count + NEW)[-NEW:]
    calm_collector()
    waits, used, verdicts = [], [], []
    for number, row in enumerate([*rows[:WARM_UP], *rows]):
        started, worked = time.perf_counter(), time.process_time()
        record, draft = draft_of(row)
        seen = RecordPreview("rows", record, "lead", (), draft, ())
        verdict = _matched(hub, flow, seen).verdict
        if number >= WARM_UP:
            waits.append(time.perf_counter() - started)
            used.append(time.process_time() - worked)
            verdicts.append(verdict)
    hub.database.close()
    found = {name: float(verdicts.count(name)) for name in ("same", "ask", "new")}
    for name, taken in (("p", waits), ("cpu_p", used)):
        taken.sort()
        found |= {f"{name}{one}": taken[len(taken) * one // 100] * 1e3 for one in (50, 95, 99)}
    return found


def bulk(count: int) -> dict[str, float]:
    """Records a second from raw and from packed rows, and the peak of memory of all processes.

    Each is a process of its own: what generating the rows took is not counted as matching's.
    """
    with tempfile.TemporaryDirectory(prefix="renkei-bench-") as home:
        raw, ready = str(Path(home) / "raw"), str(Path(home) / "packed")
        _run("rows", raw, str(count))
        from_raw = _run("raw", raw)
        _run("pack", raw, ready)
        from_packed = _run("packed", ready)
    for name in ("people", "asked"):
        assert from_raw[name] == from_packed[name]
    return {
        "raw": count / from_raw["seconds"],
        "packed": count / from_packed["seconds"],
        "raw_seconds": from_raw["seconds"],
        "matching_seconds": from_packed["seconds"],
        "people": from_raw["people"],
        "asked": from_raw["asked"],
        "peak_mb": max(from_raw["peak_mb"], from_packed["peak_mb"]),
    }


def _write_rows(path: Path, count: int) -> dict[str, float]:
    with path.open("wb") as file:
        file.writelines(orjson.dumps(row) + b"\n" for row in rows_of(count))
    return {}


def _pack(raw: Path, ready: Path) -> dict[str, float]:
    with raw.open("rb") as file, ready.open("wb") as out:
        packed_rows = pack_all(file, read=_read)
        while chunk := list(islice(packed_rows, _CHUNK)):
            pickle.dump([tuple(row) for row in chunk], out)
    return {}


def _match(rows: Iterable[Any]) -> dict[str, float]:
    with _Peak() as peak:
        started = time.perf_counter()
        found = match_bulk(rows)
        seconds = time.perf_counter() - started
    people, asked = float(len(found.members)), float(len(found.review))
    return {"seconds": seconds, "people": people, "asked": asked, "peak_mb": peak.mb}


def _match_raw(path: Path) -> dict[str, float]:
    with path.open("rb") as file:
        return _match(pack_all(file, read=_read))


def _read(line: bytes) -> tuple[str, dict[str, Any]]:
    return values_of(orjson.loads(line))


def _packed(path: Path) -> Iterator[Any]:
    with path.open("rb") as file:
        while True:
            try:
                chunk = pickle.load(file)
            except EOFError:
                return
            yield from chunk


class _Peak:
    """The most memory that this process and those it started had at one time, shared parts once."""

    def __init__(self) -> None:
        self.mb = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.25):
            self.mb = max(self.mb, sum(map(_memory, family(os.getpid()))))


def family(parent: int) -> Iterator[int]:
    yield parent
    for children in Path(f"/proc/{parent}/task").glob("*/children"):
        try:
            found = children.read_text().split()
        except OSError:
            continue
        for child in found:
            yield from family(int(child))


def _memory(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def main() -> None:
    """Do one of them, and print what it gave."""
    what, *given = sys.argv[1:]
    match what:
        case "fill":
            found = fill(given[0], int(given[1]))
        case "one":
            found = one_by_one(given[0], int(given[1]))
        case "bulk":
            found = bulk(int(given[0]))
        case "rows":
            found = _write_rows(Path(given[0]), int(given[1]))
        case "raw":
            found = _match_raw(Path(given[0]))
        case "pack":
            found = _pack(Path(given[0]), Path(given[1]))
        case "packed":
            found = _match(_packed(Path(given[0])))
        case _:
            raise SystemExit(__doc__)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
