"""Answers: by webhook, signed and once; by asking, where no webhook came; and completed tasks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import connectors.chatwork
from connectors.chatwork import Connector
from connectors.chatwork.markup import reply_to
from connectors.chatwork.simulator import BOT, PEOPLE, ROOM, WEBHOOK_TOKEN, Simulator
from connectors.kit.base import Hook
from connectors.kit.errors import BadSignature, ContractBroken
from connectors.kit.messages import ACCEPT, HAND_BACK, RECYCLE, Button, Message, Posted
from connectors.kit.simulator import Delivery

Wire = Callable[..., Connector]
HOME = Path(connectors.chatwork.__file__).parent
RECORDED: dict[str, Any] = json.loads((HOME / "cassettes" / "hooks.json").read_text("utf-8"))
URL = "https://hub.example/hooks/cw"
SUZUKI, TAKAHASHI = PEOPLE
VECTOR_TOKEN = "6YCj5pC644Gu6Y2144Gv5LiJ5Y2B5LqM44OQ44Kk44OI"
VECTOR_BODY = '{"webhook_setting_id":"246","webhook_event":{"body":"承認"}}'.encode()
VECTOR_SIGNATURE = "OsNW7fGbKa83J8gq5e1IoPmBfmrNbONIoB14GHqUNGM="
"""Made with openssl dgst over the decoded token, not with our own code."""


def hook(body: bytes, signature: str | None = None) -> Hook:
    headers = {} if signature is None else {"x-chatworkwebhooksignature": signature}
    return Hook("POST", URL, headers, body, datetime(2026, 4, 1, tzinfo=UTC))


def told(event: Any) -> Hook:
    return hook(json.dumps(event).encode())


def received(sent: Delivery) -> Hook:
    return Hook(sent.method, sent.url, sent.headers, sent.body, datetime(2026, 4, 1, tzinfo=UTC))


def post(connector: Connector, *people: int) -> Posted:
    button = Button(ACCEPT, "承認", "tok-42")
    names = tuple(str(one) for one in people)
    return connector.post(Message(str(ROOM), "引き継ぎ", (), (button,), task_for=names))


def under(posted: Posted) -> str:
    return posted.id.partition("-")[2]


def test_a_signature_made_elsewhere_is_good(wire: Wire) -> None:
    connector = wire(webhook_tokens=[WEBHOOK_TOKEN, VECTOR_TOKEN])
    assert connector.verify(hook(VECTOR_BODY, VECTOR_SIGNATURE)) is None
    with pytest.raises(BadSignature):
        connector.verify(hook(VECTOR_BODY + b" ", VECTOR_SIGNATURE))


@pytest.mark.parametrize(
    ("tokens", "signature"),
    [
        pytest.param([VECTOR_TOKEN], None, id="none"),
        pytest.param([VECTOR_TOKEN], "", id="empty"),
        pytest.param([VECTOR_TOKEN], VECTOR_SIGNATURE[:-2] + "A=", id="another"),
        pytest.param([WEBHOOK_TOKEN], VECTOR_SIGNATURE, id="of another webhook"),
        pytest.param(["no base64 at all"], VECTOR_SIGNATURE, id="a token that is none"),
        pytest.param([], VECTOR_SIGNATURE, id="no token configured"),
    ],
)
def test_a_webhook_without_our_signature_is_refused(
    wire: Wire, tokens: list[str], signature: str | None
) -> None:
    with pytest.raises(BadSignature):
        wire(webhook_tokens=tokens).verify(hook(VECTOR_BODY, signature))


def test_a_reply_under_a_hand_off_is_its_answer(wire: Wire, simulator: Simulator) -> None:
    connector = wire()
    simulator.set_webhook(URL)
    posted = post(connector)
    simulator.reply(SUZUKI, under(posted), "差戻し　予算が来期まで決まらない")
    sent = received(simulator.deliveries[-1])
    connector.verify(sent)
    (answer,) = connector.read_answers(sent)
    assert (answer.action, answer.text) == (HAND_BACK, "予算が来期まで決まらない")
    assert (answer.by, answer.message_id, answer.token) == (str(SUZUKI), posted.id, "")


def test_a_recorded_reply_is_read(wire: Wire) -> None:
    (answer,) = wire().read_answers(told(RECORDED["reply"]))
    assert answer.action == HAND_BACK
    assert answer.text == "予算が来期まで決まらないため"
    assert answer.at == datetime.fromtimestamp(1775001625, UTC)
    assert answer.message_id == "567890123-1000000000000300"
    assert answer.reply_to == "567890123-1000000000000301"


def test_words_that_say_no_action_come_without_one(wire: Wire, simulator: Simulator) -> None:
    connector = wire()
    posted = post(connector)
    simulator.reply(SUZUKI, under(posted), "承認できません、予算は？")
    (answer,) = connector.collect_answers([posted])
    assert (answer.action, answer.text) == ("", "承認できません、予算は？")


def test_one_reply_is_one_answer_however_often_and_by_whichever_way_it_comes(
    wire: Wire, simulator: Simulator
) -> None:
    connector = wire()
    simulator.set_webhook(URL)
    simulator.set_webhook(f"{URL}-mentions", room_id=None)
    posted = post(connector)
    tag = f"[rp aid={BOT} to={posted.id}]"
    simulator.say(SUZUKI, f"{tag}[To:{BOT}]連携ボットさん\n承認")
    by_room, by_mention = (received(sent) for sent in simulator.deliveries[-2:])
    (first,), (second,) = connector.read_answers(by_room), connector.read_answers(by_mention)
    (asked,) = connector.collect_answers([posted])
    assert first == second == asked
    assert connector.read_hook(by_room).event_ids != connector.read_hook(by_mention).event_ids
    assert connector.read_hook(by_room).event_ids == connector.read_hook(by_room).event_ids


def test_an_edited_reply_is_another_answer(wire: Wire, simulator: Simulator) -> None:
    connector = wire()
    posted = post(connector)
    reply = simulator.reply(SUZUKI, under(posted), "承認")
    (before,) = connector.collect_answers([posted])
    simulator.edit(reply, simulator.messages[reply]["body"].replace("承認", "再育成 来年度"))
    (after,) = connector.collect_answers([posted])
    assert (after.action, after.text) == (RECYCLE, "来年度")
    assert after.id != before.id


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("承認", id="no reply"),
        pytest.param(f"[rp aid={SUZUKI} to={ROOM}-1]鈴木さん\n承認", id="to somebody else"),
        pytest.param(f"[To:{BOT}] 承認", id="a mention only"),
    ],
)
def test_what_is_no_reply_to_us_is_no_answer(wire: Wire, simulator: Simulator, body: str) -> None:
    simulator.set_webhook(URL)
    simulator.say(TAKAHASHI, body)
    assert wire().read_answers(received(simulator.deliveries[-1])) == []


def test_what_we_say_ourselves_is_no_answer_and_no_record(wire: Wire, simulator: Simulator) -> None:
    connector = wire()
    simulator.set_webhook(URL)
    posted = post(connector)
    simulator.reply(BOT, under(posted), "承認 kato@aozora.example")
    sent = received(simulator.deliveries[-1])
    assert connector.read_answers(sent) == []
    assert connector.read_hook(sent).records == ()
    (messages, _) = (list(connector.pull(name, None)) for name in connector.streams())
    assert [page.records for page in messages] == [[]]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param("[rp aid=1 to=2-3]承認", "承認", id="on the same line"),
        pytest.param("[rp aid=9 to=8-7] [rp aid=1 to=2-3]\n承認", "承認", id="the second tag"),
        pytest.param(
            "[rp aid=1 to=2-3]\n[qt][qtmeta aid=1 time=5]差戻し 旧[qt]再育成[/qt][/qt]承認",
            "承認",
            id="a quotation",
        ),
        pytest.param("[rp aid=1 to=2-3]\n[/qt]承認", "承認", id="a quotation that never began"),
        pytest.param("[rp aid=1 to=2-3]\n[qt]承認", "", id="a quotation that never ends"),
        pytest.param("[rp aid=1 to=2-3]\n[b]承認[/b](F)", "承認(F)", id="other tags"),
    ],
)
def test_a_replys_words_are_its_own(body: str, words: str) -> None:
    assert reply_to(body, 1) == ("2-3", words)


def test_a_completed_task_accepts(wire: Wire, simulator: Simulator) -> None:
    connector = wire()
    posted, other = post(connector, SUZUKI, TAKAHASHI), post(connector)
    assert connector.collect_answers([posted, other]) == []
    simulator.complete(posted.task_ids[1])
    (answer,) = connector.collect_answers([posted, other])
    assert (answer.action, answer.by) == (ACCEPT, str(TAKAHASHI))
    assert answer.message_id == posted.id
    again = connector.collect_answers([posted, other])
    assert [one.id for one in again] == [answer.id]


def test_asking_costs_two_requests_a_room(wire: Wire, simulator: Simulator) -> None:
    connector = wire()
    posted = [post(connector, SUZUKI) for _ in range(5)]
    before = len(simulator.seen)
    connector.collect_answers(posted)
    assert len(simulator.seen) - before == 2


def test_a_message_of_another_room_is_accepted_and_passed_over(wire: Wire) -> None:
    event = RECORDED["mention"]
    assert len(wire().read_hook(told(event)).records) == 1
    news = wire(rooms=[]).read_hook(told(event))
    assert news.records == ()
    assert news.event_ids


def test_a_webhook_brings_the_message_as_the_pull_would(wire: Wire, simulator: Simulator) -> None:
    connector = wire()
    simulator.set_webhook(URL)
    simulator.say(SUZUKI, "加藤さん kato@aozora.example に電話しました")
    (told_record,) = connector.read_hook(received(simulator.deliveries[-1])).records
    (page,) = connector.pull(f"messages:{ROOM}", None)
    assert list(page.records) == [told_record]


def test_an_event_of_another_kind_is_accepted(wire: Wire) -> None:
    event = told({"webhook_setting_id": "1", "webhook_event_type": "room_renamed"})
    news = wire().read_hook(event)
    assert (news.records, wire().read_answers(event)) == ((), [])
    assert news.event_ids == wire().read_hook(event).event_ids
    assert news.event_ids != wire().read_hook(replace(event, body=event.body + b" ")).event_ids


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[1]",
        b"{",
        b'{"webhook_event_type":"message_created"}',
        b'{"webhook_event_type":"message_created","webhook_event":[]}',
        b'{"webhook_event_type":"message_created","webhook_event":{"room_id":"x"}}',
    ],
)
def test_a_body_of_another_shape_is_a_broken_contract(wire: Wire, body: bytes) -> None:
    with pytest.raises(ContractBroken):
        wire().read_hook(hook(body))
    with pytest.raises(ContractBroken):
        wire().read_answers(hook(body))
