"""What Typeform's own client sends, pinned without the client."""

from __future__ import annotations

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


def read(http: Client, path: str, **query: Any) -> Any:
    reply = http.get(path, headers=ME, query_string=query)
    assert reply.status_code == 200, reply.text
    return reply.json


def tokens(http: Client, **query: Any) -> list[str]:
    return [item["token"] for item in read(http, ANSWERS, **query)["items"]]


def test_completed_false_asks_for_those_that_were_left(http: Client, simulator: Simulator) -> None:
    done = simulator.submit(DEFAULT_FORM_ID, PERSON)
    left = simulator.submit(DEFAULT_FORM_ID, {"last_name": "伊藤"}, partial=True)

    assert tokens(http, completed="true") == [done]
    assert tokens(http, completed="false") == [left]
    assert http.get(f"{ANSWERS}?completed=maybe", headers=ME).status_code == 400


def test_a_query_is_looked_for_in_answers_and_hidden_fields(
    http: Client, simulator: Simulator
) -> None:
    by_answer = simulator.submit(DEFAULT_FORM_ID, PERSON)
    other = {**PERSON, "company": "梅商会", "email": "ume@ume.example"}
    by_hidden = simulator.submit(DEFAULT_FORM_ID, other, hidden={"utm_source": "sakura-expo"})
    simulator.submit(DEFAULT_FORM_ID, other)

    assert set(tokens(http, query="SAKURA")) == {by_answer, by_hidden}
    assert tokens(http, query="桜") == [by_answer]


def test_only_the_answers_to_the_named_fields_are_shown(http: Client, simulator: Simulator) -> None:
    simulator.submit(DEFAULT_FORM_ID, PERSON)
    questions = read(http, f"/forms/{DEFAULT_FORM_ID}")["fields"]
    email = next(one["id"] for one in questions if one["ref"] == "email")

    (item,) = read(http, ANSWERS, fields=email)["items"]

    assert [answer["field"]["ref"] for answer in item["answers"]] == ["email"]


def test_forms_are_searched_by_title(http: Client, simulator: Simulator) -> None:
    made = simulator.add_form("展示会アンケート")
    found = read(http, "/forms", search="アンケート")
    assert ([one["id"] for one in found["items"]], found["total_items"]) == ([made], 1)


def test_a_webhook_is_switched_off_without_naming_its_url_again(http: Client) -> None:
    whole = {"url": "https://hub.example.co.jp/w", "enabled": True, "secret": "s"}
    made = http.put(HOOK, headers=ME, json=whole).json
    toggled = http.put(HOOK, headers=ME, json={"enabled": False}).json

    assert made is not None
    assert toggled == {**made, "enabled": False}
    replaced = http.put(HOOK, headers=ME, json={"url": whole["url"]}).json
    assert replaced is not None
    assert (replaced["enabled"], "secret" in replaced) == (False, False)
    http.delete(HOOK, headers=ME)
    assert http.put(HOOK, headers=ME, json={"enabled": True}).status_code == 400


def test_an_authorization_code_is_traded_once_and_for_nothing_else(
    http: Client, simulator: Simulator
) -> None:
    simulator.add_app("hub", "secret")
    code = simulator.allow("hub")

    def trade(**form: str) -> TestResponse:
        who = {"client_id": "hub", "client_secret": "secret"}
        return http.post("/oauth/token", data={**who, **form})

    back = {"code": code, "redirect_uri": "https://hub.example.co.jp/back"}
    assert trade(grant_type="refresh_token", refresh_token=code).status_code == 400
    assert trade(grant_type="authorization_code", code=code).status_code == 400
    pair = trade(grant_type="authorization_code", **back).json
    assert pair is not None
    signed = {"Authorization": f"Bearer {pair['access_token']}"}
    assert http.get("/me", headers=signed).status_code == 200
    assert trade(grant_type="authorization_code", **back).json == {"error": "invalid_grant"}
    again = trade(grant_type="refresh_token", refresh_token=pair["refresh_token"])
    assert again.status_code == 200
