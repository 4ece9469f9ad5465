"""The drift audit: what it counts, how sure it is, and that a repair brings things together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.kit.errors import AuthFailed, Unavailable
from sync.engine.edits import edit_lead
from sync.store import outbox, runs
from tests.sync.engine.audited import PEOPLE, Asked, audit, own
from tests.sync.engine.conftest import Shelves


@pytest.fixture
def asked(shelves: Shelves) -> dict[str, Asked]:
    """Forty people in three systems, all in step."""
    for number in range(PEOPLE):
        shelves.at["crm"].put(
            f"c{number}",
            email=f"person{number}@aozora{number}.example",
            family="佐藤",
            given=f"花子{number}",
            company=f"青空製作所{number}",
            phone=f"03-1234-{number:04}",
            mail="yes",
        )
    shelves.settle()
    wrapped = {name: Asked(flow.connector) for name, flow in shelves.hub.flows.items()}
    for name, flow in shelves.hub.flows.items():
        flow._connector = wrapped[name]
    return wrapped


@pytest.mark.usefixtures("asked")
def test_systems_in_step_score_one_each_and_in_pairs(shelves: Shelves) -> None:
    found = audit(shelves.hub, seed=1)

    assert {name: one.score for name, one in found.connections.items()} == {
        "crm": 1.0,
        "sfa": 1.0,
        "ma": 1.0,
    }
    assert {pair: one.score for pair, one in found.pairs.items()} == {
        ("crm", "ma"): 1.0,
        ("crm", "sfa"): 1.0,
        ("ma", "sfa"): 1.0,
    }
    assert found.connections["crm"].records == PEOPLE
    assert found.connections["crm"].compared["email"] == PEOPLE


@pytest.mark.usefixtures("asked")
def test_a_value_changed_behind_the_hubs_back_is_found_and_named(shelves: Shelves) -> None:
    changed = own(shelves, "sfa")[3]
    shelves.at["sfa"].people[changed]["company"] = "別の会社"

    found = audit(shelves.hub, seed=1)

    tally = found.connections["sfa"]
    (one,) = tally.examples
    assert (one.record, one.field, one.why) == (f"sfa/people/{changed}", "company", "drifted")
    assert (one.holds, one.wanted) == ("別の会社", f"青空製作所{one.wanted[5:]}")
    assert tally.worst() == [("company", 1, PEOPLE)]
    total = tally.compared.total()
    assert tally.score == pytest.approx(1 - 1 / total)
    assert tally.interval == (tally.score, tally.score)  # all were read: nothing is left to chance
    assert found.connections["crm"].score == 1.0
    assert found.pairs["crm", "sfa"].differing["company"] == 1


@pytest.mark.usefixtures("asked")
def test_another_way_to_write_the_same_is_no_drift(shelves: Shelves) -> None:
    for row in shelves.at["sfa"].people.values():
        row["phone"] = row["phone"].replace("-", " ").translate(str.maketrans("0123", "０１２３"))
        row["company"] += " "

    found = audit(shelves.hub, seed=1)

    assert found.connections["sfa"].score == found.pairs["crm", "sfa"].score == 1.0


@pytest.mark.usefixtures("asked")
def test_of_a_pair_both_sides_are_read_whoever_was_drawn_where(shelves: Shelves) -> None:
    for row in shelves.at["sfa"].people.values():
        row["company"] = "別の会社"

    pair = audit(shelves.hub, sample=10, seed=1).pairs["crm", "sfa"]

    assert 10 < pair.records <= 20
    assert pair.differing["company"] == pair.records
    assert pair.share == pytest.approx(1 - 0.75**2)


@pytest.mark.usefixtures("asked")
def test_a_record_that_is_gone_agrees_in_nothing(shelves: Shelves) -> None:
    del shelves.at["ma"].people[own(shelves, "ma")[0]]

    tally = audit(shelves.hub, seed=1).connections["ma"]

    assert set(tally.why) == {"gone"}
    assert tally.differing["email"] == tally.differing["phone"] == 1


@pytest.mark.usefixtures("asked")
def test_what_a_vendor_lost_before_it_was_pushed_is_owed(shelves: Shelves) -> None:
    lead = shelves.leads()[0]
    shelves.at["sfa"].refuse = lambda _change: Unavailable("not now")
    edit_lead(shelves.hub, lead.id, {"title": "部長"}, user="mori")

    tally = audit(shelves.hub, seed=1, names=["sfa"]).connections["sfa"]

    assert (tally.why, tally.differing) == ({"owed": 1}, {"title": 1})


@pytest.mark.usefixtures("asked")
def test_after_a_repair_the_same_sample_scores_one(shelves: Shelves) -> None:
    rows = own(shelves, "sfa")
    shelves.at["sfa"].people[rows[0]]["company"] = ""
    shelves.at["sfa"].people[rows[1]]["mail"] = "no"
    del shelves.at["sfa"].people[rows[2]]
    shelves.at["ma"].people[own(shelves, "ma")[5]]["phone"] = "06-9999-0000"

    first = audit(shelves.hub, seed=7, mend=True)
    shelves.settle()
    second = audit(shelves.hub, seed=7)

    assert first.connections["sfa"].repaired == 3
    assert {one.score for one in second.connections.values()} == {1.0}
    assert {one.score for one in second.pairs.values()} == {1.0}
    gone = next(link for link in links_of(shelves, "sfa") if link.state == "gone")
    assert gone.external_id == rows[2]
    denied = [one for one in shelves.leads() if one.fields["consent.email.marketing"] == "denied"]
    assert len(denied) == 1


@pytest.mark.usefixtures("asked")
def test_a_value_that_a_vendor_put_back_to_what_it_once_said_is_repaired(shelves: Shelves) -> None:
    lead = shelves.leads()[0]
    shelves.at["crm"].put("c0", title="課長")
    shelves.settle()
    edit_lead(shelves.hub, lead.id, {"title": "部長"}, user="mori")
    shelves.run("sfa", "ma")
    shelves.at["crm"].people["c0"]["title"] = "課長"
    shelves.at["crm"].records.pop()

    audit(shelves.hub, seed=7, mend=True)
    shelves.settle()

    assert shelves.at["crm"].people["c0"]["title"] == "部長"


@pytest.mark.usefixtures("asked")
def test_a_repair_owes_and_does_not_write_and_lifts_no_opt_out(shelves: Shelves) -> None:
    (key, other) = own(shelves, "sfa")[:2]
    shelves.at["sfa"].put(key, mail="no")
    shelves.settle()
    shelves.at["sfa"].people[key]["mail"] = "yes"
    shelves.at["crm"].people["c0"]["mail"] = "yes"
    shelves.at["sfa"].people[other]["company"] = ""
    writes = len(shelves.at["sfa"].writes)

    audit(shelves.hub, seed=7, mend=True)

    assert len(shelves.at["sfa"].writes) == writes
    with shelves.database.read() as tx:
        assert len(outbox.owed_ids(tx, "sfa", 10)) == 2
    shelves.settle()
    assert shelves.at["sfa"].people[key]["mail"] == "no"
    assert shelves.at["sfa"].people[other]["company"].startswith("青空製作所")
    denied = [one for one in shelves.leads() if one.fields["consent.email.marketing"] == "denied"]
    assert len(denied) == 1


@pytest.mark.usefixtures("asked")
def test_what_only_a_pair_tells_is_repaired_too(shelves: Shelves) -> None:
    def differs(seed: int) -> bool:
        found = audit(shelves.hub, sample=10, seed=seed)
        return found.connections["sfa"].score == 1.0 and found.pairs["crm", "sfa"].score != 1.0

    changed = own(shelves, "sfa")[3]
    shelves.at["sfa"].people[changed]["phone"] = "06-9999-0000"
    seed = next(seed for seed in range(50) if differs(seed))

    assert audit(shelves.hub, sample=10, seed=seed, mend=True).connections["sfa"].repaired == 1
    shelves.settle()
    assert audit(shelves.hub, sample=10, seed=seed).pairs["crm", "sfa"].score == 1.0


@pytest.mark.usefixtures("asked")
def test_a_repair_twice_is_a_repair_once(shelves: Shelves) -> None:
    shelves.at["sfa"].people[own(shelves, "sfa")[0]]["company"] = "別の会社"
    audit(shelves.hub, seed=7, mend=True)
    shelves.settle()
    writes = sum(len(shelf.writes) for shelf in shelves.at.values())

    again = audit(shelves.hub, seed=7, mend=True)
    shelves.settle()

    assert again.connections["sfa"].repaired == 0
    assert sum(len(shelf.writes) for shelf in shelves.at.values()) == writes


@pytest.mark.usefixtures("asked")
def test_what_scores_well_enough_is_left_alone(shelves: Shelves) -> None:
    changed = own(shelves, "sfa")[0]
    shelves.at["sfa"].people[changed]["company"] = "別の会社"

    found = audit(shelves.hub, seed=7, mend=True, below=0.5)

    assert found.connections["sfa"].repaired == 0
    with shelves.database.read() as tx:
        assert outbox.owed_ids(tx, "sfa", 10) == []


def test_a_sample_is_as_large_as_asked_and_the_same_for_the_same_seed(
    shelves: Shelves, asked: dict[str, Asked]
) -> None:
    def ids(seed: int) -> set[str]:
        asked["crm"].calls.clear()
        audit(shelves.hub, sample=10, seed=seed, names=["crm"])
        return {one for call in asked["crm"].calls for one in call}

    first = ids(1)
    assert len(first) == 10
    assert ids(1) == first
    assert ids(2) != first


def test_an_outage_ends_one_connection_and_what_was_read_counts(
    shelves: Shelves, asked: dict[str, Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.workers.audits.AT_ONCE", 10)
    asked["sfa"].down_after = 2

    found = audit(shelves.hub, seed=1)

    assert found.connections["sfa"].records == 20
    assert found.connections["sfa"].error == "down for a moment"
    assert found.connections["ma"].records == PEOPLE
    with shelves.database.read() as tx:
        states = {run.connection: run.state for run in runs.recent(tx) if run.kind == "audit"}
    assert states == {"crm": "succeeded", "sfa": "failed", "ma": "succeeded"}


def test_refused_credentials_put_the_connection_out_of_use(
    shelves: Shelves, asked: dict[str, Asked]
) -> None:
    asked["sfa"].refuses = AuthFailed("the token is refused")

    audit(shelves.hub, seed=1)
    again = audit(shelves.hub, seed=1)

    assert list(again.connections) == ["crm", "ma"]
    with shelves.database.read() as tx:
        assert runs.connection_states(tx)["sfa"].state == "needs_auth"


def test_it_stops_when_told_and_says_so(
    shelves: Shelves, asked: dict[str, Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.workers.audits.AT_ONCE", 10)
    found = audit(shelves.hub, seed=1, stop=lambda: bool(asked["crm"].calls))

    assert list(found.connections) == ["crm"]
    assert (found.connections["crm"].records, found.connections["crm"].share) == (10, 0.25)
    with shelves.database.read() as tx:
        (run,) = [one for one in runs.recent(tx, limit=100) if one.kind == "audit"]
    assert run.state == "stopped"


def test_a_large_sample_takes_few_statements(
    shelves: Shelves, asked: dict[str, Asked], count_statements: Callable[[], int]
) -> None:
    before = count_statements()
    audit(shelves.hub, seed=1, names=["crm"])
    assert count_statements() - before < 20
    assert len(asked["crm"].calls) == 1


@pytest.fixture
def count_statements(shelves: Shelves) -> Callable[[], int]:
    return lambda: shelves.database.statements


def links_of(shelves: Shelves, connection: str) -> list[Any]:
    found = [link for lead in shelves.leads() for link in shelves.links(lead.id)]
    return [link for link in found if link.connection == connection]
