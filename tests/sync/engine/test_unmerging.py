"""A merge taken back, a record split off: all is as it was, what came since stays, for good."""

from __future__ import annotations

import pytest

from connectors.kit.base import Record, Ref
from sync.engine import edits, merging
from sync.store import journeys
from sync.store.journeys import ActivityRow
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.histories import (
    SATO,
    SUZUKI,
    USER,
    hear,
    hear_deal,
    held_at,
    history,
    owner,
    questions,
    rows,
    stored,
    take,
    three,
    two,
)


def test_a_merge_taken_back_leaves_everything_as_it_was(shelves: Shelves) -> None:
    sato, suzuki = two(shelves)
    hear_deal(shelves, "sfa", "d1", "2", name="導入", outcome="open")
    with shelves.database.write() as tx:
        call = ActivityRow("sfa/people/2", suzuki, "call", shelves.hub.stamp(), None, {})
        journeys.save_activities(tx, [call])
    edits.edit_lead(shelves.hub, suzuki, {"title": "本部長"}, user=USER)
    edits.edit_lead(shelves.hub, sato, {"department": "営業部"}, user=USER)
    before, last = stored(shelves.database), history(shelves.database)[-1][0]
    told = history(shelves.database)
    shelves.tick(minutes=5)
    merging.merge(shelves.hub, suzuki, sato, user=USER)
    assert stored(shelves.database) != before
    shelves.tick(minutes=5)
    merging.unmerge(shelves.hub, sato, user=USER)
    assert stored(shelves.database) == before
    assert history(shelves.database, last) == told


# Taking back after the systems were written


def settled(shelves: Shelves) -> tuple[str, str]:
    """Two people in all systems; the records they came with are the oldest there."""
    shelves.at["crm"].put("100", **SATO)
    shelves.at["sfa"].put("100", **SUZUKI, title="部長")
    shelves.settle()
    return owner(shelves, "crm/people/100"), owner(shelves, "sfa/people/100")


def test_both_systems_get_their_own_values_back(shelves: Shelves) -> None:
    sato, suzuki = settled(shelves)
    there, leads = held_at(shelves), [one.fields for one in shelves.leads()]
    (lead,) = merging.merge(shelves.hub, sato, suzuki, user=USER).leads
    shelves.settle()
    merged = held_at(shelves)
    assert merged["sfa"]["100"]["email"] == SATO["email"]
    assert merged["crm"]["100"]["title"] == "部長"
    merging.unmerge(shelves.hub, lead, user=USER)
    assert [one.fields for one in shelves.leads()] == leads
    shelves.settle()
    assert held_at(shelves) == there
    assert [one.fields for one in shelves.leads()] == leads


def test_what_came_back_can_be_made_blank_at_the_vendor(shelves: Shelves) -> None:
    sato, suzuki = settled(shelves)
    (lead,) = merging.merge(shelves.hub, sato, suzuki, user=USER).leads
    edits.edit_lead(shelves.hub, lead, {"title": "社長"}, user=USER)
    shelves.settle()
    edits.edit_lead(shelves.hub, lead, {}, unset=["title"], user=USER)
    merging.unmerge(shelves.hub, lead, user=USER)
    shelves.settle()
    assert held_at(shelves)["sfa"]["100"]["title"] == "部長"
    shelves.at["sfa"].put("100", title="")
    shelves.settle()
    assert "title" not in held_at(shelves)["sfa"]["100"]
    assert {one.fields.get("title") for one in shelves.leads()} == {None}


def test_what_a_vendor_says_while_they_are_one_stays_said(shelves: Shelves) -> None:
    sato, suzuki = settled(shelves)
    (lead,) = merging.merge(shelves.hub, sato, suzuki, user=USER).leads
    shelves.settle()
    shelves.at["sfa"].put("100", title="取締役")
    shelves.settle()
    merging.unmerge(shelves.hub, lead, user=USER)
    shelves.settle()
    assert {one.name: one.fields.get("title") for one in shelves.leads()} == {
        "佐藤 花子": None,
        "鈴木 一郎": "取締役",
    }
    assert "title" not in held_at(shelves)["crm"]["100"]


# For good


@pytest.mark.parametrize("changed", [False, True])
def test_what_was_taken_apart_is_not_merged_by_an_import(shelves: Shelves, changed: bool) -> None:
    hear(shelves, "crm", "1", **SATO)
    sato = hear(shelves, "sfa", "1", **{**SATO, "phone": "090-1111-2222"})
    assert len(shelves.leads()) == 1
    merging.split(shelves.hub, sato, ["sfa/people/1"], user=USER)
    more = {"title": "部長", "phone": "090-3333-4444"} if changed else {}
    hear(shelves, "crm", "1", **{**SATO, **more})
    hear(shelves, "sfa", "1", **{**SATO, "phone": "090-1111-2222", **more})
    assert len(shelves.leads()) == 2
    assert questions(shelves.database) == []


@pytest.mark.parametrize("changed", [False, True])
def test_a_merge_that_was_taken_back_is_not_made_again(shelves: Shelves, changed: bool) -> None:
    sato, suzuki = two(shelves)
    merging.merge(shelves.hub, sato, suzuki, user=USER)
    merging.unmerge(shelves.hub, sato, user=USER)
    more = {"title": "部長"} if changed else {}
    for connection, number in (("crm", "1"), ("ma", "1"), ("sfa", "2")):
        hear(shelves, connection, number, **{**SATO, **more})
    assert owner(shelves, "sfa/people/2") == suzuki
    assert len(shelves.leads()) == 2


def test_said_to_be_two_they_stay_two_whatever_they_share_later(shelves: Shelves) -> None:
    sato, suzuki = two(shelves)
    assert merging.keep_apart(shelves.hub, sato, suzuki, user=USER) == 2
    hear(shelves, "sfa", "2", **SATO, title="部長")
    assert owner(shelves, "sfa/people/2") == suzuki
    hear(shelves, "sfa", "3", **SATO)
    assert len(shelves.leads()) == 2
    assert questions(shelves.database) == []


def test_the_last_word_counts(shelves: Shelves) -> None:
    sato, suzuki = two(shelves)
    merging.keep_apart(shelves.hub, sato, suzuki, user=USER)
    merging.merge(shelves.hub, sato, suzuki, user=USER)
    said = rows(shelves.database, "SELECT DISTINCT verdict FROM match_decision")
    assert said == [("same",)]


# What came since


def test_a_record_that_came_later_goes_where_it_fits(shelves: Shelves) -> None:
    at_home = {"email": "hanako@home.example", "family": "佐藤", "given": "花子"}
    at_work = hear(shelves, "crm", "1", **SATO)
    private = hear(shelves, "sfa", "2", **at_home)
    assert private != at_work
    merging.merge(shelves.hub, at_work, private, user=USER)
    assert hear(shelves, "ma", "8", **SATO, title="課長") == at_work
    assert hear(shelves, "ma", "9", **at_home, title="会員") == at_work
    hear_deal(shelves, "sfa", "d9", "2", name="更新", outcome="open")
    merging.unmerge(shelves.hub, at_work, user=USER)
    assert owner(shelves, "ma/people/8") == at_work
    assert owner(shelves, "ma/people/9") == private
    assert rows(shelves.database, "SELECT lead_id FROM deal") == [(private,)]


def test_a_stage_reached_while_they_were_one_stays_with_the_older(shelves: Shelves) -> None:
    sato, suzuki = two(shelves)
    stays = rows(shelves.database, "SELECT id, stage, exited_at FROM stage_history ORDER BY id")
    shelves.tick(minutes=5)
    merging.merge(shelves.hub, sato, suzuki, user=USER)
    shelves.tick(minutes=5)
    edits.set_stage(shelves.hub, sato, "won", reason="受注", user=USER)
    merging.unmerge(shelves.hub, sato, user=USER)
    stages = {lead.id: lead.stage for lead in shelves.leads()}
    assert stages == {sato: "won", suzuki: "tal"}
    mine = [row for row in shelves.stages(suzuki) if row.exited_at is None]
    assert [row.stage for row in mine] == ["tal"]
    assert [row.stage for row in shelves.stages(sato) if row.exited_at is None] == ["won"]
    assert len(stays) == len(shelves.stages(suzuki)) + len(shelves.stages(sato)) - 1


def test_a_record_that_was_converted_goes_back_under_its_new_id(shelves: Shelves) -> None:
    sato, suzuki = two(shelves)
    merging.merge(shelves.hub, sato, suzuki, user=USER)
    converted = Record(
        "people", "20", {**SATO, "title": "部長"}, previous_ids=(Ref("people", "2"),)
    )
    take(shelves, "sfa", [converted])
    merging.unmerge(shelves.hub, sato, user=USER)
    assert owner(shelves, "sfa/people/20") == suzuki


# Edits


def test_the_newest_hand_edit_wins_and_the_older_comes_back(shelves: Shelves) -> None:
    sato, suzuki = two(shelves)
    edits.edit_lead(shelves.hub, sato, {"title": "係長"}, user=USER)
    shelves.tick(minutes=1)
    edits.edit_lead(shelves.hub, suzuki, {"title": "本部長"}, user="mori")
    merging.merge(shelves.hub, sato, suzuki, user=USER)
    (lead,) = shelves.leads()
    assert (lead.fields["title"], lead.edits["title"][2]) == ("本部長", "mori")
    merging.unmerge(shelves.hub, sato, user=USER)
    assert {one.id: one.edits["title"][0] for one in shelves.leads()} == {
        sato: "係長",
        suzuki: "本部長",
    }


def test_an_edit_made_since_stays(shelves: Shelves) -> None:
    sato, suzuki = two(shelves)
    edits.edit_lead(shelves.hub, suzuki, {"title": "本部長"}, user=USER)
    merging.merge(shelves.hub, sato, suzuki, user=USER)
    shelves.tick(minutes=1)
    edits.edit_lead(shelves.hub, sato, {"title": "社長"}, user=USER)
    merging.unmerge(shelves.hub, sato, user=USER)
    assert {one.id: one.fields["title"] for one in shelves.leads()} == {
        sato: "社長",
        suzuki: "本部長",
    }


# Several merges


def test_merges_are_undone_one_after_the_other(shelves: Shelves) -> None:
    sato, suzuki, ito = three(shelves)
    states = [stored(shelves.database)]
    merging.merge(shelves.hub, ito, suzuki, user=USER)
    states.append(stored(shelves.database))
    merging.merge(shelves.hub, sato, ito, user=USER)
    assert len(shelves.leads()) == 1
    merging.unmerge(shelves.hub, ito, user=USER)
    assert stored(shelves.database) == states[1]
    merging.unmerge(shelves.hub, suzuki, user=USER)
    assert stored(shelves.database) == states[0]


def test_an_earlier_merge_is_undone_and_what_came_later_stays(shelves: Shelves) -> None:
    sato, suzuki, ito = three(shelves)
    before = stored(shelves.database)
    first = merging.merge(shelves.hub, sato, suzuki, user=USER)
    merging.merge(shelves.hub, sato, ito, user=USER)
    done = merging.unmerge(shelves.hub, sato, user=USER, merge_id=first.merge_id)
    assert done.records == {
        sato: ("crm/people/1", "ma/people/1", "crm/people/3"),
        suzuki: ("sfa/people/2",),
    }
    merging.unmerge(shelves.hub, sato, user=USER)
    assert stored(shelves.database) == before


def test_a_merge_that_matching_made_can_be_taken_back(shelves: Shelves) -> None:
    sato, suzuki = two(shelves)
    hear(
        shelves, "crm", "1", **{**SATO, "email": SUZUKI["email"], "family": "鈴木", "given": "一郎"}
    )
    hear(shelves, "ma", "1", **{**SUZUKI, "email": SUZUKI["email"]})
    ((cause,),) = rows(shelves.database, "SELECT cause FROM lead_merge")
    assert cause == "match"
    assert len(shelves.leads()) == 1
    merging.unmerge(shelves.hub, sato, user=USER)
    assert owner(shelves, "sfa/people/2") == suzuki
    assert len(shelves.leads()) == 2
    hear(shelves, "sfa", "2", **SUZUKI, title="取締役")
    assert len(shelves.leads()) == 2


# Splitting records off


def test_a_record_that_is_split_off_is_a_lead_of_its_own(shelves: Shelves) -> None:
    sato, suzuki = two(shelves)
    hear_deal(shelves, "sfa", "d1", "2", name="導入", outcome="open")
    merging.merge(shelves.hub, sato, suzuki, user=USER)
    done = merging.split(shelves.hub, sato, ["sfa/people/2"], user=USER)
    _, new = done.leads
    assert new not in (sato, suzuki)
    by_id = {lead.id: lead for lead in shelves.leads()}
    assert by_id.keys() == {sato, new}
    assert (by_id[new].name, by_id[new].email, by_id[new].stage) == (
        "鈴木 一郎",
        SUZUKI["email"],
        "tal",
    )
    assert by_id[sato].fields["emails"] == [SATO["email"]]
    assert rows(shelves.database, "SELECT lead_id FROM deal") == [(new,)]
    keys = rows(shelves.database, "SELECT count(*) FROM match_key WHERE lead_id = ?", new)
    assert keys[0][0] > 0


def test_a_record_that_is_split_off_says_again_what_was_written_over(shelves: Shelves) -> None:
    shelves.at["crm"].put("1", **SATO, title="部長")
    mine = {**SATO, "title": "課長", "company": "青空製作所 大阪支店"}
    shelves.at["sfa"].put("2", **mine)
    shelves.settle()
    (lead,) = shelves.leads()
    assert shelves.at["sfa"].people["2"]["title"] == "部長"
    _, new = merging.split(shelves.hub, lead.id, ["sfa/people/2"], user=USER).leads
    found = {one.id: one for one in shelves.leads()}[new]
    assert (found.fields["title"], found.email) == ("課長", SATO["email"])
    shelves.settle()
    assert shelves.at["sfa"].people["2"]["title"] == "課長"
    assert shelves.at["sfa"].people["2"]["company"] == mine["company"]
    assert shelves.at["crm"].people["1"]["title"] == "部長"
