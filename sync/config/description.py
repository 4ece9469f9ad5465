"""What a vendor says of a stream, kept as JSON, and what differs between two such descriptions.

Pure: one description in, or two, and values out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from connectors.kit.base import FieldSpec, Option, StageSpec

STAGES = "(stages)"
"""Stands for the field in what is told of the stages of a pipeline that are no field's options."""
ATTRIBUTES = ("type", "writable", "required", "unique", "max_length", "record_types")
"""What may change about a field, besides its label and its options."""


@dataclass(frozen=True)
class Sheet:
    """What a vendor says of one stream: its fields by name, and the stages of its pipeline."""

    fields: Mapping[str, FieldSpec]
    stages: tuple[StageSpec, ...] = ()

    def options(self, name: str, *, is_stage: bool = False) -> tuple[Option, ...]:
        """The options of a field; of a stage field without any, the stages of the pipeline."""
        spec = self.fields.get(name)
        options = spec.options if spec is not None else ()
        return options or (self._stage_options if is_stage else ())

    def content(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "fields": {name: _packed(spec) for name, spec in self.fields.items()},
            "stages": [[one.value, one.label, one.order] for one in self.stages],
        }

    def digest(self) -> str:
        """Equal for descriptions that say the same, in whatever order the fields come."""
        packed = orjson.dumps(self.content(), option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(packed).hexdigest()

    @cached_property
    def _stage_options(self) -> tuple[Option, ...]:
        return tuple(Option(one.value, one.label) for one in self.stages)


@dataclass(frozen=True, slots=True)
class Drift:
    """One edit at a vendor.

    ``code`` is FIELD_NEW, FIELD_GONE, FIELD_RELABELLED, FIELD_CHANGED, OPTION_NEW (or offered
    again), OPTION_GONE, OPTION_RETIRED (no longer offered) or OPTION_RELABELLED. ``near`` is what
    stands in the place of something that is gone, what stood in the place of something new, or the
    label before. ``changes`` are the attributes that changed, as (name, before, now).
    """

    code: str
    field: str
    option: str = ""
    label: str = ""
    near: str = ""
    changes: tuple[tuple[str, Any, Any], ...] = ()

    @property
    def subject(self) -> str:
        """The field, and the option where it is about one."""
        return f"{self.field}: {self.option}" if self.option else self.field


def sheet_of(fields: Iterable[FieldSpec], stages: Iterable[StageSpec]) -> Sheet:
    """The description in what a connector answers."""
    kept = tuple(StageSpec(one.value, one.label, one.order) for one in stages)
    return Sheet({one.name: one for one in fields}, kept)


def sheet_from(content: Mapping[str, Any]) -> Sheet:
    """A description from ``content``; what else stands there is passed over."""
    fields = (_unpacked(name, packed) for name, packed in content["fields"].items())
    return sheet_of(fields, (StageSpec(*one) for one in content["stages"]))


def drifts(old: Sheet, new: Sheet) -> list[Drift]:
    """What was edited between two descriptions: what is gone, what is new, what has changed."""
    gone = [spec for name, spec in old.fields.items() if name not in new.fields]
    come = [spec for name, spec in new.fields.items() if name not in old.fields]
    places = {_likeness(spec): spec.name for spec in gone}
    heirs = {_likeness(spec): spec.name for spec in come}
    found = [
        Drift("FIELD_GONE", one.name, label=one.label, near=heirs.get(_likeness(one), ""))
        for one in gone
    ]
    found += [
        Drift("FIELD_NEW", one.name, label=one.label, near=places.get(_likeness(one), ""))
        for one in come
    ]
    for name, spec in new.fields.items():
        if name in old.fields:
            found += _edited(old.fields[name], spec)
    if not _are_options(old, new):
        found += _options(STAGES, old._stage_options, new._stage_options)
    return found


def _likeness(spec: FieldSpec) -> tuple[str, str, str]:
    return spec.label, spec.type, spec.vendor_type


def _edited(old: FieldSpec, new: FieldSpec) -> Iterator[Drift]:
    if old.label != new.label:
        yield Drift("FIELD_RELABELLED", new.name, label=new.label, near=old.label)
    changes = tuple(
        (name, was, now)
        for name in ATTRIBUTES
        if (was := _plain(getattr(old, name))) != (now := _plain(getattr(new, name)))
    )
    if changes:
        yield Drift("FIELD_CHANGED", new.name, label=new.label, changes=changes)
    yield from _options(new.name, old.options, new.options)


def _options(name: str, old: Sequence[Option], new: Sequence[Option]) -> Iterator[Drift]:
    """The edits of one list of options."""
    before = {one.value: one for one in old}
    now = {one.value: one for one in new}
    gone = [one for one in old if one.value not in now]
    come = [one for one in new if one.value not in before and one.active]
    heirs = _heirs(old, new, gone, come)
    places = {heir: value for value, heir in heirs.items()}
    for one in gone:
        yield Drift("OPTION_GONE", name, one.value, one.label, heirs.get(one.value, ""))
    for one in new:
        was = before.get(one.value)
        if was is None:
            if one.active:
                yield Drift("OPTION_NEW", name, one.value, one.label, places.get(one.value, ""))
            continue
        if one.active != was.active:
            code = "OPTION_NEW" if one.active else "OPTION_RETIRED"
            yield Drift(code, name, one.value, one.label)
        if one.label != was.label:
            yield Drift("OPTION_RELABELLED", name, one.value, one.label, was.label)


def _heirs(
    old: Sequence[Option], new: Sequence[Option], gone: Sequence[Option], come: Sequence[Option]
) -> dict[str, str]:
    """What stands in the place of options that are gone: by label, else by place in the list."""
    by_label = {one.label: one.value for one in come}
    heirs = {one.value: by_label[one.label] for one in gone if one.label in by_label}
    if len(old) == len(new):
        lost, found = {one.value for one in gone}, {one.value for one in come}
        found -= set(heirs.values())
        for was, now in zip(old, new, strict=True):
            if was.value in lost and was.value not in heirs and now.value in found:
                heirs[was.value] = now.value
    return heirs


def _are_options(old: Sheet, new: Sheet) -> bool:
    """Whether the stages are some field's options, both times, and so are told with the field."""

    def holders(sheet: Sheet) -> set[str]:
        values = {one.value for one in sheet.stages}
        return {
            name
            for name, spec in sheet.fields.items()
            if values <= {option.value for option in spec.options}
        }

    return bool(holders(old) & holders(new))


def _plain(value: Any) -> Any:
    """As JSON gives it back."""
    return (
        {name: list(some) for name, some in value.items()} if isinstance(value, Mapping) else value
    )


def _packed(spec: FieldSpec) -> dict[str, Any]:
    return {
        "label": spec.label,
        "vendor_type": spec.vendor_type,
        **{name: _plain(getattr(spec, name)) for name in ATTRIBUTES},
        "options": [[one.value, one.label, one.active] for one in spec.options],
    }


def _unpacked(name: str, packed: Mapping[str, Any]) -> FieldSpec:
    said = dict(packed)
    options = tuple(Option(*one) for one in said.pop("options"))
    types = {label: tuple(some) for label, some in said.pop("record_types").items()}
    return FieldSpec(name, **said, options=options, record_types=types)
