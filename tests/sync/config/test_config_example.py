"""The starter directory: it loads, says what it needs, and never writes over anything."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from connectors.kit.manifest import read_yaml
from connectors.registry import Registry, UnknownConnector, find
from sync.config.check import check
from sync.config.example import init
from sync.config.load import load

ALL = ["typeform", "hubspot", "salesforce", "kintone", "file"]
OURS = find().slugs()
CHOICES = [[], *([one] for one in OURS), *map(list, combinations(ALL, 2)), ALL, OURS]


def needed(root: Path) -> dict[str, str]:
    """The variables that .env.example asks for."""
    lines = (root / ".env.example").read_text(encoding="utf-8").splitlines()
    return {line.rstrip("="): "x" for line in lines if line and not line.startswith("#")}


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("connectors", CHOICES, ids="+".join)
def test_a_starter_directory_loads_with_what_its_env_example_names(
    connectors: list[str], language: str, tmp_path: Path, registry: Registry
) -> None:
    init(tmp_path, connectors, language, registry=registry)
    config = load(tmp_path, env=needed(tmp_path), registry=registry)
    assert sorted(one.connector for one in config.connections.values()) == sorted(connectors)
    assert config.hub.language == language
    assert set(config.hub.trust.default) == set(config.connections)
    assert [e.code for e in check(config, registry)] == ([] if connectors else ["NO_CONNECTIONS"])


def test_connections_are_named_for_their_roles(tmp_path: Path, registry: Registry) -> None:
    written = init(tmp_path, ALL, "ja", registry=registry)
    assert {path.relative_to(tmp_path).as_posix() for path in written} == {
        "renkei.yaml",
        ".gitignore",
        ".env.example",
        "fields/README.md",
        *(f"connections/{name}.yaml" for name in ("form", "ma", "sfa", "crm", "exhibition")),
    }


def test_every_connector_of_ours_brings_a_starter_that_names_only_its_own_options(
    registry: Registry,
) -> None:
    for installed in registry:
        assert installed.starter is not None, installed.slug
        written = read_yaml(installed.starter)
        assert set(written) <= {"names", "options", "pull", "push"}
        assert set(written["options"]) <= set(installed.options.model_fields)


def test_two_of_one_connector_get_two_names(tmp_path: Path, registry: Registry) -> None:
    init(tmp_path, ["hubspot"] * 5, "en", registry=registry)
    assert len(load(tmp_path, env=needed(tmp_path), registry=registry).connections) == 5


def test_nothing_is_written_over(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / ".gitignore").write_text("mine\n", encoding="utf-8")
    first = init(tmp_path, ["hubspot"], "en", registry=registry)
    assert tmp_path / ".gitignore" not in first
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == "mine\n"
    (tmp_path / "renkei.yaml").write_text("language: en\n", encoding="utf-8")
    assert init(tmp_path, ["hubspot"], "ja", registry=registry) == []
    assert (tmp_path / "renkei.yaml").read_text(encoding="utf-8") == "language: en\n"


def test_an_unknown_connector_writes_nothing(tmp_path: Path, registry: Registry) -> None:
    with pytest.raises(UnknownConnector, match="hubspot"):
        init(tmp_path, ["typeform", "hubspott"], "en", registry=registry)
    assert list(tmp_path.iterdir()) == []


def test_comments_are_in_the_language_that_was_asked_for(
    tmp_path: Path, registry: Registry
) -> None:
    for language in ("ja", "en"):
        init(tmp_path / language, ["salesforce"], language, registry=registry)
    english = (tmp_path / "en" / "connections" / "sfa.yaml").read_text(encoding="utf-8")
    japanese = (tmp_path / "ja" / "connections" / "sfa.yaml").read_text(encoding="utf-8")
    assert english.isascii()
    assert "# JWT ベアラーフロー" in japanese
    assert "#:" not in english + japanese
    assert " | " not in english + japanese


def test_secrets_are_references_and_git_ignores_their_file(
    tmp_path: Path, registry: Registry
) -> None:
    init(tmp_path, ALL, "en", registry=registry)
    ignored = (tmp_path / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {".env", "/.renkei/key"} <= set(ignored)
    assert {"HUBSPOT_TOKEN", "SALESFORCE_PRIVATE_KEY", "KINTONE_TOKEN"} <= set(needed(tmp_path))


def plugin(directory: Path) -> Path:
    """A connector of somebody else's that needs an API key."""
    home = directory / "meishi"
    home.mkdir(parents=True)
    (home / "connector.yaml").write_text(
        "slug: meishi\nname: Meishi\nroles: [crm]\ndescription: {en: Cards}\n"
        "auth: {schemes: [api_key]}\nstreams: {cards: {kind: lead, pull: true, push: true}}\n",
        encoding="utf-8",
    )
    (home / "fields.yaml").write_text("cards:\n  fields: {email: mail}\n", encoding="utf-8")
    (home / "__init__.py").write_text(
        "from pydantic import BaseModel, Field, SecretStr\n"
        "class Options(BaseModel):\n"
        "    api_key: SecretStr = Field(description='The key.')\n"
        "def connect(options, wiring):\n    return object()\n",
        encoding="utf-8",
    )
    return home


def test_a_connector_without_a_starter_gets_what_its_options_need(tmp_path: Path) -> None:
    plugin(tmp_path / "plugins")
    registry = find([tmp_path / "plugins"])
    root = tmp_path / "operator"
    init(root, ["meishi"], "en", registry=registry)
    config = load(root, env=needed(root), registry=registry)
    assert config.connections["crm"].push is not None
    assert config.connections["crm"].push.stream == "cards"
    assert "MEISHI_API_KEY" in needed(root)


def test_a_connector_of_somebody_elses_begins_as_its_own_starter_says(tmp_path: Path) -> None:
    (plugin(tmp_path / "plugins") / "starter.yaml").write_text(
        "names: [cards]\noptions:\n  #: 鍵 | The key\n  api_key: ${env:CARDS_KEY}\n"
        'pull:\n  schedule: {cron: "5 * * * *"}\n',
        encoding="utf-8",
    )
    registry = find([tmp_path / "plugins"])
    root = tmp_path / "operator"
    init(root, ["meishi"], "ja", registry=registry)
    text = (root / "connections" / "cards.yaml").read_text(encoding="utf-8")
    assert text.endswith(
        "connector: meishi\noptions:\n  # 鍵\n  api_key: ${env:CARDS_KEY}\n"
        'pull:\n  schedule: {cron: "5 * * * *"}\n'
    )
    assert load(root, env=needed(root), registry=registry).connections["cards"].push is None
