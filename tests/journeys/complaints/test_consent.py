"""C41 and C42: a no holds everywhere, and nobody is unsubscribed who did not ask for it."""

from __future__ import annotations

from typing import Any

from sync.engine.agreement import agreement
from tests.journeys.complaints.conftest import EMAIL, FAMILIES, LEADS, in_step, row_of


def test_c41_who_had_opted_out_before_arrives_so_everywhere(world: Any) -> None:
    world.sfa.add_lead(
        LastName="佐藤",
        FirstName="花子",
        Company="青空製作所",
        Email=EMAIL,
        HasOptedOutOfEmail=True,
    )
    world.sync()
    (contact,) = world.contacts()
    (first,) = world.ma.table("objects:contacts").values()
    assert contact["hs_email_optout"] == "true"
    assert "hs_email_optout" not in first.get("history", {})  # it never was mailable there
    assert [row["メール配信"] for row in world.crm_rows()] == ["拒否"]
    world.submit(EMAIL, consent=True)
    world.settle()
    assert world.lead(EMAIL).fields["consent.email.marketing"] == "denied"
    assert world.contacts()[0]["hs_email_optout"] == "true"


def test_c42_no_sync_unsubscribes_who_is_subscribed(world: Any) -> None:
    for number, family in enumerate(FAMILIES[:6]):
        email = f"p{number}@c{number}.example"
        world.submit(email, family, consent=number % 2 == 0, phone=None)
    person = in_step(world, last="山本", first="健")
    for title in ("係長", "課長", "部長"):
        world.sfa.edit("Lead", person["sfa"], Title=title, HasOptedOutOfEmail=False)
        world.ma.set_property("contacts", person["ma"], "hs_email_optout", "false")
        world.crm.edit_record(LEADS, person["crm"], {"メール配信": "未確認"})
        world.settle()
    assert not [row for row in world.contacts() if row.get("hs_email_optout") == "true"]
    assert not [row for row in world.sfa_rows() if row["HasOptedOutOfEmail"]]
    assert {row["メール配信"] for row in world.crm_rows()} <= {"許可", "未確認"}


def test_c42_whether_two_systems_agree_can_be_asked(world: Any) -> None:
    person = in_step(world)
    in_step(world, "suzuki@minato.example", last="鈴木", first="一郎", company="みなと商事")
    world.crm.edit_record(LEADS, person["crm"], {"メール配信": "拒否"})
    world.sync("crm")
    world.settle()
    found = agreement(world.hub)
    about = "consent.email.marketing"
    pairs = {(pair.one, pair.other): pair for pair in found.pairs.values() if pair.about == about}
    (pair,) = [one for names, one in pairs.items() if set(names) == {"ma", "sfa"}]
    assert (pair.people, pair.denied, pair.differing) == (2, 1, 0)
    assert row_of(world.sfa_rows(), "Email", EMAIL)["HasOptedOutOfEmail"] is True
