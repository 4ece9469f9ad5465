"""The generated pages are those that the code of today gives, and leave nothing out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

from connectors.kit import errors
from connectors.registry import find
from sync.cli.app import app
from sync.config.model import ConnectionConfig, HubConfig, StagesConfig

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def generate() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(DOCS), *sys.path])
        import generate as module  # type: ignore[import-not-found]  # lies beside the pages

        yield module
        for name in ("generate", "codes"):
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def pages(generate: Any) -> dict[str, str]:
    found: dict[Path, str] = generate.pages()
    return {path.name: text for path, text in found.items()}


@pytest.mark.parametrize("name", ["cli.md", "configuration.md", "error-codes.md"])
def test_a_page_is_current(pages: dict[str, str], name: str) -> None:
    written = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert written == pages[name], "run `make docs`"


def verbs(command: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, below in command.commands.items():
        if hasattr(below, "commands"):
            yield from verbs(below, f"{before}{name} ")
        else:
            yield f"{before}{name}", below


def test_every_verb_and_option_is_in_the_docs(pages: dict[str, str]) -> None:
    page = pages["cli.md"]
    for name, command in verbs(typer.main.get_command(app)):
        assert f"## renkei {name}\n" in page
        for option in command.params:
            if option.param_type_name == "option":
                assert f"`{option.opts[0]}`" in page, (name, option.opts)


def test_every_key_is_in_the_docs(pages: dict[str, str]) -> None:
    page = pages["configuration.md"]
    models = [HubConfig, ConnectionConfig, StagesConfig, *(one.options for one in find())]
    for model in models:
        for name, field in model.model_fields.items():
            assert f"`{field.alias or name}`" in page, (model, name)
    for key in ("trust.default", "retention.inbox_days", "push.create_when", "pull.schedule.cron"):
        assert f"`{key}`" in page


def test_every_key_is_described(pages: dict[str, str]) -> None:
    rows = [line for line in pages["configuration.md"].splitlines() if line.startswith("| `")]
    assert len(rows) > 60
    assert [row for row in rows if row.endswith("|  |")] == []


def test_every_error_class_and_what_was_set_aside_is_in_the_list(pages: dict[str, str]) -> None:
    page = pages["error-codes.md"]
    classes = [one for one in vars(errors).values() if isinstance(one, type)]
    for code in {one.code for one in classes if issubclass(one, errors.ConnectorError)}:
        assert f"| `{code}` |" in page
    for code in ("PAYLOAD_UNREADABLE", "REFERENCE_UNKNOWN", "FIELD_ALTERNATES", "FORBIDDEN_MOVE"):
        assert f"| `{code}` |" in page
