"""Matching everything at once: the same rules, points and clusters as one by one, much faster.

DuckDB finds the pairs, NumPy tells which of them compare alike, and one of each kind is compared by
``mapping.match.compare``. Needs the extra ``bulk``; nothing here is imported before it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from mapping.match.cluster import NO_DECISIONS, Clusters, Decisions
from mapping.match.rules import DEFAULT, Rules

if TYPE_CHECKING:
    from mapping.match.accounts import Directory
    from sync.engine.bulk.packed import PackedRow

__all__ = ["MissingExtra", "is_installed", "match_bulk", "need", "pack_all"]


MEMORY = "512MB"
"""What DuckDB takes for keys and pairs before it goes to disk."""
_MATCHING = ("duckdb", "numpy", "xxhash")


class MissingExtra(Exception):
    """A package that this needs is not installed; the message says how to install it."""


def is_installed(*packages: str) -> bool:
    """Whether matching in bulk is possible here."""
    return all(find_spec(name) is not None for name in packages or _MATCHING)


def need(*packages: str) -> None:
    """Raise MissingExtra unless these packages of the extra are there."""
    missing = [name for name in packages if not is_installed(name)]
    if missing:
        raise MissingExtra(
            f"this needs {' and '.join(missing)}: pip install 'renkei[bulk]', then try again"
        )


def pack_all(
    records: Iterable[Any],
    *,
    rules: Rules = DEFAULT,
    processes: int | None = None,
    read: Callable[[Any], Any] | None = None,
) -> Iterator[PackedRow]:
    """The packed rows of records (id, values), in their order; see ``packing.pack_all``."""
    from sync.engine.bulk.packing import pack_all

    return pack_all(records, rules=rules, processes=processes, read=read)


def match_bulk(
    rows: Iterable[PackedRow],
    *,
    rules: Rules = DEFAULT,
    decisions: Decisions | Callable[[], Decisions] = NO_DECISIONS,
    processes: int | None = None,
    memory: str = MEMORY,
    directory: Directory | None = None,
) -> Clusters:
    """The people behind packed rows: what ``mapping.match.everyone.match_all`` finds.

    ``decisions`` may be a function, which is asked when all rows have been read. ``processes`` is
    the number of cores unless given. ``memory`` is DuckDB's; beyond it the pairs go to disk.
    ``directory`` are accounts known beforehand. Raises MissingExtra.
    """
    need(*_MATCHING)
    from sync.engine.bulk.matching import match

    return match(
        rows,
        rules=rules,
        decisions=decisions,
        processes=processes,
        memory=memory,
        directory=directory,
    )
