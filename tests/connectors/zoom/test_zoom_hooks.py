"""Webhooks: the address is proven, events are believed when signed in time, and read whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import connectors.zoom
from connectors.kit.base import Hook, Ref
from connectors.kit.errors import BadSignature, ContractBroken
from connectors.kit.signatures import SCHEMES, sign
from connectors.kit.simulator import Delivery
from connectors.zoom import Connector
from connectors.zoom.simulator import Simulator

HOME = Path(connectors.zoom.__file__).parent
URL = "https://hub.example/hooks/zoom-jp"
SECRET = "s3cret"
PERSON: Any = {"email": "ito@sakura.example", "first_name": "恵", "last_name": "伊藤"}
Wire = Callable[..., Connector]


def received(sent: Delivery, at: datetime) -> Hook:
    return Hook(sent.method, sent.url, sent.headers, sent.body, at)


def told(event: Any) -> Hook:
    at = datetime(2026, 4, 1, tzinfo=UTC)
    body = json.dumps(event).encode()
    return Hook("POST", URL, sign(SCHEMES["zoom"], SECRET, body, at=at), body, at)


def recorded(name: str) -> Any:
    return json.loads((HOME / "cassettes" / f"{name}.json").read_text("utf-8"))


@pytest.fixture
def connector(wire: Wire) -> Connector:
    return wire(webhook_secrets=[SECRET], read=["webinars", "meetings", "calls"])


@pytest.fixture
def webinar(simulator: Simulator, clock: Any) -> str:
    simulator.subscribe_url(URL, SECRET)
    return simulator.schedule("webinar", "SaaSセミナー", clock() + timedelta(days=3))


# -- the check of the address -------------------------------------------------------------------


def test_the_address_is_proven_with_an_hmac_made_elsewhere(wire: Wire) -> None:
    """The vector was worked out with OpenSSL, not with this code."""
    body = (
        b'{"event":"endpoint.url_validation","payload":{"plainToken":"aozora-2026"},"event_ts":1}'
    )
    at = datetime.fromtimestamp(1_775_001_600, UTC)
    headers = {
        "x-zm-request-timestamp": "1775001600",
        "x-zm-signature": "v0=419a8edf9c5840b113e1d95578a4fc7a73fe1c034b18587d930d9d4402a0b038",
    }
    connector = wire(webhook_secrets=["another", "kagi-zoom"])
    answer = connector.verify(Hook("POST", URL, headers, body, at))
    assert answer is not None
    assert (answer.status, answer.content_type) == (200, "application/json")
    assert json.loads(answer.body) == {
        "plainToken": "aozora-2026",
        "encryptedToken": "5ff46398b8fc845ad060dbc968c9ad1a3272c6471a3da9aabe91f1e6cd1bc013",
    }


@pytest.mark.parametrize("secrets", [[SECRET], ["new", SECRET], [SECRET, "old"]])
def test_the_check_is_answered_with_the_secret_it_was_signed_with(
    wire: Wire, simulator: Simulator, clock: Any, secrets: list[str]
) -> None:
    sent = received(simulator.subscribe_url(URL, SECRET), clock())
    alone = wire(webhook_secrets=[SECRET]).verify(sent)
    assert alone is not None
    assert wire(webhook_secrets=secrets).verify(sent) == alone


def test_the_check_of_an_address_is_not_answered_to_strangers(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    sent = received(simulator.subscribe_url(URL, "another"), clock())
    with pytest.raises(BadSignature):
        wire(webhook_secrets=[SECRET]).verify(sent)


@pytest.mark.parametrize("payload", [{}, {"plainToken": ""}, {"plainToken": "x" * 513}, None])
def test_a_check_without_a_token_is_a_broken_contract(connector: Connector, payload: Any) -> None:
    with pytest.raises(ContractBroken):
        connector.verify(told({"event": "endpoint.url_validation", "payload": payload}))


# -- who sent it --------------------------------------------------------------------------------


def test_an_event_is_believed_within_five_minutes(
    connector: Connector, simulator: Simulator, webinar: str, clock: Any
) -> None:
    simulator.register(webinar, **PERSON)
    sent = simulator.deliveries[-1]
    assert connector.verify(received(sent, clock())) is None
    for late in (timedelta(seconds=300), timedelta(seconds=-300)):
        assert connector.verify(received(sent, clock() + late)) is None
    for late in (timedelta(seconds=301), timedelta(seconds=-301)):
        with pytest.raises(BadSignature) as caught:
            connector.verify(received(sent, clock() + late))
        assert caught.value.code == "SIGNATURE_STALE"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"x-zm-signature": None}, id="no signature"),
        pytest.param({"x-zm-signature": "v0="}, id="an empty one"),
        pytest.param({"x-zm-signature": "v1=00"}, id="another version"),
        pytest.param({"x-zm-request-timestamp": None}, id="no time"),
        pytest.param({"x-zm-request-timestamp": "1775001601"}, id="another time"),
        pytest.param({"x-zm-signature": None, "authorization": SECRET}, id="the old header"),
    ],
)
def test_an_event_without_our_signature_is_refused(
    connector: Connector, simulator: Simulator, webinar: str, clock: Any, change: Mapping[str, Any]
) -> None:
    simulator.register(webinar, **PERSON)
    true = received(simulator.deliveries[-1], clock())
    headers = {name: value for name, value in {**true.headers, **change}.items() if value}
    connector.verify(true)
    with pytest.raises(BadSignature):
        connector.verify(replace(true, headers=headers))


def test_the_raw_bytes_are_signed(
    connector: Connector, simulator: Simulator, webinar: str, clock: Any
) -> None:
    simulator.register(webinar, **PERSON)
    true = received(simulator.deliveries[-1], clock())
    spaced = json.dumps(json.loads(true.body)).encode()
    with pytest.raises(BadSignature):
        connector.verify(replace(true, body=spaced))


def test_without_a_secret_nothing_is_believed(wire: Wire) -> None:
    with pytest.raises(BadSignature):
        wire().verify(told({"event": "x"}))


# -- registrations ------------------------------------------------------------------------------


def test_a_registration_comes_as_a_pull_would_bring_it(
    connector: Connector, simulator: Simulator, webinar: str, clock: Any
) -> None:
    own = simulator.register(webinar, **PERSON, source="メルマガ")
    (record,) = connector.read_hook(received(simulator.deliveries[-1], clock())).records
    (pulled,) = [one for page in connector.pull(record.stream, None) for one in page.records]
    assert record.external_id == pulled.external_id == f"{webinar}:{own}"
    told_flat = connector.flatten(record.stream, record.payload)
    flat = connector.flatten(pulled.stream, pulled.payload)
    assert told_flat["tracking_source.source_name"] == "メルマガ"
    assert {key: told_flat[key] for key in flat} == flat


def test_a_webhook_never_makes_a_pull_look_old(
    connector: Connector, simulator: Simulator, webinar: str, clock: Any
) -> None:
    """The hub drops what claims to be older than what it has heard of a record."""
    simulator.register(webinar, **PERSON)
    (record,) = connector.read_hook(received(simulator.deliveries[-1], clock())).records
    assert record.changed_at is None


@pytest.mark.parametrize(("action", "status"), [("approve", "approved"), ("deny", "denied")])
def test_a_decision_is_told(
    connector: Connector, simulator: Simulator, clock: Any, action: str, status: str
) -> None:
    simulator.subscribe_url(URL, SECRET)
    event = simulator.schedule("meeting", "相談会", clock() + timedelta(days=1), approval_type=1)
    own = simulator.register(event, **PERSON)
    simulator.decide(event, own, action)
    (record,) = connector.read_hook(received(simulator.deliveries[-1], clock())).records
    assert (record.stream, record.external_id) == ("meeting_registrants", f"{event}:{own}")
    assert record.payload["status"] == status


def test_a_cancelled_registration_is_deleted(
    connector: Connector, simulator: Simulator, webinar: str, clock: Any
) -> None:
    own = simulator.register(webinar, **PERSON)
    simulator.decide(webinar, own, "cancel")
    news = connector.read_hook(received(simulator.deliveries[-1], clock()))
    assert (news.records, news.changed) == ((), ())
    assert news.deleted == (Ref("webinar_registrants", f"{webinar}:{own}"),)


def test_a_repetition_has_the_same_id_and_another_event_has_not(
    connector: Connector, simulator: Simulator, webinar: str, clock: Any
) -> None:
    own = simulator.register(webinar, **PERSON)
    first = simulator.deliveries[-1]
    clock.forward(minutes=5)
    again = simulator.again(first)
    assert again.headers != first.headers
    simulator.decide(webinar, own, "deny")
    ids = [
        connector.read_hook(received(sent, clock())).event_ids
        for sent in (first, again, simulator.deliveries[-1])
    ]
    assert ids[0] == ids[1] != ids[2]


def test_numbers_of_events_are_the_same_as_text_and_as_number(connector: Connector) -> None:
    event = recorded("registration_hook")
    (as_number,) = connector.read_hook(told(event)).records
    event["payload"]["object"]["id"] = str(event["payload"]["object"]["id"])
    (as_text,) = connector.read_hook(told(event)).records
    assert as_text == as_number


def test_what_is_not_read_is_accepted_and_passed_over(
    wire: Wire, connector: Connector, simulator: Simulator, webinar: str, clock: Any
) -> None:
    only_meetings = wire(webhook_secrets=[SECRET], read=["meetings"])
    simulator.register(webinar, **PERSON)
    sent = received(simulator.deliveries[-1], clock())
    assert only_meetings.read_hook(sent).records == ()
    assert only_meetings.read_hook(sent).event_ids
    simulator.hold(webinar, clock())
    assert connector.read_hook(received(simulator.deliveries[-1], clock())).records == ()
    other = told({"event": "recording.completed", "payload": {"object": {}}})
    assert connector.read_hook(other).records == ()


# -- calls --------------------------------------------------------------------------------------


def test_a_call_comes_as_a_pull_would_bring_it(
    connector: Connector, simulator: Simulator, clock: Any
) -> None:
    simulator.subscribe_url(URL, SECRET)
    own = simulator.call("+81398765432", at=clock() - timedelta(minutes=9))
    (record,) = connector.read_hook(received(simulator.deliveries[-1], clock())).records
    (pulled,) = [one for page in connector.pull("calls", None) for one in page.records]
    assert (record.external_id, record.payload) == (own, pulled.payload)
    assert record.changed_at == pulled.changed_at


def test_both_events_of_an_internal_call_are_no_activity(
    connector: Connector, simulator: Simulator, clock: Any
) -> None:
    simulator.subscribe_url(URL, SECRET)
    simulator.call("101", internal=True)
    both = simulator.deliveries[-2:]
    assert len({sent.vendor_id for sent in both}) == 2
    assert [connector.read_hook(received(sent, clock())).records for sent in both] == [(), ()]


def test_a_deleted_call_is_told(connector: Connector, simulator: Simulator, clock: Any) -> None:
    simulator.subscribe_url(URL, SECRET)
    own = simulator.call("+81398765432")
    simulator.delete_call(own)
    news = connector.read_hook(received(simulator.deliveries[-1], clock()))
    assert news.deleted == (Ref("calls", own),)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param([], id="a list"),
        pytest.param({"event": "webinar.registration_created"}, id="no payload"),
        pytest.param(
            {"event": "webinar.registration_created", "payload": {"object": {"id": 1}}},
            id="no registrant",
        ),
        pytest.param(
            {"event": "webinar.registration_created", "payload": {"object": {"registrant": {}}}},
            id="no id",
        ),
        pytest.param(
            {
                "event": "meeting.registration_cancelled",
                "payload": {"object": {"id": "x", "registrant": {"id": "r1"}}},
            },
            id="no number",
        ),
    ],
)
def test_an_event_of_another_shape_is_a_broken_contract(connector: Connector, event: Any) -> None:
    with pytest.raises(ContractBroken):
        connector.read_hook(told(event))


def test_a_body_that_is_no_json_is_a_broken_contract(connector: Connector) -> None:
    with pytest.raises(ContractBroken):
        connector.read_hook(Hook("POST", URL, {}, b"{", datetime(2026, 4, 1, tzinfo=UTC)))
