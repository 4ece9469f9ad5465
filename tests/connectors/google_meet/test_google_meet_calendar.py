"""Reading calendars: sync tokens, one record for each guest, and what is left alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.google_meet import Connector
from connectors.google_meet.events import external_id
from connectors.google_meet.simulator import DEFAULT_USER, Simulator
from connectors.kit.errors import ContractBroken
from connectors.kit.simulator import Fault, json_response
from tests.connectors.google_meet.conftest import pull, records

STREAM = "events"
TARO = {"taro@aozora.example": "山田太郎"}
SUZUKI = "suzuki@mihon.example"
BOTH = {"sato": {"email": DEFAULT_USER}, "suzuki": {"email": SUZUKI}}
Wire = Callable[..., Connector]
Queries = list[tuple[str, dict[str, str]]]


@pytest.fixture
def colleague(google: Simulator) -> str:
    google.add_person(SUZUKI, "鈴木 一", "108000000000000000002")
    return SUZUKI


def test_each_guest_of_a_meeting_is_a_record(wire: Wire, google: Simulator, clock: Any) -> None:
    event = google.book({**TARO, "ito@aozora.example": None}, start=clock(), summary="初回商談")
    found = records(pull(wire(), STREAM))
    assert [one.external_id for one in found] == [
        external_id(event, "taro@aozora.example"),
        external_id(event, "ito@aozora.example"),
    ]
    assert "@" not in found[0].external_id
    assert found[0].payload["attendee"] == {
        "email": "taro@aozora.example",
        "displayName": "山田太郎",
        "responseStatus": "needsAction",
        "optional": False,
    }
    assert found[0].payload["event"]["organizer"] == DEFAULT_USER
    assert found[0].changed_at == datetime(2026, 4, 1, tzinfo=UTC)
    assert not found[0].deleted


@pytest.mark.parametrize(
    "booked",
    [
        pytest.param({"guests": TARO, "meet": False}, id="without Meet"),
        pytest.param({"guests": TARO, "visibility": "private"}, id="private"),
        pytest.param({"guests": {}}, id="alone"),
        pytest.param({"guests": {"a@mihon.example": "同僚"}}, id="with a colleague"),
        pytest.param({"guests": {"c_1@resource.calendar.google.com": "会議室"}}, id="with a room"),
    ],
)
def test_what_is_no_meeting_with_a_guest_is_left_alone(
    wire: Wire, google: Simulator, booked: dict[str, Any]
) -> None:
    google.book(**booked)
    assert records(pull(wire(), STREAM)) == []


def test_the_next_pull_asks_with_the_token_and_gets_what_changed(
    wire: Wire, google: Simulator, queries: Queries, clock: Any
) -> None:
    event = google.book(TARO)
    google.book({"ito@aozora.example": None})
    connector = wire()
    cursor = pull(connector, STREAM)[-1].cursor
    google.answer(event, "taro@aozora.example", "accepted")
    queries.clear()

    (record,) = records(pull(connector, STREAM, cursor))

    assert record.payload["attendee"]["responseStatus"] == "accepted"
    ((_, query),) = queries
    assert query["syncToken"]
    assert "timeMin" not in query
    assert (query["singleEvents"], query["showDeleted"]) == ("true", "true")


def test_the_first_pull_reads_so_many_days_back(wire: Wire, queries: Queries) -> None:
    pull(wire(since_days=10), STREAM)
    assert queries[0][1]["timeMin"] == "2026-03-22T00:00:00Z"


def test_a_cancelled_meeting_deletes_the_records_of_its_guests(
    wire: Wire, google: Simulator
) -> None:
    event = google.book({**TARO, "ito@aozora.example": None})
    connector = wire()
    cursor = pull(connector, STREAM)[-1].cursor
    google.cancel(event)
    assert [(one.external_id, one.deleted) for one in records(pull(connector, STREAM, cursor))] == [
        (external_id(event, "taro@aozora.example"), True),
        (external_id(event, "ito@aozora.example"), True),
    ]


def test_an_old_token_is_answered_with_410_and_the_calendar_is_read_in_full(
    wire: Wire, google: Simulator, clock: Any, queries: Queries
) -> None:
    kept, gone = google.book(TARO), google.book({"ito@aozora.example": None})
    connector = wire()
    cursor = pull(connector, STREAM)[-1].cursor
    google.cancel(gone)
    google.expire_sync_tokens()
    queries.clear()

    pages = pull(connector, STREAM, cursor)

    assert {(one.external_id, one.deleted) for one in records(pages)} == {
        (external_id(kept, "taro@aozora.example"), False),
        (external_id(gone, "ito@aozora.example"), True),
    }
    assert ["syncToken" in query for _, query in queries] == [True, False]
    queries.clear()
    assert records(pull(connector, STREAM, pages[-1].cursor)) == []
    assert len(queries) == 1


def test_a_calendar_that_can_never_be_read_stops_the_stream(wire: Wire, google: Simulator) -> None:
    google.faults.append(Fault("/events", response=json_response({}, 410), times=99))
    with pytest.raises(ContractBroken) as caught:
        pull(wire(), STREAM)
    assert caught.value.code == "GOOGLE_MEET_SYNC"


def test_every_cursor_on_the_way_goes_on_without_a_gap(
    wire: Wire, google: Simulator, colleague: str, clock: Any
) -> None:
    for number in range(5):
        google.book({f"a{number}@aozora.example": None})
        google.book({f"b{number}@aozora.example": None}, organizer=colleague)
    pages = pull(wire(page_size=2, users=BOTH), STREAM)
    whole = {one.external_id for one in records(pages)}
    assert len(whole) == 10
    assert len(pages) == 6
    for at, page in enumerate(pages):
        rest = records(pull(wire(page_size=2, users=BOTH), STREAM, page.cursor))
        seen = records(pages[: at + 1])
        assert {one.external_id for one in (*seen, *rest)} == whole


def test_a_saved_page_goes_on_and_does_not_begin_again(
    wire: Wire, google: Simulator, clock: Any
) -> None:
    for number in range(6):
        google.book({f"a{number}@aozora.example": None})
    cursor: str | None = None
    seen: list[str] = []
    for _ in range(4):
        page = next(iter(wire(page_size=2).pull(STREAM, cursor)))
        cursor, seen = page.cursor, seen + [one.external_id for one in page.records]
    assert len(seen) == len(set(seen)) == 6


def test_a_saved_page_that_google_forgot_is_read_again_from_the_first(
    wire: Wire, google: Simulator
) -> None:
    google.book(TARO)
    cursor = '{"sato":{"since":"2026-03-01T00:00:00Z","page":"forgotten"}}'
    assert len(records(pull(wire(), STREAM, cursor))) == 1


def test_an_event_in_two_calendars_is_met_once_and_from_its_organiser(
    wire: Wire, google: Simulator, colleague: str
) -> None:
    google.book({**TARO, DEFAULT_USER: "佐藤 恵"}, organizer=colleague)
    users = wire(users=BOTH)
    (record,) = records(pull(users, STREAM))
    (alone,) = records(pull(wire(), STREAM))
    assert record.payload == alone.payload, "whose calendar it is must not show"
    assert record.payload["event"]["organizer"] == SUZUKI


def test_an_outsiders_event_is_taken_from_the_first_user_who_is_invited(
    wire: Wire, google: Simulator, colleague: str
) -> None:
    event = google.book({SUZUKI: None, DEFAULT_USER: None}, organizer="taro@aozora.example")
    (record,) = records(pull(wire(users=BOTH), STREAM))
    assert record.payload["attendee"]["email"] == "taro@aozora.example"
    kept = [one for one in google.event(event)["attendees"] if not one.get("organizer")]
    google.change(event, attendees=kept)
    (record,) = records(pull(wire(users=BOTH), STREAM))
    assert record.payload["attendee"]["email"] == "taro@aozora.example", "who invites is a guest"


def test_a_user_who_is_added_is_read_from_the_beginning(
    wire: Wire, google: Simulator, colleague: str
) -> None:
    google.book(TARO, organizer=colleague)
    cursor = pull(wire(), STREAM)[-1].cursor
    assert len(records(pull(wire(users=BOTH), STREAM, cursor))) == 1


def test_fetch_reads_one_guests_record_again(wire: Wire, google: Simulator) -> None:
    event = google.book({**TARO, "ito@aozora.example": None})
    gone = google.book(TARO)
    google.cancel(gone)
    asked = [
        external_id(event, "ito@aozora.example"),
        external_id(event, "nobody@aozora.example"),
        external_id(gone, "taro@aozora.example"),
        "nosuchevent.0123",
        "../watch.0123",
    ]
    found = {one.external_id: one.deleted for one in wire().fetch(STREAM, asked)}
    assert found == dict(zip(asked, [False, True, True, True, True], strict=True))


@pytest.mark.parametrize("stream", ["events", "participants"])
@pytest.mark.parametrize(
    "cursor", ["soon", "[]", '{"sato":1}', '{"sato":{"token":"x"}}', '{"sato":{"sync":1}}']
)
def test_a_cursor_of_another_kind_is_refused(wire: Wire, stream: str, cursor: str) -> None:
    with pytest.raises(ContractBroken, match="reset the stream"):
        pull(wire(), stream, cursor)


def test_a_stream_that_is_none_of_ours_is_refused(wire: Wire) -> None:
    for read in (lambda c: c.pull("calls", None), lambda c: c.fetch("calls", ["1"])):
        with pytest.raises(ContractBroken, match="no stream"):
            list(read(wire()))
