"""A limit holds a connection's changes back, and no opt-out: those go out alone."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kit.errors import RecordRejected, Unavailable
from sync.config.model import LimitsConfig, PushConfig
from sync.engine.edits import edit_lead
from sync.engine.hub import open_hub
from sync.engine.planning import make_plan
from sync.store import outbox
from sync.workers import jobs
from sync.workers.plans import apply_plan

COUNT = 25
OUT = {"consent.email.marketing": "denied"}


@pytest.fixture
def full(shelves: Any) -> Any:
    """Twenty-five mailable people, everywhere alike; half of them may change in one push."""
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
    limit(shelves, changed_percent=50)
    shelves.at["sfa"].writes.clear()
    return shelves


def limit(shelves: Any, **limits: Any) -> None:
    flow = shelves.hub.flows["sfa"]
    push = flow.config.push.model_copy(update={"limits": LimitsConfig(**limits)})
    flow.config = flow.config.model_copy(update={"push": push})


def retitle(shelves: Any, title: str = "課長") -> None:
    for lead in shelves.leads():
        edit_lead(shelves.hub, lead.id, {"title": title}, user="mori")


def opt_out(shelves: Any, count: int, first: int = 0) -> list[str]:
    """So many people opt out; their ids."""
    ids = [lead.id for lead in shelves.leads()[first : first + count]]
    for one in ids:
        edit_lead(shelves.hub, one, OUT, user="mori")
    return ids


def push(shelves: Any, cause: str = "webhook", **later: float) -> Any:
    shelves.tick(**(later or {"seconds": 5}))
    return jobs.push(shelves.hub, "sfa", cause=cause)


def written(shelves: Any) -> list[tuple[str, dict[str, Any]]]:
    """What was written since the last time, in the order of people."""
    done = sorted((one.key, dict(one.values)) for one in shelves.at["sfa"].writes)
    shelves.at["sfa"].writes.clear()
    return done


def mails(shelves: Any) -> list[str]:
    return [row["mail"] for row in shelves.at["sfa"].people.values()]


def is_due(shelves: Any) -> bool:
    with shelves.database.read() as tx:
        return outbox.is_due(tx, "sfa", shelves.hub.stamp())


def urgent(shelves: Any) -> int:
    with shelves.database.read() as tx:
        ((count,),) = tx.rows("SELECT count(*) FROM outbox WHERE connection = 'sfa' AND urgent")
    return int(count)


def only_out(ids: list[str]) -> list[tuple[str, dict[str, Any]]]:
    return sorted((one, {"mail": "no"}) for one in ids)


def test_a_held_push_writes_the_opt_outs_and_nothing_else(full: Any) -> None:
    retitle(full)
    ids = opt_out(full, 3)
    run = push(full)
    assert (run.code, run.counts["updated"], run.counts["held"]) == ("OVER_LIMIT", 3, COUNT)
    assert written(full) == only_out(ids)
    assert urgent(full) == 0
    assert not is_due(full)  # nobody rings for it for ever
    assert push(full) is None
    assert written(full) == []


def test_what_is_held_follows_when_the_limit_is_lifted(full: Any) -> None:
    retitle(full)
    opt_out(full, 3)
    push(full)
    written(full)
    limit(full, changed_percent=100)
    push(full)
    assert [values for _, values in written(full)] == [{"title": "課長"}] * COUNT
    assert full.asides(kind="limit") == []


def test_an_opt_out_that_comes_while_all_is_held_goes_out_too(full: Any) -> None:
    retitle(full)
    push(full)
    assert written(full) == []
    ids = opt_out(full, 2, first=7)
    run = push(full)
    assert (run.code, run.counts["updated"]) == ("OVER_LIMIT", 2)
    assert written(full) == only_out(ids)
    assert len(full.asides(kind="limit")) == 1


def test_opt_outs_of_everybody_are_over_no_limit(full: Any) -> None:
    opt_out(full, COUNT)
    plan = make_plan(full.hub, ["sfa"])
    assert plan.targets[0].over == ()
    run = push(full)
    assert (run.state, run.counts["updated"]) == ("succeeded", COUNT)
    assert set(mails(full)) == {"no"}


def test_opt_outs_that_went_leave_a_push_its_whole_limit(full: Any) -> None:
    opt_out(full, 13)

    def more(_changes: Any) -> None:
        full.at["sfa"].after = lambda _: None
        for lead in full.leads()[13:]:
            edit_lead(full.hub, lead.id, {"title": "部長"}, user="mori")

    full.at["sfa"].after = more
    run = push(full)
    assert (run.state, run.counts["updated"]) == ("succeeded", COUNT)


def test_a_push_that_comes_over_its_limit_goes_on_with_opt_outs(full: Any) -> None:
    for lead in full.leads()[:12]:
        edit_lead(full.hub, lead.id, {"title": "課長"}, user="mori")
    late: list[str] = []

    def more(_changes: Any) -> None:
        full.at["sfa"].after = lambda _: None
        retitle(full, "部長")
        late.extend(opt_out(full, 2, first=20))

    full.at["sfa"].after = more
    run = push(full)
    assert run.code == "OVER_LIMIT"
    done = written(full)
    assert [one for one in done if "mail" in one[1]] == only_out(late)
    assert "部長" not in {values.get("title") for _, values in done}


def test_every_record_of_a_person_gets_it_and_none_is_made(full: Any) -> None:
    lead = full.leads()[0]
    own = next(row for row in full.at["sfa"].people.values() if row["email"] == lead.email)
    full.at["sfa"].put("double", **own)
    full.at["crm"].put(
        "new", family="森", given="蘭", company="森商店", email="mori@mori.example", mail="no"
    )
    full.tick(minutes=1)
    jobs.pull(full.hub, "sfa")
    jobs.pull(full.hub, "crm")
    retitle(full)
    edit_lead(full.hub, lead.id, OUT, user="mori")
    limit(full, creates=0)
    assert push(full).code == "OVER_LIMIT"
    records = [one.external_id for one in full.at["sfa"].writes]
    assert sorted(map(bool, records)) == [True, True]
    assert "double" in records
    assert written(full) == only_out([lead.id, lead.id])
    assert urgent(full) == 0


def test_a_connection_that_is_not_to_be_updated_stays_as_it_is(full: Any) -> None:
    push_config = PushConfig(stream="people", update=False, limits=LimitsConfig(creates=0))
    connections = dict(full.config.connections)
    connections["sfa"] = connections["sfa"].model_copy(update={"push": push_config})
    full.hub = open_hub(
        full.config.model_copy(update={"connections": connections}), database=full.database
    )
    full.at["crm"].put("new", family="森", given="蘭", email="mori@mori.example", mail="yes")
    full.tick(minutes=1)
    jobs.pull(full.hub, "crm")
    opt_out(full, 2)
    assert push(full).code == "OVER_LIMIT"
    assert written(full) == []
    assert not is_due(full)


def test_an_outage_is_waited_out_and_the_opt_outs_go_then(full: Any) -> None:
    retitle(full)
    ids = opt_out(full, 3)

    def down(_changes: Any) -> None:
        raise Unavailable("no", maybe_applied=False)

    full.at["sfa"].before = down
    run = push(full)
    assert (run.state, run.counts["put_off"]) == ("failed", 3)
    assert not is_due(full)
    assert urgent(full) == 3
    full.at["sfa"].before = lambda _: None
    run = push(full, minutes=30)
    assert (run.code, run.counts["updated"]) == ("OVER_LIMIT", 3)
    assert written(full) == only_out(ids)


def test_one_that_is_refused_waits_for_a_person_and_the_others_go(full: Any) -> None:
    retitle(full)
    ids = opt_out(full, 3)
    full.at["sfa"].refuse = lambda change: (
        RecordRejected("no", status=400) if change.key == ids[0] else None
    )
    push(full)
    assert written(full) == only_out(ids[1:])
    assert [one.lead_id for one in full.asides(kind="change")] == ids[:1]
    assert push(full) is None


@pytest.mark.parametrize("point", ["push.after_lease", "push.after_send", "push.after_record"])
def test_a_worker_that_dies_on_the_way_loses_none(
    full: Any, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    retitle(full)
    ids = opt_out(full, 3)

    def die(name: str) -> None:
        if name == point:
            raise KeyboardInterrupt

    monkeypatch.setattr("sync.engine.push.crashpoint", die)
    with pytest.raises(KeyboardInterrupt):
        push(full)
    monkeypatch.undo()
    push(full, minutes=5)
    done = written(full)
    assert {key for key, _ in done} == set(ids)
    assert [values for _, values in done] == [{"mail": "no"}] * len(done)
    assert urgent(full) == 0
    assert set(mails(full)) == {"yes", "no"}
    assert not is_due(full)


def test_the_plan_of_what_is_held_no_longer_has_the_opt_outs_and_is_written(full: Any) -> None:
    retitle(full)
    opt_out(full, 3)
    push(full)
    written(full)
    plan = make_plan(full.hub, ["sfa"])
    (target,) = plan.targets
    assert [one.values for one in target.changes] == [{"title": "課長"}] * COUNT
    assert [one.limit for one in target.over] == ["changed_percent"]
    full.tick(seconds=5)
    apply_plan(full.hub, plan)
    assert [values for _, values in written(full)] == [{"title": "課長"}] * COUNT
    assert make_plan(full.hub, ["sfa"]).is_empty


def test_none_is_left_where_a_lease_takes_a_few(full: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.engine.push.LEASED", 10)
    retitle(full)
    ids = opt_out(full, COUNT)
    push(full)
    assert written(full) == only_out(ids)
    assert urgent(full) == 0
    assert not is_due(full)
