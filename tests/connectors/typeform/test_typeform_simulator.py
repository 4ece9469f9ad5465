"""The simulated Typeform answers and refuses as the vendor's pages say."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from connectors.typeform.simulator import DEFAULT_FORM_ID, DEFAULT_TOKEN, Simulator

ME = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}
ANSWERS = f"/forms/{DEFAULT_FORM_ID}/responses"
HOOK = f"/forms/{DEFAULT_FORM_ID}/webhooks/renkei"
PERSON = {
    "email": "ito@sakura.example",
    "last_name": "伊藤",
    "first_name": "恵",
    "company": "桜商事",
}


@pytest.fixture
def http(simulator: Simulator) -> Client:
    return Client(simulator)


def ask(http: Client, path: str, **query: Any) -> TestResponse:
    return http.get(path, headers=ME, query_string=query)


def tokens(reply: TestResponse) -> list[str]:
    assert reply.status_code == 200, reply.text
    assert reply.json is not None
    return [item["token"] for item in reply.json["items"]]


def code(reply: TestResponse) -> tuple[int, str]:
    assert reply.json is not None
    return reply.status_code, reply.json["code"]


@pytest.fixture
def five(simulator: Simulator, clock: Any) -> list[str]:
    """Five answers, ten seconds apart, oldest first."""
    made = []
    for _ in range(5):
        clock.sleep(10)
        made.append(simulator.submit(DEFAULT_FORM_ID, PERSON))
    return made


def test_a_page_holds_25_and_begins_with_the_newest(
    http: Client, simulator: Simulator, clock: Any
) -> None:
    made = []
    for _ in range(30):
        clock.sleep(1)
        made.append(simulator.submit(DEFAULT_FORM_ID, PERSON))
    reply = ask(http, ANSWERS)
    assert tokens(reply) == made[:4:-1]
    assert reply.json is not None
    assert (reply.json["total_items"], reply.json["page_count"]) == (30, 2)


def test_since_and_until_include_their_second(http: Client, five: list[str]) -> None:
    reply = ask(http, ANSWERS, since="2026-04-01T00:00:20", until="2026-04-01T00:00:40Z")
    assert tokens(reply) == five[3:0:-1]


def test_since_may_be_seconds_since_the_epoch(
    http: Client, five: list[str], simulator: Simulator
) -> None:
    moment = simulator.now() - timedelta(seconds=10)
    assert tokens(ask(http, ANSWERS, since=int(moment.timestamp()))) == five[:2:-1]


def test_after_goes_up_and_before_goes_down_without_the_named_one(
    http: Client, five: list[str]
) -> None:
    assert tokens(ask(http, ANSWERS, after=five[2])) == five[3:]
    assert tokens(ask(http, ANSWERS, before=five[2])) == five[1::-1]


def test_cursors_follow_processing_and_not_submission(
    http: Client, simulator: Simulator, clock: Any
) -> None:
    late = simulator.submit(DEFAULT_FORM_ID, PERSON, lag=60)
    clock.sleep(10)
    early = simulator.submit(DEFAULT_FORM_ID, PERSON)
    clock.sleep(60)
    assert tokens(ask(http, ANSWERS, after=early)) == [late]
    assert tokens(ask(http, ANSWERS, sort="submitted_at,asc")) == [late, early]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"after": "x", "sort": "submitted_at,asc"}, id="a cursor with sort"),
        pytest.param({"after": "x"}, id="a cursor that is no token"),
        pytest.param({"page_size": 1001}, id="a page too large"),
        pytest.param({"page_size": 0}, id="no page"),
        pytest.param({"sort": "email,asc"}, id="an unknown order"),
        pytest.param({"since": "yesterday"}, id="a time that is none"),
        pytest.param({"response_type": "finished"}, id="an unknown type"),
    ],
)
def test_a_wrong_query_is_refused(http: Client, query: dict[str, Any]) -> None:
    assert code(ask(http, ANSWERS, **query)) == (400, "VALIDATION_ERROR")


def test_ids_can_be_asked_for_and_left_out(http: Client, five: list[str]) -> None:
    assert tokens(ask(http, ANSWERS, included_response_ids=f"{five[0]},{five[4]}")) == [
        five[4],
        five[0],
    ]
    assert tokens(ask(http, ANSWERS, excluded_response_ids=",".join(five[1:]))) == [five[0]]


def test_an_answer_is_seen_only_after_the_lag(
    http: Client, simulator: Simulator, clock: Any
) -> None:
    token = simulator.submit(DEFAULT_FORM_ID, PERSON, lag=1800)
    clock.sleep(1799)
    assert tokens(ask(http, ANSWERS)) == []
    clock.sleep(1)
    assert tokens(ask(http, ANSWERS)) == [token]


def test_partial_answers_come_only_when_asked_for_and_by_landing(
    http: Client, simulator: Simulator, clock: Any
) -> None:
    token = simulator.submit(DEFAULT_FORM_ID, {"email": "who@minato.example"}, partial=True)
    assert tokens(ask(http, ANSWERS)) == []
    reply = ask(http, ANSWERS, response_type="partial", since="2026-03-31T23:58:30")
    assert tokens(reply) == [token]
    assert reply.json is not None
    assert "submitted_at" not in reply.json["items"][0]
    clock.sleep(60)
    simulator.complete(token, PERSON)
    assert tokens(ask(http, ANSWERS)) == [token]


def test_answers_carry_type_ref_and_the_groups_questions(
    http: Client, simulator: Simulator
) -> None:
    simulator.submit(
        DEFAULT_FORM_ID,
        {**PERSON, "interest": "demo", "consent": True},
        {"utm_source": "expo", "unknown": "x"},
    )
    reply = ask(http, ANSWERS)
    assert reply.json is not None
    item = reply.json["items"][0]
    by_ref = {answer["field"]["ref"]: answer for answer in item["answers"]}
    assert by_ref["last_name"]["text"] == "伊藤"
    assert by_ref["interest"]["choice"] == {"id": "c_demo", "ref": "demo", "label": "デモのご相談"}
    assert by_ref["consent"]["boolean"] is True
    assert "phone" not in by_ref
    assert item["hidden"] == {"utm_source": "expo"}


def test_the_form_lets_nobody_through_who_left_out_a_required_answer(simulator: Simulator) -> None:
    with pytest.raises(ValueError, match="company"):
        simulator.submit(DEFAULT_FORM_ID, {**PERSON, "company": None})
    with pytest.raises(ValueError, match="budget"):
        simulator.submit(DEFAULT_FORM_ID, {**PERSON, "budget": "100"})


def test_deleted_answers_are_gone_and_unknown_ids_are_passed_over(
    http: Client, five: list[str]
) -> None:
    reply = http.delete(
        ANSWERS, headers=ME, query_string={"included_response_ids": f"{five[0]},unknown"}
    )
    assert reply.status_code == 200
    assert tokens(ask(http, ANSWERS)) == five[:0:-1]


def test_forms_are_listed_in_pages(http: Client, simulator: Simulator) -> None:
    made = [simulator.add_form(f"セミナー{number}") for number in range(4)]
    reply = ask(http, "/forms", page=2, page_size=2, order_by="asc", sort_by="created_at")
    assert reply.json is not None
    assert [form["id"] for form in reply.json["items"]] == made[1:3]
    assert (reply.json["total_items"], reply.json["page_count"]) == (5, 3)


def test_a_form_shows_its_questions_and_hidden_fields(http: Client) -> None:
    reply = ask(http, f"/forms/{DEFAULT_FORM_ID}")
    assert reply.json is not None
    assert reply.json["title"] == "資料請求"
    assert reply.json["hidden"] == ["utm_source", "utm_campaign"]
    assert reply.json["fields"][0]["properties"]["fields"][0]["ref"] == "last_name"


def test_what_does_not_exist_is_404_in_the_vendors_shape(http: Client) -> None:
    assert code(ask(http, "/forms/nothing/responses")) == (404, "FORM_NOT_FOUND")
    assert code(ask(http, "/nowhere")) == (404, "NOT_FOUND")
    assert code(ask(http, HOOK)) == (404, "WEBHOOK_NOT_FOUND")


@pytest.mark.parametrize(
    ("status", "said"), [(403, "AUTHENTICATION_ERROR"), (401, "AUTHENTICATION_FAILED")]
)
def test_a_bad_token_is_refused(status: int, said: str) -> None:
    http = Client(Simulator(refused=status))
    assert code(http.get("/me")) == (status, said)
    assert code(http.get("/me", headers={"Authorization": "Bearer tfp_other"})) == (status, said)


def test_a_missing_scope_is_forbidden(http: Client, simulator: Simulator) -> None:
    simulator.scopes.discard("responses:read")
    assert ask(http, ANSWERS).status_code == 403
    assert ask(http, "/me").status_code == 200


def test_the_third_request_in_a_second_is_told_to_wait(clock: Any) -> None:
    http = Client(Simulator(now=clock))
    statuses = [ask(http, "/me").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert ask(http, "/me").headers["Retry-After"] == "1"
    assert ask(http, f"/forms/{DEFAULT_FORM_ID}/webhooks").status_code == 200
    clock.sleep(1)
    assert ask(http, "/me").status_code == 200


def test_a_webhook_is_off_unless_switched_on(http: Client, simulator: Simulator) -> None:
    reply = http.put(HOOK, headers=ME, json={"url": "https://hub.example/w", "secret": "s"})
    assert reply.json is not None
    assert reply.json["enabled"] is False
    simulator.submit(DEFAULT_FORM_ID, PERSON)
    assert simulator.deliveries == []


def test_a_webhook_leaves_at_once_signed_and_whole(http: Client, simulator: Simulator) -> None:
    body = {"url": "https://hub.example/w", "secret": "s", "enabled": True}
    http.put(HOOK, headers=ME, json=body)
    token = simulator.submit(DEFAULT_FORM_ID, PERSON, lag=600)
    (sent,) = simulator.deliveries
    event = json.loads(sent.body)
    assert event["event_type"] == "form_response"
    assert event["form_response"]["token"] == token
    assert event["form_response"]["definition"]["title"] == "資料請求"
    assert sent.headers["typeform-signature"].startswith("sha256=")


@pytest.mark.parametrize(
    ("status", "stays"), [(404, False), (410, False), (500, True), (429, True)]
)
def test_a_webhook_is_switched_off_by_404_and_410_only(
    http: Client, simulator: Simulator, status: int, stays: bool
) -> None:
    http.put(HOOK, headers=ME, json={"url": "https://hub.example/w", "enabled": True})
    simulator.submit(DEFAULT_FORM_ID, PERSON)
    simulator.answered(simulator.deliveries[-1], status)
    reply = ask(http, HOOK)
    assert reply.json is not None
    assert reply.json["enabled"] is stays


def test_webhooks_are_listed_and_removed(http: Client) -> None:
    http.put(HOOK, headers=ME, json={"url": "https://hub.example/w"})
    listed = ask(http, f"/forms/{DEFAULT_FORM_ID}/webhooks").json
    assert listed is not None
    assert [row["tag"] for row in listed["items"]] == ["renkei"]
    assert http.delete(HOOK, headers=ME).status_code == 204
    assert ask(http, HOOK).status_code == 404


def test_a_webhook_without_a_url_is_refused(http: Client) -> None:
    assert code(http.put(HOOK, headers=ME, json={"enabled": True})) == (400, "VALIDATION_ERROR")


def exchange(http: Client, refresh_token: str, secret: str = "cs") -> TestResponse:
    form = {
        "grant_type": "refresh_token",
        "client_id": "app",
        "client_secret": secret,
        "refresh_token": refresh_token,
    }
    return http.post("/oauth/token", data=form)


def test_a_refresh_token_works_once(http: Client, simulator: Simulator) -> None:
    first = simulator.add_app("app", "cs")
    pair = exchange(http, first).json
    assert pair is not None
    assert exchange(http, first).json == {"error": "invalid_grant"}
    assert exchange(http, pair["refresh_token"]).status_code == 200
    assert exchange(http, "unknown").status_code == 400
    assert exchange(http, first, secret="wrong").status_code == 401


def test_an_access_token_lives_a_week(http: Client, simulator: Simulator, clock: Any) -> None:
    pair = exchange(http, simulator.add_app("app", "cs")).json
    assert pair is not None
    bearer = {"Authorization": f"Bearer {pair['access_token']}"}
    assert http.get("/me", headers=bearer).status_code == 200
    clock.sleep(604_800)
    assert http.get("/me", headers=bearer).status_code == 403


def test_the_account_survives_a_restart(tmp_path: Path, clock: Any) -> None:
    first = Simulator(path=tmp_path / "typeform.db", now=clock, rate=None)
    token = first.submit(DEFAULT_FORM_ID, PERSON)
    first.close()
    second = Simulator(path=tmp_path / "typeform.db", now=clock, rate=None)
    assert tokens(ask(Client(second), ANSWERS)) == [token]
    assert len(second.forms) == 1
    second.close()
