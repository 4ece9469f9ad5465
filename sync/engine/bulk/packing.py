"""Profiles of many records, packed, in as many processes as there are cores; in the order given."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from itertools import islice
from multiprocessing import get_all_start_methods, get_context
from typing import Any

from mapping.match.profile import profile
from mapping.match.rules import DEFAULT, Rules
from mapping.model import Value
from sync.engine.bulk.packed import PackedRow, pack
from sync.engine.memory import calm_collector

Record = tuple[str, Mapping[str, Value]]

_CHUNK = 2_000


def pack_all(
    records: Iterable[Any],
    *,
    rules: Rules = DEFAULT,
    processes: int | None = None,
    read: Callable[[Any], Record] | None = None,
) -> Iterator[PackedRow]:
    """The packed rows of records (id, values), a few thousand at a time.

    ``read`` makes such a pair of whatever ``records`` holds, in the processes that pack; it must be
    a function of a module. ``processes`` is the number of cores unless given; 1 starts none.
    """
    count = cores() if processes is None else processes
    chunks = _chunks(records)
    if count <= 1:
        for chunk in chunks:
            yield from _packed(chunk, rules, read)
        return
    rules = portable(rules)
    with pool(count) as workers:
        waiting: deque[Future[Iterable[Sequence[Any]]]] = deque()
        for chunk in chunks:
            waiting.append(workers.submit(_by_column, chunk, rules, read))
            if len(waiting) > 2 * count:
                yield from map(PackedRow, *waiting.popleft().result())
        while waiting:
            yield from map(PackedRow, *waiting.popleft().result())


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pool(
    count: int, begin: Callable[..., None] = calm_collector, given: tuple[Any, ...] = ()
) -> ProcessPoolExecutor:
    """Processes that share nothing with this one but what is sent to them.

    Where the system can, they are forked off a small server, which loads the modules once.
    """
    if "forkserver" not in get_all_start_methods():
        return ProcessPoolExecutor(count, get_context("spawn"), begin, given)
    context = get_context("forkserver")
    context.set_forkserver_preload(_LOADED)
    return ProcessPoolExecutor(count, context, begin, given)


_LOADED = ["sync.engine.bulk.comparing", "sync.engine.bulk.packing", "sync.engine.bulk.telling"]


def portable(rules: Rules) -> Rules:
    """The rules as another process can be sent them: read-only mappings cannot."""
    return replace(rules, points=dict(rules.points))


def _chunks(records: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(records)
    while chunk := list(islice(left, _CHUNK)):
        yield chunk


def _by_column(
    chunk: list[Any], rules: Rules, read: Callable[[Any], Record] | None
) -> Iterable[Sequence[Any]]:
    """The same with the columns as rows: half as long on its way between processes."""
    return tuple(zip(*_packed(chunk, rules, read), strict=True))


def _packed(
    chunk: list[Any], rules: Rules, read: Callable[[Any], Record] | None
) -> list[PackedRow]:
    found: Iterable[Record] = map(read, chunk) if read else chunk
    return [pack(profile(record, values, rules)) for record, values in found]
