"""Contract: manifest, options and default field map are what the hub can work with."""

# ruff: noqa: S101 - a test suite asserts
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from connectors.kit.base import Kind, Pulls, Pushes, ReceivesWebhooks
from connectors.kit.manifest import load_manifest, read_yaml
from connectors.registry import Installed
from connectors.testing.bench import Bench
from connectors.testing.canonical import DIRECTIONS, OPERATORS, STAGES, is_canonical

__all__ = [
    "test_every_capability_that_is_claimed_exists",
    "test_every_option_is_described",
    "test_manifest_is_valid",
    "test_options_refuse_unknown_keys",
    "test_secrets_are_secret_strings",
    "test_the_default_field_map_names_canonical_fields",
]

SECRET_NAME = re.compile(
    r"(^|_)(secrets?|tokens?|passwords?|passwd|api_?keys?|private_key(_pem)?|secret_key)$"
)


def test_manifest_is_valid(installed: Installed) -> None:
    home = installed.home
    manifest = load_manifest(home / "connector.yaml" if home.is_dir() else home)
    assert manifest.slug == installed.slug
    for key, reason in manifest.quality.exempt.items():
        assert reason.strip(), f"quality.exempt.{key} has no reason"


def test_every_capability_that_is_claimed_exists(bench: Bench) -> None:
    connector = bench.connector()
    streams = bench.manifest.streams
    for capability, claimed, claim in (
        (Pulls, any(stream.pull for stream in streams.values()), "pull: true"),
        (Pushes, any(stream.push for stream in streams.values()), "push: true"),
        (ReceivesWebhooks, bench.manifest.webhooks.style != "none", "webhooks.style"),
    ):
        has = isinstance(connector, capability)
        if claimed and not has:
            bench.fail(f"the manifest says {claim}, the connector is not {capability.__name__}")
        if has and not claimed:
            bench.fail(f"the connector is {capability.__name__}, the manifest does not say {claim}")
    if isinstance(connector, Pulls):
        for name in {*connector.streams(), *bench.rehearsal.streams}:
            stream = streams.get(name.partition(":")[0])
            if stream is None or not stream.pull:
                bench.fail(f'stream "{name}" is not in the manifest with pull: true')


def test_options_refuse_unknown_keys(bench: Bench) -> None:
    given = {**bench.rehearsal.options, "no_such_option": 1}
    with pytest.raises(ValidationError) as caught:
        bench.installed.options.model_validate(given)
    assert "extra_forbidden" in {problem["type"] for problem in caught.value.errors()}


def test_every_option_is_described(installed: Installed) -> None:
    bare = [
        name
        for model in _models(installed.options)
        for name, field in model.model_fields.items()
        if not (field.description or "").strip()
    ]
    assert bare == [], f"options without a description: {', '.join(bare)}"


def test_secrets_are_secret_strings(installed: Installed) -> None:
    clear = [
        name
        for model in _models(installed.options)
        for name, field in model.model_fields.items()
        if SECRET_NAME.search(name) and SecretStr not in set(_leaves(field.annotation))
    ]
    assert clear == [], f"options that should be pydantic.SecretStr: {', '.join(clear)}"


def test_the_default_field_map_names_canonical_fields(installed: Installed) -> None:
    if installed.field_map is None:
        pytest.fail(f"{installed.slug}: there is no fields.yaml beside connector.yaml")
    maps = read_yaml(installed.field_map)
    assert isinstance(maps, dict), "fields.yaml holds stream types"
    assert maps, "fields.yaml is empty"
    problems = [
        f"{stream}.{problem}"
        for stream, field_map in maps.items()
        for problem in _map_problems(installed, str(stream), field_map)
    ]
    assert problems == [], "\n".join(problems)


def _map_problems(installed: Installed, stream: str, field_map: Any) -> Iterator[str]:
    known = installed.manifest.streams.get(stream)
    if known is None:
        yield "is no stream type of the manifest"
        return
    if not isinstance(field_map, Mapping) or not isinstance(field_map.get("fields"), Mapping):
        yield "fields: is missing"
        return
    if field_map.get("kind") not in {kind.value for kind in Kind}:
        yield f"kind: {field_map.get('kind')!r} is none of lead, account, deal, activity"
        return
    if field_map["kind"] != known.kind:
        yield f"kind: is {field_map['kind']!r}, the manifest says {known.kind.value!r}"
    for name, line in field_map["fields"].items():
        if not is_canonical(known.kind, str(name)):
            yield f"fields.{name}: is no canonical field of a {known.kind.value}"
        yield from (f"fields.{name}: {problem}" for problem in _line_problems(line))
    stage = field_map.get("stage")
    if isinstance(stage, Mapping):
        yield from (f"stage.{problem}" for problem in _stage_problems(stage))


def _line_problems(line: Any) -> Iterator[str]:
    if isinstance(line, Mapping):
        yield from (f'unknown operator "{key}"' for key in line if key not in OPERATORS)
        if line.get("direction", "both") not in DIRECTIONS:
            yield f"direction: {line['direction']!r} is none of {', '.join(sorted(DIRECTIONS))}"
    elif not isinstance(line, str):
        yield "is neither a vendor field's name nor operators"


def _stage_problems(stage: Mapping[str, Any]) -> Iterator[str]:
    for value, meant in (stage.get("read") or {}).items():
        for code in [meant] if isinstance(meant, str) else meant:
            if code not in STAGES:
                yield f'read.{value}: "{code}" is no stage'
    for code in stage.get("write") or {}:
        if code not in STAGES:
            yield f'write: "{code}" is no stage'


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model and every model that its fields hold."""
    yield model
    for field in model.model_fields.values():
        for leaf in _leaves(field.annotation):
            if isinstance(leaf, type) and issubclass(leaf, BaseModel):
                yield from _models(leaf)


def _leaves(annotation: Any) -> Iterator[Any]:
    arguments = get_args(annotation)
    if not arguments:
        yield annotation
    for argument in arguments:
        yield from _leaves(argument)
