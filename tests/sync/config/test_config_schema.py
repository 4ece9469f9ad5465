"""The schemas that editors complete from say the same as the loader."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.registry import Registry
from mapping.model import LEAD_FIELDS
from sync.config.positions import read_document
from sync.config.schema import first_line, json_schemas, write_schemas

Schemas = dict[str, dict[str, Any]]
CONFIG = Path(__file__).parents[3] / "config"
DEFAULTS = Path(__file__).parents[3] / "connectors"
TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "null": lambda v: v is None,
}


def wrong(value: Any, schema: Any, whole: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """What a JSON Schema refuses; the words that our schemas use, and no others."""
    if schema is True or schema == {}:
        return
    if schema is False:
        yield f"{at}: not allowed"
        return
    if "$ref" in schema:
        yield from wrong(value, whole["$defs"][schema["$ref"].removeprefix("#/$defs/")], whole, at)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(TYPES[kind](value) for kind in kinds):
        yield f"{at}: not {kinds}"
        return
    yield from _wrong_value(value, schema, at)
    yield from _wrong_branches(value, schema, whole, at)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from wrong(item, schema["items"], whole, f"{at}[{number}]")
    if isinstance(value, dict):
        yield from _wrong_keys(value, schema, whole, at)


def _wrong_value(value: Any, schema: Any, at: str) -> Iterator[str]:
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        yield f"{at}: {value!r} is no choice"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{at}: does not fit {schema['pattern']}"


def _wrong_branches(value: Any, schema: Any, whole: Mapping[str, Any], at: str) -> Iterator[str]:
    for key in ("anyOf", "oneOf"):
        if key in schema and all(list(wrong(value, one, whole, at)) for one in schema[key]):
            yield f"{at}: fits none of {key}"
    for one in schema.get("allOf", []):
        if "if" not in one:
            yield from wrong(value, one, whole, at)
        elif not list(wrong(value, one["if"], whole, at)):
            yield from wrong(value, one["then"], whole, at)


def _wrong_keys(
    value: dict[Any, Any], schema: Any, whole: Mapping[str, Any], at: str
) -> Iterator[str]:
    for name in schema.get("required", []):
        if name not in value:
            yield f"{at}: {name} is missing"
    for key, item in value.items():
        known = schema.get("properties", {})
        families = [
            part
            for form, part in schema.get("patternProperties", {}).items()
            if re.search(form, key)
        ]
        if key in known:
            yield from wrong(item, known[key], whole, f"{at}.{key}")
        elif families:
            yield from wrong(item, families[0], whole, f"{at}.{key}")
        else:
            yield from wrong(item, schema.get("additionalProperties", True), whole, f"{at}.{key}")
        yield from wrong(key, schema.get("propertyNames", True), whole, f"{at}.{key}")


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    from connectors.registry import find

    return json_schemas(find())


def kind_of(path: Path) -> str:
    return {"connections": "connection", "fields": "fields"}.get(path.parent.name, path.stem)


EXAMPLES = sorted(CONFIG.rglob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.relative_to(CONFIG).as_posix())
def test_every_example_file_fits_its_schema_and_names_it(path: Path, schemas: Schemas) -> None:
    schema = schemas[kind_of(path)]
    assert list(wrong(read_document(path).data, schema, schema)) == []
    depth = len(path.relative_to(CONFIG).parts) - 1
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == first_line(kind_of(path), depth=depth)
    assert (path.parent / first.partition("$schema=")[2]).resolve() == (
        CONFIG / ".renkei" / "schema" / f"{kind_of(path)}.json"
    )


@pytest.mark.parametrize(
    "path", sorted(DEFAULTS.glob("*/fields.yaml")), ids=lambda p: p.parent.name
)
def test_every_default_map_fits_the_schema_of_field_maps(path: Path, schemas: Schemas) -> None:
    schema = schemas["fields"]
    assert list(wrong(read_document(path).data, schema, schema)) == []


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("renkei", {"databse": "x"}),
        ("renkei", {"language": "fr"}),
        ("renkei", {"key": "clear"}),
        ("renkei", {"retention": {"inbox_days": "soon"}}),
        ("connection", {"options": {}}),
        ("connection", {"connector": "hubspott"}),
        ("connection", {"connector": "hubspot", "options": {"token": "clear"}}),
        ("connection", {"connector": "hubspot", "options": {"tokn": "${env:X}"}}),
        ("connection", {"connector": "kintone", "options": {"base_url": "${env:X}"}}),
        ("connection", {"connector": "typeform", "options": {}, "push": {"stream": "responses"}}),
        ("connection", {"connector": "hubspot", "options": {}, "push": {"stream": "deals"}}),
        ("fields", {"leadz": {}}),
        ("fields", {"contacts": {"fields": {"emial": "x"}}}),
        ("fields", {"contacts": {"fields": {"email": {"form": "x"}}}}),
        ("fields", {"contacts": {"stage": {"read": {"x": ["mqll"]}}}}),
        ("stages", {"optionel": []}),
        ("match", {"x": 1}),
        ("handoff", {"handoffs": [{"id": "x"}]}),
        ("handoff", {"teams": {"fs": {"member": []}}}),
        ("alerts", {"to": [{"name": "ops", "mail": {"hots": "h", "from": "a@b", "to": ["c@d"]}}]}),
        ("alerts", {"to": [{"name": "ops", "incidents": ["disk"]}]}),
    ],
)
def test_a_schema_refuses_what_the_loader_refuses(
    kind: str, value: dict[str, Any], schemas: Schemas
) -> None:
    assert list(wrong(value, schemas[kind], schemas[kind]))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("renkei", {"key": "${env:A}", "retention": {"inbox_days": "${env:DAYS:-7}"}}),
        ("connection", {"connector": "hubspot", "options": {"token": "${file:/run/secrets/t}"}}),
        ("connection", {"connector": "hubspot", "push": {"stream": "contacts"}, "pull": None}),
        ("fields", {"contacts": {"fields": {"custom.x": {"from": "x"}, "fax": None}}}),
        ("fields", {"contacts": None, "Lead": {"stage": None}}),
    ],
)
def test_a_schema_takes_what_the_loader_takes(
    kind: str, value: dict[str, Any], schemas: Schemas
) -> None:
    assert list(wrong(value, schemas[kind], schemas[kind])) == []


def test_the_schema_completes_every_lead_field_and_every_option(
    schemas: Schemas, registry: Registry
) -> None:
    assert set(schemas["fields"]["$defs"]["fields.lead"]["properties"]) == set(LEAD_FIELDS)
    told = {
        rule["if"]["properties"]["connector"]["const"]: rule["then"]["properties"]["options"]
        for rule in schemas["connection"]["allOf"]
    }
    assert set(told) == set(registry.slugs())
    for installed in registry:
        options = told[installed.slug]["properties"]
        assert set(options) == set(installed.options.model_fields)
        assert all(option.get("description") for option in options.values())


def test_every_reference_in_a_schema_leads_somewhere(schemas: Schemas) -> None:
    for schema in schemas.values():
        targets = set(re.findall(r'"#/\$defs/([^"]+)"', json.dumps(schema, ensure_ascii=False)))
        assert targets <= set(schema["$defs"])


def test_schemas_are_written_where_the_first_line_points(
    tmp_path: Path, registry: Registry
) -> None:
    written = write_schemas(tmp_path, registry)
    assert {path.relative_to(tmp_path).as_posix() for path in written} == {
        f".renkei/schema/{kind}.json"
        for kind in ("renkei", "connection", "fields", "stages", "match", "handoff", "alerts")
    }
    before = [path.read_bytes() for path in written]
    assert [path.read_bytes() for path in write_schemas(tmp_path, registry)] == before
