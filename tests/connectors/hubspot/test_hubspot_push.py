"""Pushing contacts: one word about each, nothing twice, no stage lost in silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from connectors.hubspot import Connector
from connectors.hubspot.simulator import Simulator
from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import (
    Conflict,
    RecordGone,
    RecordRejected,
)
from connectors.kit.simulator import Fault

MakePortal = Callable[..., Simulator]
MakeHub = Callable[..., Connector]


def new(key: str, email: str | None = None, **values: Any) -> Change:
    mail = {} if email is None else {"email": email}
    return Change("contacts", key, {**mail, **values})


def edit(key: str, own: str, before: Mapping[str, Any] | None = None, **values: Any) -> Change:
    return Change("contacts", key, values, external_id=own, before=before or {})


def by_key(outcomes: Sequence[Outcome]) -> dict[str, Outcome]:
    assert len({one.key for one in outcomes}) == len(outcomes)
    return {one.key: one for one in outcomes}


def contacts(portal: Simulator) -> list[dict[str, str]]:
    return [portal.held("contacts", own) for own in portal.portal.rows("contacts")]


def calls(portal: Simulator, part: str) -> int:
    return len([one for one in portal.seen if part in one.path])


# Creating


def test_new_leads_become_contacts_with_an_id_and_a_version(
    portal: Simulator, hub: Connector
) -> None:
    said = by_key(
        hub.push([new("ld_1", "a@example.co.jp", lastname="佐藤"), new("ld_2", "B@x.jp")])
    )

    assert {one.status for one in said.values()} == {Status.CREATED}
    own = said["ld_1"].external_id
    assert portal.held("contacts", str(own))["lastname"] == "佐藤"
    assert said["ld_1"].version == "2026-01-05T01:00:00.000Z"
    assert portal.held("contacts", str(said["ld_2"].external_id))["email"] == "b@x.jp"


def test_a_lead_that_is_a_contact_already_is_written_to_it(
    portal: Simulator, hub: Connector
) -> None:
    held = portal.add_contact(email="a@example.co.jp")

    (said,) = hub.push([new("ld_1", "A@example.co.jp", city="港区")])

    assert (said.status, said.external_id) == (Status.UPDATED, held)
    assert portal.held("contacts", held)["city"] == "港区"


def test_a_lost_answer_to_a_create_makes_no_second_contact(
    portal: Simulator, hub: Connector
) -> None:
    portal.faults.append(Fault("/batch/upsert", after=True, times=1))

    (said,) = hub.push([new("ld_1", "a@example.co.jp")])

    assert said.error is None
    assert len(contacts(portal)) == 1


def test_a_lead_without_a_key_is_set_aside_with_advice(portal: Simulator, hub: Connector) -> None:
    said = by_key(hub.push([new("ld_1", lastname="佐藤"), new("ld_2", "b@example.co.jp")]))

    assert said["ld_1"].status is Status.FAILED
    assert said["ld_1"].error is not None
    assert said["ld_1"].error.code == "NO_KEY"
    assert "hub_id_property" in str(said["ld_1"].error)
    assert said["ld_2"].status is Status.CREATED


def test_with_a_hub_id_property_people_without_email_are_created_once(
    portal: Simulator, make_hub: MakeHub
) -> None:
    hub = make_hub(portal, hub_id_property="renkei_lead_id")

    first = hub.push([new("ld_1", lastname="佐藤")])[0]
    again = hub.push([new("ld_1", lastname="佐藤", city="港区")])[0]

    assert first.external_id == again.external_id
    (held,) = contacts(portal)
    assert held["renkei_lead_id"] == "ld_1"


def test_with_a_hub_id_property_an_email_that_is_taken_names_its_holder(
    portal: Simulator, make_hub: MakeHub
) -> None:
    held = portal.add_contact(email="a@example.co.jp")
    hub = make_hub(portal, hub_id_property="renkei_lead_id")

    said = by_key(hub.push([new("ld_1", "a@example.co.jp"), new("ld_2", "b@example.co.jp")]))

    error = said["ld_1"].error
    assert isinstance(error, Conflict)
    assert error.existing_id == held
    assert said["ld_2"].status is Status.CREATED
    (linked,) = hub.push([edit("ld_1", held, city="港区")])
    assert linked.error is None
    assert portal.held("contacts", held)["renkei_lead_id"] == "ld_1"


def test_two_leads_of_one_address_do_not_write_over_each_other(
    portal: Simulator, hub: Connector
) -> None:
    said = by_key(
        hub.push(
            [new("ld_1", "info@x.jp", lastname="佐藤"), new("ld_2", "INFO@x.jp", lastname="鈴木")]
        )
    )

    error = said["ld_2"].error
    assert isinstance(error, Conflict)
    assert error.existing_id == said["ld_1"].external_id
    assert [one["lastname"] for one in contacts(portal)] == ["佐藤"]


# Batches


def test_many_changes_go_in_batches_of_100_and_one_contact_twice_in_two(
    portal: Simulator, hub: Connector
) -> None:
    own = portal.add_contact(email="a@example.co.jp")
    changes = [new(f"ld_{n}", f"p{n}@example.co.jp") for n in range(203)]

    said = by_key(hub.push([*changes, edit("x", own, city="港区"), edit("y", own, city="北区")]))

    assert not [one for one in said.values() if one.error]
    assert calls(portal, "/batch/upsert") == 3
    assert calls(portal, "/batch/update") == 2
    assert portal.held("contacts", own)["city"] == "北区"


@pytest.mark.parametrize("whole", [True, False], ids=["whole batch 400", "lines of a 207"])
def test_a_property_the_portal_lacks_is_left_out_and_told(
    make_portal: MakePortal, make_hub: MakeHub, whole: bool
) -> None:
    portal = make_portal(whole_batch_refusals=whole)
    changes = [new(f"ld_{n}", f"p{n}@example.co.jp", lastname="佐藤") for n in range(20)]
    bad = [
        new("bad_1", "b1@x.jp", sei_kana="サトウ", city="港区"),
        new("bad_2", "b2@x.jp", sei_kana=""),
    ]

    said = by_key(make_hub(portal).push([*changes, *bad]))

    assert not [one for one in said.values() if one.error]
    assert {key for key, one in said.items() if one.refused} == {"bad_1", "bad_2"}
    assert said["bad_1"].refused["sei_kana"].code == "UNKNOWN_FIELD"
    assert portal.held("contacts", str(said["bad_1"].external_id))["city"] == "港区"
    assert len(contacts(portal)) == 22
    assert calls(portal, "/batch/upsert") == 2


@pytest.mark.parametrize("whole", [True, False], ids=["whole batch 400", "lines of a 207"])
def test_a_value_that_is_refused_stops_only_itself(
    make_portal: MakePortal, make_hub: MakeHub, whole: bool
) -> None:
    portal = make_portal(whole_batch_refusals=whole)
    owns = [portal.add_contact(email=f"p{n}@example.co.jp") for n in range(60)]
    changes = [edit(f"ld_{n}", own, city="港区") for n, own in enumerate(owns)]
    changes[37] = edit("ld_37", owns[37], city="港区", hs_lead_status="連絡済み")

    said = by_key(make_hub(portal).push(changes))

    assert not [one for one in said.values() if one.error]
    assert {one["city"] for one in contacts(portal)} == {"港区"}
    (key,) = [key for key, one in said.items() if one.refused]
    assert key == "ld_37"
    assert said[key].refused["hs_lead_status"].code == "VALUE_REFUSED"
    assert "連絡済み" not in str(said[key].refused["hs_lead_status"])
    assert calls(portal, "/batch/update") <= 16


def test_a_change_of_which_nothing_is_left_changed_nothing(
    portal: Simulator, hub: Connector
) -> None:
    own = portal.add_contact(email="a@example.co.jp")

    (said,) = hub.push([edit("ld_1", own, no_such="x", num_associated_deals="7")])

    assert said.status is Status.UNCHANGED
    assert {name: one.code for name, one in said.refused.items()} == {
        "no_such": "UNKNOWN_FIELD",
        "num_associated_deals": "READ_ONLY_FIELD",
    }


def test_a_create_whose_address_is_refused_is_set_aside(portal: Simulator, hub: Connector) -> None:
    said = by_key(hub.push([new("ld_1", "山田"), new("ld_2", "b@example.co.jp")]))

    error = said["ld_1"].error
    assert isinstance(error, RecordRejected)
    assert error.fields == ("email",)
    assert said["ld_2"].error is None
    assert len(contacts(portal)) == 1


def test_an_address_that_moved_to_somebody_else_is_a_conflict(
    portal: Simulator, hub: Connector
) -> None:
    own, other = (portal.add_contact(email=f"{n}@example.co.jp") for n in "ab")

    (said,) = hub.push([edit("ld_1", own, email="b@example.co.jp")])

    assert isinstance(said.error, Conflict)
    assert said.error.existing_id == other


def test_a_contact_that_was_merged_is_written_to_its_survivor(
    portal: Simulator, hub: Connector
) -> None:
    winner, loser = (portal.add_contact(email=f"{n}@example.co.jp") for n in "ab")
    portal.merge("contacts", winner, loser)

    (said,) = hub.push([edit("ld_1", loser, city="港区")])

    assert (said.status, said.external_id) == (Status.UPDATED, winner)


def test_a_contact_that_is_gone_is_told_and_the_rest_is_written(
    portal: Simulator, hub: Connector
) -> None:
    own, gone = (portal.add_contact(email=f"{n}@example.co.jp") for n in "ab")
    portal.archive("contacts", gone)

    said = by_key(hub.push([edit("ld_1", own, city="港区"), edit("ld_2", gone, city="港区")]))

    assert isinstance(said["ld_2"].error, RecordGone)
    assert said["ld_1"].status is Status.UPDATED


def test_values_are_written_as_the_portal_takes_them(portal: Simulator, hub: Connector) -> None:
    from datetime import UTC, datetime

    own = portal.add_contact(email="a@example.co.jp", city="港区")
    moment = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)

    (said,) = hub.push([edit("ld_1", own, city=None, renkei_stage_at=moment, renkei_stage=7)])

    held = portal.held("contacts", own)
    assert said.refused == {}
    assert "city" not in held
    assert held["renkei_stage_at"] == "2026-01-05T09:30:00.000Z"
    assert held["renkei_stage"] == "7"
