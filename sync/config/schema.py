"""JSON Schemas of the files an operator writes, for completion in editors.

They know the installed connectors: a connection's options are those of the connector it names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from mapping.document import LineSpec, StageSpec, StreamSpec
from mapping.model import FIELDS, label
from mapping.stage_rules import DEFAULT, StageRules
from sync.config.alerts import AlertsConfig
from sync.config.handoff import HandoffConfig
from sync.config.interpolate import REFERENCE
from sync.config.model import ConnectionConfig, HubConfig, MatchConfig
from sync.config.stages import StagesConfig

if TYPE_CHECKING:
    from connectors.registry import Installed, Registry

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FOLDER = Path(".renkei") / "schema"
REF = "#/$defs/"
_FAMILY = r"^custom\..+$"


def json_schemas(registry: Registry, rules: StageRules = DEFAULT) -> dict[str, dict[str, Any]]:
    """A schema per kind of file: ``renkei``, ``connection``, ``fields``, ``stages`` and so on.

    ``rules`` know the stages that field maps may name.
    """
    return {
        "renkei": _whole(HubConfig, "renkei.yaml"),
        "connection": connection_schema(registry),
        "fields": fields_schema(registry, rules),
        "stages": _whole(StagesConfig, "stages.yaml"),
        "match": _whole(MatchConfig, "match.yaml"),
        "handoff": _whole(HandoffConfig, "handoff.yaml"),
        "alerts": _whole(AlertsConfig, "alerts.yaml"),
    }


def write_schemas(
    root: Path, registry: Registry | None = None, rules: StageRules = DEFAULT
) -> list[Path]:
    """Write ``.renkei/schema/*.json`` below an operator's directory; the files written."""
    if registry is None:
        from connectors.registry import find

        registry = find()
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, schema in json_schemas(registry, rules).items():
        path = folder / f"{kind}.json"
        text = json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def first_line(kind: str, *, depth: int) -> str:
    """The comment by which editors find the schema, for a file ``depth`` folders down."""
    up = "../" * depth or "./"
    return f"# yaml-language-server: $schema={up}{FOLDER.as_posix()}/{kind}.json"


def connection_schema(registry: Registry) -> dict[str, Any]:
    """connections/NAME.yaml: which options it may have depends on the connector it names."""
    schema = _whole(ConnectionConfig, "connections/NAME.yaml")
    usable = {installed.slug: installed for installed in registry if _options(installed)}
    schema["properties"]["connector"] |= {
        "enum": list(usable),
        "type": "string",
        "description": "; ".join(
            f"{slug}: {found.manifest.description.en}" for slug, found in usable.items()
        ),
    }
    schema["properties"]["connector"].pop("anyOf", None)
    schema["allOf"] = []
    for slug, installed in usable.items():
        options, defs = _model(_options(installed), f"{slug}.")
        schema.setdefault("$defs", {}).update(defs)
        streams = installed.manifest.streams
        push = [name for name, s in streams.items() if s.push and s.kind == "lead"]
        then: dict[str, Any] = {"options": options}
        if push:
            names = "|".join(push)
            then["push"] = {
                "properties": {"stream": {"pattern": f"^({names})(:.+)?$", "examples": push}}
            }
        else:
            then["push"] = {"type": "null"}
        schema["allOf"].append(
            {
                "if": {"properties": {"connector": {"const": slug}}, "required": ["connector"]},
                "then": {
                    "properties": then,
                    **({"required": ["options"]} if options.get("required") else {}),
                },
            }
        )
    return schema


def fields_schema(registry: Registry, rules: StageRules = DEFAULT) -> dict[str, Any]:
    """fields/NAME.yaml: a stream type's lines, whose names are the fields of its kind."""
    line, defs = _model(LineSpec, "line.")
    stage, more = _model(StageSpec, "stage.")
    defs |= more
    defs["line"] = {"anyOf": [{"type": "string"}, {"type": "null"}, line]}
    defs["stage"] = _partial(stage, rules)
    kinds: dict[str, set[str]] = {}
    for installed in registry:
        for stream, spec in installed.manifest.streams.items():
            kinds.setdefault(stream, set()).add(str(spec.kind))
    for kind, known in FIELDS.items():
        defs[f"fields.{kind}"] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: {"$ref": f"{REF}line", "description": _label(kind, name)} for name in known
            },
            "patternProperties": {_FAMILY: {"$ref": f"{REF}line"}},
        }
        defs[f"stream.{kind}"] = {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {
                "kind": {"const": kind},
                "fields": {"$ref": f"{REF}fields.{kind}"},
                "stage": {"anyOf": [{"$ref": f"{REF}stage"}, {"type": "null"}]},
            },
        }
    if set(StreamSpec.model_fields) != {"kind", "fields", "stage"}:
        raise AssertionError("the schema of field maps does not know every key of a stream")
    return {
        "$schema": DIALECT,
        "title": "fields/NAME.yaml",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            stream: _one_of([{"$ref": f"{REF}stream.{kind}"} for kind in sorted(found)])
            for stream, found in sorted(kinds.items())
        },
        "$defs": defs,
    }


def _whole(model: type[BaseModel], title: str) -> dict[str, Any]:
    schema, defs = _model(model, "")
    return {"$schema": DIALECT, **schema, "title": title, "$defs": defs}


def _model(model: type[BaseModel], prefix: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A model's schema and its parts, named apart; a reference is allowed for every value."""
    schema = model.model_json_schema(by_alias=True, mode="validation")
    defs = schema.pop("$defs", {})
    found = {f"{prefix}{name}": _adapted(part, prefix) for name, part in defs.items()}
    return _adapted(schema, prefix), found


def _adapted(schema: Any, prefix: str) -> Any:
    """Parts named with the prefix; secrets as references; numbers and choices or a reference."""
    if isinstance(schema, list):
        return [_adapted(item, prefix) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    made = {
        key: {name: _adapted(item, prefix) for name, item in value.items()}
        if key in ("properties", "patternProperties") and isinstance(value, Mapping)
        else _adapted(value, prefix)
        for key, value in schema.items()
    }
    target = schema.get("$ref")
    if isinstance(target, str):
        made["$ref"] = target.replace(REF, f"{REF}{prefix}")
    if "discriminator" in made:
        made.pop("discriminator")
    if made.get("format") == "password":
        return {
            **{key: made[key] for key in ("title", "description") if key in made},
            "type": "string",
            "pattern": r"^(\$\{(env|file):[^{}]+\})+$",
            "examples": ["${env:NAME}", "${file:/run/secrets/name}"],
        }
    if made.get("type") in ("integer", "number", "boolean") or (
        "enum" in made or "pattern" in made
    ):
        kept = {key: made.pop(key) for key in ("title", "description", "default") if key in made}
        return {**kept, "anyOf": [made, {"type": "string", "pattern": REFERENCE.pattern}]}
    return made


def _partial(stage: dict[str, Any], rules: StageRules) -> dict[str, Any]:
    """The stage block as an operator states differences: nothing required, null takes out."""
    made = {key: value for key, value in stage.items() if key != "required"}
    made["properties"] = dict(made["properties"])
    word = {"enum": list(rules.stages)}
    words = {"anyOf": [word, {"type": "array", "items": word}, {"type": "null"}]}
    read = made["properties"]["read"].get("description", "")
    write = made["properties"]["write"].get("description", "")
    made["properties"]["read"] = {
        "type": "object",
        "additionalProperties": words,
        "description": read,
    }
    made["properties"]["write"] = {
        "type": "object",
        "propertyNames": word,
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        "description": write,
    }
    return made


def _one_of(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _options(installed: Installed) -> Any:
    """The model of a connector's options; None where its code cannot be used."""
    from connectors.kit.manifest import ManifestBroken
    from connectors.registry import ConnectorBroken

    try:
        return installed.options
    except (ConnectorBroken, ManifestBroken):
        return None


def _label(kind: str, name: str) -> str:
    if kind != "lead":
        return name
    return f"{label(name, 'ja')} / {label(name, 'en')}"
