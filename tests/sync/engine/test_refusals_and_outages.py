"""What fails is set aside or waited out alone, and comes back by itself."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kit.base import Change, Record
from connectors.kit.errors import AuthFailed, RateLimited, RecordRejected, Unavailable
from sync.engine.pull import receive
from sync.engine.resolve import resolve_batch, resolve_due
from sync.store import inbox, runs
from sync.workers import upkeep
from tests.sync.engine.histories import MAILABLE as SATO


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
