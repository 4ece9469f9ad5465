"""Tables in the documents are what the code says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from connectors import registry
from connectors.chatwork import OAuthApp as ChatworkApp
from connectors.google_meet import RefreshAuth as PersonAuth
from connectors.google_meet import ServiceAccountAuth, User
from connectors.hubspot import OAuthApp
from connectors.kintone import App
from connectors.salesforce.options import ClientCredentialsAuth, JwtAuth, RefreshAuth
from connectors.zoom import ServerApp, UserApp
from mapping.match.rules import ACCEPT, REVIEW, WORDS
from mapping.match.rules import POINTS as WORTH
from mapping.stages import PATH, REASONS, STAGES, TRANSITIONS
from sync.config.alerts import ThresholdsConfig
from sync.engine.incidents.kinds import KINDS

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
HERE = (
    *("hubspot", "salesforce", "kintone"),
    *("zoom", "chatwork", "slack", "marketo", "sansan", "google_meet"),
)
WITHIN: dict[str, tuple[tuple[str, type[BaseModel]], ...]] = {
    "hubspot": (("oauth.", OAuthApp),),
    "salesforce": (("auth.", JwtAuth), ("auth.", ClientCredentialsAuth), ("auth.", RefreshAuth)),
    "kintone": (("apps.*.", App),),
    "zoom": (("server.", ServerApp), ("oauth.", UserApp)),
    "chatwork": (("oauth.", ChatworkApp),),
    "google_meet": (("auth.", ServiceAccountAuth), ("auth.", PersonAuth), ("users.*.", User)),
}
SECTIONS = [
    "Set up",
    "Options",
    "Streams",
    "Fields",
    "Limits",
    "What goes wrong",
    "Not verified",
]


def _page(*path: str) -> str:
    return REFERENCE.joinpath(*path).read_text(encoding="utf-8")


def _codes(home: Path) -> Iterator[str]:
    for file in home.glob("*.py"):
        if not file.name.startswith(("simulator", "contract")):
            text = file.read_text(encoding="utf-8")
            yield from re.findall(r'code="([A-Z][A-Z_]+)"', text)
            yield from re.findall(rf'"({home.name.upper()}_[A-Z_]+)"', text)


def test_every_stage_is_on_its_page_with_its_names_and_moves() -> None:
    text = _page("stages.md")
    for stage in STAGES.values():
        assert f"| `{stage.code}` | {stage.ja} | {stage.en} |" in text
        row = re.search(rf"^\| `{stage.code}` \| (`\w+`(?:, `\w+`)*) \|$", text, re.MULTILINE)
        assert row, stage.code
        assert set(re.findall(r"\w+", row[1])) == TRANSITIONS[stage.code]
    assert " → ".join(f"`{stage}`" for stage in PATH) in text.replace("\n", " ")
    ranked = sorted(STAGES.values(), key=lambda stage: stage.rank)
    assert " < ".join(stage.code for stage in ranked) in text


@pytest.mark.parametrize("stage", REASONS)
def test_every_reason_is_on_the_page_of_stages(stage: str) -> None:
    section = _page("stages.md").partition(f"\n### {stage} ")[2].partition("\n##")[0]
    for reason in REASONS[stage].values():
        assert f"| `{reason.code}` | {reason.ja} | {reason.en} |" in section


def test_the_points_of_a_match_are_on_the_page_of_matching() -> None:
    text = (ROOT / "docs" / "explanation" / "matching.md").read_text(encoding="utf-8")
    for code, (_, words) in WORDS.items():
        assert f"| `{code}` | {words} | {WORTH[code]:+g} |" in text
    assert len(re.findall(r"^\| `\w+` \| .+ \| [+-][\d.]+ \|$", text, re.MULTILINE)) == len(WORDS)
    assert f"**From {ACCEPT:g} points on**" in text
    assert f"**From {REVIEW:g} up to {ACCEPT:g}**" in text


def test_every_kind_of_incident_is_on_its_pages() -> None:
    how_to = (ROOT / "docs" / "how-to" / "alerts.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([a-z_]+)` \| .+ \| (yes )?\|$", how_to, re.MULTILINE)
    assert {kind: bool(word) for kind, word in told} == {
        kind: one.critical for kind, one in KINDS.items()
    }
    for name, field in ThresholdsConfig.model_fields.items():
        assert f"`{name}` ({field.default})" in how_to
    incidents = _page("errors.md").partition("## Incidents")[2]
    assert [kind for kind in KINDS if f"`{kind.upper()}`" not in incidents] == []
    codes = set(re.findall(r'code="((?:MAIL|ALERT)_[A-Z_]+)"', _sources("sync/engine/incidents")))
    assert sorted(code for code in codes if f"`{code}`" not in how_to) == []


def _sources(folder: str) -> str:
    return "".join(file.read_text(encoding="utf-8") for file in (ROOT / folder).glob("*.py"))


def test_exit_codes_are_those_of_the_command_line() -> None:
    from sync.cli.failures import EXIT_CODES

    section = _page("errors.md").partition("## Exit codes")[2].partition("\n## ")[0]
    said = dict(re.findall(r"^\| (\d) \| (.+) \|$", section, re.MULTILINE))
    assert {int(code): means.replace("`", "") for code, means in said.items()} == {
        code: english for code, (english, _) in EXIT_CODES.items()
    }


def test_codes_of_the_kit_and_of_the_engine_are_on_the_page_of_errors() -> None:
    text = _page("errors.md")
    found = set()
    for folder in ("connectors/kit", "sync/engine", "sync/store"):
        for file in (ROOT / folder).glob("*.py"):
            body = file.read_text(encoding="utf-8")
            found |= set(re.findall(r'\bcode(?:: str)? ?= ?"([A-Z][A-Z_]+)"', body))
    found -= {"CONNECTOR", "UNWRITTEN", "UNKNOWN_FIELD"}
    assert sorted(code for code in found if f"`{code}`" not in text) == []


@pytest.mark.parametrize("slug", HERE)
def test_a_connectors_page_has_the_shape_of_the_others(slug: str) -> None:
    text = _page("connectors", f"{slug}.md")
    heads = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert [head for head in heads if head != "Writing"] == SECTIONS
    assert "日本語の要約" in text


@pytest.mark.parametrize("slug", HERE)
def test_every_option_stream_and_unverified_fact_is_on_a_connectors_page(slug: str) -> None:
    text = _page("connectors", f"{slug}.md")
    installed = registry.find().get(slug)
    model: Any = installed.options
    within = WITHIN.get(slug, ())
    inside = {prefix.partition(".")[0] for prefix, _ in within}
    wanted = {name for name in model.model_fields if name not in inside or name == "auth"}
    wanted |= {f"{prefix}{name}" for prefix, part in within for name in part.model_fields}
    assert sorted(name for name in wanted if f"| `{name}` |" not in text) == []
    manifest = installed.manifest
    for name, stream in manifest.streams.items():
        row = re.search(rf"^\| `{name}` \|(.+)\|$", text, re.MULTILINE)
        assert row, name
        reads, writes, deletes = [cell.strip() == "yes" for cell in row[1].split("|")][1:]
        assert (reads, writes, deletes) == (stream.pull, stream.push, stream.deletes), name
    section = text.partition("## Not verified")[2]
    said = [fact.rstrip(".") for fact in re.findall(r"^- (.+)$", section, re.MULTILINE)]
    assert said == [str(fact).rstrip(".") for fact in manifest.unverified]


@pytest.mark.parametrize("slug", HERE)
def test_every_error_code_is_on_a_connectors_page(slug: str) -> None:
    text = _page("connectors", f"{slug}.md")
    found = set(_codes(ROOT / "connectors" / slug))
    assert len(found) >= 5
    assert sorted(code for code in found if f"`{code}`" not in text) == []


def test_the_table_of_connectors_in_the_readme_is_that_of_the_manifests() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for installed in registry.find():
        manifest = installed.manifest
        row = re.search(rf"^\| \[[^|]+connectors/{installed.slug}\.md\) \|(.+)\|$", readme, re.M)
        assert row, installed.slug
        _, reads, writes, webhooks = (cell.strip() for cell in row[1].split("|"))
        streams = manifest.streams.items()
        assert reads == ", ".join(name for name, one in streams if one.pull)
        pushed = [name for name, one in streams if one.push and one.kind == "lead"]
        assert writes == (", ".join(pushed) or "–")
        assert (webhooks == "–") == (manifest.webhooks.style == "none")


def test_what_the_readme_shows_of_the_demo_is_what_the_demo_says() -> None:
    from sync.cli.demo.words import WORDS

    shown = re.search(
        r"^```text\n(\d+\. .*?)^```", (ROOT / "README.md").read_text("utf-8"), re.S | re.M
    )
    assert shown
    templates = [
        re.compile(".+".join(re.escape(part) for part in re.split(r"\{[^}]*\}", english)))
        for _, english in WORDS.values()
    ]
    told = re.findall(r"^(?:\d+\. |  ✓ )(.+?)(?: ─+)?$", shown[1], re.MULTILINE)
    assert len(told) >= 10
    assert [line for line in told if not any(one.search(line) for one in templates)] == []


def test_the_tutorial_quotes_the_connector_as_it_is_and_it_is_short() -> None:
    text = (ROOT / "docs" / "tutorial" / "your-own-connector.md").read_text(encoding="utf-8")
    quoted = dict(re.findall(r"^```\w+ title=plugins/tayori/(\S+)\n(.*?)^```$", text, re.S | re.M))
    home = ROOT / "docs" / "tutorial" / "tayori"
    files = {
        file.name: file.read_text(encoding="utf-8") for file in home.iterdir() if file.is_file()
    }
    assert quoted == files
    connector = files["connector.yaml"] + files["fields.yaml"]
    assert len(connector.splitlines()) < 100
