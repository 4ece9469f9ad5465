"""The simulated Google answers as its documents say, and refuses what it would refuse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.google_meet.simulator import DEFAULT_USER, Simulator
from connectors.google_meet.simulator_signin import key_pair

Ask = Callable[..., httpx.Response]
EVENTS = "/calendar/v3/calendars/primary/events"
TIMES = {
    "start": {"dateTime": "2026-04-10T10:00:00+09:00"},
    "end": {"dateTime": "2026-04-10T10:30:00+09:00"},
}
GUEST = {"attendees": [{"email": "taro@aozora.example"}]}
REQUEST = {
    "conferenceData": {
        "createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}
    }
}
TARO = {"taro@aozora.example": "山田太郎"}
YAMADA = {"anonymousUser": {"displayName": "山田太郎"}}


def reason(reply: httpx.Response) -> tuple[int, str]:
    error = reply.json()["error"]
    return reply.status_code, error["errors"][0]["reason"] if "errors" in error else error["status"]


def test_without_its_version_conference_data_is_ignored(api: Ask) -> None:
    made = api("POST", EVENTS, json={**TIMES, **REQUEST}).json()
    assert "conferenceData" not in made


def test_a_meet_link_is_pending_at_first_and_there_at_the_second_read(api: Ask) -> None:
    params = {"conferenceDataVersion": "1"}
    made = api("POST", EVENTS, params=params, json={**TIMES, **REQUEST, "id": "lead42"}).json()
    assert made["conferenceData"]["createRequest"]["status"]["statusCode"] == "pending"
    assert "hangoutLink" not in made
    api("GET", f"{EVENTS}/lead42")
    read = api("GET", f"{EVENTS}/lead42").json()
    assert read["conferenceData"]["createRequest"]["status"]["statusCode"] == "success"
    assert read["hangoutLink"].endswith(read["conferenceData"]["conferenceId"])
    space = api("GET", f"/v2/spaces/{read['conferenceData']['conferenceId']}").json()
    assert space["meetingUri"] == read["hangoutLink"]


def test_an_id_is_taken_for_good(api: Ask) -> None:
    assert api("POST", EVENTS, json={**TIMES, "id": "lead42"}).status_code == 200
    assert reason(api("POST", EVENTS, json={**TIMES, "id": "lead42"})) == (409, "duplicate")
    assert api("DELETE", f"{EVENTS}/lead42").status_code == 204
    assert reason(api("DELETE", f"{EVENTS}/lead42")) == (410, "deleted")
    assert reason(api("POST", EVENTS, json={**TIMES, "id": "lead42"})) == (409, "duplicate")
    assert api("GET", f"{EVENTS}/lead42").json()["status"] == "cancelled"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param({**TIMES, "id": "Lead-42"}, (400, "invalid"), id="an id of other letters"),
        pytest.param({**TIMES, "id": "abc"}, (400, "invalid"), id="a short id"),
        pytest.param({"start": TIMES["start"]}, (400, "required"), id="no end"),
        pytest.param(
            {"start": TIMES["end"], "end": TIMES["start"]},
            (400, "timeRangeEmpty"),
            id="upside down",
        ),
        pytest.param(
            {**TIMES, "attendees": [{"email": "taro"}]}, (400, "invalid"), id="no address"
        ),
        pytest.param(
            {"start": {"dateTime": "x"}, "end": {"dateTime": "y"}}, (400, "invalid"), id="no times"
        ),
    ],
)
def test_an_event_that_cannot_be_is_refused(
    api: Ask, body: dict[str, Any], said: tuple[int, str]
) -> None:
    assert reason(api("POST", EVENTS, json=body)) == said


def test_a_list_has_its_sync_token_on_the_last_page_only(api: Ask, google: Simulator) -> None:
    for _ in range(3):
        google.book(TARO)
    first = api("GET", EVENTS, params={"maxResults": 2}).json()
    assert len(first["items"]) == 2
    assert "nextSyncToken" not in first
    params = {"maxResults": 2, "pageToken": first["nextPageToken"]}
    second = api("GET", EVENTS, params=params).json()
    assert len(second["items"]) == 1
    assert "nextPageToken" not in second
    assert second["nextSyncToken"]


def test_a_sync_token_gives_what_changed_also_while_the_pages_were_read(
    api: Ask, google: Simulator
) -> None:
    events = [google.book(TARO) for _ in range(3)]
    first = api("GET", EVENTS, params={"maxResults": 2}).json()
    google.cancel(events[0])
    params = {"maxResults": 2, "pageToken": first["nextPageToken"]}
    token = api("GET", EVENTS, params=params).json()["nextSyncToken"]
    changed = api("GET", EVENTS, params={"syncToken": token}).json()
    assert [(one["id"], one["status"]) for one in changed["items"]] == [(events[0], "cancelled")]
    again = api("GET", EVENTS, params={"syncToken": changed["nextSyncToken"]}).json()
    assert again["items"] == []


@pytest.mark.parametrize(
    "more",
    [
        {"timeMin": "2026-04-01T00:00:00Z"},
        {"orderBy": "startTime", "singleEvents": "true"},
        {"q": "商談"},
        {"updatedMin": "2026-04-01T00:00:00Z"},
        {"showDeleted": "false"},
        {"singleEvents": "true"},
    ],
    ids=lambda more: next(iter(more)),
)
def test_a_sync_token_goes_with_no_other_question(api: Ask, more: dict[str, str]) -> None:
    token = api("GET", EVENTS).json()["nextSyncToken"]
    assert reason(api("GET", EVENTS, params={"syncToken": token, **more})) == (400, "badRequest")


def test_an_old_sync_token_is_410_and_so_is_an_update_of_long_ago(
    api: Ask, google: Simulator
) -> None:
    token = api("GET", EVENTS).json()["nextSyncToken"]
    google.expire_sync_tokens()
    assert reason(api("GET", EVENTS, params={"syncToken": token})) == (410, "fullSyncRequired")
    params = {"updatedMin": "2025-01-01T00:00:00Z"}
    assert reason(api("GET", EVENTS, params=params)) == (410, "updatedMinTooLongAgo")


def test_cancelled_events_are_listed_where_they_are_asked_for(api: Ask, google: Simulator) -> None:
    event = google.book(TARO)
    google.cancel(event)
    assert api("GET", EVENTS).json()["items"] == []
    assert len(api("GET", EVENTS, params={"showDeleted": "true"}).json()["items"]) == 1


def test_of_anothers_cancelled_event_only_the_id_is_left(api: Ask, google: Simulator) -> None:
    event = google.book({DEFAULT_USER: None}, organizer="taro@aozora.example")
    assert api("GET", f"{EVENTS}/{event}").json()["attendees"][1]["self"] is True
    google.cancel(event)
    (left,) = api("GET", EVENTS, params={"showDeleted": "true"}).json()["items"]
    assert sorted(left) == ["etag", "id", "kind", "status"]


def test_events_are_found_by_time_and_by_private_property(api: Ask, google: Simulator) -> None:
    body = {**TIMES, "id": "lead42", "extendedProperties": {"private": {"renkei_id": "ld_1"}}}
    api("POST", EVENTS, json=body)
    params = {"privateExtendedProperty": "renkei_id=ld_1"}
    assert len(api("GET", EVENTS, params=params).json()["items"]) == 1
    assert (
        api("GET", EVENTS, params={**params, "timeMin": "2026-04-11T00:00:00Z"}).json()["items"]
        == []
    )
    bare = api("GET", EVENTS, params={"timeMin": "2026-04-11T00:00:00"})
    assert reason(bare) == (400, "badRequest")


def test_if_match_guards_a_change(api: Ask) -> None:
    made = api("POST", EVENTS, json={**TIMES, "id": "lead42"}).json()
    guard = {"If-Match": made["etag"]}
    assert api("PATCH", f"{EVENTS}/lead42", headers=guard, json={"summary": "a"}).status_code == 200
    late = api("PATCH", f"{EVENTS}/lead42", headers=guard, json={"summary": "b"})
    assert reason(late) == (412, "conditionNotMet")


def test_a_channel_says_sync_then_exists_until_it_is_stopped(api: Ask, google: Simulator) -> None:
    body = {"id": "c1", "type": "web_hook", "address": "https://hub.example/h", "token": "secret"}
    made = api("POST", f"{EVENTS}/watch", json=body).json()
    assert reason(api("POST", f"{EVENTS}/watch", json=body)) == (400, "channelIdNotUnique")
    google.book(TARO)
    states = [sent.headers["x-goog-resource-state"] for sent in google.deliveries]
    assert states == ["sync", "exists"]
    assert google.deliveries[1].headers["x-goog-message-number"] == "2"
    assert google.deliveries[1].body == b""
    stop = {"id": "c1", "resourceId": made["resourceId"]}
    assert api("POST", "/calendar/v3/channels/stop", json=stop).status_code == 204
    google.book(TARO)
    assert len(google.deliveries) == 2
    assert reason(api("POST", "/calendar/v3/channels/stop", json=stop)) == (404, "notFound")


def test_a_channel_ends_by_itself_after_a_week(api: Ask, google: Simulator, clock: Any) -> None:
    body = {"id": "c1", "type": "web_hook", "address": "https://hub.example/h"}
    api("POST", f"{EVENTS}/watch", json=body)
    clock.pass_time(days=8)
    google.book(TARO)
    assert len(google.deliveries) == 1


def test_conferences_are_listed_newest_first_and_filtered(
    api: Ask, google: Simulator, clock: Any
) -> None:
    made = []
    for hours in (3, 2, 1):
        start = clock() - timedelta(hours=hours)
        made.append(google.hold(google.book(TARO, start=start), [YAMADA], start=start))
    path = "/v2/conferenceRecords"

    def ids(**params: Any) -> list[str]:
        held = api("GET", path, params=params).json().get("conferenceRecords", [])
        return [one["name"].rpartition("/")[2] for one in held]

    assert ids() == made[::-1]
    assert ids(filter='end_time>="2026-03-31T22:30:00Z"') == made[:0:-1]
    assert ids(filter='start_time>="2026-03-31T21:00:00Z" AND end_time<"2026-03-31T22:30:00Z"') == [
        made[0]
    ]
    assert ids(filter="end_time IS NULL") == []
    first = api("GET", path, params={"pageSize": 2}).json()
    assert len(first["conferenceRecords"]) == 2
    assert ids(pageSize=2, pageToken=first["nextPageToken"]) == [made[0]]
    for wrong in ('ended>="2026-01-01T00:00:00Z"', "end_time", 'end_time>="gestern"'):
        assert reason(api("GET", path, params={"filter": wrong})) == (400, "INVALID_ARGUMENT")


def test_a_conference_is_forgotten_after_30_days(api: Ask, google: Simulator, clock: Any) -> None:
    record_id = google.hold(google.book(TARO), [YAMADA])
    path = f"/v2/conferenceRecords/{record_id}"
    assert api("GET", path).json()["expireTime"] == "2026-05-01T00:00:00Z"
    clock.pass_time(days=29)
    google.grants[next(iter(google.grants))]["until"] += 10**8
    assert api("GET", path).status_code == 200
    clock.pass_time(days=1)
    assert reason(api("GET", path)) == (404, "NOT_FOUND")


def test_only_the_owner_sees_a_conference_and_its_space(api: Ask, google: Simulator) -> None:
    google.add_person("suzuki@mihon.example", "鈴木", "108000000000000000002")
    event = google.book(TARO, organizer="suzuki@mihon.example")
    record_id = google.hold(event, [YAMADA], organizer="suzuki@mihon.example")
    assert api("GET", "/v2/conferenceRecords").json() == {}
    assert reason(api("GET", f"/v2/conferenceRecords/{record_id}")) == (404, "NOT_FOUND")
    space = google.records[f"conferenceRecords/{record_id}"]["space"]
    assert reason(api("GET", f"/v2/{space}")) == (403, "PERMISSION_DENIED")


def test_participants_have_names_and_sessions_and_no_address(api: Ask, google: Simulator) -> None:
    came = [{**YAMADA, "minutes": ((0, 5), (10, 30))}]
    record_id = google.hold(google.book(TARO), came)
    path = f"/v2/conferenceRecords/{record_id}/participants"
    (one,) = api("GET", path).json()["participants"]
    assert sorted(one) == ["anonymousUser", "earliestStartTime", "latestEndTime", "name"]
    assert "@" not in str(one)
    sessions = api("GET", f"/v2/{one['name']}/participantSessions").json()["participantSessions"]
    assert [session["name"].rpartition("/")[2] for session in sessions] == ["2", "1"]


def test_a_token_is_refused_without_its_scope(api: Ask, google: Simulator) -> None:
    (grant,) = google.grants
    google.grants[grant] = {**google.grants[grant], "scopes": []}
    assert reason(api("GET", EVENTS)) == (403, "insufficientPermissions")
    assert reason(api("GET", "/v2/conferenceRecords")) == (403, "PERMISSION_DENIED")
    del google.grants[grant]
    assert reason(api("GET", EVENTS)) == (401, "authError")
    assert reason(api("GET", "/v2/conferenceRecords")) == (401, "UNAUTHENTICATED")


def test_a_full_minute_is_a_403_in_calendar_and_a_429_in_meet(
    api: Ask, google: Simulator, clock: Any
) -> None:
    google._per_minute = 1
    assert api("GET", EVENTS).status_code == 200
    assert reason(api("GET", EVENTS)) == (403, "rateLimitExceeded")
    assert reason(api("GET", "/v2/conferenceRecords")) == (429, "RESOURCE_EXHAUSTED")
    clock.pass_time(seconds=60)
    assert api("GET", EVENTS).status_code == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param({"eventTypes": ["nope"]}, (400, "INVALID_ARGUMENT"), id="an unknown event"),
        pytest.param({"targetResource": "//x/users/9"}, (403, "PERMISSION_DENIED"), id="another"),
        pytest.param({"payloadOptions": {"a": 1}}, (400, "INVALID_ARGUMENT"), id="a payload"),
        pytest.param({"ttl": "a week"}, (400, "INVALID_ARGUMENT"), id="no ttl"),
    ],
)
def test_a_subscription_that_cannot_be_is_refused(
    api: Ask, google: Simulator, body: dict[str, Any], said: tuple[int, str]
) -> None:
    whole = {
        "targetResource": "//cloudidentity.googleapis.com/users/108000000000000000001",
        "eventTypes": ["google.workspace.meet.conference.v2.ended"],
        "notificationEndpoint": {"pubsubTopic": google.topic},
        "ttl": "604800s",
    }
    assert reason(api("POST", "/v1/subscriptions", json={**whole, **body})) == said


def test_a_subscription_is_an_operation_first_and_gone_after_a_week(
    api: Ask, google: Simulator, clock: Any
) -> None:
    whole = {
        "targetResource": "//cloudidentity.googleapis.com/users/108000000000000000001",
        "eventTypes": ["google.workspace.meet.conference.v2.ended"],
        "notificationEndpoint": {"pubsubTopic": google.topic},
    }
    made = api("POST", "/v1/subscriptions", json=whole).json()
    assert made["done"] is False
    done = api("GET", f"/v1/{made['name']}").json()
    assert done["response"]["expireTime"] == "2026-04-08T00:00:00Z"
    assert reason(api("POST", "/v1/subscriptions", json=whole)) == (409, "ALREADY_EXISTS")
    assert reason(api("GET", "/v1/subscriptions")) == (400, "INVALID_ARGUMENT")
    clock.pass_time(days=7)
    google.grants[next(iter(google.grants))]["until"] += 10**8
    assert reason(api("GET", f"/v1/{done['response']['name']}")) == (404, "NOT_FOUND")


def test_what_is_not_there_is_a_404(api: Ask) -> None:
    for path in (f"{EVENTS}/nosuchevent", "/calendar/v3/calendars/x@y.example/events", "/v2/none"):
        assert reason(api("GET", path)) == (404, "notFound")


def test_the_workspace_survives_a_restart(tmp_path: Path, clock: Any) -> None:
    first = Simulator(path=tmp_path / "g.db", now=clock)
    event = first.book(TARO)
    record_id = first.hold(event, [YAMADA])
    first.close()
    again = Simulator(path=tmp_path / "g.db", now=clock)
    assert again.event(event)["summary"] == "初回商談"
    assert f"conferenceRecords/{record_id}" in again.records
    assert again.book(TARO) != event
    again.close()


def test_the_keys_of_a_workspace_are_not_googles() -> None:
    assert key_pair("google") != key_pair("service account")
    assert key_pair("google") is key_pair("google")
