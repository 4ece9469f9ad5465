"""Rules at the command line: tried, applied to everybody, and seen in what a lead went through."""

from __future__ import annotations

import csv
from typing import Any

from tests.sync.cli.conftest import Office

RULES = """\
qualification:
  - id: reachable
    ja: 連絡先あり
    en: Reachable
    from: inquiry
    to: mql
    when: {field: email, filled: true}
"""
LEAD = "lead1@kaisha1.example"
WIDE = ("--since", "2000-01")


def stage_of(office: Office, lead: str = LEAD) -> dict[str, Any]:
    return office.json("lead", lead).one("lead")


def test_rules_are_tried_and_nothing_moves(synced: Office) -> None:
    trial = synced.write("trial.yaml", RULES)
    typed = synced.json("stages", "simulate", "--stages", str(trial), *WIDE)
    assert typed.code == 0
    rule = typed.one("rule")
    assert (rule["rule"], rule["name"], rule["new"], rule["gone"]) == (
        "reachable",
        "Reachable",
        9,
        0,
    )
    moves = typed.all("would_move")
    assert {(one["from"], one["to"], one["verdict"]) for one in moves} == {
        ("inquiry", "mql", "new")
    }
    assert typed.one("simulation")["leads"] == 9
    assert stage_of(synced)["stage"] == "inquiry"


def test_the_table_is_in_both_languages(synced: Office) -> None:
    synced.write("stages.yaml", RULES)
    english = synced.type("stages", "simulate", *WIDE)
    japanese = synced.type("stages", "simulate", *WIDE, "--lang", "ja")
    assert "Reachable" in english.out
    assert "newly" in english.out
    assert "連絡先あり" in japanese.out
    assert "新たに移動" in japanese.out


def test_a_csv_has_a_line_for_each_lead(synced: Office) -> None:
    synced.write("stages.yaml", RULES)
    target = synced.root / "moves.csv"
    assert synced.type("stages", "simulate", *WIDE, "--csv", str(target)).code == 0
    lines = list(csv.DictReader(target.read_text(encoding="utf-8-sig").splitlines()))
    assert [(line["rule"], line["verdict"], line["days"]) for line in lines] == [
        ("reachable", "new", "")
    ] * 9


def test_a_file_that_is_not_there_or_wrong_is_refused(synced: Office) -> None:
    missing = synced.json("stages", "simulate", "--stages", "nosuch.yaml")
    assert (missing.code, missing.one("error")["code"]) == (2, "NO_FILE")
    wrong = synced.write("trial.yaml", RULES.replace("email", "emial"))
    typed = synced.json("stages", "simulate", "--stages", str(wrong))
    assert (typed.code, typed.all("config_error") or typed.lines)[0] == 2
    assert "UNKNOWN_FIELD" in typed.out


def test_without_rules_it_says_where_to_write_them(synced: Office) -> None:
    assert "qualification:" in synced.type("stages", "simulate").out


def test_requalify_shows_who_would_move_and_moves_them_when_told(synced: Office) -> None:
    synced.write("stages.yaml", RULES)
    shown = synced.json("stages", "requalify")
    told = shown.one("requalified")
    assert (shown.code, told["applied"], told["moved"], told["looked"]) == (4, False, 9, 9)
    assert told["owed"] == {"crm": 9}
    assert stage_of(synced)["stage"] == "inquiry"

    applied = synced.json("stages", "requalify", "--apply")
    assert (applied.code, applied.one("requalified")["moved"]) == (0, 9)
    assert applied.one("requalified")["owed"] == {"crm": 9}
    assert stage_of(synced)["stage"] == "mql"
    again = synced.json("stages", "requalify", "--apply")
    assert (again.code, again.one("requalified")["moved"]) == (0, 0)


def test_only_the_rules_that_are_named_are_asked(synced: Office) -> None:
    other = RULES.partition("\n")[2].replace("reachable", "never").replace("true", "false")
    synced.write("stages.yaml", RULES + other)
    typed = synced.json("stages", "requalify", "--rule", "never")
    assert (typed.code, typed.one("requalified")["moved"]) == (0, 0)
    near = synced.json("stages", "requalify", "--rule", "reachabel")
    assert near.code == 2
    assert near.one("error")["hint"] == 'did you mean "reachable"?'


def test_a_move_by_a_rule_is_explained(synced: Office) -> None:
    synced.write("stages.yaml", RULES)
    assert synced.type("stages", "requalify", "--apply", "--quiet").code == 0
    stay = synced.json("explain", LEAD, "stage").all("stage")[-1]
    assert (stay["system"], stay["rule"], stay["event"]) == ("renkei", "reachable", None)
    assert stay["inputs"] == [
        {"kind": "field", "name": "email", "test": {"filled": True}, "saw": LEAD, "holds": True}
    ]
    assert stage_of(synced)["stages"][-1]["rule"] == "reachable"
    assert "by rule: Reachable" in synced.type("lead", LEAD).out
    text = synced.type("explain", LEAD, "stage", "--lang", "ja").out
    assert "規則: reachable" in text
    assert f"メールアドレス  値あり  {LEAD}" in text
    moment = synced.json("lead", LEAD, "--timeline").all("moment")[-1]
    assert (moment["what"], moment["told"]["rule"]) == ("stage", "reachable")
    assert "by rule: Reachable" in synced.type("lead", LEAD, "--timeline").out


def test_a_rule_that_is_gone_is_called_by_its_id(synced: Office) -> None:
    synced.write("stages.yaml", RULES)
    assert synced.type("stages", "requalify", "--apply", "--quiet").code == 0
    synced.write("stages.yaml", "optional: []\n")
    assert "by rule: reachable" in synced.type("lead", LEAD).out
