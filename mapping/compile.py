"""From the YAML of a line, or of a stage block, to what runs; every contradiction is refused."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from mapping.document import LineSpec, StageSpec, spec_errors
from mapping.errors import MappingError, MappingErrors, Path, Unreadable
from mapping.lines import Direction, Line, fetcher, reversed_values, value_reader, value_writer
from mapping.model import OUR_ID, PUSH_ONLY, FieldType, Value, choices, field_type, suggestions
from mapping.moments import holds_a_date
from mapping.projection import StageProjection
from mapping.stage_rules import DEFAULT, StageRules
from mapping.transforms import Shape, is_blank, reader_of, shown, word, writer_of

_TYPES = {kind.value: kind for kind in FieldType if kind is not FieldType.CHOICE}
_TEXTS = frozenset({FieldType.TEXT, FieldType.PERSON, FieldType.COMPANY})
_MOMENTS = frozenset({FieldType.DATE, FieldType.DATETIME})
_NOT_TEXT = frozenset({FieldType.NUMBER, FieldType.BOOLEAN, FieldType.LIST})
_ITEMS = {"emails": FieldType.EMAIL, "phones": FieldType.PHONE}
_SOURCES = {"from_": "from", "first": "first", "concat": "concat", "const": "const"}


def compile_line(kind: str, name: str, written: Any) -> Line:
    """The line of one field. Raises MappingErrors with everything that is wrong with it."""
    path: Path = ("fields", name)
    spec = _line_spec(written, path)
    declared = field_type(kind, name)
    if declared is None:
        raise MappingErrors([_unknown_field(kind, name)])
    try:
        return _compiled(kind, name, spec, declared, written)
    except MappingError as error:
        raise MappingErrors([error.at(*path)]) from None


def _line_spec(written: Any, path: Path) -> LineSpec:
    if isinstance(written, str):
        written = {"from": written}
    if not isinstance(written, Mapping):
        message = "a line is a vendor field's name, or operators by name"
        raise MappingErrors([MappingError("BAD_LINE", message, path=path)])
    try:
        return LineSpec.model_validate(dict(written))
    except ValidationError as error:
        raise MappingErrors(spec_errors(error, path, LineSpec)) from None


def _unknown_field(kind: str, name: str) -> MappingError:
    if name == "stage":
        hint = "the stage has a block of its own beside fields: stage: {field: …, read: …}"
    else:
        near = suggestions(kind, name)
        hint = f'did you mean "{near[0]}"? ' if near else ""
        hint += f'a field of your own is "custom.{name.removeprefix("custom.") or "x"}"'
    message = f'"{name}" is not a field of a {kind}'
    return MappingError("UNKNOWN_FIELD", message, path=("fields", name), hint=hint)


def _compiled(kind: str, name: str, spec: LineSpec, declared: FieldType, written: Any) -> Line:
    kept = _type(kind, name, spec, declared)
    _check_sources(spec)
    _check_operators(spec, kept)
    direction = _direction(name, spec)
    shape = Shape(
        formats=tuple(spec.formats),
        zone=_zone(spec.zone),
        on=spec.on,
        phone=spec.format,
        choices=choices(kind, name),
        items=_ITEMS.get(name, FieldType.TEXT),
    )
    cast = reader_of(kept, shape)
    is_list = kept is FieldType.LIST
    item = reader_of(shape.items, shape) if is_list else None
    read = value_reader(spec, cast, item)
    why_not = _irreversible(spec, item or cast)
    if why_not is not None and direction != "pull":
        raise why_not
    write = (
        value_writer(
            spec,
            item or cast,
            writer_of(kept, shape),
            is_list=is_list,
            is_text=kept in _TEXTS and spec.values is None,
        )
        if why_not is None
        else _no_writer
    )
    default = _constant("default", spec.default, cast)
    if direction == "pull":
        _constant("const", spec.const, cast)
    has_blank = spec.values is not None and "" in spec.values
    return Line(
        field=name,
        type=kept,
        direction=direction,
        operators={"from": written} if isinstance(written, str) else dict(written),
        reads=_reads(spec) if direction != "push" else (),
        to=(spec.to or spec.from_) if direction != "pull" else None,
        reversible=why_not is None,
        is_plain=kept is FieldType.TEXT and spec.model_fields_set <= _PLAIN,
        only=None if spec.model_fields_set & _MORE_THAN_ONE else spec.from_,
        fetch=fetcher(spec),
        read=read if spec.const is None else cast,
        write=write,
        const=spec.const if direction == "push" else None,
        default=default,
        blank=read("") if has_blank else default,
        placeholder=spec.placeholder,
    )


_MORE_THAN_ONE = frozenset({"const", "first", "concat", "split", "when"})
_PLAIN = frozenset({"from_", "as_", "direction", "to", "max_length", "examples", "write"})


def _no_writer(_: Value) -> Any:
    raise Unreadable("NOT_REVERSIBLE", "this line is only read")


def _type(kind: str, name: str, spec: LineSpec, declared: FieldType) -> FieldType:
    if spec.as_ is None:
        return declared
    kept = _TYPES.get(spec.as_)
    if kept is None:
        near = difflib.get_close_matches(spec.as_, _TYPES, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"types are {', '.join(_TYPES)}"
        raise MappingError("UNKNOWN_TYPE", f'"{spec.as_}" is not a type', path=("as",), hint=hint)
    if name.startswith("custom.") or kept is declared:
        return kept
    if declared is FieldType.TEXT and kept not in _NOT_TEXT:
        return kept
    if kept is FieldType.TEXT and declared in (_TEXTS | {FieldType.CHOICE}):
        return declared
    raise MappingError(
        "TYPE_MISMATCH",
        f'a {kind}\'s "{name}" holds {declared.value}, not {kept.value}',
        path=("as",),
        hint=f"leave as: out, or keep it in custom.{name}",
    )


def _check_sources(spec: LineSpec) -> None:
    said = [key for name, key in _SOURCES.items() if getattr(spec, name) is not None]
    if len(said) > 1:
        raise MappingError(
            "CONTRADICTION",
            f"{' and '.join(said)} both say where the value comes from",
            path=(said[1],),
            hint="keep one of them",
        )
    if not said and not (spec.to and spec.direction == "push"):
        raise MappingError(
            "NO_SOURCE",
            "nothing says where the value comes from",
            hint="name a vendor field with from:, several with first: or concat:, or a const:",
        )


def _check_operators(spec: LineSpec, kept: FieldType) -> None:
    said = spec.model_fields_set
    wrong: list[tuple[str, bool, str]] = [
        ("with", "with_" in said and spec.concat is None, "it joins the parts of a concat:"),
        ("other", "other" in said and spec.values is None, "it goes with values:"),
        ("split", spec.split is not None and spec.const is not None, "a const: is taken whole"),
        ("values", spec.values is not None and spec.const is not None, "a const: needs none"),
        ("when", spec.when is not None and spec.direction == "push", "it looks at a record read"),
        ("formats", bool(spec.formats) and kept not in _MOMENTS, "it goes with as: date"),
        ("zone", spec.zone is not None and kept not in _MOMENTS, "it goes with as: date"),
        ("format", "format" in said and kept is not FieldType.PHONE, "it goes with as: phone"),
        (
            "on",
            spec.on is not None and kept not in (FieldType.LIST, FieldType.TEXT),
            "it parts the values of a list",
        ),
        (
            "default",
            spec.default is not None and (spec.const is not None or spec.direction == "push"),
            "it is for reading; what is written where there is nothing is placeholder:",
        ),
        ("to", spec.to is not None and spec.direction == "pull", "a line that is read writes none"),
        (
            "write",
            spec.write is not None and (spec.direction == "pull" or spec.const is not None),
            "the line is only read",
        ),
        (
            "write",
            spec.write is not None and spec.values is None and spec.direction != "push",
            "without values: the vendor's values would be read as they are",
        ),
    ]
    for name, is_wrong, why in wrong:
        if is_wrong:
            message = f'"{name}" does nothing here: {why}'
            raise MappingError("CONTRADICTION", message, path=(name,))
    for place, form in enumerate(spec.formats):
        if not holds_a_date(form):
            raise MappingError(
                "BAD_FORMAT",
                f'"{form}" does not hold a year, a month and a day',
                path=("formats", place),
                hint='write e.g. "%Y/%m/%d", "%d.%m.%Y %H:%M", "epoch_ms" or "epoch_s"',
            )


def _direction(name: str, spec: LineSpec) -> Direction:
    if name in PUSH_ONLY and name != OUR_ID:
        if spec.direction in ("pull", "both"):
            raise MappingError(
                "CONTRADICTION",
                "this field is what the hub states; it is never read",
                path=("direction",),
                hint="direction: push",
            )
        return "push"
    if spec.const is not None:
        direction = spec.direction or ("push" if spec.to else "pull")
        if direction == "both" or (direction == "push") != bool(spec.to):
            raise MappingError(
                "CONTRADICTION",
                "a const is read as the field's value, or written to a vendor field named by to:",
                path=("const",),
                hint="direction: pull, or to: <vendor field> with direction: push",
            )
        return direction
    return spec.direction or "both"


def _irreversible(spec: LineSpec, cast: Any) -> MappingError | None:
    """Why the line cannot be written, or None when it can."""
    hint = "add direction: pull"
    if spec.when is not None:
        message = "a line that counts only for some records cannot be written"
        return MappingError("NOT_REVERSIBLE", message, path=("when",), hint=hint)
    if spec.split is not None:
        message = "a part cannot be written in the place of the whole"
        return MappingError("NOT_REVERSIBLE", message, path=("split",), hint=hint)
    for name in ("first", "concat"):
        if getattr(spec, name) is not None and spec.to is None:
            return MappingError(
                "NOT_REVERSIBLE",
                f"{name} does not say which vendor field to write",
                path=(name,),
                hint="add to: <vendor field>, or direction: pull",
            )
    if spec.first is not None and spec.to != spec.first[0]:
        return MappingError(
            "NOT_REVERSIBLE",
            f"what is written to {spec.to} is not read while {spec.first[0]} holds something",
            path=("to",),
            hint=f"to: {spec.first[0]}, or direction: pull",
        )
    if spec.concat is not None and spec.to in spec.concat:
        message = "the whole cannot be written in the place of a part"
        return MappingError("NOT_REVERSIBLE", message, path=("to",), hint=hint)
    if spec.values is not None:
        try:
            reversed_values(spec, cast)
        except MappingError as error:
            if error.code != "NOT_REVERSIBLE":
                raise
            return error
    return None


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise MappingError(
            "UNKNOWN_ZONE",
            f'"{name}" is not a time zone',
            path=("zone",),
            hint="zones are named as Asia/Tokyo or UTC",
        ) from None


def _constant(key: str, value: Any, cast: Any) -> Value:
    if value is None:
        return None
    try:
        found: Value = cast(value)
    except Unreadable as error:
        raise MappingError(
            "BAD_OPERATOR",
            f"the field cannot hold this value ({error.message})",
            path=(key,),
            hint=error.hint,
        ) from None
    return found


def _reads(spec: LineSpec) -> tuple[str, ...]:
    names = [*([spec.from_] if spec.from_ else []), *(spec.first or ()), *(spec.concat or ())]
    if spec.when is not None:
        names.append(spec.when.field)
    return tuple(dict.fromkeys(names))


def compile_stage(kind: str, written: Any, rules: StageRules = DEFAULT) -> StageProjection:
    """The stage block. Raises MappingErrors with everything that is wrong with it.

    A value that is written must be read back as the stage it was written for. In a deal's block
    ``other`` among the values of ``read`` stands for all that are not named.
    """
    path: Path = ("stage",)
    if kind not in ("lead", "deal"):
        message = f"a {kind} has no stage"
        raise MappingErrors([MappingError("CONTRADICTION", message, path=path)])
    if not isinstance(written, Mapping):
        message = "a stage block says field:, read: and, to be written, write:"
        raise MappingErrors([MappingError("BAD_LINE", message, path=path)])
    try:
        spec = StageSpec.model_validate(dict(written))
    except ValidationError as error:
        raise MappingErrors(spec_errors(error, path, StageSpec)) from None
    read = {
        word(value): (stages,) if isinstance(stages, str) else tuple(stages)
        for value, stages in spec.read.items()
    }
    other = tuple(spec.other) or (read.get("other", ()) if kind == "deal" else ())
    errors = [
        error for key, stages in read.items() for error in _bad(rules, kind, stages, "read", key)
    ]
    errors += _bad(rules, kind, spec.other, "other")
    for stage, value in spec.write.items():
        wrong = _bad(rules, kind, (stage,), "write")
        errors += wrong
        if not wrong and stage not in (read.get(word(value)) or other):
            errors.append(
                MappingError(
                    "NOT_REVERSIBLE",
                    f"{stage} is written as {shown(value)}, which is not read as {stage}",
                    path=("stage", "write", stage),
                    hint=f"add {stage} to read: {shown(value)}: […]",
                )
            )
    if errors:
        raise MappingErrors(errors)
    return StageProjection(
        field=spec.field,
        read=read,
        write=dict(spec.write),
        back=spec.back,
        reason_field=spec.reason,
        other=other,
        entered=spec.entered,
        rules=rules,
    )


def _bad(rules: StageRules, kind: str, stages: Any, *keys: str | int) -> list[MappingError]:
    path: Path = ("stage", *keys)
    if not stages and keys[0] == "read":
        return [MappingError("UNKNOWN_STAGE", "no stage is named here", path=path)]
    errors = []
    for stage in stages:
        try:
            rules.check(stage)
        except MappingError as error:
            errors.append(MappingError(error.code, error.message, path=path, hint=error.hint))
            continue
        if kind == "deal" and stage not in ("opportunity", "won", "lost"):
            message = f'a deal cannot be "{stage}"'
            hint = "a deal is opportunity, won or lost"
            errors.append(MappingError("NOT_A_DEAL_STAGE", message, path=path, hint=hint))
    return [] if is_blank(errors) else errors
