"""Drift audit: a sample of records is read again and held against what the hub believes and wants.

Of every connection some records are read from the vendor now. A value agrees where the vendor holds
what the hub remembers, and what the lead says it is to hold; a record that is gone agrees in
nothing. Pairs of connections are compared by the people of both samples, the other side as read
just now or else as last heard. Scores come with a 95 % interval, for a sample is no census.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from random import Random
from typing import Any

from connectors.kit.base import Fetches, Record
from connectors.kit.errors import ConnectorError
from mapping.consent import UNKNOWN, is_consent
from mapping.errors import MappingError
from mapping.fieldmap import FieldMap
from mapping.model import PUSH_ONLY
from mapping.normalise.text import is_blank
from sync.engine.consents import really
from sync.engine.hub import Flow, Hub, new_id
from sync.engine.owed import owed_fields, target_link
from sync.engine.pull import receive
from sync.engine.quota import Lane, in_lane
from sync.engine.resolve import resolve_due
from sync.engine.tallies import DIFFERS, DRIFTED, GONE, OWED, Difference, Tally
from sync.store import leads, links, outbox, runs, samples
from sync.store.leads import LeadRow
from sync.store.links import LinkRow, link_id, split_id
from sync.store.runs import RunRow

__all__ = ["SAMPLE", "Audit", "Difference", "Tally", "audit"]

SAMPLE = 400
"""Records of each connection: enough for a score of 99 % to be known within about 1 %."""
AT_ONCE = 100
"""Records that are asked for at once."""


@dataclass(slots=True)
class Audit:
    """The score of each connection and of each pair of them."""

    seed: int
    connections: dict[str, Tally] = field(default_factory=dict)
    pairs: dict[tuple[str, str], Tally] = field(default_factory=dict)


@dataclass(slots=True)
class _Read:
    """One record of a sample: its link and lead, and what the vendor answered."""

    link: LinkRow
    lead: LeadRow
    record: Record
    is_target: bool
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_gone(self) -> bool:
        """Whether the vendor has the record no more, or under another id."""
        asked = (self.link.stream, self.link.external_id)
        return self.record.deleted or (self.record.stream, self.record.external_id) != asked


def audit(
    hub: Hub,
    *,
    sample: int = SAMPLE,
    seed: int,
    names: Sequence[str] | None = None,
    repair: bool = False,
    below: float = 1.0,
    cause: str = "command",
    stop: Callable[[], bool] = lambda: False,
    watch: Callable[[RunRow], None] = lambda _: None,
) -> Audit:
    """Compare a sample of every connection (or of these) with its vendor; a run row for each.

    The same seed takes the same records as long as none are added. With ``repair``, connections
    whose score is under ``below`` have what differs put through the inbox like any news, and what
    is then missing at the vendor is owed again; the next push writes it. Safe to repeat.
    """
    done = Audit(seed)
    read: dict[str, list[_Read]] = {}
    for name in names or list(hub.flows):
        if stop():
            break
        flow = hub.flows[name]
        if not flow.config.enabled or not isinstance(flow.connector, Fetches):
            continue
        run = _begin(hub, name, cause)
        tally = done.connections[name] = Tally((name,))
        read[name] = _sampled(hub, flow, sample, seed, run, tally, stop, watch)
        differing = [one for one in read[name] if _compare(flow, one, tally)]
        score = tally.score
        if repair and differing and score is not None and score < below:
            tally.repaired = _repair(hub, flow, differing, run.id)
        _end(hub, run, tally, "stopped" if stop() else "failed" if tally.error else "succeeded")
        watch(run)
    _pairs(hub, read, done)
    return done


# Reading


def _sampled(
    hub: Hub,
    flow: Flow,
    sample: int,
    seed: int,
    run: RunRow,
    tally: Tally,
    stop: Callable[[], bool],
    watch: Callable[[RunRow], None],
) -> list[_Read]:
    with hub.database.read() as tx:
        total = samples.count(tx, flow.name)
        places = Random(f"{seed}/{flow.name}").sample(range(1, total + 1), min(sample, total))  # noqa: S311  # a sample, no secret
        chosen = samples.at(tx, flow.name, sorted(places))
    found: list[_Read] = []
    for start in range(0, len(chosen), AT_ONCE):
        if stop():
            break
        try:
            with in_lane(Lane.BACKFILL):
                records = _fetched(flow, chosen[start : start + AT_ONCE])
        except ConnectorError as error:
            tally.error, run.code = str(error), error.code
            break
        found += _with_leads(hub, flow, records)
        tally.records = len(found)
        run.counts = {"read": len(found)}
        run.beat_at = hub.stamp()
        with hub.database.write() as tx:
            runs.save(tx, run)
        watch(run)
    return found


def _fetched(flow: Flow, ids: Iterable[str]) -> dict[str, Record]:
    """What the vendor has of these links; one that it does not answer for is left out."""
    by_stream: dict[str, list[str]] = {}
    for one in ids:
        _, stream, external_id = split_id(one)
        by_stream.setdefault(stream, []).append(external_id)
    found: dict[str, Record] = {}
    for stream, wanted in by_stream.items():
        for record in flow.connector.fetch(stream, wanted):
            asked = [(record.stream, record.external_id)]
            asked += [(ref.stream, ref.external_id) for ref in record.previous_ids]
            found.update((link_id(flow.name, *one), record) for one in asked if one[1] in wanted)
    return found


def _with_leads(hub: Hub, flow: Flow, records: Mapping[str, Record]) -> list[_Read]:
    """The records with their links and leads as they are by now."""
    with hub.database.read() as tx:
        held = {one: link for one, link in links.by_ids(tx, records).items() if link.owner_id}
        owners = {link.owner_id or "" for link in held.values()}
        rows = leads.by_ids(tx, owners, provenance=False)
        by_lead: dict[str, list[LinkRow]] = {}
        for link in links.of_leads(tx, owners, flow.name):
            by_lead.setdefault(link.owner_id or "", []).append(link)
    found = []
    for own, link in held.items():
        lead, record = rows.get(link.owner_id or ""), records[own]
        if lead is None or link.state != "live" or lead.merged_into:
            continue
        target = target_link(flow, by_lead.get(lead.id, ()))
        read = _Read(link, lead, record, target is not None and target.id == own)
        if not read.is_gone:
            try:
                flat = flow.flatten(record.stream, record.payload)
                read.values = flow.map_for(record.stream).read(flat).values
            except MappingError:
                continue  # a record that cannot be read was set aside when it came
        found.append(read)
    return found


# Comparing


def _compare(flow: Flow, one: _Read, tally: Tally) -> bool:
    """Hold a record against what the hub believes and wants; whether anything differs."""
    believed, field_map = really(one.link), flow.map_for(one.link.stream)
    before = tally.differing.total()
    if one.is_gone:
        for name in [name for name, value in believed.items() if not is_blank(value)]:
            tally.note(name, Difference(one.lead.id, one.link.id, name, GONE))
        return True
    now = dict(believed)
    now.update((name, value) for name, value in one.values.items() if name not in PUSH_ONLY)
    owed = _wanted(flow, field_map, one, now)
    names = [name for name in now if name not in PUSH_ONLY]
    for name in [*names, *(name for name in owed if name not in now)]:
        holds, held = now.get(name), believed.get(name)
        if is_blank(holds) and is_blank(held) and name not in owed:
            continue
        about = (one.lead.id, one.link.id, name)
        if not _agree(field_map, name, holds, held):
            tally.note(name, Difference(*about, DRIFTED, holds, held))
        elif name in owed:
            tally.note(name, Difference(*about, OWED, holds, owed[name]))
        else:
            tally.note(name, None)
    return tally.differing.total() > before


def _wanted(flow: Flow, field_map: FieldMap, one: _Read, now: Mapping[str, Any]) -> dict[str, Any]:
    """What the record should get, were it known to hold what it holds; refused fields, too."""
    if flow.config.push is None or not one.is_target:
        return {}
    link = replace(one.link, held=dict(now), parked={}, match=None)
    return {
        name: value
        for name, value in owed_fields(flow, field_map, one.lead, link).items()
        if name not in PUSH_ONLY
    }


def _agree(field_map: FieldMap, name: str, holds: Any, held: Any) -> bool:
    """Whether a vendor that was written ``held`` may well hold this."""
    if holds == held or (is_blank(holds) and is_blank(held)):
        return True
    return name in field_map.writable and field_map.settles(name, held, holds)


def _pairs(hub: Hub, read: Mapping[str, Sequence[_Read]], done: Audit) -> None:
    fresh = {one.link.id: one for some in read.values() for one in some if not one.is_gone}
    people = sorted({one.lead.id for one in fresh.values()})
    with hub.database.read() as tx:
        held = links.of_leads(tx, people)
    by_lead: dict[str, dict[str, LinkRow]] = {}
    for link in held:
        if link.state == "live" and link.connection in read:
            first = by_lead.setdefault(link.owner_id or "", {})
            if link.connection not in first or (
                link.id in fresh and first[link.connection].id not in fresh
            ):
                first[link.connection] = link
    for lead_id in people:
        at = by_lead.get(lead_id, {})
        for one, other in combinations(sorted(at), 2):
            if at[one].id not in fresh and at[other].id not in fresh:
                continue
            tally = done.pairs.setdefault((one, other), Tally((one, other)))
            tally.records += 1
            _compare_two(hub, lead_id, (at[one], at[other]), fresh, tally)
    done.pairs = dict(sorted(done.pairs.items()))


def _compare_two(
    hub: Hub,
    lead_id: str,
    two: tuple[LinkRow, LinkRow],
    fresh: Mapping[str, _Read],
    tally: Tally,
) -> None:
    """Hold two records of a person against each other, in what the hub keeps the same there."""
    a, b = (hub.flows[link.connection].map_for(link.stream) for link in two)
    holds, other = (
        {**really(link), **(fresh[link.id].values if link.id in fresh else {})} for link in two
    )
    for name in sorted(a.fields & b.fields & (a.writable | b.writable) - PUSH_ONLY):
        mine, theirs = (
            UNKNOWN if is_blank(value) and is_consent(name) else value
            for value in (holds.get(name), other.get(name))
        )
        if is_blank(mine) and is_blank(theirs):
            continue
        if _agree(a, name, mine, theirs) or _agree(b, name, theirs, mine):
            tally.note(name, None)
        else:
            tally.note(name, Difference(lead_id, two[0].id, name, DIFFERS, mine, theirs))


# Repairing


def _repair(hub: Hub, flow: Flow, differing: Sequence[_Read], run_id: str) -> int:
    """Take what differs in like any news, and owe what is missing at the vendor; how many."""
    ids = [one.link.id for one in differing]
    with hub.database.write() as tx:
        leads.lock_keys(tx, (), ids)
        stored = links.by_ids(tx, ids)
        for link in stored.values():
            link.digest = None  # the same payload may have come before, and was overwritten since
        links.save(tx, stored.values())
        records = [one.record for one in differing]
        receive(tx, flow, records, source="reread", run_id=run_id, now=hub.stamp())
    resolve_due(hub)
    if flow.config.push is not None:
        with hub.database.write() as tx:
            owners = {link.owner_id for link in links.by_ids(tx, ids).values() if link.owner_id}
            outbox.owe(tx, [(flow.name, lead_id) for lead_id in sorted(owners)], hub.stamp())
    return len(differing)


def _begin(hub: Hub, name: str, cause: str) -> RunRow:
    now = hub.stamp()
    run = RunRow(
        id=new_id("run", hub.now()),
        connection=name,
        stream=None,
        kind="audit",
        cause=cause,
        state="running",
        started_at=now,
        beat_at=now,
        process=hub.process,
    )
    with hub.database.write() as tx:
        runs.save(tx, run)
    return run


def _end(hub: Hub, run: RunRow, tally: Tally, state: str) -> None:
    run.counts = {
        "read": tally.records,
        "compared": tally.compared.total(),
        "differing": tally.differing.total(),
        "repaired": tally.repaired,
        **tally.why,
    }
    run.state, run.error = state, tally.error
    run.finished_at = run.beat_at = hub.stamp()
    with hub.database.write() as tx:
        runs.save(tx, run)
