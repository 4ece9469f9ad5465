"""Where mistakes in field maps are told to be: in the operator's file, or in the connector's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from connectors.registry import Registry, find
from sync.config.errors import ConfigErrors
from sync.config.load import load
from sync.config.maps import maps_of
from sync.config.model import Config

Plant = Callable[[Mapping[str, str | bytes]], Path]
ENV = {
    "KINTONE_TOKEN": "x",
    "TYPEFORM_TOKEN": "x",
    "HUBSPOT_TOKEN": "x",
    "KINTONE_URL": "https://x",
}


@pytest.fixture
def read(plant: Plant, registry: Registry) -> Callable[[str], Config]:
    """A configuration whose connection crm has these differences in its field map."""
    return lambda own: load(plant({"fields/crm.yaml": own}), env=ENV, registry=registry)


def test_the_default_is_merged_with_the_differences(
    read: Callable[[str], Config], registry: Registry
) -> None:
    own = "records:\n  fields: {phone: null, fax: ファクス}\n  stage: {read: {有望: [mql]}}\n"
    found = maps_of(read(own), "crm", registry.get("kintone"))
    assert set(found) == {"records", "accounts", "deals", "activities"}
    written = found["records"].read(
        {"ファクス": "03-1234-5678", "電話番号": "x", "ステージ": "有望"}
    )
    assert written.values["fax"] == "+81312345678"
    assert "phone" not in written.values
    assert written.stage is not None
    assert written.stage.stages == ("mql",)


def test_an_empty_stream_takes_the_default(
    read: Callable[[str], Config], registry: Registry
) -> None:
    found = maps_of(read("records:\n"), "crm", registry.get("kintone"))
    assert "email" in found["records"].fields


def test_a_map_that_changed_since_it_was_loaded_is_told_with_its_place(
    read: Callable[[str], Config], registry: Registry
) -> None:
    config = read("records:\n  fields:\n    fax: ファクス\n")
    file = config.root / "fields" / "crm.yaml"
    file.write_text("records:\n  fields:\n    title: 職位\n    fex: ファクス\n", encoding="utf-8")
    config.fields["crm"]["records"]["fields"]["fex"] = "ファクス"
    with pytest.raises(ConfigErrors) as caught:
        maps_of(config, "crm", registry.get("kintone"))
    told = [(e.file, e.line, e.column, e.code) for e in caught.value.errors]
    assert told == [("fields/crm.yaml", 4, 5, "UNKNOWN_FIELD")]


MANIFEST = (
    "slug: meishi\nname: Meishi\nroles: [crm]\ndescription: {en: Cards}\nauth: {schemes: [none]}\n"
    "streams: {cards: {kind: lead, pull: true, push: true}}\n"
)
CODE = (
    "from pydantic import BaseModel, ConfigDict\n"
    "class Options(BaseModel):\n    model_config = ConfigDict(extra='forbid')\n"
    "def connect(options, wiring):\n    return object()\n"
)


def test_a_broken_default_is_told_in_the_connectors_own_file(plant: Plant) -> None:
    root = plant(
        {
            "renkei.yaml": "language: en\nplugins: [plugins]\n",
            "plugins/meishi/connector.yaml": MANIFEST,
            "plugins/meishi/__init__.py": CODE,
            "plugins/meishi/fields.yaml": (
                "cards:\n  fields:\n    email: mail\n    phone: {from: tel, sa: phone}\n"
            ),
            "connections/cards.yaml": "connector: meishi\n",
            "fields/cards.yaml": "cards:\n  fields:\n    fax: fax\n",
        }
    )
    with pytest.raises(ConfigErrors) as caught:
        load(root, env=ENV)
    told = [(e.file, e.line, e.column, e.code) for e in caught.value.errors]
    assert told == [("plugins/meishi/fields.yaml", 4, 24, "UNKNOWN_OPERATOR")]
    assert 'did you mean "as"?' in caught.value.errors[0].hint


def test_a_default_that_is_fine_is_not_blamed_for_what_an_operator_took_out(
    read: Callable[[str], Config],
) -> None:
    with pytest.raises(ConfigErrors) as caught:
        read("records:\n  stage:\n    read:\n      MQL: null\n")
    error = caught.value.errors[0]
    assert (error.file, error.code) == ("fields/crm.yaml", "NOT_REVERSIBLE")
    assert error.line in (2, 3)


def test_an_operator_may_map_a_stream_that_the_connector_leaves_open(plant: Plant) -> None:
    root = plant(
        {
            "renkei.yaml": "language: en\nplugins: [plugins]\n",
            "plugins/meishi/connector.yaml": MANIFEST,
            "plugins/meishi/__init__.py": CODE,
            "connections/cards.yaml": "connector: meishi\n",
            "fields/cards.yaml": "cards:\n  fields:\n    fax: fax\n",
        }
    )
    registry = find([root / "plugins"])
    found = maps_of(load(root, env=ENV, registry=registry), "cards", registry.get("meishi"))
    assert found["cards"].kind == "lead"


def test_who_repeats_a_mistake_of_the_default_is_told_of_his_own(plant: Plant) -> None:
    line = "cards:\n  fields:\n    fax: {from: fax, sa: phone}\n"
    root = plant(
        {
            "renkei.yaml": "language: en\nplugins: [plugins]\n",
            "plugins/meishi/connector.yaml": MANIFEST,
            "plugins/meishi/__init__.py": CODE,
            "plugins/meishi/fields.yaml": line,
            "connections/cards.yaml": "connector: meishi\n",
            "fields/cards.yaml": f"# 自社\n{line}",
        }
    )
    with pytest.raises(ConfigErrors) as caught:
        load(root, env=ENV)
    assert [(e.file, e.line) for e in caught.value.errors] == [("fields/cards.yaml", 4)]


def test_leads_are_pushed_to_streams_of_leads_only(plant: Plant) -> None:
    root = plant(
        {
            "renkei.yaml": "language: en\nplugins: [plugins]\n",
            "plugins/meishi/connector.yaml": (
                f"{MANIFEST.rstrip()[:-1]}, firms: {{kind: account, push: true}}}}\n"
            ),
            "plugins/meishi/__init__.py": CODE,
            "connections/cards.yaml": "connector: meishi\npush: {stream: firms}\n",
        }
    )
    with pytest.raises(ConfigErrors) as caught:
        load(root, env=ENV)
    told = [(e.file, e.line, e.column, e.code) for e in caught.value.errors]
    assert told == [("connections/cards.yaml", 2, 16, "PUSH_KIND")]
    assert "cards" in caught.value.errors[0].hint


def test_a_connection_that_is_to_read_what_cannot_be_read_is_told(plant: Plant) -> None:
    root = plant(
        {
            "renkei.yaml": "language: en\nplugins: [plugins]\n",
            "plugins/meishi/connector.yaml": MANIFEST.replace("pull: true, ", ""),
            "plugins/meishi/__init__.py": CODE,
            "connections/cards.yaml": "connector: meishi\npull: {streams: [cards]}\n",
        }
    )
    with pytest.raises(ConfigErrors) as caught:
        load(root, env=ENV)
    told = [(e.file, e.line, e.column, e.code) for e in caught.value.errors]
    assert told == [("connections/cards.yaml", 2, 1, "CANNOT_PULL")]
    assert "pull: null" in caught.value.errors[0].hint
