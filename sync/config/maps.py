"""The field maps of a connection: the connector's default with the operator's differences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mapping.document import merge_documents
from mapping.errors import MappingError, MappingErrors
from mapping.fieldmap import FieldMap, compile_map
from mapping.stage_rules import DEFAULT, StageRules
from sync.config.errors import ConfigError, ConfigErrors
from sync.config.model import Config
from sync.config.positions import Document, Keys, Place, read_document
from sync.config.report import Report

if TYPE_CHECKING:
    from connectors.registry import Installed

_QUOTED = re.compile(r'"([^"]+)"')


def maps_of(config: Config, connection: str, installed: Installed) -> Mapping[str, FieldMap]:
    """Compiled field maps by stream type. Raises ConfigErrors with every mistake's place."""
    report = Report(config.root, config.hub.language)
    own = config.fields.get(connection, {})
    document = read_document(fields_file(config.root, connection)) if own else None
    maps = compile_maps(report, installed, own, document, config.stages.rules())
    report.raise_any()
    return maps


def fields_file(root: Path, connection: str) -> Path:
    """Where an operator states the differences of a connection's field maps."""
    return root / "fields" / f"{connection}.yaml"


def default_document(installed: Installed) -> Document | None:
    """The connector's default field map as it is written; None where it has none."""
    return read_document(installed.field_map) if installed.field_map is not None else None


def merged_documents(installed: Installed, own: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What each stream type's field map says, the operator's differences laid over the default."""
    default = default_document(installed)
    written = default.data if default is not None else {}
    return {
        stream: merge_documents(written.get(stream) or {}, own.get(stream))
        for stream in {**written, **own}
    }


def compile_maps(
    report: Report,
    installed: Installed,
    own: Mapping[str, Any],
    document: Document | None,
    rules: StageRules = DEFAULT,
) -> dict[str, FieldMap]:
    """The maps that could be compiled; what is wrong with the others is noted in the report."""
    default = default_document(installed)
    if default is not None:
        report.add_faults(default, default.faults)
    written = default.data if default is not None else {}
    maps: dict[str, FieldMap] = {}
    for stream in {**written, **own}:
        manifest = installed.manifest.streams.get(stream)
        kind = str(manifest.kind) if manifest is not None else None
        compiled = _compiled(
            _Text(written.get(stream) or {}),
            _Text(own[stream]) if own.get(stream) is not None else None,
            kind,
            rules,
        )
        if isinstance(compiled, FieldMap):
            maps[stream] = compiled
            continue
        alone = _compiled(_Text(written.get(stream) or {}), None, kind, rules) if default else ()
        whole = alone if isinstance(alone, tuple) else ()
        for error in compiled:
            found = _place(error, (stream, *error.path), default, document, whole)
            if found is not None:
                report.add_mapping(*found, error)
    return maps


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    """A piece of a document that is equal to another with the same content."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Text) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> str:
        return json.dumps(list(_flat(self.value)), ensure_ascii=False, default=str)


def _flat(value: Any, *keys: Any) -> Iterator[Any]:
    """Leaves with their keys, so that 1 and "1" as keys are told apart."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _flat(item, *keys, key)
    else:
        yield [keys, value]


@lru_cache(maxsize=2048)
def _compiled(
    default: _Text, own: _Text | None, kind: str | None, rules: StageRules
) -> FieldMap | tuple[MappingError, ...]:
    """A map, or what is wrong with it. The same text is compiled once, however often it is read."""
    try:
        return compile_map(
            merge_documents(default.value, own.value if own is not None else None),
            kind=kind,
            rules=rules,
        )
    except MappingErrors as error:
        return tuple(error.errors)


def _place(
    error: MappingError,
    path: Keys,
    default: Document | None,
    own: Document | None,
    in_default: tuple[MappingError, ...],
) -> tuple[Document, Place] | None:
    """In whose file, and where, a mistake stands.

    A default that is fine by itself is not to blame: then it is what the operator wrote beside it.
    """
    is_default = any(e.code == error.code and e.path == error.path for e in in_default)
    stands = own is not None and own.holds(path)
    if default is not None and (own is None or (is_default and not stands)):
        return default, _within(default, path, error)
    if own is None:
        return None
    if not stands and error.code == "DOUBLE_WRITE":
        for name in _QUOTED.findall(error.message):
            other: Keys = (path[0], "stage") if name == "stage" else (path[0], "fields", name)
            if own.holds(other):
                return own, own.key_place(other)
    return own, _within(own, path, error)


def _within(document: Document, path: Keys, error: MappingError) -> Place:
    named = _QUOTED.findall(error.message)
    if error.code in _ABOUT_A_WORD and named and document.holds(path):
        return document.text_place(path, named[0])
    if error.code in _ABOUT_A_VALUE and document.holds(path):
        return document.value_place(path)
    return document.key_place(path)


_ABOUT_A_WORD = frozenset({"UNKNOWN_STAGE", "NOT_A_DEAL_STAGE"})
_ABOUT_A_VALUE = frozenset(
    {"BAD_FORMAT", "BAD_KIND", "BAD_OPERATOR", "TYPE_MISMATCH", "UNKNOWN_TYPE", "UNKNOWN_ZONE"}
)

__all__ = [
    "ConfigError",
    "ConfigErrors",
    "compile_maps",
    "default_document",
    "fields_file",
    "maps_of",
    "merged_documents",
]
