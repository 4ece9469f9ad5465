"""A terminal, pages and their commands for the tests of the documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from tests.docs.pages import Page, commands_of, pieces_of
from tests.docs.terminal import NOT_TYPED, Terminal, Vendors


@pytest.fixture
def terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """A terminal in an empty directory, with simulated vendors behind every connection."""
    for name in ("LANG", "LC_ALL", "LC_MESSAGES", "RENKEI_LANG", "RENKEI_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    # `renkei connectors test` runs elsewhere than in this checkout, whose pyproject names it.
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p connectors.testing.plugin")
    return Terminal(tmp_path / "desk", capfd, Vendors(tmp_path))


@pytest.fixture
def page(terminal: Terminal) -> Callable[[Path], Page]:
    return partial(Page, terminal=terminal)


@pytest.fixture
def not_typed() -> Mapping[str, str]:
    return NOT_TYPED


@pytest.fixture
def commands() -> Callable[[str], list[str]]:
    typed = ("sh", "console")
    return lambda text: [
        one for piece in pieces_of(text) if piece.language in typed for one in commands_of(piece)
    ]
