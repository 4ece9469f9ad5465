"""C26 to C32: what is deleted, merged or converted at a vendor is followed, and never doubled."""

from __future__ import annotations

from typing import Any

from sync.engine.views import lead_view, status
from sync.workers import jobs
from tests.journeys.complaints.conftest import EMAIL, LEADS, ids, in_step, row_of
from tests.journeys.conftest import written


def test_c26_a_deleted_record_is_noted_and_not_made_again(world: Any) -> None:
    person = in_step(world)
    world.ma.archive("contacts", person["ma"])
    world.sfa.delete("Lead", person["sfa"])
    world.crm.delete_record(LEADS, person["crm"])
    world.settle()
    jobs.sweep_connection(world.hub, "crm")
    states = {name: link.state for name, link in world.links(world.lead(EMAIL)).items()}
    assert states == {"form": "live", "ma": "gone", "sfa": "gone", "crm": "gone"}
    world.submit(EMAIL, title="部長")
    assert written(world.sync(rounds=2)) == {}
    assert world.lead(EMAIL).fields["title"] == "部長"
    assert world.contacts() == world.sfa_rows() == world.crm_rows() == []
    assert sum(sum(one.records.values()) for one in status(world.hub).connections[1:]) == 0


def test_c27_what_vanished_without_a_trace_is_found_and_counted(world: Any) -> None:
    person = in_step(world)
    world.sfa.delete("Lead", person["sfa"])
    world.sfa.purge("Lead", person["sfa"])
    world.settle()
    assert world.links(world.lead(EMAIL))["sfa"].state == "live"
    found = {run.stream: run.counts["gone"] for run in jobs.sweep_connection(world.hub, "sfa")}
    assert {stream: count for stream, count in found.items() if count} == {"Lead": 1}
    assert world.links(world.lead(EMAIL))["sfa"].state == "gone"
    assert written(world.sync()) == {}


def test_c28_a_chain_of_merges_leaves_one_person_with_everything_once(world: Any) -> None:
    world.pushes.clear()
    world.hub = world.open()
    held = []
    for number, family in enumerate(("佐藤", "鈴木", "高橋")):
        own = world.ma.add_contact(email=f"p{number}@c.example", lastname=family, firstname="花子")
        world.ma.add_engagement("calls", contact_ids=[own], hs_call_title=f"第{number}回")
        held.append(own)
    world.settle()
    assert len(world.leads()) == 3
    middle = world.ma.merge("contacts", held[1], held[0], new_id=True)
    last = world.ma.merge("contacts", held[2], middle)
    world.settle()
    (lead,) = world.leads()
    assert [(one.external_id, one.state) for one in lead_view(world.hub, lead).links] == [
        (last, "live")
    ]
    assert len(lead_view(world.hub, lead).activities) == 3
    assert set(lead.fields["emails"]) == {f"p{number}@c.example" for number in range(3)}


def test_c29_a_merge_is_no_deletion_and_costs_no_value_and_no_deal(world: Any) -> None:
    person = in_step(world)
    world.crm.edit_record(LEADS, person["crm"], {"部署名": "購買部"})
    deal = world.ma.add_deal(contact_ids=[person["ma"]], dealname="導入")
    double = world.ma.add_contact(email="hanako@home.example", lastname="佐藤", firstname="花子")
    world.settle()
    survivor = world.ma.merge("contacts", person["ma"], double, new_id=True)
    world.settle()
    lead = world.lead(EMAIL)
    assert (ids(world)["ma"], lead.fields["department"]) == (survivor, "購買部")
    assert [one.link_id for one in lead_view(world.hub, lead).deals] == [f"ma/deals/{deal}"]
    world.ma.set_property("contacts", survivor, "jobtitle", "部長")
    world.settle()
    assert row_of(world.crm_rows(), "メールアドレス", EMAIL)["役職"] == "部長"
    assert len(world.contacts()) == len(world.leads()) == 1


def test_c30_what_answers_under_another_id_is_that_other_record(world: Any) -> None:
    person = in_step(world)
    second = in_step(world, "suzuki@minato.example", last="鈴木", first="一郎", company="みなと")
    world.ma.merge("contacts", person["ma"], second["ma"])
    world.crm.edit_record(LEADS, second["crm"], {"役職": "部長"})
    world.sync("crm")
    world.settle()
    (lead,) = world.leads()
    assert ids(world)["ma"] == person["ma"]
    assert len(world.contacts()) == 1
    assert {one.external_id for one in lead_view(world.hub, lead).links} == {
        *person.values(),
        *second.values(),
    } - {second["ma"]}


def test_c32_a_lead_that_was_converted_is_written_at_its_contact(world: Any) -> None:
    person = in_step(world)
    became = world.sfa.convert_lead(person["sfa"])
    world.crm.edit_record(LEADS, person["crm"], {"役職": "部長"})
    done = world.sync("crm")
    assert [run.state for run in done if run.connection == "sfa"] == ["succeeded"]
    world.settle()
    link = world.links(world.lead(EMAIL))["sfa"]
    assert (link.stream, link.external_id) == ("Contact", became["Contact"])
    assert row_of(world.sfa_rows("Contact"), "Email", EMAIL)["Title"] == "部長"
    assert len(world.sfa_rows()) == len(world.leads()) == 1
    assert world.asides() == []
