"""C34, C36, C37: fields of one's own go both ways, days stay days, and a new line fills the old."""

from __future__ import annotations

from typing import Any

from connectors.hubspot.simulator_schema import prop
from connectors.kintone.simulator import field
from connectors.salesforce.simulator import Field
from sync.engine.replay import Period
from sync.engine.views import lead_view
from sync.workers import jobs
from sync.workers.replays import replay
from tests.journeys.complaints.conftest import EMAIL, LEADS, in_step, ruled

EVER = Period("2000-01-01", "2100-01-01")


def add_field(world: Any, code: str, kind: str) -> None:
    """Give kintone's app one more field."""
    app = world.crm.table("apps")[str(LEADS)]
    world.crm.table("apps")[str(LEADS)] = {**app, "form": {**app["form"], code: field(code, kind)}}


def test_c34_a_custom_field_goes_both_ways(world: Any) -> None:
    world.ma.portal.add_property("contacts", prop("busho", "部署", custom=True))
    ruled(world, fields={"ma": {"contacts": {"fields": {"department": "busho"}}}})
    person = in_step(world)
    world.crm.edit_record(LEADS, person["crm"], {"部署名": "購買部"})
    world.settle()
    assert world.contacts()[0]["busho"] == "購買部"
    world.ma.set_property("contacts", person["ma"], "busho", "経理部")
    world.crm.edit_record(LEADS, person["crm"], {"部署名": ""})
    world.settle()
    assert [row["部署名"] for row in world.crm_rows()] == ["経理部"]


def test_c36_a_day_is_the_same_day_in_every_system(world: Any) -> None:
    born = prop("birthday", "誕生日", "date", "date", custom=True)
    world.ma.portal.add_property("contacts", born)
    world.sfa.schema.put_field("Lead", Field("Birthday__c", "誕生日", "date", custom=True))
    world.options["sfa"]["fields"] = {"Lead": ["Birthday__c"]}
    add_field(world, "誕生日", "DATE")
    ruled(
        world,
        fields={
            "ma": {"contacts": {"fields": {"custom.birthday": {"from": "birthday", "as": "date"}}}},
            "sfa": {"Lead": {"fields": {"custom.birthday": {"from": "Birthday__c", "as": "date"}}}},
            "crm": {"records": {"fields": {"custom.birthday": {"from": "誕生日", "as": "date"}}}},
        },
    )
    person = in_step(world)
    for day in ("1980-04-01", "1980-03-31"):
        world.crm.edit_record(LEADS, person["crm"], {"誕生日": day})
        world.settle()
        assert world.contacts()[0]["birthday"] == world.sfa_rows()[0]["Birthday__c"] == day
    world.crm.edit_record(LEADS, person["crm"], {"誕生日": ""})
    world.ma.set_property("contacts", person["ma"], "birthday", "1980-01-01")
    world.settle()
    assert world.crm_rows()[0]["誕生日"] == world.sfa_rows()[0]["Birthday__c"] == "1980-01-01"


def test_c36_a_close_date_chosen_without_a_time_stays_that_day(world: Any) -> None:
    person = in_step(world)
    midnight = "2026-04-30T15:00:00.000Z"  # of 1 May in Tokyo, as the portal keeps it
    world.ma.add_deal(contact_ids=[person["ma"]], dealname="導入", closedate=midnight)
    account = world.sfa.add_account("みなと商事株式会社")
    contact = world.sfa.add_contact(account, LastName="田中", Email="tanaka@minato.example")
    world.sfa.add_opportunity(contact, account=account, CloseDate="2026-05-01")
    world.settle()
    for email in (EMAIL, "tanaka@minato.example"):
        (deal,) = lead_view(world.hub, world.lead(email)).deals
        assert deal.fields["close_on"] == "2026-05-01"


def test_c37_a_new_line_of_a_map_fills_what_was_read_before_it(world: Any) -> None:
    world.ma.portal.add_property("contacts", prop("busho", "部署", custom=True))
    own = world.ma.add_contact(email=EMAIL, lastname="佐藤", firstname="花子", busho="購買部")
    world.settle()
    assert [row["部署名"] for row in world.crm_rows()] == [""]
    file = world.root / "fields" / "ma.yaml"
    file.parent.mkdir()
    file.write_text("contacts: {fields: {department: busho}}\n", encoding="utf-8")
    ruled(world, fields={"ma": {"contacts": {"fields": {"department": "busho"}}}})
    world.sync()
    assert [row["部署名"] for row in world.crm_rows()] == [""]
    asked = len(world.ma.seen)
    diff, _ = replay(world.hub, EVER)
    assert set(diff.fields) == {("ma", "contacts", "department")}
    jobs.push_all(world.hub)
    assert len(world.ma.seen) == asked
    assert [row["部署名"] for row in world.crm_rows()] == ["購買部"]
    assert world.links(world.lead(EMAIL))["ma"].external_id == own
