"""One line of a field map, compiled: a closure that reads it and one that writes it.

Whatever can be decided beforehand is decided here, so that a record costs one call a line. What a
line says against itself is refused, not interpreted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any, Final, Literal

from mapping.document import LineSpec
from mapping.errors import MappingError, Unreadable
from mapping.model import FieldType, Value
from mapping.transforms import Reader, Writer, is_blank, shown, word

Direction = Literal["pull", "push", "both"]
Flat = Mapping[str, Any]


class Absent:
    """What a line gives for a record that does not have its vendor fields."""

    __slots__ = ()


ABSENT: Final = Absent()
Fetch = Callable[[Flat], Any]


def _own(value: Value) -> Value:
    """The value, a list as a new one, so that no draft shares it with the line."""
    return list(value) if isinstance(value, list) else value


def _nothing(_: Any) -> Any:
    return None


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of a field map does, for showing, checking and drawing lineage.

    ``operators`` are as the operator wrote them. ``reads`` are the vendor fields it needs, ``to``
    the one it writes. ``reversible``: it could be written, whatever its direction says. ``only`` is
    the vendor field whose value is all there is to ``fetch``, where there is such a one.
    """

    field: str
    type: FieldType
    direction: Direction
    operators: Mapping[str, Any]
    reads: tuple[str, ...]
    to: str | None
    reversible: bool
    is_plain: bool = dataclasses.field(default=False, repr=False)
    only: str | None = dataclasses.field(default=None, repr=False)
    fetch: Fetch = dataclasses.field(default=_nothing, repr=False)
    read: Reader = dataclasses.field(default=_nothing, repr=False)
    write: Writer = dataclasses.field(default=_nothing, repr=False)
    const: Any = dataclasses.field(default=None, repr=False)
    default: Value = dataclasses.field(default=None, repr=False)
    blank: Value = dataclasses.field(default=None, repr=False)
    placeholder: str | None = dataclasses.field(default=None, repr=False)

    @property
    def pulls(self) -> bool:
        """Whether records are read through this line."""
        return self.direction != "push"

    @property
    def pushes(self) -> bool:
        """Whether leads are written through this line."""
        return self.direction != "pull"

    @property
    def reads_back(self) -> bool:
        """Whether what is written is what is read: a concat may be written to a field of its own.

        Where it is not, what the vendor holds is known only from what was last written.
        """
        return self.to in self.reads

    def may_say(self, there: Set[str]) -> bool:
        """Whether the field can have a value in a record that has just these vendor fields."""
        by_itself = self.default is not None or not self.reads or "when" in self.operators
        return by_itself or not there.isdisjoint(self.reads)

    def value(self, flat: Flat) -> Value | Absent:
        """The field's value in a record; raises Unreadable."""
        raw = self.fetch(flat)
        if raw is ABSENT:
            return ABSENT if self.default is None else _own(self.default)
        value = None if raw is None else self.read(raw)
        return self.empty() if value is None else value

    def empty(self) -> Value:
        """The field's value where the record's is blank."""
        return _own(self.blank)

    def written(self, value: Value) -> Any:
        """What the vendor is to hold for a value; None clears it. Raises Unreadable."""
        if self.const is not None:
            return self.const
        if value is None or value in ("", []):
            return self.placeholder
        return self.write(value)

    def round_trip(self, value: Value) -> Value:
        """What would be read again after writing a value; raises Unreadable."""
        if self.const is not None:
            return value
        raw = self.written(value)
        back = None if raw is None else self.read(raw)
        return self.blank if back is None else back


def fetcher(spec: LineSpec) -> Fetch:
    """What takes a line's raw value out of a record."""
    fetch = _source(spec)
    if spec.split is not None:
        fetch = _part(fetch, spec.split.on, spec.split.take)
    if spec.when is not None:
        fetch = _guarded(fetch, spec.when.field, frozenset(word(v) for v in spec.when.in_))
    return fetch


def _source(spec: LineSpec) -> Fetch:
    if spec.const is not None:
        const = spec.const
        return lambda _: const
    if spec.first is not None:
        return _first(tuple(spec.first))
    if spec.concat is not None:
        return _concat(tuple(spec.concat), spec.with_)
    name = spec.from_ or ""
    return lambda flat: flat.get(name, ABSENT)


def _first(names: tuple[str, ...]) -> Fetch:
    def fetch(flat: Flat) -> Any:
        found: Any = ABSENT
        for name in names:
            raw = flat.get(name, ABSENT)
            if raw is ABSENT:
                continue
            if not is_blank(raw):
                return raw
            found = None
        return found

    return fetch


def _concat(names: tuple[str, ...], between: str) -> Fetch:
    def fetch(flat: Flat) -> Any:
        parts = [flat[name] for name in names if name in flat]
        if not parts:
            return ABSENT
        return between.join(word(part) for part in parts if not is_blank(part)) or None

    return fetch


def _part(fetch: Fetch, on: str, take: int | str) -> Fetch:
    # A space also stands for the full-width space of Japanese names, and for several.
    separator = None if on.isspace() else on

    def part(flat: Flat) -> Any:
        raw = fetch(flat)
        if raw is ABSENT or raw is None:
            return raw
        text = word(raw)
        if take == "rest":
            return text.split(separator, 1)[1] if len(text.split(separator, 1)) > 1 else None
        parts = text.split(separator)
        try:
            return parts[int(take)]
        except IndexError:
            return None

    return part


def _guarded(fetch: Fetch, name: str, values: frozenset[str]) -> Fetch:
    def guarded(flat: Flat) -> Any:
        raw = flat.get(name)
        seen = "" if raw is None else word(raw)
        return fetch(flat) if seen in values else ABSENT

    return guarded


def value_reader(spec: LineSpec, cast: Reader, item: Reader | None) -> Reader:
    """What turns a raw value, which is not None, into the field's value.

    ``item`` reads one of several values, for a list.
    """
    read = cast
    if spec.values is not None:
        read = _lookup(spec, item is not None, item or cast)
    if spec.lower:
        read = _lowered(read)
    if spec.placeholder is not None:
        read = _without(read, spec.placeholder.strip())
    return read


def _lowered(read: Reader) -> Reader:
    def lowered(raw: Any) -> Value:
        if isinstance(raw, (list, tuple)):
            return read([part.lower() if isinstance(part, str) else part for part in raw])
        return read(raw.lower() if isinstance(raw, str) else raw)

    return lowered


def _without(read: Reader, placeholder: str) -> Reader:
    def unless(raw: Any) -> Value:
        return None if isinstance(raw, str) and raw.strip() == placeholder else read(raw)

    return unless


def _lookup(spec: LineSpec, is_list: bool, cast: Reader) -> Reader:
    values = spec.values or {}
    lower = str.lower if spec.lower else str
    table = {lower(word(key)): _canonical(value, cast, key) for key, value in values.items()}
    other = spec.other if spec.other in ("error", "keep") else _canonical(spec.other, cast, "other")

    def one(raw: Any) -> Value:
        key = word(raw)
        if key in table:
            return table[key]
        if not key:
            return None
        if spec.other == "keep":
            return cast(raw)
        if spec.other == "error":
            raise Unreadable(
                "PICKLIST_UNMAPPED",
                f"{shown(key)} is not in the line's values",
                hint=f"add to values: {shown(key)}: …, or say what others mean with other:",
            )
        return other

    return _each(one, spec.on or ";") if is_list else one


def _each(one: Reader, separator: str) -> Reader:
    def many(raw: Any) -> Value:
        split = raw if isinstance(raw, (list, tuple)) else word(raw).split(separator)
        found: dict[str, None] = {}
        for part in split:
            value = None if is_blank(part) else one(part)
            for item in value if isinstance(value, list) else [value]:
                if item is not None:
                    found[str(item)] = None
        return list(found) or None

    return many


def _canonical(value: Any, cast: Reader, key: Any) -> Value:
    """A value of the table as the field holds it; refused where the field cannot."""
    try:
        return None if value is None else cast(value)
    except Unreadable as error:
        raise MappingError(
            "BAD_OPERATOR",
            f"{word(key)}: the field cannot hold this value ({error.message})",
            path=("values" if key != "other" else "other",),
            hint=error.hint,
        ) from None


def value_writer(
    spec: LineSpec, item: Reader, uncast: Writer, *, is_list: bool, is_text: bool
) -> Writer:
    """What turns a field's value, which is not None, into the vendor's."""
    write = uncast
    if spec.values is not None or spec.write is not None:
        write = _reverse_lookup(spec, is_list, item, uncast)
    if spec.max_length is not None:
        write = _fitting(write, spec.max_length, is_text)
    return write


def _fitting(write: Writer, most: int, is_text: bool) -> Writer:
    def fitting(value: Value) -> Any:
        raw = write(value)
        if not isinstance(raw, str) or len(raw) <= most:
            return raw
        if is_text:
            return raw[:most].rstrip()
        raise Unreadable(
            "TOO_LONG",
            f"the value is longer than the {most} characters the vendor takes",
            hint="a value of this kind is not cut; shorten it, or map another field",
        )

    return fitting


def _reverse_lookup(spec: LineSpec, is_list: bool, cast: Reader, uncast: Writer) -> Writer:
    table = reversed_values(spec, cast)

    def one(value: Any) -> Any:
        key = word(value)
        if key in table:
            return table[key]
        if spec.other == "keep" or spec.values is None:
            return uncast(value)
        raise Unreadable(
            "PICKLIST_UNMAPPED",
            f"the line does not say how {shown(value)} is written",
            hint=f"add to write: {shown(value)}: <the vendor's value>",
        )

    if not is_list:
        return one

    def many(value: Value) -> Any:
        parts = [one(part) for part in (value if isinstance(value, list) else [value])]
        return (spec.on or ";").join(word(part) for part in parts) if spec.on else parts

    return many


def reversed_values(spec: LineSpec, cast: Reader) -> dict[str, Any]:
    """The vendor's value for each of the field's values, the keys as ``word`` writes them.

    ``write`` says what ``values`` leaves open. Of a blank and another value the other is written.
    """
    said = {word(_canonical_key(key, cast)): value for key, value in (spec.write or {}).items()}
    table: dict[str, Any] = {}
    for raw, value in (spec.values or {}).items():
        key = "" if value is None else word(_canonical(value, cast, raw))
        if not key or key in said or (raw == "" and key in table):
            continue
        if table.get(key, "") != "":
            raise MappingError(
                "NOT_REVERSIBLE",
                f"{shown(table[key])} and {shown(raw)} both mean {key}; which is to be written?",
                path=("values",),
                hint=f"add write: {{{key}: {shown(table[key])}}}, or direction: pull",
            )
        table[key] = raw
    return table | said


def _canonical_key(key: Any, cast: Reader) -> Any:
    """A key of ``write`` as the field holds it, where the field can."""
    try:
        return cast(key)
    except Unreadable:
        return key
