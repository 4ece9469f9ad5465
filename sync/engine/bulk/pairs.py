"""Pairs to be compared, and what the records teach of contacts and names: by SQL, in DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryDirectory
from types import TracebackType

import numpy as np

from mapping.match.rules import CUTS, SHARED
from sync.engine.bulk.columns import RANGE, Columns, Ints, Places


class Finder:
    """The keys of some records in DuckDB; what does not fit into ``memory`` goes to disk."""

    def __init__(self, columns: Columns, memory: str, threads: int) -> None:
        import duckdb

        self._home = TemporaryDirectory(prefix="renkei-bulk-")
        self._base = duckdb.connect(
            config={
                "memory_limit": memory,
                "threads": threads,
                "temp_directory": self._home.name,
            }
        )
        self._columns = columns
        self._base.register("keys", {"key": columns.keys, "record": columns.key_owners()})
        # How many may share a key is as ``mapping.match.profile.cut_of`` has it.
        self._base.execute(
            "CREATE TABLE counts AS SELECT key, count(*) AS records,"
            " count(*) > list_extract(?, (key & 3) + 1) AS is_hot"
            " FROM keys GROUP BY key HAVING count(*) > 1",
            [CUTS],
        )

    def __enter__(self) -> Finder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._base.close()
        self._home.cleanup()

    def pairs(self) -> Iterator[tuple[Places, Places]]:
        """Each two records that share a key, once, ordered by id, some at a time."""
        for start in range(0, self._find(), RANGE):
            yield self._two(
                "SELECT a, b FROM found WHERE rowid >= ? AND rowid < ?", start, start + RANGE
            )

    def sample(self, most: int) -> tuple[int, tuple[Places, Places]]:
        """About ``most`` of the pairs at most, and how many of all each of these stands for."""
        parts = max(1, round(self._find() / most))
        return parts, self._two("SELECT a, b FROM found WHERE hash(a, b) % ? = 0", parts)

    def _find(self) -> int:
        self._base.execute(
            "CREATE TABLE found AS SELECT DISTINCT one.record AS a, other.record AS b FROM keys"
            " AS one JOIN counts ON counts.key = one.key AND NOT is_hot JOIN keys AS other"
            " ON other.key = one.key AND one.record < other.record"
        )
        ((size,),) = self._base.execute("SELECT count(*) FROM found").fetchall()
        return int(size)

    def _two(self, sql: str, *values: int) -> tuple[Places, Places]:
        got = self._base.execute(sql, list(values)).fetchnumpy()
        return self._columns.in_order(np.asarray(got["a"]), np.asarray(got["b"]))

    def hot(self) -> Ints:
        """The keys that find nobody, sorted."""
        got = self._base.execute("SELECT key FROM counts WHERE is_hot ORDER BY key").fetchnumpy()
        return np.asarray(got["key"])

    def shared(self) -> Ints:
        """The contacts that several families use, sorted."""
        contacts = self._columns.contacts()
        voices = self._columns["voice"][self._columns.key_owners()[contacts]]
        self._base.register("contacts", {"key": self._columns.keys[contacts], "voice": voices})
        got = self._base.execute(
            "SELECT key FROM contacts WHERE voice <> 0 GROUP BY key"
            " HAVING count(DISTINCT voice) >= ? ORDER BY key",
            [SHARED],
        ).fetchnumpy()
        self._base.unregister("contacts")
        return np.asarray(got["key"])

    def spread(self, name: str) -> tuple[Ints, Ints]:
        """The names (or sounds) that several accounts have, sorted, and how many have each."""
        names = {"key": self._columns[name], "account": self._columns.account}
        self._base.register("names", names)
        got = self._base.execute(
            "SELECT key, count(DISTINCT account) AS places FROM names"
            " WHERE key <> 0 AND account >= 0 GROUP BY key"
            " HAVING count(DISTINCT account) > 1 ORDER BY key"
        ).fetchnumpy()
        self._base.unregister("names")
        return np.asarray(got["key"]), np.asarray(got["places"])
