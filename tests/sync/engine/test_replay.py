"""A mistake in a field map is corrected, and what was received before is read once more."""

from __future__ import annotations

from typing import Any

from connectors.kit.base import Record, Ref
from sync.engine.replay import Period, replay
from sync.store import runs
from tests.sync.engine.histories import MAILABLE as SATO
from tests.sync.engine.replaying import (
    EVER,
    applied,
    differing,
    link,
    mistaken,
    only_read,
    remap,
    rows,
    writes,
)


def test_the_difference_is_shown_and_nothing_is_written(shelves: Any) -> None:
    mistaken(shelves)
    remap(shelves, "crm")
    tables = ("inbox", "link", "lead", "outbox", "history", "run")
    before = [rows(shelves, table) for table in tables]
    diff = replay(shelves.hub, EVER)
    assert [rows(shelves, table) for table in tables] == before
    assert {one.link_id for one in diff.records} == {f"crm/people/{n}" for n in range(3)}
    assert [(each.field, each.old, each.new) for each in diff.records[0].fields] == [
        ("title", "営業部", "部長0")
    ]
    assert diff.fields == {("crm", "people", "title"): 3}
    assert diff.counts["differ"] == 3
    assert diff.counts["same"] == diff.counts["read"] - 3


def test_applying_mends_the_leads_and_writes_only_what_differs(shelves: Any) -> None:
    mistaken(shelves)
    assert {lead.fields.get("title") for lead in shelves.leads()} == {"営業部", None}
    remap(shelves, "crm")
    before = writes(shelves)
    diff, done = applied(shelves)
    assert diff.counts["differ"] == 3
    assert {lead.fields.get("title") for lead in shelves.leads()} == {
        "部長0", "部長1", "部長2", None,
    }  # fmt: skip
    assert writes(shelves) - before == {"sfa.title": 3, "ma.title": 3}
    (run,) = [run for run in done if run.kind == "replay"]
    assert (run.connection, run.state, run.counts["updated"]) == ("crm", "succeeded", 3)
    with shelves.database.read() as tx:
        assert runs.by_id(tx, run.id).counts["read"] == 3
    (lead,) = [lead for lead in shelves.leads() if lead.email == SATO["email"]]
    (event,) = [one for one in shelves.history(lead.id) if one.run_id == run.id]
    assert (event.event, event.changes["title"]) == ("changed", ["営業部", "部長0"])
    shelves.settle()
    assert writes(shelves) - before == {"sfa.title": 3, "ma.title": 3}


def test_a_second_replay_finds_nothing_and_changes_nothing(shelves: Any) -> None:
    mistaken(shelves)
    remap(shelves, "crm")
    applied(shelves)
    tables = ("inbox", "link", "lead", "outbox", "history", "run", "set_aside")
    before, wrote = [rows(shelves, table) for table in tables], writes(shelves)
    assert differing(shelves) == {}
    diff, done = applied(shelves)
    assert (diff.counts["differ"], done) == (0, [])
    assert [rows(shelves, table) for table in tables] == before
    assert writes(shelves) == wrote


def test_by_the_map_that_it_was_read_by_nothing_differs(shelves: Any) -> None:
    mistaken(shelves)
    (own, *_) = shelves.at["sfa"].people
    shelves.at["sfa"].put(own, title="課長", phone="+81 3 1234 5678")
    shelves.settle()
    diff = replay(shelves.hub, EVER)
    assert (diff.counts["differ"], diff.counts["read"] > 10) == (0, True)


def test_only_the_period_the_connections_and_the_streams_that_are_named(shelves: Any) -> None:
    mistaken(shelves)
    middle = shelves.hub.stamp()
    shelves.tick(days=1)
    shelves.at["crm"].put("4", email="abe@umi.example", family="阿部", dept="総務部", title="課長")
    shelves.settle()
    remap(shelves, "crm")
    assert differing(shelves, Period(middle, EVER.until)).keys() == {"crm/people/4"}
    assert len(differing(shelves, Period(EVER.since, middle))) == 3
    assert differing(shelves, Period(EVER.since, EVER.until, {"sfa"})) == {}
    assert differing(shelves, Period(EVER.since, EVER.until, {"crm"}, {"deals"})) == {}
    assert len(differing(shelves, Period(EVER.since, EVER.until, {"crm"}, {"people"}))) == 4


def test_a_stage_that_was_misread_is_moved(shelves: Any) -> None:
    remap(shelves, "crm", stage={"mql": ["inquiry"]})
    shelves.at["crm"].put("1", **{**SATO, "status": "mql"})
    shelves.run("crm")
    assert shelves.leads()[0].stage == "inquiry"
    remap(shelves, "crm")
    (one,) = replay(shelves.hub, EVER).records
    assert one.stage is not None
    assert (one.stage.value, one.stage.old, one.stage.new) == ("mql", "inquiry", "mql")
    applied(shelves)
    (lead,) = shelves.leads()
    assert lead.stage == "mql"
    assert shelves.stages(lead.id)[-1].link_id == "crm/people/1"
    assert replay(shelves.hub, EVER).counts["differ"] == 0


def test_a_way_back_that_is_not_allowed_waits_for_a_person_once(shelves: Any) -> None:
    remap(shelves, "crm", stage={"new": ["mql"]})
    shelves.at["crm"].put("1", **SATO)
    shelves.run("crm")
    remap(shelves, "crm", stage={"new": ["inquiry"]})
    (one,) = replay(shelves.hub, EVER).records
    assert one.stage is not None
    assert one.stage.refused == "FORBIDDEN_MOVE"
    applied(shelves)
    assert shelves.leads()[0].stage == "mql"
    assert [item.code for item in shelves.asides(kind="stage")] == ["FORBIDDEN_MOVE"]
    assert replay(shelves.hub, EVER).counts["differ"] == 0


def test_a_stage_that_another_system_moved_on_is_left_alone(shelves: Any) -> None:
    only_read(shelves, "crm")
    shelves.at["crm"].put("1", **SATO)
    shelves.settle()
    (own,) = shelves.at["sfa"].people
    shelves.at["sfa"].put(own, status="talking")
    shelves.run("sfa")
    assert shelves.leads()[0].stage == "tal"
    remap(shelves, "crm", stage={"new": ["mql"]})
    assert [one for one in replay(shelves.hub, EVER).records if one.stage] == []


def test_fields_that_could_not_be_read_and_now_can_or_the_other_way(shelves: Any) -> None:
    consent = {"consent.email.marketing": {"from": "mail", "values": {"no": "denied"}}}
    remap(shelves, "crm", fields=consent)
    shelves.at["crm"].put("1", **SATO, kind="x")
    shelves.settle()
    assert [item.code for item in shelves.asides(kind="field")] == ["PICKLIST_UNMAPPED"]
    remap(shelves, "crm", fields={"interest": {"from": "kind", "values": {"y": "デモ"}}})
    (one,) = replay(shelves.hub, EVER).records
    assert one.settled == ("consent.email.marketing",)
    assert [(p.field, p.code) for p in one.problems] == [("interest", "PICKLIST_UNMAPPED")]
    applied(shelves)
    assert [item.field for item in shelves.asides(kind="field")] == ["interest"]
    assert shelves.leads()[0].fields["consent.email.marketing"] == "granted"
    assert replay(shelves.hub, EVER).counts["differ"] == 0


def test_a_record_that_was_set_aside_and_can_be_read_now_comes_in(shelves: Any) -> None:
    flow = shelves.hub.flows["crm"]
    good = flow.maps["people"]

    class Broken:
        def __getattr__(self, name: str) -> Any:
            return getattr(good, name)

        def read(self, flat: Any) -> Any:
            return good.read({**flat, "_error": "ROW_BROKEN"})

    flow.maps = {**flow.maps, "people": Broken()}
    shelves.at["crm"].put("1", **SATO)
    shelves.run("crm")
    assert [item.code for item in shelves.asides(kind="record")] == ["ROW_BROKEN"]
    assert replay(shelves.hub, EVER).counts["differ"] == 0
    flow.maps = {**flow.maps, "people": good}
    (one,) = replay(shelves.hub, EVER).records
    assert one.readable
    applied(shelves)
    assert (len(shelves.leads()), shelves.asides()) == (1, [])
    assert replay(shelves.hub, EVER).counts["differ"] == 0


def test_a_record_that_the_map_now_refuses_is_told_and_left(shelves: Any) -> None:
    mistaken(shelves)
    flow, before = shelves.hub.flows["crm"], rows(shelves, "lead")
    real = flow.maps["people"]

    class Refusing:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def read(self, flat: Any) -> Any:
            return real.read({**flat, "_error": "ROW_BROKEN"})

    flow.maps = {**flow.maps, "people": Refusing()}
    diff, done = applied(shelves)
    assert (diff.counts["refused"], diff.counts["differ"], done) == (4, 0, [])
    assert {one.refused.code for one in diff.records if one.refused} == {"ROW_BROKEN"}
    assert rows(shelves, "lead") == before


def test_records_that_are_gone_or_moved_or_of_no_connection_are_left_out(shelves: Any) -> None:
    mistaken(shelves)
    shelf = shelves.at["crm"]
    shelf.records.append(Record("people", "0", {}, deleted=True))
    shelf.records.append(
        Record("people", "2", dict(shelf.people["2"]), previous_ids=(Ref("people", "1"),))
    )
    shelves.run("crm")
    remap(shelves, "crm")
    diff = replay(shelves.hub, EVER)
    assert [one.link_id for one in diff.records] == ["crm/people/2"]
    assert (diff.counts["gone"], diff.counts["moved"]) == (1, 1)
    diff, _ = applied(shelves)
    assert diff.counts["differ"] == 1
    assert link(shelves, "crm/people/0").state == "gone"
    assert link(shelves, "crm/people/1").state == "moved"
    read = replay(shelves.hub, EVER).counts["read"]
    others = {name: flow for name, flow in shelves.hub.flows.items() if name != "crm"}
    shelves.hub.flows = others
    diff = replay(shelves.hub, EVER)
    assert diff.counts["no_connection"] >= 4
    assert 0 < diff.counts["read"] < read


def test_a_record_of_a_lead_that_was_merged_mends_the_lead_that_stayed(shelves: Any) -> None:
    from sync.engine.merging import merge

    mistaken(shelves)
    one, other = [lead for lead in shelves.leads() if lead.email][:2]
    done = merge(shelves.hub, one.id, other.id, user="tanaka")
    shelves.settle()
    remap(shelves, "crm")
    applied(shelves)
    kept = next(lead for lead in shelves.leads() if lead.id == done.leads[0])
    assert str(kept.fields["title"]).startswith("部長")
    assert replay(shelves.hub, EVER).counts["differ"] == 0


def test_deals_activities_and_accounts_are_mended_too(shelves: Any) -> None:
    remap(shelves, "crm", "deals", fields={"name": "title"})
    shelves.at["crm"].put("1", **SATO)
    shelves.run("crm")
    deal = {"name": "導入", "title": "誤り", "outcome": "open", "reason": ""}
    shelves.at["crm"].records.append(Record("deals", "d1", deal, refs=(Ref("people", "1"),)))
    shelves.run("crm")
    assert shelves.leads()[0].stage == "opportunity"
    remap(shelves, "crm", "deals", stage={"open": ["won"]})
    (one,) = replay(shelves.hub, EVER).records
    assert [(each.field, each.old, each.new) for each in one.fields] == [("name", "誤り", "導入")]
    assert one.stage is not None
    assert (one.stage.old, one.stage.new) == ("opportunity", "won")
    applied(shelves)
    ((name, stage),) = [(row[3], row[4]) for row in rows(shelves, "deal")]
    assert (name, stage, shelves.leads()[0].stage) == ("導入", "won", "won")
    assert replay(shelves.hub, EVER).counts["differ"] == 0
