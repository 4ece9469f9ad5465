"""Generated rows read like an imported file: through the file connector's own field map."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from connectors.file.flat import flatten
from connectors.file.options import Options
from mapping.fieldmap import Draft, FieldMap, compile_map
from mapping.model import Value

_NOT_READ = frozenset({"record_id", "person_id", "source", "created_at", "note"})


def draft_of(row: Mapping[str, str]) -> tuple[str, Draft]:
    """A row's id, and what the field map makes of it; the truth is left out."""
    cells = {name: cell for name, cell in row.items() if cell and name not in _NOT_READ}
    return row["record_id"], _field_map().read(flatten(cells, _options()))


def values_of(row: Mapping[str, str]) -> tuple[str, dict[str, Value]]:
    """A row's id, and the values of the lead model that it states."""
    record, draft = draft_of(row)
    return record, {name: value for name, value in draft.values.items() if value is not None}


@cache
def _options() -> Options:
    return Options(path="leads.csv")


@cache
def _field_map() -> FieldMap:
    from ruamel.yaml import YAML

    fields = Path(__file__).parents[2] / "connectors" / "file" / "fields.yaml"
    return compile_map(YAML(typ="safe", pure=True).load(fields.read_text())["rows"])
