"""Rules move leads that news came of: once, whatever the order, and never against a hand-back."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest

from connectors.kit.base import Record, Ref
from sync.config.model import StagesConfig
from sync.engine import edits
from sync.engine.hub import open_hub
from sync.engine.pull import receive
from sync.engine.resolve import resolve_batch, resolve_due
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.histories import SATO, hear, take

MANAGERS: dict[str, Any] = {
    "id": "manager-called",
    "from": ["inquiry", "recycled"],
    "to": "mql",
    "when": {
        "all": [
            {"field": "title", "contains": "部長"},
            {"activity": "call", "within_days": 30},
        ]
    },
}
MET: dict[str, Any] = {
    "id": "met",
    "from": "mql",
    "to": "sal",
    "when": {"activity": "meeting"},
}


def rule(shelves: Shelves, *rules: dict[str, Any], **more: Any) -> None:
    """Open the hub again with these rules."""
    stages = StagesConfig.model_validate({"qualification": list(rules), **more})
    config = shelves.config.model_copy(update={"stages": stages})
    hub = open_hub(config, database=shelves.database)
    for name, flow in hub.flows.items():
        flow._connector = shelves.hub.flows[name]._connector
    shelves.hub = hub


def trail(
    external_id: str, at: str, *, stream: str = "calls", what: str = "call", person: str = "1"
) -> Record:
    values = {"what": what, "at": at, "email": SATO["email"]}
    return Record(stream, external_id, values, refs=(Ref("people", person),))


def call(shelves: Shelves, external_id: str, at: str) -> None:
    take(shelves, "crm", [trail(external_id, at)])


def went(shelves: Shelves, lead_id: str) -> list[tuple[str, int, str | None]]:
    return [(one.stage, one.cycle, one.rule) for one in shelves.stages(lead_id)]


def person(**more: Any) -> dict[str, Any]:
    return {**SATO, "title": "営業部長", **more}


@pytest.fixture
def ruled(shelves: Shelves) -> Shelves:
    rule(shelves, MANAGERS, MET)
    return shelves


def test_a_rule_moves_a_lead_and_says_what_it_saw(ruled: Shelves) -> None:
    lead_id = hear(ruled, "crm", "1", **person())
    call(ruled, "c1", "2026-03-31T10:00:00Z")
    (lead,) = ruled.leads()
    assert (lead.stage, lead.cycle) == ("mql", 1)
    stay = ruled.stages(lead_id)[-1]
    assert (stay.system, stay.rule, stay.override_by) == ("renkei", "manager-called", None)
    title, called = json.loads(stay.inputs or "")
    assert title == {
        "kind": "field",
        "name": "title",
        "test": {"contains": ["部長"]},
        "saw": "営業部長",
        "holds": True,
    }
    assert called == {
        "kind": "activity",
        "name": "call",
        "test": {"count": 1, "within_days": 30.0},
        "saw": 1,
        "holds": True,
        "at": "2026-03-31T10:00:00.000000Z",
        "records": ["crm/calls/c1"],
    }


def test_a_move_is_owed_to_every_target(ruled: Shelves) -> None:
    ruled.at["crm"].put("1", **person())
    ruled.settle()
    call(ruled, "c1", "2026-03-31T10:00:00Z")
    ruled.settle()
    held = [shelf.people for shelf in ruled.at.values()]
    assert [row["status"] for people in held for row in people.values() if row] == ["mql"] * 3


def test_a_second_run_changes_nothing(ruled: Shelves) -> None:
    lead_id = hear(ruled, "crm", "1", **person())
    call(ruled, "c1", "2026-03-31T10:00:00Z")
    before = went(ruled, lead_id)
    call(ruled, "c2", "2026-03-31T11:00:00Z")
    hear(ruled, "crm", "1", **person(phone="03-9876-5432"))
    assert went(ruled, lead_id) == before == [("inquiry", 1, None), ("mql", 1, "manager-called")]


def test_rules_go_on_until_none_fits(ruled: Shelves) -> None:
    lead_id = hear(ruled, "crm", "1", **person())
    take(
        ruled,
        "crm",
        [
            trail("c1", "2026-03-31T10:00:00Z"),
            trail("m1", "2026-03-31T11:00:00Z", stream="visits", what="meeting"),
        ],
    )
    assert went(ruled, lead_id) == [
        ("inquiry", 1, None),
        ("mql", 1, "manager-called"),
        ("tal", 1, None),
        ("tql", 1, None),
        ("sal", 1, "met"),
    ]
    assert [one.inferred for one in ruled.stages(lead_id)] == [False, False, True, True, False]


RECORDS: tuple[Record, ...] = (
    Record("people", "1", person()),
    trail("c1", "2026-03-31T10:00:00Z"),
    trail("m1", "2026-03-31T11:00:00Z", stream="visits", what="meeting"),
)


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("apart", [False, True], ids=["one batch", "three batches"])
def test_the_order_of_the_news_makes_no_difference(
    ruled: Shelves, order: Sequence[int], apart: bool
) -> None:
    if apart:
        for place in order:
            take(ruled, "crm", [RECORDS[place]])
    else:
        take(ruled, "crm", [RECORDS[place] for place in order])
    for _ in range(3):  # what came before its person waits for it
        ruled.tick(seconds=600)
        resolve_due(ruled.hub)
    (lead,) = ruled.leads()
    rules = [one.rule for one in ruled.stages(lead.id) if one.rule]
    assert (lead.stage, lead.cycle) == ("sal", 1)
    # A visit of somebody unknown is heard only later; what it moves is the same.
    assert rules == ["manager-called", "met"]


def test_what_happened_too_long_ago_does_not_count(ruled: Shelves) -> None:
    hear(ruled, "crm", "1", **person())
    call(ruled, "c1", "2026-03-01T10:00:00Z")
    assert ruled.leads()[0].stage == "inquiry"


def test_a_hand_back_is_not_undone_by_the_same_facts(ruled: Shelves) -> None:
    lead_id = hear(ruled, "crm", "1", **person())
    call(ruled, "c1", "2026-03-31T10:00:00Z")
    ruled.tick(days=1)
    edits.set_stage(ruled.hub, lead_id, "recycled", reason="timing_later", user="tanaka")
    hear(ruled, "crm", "1", **person(phone="03-9876-5432"))
    call(ruled, "c0", "2026-03-30T10:00:00Z")
    assert went(ruled, lead_id)[-1] == ("recycled", 1, None)
    ruled.tick(days=1)
    call(ruled, "c2", "2026-04-02T12:00:00Z")
    assert went(ruled, lead_id)[-1] == ("mql", 2, "manager-called")


def test_a_hand_back_by_a_vendor_counts_as_well(ruled: Shelves) -> None:
    lead_id = hear(ruled, "crm", "1", **person())
    call(ruled, "c1", "2026-03-31T10:00:00Z")
    hear(ruled, "crm", "1", **person(status="mql"))
    hear(ruled, "crm", "1", **person(status="new"))
    hear(ruled, "crm", "1", **person(status="new", phone="03-9876-5432"))
    assert went(ruled, lead_id)[-1] == ("recycled", 1, None)


def test_a_rule_over_fields_alone_fires_again_only_when_one_of_them_changed(
    shelves: Shelves,
) -> None:
    titled = {**MANAGERS, "when": {"field": "title", "contains": "部長"}}
    rule(shelves, titled)
    lead_id = hear(shelves, "crm", "1", **person())
    edits.set_stage(shelves.hub, lead_id, "recycled", reason="no_budget", user="tanaka")
    hear(shelves, "crm", "1", **person(phone="03-9876-5432"))
    assert shelves.leads()[0].stage == "recycled"
    hear(shelves, "crm", "1", **person(title="本部長"))
    assert went(shelves, lead_id)[-1] == ("mql", 2, "manager-called")


def test_a_person_who_puts_a_lead_back_on_the_way_is_not_overruled(shelves: Shelves) -> None:
    rule(shelves, {**MANAGERS, "when": {"field": "title", "contains": "部長"}})
    lead_id = hear(shelves, "crm", "1", **person())
    edits.set_stage(shelves.hub, lead_id, "inquiry", reason="早すぎる", user="tanaka")
    hear(shelves, "crm", "1", **person(title="本部長"))
    assert went(shelves, lead_id)[-1] == ("inquiry", 1, None)  # it fired in this cycle already


def test_rules_that_lead_in_a_circle_come_to_an_end(shelves: Shelves) -> None:
    always = {"field": "email", "filled": True}
    rule(
        shelves,
        {"id": "on", "from": ["inquiry", "recycled"], "to": "mql", "when": always},
        {"id": "off", "from": "mql", "to": "recycled", "reason": "other", "when": always},
    )
    lead_id = hear(shelves, "crm", "1", **person())
    assert went(shelves, lead_id) == [
        ("inquiry", 1, None),
        ("mql", 1, "on"),
        ("recycled", 1, "off"),
    ]


def test_of_several_rules_the_first_that_fits_moves(shelves: Shelves) -> None:
    fits = {"from": "inquiry", "to": "mql", "when": {"field": "company", "filled": True}}
    other = {**fits, "id": "other", "when": {"field": "company", "is": "別の会社"}}
    rule(shelves, other, {**fits, "id": "first"}, {**fits, "id": "second"})
    lead_id = hear(shelves, "crm", "1", **person())
    assert went(shelves, lead_id)[-1] == ("mql", 1, "first")


def test_a_score_adds_up_what_fields_and_activities_are_worth(shelves: Shelves) -> None:
    scores = {
        "fit": [
            {"points": 40, "when": {"field": "title", "contains": "部長"}},
            {"points": 25, "when": {"activity": "call", "count": 2}},
            {"points": -50, "when": {"field": "company", "contains": "競合"}},
        ]
    }
    scored = {"id": "fit", "from": "inquiry", "to": "mql", "when": {"score": "fit", "at_least": 60}}
    rule(shelves, scored, scores=scores)
    lead_id = hear(shelves, "crm", "1", **person())
    call(shelves, "c1", "2026-03-31T10:00:00Z")
    assert shelves.leads()[0].stage == "inquiry"
    call(shelves, "c2", "2026-03-31T11:00:00Z")
    stay = shelves.stages(lead_id)[-1]
    assert stay.rule == "fit"
    seen = json.loads(stay.inputs or "")
    assert [(one["name"], one["saw"], one["holds"]) for one in seen] == [
        ("fit", 65.0, True),
        ("title", "営業部長", True),
        ("call", 2, True),
        ("company", "青空製作所", False),
    ]
    assert [one.get("score") for one in seen] == [None, "fit", "fit", "fit"]


def test_an_edit_by_hand_is_news_too(ruled: Shelves) -> None:
    lead_id = hear(ruled, "crm", "1", **SATO)
    call(ruled, "c1", "2026-03-31T10:00:00Z")
    done = edits.edit_lead(ruled.hub, lead_id, {"title": "部長"}, user="tanaka")
    assert done.stage == ("inquiry", "mql")
    assert went(ruled, lead_id)[-1] == ("mql", 1, "manager-called")


def test_leads_that_become_one_bring_their_activities_together(shelves: Shelves) -> None:
    twice = {
        "id": "twice",
        "from": "inquiry",
        "to": "mql",
        "when": {"activity": "call", "count": 2},
    }
    rule(shelves, twice)
    one = hear(shelves, "crm", "1", email="a@aozora.example", family="佐藤", given="花子")
    hear(shelves, "sfa", "2", email="b@aozora.example", family="佐藤", given="花子")
    at = "2026-03-31T10:00:00Z"
    for connection, number in (("crm", "1"), ("sfa", "2")):
        values = {"what": "call", "at": at.replace("10", f"1{number}")}
        record = Record("calls", "c", values, refs=(Ref("people", number),))
        take(shelves, connection, [record])
    assert {lead.stage for lead in shelves.leads()} == {"inquiry"}
    hear(shelves, "sfa", "2", email="a@aozora.example", family="佐藤", given="花子", company="青空")
    (lead,) = shelves.leads()
    assert (lead.id, lead.stage) == (one, "mql")


@pytest.mark.parametrize("rounds", range(3))
def test_two_workers_at_once_move_a_lead_once(ruled: Shelves, rounds: int) -> None:
    lead_id = hear(ruled, "crm", "1", **person())
    with ruled.database.write() as tx:
        flow, now = ruled.hub.flows["crm"], ruled.hub.stamp()
        records = [trail(f"c{number}", f"2026-03-31T1{number}:00:00Z") for number in range(6)]
        receive(tx, flow, records, source="pull", run_id=None, now=now)
    begin = threading.Barrier(2)

    def work() -> None:
        begin.wait()
        while resolve_batch(ruled.hub, 1).rows:
            pass

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert went(ruled, lead_id) == [("inquiry", 1, None), ("mql", 1, "manager-called")]


def test_rules_cost_a_batch_a_few_statements_and_none_where_there_are_none(
    shelves: Shelves,
) -> None:
    def cost(first: int, leads: int) -> int:
        people = [
            Record(
                "people", str(n), {**person(), "email": f"p{n}@a{n}.example", "family": f"名{n}"}
            )
            for n in range(first, first + leads)
        ]
        with shelves.database.write() as tx:
            flow, now = shelves.hub.flows["crm"], shelves.hub.stamp()
            receive(tx, flow, people, source="pull", run_id=None, now=now)
        before = shelves.database.statements
        resolve_batch(shelves.hub)
        return shelves.database.statements - before

    for first in range(0, 50, 10):
        cost(first, 5)
    plain = cost(50, 5)
    rule(shelves, {**MANAGERS, "when": {"activity": "call"}})
    cost(80, 5)  # a new hub asks once whether its database was restored
    assert cost(100, 5) == plain + 2  # activities and stays
    rule(shelves, {**MANAGERS, "when": {"field": "title", "contains": "部長"}})
    cost(180, 5)
    moving = cost(200, 5)
    assert moving <= plain + 6
    assert cost(300, 40) == moving
