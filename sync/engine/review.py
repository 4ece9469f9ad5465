"""Pairs of leads that may be one person: listed, compared side by side, decided one by one or many.

The same functions serve the command line and the console.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from mapping.match.compare import Score, compare
from sync.engine.batch import Batch, Working
from sync.engine.hub import Hub
from sync.engine.merging import Impossible, Outcome, between, load, merge
from sync.store import leads, links, matches
from sync.store.database import Tx, iso
from sync.store.leads import LeadRow
from sync.store.links import LinkRow
from sync.store.matches import Open, pair_of

__all__ = [
    "Case",
    "Many",
    "case",
    "cases",
    "chosen",
    "compared",
    "later",
    "merge_above",
    "sample",
    "waiting",
]


@dataclass(frozen=True, slots=True)
class Case:
    """Two leads that may be one: the question, both leads, and their records.

    ``asked`` is false where nobody wondered, and the two were compared only now.
    """

    question: Open
    leads: tuple[LeadRow, LeadRow]
    records: tuple[tuple[LinkRow, ...], tuple[LinkRow, ...]]
    asked: bool = True

    def differing(self) -> Iterator[tuple[str, object, object]]:
        """The fields that either lead has, with both values; those that differ first."""
        one, other = self.leads[0].fields, self.leads[1].fields
        names = [*one, *(name for name in other if name not in one)]
        for name in sorted(names, key=lambda name: one.get(name) == other.get(name)):
            yield name, one.get(name), other.get(name)


@dataclass(frozen=True, slots=True)
class Many:
    """What a decision about many pairs did: how many it merged, and which it could not."""

    merged: int
    refused: tuple[tuple[str, str, str], ...]


def waiting(hub: Hub) -> int:
    """How many pairs wait for a person."""
    with hub.database.read() as tx:
        return matches.count_open(tx, hub.stamp())


def cases(hub: Hub, *, above: float = 0.0, limit: int = 50, put_off: bool = False) -> list[Case]:
    """Pairs that wait for a person, the surest first; with ``put_off`` also those for later."""
    with hub.database.read() as tx:
        found = matches.open_pairs(tx, hub.stamp(), above=above, limit=limit, later=put_off)
        return _cases(tx, found)


def case(hub: Hub, one: str, other: str) -> Case | None:
    """One open pair; None where nothing is asked about the two."""
    with hub.database.read() as tx:
        found = matches.open_pair(tx, one, other)
        return next(iter(_cases(tx, [found])), None) if found is not None else None


def compared(hub: Hub, one: str, other: str) -> Case:
    """Two leads held against each other now, by the two of their records that fit best.

    Raises Impossible for one lead twice, LookupError for an unknown one.
    """
    with hub.database.read() as tx:
        batch = Batch(hub.stamp(), hub.stage_rules)
        first, second = load(hub, tx, batch, pair_of(one, other), lock=False)
        if first is second:
            raise Impossible("SAME_LEAD", f"{one} and {other} are one lead already")
        if second.lead.id < first.lead.id:
            first, second = second, first
        said = matches.decisions(tx, [link.id for link in first.links])
    best, record_a, record_b = _best(hub, first, second)
    apart = any(link.id in others for others in said.values() for link in second.links)
    blocked = "decision" if apart else between(hub, first, second)
    reasons = [[r.code, r.points, r.detail] for r in best.reasons] if best else []
    points = best.points if best else 0.0
    ids = (first.lead.id, second.lead.id)
    asked = Open(*ids, record_a, record_b, points, blocked, reasons, None, batch.now, batch.now)
    return Case(
        asked,
        (first.lead, second.lead),
        (tuple(first.links), tuple(second.links)),
        asked=False,
    )


def _best(hub: Hub, one: Working, other: Working) -> tuple[Score | None, str, str]:
    best: tuple[Score | None, str, str] = (None, "", "")
    for a in one.profiles.values():
        for b in other.profiles.values():
            found = compare(a, b, rules=hub.rules)
            if best[0] is None or found.points > best[0].points:
                best = (found, a.record, b.record)
    return best


def _cases(tx: Tx, found: Sequence[Open]) -> list[Case]:
    ids = {lead_id for one in found for lead_id in (one.lead_a, one.lead_b)}
    rows = leads.by_ids(tx, ids)
    held: dict[str, list[LinkRow]] = {}
    for link in links.of_leads(tx, ids):
        held.setdefault(link.owner_id or "", []).append(link)
    return [
        Case(
            one,
            (rows[one.lead_a], rows[one.lead_b]),
            (tuple(held.get(one.lead_a, ())), tuple(held.get(one.lead_b, ()))),
        )
        for one in found
        if one.lead_a in rows and one.lead_b in rows
    ]


def chosen(hub: Hub, score: float, *, blocked: bool = False) -> list[Open]:
    """Every pair that ``merge_above`` would look at, the surest first."""
    with hub.database.read() as tx:
        return matches.open_pairs(tx, hub.stamp(), above=score, limit=_ALL, free=not blocked)


_ALL = 1_000_000


def sample(hub: Hub, pairs: Sequence[Open], size: int) -> list[Case]:
    """Some of many pairs, in their order: the first, the last, and others by lot.

    The lot falls by the pairs themselves, so that asking twice shows the same ones.
    """
    if len(pairs) > size:
        ends = max(size // 3, 1)
        middle = sorted(pairs[ends : len(pairs) - ends], key=_lot)[: max(size - 2 * ends, 0)]
        places = {(one.lead_a, one.lead_b) for one in (*pairs[:ends], *pairs[-ends:], *middle)}
        pairs = [one for one in pairs if (one.lead_a, one.lead_b) in places][:size]
    with hub.database.read() as tx:
        return _cases(tx, pairs)


def _lot(one: Open) -> bytes:
    return blake2b(f"{one.lead_a}/{one.lead_b}".encode(), digest_size=8).digest()


def merge_above(
    hub: Hub,
    score: float,
    *,
    user: str,
    blocked: bool = False,
    stop: Callable[[], bool] = lambda: False,
    watch: Callable[[Outcome], None] = lambda _: None,
) -> Many:
    """Merge every pair from ``score`` points on, the surest first.

    Pairs that something stands in the way of (another record contradicts, a rival is as near) are
    left out unless ``blocked``; so are those that the merges before them brought into that state.
    Each merge is a transaction of its own and can be taken back.
    """
    merged = 0
    refused: dict[tuple[str, str], str] = {}
    while not stop():
        with hub.database.read() as tx:
            limit = _AT_ONCE + len(refused)
            found = matches.open_pairs(tx, hub.stamp(), above=score, limit=limit, free=not blocked)
        todo = [one for one in found if (one.lead_a, one.lead_b) not in refused]
        if not todo:
            break
        gone: set[str] = set()
        for one in todo:
            if stop():
                break
            pair = (one.lead_a, one.lead_b)
            if not gone.isdisjoint(pair):
                continue  # it is asked of the lead that stayed, and comes again
            try:
                done = merge(hub, *pair, user=user, unless_contradicted=not blocked)
            except (Impossible, LookupError) as why:
                refused[pair] = getattr(why, "code", "NO_SUCH_LEAD")
                continue
            gone.update(pair)
            merged += 1
            watch(done)
    return Many(merged, tuple((a, b, code) for (a, b), code in refused.items()))


_AT_ONCE = 500


def later(hub: Hub, one: str, other: str, until: datetime) -> bool:
    """Ask about two leads again from a moment on; whether anything was asked."""
    with hub.database.write() as tx:
        return matches.put_off(tx, *pair_of(one, other), iso(until)) > 0
