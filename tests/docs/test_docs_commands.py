"""Every command in the documents is typed, and prints what the documents say it prints."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    if re.search(r"^ *```(sh|console)", path.read_text(encoding="utf-8"), re.MULTILINE)
)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_a_page_does_what_it_says(path: Path, page: Callable[[Path], Any]) -> None:
    assert page(path).do() == []


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_a_command_that_is_not_typed_is_spelt_right(
    path: Path, commands: Callable[[str], list[str]], not_typed: Mapping[str, str]
) -> None:
    from sync.cli.app import app

    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    root: Any = typer.main.get_command(app)
    for command in commands(path.read_text(encoding="utf-8")):
        words = command.partition(" #")[0].split()
        if words[0] == "make":
            assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE), command
        elif words[0] == "renkei" and any(command.startswith(name) for name in not_typed):
            verb = root.commands[words[1]]
            known = {option for one in verb.params for option in one.opts}
            given = {word.partition("=")[0] for word in words[2:] if word.startswith("--")}
            forwarded = words[1] in ("demo", "chaos")
            assert forwarded or given <= known, command


def test_the_list_of_what_is_not_typed_is_short_and_has_reasons(
    not_typed: Mapping[str, str],
) -> None:
    assert len(not_typed) <= 8
    assert all(len(reason.split()) >= 3 for reason in not_typed.values())
