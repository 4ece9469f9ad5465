"""plan shows what a push would write, apply writes that or nothing, undo puts it back."""

from __future__ import annotations

import json
from typing import Any

import pytest

APP = 5
LEAD = "lead1@kaisha1.example"
CRM = """\
connector: kintone
options:
  base_url: http://127.0.0.1:8080
  api_tokens: ["${env:CRM_TOKEN}"]
  apps: {leads: {app: 5, kind: lead, key_field: renkei_id}}
  hook_secret: ${env:CRM_SECRET}
push:
  stream: records:leads
  limits: LIMITS
"""


def limited(office: Any, limits: str) -> None:
    office.write("connections/crm.yaml", CRM.replace("LIMITS", limits))


def rows(office: Any) -> dict[str, dict[str, Any]]:
    """The CRM's records by their mailbox."""
    found = {}
    for number in office.crm.simulator.rows(APP):
        record = office.crm.simulator.record(APP, number)
        found[record["メールアドレス"]] = {"number": number, **record}
    return found


def writes(office: Any) -> list[dict[str, Any]]:
    """What the CRM's records hold, but for what changes with every write."""
    fleeting = {"$revision", "更新日時", "更新者"}
    return [
        {name: value for name, value in row.items() if name not in fleeting}
        for _, row in sorted(rows(office).items())
    ]


def edit(office: Any, *words: str) -> None:
    """A lead is corrected by hand, and nothing is pushed yet."""
    assert office.type("lead", LEAD, *words).code == 0


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


# Limits

TITLES = "メールアドレス,会社名,氏名,役職\n"


@pytest.fixture
def many(office: Any) -> Any:
    """Twenty-four people in the CRM, of whom a fifth may change at once."""
    office.crm.seed(24)
    assert office.type("run", "--quiet").code == 0
    limited(office, "{changed_percent: 20}")
    return office


def retitle(office: Any, count: int) -> int:
    """A list comes in that gives so many people a title; the exit code."""
    lines = [
        f"{mail},{row['会社名']},{row['氏名']},架空の役職"
        for mail, row in list(rows(office).items())[:count]
    ]
    path = office.write("titles.csv", TITLES + "\n".join(lines) + "\n")
    assert office.type("import", str(path), "--yes", "--quiet").code in (0, 1, 3)
    return int(office.type("run", "--quiet").code)


def titles(office: Any) -> set[str]:
    return {row["役職"] for row in rows(office).values()}


def test_a_mass_change_is_stopped_with_nothing_written(many: Any) -> None:
    before = writes(many)
    retitle(many, 24)
    typed = many.json("run")
    (run,) = [run for run in typed.all("run") if run["job"] == "push"]
    assert (run["state"], run["code"]) == ("stopped", "OVER_LIMIT")
    assert typed.code == 3
    (item,) = many.json("errors").all("set_aside")
    assert (item["what"], item["connection"], item["code"]) == ("limit", "crm", "OVER_LIMIT")
    assert writes(many) == before


def test_a_change_within_the_limit_goes_out(many: Any) -> None:
    assert retitle(many, 4) == 0
    assert titles(many) == {"", "架空の役職"}


def test_retry_does_not_let_a_mass_change_through(many: Any) -> None:
    retitle(many, 24)
    before = writes(many)
    assert many.json("retry", "--all").all("undecided")
    assert writes(many) == before


def test_a_mass_change_is_let_through_by_a_plan_that_is_allowed_to_be_large(many: Any) -> None:
    retitle(many, 24)
    plan = many.json("plan").one("plan")
    assert (plan["update"], [one["limit"] for one in plan["over"]]) == (24, ["changed_percent"])
    refused = many.json("apply")
    assert (refused.code, refused.one("error")["code"]) == (1, "OVER_LIMIT")
    assert titles(many) == {""}
    assert many.type("apply", "--allow-large").code == 0
    assert titles(many) == {"架空の役職"}
    assert many.json("errors").all("set_aside") == []
    assert many.json("plan").one("plan_file")["empty"] is True


def test_what_is_held_back_goes_out_once_the_limit_is_lifted(many: Any) -> None:
    retitle(many, 24)
    limited(many, "{}")
    assert many.type("run").code == 0
    assert titles(many) == {"架空の役職"}
    assert many.json("errors").all("set_aside") == []


def test_few_records_are_not_stopped_by_a_percentage(synced: Any) -> None:
    limited(synced, "{changed_percent: 1}")
    edit(synced, "--set", "title=課長")
    plan = synced.json("plan").one("plan")
    assert (plan["update"], plan["over"]) == (1, [])
    assert synced.type("run").code == 0
    assert rows(synced)[LEAD]["役職"] == "課長"


def test_more_creates_than_allowed_are_stopped(office: Any) -> None:
    limited(office, "{creates: 2}")
    office.form.seed(3)
    assert office.type("run", "--quiet").code == 3
    assert rows(office) == {}
    limited(office, "{creates: 3}")
    assert office.type("run", "--quiet").code == 0
    assert len(rows(office)) == 3


def test_stages_turned_back_are_counted_and_stopped(synced: Any) -> None:
    edit(synced, "--stage", "sql", "--reason", "商談化")
    assert synced.type("run", "--quiet").code == 0
    assert rows(synced)[LEAD]["ステージ"] == "SQL"
    limited(synced, "{stage_regressions: 0}")
    edit(synced, "--stage", "mql", "--reason", "取り違え")
    (change,) = synced.json("plan").all("change")
    assert change["diff"]["ステージ"] == ["SQL", "MQL"]
    assert synced.json("plan").one("plan")["stage_regressions"] == 1
    synced.type("run", "--quiet")
    assert rows(synced)[LEAD]["ステージ"] == "SQL"
    assert synced.json("errors").all("set_aside")[0]["what"] == "limit"


# Undo


def push_run(office: Any) -> str:
    """The last run that wrote to the CRM."""
    (run, *_) = [run for run in office.json("runs").all("run") if run["job"] in ("push", "undo")]
    return str(run["id"])


@pytest.fixture
def spoilt(synced: Any) -> tuple[Any, str]:
    """A run wrote a title, a department and a stage; then somebody corrected one in the CRM."""
    edit(synced, "--set", "title=課長", "--set", "department=営業部")
    edit(synced, "--stage", "mql", "--reason", "資料請求")
    assert synced.type("run", "--quiet").code == 0
    run = push_run(synced)
    row = rows(synced)[LEAD]
    assert (row["役職"], row["部署名"], row["ステージ"]) == ("課長", "営業部", "MQL")
    synced.crm.simulator.edit_record(APP, row["number"], {"部署名": "人事部"})
    return synced, run


def test_undo_leaves_hand_edits_and_puts_the_rest_back(spoilt: tuple[Any, str]) -> None:
    office, run = spoilt
    typed = office.json("undo", run)
    assert typed.code == 0
    assert {line["field"] for line in typed.all("put_back")} == {"役職", "ステージ"}
    kept = {line["field"]: line for line in typed.all("kept")}
    assert {field: line["why"] for field, line in kept.items()} == {
        "部署名": "edited",
        "失注理由": "unknown",  # the hub never read it
    }
    assert kept["部署名"]["by"].startswith("crm 20")
    row = rows(office)[LEAD]
    assert (row["役職"], row["部署名"], row["ステージ"]) == ("", "人事部", "リード")


def test_what_was_undone_is_not_written_again(spoilt: tuple[Any, str]) -> None:
    office, run = spoilt
    office.type("lead", LEAD, "--unset", "department")  # the CRM may say it
    office.type("undo", run)
    before = writes(office)
    for _ in range(2):
        assert office.json("run").one("summary")["updated"] == 0
    assert writes(office) == before
    parked = office.json("errors", "--code", "UNDONE").all("set_aside")
    assert {item["field"] for item in parked} == {"title", "stage"}


def test_undone_fields_are_written_again_when_their_value_changes(
    spoilt: tuple[Any, str],
) -> None:
    office, run = spoilt
    office.type("undo", run)
    edit(office, "--set", "title=次長")
    edit(office, "--stage", "tql", "--reason", "架電")
    office.type("run", "--quiet")
    row = rows(office)[LEAD]
    assert (row["役職"], row["ステージ"]) == ("次長", "TQL")
    assert office.json("errors", "--code", "UNDONE").all("set_aside") == []


def test_undone_fields_are_written_again_by_retry(spoilt: tuple[Any, str]) -> None:
    office, run = spoilt
    office.type("undo", run)
    office.type("retry", "--code", "UNDONE")
    row = rows(office)[LEAD]
    assert (row["役職"], row["ステージ"]) == ("課長", "MQL")


def test_an_undo_can_be_undone(spoilt: tuple[Any, str]) -> None:
    office, run = spoilt
    office.type("undo", run)
    assert office.type("undo", "last").code == 0
    row = rows(office)[LEAD]
    assert (row["役職"], row["部署名"], row["ステージ"]) == ("課長", "人事部", "MQL")
    assert office.json("errors", "--code", "UNDONE").all("set_aside") == []


def test_undoing_twice_changes_nothing_more(spoilt: tuple[Any, str]) -> None:
    office, run = spoilt
    office.type("undo", run)
    before = writes(office)
    again = office.json("undo", run)
    assert again.all("put_back") == []
    assert again.one("undone")["already"] == 2
    assert writes(office) == before


def test_a_dry_run_of_undo_writes_nothing(spoilt: tuple[Any, str]) -> None:
    office, run = spoilt
    before = writes(office)
    typed = office.json("undo", run, "--dry-run")
    assert (typed.code, len(typed.all("put_back")), len(typed.all("kept"))) == (4, 2, 2)
    assert writes(office) == before
    assert office.json("errors").all("set_aside") == []


def test_a_later_run_is_named_and_left(synced: Any) -> None:
    edit(synced, "--set", "title=課長")
    synced.type("run", "--quiet")
    first = push_run(synced)
    edit(synced, "--set", "title=部長")
    synced.type("run", "--quiet")
    (kept,) = synced.json("undo", first).all("kept")
    assert kept["why"] == "edited"
    assert kept["by"].startswith("run_")
    assert rows(synced)[LEAD]["役職"] == "部長"


def test_records_that_a_run_created_stay_and_are_listed(office: Any) -> None:
    office.form.seed(2)
    office.type("run", "--quiet")
    typed = office.json("undo", push_run(office))
    assert [line["why"] for line in typed.all("kept")] == ["created", "created"]
    assert len(rows(office)) == 2


def test_a_record_that_is_gone_is_listed(spoilt: tuple[Any, str]) -> None:
    office, run = spoilt
    office.crm.simulator.delete_record(APP, rows(office)[LEAD]["number"])
    (kept,) = office.json("undo", run).all("kept")
    assert (kept["field"], kept["why"]) == (None, "gone")


def test_an_opt_out_is_not_taken_back(synced: Any) -> None:
    edit(synced, "--set", "consent.email.marketing=denied")
    synced.type("run", "--quiet")
    assert rows(synced)[LEAD]["メール配信"] == "拒否"
    typed = synced.json("undo", push_run(synced))
    assert [line["why"] for line in typed.all("kept")] == ["opt_out"]
    assert rows(synced)[LEAD]["メール配信"] == "拒否"


def test_a_run_that_wrote_nothing_is_refused(synced: Any) -> None:
    (run, *_) = [run for run in synced.json("runs").all("run") if run["job"] == "pull"]
    typed = synced.json("undo", run["id"])
    assert (typed.code, typed.one("error")["code"]) == (1, "NOTHING_WRITTEN")


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
