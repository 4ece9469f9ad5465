"""Whose a record is, as it comes and as it changes: joined, asked about, or kept apart."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kit.base import Record, Ref
from mapping.match.rules import HOT
from sync.engine import merging
from sync.store import matches
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.histories import (
    SATO,
    SUZUKI,
    hear,
    history,
    owner,
    questions,
    rows,
    stored,
    take,
)

AT_HOME = {"email": "hanako@gmail.com", "family": "佐藤", "given": "花子"}
"""The same name, and nothing else in common: somebody to ask about."""


def merges(shelves: Shelves) -> list[tuple[Any, ...]]:
    return rows(shelves.database, "SELECT winner_id, loser_id, cause, done_by FROM lead_merge")


def test_a_record_that_comes_to_share_a_mailbox_joins_the_leads(shelves: Shelves) -> None:
    work = hear(shelves, "crm", "1", **SATO)
    home = hear(shelves, "sfa", "2", **AT_HOME)
    assert work != home
    assert hear(shelves, "sfa", "2", **{**AT_HOME, "email": SATO["email"]}) == work
    assert [lead.id for lead in shelves.leads()] == [work]
    assert owner(shelves, "crm/people/1") == work


def test_an_automatic_merge_is_noted_and_told(shelves: Shelves) -> None:
    work = hear(shelves, "crm", "1", **SATO)
    home = hear(shelves, "sfa", "2", **AT_HOME)
    hear(shelves, "sfa", "2", **{**AT_HOME, "email": SATO["email"]})
    assert merges(shelves) == [(work, home, "match", None)]
    (event,) = [one for one in shelves.history(work) if one.event == "merged"]
    assert (event.changes, event.link_id) == ({"lead": [home, work]}, "sfa/people/2")
    assert questions(shelves.database) == []
    with shelves.database.read() as tx:
        (merge,) = matches.merges_of(tx, work)
    assert merge.before["loser"]["links"] == ["sfa/people/2"]


def test_a_third_record_brings_two_leads_together(shelves: Shelves) -> None:
    work = hear(shelves, "crm", "1", **{**SATO, "phone": ""})
    phone = {"phone": "090-1111-2222"}
    home = hear(shelves, "sfa", "2", **AT_HOME, **phone)
    assert hear(shelves, "ma", "3", **{**SATO, **phone}) == work
    assert {row[:2] for row in merges(shelves)} == {(work, home)}
    assert {link.id for link in shelves.links(work)} == {
        "crm/people/1",
        "sfa/people/2",
        "ma/people/3",
    }


def test_a_tie_stays_when_what_made_it_is_gone(shelves: Shelves) -> None:
    lead = hear(shelves, "crm", "1", **SATO)
    assert hear(shelves, "sfa", "2", **SATO) == lead
    assert hear(shelves, "sfa", "2", **{**SUZUKI, "email": "other@home.example"}) == lead
    assert len(shelves.leads()) == 1


def test_what_the_hub_wrote_is_no_evidence(shelves: Shelves) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.settle()
    (lead,) = shelves.leads()
    (made,) = [link for link in shelves.links(lead.id) if link.connection == "sfa"]
    assert made.held["email"] == SATO["email"]
    assert not made.since
    shelves.at["crm"].put("1", **{**SATO, "email": "hanako@aozora.example"})
    take(shelves, "crm", [Record("people", "1", dict(shelves.at["crm"].people["1"]))])
    # The copy still holds the address that its owner has given up; a namesake now has it.
    other = hear(shelves, "ma", "9", **{**SUZUKI, "email": SATO["email"]})
    assert other != lead.id


def test_a_copy_that_a_person_edits_becomes_evidence(shelves: Shelves) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.settle()
    (lead,) = shelves.leads()
    (own,) = shelves.at["sfa"].people
    home = hear(shelves, "ma", "9", **AT_HOME, phone="090-1111-2222")
    assert home != lead.id
    shelves.at["sfa"].put(own, phone="090-1111-2222")
    take(shelves, "sfa", [Record("people", own, dict(shelves.at["sfa"].people[own]))])
    assert [one.id for one in shelves.leads()] == [lead.id]


def test_a_record_that_another_record_contradicts_is_asked_about(shelves: Shelves) -> None:
    lead = hear(shelves, "crm", "1", **SATO)
    hear(shelves, "sfa", "2", **SATO)
    hear(shelves, "sfa", "2", **{**SUZUKI, "email": "other@home.example"})
    came = hear(shelves, "ma", "3", **SATO)
    assert came != lead
    assert questions(shelves.database) == [
        (lead, came, "crm/people/1", "ma/people/3", "contradiction")
    ]


def test_a_record_as_near_to_two_who_differ_is_asked_about_with_both(shelves: Shelves) -> None:
    mine = {"given": "花子", "family": "佐藤", "company": "青空製作所"}
    one = hear(shelves, "crm", "1", **mine, email="sato1@aozora.example", phone="")
    other = hear(shelves, "crm", "2", **mine, email="sato2@aozora.example", phone="")
    assert one != other
    came = hear(shelves, "ma", "3", **mine, email="", phone="")
    assert came not in (one, other)
    asked = {(row[0], row[1]): row[4] for row in questions(shelves.database)}
    assert asked[matches.pair_of(one, came)] == "rival"
    assert asked[matches.pair_of(other, came)] == "rival"


def test_an_unsure_pair_is_a_question_and_not_set_aside(shelves: Shelves) -> None:
    work = hear(shelves, "crm", "1", **SATO)
    home = hear(shelves, "sfa", "2", **AT_HOME)
    assert [row[:2] for row in questions(shelves.database)] == [(work, home)]
    assert shelves.asides() == []
    with shelves.database.read() as tx:
        (asked,) = matches.pairs_of(tx, home)
    assert asked.score == sum(points for _, points, _ in asked.reasons)


def test_a_question_goes_when_the_two_become_one(shelves: Shelves) -> None:
    hear(shelves, "crm", "1", **SATO)
    hear(shelves, "sfa", "2", **AT_HOME)
    assert len(questions(shelves.database)) == 1
    hear(shelves, "sfa", "2", **{**AT_HOME, "email": SATO["email"]})
    assert questions(shelves.database) == []


def test_a_key_that_too_many_share_finds_nobody(shelves: Shelves) -> None:
    mine = {"family": "佐藤", "given": "花子"}
    records = [
        Record("people", str(n), {**mine, "email": f"hanako{n}@gmail.com"}) for n in range(HOT + 2)
    ]
    take(shelves, "crm", records[: HOT + 1])
    asked = len(questions(shelves.database))
    assert len(shelves.leads()) == HOT + 1
    assert asked > HOT
    take(shelves, "crm", records[HOT + 1 :])
    assert len(shelves.leads()) == HOT + 2
    assert len(questions(shelves.database)) == asked


@pytest.mark.parametrize("later", [SATO, {**SATO, "title": "部長"}])
def test_a_decision_is_respected_by_new_and_by_changed_records(
    shelves: Shelves, later: dict[str, Any]
) -> None:
    work = hear(shelves, "crm", "1", **SATO)
    home = hear(shelves, "sfa", "2", **AT_HOME)
    merging.keep_apart(shelves.hub, work, home, user="tanaka")
    assert hear(shelves, "sfa", "2", **later) == home
    assert owner(shelves, "crm/people/1") == work
    assert merges(shelves) == []
    assert questions(shelves.database) == []


def test_a_decision_follows_the_record_that_took_its_place(shelves: Shelves) -> None:
    work = hear(shelves, "crm", "1", **SATO)
    home = hear(shelves, "sfa", "2", **AT_HOME)
    merging.keep_apart(shelves.hub, work, home, user="tanaka")
    converted = Record("people", "20", dict(AT_HOME), previous_ids=(Ref("people", "2"),))
    take(shelves, "sfa", [converted])
    assert hear(shelves, "sfa", "20", **SATO) == home
    assert len(shelves.leads()) == 2


def test_hearing_everything_again_changes_nothing(shelves: Shelves) -> None:
    said = [
        ("crm", "1", SATO),
        ("sfa", "2", AT_HOME),
        ("ma", "3", SUZUKI),
        ("sfa", "4", {**SUZUKI, "title": "部長"}),
        ("ma", "5", {**SATO, "email": "sato2@aozora.example", "phone": ""}),
    ]
    for connection, number, values in said:
        hear(shelves, connection, number, **values)
    before = stored(shelves.database), history(shelves.database), questions(shelves.database)
    made = merges(shelves)
    for connection, number, values in said:
        hear(shelves, connection, number, **values)
    assert (
        stored(shelves.database),
        history(shelves.database),
        questions(shelves.database),
    ) == before
    assert merges(shelves) == made
