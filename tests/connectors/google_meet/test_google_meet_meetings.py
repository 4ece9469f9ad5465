"""Who came: conferences by the week, participants by address, minutes by session."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import connectors.google_meet
from connectors.google_meet import Connector
from connectors.google_meet.meetings import flatten, id_of, present_seconds
from connectors.google_meet.simulator import DEFAULT_USER, DEFAULT_USER_ID, Simulator
from connectors.kit.errors import ContractBroken
from tests.connectors.google_meet.conftest import pull, records

STREAM = "participants"
HOME = Path(connectors.google_meet.__file__).parent
TARO = {"taro@aozora.example": "山田太郎"}
SATO = {"signedinUser": {"user": f"users/{DEFAULT_USER_ID}", "displayName": "佐藤 恵"}}
YAMADA = {"anonymousUser": {"displayName": "山田 太郎"}}
STRANGER = {"anonymousUser": {"displayName": "見学者"}}
Wire = Callable[..., Connector]
Queries = list[tuple[str, dict[str, str]]]


def meet(google: Simulator, clock: Any, **held: Any) -> str:
    """A meeting with 山田太郎 that has just ended; returns the conference's id."""
    start = clock() - timedelta(minutes=30)
    event = google.book(TARO, start=start, summary="初回商談")
    return google.hold(event, held.pop("came", [SATO, YAMADA]), start=start, **held)


def test_a_guest_who_came_is_a_record_with_their_address(
    wire: Wire, google: Simulator, clock: Any
) -> None:
    record_id = meet(google, clock, came=[SATO, YAMADA, STRANGER])
    connector = wire()
    (record,) = records(pull(connector, STREAM))
    assert record.external_id.startswith(f"{record_id}/")
    assert record.changed_at == clock()
    flat = connector.flatten(STREAM, record.payload)
    assert (flat["email"], flat["matched_by"]) == ("taro@aozora.example", "name")
    assert (flat["summary"], flat["organizer"]) == ("初回商談", DEFAULT_USER)
    assert (flat["display_name"], flat["kind"]) == ("山田 太郎", "anonymous")
    assert flat["others"] == ["佐藤 恵", "見学者"]


def test_how_long_somebody_was_there_is_the_sum_of_their_sessions(
    wire: Wire, google: Simulator, clock: Any
) -> None:
    meet(google, clock, came=[{**YAMADA, "minutes": ((0, 5), (20, 30))}])
    connector = wire()
    (record,) = records(pull(connector, STREAM))
    flat = connector.flatten(STREAM, record.payload)
    assert (flat["present_seconds"], flat["sessions"]) == (900, 2)


def test_who_is_not_known_by_address_is_no_record(
    wire: Wire, google: Simulator, clock: Any
) -> None:
    google.hold(None, [SATO, YAMADA])
    assert records(pull(wire(), STREAM)) == []


def test_a_meeting_is_read_when_it_is_over(wire: Wire, google: Simulator, clock: Any) -> None:
    event = google.book(TARO)
    record_id = google.hold(event, [YAMADA], start=clock(), ended=False)
    connector = wire()
    cursor = pull(connector, STREAM)[-1].cursor
    assert connector.fetch(STREAM, [record_id]) == []
    clock.pass_time(hours=2)
    google.end(record_id)
    (record,) = records(pull(connector, STREAM, cursor))
    assert record.changed_at == clock()
    assert connector.fetch(STREAM, [record_id]) == [record]


def test_pulls_ask_for_a_week_at_a_time_and_for_the_last_hour_again(
    wire: Wire, google: Simulator, clock: Any, queries: Queries
) -> None:
    connector = wire()
    pages = pull(connector, STREAM)
    filters = [query["filter"] for path, query in queries if path == "/v2/conferenceRecords"]
    assert filters[0] == 'end_time>="2026-03-02T00:00:00Z" AND end_time<="2026-03-09T00:00:00Z"'
    assert filters[-1] == 'end_time>="2026-03-30T00:00:00Z" AND end_time<="2026-04-01T00:00:00Z"'
    assert len(filters) == len(pages) == 5
    queries.clear()
    clock.pass_time(hours=3)
    pull(connector, STREAM, pages[-1].cursor)
    ((_, query),) = queries
    assert query["filter"] == (
        'end_time>="2026-03-31T23:00:00Z" AND end_time<="2026-04-01T03:00:00Z"'
    )


def test_a_cursor_from_before_meet_remembers_begins_where_it_does(
    wire: Wire, clock: Any, queries: Queries
) -> None:
    pull(wire(), STREAM, '{"sato":"2020-01-01T00:00:00Z"}')
    assert 'end_time>="2026-03-02T00:00:00Z"' in queries[0][1]["filter"]


def test_every_meeting_of_a_month_is_read_and_every_cursor_goes_on(
    wire: Wire, google: Simulator, clock: Any
) -> None:
    ends = clock()
    for day in range(28):
        start = ends - timedelta(days=day, minutes=40)
        event = google.book({f"g{day}@aozora.example": None}, start=start)
        google.hold(event, [SATO, {"anonymousUser": {"displayName": "客"}}], start=start)
    pages = pull(wire(), STREAM)
    whole = {one.external_id for one in records(pages)}
    assert len(whole) == 28
    for at, page in enumerate(pages):
        rest = records(pull(wire(), STREAM, page.cursor))
        assert {one.external_id for one in (*records(pages[: at + 1]), *rest)} == whole


def test_the_nearest_of_the_events_with_one_link_is_the_meetings(
    wire: Wire, google: Simulator, clock: Any
) -> None:
    start = clock() - timedelta(minutes=30)
    morning = google.book({"ito@aozora.example": "伊藤"}, start=start - timedelta(hours=2))
    data = google.event(morning)["conferenceData"]
    google.book(TARO, start=start, meet=False, conferenceData=data)
    google.hold(morning, [{"anonymousUser": {"displayName": "iPad"}}], start=start)
    (record,) = records(pull(wire(), STREAM))
    assert record.payload["email"] == "taro@aozora.example"


def test_a_private_events_guests_are_not_told(wire: Wire, google: Simulator, clock: Any) -> None:
    start = clock() - timedelta(minutes=30)
    event = google.book(TARO, start=start, visibility="private")
    google.hold(event, [YAMADA], start=start)
    assert records(pull(wire(), STREAM)) == []


def test_a_conference_is_looked_for_with_each_user(
    wire: Wire, google: Simulator, clock: Any
) -> None:
    google.add_person("suzuki@mihon.example", "鈴木", "108000000000000000002")
    start = clock() - timedelta(minutes=30)
    event = google.book(TARO, start=start, organizer="suzuki@mihon.example")
    record_id = google.hold(event, [YAMADA], start=start, organizer="suzuki@mihon.example")
    users = {"sato": {"email": DEFAULT_USER}, "suzuki": {"email": "suzuki@mihon.example"}}
    connector = wire(users=users)
    (record,) = connector.fetch(STREAM, [record_id])
    assert record.payload["email"] == "taro@aozora.example"
    (again,) = connector.fetch(STREAM, [record.external_id])
    assert again == record
    (gone,) = wire().fetch(STREAM, [record.external_id])
    assert gone.deleted


def test_more_participants_than_a_page_are_all_read(
    wire: Wire, google: Simulator, clock: Any
) -> None:
    crowd = [{"anonymousUser": {"displayName": f"来場者 {n}人目"}} for n in range(300)]
    meet(google, clock, came=[*crowd, YAMADA])
    (record,) = records(pull(wire(), STREAM))
    assert record.payload["email"] == "taro@aozora.example"


def test_times_down_to_the_nanosecond_are_read() -> None:
    held = json.loads((HOME / "cassettes" / "conference.json").read_text(encoding="utf-8"))
    participant = held["participants"]["participants"][0]
    sessions = held["sessions"]["participantSessions"]
    payload = {
        "conference": held["record"],
        "participant": participant,
        "email": "takahashi@aozora.example",
        "sessions": [[one["startTime"], one["endTime"]] for one in sessions],
    }
    flat = flatten(payload)
    assert flat["present_seconds"] == 22 * 60 + 10 * 60 - 1 + 1
    assert flat["joined_at"] == "2026-02-03T01:01:00.000000001Z"


@pytest.mark.parametrize(
    ("sessions", "seconds"),
    [
        pytest.param([], None, id="none"),
        pytest.param([["2026-01-01T00:00:00Z", None]], None, id="one that goes on"),
        pytest.param([["2026-01-01T00:00:10Z", "2026-01-01T00:00:00Z"]], None, id="upside down"),
        pytest.param(
            [["2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"], ["2026-01-01T00:05:00Z", None]],
            60,
            id="one of two",
        ),
    ],
)
def test_sessions_without_an_end_do_not_count(sessions: list[Any], seconds: int | None) -> None:
    assert present_seconds(sessions) == seconds


@pytest.mark.parametrize("name", ["spaces/a", "conferenceRecords/", "conferenceRecords/a/b", None])
def test_a_resource_of_another_name_stops_the_stream(name: Any) -> None:
    with pytest.raises(ContractBroken):
        id_of(name, "conferenceRecords")


def test_a_week_without_a_meeting_moves_the_cursor(wire: Wire, clock: Any) -> None:
    assert [page.cursor for page in pull(wire(), STREAM)][-1] == '{"sato":"2026-04-01T00:00:00Z"}'
    assert datetime(2026, 4, 1, tzinfo=UTC) == clock()
