"""The field maps of a connection: the connector's default with the operator's differences."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mapping.document import merge_documents
from mapping.fieldmap import FieldMap, compile_map
from sync.config.model import Config

if TYPE_CHECKING:
    from connectors.registry import Installed


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file as plain values."""
    from ruamel.yaml import YAML

    found = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return found or {}


def maps_of(config: Config, connection: str, installed: Installed) -> Mapping[str, FieldMap]:
    """Compiled field maps by stream type."""
    default = read_yaml(installed.field_map) if installed.field_map is not None else {}
    own = config.fields.get(connection, {})
    return {
        stream: compile_map(merge_documents(default.get(stream, {}), own.get(stream, {})))
        for stream in {**default, **own}
    }
