"""Pushing leads: who is created, who is updated, and what is never written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import Conflict, RecordGone, RecordRejected
from connectors.marketo import Connector
from connectors.marketo.simulator import Simulator

MakeInstance = Callable[..., Simulator]
MakeHub = Callable[..., Connector]
TOKYO = timezone(timedelta(hours=9))


def new(key: str, email: str | None = None, **values: Any) -> Change:
    mail = {} if email is None else {"email": email}
    return Change("leads", key, {**mail, **values})


def edit(key: str, own: str, before: Mapping[str, Any] | None = None, **values: Any) -> Change:
    return Change("leads", key, values, external_id=own, before=before or {})


def by_key(outcomes: Sequence[Outcome]) -> dict[str, Outcome]:
    assert len({one.key for one in outcomes}) == len(outcomes)
    return {one.key: one for one in outcomes}


def writes(instance: Simulator) -> int:
    return len(
        [one for one in instance.seen if (one.method, one.path) == ("POST", "/rest/v1/leads.json")]
    )


def test_a_new_lead_is_created_and_one_with_the_address_is_updated(
    instance: Simulator, hub: Connector
) -> None:
    own = instance.add_lead(email="Hanako@minato.example", lastName="佐藤")

    said = by_key(
        hub.push(
            [new("ld_1", "taro@aoba.example"), new("ld_2", "hanako@minato.example", city="港")]
        )
    )

    assert (said["ld_1"].status, said["ld_2"].status) == (Status.CREATED, Status.UPDATED)
    assert said["ld_2"].external_id == own
    assert instance.held(own)["city"] == "港"
    assert instance.held(str(said["ld_1"].external_id)) == {"email": "taro@aoba.example"}
    assert writes(instance) == 1


def test_a_lead_that_is_known_is_updated_by_its_id_whatever_its_address(
    instance: Simulator, hub: Connector
) -> None:
    own = instance.add_lead(email="a@example.jp", city="港区")
    instance.add_lead(email="a@example.jp")

    (said,) = hub.push([edit("ld_1", own, city=None, title="部長")])

    assert (said.status, said.external_id) == (Status.UPDATED, own)
    assert instance.held(own) == {"email": "a@example.jp", "title": "部長"}


def test_more_than_three_hundred_go_in_several_writes(instance: Simulator, hub: Connector) -> None:
    said = hub.push([new(f"ld_{n}", f"p{n}@example.jp") for n in range(301)])

    assert {one.status for one in said} == {Status.CREATED}
    assert writes(instance) == 2


def test_a_batch_that_is_too_large_for_one_body_goes_in_several(
    instance: Simulator, hub: Connector
) -> None:
    said = hub.push([new(f"ld_{n}", f"p{n}@example.jp", address="あ" * 9_000) for n in range(60)])

    assert {one.status for one in said} == {Status.CREATED}
    assert writes(instance) == 2


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        pytest.param("leadScore", 40, 40, id="number"),
        pytest.param("unsubscribed", True, True, id="truth"),
        pytest.param("unsubscribed", "true", True, id="truth as text"),
        pytest.param("dateOfBirth", date(1990, 4, 1), "1990-04-01", id="date"),
        pytest.param(
            "renkeiStageAt",
            datetime(2026, 4, 1, 9, 0, tzinfo=TOKYO),
            "2026-04-01T00:00:00Z",
            id="time",
        ),
        pytest.param("department", ["営業部", "企画部"], "営業部;企画部", id="several"),
        pytest.param("city", "", None, id="empty text clears"),
    ],
)
def test_a_value_is_written_as_marketo_takes_it(
    instance: Simulator, hub: Connector, field: str, value: Any, kept: Any
) -> None:
    own = instance.add_lead(email="a@example.jp", city="港区")
    (said,) = hub.push([edit("ld_1", own, **{field: value})])
    assert said.status is Status.UPDATED
    assert instance.held(own).get(field) == kept


@pytest.mark.parametrize("field", ["unsubscribed", "doNotCall"])
@pytest.mark.parametrize("value", [False, "false", None])
def test_an_opt_out_is_never_lifted(
    instance: Simulator, hub: Connector, field: str, value: Any
) -> None:
    flags: dict[str, Any] = {field: True}
    own = instance.add_lead(email="a@example.jp", **flags)

    alone, among = hub.push(
        [edit("ld_1", own, **{field: value}), edit("ld_2", own, city="港区", **{field: value})]
    )

    assert (alone.status, among.status) == (Status.UNCHANGED, Status.UPDATED)
    assert instance.held(own)[field] is True
    assert instance.held(own)["city"] == "港区"


def test_a_new_lead_s_partition_is_the_operator_s_and_another_one_is_refused(
    instance: Simulator, make_hub: MakeHub
) -> None:
    hub = make_hub(instance, partition="Japan")
    instance.add_lead(email="old@example.jp")

    said = by_key(hub.push([new("ld_1", "a@example.jp"), new("ld_2", "old@example.jp")]))

    row = instance.table("leads")[str(said["ld_1"].external_id)]
    assert row["partition"] == "Japan"
    assert isinstance(said["ld_2"].error, RecordRejected)
    assert said["ld_2"].error.code == "MARKETO_PARTITION"


# Keys


def test_without_an_address_a_new_lead_needs_the_hub_s_own_field(
    instance: Simulator, make_hub: MakeHub
) -> None:
    (refused,) = make_hub(instance).push([new("ld_1", lastName="佐藤")])
    hub = make_hub(instance, hub_id_field="renkeiLeadId")
    (made,) = hub.push([new("ld_1", lastName="佐藤")])
    (again,) = hub.push([new("ld_1", lastName="佐藤", city="港区")])

    assert refused.error is not None
    assert refused.error.code == "NO_KEY"
    assert (made.status, again.status) == (Status.CREATED, Status.UPDATED)
    assert again.external_id == made.external_id
    assert instance.held(str(made.external_id))["renkeiLeadId"] == "ld_1"


def test_with_an_address_it_is_looked_up_by_that_and_given_the_hub_s_id(
    instance: Simulator, make_hub: MakeHub
) -> None:
    own = instance.add_lead(email="a@example.jp")
    hub = make_hub(instance, hub_id_field="renkeiLeadId")

    (said,) = hub.push([new("ld_1", "a@example.jp")])

    assert said.external_id == own
    assert instance.held(own)["renkeiLeadId"] == "ld_1"


def test_two_new_leads_with_one_address_make_one_lead(instance: Simulator, hub: Connector) -> None:
    first, second = hub.push([new("ld_1", "a@example.jp"), new("ld_2", "A@example.jp", city="港")])

    assert first.status is Status.CREATED
    assert isinstance(second.error, Conflict)
    assert second.error.existing_id == first.external_id
    assert len(instance.ids()) == 1
    assert "city" not in instance.held(instance.ids()[0])


def test_an_address_two_leads_share_already_needs_a_person(
    instance: Simulator, hub: Connector
) -> None:
    for _ in range(2):
        instance.add_lead(email="info@example.jp")

    said = by_key(hub.push([new("ld_1", "info@example.jp"), new("ld_2", "b@example.jp")]))

    error = said["ld_1"].error
    assert isinstance(error, RecordRejected)
    assert error.code == "MARKETO_AMBIGUOUS"
    assert "info@" not in str(error)
    assert said["ld_2"].status is Status.CREATED


def test_a_lead_does_not_get_an_address_that_another_one_has(
    instance: Simulator, hub: Connector
) -> None:
    holder = instance.add_lead(email="taken@example.jp")
    own = instance.add_lead(email="a@example.jp")
    before = {"email": "a@example.jp"}

    (taken,) = hub.push([edit("ld_1", own, before, email="Taken@example.jp")])
    (free,) = hub.push([edit("ld_1", own, before, email="free@example.jp")])

    assert isinstance(taken.error, Conflict)
    assert taken.error.existing_id == holder
    assert free.status is Status.UPDATED
    assert instance.held(own)["email"] == "free@example.jp"


def test_an_address_that_did_not_change_is_not_looked_up(
    instance: Simulator, hub: Connector
) -> None:
    own = instance.add_lead(email="a@example.jp")
    hub.push([edit("ld_1", own, {"email": "A@example.jp"}, email="a@example.jp", city="港区")])
    assert [one.method for one in instance.seen if one.path.endswith("/leads.json")] == ["POST"]


def test_a_lead_that_has_the_address_and_shares_it_is_written_all_the_same(
    instance: Simulator, hub: Connector
) -> None:
    own = instance.add_lead(email="info@example.jp")
    instance.add_lead(email="info@example.jp")
    (said,) = hub.push([edit("ld_1", own, email="info@example.jp", city="港区")])
    assert said.status is Status.UPDATED


def test_one_lead_twice_in_a_push_is_written_in_order(instance: Simulator, hub: Connector) -> None:
    own = instance.add_lead(email="a@example.jp")

    said = hub.push([edit("ld_1", own, city="港区"), edit("ld_2", own, city="渋谷区")])

    assert [one.status for one in said] == [Status.UPDATED, Status.UPDATED]
    assert instance.held(own)["city"] == "渋谷区"


# Who is not there


def test_a_lead_that_was_deleted_or_merged_away_is_gone(
    instance: Simulator, hub: Connector
) -> None:
    winner, loser, deleted = (instance.add_lead(email=f"{n}@example.jp") for n in "abc")
    instance.merge(winner, loser)
    instance.delete_lead(deleted)

    said = hub.push([edit("ld_1", loser, city="港区"), edit("ld_2", deleted, city="港区")])

    assert all(isinstance(one.error, RecordGone) for one in said)


def test_activities_are_not_written(instance: Simulator, hub: Connector) -> None:
    (said,) = hub.push([Change("activities", "a_1", {"activityTypeId": 2})])
    assert said.error is not None
    assert said.error.code == "NOT_WRITABLE"
