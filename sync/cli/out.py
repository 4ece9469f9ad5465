"""What a verb says: words for people, or one JSON object a line for machines."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sync.cli import tables
from sync.cli.failures import Refused
from sync.cli.words import DEFAULT_LANGUAGE, LANGUAGES, WORDS

__all__ = ["VERSION", "Out", "spoken_language"]

VERSION = 1
"""The version of what ``--json`` prints; it grows when a field changes its meaning or goes."""


def spoken_language(given: str | None, env: Mapping[str, str]) -> str | None:
    """The language asked for: --lang, RENKEI_LANG, then the locale; None where nobody says."""
    for name in (given, env.get("RENKEI_LANG")):
        if name:
            return name if name in LANGUAGES else DEFAULT_LANGUAGE
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return locale[:2].lower() if locale[:2].lower() in LANGUAGES else None


class Out:
    """Says things in one language and one form. Errors go to standard error, save as JSON."""

    def __init__(
        self,
        *,
        language: str = DEFAULT_LANGUAGE,
        as_json: bool = False,
        quiet: bool = False,
        verbose: int = 0,
    ) -> None:
        self.language = language
        self.as_json = as_json
        self.quiet = quiet
        self.verbose = verbose
        self.zone = "Asia/Tokyo"

    @property
    def is_terminal(self) -> bool:
        """Whether a person sees a terminal that takes colours and moving lines."""
        return (
            sys.stdout.isatty()
            and not os.environ.get("NO_COLOR")
            and os.environ.get("TERM") != "dumb"
            and not (self.as_json or self.quiet)
        )

    def words(self, key: str, /, **says: Any) -> str:
        """The words of a key in the language spoken."""
        ja, en = WORDS[key]
        return (ja if self.language == "ja" else en).format(**says)

    def say(self, key: str, /, **says: Any) -> None:
        """Tell people something; nothing for machines, or with --quiet."""
        self.line(self.words(key, **says))

    def line(self, text: str = "") -> None:
        """Print a line for people."""
        if not (self.as_json or self.quiet):
            print(text, flush=True)  # noqa: T201 - this is where the command line prints

    def note(self, key: str, /, **says: Any) -> None:
        """Tell people on standard error, where it does not mix with what was asked for."""
        if not (self.as_json or self.quiet):
            print(self.words(key, **says), file=sys.stderr)  # noqa: T201

    def next(self, command: str) -> None:
        """The command to type next."""
        self.line(f"→ {command}")

    def item(self, kind: str, **fields: Any) -> None:
        """One JSON object, where JSON is asked for."""
        if self.as_json:
            body = {"version": VERSION, "kind": kind, **fields}
            print(json.dumps(body, ensure_ascii=False, default=str), flush=True)  # noqa: T201

    def table(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[Any]],
        *,
        right: Sequence[str] = (),
        wrap: str = "",
    ) -> None:
        """A table for people: ``columns`` are keys of the catalogue, ``right`` those of numbers.

        ``wrap`` is the column that may break over lines in a narrow terminal.
        """
        if self.as_json or self.quiet or not rows:
            return
        headers = [self.words(key) for key in columns]
        cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
        if self.is_terminal:
            _rich_table(headers, cells, [key in right for key in columns], columns, wrap)
            return
        places = [place for place, key in enumerate(columns) if key in right]
        print(tables.plain(headers, cells, places))  # noqa: T201

    def grid(
        self, headers: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
    ) -> None:
        """A table for people whose headers are data; ``right`` are the places of numbers."""
        self.line(tables.plain(headers, rows, right))

    def when(self, text: str | None) -> str:
        """A stored time as people here read it."""
        if not text:
            return ""
        moment = datetime.fromisoformat(text).astimezone(ZoneInfo(self.zone))
        form = "%Y/%m/%d %H:%M:%S" if self.language == "ja" else "%Y-%m-%d %H:%M:%S"
        return moment.strftime(form)

    def refuse(self, error: Refused) -> None:
        """Tell what went wrong: code, cause, and what to do."""
        message = error.message or self.words(f"error.{error.code}", **error.says)
        self.item("error", code=error.code, message=message, hint=error.hint, next=error.next)
        if self.as_json:
            return
        lines = [self.words("error.line", code=error.code, message=message)]
        lines += [f"  = {error.hint}"] if error.hint else []
        lines += [f"  → {error.next}"] if error.next else []
        print("\n".join(lines), file=sys.stderr)  # noqa: T201


def _rich_table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[bool],
    columns: Sequence[str],
    wrap: str,
) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for header, is_right, key in zip(headers, right, columns, strict=True):
        table.add_column(
            header, justify="right" if is_right else "left", overflow="fold", no_wrap=key != wrap
        )
    for row in rows:
        table.add_row(*[Text(cell) for cell in row])
    Console().print(table)
