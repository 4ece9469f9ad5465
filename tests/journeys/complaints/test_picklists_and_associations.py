"""C22, C24, C25: what belongs together stays so, and the operator says what is taken over."""

from __future__ import annotations

from typing import Any

from sync.config.model import PullConfig
from sync.engine.views import lead_view
from tests.journeys.complaints.conftest import EMAIL, in_step, ruled

SECOND = "suzuki@minato.example"


def test_c22_a_deal_that_only_changed_is_still_its_persons(world: Any) -> None:
    own = in_step(world)["ma"]
    deal = world.ma.add_deal(contact_ids=[own], dealname="導入")
    world.settle()
    world.ma.set_property("deals", deal, "amount", "1200000")
    world.settle()
    (found,) = lead_view(world.hub, world.lead(EMAIL)).deals
    assert (found.link_id, found.fields["amount"]) == (f"ma/deals/{deal}", 1_200_000)
    world.ma.set_property("deals", deal, "dealstage", "closedwon")
    world.settle()
    assert world.lead(EMAIL).stage == "won"
    assert [row["ステージ"] for row in world.crm_rows()] == ["受注"]


def test_c24_ties_are_read_and_never_written(world: Any) -> None:
    person = in_step(world)
    second = in_step(world, SECOND, last="鈴木", first="一郎", company="みなと商事株式会社")
    deal = world.ma.add_deal(contact_ids=[person["ma"]], dealname="導入")
    world.settle()
    world.ma.link("deals", deal, "contacts", second["ma"])
    world.ma.set_property("deals", deal, "amount", "100")
    world.settle()
    assert not [seen for seen in world.ma.seen if "associations" in seen.path and _writes(seen)]
    (found,) = lead_view(world.hub, world.lead(EMAIL)).deals
    assert found.link_id == f"ma/deals/{deal}"
    assert {world.lead(email).stage for email in (EMAIL, SECOND)} == {"opportunity"}


def _writes(seen: Any) -> bool:
    return seen.method in ("PUT", "DELETE") or seen.path.endswith(("/create", "/archive"))


def test_c25_which_activities_are_taken_and_as_what_is_said_in_yaml(world: Any) -> None:
    call = {"Task": {"fields": {"activity": {"const": "call"}, "custom.said": "Subject"}}}
    ruled(world, fields={"sfa": call})
    quiet = (
        world.config()
        .connections["ma"]
        .model_copy(update={"pull": PullConfig(streams=["contacts", "meetings"])})
    )
    ruled(world, connections={"ma": quiet})
    person = in_step(world)
    world.sfa.add_task(person["sfa"], Subject="訪問", Status="Completed")
    for kind in ("calls", "meetings"):
        world.ma.add_engagement(kind, contact_ids=[person["ma"]])
    world.settle()
    found = lead_view(world.hub, world.lead(EMAIL)).activities
    assert sorted(one.activity for one in found) == ["call", "form_submission", "meeting"]
    (task,) = [one for one in found if one.activity == "call"]
    assert task.fields["custom.said"] == "訪問"
