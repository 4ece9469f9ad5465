"""plan shows what a push would write, apply writes that or nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sync.cli.corrections import APP, LEAD, edit, push_run, rows, writes


@pytest.fixture
def planned(synced: Any) -> Any:
    """Two people are corrected by hand in the hub, and a plan is made."""
    edit(synced, "--set", "title=課長", "--set", "department=営業部")
    answer = synced.type("lead", "lead2@kaisha2.example", "--set", "title=部長")
    assert answer.code == 0
    assert synced.type("plan").code == 4
    return synced


def test_a_plan_shows_each_field_from_and_to_and_the_calls_it_takes(planned: Any) -> None:
    typed = planned.json("plan")
    changes = {change["lead"]: change["diff"] for change in typed.all("change")}
    assert sorted(changes.values(), key=len) == [
        {"役職": [None, "部長"]},
        {"役職": [None, "課長"], "部署名": [None, "営業部"]},
    ]
    target = typed.one("plan")
    assert (target["create"], target["update"], target["calls"]) == (0, 2, 1)
    assert target["linked"] == 9
    assert isinstance(target["quota_left"], int)
    assert typed.one("plan_file")["file"] == "data/plan.json"


def test_a_plan_writes_nothing(planned: Any) -> None:
    before = writes(planned)
    planned.type("plan")
    assert writes(planned) == before


def test_a_plan_of_an_applied_plan_is_empty(planned: Any) -> None:
    typed = planned.json("apply")
    assert typed.code == 0
    assert [run["figures"]["updated"] for run in typed.all("run")] == [2]
    assert rows(planned)[LEAD]["役職"] == "課長"
    after = planned.json("plan")
    assert (after.code, after.one("plan_file")["empty"]) == (0, True)
    assert planned.json("run").one("summary")["updated"] == 0


def test_a_plan_of_creates_is_carried_out_and_then_empty(office: Any) -> None:
    office.form.seed(3)
    assert office.type("pause", "crm").code == 0
    office.type("run", "--quiet")
    assert office.type("resume", "crm").code == 0
    typed = office.json("plan")
    assert typed.one("plan")["create"] == 3
    assert all(change["diff"]["renkei_id"][1] == change["lead"] for change in typed.all("change"))
    assert office.type("apply").code == 0
    assert len(rows(office)) == 3
    assert office.type("plan").code == 0


def test_what_came_to_be_owed_after_the_plan_is_not_written_by_it(planned: Any) -> None:
    answer = planned.type("lead", "lead3@kaisha3.example", "--set", "title=主任")
    assert answer.code == 0
    assert planned.type("apply").code == 0
    assert rows(planned)["lead3@kaisha3.example"]["役職"] == ""
    assert planned.json("plan").one("plan")["update"] == 1


MOVES = {
    "lead": lambda office: edit(office, "--set", "title=本部長"),
    "record": lambda office: office.crm.simulator.edit_record(
        APP, rows(office)[LEAD]["number"], {"メモ": "電話あり"}
    ),
    "setup": lambda office: office.write(
        "fields/crm.yaml", "records: {fields: {title: {from: 役職, direction: push}}}\n"
    ),
    "connection": lambda office: office.type("pause", "crm"),
    "settled": lambda office: office.type("run", "--quiet"),
}


@pytest.mark.parametrize("what", MOVES)
def test_apply_refuses_a_world_that_moved(planned: Any, what: str) -> None:
    MOVES[what](planned)
    before = writes(planned)
    typed = planned.json("apply")
    assert typed.code == 1
    assert typed.one("error")["code"] == "PLAN_MOVED"
    told = {line["what"] for line in typed.all("moved")}
    # a remark in the CRM is news to the lead, too
    assert told == ({"lead"} if what == "record" else {what})
    assert writes(planned) == before


def test_an_edited_plan_is_refused(planned: Any) -> None:
    path = planned.root / "data/plan.json"
    path.write_text(path.read_text(encoding="utf-8").replace("課長", "社長"), encoding="utf-8")
    typed = planned.type("apply")
    assert typed.code == 2
    assert "NO_PLAN" in typed.err
    assert rows(planned)[LEAD]["役職"] == ""


def test_a_plan_may_be_kept_elsewhere_and_for_its_owner_alone(planned: Any) -> None:
    assert planned.type("plan", "--out", "monday.json").code == 4
    path = planned.root / "monday.json"
    assert json.loads(path.read_text(encoding="utf-8"))["id"].startswith("plan_")
    assert path.stat().st_mode & 0o077 == 0
    assert planned.type("apply", "monday.json", "--dry-run").code == 4
    assert rows(planned)[LEAD]["役職"] == ""
    assert planned.type("apply", "monday.json").code == 0
    assert rows(planned)[LEAD]["役職"] == "課長"


def test_plan_apply_and_undo_speak_both_languages(planned: Any) -> None:
    japanese = planned.type("plan", "--lang", "ja").out
    assert "更新 2 件の予定" in japanese
    assert "呼び出し 1 回" in japanese
    english = planned.type("plan", "--lang", "en").out
    assert "2 to update" in english
    assert "取り消すには: renkei undo run_" in planned.type("apply", "--lang", "ja").out
    run = push_run(planned)
    assert "元に戻します" in planned.type("undo", run, "--dry-run", "--lang", "ja").out
    assert "fields put back: 3" in planned.type("undo", run, "--lang", "en").out
