"""What loads and is still not meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from connectors.registry import Registry, find
from sync.config.check import check
from sync.config.load import load

Plant = Callable[[Mapping[str, str | bytes]], Path]
ENV = {
    "KINTONE_TOKEN": "x",
    "TYPEFORM_TOKEN": "x",
    "HUBSPOT_TOKEN": "x",
    "KINTONE_URL": "https://x",
}
Told = list[tuple[str, str, int, int, str]]


@pytest.fixture
def lint(plant: Plant, registry: Registry) -> Callable[[Mapping[str, str | bytes]], Told]:
    """What the check tells of a directory."""

    def read(files: Mapping[str, str | bytes]) -> Told:
        config = load(plant(files), env=ENV, registry=registry)
        return [(e.code, e.file, e.line, e.column, e.severity) for e in check(config, registry)]

    return read


Lint = Callable[[Mapping[str, str | bytes]], Told]


def test_a_directory_without_fault_has_nothing_to_tell(lint: Lint) -> None:
    assert lint({}) == []


def test_a_password_in_clear_in_an_address_is_told(lint: Lint) -> None:
    told = lint({"renkei.yaml": "language: en\ndatabase: postgresql://renkei:shh@db/renkei\n"})
    assert told == [("SECRET_IN_URL", "renkei.yaml", 2, 11, "warning")]
    assert lint({"renkei.yaml": "database: postgresql://renkei:${env:KINTONE_TOKEN}@db/x\n"}) == []


def test_a_password_in_clear_is_not_shown(plant: Plant, registry: Registry) -> None:
    root = plant({"renkei.yaml": "language: en\ndatabase: postgresql://renkei:s3cr3t@db/renkei\n"})
    told = check(load(root, env=ENV, registry=registry), registry)
    assert "s3cr3t" not in f"{told}{told[0]}"


def test_a_key_that_is_no_key_is_told(lint: Lint) -> None:
    told = lint({"renkei.yaml": "key: ${env:KINTONE_TOKEN}\n"})
    assert told == [("BAD_HUB_KEY", "renkei.yaml", 1, 6, "error")]


def test_an_example_that_fails_is_told_beside_its_line(lint: Lint) -> None:
    own = "records:\n  fields:\n    title:\n      from: 役職\n      examples:\n"
    told = lint({"fields/crm.yaml": f"{own}        - {{in: 部長, out: 課長}}\n"})
    assert told == [("EXAMPLE_FAILS", "fields/crm.yaml", 6, 11, "error")]
    assert lint({"fields/crm.yaml": f"{own}        - {{in: 部長, out: 部長}}\n"}) == []


def test_files_that_are_almost_named_right_are_told(lint: Lint) -> None:
    told = lint(
        {"stage.yaml": "optional: []\n", "field/crm.yaml": "x: 1\n", "docker.yaml": "x: 1\n"}
    )
    assert told == [
        ("UNKNOWN_FILE", "field", 1, 1, "warning"),
        ("UNKNOWN_FILE", "stage.yaml", 1, 1, "warning"),
    ]


def test_a_dotenv_that_git_would_take_is_told(lint: Lint) -> None:
    assert lint({".env": "A=b\n"}) == [("NOT_IGNORED", ".gitignore", 1, 1, "warning")]
    assert lint({".env": "A=b\n", ".gitignore": ".env\n"}) == []


def test_webhooks_that_cannot_arrive_are_told(lint: Lint) -> None:
    hooked = (
        "connector: typeform\n"
        "options: {token: '${env:TYPEFORM_TOKEN}', webhook_secrets: ['${env:KINTONE_TOKEN}']}\n"
    )
    told = lint(
        {"connections/form.yaml": hooked, "renkei.yaml": "public_url: http://localhost:1\n"}
    )
    assert told == [("NOT_PUBLIC", "renkei.yaml", 1, 13, "warning")]


def test_a_stream_that_is_read_and_has_no_map_is_told(plant: Plant) -> None:
    manifest = (
        "slug: meishi\nname: Meishi\nroles: [crm]\ndescription: {en: Cards}\n"
        "auth: {schemes: [none]}\nstreams: {cards: {kind: lead, pull: true}}\n"
    )
    root = plant(
        {
            "renkei.yaml": "plugins: [plugins]\n",
            "plugins/meishi/connector.yaml": manifest,
            "plugins/meishi/__init__.py": (
                "from pydantic import BaseModel\nclass Options(BaseModel):\n    pass\n"
                "def connect(options, wiring):\n    return object()\n"
            ),
            "connections/cards.yaml": "# 名刺\nconnector: meishi\n",
        }
    )
    registry = find([root / "plugins"])
    told = check(load(root, env=ENV, registry=registry), registry)
    assert [(e.code, e.file, e.line, e.column) for e in told] == [
        ("NO_MAP", "connections/cards.yaml", 2, 12)
    ]


def test_an_operators_broken_connector_is_told_though_nobody_uses_it(plant: Plant) -> None:
    root = plant(
        {
            "renkei.yaml": "language: en\nplugins: [plugins]\n",
            "plugins/meishi/connector.yaml": "slug: meishi\n",
        }
    )
    registry = find([root / "plugins"])
    told = check(load(root, env=ENV, registry=registry), registry)
    assert [(e.code, e.file, e.line, e.column, e.severity) for e in told] == [
        ("BAD_PLUGIN", "renkei.yaml", 2, 10, "warning")
    ]
    assert "meishi" in told[0].message
