"""One lead at the command line: looked at, explained, corrected by hand."""

from __future__ import annotations

from typing import Any

import pytest

LEAD = "lead1@kaisha1.example"


def meet(office: Any) -> str:
    """A person who is in the CRM under another company's name and answers the form, too."""
    office.form.seed(1)
    office.crm.simulator.import_records(
        5,
        [
            {
                "氏名": "鈴木 太郎",
                "姓": "鈴木",
                "名": "太郎",
                "会社名": "みどり物流",
                "メールアドレス": LEAD,
                "ステージ": "MQL",
                "役職": "部長",
            }
        ],
    )
    assert office.type("run").code == 0
    return str(office.json("lead", LEAD).one("lead")["id"])


def test_every_value_of_a_lead_is_explained(office: Any) -> None:
    lead_id = meet(office)
    held = office.json("lead", lead_id).one("lead")["fields"]
    stories = {one["field"]: one for one in office.json("explain", lead_id).all("field")}
    filled = {name for name, value in held.items() if value not in (None, "", [])}
    assert len(filled) > 10
    assert stories.keys() == filled
    for name, story in stories.items():
        assert story["value"] == held[name]
        assert story["connection"] in ("form", "crm")
        assert story["record"].startswith(story["connection"])
        assert story["at"]
        assert story["rule"]
        assert (story["event"]["how"], bool(story["event"]["run"])) == ("pull", True)
        assert story["event"]["inbox"]


def test_what_lost_is_told_with_its_reason(office: Any) -> None:
    lead_id = meet(office)
    story = office.json("explain", lead_id, "company").one("field")
    assert (story["value"], story["connection"], story["rule"]) == ("みどり物流", "crm", "trust")
    (lost,) = story["lost"]
    assert (lost["value"], lost["connection"], lost["rule"]) == (
        "株式会社みどり物流",
        "form",
        "trust",
    )


def test_a_list_tells_who_adds_what(office: Any) -> None:
    lead_id = meet(office)
    office.type("lead", lead_id, "--set", "phone=03-9999-0000")
    story = office.json("explain", lead_id, "phones").one("field")
    by_hand, *others = story["said"]
    assert (by_hand["record"], by_hand["values"]) == ("", ["+81399990000"])
    assert by_hand["event"]["how"] == "edited"
    assert {one["connection"] for one in others} == {"form"}
    assert {value for one in story["said"] for value in one["values"]} == set(story["value"])
    assert "by hand (tanaka): +81399990000" in office.type("explain", lead_id, "phones").out


def test_the_event_that_brought_a_value_is_told(office: Any) -> None:
    lead_id = meet(office)
    event = office.json("explain", lead_id, "title").one("field")["event"]
    (run,) = office.json("runs", "--run", event["run"]).all("run")
    assert (run["connection"], run["job"]) == ("crm", "pull")
    shown = office.type("explain", lead_id, "title").out
    assert f"run {event['run']}, received as #{event['inbox']}" in shown
    assert "きっかけ: 取得" in office.type("explain", lead_id, "title", "--lang", "ja").out


def test_the_company_is_told_with_what_names_it(office: Any) -> None:
    lead_id = meet(office)
    told = office.json("explain", lead_id, "account").one("account")
    assert (told["rule"], told["value"]) == ("domain", "kaisha1.example")
    assert (told["field"]["field"], told["field"]["connection"]) == ("email", "crm")
    assert told["field"]["event"]["how"] == "pull"
    assert "by its domain kaisha1.example" in office.type("explain", lead_id, "account").out


def test_the_match_is_told_as_a_sum(office: Any) -> None:
    lead_id = meet(office)
    matches = office.json("explain", lead_id, "match").all("match")
    assert {one["connection"] for one in matches} == {"form", "crm"}
    (joined,) = [one for one in matches if one["rule"] == "same"]
    assert ["mailbox", 14.0] in joined["reasons"]
    assert joined["score"] == sum(points for _, points in joined["reasons"])


def test_the_stage_is_told_with_who_moved_it(office: Any) -> None:
    lead_id = meet(office)
    office.type("lead", lead_id, "--stage", "recycled", "--reason", "時期が先")
    stages = office.json("explain", lead_id, "stage").all("stage")
    assert [one["stage"] for one in stages][-2:] == ["mql", "recycled"]
    assert (stages[-1]["by"], stages[-1]["reason"]) == ("tanaka", "timing_later")
    assert [one["event"]["how"] for one in stages][-2:] == ["pull", "edited"]


def test_a_value_set_by_hand_wins_and_goes_everywhere(office: Any) -> None:
    lead_id = meet(office)
    typed = office.json("lead", lead_id, "--set", "phone=03-9999-0000", "--set", "title=本部長")
    edited = typed.one("edited")
    assert edited["changes"]["title"] == ["部長", "本部長"]
    assert edited["owed"] == ["crm"]
    story = office.json("explain", lead_id, "title").one("field")
    assert (story["rule"], story["by"]) == ("edit", "tanaka")
    assert [(one["value"], one["rule"]) for one in story["lost"]] == [("部長", "edit")]
    assert office.type("run").code == 0
    (row,) = office.crm.simulator.table("records:5").values()
    assert row["values"]["役職"] == "本部長"
    assert row["values"]["電話番号"].replace("-", "").endswith("99990000")
    phones = office.json("explain", lead_id, "phones").one("field")
    assert phones["value"][0] == "+81399990000"


def test_the_vendor_cannot_undo_a_hand_edit(office: Any) -> None:
    lead_id = meet(office)
    office.type("lead", lead_id, "--set", "title=本部長")
    office.crm.simulator.edit_record(5, "1", {"役職": "課長"})
    office.type("run")
    office.type("run")
    assert office.json("lead", lead_id).one("lead")["fields"]["title"] == "本部長"
    (row,) = office.crm.simulator.table("records:5").values()
    assert row["values"]["役職"] == "本部長"


def test_a_hand_edit_can_be_taken_back(office: Any) -> None:
    lead_id = meet(office)
    office.type("lead", lead_id, "--set", "title=本部長")
    typed = office.json("lead", lead_id, "--unset", "title")
    assert typed.one("edited")["changes"]["title"] == ["本部長", "部長"]


def test_an_edit_to_nothing_keeps_the_field_blank(office: Any) -> None:
    lead_id = meet(office)
    office.type("lead", lead_id, "--set", "title=")
    office.type("run")
    assert not office.json("lead", lead_id).one("lead")["fields"].get("title")
    (row,) = office.crm.simulator.table("records:5").values()
    assert not row["values"]["役職"]


def test_saying_an_edit_twice_changes_nothing(office: Any) -> None:
    lead_id = meet(office)
    office.type("lead", lead_id, "--set", "title=本部長")
    before = office.json("lead", lead_id).one("lead")
    typed = office.type("lead", lead_id, "--set", "title=本部長")
    assert (typed.code, typed.out) == (0, "nothing changes\n")
    assert office.json("lead", lead_id).one("lead") == before


def test_dry_run_changes_nothing(office: Any) -> None:
    lead_id = meet(office)
    before = office.json("lead", lead_id).one("lead")
    words = ["lead", lead_id, "--set", "title=本部長", "--stage", "tql", "--reason", "面談"]
    assert office.type(*words, "--dry-run").code == 4
    assert office.json("lead", lead_id).one("lead") == before


def test_a_stage_set_by_hand_is_written_to_the_vendor(office: Any) -> None:
    lead_id = meet(office)
    office.type("lead", lead_id, "--stage", "tql", "--reason", "面談", "--by", "佐藤")
    office.type("run")
    (row,) = office.crm.simulator.table("records:5").values()
    assert row["values"]["ステージ"] == "TQL"
    stages = office.json("explain", lead_id, "stage").all("stage")
    assert (stages[-1]["by"], stages[-1]["reason_text"]) == ("佐藤", "面談")


def test_history_says_what_was_edited(office: Any) -> None:
    lead_id = meet(office)
    office.type("lead", lead_id, "--set", "title=本部長")
    history = office.json("lead", lead_id).one("lead")["history"]
    assert ("edited", {"title": ["部長", "本部長"]}) in [
        (one["event"], one["changes"]) for one in history
    ]


def test_a_lead_is_found_by_mail_name_company_and_record(office: Any) -> None:
    lead_id = meet(office)
    for text in (LEAD.upper(), "太郎", "みどり", lead_id, "1"):
        assert office.json("lead", text).one("lead")["id"] == lead_id


def test_several_leads_are_listed_and_none_is_edited(synced: Any) -> None:
    assert len(synced.json("lead", "株式会社").all("lead_hit")) > 1
    typed = synced.type("lead", "株式会社", "--set", "title=課長")
    assert typed.code == 2
    assert "name one by its id" in typed.err


@pytest.mark.postgres
def test_edits_retries_and_explanations_work_on_postgresql(office: Any, postgres_url: str) -> None:
    hub = office.root / "renkei.yaml"
    hub.write_text(hub.read_text().replace("sqlite:///data/renkei.sqlite3", postgres_url))
    lead_id = meet(office)
    office.type(
        "lead", lead_id, "--set", "title=本部長", "--stage", "recycled", "--reason", "時期が先"
    )
    assert office.type("run").code == 0
    story = office.json("explain", lead_id, "title").one("field")
    assert (story["value"], story["rule"]) == ("本部長", "edit")
    office.crm.simulator.import_records(5, [{"氏名": "田中 一郎", "携帯番号": "会社へ"}])
    assert office.type("run").code == 3
    assert office.type("retry", "--all").code == 3
    assert office.json("errors", "--connection", "crm").one("set_aside")["times"] > 1
    assert office.json("retry", "1").one("retried")["again"] == 1
    assert office.type("status").code == 0
