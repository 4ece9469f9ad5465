"""Drift audit: records as their vendors hold them now, against what the hub believes and wants.

A value agrees where the vendor holds what the hub remembers, and what the lead says it is to hold;
a record that is gone agrees in nothing. Values are compared as the field map reads them back, so
that what a vendor's format loses or writes otherwise is no difference. Two systems are compared by
the people they share, in what the hub keeps the same there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from mapping.consent import DENIED, UNKNOWN, is_consent
from mapping.fieldmap import FieldMap
from mapping.model import PUSH_ONLY
from mapping.normalise.text import is_blank
from sync.engine.consents import really
from sync.engine.hub import Flow, Hub
from sync.engine.owed import owed_fields
from sync.engine.pull import receive
from sync.engine.resolve import resolve_due
from sync.engine.sampling import Drawn, Sighting
from sync.engine.tallies import DIFFERS, DRIFTED, GONE, OWED, Difference, Tally
from sync.store import leads, links, outbox

__all__ = ["Audit", "compare", "compare_pairs", "repair"]


@dataclass(slots=True)
class Audit:
    """The score of each connection and of each pair of them."""

    seed: int
    connections: dict[str, Tally] = field(default_factory=dict)
    pairs: dict[tuple[str, str], Tally] = field(default_factory=dict)


# One system against the hub


def compare(flow: Flow, one: Sighting) -> dict[str, Difference | None]:
    """What of a record agrees with what the hub believes and wants, by field.

    Fields that the record does not show, or that neither side has a value for, are left out.
    """
    believed, field_map = really(one.link), flow.map_for(one.link.stream)
    if one.is_gone:
        return {
            name: Difference(one.lead.id, one.link.id, name, GONE)
            for name, value in believed.items()
            if name in field_map.fields and not is_blank(value)
        }
    wanted = _wanted(flow, field_map, one, {**believed, **one.values})
    found: dict[str, Difference | None] = {}
    for name in one.values.keys() | wanted.keys():
        holds, held = one.values.get(name), believed.get(name)
        if name in PUSH_ONLY or (_is_nothing(name, holds, held) and name not in wanted):
            continue
        about = (one.lead.id, one.link.id, name)
        if name in one.values and not _agree(field_map, name, holds, held):
            found[name] = Difference(*about, DRIFTED, holds, held)
        elif name in wanted:
            found[name] = Difference(*about, OWED, holds, wanted[name])
        else:
            found[name] = None
    return found


def _wanted(
    flow: Flow, field_map: FieldMap, one: Sighting, holds: Mapping[str, Any]
) -> dict[str, Any]:
    """What the record would get, were it known to hold what it holds; refused fields, too.

    Of fields that are written and never read nobody can see what became of them.
    """
    if flow.config.push is None or not one.is_target:
        return {}
    link = replace(one.link, held=dict(holds), parked={}, match=None)
    owed = owed_fields(flow, field_map, one.lead, link)
    return {name: value for name, value in owed.items() if name in field_map.fields}


def _agree(field_map: FieldMap, name: str, holds: Any, held: Any) -> bool:
    """Whether a vendor that was written ``held`` may well hold this."""
    if holds == held or _is_nothing(name, holds, held):
        return True
    return name in field_map.writable and field_map.settles(name, held, holds)


def _is_nothing(name: str, *values: Any) -> bool:
    """Whether these say nothing; that nobody knows of a consent is nothing, too."""
    return all(is_blank(value) or (value == UNKNOWN and is_consent(name)) for value in values)


# Two systems


def compare_pairs(
    hub: Hub, drawn: Mapping[str, Drawn], seen: Mapping[str, Sequence[Sighting]]
) -> dict[tuple[str, str], Tally]:
    """The tally of each two systems, by the people whom either drew and both hold.

    Whom a third system drew is left out, or its people would count more than others.
    """
    at: dict[str, dict[str, Sighting]] = {}
    for name, sightings in seen.items():
        for sighting in sightings:
            if sighting.is_target and not sighting.is_gone:
                at.setdefault(sighting.lead.id, {})[name] = sighting
    found: dict[tuple[str, str], Tally] = {}
    for lead_id, here in at.items():
        for one, other in combinations(sorted(here), 2):
            if lead_id not in drawn[one].people and lead_id not in drawn[other].people:
                continue
            tally = found.get((one, other))
            if tally is None:
                left_out = (1 - drawn[one].share) * (1 - drawn[other].share)
                tally = found[one, other] = Tally((one, other), share=1 - left_out)
            tally.note(_compare_two(hub, here[one], here[other]))
    return dict(sorted(found.items()))


def _compare_two(hub: Hub, one: Sighting, other: Sighting) -> dict[str, Difference | None]:
    """Hold two records of a person against each other, in what the hub writes to either."""
    found: dict[str, Difference | None] = {}
    for name in one.values.keys() & other.values.keys() - PUSH_ONLY:
        mine, theirs = one.values[name], other.values[name]
        if _is_nothing(name, mine, theirs):
            continue
        if not any(_keeps(hub, each, name) for each in (one, other)):
            continue
        if (
            _agree(_map(hub, one), name, mine, theirs)
            or _agree(_map(hub, other), name, theirs, mine)
            or all(_is_settled(hub, each, name) for each in (one, other))
        ):
            found[name] = None
        else:
            found[name] = Difference(one.lead.id, one.link.id, name, DIFFERS, mine, theirs)
    return found


def _map(hub: Hub, seen: Sighting) -> FieldMap:
    return hub.flows[seen.link.connection].map_for(seen.link.stream)


def _keeps(hub: Hub, seen: Sighting, name: str) -> bool:
    """Whether the hub keeps a field of a record up to date."""
    push = hub.flows[seen.link.connection].config.push
    if push is None or not push.update or name not in _map(hub, seen).writable:
        return False
    if is_consent(name) and seen.lead.fields.get(name) == DENIED:
        return True
    return name not in push.fill and (push.fields is None or name in push.fields)


def _is_settled(hub: Hub, seen: Sighting, name: str) -> bool:
    """Whether a record holds what the lead says, as far as its format can.

    A system that is not written may say otherwise, and was overruled; but the hub must have heard
    it, or else nobody knows yet who is right.
    """
    kept = _keeps(hub, seen, name)
    due = seen.lead.fields.get(name) if kept else really(seen.link).get(name)
    return _agree(_map(hub, seen), name, seen.values[name], due)


# Repairing


def repair(hub: Hub, flow: Flow, differing: Iterable[Sighting], run_id: str) -> int:
    """Take what differs in like any news, and owe what is missing at the vendor; how many records.

    Who is right is decided by the rules that decide about all news, an opt-out's among them; the
    next push writes what is owed. Safe to repeat.
    """
    records = {one.link.id: one.record for one in differing}
    with hub.database.write() as tx:
        leads.lock_keys(tx, (), records)
        stored = links.by_ids(tx, records)
        for link in stored.values():
            link.digest = None  # the same payload may have come before, and was overwritten since
        links.save(tx, stored.values())
        receive(tx, flow, records.values(), source="reread", run_id=run_id, now=hub.stamp())
    resolve_due(hub)
    if flow.config.push is not None:
        with hub.database.write() as tx:
            owners = {link.owner_id for link in links.by_ids(tx, records).values() if link.owner_id}
            outbox.owe(tx, [(flow.name, lead_id) for lead_id in sorted(owners)], hub.stamp())
    return len(records)
