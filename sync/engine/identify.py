"""Whose a record is: among the leads that share a key with it, those that it shows to be one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mapping.match.accounts import lookup_keys
from mapping.match.cluster import Decisions
from mapping.match.compare import Score
from mapping.match.place import Near, Placement, place
from mapping.match.profile import Profile, profile
from sync.engine.batch import Batch, Item, Working
from sync.engine.hub import Hub
from sync.engine.stated import stated
from sync.store import leads, matches
from sync.store.database import Tx
from sync.store.links import LinkRow
from sync.store.matches import Open

__all__ = [
    "NOBODY",
    "ask",
    "key_changes",
    "load",
    "locks",
    "locks_of",
    "place_profile",
    "profiles",
    "read_keys",
    "stated",
    "told",
    "whose",
]


def told(score: Score | None, verdict: str) -> dict[str, Any]:
    """A verdict as it is kept with the link: its score and the reasons that add up to it."""
    if score is None:
        return {"verdict": verdict, "score": 0.0, "reasons": []}
    reasons = [[one.code, one.points, one.detail] for one in score.reasons]
    return {"verdict": verdict, "score": score.points, "reasons": reasons}


NOBODY = told(None, "different")


def profiles(hub: Hub, batch: Batch, working: Working) -> Sequence[Profile]:
    """The profiles of a lead's records, each with the account its company is, as far as known."""
    found = []
    for link in working.links:
        made = working.profiles.get(link.id)
        if made is None:
            values = stated(link)
            if not values:
                continue
            made = profile(link.id, values, hub.rules)
            if made.firm.is_known:
                made.account = batch.directory.find(made.firm) or working.lead.account_id
            working.profiles[link.id] = made
        found.append(made)
    return found


def load(tx: Tx, batch: Batch) -> None:
    """Read what people have decided about the records of the leads in play."""
    records = [link.id for working in batch.leads.values() for link in working.links]
    records += [item.row.link_id for item in batch.items if item.kind == "lead"]
    batch.decisions = Decisions(different=matches.decisions(tx, records))


def whose(hub: Hub, batch: Batch, item: Item, own: Working | None = None) -> Placement | None:
    """Where a record belongs; None where nobody shares a key with it.

    ``own`` is the lead that it has already: then only others are looked at.
    """
    return place_profile(hub, batch, item.profile, own) if item.profile is not None else None


def place_profile(
    hub: Hub, batch: Batch, made: Profile, own: Working | None = None
) -> Placement | None:
    """The same for a profile that belongs to no record yet."""
    near = _sharing(batch, made, own)
    if not near:
        batch.census.count(made)
        return None
    batch.census.hot(one for one in made.keys if one in batch.hot)
    others = {working.lead.id: profiles(hub, batch, working) for working in near}
    for records in others.values():
        for one in records:
            batch.census.count(one)
    batch.census.count(made)
    mine = [one for one in profiles(hub, batch, own) if one.record != made.record] if own else ()
    return place(
        made,
        others,
        own=mine,
        crowd=batch.census.crowd,
        rules=hub.rules,
        decisions=batch.decisions,
    )


def _sharing(batch: Batch, made: Profile, own: Working | None) -> list[Working]:
    found: dict[str, Working] = {}
    for one in made.keys:
        for lead_id in batch.by_key.get(one, ()):
            working = batch.standing(lead_id)
            if working is not None and working is not own:
                found[working.lead.id] = working
    return [found[lead_id] for lead_id in sorted(found)]


def ask(batch: Batch, working: Working, item: Item, maybe: Sequence[Near], result: Any) -> None:
    """Put the leads that a record may be up for review."""
    for near in maybe:
        one, other = matches.pair_of(working.lead.id, near.lead)
        swapped = one != working.lead.id
        records = (near.record, item.row.link_id) if swapped else (item.row.link_id, near.record)
        held = batch.reviews.get((one, other))
        if held is None:
            result.counts["unsure"] += 1
        elif held.score >= near.score.points:
            continue
        reasons = [[r.code, r.points, r.detail] for r in near.score.reasons]
        batch.reviews[one, other] = Open(
            one, other, *records, near.score.points, near.blocked, reasons, None, batch.now,
            batch.now,
        )  # fmt: skip


def locks(batch: Batch) -> tuple[set[int], set[str]]:
    """What no other resolver may decide about meanwhile: contacts, names, and company names.

    Whoever could be tied to a person without asking shares one of these with them.
    """
    names = {item.row.link_id for item in batch.items}
    return _locks((one.profile for one in batch.items if one.profile is not None), names)


def locks_of(hub: Hub, links: Iterable[LinkRow]) -> tuple[set[int], set[str]]:
    """The same for records that are there already."""
    held = list(links)
    made = (profile(link.id, values, hub.rules) for link in held if (values := stated(link)))
    return _locks(made, {link.id for link in held})


def _locks(made: Iterable[Profile], names: set[str]) -> tuple[set[int], set[str]]:
    keys: set[int] = set()
    for one in made:
        keys.update(one.contacts, one.name_keys)
        names.update(lookup_keys(one.firm)[:2])
    return keys, names


def key_changes(
    changed: Sequence[Working], hub: Hub, batch: Batch
) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Match keys to add and to remove, as (key, lead id)."""
    added: list[tuple[int, str]] = []
    removed: list[tuple[int, str]] = []
    for working in changed:
        lead_id = working.lead.id
        wanted: set[int] = set()
        if not working.lead.merged_into:
            for one in profiles(hub, batch, working):
                wanted.update(one.keys)
        if working.keys:
            removed += [(key, lead_id) for key in working.keys - wanted]
            wanted -= working.keys
        added += [(key, lead_id) for key in wanted]
    return sorted(added), sorted(removed)  # in the index's order, which is cheaper to write


def read_keys(tx: Tx, batch: Batch) -> None:
    """Read who shares the batch's keys."""
    keys = {key for item in batch.items if item.profile is not None for key in item.profile.keys}
    batch.by_key, batch.hot = leads.by_keys(tx, keys)
