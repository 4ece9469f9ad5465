"""What is wrong with an operator's directory: every mistake at once, each with its place."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]
_WIDE = frozenset("WF")


@dataclass(frozen=True, slots=True, order=True)
class ConfigError:
    """One mistake. ``file`` is relative to the operator's directory where it lies in it.

    ``line`` and ``column`` count from 1, in characters. ``source`` is the line as it stands there,
    secrets blotted out. A ``warning`` stops nobody.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    source: str = field(default="", compare=False)
    severity: Severity = "error"

    @property
    def place(self) -> str:
        """``connections/ma.yaml:4:3``, which terminals and editors turn into a link."""
        return f"{self.file}:{self.line}:{self.column}"

    def __str__(self) -> str:
        lines = [f"{self.place}: {self.message} [{self.code}]"]
        if self.source.strip():
            gutter = f"{self.line:>5} | "
            ahead = " " * _width(self.source[: self.column - 1])
            lines += [gutter + self.source, " " * (len(gutter) - 2) + "| " + ahead + "^"]
        if self.hint:
            lines.append(f"      = {self.hint}")
        return "\n".join(lines)


class ConfigErrors(Exception):
    """An operator's directory that cannot be used; ``errors`` are sorted by file and line."""

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = sorted(errors)
        super().__init__(self.errors)

    def __str__(self) -> str:
        return "\n\n".join(str(error) for error in self.errors)


def _width(text: str) -> int:
    """The columns a text takes in a terminal, where kanji and kana take two."""
    return sum(2 if unicodedata.east_asian_width(char) in _WIDE else 1 for char in text)
