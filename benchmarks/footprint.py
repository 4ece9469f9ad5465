"""What leads take on the disk: a database filled by the hub itself, measured table by table.

``python -m benchmarks.footprint`` pulls contacts of 30 fields from one simulated vendor, pushes
each to two others, and prints bytes a lead of each table, its rows and its indexes apart.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from benchmarks.places import scratch
from benchmarks.run import vendor
from sync.store.database import Database


class Size(NamedTuple):
    """Bytes of a table's rows, and of its indexes."""

    rows: int
    indexes: int


def sizes(database: Database) -> dict[str, Size]:
    """The sizes of all tables."""
    if database.dialect == "sqlite":
        path = database.url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
            found = raw.execute(
                "SELECT tbl_name, sum(CASE WHEN type = 'table' THEN pgsize ELSE 0 END),"
                " sum(CASE WHEN type = 'index' THEN pgsize ELSE 0 END)"
                " FROM dbstat JOIN sqlite_schema USING (name) GROUP BY tbl_name"
            ).fetchall()
    else:
        with database.read() as tx:
            found = tx.rows(
                "SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
    return {str(name): Size(int(rows), int(indexes)) for name, rows, indexes in found}


def fill(url: str, records: int) -> None:
    """Pull so many contacts and push them to two targets."""
    with vendor(records) as (address, _):
        command = [sys.executable, "-m", "benchmarks.product", address, url, "--targets", "2"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Fill a database of each kind, and tell."""
    parser = argparse.ArgumentParser(prog="benchmarks.footprint", description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="renkei-bench-") as home,
        scratch("footprint", Path(home)) as places,
    ):
        for name, url in places.items():
            fill(url, given.records)
            database = Database(url)
            if database.dialect == "postgresql":
                database.learn()
            found = sizes(database)
            with database.read() as tx:
                ((leads,),) = tx.rows("SELECT count(*) FROM lead")
                counts = {one: int(tx.rows(f"SELECT count(*) FROM {one}")[0][0]) for one in found}
            database.close()
            if given.json:
                print(json.dumps({"database": name, "leads": leads, "sizes": found}))
            else:
                _tell(name, leads, found, counts)


def _tell(name: str, leads: int, found: dict[str, Size], counts: dict[str, int]) -> None:
    rows: list[Sequence[str]] = [("table", "rows a lead", "bytes", "indexes", "together")]
    for table, size in sorted(found.items(), key=lambda item: -sum(item[1])):
        if sum(size) / leads >= 1:
            each = [f"{part / leads:,.0f}" for part in (*size, sum(size))]
            rows.append((table, f"{counts[table] / leads:.2f}", *each))
    whole = [sum(column) / leads for column in zip(*found.values(), strict=True)]
    rows.append(("all", "", *(f"{part:,.0f}" for part in (*whole, sum(whole)))))
    print(f"{name}: {leads:,} leads, bytes a lead")
    for row in rows:
        print(f"  {row[0]:16}" + "".join(f"{cell:>13}" for cell in row[1:]))


if __name__ == "__main__":
    main()
