"""A mistake in a field map is corrected, and what was received before is read once more."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from ruamel.yaml import YAML

from connectors.kit.base import Record, Ref
from mapping.fieldmap import compile_map
from mapping.merge import Trust
from sync.engine import replay as engine
from sync.engine.edits import edit_lead
from sync.engine.hub import open_hub
from sync.engine.pull import receive
from sync.engine.replay import Period, ReplayDiff, replay
from sync.engine.resolve import resolve_due
from sync.store import inbox, links, runs
from sync.store.database import Database, iso
from sync.workers import jobs
from sync.workers.replays import replay as replay_job

MAP = YAML(typ="safe").load(
    (Path(__file__).parent / "plugins" / "shelf" / "fields.yaml").read_text(encoding="utf-8")
)
EVER = Period("2000-01-01", "2100-01-01")
SATO = {
    "email": "sato@aozora.example",
    "family": "佐藤",
    "given": "花子",
    "company": "青空製作所",
    "phone": "03-1234-5678",
    "status": "new",
    "mail": "yes",
}


def remap(shelves: Any, name: str, stream: str = "people", **changes: Any) -> None:
    """Have a connection read and write by another map; None takes a line out."""
    document = deepcopy(MAP[stream])
    for key, value in changes.items():
        if key == "stage":
            document["stage"]["read"] |= value
            document["stage"].pop("write", None)
        else:
            document["fields"] |= value
    flow = shelves.hub.flows[name]
    flow.maps = {**flow.maps, stream: compile_map(document, kind=flow.kind(stream))}


def applied(shelves: Any, period: Period = EVER) -> tuple[ReplayDiff, list[Any]]:
    shelves.tick(seconds=30)
    diff, done = replay_job(shelves.hub, period)
    return diff, [*done, *jobs.push_all(shelves.hub)]


def only_read(shelves: Any, name: str) -> None:
    """Have nothing written to a connection."""
    flow = shelves.hub.flows[name]
    flow.config = flow.config.model_copy(update={"push": None})
    shelves.hub.__dict__.pop("targets", None)


def differing(shelves: Any, period: Period = EVER) -> dict[str, dict[str, tuple[Any, Any]]]:
    """By record what a replay would change: field → (old, new)."""
    diff = replay(shelves.hub, period)
    return {
        one.link_id: {each.field: (each.old, each.new) for each in one.fields}
        for one in diff.records
    }


def rows(shelves: Any, table: str) -> list[Any]:
    with shelves.database.read() as tx:
        return tx.rows(f"SELECT * FROM {table} ORDER BY 1")


def link(shelves: Any, name: str) -> Any:
    with shelves.database.read() as tx:
        return links.by_ids(tx, [name])[name]


def mistaken(shelves: Any) -> None:
    """Three people of the CRM, whose departments are taken for their titles."""
    remap(shelves, "crm", fields={"title": {"from": "dept", "direction": "pull"}})
    for number, (family, mail) in enumerate(
        (("佐藤", "sato"), ("鈴木", "suzuki"), ("林", "hayashi"))
    ):
        values = SATO | {"family": family, "email": f"{mail}@aozora.example", "phone": ""}
        shelves.at["crm"].put(str(number), **values, dept="営業部", title=f"部長{number}")
    shelves.at["crm"].put("3", email="mori@kaze.example", family="森", dept="", title="")
    shelves.settle()


def writes(shelves: Any) -> Counter[str]:
    """How often each field was written, by connection and field."""
    return Counter(
        f"{name}.{field}"
        for name, shelf in shelves.at.items()
        for change in shelf.writes
        for field in change.values
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


def test_a_corrected_value_is_no_newer_than_what_it_corrects(shelves: Any) -> None:
    shelves.hub.__dict__["trust"] = Trust()  # nobody is trusted more: the newer word counts
    only_read(shelves, "crm")
    remap(shelves, "crm", fields={"title": {"from": "dept", "direction": "pull"}})
    shelves.at["crm"].put("1", **SATO, dept="営業部", title="部長")
    shelves.run("crm")
    said = link(shelves, "crm/people/1").since["title"]
    shelves.settle()
    (own,) = shelves.at["sfa"].people
    shelves.at["sfa"].put(own, title="課長")
    shelves.settle()
    assert shelves.leads()[0].fields["title"] == "課長"
    shelves.at["crm"].put("1", phone="03-9999-0000")  # heard again, and later than the others
    shelves.settle()
    with shelves.database.write() as tx:  # the payload that said so first is not kept any more
        assert tx.write("DELETE FROM inbox WHERE link_id = 'crm/people/1' AND id = 1") == 1
    remap(shelves, "crm")
    applied(shelves)
    held = link(shelves, "crm/people/1")
    assert (held.held["title"], held.since["title"]) == ("部長", said)
    assert shelves.leads()[0].fields["title"] == "課長"


@pytest.mark.parametrize(
    ("said", "first"),
    [
        pytest.param(("経理部", "営業部", "営業部"), 1, id="changed on the way"),
        pytest.param(("営業部", "営業部", "営業部"), 0, id="said from the beginning"),
        pytest.param(("営業部", "経理部", "営業部"), 2, id="said again"),
    ],
)
def test_a_field_that_is_new_counts_from_the_payload_that_first_said_it(
    shelves: Any, said: tuple[str, ...], first: int
) -> None:
    remap(shelves, "crm", fields={"department": None})
    for number, name in enumerate(said):
        shelves.at["crm"].put("1", **{**SATO, "dept": name, "memo": str(number)})
        shelves.run("crm")
    with shelves.database.read() as tx:
        heard = tx.rows("SELECT received_at FROM inbox WHERE link_id = 'crm/people/1' ORDER BY id")
    remap(shelves, "crm", fields={"department": {"from": "dept", "direction": "pull"}})
    applied(shelves)
    held = link(shelves, "crm/people/1")
    assert (held.held["department"], held.since["department"]) == ("営業部", heard[first][0])


def test_what_the_hub_wrote_is_not_taken_for_the_vendors_word(shelves: Any) -> None:
    shelves.hub.__dict__["trust"] = Trust(default=("sfa", "crm", "ma"))
    remap(shelves, "sfa", fields={"title": {"from": "dept"}, "department": {"from": "title"}})
    remap(shelves, "crm", fields={"department": {"from": "dept"}})
    shelves.at["crm"].put("1", **SATO, title="部長", dept="営業部")
    shelves.settle()
    (own,) = shelves.at["sfa"].people
    assert shelves.at["sfa"].people[own]["dept"] == "部長"  # the wrong way round
    remap(shelves, "sfa", fields={"department": {"from": "dept"}})
    assert differing(shelves)[f"sfa/people/{own}"] == {
        "title": ("部長", "営業部"),
        "department": ("営業部", "部長"),
    }
    applied(shelves)
    shelves.settle()
    (lead,) = shelves.leads()
    assert (lead.fields["title"], lead.fields["department"]) == ("部長", "営業部")
    row = shelves.at["sfa"].people[own]
    assert (row["title"], row["dept"]) == ("部長", "営業部")
    assert differing(shelves) == {}


def test_what_was_written_after_it_was_received_is_not_undone(shelves: Any) -> None:
    shelves.at["crm"].put("1", **SATO, title="部長", dept="営業部")
    shelves.run()
    (own,) = shelves.at["sfa"].people
    shelves.at["sfa"].records.append(  # the answer of the vendor to a webhook, say
        Record("people", own, {**shelves.at["sfa"].people[own], "title": ""})
    )
    with shelves.database.write() as tx:
        flow, now = shelves.hub.flows["sfa"], shelves.hub.stamp()
        record = shelves.at["sfa"].records.pop()
        receive(tx, flow, [record], source="webhook", run_id=None, now=now)
    resolve_due(shelves.hub)
    jobs.push_all(shelves.hub)
    assert shelves.at["sfa"].people[own]["title"] == "部長"
    assert link(shelves, f"sfa/people/{own}").held["title"] == "部長"
    assert differing(shelves) == {}


def test_a_field_that_the_record_never_had_is_said_no_longer(shelves: Any) -> None:
    remap(shelves, "crm", fields={"title": {"from": "memo", "direction": "pull"}})
    shelves.at["crm"].put("1", **SATO, memo="至急")
    shelves.settle()
    remap(shelves, "crm")
    assert differing(shelves)["crm/people/1"] == {"title": ("至急", None)}
    applied(shelves)
    assert shelves.leads()[0].fields.get("title") is None
    shelves.settle()
    (row,) = shelves.at["ma"].people.values()
    assert not row.get("title")
    assert differing(shelves) == {}


@pytest.mark.parametrize(
    ("memo", "kept", "title"),
    [
        pytest.param(None, True, "部長", id="an earlier payload says it"),
        pytest.param("至急", True, "部長", id="an earlier payload says otherwise"),
        pytest.param(None, False, "部長", id="the payload that said it is not kept"),
    ],
)
def test_a_part_of_a_record_takes_nothing_back(
    shelves: Any, memo: str | None, kept: bool, title: str
) -> None:
    only_read(shelves, "crm")
    if memo:
        remap(shelves, "crm", fields={"title": "memo"})
    flow = shelves.hub.flows["crm"]
    for payload in ({**SATO, "title": "部長", "memo": memo}, {"phone": "03-9999-0000"}):
        shelves.tick(seconds=30)
        with shelves.database.write() as tx:
            now, record = shelves.hub.stamp(), Record("people", "1", payload)
            receive(tx, flow, [record], source="webhook", run_id=None, now=now)
        resolve_due(shelves.hub)
    remap(shelves, "crm")
    if not kept:
        with shelves.database.write() as tx:
            tx.write("DELETE FROM inbox WHERE id = 1")
    before = link(shelves, "crm/people/1")
    applied(shelves)
    after = link(shelves, "crm/people/1")
    assert (after.held["title"], after.since["title"]) == (title, before.since["title"])
    assert (after.held["family_name"], after.held["phone"]) == ("佐藤", "+81399990000")
    assert differing(shelves) == {}


def test_a_line_that_was_taken_out_is_said_no_longer(shelves: Any) -> None:
    remap(shelves, "crm", fields={"department": {"from": "memo"}})
    shelves.at["crm"].put("1", **SATO, memo="至急")
    shelves.settle()
    remap(shelves, "crm", fields={"department": None})
    diff, _ = applied(shelves)
    (dropped,) = diff.records[0].fields
    assert (dropped.field, dropped.old, dropped.dropped) == ("department", "至急", True)
    assert "department" not in shelves.leads()[0].fields
    assert differing(shelves) == {}


def test_a_corrected_mailbox_brings_a_record_to_its_person(shelves: Any) -> None:
    remap(shelves, "crm", fields={"email": "second"})
    shelves.at["crm"].put("1", **{**SATO, "phone": "", "company": ""}, second="")
    shelves.at["sfa"].put("7", **SATO)
    only_read(shelves, "crm")
    only_read(shelves, "sfa")
    shelves.run("crm", "sfa")
    assert len(shelves.leads()) == 2
    remap(shelves, "crm")
    applied(shelves)
    (lead,) = shelves.leads()
    assert {one.id for one in shelves.links(lead.id)} >= {"crm/people/1", "sfa/people/7"}
    assert differing(shelves) == {}


def test_an_opt_out_that_was_read_stays(shelves: Any) -> None:
    name = "consent.email.marketing"
    remap(shelves, "crm", fields={name: {"from": "mail", "values": {"yes": "denied"}}})
    shelves.at["crm"].put("1", **SATO, title="部長", dept="課長")
    shelves.settle()
    remap(shelves, "crm", fields={"title": "dept"})
    diff = replay(shelves.hub, EVER)
    assert [(one.link_id, one.kept) for one in diff.records if one.kept] == [
        ("crm/people/1", (name,))
    ]
    applied(shelves)
    assert shelves.leads()[0].fields[name] == "denied"


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


def test_what_is_heard_meanwhile_counts_and_not_the_replay(shelves: Any) -> None:
    mistaken(shelves)
    remap(shelves, "crm")
    shelf, flow = shelves.at["crm"], shelves.hub.flows["crm"]

    def run_of(_name: str) -> None:
        """Just before the replay puts its rows in, the vendor says something else."""
        shelves.tick(seconds=5)
        shelf.put("1", title="本部長")
        with shelves.database.write() as tx:
            now = shelves.hub.stamp()
            receive(tx, flow, [shelf.records[-1]], source="webhook", run_id=None, now=now)
        resolve_due(shelves.hub)

    stale: list[int] = []
    engine.apply(
        shelves.hub,
        EVER,
        run_of=run_of,
        took=lambda _name, _diff, resolved: stale.append(resolved.counts["stale"]),
    )
    assert sum(stale) == 1
    assert link(shelves, "crm/people/1").held["title"] == "本部長"
    assert link(shelves, "crm/people/2").held["title"] == "部長2"


def test_what_is_written_meanwhile_counts_and_not_the_replay(shelves: Any) -> None:
    mistaken(shelves)
    remap(shelves, "crm")
    (lead,) = [one for one in shelves.leads() if one.email == SATO["email"]]

    def run_of(_name: str) -> None:
        """Just before the replay puts its rows in, somebody edits a lead, and it is written."""
        shelves.tick(seconds=5)
        edit_lead(shelves.hub, lead.id, {"title": "本部長"}, user="tanaka")
        jobs.push_all(shelves.hub)

    stale: list[int] = []
    engine.apply(
        shelves.hub,
        EVER,
        run_of=run_of,
        took=lambda _name, _diff, resolved: stale.append(resolved.counts["stale"]),
    )
    assert sum(stale) == 1
    assert link(shelves, "crm/people/0").held["title"] == "本部長"
    assert "title" not in link(shelves, "crm/people/0").since
    assert link(shelves, "crm/people/2").held["title"] == "部長2"


def test_what_waits_to_be_resolved_is_left_to_that(shelves: Any) -> None:
    mistaken(shelves)
    remap(shelves, "crm")
    shelves.at["crm"].put("1", title="本部長")
    with shelves.database.write() as tx:
        flow, now = shelves.hub.flows["crm"], shelves.hub.stamp()
        receive(tx, flow, [shelves.at["crm"].records[-1]], source="pull", run_id=None, now=now)
    diff = replay(shelves.hub, EVER)
    assert (diff.counts["waiting"], diff.counts["differ"]) == (1, 2)


def test_a_replay_that_was_stopped_goes_on_where_it_was(
    shelves: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mistaken(shelves)
    remap(shelves, "crm")
    monkeypatch.setattr(engine, "PAGE", 2)
    assert replay(shelves.hub, EVER, stop=lambda: True).stopped
    diff, done = replay_job(shelves.hub, EVER, stop=lambda: True)
    assert (diff.stopped, diff.counts["differ"]) == (True, 2)
    assert [run.state for run in done] == ["stopped"]
    diff, done = replay_job(shelves.hub, EVER)
    assert (diff.stopped, diff.counts["differ"]) == (False, 1)
    assert [run.state for run in done] == ["succeeded"]


def test_a_replay_that_was_killed_before_it_resolved_is_done_by_the_next_worker(
    shelves: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mistaken(shelves)
    remap(shelves, "crm")

    def die(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(engine, "resolve_due", die)
        with pytest.raises(KeyboardInterrupt):
            replay_job(shelves.hub, EVER)
    assert replay(shelves.hub, EVER).counts["waiting"] == 3
    resolve_due(shelves.hub)
    assert link(shelves, "crm/people/1").held["title"] == "部長1"
    assert replay(shelves.hub, EVER).counts["differ"] == 0


def test_a_retried_field_is_read_from_what_was_received_not_from_a_replay(shelves: Any) -> None:
    mistaken(shelves)
    remap(shelves, "crm")
    applied(shelves)
    with shelves.database.write() as tx:
        assert inbox.again(tx, ["crm/people/1"], shelves.hub.stamp()) == 1
        (row,) = inbox.claim(tx, shelves.hub.stamp(), 10)
    assert row.source == "pull"


def test_replayed_rows_go_when_the_received_ones_go(shelves: Any) -> None:
    mistaken(shelves)
    remap(shelves, "crm")
    with shelves.database.read() as tx:
        ((received,),) = tx.rows(
            "SELECT max(received_at) FROM inbox WHERE link_id = ?", "crm/people/1"
        )
    applied(shelves)
    shelves.tick(days=3)
    with shelves.database.write() as tx:
        ((at,),) = tx.rows("SELECT received_at FROM inbox WHERE source = 'replay' LIMIT 1")
        assert at <= received
        inbox.forget_before(tx, shelves.hub.stamp(), 1000)
        assert tx.rows("SELECT id FROM inbox") == []
    assert replay(shelves.hub, EVER).counts["read"] == 0
    assert engine.reach(shelves.hub) is None


def test_payloads_of_an_older_key_are_read_while_it_is_listed(
    shelves: Any, database: Database
) -> None:
    mistaken(shelves)
    new = Fernet.generate_key().decode()
    for keys, found in ((f"{new},{shelves.config.hub.key.get_secret_value()}", 3), (new, 0)):
        process = Database(database.url, clock=database.now, keys=keys)
        hub = open_hub(shelves.config, database=process)
        diff = replay(hub, EVER)
        assert diff.counts["differ"] == found
        assert bool(diff.counts["unreadable"]) == (found == 0)
        process.close()


def test_a_repeated_delivery_is_known_again_after_the_key_was_rotated(
    shelves: Any, database: Database
) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.run("crm")
    new = Fernet.generate_key().decode()
    process = Database(
        database.url,
        clock=database.now,
        keys=f"{new},{shelves.config.hub.key.get_secret_value()}",
    )
    with process.write() as tx:
        flow, now = shelves.hub.flows["crm"], shelves.hub.stamp()
        again, other = shelves.at["crm"].records[-1], Record("people", "1", {**SATO, "given": "薫"})
        assert receive(tx, flow, [again], source="webhook", run_id=None, now=now) == (0, 1)
        assert receive(tx, flow, [other], source="webhook", run_id=None, now=now) == (1, 0)
        assert receive(tx, flow, [other], source="webhook", run_id=None, now=now) == (0, 1)
    process.close()


def test_a_payload_that_no_key_opens_is_set_aside_and_comes_back_with_the_key(
    shelves: Any, database: Database
) -> None:
    from sync.engine.retry import chosen, retry

    shelves.at["crm"].put("1", **SATO)
    with shelves.database.write() as tx:
        flow, now = shelves.hub.flows["crm"], shelves.hub.stamp()
        receive(tx, flow, shelves.at["crm"].records, source="pull", run_id=None, now=now)
    process = Database(database.url, clock=database.now, keys=Fernet.generate_key().decode())
    resolve_due(open_hub(shelves.config, database=process))
    process.close()
    (item,) = shelves.asides()
    assert (item.kind, item.code) == ("record", "WRONG_KEY")
    retry(shelves.hub, chosen(shelves.hub, code="WRONG_KEY"))
    resolve_due(shelves.hub)
    assert len(shelves.leads()) == 1


def test_an_older_payload_that_came_late_is_not_what_is_read(shelves: Any) -> None:
    only_read(shelves, "crm")
    remap(shelves, "crm", fields={"title": "dept"})
    late, early = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    flow = shelves.hub.flows["crm"]
    for title, at in (("部長", late), ("課長", early)):
        record = Record("people", "1", {**SATO, "title": title}, changed_at=at)
        with shelves.database.write() as tx:
            now = shelves.hub.stamp()
            receive(tx, flow, [record], source="webhook", run_id=None, now=now)
        resolve_due(shelves.hub)
    remap(shelves, "crm")
    applied(shelves)
    held = link(shelves, "crm/people/1")
    assert (held.held["title"], held.since["title"]) == ("部長", iso(late))
