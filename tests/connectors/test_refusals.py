"""What the simulators refuse, in one table, asked over plain HTTP as a stranger would.

A case names the status, and where a vendor refuses with a 200, or one status means several things,
a word that must be in the body.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from connectors.chatwork import simulator as of_chatwork
from connectors.google_meet import simulator as of_google
from connectors.hubspot.simulator import Limits
from connectors.hubspot.simulator import Simulator as HubSpot
from connectors.kintone.simulator import TOKEN as KINTONE_TOKEN
from connectors.kintone.simulator import Simulator as Kintone
from connectors.marketo import simulator as of_marketo
from connectors.salesforce.contract import CLIENT_ID, CLIENT_SECRET
from connectors.salesforce.simulator import Simulator as Salesforce
from connectors.sansan import simulator as of_sansan
from connectors.slack import simulator as of_slack
from connectors.typeform.simulator import DEFAULT_FORM_ID, DEFAULT_TOKEN
from connectors.typeform.simulator import Simulator as Typeform
from connectors.zoom import simulator as of_zoom

SLACK_JSON = {"Content-Type": "application/json; charset=utf-8"}
DATA = "/services/data/v62.0"


def hubspot(method: str, path: str, token: str | None = None, **body: Any) -> TestResponse:
    portal = HubSpot()
    return ask(portal, method, path, bearer(token or portal.token), body)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def ask(app: Any, method: str, path: str, headers: dict[str, str], body: Any) -> TestResponse:
    return Client(app).open(path, method=method, headers=headers, json=body or None)


def salesforce(method: str, path: str, token: str | None = None, **body: Any) -> TestResponse:
    org = Salesforce()
    if token is None:
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        token = Client(org).post("/services/oauth2/token", data=form).get_json()["access_token"]
    return ask(org, method, path, bearer(token), body)


def kintone(method: str, path: str, token: str = KINTONE_TOKEN, **body: Any) -> TestResponse:
    domain = Kintone()
    domain.add_record(5, {"氏名": "佐藤 花子"})
    return ask(domain, method, path, {"X-Cybozu-API-Token": token}, body)


def typeform(path: str, token: str = DEFAULT_TOKEN) -> TestResponse:
    return ask(Typeform(), "GET", path, bearer(token), None)


def zoom_token(account: of_zoom.Simulator, secret: str = of_zoom.CLIENT_SECRET) -> TestResponse:
    form = {"grant_type": "account_credentials", "account_id": of_zoom.ACCOUNT_ID}
    return Client(account).post("/oauth/token", data=form, auth=(of_zoom.CLIENT_ID, secret))


def zoom(method: str, path: str, token: str | None = None, **body: Any) -> TestResponse:
    account = of_zoom.Simulator()
    ahead = account.now() + timedelta(days=7)
    account.schedule("webinar", "入門", ahead, event_id=81234567890)
    token = token or zoom_token(account).get_json()["access_token"]
    return ask(account, method, path, bearer(token), body)


def chatwork(
    method: str, path: str, token: str = of_chatwork.DEFAULT_TOKEN, json: Any = None, **form: str
) -> TestResponse:
    headers = {"X-ChatWorkToken": token}
    client = Client(of_chatwork.Simulator())
    return client.open(path, method=method, headers=headers, json=json, data=form or None)


def slack(method: str, token: str = of_slack.DEFAULT_TOKEN, **body: Any) -> TestResponse:
    """A method that takes arguments; those of one that only reads are in its name."""
    verb = "POST" if body else "GET"
    head = {**(bearer(token) if token else {}), **(SLACK_JSON if body else {})}
    return ask(of_slack.Simulator(), verb, f"/api/{method}", head, body)


def marketo_token(
    instance: of_marketo.Simulator, secret: str = of_marketo.CLIENT_SECRET
) -> TestResponse:
    asked = {
        "grant_type": "client_credentials",
        "client_id": of_marketo.CLIENT_ID,
        "client_secret": secret,
    }
    return Client(instance).get("/identity/oauth/token", query_string=asked)


def marketo(
    method: str, path: str, token: str | None = None, expired: bool = False, **body: Any
) -> TestResponse:
    instance = of_marketo.Simulator()
    token = token or marketo_token(instance).get_json()["access_token"]
    if expired:
        instance.expire_tokens()
    return ask(instance, method, path, bearer(token), body)


def sansan(path: str, key: str = of_sansan.DEFAULT_KEY) -> TestResponse:
    return ask(of_sansan.Simulator(), "GET", path, {"X-Sansan-Api-Key": key}, None)


def google(
    method: str, path: str, token: str | None = None, lacks: str = "", **body: Any
) -> TestResponse:
    workspace = of_google.Simulator()
    workspace.app_scopes = {one for one in workspace.app_scopes if not lacks or lacks not in one}
    token = token or google_token(workspace)
    return ask(workspace, method, path, bearer(token), body)


def google_token(workspace: of_google.Simulator) -> str:
    form = {
        "grant_type": "refresh_token",
        "client_id": of_google.CLIENT_ID,
        "client_secret": of_google.CLIENT_SECRET,
        "refresh_token": workspace.allow(of_google.DEFAULT_USER),
    }
    return str(Client(workspace).post("/token", data=form).get_json()["access_token"])


CONTACTS = "/crm/v3/objects/contacts"
HUNDRED_AND_ONE = [{"properties": {"email": f"p{n}@a.example"}} for n in range(101)]
WEBINARS = f"/v2/users/{of_zoom.HOST}/webinars"
GUESTS = "/v2/webinars/81234567890/registrants"
MESSAGES = f"/v2/rooms/{of_chatwork.ROOM}/messages"
LEADS = "/rest/v1/leads.json"
CARDS = "/v3.2/bizCards"
HISTORY = f"conversations.history?channel={of_slack.CHANNEL}"
HELD = "/v2/conferenceRecords"
EVENTS = "/calendar/v3/calendars/primary/events"
MORNING = datetime(2026, 4, 1, tzinfo=UTC)
ROWS = [{"attributes": {"type": "Lead"}, "LastName": "佐藤", "Company": "青空"}] * 201

CASES: dict[str, Any] = {
    "hubspot: wrong path": (lambda: hubspot("GET", "/crm/v3/objets/contacts"), 404),
    "hubspot: wrong token": (lambda: hubspot("GET", CONTACTS, "pat-wrong"), 401),
    "hubspot: unknown property": (
        lambda: hubspot("POST", CONTACTS, properties={"no_such": "x", "email": "a@b.example"}),
        400,
    ),
    "hubspot: 101 in a batch": (
        lambda: hubspot("POST", f"{CONTACTS}/batch/create", inputs=HUNDRED_AND_ONE),
        400,
    ),
    "salesforce: wrong path": (lambda: salesforce("GET", f"{DATA}/sobject/Lead"), 404),
    "salesforce: expired session": (lambda: salesforce("GET", f"{DATA}/limits", "00Dwrong"), 401),
    "salesforce: id of the wrong length": (
        lambda: salesforce("PATCH", f"{DATA}/sobjects/Lead/00Q123", LastName="佐藤"),
        400,
    ),
    "salesforce: unknown field": (
        lambda: salesforce(
            "POST", f"{DATA}/sobjects/Lead", LastName="佐", Company="青", Nope__c="x"
        ),
        400,
    ),
    "salesforce: 201 rows in a collection": (
        lambda: salesforce("POST", f"{DATA}/composite/sobjects", allOrNone=False, records=ROWS),
        400,
    ),
    "kintone: wrong path": (lambda: kintone("GET", "/k/v1/record_s.json?app=5"), 404),
    "kintone: no token": (lambda: kintone("GET", "/k/v1/records.json?app=5", ""), 401),
    "kintone: stale revision": (
        lambda: kintone(
            "PUT", "/k/v1/record.json", app=5, id=1, revision=9, record={"役職": {"value": "部長"}}
        ),
        409,
    ),
    "kintone: 101 records": (
        lambda: kintone("POST", "/k/v1/records.json", app=5, records=[{}] * 101),
        400,
    ),
    "typeform: wrong path": (lambda: typeform("/form"), 404),
    "typeform: wrong token": (lambda: typeform("/forms", "tfp_wrong"), (401, 403)),
    "zoom: wrong path": (lambda: zoom("GET", "/v2/webinar"), 404, "2300"),
    "zoom: wrong secret": (
        lambda: zoom_token(of_zoom.Simulator(), "guessed"),
        400,
        "invalid_client",
    ),
    "zoom: wrong token": (lambda: zoom("GET", WEBINARS, "eyJwrong"), 401, "124"),
    "zoom: no such event": (lambda: zoom("GET", "/v2/webinars/1/registrants"), 404, "3001"),
    "zoom: 301 on a page": (lambda: zoom("GET", f"{WEBINARS}?page_size=301"), 400, "page_size"),
    "zoom: stale page token": (lambda: zoom("GET", f"{GUESTS}?next_page_token=x"), 400, "token"),
    "zoom: a registrant without a name": (
        lambda: zoom("POST", GUESTS, email="a@b.example"),
        400,
        "first_name",
    ),
    "zoom: calls of two months": (
        lambda: zoom("GET", "/v2/phone/call_history?from=2026-01-01&to=2026-03-01"),
        400,
        "month",
    ),
    "chatwork: wrong path": (lambda: chatwork("GET", "/v2/room"), 404),
    "chatwork: wrong token": (lambda: chatwork("GET", "/v2/me", "guessed"), 401),
    "chatwork: no such room": (lambda: chatwork("GET", "/v2/rooms/1/messages"), 404),
    "chatwork: JSON for a form": (
        lambda: chatwork("POST", MESSAGES, json={"body": "やあ"}),
        400,
        "no form",
    ),
    "chatwork: 65,536 characters": (
        lambda: chatwork("POST", MESSAGES, body="x" * 65_536),
        400,
        "65535",
    ),
    "chatwork: a task for a stranger": (
        lambda: chatwork("POST", f"/v2/rooms/{of_chatwork.ROOM}/tasks", body="電話", to_ids="1"),
        400,
        "to_ids",
    ),
    "slack: wrong method": (lambda: slack("chat.post"), 200, "unknown_method"),
    "slack: no token": (lambda: slack("auth.test", ""), 200, "not_authed"),
    "slack: wrong token": (lambda: slack("auth.test", "xoxb-guessed"), 200, "invalid_auth"),
    "slack: no such channel": (
        lambda: slack("chat.postMessage", channel="C0NOSUCH", text="やあ"),
        200,
        "channel_not_found",
    ),
    "slack: 40,001 characters": (
        lambda: slack("chat.postMessage", channel=of_slack.CHANNEL, text="x" * 40_001),
        200,
        "msg_too_long",
    ),
    "slack: 51 blocks": (
        lambda: slack(
            "chat.postMessage", channel=of_slack.CHANNEL, blocks=[{"type": "divider"}] * 51
        ),
        200,
        "invalid_blocks",
    ),
    "slack: 1,000 on a page": (lambda: slack(f"{HISTORY}&limit=1000"), 200, "invalid_limit"),
    "slack: a trigger of nobody's": (
        lambda: slack("views.open", trigger_id="1.2.x", view={"type": "modal"}),
        200,
        "trigger_id",
    ),
    "marketo: wrong path": (lambda: marketo("GET", "/rest/v1/lead.json"), 200, "610"),
    "marketo: wrong secret": (
        lambda: marketo_token(of_marketo.Simulator(), "guessed"),
        401,
        "unauthorized",
    ),
    "marketo: wrong token": (lambda: marketo("GET", LEADS, "guessed:int"), 200, "601"),
    "marketo: expired token": (lambda: marketo("GET", LEADS, expired=True), 200, "602"),
    "marketo: unknown field": (
        lambda: marketo("POST", LEADS, input=[{"email": "a@b.example", "noSuch": "x"}]),
        200,
        "1006",
    ),
    "marketo: 301 leads": (
        lambda: marketo("POST", LEADS, input=[{"email": f"p{n}@a.example"} for n in range(301)]),
        200,
        "1003",
    ),
    "marketo: a paging token of nobody's": (
        lambda: marketo("GET", "/rest/v1/activities.json?nextPageToken=x&activityTypeIds=1"),
        200,
        "1003",
    ),
    "sansan: wrong path": (lambda: sansan("/v3.2/cards"), 404),
    "sansan: wrong key": (lambda: sansan("/v3.2/me", "0" * 32), 401),
    "sansan: no window": (lambda: sansan(CARDS), 400),
    "sansan: a window of two years": (
        lambda: sansan(
            f"{CARDS}?updatedFrom=2024-01-01T00:00:00Z&updatedTo=2026-01-01T00:00:00Z&range=all"
        ),
        400,
        "window",
    ),
    "sansan: 301 on a page": (lambda: sansan(f"{CARDS}/search?email=a&limit=301"), 400, "limit"),
    "google_meet: wrong path": (lambda: google("GET", "/calendar/v3/events"), 404),
    "google_meet: wrong token": (lambda: google("GET", EVENTS, "ya29.wrong"), 401, "authError"),
    "google_meet: a scope that is missing": (
        lambda: google("GET", HELD, lacks="meetings.space"),
        403,
        "PERMISSION_DENIED",
    ),
    "google_meet: wrong sync token": (lambda: google("GET", f"{EVENTS}?syncToken=x"), 400, "sync"),
    "google_meet: an event id with a dash": (
        lambda: google(
            "POST",
            EVENTS,
            id="with-dash",
            start={"dateTime": "2027-02-03T10:00:00+09:00"},
            end={"dateTime": "2027-02-03T11:00:00+09:00"},
        ),
        400,
        "Invalid resource id",
    ),
    "google_meet: a filter that is none": (
        lambda: google("GET", f"{HELD}?filter=x"),
        400,
        "filter",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_simulator_refuses_what_the_vendor_would(case: str) -> None:
    request, status, *said = CASES[case]
    answer = request()
    assert answer.status_code in (status if isinstance(status, tuple) else (status,)), answer.text
    assert all(word in answer.text for word in said), answer.text


def test_hubspot_refuses_more_searches_than_its_limit() -> None:
    portal = HubSpot(limits=Limits(burst=1000, searches=5, daily=1000))
    client = Client(portal)
    search = f"{CONTACTS}/search"
    statuses = [
        client.post(search, headers=bearer(portal.token), json={"limit": 1}).status_code
        for _ in range(8)
    ]
    assert statuses.count(429) >= 2


def test_typeform_refuses_more_than_two_requests_a_second() -> None:
    client = Client(Typeform())
    path = f"/forms/{DEFAULT_FORM_ID}"
    statuses = [client.get(path, headers=bearer(DEFAULT_TOKEN)).status_code for _ in range(4)]
    assert 429 in statuses


def test_zoom_refuses_a_scope_it_did_not_give_and_the_sixth_call_list_of_a_second() -> None:
    account = of_zoom.Simulator(now=lambda: MORNING)
    head = bearer(zoom_token(account).get_json()["access_token"])
    client = Client(account)
    calls = [client.get("/v2/phone/call_history", headers=head) for _ in range(6)]
    assert [one.status_code for one in calls] == [200] * 5 + [429]
    account.scopes.clear()
    answer = client.get(WEBINARS, headers=head)
    assert (answer.status_code, "4711" in answer.text) == (400, True)


def test_chatwork_refuses_the_eleventh_message_of_ten_seconds() -> None:
    client = Client(of_chatwork.Simulator(now=lambda: MORNING))
    head = {"X-ChatWorkToken": of_chatwork.DEFAULT_TOKEN}
    posts = [client.post(MESSAGES, headers=head, data={"body": "やあ"}) for _ in range(11)]
    assert [one.status_code for one in posts] == [200] * 10 + [429]


def test_slack_refuses_a_burst_of_messages_with_a_429() -> None:
    client = Client(of_slack.Simulator(now=lambda: MORNING))
    head = {**bearer(of_slack.DEFAULT_TOKEN), **SLACK_JSON}
    body = {"channel": of_slack.CHANNEL, "text": "やあ"}
    posts = [client.post("/api/chat.postMessage", headers=head, json=body) for _ in range(5)]
    assert [one.status_code for one in posts[:2]] == [200, 200]
    assert posts[-1].status_code == 429
    assert posts[-1].headers["Retry-After"] == "1"


def test_marketo_refuses_with_a_200_more_calls_than_its_limit_and_its_day() -> None:
    instance = of_marketo.Simulator(now=lambda: MORNING, rate=3)
    head = bearer(marketo_token(instance).get_json()["access_token"])
    client = Client(instance)
    asked = [client.get("/rest/v1/leads/describe2.json", headers=head) for _ in range(4)]
    assert [one.status_code for one in asked] == [200] * 4
    assert ["606" in one.text for one in asked] == [False] * 3 + [True]


def test_sansan_says_in_the_body_how_long_to_wait() -> None:
    client = Client(of_sansan.Simulator(now=lambda: MORNING, rate=2))
    asked = [
        client.get("/v3.2/me", headers={"X-Sansan-Api-Key": of_sansan.DEFAULT_KEY})
        for _ in range(3)
    ]
    assert [one.status_code for one in asked] == [200, 200, 429]
    assert asked[-1].get_json()["retry_after"] == 1


def test_google_says_rate_limit_with_a_403_for_calendars_and_a_429_for_meet() -> None:
    workspace = of_google.Simulator(now=lambda: MORNING, per_minute=1)
    head = bearer(google_token(workspace))
    client = Client(workspace)
    assert client.get(EVENTS, headers=head).status_code == 200
    calendar = client.get(EVENTS, headers=head)
    assert (calendar.status_code, "rateLimitExceeded" in calendar.text) == (403, True)
    assert client.get(HELD, headers=head).status_code == 429
