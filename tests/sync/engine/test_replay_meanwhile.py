"""A replay beside other work: what is heard, written or forgotten meanwhile, and being stopped."""

from __future__ import annotations

from typing import Any

import pytest

from sync.engine import replay as engine
from sync.engine.edits import edit_lead
from sync.engine.pull import receive
from sync.engine.replay import replay
from sync.engine.resolve import resolve_due
from sync.store import inbox
from sync.workers import jobs
from sync.workers.replays import replay as replay_job
from tests.sync.engine.histories import MAILABLE as SATO
from tests.sync.engine.replaying import EVER, applied, link, mistaken, remap


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
