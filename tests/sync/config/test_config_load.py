"""What a directory becomes, what is interpolated, and how mistakes are shown."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.registry import Registry, find
from sync.config import maps, positions
from sync.config.check import check
from sync.config.errors import ConfigErrors
from sync.config.load import load
from sync.config.positions import parse

Plant = Callable[[Mapping[str, str | bytes]], Path]
ENV = {
    "KINTONE_TOKEN": "kintone-token-in-tests",
    "TYPEFORM_TOKEN": "tfp_in_tests",
    "HUBSPOT_TOKEN": "pat-in-tests",
    "KINTONE_URL": "https://example.cybozu.com",
}
REPOSITORY = Path(__file__).parents[3]


def test_a_directory_becomes_a_config(plant: Plant, registry: Registry) -> None:
    root = plant(
        {
            "renkei.yaml": "language: en\ntimezone: UTC\ntrust: {default: [crm, ma, form]}\n",
            "fields/crm.yaml": "records:\n  fields:\n    fax: ファクス\n",
            "stages.yaml": "optional: [tal]\n",
        }
    )
    config = load(root, env=ENV, registry=registry)
    assert sorted(config.connections) == ["crm", "form", "ma"]
    assert config.hub.timezone == "UTC"
    assert config.connections["crm"].options["base_url"] == "https://example.cybozu.com"
    assert config.connections["crm"].options["api_tokens"] == ["kintone-token-in-tests"]
    assert config.connections["crm"].push is not None
    assert config.fields == {"crm": {"records": {"fields": {"fax": "ファクス"}}}}
    assert config.stages.optional == ["tal"]
    assert config.database_url() == f"sqlite:///{root.resolve()}/data/renkei.sqlite3"


def test_the_example_directory_loads_and_passes_every_check() -> None:
    root = REPOSITORY / "config"
    named = (root / ".env.example").read_text(encoding="utf-8").splitlines()
    env = {line.rstrip("="): "x" for line in named if not line.startswith("#")}
    env["RENKEI_KEY"] = base64.urlsafe_b64encode(bytes(32)).decode()
    registry = find()
    config = load(root, env=env, registry=registry)
    assert set(config.connections) == {"form", "ma", "sfa", "crm", "exhibition"}
    assert check(config, registry) == []


def test_values_are_filled_in_from_the_environment_and_from_files(
    plant: Plant, registry: Registry
) -> None:
    root = plant(
        {
            "renkei.yaml": (
                "language: en\n"
                "public_url: https://${env:HOST}:${env:PORT:-8420}/${other:x}/$HOME/${x}\n"
                "key: ${file:secrets/key}\n"
                "retention: {inbox_days: '${env:DAYS:-7}'}\n"
                "broker: ${env:NOBODY:-}\n"
            ),
            "secrets/key": "k-${env:HOST}\n",
        }
    )
    config = load(root, env={**ENV, "HOST": "renkei.example", "PORT": ""}, registry=registry)
    assert config.hub.public_url == "https://renkei.example:8420/${other:x}/$HOME/${x}"
    assert config.hub.key is not None
    assert config.hub.key.get_secret_value() == "k-${env:HOST}"
    assert config.hub.retention.inbox_days == 7
    assert config.hub.broker == ""


def test_yaml_is_read_as_1_2() -> None:
    document = parse(Path("x.yaml"), "a: NO\nb: on\nc: 12:30:45\nd: 2026-04-01\ne: 0x1F\nf: ~\n")
    assert document.data == {
        "a": "NO",
        "b": "on",
        "c": "12:30:45",
        "d": "2026-04-01",
        "e": 31,
        "f": None,
    }


def test_every_mistake_of_every_file_is_told_in_the_order_of_files_and_lines(
    plant: Plant, errors_of: Callable[[Path], ConfigErrors]
) -> None:
    root = plant(
        {
            "renkei.yaml": "language: en\nlistn: a\ntimezone: Nowhere\n",
            "connections/ma.yaml": "connector: hubspot\noptions: {token: abc, tokn: d}\npush: 3\n",
            "fields/ma.yaml": "contacts:\n  fields:\n    emial: x\n    fone: y\n",
        }
    )
    told = [(e.file, e.line, e.code) for e in errors_of(root).errors]
    assert told == [
        ("connections/ma.yaml", 2, "SECRET_LITERAL"),
        ("connections/ma.yaml", 2, "UNKNOWN_KEY"),
        ("connections/ma.yaml", 3, "WRONG_TYPE"),
        ("fields/ma.yaml", 3, "UNKNOWN_FIELD"),
        ("fields/ma.yaml", 4, "UNKNOWN_FIELD"),
        ("renkei.yaml", 2, "UNKNOWN_KEY"),
        ("renkei.yaml", 3, "BAD_ZONE"),
    ]


def test_a_mistake_is_shown_with_its_line_and_a_caret_below_the_word(
    plant: Plant, errors_of: Callable[[Path], ConfigErrors]
) -> None:
    own = "records:\n  fields:\n    部署: {from: x}\n    phone: {from: 電話, 型: x}\n"
    assert str(errors_of(plant({"fields/crm.yaml": own}))).split("\n\n")[1] == (
        'fields/crm.yaml:4:23: "型" is not known here [UNKNOWN_OPERATOR]\n'
        "    4 |     phone: {from: 電話, 型: x}\n"
        "      |                         ^\n"
        "      = known here: from, first, concat, const, with, split, lower, values, other, write, "
        "default, placeholder, when, as, formats, zone, on, format, max_length, to, direction, "
        "examples"
    )


def test_japanese_is_spoken_where_the_hub_does(
    plant: Plant, errors_of: Callable[[Path], ConfigErrors]
) -> None:
    root = plant({"renkei.yaml": "language: ja\ntimezone: Asia/Tokio\n"})
    error = errors_of(root).errors[0]
    assert error.message == "「Asia/Tokio」というタイムゾーンはありません"
    assert error.hint == "「Asia/Tokyo」のことですか？"


def test_a_directory_without_renkei_yaml_says_how_to_make_one(
    tmp_path: Path, errors_of: Callable[[Path], ConfigErrors]
) -> None:
    assert [e.code for e in errors_of(tmp_path).errors] == ["NO_HUB_FILE"]
    assert [e.code for e in errors_of(tmp_path / "nowhere").errors] == ["NO_ROOT"]
    assert "renkei init" in str(errors_of(tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        "connector: hubspot\noptions: {token: s3cr3t-value}\n",
        "connector: hubspot\noptions: {tokn: s3cr3t-value}\n",
        "connector: hubspot\noptions: {token: s3cr3t-value, portal_id: x}\n",
        "connector: hubspot\noptions:\n  token: '${env:HUBSPOT_TOKEN}'\n  token: s3cr3t-value\n",
        "connector: hubspot\noptions:\n  token: s3cr3t-value: x\n",
        "connector: hubspot\noptions:\n  jwt: s3cr3t-value\n  jwt: s3cr3t-value\n",
        "connector: kintone\noptions: {api_tokens: [s3cr3t, s3cr3t-value]}\n",
        "connector: hubspot\noptions:\n  token: !x s3cr3t-value\n",
        "connector: hubspot\noptions:\n  token: [s3cr3t-value]\n",
        "connector: hubspot\noptions:\n  token: ${env:NO_SUCH:-s3cr3t-value}\n",
        "connector: hubspot\noptions: {oauth: {client_secret: s3cr3t-value, clientid: 1}}\n",
    ],
)
def test_no_secret_is_shown_of_a_file_that_holds_one(
    text: str, plant: Plant, errors_of: Callable[[Path], ConfigErrors]
) -> None:
    told = errors_of(plant({"connections/ma.yaml": text}))
    shown = f"{told}{told!r}{told.errors}"
    assert "s3cr3t" not in shown
    assert "-value" not in shown


def test_what_the_environment_holds_is_never_shown(plant: Plant, registry: Registry) -> None:
    text = (
        "connector: hubspot\noptions: {token: '${env:HUBSPOT_TOKEN}', portal_id: '${env:PORTAL}'}\n"
    )
    root = plant({"connections/ma.yaml": text, "renkei.yaml": "language: en\n"})
    with pytest.raises(ConfigErrors) as caught:
        load(root, env={**ENV, "PORTAL": "s3cr3t-value"}, registry=registry)
    assert "s3cr3t-value" not in str(caught.value)
    assert ENV["HUBSPOT_TOKEN"] not in repr(load(plant({"connections/ma.yaml": BARE}), env=ENV))


BARE = "connector: hubspot\noptions: {token: '${env:HUBSPOT_TOKEN}'}\n"


def test_an_operators_broken_plugin_is_told_and_stops_only_who_uses_it(
    plant: Plant, tmp_path: Path
) -> None:
    plugins = {
        "renkei.yaml": "language: en\nplugins: [plugins]\n",
        "plugins/broken/connector.yaml": "slug: broken\n",
        "connections/other.yaml": "connector: broken\n",
    }
    with pytest.raises(ConfigErrors) as caught:
        load(plant(plugins), env=ENV)
    assert [(e.file, e.line, e.column, e.code) for e in caught.value.errors] == [
        ("connections/other.yaml", 1, 12, "CONNECTOR_BROKEN")
    ]
    assert "renkei connectors test broken" in caught.value.errors[0].hint


def test_fifty_files_are_read_and_compiled_once(plant: Plant, registry: Registry) -> None:
    many = {f"connections/c{number}.yaml": CRM for number in range(40)}
    many |= {f"fields/c{number}.yaml": OWN for number in range(10)}
    root = plant(many)
    positions._read.cache_clear()
    maps._compiled.cache_clear()
    load(root, env=ENV, registry=registry)
    defaults = {"kintone", "hubspot", "typeform"}
    assert positions._read.cache_info().misses == 1 + 3 + 40 + 10 + len(defaults)
    compiled = maps._compiled.cache_info().misses
    assert compiled == sum(len(registry.get(slug).manifest.streams) for slug in defaults) + 1
    load(root, env=ENV, registry=registry)
    assert positions._read.cache_info().misses == 1 + 3 + 40 + 10 + len(defaults)
    assert maps._compiled.cache_info().misses == compiled


CRM = (
    "connector: kintone\noptions:\n  base_url: https://example.cybozu.com\n"
    "  api_tokens: ['${env:KINTONE_TOKEN}']\n  apps: {leads: {app: 5}}\n"
)
OWN = "records:\n  fields:\n    fax: ファクス\n"


@given(text=st.text(max_size=200))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_a_document_or_a_fault_with_a_place(text: str) -> None:
    document = parse(Path("x.yaml"), text)
    assert isinstance(document.data, dict)
    for fault in document.faults:
        assert fault.place.line >= 1
        assert fault.place.column >= 1


def test_deep_nesting_is_refused() -> None:
    for depth in (100, 5000):
        codes = [f.code for f in parse(Path("x"), f"a: {'[' * depth}{']' * depth}\n").faults]
        assert codes == ["TOO_DEEP"]


def test_an_alias_or_two_is_fine() -> None:
    document = parse(Path("x"), "a: &n [1, 2]\nb: *n\nc: *n\n")
    assert document.data == {"a": [1, 2], "b": [1, 2], "c": [1, 2]}
    assert document.faults == []


def test_a_billion_laughs_are_refused_at_once() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for one, other in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{other}: &{other} [{', '.join([f'*{one}'] * 9)}]")
    document = parse(Path("x"), "\n".join(lines))
    assert [fault.code for fault in document.faults] == ["ALIASES"]
    assert document.data == {}
