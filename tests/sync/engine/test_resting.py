"""Silent leads are put to rest once, by rule; dormant ones are woken by a person."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from mapping.errors import MappingError
from sync.engine.edits import set_stage
from sync.engine.resting import due_to_rest, put_to_rest, reopen, rest_today
from sync.store import asides, journeys, leads
from sync.store.asides import Aside
from sync.store.database import Database
from sync.workers.sweeper import Sweeper
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.lives import Lives, at
from tests.sync.workers.ringing import Deaf

LONG_AGO, LATELY = at("2025-06-01"), at("2026-03-20")
"""The clock of the tests stands at 2026-04-01."""
SILENCE = {"after_days": 180, "stages": ["inquiry", "mql", "recycled", "lost"]}


@pytest.fixture
def lives(database: Database, tmp_path: Path) -> Lives:
    return Lives(database, tmp_path, dormant=SILENCE)


def stage_of(lives: Lives, lead_id: str) -> tuple[str, int]:
    with lives.database.read() as tx:
        row = leads.by_ids(tx, [lead_id])[lead_id]
    return row.stage, row.cycle


def stays(lives: Lives, lead_id: str) -> list[journeys.StageRow]:
    with lives.database.read() as tx:
        return journeys.stages_of(tx, lead_id)


def test_who_is_silent_in_those_stages_becomes_dormant_and_the_others_stay(lives: Lives) -> None:
    quiet = lives.lead(("inquiry", LONG_AGO))
    denied = lives.lead(("lost", LONG_AGO), consent__email__marketing="denied")
    others = [
        lives.lead(("sql", LONG_AGO)),
        lives.lead(("mql", LATELY)),
        lives.lead(("won", LONG_AGO)),
    ]
    called = lives.lead(("mql", LONG_AGO))
    lives.did(called, "call", LATELY)
    mailed = lives.lead(("recycled", LONG_AGO))
    lives.did(mailed, "email_sent", LATELY)
    assert [one.lead_id for one in due_to_rest(lives.hub)] == [quiet, denied, mailed]
    assert sorted(put_to_rest(lives.hub)) == sorted([quiet, denied, mailed])
    assert {stage_of(lives, one)[0] for one in (quiet, denied, mailed)} == {"dormant"}
    assert [stage_of(lives, one)[0] for one in (*others, called)] == ["sql", "mql", "won", "mql"]


def test_the_history_says_that_the_hub_did_it_and_by_which_rule(lives: Lives) -> None:
    worked = lives.lead(("mql", LONG_AGO))
    put_to_rest(lives.hub)
    first, back, last = stays(lives, worked)
    now = lives.hub.stamp()
    assert (first.exited_at, first.rule) == (now, None)
    assert (back.stage, back.inferred, back.reason_code) == ("recycled", True, "no_contact")
    assert (last.stage, last.system, last.rule) == ("dormant", "renkei", "dormant")
    assert (last.entered_at, last.exited_at, last.inferred) == (now, None, False)
    with lives.database.read() as tx:
        assert leads.history(tx, worked)[-1].changes == {"stage": ["mql", "dormant"]}


def test_a_second_time_nobody_is_moved(lives: Lives) -> None:
    lead = lives.lead(("inquiry", LONG_AGO))
    assert put_to_rest(lives.hub) == [lead]
    before = stays(lives, lead)
    assert put_to_rest(lives.hub) == []
    assert stays(lives, lead) == before


def test_without_a_rule_nobody_rests(database: Database, tmp_path: Path) -> None:
    lives = Lives(database, tmp_path)
    lead = lives.lead(("inquiry", LONG_AGO))
    assert put_to_rest(lives.hub) == []
    assert rest_today(lives.hub) == 0
    assert stage_of(lives, lead) == ("inquiry", 1)


def test_two_workers_at_once_move_everybody_once(lives: Lives) -> None:
    everybody = [lives.lead(("inquiry", LONG_AGO)) for _ in range(40)]
    moved: list[str] = []
    start = threading.Barrier(3)

    def work() -> None:
        start.wait()
        moved.extend(put_to_rest(lives.hub))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(moved) == sorted(everybody)
    assert {len(stays(lives, lead)) for lead in everybody} == {2}


def test_what_was_set_aside_about_the_stage_is_settled(lives: Lives) -> None:
    lead = lives.lead(("inquiry", LONG_AGO))
    refused = Aside(kind="stage", connection="crm", code="FORBIDDEN_MOVE", message="", lead_id=lead)
    with lives.database.write() as tx:
        asides.put(tx, [refused], LONG_AGO)
    put_to_rest(lives.hub)
    with lives.database.read() as tx:
        assert asides.listed(tx, lead_id=lead) == []


def test_the_sweeper_does_it_once_a_day(lives: Lives) -> None:
    lead = lives.lead(("inquiry", LONG_AGO))
    sweeper = Sweeper(lives.hub, Deaf())
    sweeper.sweep()
    assert stage_of(lives, lead)[0] == "dormant"
    sweeper.sweep()  # the day is done
    later = lives.lead(("inquiry", LONG_AGO))
    assert rest_today(lives.hub) == 0
    assert stage_of(lives, later)[0] == "inquiry"
    clock = lives.database.now
    lives.database.now = lambda: clock() + timedelta(days=1)  # type: ignore[method-assign]
    assert rest_today(lives.hub) == 1
    assert stage_of(lives, later)[0] == "dormant"


def test_dormant_leads_are_woken_in_a_persons_name(lives: Lives) -> None:
    asleep = lives.lead(("inquiry", LONG_AGO), ("dormant", LATELY))
    awake = lives.lead(("mql", LATELY))
    assert reopen(lives.hub, [asleep, awake, "ld_none"], user="佐藤", reason="春の掘り起こし") == [
        asleep
    ]
    assert stage_of(lives, awake) == ("mql", 1)
    last = stays(lives, asleep)[-1]
    assert (last.stage, last.override_by, last.reason_text) == (
        "recycled",
        "佐藤",
        "春の掘り起こし",
    )
    assert reopen(lives.hub, [asleep], user="佐藤", reason="もう一度") == []
    set_stage(lives.hub, asleep, "mql", reason="返信あり", user="佐藤")
    assert stage_of(lives, asleep) == ("mql", 2)


def test_waking_for_a_reason_the_company_has_a_code_for_keeps_the_code(
    database: Database, tmp_path: Path
) -> None:
    lives = Lives(
        database,
        tmp_path,
        dormant=SILENCE,
        reasons={"recycled": {"spring_campaign": {"ja": "春", "en": "Spring"}}},
    )
    asleep = lives.lead(("inquiry", LONG_AGO), ("dormant", LATELY))
    reopen(lives.hub, [asleep], user="佐藤", reason="spring_campaign")
    assert stays(lives, asleep)[-1].reason_code == "spring_campaign"


def test_waking_needs_a_reason_and_a_name(lives: Lives) -> None:
    asleep = lives.lead(("dormant", LATELY))
    with pytest.raises(MappingError):
        reopen(lives.hub, [asleep], user="佐藤", reason=" ")
    with pytest.raises(MappingError):
        reopen(lives.hub, [asleep], user="", reason="春")
    assert stage_of(lives, asleep)[0] == "dormant"


def test_the_move_reaches_every_target(shelves: Shelves) -> None:
    shelves.at["crm"].put("1", email="a@hokuto.example", family="田中", status="talking")
    shelves.settle()
    (lead,) = shelves.leads()
    set_stage(shelves.hub, lead.id, "dormant", reason="返信なし", user="佐藤")
    assert reopen(shelves.hub, [lead.id], user="佐藤", reason="春の掘り起こし") == [lead.id]
    shelves.settle()
    held = [row["status"] for shelf in shelves.at.values() for row in shelf.people.values()]
    assert held == ["new"] * 3
