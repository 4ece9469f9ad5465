"""Pull: a vendor's pages become inbox rows, with the cursor in the same commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import orjson

from connectors.kit.base import Fetches, ListsIds, Page, Pulls, Record, Ref
from connectors.kit.errors import ConnectorError, ContractBroken
from sync.engine.crash import crashpoint
from sync.engine.hub import Flow, Hub
from sync.store import inbox, links, runs
from sync.store.database import Tx, iso
from sync.store.inbox import Received
from sync.store.links import link_id
from sync.store.runs import RunRow
from sync.store.sealing import Box

COMMIT_RECORDS = 500
"""Records that one commit takes in, from as many pages as bring them."""
COMMIT_SECONDS = 0.5
"""How long small pages are gathered for one commit."""
MASS_DELETE_SHARE = 0.05
MASS_DELETE_COUNT = 500
"""A sweep that misses more than this share, or this many records, stops: a fault is likelier."""


@dataclass(slots=True)
class Pulled:
    """What a pull came to."""

    read: int = 0
    taken: int = 0
    unchanged: int = 0
    pages: int = 0
    steps: dict[str, float] = field(default_factory=dict)


def receive(
    tx: Tx, flow: Flow, records: Iterable[Record], *, source: str, run_id: str | None, now: str
) -> tuple[int, int]:
    """Put records into the inbox that say something new; (taken, unchanged).

    The same words of a later time are news: the vendor may have turned back what was written.
    """
    fresh: dict[tuple[str, str], Received] = {}
    count = 0
    box = tx.box
    for record in records:
        count += 1
        row = _received(flow.name, record, source, run_id, now, box)
        fresh[row.link_id, row.digest] = row
    known = inbox.latest_digests(tx, list({link for link, _ in fresh}))
    taken: list[Received] = []
    for row in fresh.values():
        held, changed_at = known.get(row.link_id, (None, None))
        is_later = bool(row.changed_at and changed_at and row.changed_at > changed_at)
        if not is_later and (held == row.digest or _agrees(box, held, row)):
            continue
        known[row.link_id] = row.digest, row.changed_at
        taken.append(row)
    inbox.put(tx, taken)
    return len(taken), count - len(taken)


def _received(
    connection: str, record: Record, source: str, run_id: str | None, now: str, box: Box
) -> Received:
    body = orjson.dumps(record.payload, option=orjson.OPT_SORT_KEYS)
    refs = _pack(record.refs)
    previous = _pack(record.previous_ids)
    return Received(
        link_id(connection, record.stream, record.external_id),
        box.digest(*_parts(body, refs, previous, record.deleted)),
        body,
        refs,
        previous,
        record.version,
        iso(record.changed_at) if record.changed_at else None,
        record.deleted,
        now,
        source,
        run_id,
    )


def _agrees(box: Box, held: str | None, row: Received) -> bool:
    """Whether a digest under an older key is of the same words."""
    if held is None:
        return False
    return box.agrees(held, *_parts(row.payload, row.refs, row.previous, row.deleted))


def _parts(body: bytes, refs: str | None, previous: str | None, deleted: bool) -> tuple[bytes, ...]:
    """What two deliveries that say the same have in common."""
    if not (refs or previous or deleted):
        return (body,)
    return body, f"|{refs}|{previous}|{deleted}".encode()


def _pack(refs: Sequence[Ref]) -> str | None:
    if not refs:
        return None
    return orjson.dumps([[ref.stream, ref.external_id] for ref in refs]).decode()


def pull_stream(
    hub: Hub,
    flow: Flow,
    stream: str,
    run: RunRow,
    *,
    on_page: Callable[[Pulled], bool] | None = None,
) -> Pulled:
    """Read a stream from its cursor to its end.

    Small pages that come quickly share a commit, up to ``COMMIT_RECORDS`` records or
    ``COMMIT_SECONDS``. ``on_page`` is called after each commit; false stops the pull there, with
    nothing lost. Raises the connector's errors; the pages that came before are committed, and
    ``on_page`` has been called for them.
    """
    connector = flow.connector
    if not isinstance(connector, Pulls):
        raise ContractBroken(f'connection "{flow.name}" cannot be read: its connector only writes')
    with hub.database.read() as tx:
        cursor = runs.cursor(tx, flow.name, stream)
        is_whole = stream in runs.whole_streams(tx, flow.name)
    pulled = Pulled()
    pages = iter(connector.pull(stream, cursor))
    while True:
        started = perf_counter()
        group, error = _some_pages(pages)
        read = perf_counter()
        if group:
            _save_pages(hub, flow, stream, group, run, pulled)
        pulled.steps["pull"] = pulled.steps.get("pull", 0.0) + read - started
        pulled.steps["inbox"] = pulled.steps.get("inbox", 0.0) + perf_counter() - read
        goes_on = bool(group) and (on_page is None or on_page(pulled))
        if error is not None:
            raise error
        if not group and not is_whole:
            with hub.database.write() as tx:
                runs.mark_whole(tx, flow.name, stream, hub.stamp())
        if not goes_on:
            return pulled


def _some_pages(pages: Iterator[Page]) -> tuple[list[Page], ConnectorError | None]:
    """The next pages for one commit, and what ended them; no pages at the end of the stream."""
    group: list[Page] = []
    records = 0
    until = perf_counter() + COMMIT_SECONDS
    try:
        for page in pages:
            group.append(page)
            records += len(page.records)
            if records >= COMMIT_RECORDS or perf_counter() >= until:
                break
    except ConnectorError as error:
        return group, error
    return group, None


def _save_pages(
    hub: Hub, flow: Flow, stream: str, group: Sequence[Page], run: RunRow, pulled: Pulled
) -> None:
    records = [record for page in group for record in page.records]
    with hub.database.write() as tx:
        now = hub.stamp()
        taken, unchanged = receive(tx, flow, records, source="pull", run_id=run.id, now=now)
        runs.save_cursor(tx, flow.name, stream, group[-1].cursor, now)
        crashpoint("pull.before_commit")
    crashpoint("pull.after_commit")
    pulled.pages += len(group)
    pulled.read += taken + unchanged
    pulled.taken += taken
    pulled.unchanged += unchanged


def reread(hub: Hub, flow: Flow, refs: Sequence[Ref], *, run_id: str | None = None) -> int:
    """Read single records again (after a webhook or a conflict); how many said something new."""
    connector = flow.connector
    if not isinstance(connector, Fetches):
        return 0
    by_stream: dict[str, list[str]] = {}
    for ref in refs:
        ids = by_stream.setdefault(ref.stream, [])
        if ref.external_id not in ids:
            ids.append(ref.external_id)
    records: list[Record] = []
    for stream, ids in by_stream.items():
        records.extend(connector.fetch(stream, ids))
    with hub.database.write() as tx:
        taken, _ = receive(tx, flow, records, source="reread", run_id=run_id, now=hub.stamp())
    return taken


def sweep(hub: Hub, flow: Flow, stream: str, run: RunRow) -> int:
    """Find records that vanished without a word, and note them as deleted; how many.

    Raises ContractBroken, and notes nothing, where so many are missing that a fault is likelier.
    """
    connector = flow.connector
    if not isinstance(connector, ListsIds):
        return 0
    there = set(connector.ids(stream))
    with hub.database.read() as tx:
        believed = links.live_ids(tx, flow.name, stream)
    missing = sorted(believed - there)
    if len(missing) > max(MASS_DELETE_SHARE * len(believed), 5) or len(missing) > MASS_DELETE_COUNT:
        raise ContractBroken(
            f'{len(missing)} of {len(believed)} records of "{flow.name}" {stream} have vanished at '
            "once; nothing was changed. If they were really deleted, pull again after checking the "
            "vendor's permissions and filters",
            code="MASS_DELETE",
        )
    gone = [Record(stream, external_id, {}, deleted=True) for external_id in missing]
    with hub.database.write() as tx:
        receive(tx, flow, gone, source="pull", run_id=run.id, now=hub.stamp())
    return len(missing)
