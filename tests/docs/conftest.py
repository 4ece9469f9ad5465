"""Documents and a terminal: what the pages say is typed, over simulated vendors, and compared.

A page is read from top to bottom. A fenced block with ``title=PATH`` is a file that is written, the
lines of ``console`` blocks that begin with ``$`` are typed and what follows is what they print, and
``sh`` blocks are typed without a look at what they print. ``<!-- happens: WHAT -->`` is something
that happens at a vendor meanwhile, ``<!-- typed: COMMAND -->`` what the reader has typed already.
``RENKEI_DOCS=write`` puts what was really printed into the pages.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from connectors import registry
from connectors.kit.rehearsal import Rehearsal
from connectors.kit.session import in_process
from tests.docs.happenings import happen

ROOT = Path(__file__).parents[2]
WRITE = os.environ.get("RENKEI_DOCS") == "write"
ELLIPSIS = "…"
PIECE = re.compile(
    r"^(?P<pad> *)```(?P<language>\w+)(?P<info>[^\n]*)\n(?P<body>.*?)^(?P=pad)```$"
    r"|^ *<!-- (?P<verb>happens|typed|clock): (?P<what>[^\n]*?) -->$",
    re.DOTALL | re.MULTILINE,
)
EXIT_CODE = re.compile(r"\s*# exit code (\d)$")
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

NOT_TYPED = {
    "renkei up": "runs until Ctrl-C; tests/sync/web and tests/sync/workers run it",
    "renkei worker": "runs until Ctrl-C and needs a broker; tests/sync/workers runs it",
    "renkei demo": "takes most of a minute; tests/sync/cli/test_demo.py runs it",
    "make": "makes an environment; the targets themselves are checked to exist",
    "git clone": "needs the network",
    "pip install": "needs the network",
    "createdb": "needs PostgreSQL's own tools",
    "curl -s http://127.0.0.1:842": "asks a hub that is up; tests/sync/web and tests/sync/observe do",
}
"""Commands that the test does not type, and why. Those of renkei are parsed all the same."""


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


class Vendors(Mapping[str, Any]):
    """The network: each connection of a directory reaches its vendor's simulator."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.directory = home
        self.benches: dict[str, Rehearsal] = {}
        self.clock: Callable[[], datetime] | None = None

    def set_clock(self, text: str) -> None:
        """Let it be this time at the hub and at every vendor."""
        moment = datetime.fromisoformat(text)
        self.clock = lambda: moment
        for one in self.benches.values():
            self._date(one)

    def _date(self, bench: Rehearsal) -> None:
        if self.clock is not None and bench.simulator is not None:
            setattr(bench.simulator, "now", self.clock)  # noqa: B010 - a WSGI callable to the types

    def registry(self) -> registry.Registry:
        """Our connectors, and the directory's own."""
        own = self.directory / "plugins"
        return registry.find([own] if own.is_dir() else [])

    def bench(self, slug: str) -> Rehearsal:
        """A vendor's rehearsal, made when it is first asked for."""
        if slug not in self.benches:
            path = self.home / f"bench-{slug}"
            path.mkdir()
            made = self.registry().get(slug).rehearsal
            assert made is not None
            self.benches[slug] = made(path)
            self._date(self.benches[slug])
        return self.benches[slug]

    def __getitem__(self, name: str) -> Any:
        file = self.directory / "connections" / f"{name}.yaml"
        slug = YAML(typ="safe").load(file.read_text(encoding="utf-8"))["connector"]
        simulator = self.bench(slug).simulator if slug != "file" else None
        if simulator is None:
            raise KeyError(name)
        return in_process(simulator)

    def __iter__(self) -> Iterator[str]:
        return (file.stem for file in self.directory.glob("connections/*.yaml"))

    def __len__(self) -> int:
        return len(list(iter(self)))


SECRETS: Mapping[str, str] = {
    "TYPEFORM_TOKEN": "tfp_rehearsal",
    "TYPEFORM_WEBHOOK_SECRET": "rehearsal-secret",
    "KINTONE_TOKEN": "rehearsal-token",
    "KINTONE_HOOK_SECRET": "kintone-rehearsal-hook-secret",
    "CHATWORK_TOKEN": "chatwork-rehearsal-token",
    "CHATWORK_WEBHOOK": "rehearsal-webhook-token",
    "HUBSPOT_TOKEN": "pat-jp1-rehearsal",
    "HUBSPOT_WEBHOOK_SECRET": "hubspot-rehearsal-client-secret",
    "SALESFORCE_CLIENT_ID": "3MVG9.renkei.rehearsal",
    "SALESFORCE_CLIENT_SECRET": "rehearsal-client-secret",
    "RENKEI_DATABASE": "sqlite:///data/moved.sqlite3",
}
"""What stands in for the values that a reader exports."""


@dataclass
class Terminal:
    """Types what a page says."""

    home: Path
    capture: Any
    vendors: Vendors
    env: dict[str, str] = field(default_factory=lambda: {"USER": "tanaka"})

    def __post_init__(self) -> None:
        self.here = self.home
        self.home.mkdir(parents=True, exist_ok=True)

    def type(self, command: str) -> str:
        """Type a command; what it prints. Fails where the exit code is not what was said."""
        wanted = EXIT_CODE.search(command)
        code, printed = self._do(EXIT_CODE.sub("", command).strip())
        assert code == (int(wanted[1]) if wanted else 0), f"{command}\n{printed}"
        return printed

    def _do(self, command: str) -> tuple[int, str]:
        command = re.sub(r"\$\((.*?)\)", lambda inner: self._do(inner[1])[1].strip(), command)
        command, _, target = command.partition(" > ")
        words = shlex.split(re.sub(r"\$(\w+)", lambda name: self.env.get(name[1], ""), command))
        code, printed = self._word(words)
        if target:
            self.write(self.here / target.strip(), printed)
        return code, "" if target else printed

    def write(self, path: Path, text: str) -> None:
        """Write a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _word(self, words: list[str]) -> tuple[int, str]:
        name, *rest = words
        if name == "renkei":
            return self.renkei(rest)
        if name == "curl":
            return 0, self.curl(rest)
        if name == "echo":
            return 0, " ".join(rest) + "\n"
        if name == "cat":
            return 0, (self.here / rest[0]).read_text(encoding="utf-8")
        if name == "export":
            for one in rest:
                key, _, value = one.partition("=")
                self.env[key] = SECRETS.get(key, value)
            return 0, ""
        self._file(name, [self.here / word for word in rest if not word.startswith("-")])
        return 0, ""

    def _file(self, name: str, paths: list[Path]) -> None:
        match name:
            case "cd":
                self.here = paths[0].resolve()
            case "mkdir":
                paths[0].mkdir(parents=True, exist_ok=True)
            case "cp":
                paths[1].write_bytes(paths[0].read_bytes())
            case "rm":
                for path in paths:
                    path.unlink()
            case _:
                raise AssertionError(f"the terminal of these tests does not know {name}")

    def renkei(self, words: list[str]) -> tuple[int, str]:
        """Run a verb over the simulated vendors, or only parse it where it would not end."""
        from sync.cli.app import run
        from sync.cli.context import World

        if any(" ".join(["renkei", *words]).startswith(name) for name in NOT_TYPED):
            return 0, ""
        home = self.here / words[words.index("--dir") + 1] if "--dir" in words else self.here
        self.vendors.directory = home
        world = World(env=self.env, transports=self.vendors, clock=self.vendors.clock)
        if words[:1] == ["simulate"]:
            place = words.index("--port") if "--port" in words else len(words)
            words = [*words[:place], *words[place + 2 :]]
            world.stop = lambda: True
            for slug in (word for word in words[1:] if word in self.vendors.registry()):
                self.vendors.bench(slug).seed(5)
        before = Path.cwd()
        os.chdir(self.here)
        self.capture.readouterr()
        try:
            code = run(words, world)
        finally:
            os.chdir(before)
        captured = self.capture.readouterr()
        printed = captured.out + captured.err
        if words[:1] == ["simulate"]:
            ports = dict.fromkeys(re.findall(r"127\.0\.0\.1:(\d+)", printed))
            for number, port in enumerate(ports, start=8801):
                printed = printed.replace(f"127.0.0.1:{port}", f"127.0.0.1:{number}")
        return code, printed

    def curl(self, words: list[str]) -> str:
        """A request to a simulated vendor, told by its port."""
        from werkzeug.test import Client

        method, headers, body, url = "GET", {}, "", ""
        rest = iter(words)
        for word in rest:
            if word == "-X":
                method = next(rest)
            elif word == "-H":
                name, _, value = next(rest).partition(":")
                headers[name] = value.strip()
            elif word == "-d":
                body = next(rest)
            elif not word.startswith("-"):
                url = word
        port, _, path = url.removeprefix("http://127.0.0.1:").partition("/")
        slug = list(self.vendors.benches)[int(port) - 8801]
        answer = Client(self.vendors.bench(slug).simulator).open(
            f"/{path}", method=method, headers=headers, data=body.encode()
        )
        assert answer.status_code < 400, answer.text
        return answer.text


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
