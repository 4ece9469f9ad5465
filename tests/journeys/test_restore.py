"""A backup is restored after the world went on: nothing is doubled, lost, or written over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sync.engine import backing_up, merging, reconciling
from sync.store import epochs, runs
from sync.workers import jobs

FIRST, LATER, EDITED = "sato@aozora.example", "tanaka@minato.example", "suzuki@hikari.example"


def restore(world: Any, source: Path) -> backing_up.Restored:
    """Stop the hub, restore, and start it again."""
    world.database.close()
    names = list(world.hub.flows)
    done = backing_up.restore(world.database, source, names, reconciling.unread(world.hub))
    world.hub = world.open()
    return done


def back_up(world: Any, tmp_path: Path) -> Path:
    to = tmp_path / "renkei.backup"
    backing_up.back_up(world.database, to, version="1.0")
    return to


def state(world: Any) -> dict[str, Any]:
    """What every system holds of everybody, and where the hub says they stand."""
    return {
        "crm": sorted(
            (row["メールアドレス"], row["ステージ"], row["氏名"]) for row in world.crm_rows()
        ),
        "sfa": sorted((row["Email"], row["Status"], row["LastName"]) for row in world.sfa_rows()),
        "ma": sorted((row["email"], row["lifecyclestage"]) for row in world.contacts()),
        "leads": sorted((lead.email, lead.stage, lead.company) for lead in world.leads()),
    }


def test_what_was_made_since_the_backup_is_not_made_again(world: Any, tmp_path: Path) -> None:
    world.submit(FIRST)
    world.settle()
    source = back_up(world, tmp_path)

    world.submit(LATER, "田中", "実", company="みなと商事株式会社", phone="+81666667777")
    record = world.links(world.lead(FIRST))["crm"].external_id
    world.crm.edit_record(5, record, {"ステージ": "MQL"})
    world.settle()
    before, ids = state(world), {lead.id for lead in world.leads()}
    assert len(before["crm"]) == len(before["sfa"]) == len(before["ma"]) == 2

    restore(world, source)
    assert [lead.email for lead in world.leads()] == [FIRST]
    world.sync("form")  # the answer comes back before any other system was read
    world.settle()
    assert state(world) == before
    assert {lead.id for lead in world.leads()} >= ids & {world.lead(FIRST).id}


@pytest.mark.parametrize("goes_on", [True, False], ids=["pushed since", "nothing pushed since"])
def test_what_somebody_edited_since_the_backup_is_not_written_over(
    world: Any, tmp_path: Path, goes_on: bool
) -> None:
    """The outbox of the backup owes the SFA a number that is old by now."""
    world.submit(EDITED, "鈴木", "一郎", company="ひかり工業株式会社")
    world.settle()
    links = world.links(world.lead(EDITED))
    world.ma.set_property("contacts", links["ma"].external_id, "phone", "+81311110000")
    with_nothing_pushed(world, "ma")
    source = back_up(world, tmp_path)
    if goes_on:
        world.settle()
    world.sfa.edit("Lead", links["sfa"].external_id, Phone="03-2222-0000")
    if goes_on:
        world.settle()
    restore(world, source)
    world.sync("ma")
    assert [row["Phone"] for row in world.sfa_rows()] == ["03-2222-0000"]
    world.settle()
    assert [row["Phone"] for row in world.sfa_rows()] == ["03-2222-0000"]
    assert [row["phone"] for row in world.contacts()] == ["+81322220000"]


def with_nothing_pushed(world: Any, name: str) -> None:
    """Read a connection; what it brings is owed and not written."""
    world.tick(minutes=5)
    jobs.pull(world.hub, name)


@pytest.mark.parametrize("same", [True, False], ids=["one person", "two people"])
def test_who_can_be_told_by_nothing_but_a_name_is_asked_about_before_being_made_again(
    world: Any, tmp_path: Path, same: bool
) -> None:
    world.submit(FIRST)
    world.settle()
    source = back_up(world, tmp_path)
    world.submit("", "綾小路", "きみまろ", company="", phone="")
    world.settle()
    before = len(world.sfa_rows()), len(world.crm_rows())
    assert before == (2, 2)
    (twin,) = [lead.id for lead in world.leads() if lead.name == "綾小路 きみまろ"]

    restore(world, source)
    world.sync("form")
    world.settle()
    assert (len(world.sfa_rows()), len(world.crm_rows())) == before
    (back,) = [lead for lead in world.leads() if lead.id == twin]
    assert world.links(back).keys() == {"sfa", "crm"}
    (other,) = {lead.id for lead in world.leads() if lead.name == back.name} - {twin}
    maybe = world.asides(code="MAYBE_THERE")
    assert {(one.connection, one.lead_id) for one in maybe} == {
        ("sfa", other),
        ("crm", other),
        ("ma", other),
    }

    (merging.merge if same else merging.keep_apart)(world.hub, twin, other, user="tanaka")
    world.tick(hours=2)  # what was refused is tried again on its own
    world.settle()
    more = 0 if same else 1
    assert (len(world.sfa_rows()), len(world.crm_rows())) == (2 + more, 2 + more)
    assert len(world.leads()) == 2 + more


def test_an_opt_out_does_not_wait_for_the_reading(world: Any, tmp_path: Path) -> None:
    world.submit(FIRST)
    world.settle()
    source = back_up(world, tmp_path)
    restore(world, source)
    record = world.links(world.lead(FIRST))["crm"].external_id
    world.crm.edit_record(5, record, {"メール配信": "拒否", "会社名": "別の会社"})
    done = world.sync("crm")
    assert world.sfa_rows()[0]["HasOptedOutOfEmail"] is True
    assert world.sfa_rows()[0]["Company"] != "別の会社"
    held = {run.connection: run.code for run in done if run.kind == "push"}
    assert held["sfa"] == reconciling.RESTORED
    world.settle()
    assert world.sfa_rows()[0]["Company"] == "別の会社"


def test_what_is_written_and_never_read_is_paused_and_says_why(world: Any, tmp_path: Path) -> None:
    source = back_up(world, tmp_path)
    sfa = world.hub.flows["sfa"].config
    world.hub.flows["sfa"].config = sfa.model_copy(update={"pull": None})
    restore(world, source)
    with world.database.read() as tx:
        states = runs.connection_states(tx)
        assert set(epochs.marks(tx)) == {"form", "ma", "crm"}
    assert {name: one.state for name, one in states.items()} == {"sfa": "paused"}
    assert "look for records that would be made twice" in str(states["sfa"].reason)
