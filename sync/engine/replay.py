"""Replay: the payloads of a period, read once more through the field maps of today.

``replay`` only tells what would differ. ``apply`` puts what differs back into the inbox, and the
ordinary way of a record mends the leads and what is owed. Only the last that was heard of a record
counts; older payloads tell since when it says so. Applying twice changes nothing more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from sync.engine.hub import Hub, stream_type
from sync.engine.rereading import Found, Page, RecordDiff, StageDiff
from sync.engine.resolve import Resolved, resolve_due
from sync.store import asides, inbox, links, replays
from sync.store.asides import subject
from sync.store.database import Tx
from sync.store.inbox import Received
from sync.store.replays import Slot

__all__ = ["Period", "RecordDiff", "ReplayDiff", "StageDiff", "apply", "reach", "replay"]

PAGE = 500
"""Payloads that are read, and records that are put back, at a time."""
KEPT = 1000
"""Differing records that a diff holds, where nobody asks for another number."""

Stop = Callable[[], bool]


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Period:
    """What is replayed: received from ``since`` until before ``until``, both as stored.

    ``connections`` and ``streams``, by their name or type, leave out others where they are given.
    """

    since: str
    until: str
    connections: Collection[str] = ()
    streams: Collection[str] = ()

    def wants(self, connection: str, stream: str) -> bool:
        """Whether a stream is meant."""
        if self.connections and connection not in self.connections:
            return False
        return not self.streams or stream in self.streams or stream_type(stream) in self.streams


@dataclass(slots=True)
class ReplayDiff:
    """What a replay would change. ``fields`` counts by (connection, stream, field).

    ``counts``: read, same, differ; moves, refused_moves, problems, settled, kept (opt-outs),
    refused, readable; and left out: gone, moved, waiting, unreadable, no_connection. ``records``
    are the first of those that differ or are refused. ``stopped``: it was ended before its end.
    """

    counts: Counter[str] = field(default_factory=Counter)
    fields: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    records: list[RecordDiff] = field(default_factory=list)
    stopped: bool = False

    def add(self, one: RecordDiff, keep: int) -> None:
        """Count a record in."""
        counts = self.counts
        counts["differ" if one.differs else "refused" if one.refused else "same"] += 1
        counts["problems"] += len(one.problems)
        counts["settled"] += len(one.settled)
        counts["kept"] += len(one.kept)
        counts["readable"] += one.readable
        if one.stage is not None:
            counts["refused_moves" if one.stage.refused else "moves"] += 1
        for each in one.fields:
            self.fields[one.connection, one.stream, each.field] += 1
        if (one.differs or one.refused) and len(self.records) < keep:
            self.records.append(one)


def reach(hub: Hub) -> str | None:
    """When the oldest payload that can be replayed was received; None where there is none."""
    with hub.database.read() as tx:
        return replays.oldest(tx)


def replay(
    hub: Hub,
    period: Period,
    *,
    stop: Stop = _never,
    watch: Callable[[RecordDiff], None] = lambda _: None,
    keep: int = KEPT,
) -> ReplayDiff:
    """What the field maps of today would make of what was received in a period; writes nothing.

    ``watch`` gets each record that differs or is refused, ``keep`` of them are in the answer.
    """
    total = ReplayDiff()
    for page in _pages(hub, period, total.counts):
        for one in page:
            total.add(one.diff, keep)
            if one.diff.differs or one.diff.refused:
                watch(one.diff)
        if stop():
            total.stopped = True
            break
    return total


def apply(
    hub: Hub,
    period: Period,
    *,
    run_of: Callable[[str], str | None],
    took: Callable[[str, ReplayDiff, Resolved], None] = lambda _name, _diff, _resolved: None,
    stop: Stop = _never,
    keep: int = KEPT,
) -> ReplayDiff:
    """Put what differs back into the inbox and resolve it, page by page; what differed.

    ``run_of`` gives the run of a connection, and is asked only where something of it differs;
    ``took`` is told what became of a connection's part of a page. A record of which something new
    is heard meanwhile is left to that.
    """
    total = ReplayDiff()
    for page in _pages(hub, period, total.counts):
        for name, found in _by_connection(page).items():
            part = ReplayDiff()
            for one in found:
                part.add(one.diff, 0)
                total.add(one.diff, keep)
            differing = [one for one in found if one.diff.differs]
            if differing:
                _put_back(hub, differing, run_of(name))
                took(name, part, resolve_due(hub))
        if stop():
            total.stopped = True
            break
    return total


def _by_connection(page: Sequence[Found]) -> dict[str, list[Found]]:
    found: dict[str, list[Found]] = {}
    for one in page:
        found.setdefault(one.diff.connection, []).append(one)
    return found


def _put_back(hub: Hub, found: Sequence[Found], run_id: str | None) -> None:
    """Back into the inbox, with the times that they had."""
    readable = [one.diff for one in found if one.diff.readable]
    with hub.database.write() as tx:
        now = hub.stamp()
        inbox.put_back(tx, [one.link_id for one in readable], now)
        about = [subject("record", d.connection, d.stream, d.external_id) for d in readable]
        asides.close(tx, about, now)
        inbox.put(
            tx,
            [
                Received(
                    one.row.link_id,
                    one.row.digest,
                    one.again.pack(one.row.payload or b"null"),
                    one.row.refs,
                    None,
                    one.row.version,
                    one.row.changed_at,
                    False,
                    one.row.received_at,
                    inbox.REPLAY,
                    run_id,
                )
                for one in found
                if one.again is not None
            ],
        )


def _pages(hub: Hub, period: Period, counts: Counter[str]) -> Iterator[list[Found]]:
    """The records of a period with their differences, some at a time."""
    with hub.database.read() as tx:
        last = replays.last_id(tx)
    at = 0
    while at < last:
        with hub.database.read() as tx:
            at, slots = replays.slots(tx, at, last, period.since, period.until, PAGE)
            chosen = _chosen(hub, tx, period, slots, counts)
            found = Page(hub, tx, chosen, counts).found()
        yield found


def _chosen(
    hub: Hub, tx: Tx, period: Period, slots: Sequence[Slot], counts: Counter[str]
) -> list[Slot]:
    """Of the payloads on a page those that hold the last word of a record that is meant."""
    meant = []
    for slot in slots:
        connection, stream, _ = links.split_id(slot.link_id)
        if not period.wants(connection, stream):
            continue
        flow = hub.flows.get(connection)
        if flow is None or stream_type(stream) not in flow.maps:
            counts["no_connection"] += 1
            continue
        meant.append(slot)
    ids = {slot.link_id for slot in meant}
    newest, waiting = replays.newest(tx, ids), replays.waiting(tx, ids)
    chosen = []
    for slot in meant:
        if slot.id != newest.get((slot.link_id, slot.digest)):
            continue
        if slot.link_id in waiting:
            counts["waiting"] += slot.id == newest[slot.link_id, ""]
        else:
            chosen.append(slot)
    return [one for one in chosen if one.state == "done" or one.id == newest[one.link_id, ""]]
