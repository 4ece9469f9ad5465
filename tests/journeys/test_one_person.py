"""One person is one lead, whatever system they came from; two behind a shared mailbox are two."""

from __future__ import annotations

from typing import Any

EMAIL = "sato@aozora-seisakusho.example"


def plant_everywhere(world: Any) -> None:
    world.submit(EMAIL)
    world.ma.add_contact(email=EMAIL, lastname="佐藤", firstname="花子", company="青空製作所")
    world.sfa.add_lead(
        LastName="佐藤",
        FirstName="花子",
        Company="（株）青空製作所",
        Email="SATO@aozora-seisakusho.example",
    )
    world.crm.add_record(
        5,
        {
            "氏名": "佐藤 花子",
            "会社名": "株式会社青空製作所",
            "メールアドレス": EMAIL,
            "ステージ": "リード",
        },
    )


def test_one_person_in_four_systems_is_one_lead(world: Any) -> None:
    plant_everywhere(world)
    world.settle()
    (lead,) = world.leads()
    assert set(world.links(lead)) == {"form", "ma", "sfa", "crm"}
    assert len(world.contacts()) == len(world.sfa_rows()) == len(world.crm_rows()) == 1


def test_a_form_answer_reaches_every_system_once(world: Any) -> None:
    world.submit(EMAIL)
    world.settle()
    assert [row["email"] for row in world.contacts()] == [EMAIL]
    (lead,) = world.sfa_rows()
    assert (lead["LastName"], lead["Email"]) == ("佐藤", EMAIL)
    (record,) = world.crm_rows()
    assert record["メールアドレス"] == EMAIL
    assert record["姓"] == "佐藤"


def test_a_second_sync_changes_nothing(world: Any) -> None:
    plant_everywhere(world)
    world.submit("suzuki@minato.example", "鈴木", "一郎", company="みなと商事株式会社")
    world.settle()
    before = (
        world.contacts(),
        world.sfa_rows(),
        world.crm_rows(),
        [x.fields for x in world.leads()],
    )
    for run in world.sync():
        assert run.state == "succeeded", (run.connection, run.stream, run.error)
        assert run.counts.get("created", 0) == run.counts.get("updated", 0) == 0
    after = (
        world.contacts(),
        world.sfa_rows(),
        world.crm_rows(),
        [x.fields for x in world.leads()],
    )
    assert before == after


def test_two_people_behind_one_shared_mailbox_are_two_leads(world: Any) -> None:
    for last, first in (("佐藤", "花子"), ("鈴木", "一郎")):
        world.submit("info@aozora-seisakusho.example", last, first, phone=None)
    world.settle()
    assert {lead.name for lead in world.leads()} == {"佐藤 花子", "鈴木 一郎"}
    assert {row["姓"] for row in world.crm_rows()} == {"佐藤", "鈴木"}
    assert len(world.sfa_rows()) == 2
