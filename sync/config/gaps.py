"""A field map held against picklists: every option is read, every value that is written is one.

Pure. Reading is proved by reading each option with the compiled map, writing by writing each value
that the lead field may have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from connectors.kit.base import FieldSpec, Option
from mapping.errors import Unreadable
from mapping.fieldmap import FieldMap, Line, StageProjection
from mapping.model import FieldType, Value, choices
from mapping.transforms import word
from sync.config.description import Sheet
from sync.config.positions import Keys


class _Codes(NamedTuple):
    """What the gaps of a line, or of the stage block, are called."""

    unread: str
    inactive: str
    missing: str
    retired: str


_OPTION = _Codes("OPTION_UNMAPPED", "OPTION_INACTIVE", "OPTION_MISSING", "OPTION_RETIRED")
_STAGE = _Codes("STAGE_UNMAPPED", "STAGE_INACTIVE", "STAGE_MISSING", "STAGE_RETIRED")
READ_CODES = frozenset({_OPTION.unread, _OPTION.inactive, _STAGE.unread, _STAGE.inactive})
"""Options that are not read."""
WRITE_CODES = frozenset({_OPTION.missing, _OPTION.retired, _STAGE.missing, _STAGE.retired})
"""Values that are written and not taken."""
PICKLISTS = frozenset({"picklist", "multipicklist"})
STAGE = "stage"
"""The line of a gap in the stage block."""
_NOT_JUDGED = ("split", "when", "concat", "const")
"""Operators of lines that do not read an option as it is."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One option, or one value, that a map and a picklist do not agree on.

    ``line`` is the lead field, or "stage"; ``name`` the vendor field. ``option`` is the vendor's
    value it is about and ``label`` what people see of it, ``written`` what the map has in its
    place, ``lead`` the lead's value that is written. ``others`` are the lead's values that cannot
    be written, or the record types that do not allow one. ``places`` are the keys in the YAML where
    it is to be mended, the closest first.
    """

    code: str
    state: Literal["warning", "error"]
    line: str
    name: str
    option: str = ""
    label: str = ""
    written: str = ""
    lead: str = ""
    others: tuple[str, ...] = ()
    places: tuple[Keys, ...] = ()


def gaps(
    stream_type: str, field_map: FieldMap, sheet: Sheet, writes: Callable[[str], bool]
) -> list[Gap]:
    """All gaps of a stream's map; ``writes`` tells which lead fields, or "stage", are pushed."""
    found: list[Gap] = []
    for line in field_map.lines:
        path: Keys = (stream_type, "fields", line.field)
        if line.pulls and not any(one in line.operators for one in _NOT_JUDGED):
            for name in line.reads:
                found += _read(line, path, sheet.fields.get(name))
        spec = sheet.fields.get(line.to or "")
        if line.pushes and spec is not None and spec.writable and writes(line.field):
            found += _written(field_map, line, path, spec)
    stage = field_map.stage
    if stage is not None and stage.field in sheet.fields:
        path = (stream_type, STAGE)
        options = sheet.options(stage.field, is_stage=True)
        found += _read_stages(stage, path, options)
        if writes(STAGE) and options:
            found += _written_stages(stage, path, sheet.fields[stage.field], options)
    return found


def _read(line: Line, path: Keys, spec: FieldSpec | None) -> Iterator[Gap]:
    if spec is None or spec.type not in PICKLISTS:
        return
    is_one = line.type is not FieldType.LIST and "on" not in line.operators
    if spec.type == "multipicklist" and is_one:
        yield Gap("SEVERAL_AS_ONE", "warning", line.field, spec.name, places=(path,))
    table: Any = line.operators.get("values")
    keys = table if isinstance(table, Mapping) else {}
    places: tuple[Keys, ...] = ((*path, "values"), path)
    for option in spec.options:
        try:
            line.read(option.value)
        except Unreadable:
            yield _unread(_OPTION, line.field, spec.name, option, keys, spec.options, places)


def _read_stages(stage: StageProjection, path: Keys, options: Sequence[Option]) -> Iterator[Gap]:
    places: tuple[Keys, ...] = ((*path, "read"), path)
    for option in options:
        try:
            stage.seen(option.value)
        except Unreadable:
            yield _unread(_STAGE, STAGE, stage.field, option, stage.read, options, places)


def _unread(
    codes: _Codes,
    line: str,
    name: str,
    option: Option,
    keys: Iterable[Any],
    options: Sequence[Option],
    places: tuple[Keys, ...],
) -> Gap:
    """The gap of an option that is not read: perhaps its label stands where it belongs."""
    label = option.label.strip()
    held = next((key for key in keys if word(key) == label), None)
    if held is not None and label not in {word(one.value) for one in options}:
        at = ((*places[0], held), *places)
        return Gap(
            "LABEL_NOT_VALUE", "error", line, name, option.value, option.label, label, places=at
        )
    code = codes.unread if option.active else codes.inactive
    return Gap(code, "warning", line, name, option.value, option.label, places=places)


def _written(field_map: FieldMap, line: Line, path: Keys, spec: FieldSpec) -> Iterator[Gap]:
    if spec.type not in PICKLISTS or not spec.options:
        return
    values, is_free = _domain(field_map, line)
    if is_free:
        yield Gap("FREE_TEXT", "warning", line.field, spec.name, places=(path,))
    unwritten: list[str] = []
    seen: set[str] = set()
    for value in values:
        lead = word(value)
        try:
            raw = line.written([lead] if line.type is FieldType.LIST else value)
        except Unreadable:
            unwritten.append(lead)
            continue
        for one in raw if isinstance(raw, list) else [raw]:
            if one is None or word(one) in seen:
                continue
            seen.add(word(one))
            at = ((*path, "write", lead), (*path, "values", one), (*path, "const"), path)
            yield from _untaken(_OPTION, line.field, spec, spec.options, lead, word(one), at)
    if unwritten:
        places: tuple[Keys, ...] = ((*path, "write"), (*path, "values"), path)
        others = tuple(unwritten)
        yield Gap("WRITE_UNMAPPED", "warning", line.field, spec.name, others=others, places=places)


def _domain(field_map: FieldMap, line: Line) -> tuple[list[Value], bool]:
    """The values a line may be asked to write, and whether there are others that nobody lists."""
    if line.const is not None:
        return [line.const], False
    if line.field == "renkei_stage":
        return [*field_map.rules.stages], False
    words = choices(field_map.kind, line.field)
    if words is not None:
        return [*words], False
    if line.type is FieldType.BOOLEAN:
        return [True, False], False
    values: Any = line.operators.get("values")
    write: Any = line.operators.get("write")
    read = [one for one in (values or {}).values() if one is not None]
    listed = dict.fromkeys([*read, *(write or {})])
    return [*listed], values is None or line.operators.get("other") == "keep"


def _written_stages(
    stage: StageProjection, path: Keys, spec: FieldSpec, options: Sequence[Option]
) -> Iterator[Gap]:
    for code, value in stage.write.items():
        places = ((*path, "write", code), (*path, "write"), path)
        yield from _untaken(_STAGE, STAGE, spec, options, code, word(value), places)


def _untaken(
    codes: _Codes,
    line: str,
    spec: FieldSpec,
    options: Sequence[Option],
    lead: str,
    written: str,
    places: tuple[Keys, ...],
) -> Iterator[Gap]:
    """What speaks against a value that is written."""
    known = {word(one.value): one for one in options}
    option = known.get(written)
    if option is None:
        meant = next((one for one in options if one.label.strip() == written), None)
        if meant is not None:
            yield Gap(
                "LABEL_NOT_VALUE", "error", line, spec.name, meant.value, meant.label,
                written, lead, places=places,
            )  # fmt: skip
        else:
            code = codes.missing
            yield Gap(code, "error", line, spec.name, written, lead=lead, places=places)
    elif not option.active:
        code = codes.retired
        yield Gap(code, "error", line, spec.name, written, option.label, lead=lead, places=places)
    elif spec.record_types:
        lacking = tuple(
            name
            for name, allowed in spec.record_types.items()
            if written not in {word(one) for one in allowed}
        )
        if lacking:
            state: Literal["warning", "error"] = (
                "error" if len(lacking) == len(spec.record_types) else "warning"
            )
            yield Gap(
                "OPTION_RECORD_TYPE", state, line, spec.name, written, option.label,
                lead=lead, others=lacking, places=places,
            )  # fmt: skip
