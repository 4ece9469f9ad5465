"""undo puts back what a run wrote, but for what somebody changed since, and it stays put back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sync.cli.corrections import APP, LEAD, edit, push_run, rows, writes


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
