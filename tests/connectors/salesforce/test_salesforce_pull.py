"""Pulling: everything once, in an order that makes each cursor safe, whatever happens meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from connectors.kit.base import Page, Record
from connectors.kit.errors import (
    AuthFailed,
    ContractBroken,
    RateLimited,
    RecordRejected,
    Unavailable,
)
from connectors.kit.simulator import Fault, json_response
from connectors.salesforce import Connector
from connectors.salesforce.simulator import Simulator

Connecting = Callable[..., Connector]


def records(pages: list[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def ids(pages: list[Page]) -> list[str]:
    return [record.external_id for record in records(pages)]


def pull(connector: Connector, stream: str = "Lead", cursor: str | None = None) -> list[Page]:
    return list(connector.pull(stream, cursor))


def queries(org: Simulator) -> int:
    return sum(1 for seen in org.seen if "/query" in seen.path)


def test_nothing_is_sent_before_the_first_use(org: Simulator, connected: Connecting) -> None:
    connected()
    assert org.seen == []


def test_the_data_host_is_the_one_the_token_names(
    connected: Connecting, org: Simulator, requests: list[Any]
) -> None:
    org.instance_url = "https://elsewhere.my.salesforce.example"
    org.add_lead()
    assert len(ids(pull(connected()))) == 1
    hosts = [request.host for request in requests]
    assert hosts[0] == "aozora.my.salesforce.example"
    assert set(hosts[1:]) == {"elsewhere.my.salesforce.example"}


def test_a_token_that_names_no_https_host_is_not_used(
    connected: Connecting, org: Simulator
) -> None:
    org.instance_url = "http://elsewhere.example"
    with pytest.raises(ContractBroken, match="instance_url"):
        pull(connected())


def test_a_base_url_replaces_both_hosts(
    connected: Connecting, org: Simulator, requests: list[Any]
) -> None:
    org.instance_url = "https://elsewhere.my.salesforce.example"
    org.add_lead()
    assert len(ids(pull(connected(base_url="http://127.0.0.1:8080/")))) == 1
    assert {request.host for request in requests} == {"127.0.0.1:8080"}


def test_rows_come_oldest_change_first_with_a_cursor_after_each_page(
    org: Simulator, connected: Connecting, clock: Any
) -> None:
    planted = []
    for _ in range(5):
        planted.append(org.add_lead())
        clock.pass_time(seconds=10)
    pages = pull(connected(page_size=2))
    assert [ids([page]) for page in pages] == [planted[:2], planted[2:4], planted[4:]]
    middle = json.loads(pages[0].cursor or "")
    assert (middle["at"], middle["id"]) == ("2026-04-01T00:00:10Z", planted[1])
    last = json.loads(pages[-1].cursor or "")
    assert set(last) == {"at"}
    assert ids(pull(connected(page_size=2), cursor=pages[0].cursor)) == planted[2:]


def test_many_rows_of_one_second_are_paged_by_id(org: Simulator, connected: Connecting) -> None:
    planted = [org.add_lead() for _ in range(7)]
    pages = pull(connected(page_size=3))
    assert ids(pages) == planted
    assert ids(pull(connected(page_size=3), cursor=pages[0].cursor)) == planted[3:]


def test_a_pull_without_news_yields_nothing(
    org: Simulator, connected: Connecting, clock: Any
) -> None:
    assert pull(connected()) == []
    org.add_lead()
    cursor = pull(connected())[-1].cursor
    clock.pass_time(minutes=1)
    repeated = pull(connected(), cursor=cursor)
    assert len(ids(repeated)) == 1, "inside the overlap the row comes again"
    clock.pass_time(minutes=20)
    later = pull(connected(), cursor=repeated[-1].cursor)[-1:]
    clock.pass_time(minutes=20)
    assert pull(connected(), cursor=later[-1].cursor if later else repeated[-1].cursor) == []


def test_a_late_commit_inside_the_overlap_is_not_missed(
    org: Simulator, connected: Connecting, clock: Any
) -> None:
    clock.pass_time(minutes=10)
    org.add_lead()
    cursor = pull(connected())[-1].cursor
    clock.pass_time(minutes=-2)
    late = org.add_lead()  # stamped two minutes ago, seen only now
    clock.pass_time(minutes=3)
    assert late in ids(pull(connected(), cursor=cursor))


def test_a_row_that_changes_while_pages_are_read_is_not_lost(
    org: Simulator, connected: Connecting, clock: Any
) -> None:
    planted = []
    for _ in range(6):
        planted.append(org.add_lead())
        clock.pass_time(seconds=30)
    reading = connected(page_size=2).pull("Lead", None)
    first = next(reading)
    clock.pass_time(seconds=30)
    org.edit("Lead", planted[4], Title="部長")
    rest = list(reading)
    assert set(ids([first, *rest])) == {*planted} - {planted[4]}
    later = records(pull(connected(page_size=2), cursor=rest[-1].cursor))
    changed = next(record for record in later if record.external_id == planted[4])
    assert changed.payload["Title"] == "部長"


def test_a_clock_of_ours_that_runs_ahead_skips_nothing(
    org: Simulator, connected: Connecting, clock: Any
) -> None:
    vendor = clock.moment
    org.now = lambda: vendor
    clock.pass_time(hours=1)
    org.add_lead()
    cursor = json.loads(pull(connected())[-1].cursor or "")
    assert cursor["at"] <= "2026-04-01T00:00:01Z"


def test_two_changes_in_one_second_are_two_versions(org: Simulator, connected: Connecting) -> None:
    row = org.add_lead()
    (first,) = records(pull(connected()))
    org.edit("Lead", row, Title="部長")
    (second,) = records(pull(connected()))
    assert first.changed_at == second.changed_at
    assert first.version != second.version
    (again,) = records(pull(connected()))
    assert again.version == second.version


def test_a_deleted_row_comes_as_deleted(org: Simulator, connected: Connecting, clock: Any) -> None:
    row = org.add_lead()
    cursor = pull(connected())[-1].cursor
    clock.pass_time(minutes=1)
    org.delete("Lead", row)
    (record,) = records(pull(connected(), cursor=cursor))
    assert (record.external_id, record.deleted) == (row, True)


def test_only_fields_that_are_there_are_asked_for(org: Simulator, connected: Connecting) -> None:
    org.schema.hide_field("Lead", "Phone")
    org.add_lead(Email="sato@a.example")
    extra = {"Lead": ["Renkei_Stage__c", "No_Such__c", "Owner.Name", "Boss.Name"]}
    (record,) = records(pull(connected(fields=extra)))
    assert record.payload["Email"] == "sato@a.example"
    assert "Phone" not in record.payload
    assert "Renkei_Stage__c" in record.payload
    assert set(record.payload["Owner"]) == {"attributes", "Email", "Name"}


def test_a_field_that_is_taken_away_meanwhile_is_left_out(
    org: Simulator, connected: Connecting
) -> None:
    org.add_lead(Phone="03-1234-5678")
    connector = connected()
    assert records(pull(connector))[0].payload["Phone"] == "03-1234-5678"
    org.schema.hide_field("Lead", "Phone")
    assert "Phone" not in records(pull(connector))[0].payload


def test_describe_is_asked_once_an_hour(org: Simulator, connected: Connecting, clock: Any) -> None:
    connector = connected()
    for _ in range(3):
        pull(connector)
    described = [seen for seen in org.seen if seen.path.endswith("/describe")]
    assert len(described) == 1
    clock.pass_time(minutes=61)
    pull(connector)
    assert len([s for s in org.seen if s.path.endswith("/describe")]) == 2


def test_a_later_pull_costs_one_call(org: Simulator, connected: Connecting, clock: Any) -> None:
    org.add_lead()
    connector = connected()
    cursor = pull(connector)[-1].cursor
    before = len(org.seen)
    clock.pass_time(minutes=10)
    pull(connector, cursor=cursor)
    assert len(org.seen) - before == 1


def test_a_query_that_times_out_is_halved_until_it_does_not(
    org: Simulator, connected: Connecting, clock: Any
) -> None:
    planted = []
    for _ in range(40):
        planted.append(org.add_lead())
        clock.pass_time(days=1)
    org.timeout_over = 15
    pages = pull(connected(page_size=100))
    assert ids(pages) == planted
    assert queries(org) < 40
    stopped = pull(connected(page_size=100), cursor=pages[0].cursor)
    assert set(ids(stopped)) >= set(planted) - set(ids(pages[:1]))


def test_rows_of_one_second_that_time_out_are_an_outage_and_no_loop(
    org: Simulator, connected: Connecting
) -> None:
    for _ in range(5):
        org.add_lead()
    org.timeout_over = 3
    with pytest.raises(Unavailable) as caught:
        pull(connected())
    assert caught.value.code == "SALESFORCE_QUERY_TIMEOUT"


def test_a_session_that_ended_is_begun_again(
    org: Simulator, connected: Connecting, clock: Any
) -> None:
    org.add_lead()
    connector = connected()
    pull(connector)
    clock.pass_time(hours=3)
    assert len(ids(pull(connector))) == 1
    assert [seen.status for seen in org.seen].count(401) == 1


def test_a_session_refused_twice_is_told_as_such(org: Simulator, connected: Connecting) -> None:
    body = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    org.faults.append(Fault("/services/data", response=json_response(body, 401), times=2))
    with pytest.raises(AuthFailed) as caught:
        pull(connected())
    assert caught.value.code == "SALESFORCE_INVALID_SESSION_ID"


@pytest.mark.parametrize(
    ("message", "wait"),
    [
        ("TotalRequests Limit exceeded.", 3600.0),
        ("ConcurrentPerOrgLongTxn Limit exceeded.", 60.0),
    ],
)
def test_used_up_calls_are_waited_for_by_the_hour_and_crowds_by_the_minute(
    org: Simulator, connected: Connecting, message: str, wait: float
) -> None:
    body = [{"message": message, "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    org.faults.append(Fault("/query", response=json_response(body, 403)))
    with pytest.raises(RateLimited) as caught:
        pull(connected())
    assert caught.value.retry_after == wait


def test_a_used_up_day_stops_a_pull(org: Simulator, connected: Connecting) -> None:
    connector = connected()
    pull(connector)
    assert connector.session.quota.limit == 15_000
    org.use_up_calls()
    with pytest.raises(RateLimited):
        pull(connector)
    assert connector.session.quota.left == 0


def test_an_object_that_is_not_there_is_named(org: Simulator, connected: Connecting) -> None:
    del org.schema.objects["Event"]
    with pytest.raises(ContractBroken, match="Event") as caught:
        pull(connected(bulk_threshold=None), "Event")
    assert caught.value.code == "SALESFORCE_NO_OBJECT"


@pytest.mark.parametrize("cursor", ["x", "[]", '{"at": "gestern"}', '{"at": 3}', '{"id": "\' OR"}'])
def test_a_cursor_that_is_not_ours_is_refused(connected: Connecting, cursor: str) -> None:
    with pytest.raises(ContractBroken) as caught:
        pull(connected(), cursor=cursor)
    assert caught.value.code == "SALESFORCE_CURSOR"


def test_refusals_quote_no_values(org: Simulator, connected: Connecting) -> None:
    body = [{"message": "bad sato@a.example", "errorCode": "SOMETHING", "fields": ["Email"]}]
    org.faults.append(Fault("/query", response=json_response(body, 400)))
    with pytest.raises(RecordRejected) as caught:
        pull(connected())
    assert "sato" not in str(caught.value)
    assert (caught.value.code, caught.value.fields) == ("SALESFORCE_SOMETHING", ("Email",))


def test_ids_lists_what_is_not_deleted_page_by_page(org: Simulator, connected: Connecting) -> None:
    planted = [org.add_lead() for _ in range(5)]
    org.delete("Lead", planted[1])
    assert list(connected(page_size=2).ids("Lead")) == [planted[0], *planted[2:]]


def test_only_the_chosen_objects_are_streams(connected: Connecting) -> None:
    assert connected(objects=["Lead", "Opportunity"]).streams() == ["Lead", "Opportunity"]
