"""Webhooks: who sent them, and what they tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.hubspot import Connector
from connectors.hubspot.simulator import Simulator
from connectors.kit.base import Hook, Ref
from connectors.kit.errors import BadSignature, ContractBroken

HERE = Path(__file__).resolve()
CASSETTES = HERE.parents[3] / "connectors" / "hubspot" / "cassettes"
SHARED = HERE.parents[4] / "shared" / "apis" / "samples" / "hubspot"
URL = "https://hub.example.co.jp/webhooks/hubspot/main"
SECRET = "the-app-secret"
MakeHub = Callable[..., Connector]


def signed(portal: Simulator, events: list[Any], url: str = URL) -> Hook:
    sent = portal.signed(events, url, SECRET)
    headers = {name.lower(): value for name, value in sent.headers.items()}
    return Hook("POST", url, headers, sent.body, portal.now())


@pytest.fixture
def hub(portal: Simulator, make_hub: MakeHub) -> Connector:
    return make_hub(portal, webhook_secret=SECRET)


EVENT = {"eventId": 1, "subscriptionId": 2, "occurredAt": 3, "objectId": 101}
EVENT |= {"subscriptionType": "contact.creation", "portalId": 62515}


def test_a_hook_of_the_app_is_believed_and_a_changed_one_is_not(
    portal: Simulator, hub: Connector
) -> None:
    hook = signed(portal, [EVENT])

    assert hub.verify(hook) is None
    for forged in (
        replace(hook, body=hook.body.replace(b"101", b"102")),
        replace(hook, url=URL + "?x=1"),
        replace(hook, method="PUT"),
        replace(hook, headers={**hook.headers, "x-hubspot-request-timestamp": "1767574800001"}),
        replace(hook, received_at=hook.received_at + timedelta(seconds=301)),
        replace(hook, headers={}),
    ):
        with pytest.raises(BadSignature):
            hub.verify(forged)


def test_a_query_with_escapes_is_verified_as_it_was_called(
    portal: Simulator, hub: Connector
) -> None:
    plain = signed(portal, [EVENT], URL + "?tenant=a:b&next=/x")

    assert hub.verify(replace(plain, url=URL + "?tenant=a%3Ab&next=%2Fx")) is None


def test_the_secret_before_still_works_and_none_at_all_does_not(
    portal: Simulator, make_hub: MakeHub
) -> None:
    hook = signed(portal, [EVENT])

    turning = make_hub(portal, webhook_secret="next-one", previous_webhook_secret=SECRET)
    assert turning.verify(hook) is None
    with pytest.raises(BadSignature):
        make_hub(portal).verify(hook)


@pytest.mark.skipif(not SHARED.exists(), reason="the vendor's signature vectors are not beside us")
def test_the_vendors_signature_vectors_of_version_3_pass(
    portal: Simulator, make_hub: MakeHub
) -> None:
    vectors = json.loads((SHARED / "signature-vectors.json").read_text())["vectors"]
    checked = [one for one in vectors if one["version"] == "v3"]
    assert len(checked) >= 2
    for one in checked:
        at = datetime.fromtimestamp(int(one["timestamp_ms"]) / 1000, UTC)
        headers = {
            "x-hubspot-signature-v3": one["signature"],
            "x-hubspot-request-timestamp": one["timestamp_ms"],
        }
        hook = Hook(one["method"], one["uri"], headers, one["body"].encode(), at)
        assert make_hub(portal, webhook_secret=one["client_secret"]).verify(hook) is None


def test_a_webhook_becomes_what_to_read_again_and_what_is_gone(
    portal: Simulator, make_hub: MakeHub
) -> None:
    events = json.loads((CASSETTES / "webhook.json").read_text())

    news = make_hub(portal, portal_id=41003377).read_hook(signed(portal, events))

    assert news.changed == (Ref("contacts", "35102"), Ref("contacts", "35140"))
    assert news.deleted == (Ref("deals", "35102"),)
    assert len(news.event_ids) == 5
    assert news.event_ids[0] == "8:90:1769997601000:35102"


def test_the_latest_event_of_a_record_decides_whatever_order_they_come_in(
    portal: Simulator, hub: Connector
) -> None:
    gone = {**EVENT, "subscriptionType": "contact.deletion", "occurredAt": 10}
    back = {**EVENT, "subscriptionType": "contact.restore", "occurredAt": 20}
    erased = {**EVENT, "subscriptionType": "contact.privacyDeletion", "occurredAt": 30}

    assert hub.read_hook(signed(portal, [back, gone])).changed == (Ref("contacts", "101"),)
    assert hub.read_hook(signed(portal, [erased, back, gone])).deleted == (Ref("contacts", "101"),)


def test_a_merge_event_without_a_new_id_is_about_the_primary_record(
    portal: Simulator, hub: Connector
) -> None:
    merge = {**EVENT, "subscriptionType": "contact.merge", "objectId": 902}
    merge |= {"primaryObjectId": 901, "mergedObjectIds": [902]}

    assert hub.read_hook(signed(portal, [merge])).changed == (Ref("contacts", "901"),)


def test_a_merge_told_by_webhook_is_read_as_the_survivor_with_the_losers(
    portal: Simulator, hub: Connector
) -> None:
    portal.subscribe_url(URL, SECRET)
    winner, loser = (portal.add_contact(email=f"{n}@example.co.jp") for n in "ab")
    survivor = portal.merge("contacts", winner, loser, new_id=True)
    sent = portal.deliveries[-1]
    headers = {name.lower(): value for name, value in sent.headers.items()}
    hook = Hook("POST", sent.url, headers, sent.body, portal.now())

    hub.verify(hook)
    (ref,) = hub.read_hook(hook).changed
    (record,) = hub.fetch(ref.stream, [ref.external_id])

    assert ref == Ref("contacts", survivor)
    assert {one.external_id for one in record.previous_ids} == {winner, loser}


@pytest.mark.parametrize("body", [b"not json", b'{"eventId": 1}', b"[1]"])
def test_a_signed_body_of_another_shape_is_a_broken_contract(hub: Connector, body: bytes) -> None:
    hook = Hook("POST", URL, {}, body, datetime(2026, 1, 5, tzinfo=UTC))

    with pytest.raises(ContractBroken):
        hub.read_hook(hook)
