"""Being told: pushes that Google signed, calendar channels with our token, subscriptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.google_meet import Connector, Options
from connectors.google_meet.hooks import ENDED
from connectors.google_meet.simulator import DEFAULT_USER, Simulator
from connectors.kit.base import Hook, Ref
from connectors.kit.errors import BadSignature, ConnectorError, ContractBroken
from connectors.kit.simulator import Fault, Response
from tests.connectors.google_meet.conftest import CHANNEL_TOKEN

URL = "https://hub.example/hooks/meet"
TOPIC = "projects/mihon-project/topics/meet"
TARO = {"taro@aozora.example": "山田太郎"}
YAMADA = {"anonymousUser": {"displayName": "山田 太郎"}}
Wire = Callable[..., Connector]


def last(google: Simulator) -> Hook:
    sent = google.deliveries[-1]
    return Hook(sent.method, sent.url, sent.headers, sent.body, google.now())


@pytest.fixture
def ended(google: Simulator, clock: Any) -> tuple[Hook, str]:
    """A push that says that a meeting ended, and its conference."""
    google.push_to(URL)
    google.add_subscription(DEFAULT_USER, ENDED)
    start = clock() - timedelta(minutes=30)
    record_id = google.hold(google.book(TARO, start=start), [YAMADA], start=start)
    return last(google), record_id


def test_a_meeting_that_ended_is_read_at_once(wire: Wire, ended: tuple[Hook, str]) -> None:
    hook, record_id = ended
    connector = wire()
    assert connector.verify(hook) is None
    news = connector.read_hook(hook)
    assert news.changed == (Ref("participants", record_id),)
    assert news.event_ids == connector.read_hook(hook).event_ids
    (record,) = connector.fetch("participants", [record_id])
    assert record.payload["email"] == "taro@aozora.example"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        pytest.param({"aud": "https://other.example/"}, "SIGNATURE_WRONG", id="another audience"),
        pytest.param({"iss": "https://evil.example"}, "SIGNATURE_WRONG", id="another issuer"),
        pytest.param({"email": "x@evil.example"}, "SIGNATURE_WRONG", id="another account"),
        pytest.param({"email_verified": False}, "SIGNATURE_WRONG", id="an unverified address"),
        pytest.param({"email_verified": "true"}, "SIGNATURE_WRONG", id="a text for a truth"),
        pytest.param({"exp": 1}, "SIGNATURE_STALE", id="used up"),
        pytest.param({"iat": 4_000_000_000, "exp": 4_000_003_600}, "SIGNATURE_STALE", id="to come"),
        pytest.param({"exp": None}, "SIGNATURE_WRONG", id="no end"),
        pytest.param({"exp": "soon"}, "SIGNATURE_STALE", id="an end that is no time"),
        pytest.param({"key": "somebody else"}, "SIGNATURE_WRONG", id="another key"),
    ],
)
def test_a_push_with_another_token_is_refused(
    wire: Wire, google: Simulator, ended: tuple[Hook, str], claims: dict[str, Any], code: str
) -> None:
    hook, _ = ended
    token = google.push_token(**claims)
    with pytest.raises(BadSignature) as caught:
        wire().verify(replace(hook, headers={"authorization": f"Bearer {token}"}))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="none"),
        pytest.param({"authorization": "Basic abc"}, id="another scheme"),
        pytest.param({"authorization": "Bearer abc"}, id="no token"),
        pytest.param({"authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}, id="unsigned"),
    ],
)
def test_a_push_without_a_token_is_refused(
    wire: Wire, ended: tuple[Hook, str], headers: dict[str, str]
) -> None:
    with pytest.raises(BadSignature):
        wire().verify(replace(ended[0], headers=headers))


def test_a_push_where_none_is_configured_is_refused(wire: Wire, ended: tuple[Hook, str]) -> None:
    with pytest.raises(BadSignature) as caught:
        wire(push_account=None).verify(ended[0])
    assert caught.value.code == "NO_SECRET"


def test_the_audience_may_be_another_than_the_address(
    wire: Wire, google: Simulator, ended: tuple[Hook, str]
) -> None:
    google.push_audience = "renkei"
    hook = replace(ended[0], headers={"authorization": f"Bearer {google.push_token()}"})
    wire(push_audience="renkei").verify(hook)
    with pytest.raises(BadSignature):
        wire().verify(hook)


def keys_asked(google: Simulator) -> int:
    return sum(seen.path == "/oauth2/v3/certs" for seen in google.seen)


def test_googles_keys_are_asked_for_once_in_hours(
    wire: Wire, google: Simulator, ended: tuple[Hook, str], clock: Any
) -> None:
    connector = wire()
    for _ in range(3):
        connector.verify(ended[0])
    assert keys_asked(google) == 1
    clock.pass_time(hours=7)
    with pytest.raises(BadSignature):
        connector.verify(ended[0])
    assert keys_asked(google) == 2


def test_a_key_that_nobody_has_does_not_have_google_asked_each_time(
    wire: Wire, google: Simulator, ended: tuple[Hook, str], clock: Any, monkeypatch: Any
) -> None:
    connector = wire()
    connector.verify(ended[0])
    monkeypatch.setattr("connectors.google_meet.simulator_events.PUSH_KEY_ID", "newer")
    newer = replace(ended[0], headers={"authorization": f"Bearer {google.push_token()}"})
    for _ in range(5):
        with pytest.raises(BadSignature):
            connector.verify(newer)
    assert keys_asked(google) == 1
    clock.pass_time(minutes=6)
    connector.verify(newer)
    assert keys_asked(google) == 2


def test_while_googles_keys_cannot_be_had_a_push_is_sent_again(
    wire: Wire, google: Simulator, ended: tuple[Hook, str]
) -> None:
    google.faults.append(Fault("/certs", response=Response("", 503), times=3))
    connector = wire()
    with pytest.raises(ConnectorError):
        connector.verify(ended[0])


def test_what_is_no_end_of_a_meeting_changes_nothing(
    wire: Wire, google: Simulator, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    google.push_to(URL)
    started = "google.workspace.meet.conference.v2.started"
    name = google.add_subscription(DEFAULT_USER, started)
    google.hold(None, [], ended=False)
    news = wire().read_hook(last(google))
    assert news.event_ids
    assert news.changed == ()
    google.suspend(name)
    news = wire().read_hook(last(google))
    assert news.changed == ()
    assert "suspended" in caplog.text


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"x", id="no JSON"),
        pytest.param(b"[]", id="no object"),
        pytest.param(b"{}", id="no message"),
        pytest.param(b'{"message":{"attributes":{"ce-type":"%s"},"data":"?"}}', id="no base64"),
        pytest.param(b'{"message":{"attributes":{"ce-type":"%s"},"data":"e30="}}', id="no name"),
    ],
)
def test_a_push_of_another_shape_is_told(wire: Wire, body: bytes, google: Simulator) -> None:
    hook = Hook("POST", URL, {}, body.replace(b"%s", ENDED.encode()), google.now())
    with pytest.raises(ContractBroken):
        wire().read_hook(hook)


# -- channels of a calendar ------------------------------------------------------------------


def test_a_notification_of_a_calendar_has_its_news_read(
    wire: Wire, google: Simulator, clock: Any
) -> None:
    connector = wire()
    google.book({"old@aozora.example": None})
    clock.pass_time(hours=1)
    connector.subscribe(URL)
    opened = last(google)
    assert connector.verify(opened) is None
    assert connector.read_hook(opened).changed == (), "the first message only says hello"
    google.book(TARO)
    hook = last(google)
    connector.verify(hook)
    news = connector.read_hook(hook)
    assert news.event_ids != connector.read_hook(opened).event_ids
    (ref,) = news.changed
    (record,) = connector.fetch(ref.stream, [ref.external_id])
    assert record.payload["attendee"]["email"] == "taro@aozora.example"
    assert record.stream == "events"


@pytest.mark.parametrize("token", ["", "another-token-0123456789"])
def test_a_notification_with_another_token_is_refused(
    wire: Wire, google: Simulator, token: str
) -> None:
    connector = wire()
    connector.subscribe(URL)
    hook = last(google)
    with pytest.raises(BadSignature):
        connector.verify(replace(hook, headers={**hook.headers, "x-goog-channel-token": token}))


def test_both_of_two_tokens_are_accepted_and_the_first_is_given(
    wire: Wire, google: Simulator
) -> None:
    wire().subscribe(URL)
    old = last(google)
    both = wire(channel_tokens=["a-newer-token-0123456789", CHANNEL_TOKEN])
    both.verify(old)
    both.subscribe(URL)
    assert last(google).headers["x-goog-channel-token"] == "a-newer-token-0123456789"


def test_a_channel_of_somebody_who_is_no_user_any_more_is_passed_over(
    wire: Wire, google: Simulator
) -> None:
    connector = wire(users={"other": {"email": DEFAULT_USER}})
    connector.subscribe(URL)
    google.book(TARO)
    news = wire().read_hook(last(google))
    assert news.event_ids
    assert news.changed == ()
    assert wire().fetch("events", ["other updated>=2026-04-01T00:00:00Z"]) == []


# -- subscribing -----------------------------------------------------------------------------


def test_subscribing_twice_is_subscribing_once_a_day(
    wire: Wire, google: Simulator, clock: Any
) -> None:
    connector = wire(pubsub_topic=TOPIC)
    for _ in range(2):
        connector.subscribe(URL)
    assert (len(google.subscriptions), len(google.channels)) == (1, 1)
    clock.pass_time(days=1)
    connector.subscribe(URL)
    assert (len(google.subscriptions), len(google.channels)) == (1, 2)


def test_subscribing_again_renews_and_wakes_what_was_suspended(
    wire: Wire, google: Simulator, clock: Any
) -> None:
    google.push_to(URL)
    connector = wire(pubsub_topic=TOPIC)
    connector.subscribe(URL)
    (name,) = google.subscriptions
    google.suspend(name)
    clock.pass_time(days=6)
    connector.subscribe(URL)
    row = google.subscriptions[name]
    assert row["state"] == "ACTIVE"
    assert row["until"] == (clock() + timedelta(days=7)).timestamp()


def test_a_meeting_that_ends_after_subscribing_is_told(
    wire: Wire, google: Simulator, clock: Any
) -> None:
    google.push_to(URL)
    connector = wire(pubsub_topic=TOPIC, channel_tokens=[])
    connector.subscribe(URL)
    record_id = google.hold(google.book(TARO), [YAMADA])
    hook = last(google)
    connector.verify(hook)
    assert connector.read_hook(hook).changed == (Ref("participants", record_id),)


def test_with_nothing_to_watch_subscribing_is_refused(wire: Wire) -> None:
    with pytest.raises(ConnectorError, match="channel_tokens"):
        wire(channel_tokens=[]).subscribe(URL)


def test_a_topic_that_may_not_be_published_to_is_told(wire: Wire) -> None:
    with pytest.raises(ConnectorError):
        wire(pubsub_topic="projects/other/topics/meet").subscribe(URL)


def test_an_address_that_google_refuses_is_told(wire: Wire) -> None:
    with pytest.raises(ConnectorError):
        wire().subscribe("http://hub.example/hooks/meet")


def test_another_subscription_of_the_user_is_told(wire: Wire, google: Simulator) -> None:
    google.add_subscription(DEFAULT_USER, "google.workspace.meet.conference.v2.started")
    with pytest.raises(ConnectorError) as caught:
        wire(pubsub_topic=TOPIC).subscribe(URL)
    assert caught.value.code == "GOOGLE_MEET_OTHER_SUBSCRIPTION"


def test_a_channel_token_that_is_easily_guessed_is_refused(wire: Wire) -> None:
    with pytest.raises(ValidationError, match="16 characters"):
        wire(channel_tokens=["short"])
    assert Options.model_fields["channel_tokens"].default == ()
