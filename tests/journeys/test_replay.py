"""What four vendors sent, read once more: by the same maps nothing differs, by others it does."""

from __future__ import annotations

from typing import Any

from sync.engine.replay import Period, replay
from sync.workers.replays import replay as replay_job
from tests.journeys.conftest import written

EVER = Period("2000-01-01", "2100-01-01")
EMAILS = ("tanaka@minato-shoji.example", "sato@aozora.example", "mori@kaze.example")


def busy(world: Any) -> None:
    """People who answer a form, are worked on in every system, and one who is converted."""
    for number, email in enumerate(EMAILS):
        world.submit(email, ("田中", "佐藤", "森")[number], "実", company=f"第{number}商事株式会社")
    world.settle()
    found = {email: world.links(world.lead(email)) for email in EMAILS}
    world.ma.set_property(
        "contacts", found[EMAILS[0]]["ma"].external_id, "lifecyclestage", "marketingqualifiedlead"
    )
    world.crm.edit_record(5, found[EMAILS[1]]["crm"].external_id, {"役職": "部長"})
    world.sfa.edit("Lead", found[EMAILS[2]]["sfa"].external_id, Title="課長", Phone="03-1111-2222")
    world.settle()
    world.sfa.convert_lead(found[EMAILS[0]]["sfa"].external_id)
    world.settle()
    world.crm.edit_record(5, found[EMAILS[2]]["crm"].external_id, {"メール配信": "拒否"})
    world.settle()


def test_by_the_same_maps_nothing_differs(world: Any) -> None:
    busy(world)
    diff = replay(world.hub, EVER)
    assert diff.records == []
    assert diff.counts["read"] >= 3 * len(EMAILS)
    assert diff.counts["same"] == diff.counts["read"]


SWAPPED = {"records": {"fields": {"department": "役職", "title": "部署名"}}}


def test_a_corrected_map_mends_every_system_and_then_nothing_differs(world: Any) -> None:
    right = world.config()
    file = world.root / "fields" / "crm.yaml"
    file.parent.mkdir()
    file.write_text("records: {fields: {department: 役職, title: 部署名}}\n", encoding="utf-8")
    world.config = lambda: right.model_copy(update={"fields": {"crm": SWAPPED}})
    world.hub = world.open()
    busy(world)
    lead = world.lead(EMAILS[1])
    assert (lead.fields.get("department"), lead.fields.get("title")) == ("部長", None)

    world.config = lambda: right
    world.hub = world.open()
    world.tick(minutes=5)
    diff, done = replay_job(world.hub, EVER)
    assert {run.connection for run in done} == {"crm"}
    assert set(diff.fields) >= {("crm", "records:leads", "title")}
    world.settle()
    lead = world.lead(EMAILS[1])
    assert (lead.fields.get("department"), lead.fields.get("title")) == (None, "部長")
    (row,) = [row for row in world.crm_rows() if row["メールアドレス"] == EMAILS[1]]
    assert (row["役職"], row["部署名"]) == ("部長", "")
    (contact,) = [one for one in world.contacts() if one["email"] == EMAILS[1]]
    assert contact["jobtitle"] == "部長"
    (third,) = [row for row in world.crm_rows() if row["メールアドレス"] == EMAILS[2]]
    assert (third["役職"], third["部署名"]) == ("課長", "")

    assert replay(world.hub, EVER).records == []
    assert replay_job(world.hub, EVER)[1] == []
    assert written(world.settle()) == {}
