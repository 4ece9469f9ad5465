"""The raw floor: read the vendor's pages, upsert the 30 columns, keep the cursor; nothing else.

What no hub can beat, written by hand for each database, as its own process.
"""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Iterator
from typing import Any

import httpx
import orjson

from benchmarks.people import contact

COLUMNS = tuple(contact(0))
_NAMES = ", ".join(COLUMNS)
_SETS = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])


def pages(vendor: str) -> Iterator[tuple[list[tuple[Any, ...]], str]]:
    """The vendor's pages as rows, each with the cursor after it."""
    after: str | None = "0"
    with httpx.Client(base_url=vendor, trust_env=False) as client:
        while after is not None:
            body = orjson.loads(client.get("/contacts", params={"after": after}).content)
            after = body["next"]
            yield [tuple(row.values()) for row in body["results"]], after or ""


def _table(number: str) -> str:
    kinds = [f"{name} {number if name == 'score' else 'text'}" for name in COLUMNS[1:]]
    return f"CREATE TABLE IF NOT EXISTS raw (id text PRIMARY KEY, {', '.join(kinds)})"


def into_sqlite(vendor: str, path: str) -> None:
    """One transaction a page: executemany and the cursor."""
    places = ", ".join("?" * len(COLUMNS))
    upsert = f"INSERT INTO raw VALUES ({places}) ON CONFLICT (id) DO UPDATE SET {_SETS}"
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("PRAGMA synchronous=NORMAL")
    base.execute(_table("integer"))
    base.execute("CREATE TABLE IF NOT EXISTS mark (name text PRIMARY KEY, value text)")
    for rows, cursor in pages(vendor):
        base.execute("BEGIN IMMEDIATE")
        base.executemany(upsert, rows)
        base.execute("INSERT OR REPLACE INTO mark VALUES ('contacts', ?)", (cursor,))
        base.execute("COMMIT")
    base.close()


def into_postgres(vendor: str, url: str) -> None:
    """One transaction a page: COPY to a staging table, insert-select, and the cursor."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as base:
        base.execute(_table("integer"))
        base.execute("CREATE TABLE IF NOT EXISTS mark (name text PRIMARY KEY, value text)")
        base.execute("CREATE TEMP TABLE stage (LIKE raw) ON COMMIT DELETE ROWS")
        for rows, cursor in pages(vendor):
            with base.transaction(), base.cursor() as hand:
                with hand.copy(f"COPY stage ({_NAMES}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
                hand.execute(
                    f"INSERT INTO raw SELECT * FROM stage ON CONFLICT (id) DO UPDATE SET {_SETS}"
                )
                hand.execute(
                    "INSERT INTO mark VALUES ('contacts', %s)"
                    " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    (cursor,),
                )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vendor")
    parser.add_argument("database")
    given = parser.parse_args()
    if given.database.startswith("postgres"):
        into_postgres(given.vendor, given.database)
    else:
        into_sqlite(given.vendor, given.database.removeprefix("sqlite:///"))
