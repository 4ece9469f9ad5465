"""A terminal over simulated vendors: it types what a page says, and makes files."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from connectors import registry
from connectors.kit.rehearsal import Rehearsal
from connectors.kit.session import in_process

EXIT_CODE = re.compile(r"\s*# exit code (\d)$")
NOT_TYPED = {
    "renkei up": "runs until Ctrl-C; tests/sync/web and tests/sync/workers run it",
    "renkei worker": "runs until Ctrl-C and needs a broker; tests/sync/workers runs it",
    "renkei demo": "takes most of a minute; tests/sync/cli/test_demo.py runs it",
    "make": "makes an environment; the targets themselves are checked to exist",
    "git clone": "needs the network",
    "pip install": "needs the network",
    "createdb": "needs PostgreSQL's own tools",
    "curl -s http://127.0.0.1:842": (
        "asks a hub that is up; tests/sync/web and tests/sync/observe do"
    ),
}
"""Commands that the test does not type, and why. Those of renkei are parsed all the same."""


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
