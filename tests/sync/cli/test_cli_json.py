"""Every verb speaks JSON: one versioned object a line, and nothing else on standard output."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from sync.cli.app import app

LEAD = "lead1@kaisha1.example"
LIST = "氏名,会社名,メールアドレス\n田中 一郎,株式会社北斗,tanaka@hokuto.example\n"

TYPED: dict[str, tuple[list[str], str, int]] = {
    "init": (["init", "--dry-run", "--with", "typeform"], "error", 2),
    "check": (["check"], "checked", 0),
    "discover": (["discover", "crm", "records"], "vendor_field", 0),
    "preview": (["preview", "crm", "records", "--record", "1"], "preview", 0),
    "schema": (["schema"], "schema", 0),
    "import": (["import", "list.csv", "--dry-run"], "list_preview", 4),
    "simulate": (["simulate", "crm", "--seed", "1"], "simulator", 0),
    "run": (["run"], "summary", 0),
    "plan": (["plan"], "plan", 0),
    "apply": (["apply", "nosuch.json"], "error", 2),
    "undo": (["undo", "run_x", "--dry-run"], "error", 2),
    "pause": (["pause", "form", "--reason", "棚卸し"], "connection", 0),
    "resume": (["resume", "form"], "connection", 0),
    "status": (["status"], "status", 0),
    "runs": (["runs"], "run", 0),
    "quota": (["quota"], "quota", 0),
    "alerts": (["alerts"], "", 0),
    "capacity": (["capacity"], "stage", 0),
    "doctor": (["doctor"], "check", 0),
    "errors": (["errors"], "", 0),
    "retry": (["retry", "--all"], "", 0),
    "replay": (["replay", "--since", "2026-01-01"], "replay", 0),
    "lead": (["lead", LEAD], "lead", 0),
    "explain": (["explain", LEAD], "field", 0),
    "audit": (["audit"], "audit", 0),
    "consent": (["consent"], "agreement", 0),
    "funnel": (["funnel", "--since", "2026-01"], "step", 0),
    "kpi": (["kpi", "--by", "month"], "kpi", 0),
    "clocks": (["clocks"], "", 0),
    "dormant": (["dormant"], "", 0),
    "dedupe list": (["dedupe", "list"], "", 0),
    "dedupe show": (["dedupe", "show", LEAD, "lead2@kaisha2.example"], "case", 0),
    "dedupe merge": (["dedupe", "merge", "--above", "999", "--yes"], "merged_many", 0),
    "dedupe split": (["dedupe", "split", LEAD], "error", 1),
    "dedupe different": (["dedupe", "different", LEAD, LEAD], "error", 1),
    "dedupe later": (["dedupe", "later", LEAD, LEAD], "error", 1),
    "handoffs list": (["handoffs", "list"], "", 0),
    "handoffs show": (["handoffs", "show", "ho_x"], "error", 1),
    "handoffs retry": (["handoffs", "retry"], "handoffs_retried", 0),
    "match eval": (["match", "eval", "list.csv"], "error", 2),
    "match all": (["match", "all"], "matched_all", 0),
    "match train": (["match", "train"], "trained", 0),
    "match rebuild": (["match", "rebuild"], "rekeyed", 0),
    "mapping test": (["mapping", "test"], "mapping_test", 0),
    "stages simulate": (["stages", "simulate", "--since", "2026-01"], "simulation", 0),
    "stages requalify": (["stages", "requalify"], "requalified", 0),
    "connectors list": (["connectors", "list"], "connector", 0),
    "connectors new": (["connectors", "new", "Hato CRM"], "written", 0),
    "db upgrade": (["db", "upgrade"], "schema", 0),
}
"""Every verb but those that run until they are stopped: typed, the kind it answers, its code."""
ONCE = {"connectors new", "simulate"}
"""Verbs that do not end alike, or not at all, when they are typed again."""
FORWARDED = {"demo", "chaos"}
"""Verbs that are loaded, with their options, when they run."""
ELSEWHERE = FORWARDED | {"up", "worker", "health", "connectors test", "db backup", "db restore"}
"""Tried in their own tests."""


def verbs(command: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, below in command.commands.items():
        if hasattr(below, "commands"):
            yield from verbs(below, f"{before}{name} ")
        else:
            yield f"{before}{name}", below


def test_no_verb_is_left_out() -> None:
    names = {name for name, _ in verbs(typer.main.get_command(app))}
    assert names == TYPED.keys() | ELSEWHERE


def test_every_verb_has_the_common_options() -> None:
    wanted = {"--dir", "--json", "--quiet", "--verbose", "--lang"}
    for name, command in verbs(typer.main.get_command(app)):
        if name not in FORWARDED:
            given = {flag for one in command.params for flag in one.opts}
            assert wanted <= given, name


@pytest.mark.parametrize("verb", TYPED)
def test_json_is_versioned_objects_a_line(kept: Any, verb: str) -> None:
    kept.write("../list.csv", LIST)
    kept.world.stop = (lambda: True) if verb == "simulate" else None
    words, kind, code = TYPED[verb]
    typed = kept.json(*words)
    assert typed.code == code, typed.out
    assert all(line["version"] == 1 and line["kind"] for line in typed.lines)
    if kind:
        assert typed.all(kind)


@pytest.mark.parametrize("verb", [name for name in TYPED if name not in ONCE])
def test_quiet_says_nothing(kept: Any, verb: str) -> None:
    kept.write("../list.csv", LIST)
    words, _, code = TYPED[verb]
    typed = kept.type(*words, "--quiet")
    assert (typed.code, typed.out) == (code, "")


def test_a_run_tells_each_stream_and_a_sum(office: Any) -> None:
    office.form.seed(3)
    typed = office.json("run")
    pulled = [run for run in typed.all("run") if run["job"] == "pull"]
    assert {run["connection"] for run in pulled} == {"form", "crm", "lists"}
    pushed = [run for run in typed.all("run") if run["job"] == "push"]
    assert [run["figures"]["created"] for run in pushed] == [3]
    assert typed.one("summary")["created"] == 6  # three leads, and three records made of them


def test_an_error_is_an_object_with_a_code(office: Any) -> None:
    typed = office.json("discover", "crn")
    assert typed.code == 2
    error = typed.one("error")
    assert (error["code"], error["hint"]) == ("UNKNOWN_CONNECTION", 'did you mean "crm"?')
