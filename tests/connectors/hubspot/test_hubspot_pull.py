"""Pulling: what is read, in which windows, and what must never be missed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from connectors.hubspot import Connector
from connectors.hubspot.simulator import Limits, Simulator
from connectors.kit.base import Page, Record, Ref
from connectors.kit.errors import AuthFailed, ContractBroken, RateLimited
from connectors.kit.simulator import Fault, json_response

MakePortal = Callable[..., Simulator]
MakeHub = Callable[..., Connector]


def drain(pages: Iterable[Page], cursor: str | None = None) -> tuple[list[Record], str | None]:
    """All records of a pull and the cursor it ends with."""
    found: list[Record] = []
    for page in pages:
        found += page.records
        cursor = page.cursor
    return found, cursor


def ids(records: Iterable[Record]) -> list[str]:
    return [one.external_id for one in records]


def test_a_first_pull_lists_everything_without_waiting_for_the_index(
    portal: Simulator, hub: Connector
) -> None:
    made = [portal.add_contact(email=f"p{n}@example.co.jp") for n in range(5)]

    records, cursor = drain(hub.pull("contacts", None))

    assert ids(records) == made
    assert not [one for one in portal.seen if one.path.endswith("/search")]
    assert json.loads(cursor or "")["since"] == 1767574800000 - 60_000


def test_the_next_pull_finds_what_changed_and_what_is_new(
    portal: Simulator, hub: Connector, clock: Any
) -> None:
    old, edited = (portal.add_contact(email=f"{n}@example.co.jp") for n in "ab")
    clock.forward(600)
    _, cursor = drain(hub.pull("contacts", None))
    clock.forward(3600)
    portal.set_property("contacts", edited, "jobtitle", "部長")
    new = portal.add_contact(email="c@example.co.jp")
    clock.forward(60)

    records, after = drain(hub.pull("contacts", cursor), cursor)

    assert ids(records) == [edited, new]
    assert old not in ids(records)
    assert records[0].payload["properties"]["jobtitle"] == "部長"
    assert records[0].changed_at == datetime(2026, 1, 5, 2, 10, tzinfo=UTC)
    assert after != cursor


def test_a_write_the_index_does_not_show_yet_is_found_by_a_later_pull(
    make_portal: MakePortal, make_hub: MakeHub, clock: Any
) -> None:
    portal = make_portal(index_lag=200)
    hub = make_hub(portal)
    portal.add_contact(email="a@example.co.jp")
    _, cursor = drain(hub.pull("contacts", None))
    clock.forward(3600)
    late = portal.add_contact(email="b@example.co.jp")
    for _ in range(3):
        clock.forward(60)
        records, cursor = drain(hub.pull("contacts", cursor), cursor)
        assert late not in ids(records)
    clock.forward(60)

    records, _ = drain(hub.pull("contacts", cursor), cursor)

    assert ids(records) == [late]


def test_the_bookmark_never_passes_now_less_the_lag(
    portal: Simulator, hub: Connector, clock: Any
) -> None:
    portal.add_contact(email="a@example.co.jp")
    _, cursor = drain(hub.pull("contacts", None))
    clock.forward(600)
    portal.add_contact(email="b@example.co.jp")
    clock.forward(10)

    _, cursor = drain(hub.pull("contacts", cursor), cursor)

    assert json.loads(cursor or "")["since"] == int(clock().timestamp() * 1000) - 60_000


def test_25000_records_of_one_moment_all_arrive(
    make_portal: MakePortal, make_hub: MakeHub, clock: Any
) -> None:
    portal = make_portal(automation=False, index_lag=0)
    hub = make_hub(portal, deletes_every=1e9)
    clock.forward(3600)
    made = {portal.add_contact(lastname="佐藤") for _ in range(25_000)}
    clock.forward(60)

    records, cursor = drain(hub.pull("contacts", '{"since":1767574800000,"swept":1767574800000}'))

    assert len(records) == 25_000
    assert set(ids(records)) == made
    assert len(portal.seen) < 25_000 / 200 * 4
    assert "until" not in json.loads(cursor or "")


@pytest.mark.parametrize("stop", [1, 2, 3, 5])
def test_a_pull_left_in_the_middle_of_equal_moments_goes_on_where_it_was(
    make_portal: MakePortal, make_hub: MakeHub, clock: Any, stop: int
) -> None:
    portal = make_portal(search_cap=10, index_lag=0)
    made = [portal.add_contact(email=f"p{n}@example.co.jp") for n in range(35)]
    hub = make_hub(portal, page_size=5)
    clock.forward(60)
    start = '{"since":1767574800000,"swept":1767574860000}'

    first, cursor = drain(islice(hub.pull("contacts", start), stop))
    clock.forward(1800)
    portal.set_property("contacts", made[0], "city", "港区")  # leaves the window, is in the next
    clock.forward(1800)
    rest, cursor = drain(hub.pull("contacts", cursor))

    assert set(ids(first)) | set(ids(rest)) >= set(made)
    assert not set(ids(first)) & set(ids(rest))
    changed, _ = drain(hub.pull("contacts", cursor))
    assert made[0] in ids(changed)


def test_a_first_listing_left_half_way_goes_on_and_then_turns_to_changes(
    portal: Simulator, make_hub: MakeHub, clock: Any
) -> None:
    made = [portal.add_contact(email=f"p{n}@example.co.jp") for n in range(7)]
    hub = make_hub(portal, page_size=2)

    first, cursor = drain(islice(hub.pull("contacts", None), 2))
    clock.forward(30)
    late = portal.add_contact(email="late@example.co.jp")
    rest, cursor = drain(hub.pull("contacts", cursor))
    clock.forward(60)
    again, _ = drain(hub.pull("contacts", cursor))

    assert ids(first) + ids(rest) == [*made, late]
    assert late in ids(again)


def test_a_pull_whose_rest_went_away_meanwhile_ends_and_moves_on(
    portal: Simulator, make_hub: MakeHub, clock: Any
) -> None:
    hub = make_hub(portal, page_size=2, deletes_every=1e9)
    made = [portal.add_contact(email=f"p{n}@example.co.jp") for n in range(4)]

    _, cursor = drain(islice(hub.pull("contacts", None), 1))
    for own in made[2:]:
        portal.archive("contacts", own)
    _, cursor = drain(hub.pull("contacts", cursor), cursor)
    assert "after" not in json.loads(cursor or "")

    made = [portal.add_contact(email=f"q{n}@example.co.jp") for n in range(4)]
    clock.forward(10)
    _, cursor = drain(islice(hub.pull("contacts", cursor), 2), cursor)
    assert "until" in json.loads(cursor or "")
    for own in made:
        portal.archive("contacts", own)
    clock.forward(10)
    _, cursor = drain(hub.pull("contacts", cursor), cursor)
    assert "until" not in json.loads(cursor or "")


def test_an_archived_record_is_told_once_the_bin_is_looked_through(
    portal: Simulator, make_hub: MakeHub, clock: Any
) -> None:
    hub = make_hub(portal, deletes_every=900, page_size=1)
    gone, kept = (portal.add_contact(email=f"{n}@example.co.jp") for n in "ab")
    _, cursor = drain(hub.pull("contacts", None))
    clock.forward(600)
    portal.archive("contacts", gone)
    clock.forward(60)
    records, cursor = drain(hub.pull("contacts", cursor), cursor)
    assert not [one for one in records if one.deleted]

    clock.forward(600)
    records, cursor = drain(hub.pull("contacts", cursor), cursor)

    (deleted,) = [one for one in records if one.deleted]
    assert deleted.external_id == gone
    assert deleted.changed_at == datetime(2026, 1, 5, 1, 10, tzinfo=UTC)
    assert kept not in ids([deleted])
    clock.forward(2000)
    portal.set_property("contacts", kept, "city", "港区")
    clock.forward(10)
    records, _ = drain(hub.pull("contacts", cursor), cursor)
    assert ids(records) == [kept]


def test_a_look_through_the_bin_goes_on_where_it_was_left(
    portal: Simulator, make_hub: MakeHub, clock: Any
) -> None:
    hub = make_hub(portal, deletes_every=0, page_size=2)
    made = [portal.add_contact(email=f"p{n}@example.co.jp") for n in range(6)]
    _, cursor = drain(hub.pull("contacts", None))
    clock.forward(600)
    for own in made:
        portal.archive("contacts", own)
    clock.forward(60)

    first, cursor = drain(islice(hub.pull("contacts", cursor), 1), cursor)
    rest, cursor = drain(hub.pull("contacts", cursor), cursor)

    assert ids(first) + ids(rest) == made
    assert "sweep" not in json.loads(cursor or "")


def test_a_merge_moves_the_losers_id_to_the_survivor(
    portal: Simulator, hub: Connector, clock: Any
) -> None:
    winner, loser = (portal.add_contact(email=f"{n}@example.co.jp") for n in "ab")
    _, cursor = drain(hub.pull("contacts", None))
    clock.forward(600)
    survivor = portal.merge("contacts", winner, loser, new_id=True)
    clock.forward(60)

    (record,), _ = drain(hub.pull("contacts", cursor), cursor)

    assert record.external_id == survivor
    assert set(record.previous_ids) == {Ref("contacts", winner), Ref("contacts", loser)}


def test_a_deal_points_to_its_people_and_a_contact_to_its_primary_company(
    portal: Simulator, hub: Connector
) -> None:
    people = [portal.add_contact(email=f"{n}@example.co.jp") for n in "ab"]
    second = portal.add_company(name="青葉商事株式会社")
    first = portal.add_company(name="株式会社みなと製作所")
    portal.link("contacts", people[0], "companies", first)
    portal.link("contacts", people[0], "companies", second)
    deal = portal.add_deal(contact_ids=people, company_id=first, dealname="基幹刷新")
    call = portal.add_engagement("calls", contact_ids=people[:1], hs_call_title="初回架電")

    (deals,), (calls,) = (drain(hub.pull(name, None))[0] for name in ("deals", "calls"))
    contacts, _ = drain(hub.pull("contacts", None))

    assert deals.external_id == deal
    assert deals.refs == (
        *(Ref("contacts", one) for one in people),
        Ref("companies", first),
    )
    assert contacts[0].refs == (Ref("companies", first), Ref("companies", second))
    assert (calls.external_id, calls.refs) == (call, (Ref("contacts", people[0]),))


def test_a_new_tie_makes_another_version(portal: Simulator, hub: Connector) -> None:
    own = portal.add_contact(email="a@example.co.jp")
    note = portal.add_engagement("notes", hs_note_body="名刺交換")
    (before,) = hub.fetch("notes", [note])

    portal.link("notes", note, "contacts", own)
    (after,) = hub.fetch("notes", [note])

    assert before.payload["updatedAt"] == after.payload["updatedAt"]
    assert before.version != after.version


def test_custom_and_named_properties_are_read_and_hidden_noise_is_not(
    portal: Simulator, make_hub: MakeHub
) -> None:
    portal.add_contact(email="a@example.co.jp", renkei_stage="mql")
    hub = make_hub(portal, properties={"contacts": ["num_associated_deals"]})

    (record,), _ = drain(hub.pull("contacts", None))

    flat = hub.flatten("contacts", record.payload)
    assert flat["renkei_stage"] == "mql"
    assert "num_associated_deals" in flat
    assert "hs_lifecyclestage_lead_date" not in flat


def test_more_properties_than_a_url_holds_are_read_in_batches(
    portal: Simulator, make_hub: MakeHub
) -> None:
    wide = [f"column_{n:03}_of_an_old_spreadsheet" for n in range(300)]
    for name in wide:
        portal.portal.add_property(
            "contacts", {**portal.portal.schema("contacts")["renkei_stage"], "name": name}
        )
    made = [portal.add_contact(email=f"{n}@example.co.jp", **{wide[299]: "値"}) for n in "ab"]

    records, _ = drain(make_hub(portal).pull("contacts", None))

    assert sorted(ids(records)) == made
    assert {one.payload["properties"][wide[299]] for one in records} == {"値"}


def test_owners_are_read_as_addresses(portal: Simulator, hub: Connector) -> None:
    owner = portal.add_owner("Suzuki@renkei.example", "鈴木", "次郎")
    portal.add_contact(email="a@example.co.jp", hubspot_owner_id=owner)
    portal.add_contact(email="b@example.co.jp")

    records, _ = drain(hub.pull("contacts", None))

    flat = [hub.flatten("contacts", one.payload) for one in records]
    assert [one["hubspot_owner_email"] for one in flat] == ["suzuki@renkei.example", None]


def test_a_record_is_fetched_as_itself_as_its_survivor_or_as_gone(
    portal: Simulator, hub: Connector
) -> None:
    plain, winner, loser, gone = (portal.add_contact(email=f"{n}@example.co.jp") for n in "abcd")
    portal.merge("contacts", winner, loser)
    portal.archive("contacts", gone)

    found = {one.external_id: one for one in hub.fetch("contacts", [plain, loser, gone])}

    assert not found[plain].deleted
    assert found[winner].previous_ids == (Ref("contacts", loser),)
    assert found[gone].deleted


def test_ids_are_listed_for_a_sweep(portal: Simulator, hub: Connector) -> None:
    made = [portal.add_contact(email=f"p{n}@example.co.jp") for n in range(120)]
    portal.archive("contacts", made.pop())

    assert list(hub.ids("contacts")) == made


def test_a_cursor_of_something_else_stops_the_stream(hub: Connector) -> None:
    for cursor in ("2026-01-05T01:00:00Z", '{"offset": 3}'):
        with pytest.raises(ContractBroken, match="backfill"):
            list(hub.pull("contacts", cursor))


def test_a_search_that_shows_the_same_ids_again_is_not_followed_for_ever(
    portal: Simulator, hub: Connector
) -> None:
    row = {"id": "101", "properties": {}, "updatedAt": "2026-01-05T01:00:00Z", "archived": False}
    looping = json_response({"total": 2, "results": [row], "paging": {"next": {"after": "1"}}})
    portal.faults.append(Fault("/search", response=looping, times=100))

    with pytest.raises(ContractBroken, match="circle"):
        list(hub.pull("contacts", '{"since":0,"swept":0}'))


def test_a_portal_that_is_asked_too_often_says_when_to_come_back(
    make_portal: MakePortal, make_hub: MakeHub
) -> None:
    hub = make_hub(make_portal(limits=Limits(burst=0)))

    with pytest.raises(RateLimited) as caught:
        list(hub.pull("contacts", None))

    assert caught.value.retry_after == 10


def test_a_missing_scope_is_named(make_portal: MakePortal, make_hub: MakeHub) -> None:
    scopes = ("crm.objects.contacts.read", "crm.objects.companies.read", "forms")
    hub = make_hub(make_portal(scopes=scopes))

    with pytest.raises(AuthFailed, match=r"crm\.objects\.deals\.read") as caught:
        list(hub.pull("deals", None))

    assert caught.value.code == "MISSING_SCOPES"
    assert hub.identify().scopes_missing == (
        "crm.objects.deals.read",
        "crm.objects.owners.read",
    )
