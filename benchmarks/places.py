"""Where a bench works: scratch databases of both kinds, gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.run import databases
from sync.store.database import Database
from sync.store.upgrade import upgrade


@contextmanager
def scratch(name: str, home: Path, *, only: str | None = None) -> Iterator[Mapping[str, str]]:
    """URLs of empty databases at their schema: "SQLite", and "PostgreSQL" where a server answers.

    ``only`` is one of the two.
    """
    with databases((name,)) as found:
        places = {"SQLite": f"sqlite:///{home / name}.sqlite3"}
        if name in found:
            places["PostgreSQL"] = found[name]
        wanted = {base: url for base, url in places.items() if only in (None, base.lower())}
        for url in wanted.values():
            database = Database(url)
            upgrade(database)
            database.close()
        yield wanted
