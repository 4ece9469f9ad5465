"""A record that is read once more by another field map: what it should have said, and since when.

A corrected value keeps the time of what it corrects, so that it is no newer than it was. What the
hub itself wrote is no word of the vendor's, whichever field it is read as. An opt-out that was once
read stays: only a person takes it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import orjson

from mapping.consent import DENIED, is_consent
from mapping.errors import MappingError
from mapping.fieldmap import Draft, FieldMap
from mapping.model import OUR_ID, Value
from mapping.normalise.text import is_blank
from sync.engine.stated import SAID
from sync.store.links import LinkRow
from sync.store.replays import Written

__all__ = ["Again", "Correction", "Corrections", "Layers", "correct", "corrections", "layers"]


_DERIVED = frozenset({"family_name", "given_name"})
"""Fields that a map reads out of the full name where it has no lines for them."""


class Correction(NamedTuple):
    """What a record says of a field by the present map. ``since`` None: it says nothing of it.

    ``dropped``: the map no longer reads the field; what the vendor holds there stays as it was.
    """

    field: str
    old: Value
    new: Value
    since: str | None
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """What goes with a payload that is put back to be read once more.

    ``written`` are vendor fields that the hub wrote after the payload was received. ``seen`` is
    when the link was last changed, as the corrections were worked out.
    """

    seen: str
    written: Mapping[str, Any] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()
    stage: bool = False

    def pack(self, payload: bytes) -> bytes:
        """The body of a replayed row."""
        return orjson.dumps(
            {
                "payload": orjson.Fragment(payload),
                "seen": self.seen,
                "written": self.written,
                "corrections": [list(one) for one in self.corrections],
                "stage": self.stage,
            }
        )

    @classmethod
    def unpack(cls, body: bytes) -> tuple[Any, Again]:
        """The payload in a replayed row, and what goes with it."""
        held = orjson.loads(body)
        found = tuple(Correction(*one) for one in held["corrections"])
        return held["payload"], cls(held["seen"], held["written"], found, held["stage"])

    def fits(self, link: LinkRow | None, digest: str) -> bool:
        """Whether the link is still as it was when the corrections were worked out."""
        return (
            link is not None
            and link.state == "live"
            and link.digest == digest
            and link.updated_at == self.seen
        )


@dataclass(frozen=True, slots=True)
class Layers:
    """What the hub wrote to a record: all of it, and what came after a payload was received."""

    all: Mapping[str, Any]
    after: Mapping[str, Any]


NOTHING_WRITTEN = Layers({}, {})


def layers(writes: Sequence[Written], received_at: str) -> Layers:
    """What a record holds of the hub, and what of it a payload received then cannot show."""
    if not writes:
        return NOTHING_WRITTEN
    every: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for one in writes:
        every.update(one.fields)
        if one.at >= received_at:
            after.update(one.fields)
    return Layers(every, after)


class Corrections(NamedTuple):
    """Corrections of a record, and the opt-outs that stay although the map would lift them.

    ``absent`` are fields that the record counts as saying and of which the payload has nothing:
    either it is a part of the record, or the field was said by mistake.
    """

    fields: tuple[Correction, ...]
    kept: tuple[str, ...]
    absent: tuple[str, ...]


def corrections(
    link: LinkRow, draft: Draft, field_map: FieldMap, own: Layers, at: str
) -> Corrections:
    """How what a person's record says differs from what it would say by the present map.

    ``draft`` was read from the payload with what was written since laid over it, ``at`` is when the
    vendor said it. Corrected values are said since what they correct, others since ``at``.
    """
    unsure = _unsure(field_map, own.after)
    found: list[Correction] = []
    kept: list[str] = []
    is_ours = partial(_is_ours, field_map, _read(field_map, own.all))
    for name, new in draft.values.items():
        old, said = link.held.get(name), name in link.since
        if name == OUR_ID or _same(old, new):
            continue
        if old == DENIED and is_consent(name):
            kept.append(name)
        elif not (said or is_blank(old)) and (
            name in unsure
            or _settles(field_map, name, old, new)
            or _was_written(field_map, own.all, name, old)
        ):
            continue
        elif is_blank(new):
            found.append(Correction(name, old, None, None))
        elif is_ours(name, new):
            found.append(Correction(name, old, new, None))
        else:
            found.append(Correction(name, old, new, link.since.get(name, at)))
    absent: list[str] = []
    for name in sorted(link.since.keys() - draft.values.keys()):
        old = link.held.get(name)
        if old == DENIED and is_consent(name):
            kept.append(name)
        elif name in field_map.fields or (name in _DERIVED and "full_name" in field_map.fields):
            absent.append(name)
        else:
            found.append(Correction(name, old, None, None, dropped=True))
    return Corrections(tuple(found), tuple(kept), tuple(absent))


def correct(link: LinkRow, found: Iterable[Correction]) -> None:
    """Have a record say what it should have said."""
    for one in found:
        if one.dropped:
            link.since.pop(one.field, None)
            _say_no_more(link, one.field)
            continue
        link.held[one.field] = one.new
        if one.since is None:
            link.since.pop(one.field, None)
            _say_no_more(link, one.field)
        else:
            link.since[one.field] = one.since


def _say_no_more(link: LinkRow, name: str) -> None:
    """Forget what is kept to be said again of a field."""
    said = link.match.get(SAID) if link.match else None
    if link.match is not None and said and name in said:
        left = {key: value for key, value in said.items() if key != name}
        link.match = {**link.match, SAID: left}


def _unsure(field_map: FieldMap, after: Mapping[str, Any]) -> set[str]:
    """Fields that are read elsewhere than where the hub wrote them since: their reading is old."""
    return {
        line.field
        for line in field_map.lines
        if line.to in after and not any(name in after for name in line.reads)
    }


def _is_ours(field_map: FieldMap, ours: Mapping[str, Value], name: str, new: Value) -> bool:
    """Whether what is read is what the hub once wrote, into whichever field."""
    if name not in ours:
        return False
    return _same(ours[name], new) or _settles(field_map, name, ours[name], new)


def _was_written(field_map: FieldMap, own: Mapping[str, Any], name: str, value: Value) -> bool:
    """Whether the hub wrote this value by the map of today; another is then the vendor's."""
    wrote = field_map.write({name: value}).values
    return bool(wrote) and all(own.get(key) == each for key, each in wrote.items())


def _settles(field_map: FieldMap, name: str, ours: Value, held: Value) -> bool:
    """Whether what is held is what the hub wrote, but for what the vendor's format loses."""
    return name in field_map.writable and field_map.settles(name, ours, held)


def _same(old: Value, new: Value) -> bool:
    if is_blank(old) and is_blank(new):
        return True
    return old == new and isinstance(old, bool) == isinstance(new, bool)


def _read(field_map: FieldMap, flat: Mapping[str, Any]) -> Mapping[str, Value]:
    try:
        return field_map.read(flat).values if flat else {}
    except MappingError:
        return {}
