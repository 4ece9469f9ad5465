"""stages.yaml is read first: what it adds is known to field maps, connections and schemas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from connectors.registry import Registry
from mapping.stage_rules import DEFAULT
from sync.config.errors import ConfigErrors
from sync.config.load import load
from sync.config.maps import maps_of
from sync.config.model import StagesConfig
from sync.config.schema import json_schemas
from tests.sync.config.test_config_load import ENV

Plant = Callable[[Mapping[str, str | bytes]], Path]
STAGES = "stages:\n  trial: {ja: トライアル, en: Trial, after: sql}\n"
FIELDS = (
    "records:\n  stage:\n    read: {トライアル: trial, 商談: [opportunity]}\n"
    "    write: {trial: トライアル}\n"
)
MA = (
    "connector: hubspot\noptions: {token: '${env:HUBSPOT_TOKEN}'}\n"
    "push: {stream: contacts, create_when: {stage: [mql, trial]}}\n"
)


def test_a_stage_of_ones_own_stands_in_field_maps_and_conditions(
    plant: Plant, registry: Registry
) -> None:
    root = plant({"stages.yaml": STAGES, "fields/crm.yaml": FIELDS, "connections/ma.yaml": MA})
    config = load(root, env=ENV, registry=registry)
    stage = maps_of(config, "crm", registry.get("kintone"))["records"].stage
    assert stage is not None
    seen = stage.seen("トライアル")
    assert seen is not None
    assert seen.stages == ("trial",)
    assert stage.steps("trial", "商談") == ("トライアル",)
    assert stage.goes_back("trial", "商談")
    assert not stage.goes_back("opportunity", "トライアル")


def test_without_stages_yaml_they_know_no_such_stage(plant: Plant, registry: Registry) -> None:
    with pytest.raises(ConfigErrors) as wrong:
        load(
            plant({"fields/crm.yaml": FIELDS, "connections/ma.yaml": MA}),
            env=ENV,
            registry=registry,
        )
    assert {(one.file, one.code) for one in wrong.value.errors} == {
        ("fields/crm.yaml", "UNKNOWN_STAGE"),
        ("connections/ma.yaml", "UNKNOWN_STAGE"),
    }


def test_a_mistake_in_stages_yaml_is_not_blamed_on_field_maps(
    plant: Plant, registry: Registry
) -> None:
    broken = STAGES.replace("after: sql", "after: sqll")
    with pytest.raises(ConfigErrors) as wrong:
        load(plant({"stages.yaml": broken, "fields/crm.yaml": FIELDS}), env=ENV, registry=registry)
    assert [(one.file, one.code) for one in wrong.value.errors] == [
        ("stages.yaml", "UNKNOWN_STAGE")
    ]


def test_equal_settings_are_one_object_and_none_are_the_usual_ones() -> None:
    one, other = (StagesConfig(optional=["tal"]).rules() for _ in range(2))
    assert one is other
    assert StagesConfig(optional=["tql"]).rules() is not one
    assert StagesConfig(purchase=[]).rules() is DEFAULT


def test_the_schema_of_field_maps_knows_stages_of_ones_own(registry: Registry) -> None:
    rules = StagesConfig.model_validate(
        {"stages": {"trial": {"ja": "トライアル", "en": "Trial", "after": "sql"}}}
    ).rules()
    for known, given in ((True, rules), (False, DEFAULT)):
        stage = json_schemas(registry, given)["fields"]["$defs"]["stage"]["properties"]
        assert ("trial" in stage["write"]["propertyNames"]["enum"]) is known
