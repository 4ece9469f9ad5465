"""The files in deploy/ start what there is, stop it gently, and lock it up."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from ruamel.yaml import YAML
from ruamel.yaml.comments import TaggedScalar

from sync.cli.app import app
from sync.workers.runner import STOP_MS

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
MARGIN = 5
"""Seconds between the end of the batches at hand and being killed."""


def compose(name: str) -> Any:
    return YAML().load((DEPLOY / name).read_text(encoding="utf-8"))


def directives(path: Path) -> dict[str, list[str]]:
    """What a unit says, by its names."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def commands() -> Iterator[Any]:
    """Every command of ours that a file in deploy/ starts."""
    for name, service in compose("compose.yaml")["services"].items():
        if "build" in service:
            yield pytest.param(list(service["command"]), id=f"compose {name}")
    for unit in UNITS:
        said = directives(unit)
        for line in [*said.get("ExecStartPre", []), *said["ExecStart"]]:
            program, *words = shlex.split(line)
            assert program == "/usr/local/lib/renkei/bin/renkei"
            yield pytest.param(words, id=f"{unit.name} {words[0]}")
    yield pytest.param(eval(last("CMD")), id="Dockerfile")


def last(instruction: str) -> str:
    """What the Dockerfile says last by an instruction."""
    return re.findall(rf"^{instruction} (.*)$", DOCKERFILE, re.MULTILINE)[-1]


@pytest.mark.parametrize("words", list(commands()))
def test_every_command_is_there_and_takes_its_options(words: list[str]) -> None:
    root: Any = typer.main.get_command(app)
    command, rest = root, list(words)
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    context = command.make_context(command.name, rest, resilient_parsing=False)
    assert context.args == []


def test_every_service_of_ours_is_given_the_time_that_it_needs_to_stop() -> None:
    seconds = STOP_MS / 1000 + MARGIN
    for name, service in compose("compose.yaml")["services"].items():
        if "build" in service:
            assert int(service["stop_grace_period"].removesuffix("s")) >= seconds, name
            assert service["stop_signal"] == "SIGTERM"
    for unit in UNITS:
        said = directives(unit)
        assert int(said["TimeoutStopSec"][0]) >= seconds
        assert said["KillSignal"] == ["SIGTERM"]
        assert said["KillMode"] == ["mixed"]  # the signal goes to the hub, and to it only
    assert last("STOPSIGNAL") == "SIGTERM"
    assert last("ENTRYPOINT") == '["renkei"]'  # no shell that keeps the signal to itself


@pytest.mark.parametrize("files", [["compose.yaml"], ["compose.yaml", "compose.rabbitmq.yaml"]])
def test_what_services_refer_to_is_there(files: list[str]) -> None:
    whole: dict[str, Any] = {"services": {}, "secrets": {}, "volumes": {}, "configs": {}}
    for name in files:
        for part, said in compose(name).items():
            for key, value in said.items() if part in whole else ():
                if isinstance(value, TaggedScalar):  # !reset
                    del whole[part][key]
                else:
                    whole[part][key] = {**whole[part].get(key, {}), **(value or {})}
    services = whole["services"]
    assert services.keys() >= {"postgres", "init", "web", "worker"}
    assert ("redis" in services) is (len(files) == 1)
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        assert set(service.get("secrets", [])) <= set(whole["secrets"]), name
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0] if not volume.startswith("${") else "data"
            assert source in whole["volumes"], name
        for condition in service.get("depends_on", {}).values():
            assert condition["condition"].startswith("service_")
        image = service["image"]
        assert "build" in service or re.fullmatch(r"[a-z]+:\d+", image), "no moving tag"


def test_nothing_of_ours_runs_as_root_or_may_become_it() -> None:
    uid = last("USER").partition(":")[0]
    assert uid.isdigit()
    assert int(uid) >= 10_000
    for name, service in compose("compose.yaml")["services"].items():
        if "build" in service:
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"]
            assert service["security_opt"] == ["no-new-privileges:true"]
    for unit in UNITS:
        said = directives(unit)
        assert said["User"] == ["renkei"]
        assert (said["NoNewPrivileges"], said["ProtectSystem"]) == (["yes"], ["strict"])


def test_both_units_are_locked_up_alike() -> None:
    one, other = (directives(unit) for unit in UNITS)
    apart = {
        "Description",
        "After",
        "ExecStart",
        "ExecStartPre",
        "TimeoutStartSec",
    }
    assert {name for name in one | other if one.get(name) != other.get(name)} <= apart


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_the_units_and_finds_them_locked_up(unit: Path, tmp_path: Path) -> None:
    here = tmp_path / unit.name
    there = shutil.which("true") or ""
    text = unit.read_text(encoding="utf-8").replace("/usr/local/lib/renkei/bin/renkei", there)
    here.write_text(text, encoding="utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", str(here)], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    scored = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(here)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert scored.returncode == 0, scored.stdout


def test_no_secret_stands_in_a_file_of_deploy() -> None:
    named = r"(?i)(?:password|secret|token|key)\w*\s*[:=]\s*(\S+)"
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            said = re.findall(named, path.read_text(encoding="utf-8"))
            assert [one for one in said if re.fullmatch(r"[A-Za-z0-9+=_-]{16,}", one)] == [], path


PAGES = ("deploy.md", "back-up.md")


def pages() -> str:
    folder = DEPLOY.parent / "docs/how-to"
    return "".join((folder / name).read_text(encoding="utf-8") for name in PAGES)


def test_the_pages_name_files_units_and_services_that_are_there() -> None:
    text = pages()
    for name in re.findall(r"deploy/[\w./@*-]*\w", text):
        assert name == "deploy/hub.env" or list(DEPLOY.parent.glob(name)), name
    units = {unit.name.partition(".")[0] for unit in UNITS}
    for name in re.findall(r"systemctl [a-z ]+(?:--now )?((?:renkei[\w@-]* ?)+)", text):
        assert {re.sub(r"@\w+", "@", one) for one in name.split()} <= units
    services = compose("compose.yaml")["services"]
    for name in re.findall(r"docker compose run --rm (?:--volume \S+ )?(\w+)", text):
        assert name in services
    assert f"({STOP_MS // 1000} seconds" in text


def test_the_commands_of_the_pages_are_spelt_right() -> None:
    root: Any = typer.main.get_command(app)
    blocks = re.findall(r"```bash\n(.*?)```", pages(), re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    plain = [line.partition(" > ")[0] for line in lines]
    ours = [line.removeprefix("renkei ") for line in plain if line.startswith("renkei ")]
    ours += [found[1] for line in lines if (found := re.search(r" --rm .*?\bweb (.*)", line))]
    assert len(ours) >= 5
    for line in ours:
        command, rest = root, shlex.split(line)
        while hasattr(command, "commands"):
            command = command.commands[rest.pop(0)]
        command.make_context(command.name, rest)
