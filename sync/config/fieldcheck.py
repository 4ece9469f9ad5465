"""A field map against the fields, picklists and stages that the vendor describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.kit.base import FieldSpec, Pulls
from mapping.fieldmap import FieldMap, Line, StageProjection
from mapping.transforms import word
from sync.config.findings import Finding, Sources
from sync.config.model import ConnectionConfig, PushConfig
from sync.config.positions import Keys
from sync.config.report import listed, near

_PICKLISTS = ("picklist", "multipicklist")


def check_stream(
    connector: Any,
    connection: ConnectionConfig,
    sources: Sources,
    stream: str,
    maps: Mapping[str, FieldMap],
) -> list[Finding]:
    """What is wrong between a stream's field map and the vendor's fields."""
    push = connection.push if connection.push and connection.push.stream == stream else None
    if push is not None and isinstance(connector, Pulls):
        known = [*connector.streams()]
        if stream not in known and any(one.startswith(f"{_type(stream)}:") for one in known):
            return [
                sources.finding(
                    "error",
                    "NO_STREAM",
                    [],
                    stream=stream,
                    known=listed(known),
                    near=near(stream, known),
                )
            ]
    field_map = maps.get(_type(stream))
    specs = {spec.name: spec for spec in connector.fields(stream)}
    if field_map is None or not specs:
        return []
    look = _Look(sources, stream, specs, field_map, push)
    found = [*look.lines()]
    if field_map.stage is not None:
        named = {stage.value for stage in connector.stages(stream)}
        found += look.stage(field_map.stage, named)
    if push is not None and push.create:
        found += look.create(_texts(_options_of(connection, sources)))
    return found


class _Look:
    """One stream's map beside what the vendor says of the stream."""

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
            written = line.to if line.pushes and self._is_pushed(line) else None
            names = dict.fromkeys([*line.reads, *([written] if written else [])])
            for name in names:
                if not self._is_there(name):
                    yield self._missing(path, name, is_written=name == written)
            spec = self.specs.get(written or "")
            if spec is not None and not spec.writable:
                yield self.sources.finding(
                    "error", "READ_ONLY", [path], word=spec.name, name=spec.name, **self.says
                )
            yield from self._options(line, path)
            if spec is not None and spec.writable:
                yield from self._written_options(line, path, spec)

    def stage(self, stage: StageProjection, named: set[str]) -> Iterator[Finding]:
        """Stages that one side has and the other does not."""
        path: Keys = (_type(self.stream), "stage")
        for key, name in (("field", stage.field), ("reason", stage.reason_field)):
            if name is not None and not self._is_there(name):
                yield self._missing((*path, key), name, is_written=bool(stage.write and self.push))
        spec = self.specs.get(stage.field)
        if spec is None:
            return
        active = {option.value for option in spec.options if option.active} or named
        known = {word(option.value) for option in spec.options} | named
        for value in sorted(active - set(stage.read)) if not stage.other else ():
            yield self.sources.finding(
                "warning", "STAGE_UNMAPPED", [(*path, "read"), path], name=stage.field, option=value
            )
        if self.push is None or not known:
            return
        if stage.write and not spec.writable:
            where = [(*path, "field"), path]
            yield self.sources.finding("error", "READ_ONLY", where, name=spec.name, **self.says)
        for code, value in stage.write.items():
            if word(value) not in known:
                yield self.sources.finding(
                    "error",
                    "STAGE_MISSING",
                    [(*path, "write", code), (*path, "write"), path],
                    near=near(word(value), known),
                    name=stage.field,
                    option=word(value),
                    stage=code,
                )

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

    def _is_pushed(self, line: Line) -> bool:
        if self.push is None:
            return False
        return self.push.fields is None or line.field in self.push.fields

    def _is_there(self, name: str) -> bool:
        """Whether the vendor has a field, or the reference at the head of ``Owner.Email``."""
        if name in self.specs:
            return True
        head, dotted, _ = name.partition(".")
        return bool(dotted) and (
            f"{head}Id" in self.specs or f"{head.removesuffix('__r')}__c" in self.specs
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

    def _options(self, line: Line, path: Keys) -> Iterator[Finding]:
        values = line.operators.get("values")
        if (
            not line.pulls
            or not isinstance(values, Mapping)
            or line.operators.get("other", "error") != "error"
        ):
            return
        mapped = {word(value) for value in values}
        for name in line.reads:
            spec = self.specs.get(name)
            if spec is None or spec.type not in _PICKLISTS:
                continue
            for option in spec.options:
                if word(option.value) in mapped:
                    continue
                yield self.sources.finding(
                    "warning" if option.active else "note",
                    "OPTION_UNMAPPED" if option.active else "OPTION_INACTIVE",
                    [(*path, "values"), path],
                    name=name,
                    option=option.value,
                )

    def _written_options(self, line: Line, path: Keys, spec: FieldSpec) -> Iterator[Finding]:
        if spec.type not in _PICKLISTS or not spec.options:
            return
        write, values = line.operators.get("write"), line.operators.get("values")
        if isinstance(write, Mapping):
            wanted = [(("write", key), word(value)) for key, value in write.items()]
        else:
            wanted = [
                (("values", key), word(key))
                for key in (values if isinstance(values, Mapping) else ())
            ]
        known = {word(option.value) for option in spec.options if option.active}
        for keys, value in wanted:
            if value not in known:
                yield self.sources.finding(
                    "error",
                    "OPTION_MISSING",
                    [(*path, *keys), path],
                    near=near(value, known),
                    name=spec.name,
                    option=value,
                )


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
