"""Pulling leads: whom the first pull finds, and what the activity log tells from then on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.base import Page, Record, Ref
from connectors.kit.errors import ContractBroken
from connectors.kit.simulator import Fault, json_response
from connectors.marketo import Connector
from connectors.marketo.leads import MERGE, _merges
from connectors.marketo.simulator import Simulator

MakeInstance = Callable[..., Simulator]
MakeHub = Callable[..., Connector]


def pages(hub: Connector, cursor: str | None = None) -> list[Page]:
    return list(hub.pull("leads", cursor))


def records(found: Sequence[Page]) -> list[Record]:
    return [record for page in found for record in page.records]


def ids(found: Sequence[Page]) -> list[str]:
    return [record.external_id for record in records(found)]


def settled(hub: Connector, clock: Any) -> str:
    """The cursor after a first pull, ten minutes ago; its overlap is behind us."""
    cursor = pages(hub)[-1].cursor
    clock.pass_time(minutes=10)
    cursor = pages(hub, cursor)[-1].cursor
    assert cursor is not None
    return cursor


def calls(instance: Simulator, part: str) -> int:
    return len([one for one in instance.seen if part in one.path])


# The first pull


def test_the_first_pull_reads_every_lead_whose_creation_is_known(
    instance: Simulator, make_hub: MakeHub
) -> None:
    people = [instance.add_lead(email=f"p{n}@example.jp") for n in range(25)]

    found = pages(make_hub(instance, page_size=10))

    assert ids(found) == people
    assert len(found) == 3


def test_the_first_pull_begins_where_the_operator_says(
    instance: Simulator, make_hub: MakeHub, clock: Any
) -> None:
    instance.add_lead(email="old@example.jp")
    clock.pass_time(days=2)
    new = instance.add_lead(email="new@example.jp")

    assert ids(pages(make_hub(instance, backfill_from="2026-04-02"))) == [new]


def test_members_of_static_lists_come_in_however_old_they_are(
    instance: Simulator, make_hub: MakeHub, clock: Any
) -> None:
    old = [instance.add_lead(email=f"old{n}@example.jp") for n in range(5)]
    first, second = instance.add_list(old[:3]), instance.add_list(old[2:])
    clock.pass_time(days=2)
    new = instance.add_lead(email="new@example.jp")
    options = {"backfill_lists": [first, second], "backfill_from": "2026-04-02", "page_size": 2}

    whole = pages(make_hub(instance, **options))

    assert ids(whole) == [*old[:3], *old[2:], new]
    for place in range(len(whole)):
        rest = pages(make_hub(instance, **options), whole[place].cursor)
        assert {*ids(whole[: place + 1]), *ids(rest)} == {*old, new}, place


def test_what_changes_while_the_first_pull_runs_comes_with_the_next_one(
    instance: Simulator, make_hub: MakeHub, clock: Any
) -> None:
    people = [instance.add_lead(email=f"p{n}@example.jp") for n in range(4)]
    clock.pass_time(hours=1)
    hub = make_hub(instance, page_size=2)
    pull = hub.pull("leads", None)
    next(pull)
    instance.edit_lead(people[0], city="港区")
    instance.delete_lead(people[1])
    cursor = list(pull)[-1].cursor

    later = records(pages(hub, cursor))

    assert [one.payload["city"] for one in later if one.external_id == people[0]] == ["港区"]
    assert [one.external_id for one in later if one.deleted] == [people[1]]


def test_the_pull_after_the_first_begins_some_minutes_before_it(
    instance: Simulator, hub: Connector, clock: Any
) -> None:
    instance.add_lead(email="old@example.jp")
    clock.pass_time(hours=1)
    late = instance.add_lead(email="late@example.jp")
    clock.pass_time(minutes=1)

    assert ids(pages(hub, pages(hub)[-1].cursor)) == [late]


def test_a_lead_is_told_whole_though_blanks_are_left_out_of_answers(
    instance: Simulator, hub: Connector
) -> None:
    for _ in range(2):
        instance.add_lead(email="a@example.jp", lastName="佐藤")

    odd, even = records(pages(hub))

    assert odd.payload.keys() == even.payload.keys()
    assert even.payload["city"] is None
    assert odd.version is None, "updatedAt misses custom fields and is no version"
    assert odd.changed_at == datetime(2026, 4, 1, tzinfo=UTC)


def test_the_system_s_own_fields_are_not_read_unless_they_are_asked_for(
    instance: Simulator, make_hub: MakeHub
) -> None:
    instance.add_lead(email="a@example.jp")
    (usual,) = records(pages(make_hub(instance)))
    (few,) = records(pages(make_hub(instance, fields=["urgency"])))

    assert "renkeiStage" in usual.payload
    assert "urgency" not in usual.payload
    assert "urgency" in few.payload
    assert "renkeiStage" not in few.payload


def test_a_field_the_operator_names_and_nobody_has_stops_the_stream(
    instance: Simulator, make_hub: MakeHub
) -> None:
    with pytest.raises(ContractBroken, match="seiKana"):
        pages(make_hub(instance, fields=["seiKana"]))


# What happened since


def test_a_changed_lead_comes_once_as_it_is_now(
    instance: Simulator, hub: Connector, clock: Any
) -> None:
    own = instance.add_lead(email="a@example.jp")
    cursor = settled(hub, clock)
    instance.edit_lead(own, leadStatus="MQL", title="部長")

    (told,) = records(pages(hub, cursor))

    assert (told.external_id, told.payload["leadStatus"]) == (own, "MQL")
    assert told.changed_at == datetime(2026, 4, 1, 0, 10, tzinfo=UTC)
    assert ids(pages(hub, pages(hub, cursor)[-1].cursor)) == []


def test_a_custom_field_s_change_is_dated_by_the_log(
    instance: Simulator, hub: Connector, clock: Any
) -> None:
    own = instance.add_lead(email="a@example.jp")
    cursor = settled(hub, clock)
    instance.edit_lead(own, renkeiStage="mql")

    (told,) = records(pages(hub, cursor))

    assert told.payload["updatedAt"] == "2026-04-01T00:00:00Z"
    assert told.changed_at == datetime(2026, 4, 1, 0, 10, tzinfo=UTC)


def test_a_score_and_an_unsubscription_are_noticed(
    instance: Simulator, hub: Connector, clock: Any
) -> None:
    scored, left = (instance.add_lead(email=f"{n}@example.jp") for n in "ab")
    cursor = settled(hub, clock)
    instance.edit_lead(scored, leadScore=40)
    instance.unsubscribe(left)

    found = {one.external_id: one.payload for one in records(pages(hub, cursor))}

    assert found[scored]["leadScore"] == 40
    assert found[left]["unsubscribed"] is True


def test_a_pull_goes_on_through_answers_that_hold_nothing(
    make_instance: MakeInstance, make_hub: MakeHub, clock: Any
) -> None:
    instance = make_instance(stretch=2)
    hub = make_hub(instance)
    own = instance.add_lead(email="a@example.jp")
    cursor = settled(hub, clock)
    for _ in range(7):
        instance.act(own, 1, "トップページ")
    instance.edit_lead(own, city="港区")

    assert ids(pages(hub, cursor)) == [own]


def test_a_deleted_lead_is_told_when_it_is_time_to_look(
    instance: Simulator, make_hub: MakeHub, clock: Any
) -> None:
    hub = make_hub(instance, deletes_every=1800)
    own = instance.add_lead(email="a@example.jp")
    cursor = settled(hub, clock)
    instance.delete_lead(own)

    early = pages(hub, cursor)
    clock.pass_time(minutes=30)
    late = records(pages(hub, early[-1].cursor))

    assert records(early) == []
    assert [(one.external_id, one.deleted) for one in late] == [(own, True)]
    assert late[0].changed_at == datetime(2026, 4, 1, 0, 10, tzinfo=UTC)


def test_a_merge_is_told_by_the_winner_with_whom_it_swallowed(
    instance: Simulator, hub: Connector, clock: Any
) -> None:
    winner, one, two = (instance.add_lead(email=f"{n}@example.jp") for n in "abc")
    cursor = settled(hub, clock)
    instance.merge(winner, one, two)

    found = records(pages(hub, cursor))

    assert {item.external_id for item in found} == {winner}
    swallowed = next(item.previous_ids for item in found if item.previous_ids)
    assert swallowed == (Ref("leads", one), Ref("leads", two))
    assert not any(item.deleted for item in found)


def test_a_merge_on_top_of_a_merge_is_told_by_the_last_winner(
    instance: Simulator, hub: Connector, clock: Any
) -> None:
    first, second, last = (instance.add_lead(email=f"{n}@example.jp") for n in "abc")
    cursor = settled(hub, clock)
    instance.merge(second, first)
    instance.merge(last, second)

    told = next(item for item in records(pages(hub, cursor)) if item.previous_ids)

    assert told.external_id == last
    assert {ref.external_id for ref in told.previous_ids} == {first, second}


def test_a_merge_that_comes_between_is_told_before_the_end_of_whom_it_swallowed(
    instance: Simulator, hub: Connector, clock: Any
) -> None:
    winner, loser = (instance.add_lead(email=f"{n}@example.jp") for n in "ab")
    cursor = settled(hub, clock)
    changes = hub.api.feed

    def meanwhile(path: str, token: str, params: Any) -> Any:
        if path.endswith("deletedleads.json"):
            instance.merge(winner, loser)
            instance.log(37, int(loser))
        return changes(path, token, params)

    hub.api.feed = meanwhile  # type: ignore[method-assign]  # the moment between two requests
    found = records(pages(hub, cursor))

    order = [("merged" if one.previous_ids else "gone") for one in found]
    assert order == ["merged", "gone"]


def test_a_token_that_is_no_good_is_replaced_by_one_for_when_all_was_read(
    instance: Simulator, hub: Connector, clock: Any
) -> None:
    own = instance.add_lead(email="a@example.jp")
    instance.add_lead(email="quiet@example.jp", leadScore=1)
    mark = json.loads(settled(hub, clock))
    clock.pass_time(days=3)
    instance.edit_lead(own, city="港区")
    stale = json.dumps({**mark, "changes": "STALE===", "touches": "STALE==="})

    found = pages(hub, stale)

    assert ids(found) == [own], "only what was not read yet is told again"
    assert ids(pages(hub, found[-1].cursor)) == []


def test_a_token_that_is_refused_again_stops_the_stream(
    instance: Simulator, hub: Connector, clock: Any
) -> None:
    cursor = settled(hub, clock)
    errors = [{"code": "1003", "message": "Invalid nextPageToken"}]
    refused = json_response({"requestId": "1#1", "success": False, "errors": errors})
    instance.faults.append(Fault("/activities.json", response=refused, times=9))

    with pytest.raises(ContractBroken):
        pages(hub, cursor)
    assert calls(instance, "/activities.json") <= 4, "it is tried once more, not for ever"


def test_a_log_that_goes_round_in_a_circle_stops_the_stream(
    instance: Simulator, hub: Connector, clock: Any
) -> None:
    cursor = settled(hub, clock)
    body = {"requestId": "1#1", "success": True, "nextPageToken": "SAME", "moreResult": True}
    instance.faults.append(Fault("/activities.json", response=json_response(body), times=9))

    with pytest.raises(ContractBroken, match="circle"):
        pages(hub, cursor)


def test_a_cursor_of_another_make_asks_for_a_backfill(hub: Connector) -> None:
    with pytest.raises(ContractBroken, match="backfill"):
        pages(hub, '{"after":"12"}')


def test_a_quiet_pull_costs_three_calls_of_the_shared_quota(
    instance: Simulator, hub: Connector, clock: Any
) -> None:
    instance.add_lead(email="a@example.jp")
    cursor = settled(hub, clock)
    instance.seen.clear()

    pages(hub, cursor)

    assert sorted(one.path for one in instance.seen) == [
        "/rest/v1/activities.json",
        "/rest/v1/activities/deletedleads.json",
        "/rest/v1/activities/leadchanges.json",
    ]


def test_leads_are_read_three_hundred_in_a_call(
    instance: Simulator, hub: Connector, clock: Any
) -> None:
    people = [instance.add_lead(email=f"p{n}@example.jp") for n in range(301)]
    instance.seen.clear()

    found = hub.fetch("leads", people)

    assert [one.external_id for one in found] == people
    assert calls(instance, "/rest/v1/leads.json") == 2


def test_who_was_merged_or_never_was_is_fetched_as_deleted(
    instance: Simulator, hub: Connector
) -> None:
    winner, loser = (instance.add_lead(email=f"{n}@example.jp") for n in "ab")
    instance.merge(winner, loser)

    found = hub.fetch("leads", [winner, loser, "999", "no-number"])

    assert [(one.external_id, one.deleted) for one in found] == [
        (winner, False),
        (loser, True),
        ("999", True),
        ("no-number", True),
    ]


# A law


@given(st.lists(st.tuples(st.integers(1, 12), st.sets(st.integers(1, 12), max_size=3))))
def test_every_loser_is_told_once_and_by_nobody_who_was_swallowed(
    merges: list[tuple[int, set[int]]],
) -> None:
    gone: set[int] = set()
    into: dict[int, int] = {}
    rows = []
    for winner, asked in merges:
        losers = asked - gone - {winner}
        if winner in gone or not losers:
            continue
        gone |= losers
        into |= dict.fromkeys(losers, winner)
        named = {"name": "Merge IDs", "value": str(sorted(losers))}
        rows.append({"activityTypeId": MERGE, "leadId": winner, "attributes": [named]})

    told = _merges(rows)

    assert sorted(int(one) for losers in told.values() for one in losers) == sorted(gone)
    assert not {int(one) for one in told} & gone
