"""What a record says: what it holds and the hub did not write, and what the hub wrote over.

While two leads are one, the hub writes one's values over the other's. When they part again, each
record is to say what it said before; until the vendor holds that again, or something else is said
there, it is kept with the link under ``said``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from mapping.errors import MappingError
from mapping.fieldmap import FieldMap
from mapping.merge import UNION_OF, Statement
from mapping.normalise.text import is_blank
from sync.store.leads import Event
from sync.store.links import LinkRow

__all__ = [
    "SAID",
    "inherited",
    "keep",
    "overwritten",
    "said_by",
    "say_again",
    "stated",
    "statement",
]

SAID = "said"
"""Where a link keeps what was written over: field → [value, since when, what it holds instead]."""


def statement(link: LinkRow) -> Statement:
    """What a link's record says, as the merge takes it."""
    said = _still_said(link)
    if not said:
        return Statement(link.id, link.connection, link.held, link.since)
    values, since = dict(link.held), dict(link.since)
    for name, (value, at, _) in said.items():
        values[name], since[name] = value, at
    return Statement(link.id, link.connection, values, since)


def stated(link: LinkRow) -> dict[str, Any]:
    """The values that a record says itself; what the hub wrote there is left out."""
    found = {name: link.held[name] for name in link.since if name in link.held}
    found.update((name, one[0]) for name, one in _still_said(link).items())
    return found


def _still_said(link: LinkRow) -> Mapping[str, Sequence[Any]]:
    """What was written over, as long as the vendor holds nothing but that, or what was written."""
    said = link.match.get(SAID) if link.match else None
    if not said:
        return {}
    return {
        name: one
        for name, one in said.items()
        if name not in link.since and link.held.get(name) in (one[0], one[2])
    }


def inherited(old: LinkRow, field_map: FieldMap) -> dict[str, Any]:
    """What is known of the record that another was merged into or converted to.

    What the hub wrote on the old one and cannot read on the new one is not known to be there.
    """
    return {
        name: value
        for name, value in old.held.items()
        if name in old.since or name in field_map.fields
    }


def keep(link: LinkRow, name: str, value: Any) -> None:
    """Keep the address or number that a record says among its further ones; ``value`` replaces it.

    Nobody but the hub takes it from the record, so it stays the person's.
    """
    union, old = UNION_OF.get(name), link.held.get(name)
    if union is None or name not in link.since or is_blank(old) or old == value:
        return
    more = link.held.get(union) or []
    if old not in more:
        link.held[union] = [*more, old]
        link.since[union] = max(link.since.get(union, ""), link.since[name])


def said_by(links: Iterable[LinkRow]) -> dict[str, dict[str, list[Any]]]:
    """What records say now, to be said again later: record → field → [value, since when]."""
    found = {}
    for link in links:
        one = statement(link)
        found[link.id] = {
            name: [one.values.get(name), at]
            for name, at in one.since.items()
            if not is_blank(one.values.get(name))
        }
    return found


def say_again(
    link: LinkRow, said: Mapping[str, Sequence[Any]], blanked: Collection[str] = ()
) -> bool:
    """Have a record say again what the hub wrote over; whether there was any such thing.

    A blank field is the vendor's own, unless it is among those that the hub made blank.
    """
    lost: dict[str, list[Any]] = {}
    changed = False
    for name, (value, at) in said.items():
        held = link.held.get(name)
        if name in link.since or (is_blank(held) and name not in blanked):
            continue
        changed = True
        if held == value:
            link.since[name] = at
        else:
            lost[name] = [value, at, held]
    if lost:
        link.match = {**(link.match or {}), SAID: lost}
    return changed


def overwritten(
    link: LinkRow, field_map: FieldMap, history: Iterable[Event]
) -> dict[str, list[Any]]:
    """What a record said before the hub wrote over it, as the history of its lead tells."""
    said: dict[str, list[Any]] = {}
    ours: dict[str, Any] = {}
    for event in history:
        if event.event != "pushed" or event.link_id != link.id:
            continue
        before = _read(field_map, event.changes.get("before"))
        for name, value in before.items():
            if not is_blank(value) and ours.get(name) != value:
                said[name] = [value, link.first_seen_at]
        ours.update(_read(field_map, event.changes.get("fields")))
    return said


def _read(field_map: FieldMap, flat: Mapping[str, Any] | None) -> Mapping[str, Any]:
    try:
        return field_map.read(flat).values if flat else {}
    except MappingError:
        return {}
