"""Draw records by chance, the same for the same seed, and read them again from their vendors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from connectors.kit.base import Fetches, Record
from mapping.errors import MappingError
from sync.engine.hub import Flow, Hub
from sync.engine.owed import target_link
from sync.engine.quota import Lane, in_lane
from sync.store import leads, links, samples
from sync.store.leads import LeadRow
from sync.store.links import LinkRow, link_id, split_id

__all__ = ["Drawn", "Sighting", "draw", "look"]


@dataclass(slots=True)
class Drawn:
    """What is to be read of a connection, by link id.

    ``own`` are the records drawn there, ``share`` what part of all its records they are, and
    ``people`` whose they are; ``others`` are the records of people who were drawn elsewhere.
    """

    own: list[str]
    share: float
    people: set[str] = field(default_factory=set)
    others: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Sighting:
    """One record as its vendor holds it now, with its link and lead as the hub has them.

    ``values`` are what the record says itself, by canonical name; ``is_target`` is whether it is
    the one of its lead's that the hub writes to.
    """

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


def draw(hub: Hub, names: Iterable[str], sample: int, seed: int) -> dict[str, Drawn]:
    """Up to ``sample`` records of each connection that can read single records again.

    Each record is as likely as any other. Deleted ones keep their places, so that the sample stays
    the same when a record goes. Who was drawn at one connection is looked at at the others, too.
    """
    found: dict[str, Drawn] = {}
    with hub.database.read() as tx:
        for name in names:
            flow = hub.flows[name]
            if not flow.config.enabled or not isinstance(flow.connector, Fetches):
                continue
            total = samples.count(tx, name)
            number = min(sample, total)
            places = Random(f"{seed}/{name}").sample(range(1, total + 1), number)  # noqa: S311  # a sample, no secret
            share = number / total if total else 0.0
            found[name] = Drawn(samples.at(tx, name, sorted(places)), share)
        for some in found.values():
            some.people = {link.owner_id or "" for link in links.by_ids(tx, some.own).values()}
        people = {one for some in found.values() for one in some.people}
        held = links.of_leads(tx, people) if len(found) > 1 else []
    by_lead: dict[str, list[LinkRow]] = {}
    for link in held:
        by_lead.setdefault(link.owner_id or "", []).append(link)
    for name, some in found.items():
        targets = (target_link(hub.flows[name], theirs) for theirs in by_lead.values())
        own = set(some.own)
        some.others = sorted(one.id for one in targets if one is not None and one.id not in own)
    return found


def look(hub: Hub, flow: Flow, ids: Sequence[str]) -> list[Sighting]:
    """Read these records from their vendor now; raises the connector's errors.

    One that its vendor does not answer for, that is nobody's, or that cannot be read through its
    field map is left out, and so is one that the hub itself changed meanwhile.
    """
    begun = hub.stamp()
    return _seen(hub, flow, _fetched(flow, ids), begun)


def _fetched(flow: Flow, ids: Iterable[str]) -> dict[str, Record]:
    by_stream: dict[str, list[str]] = {}
    for one in ids:
        _, stream, external_id = split_id(one)
        by_stream.setdefault(stream, []).append(external_id)
    found: dict[str, Record] = {}
    for stream, wanted in by_stream.items():
        asked = set(wanted)
        with in_lane(Lane.BACKFILL):
            records = flow.connector.fetch(stream, wanted)
        for record in records:
            named = [(record.stream, record.external_id)]
            named += [(ref.stream, ref.external_id) for ref in record.previous_ids]
            found.update((link_id(flow.name, *one), record) for one in named if one[1] in asked)
    return found


def _seen(hub: Hub, flow: Flow, records: Mapping[str, Record], begun: str) -> list[Sighting]:
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
        if lead is None or lead.merged_into or link.state != "live" or link.updated_at > begun:
            continue
        target = target_link(flow, by_lead.get(lead.id, ()))
        seen = Sighting(link, lead, record, target is not None and target.id == own)
        if not seen.is_gone:
            try:
                flat = flow.flatten(record.stream, record.payload)
                draft = flow.map_for(record.stream).read(flat)
            except MappingError:
                continue  # it was set aside when it came
            seen.values = {
                name: value for name, value in draft.values.items() if name not in draft.derived
            }
        found.append(seen)
    return found
