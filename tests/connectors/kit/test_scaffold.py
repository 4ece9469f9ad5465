"""A new connector: whole enough to be listed, honest about what is missing."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.registry import find
from connectors.scaffold import KINDS, scaffold, slug_of
from connectors.testing import contract

ROOT = Path(__file__).parents[3]
WRITTEN = {
    "test_every_capability_that_is_claimed_exists",
    "test_every_option_is_described",
    "test_manifest_is_valid",
    "test_options_refuse_unknown_keys",
    "test_secrets_are_secret_strings",
    "test_the_default_field_map_names_canonical_fields",
}
ALL = {name for name in dir(contract) if name.startswith("test_")}
PUSHES = {
    "test_a_lost_answer_is_said_and_makes_no_duplicate",
    "test_a_repeated_push_makes_no_duplicate",
    "test_a_value_for_an_unknown_field_stops_only_itself",
    "test_every_change_has_one_outcome",
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_listed_and_imports(tmp_path: Path, kind: str) -> None:
    files = scaffold("Hato CRM", kind, tmp_path)
    assert {file.relative_to(tmp_path / "hato_crm").as_posix() for file in files} == {
        "connector.yaml",
        "__init__.py",
        "fields.yaml",
        "simulator.py",
        "contract.py",
        "tests/test_hato_crm.py",
    }
    registry = find([tmp_path])
    assert registry.check() == []
    found = registry.get("hato_crm")
    assert found.manifest.name == "Hato CRM"
    assert found.manifest.roles == (kind,)
    assert found.rehearsal is not None
    left = [line for file in files for line in file.read_text("utf-8").splitlines() if "@" in line]
    assert [line for line in left if re.search(r"@\w+@|^#[+-]", line)] == []


@pytest.mark.parametrize("kind", ["form", "crm", "communication"])
def test_what_is_written_is_formatted(tmp_path: Path, kind: str) -> None:
    scaffold("Hato", kind, tmp_path)
    for command in (
        ("format", "--check", "--isolated", "--line-length=100"),
        ("check", "--isolated", "--select=E,F,I,W", "--line-length=100"),
    ):
        done = subprocess.run(
            [str(Path(sys.executable).with_name("ruff")), *command, str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("kind", "skipped"), [("crm", set()), ("form", PUSHES)])
def test_the_contract_fails_where_something_is_to_be_written_and_says_what(
    tmp_path: Path, kind: str, skipped: set[str]
) -> None:
    scaffold("Hato", kind, tmp_path)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--pyargs", "connectors.testing", "--tb=line", "-q"),
            *("--connector=hato", f"--connector-path={tmp_path}", "-p", "no:cacheprovider"),
        ],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = re.findall(r"^FAILED \S+::(\w+)\[hato\] - (.*)$", done.stdout, re.MULTILINE)
    assert {name for name, _ in lines} == ALL - WRITTEN - skipped, done.stdout
    for name, message in lines:
        place = re.search(r"write me: \S.* \(hato/(\w+\.py), line (\d+)\)", message)
        assert place, f"{name} does not say what to write: {message}"
        line = (tmp_path / "hato" / place[1]).read_text("utf-8").splitlines()[int(place[2]) - 1]
        assert "raise unwritten(" in line


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    scaffold("Hato", "crm", tmp_path)
    with pytest.raises(ValueError, match="there already"):
        scaffold("hato", "form", tmp_path)


@pytest.mark.parametrize("name", ["", "名簿", "7days", 'a"b', "a\nb", "x" * 41])
def test_a_name_that_cannot_be_a_slug_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"short name|cannot be seen"):
        scaffold(name, "crm", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_kind_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="form, ma, sfa, crm, communication"):
        scaffold("Hato", "erp", tmp_path)


def test_a_name_becomes_a_slug() -> None:
    assert slug_of("Hato  CRM-2 (はと)") == "hato_crm_2"
