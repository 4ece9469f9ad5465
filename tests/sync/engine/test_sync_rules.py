"""What the engine promises of any vendor: no loops, no losses, no doubles."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from connectors.kit.base import Record, Ref
from sync.engine.pull import receive
from sync.engine.push import push_due
from sync.engine.resolve import resolve_batch, resolve_due
from sync.store import outbox
from sync.workers import jobs
from tests.sync.engine.histories import MAILABLE as SATO


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
