"""Links lead somewhere, nothing names the writer's machine, and nothing that exists is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer
from pydantic import BaseModel

from connectors import registry
from sync.config.model import (
    ConnectionConfig,
    HubConfig,
    PullConfig,
    PushConfig,
    RetentionConfig,
    ScheduleConfig,
    StagesConfig,
    TrustConfig,
)

ROOT = Path(__file__).parents[2]
TOP = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
PAGES = [*(ROOT / name for name in TOP), *sorted((ROOT / "docs").rglob("*.md"))]
REFERENCE = sorted((ROOT / "docs" / "reference").rglob("*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
MACHINE = re.compile(r"(?<![\w.])/(work|tmp|root|home|Users|mnt|opt)/")
MODELS: tuple[type[BaseModel], ...] = (
    HubConfig,
    TrustConfig,
    RetentionConfig,
    ConnectionConfig,
    PullConfig,
    PushConfig,
    ScheduleConfig,
    StagesConfig,
)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as they are made where the pages are shown."""
    heads = re.findall(r"^#+ (.+)$", CODE.sub("", path.read_text("utf-8")), re.MULTILINE)
    bare = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", head).strip().lower() for head in heads)
    return {re.sub(r"[^\w\- ]", "", head).replace(" ", "-") for head in bare}


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_every_link_leads_somewhere(path: Path) -> None:
    broken = []
    for link in LINK.findall(CODE.sub("", path.read_text("utf-8"))):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = unquote(link).partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_no_page_names_a_path_of_somebodys_machine(path: Path) -> None:
    assert MACHINE.findall(path.read_text("utf-8")) == []


def test_every_page_is_reached_from_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    reached = {
        (index.parent / link.partition("#")[0]).resolve()
        for link in LINK.findall(index.read_text("utf-8"))
    }
    pages = {path.resolve() for path in (ROOT / "docs").rglob("*.md") if "ja" not in path.parts}
    assert sorted(_name(path) for path in pages - reached - {index.resolve()}) == []


def test_every_connector_is_in_the_reference_and_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for slug in registry.find().slugs():
        assert (ROOT / "docs" / "reference" / "connectors" / f"{slug}.md").is_file()
        assert readme.count(f"(docs/reference/connectors/{slug}.md)") == 2, slug


def _verbs(command: Any, above: str = "renkei") -> Iterator[str]:
    for name, below in getattr(command, "commands", {}).items():
        if hasattr(below, "commands"):
            yield from _verbs(below, f"{above} {name}")
        else:
            yield f"{above} {name}"


def test_every_verb_is_in_the_reference() -> None:
    from sync.cli.app import app

    said = "\n".join(path.read_text("utf-8") for path in REFERENCE)
    verbs = list(_verbs(typer.main.get_command(app)))
    assert len(verbs) >= 20
    assert [verb for verb in verbs if not re.search(rf"{verb}\b", said)] == []


def test_every_key_of_the_configuration_is_in_the_reference() -> None:
    said = "\n".join(path.read_text("utf-8") for path in REFERENCE)
    keys = {name for model in MODELS for name in model.model_fields}
    assert sorted(key for key in keys if not re.search(rf"`[\w.*]*\b{key}`", said)) == []


def test_the_changelog_has_a_place_for_what_is_next() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"^## (\[?Unreleased\]?)$", text, re.MULTILINE)


def test_every_test_that_the_guarantees_name_exists() -> None:
    text = (ROOT / "docs" / "explanation" / "guarantees.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text)
    assert len(named) >= 20
    for file, test in named:
        body = (ROOT / file).read_text("utf-8")
        assert not test or f"def {test}(" in body, f"{file}::{test}"


def test_every_complaint_is_in_the_table_once_with_every_test_that_is_named_for_it() -> None:
    text = (ROOT / "docs" / "explanation" / "guarantees.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| C(\d+) (.*)$", text, re.MULTILINE))
    assert list(map(int, rows)) == list(range(1, 55))
    for file in (ROOT / "tests" / "journeys" / "complaints").glob("test_*.py"):
        for name, number in re.findall(r"^def (test_c(\d\d)_\w+)", file.read_text("utf-8"), re.M):
            cited = f"tests/journeys/complaints/{file.name}::{name}"
            assert cited in rows[str(int(number))], cited
