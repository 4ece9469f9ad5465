"""Everybody matched again: leads that are one person by today's rules, and pairs to be asked about.

Records of one lead stay together, and what people said counts: this joins and asks, it never parts.
Every merge can be taken back like one that came about when a record arrived.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mapping.match.cluster import Clusters, Decisions, Pair
from sync.engine import bulk, finish, identify, joining, merging, sharing
from sync.engine.batch import Batch, Working
from sync.engine.bulk.plain import match_plain
from sync.engine.hub import Hub
from sync.engine.rekey import everything, known_accounts
from sync.engine.stated import stated
from sync.store import leads, links, matches, pages
from sync.store.database import Tx
from sync.store.links import LinkRow
from sync.store.matches import Open, pair_of

__all__ = ["MOST_WITHOUT", "Rematched", "rematch"]

MOST_WITHOUT = 50_000
"""As many records are matched in plain Python, in a minute or two; more need the extra ``bulk``."""
_TOGETHER = 200
"""As many leads at most are merged in one transaction."""
_PAGE = 2_000
_SAMPLE = 20
_ALL = 1_000_000_000

Group = tuple[str, ...]


@dataclass(slots=True)
class Rematched:
    """What matching again found, and did.

    ``merged`` are leads that became part of another, ``asked`` pairs that were put up for review;
    in a dry run those that would. ``left`` are groups of leads that changed meanwhile and wait for
    the next time. ``sample`` are some of the groups that are put together, ``questions`` some of
    the pairs.
    """

    records: int = 0
    leads: int = 0
    groups: int = 0
    merged: int = 0
    asked: int = 0
    left: int = 0
    sample: Sequence[Group] = field(default_factory=tuple)
    questions: Sequence[Open] = field(default_factory=tuple)


@dataclass(slots=True)
class _Store:
    """Whose every record is, and what was decided about it, as it was at the start."""

    since: str
    owner: dict[str, str] = field(default_factory=dict)
    different: dict[str, frozenset[str]] = field(default_factory=dict)

    def decisions(self) -> Decisions:
        """What was said, and that the records of a lead are one person's."""
        first: dict[str, str] = {}
        same = []
        for record, lead_id in self.owner.items():
            one = first.setdefault(lead_id, record)
            if one != record:
                same.append((one, record))
        return Decisions(same, self.different)


def rematch(
    hub: Hub,
    *,
    dry_run: bool = True,
    user: str | None = None,
    stop: Callable[[], bool] = lambda: False,
    watch: Callable[[Rematched], None] = lambda _: None,
) -> Rematched:
    """Match all leads again; without ``dry_run`` merge those that are one, and ask about others.

    A second run finds nothing more to do. Raises bulk.MissingExtra where there are too many records
    to match without the extra.
    """
    store = _Store(hub.stamp())
    found = _matched(hub, store)
    groups = _groups(store, found)
    done = Rematched(
        records=len(store.owner),
        leads=len(set(store.owner.values())),
        groups=len(groups),
        sample=tuple(groups[:_SAMPLE]),
    )
    if dry_run:
        done.merged = sum(len(group) - 1 for group in groups)
        stays = {lead_id: group[0] for group in groups for lead_id in group}
        with hub.database.read() as tx:
            questions = _questions(tx, hub, found.review, store.owner, stays)
        done.asked, done.questions = len(questions), tuple(questions[:_SAMPLE])
        return done
    for part in _in_transactions(groups):
        if stop():
            return done
        with hub.database.write() as tx:
            merged, left = _merge(hub, tx, store, part, user)
        done.merged += merged
        done.left += left
        watch(done)
    for start in range(0, len(found.review), _PAGE):
        if stop():
            return done
        with hub.database.write() as tx:
            some = found.review[start : start + _PAGE]
            owners = links.owners(tx, {record for pair in some for record in (pair.a, pair.b)})
            questions = _questions(tx, hub, some, owners, {})
            matches.ask(tx, questions)
        done.asked += len(questions)
        done.questions = (*done.questions, *questions)[:_SAMPLE]
        watch(done)
    return done


def _matched(hub: Hub, store: _Store) -> Clusters:
    """The clusters of all records; ``store`` is filled on the way."""
    directory = known_accounts(hub)
    if bulk.is_installed():
        packed = bulk.pack_all(_said(hub, store), rules=hub.rules)
        return bulk.match_bulk(
            packed, rules=hub.rules, decisions=store.decisions, directory=directory
        )
    values = dict(_said(hub, store, most=MOST_WITHOUT))
    return match_plain(values, hub.rules, store.decisions(), directory)


def _said(
    hub: Hub, store: _Store, most: int | None = None
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What every record says; whose it is, and what was decided about it, goes to ``store``."""
    for page in everything(hub, pages.people, _PAGE):
        with hub.database.read() as tx:
            store.different.update(matches.decisions(tx, [link.id for link in page]))
        for link in page:
            values = stated(link)
            if values:
                store.owner[link.id] = str(link.owner_id)
                yield link.id, values
        if most is not None and len(store.owner) > most:
            bulk.need("duckdb", "numpy")


def _groups(store: _Store, found: Clusters) -> list[Group]:
    """The leads of each cluster that has records of several."""
    groups = []
    for records in found.members.values():
        owners = {store.owner[record] for record in records}
        if len(owners) > 1:
            groups.append(tuple(sorted(owners)))
    return sorted(groups)


def _in_transactions(groups: Iterable[Group]) -> Iterator[list[Group]]:
    part: list[Group] = []
    size = 0
    for group in groups:
        if part and size + len(group) > _TOGETHER:
            yield part
            part, size = [], 0
        part.append(group)
        size += len(group)
    if part:
        yield part


def _merge(
    hub: Hub, tx: Tx, store: _Store, groups: Sequence[Group], user: str | None
) -> tuple[int, int]:
    """Merge the leads of each group; how many were merged, and how many groups were left."""
    batch = Batch(hub.stamp(), hub.stage_rules)
    _load(hub, tx, batch, {lead_id for group in groups for lead_id in group})
    winners: list[Working] = []
    for group in groups:
        workings = [batch.leads[one] for one in group if one in batch.leads]
        if len(workings) < len(group) or not _are_as_they_were(batch, store, workings):
            continue
        winner, *others = sorted(workings, key=lambda one: (one.lead.created_at, one.lead.id))
        for loser in others:
            joining.join(batch, winner, loser, cause="match", user=user)
        winners.append(winner)
    if winners:
        stayed = {winner.lead.id for winner in winners}
        others = [one for one in sharing.share(tx, batch) if one.lead.id not in stayed]
        finish.finish_by_hand(hub, batch, others)
        merging._finish(hub, tx, batch, winners, {})
        changed = [working for working in batch.leads.values() if working.touched]
        merging._write(hub, tx, batch, changed)
        joining.write(tx, batch)
    return len(batch.merged), len(groups) - len(winners)


def _load(hub: Hub, tx: Tx, batch: Batch, lead_ids: set[str]) -> None:
    """The leads with their records, locked like a resolver's."""
    leads.lock_keys(tx, *identify.locks_of(hub, links.of_leads(tx, lead_ids)))
    rows = leads.by_ids(tx, sorted(lead_ids), lock=True)
    held: dict[str, list[LinkRow]] = {}
    for link in links.of_leads(tx, rows):
        held.setdefault(str(link.owner_id), []).append(link)
    keys = leads.keys_of(tx, rows)
    for lead_id, row in rows.items():
        if row.merged_into is None:
            own = held.get(lead_id, [])
            batch.leads[lead_id] = Working.stored(row, own, keys.get(lead_id, ()))
    records = [link.id for working in batch.leads.values() for link in working.links]
    batch.decisions = Decisions(different=matches.decisions(tx, records))


def _are_as_they_were(batch: Batch, store: _Store, workings: Sequence[Working]) -> bool:
    """Whether nothing was heard or said of these leads since everybody was read."""
    for number, working in enumerate(workings):
        for link in working.links:
            if link.updated_at > store.since or store.owner.get(link.id) not in (
                None,
                working.lead.id,
            ):
                return False
        ours = [link.id for link in working.links]
        theirs = [link.id for other in workings[number + 1 :] for link in other.links]
        if batch.decisions.forbids(ours, theirs):
            return False
    return True


def _questions(
    tx: Tx,
    hub: Hub,
    review: Sequence[Pair],
    owner: Mapping[str, str],
    stays: Mapping[str, str],
) -> list[Open]:
    """The pairs of leads that nobody was asked about yet, or with less reason; the surest first.

    ``stays`` says which lead of a group would stay, where the groups are not merged yet.
    """
    now = hub.stamp()
    asked: dict[tuple[str, str], float] = {}
    for one in matches.open_pairs(tx, now, above=-_ALL, limit=_ALL, later=True):
        twos = pair_of(stays.get(one.lead_a, one.lead_a), stays.get(one.lead_b, one.lead_b))
        asked[twos] = max(one.score, asked.get(twos, one.score))
    found: list[Open] = []
    for pair in review:
        if pair.a not in owner or pair.b not in owner:
            continue
        a, b = (stays.get(owner[record], owner[record]) for record in (pair.a, pair.b))
        twos = pair_of(a, b)
        if a == b or asked.get(twos, -_ALL) >= pair.score.points:
            continue
        asked[twos] = pair.score.points
        records = (pair.a, pair.b) if twos == (a, b) else (pair.b, pair.a)
        reasons = [[one.code, one.points, one.detail] for one in pair.score.reasons]
        found.append(
            Open(*twos, *records, pair.score.points, pair.blocked, reasons, None, now, now)
        )
    return found
