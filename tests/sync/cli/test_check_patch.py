"""``check --connect`` over a vendor whose options were edited: told, proposed, and written."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kintone.simulator import LEADS
from connectors.kintone.simulator_form import field, leads_form
from sync.store.database import Database

SOURCES = ["Webフォーム", "展示会", "ウェビナー", "名刺", "広告", "紹介", "テレアポ", "その他"]


def edit(office: Any, *sources: str, **fields: dict[str, Any]) -> None:
    form = leads_form() | {"流入元": field("流入元", "DROP_DOWN", options=[*SOURCES, *sources])}
    office.crm.simulator.change_form(LEADS, {**form, **fields})


def codes(typed: Any) -> list[str]:
    return [one["code"] for one in typed.all("finding") if one["state"] in ("warning", "error")]


def test_an_option_the_map_does_not_read_is_told_at_its_line(office: Any) -> None:
    edit(office, "共催セミナー")
    typed = office.json("check", "--connect", "crm")
    (told,) = [one for one in typed.all("finding") if one["code"] == "OPTION_UNMAPPED"]
    assert told["state"] == "warning"
    assert "共催セミナー" in told["message"]
    assert (told["file"], told["column"]) == ("kintone/fields.yaml (default map)", 7)
    assert typed.code == 0


def test_a_patch_is_proposed_and_nothing_is_written(office: Any) -> None:
    edit(office, "共催セミナー")
    typed = office.type("check", "--connect", "crm", "--patch")
    assert "+++ b/fields/crm.yaml" in typed.out
    assert "+        共催セミナー: seminar # check" in typed.out
    assert "→ renkei check --connect crm --patch --write" in typed.out
    assert not (office.root / "fields").exists()
    assert "OPTION_UNMAPPED" in codes(office.json("check", "--connect", "crm"))


def test_a_patch_is_written_when_asked_for_and_makes_the_map_total(office: Any) -> None:
    edit(office, "共催セミナー")
    patch = office.json("check", "--connect", "crm", "--patch", "--write").one("patch")
    assert (patch["file"], patch["written"]) == ("fields/crm.yaml", True)
    assert codes(office.json("check", "--connect", "crm")) == []
    typed = office.type("check", "--connect", "crm", "--patch")
    assert "crm: there is nothing to propose" in typed.out


def test_the_exit_code_after_a_written_patch_is_that_of_what_is_left(office: Any) -> None:
    own = "records:\n  stage:\n    read: {有望: [mql]}\n    write: {mql: 有望}\n"
    office.write("fields/crm.yaml", own)
    assert office.type("check", "--connect", "crm").code == 1
    assert office.type("check", "--connect", "crm", "--patch").code == 1
    assert office.type("check", "--connect", "crm", "--patch", "--write").code == 0
    assert office.type("check", "--connect", "crm").code == 0


def test_what_changed_since_the_last_look_is_told_once(office: Any) -> None:
    assert office.json("check", "--connect", "crm").all("drift") == []
    edit(office, "共催", 予算=field("予算", "NUMBER"))
    told = office.json("check", "--connect", "crm").all("drift")
    assert {(one["code"], one["field"], one["set_aside"]) for one in told} == {
        ("FIELD_NEW", "予算", False),
        ("OPTION_NEW", "流入元", True),
    }
    assert office.json("check", "--connect", "crm").all("drift") == []
    (item,) = office.json("errors").all("set_aside")
    assert (item["code"], item["field"]) == ("OPTION_NEW", "流入元: 共催")


def test_a_run_asks_each_vendor_once_a_day_what_changed(office: Any) -> None:
    office.type("run")
    edit(office, "共催")
    office.type("run")
    assert office.json("errors").all("set_aside") == [], "it was asked today"
    database = Database(f"sqlite:///{office.root}/data/renkei.sqlite3")
    with database.write() as tx:
        tx.write("UPDATE described SET seen_at = '2026-01-01'")
    database.close()
    office.type("run")
    assert [one["code"] for one in office.json("errors").all("set_aside")] == ["OPTION_NEW"]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--patch"], id="--patch without --connect"),
        pytest.param(["--connect", "--write"], id="--write without --patch"),
    ],
)
def test_a_patch_needs_what_the_vendor_says(office: Any, words: list[str]) -> None:
    typed = office.type("check", *words)
    assert typed.code == 2
    assert "PATCH_ALONE" in typed.err


@pytest.mark.parametrize(
    ("language", "words"),
    [
        pytest.param("en", "has a new field", id="English"),
        pytest.param("ja", "項目「予算」が追加されました", id="Japanese"),
    ],
)
def test_people_read_what_changed_in_their_language(office: Any, language: str, words: str) -> None:
    office.type("check", "--connect", "crm")
    edit(office, 予算=field("予算", "NUMBER"))
    assert words in office.type("check", "--connect", "crm", "--lang", language).out


def test_a_drift_cannot_be_tried_again_but_only_mended(office: Any) -> None:
    office.type("check", "--connect", "crm")
    edit(office, "共催")
    office.type("check", "--connect", "crm")
    typed = office.type("retry", "--all")
    assert "mend the map or the vendor" in typed.out
    assert len(office.json("errors").all("set_aside")) == 1
    assert office.type("check", "--connect", "crm", "--patch", "--write").code == 0
    office.type("run")
    assert office.json("errors").all("set_aside") == []


def test_a_value_waits_for_its_option_and_is_read_after_the_patch(office: Any) -> None:
    edit(office, "共催")
    office.crm.simulator.import_records(
        LEADS,
        [
            {
                "氏名": "田中 一郎",
                "会社名": "北斗",
                "流入元": "共催",
                "メールアドレス": "t@h.example",
            }
        ],
    )
    assert office.type("run").code == 3
    assert [one["code"] for one in office.json("errors").all("set_aside")] == ["PICKLIST_UNMAPPED"]
    office.type("check", "--connect", "crm", "--patch", "--write")
    office.type("run")
    assert office.json("errors").all("set_aside") == []
    assert '"other"' in office.json("explain", "t@h.example", "channel").out
