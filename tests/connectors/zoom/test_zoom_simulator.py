"""The simulated Zoom answers and refuses as the vendor's documents say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from connectors.zoom.simulator import ACCOUNT_ID, CLIENT_ID, CLIENT_SECRET, HOST, Simulator

Headers = dict[str, str]
PERSON: Any = {"email": "ito@sakura.example", "first_name": "恵", "last_name": "伊藤"}


def refused(reply: TestResponse) -> tuple[int, int]:
    assert reply.json is not None
    return reply.status_code, reply.json["code"]


def body(reply: TestResponse) -> Any:
    assert reply.status_code in (200, 201), reply.text
    return reply.json


@pytest.fixture
def webinar(simulator: Simulator, clock: Any) -> str:
    return simulator.schedule("webinar", "SaaSセミナー", clock() + timedelta(days=3))


# -- signing in ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "auth", "error"),
    [
        pytest.param({}, None, "invalid_client", id="no client"),
        pytest.param({}, (CLIENT_ID, "wrong"), "invalid_client", id="wrong secret"),
        pytest.param(
            {"account_id": "other"}, (CLIENT_ID, CLIENT_SECRET), "invalid_request", id="account"
        ),
        pytest.param(
            {"grant_type": "client_credentials"},
            (CLIENT_ID, CLIENT_SECRET),
            "unsupported_grant_type",
            id="another grant",
        ),
        pytest.param(
            {"grant_type": "refresh_token", "refresh_token": "x"},
            (CLIENT_ID, CLIENT_SECRET),
            "invalid_grant",
            id="unknown refresh token",
        ),
    ],
)
def test_a_token_is_refused(http: Client, form: Any, auth: Any, error: str) -> None:
    asked = {"grant_type": "account_credentials", "account_id": ACCOUNT_ID, **form}
    reply = http.post("/oauth/token", data=asked, auth=auth)
    assert reply.json is not None
    assert (reply.status_code, reply.json["error"]) == (400, error)


def test_a_token_lives_an_hour(http: Client, me: Headers, clock: Any) -> None:
    path = f"/v2/users/{HOST}/meetings"
    assert http.get(path, headers=me).status_code == 200
    clock.forward(seconds=3599)
    assert refused(http.get(path, headers=me)) == (401, 124)
    assert refused(http.get(path)) == (401, 124)


def test_several_tokens_are_good_at_once_and_the_form_may_be_a_query(
    http: Client, me: Headers
) -> None:
    query = f"grant_type=account_credentials&account_id={ACCOUNT_ID}"
    reply = body(http.post(f"/oauth/token?{query}", auth=(CLIENT_ID, CLIENT_SECRET)))
    second = {"Authorization": f"Bearer {reply['access_token']}"}
    for headers in (me, second):
        assert http.get(f"/v2/users/{HOST}/webinars", headers=headers).status_code == 200
    assert reply["expires_in"] == 3599
    assert "refresh_token" not in reply


def test_me_is_only_known_with_a_token_of_a_person(
    http: Client, me: Headers, simulator: Simulator
) -> None:
    assert refused(http.get("/v2/users/me/meetings", headers=me)) == (404, 1001)
    form = {"grant_type": "refresh_token", "refresh_token": simulator.sign_in()}
    reply = body(http.post("/oauth/token", data=form, auth=(CLIENT_ID, CLIENT_SECRET)))
    headers = {"Authorization": f"Bearer {reply['access_token']}"}
    assert http.get("/v2/users/me/meetings", headers=headers).status_code == 200
    again = http.post("/oauth/token", data=form, auth=(CLIENT_ID, CLIENT_SECRET))
    assert again.json == {"reason": "Invalid Token!", "error": "invalid_grant"}


def test_a_missing_scope_is_named_and_either_family_will_do(
    http: Client, me: Headers, simulator: Simulator
) -> None:
    simulator.scopes -= {"webinar:read:list_webinars:admin"}
    reply = http.get(f"/v2/users/{HOST}/webinars", headers=me)
    assert refused(reply) == (400, 4711)
    assert "webinar:read:list_webinars:admin" in reply.text
    simulator.scopes.add("webinar:read:admin")
    assert http.get(f"/v2/users/{HOST}/webinars", headers=me).status_code == 200


# -- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/v2/user/x/meetings", (404, 2300), id="a wrong path"),
        pytest.param("/users/x/meetings", (404, 2300), id="no version"),
        pytest.param("/v2/users/nobody@x.example/meetings", (404, 1001), id="an unknown user"),
        pytest.param(f"/v2/users/{HOST}/meetings?page_size=301", (400, 300), id="a large page"),
        pytest.param(f"/v2/users/{HOST}/meetings?page_size=0", (400, 300), id="no page"),
        pytest.param(f"/v2/users/{HOST}/meetings?type=past", (400, 300), id="an unknown type"),
        pytest.param(f"/v2/users/{HOST}/meetings?next_page_token=x", (400, 300), id="a bad token"),
        pytest.param("/v2/webinars/999/registrants", (404, 3001), id="an unknown webinar"),
        pytest.param(
            f"/v2/report/users/{HOST}/meetings?from=2026-01-01&to=2026-02-02",
            (400, 300),
            id="a report of 32 days",
        ),
        pytest.param(f"/v2/report/users/{HOST}/meetings", (400, 300), id="a report without days"),
        pytest.param("/v2/report/webinars/none/participants", (404, 3001), id="no such instance"),
        pytest.param("/v2/phone/call_history?from=2026-03-01", (400, 300), id="from without to"),
        pytest.param(
            "/v2/phone/call_history?from=2026-02-01&to=2026-03-20", (400, 300), id="47 days"
        ),
        pytest.param(
            "/v2/phone/call_history?from=2025-09-01&to=2025-09-20", (400, 300), id="too long ago"
        ),
        pytest.param("/v2/phone/call_history/none", (404, 404), id="no such call"),
    ],
)
def test_a_wrong_read_is_refused(
    http: Client, me: Headers, path: str, expected: tuple[int, int]
) -> None:
    assert refused(http.get(path, headers=me)) == expected


def test_a_wrong_method_is_refused(http: Client, me: Headers, webinar: str) -> None:
    assert refused(http.delete(f"/v2/webinars/{webinar}/registrants", headers=me)) == (405, 2300)


def test_without_the_webinar_plan_webinars_are_refused_with_400(
    http: Client, me: Headers, simulator: Simulator, webinar: str
) -> None:
    simulator.webinar_plan = False
    for path in (f"/v2/users/{HOST}/webinars", f"/v2/webinars/{webinar}/registrants"):
        assert refused(http.get(path, headers=me)) == (400, 200)


# -- lists --------------------------------------------------------------------------------------


def test_a_list_goes_on_by_a_token_that_lives_a_quarter_of_an_hour(
    http: Client, me: Headers, simulator: Simulator, webinar: str, clock: Any
) -> None:
    path = f"/v2/webinars/{webinar}/registrants"
    for number in range(31):
        simulator.register(webinar, f"p{number}@a.example", "恵")
    first = body(http.get(path, headers=me))
    assert (len(first["registrants"]), first["page_size"], first["total_records"]) == (30, 30, 31)
    following = {"next_page_token": first["next_page_token"]}
    last = body(http.get(path, headers=me, query_string=following))
    assert ([row["email"] for row in last["registrants"]], last["next_page_token"]) == (
        ["p30@a.example"],
        "",
    )
    clock.forward(minutes=15)
    assert refused(http.get(path, headers=me, query_string=following)) == (400, 300)


def test_webinars_are_paged_by_number_only(
    http: Client, me: Headers, simulator: Simulator, clock: Any
) -> None:
    for number in range(3):
        simulator.schedule("webinar", f"第{number}回", clock() + timedelta(days=number + 1))
    path = f"/v2/users/{HOST}/webinars?page_size=2"
    assert [row["topic"] for row in body(http.get(path, headers=me))["webinars"]] == [
        "第0回",
        "第1回",
    ]
    second = body(http.get(f"{path}&page_number=2", headers=me))
    assert [row["topic"] for row in second["webinars"]] == ["第2回"]
    assert (second["page_count"], "next_page_token" in second) == (2, False)


def test_events_that_expired_are_not_listed(
    http: Client, me: Headers, simulator: Simulator, clock: Any
) -> None:
    simulator.schedule("meeting", "商談", clock() - timedelta(days=31))
    recent = simulator.schedule("meeting", "商談", clock() - timedelta(days=20))
    ahead = simulator.schedule("meeting", "商談", clock() + timedelta(days=1))
    loose = simulator.schedule("meeting", "定例", None)

    def listed(kind: str) -> set[str]:
        reply = body(http.get(f"/v2/users/{HOST}/meetings?type={kind}", headers=me))
        return {str(row["id"]) for row in reply["meetings"]}

    assert listed("scheduled") == {recent, ahead, loose}
    assert listed("upcoming") == {ahead, loose}
    assert listed("previous_meetings") == {recent}


def test_registrants_are_listed_by_status_and_approved_ones_unless_asked(
    http: Client, me: Headers, simulator: Simulator, clock: Any
) -> None:
    event = simulator.schedule("meeting", "相談会", clock() + timedelta(days=1), approval_type=1)
    own = simulator.register(event, **PERSON)
    path = f"/v2/meetings/{event}/registrants"

    def found(query: str) -> list[str]:
        return [row["id"] for row in body(http.get(path + query, headers=me))["registrants"]]

    assert (found(""), found("?status=pending")) == ([], [own])
    for action, status in (("approve", "approved"), ("deny", "denied")):
        change = {"action": action, "registrants": [{"id": own}]}
        assert http.put(f"{path}/status", headers=me, json=change).status_code == 204
        assert found(f"?status={status}") == [own]
    cancel = {"action": "cancel", "registrants": [{"id": own}]}
    http.put(f"{path}/status", headers=me, json=cancel)
    assert [found(f"?status={one}") for one in ("pending", "approved", "denied")] == [[], [], []]
    assert refused(http.get(f"{path}/{own}", headers=me)) == (400, 3079)
    assert refused(http.get(f"{path}?status=cancelled", headers=me)) == (400, 300)


def test_a_registration_is_seen_in_lists_after_the_lag(
    http: Client, me: Headers, simulator: Simulator, webinar: str, clock: Any
) -> None:
    simulator.lag = 60
    simulator.register(webinar, **PERSON)
    path = f"/v2/webinars/{webinar}/registrants"
    assert body(http.get(path, headers=me))["registrants"] == []
    clock.forward(seconds=60)
    (row,) = body(http.get(path, headers=me))["registrants"]
    assert (row["email"], row["create_time"]) == (PERSON["email"], "2026-04-01T00:00:00Z")
    assert "tracking_source" not in row


@pytest.mark.parametrize(
    ("kind", "expected"),
    [pytest.param("webinar", (400, 3000)), pytest.param("meeting", (400, 300))],
)
def test_an_event_without_registration_has_no_registrants(
    http: Client, me: Headers, simulator: Simulator, clock: Any, kind: Any, expected: Any
) -> None:
    event = simulator.schedule(kind, "商談", clock() + timedelta(days=1), approval_type=2)
    path = f"/v2/{kind}s/{event}/registrants"
    assert refused(http.get(path, headers=me)) == expected
    assert refused(http.post(path, headers=me, json=PERSON)) == (400, 3000)


# -- registering --------------------------------------------------------------------------------


def test_somebody_is_registered_once(http: Client, me: Headers, webinar: str) -> None:
    path = f"/v2/webinars/{webinar}/registrants"
    made = http.post(path, headers=me, json=PERSON)
    again = http.post(path, headers=me, json={**PERSON, "email": "ITO@sakura.example"})
    assert (made.status_code, again.status_code) == (201, 201)
    assert body(made)["registrant_id"] == body(again)["registrant_id"]
    assert body(made)["id"] == int(webinar)
    assert len(body(http.get(path, headers=me))["registrants"]) == 1


def test_one_person_is_added_three_times_a_day(
    http: Client, me: Headers, webinar: str, clock: Any
) -> None:
    path = f"/v2/webinars/{webinar}/registrants"
    for _ in range(3):
        assert http.post(path, headers=me, json=PERSON).status_code == 201
    assert refused(http.post(path, headers=me, json=PERSON)) == (429, 429)
    clock.forward(hours=24)
    form = {"grant_type": "account_credentials", "account_id": ACCOUNT_ID}
    fresh = body(http.post("/oauth/token", data=form, auth=(CLIENT_ID, CLIENT_SECRET)))
    headers = {"Authorization": f"Bearer {fresh['access_token']}"}
    assert http.post(path, headers=headers, json=PERSON).status_code == 201


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"email": ""}, (400, 300), id="no address"),
        pytest.param({"first_name": " "}, (400, 300), id="no given name"),
        pytest.param({"email": "nowhere"}, (400, 300), id="no address at all"),
        pytest.param({"last_name": "長" * 65}, (400, 300), id="a name too long"),
        pytest.param({"no_of_employees": "12"}, (400, 300), id="a value that is not listed"),
        pytest.param({"email": HOST}, (400, 3027), id="the host"),
        pytest.param(
            {"custom_questions": [{"title": "課題", "value": "長" * 129}]},
            (400, 300),
            id="an answer too long",
        ),
    ],
)
def test_a_wrong_registration_is_refused(
    http: Client, me: Headers, webinar: str, change: Any, expected: tuple[int, int]
) -> None:
    path = f"/v2/webinars/{webinar}/registrants"
    assert refused(http.post(path, headers=me, json={**PERSON, **change})) == expected


def test_what_the_event_insists_on_is_asked_for(
    http: Client, me: Headers, simulator: Simulator, clock: Any
) -> None:
    event = simulator.schedule(
        "webinar",
        "導入事例",
        clock() + timedelta(days=1),
        required=["org"],
        questions=[{"title": "導入時期", "required": True}],
    )
    path = f"/v2/webinars/{event}/registrants"
    answer = {"custom_questions": [{"title": "導入時期", "value": "3ヶ月以内"}]}
    assert refused(http.post(path, headers=me, json={**PERSON, **answer})) == (400, 300)
    whole = {**PERSON, "org": "桜商事"}
    assert refused(http.post(path, headers=me, json=whole)) == (400, 300)
    assert http.post(path, headers=me, json={**whole, **answer}).status_code == 201
    asked = body(http.get(f"{path}/questions", headers=me))
    assert [one["field_name"] for one in asked["questions"]] == ["org"]
    assert [one["title"] for one in asked["custom_questions"]] == ["導入時期"]


def test_nobody_registers_for_what_is_over(
    http: Client, me: Headers, simulator: Simulator, clock: Any
) -> None:
    event = simulator.schedule("webinar", "先週", clock() - timedelta(days=7))
    reply = http.post(f"/v2/webinars/{event}/registrants", headers=me, json=PERSON)
    assert refused(reply) == (400, 3038)
