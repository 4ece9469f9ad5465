"""Pulling activities: their kinds, their names, their attributes and whose they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.kit.base import Page, Record, Ref
from connectors.kit.errors import ContractBroken
from connectors.marketo import Connector
from connectors.marketo.simulator import Simulator

MakeInstance = Callable[..., Simulator]
MakeHub = Callable[..., Connector]


def pages(hub: Connector, cursor: str | None = None) -> list[Page]:
    return list(hub.pull("activities", cursor))


def records(hub: Connector, cursor: str | None = None) -> list[Record]:
    return [record for page in pages(hub, cursor) for record in page.records]


def test_an_activity_is_told_with_its_kind_s_name_its_lead_and_its_time(
    instance: Simulator, hub: Connector
) -> None:
    own = instance.add_lead(email="a@example.jp")
    act = instance.act(own, 2, "資料請求フォーム", Webpage_ID=7)

    (told,) = records(hub)

    assert told.external_id == act
    assert told.refs == (Ref("leads", own),)
    assert told.changed_at == datetime(2026, 4, 1, tzinfo=UTC)
    flat = hub.flatten("activities", told.payload)
    assert flat["activityType"] == "Fill Out Form"
    assert flat["primaryAttributeValue"] == "資料請求フォーム"
    assert flat["attributes.Webpage ID"] == 7
    assert "attributes" not in flat


def test_an_instance_without_integer_ids_tells_activities_by_their_guid(
    make_instance: MakeInstance, make_hub: MakeHub
) -> None:
    instance = make_instance(migrated=True)
    own = instance.add_lead(email="a@example.jp")
    act = instance.act(own, 11, "4月号", Link="https://a.example/")

    (told,) = records(make_hub(instance))

    assert "id" not in told.payload
    assert told.external_id == act


def test_only_the_kinds_the_operator_wants_are_read(instance: Simulator, make_hub: MakeHub) -> None:
    own = instance.add_lead(email="a@example.jp")
    for kind in (1, 2, 10, 46):
        instance.act(own, kind)

    kinds = [one.payload["activityTypeId"] for one in records(make_hub(instance))]
    wanted = records(make_hub(instance, activity_types=[1, 46]))

    assert kinds == [2, 10, 46]
    assert [one.payload["activityTypeId"] for one in wanted] == [1, 46]


def test_a_kind_that_the_instance_does_not_have_stops_the_stream(
    instance: Simulator, make_hub: MakeHub
) -> None:
    with pytest.raises(ContractBroken, match="100001"):
        records(make_hub(instance, activity_types=[2, 100001]))


def test_more_kinds_than_a_call_takes_are_refused_as_options(
    instance: Simulator, make_hub: MakeHub
) -> None:
    with pytest.raises(ValidationError):
        make_hub(instance, activity_types=list(range(1, 12)))


def test_a_pull_can_stop_at_any_page_and_tells_nothing_twice(
    make_instance: MakeInstance, make_hub: MakeHub
) -> None:
    instance = make_instance(stretch=3)
    hub = make_hub(instance, page_size=2)
    own = instance.add_lead(email="a@example.jp")
    done = [instance.act(own, kind) for kind in (2, 1, 6, 7, 1, 10, 11)]
    wanted = [done[place] for place in (0, 2, 3, 5, 6)]

    whole = pages(hub)

    assert [one.external_id for page in whole for one in page.records] == wanted
    for place, page in enumerate(whole):
        told = [one.external_id for before in whole[: place + 1] for one in before.records]
        rest = [one.external_id for one in records(hub, page.cursor)]
        assert [*told, *rest] == wanted


def test_a_token_that_is_no_good_is_replaced_by_one_for_the_last_activity(
    instance: Simulator, hub: Connector, clock: Any
) -> None:
    own = instance.add_lead(email="a@example.jp")
    instance.act(own, 2, "古い")
    clock.pass_time(days=1)
    last = instance.act(own, 2, "新しい")
    cursor = str(pages(hub)[-1].cursor)
    good = cursor.partition('"token":"')[2].partition('"')[0]

    found = records(hub, cursor.replace(good, "STALE==="))

    assert [one.external_id for one in found] == [last]


def test_an_activity_cannot_be_asked_for(instance: Simulator, hub: Connector) -> None:
    assert hub.fetch("activities", ["1"]) == []
