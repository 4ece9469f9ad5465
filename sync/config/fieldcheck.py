"""A field map against the fields, picklists and stages that the vendor describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.kit.base import FieldSpec
from mapping.fieldmap import FieldMap, Line, StageProjection
from mapping.model import FieldType
from sync.config.description import Sheet
from sync.config.findings import Finding, Sources
from sync.config.gaps import STAGE, Gap, gaps
from sync.config.guess import Edit, edits
from sync.config.model import ConnectionConfig, PushConfig
from sync.config.positions import Keys
from sync.config.report import near

_MOMENTS = frozenset({"date", "datetime"})
_NEVER = frozenset({"boolean", "file"})
DIFFERENT: Mapping[FieldType, frozenset[str]] = {
    FieldType.NUMBER: _NEVER | _MOMENTS | {"email", "phone", "url"},
    FieldType.BOOLEAN: _MOMENTS | {"email", "phone", "url", "file"},
    FieldType.DATE: _NEVER | {"email", "phone", "url"},
    FieldType.DATETIME: _NEVER | {"email", "phone", "url"},
    FieldType.EMAIL: _NEVER | _MOMENTS | {"number", "phone", "url"},
    FieldType.PHONE: _NEVER | _MOMENTS | {"email", "url"},
    FieldType.URL: _NEVER | _MOMENTS | {"number", "email", "phone"},
}
"""Vendor types that never hold what a line of a type reads or writes."""


def check_stream(
    connection: ConnectionConfig,
    sources: Sources,
    stream: str,
    field_map: FieldMap,
    sheet: Sheet,
) -> list[Finding]:
    """What is wrong between a stream's field map and the vendor's fields."""
    push = pushed(connection, stream)
    look = _Look(sources, stream, sheet.fields, field_map, push)
    found = [*look.lines()]
    if field_map.stage is not None:
        found += look.stage(field_map.stage)
    if push is not None and push.create:
        found += look.create(_texts(_options_of(connection, sources)))
    for gap in stream_gaps(connection, stream, field_map, sheet):
        found.append(_gap_finding(sources, gap, sheet))
    return found


def stream_gaps(
    connection: ConnectionConfig, stream: str, field_map: FieldMap, sheet: Sheet
) -> list[Gap]:
    """Where a stream's map and the vendor's picklists do not agree."""
    push = pushed(connection, stream)

    def writes(field: str) -> bool:
        return push is not None and (field == STAGE or is_pushed(push, field))

    return gaps(_type(stream), field_map, sheet, writes)


def stream_edits(
    connection: ConnectionConfig, stream: str, field_map: FieldMap, sheet: Sheet
) -> list[tuple[Gap, list[Edit]]]:
    """Each gap with the edits of the YAML that would close it; none where nobody can guess."""
    return [
        (
            gap,
            edits(_type(stream), gap, field_map, sheet.options(gap.name, is_stage=_of_stage(gap))),
        )
        for gap in stream_gaps(connection, stream, field_map, sheet)
    ]


def pushed(connection: ConnectionConfig, stream: str) -> PushConfig | None:
    """What is said of pushing where this is the stream that is written."""
    push = connection.push
    return push if push is not None and push.stream == stream else None


def is_pushed(push: PushConfig, field: str) -> bool:
    """Whether a lead field is written there."""
    return push.fields is None or field in push.fields


def is_there(name: str, fields: Mapping[str, FieldSpec]) -> bool:
    """Whether the vendor has a field, or the reference at the head of ``Owner.Email``."""
    if name in fields:
        return True
    head, dotted, _ = name.partition(".")
    return bool(dotted) and (f"{head}Id" in fields or f"{head.removesuffix('__r')}__c" in fields)


def _of_stage(gap: Gap) -> bool:
    return gap.line == STAGE


def _gap_finding(sources: Sources, gap: Gap, sheet: Sheet) -> Finding:
    known = [one.value for one in sheet.options(gap.name, is_stage=_of_stage(gap)) if one.active]
    is_missing = gap.code in ("OPTION_MISSING", "STAGE_MISSING")
    return sources.finding(
        gap.state,
        gap.code,
        gap.places,
        near=near(gap.option, known) if is_missing else "",
        name=gap.name,
        option=gap.option,
        label=gap.label,
        stage=gap.lead,
        others=", ".join(gap.others),
    )


class _Look:
    """One stream's map beside what the vendor says of the stream's fields."""

    def __init__(
        self,
        sources: Sources,
        stream: str,
        specs: Mapping[str, FieldSpec],
        field_map: FieldMap,
        push: PushConfig | None,
    ) -> None:
        self.sources = sources
        self.stream = stream
        self.specs = specs
        self.map = field_map
        self.push = push
        self.says = {"stream": stream, "connection": sources.name}

    def lines(self) -> Iterator[Finding]:
        """Fields that are not there or cannot be written, and options that do not match."""
        for line in self.map.lines:
            path: Keys = (_type(self.stream), "fields", line.field)
            push = self.push if line.pushes else None
            written = line.to if push is not None and is_pushed(push, line.field) else None
            names = dict.fromkeys([*line.reads, *([written] if written else [])])
            for name in names:
                if not is_there(name, self.specs):
                    yield self._missing(path, name, is_written=name == written)
            spec = self.specs.get(written or "")
            if spec is not None and not spec.writable:
                yield self.sources.finding(
                    "error", "READ_ONLY", [path], word=spec.name, name=spec.name, **self.says
                )
            yield from self._unlike(line, path, written)

    def stage(self, stage: StageProjection) -> Iterator[Finding]:
        """Fields of the stage block that are not there or cannot be written."""
        path: Keys = (_type(self.stream), STAGE)
        for key, name in (("field", stage.field), ("reason", stage.reason_field)):
            if name is not None and not is_there(name, self.specs):
                yield self._missing((*path, key), name, is_written=bool(stage.write and self.push))
        spec = self.specs.get(stage.field)
        if self.push is not None and stage.write and spec is not None and not spec.writable:
            where = [(*path, "field"), path]
            yield self.sources.finding("error", "READ_ONLY", where, name=spec.name, **self.says)

    def create(self, options: set[str]) -> Iterator[Finding]:
        """What a new record needs."""
        targets = self.map.targets()
        for spec in self.specs.values():
            if spec.required and spec.writable and spec.name not in targets | options:
                yield self.sources.finding(
                    "error",
                    "REQUIRED",
                    [(_type(self.stream), "fields")],
                    name=spec.name,
                    **self.says,
                )
        unique = {spec.name for spec in self.specs.values() if spec.unique}
        if not unique & (targets | options):
            path: Keys = (_type(self.stream), "fields")
            yield self.sources.finding(
                "warning", "NO_KEY_FIELD", [(*path, "renkei_id"), path], **self.says
            )

    def _missing(self, path: Keys, name: str, *, is_written: bool) -> Finding:
        """A field that the vendor lacks: harmless where a default map reads more than there is."""
        return self.sources.finding(
            "error" if is_written or self.sources.is_own(path) else "note",
            "NO_VENDOR_FIELD",
            [path],
            word=name,
            near=near(name, self.specs),
            name=name,
            **self.says,
        )

    def _unlike(self, line: Line, path: Keys, written: str | None) -> Iterator[Finding]:
        """Fields whose type or length is not what the line takes or writes."""
        for name in dict.fromkeys([*line.reads, *([written] if written else [])]):
            spec = self.specs.get(name)
            if spec is not None and _is_unlike(line, spec):
                says = {**self.says, "there": spec.type, "here": line.type.value}
                yield self.sources.finding(
                    "warning", "TYPE_DIFFERS", [path], word=name, name=name, **says
                )
        spec = self.specs.get(written or "")
        longest: Any = line.operators.get("max_length")
        if spec is not None and spec.max_length and longest and longest > spec.max_length:
            says = {**self.says, "there": str(spec.max_length), "here": str(longest)}
            places = [(*path, "max_length"), path]
            yield self.sources.finding("warning", "TOO_LONG_THERE", places, name=spec.name, **says)


def _is_unlike(line: Line, spec: FieldSpec) -> bool:
    """Whether a vendor's type never holds what a line is about; a table may translate anything."""
    if any(one in line.operators for one in ("values", "write", "const", "when", "split")):
        return False
    return spec.type in DIFFERENT.get(line.type, ())


def _options_of(connection: ConnectionConfig, sources: Sources) -> dict[str, Any]:
    """The connection's options with their defaults."""
    return sources.installed.options.model_validate(connection.options).model_dump()


def _texts(value: Any) -> set[str]:
    """Every text in a connection's options: some name fields."""
    if isinstance(value, Mapping):
        return {text for item in value.values() for text in _texts(item)}
    if isinstance(value, list | tuple):
        return {text for item in value for text in _texts(item)}
    return {value} if isinstance(value, str) else set()


def _type(stream: str) -> str:
    return stream.partition(":")[0]
