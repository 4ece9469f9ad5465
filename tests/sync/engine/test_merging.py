"""Merging two leads by hand: what the one that stays has, what is written, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.kit.base import Record, Ref
from sync.engine import edits, merging
from sync.engine.hub import open_hub
from sync.engine.merging import Impossible
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.histories import (
    SATO,
    SUZUKI,
    USER,
    hear,
    hear_deal,
    history,
    owner,
    rows,
    stored,
    take,
    three,
    two,
)


def test_a_merged_lead_has_the_records_deals_and_history_of_both(shelves: Shelves) -> None:
    sato, suzuki = two(shelves)
    hear_deal(shelves, "sfa", "d1", "2", name="導入", outcome="open")
    shelves.tick(minutes=5)
    done = merging.merge(shelves.hub, suzuki, sato, user=USER)
    assert done.leads == (sato,)
    (lead,) = shelves.leads()
    assert lead.id == sato
    assert (lead.stage, lead.stage_at) == _stands(shelves, "opportunity")
    assert {link.id for link in shelves.links(sato)} == {
        "crm/people/1",
        "ma/people/1",
        "sfa/people/2",
    }
    assert rows(shelves.database, "SELECT lead_id FROM deal") == [(sato,)]
    assert {row[1] for row in history(shelves.database)} == {sato}
    events = [event.event for event in shelves.history(sato)]
    assert "merged" in events
    found = lead.fields["emails"]
    assert set(found) == {SATO["email"], SUZUKI["email"]}


def _stands(shelves: Shelves, stage: str) -> tuple[str, str]:
    open_now = rows(
        shelves.database,
        "SELECT stage, entered_at FROM stage_history WHERE exited_at IS NULL",
    )
    assert [row[0] for row in open_now] == [stage]
    return open_now[0][0], open_now[0][1]


def test_the_reason_of_a_stage_goes_with_the_stage(shelves: Shelves) -> None:
    sato, suzuki = two(shelves)
    edits.set_stage(shelves.hub, sato, "recycled", reason="時期が先", user=USER)
    shelves.tick(minutes=5)
    edits.set_stage(shelves.hub, suzuki, "won", reason="受注", user=USER)
    merging.merge(shelves.hub, sato, suzuki, user=USER)
    (lead,) = shelves.leads()
    assert (lead.stage, lead.stage_reason) == ("won", "受注")


def test_dry_run_says_the_same_and_changes_nothing(shelves: Shelves) -> None:
    sato, suzuki = two(shelves)
    before = stored(shelves.database), history(shelves.database)
    would = merging.merge(shelves.hub, sato, suzuki, user=USER, dry_run=True)
    assert (stored(shelves.database), history(shelves.database)) == before
    done = merging.merge(shelves.hub, sato, suzuki, user=USER)
    assert (would.changes, would.stages, would.records) == (done.changes, done.stages, done.records)
    assert would.writes == done.writes
    merged = stored(shelves.database)
    would = merging.unmerge(shelves.hub, sato, user=USER, dry_run=True)
    assert stored(shelves.database) == merged
    done = merging.unmerge(shelves.hub, sato, user=USER)
    assert (would.changes, would.records, would.writes) == (done.changes, done.records, done.writes)


def test_what_a_merge_will_write_is_told(shelves: Shelves) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.at["sfa"].put("2", **SUZUKI, title="部長")
    shelves.settle()
    sato, suzuki = owner(shelves, "crm/people/1"), owner(shelves, "sfa/people/2")
    would = merging.merge(shelves.hub, sato, suzuki, user=USER, dry_run=True)
    (write,) = [one for one in would.writes if one.connection == "crm"]
    assert (write.action, write.record) == ("update", "crm/people/1")
    assert write.values == {"title": (None, "部長")}
    merging.merge(shelves.hub, sato, suzuki, user=USER)
    writes = {name: len(shelf.writes) for name, shelf in shelves.at.items()}
    shelves.settle()
    new = {name: shelf.writes[writes[name] :] for name, shelf in shelves.at.items()}
    assert [dict(change.values) for change in new["crm"]] == [{"title": "部長"}]


def test_a_record_that_names_a_lead_merged_twice_goes_to_the_one_that_stands(
    shelves: Shelves,
) -> None:
    lines = {"sfa": {"people": {"fields": {"renkei_id": "hub"}}}}
    config = shelves.config.model_copy(update={"fields": lines})
    shelves.hub = open_hub(config, database=shelves.database)
    first, second, third = (
        hear(
            shelves, "crm", str(number), **{**SATO, "given": given, "email": f"{number}@a.example"}
        )
        for number, given in enumerate(("花子", "一郎", "健太"))
    )
    merging.merge(shelves.hub, second, third, user=USER)
    merging.merge(shelves.hub, first, second, user=USER)
    assert hear(shelves, "sfa", "9", hub=third, company="別会社") == first


# Beside a push


def test_a_record_that_is_made_while_its_lead_is_merged_is_the_survivors(shelves: Shelves) -> None:
    shelves.at["crm"].people.update({"1": dict(SATO), "2": dict(SUZUKI)})
    sato, suzuki = hear(shelves, "crm", "1", **SATO), hear(shelves, "crm", "2", **SUZUKI)

    def merge_them(_: Any) -> None:
        shelves.at["sfa"].before = lambda _: None
        merging.merge(shelves.hub, sato, suzuki, user=USER)

    shelves.at["sfa"].before = merge_them
    shelves.settle()
    (lead,) = shelves.leads()
    assert {link.id for link in shelves.links(lead.id) if link.connection == "sfa"} == {
        f"sfa/people/{one}" for one in shelves.at["sfa"].people
    }
    merging.unmerge(shelves.hub, lead.id, user=USER)
    shelves.settle()
    assert len(shelves.leads()) == 2
    assert len(shelves.at["sfa"].people) == 2


# What cannot be


@pytest.mark.parametrize(
    ("code", "ask"),
    [
        pytest.param(
            "SAME_LEAD", lambda hub, a, _: merging.merge(hub, a, a, user=USER), id="itself"
        ),
        pytest.param(
            "SAME_LEAD", lambda hub, a, _: merging.keep_apart(hub, a, a, user=USER), id="apart"
        ),
        pytest.param(
            "NOT_MERGED", lambda hub, a, _: merging.unmerge(hub, a, user=USER), id="never"
        ),
        pytest.param(
            "NOT_ITS_RECORD",
            lambda hub, a, _: merging.split(hub, a, ["sfa/people/2"], user=USER),
            id="another's",
        ),
        pytest.param(
            "NOT_ITS_RECORD", lambda hub, a, _: merging.split(hub, a, [], user=USER), id="none"
        ),
        pytest.param(
            "NOTHING_LEFT",
            lambda hub, a, _: merging.split(hub, a, ["crm/people/1", "ma/people/1"], user=USER),
            id="all",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    shelves: Shelves, code: str, ask: Callable[[Any, str, str], Any]
) -> None:
    sato, suzuki = two(shelves)
    before = stored(shelves.database)
    with pytest.raises(Impossible) as refused:
        ask(shelves.hub, sato, suzuki)
    assert refused.value.code == code
    assert stored(shelves.database) == before


def test_a_merge_of_another_lead_is_not_taken_back(shelves: Shelves) -> None:
    sato, suzuki, ito = three(shelves)
    done = merging.merge(shelves.hub, sato, suzuki, user=USER)
    assert done.merge_id is not None
    with pytest.raises(Impossible) as refused:
        merging.unmerge(shelves.hub, sato, user=USER, merge_id=done.merge_id + 1)
    assert refused.value.code == "NO_SUCH_MERGE"
    with pytest.raises(LookupError):
        merging.merge(shelves.hub, ito, "ld_nobody", user=USER)


def test_a_record_that_only_holds_what_the_hub_wrote_is_not_split_off(shelves: Shelves) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.settle()
    (lead,) = shelves.leads()
    (made,) = [link.id for link in shelves.links(lead.id) if link.connection == "sfa"]
    with pytest.raises(Impossible) as refused:
        merging.split(shelves.hub, lead.id, [made], user=USER)
    assert refused.value.code == "NOTHING_LEFT"


def test_records_that_the_vendor_merged_cannot_be_taken_apart(shelves: Shelves) -> None:
    sato, _ = two(shelves)
    take(shelves, "sfa", [Record("people", "1", SATO)])
    merged = Record("people", "1", SATO, previous_ids=(Ref("people", "2"),))
    take(shelves, "sfa", [Record("people", "1", {**SATO, "title": "部長"}), merged])
    assert [lead.id for lead in shelves.leads()] == [sato]
    with pytest.raises(Impossible) as refused:
        merging.unmerge(shelves.hub, sato, user=USER)
    assert refused.value.code == "NOTHING_LEFT"
    assert [lead.id for lead in shelves.leads()] == [sato]
