"""An operator's directory over two simulated vendors, and the command line typed in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.kintone.contract import rehearsal as kintone
from connectors.kit.rehearsal import Rehearsal
from connectors.kit.session import in_process
from connectors.typeform.contract import rehearsal as typeform
from sync.cli.app import app
from sync.cli.context import World

HUB = """\
database: sqlite:///data/renkei.sqlite3
language: en
trust:
  default: [crm, form]
"""
FORM = """\
connector: typeform
options:
  token: ${env:FORM_TOKEN}
  forms: [FORM_ID]
  webhook_secrets: ["${env:FORM_SECRET}"]
"""
CRM = """\
connector: kintone
options:
  base_url: http://127.0.0.1:8080
  api_tokens: ["${env:CRM_TOKEN}"]
  apps: {leads: {app: 5, kind: lead, key_field: renkei_id}}
  hook_secret: ${env:CRM_SECRET}
push:
  stream: records:leads
"""
LISTS = """\
connector: file
options:
  path: inbox
"""


@dataclass
class Typed:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON, a line an object."""
        return [json.loads(line) for line in self.out.splitlines()]

    def one(self, kind: str) -> dict[str, Any]:
        """The one object of a kind."""
        (found,) = self.all(kind)
        return found

    def all(self, kind: str) -> list[dict[str, Any]]:
        """The objects of a kind."""
        return [line for line in self.lines if line["kind"] == kind]


@dataclass
class Office:
    """The directory, the vendors, and a terminal."""

    root: Path
    form: Rehearsal
    crm: Rehearsal
    world: World
    env: dict[str, str] = field(default_factory=dict)

    def type(self, *words: str, stdin: str | None = None) -> Typed:
        """Type a command in the directory."""
        given = [*words, "--dir", str(self.root)]
        answer = CliRunner().invoke(app, given, obj=self.world, input=stdin)
        if answer.exception is not None and not isinstance(answer.exception, SystemExit):
            raise answer.exception
        return Typed(answer.exit_code, answer.stdout, answer.stderr)

    def json(self, *words: str) -> Typed:
        """Type a command for machines."""
        return self.type(*words, "--json")

    def write(self, name: str, text: str) -> Path:
        """A file in the directory."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


def _office(tmp_path: Path) -> Office:
    for name in ("form", "crm"):
        (tmp_path / f"bench-{name}").mkdir()
    form, crm = typeform(tmp_path / "bench-form"), kintone(tmp_path / "bench-crm")
    simulators = {"form": form.simulator, "crm": crm.simulator}
    env = {
        "FORM_TOKEN": str(form.options["token"]),
        "FORM_SECRET": str(form.options["webhook_secrets"][0]),
        "CRM_TOKEN": str(crm.options["api_tokens"][0]),
        "CRM_SECRET": str(crm.options["hook_secret"]),
        "USER": "tanaka",
    }
    transports: Mapping[str, Any] = {
        name: in_process(app) for name, app in simulators.items() if app is not None
    }
    world = World(env=env, transports=transports, sleep=lambda _seconds: None)
    office = Office(tmp_path / "office", form, crm, world, env)
    office.write("renkei.yaml", HUB)
    office.write("connections/form.yaml", FORM.replace("FORM_ID", str(form.options["forms"][0])))
    office.write("connections/crm.yaml", CRM)
    office.write("connections/lists.yaml", LISTS)
    (office.root / "inbox").mkdir()
    return office


def _plain_terminal(patch: pytest.MonkeyPatch, home: Path) -> None:
    patch.setenv("NO_COLOR", "1")
    patch.chdir(home)
    for name in ("LANG", "LC_ALL", "RENKEI_LANG", "RENKEI_DIR"):
        patch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A synced office that the tests of a module share: they leave it as it was."""
    home = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        _plain_terminal(patch, home)
        office = _office(home)
        office.form.seed(5)
        office.crm.seed(4)
        assert office.type("run", "--quiet").code == 0
        yield office


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An operator's directory: a form, a CRM that is written to, and a drop folder."""
    _plain_terminal(monkeypatch, tmp_path)
    return _office(tmp_path)


@pytest.fixture
def synced(office: Office) -> Office:
    """The same after people answered the form, others stood in the CRM, and a run."""
    office.form.seed(5)
    office.crm.seed(4)
    assert office.type("run", "--quiet").code == 0
    return office
