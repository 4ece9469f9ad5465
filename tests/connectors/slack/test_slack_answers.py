"""Answers: buttons, modals and threads, signed within five minutes, the same however often told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import connectors.slack
from connectors.kit.base import Hook
from connectors.kit.errors import BadSignature, ContractBroken
from connectors.kit.messages import ACCEPT, HAND_BACK, RECYCLE, Button, Message, Posted
from connectors.kit.simulator import Delivery
from connectors.slack import Connector
from connectors.slack.simulator import BOT, CHANNEL, PEOPLE, Simulator

Wire = Callable[..., Connector]
HOME = Path(connectors.slack.__file__).parent
RECORDED: dict[str, Any] = json.loads((HOME / "cassettes" / "interactions.json").read_text("utf-8"))
URL = "https://hub.example/hooks/slack"
SUZUKI, TAKAHASHI = PEOPLE
AT = datetime(2026, 4, 1, tzinfo=UTC)
VECTOR_SECRET = "署名の鍵-2026"
VECTOR_BODY = (
    b"payload=%7B%22type%22%3A%22block_actions%22%2C%22user%22%3A%7B%22id%22%3A%22U1%22%7D%7D"
)
VECTOR_SIGNATURE = "v0=28af52c26d3b250ea6fb8d76adcbd5190361046237564bb718f15636aa48b41f"
"""Of 1775001600, which is AT; made with openssl dgst, not with our own code."""
VECTOR = {"x-slack-signature": VECTOR_SIGNATURE, "x-slack-request-timestamp": "1775001600"}


def hook(body: bytes, headers: dict[str, str] | None = None) -> Hook:
    return Hook("POST", URL, headers or {}, body, AT)


def told(payload: Any, *, form: bool = False) -> Hook:
    text = json.dumps(payload)
    return hook(urlencode({"payload": text}).encode() if form else text.encode())


def received(sent: Delivery) -> Hook:
    return Hook(sent.method, sent.url, sent.headers, sent.body, AT)


@pytest.fixture
def posted(wire: Wire, simulator: Simulator) -> Posted:
    simulator.interactivity_url = simulator.events_url = URL
    buttons = (Button(ACCEPT, "承認", "tok-42"), Button(HAND_BACK, "差戻し", "tok-42", "理由"))
    return wire().post(Message(CHANNEL, "引き継ぎ", ("kato@aozora.example",), buttons))


def pressed(simulator: Simulator, posted: Posted, action: str, user: str = SUZUKI) -> Hook:
    channel, _, ts = posted.id.partition(":")
    return received(simulator.press(channel, ts, f"renkei.{action}", user))


# -- who sent it ----------------------------------------------------------------------------------


def test_a_signature_made_elsewhere_is_good(wire: Wire) -> None:
    connector = wire(signing_secrets=["another", VECTOR_SECRET])
    assert connector.verify(hook(VECTOR_BODY, VECTOR)) is None
    with pytest.raises(BadSignature):
        connector.verify(hook(VECTOR_BODY + b"&", VECTOR))


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_request_of_the_last_five_minutes_is_good(wire: Wire, clock: Any, seconds: int) -> None:
    clock.at += timedelta(seconds=seconds)
    wire(signing_secrets=[VECTOR_SECRET]).verify(hook(VECTOR_BODY, VECTOR))


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_a_replay_is_refused(wire: Wire, clock: Any, seconds: int) -> None:
    clock.at += timedelta(seconds=seconds)
    with pytest.raises(BadSignature) as caught:
        wire(signing_secrets=[VECTOR_SECRET]).verify(hook(VECTOR_BODY, VECTOR))
    assert caught.value.code == "SIGNATURE_STALE"


@pytest.mark.parametrize(
    ("secrets", "headers"),
    [
        pytest.param([VECTOR_SECRET], {}, id="nothing"),
        pytest.param([VECTOR_SECRET], VECTOR | {"x-slack-signature": "v0="}, id="no signature"),
        pytest.param(
            [VECTOR_SECRET], VECTOR | {"x-slack-signature": VECTOR_SIGNATURE[3:]}, id="no version"
        ),
        pytest.param(
            [VECTOR_SECRET], VECTOR | {"x-slack-request-timestamp": "1775001601"}, id="another time"
        ),
        pytest.param([VECTOR_SECRET], {"x-slack-signature": VECTOR_SIGNATURE}, id="no time"),
        pytest.param(["another"], VECTOR, id="another secret"),
        pytest.param([], VECTOR, id="no secret configured"),
    ],
)
def test_a_request_without_our_signature_is_refused(
    wire: Wire, secrets: list[str], headers: dict[str, str]
) -> None:
    with pytest.raises(BadSignature):
        wire(signing_secrets=secrets).verify(hook(VECTOR_BODY, headers))


def test_the_check_of_the_address_is_answered_with_its_challenge(
    wire: Wire, simulator: Simulator
) -> None:
    simulator.events_url = URL
    check = received(simulator.check_address("3eZbrw1aB"))
    answer = wire().verify(check)
    assert answer is not None
    assert (answer.status, answer.body, answer.content_type) == (200, b"3eZbrw1aB", "text/plain")
    with pytest.raises(BadSignature):
        wire(signing_secrets=["another"]).verify(check)


# -- buttons --------------------------------------------------------------------------------------


def test_a_press_is_an_answer(wire: Wire, simulator: Simulator, posted: Posted) -> None:
    sent = pressed(simulator, posted, ACCEPT)
    assert wire().verify(sent) is None
    (answer,) = wire().read_answers(sent)
    assert (answer.token, answer.action, answer.by) == ("tok-42", ACCEPT, SUZUKI)
    assert (answer.message_id, answer.asks, answer.at) == (posted.id, "", AT)


def test_a_press_that_is_told_again_is_the_same_and_another_press_is_not(
    wire: Wire, simulator: Simulator, posted: Posted
) -> None:
    connector = wire()
    first, second = (pressed(simulator, posted, ACCEPT) for _ in range(2))
    (one,), (other,) = connector.read_answers(first), connector.read_answers(second)
    assert connector.read_answers(replace(first))[0].id == one.id
    assert connector.read_hook(first).event_ids == (one.id,)
    assert one.id != other.id
    (by_another,) = connector.read_answers(pressed(simulator, posted, ACCEPT, TAKAHASHI))
    assert by_another.by == TAKAHASHI


def test_a_recorded_press_is_read(wire: Wire) -> None:
    (answer,) = wire().read_answers(told(RECORDED["pressed"], form=True))
    assert (answer.token, answer.action, answer.asks) == ("tok-42", HAND_BACK, "差戻しの理由")
    assert answer.message_id == "C0SALES001:1775001600.000300"
    assert answer.trigger.startswith("13345224609.")
    assert answer.id == (
        "C0SALES001:1775001600.000300:renkei.hand_back:1775001625.480000:U0SUZUKI01"
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"action_id": "lead_accept"}, id="another app's button"),
        pytest.param({"action_ts": ""}, id="no time"),
    ],
)
def test_what_is_not_our_button_is_no_answer(wire: Wire, change: dict[str, str]) -> None:
    payload = {**RECORDED["pressed"], "actions": [{**RECORDED["pressed"]["actions"][0], **change}]}
    assert wire().read_answers(told(payload, form=True)) == []
    assert wire().read_hook(told(payload, form=True)).event_ids


def test_a_value_that_is_not_ours_gives_no_token(wire: Wire) -> None:
    action = {**RECORDED["pressed"]["actions"][0], "value": "lead 42"}
    (answer,) = wire().read_answers(told({**RECORDED["pressed"], "actions": [action]}, form=True))
    assert (answer.token, answer.asks) == ("", "")


# -- reasons --------------------------------------------------------------------------------------


def test_a_reason_is_asked_for_and_comes_back_with_its_token(
    wire: Wire, simulator: Simulator, posted: Posted
) -> None:
    connector = wire()
    (answer,) = connector.read_answers(pressed(simulator, posted, HAND_BACK))
    assert (answer.asks, answer.text) == ("理由", "")
    assert connector.ask(answer) is True
    (view,) = simulator.views
    assert simulator.views[view]["view"]["blocks"][0]["label"]["text"] == "理由"
    sent = received(simulator.submit(view, "予算が来期まで決まらない\n"))
    assert connector.verify(sent) is None
    (typed,) = connector.read_answers(sent)
    assert (typed.token, typed.action, typed.by) == ("tok-42", HAND_BACK, SUZUKI)
    assert (typed.text, typed.message_id) == ("予算が来期まで決まらない", posted.id)
    assert (typed.at, typed.asks) == (AT, "")
    assert typed.id != answer.id
    assert connector.read_hook(sent).event_ids == (typed.id,)


@pytest.mark.parametrize(("seconds", "opened"), [(2, True), (4, False)])
def test_a_trigger_lives_three_seconds(
    wire: Wire, simulator: Simulator, posted: Posted, clock: Any, seconds: int, opened: bool
) -> None:
    (answer,) = wire().read_answers(pressed(simulator, posted, HAND_BACK))
    clock.at += timedelta(seconds=seconds)
    assert wire().ask(answer) is opened
    assert len(simulator.views) == int(opened)


def test_a_trigger_opens_one_window_and_an_unknown_one_none(
    wire: Wire, simulator: Simulator, posted: Posted
) -> None:
    (answer,) = wire().read_answers(pressed(simulator, posted, HAND_BACK))
    assert wire().ask(answer)
    assert not wire().ask(answer)
    assert not wire().ask(replace(answer, trigger="1.2.3"))
    assert not wire().ask(replace(answer, trigger=""))


def test_a_recorded_reason_is_read(wire: Wire) -> None:
    (answer,) = wire().read_answers(told(RECORDED["typed"], form=True))
    assert (answer.token, answer.action) == ("tok-42", HAND_BACK)
    assert answer.text == "予算が来期まで決まらない"
    assert answer.message_id == "C0SALES001:1775001600.000300"


def test_another_apps_window_is_no_answer(wire: Wire) -> None:
    view = {**RECORDED["typed"]["view"], "callback_id": "survey"}
    assert wire().read_answers(told({**RECORDED["typed"], "view": view}, form=True)) == []


# -- what the person is told ----------------------------------------------------------------------


def test_whoever_pressed_is_told_where_they_pressed(
    wire: Wire, simulator: Simulator, posted: Posted
) -> None:
    (answer,) = wire().read_answers(pressed(simulator, posted, ACCEPT))
    wire().tell(answer, "すでに<高橋>さんが承認しました")
    (note,) = simulator.whispers.values()
    assert note == {
        "channel": CHANNEL,
        "user": SUZUKI,
        "text": "すでに&lt;高橋&gt;さんが承認しました",
    }
    assert simulator.seen[-1].path.startswith("/actions/")


def test_a_response_address_that_is_used_up_is_done_without(
    wire: Wire, simulator: Simulator, posted: Posted, clock: Any
) -> None:
    (answer,) = wire().read_answers(pressed(simulator, posted, ACCEPT))
    connector = wire()
    for _ in range(6):
        connector.tell(answer, "承認済みです")
    assert simulator.seen[-1].path == "/api/chat.postEphemeral"
    (late,) = wire().read_answers(pressed(simulator, posted, ACCEPT))
    clock.at += timedelta(minutes=31)
    connector.tell(late, "承認済みです")
    assert simulator.seen[-1].path == "/api/chat.postEphemeral"
    assert len(simulator.whispers) == 7


def test_our_token_is_not_sent_to_a_response_address(
    wire: Wire, simulator: Simulator, posted: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    (answer,) = wire().read_answers(pressed(simulator, posted, ACCEPT))
    given: list[bool] = []
    monkeypatch.setattr(
        simulator, "admit", lambda request: given.append("authorization" in request.headers)
    )
    wire().tell(answer, "承認済みです")
    assert given == [False]


# -- threads and events ---------------------------------------------------------------------------


def test_words_in_the_thread_answer_too(wire: Wire, simulator: Simulator, posted: Posted) -> None:
    simulator.say(TAKAHASHI, "差戻し 対象外のため", thread_ts=posted.id.partition(":")[2])
    (answer,) = wire().read_answers(received(simulator.deliveries[-1]))
    assert (answer.action, answer.text, answer.token) == (HAND_BACK, "対象外のため", "")
    assert (answer.by, answer.message_id) == (TAKAHASHI, posted.id)


def test_a_recorded_reply_is_read_as_people_see_it(wire: Wire) -> None:
    (answer,) = wire().read_answers(told(RECORDED["thread"]))
    assert (answer.action, answer.text) == (RECYCLE, "来年度にもう一度 <展示会> で")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"bot_id": "B0BOT00001"}, id="a bot"),
        pytest.param({"subtype": "channel_join"}, id="no message of a person"),
        pytest.param({"thread_ts": "1775001640.000500"}, id="the thread's first"),
        pytest.param({"thread_ts": ""}, id="no thread"),
        pytest.param({"user": ""}, id="nobody"),
        pytest.param({"type": "reaction_added"}, id="another event"),
    ],
)
def test_what_is_no_reply_is_no_answer(wire: Wire, change: dict[str, str]) -> None:
    event = {**RECORDED["thread"]["event"], **change}
    assert wire().read_answers(told({**RECORDED["thread"], "event": event})) == []


def test_an_event_that_is_sent_again_is_the_same_event(
    wire: Wire, simulator: Simulator, posted: Posted, clock: Any
) -> None:
    connector = wire()
    simulator.say(TAKAHASHI, "承認", thread_ts=posted.id.partition(":")[2])
    first = simulator.deliveries[-1]
    for number, wait in ((1, 0), (2, 60), (3, 300)):
        clock.at += timedelta(seconds=wait)
        again = simulator.again(first, number)
        assert again.headers["x-slack-retry-num"] == str(number)
        connector.verify(received(again))
        assert connector.read_hook(received(again)) == connector.read_hook(received(first))
        assert connector.read_answers(received(again)) == connector.read_answers(received(first))


def test_an_event_brings_the_message_as_the_pull_would(wire: Wire, simulator: Simulator) -> None:
    connector = wire()
    simulator.events_url = URL
    ts = simulator.say(SUZUKI, "<mailto:kato@aozora.example|kato@aozora.example> に電話")
    simulator.edit(CHANNEL, ts, "kato@aozora.example に訪問")
    created, edited = (connector.read_hook(received(sent)) for sent in simulator.deliveries)
    (page,) = connector.pull(f"messages:{CHANNEL}", None)
    assert list(page.records) == list(edited.records)
    assert created.records[0].external_id == ts
    assert created.records[0].version != edited.records[0].version


@pytest.mark.parametrize(
    ("text", "more"),
    [
        pytest.param("お昼に行きます", {}, id="about nobody"),
        pytest.param("kato@aozora.example", {"user": BOT, "bot_id": "B1"}, id="of a bot"),
        pytest.param("kato@aozora.example", {"channel": "C0OTHER001"}, id="another channel"),
        pytest.param("kato@aozora.example", {"thread_ts": "1775001600.000300"}, id="a reply"),
    ],
)
def test_what_is_not_read_is_accepted_and_passed_over(
    wire: Wire, text: str, more: dict[str, str]
) -> None:
    event = {"type": "message", "user": SUZUKI, "text": text, "ts": "1775001640.000500"}
    body = {
        "type": "event_callback",
        "event_id": "Ev1",
        "event": {**event, "channel": CHANNEL} | more,
    }
    news = wire().read_hook(told(body))
    assert (news.event_ids, news.records) == (("Ev1",), ())


def test_a_request_of_another_kind_is_accepted(wire: Wire) -> None:
    shortcut = told({"type": "shortcut", "callback_id": "x"}, form=True)
    assert wire().read_answers(shortcut) == []
    assert wire().read_hook(shortcut).event_ids


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"payload=", b"payload=%5B1%5D", b"x=1"])
def test_a_body_of_another_shape_is_a_broken_contract(wire: Wire, body: bytes) -> None:
    with pytest.raises(ContractBroken):
        wire().read_hook(hook(body))
    with pytest.raises(ContractBroken):
        wire().read_answers(hook(body))
