"""Merging by hand and taking it back: both leads are to the letter what they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.kit.base import Record, Ref
from sync.engine import edits, merging, review
from sync.engine.hub import open_hub
from sync.engine.merging import Impossible
from sync.store import journeys, matches
from sync.store.database import Database
from sync.store.journeys import ActivityRow
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.histories import (
    SATO,
    SUZUKI,
    empty,
    hear,
    hear_deal,
    held_at,
    history,
    owner,
    questions,
    rows,
    stored,
    take,
)

USER = "tanaka"
NAMES = ["crm", "sfa", "ma"]
TITLES = ("", "課長", "部長")
STATUSES = ("new", "mql", "talking", "deal", "out")


def two(shelves: Shelves) -> tuple[str, str]:
    """Two people, one known to two systems."""
    hear(shelves, "crm", "1", **SATO)
    sato = hear(shelves, "ma", "1", **SATO, title="課長")
    suzuki = hear(shelves, "sfa", "2", **{**SUZUKI, "status": "talking"}, title="部長")
    return sato, suzuki


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


def test_a_merged_lead_has_the_records_deals_and_history_of_both(shelves: Shelves) -> None:
    sato, suzuki = two(shelves)
    hear_deal(shelves, "sfa", "d1", "2", name="導入", outcome="open")
    shelves.tick(minutes=5)
    done = merging.merge(shelves.hub, suzuki, sato, user=USER)
    assert done.leads == (sato,)
    (lead,) = shelves.leads()
    assert lead.id == sato
    assert (lead.stage, lead.stage_at) == _stands(shelves, "opportunity")
    assert {link.id for link in shelves.links(sato)} == {
        "crm/people/1",
        "ma/people/1",
        "sfa/people/2",
    }
    assert rows(shelves.database, "SELECT lead_id FROM deal") == [(sato,)]
    assert {row[1] for row in history(shelves.database)} == {sato}
    events = [event.event for event in shelves.history(sato)]
    assert "merged" in events
    found = lead.fields["emails"]
    assert set(found) == {SATO["email"], SUZUKI["email"]}


def _stands(shelves: Shelves, stage: str) -> tuple[str, str]:
    open_now = rows(
        shelves.database,
        "SELECT stage, entered_at FROM stage_history WHERE exited_at IS NULL",
    )
    assert [row[0] for row in open_now] == [stage]
    return open_now[0][0], open_now[0][1]


def test_the_reason_of_a_stage_goes_with_the_stage(shelves: Shelves) -> None:
    sato, suzuki = two(shelves)
    edits.set_stage(shelves.hub, sato, "recycled", reason="時期が先", user=USER)
    shelves.tick(minutes=5)
    edits.set_stage(shelves.hub, suzuki, "won", reason="受注", user=USER)
    merging.merge(shelves.hub, sato, suzuki, user=USER)
    (lead,) = shelves.leads()
    assert (lead.stage, lead.stage_reason) == ("won", "受注")


def test_dry_run_says_the_same_and_changes_nothing(shelves: Shelves) -> None:
    sato, suzuki = two(shelves)
    before = stored(shelves.database), history(shelves.database)
    would = merging.merge(shelves.hub, sato, suzuki, user=USER, dry_run=True)
    assert (stored(shelves.database), history(shelves.database)) == before
    done = merging.merge(shelves.hub, sato, suzuki, user=USER)
    assert (would.changes, would.stages, would.records) == (done.changes, done.stages, done.records)
    assert would.writes == done.writes
    merged = stored(shelves.database)
    would = merging.unmerge(shelves.hub, sato, user=USER, dry_run=True)
    assert stored(shelves.database) == merged
    done = merging.unmerge(shelves.hub, sato, user=USER)
    assert (would.changes, would.records, would.writes) == (done.changes, done.records, done.writes)


def test_what_a_merge_will_write_is_told(shelves: Shelves) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.at["sfa"].put("2", **SUZUKI, title="部長")
    shelves.settle()
    sato, suzuki = owner(shelves, "crm/people/1"), owner(shelves, "sfa/people/2")
    would = merging.merge(shelves.hub, sato, suzuki, user=USER, dry_run=True)
    (write,) = [one for one in would.writes if one.connection == "crm"]
    assert (write.action, write.record) == ("update", "crm/people/1")
    assert write.values == {"title": (None, "部長")}
    merging.merge(shelves.hub, sato, suzuki, user=USER)
    writes = {name: len(shelf.writes) for name, shelf in shelves.at.items()}
    shelves.settle()
    new = {name: shelf.writes[writes[name] :] for name, shelf in shelves.at.items()}
    assert [dict(change.values) for change in new["crm"]] == [{"title": "部長"}]


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


def three(shelves: Shelves) -> tuple[str, str, str]:
    ito = {**SUZUKI, "email": "ito@hato.example", "family": "伊藤", "given": "次郎"}
    sato, suzuki = two(shelves)
    return sato, suzuki, hear(shelves, "crm", "3", **{**ito, "company": "鳩商会", "phone": ""})


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


# Beside a push


def test_a_record_that_is_made_while_its_lead_is_merged_is_the_survivors(shelves: Shelves) -> None:
    shelves.at["crm"].people.update({"1": dict(SATO), "2": dict(SUZUKI)})
    sato, suzuki = hear(shelves, "crm", "1", **SATO), hear(shelves, "crm", "2", **SUZUKI)

    def merge_them(_: Any) -> None:
        shelves.at["sfa"].before = lambda _: None
        merging.merge(shelves.hub, sato, suzuki, user=USER)

    shelves.at["sfa"].before = merge_them
    shelves.settle()
    (lead,) = shelves.leads()
    assert {link.id for link in shelves.links(lead.id) if link.connection == "sfa"} == {
        f"sfa/people/{one}" for one in shelves.at["sfa"].people
    }
    merging.unmerge(shelves.hub, lead.id, user=USER)
    shelves.settle()
    assert len(shelves.leads()) == 2
    assert len(shelves.at["sfa"].people) == 2


# What cannot be


@pytest.mark.parametrize(
    ("code", "ask"),
    [
        pytest.param(
            "SAME_LEAD", lambda hub, a, _: merging.merge(hub, a, a, user=USER), id="itself"
        ),
        pytest.param(
            "SAME_LEAD", lambda hub, a, _: merging.keep_apart(hub, a, a, user=USER), id="apart"
        ),
        pytest.param(
            "NOT_MERGED", lambda hub, a, _: merging.unmerge(hub, a, user=USER), id="never"
        ),
        pytest.param(
            "NOT_ITS_RECORD",
            lambda hub, a, _: merging.split(hub, a, ["sfa/people/2"], user=USER),
            id="another's",
        ),
        pytest.param(
            "NOT_ITS_RECORD", lambda hub, a, _: merging.split(hub, a, [], user=USER), id="none"
        ),
        pytest.param(
            "NOTHING_LEFT",
            lambda hub, a, _: merging.split(hub, a, ["crm/people/1", "ma/people/1"], user=USER),
            id="all",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    shelves: Shelves, code: str, ask: Callable[[Any, str, str], Any]
) -> None:
    sato, suzuki = two(shelves)
    before = stored(shelves.database)
    with pytest.raises(Impossible) as refused:
        ask(shelves.hub, sato, suzuki)
    assert refused.value.code == code
    assert stored(shelves.database) == before


def test_a_merge_of_another_lead_is_not_taken_back(shelves: Shelves) -> None:
    sato, suzuki, ito = three(shelves)
    done = merging.merge(shelves.hub, sato, suzuki, user=USER)
    assert done.merge_id is not None
    with pytest.raises(Impossible) as refused:
        merging.unmerge(shelves.hub, sato, user=USER, merge_id=done.merge_id + 1)
    assert refused.value.code == "NO_SUCH_MERGE"
    with pytest.raises(LookupError):
        merging.merge(shelves.hub, ito, "ld_nobody", user=USER)


def test_a_record_that_only_holds_what_the_hub_wrote_is_not_split_off(shelves: Shelves) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.settle()
    (lead,) = shelves.leads()
    (made,) = [link.id for link in shelves.links(lead.id) if link.connection == "sfa"]
    with pytest.raises(Impossible) as refused:
        merging.split(shelves.hub, lead.id, [made], user=USER)
    assert refused.value.code == "NOTHING_LEFT"


def test_records_that_the_vendor_merged_cannot_be_taken_apart(shelves: Shelves) -> None:
    sato, _ = two(shelves)
    take(shelves, "sfa", [Record("people", "1", SATO)])
    merged = Record("people", "1", SATO, previous_ids=(Ref("people", "2"),))
    take(shelves, "sfa", [Record("people", "1", {**SATO, "title": "部長"}), merged])
    assert [lead.id for lead in shelves.leads()] == [sato]
    with pytest.raises(Impossible) as refused:
        merging.unmerge(shelves.hub, sato, user=USER)
    assert refused.value.code == "NOTHING_LEFT"
    assert [lead.id for lead in shelves.leads()] == [sato]


# Questions that are open


def same_name(shelves: Shelves, *numbers: int) -> list[str]:
    """People of one name at one company with mailboxes of their own: pairs to ask about."""
    return [
        hear(shelves, "crm", str(n), **{**SATO, "email": f"sato{n}@aozora.example", "phone": ""})
        for n in numbers
    ]


def test_a_question_follows_the_lead_that_stays(shelves: Shelves) -> None:
    one, other = same_name(shelves, 1, 2)
    suzuki = hear(shelves, "sfa", "2", **SUZUKI)
    assert [row[:2] for row in questions(shelves.database)] == [(one, other)]
    merging.merge(shelves.hub, suzuki, other, user=USER)
    assert [row[:2] for row in questions(shelves.database)] == [(one, other)]
    merging.merge(shelves.hub, other, one, user=USER)
    assert questions(shelves.database) == []
    merging.unmerge(shelves.hub, one, user=USER)  # which is an answer, too
    assert questions(shelves.database) == []


def test_a_question_about_the_one_that_goes_is_asked_of_the_other(shelves: Shelves) -> None:
    suzuki = hear(shelves, "sfa", "2", **SUZUKI)
    one, other = same_name(shelves, 1, 2)
    merging.merge(shelves.hub, suzuki, other, user=USER)
    asked = [(row[0], row[1], row[2], row[3]) for row in questions(shelves.database)]
    assert asked == [(suzuki, one, "crm/people/2", "crm/people/1")]
    merging.unmerge(shelves.hub, suzuki, user=USER)
    asked = [(row[0], row[1], row[2], row[3]) for row in questions(shelves.database)]
    assert asked == [(one, other, "crm/people/1", "crm/people/2")]


def test_leads_that_were_said_to_be_two_are_not_asked_about_again(shelves: Shelves) -> None:
    suzuki = hear(shelves, "sfa", "2", **SUZUKI)
    one, other = same_name(shelves, 1, 2)
    merging.keep_apart(shelves.hub, suzuki, one, user=USER)
    merging.merge(shelves.hub, suzuki, other, user=USER)
    assert questions(shelves.database) == []


# Many at once


def test_many_are_merged_and_each_can_be_taken_back(shelves: Shelves) -> None:
    for number in range(4):
        hear(
            shelves,
            "crm",
            f"{number}",
            **{
                **SATO,
                "given": f"花{number}",
                "phone": f"03-1234-000{number}",
                "email": f"hana{number}@aozora.example",
            },
        )
        hear(
            shelves,
            "sfa",
            f"{number}",
            **{
                **SATO,
                "given": f"花{number}",
                "phone": "",
                "email": f"hana{number}@sora.example",
                "company": "",
            },
        )
    assert len(shelves.leads()) == 8
    before = stored(shelves.database)
    found = review.chosen(shelves.hub, 5.0)
    assert len(found) == 4
    seen: list[Any] = []
    done = review.merge_above(
        shelves.hub, 5.0, user=USER, watch=seen.append, stop=lambda: len(seen) == 2
    )
    assert (done.merged, len(shelves.leads())) == (2, 6)
    done = review.merge_above(shelves.hub, 5.0, user=USER, watch=seen.append)
    assert (done.merged, len(shelves.leads()), done.refused) == (2, 4, ())
    for one in reversed(seen):
        merging.unmerge(shelves.hub, one.leads[0], user=USER)
    assert stored(shelves.database) == before


def test_what_stands_in_the_way_is_left_out_unless_asked_for(shelves: Shelves) -> None:
    one, _, _ = same_name(shelves, 1, 2, 3)
    with shelves.database.write() as tx:
        tx.write("UPDATE match_review SET blocked = 'rival'")
    assert review.chosen(shelves.hub, 5.0) == []
    assert review.merge_above(shelves.hub, 5.0, user=USER).merged == 0
    assert len(review.chosen(shelves.hub, 5.0, blocked=True)) == 3
    assert review.merge_above(shelves.hub, 5.0, user=USER, blocked=True).merged == 2
    assert [lead.id for lead in shelves.leads()] == [one]


def test_a_merge_among_many_that_would_bring_a_contradiction_is_refused(shelves: Shelves) -> None:
    same_name(shelves, 1, 2, 3)
    done = review.merge_above(shelves.hub, 5.0, user=USER)
    codes = {code for _, _, code in done.refused}
    assert done.merged + len(done.refused) == 3
    assert codes == {"CONTRADICTED"}


def test_a_sample_is_the_same_each_time_and_has_both_ends(shelves: Shelves) -> None:
    same_name(shelves, *range(1, 7))
    pairs = review.chosen(shelves.hub, 5.0)
    assert len(pairs) == 15
    shown = [case.question for case in review.sample(shelves.hub, pairs, 6)]
    assert len(shown) == 6
    assert shown[:2] == pairs[:2]
    assert shown[-2:] == pairs[-2:]
    assert shown == [case.question for case in review.sample(shelves.hub, pairs, 6)]


# The law


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """What two people go through: records here and there, hand edits, stages, deals."""
    happened: list[tuple[str, Any]] = []
    for person, values in (("1", SATO), ("2", SUZUKI)):
        for connection in draw(st.permutations(NAMES))[: draw(st.integers(1, 3))]:
            for _ in range(draw(st.integers(1, 2))):
                said = {
                    **values,
                    "title": draw(st.sampled_from(TITLES)),
                    "status": draw(st.sampled_from(STATUSES)),
                    "mail": draw(st.sampled_from(["yes", "no", ""])),
                    "company": draw(st.sampled_from(["", values["company"]])),
                }
                happened.append(("record", (connection, person, said)))
            if draw(st.booleans()):
                outcome = draw(st.sampled_from(["open", "won", "lost"]))
                happened.append(("deal", (connection, person, outcome)))
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from(["title", "department", "company"]))
        value = draw(st.sampled_from(["営業部", "青空製作所", None]))
        happened.append(("edit", (draw(st.sampled_from(["1", "2"])), name, value)))
    return [*happened, *draw(st.lists(st.sampled_from(happened), max_size=3))]


def live(shelves: Shelves, happened: list[tuple[str, Any]]) -> tuple[str, str]:
    who: dict[str, str] = {}
    for what, given_ in happened:
        if what == "record":
            connection, person, values = given_
            who[person] = hear(shelves, connection, person, **values)
        elif what == "deal":
            connection, person, outcome = given_
            hear_deal(shelves, connection, f"d{person}", person, name="導入", outcome=outcome)
        elif given_[0] in who:
            person, name, value = given_
            shelves.tick(seconds=1)
            edits.edit_lead(shelves.hub, who[person], {name: value}, user=USER)
    return who["1"], who["2"]


LAW = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # a smaller example takes minutes to find
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@LAW
@given(happened=lives(), turned=st.booleans())
def test_merging_and_taking_back_is_nothing(
    database: Database, clock: Any, happened: list[tuple[str, Any]], turned: bool
) -> None:
    empty(database)
    shelves = Shelves(database, clock.pass_time, NAMES)
    one, other = live(shelves, happened)
    before, last = stored(database), history(database)
    shelves.tick(minutes=5)
    merging.merge(shelves.hub, *((other, one) if turned else (one, other)), user=USER)
    assert len(shelves.leads()) == 1
    shelves.tick(minutes=5)
    merging.unmerge(shelves.hub, one, user=USER)
    after = stored(database)
    for table, held in before.items():
        assert after[table] == held, table
    assert history(database, last[-1][0]) == last
    with database.read() as tx:
        assert matches.merges_of(tx, one) == matches.merges_of(tx, other) == []


@settings(LAW, max_examples=25)
@given(happened=lives(), turned=st.booleans())
def test_merging_writing_and_taking_back_ends_where_it_began(
    database: Database, clock: Any, happened: list[tuple[str, Any]], turned: bool
) -> None:
    empty(database)
    shelves = Shelves(database, clock.pass_time, NAMES)
    for what, given_ in happened:
        if what == "record":
            connection, person, values = given_
            shelves.at[connection].people.setdefault(person, {}).update(values)
    one, other = live(shelves, happened)
    shelves.settle()
    before, there = stored(database, learned=False), held_at(shelves)
    shelves.tick(minutes=5)
    merging.merge(shelves.hub, *((other, one) if turned else (one, other)), user=USER)
    shelves.settle()
    merging.unmerge(shelves.hub, one, user=USER)
    after = stored(database, learned=False)
    for table, held in before.items():
        assert after[table] == held, table
    shelves.settle()
    assert held_at(shelves) == there


def test_a_record_that_names_a_lead_merged_twice_goes_to_the_one_that_stands(
    shelves: Shelves,
) -> None:
    lines = {"sfa": {"people": {"fields": {"renkei_id": "hub"}}}}
    config = shelves.config.model_copy(update={"fields": lines})
    shelves.hub = open_hub(config, database=shelves.database)
    first, second, third = (
        hear(
            shelves, "crm", str(number), **{**SATO, "given": given, "email": f"{number}@a.example"}
        )
        for number, given in enumerate(("花子", "一郎", "健太"))
    )
    merging.merge(shelves.hub, second, third, user=USER)
    merging.merge(shelves.hub, first, second, user=USER)
    assert hear(shelves, "sfa", "9", hub=third, company="別会社") == first
