"""C38 to C40: a run that is not whole says so, with the reason, the record and the way out."""

from __future__ import annotations

from typing import Any

from connectors.kit.simulator import Fault
from sync.engine.views import status
from sync.store import runs
from sync.workers import upkeep
from tests.journeys.complaints.conftest import EMAIL, LEADS, in_step, limited, listed


def test_c38_a_run_with_errors_is_no_success_and_the_next_ones_go_on_with_them(world: Any) -> None:
    nobody = {"氏名": "鈴木 一郎", "会社名": "みなと商事株式会社", "電話番号": "03-9876-5432"}
    record = world.crm.add_record(LEADS, nobody)
    person = in_step(world)
    with world.database.read() as tx:
        pushes = [run for run in runs.recent(tx, "ma", 50) if run.kind == "push"]
    troubled = {run.id: run.state for run in pushes if run.counts.get("set_aside")}
    assert set(troubled.values()) == {"partial"}
    (item,) = world.asides(connection="ma")
    assert item.run_id in troubled
    assert item.code
    assert item.fix
    (ma,) = status(world.hub, ["ma"]).connections
    assert (ma.waiting, ma.set_aside) == (1, 1)
    assert [row["hs_object_id"] for row in world.contacts()] == [person["ma"]]
    world.crm.edit_record(LEADS, record, {"メールアドレス": "suzuki@minato.example"})
    world.settle()
    assert {row["email"] for row in world.contacts()} == {EMAIL, "suzuki@minato.example"}
    assert world.asides(connection="ma") == []


def test_c38_a_vendor_that_stays_away_shows_at_every_run(world: Any) -> None:
    in_step(world)
    world.sfa.faults.append(Fault("/query", times=1000))
    for _ in range(2):
        states = {run.state for run in world.sync("sfa") if run.kind == "pull"}
        assert states == {"failed"}
    (sfa,) = status(world.hub, ["sfa"]).connections
    assert (sfa.last_run.state, bool(sfa.last_run.error)) == ("failed", True)
    world.sfa.faults.clear()
    world.settle()
    (sfa,) = status(world.hub, ["sfa"]).connections
    assert sfa.last_run.state == "succeeded"


def test_c39_an_error_is_told_as_what_it_is_with_what_to_do(world: Any) -> None:
    limited(world)
    in_step(world)
    world.sfa.use_up_calls()
    (run, *_) = [one for one in world.sync("sfa") if one.state == "stopped"]
    assert run.code == "SALESFORCE_REQUEST_LIMIT_EXCEEDED"
    assert "API calls are used up" in run.error
    world.ma.revoke()
    (run, *_) = [one for one in world.sync("ma") if one.state == "failed"]
    assert not upkeep.is_active(world.hub, "ma")
    (ma,) = status(world.hub, ["ma"]).connections
    assert (ma.state, ma.reason) == ("needs_auth", run.error)
    assert "token" in run.error


def test_c40_a_row_that_cannot_be_read_is_listed_with_its_place_and_the_rest_is_taken(
    world: Any,
) -> None:
    listed(
        world,
        "visitors.csv",
        "会社名,氏名,メールアドレス,電話番号\n"
        f"株式会社青空製作所,佐藤 花子,{EMAIL},03-1234-5678\n"
        '株式会社みなと商事,"鈴木\n'
        "みなと商事株式会社,田中 実,tanaka@minato.example,03-9876-5432\n",
    )
    done = world.sync("list")
    assert {run.state for run in done if run.connection == "list"} == {"partial"}
    (item,) = world.asides(connection="list")
    assert (item.kind, item.received["_file"], item.received["_row"]) == (
        "record",
        "visitors.csv",
        3,
    )
    assert "row 3" in item.message
    assert item.fix
    assert {row["email"] for row in world.contacts()} == {EMAIL, "tanaka@minato.example"}
