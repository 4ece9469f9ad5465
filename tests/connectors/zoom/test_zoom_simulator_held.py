"""Reports, calls, limits and webhooks of the simulated Zoom, as the vendor's documents say."""

from __future__ import annotations

import hmac
import json
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import Client, TestResponse

from connectors.zoom.simulator import HOST, Simulator

Headers = dict[str, str]
PERSON: Any = {"email": "ito@sakura.example", "first_name": "恵", "last_name": "伊藤"}


def refused(reply: TestResponse) -> tuple[int, int]:
    assert reply.json is not None
    return reply.status_code, reply.json["code"]


def body(reply: TestResponse) -> Any:
    assert reply.status_code == 200, reply.text
    return reply.json


@pytest.fixture
def webinar(simulator: Simulator, clock: Any) -> str:
    return simulator.schedule("webinar", "SaaSセミナー", clock() + timedelta(days=3))


# -- reports ------------------------------------------------------------------------------------


def test_a_report_has_a_row_for_each_time_somebody_joined(
    http: Client, me: Headers, simulator: Simulator, webinar: str, clock: Any
) -> None:
    uuid = simulator.hold(webinar, clock() - timedelta(hours=2))
    simulator.attend(uuid, registrant_id="r1", email=PERSON["email"], seconds=600)
    simulator.attend(uuid, registrant_id="r1", after=1200, seconds=300)
    path = f"/v2/report/webinars/{quote(uuid, safe='')}/participants"
    plain = body(http.get(path, headers=me))["participants"]
    assert [row["duration"] for row in plain] == [3600, 600, 300]
    assert not any("registrant_id" in row for row in plain)
    told = body(http.get(f"{path}?include_fields=registrant_id", headers=me))["participants"]
    assert [row.get("registrant_id") for row in told] == [None, "r1", "r1"]


@pytest.mark.parametrize("uuid", ["/startsWithSlash==", "has//twoInARow=="])
def test_a_uuid_with_slashes_is_only_known_where_it_is_encoded_twice(
    http: Client, me: Headers, simulator: Simulator, webinar: str, clock: Any, uuid: str
) -> None:
    simulator.hold(webinar, clock() - timedelta(hours=2), uuid=uuid)
    once = quote(uuid, safe="")
    assert http.get(f"/v2/report/webinars/{once}/participants", headers=me).status_code == 404
    twice = quote(once, safe="")
    assert http.get(f"/v2/report/webinars/{twice}/participants", headers=me).status_code == 200


def test_a_report_is_not_ready_at_the_end_and_not_told_after_a_year(
    http: Client, me: Headers, simulator: Simulator, webinar: str, clock: Any
) -> None:
    simulator.report_delay = 1800
    simulator.hold(webinar, clock() - timedelta(minutes=80))
    path = f"/v2/report/webinars/{webinar}/participants"
    assert refused(http.get(path, headers=me)) == (404, 3001)
    clock.forward(minutes=10)
    assert http.get(path, headers=me).status_code == 200
    old = simulator.hold(webinar, clock() - timedelta(days=366))
    path = f"/v2/report/webinars/{quote(old, safe='')}/participants"
    assert refused(http.get(path, headers=me)) == (400, 12702)


def test_what_a_user_held_is_listed_where_two_people_came(
    http: Client, me: Headers, simulator: Simulator, webinar: str, clock: Any
) -> None:
    alone = simulator.hold(webinar, clock() - timedelta(days=3))
    full = simulator.hold(webinar, clock() - timedelta(days=2))
    simulator.attend(full, email="a@a.example")
    query = {"from": "2026-03-01", "to": "2026-03-31"}
    path = f"/v2/report/users/{HOST}/meetings"
    rows = body(http.get(path, headers=me, query_string=query))["meetings"]
    assert [(row["uuid"], row["type"], row["id"]) for row in rows] == [(full, 5, int(webinar))]
    assert alone != full
    instances = body(http.get(f"/v2/past_webinars/{webinar}/instances", headers=me))["webinars"]
    assert {row["uuid"] for row in instances} == {alone, full}


# -- calls --------------------------------------------------------------------------------------


def test_calls_are_listed_by_the_time_they_began_or_ended(
    http: Client, me: Headers, simulator: Simulator, clock: Any
) -> None:
    long = simulator.call("+81398765432", at=clock() - timedelta(hours=3), talked=7000)
    query = {"from": "2026-03-31T22:00:00Z", "to": "2026-04-01T00:00:00Z"}

    def found(**more: str) -> list[str]:
        reply = http.get("/v2/phone/call_history", headers=me, query_string={**query, **more})
        return [row["id"] for row in body(reply)["call_logs"]]

    assert found() == []
    assert found(time_type="end_time") == [long]
    simulator.call_lag = 7200
    assert found(time_type="end_time") == []


def test_a_call_nobody_answered_has_no_time_of_answer(
    http: Client, me: Headers, simulator: Simulator, clock: Any
) -> None:
    own = simulator.call("+81398765432", talked=None, result="no_answer", direction="inbound")
    clock.forward(minutes=1)
    row = body(http.get(f"/v2/phone/call_history/{own}", headers=me))
    assert ("answer_time" in row, row["call_result"]) == (False, "no_answer")
    assert row["caller_did_number"] == "+81398765432"


# -- limits -------------------------------------------------------------------------------------


def test_too_much_in_a_second_is_told_with_its_category(clock: Any) -> None:
    account = Simulator(now=clock, limits={"MEDIUM": 2, "LIGHT": 1})
    http = Client(account)
    headers = {"Authorization": f"Bearer {account._grant(user=False)['access_token']}"}
    path = f"/v2/users/{HOST}/meetings"
    assert [http.get(path, headers=headers).status_code for _ in range(3)] == [200, 200, 429]
    reply = http.get(path, headers=headers)
    assert (reply.headers["X-RateLimit-Category"], reply.headers["X-RateLimit-Type"]) == (
        "Medium",
        "QPS",
    )
    assert "Retry-After" not in reply.headers
    clock.forward(seconds=1)
    assert http.get(path, headers=headers).status_code == 200
    account.close()


def test_too_much_in_a_day_is_told_until_when(clock: Any) -> None:
    account = Simulator(now=clock, limits=None, day_limits={"HEAVY": 1})
    http = Client(account)
    headers = {"Authorization": f"Bearer {account._grant(user=False)['access_token']}"}
    path = f"/v2/report/users/{HOST}/meetings?from=2026-03-01&to=2026-03-31"
    assert http.get(path, headers=headers).status_code == 200
    reply = http.get(path, headers=headers)
    assert reply.status_code == 429
    assert reply.headers["X-RateLimit-Type"] == "Daily-limit"
    assert reply.headers["Retry-After"] == "2026-04-02T00:00:00Z"
    account.rate_headers = False
    assert "Retry-After" not in http.get(path, headers=headers).headers
    account.close()


# -- webhooks -----------------------------------------------------------------------------------


def test_an_event_is_signed_over_time_and_raw_body(
    simulator: Simulator, webinar: str, clock: Any
) -> None:
    simulator.subscribe_url("https://hub.example/hooks/zoom", "s3cret")
    simulator.register(webinar, **PERSON, source="mail")
    sent = simulator.deliveries[-1]
    stamp = sent.headers["x-zm-request-timestamp"]
    signed = f"v0:{stamp}:".encode() + sent.body
    expected = hmac.new(b"s3cret", signed, sha256).hexdigest()
    assert sent.headers["x-zm-signature"] == f"v0={expected}"
    event = json.loads(sent.body)
    assert event["event"] == "webinar.registration_created"
    assert event["event_ts"] == int(clock().timestamp() * 1000)
    told = event["payload"]["object"]
    assert (told["id"], told["registrant"]["tracking_source"]["source_name"]) == (
        int(webinar),
        "mail",
    )


def test_state_survives_a_restart(tmp_path: Any, clock: Any) -> None:
    first = Simulator(path=tmp_path / "zoom.db", now=clock)
    event = first.schedule("webinar", "続き", clock() + timedelta(days=1))
    own = first.register(event, **PERSON)
    first.close()
    second = Simulator(path=tmp_path / "zoom.db", now=clock)
    assert second.registrants[f"{event}:{own}"]["email"] == PERSON["email"]
    assert len(second.users) == 1
    second.close()
