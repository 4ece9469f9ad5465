"""How the demo looks: colours and moving lines in a terminal, plain text elsewhere, or JSON."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from sync.cli import tables
from sync.cli.demo.words import WORDS
from sync.cli.out import Out

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
BAR = 34
_WIDTH = 100


class Telling:
    """Says things in the language and form of ``out``, from a catalogue of words (ja, en)."""

    def __init__(self, out: Out, catalogue: Mapping[str, tuple[str, str]] = WORDS) -> None:
        self.out = out
        self._catalogue = catalogue
        self._headings = 0
        self._waits = False

    def words(self, key: str, /, **says: Any) -> str:
        """The words of a key."""
        ja, en = self._catalogue[key]
        return (ja if self.out.language == "ja" else en).format(**says)

    def paint(self, text: str, *styles: str) -> str:
        """The text in colours, where a terminal shows them."""
        if not self.out.is_terminal or not styles:
            return text
        return f"\x1b[{';'.join(_CODES[one] for one in styles)}m{text}\x1b[0m"

    def line(self, text: str = "", *styles: str) -> None:
        """A line, below whatever was waiting."""
        self._still()
        self.out.line(self.paint(text, *styles))

    def say(self, key: str, /, *styles: str, indent: int = 2, **says: Any) -> None:
        """A line by its key."""
        self.line(" " * indent + self.words(key, **says), *styles)

    def heading(self, key: str) -> None:
        """The title of the next part."""
        self._headings += 1
        self.line()
        text = f"{self._headings}. {self.words(key)}"
        rule = "─" * max(2, _WIDTH - 24 - tables.width(text))
        self.line(f"{self.paint(text, 'bold', 'cyan')} {self.paint(rule, 'dim')}")

    def waiting(self, text: str) -> None:
        """A moving line about what is being done; nothing where lines do not move."""
        if self.out.is_terminal:
            sys.stdout.write(f"\r\x1b[2K  {self.paint('⋯', 'yellow')} {tables.cut(text, 90)}")
            sys.stdout.flush()
            self._waits = True

    def _still(self) -> None:
        if self._waits:
            sys.stdout.write("\r\x1b[2K")
            self._waits = False

    def tick(self, good: bool, text: str) -> None:
        """A line with a mark that says whether it is well."""
        mark = self.paint("✓", "green", "bold") if good else self.paint("✗", "red", "bold")
        self.line(f"  {mark} {text}")

    def step(self, text: str, aside: str) -> None:
        """A line of something that was waited for, with how long it took."""
        room = " " * max(1, 44 - tables.width(text))
        self.line(f"    {self.paint('→', 'green')} {text}{room}{self.paint(aside, 'dim')}")

    def table(
        self, columns: Sequence[str], rows: Sequence[Sequence[Any]], right: Sequence[str] = ()
    ) -> None:
        """A table; ``right`` are the columns that hold numbers."""
        headers = [self.words(f"column.{key}") for key in columns]
        cells = [[str(cell) for cell in row] for row in rows]
        places = [place for place, key in enumerate(columns) if key in right]
        head, *lines = tables.plain(headers, cells, places).split("\n")
        self.line(f"  {head}", "dim")
        for line in lines:
            self.line(f"  {line}")

    def bars(self, rows: Sequence[tuple[str, int]]) -> None:
        """Numbers as bars, the longest filling the room."""
        widest = max((tables.width(label) for label, _ in rows), default=0)
        most = max((number for _, number in rows), default=0) or 1
        for label, number in rows:
            room = " " * (widest - tables.width(label))
            full = "█" * max(1 if number else 0, round(number / most * BAR))
            self.line(f"  {label}{room} {number:>6}  {self.paint(full, 'cyan')}")

    def item(self, kind: str, fields: Mapping[str, Any]) -> None:
        """One JSON object, where JSON is asked for."""
        self.out.item(kind, **fields)
