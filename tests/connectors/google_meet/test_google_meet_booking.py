"""Invitations: one event with a link for each lead, moved but never taken over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connectors.google_meet import Connector
from connectors.google_meet.simulator import DEFAULT_USER, Simulator
from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import (
    AuthFailed,
    Conflict,
    RateLimited,
    RecordGone,
    RecordRejected,
    Unavailable,
)
from connectors.kit.simulator import Fault, Response, json_response
from tests.connectors.google_meet.conftest import pull, records

VALUES = {
    "email": "taro@aozora.example",
    "name": "山田 太郎",
    "start": "2026-04-10T01:00:00Z",
    "summary": "初回商談",
    "description": "ご要望の確認",
    "organizer": DEFAULT_USER,
}
INVITE = Change("invitations", "ld_1", VALUES)
Wire = Callable[..., Connector]


def one(connector: Connector, change: Change = INVITE) -> Outcome:
    (outcome,) = connector.push([change])
    return outcome


def event_of(google: Simulator, outcome: Outcome) -> dict[str, Any]:
    return google.event(str(outcome.external_id).partition(".")[2])


def test_an_invitation_is_an_event_with_a_meet_link(wire: Wire, google: Simulator) -> None:
    outcome = one(wire())
    assert outcome.status is Status.CREATED
    assert outcome.refused == {}
    event = event_of(google, outcome)
    assert outcome.external_id == f"sato.{event['id']}"
    assert event["attendees"] == [
        {
            "email": "taro@aozora.example",
            "displayName": "山田 太郎",
            "responseStatus": "needsAction",
        }
    ]
    assert event["start"] == {"dateTime": "2026-04-10T10:00:00+09:00", "timeZone": "Asia/Tokyo"}
    assert event["end"]["dateTime"] == "2026-04-10T10:30:00+09:00"
    assert event["hangoutLink"].startswith("https://meet.google.com/")
    assert outcome.version == event["etag"]


def test_an_invited_lead_is_met_in_the_calendar_afterwards(wire: Wire, google: Simulator) -> None:
    connector = wire()
    one(connector)
    (record,) = records(pull(connector, "events"))
    assert connector.flatten("events", record.payload)["email"] == "taro@aozora.example"


@pytest.mark.parametrize(
    ("values", "start", "end"),
    [
        pytest.param({"end": "2026-04-10T02:00:00Z"}, "10:00", "11:00", id="an end"),
        pytest.param({"start": "2026/04/10 10:00"}, "10:00", "10:30", id="a time in Japan"),
        pytest.param({"start": "2026-04-10T10:00:00+09:00"}, "10:00", "10:30", id="an offset"),
    ],
)
def test_times_are_read_as_they_are_written(
    wire: Wire, google: Simulator, values: dict[str, str], start: str, end: str
) -> None:
    event = event_of(google, one(wire(), replace(INVITE, values={**VALUES, **values})))
    assert event["start"]["dateTime"] == f"2026-04-10T{start}:00+09:00"
    assert event["end"]["dateTime"] == f"2026-04-10T{end}:00+09:00"


def test_a_link_that_could_not_be_made_is_said(wire: Wire, google: Simulator) -> None:
    google.conference_fails = True
    outcome = one(wire())
    assert outcome.status is Status.CREATED
    assert list(outcome.refused) == ["conference"]
    assert "hangoutLink" not in event_of(google, outcome)


def test_a_slow_link_is_left_to_the_calendars_next_pull(wire: Wire, google: Simulator) -> None:
    google.conference_reads = 99
    outcome = one(wire())
    assert outcome.status is Status.CREATED
    assert outcome.refused == {}
    request = event_of(google, outcome)["conferenceData"]["createRequest"]
    assert request["status"]["statusCode"] == "pending"
    assert len(records(pull(wire(), "events"))) == 1


@pytest.mark.parametrize("times", [1, 2])
def test_an_invitation_whose_answer_was_lost_is_not_sent_twice(
    wire: Wire, google: Simulator, times: int
) -> None:
    google.faults.append(Fault("/events", method="POST", after=True, times=times))
    outcome = one(wire())
    assert outcome.status is Status.UNCHANGED
    assert len(google.events) == 1


def test_a_meeting_is_moved_and_keeps_its_length(wire: Wire, google: Simulator) -> None:
    connector = wire()
    first = one(connector, replace(INVITE, values={**VALUES, "end": "2026-04-10T02:00:00Z"}))
    moved = Change(
        "invitations", "ld_1", {"start": "2026-04-11T05:00:00Z"}, external_id=first.external_id
    )
    outcome = one(connector, moved)
    assert outcome.status is Status.UPDATED
    event = event_of(google, outcome)
    assert event["start"]["dateTime"] == "2026-04-11T14:00:00+09:00"
    assert event["end"]["dateTime"] == "2026-04-11T15:00:00+09:00"
    assert outcome.version == event["etag"] != first.version


def test_what_is_already_so_is_not_sent(wire: Wire, google: Simulator) -> None:
    connector = wire()
    first = one(connector)
    before = len(google.seen)
    outcome = one(connector, replace(INVITE, external_id=first.external_id))
    assert outcome.status is Status.UNCHANGED
    assert [seen.method for seen in google.seen[before:]] == ["GET"]


def test_an_event_that_changed_between_reading_and_writing_is_a_conflict(
    wire: Wire, google: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = wire()
    first = one(connector)
    event_id = str(first.external_id).partition(".")[2]
    shown = google._shown

    def meanwhile(event: dict[str, Any], owner: str) -> dict[str, Any]:
        answer = shown(event, owner)
        monkeypatch.setattr(google, "_shown", shown)
        google.answer(event_id, "taro@aozora.example", "accepted")
        return answer

    monkeypatch.setattr(google, "_shown", meanwhile)
    change = Change("invitations", "ld_1", {"summary": "再訪"}, external_id=first.external_id)
    assert isinstance(one(connector, change).error, Conflict)
    assert event_of(google, first)["summary"] == "初回商談"
    assert one(connector, change).status is Status.UPDATED


def test_a_cancelled_meeting_stays_cancelled(wire: Wire, google: Simulator) -> None:
    connector = wire()
    first = one(connector)
    google.cancel(str(first.external_id).partition(".")[2])
    for change in (INVITE, replace(INVITE, external_id=first.external_id)):
        assert isinstance(one(connector, change).error, RecordGone)


def test_another_leads_event_is_not_taken_over(wire: Wire, google: Simulator) -> None:
    theirs = google.book({"taro@aozora.example": None})
    change = replace(INVITE, external_id=f"sato.{theirs}")
    assert isinstance(one(wire(), change).error, Conflict)
    assert google.event(theirs)["summary"] == "初回商談"


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        pytest.param({"room": "会議室A"}, ("room",), id="an unknown field"),
        pytest.param({"start": None}, ("start",), id="no time"),
        pytest.param({"email": ""}, ("email",), id="no address"),
        pytest.param({"start": "あした"}, ("start",), id="a time that is none"),
        pytest.param({"end": "2026-04-09T00:00:00Z"}, ("start", "end"), id="upside down"),
        pytest.param({"email": "taro"}, (), id="an address that Google refuses"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_alone(
    wire: Wire, google: Simulator, values: dict[str, Any], fields: tuple[str, ...]
) -> None:
    bad = replace(INVITE, values={**VALUES, **values})
    good = replace(INVITE, key="ld_2")
    first, second = wire().push([bad, good])
    assert isinstance(first.error, RecordRejected)
    assert first.error.fields == fields
    assert "taro@" not in str(first.error)
    assert second.status is Status.CREATED


def test_a_lead_whose_address_changed_is_not_invited_in_anothers_place(
    wire: Wire, google: Simulator
) -> None:
    connector = wire()
    first = one(connector)
    values = {**VALUES, "email": "new@aozora.example"}
    outcome = one(connector, replace(INVITE, values=values, external_id=first.external_id))
    assert isinstance(outcome.error, RecordRejected)
    assert outcome.error.fields == ("email",)


def test_the_owners_calendar_is_written_to_or_the_first_users(
    wire: Wire, google: Simulator
) -> None:
    google.add_person("suzuki@mihon.example", "鈴木", "108000000000000000002")
    users = {"sato": {"email": DEFAULT_USER}, "suzuki": {"email": "suzuki@mihon.example"}}
    connector = wire(users=users)
    owned = replace(INVITE, values={**VALUES, "organizer": "Suzuki@mihon.example"})
    unknown = replace(INVITE, key="ld_2", values={**VALUES, "organizer": "x@else.example"})
    outcomes = connector.push([owned, unknown])
    assert [str(one.external_id).partition(".")[0] for one in outcomes] == ["suzuki", "sato"]
    gone = replace(owned, external_id=outcomes[0].external_id)
    assert isinstance(one(wire(), gone).error, RecordRejected)


def test_a_full_quota_ends_the_push_and_what_was_written_is_told(
    wire: Wire, google: Simulator
) -> None:
    connector = wire()
    connector.identify()
    body = {"error": {"errors": [{"reason": "rateLimitExceeded"}]}}
    full = json_response(body, 403)
    google.faults.append(Fault("/events", method="POST", response=full, times=99))
    with pytest.raises(RateLimited):
        connector.push([INVITE])
    google.faults.clear()
    first, second = INVITE, replace(INVITE, key="ld_2")
    done = one(connector, first)
    google.faults.append(Fault("/events", method="POST", response=full, times=99))
    kept = replace(first, external_id=done.external_id)
    outcomes = connector.push([kept, second, replace(INVITE, key="ld_3")])
    assert [outcome.status for outcome in outcomes] == [Status.UNCHANGED] + [Status.FAILED] * 2
    assert all(isinstance(outcome.error, RateLimited) for outcome in outcomes[1:])


def test_of_changes_that_were_not_tried_nobody_says_they_may_be_there(
    wire: Wire, google: Simulator
) -> None:
    connector = wire()
    done = [one(connector, replace(INVITE, key=f"ld_{n}")) for n in range(3)]
    moved = [
        Change("invitations", f"ld_{n}", {"summary": "再訪"}, external_id=done[n].external_id)
        for n in range(3)
    ]
    same = replace(INVITE, key="ld_0", external_id=done[0].external_id)
    google.faults.append(Fault("/events", method="PATCH", response=Response("", 503), times=99))
    first, second, third = connector.push([same, *moved[1:]])
    assert first.status is Status.UNCHANGED
    assert isinstance(second.error, Unavailable)
    assert isinstance(third.error, Unavailable)
    assert (second.error.maybe_applied, third.error.maybe_applied) == (True, False)


def test_a_service_account_without_delegation_is_told(wire: Wire, google: Simulator) -> None:
    google.delegated = set()
    with pytest.raises(AuthFailed):
        one(wire())
