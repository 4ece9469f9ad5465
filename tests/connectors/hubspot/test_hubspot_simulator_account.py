"""The simulator around its records: limits, sign-in, ties, forms, consent, webhooks, its file."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx

from connectors.hubspot.simulator import Limits, Simulator

Ask = Callable[..., httpx.Response]
Asker = Callable[..., Ask]
CONTACTS = "/crm/v3/objects/contacts"


def since(moment_ms: int, **more: Any) -> dict[str, Any]:
    one = {"propertyName": "lastmodifieddate", "operator": "GTE", "value": str(moment_ms)}
    return {"filterGroups": [{"filters": [one]}], "sorts": ["lastmodifieddate"], **more}


# Limits, sign-in, wrong paths


def test_a_burst_is_answered_with_429_and_its_policy(
    asker: Asker, make_portal: Callable[..., Simulator]
) -> None:
    portal = make_portal(limits=Limits(burst=2, searches=1, daily=100))
    ask = asker(portal)

    headers = ask("GET", CONTACTS).headers
    assert headers["x-hubspot-ratelimit-max"] == "2"
    assert headers["x-hubspot-ratelimit-daily-remaining"] == "99"
    ask("GET", CONTACTS)
    refused = ask("GET", CONTACTS)

    assert refused.status_code == 429
    assert refused.json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert refused.json()["errorType"] == "RATE_LIMIT"


def test_searches_have_a_limit_of_their_own_and_no_limit_headers(
    asker: Asker, make_portal: Callable[..., Simulator], clock: Any
) -> None:
    ask = asker(make_portal(limits=Limits(searches=2)))

    answers = [ask("POST", f"{CONTACTS}/search", since(0)) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].json()["policyName"] == "SECONDLY"
    assert not [name for name in answers[0].headers if "ratelimit" in name]
    clock.forward(1.1)
    assert ask("POST", f"{CONTACTS}/search", since(0)).status_code == 200


def test_the_day_ends_at_midnight_in_japan(
    asker: Asker, make_portal: Callable[..., Simulator], clock: Any
) -> None:
    ask = asker(make_portal(limits=Limits(daily=1)))
    ask("GET", CONTACTS)

    assert ask("GET", CONTACTS).json()["policyName"] == "DAILY"
    clock.forward(14 * 3600)  # 10:00 to 24:00 JST
    assert ask("GET", CONTACTS).status_code == 200


def test_no_token_a_wrong_one_and_a_missing_scope(
    asker: Asker, make_portal: Callable[..., Simulator]
) -> None:
    portal = make_portal(scopes=("crm.objects.contacts.read",))

    wrong = asker(portal, "pat-wrong")("GET", CONTACTS)
    assert (wrong.status_code, wrong.json()["category"]) == (401, "INVALID_AUTHENTICATION")
    denied = asker(portal)("POST", CONTACTS, {"properties": {}})
    assert (denied.status_code, denied.json()["category"]) == (403, "MISSING_SCOPES")
    needed = denied.json()["errors"][0]["context"]["requiredGranularScopes"]
    assert needed == ["crm.objects.contacts.write"]


def grant(ask: Ask, refresh_token: str) -> httpx.Response:
    form = {
        "grant_type": "refresh_token",
        "client_id": Simulator.client_id,
        "client_secret": Simulator.client_secret,
        "refresh_token": refresh_token,
    }
    return ask("POST", "/oauth/v1/token", data=form)


def test_an_oauth_token_works_for_half_an_hour(
    asker: Asker, portal: Simulator, ask: Ask, clock: Any
) -> None:
    token = grant(ask, Simulator.refresh_token).json()
    theirs = asker(portal, token["access_token"])

    assert token["expires_in"] == 1800
    assert theirs("GET", CONTACTS).status_code == 200
    clock.forward(1800)
    assert theirs("GET", CONTACTS).json()["category"] == "EXPIRED_AUTHENTICATION"


def test_a_revoked_refresh_token_gets_no_token(ask: Ask) -> None:
    ask("DELETE", f"/oauth/v1/refresh-tokens/{Simulator.refresh_token}")

    answer = grant(ask, Simulator.refresh_token)

    assert (answer.status_code, answer.json()["status"]) == (400, "BAD_REFRESH_TOKEN")


def test_a_wrong_path_is_a_page_and_a_wrong_object_is_a_sentence(ask: Ask) -> None:
    page = ask("GET", "/crm/v3/contacts")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert ask("GET", "/crm/v3/objects/contactz").json()["category"] == "VALIDATION_ERROR"
    gone = ask("GET", f"{CONTACTS}/999")
    assert (gone.status_code, gone.json()["category"]) == (404, "OBJECT_NOT_FOUND")
    cut = ask("POST", CONTACTS, content=b'{"properties": {"email"')
    assert (cut.status_code, cut.json()["category"]) == (400, "VALIDATION_ERROR")


# The rest of the account


def test_ties_are_read_in_batches_and_the_first_company_is_the_primary(
    portal: Simulator, ask: Ask
) -> None:
    own, lone = (
        portal.add_contact(email="a@example.co.jp"),
        portal.add_contact(email="b@example.co.jp"),
    )
    company = portal.add_company(name="株式会社サンプル")
    ask("PUT", f"/crm/v4/objects/contacts/{own}/associations/default/companies/{company}")

    path = "/crm/v4/associations/contacts/companies/batch/read"
    answer = ask("POST", path, {"inputs": [{"id": own}, {"id": lone}]})

    assert answer.status_code == 207
    (tie,) = answer.json()["results"]
    assert tie["from"]["id"] == own
    assert tie["to"][0]["toObjectId"] == int(company)
    assert tie["to"][0]["associationTypes"][0] == {
        "category": "HUBSPOT_DEFINED",
        "typeId": 1,
        "label": "Primary",
    }
    assert answer.json()["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    listed = ask("GET", f"/crm/v4/objects/companies/{company}/associations/contacts").json()
    assert [one["toObjectId"] for one in listed["results"]] == [int(own)]
    portal.link("contacts", own, "companies", portal.add_company(name="株式会社サンプル二号"))
    assert portal.held("contacts", own)["associatedcompanyid"] == company


def test_properties_carry_options_and_custom_ones_can_be_made(ask: Ask) -> None:
    made = ask(
        "POST",
        "/crm/v3/properties/contacts",
        {"name": "sei_kana", "label": "セイ", "type": "string", "fieldType": "text"},
    )
    assert made.status_code == 201
    shown = {
        one["name"]: one for one in ask("GET", "/crm/v3/properties/contacts").json()["results"]
    }
    assert [one["value"] for one in shown["lifecyclestage"]["options"]][:3] == [
        "subscriber",
        "lead",
        "marketingqualifiedlead",
    ]
    assert shown["renkei_lead_id"]["hasUniqueValue"] is True
    assert shown["hs_email_optout"]["modificationMetadata"]["readOnlyValue"] is True
    assert shown["sei_kana"]["hubspotDefined"] is False


def test_deal_stages_come_from_the_pipeline(ask: Ask) -> None:
    (pipeline,) = ask("GET", "/crm/v3/pipelines/deals").json()["results"]

    assert {one["id"]: one["metadata"]["probability"] for one in pipeline["stages"]} == {
        "appointmentscheduled": "0.2",
        "qualifiedtobuy": "0.4",
        "presentationscheduled": "0.6",
        "decisionmakerboughtin": "0.8",
        "contractsent": "0.9",
        "closedwon": "1.0",
        "closedlost": "0.0",
    }
    refused = ask("POST", "/crm/v3/objects/deals", {"properties": {"dealstage": "受注"}})
    assert refused.json()["errors"][0]["code"] == "INVALID_OPTION"


def test_submissions_are_newest_first_and_make_contacts(
    portal: Simulator, ask: Ask, clock: Any
) -> None:
    form = portal.add_form("資料請求")
    for name in ("佐藤", "鈴木"):
        portal.submit(form, email=f"{name}@example.co.jp", lastname=name)
        clock.forward(60)

    path = f"/form-integrations/v1/submissions/forms/{form}"
    page = ask("GET", f"{path}?limit=1").json()
    assert page["results"][0]["values"][1] == {
        "name": "lastname",
        "value": "鈴木",
        "objectTypeId": "0-1",
    }
    assert page["results"][0]["submittedAt"] == 1767574860000
    assert ask("GET", f"{path}?limit=51").status_code == 400
    assert len(portal.portal.rows("contacts")) == 2
    assert ask("GET", "/marketing/v3/forms").json()["results"][0]["name"] == "資料請求"


def test_unsubscribing_an_address_flags_its_contact(portal: Simulator, ask: Ask) -> None:
    own = portal.add_contact(email="taro@example.co.jp")
    path = "/communication-preferences/v4/statuses/taro@example.co.jp"

    ask("POST", f"{path}/unsubscribe-all?channel=EMAIL")

    assert ask("GET", f"{path}?channel=EMAIL").json()["results"][0]["status"] == "UNSUBSCRIBED"
    assert portal.held("contacts", own)["hs_email_optout"] == "true"
    assert ask("GET", path).status_code == 400


# Webhooks and files


def test_a_change_is_told_in_one_signed_array(portal: Simulator, ask: Ask) -> None:
    url = "https://hub.example.co.jp/webhooks/hubspot/main"
    portal.subscribe_url(url, "秘密")

    ask("POST", CONTACTS, {"properties": {"email": "taro@example.co.jp", "lastname": "山田"}})

    (sent,) = portal.deliveries
    stamp = sent.headers["X-HubSpot-Request-Timestamp"]
    message = b"POST" + url.encode() + sent.body + stamp.encode()
    expected = b64encode(hmac.new("秘密".encode(), message, sha256).digest()).decode()
    assert sent.headers["X-HubSpot-Signature-v3"] == expected
    events = json.loads(sent.body)
    assert events[0]["subscriptionType"] == "contact.creation"
    assert {one["propertyName"] for one in events[1:]} >= {"email", "lastname"}
    assert {one["changeSource"] for one in events} == {"INTEGRATION"}


def test_a_merge_event_names_primary_merged_and_new_id(portal: Simulator) -> None:
    portal.subscribe_url("https://hub.example.co.jp/hook", "s")
    winner, loser = (portal.add_contact(email=f"{n}@example.co.jp") for n in "ab")

    survivor = portal.merge("contacts", winner, loser, new_id=True)

    event = [one for one in json.loads(portal.deliveries[-1].body) if "merge" in str(one)][-1]
    assert event["subscriptionType"] == "contact.merge"
    assert event["primaryObjectId"] == int(winner)
    assert event["mergedObjectIds"] == [int(loser)]
    assert event["newObjectId"] == event["objectId"] == int(survivor)


def test_a_portal_kept_in_a_file_survives_a_restart(
    asker: Asker, clock: Any, tmp_path: Path
) -> None:
    portal = Simulator(path=tmp_path / "portal.db", now=clock)
    winner = portal.add_contact(email="taro@example.co.jp")
    loser = portal.add_contact(email="t@example.co.jp")
    portal.merge("contacts", winner, loser)
    portal.close()

    again = Simulator(path=tmp_path / "portal.db", now=clock)

    ask = asker(again)
    assert ask("GET", f"{CONTACTS}/{loser}").json()["id"] == winner
    taken = ask("POST", CONTACTS, {"properties": {"email": "t@example.co.jp"}})
    assert taken.status_code == 409
    assert ask("POST", CONTACTS, {"properties": {"email": "n@example.co.jp"}}).json()["id"] == str(
        int(loser) + 1
    )
    again.close()
