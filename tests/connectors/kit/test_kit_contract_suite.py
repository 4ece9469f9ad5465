"""The contract suite itself: it passes what is right and catches what is wrong."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
TAYORI = ROOT / "docs" / "tutorial" / "tayori"
MEIBO = HERE / "meibo"


def run(directory: Path, *slugs: str, only: str = "") -> tuple[set[tuple[str, str]], int, str]:
    """Which (slug, test) fail, how many pass, and all that was printed."""
    chosen = [f"--connector={slug}" for slug in slugs]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--pyargs", "connectors.testing"),
            *("-q", "-p", "no:cacheprovider"),
            *(f"--connector-path={directory}", *chosen),
            *(("-k", only) if only else ()),
        ],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    failed = re.findall(r"^(?:FAILED|ERROR) \S+::(\w+)\[(\w+)\]", done.stdout, re.MULTILINE)
    passed = re.search(r"(\d+) passed", done.stdout)
    return {(slug, test) for test, slug in failed}, int(passed[1]) if passed else 0, done.stdout


def test_the_examples_pass_the_whole_suite(tmp_path: Path) -> None:
    shutil.copytree(TAYORI, tmp_path / "tayori")
    shutil.copytree(MEIBO, tmp_path / "meibo")
    failed, passed, printed = run(tmp_path, "tayori", "meibo")
    assert failed == set(), printed
    assert passed == 26 + 27, printed


MANIFEST = "connector.yaml"
FAULTS = {
    "blind": (
        MANIFEST,
        "deleted: meta.archived",
        "",
        {"a_deleted_record_is_noticed"},
    ),
    "twice": (
        "simulator.py",
        "self.keyed = True",
        "self.keyed = False",
        {"a_lost_answer_is_said_and_makes_no_duplicate"},
    ),
    "stale": (
        MANIFEST,
        "version: meta.revision",
        "version: id",
        {"a_changed_record_arrives_with_the_next_pull", "the_same_version_has_the_same_payload"},
    ),
    "short": (
        "simulator.py",
        'int(request.args["per_page"])',
        "9",
        {"a_pull_from_the_beginning_gets_every_record"},
    ),
    "silent": (
        MANIFEST,
        "  errors: {code: error.code, field: error.details.field}",
        "",
        {"a_value_for_an_unknown_field_stops_only_itself"},
    ),
}


def test_connectors_with_one_fault_each_are_caught_where_the_fault_is(tmp_path: Path) -> None:
    for slug, (file, old, new, _) in FAULTS.items():
        home = tmp_path / slug
        shutil.copytree(MEIBO, home)
        replace(home / file, old, new)
        replace(home / MANIFEST, "slug: meibo", f"slug: {slug}")
    tests = {f"test_{test}" for *_, caught in FAULTS.values() for test in caught}
    failed, _, printed = run(tmp_path, *FAULTS, only=" or ".join(sorted(tests)))
    for slug, (*_, caught) in FAULTS.items():
        found = {test.removeprefix("test_") for name, test in failed if name == slug}
        assert caught <= found, printed
        assert slug == "short" or found == caught, printed


def test_a_claim_without_a_capability_and_the_other_way_round_are_caught(tmp_path: Path) -> None:
    shutil.copytree(MEIBO, tmp_path / "meibo")
    replace(tmp_path / "meibo" / MANIFEST, "  exempt: {webhook: The API sends none.}", "")
    replace(tmp_path / "meibo" / "fields.yaml", "email: mail", "e_mail: mail")
    failed, _, printed = run(tmp_path, "meibo", only="webhook or field_map")
    assert {test for _, test in failed} == {
        "test_a_forged_webhook_is_refused",
        "test_a_webhook_says_which_event_it_is",
        "test_a_webhook_without_a_proof_is_refused",
        "test_the_default_field_map_names_canonical_fields",
    }, printed
    assert "quality.exempt.webhook" in printed


def replace(file: Path, old: str, new: str) -> None:
    """Change a file in one place, which must be there."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
