"""C21, C33, C35, C51, C54: fields and options change at vendors; a plan shows what follows."""

from __future__ import annotations

from typing import Any

from connectors.hubspot.simulator_schema import prop
from connectors.kintone.simulator import field
from sync.engine.planning import make_plan
from sync.workers import jobs, upkeep
from tests.journeys.complaints.conftest import EMAIL, LEADS, in_step, writes
from tests.journeys.conftest import written


def form(world: Any) -> dict[str, Any]:
    """The fields of kintone's app."""
    return dict(world.crm.table("apps")[str(LEADS)]["form"])


def options(world: Any, name: str, *chosen: str) -> None:
    """Have a field of kintone's app offer these options."""
    before = form(world)
    made = field(name, options=list(chosen))
    changed = {**before, name: {**before[name], "options": made["options"]}}
    world.crm.change_form(LEADS, changed)


def looked(world: Any) -> None:
    """The daily look at what the vendors' fields are like."""
    for name in world.slugs:
        upkeep.describe_connection(world.hub, name)


def test_c21_an_option_that_goes_costs_its_field_and_comes_back_with_it(world: Any) -> None:
    looked(world)
    person = in_step(world)
    stages = [*form(world)["ステージ"]["options"]]
    options(world, "ステージ", *(one for one in stages if one != "MQL"))
    looked(world)
    (told,) = [one for one in world.asides(connection="crm") if one.lead_id is None]
    assert told.field == "ステージ: MQL"
    world.ma.set_property("contacts", person["ma"], "lifecyclestage", "marketingqualifiedlead")
    world.ma.set_property("contacts", person["ma"], "jobtitle", "部長")
    world.settle()
    assert [(row["役職"], row["ステージ"]) for row in world.crm_rows()] == [("部長", "リード")]
    options(world, "ステージ", *stages)
    looked(world)
    world.settle()
    assert [row["ステージ"] for row in world.crm_rows()] == ["MQL"]
    assert world.asides(connection="crm") == []


def test_c33_a_custom_field_is_there_as_soon_as_the_vendor_has_it(world: Any) -> None:
    world.ma.portal.add_property("contacts", prop("busho", "部署", custom=True))
    connector = world.hub.flows["ma"].connector
    assert "busho" in {one.name for one in connector.fields("contacts")}


def test_c35_a_field_that_goes_while_the_hub_runs_stops_nothing_else(world: Any) -> None:
    looked(world)
    person = in_step(world)
    world.crm.change_form(LEADS, {k: v for k, v in form(world).items() if k != "部署名"})
    world.ma.set_property("contacts", person["ma"], "jobtitle", "部長")
    world.submit(EMAIL, department="購買部")
    world.settle()
    assert [row["役職"] for row in world.crm_rows()] == ["部長"]
    assert world.lead(EMAIL).fields["department"] == "購買部"
    assert "department" in {one.field for one in world.asides(connection="crm")}
    assert {run.state for run in world.sync()} == {"succeeded"}


def test_c51_what_a_sync_would_write_is_shown_before_and_is_what_is_written(world: Any) -> None:
    person = in_step(world)
    world.sfa.edit("Lead", person["sfa"], Title="部長")
    world.tick(minutes=5)
    jobs.pull(world.hub, "sfa")
    before = writes(world)
    plan = make_plan(world.hub)
    assert writes(world) == before
    shown = {
        target.connection: [dict(one.values) for one in target.changes] for target in plan.targets
    }
    assert shown["crm"] == [{"役職": "部長"}]
    assert shown["ma"] == [{"jobtitle": "部長"}]
    world.settle()
    assert [row["役職"] for row in world.crm_rows()] == ["部長"]
    assert [target.changes for target in make_plan(world.hub).targets if target.changes] == []


def test_c54_a_renamed_field_is_told_and_everything_else_goes_on(world: Any) -> None:
    looked(world)
    person = in_step(world)
    renamed = {("部署" if k == "部署名" else k): v for k, v in form(world).items()}
    renamed["部署"] = {**renamed["部署"], "code": "部署", "label": "部署"}
    world.crm.change_form(LEADS, renamed)
    looked(world)
    told = [one for one in world.asides(connection="crm") if one.lead_id is None]
    assert [one.field for one in told] == ["部署名"]
    world.crm.edit_record(LEADS, person["crm"], {"役職": "部長"})
    assert set(written(world.sync(rounds=2))) == {"ma", "sfa"}
    assert [row["jobtitle"] for row in world.contacts()] == ["部長"]
