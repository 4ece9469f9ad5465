"""Pages of the documents: what they say is typed, and what is printed is compared.

A page is read from top to bottom. A fenced block with ``title=PATH`` is a file that is written, the
lines of ``console`` blocks that begin with ``$`` are typed and what follows is what they print, and
``sh`` blocks are typed without a look at what they print. ``<!-- happens: WHAT -->`` is something
that happens at a vendor meanwhile, ``<!-- typed: COMMAND -->`` what the reader has typed already.
``RENKEI_DOCS=write`` puts what was really printed into the pages.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tests.docs.happenings import happen
from tests.docs.terminal import NOT_TYPED, Terminal

WRITE = os.environ.get("RENKEI_DOCS") == "write"
ELLIPSIS = "…"
PIECE = re.compile(
    r"^(?P<pad> *)```(?P<language>\w+)(?P<info>[^\n]*)\n(?P<body>.*?)^(?P=pad)```$"
    r"|^ *<!-- (?P<verb>happens|typed|clock): (?P<what>[^\n]*?) -->$",
    re.DOTALL | re.MULTILINE,
)
FORGOTTEN = (
    (re.compile(r"\b[a-z]{2,3}_[0-9a-v]{26}\b"), "ID"),
    (re.compile(r"\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d(:\d\d)?(\.\d+)?(\+00:00|Z)?"), "TIME"),
    (re.compile(r"[-+]?\d+\.\d+( s|s( \(\d.*\))?)?(?=\s|$)"), "SECONDS"),
    (re.compile(r"[\d,]+ of [\d,]+"), "QUOTA"),
    (re.compile(r"[A-Za-z0-9_-]{43}="), "KEY"),
    (re.compile(r"tok\w{10,}|[a-z0-9]{32}"), "TOKEN"),
    (re.compile(r"\d+ passed, \d+ skipped"), "PASSED"),
    (re.compile(r"\s+"), " "),
)
"""What differs from one time to the next, and what stands for it in a comparison."""


@dataclass
class Piece:
    """Something on a page that is done: a block, or a thing that happens."""

    start: int
    end: int
    language: str = ""
    title: str = ""
    body: str = ""
    happens: str = ""
    typed: str = ""
    clock: str = ""
    pad: str = ""


def pieces_of(text: str) -> list[Piece]:
    """What there is to do on a page, in order."""
    found = []
    for match in PIECE.finditer(text):
        if match["verb"]:
            found.append(Piece(match.start(), match.end(), **{match["verb"]: match["what"]}))
            continue
        pad = match["pad"]
        body = "\n".join(line.removeprefix(pad) for line in match["body"].splitlines())
        title = re.search(r'title="?([^"\s]+)', match["info"])
        place = (match.start("body"), match.end("body"))
        found.append(Piece(*place, match["language"], title[1] if title else "", body, pad=pad))
    return found


def commands_of(piece: Piece) -> list[str]:
    """The commands in a block, continued lines joined, comments left out."""
    body = piece.body.replace("\\\n", "")
    if piece.language == "console":
        return [line[2:] for line in body.splitlines() if line.startswith("$ ")]
    return [line for line in body.splitlines() if line.strip() and not line.startswith("#")]


def plain(line: str) -> str:
    """A line without what differs from one time to the next."""
    for pattern, word in FORGOTTEN:
        line = pattern.sub(word, line)
    return line.strip()


@dataclass
class Page:
    """A page of the documentation, done from top to bottom."""

    path: Path
    terminal: Terminal

    def do(self) -> list[str]:
        """Do the page; what it says was printed and was not."""
        text = self.path.read_text(encoding="utf-8")
        wrong: list[str] = []
        edits: list[tuple[int, int, str]] = []
        for piece in pieces_of(text):
            if piece.language != "console":
                self._quietly(piece)
                continue
            said, done = self._console(piece.body)
            wrong += said
            if done != piece.body:
                lines = (f"{piece.pad}{line}".rstrip() + "\n" for line in done.split("\n"))
                edits.append((piece.start, piece.end, "".join(lines)))
        if not WRITE:
            return wrong
        for start, end, body in reversed(edits):
            text = text[:start] + body + text[end:]
        self.path.write_text(text, encoding="utf-8")
        return []

    def _quietly(self, piece: Piece) -> None:
        if piece.happens:
            happen(self.terminal.vendors.bench, piece.happens)
        elif piece.clock:
            self.terminal.vendors.set_clock(piece.clock)
        elif piece.typed:
            self._type(piece.typed)
        elif piece.title:
            self.terminal.write(self.terminal.here / piece.title, piece.body + "\n")
        elif piece.language == "sh":
            for command in commands_of(piece):
                self._type(command)

    def _type(self, command: str) -> str:
        if any(command.startswith(name) for name in NOT_TYPED if not name.startswith("renkei")):
            return ""
        return self.terminal.type(command)

    def _console(self, body: str) -> tuple[list[str], str]:
        wrong: list[str] = []
        written: list[str] = []
        for part in re.split(r"^(?=\$ )", body, flags=re.MULTILINE):
            if not part.startswith("$ "):
                continue
            command, _, expected = _command(part)
            printed = self._type(command).rstrip("\n")
            if any(command.startswith(name) for name in NOT_TYPED):
                written.append(part.rstrip("\n"))
                continue
            said, kept = _compared(expected.rstrip("\n").split("\n"), printed.split("\n"))
            wrong += [f"{self.path.name}: $ {command}\n  {one}" for one in said]
            written += [part.removesuffix(expected).rstrip("\n"), *kept]
        return wrong, "\n".join(written)


def _command(part: str) -> tuple[str, str, str]:
    lines = part.split("\n")
    taken = 1
    while lines[taken - 1].endswith("\\"):
        taken += 1
    return "".join(line.rstrip("\\") for line in lines[:taken])[2:], "\n", "\n".join(lines[taken:])


def _compared(expected: list[str], printed: list[str]) -> tuple[list[str], list[str]]:
    """What of the expected lines was not printed; the lines as they should stand."""
    expected = [line for line in expected if line.strip()]
    lines = [line.rstrip() for line in "\n".join(printed).strip("\n").split("\n")]
    real = [plain(line) for line in lines if line]
    if ELLIPSIS in expected:
        place = expected.index(ELLIPSIS)
        after = len(expected) - place - 1
        kept = [*lines[:place], ELLIPSIS, *(lines[-after:] if after else [])]
        wanted = [line for line in expected if line != ELLIPSIS]
    else:
        kept, wanted = lines, expected
        more = [line for line in real if line not in [plain(one) for one in expected]]
        if more and not WRITE:
            return [f"also prints: {line}" for line in more], kept
    return [f"does not print: {line}" for line in wanted if plain(line) not in real], kept
