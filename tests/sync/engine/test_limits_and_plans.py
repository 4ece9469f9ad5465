"""Limits hold in every process, and a plan is carried out exactly, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kit.errors import Unavailable
from sync.config.model import LimitsConfig
from sync.engine.applying import chosen_of, moved_since
from sync.engine.edits import edit_lead
from sync.engine.planning import make_plan
from sync.engine.push import push_due
from sync.engine.undoing import undo_run
from sync.store import outbox
from sync.workers import jobs
from sync.workers.plans import apply_plan, undo

COUNT = 25


@pytest.fixture
def full(shelves: Any) -> Any:
    """Twenty-five people, everywhere alike."""
    for number in range(COUNT):
        shelves.at["crm"].put(
            str(number),
            family="佐藤",
            given=f"花子{number}",
            title="",
            company=f"株式会社青空{number}",
            email=f"p{number}@aozora{number}.example",
            status="new",
            mail="yes",
        )
    shelves.settle()
    return shelves


def limit(shelves: Any, **limits: Any) -> None:
    flow = shelves.hub.flows["sfa"]
    push = flow.config.push.model_copy(update={"limits": LimitsConfig(**limits)})
    flow.config = flow.config.model_copy(update={"push": push})


def retitle(shelves: Any, count: int, title: str = "課長") -> None:
    shelves.tick(minutes=1)
    for lead in shelves.leads()[:count]:
        edit_lead(shelves.hub, lead.id, {"title": title}, user="mori")


def titles(shelves: Any, name: str = "sfa") -> list[str]:
    return [row.get("title") or "" for row in shelves.at[name].people.values()]


def push(shelves: Any, name: str = "sfa", cause: str = "webhook") -> Any:
    shelves.tick(seconds=5)
    return jobs.push(shelves.hub, name, cause=cause)


def test_a_worker_stops_a_mass_change_once_and_then_is_quiet(full: Any) -> None:
    limit(full, changed_percent=50)
    retitle(full, COUNT)
    assert push(full).code == "OVER_LIMIT"
    assert set(titles(full)) == {""}
    with full.database.read() as tx:
        assert not outbox.is_due(tx, "sfa", full.hub.stamp())  # nobody rings for it for ever
    assert push(full) is None
    assert len(full.asides(kind="limit")) == 1


def test_what_comes_after_does_not_slip_through_beside_what_is_held(full: Any) -> None:
    limit(full, changed_percent=50)
    retitle(full, COUNT)
    push(full)
    retitle(full, 2, "部長")
    push(full)
    assert set(titles(full)) == {""}


def test_a_mass_change_that_was_taken_back_closes_the_item(full: Any) -> None:
    limit(full, changed_percent=50)
    retitle(full, COUNT)
    push(full)
    for lead in full.leads():
        edit_lead(full.hub, lead.id, {}, unset=["title"], user="mori")
    full.tick(minutes=1)
    full.settle()
    assert full.asides(kind="limit") == []
    assert set(titles(full)) == {""}


def test_what_becomes_owed_during_a_push_counts_with_what_went(full: Any) -> None:
    limit(full, changed_percent=50)  # twelve of twenty-five
    retitle(full, 12)

    def more(_changes: Any) -> None:
        full.at["sfa"].after = lambda _: None
        for lead in full.leads()[12:20]:
            edit_lead(full.hub, lead.id, {"title": "部長"}, user="mori")

    full.at["sfa"].after = more
    run = push(full)
    assert run.code == "OVER_LIMIT"
    assert titles(full).count("課長") == 12
    assert "部長" not in titles(full)


def test_a_plan_is_written_exactly_although_more_is_owed_and_held(full: Any) -> None:
    limit(full, changed_percent=10)
    retitle(full, 5)
    push(full)
    plan = make_plan(full.hub, ["sfa"])
    retitle(full, COUNT, "部長")
    retitle(full, 5, "課長")
    assert moved_since(full.hub, plan) == []
    done = apply_plan(full.hub, plan)
    assert [run.counts["updated"] for run in done.runs] == [5]
    assert (titles(full).count("課長"), titles(full).count("部長")) == (5, 0)


def test_a_change_that_moves_in_the_last_moment_is_left(full: Any) -> None:
    retitle(full, 3)
    plan = make_plan(full.hub, ["sfa"])
    (target,) = plan.targets
    chosen = chosen_of(target)
    retitle(full, 1, "部長")
    full.tick(seconds=5)
    push_due(full.hub, full.hub.flows["sfa"], chosen=chosen)
    assert sorted(titles(full))[-2:] == ["課長", "課長"]
    assert len(chosen.left) == 1
    full.settle()
    assert titles(full).count("部長") == 1


def test_a_plan_writes_opt_outs_to_doubles_as_well_and_is_empty_then(full: Any) -> None:
    lead = full.leads()[0]
    own = next(row for row in full.at["sfa"].people.values() if row["email"] == lead.email)
    full.at["sfa"].put("double", **{**own, "mail": "yes"})
    full.settle()
    full.tick(minutes=1)
    edit_lead(full.hub, lead.id, {"consent.email.marketing": "denied"}, user="mori")
    plan = make_plan(full.hub, ["sfa"])
    (target,) = plan.targets
    assert len(target.changes) == len({one.record for one in target.changes})
    assert target.counts["opt_out"] == len(target.changes) - 1
    full.tick(seconds=5)
    apply_plan(full.hub, plan)
    assert make_plan(full.hub, ["sfa"]).is_empty


def last_push(shelves: Any) -> Any:
    (run,) = [run for run in shelves.run() if run.kind == "push" and run.connection == "sfa"]
    return run


def test_undone_values_stay_undone_and_the_undo_is_a_run_with_history(full: Any) -> None:
    retitle(full, COUNT)
    run = last_push(full)
    assert set(titles(full)) == {"課長"}
    full.tick(minutes=1)
    row, undone = undo(full.hub, run)
    assert (row.kind, row.state, row.counts["updated"]) == ("undo", "succeeded", COUNT)
    assert len(undone.put_back) == COUNT
    assert set(titles(full)) == {""}
    lead = full.leads()[0]
    assert full.history(lead.id)[-1].run_id == row.id
    edit_lead(full.hub, lead.id, {"company": "株式会社みなと"}, user="mori")  # owed once more
    full.tick(minutes=1)
    full.settle()
    assert set(titles(full)) == {""}
    assert len(full.asides(code="UNDONE")) == COUNT


def test_an_undo_that_dies_in_the_call_is_not_written_over_and_goes_on(full: Any) -> None:
    retitle(full, COUNT)
    run = last_push(full)
    full.tick(minutes=1)

    def down(_changes: Any) -> None:
        raise Unavailable("the answer got lost", maybe_applied=True)

    full.at["sfa"].after = down  # it was written, and nobody heard
    row, _ = undo(full.hub, run)
    assert row.state == "failed"
    full.at["sfa"].after = lambda _: None
    assert titles(full).count("") == 10
    full.settle()
    assert titles(full).count("") == 10
    full.tick(minutes=1)
    undo(full.hub, run)
    full.settle()
    assert set(titles(full)) == {""}


def test_an_undo_the_vendor_refuses_is_told_and_parks_nothing(full: Any) -> None:
    retitle(full, 1)
    run = last_push(full)
    full.tick(minutes=1)
    full.at["sfa"].refuse = lambda _: Unavailable("no", maybe_applied=False)
    row, undone = undo(full.hub, run)
    assert row.state == "partial"
    assert [one.why for one in undone.kept] == ["refused"]
    assert full.asides(code="UNDONE") == []


def test_a_dry_run_reads_and_writes_nothing(full: Any) -> None:
    retitle(full, 3)
    run = last_push(full)
    before = list(full.at["sfa"].writes)
    undone = undo_run(full.hub, full.hub.flows["sfa"], run.id, dry_run=True)
    assert len(undone.put_back) == 3
    assert full.at["sfa"].writes == before
