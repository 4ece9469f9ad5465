"""Hand-offs in a channel: written in blocks, changed, found again, limited and refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectors.slack
from connectors.kit.base import Hook
from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordGone,
    RecordRejected,
    Unavailable,
)
from connectors.kit.messages import (
    ACCEPT,
    HAND_BACK,
    RECYCLE,
    Asks,
    Button,
    FindsPosts,
    KnowsPeople,
    Message,
    Posted,
    Posts,
    ReadsAnswers,
    Tells,
)
from connectors.kit.simulator import Fault, json_response
from connectors.slack import Connector, Options
from connectors.slack.blocks import content, mark_of
from connectors.slack.records import words_of
from connectors.slack.simulator import CHANNEL, PEOPLE, Simulator
from connectors.slack.simulator_rules import faults

Wire = Callable[..., Connector]
HOME = Path(connectors.slack.__file__).parent
REFUSALS: dict[str, Any] = json.loads((HOME / "cassettes" / "refusals.json").read_text("utf-8"))
SUZUKI, TAKAHASHI = PEOPLE
BUTTONS = (
    Button(ACCEPT, "承認", "tok-42"),
    Button(HAND_BACK, "差戻し", "tok-42", asks="差戻しの理由"),
    Button(RECYCLE, "再育成", "tok-42", asks="再育成の理由"),
)
DUE = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
OPTIONS = Options.model_validate({"bot_token": "xoxb-x", "thread_replies": True})


def hand_off(**more: Any) -> Message:
    given: dict[str, Any] = {
        "room": CHANNEL,
        "title": "引き継ぎ: 株式会社青空製作所",
        "lines": ("加藤 恵（購買部 部長）", "kato@aozora.example"),
        "buttons": BUTTONS,
        "mention": (SUZUKI,),
        **more,
    }
    return Message(**given)


def said(simulator: Simulator, posted: Posted) -> dict[str, Any]:
    return simulator.messages[posted.id]


def texts(row: dict[str, Any]) -> list[str]:
    return [block["text"]["text"] for block in row["blocks"] if block["type"] == "section"]


def test_it_can_do_what_the_hub_asks_a_communication_tool_for(wire: Wire) -> None:
    for capability in (Posts, FindsPosts, ReadsAnswers, Asks, Tells, KnowsPeople):
        assert isinstance(wire(), capability)


def test_a_message_has_its_words_and_its_buttons(wire: Wire, simulator: Simulator) -> None:
    row = said(simulator, wire().post(hand_off(due=DUE)))
    assert texts(row) == [
        f"*引き継ぎ: 株式会社青空製作所*\n<@{SUZUKI}>",
        "加藤 恵（購買部 部長）\nkato@aozora.example\n期限: 2026-04-02 18:00",
    ]
    (actions,) = [block for block in row["blocks"] if block["type"] == "actions"]
    assert [(one["action_id"], one["text"]["text"]) for one in actions["elements"]] == [
        ("renkei.accept", "承認"),
        ("renkei.hand_back", "差戻し"),
        ("renkei.recycle", "再育成"),
    ]
    assert json.loads(actions["elements"][1]["value"]) == {
        "token": "tok-42",
        "asks": "差戻しの理由",
    }
    assert row["text"].startswith(f"<@{SUZUKI}>\n引き継ぎ: 株式会社青空製作所\n加藤 恵")


def test_replies_are_explained_only_where_they_are_heard(wire: Wire, simulator: Simulator) -> None:
    deaf = said(simulator, wire().post(hand_off()))
    hears = said(simulator, wire(thread_replies=True).post(hand_off()))
    assert [block["type"] for block in deaf["blocks"]] == ["section", "section", "actions"]
    assert hears["blocks"][-1]["elements"][0]["text"] == (
        "このスレッドへの返信でも答えられます: "
        "「承認」 「差戻し （差戻しの理由）」 「再育成 （再育成の理由）」"
    )


@pytest.mark.parametrize(
    "text", ["<!channel>", "<@U0TAKAHA01>", "<https://x.example|y>", "A&B <c>"]
)
def test_what_people_wrote_calls_nobody(wire: Wire, simulator: Simulator, text: str) -> None:
    button = Button(ACCEPT, text, text, asks=text)
    posted = wire(thread_replies=True).post(
        hand_off(title=text, lines=(text,), mention=(), buttons=(button,))
    )
    row = said(simulator, posted)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert texts(row) == [f"*{escaped}*", escaped]
    assert row["text"] == f"{escaped}\n{escaped}"
    assert simulator.called == []


@given(
    st.text(max_size=200),
    st.lists(st.text(st.sampled_from("&<>あa\n"), max_size=9_000), max_size=4),
    st.booleans(),
)
def test_any_message_fits_the_sizes_and_no_escape_is_cut(
    title: str, lines: list[str], buttons: bool
) -> None:
    message = hand_off(title=title, lines=tuple(lines), buttons=BUTTONS if buttons else ())
    made = content(message, ["<@U0SUZUKI01>"], OPTIONS)
    assert [fault for fault in faults(made["blocks"]) if "1 to" not in fault] == []
    sections = [block["text"]["text"] for block in made["blocks"] if block["type"] == "section"]
    assert max(map(len, sections)) <= 3_000
    for text in sections[1:]:
        bare = text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
        assert not set(bare) & set("&<>")
    assert len(made["text"]) <= 40_000
    assert ("actions" in [block["type"] for block in made["blocks"]]) is buttons


@pytest.mark.parametrize("length", [2_999, 3_000, 3_001, 7_777])
def test_a_line_longer_than_a_section_is_cut_between_characters(length: int) -> None:
    line = ("あ<&>" * 2_000)[:length]
    made = content(hand_off(lines=(line,), buttons=(), mention=()), [], OPTIONS)
    pieces = texts(made)[1:]
    assert max(map(len, pieces)) <= 3_000
    assert words_of("\n".join(pieces)).replace("\n", "") == line
    assert all(words_of(piece).count("&") == piece.count("&amp;") for piece in pieces)


def test_a_message_of_many_lines_keeps_its_buttons(wire: Wire, simulator: Simulator) -> None:
    row = said(simulator, wire(thread_replies=True).post(hand_off(lines=("&" * 3_000,) * 90)))
    assert len(row["blocks"]) == 50
    assert [block["type"] for block in row["blocks"][-2:]] == ["actions", "context"]
    assert texts(row)[-1] == "…"


def test_people_are_mentioned_by_id_or_by_mail_address(wire: Wire, simulator: Simulator) -> None:
    connector = wire()
    people = (SUZUKI, "takahashi@mihon.example", "nobody@mihon.example")
    posted = connector.post(hand_off(mention=people, task_for=(SUZUKI,)))
    assert texts(said(simulator, posted))[0].endswith(
        f"\n<@{SUZUKI}> <@{TAKAHASHI}> nobody@mihon.example"
    )
    connector.post(hand_off(mention=people))
    assert [seen.path for seen in simulator.seen].count("/api/users.lookupByEmail") == 2


def test_a_message_is_changed_and_loses_its_buttons(wire: Wire, simulator: Simulator) -> None:
    connector = wire()
    posted = connector.post(hand_off())
    assert connector.update(posted, hand_off(title="鈴木さんが承認しました", buttons=())) == posted
    row = said(simulator, posted)
    assert texts(row)[0].startswith("*鈴木さんが承認しました*")
    assert "actions" not in [block["type"] for block in row["blocks"]]


def test_a_lost_answer_is_found_again_and_not_posted_twice(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    connector = wire()
    began = clock()
    simulator.faults.append(Fault("/chat.postMessage", after=True))
    with pytest.raises(Unavailable) as caught:
        connector.post(hand_off())
    assert caught.value.maybe_applied
    found = connector.find_posted(hand_off(), began)
    assert found == Posted(next(iter(simulator.messages)))
    other = Button(ACCEPT, "承認", "tok-43")
    assert connector.find_posted(hand_off(buttons=(other,)), began) is None
    clock.at += timedelta(days=1)
    assert connector.find_posted(hand_off(), clock()) is None


def test_a_mark_is_of_the_room_the_words_and_the_tokens() -> None:
    marks = {
        mark_of(hand_off()),
        mark_of(hand_off(room="C0OTHER001")),
        mark_of(hand_off(title="別件")),
        mark_of(hand_off(lines=())),
        mark_of(hand_off(buttons=())),
    }
    assert len(marks) == 5
    assert mark_of(hand_off()) == mark_of(hand_off(mention=()))


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        pytest.param({"room": "sales"}, "SLACK_NO_CHANNEL", "room", id="a channel by name"),
        pytest.param({"mention": ("鈴木",)}, "SLACK_NO_USER_ID", "mention", id="a name"),
        pytest.param({"mention": ("!channel",)}, "SLACK_NO_USER_ID", "mention", id="everybody"),
        pytest.param(
            {"buttons": (Button(ACCEPT, "承認", "x" * 2_000),)},
            "SLACK_TOO_LONG",
            "buttons",
            id="a token too long",
        ),
    ],
)
def test_a_message_that_cannot_go_out_says_what_is_at_fault(
    wire: Wire, simulator: Simulator, more: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(RecordRejected) as caught:
        wire().post(hand_off(**more))
    assert (caught.value.code, caught.value.fields) == (code, (field,))
    assert len(simulator.messages) == 0


def test_a_channel_without_the_app_or_archived_stops_only_its_message(
    wire: Wire, simulator: Simulator
) -> None:
    other = simulator.add_channel("board", with_bot=False)
    old = simulator.add_channel("old")
    simulator.archive(old)
    for channel in (other, old):
        with pytest.raises(RecordRejected, match="invite the app"):
            wire().post(hand_off(room=channel))


@pytest.mark.parametrize(
    ("recorded", "error", "code"),
    [
        pytest.param("not_in_channel", RecordRejected, "SLACK_NO_CHANNEL", id="not in it"),
        pytest.param("channel_not_found", RecordRejected, "SLACK_NO_CHANNEL", id="no channel"),
        pytest.param("is_archived", RecordRejected, "SLACK_NO_CHANNEL", id="archived"),
        pytest.param("invalid_blocks", RecordRejected, "SLACK_REFUSED", id="blocks"),
        pytest.param("msg_too_long", RecordRejected, "SLACK_REFUSED", id="too long"),
        pytest.param("message_not_found", RecordGone, "SLACK_NO_MESSAGE", id="gone"),
        pytest.param("invalid_auth", AuthFailed, "SLACK_TOKEN_REFUSED", id="a wrong token"),
        pytest.param("token_revoked", AuthFailed, "SLACK_TOKEN_REFUSED", id="a revoked token"),
        pytest.param("missing_scope", AuthFailed, "SLACK_SCOPE", id="a missing scope"),
        pytest.param("ratelimited", RateLimited, "SLACK_RATE_LIMITED", id="too often"),
        pytest.param("internal_error", Unavailable, "SLACK_UNAVAILABLE", id="a fault"),
        pytest.param("fatal_error", Unavailable, "SLACK_UNAVAILABLE", id="a worse fault"),
    ],
)
def test_a_recorded_refusal_in_a_200_is_the_right_error(
    wire: Wire, simulator: Simulator, recorded: str, error: type[ConnectorError], code: str
) -> None:
    planted = json_response(REFUSALS[recorded])
    simulator.faults.append(Fault("/chat.postMessage", response=planted))
    with pytest.raises(error, match=recorded) as caught:
        wire().post(hand_off())
    assert caught.value.code == code
    assert getattr(caught.value, "maybe_applied", True)


def test_a_missing_scope_is_named(wire: Wire, simulator: Simulator) -> None:
    simulator.scopes.discard("chat:write")
    with pytest.raises(AuthFailed, match="give the app chat:write"):
        wire().post(hand_off())
    assert wire().identify().scopes_missing == ("chat:write",)


@pytest.mark.parametrize("word", ["Kato <kato@aozora.example> is wrong", 42, None])
def test_a_refusal_that_is_no_word_is_not_repeated(
    wire: Wire, simulator: Simulator, word: object
) -> None:
    planted = json_response({"ok": False, "error": word})
    simulator.faults.append(Fault("/chat.postMessage", response=planted))
    with pytest.raises(RecordRejected) as caught:
        wire().post(hand_off())
    assert "kato" not in str(caught.value)


@pytest.mark.parametrize("body", [[], {}, {"ok": "yes"}])
def test_an_answer_without_ok_is_a_broken_contract(
    wire: Wire, simulator: Simulator, body: Any
) -> None:
    simulator.faults.append(Fault("/chat.postMessage", response=json_response(body)))
    with pytest.raises(ContractBroken):
        wire().post(hand_off())


def test_posts_to_one_channel_are_spread_and_none_is_refused(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    connector = wire()
    for number in range(6):
        connector.post(hand_off(title=f"引き継ぎ {number}"))
    assert {seen.status for seen in simulator.seen} == {200}
    assert len(clock.slept) == 5


def test_another_channel_does_not_wait(wire: Wire, simulator: Simulator, clock: Any) -> None:
    connector = wire()
    connector.post(hand_off())
    connector.post(hand_off(room=simulator.add_channel("osaka")))
    assert clock.slept == []


def test_a_short_wait_is_waited_out_and_a_long_one_is_told(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    for seconds in ("1", "37"):
        slow = json_response(REFUSALS["ratelimited"], 429, {"Retry-After": seconds})
        simulator.faults.append(Fault("/chat.postMessage", response=slow))
    posted = wire().post
    with pytest.raises(RateLimited) as caught:
        posted(hand_off())
    assert caught.value.retry_after == 37.0
    assert clock.slept[0] == 1.0
    assert posted(hand_off()).id


def test_whose_workspace_it_is_and_which_scopes_lack(wire: Wire, simulator: Simulator) -> None:
    assert wire().identify().account == "見本商事"
    simulator.scopes.discard("channels:history")
    assert wire().identify().scopes_missing == ("channels:history",)
    assert wire(channels=[]).identify().scopes_missing == ()


def test_a_persons_address_is_known_where_it_may_be(wire: Wire, simulator: Simulator) -> None:
    assert wire().email_of(SUZUKI) == "suzuki@mihon.example"
    assert wire().email_of("U0NOBODY01") is None
    simulator.scopes.discard("users:read.email")
    assert wire().email_of(SUZUKI) is None


@pytest.mark.parametrize("posted", ["", "C0SALES001", "C0SALES001:1775001600", ":1.000001"])
def test_a_name_of_no_message_is_refused(wire: Wire, posted: str) -> None:
    with pytest.raises(RecordRejected) as caught:
        wire().update(Posted(posted), hand_off())
    assert caught.value.code == "SLACK_NO_MESSAGE"


def test_nothing_is_told_to_an_address_that_is_not_slacks(wire: Wire, simulator: Simulator) -> None:
    connector = wire()
    posted = connector.post(hand_off())
    channel, _, ts = posted.id.partition(":")
    simulator.hooks_url = "https://hooks.slack.com.evil.example"
    sent = simulator.press(channel, ts, "renkei.accept", SUZUKI)
    (answer,) = connector.read_answers(Hook("POST", "", sent.headers, sent.body, DUE))
    assert answer.reply_to.startswith("https://hooks.slack.com.evil.example/actions/")
    connector.tell(answer, "すでに承認されています")
    assert [seen.path for seen in simulator.seen] == [
        "/api/chat.postMessage",
        "/api/chat.postEphemeral",
    ]
    (note,) = simulator.whispers.values()
    assert (note["user"], note["text"]) == (SUZUKI, "すでに承認されています")


def test_our_json_names_its_charset(wire: Wire, simulator: Simulator) -> None:
    bare = {"content-type": "application/json", "authorization": "Bearer xoxb-rehearsal"}
    refused = wire().api.session.post(
        "/chat.postMessage", content=orjson.dumps({"channel": CHANNEL, "text": "x"}), headers=bare
    )
    assert refused.json()["error"] == "invalid_charset"
