"""C1 to C6: nothing goes round for ever, and no edit is lost without a word."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from connectors.kit.base import Change
from sync.config.model import PushConfig
from sync.engine.edits import edit_lead
from sync.engine.explain import explain
from sync.engine.views import lead_view
from tests.journeys.complaints.conftest import (
    EMAIL,
    LEADS,
    ids,
    in_step,
    ruled,
    subscribe,
    told,
    writes,
)
from tests.journeys.conftest import written


class Workflow:
    """HubSpot with an automation that puts every title that is written into words of its own."""

    def __init__(self, portal: Any) -> None:
        self.portal = portal

    def __call__(self, environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer: Iterable[bytes] = self.portal(environ, start_response)
        if "/objects/contacts" in environ["PATH_INFO"]:
            for own, row in list(self.portal.table("objects:contacts").items()):
                title = row["properties"].get("jobtitle", "")
                if title and not title.startswith("役職: "):
                    self.portal.set_property("contacts", own, "jobtitle", f"役職: {title}")
        return answer


def test_c01_an_automation_that_rewrites_what_it_is_given_is_not_answered_for_ever(
    world: Any,
) -> None:
    world.wrap = lambda name, app: Workflow(app) if name == "ma" else app
    world.hub = world.open()
    row = {"氏名": "佐藤 花子", "会社名": "青空製作所", "メールアドレス": EMAIL}
    world.crm.add_record(LEADS, {**row, "役職": "課長"})
    world.sync(rounds=5)
    before = writes(world)
    world.sync(rounds=3)
    assert writes(world) == before
    (item,) = world.asides(code="FIELD_ALTERNATES")
    assert (item.connection, item.field, item.sent) == ("ma", "title", {"title": "課長"})
    assert [row["役職"] for row in world.crm_rows()] == ["課長"]
    assert [row["Title"] for row in world.sfa_rows()] == ["課長"]


def test_c02_a_webhook_about_our_own_write_starts_no_push(world: Any) -> None:
    subscribe(world)
    world.submit(EMAIL)
    world.sync()
    before = writes(world)
    assert told(world, "ma", "form") > 1
    assert writes(world) == before

    world.ma.set_property("contacts", ids(world)["ma"], "jobtitle", "部長")
    assert told(world, "ma") == 1
    assert [row["役職"] for row in world.crm_rows()] == ["部長"]
    told(world, "ma", "crm")
    after = writes(world)
    assert {name: after[name] - before[name] for name in after} == {
        "form": 0,
        "ma": 0,
        "sfa": 1,
        "crm": 1,
    }


def test_c03_what_our_own_user_writes_is_news_and_comes_back_from_nowhere(world: Any) -> None:
    person = in_step(world)
    streams = {"ma": "contacts", "sfa": "Lead", "crm": "records:leads"}
    titles = {"ma": "jobtitle", "sfa": "Title", "crm": "役職"}
    for name, stream in streams.items():
        edit = Change(stream, world.lead(EMAIL).id, {titles[name]: f"{name}担当"}, person[name])
        (done,) = world.hub.flows[name].connector.push([edit])
        assert done.error is None
        first = written(world.sync())
        assert first == {other: 1 for other in streams if other != name}
        assert written(world.sync(rounds=2)) == {}
    assert [row["jobtitle"] for row in world.contacts()] == ["crm担当"]
    assert [row["Title"] for row in world.sfa_rows()] == ["crm担当"]


def test_c04_of_two_edits_at_once_the_loser_is_kept_and_named(world: Any) -> None:
    person = in_step(world, title="課長")
    world.sfa.edit("Lead", person["sfa"], Title="部長")
    world.ma.set_property("contacts", person["ma"], "jobtitle", "本部長")
    world.settle()
    lead = world.lead(EMAIL)
    found = explain(world.hub, lead.id, "title")
    assert found is not None
    assert [(one.value, one.connection, one.rule) for one in found.fields] == [
        ("部長", "sfa", "trust")
    ]
    overwritten = {
        one.link_id: one.changes["before"]
        for one in lead_view(world.hub, lead).history
        if one.event == "pushed" and one.changes["before"]
    }
    assert overwritten[f"ma/contacts/{person['ma']}"] == {"jobtitle": "本部長"}


def test_c04_where_it_is_told_to_a_conflict_waits_for_a_person(world: Any) -> None:
    ruled(world, trust={"policies": {"title": "hold"}})
    person = in_step(world, title="課長")
    world.sfa.edit("Lead", person["sfa"], Title="部長")
    world.ma.set_property("contacts", person["ma"], "jobtitle", "本部長")
    world.settle()
    held = {item.received["said"] for item in world.asides(code="CONFLICT_HELD")}
    assert held == {"部長", "本部長"}
    assert world.lead(EMAIL).fields["title"] == "課長"
    edit_lead(world.hub, world.lead(EMAIL).id, {"title": "部長"}, user="tanaka")
    world.settle()
    assert world.asides(code="CONFLICT_HELD") == []
    assert [row["役職"] for row in world.crm_rows()] == ["部長"]


def test_c05_what_is_one_way_is_never_written_the_other(world: Any) -> None:
    one_way = {"contacts": {"fields": {"title": {"from": "jobtitle", "direction": "pull"}}}}
    world.pushes["sfa"] = PushConfig(stream="Lead", fill=["title"])
    ruled(world, trust={"owners": {"phone": "sfa"}}, fields={"ma": one_way})
    person = in_step(world, title="課長")
    assert "jobtitle" not in {k for row in world.contacts() for k, v in row.items() if v}
    world.sfa.edit("Lead", person["sfa"], Phone="06-1111-2222", Title="係長")
    world.crm.edit_record(LEADS, person["crm"], {"役職": "部長", "電話番号": "03-9999-0000"})
    world.settle()
    (lead,) = world.sfa_rows()
    assert (lead["Title"], lead["Phone"]) == ("係長", "06-1111-2222")
    assert not world.contacts()[0].get("jobtitle")
    assert world.lead(EMAIL).fields["phone"] == "+81611112222"


def test_c06_a_stage_says_which_record_moved_it_and_when(world: Any) -> None:
    person = in_step(world)
    world.tick(hours=3)
    world.crm.edit_record(LEADS, person["crm"], {"ステージ": "TQL"})
    moved_at = world.now()
    world.settle()
    (row,) = [one for one in world.stages(world.lead(EMAIL)) if one.stage == "tql"]
    assert (row.system, row.link_id) == ("crm", f"crm/records:leads/{person['crm']}")
    assert row.entered_at[:16] == moved_at.isoformat()[:16]
    assert [one.stage for one in world.stages(world.lead(EMAIL)) if one.inferred] == ["mql", "tal"]
    assert world.contacts()[0]["lifecyclestage"] == "marketingqualifiedlead"
