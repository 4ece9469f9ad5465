"""What the engine promises of any vendor: no loops, no losses, no doubles."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from connectors.kit.base import Change, Record, Ref
from connectors.kit.errors import (
    AuthFailed,
    Conflict,
    RateLimited,
    RecordRejected,
    Unavailable,
)
from sync.engine import merging
from sync.engine.pull import receive
from sync.engine.push import push_due
from sync.engine.resolve import resolve_batch, resolve_due
from sync.store import inbox, outbox, runs
from sync.workers import jobs, upkeep

SATO = {
    "email": "sato@aozora.example",
    "family": "佐藤",
    "given": "花子",
    "company": "青空製作所",
    "phone": "03-1234-5678",
    "status": "new",
    "mail": "yes",
}


def test_a_lead_goes_everywhere_and_its_echo_is_absorbed(shelves: Any) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.settle()
    (lead,) = shelves.leads()
    assert lead.fields["phone"] == "+81312345678"
    assert len(shelves.at["sfa"].people) == len(shelves.at["ma"].people) == 1
    writes = sum(len(shelf.writes) for shelf in shelves.at.values())
    assert writes == 2
    shelves.settle()
    assert sum(len(shelf.writes) for shelf in shelves.at.values()) == writes


def test_a_vendor_that_formats_phones_its_own_way_does_not_ping_pong(shelves: Any) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.settle()
    (own,) = shelves.at["sfa"].people
    shelves.at["sfa"].put(own, phone="+81 3 1234 5678")
    before = len(shelves.at["sfa"].writes)
    shelves.settle()
    assert len(shelves.at["sfa"].writes) == before


def test_a_later_edit_in_one_system_reaches_the_others(shelves: Any) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.settle()
    (own,) = shelves.at["ma"].people
    shelves.at["ma"].put(own, title="部長")
    shelves.settle()
    assert shelves.at["crm"].people["1"]["title"] == "部長"
    (lead,) = shelves.leads()
    changed = [event for event in shelves.history(lead.id) if event.event == "changed"]
    assert changed[-1].changes == {"title": [None, "部長"]}
    assert changed[-1].link_id == f"ma/people/{own}"


def test_one_refused_field_is_set_aside_and_the_rest_is_written(shelves: Any) -> None:
    error = RecordRejected("the vendor refused the title", code="TOO_LONG", fields=("title",))
    shelves.at["sfa"].refuse_fields = lambda change: (
        {"title": error} if "title" in change.values else {}
    )
    shelves.at["crm"].put("1", **SATO, title="とても長い役職")
    shelves.settle()
    (row,) = shelves.at["sfa"].people.values()
    assert row["email"] == SATO["email"]
    assert "title" not in row
    (item,) = shelves.asides(connection="sfa")
    assert (item.kind, item.field, item.code) == ("field", "title", "TOO_LONG")
    shelves.at["sfa"].refuse_fields = lambda change: {}
    shelves.at["crm"].put("1", title="部長")
    shelves.settle()
    (row,) = shelves.at["sfa"].people.values()
    assert row["title"] == "部長"
    assert shelves.asides(connection="sfa") == []


def test_one_refused_record_is_set_aside_and_comes_back_when_it_changes(shelves: Any) -> None:
    shelves.at["sfa"].refuse = lambda change: (
        RecordRejected("no company", code="REQUIRED")
        if not change.values.get("company") and not change.external_id
        else None
    )
    shelves.at["crm"].put("1", **{**SATO, "company": ""})
    shelves.at["crm"].put(
        "2", **{**SATO, "email": "suzuki@minato.example", "family": "鈴木", "phone": ""}
    )
    shelves.settle()
    assert len(shelves.at["sfa"].people) == 1
    (item,) = shelves.asides(connection="sfa")
    assert (item.kind, item.code) == ("change", "REQUIRED")
    assert item.sent["email"] == SATO["email"]
    shelves.at["crm"].put("1", company="青空製作所")
    shelves.settle()
    assert len(shelves.at["sfa"].people) == 2
    assert shelves.asides(connection="sfa") == []


def test_an_outage_is_waited_out_and_nothing_is_doubled(shelves: Any, clock: Any) -> None:
    def fall_over(_: object) -> None:
        raise Unavailable("no answer", maybe_applied=True)

    shelves.at["crm"].put("1", **SATO)
    shelves.at["sfa"].after = fall_over  # applied, and the answer lost
    shelves.run()
    assert len(shelves.at["sfa"].people) == 1
    shelves.at["sfa"].after = lambda _: None
    clock.pass_time(minutes=5)
    shelves.settle()
    assert len(shelves.at["sfa"].people) == 1
    (lead,) = shelves.leads()
    assert {link.connection for link in shelves.links(lead.id)} == {"crm", "sfa", "ma"}


def test_a_rate_limit_is_waited_out_and_not_counted_as_a_failure(shelves: Any, clock: Any) -> None:
    def slow_down(_: object) -> None:
        raise RateLimited("slow down", retry_after=120)

    shelves.at["crm"].put("1", **SATO)
    shelves.at["sfa"].before = slow_down
    done = shelves.run()
    assert [run.state for run in done if run.kind == "push" and run.connection == "sfa"] == [
        "stopped"
    ]
    shelves.at["sfa"].before = lambda _: None
    clock.pass_time(seconds=60)
    shelves.run()
    assert shelves.at["sfa"].people == {}
    clock.pass_time(seconds=60)
    shelves.run()
    assert len(shelves.at["sfa"].people) == 1


def test_refused_credentials_pause_the_connection_and_the_others_go_on(shelves: Any) -> None:
    def refuse(_: object) -> None:
        raise AuthFailed("the token was revoked")

    shelves.at["crm"].put("1", **SATO)
    shelves.at["sfa"].before = refuse
    shelves.run()
    assert not upkeep.is_active(shelves.hub, "sfa")
    assert len(shelves.at["ma"].people) == 1
    shelves.at["sfa"].before = lambda _: None
    with shelves.database.write() as tx:
        runs.set_connection(tx, "sfa", "active", None, shelves.hub.stamp())
    shelves.tick(minutes=10)
    shelves.settle()
    assert len(shelves.at["sfa"].people) == 1


def test_a_record_that_stands_in_the_way_is_adopted(shelves: Any) -> None:
    shelf = shelves.at["sfa"]
    shelf.people["77"] = {**SATO, "title": "課長"}  # there, and never heard of

    def refuse(change: Change) -> Conflict | None:
        return Conflict("exists already", existing_id="77") if change.external_id is None else None

    shelf.refuse = refuse
    shelves.at["crm"].put("1", **SATO)
    shelves.run()
    shelves.settle()
    (lead,) = shelves.leads()
    assert {link.id for link in shelves.links(lead.id)} >= {"sfa/people/77"}
    assert lead.fields["title"] == "課長"
    assert len(shelf.people) == 1


def test_a_record_deleted_at_the_vendor_is_not_made_again(shelves: Any) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.settle()
    (own,) = shelves.at["sfa"].people
    del shelves.at["sfa"].people[own]
    shelves.at["sfa"].records.append(Record("people", own, {}, deleted=True))
    shelves.at["crm"].put("1", title="部長")
    shelves.settle()
    assert shelves.at["sfa"].people == {}
    (lead,) = shelves.leads()
    assert lead.fields["email"] == SATO["email"]


def test_records_the_vendor_merged_bring_their_leads_together(shelves: Any) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.at["crm"].put(
        "2", **{**SATO, "email": "hanako@home.example", "company": "", "phone": ""}
    )
    shelves.settle()
    assert len(shelves.leads()) == 2
    row = shelves.at["crm"].people.pop("2")
    shelves.at["crm"].records.append(
        Record("people", "1", {**row, **SATO}, previous_ids=(Ref("people", "2"),))
    )
    shelves.settle()
    (lead,) = shelves.leads()
    assert lead.email == SATO["email"]
    assert any(event.event == "merged" for event in shelves.history(lead.id))


def test_an_older_delivery_does_not_undo_a_newer_one(shelves: Any) -> None:
    from datetime import UTC, datetime

    late = Record(
        "people", "1", {**SATO, "title": "部長"}, changed_at=datetime(2026, 3, 2, tzinfo=UTC)
    )
    early = Record(
        "people", "1", {**SATO, "title": "課長"}, changed_at=datetime(2026, 3, 1, tzinfo=UTC)
    )
    shelves.at["crm"].records += [late, early]
    shelves.at["crm"].people["1"] = dict(late.payload)
    shelves.settle()
    (lead,) = shelves.leads()
    assert lead.fields["title"] == "部長"


def test_a_deal_waits_for_its_person_and_then_moves_the_stage(shelves: Any, clock: Any) -> None:
    deal = Record(
        "deals",
        "d1",
        {"name": "導入", "outcome": "lost", "reason": "予算"},
        refs=(Ref("people", "1"),),
    )
    shelves.at["crm"].records.append(deal)
    shelves.run()
    assert shelves.leads() == []
    shelves.at["crm"].put("1", **SATO)
    shelves.run()
    clock.pass_time(minutes=2)
    shelves.settle()
    (lead,) = shelves.leads()
    assert (lead.stage, lead.stage_reason) == ("lost", "予算")
    assert shelves.at["crm"].people["1"]["status"] == "lost"


def test_a_record_nobody_can_read_is_set_aside_alone(shelves: Any) -> None:
    with shelves.database.write() as tx:
        good = Record("people", "1", SATO)
        bad = Record("people", "2", {"email": {"not": "text"}, "_error": "ROW_BROKEN"})
        receive(
            tx,
            shelves.hub.flows["crm"],
            [bad, good],
            source="pull",
            run_id=None,
            now=shelves.hub.stamp(),
        )
    result = resolve_due(shelves.hub)
    assert result.counts["leads"] == 1
    (item,) = shelves.asides(kind="record")
    assert item.external_id == "2"
    assert item.fix
    with shelves.database.read() as tx:
        assert inbox.waiting(tx, shelves.hub.stamp()) == 0


def test_a_fault_of_ours_sets_one_record_aside_and_the_batch_goes_on(
    shelves: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = shelves.hub.flows["crm"]
    read = flow.maps["people"].read

    class Map:
        stage = None

        def __getattr__(self, name: str) -> Any:
            return getattr(flow_map, name)

        def read(self, flat: Any) -> Any:
            if flat["email"] == "boom@x.example":
                raise ZeroDivisionError
            return read(flat)

    flow_map = flow.maps["people"]
    monkeypatch.setattr(flow, "maps", {**flow.maps, "people": Map()})
    with shelves.database.write() as tx:
        somebody = {**SATO, "phone": ""}
        records = [
            Record("people", str(n), {**somebody, "given": name, "email": f"p{n}@x.example"})
            for n, name in enumerate(("花子", "一郎", "恵"))
        ]
        records.insert(1, Record("people", "9", {**SATO, "email": "boom@x.example"}))
        receive(tx, flow, records, source="pull", run_id=None, now=shelves.hub.stamp())
    resolve_batch(shelves.hub)
    assert len(shelves.leads()) == 3
    (item,) = shelves.asides(code="BUG")
    assert item.external_id == "9"


def test_two_hundred_deliveries_of_one_new_person_make_one_record_in_each_target(
    shelves: Any,
) -> None:
    start = threading.Barrier(8)
    errors: list[BaseException] = []

    def deliver(worker: int) -> None:
        try:
            start.wait()
            for number in range(25):
                record = Record("people", "1", {**SATO, "title": f"肩書{worker}-{number}"})
                with shelves.database.write() as tx:
                    receive(
                        tx,
                        shelves.hub.flows["crm"],
                        [record],
                        source="webhook",
                        run_id=None,
                        now=shelves.hub.stamp(),
                    )
                resolve_batch(shelves.hub)
                for name in ("sfa", "ma"):
                    push_due(shelves.hub, shelves.hub.flows[name])
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=deliver, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    resolve_due(shelves.hub)
    shelves.at["crm"].people["1"] = dict(SATO)
    jobs.push_all(shelves.hub)
    assert len(shelves.leads()) == 1
    assert len(shelves.at["sfa"].people) == len(shelves.at["ma"].people) == 1
    with shelves.database.read() as tx:
        assert outbox.due_by_connection(tx, shelves.hub.stamp()) == {}


def test_the_same_person_from_two_systems_at_once_is_one_lead(shelves: Any) -> None:
    start = threading.Barrier(2)

    def deliver(name: str) -> None:
        start.wait()
        for number in range(40):
            person = {
                **SATO,
                "email": f"person{number}@aozora.example",
                "given": f"花子{number}",
                "phone": "",
            }
            with shelves.database.write() as tx:
                receive(
                    tx,
                    shelves.hub.flows[name],
                    [Record("people", f"{number}", person)],
                    source="webhook",
                    run_id=None,
                    now=shelves.hub.stamp(),
                )
            resolve_batch(shelves.hub)

    threads = [threading.Thread(target=deliver, args=(name,)) for name in ("crm", "sfa")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    resolve_due(shelves.hub)
    assert len(shelves.leads()) == 40


def deal(number: int, outcome: str) -> Record:
    return Record(
        "deals",
        f"d{number}",
        {"name": f"導入{number}", "outcome": outcome, "reason": ""},
        refs=(Ref("people", "1"),),
    )


def test_a_lost_deal_moves_nobody_while_another_is_open(shelves: Any) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.at["crm"].records += [deal(1, "open"), deal(2, "open")]
    shelves.settle()
    shelves.at["crm"].records.append(deal(1, "lost"))
    shelves.settle()
    (lead,) = shelves.leads()
    assert lead.stage == "opportunity"
    shelves.at["crm"].records.append(deal(2, "won"))
    shelves.settle()
    (lead,) = shelves.leads()
    assert lead.stage == "won"


def test_a_new_deal_of_a_customer_opens_a_new_cycle(shelves: Any) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.at["crm"].records.append(deal(1, "won"))
    shelves.settle()
    shelves.at["crm"].records.append(deal(2, "open"))
    shelves.settle()
    (lead,) = shelves.leads()
    assert (lead.stage, lead.cycle) == ("opportunity", 2)


def test_an_older_state_that_comes_after_the_deletion_revives_nobody(
    shelves: Any, clock: Any
) -> None:
    shelves.at["sfa"].now = clock
    shelves.at["sfa"].put("own", **SATO)
    shelves.settle()
    clock.pass_time(minutes=5)
    shelves.at["sfa"].put("own", title="課長")
    clock.pass_time(minutes=5)
    shelves.at["sfa"].delete("own")
    log = shelves.at["sfa"].records
    log[-2:] = reversed(log[-2:])

    shelves.settle()

    (lead,) = shelves.leads()
    assert [one.state for one in shelves.links(lead.id) if one.connection == "sfa"] == ["gone"]


def test_what_was_refused_is_tried_again_by_itself_less_and_less_often(
    shelves: Any, clock: Any
) -> None:
    refused = RecordRejected("no titles here", code="BAD", fields=("title",))
    tries: list[Any] = []

    def refuse(change: Change) -> Any:
        tries.append(change)
        return refused if "title" in change.values else None

    shelves.at["sfa"].refuse = refuse
    shelves.at["crm"].put("1", **SATO, title="課長")
    shelves.settle()
    for hours in (1, 1, 1, 1):
        clock.pass_time(hours=hours)
        shelves.settle()
    assert len(tries) == 2
    (item,) = shelves.asides(connection="sfa")
    assert item.times == 2

    shelves.at["sfa"].refuse = lambda _: None
    clock.pass_time(hours=4)
    shelves.settle()

    assert [row["title"] for row in shelves.at["sfa"].people.values()] == ["課長"]
    assert shelves.asides(connection="sfa") == []


def test_when_the_record_that_is_written_to_goes_its_double_gets_everything(shelves: Any) -> None:
    shelves.at["sfa"].put("first", **SATO, title="課長")
    shelves.settle()
    shelves.at["sfa"].put("double", **SATO)
    shelves.settle()
    shelves.at["sfa"].delete("first")

    shelves.settle()

    assert shelves.at["sfa"].people["double"]["title"] == "課長"


def test_of_two_records_that_came_together_the_same_is_written_to_each_time(shelves: Any) -> None:
    shelves.at["crm"].put("own", **SATO)
    shelves.at["crm"].put("double", **SATO)
    shelves.at["crm"].put("own", status="lost")

    shelves.settle()

    assert {row["status"] for row in shelves.at["crm"].people.values()} == {"lost"}


def test_an_address_that_the_hub_writes_over_stays_the_persons(shelves: Any) -> None:
    for flow in shelves.hub.flows.values():
        push = flow.config.push.model_copy(update={"create": False})
        flow.config = flow.config.model_copy(update={"push": push})
    shelves.at["crm"].put("1", **SATO)
    shelves.at["ma"].put("2", **{**SATO, "email": "hanako@chidori.example", "family": "伊藤"})
    shelves.settle()
    merging.merge(shelves.hub, *(lead.id for lead in shelves.leads()), user="mori")
    shelves.settle()

    (lead,) = shelves.leads()
    (second,) = {SATO["email"], "hanako@chidori.example"} - {lead.email}
    assert shelves.at["crm"].people["1"]["email"] == lead.email
    assert shelves.at["ma"].people["2"]["email"] == lead.email
    shelves.at["crm"].put("1", title="部長")
    shelves.settle()
    assert shelves.leads()[0].fields["emails"] == [lead.email, second]


def test_a_record_that_is_found_gone_by_a_write_leaves_its_double_to_be_written(
    shelves: Any,
) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.settle()
    (own,) = shelves.at["sfa"].people
    shelves.at["sfa"].put("double", **SATO)
    shelves.settle()
    row = shelves.at["sfa"].people.pop(own)  # nobody tells
    assert row["email"] == SATO["email"]

    shelves.at["crm"].put("1", title="部長")
    shelves.settle()

    assert shelves.at["sfa"].people["double"]["title"] == "部長"


@pytest.mark.parametrize(
    ("origin", "says", "went"),
    [
        ("teleprospecting", None, ["tal"]),
        ("teleprospecting", "deal", ["tal", "tql", "sal", "sql"]),
        ("sales", None, ["sal"]),
        ("partner", None, ["inquiry"]),
    ],
)
def test_a_lead_begins_where_its_origin_says(
    shelves: Any, origin: str, says: str | None, went: list[str]
) -> None:
    shelves.at["crm"].put("1", **{**SATO, "origin": origin, "status": says})
    shelves.settle()
    (lead,) = shelves.leads()
    assert [stay.stage for stay in shelves.stages(lead.id)] == went
