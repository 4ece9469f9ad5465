"""Hand-offs in a room: written so that they can be answered, changed, found again and limited."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.chatwork import Connector, Options
from connectors.chatwork.markup import body_of, plain, task_body
from connectors.chatwork.simulator import BOT, PEOPLE, ROOM, Simulator
from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    RateLimited,
    RecordGone,
    RecordRejected,
    Unavailable,
)
from connectors.kit.messages import (
    ACCEPT,
    HAND_BACK,
    RECYCLE,
    Button,
    CollectsAnswers,
    FindsPosts,
    Message,
    Posted,
    Posts,
    ReadsAnswers,
    Tells,
)
from connectors.kit.simulator import Fault, Response, json_response

Wire = Callable[..., Connector]
SUZUKI, TAKAHASHI = (str(number) for number in PEOPLE)
BUTTONS = (
    Button(ACCEPT, "承認", "tok-42"),
    Button(HAND_BACK, "差戻し", "tok-42", asks="理由"),
    Button(RECYCLE, "再育成", "tok-42", asks="理由"),
)
DUE = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
OPTIONS = Options.model_validate({"token": "t", "account_id": BOT})


def hand_off(**more: Any) -> Message:
    given: dict[str, Any] = {
        "room": str(ROOM),
        "title": "引き継ぎ: 株式会社青空製作所",
        "lines": ("加藤 恵（購買部 部長）", "kato@aozora.example", "4/8 に訪問の約束"),
        "buttons": BUTTONS,
        "mention": (SUZUKI,),
        **more,
    }
    return Message(**given)


def body(simulator: Simulator, posted: Posted) -> str:
    return str(simulator.messages[posted.id.partition("-")[2]]["body"])


def test_it_can_do_what_the_hub_asks_a_communication_tool_for(wire: Wire) -> None:
    for capability in (Posts, FindsPosts, ReadsAnswers, CollectsAnswers, Tells):
        assert isinstance(wire(), capability)


def test_a_message_calls_people_and_explains_the_words_to_reply(
    wire: Wire, simulator: Simulator
) -> None:
    posted = wire().post(hand_off(due=DUE))
    assert body(simulator, posted) == (
        f"[To:{SUZUKI}]\n"
        "[info][title]引き継ぎ: 株式会社青空製作所[/title]加藤 恵（購買部 部長）\n"
        "kato@aozora.example\n4/8 に訪問の約束\n期限: 2026-04-02 18:00"
        "[hr]このメッセージに返信で答えてください: 「承認」 「差戻し （理由）」 「再育成 （理由）」"
        "[/info]"
    )
    assert posted.id.startswith(f"{ROOM}-")
    assert (posted.task_ids, posted.missing) == ((), None)


def test_the_connectors_own_words_come_in_english_too(wire: Wire, simulator: Simulator) -> None:
    posted = wire(language="en", words={"accept": ["take"]}).post(hand_off(buttons=BUTTONS[:2]))
    assert 'Answer by replying to this message: "take" "差戻し (理由)"' in body(simulator, posted)


def test_what_people_wrote_has_no_markup(wire: Wire, simulator: Simulator) -> None:
    lines = ("[toall] 社長", "[To:2002][/info][info]")
    posted = wire().post(hand_off(title="[code]", lines=lines, mention=(), buttons=()))
    assert body(simulator, posted) == (
        "[info][title]［code］[/title]［toall］ 社長\n［To:2002］［/info］［info］[/info]"
    )


@given(st.text(), st.lists(st.text(), max_size=4))
def test_no_text_brings_markup_of_its_own(title: str, lines: list[str]) -> None:
    bare = body_of(Message("1", "", ("",) * len(lines)), OPTIONS)
    full = body_of(Message("1", title, tuple(lines)), OPTIONS)
    assert full.count("[") == bare.count("[")
    assert "[" not in plain(title)


@pytest.mark.parametrize("lines", [("あ" * 70_000,), ("あ" * 99,) * 900])
def test_a_long_message_is_cut_and_still_says_how_to_answer(
    wire: Wire, simulator: Simulator, lines: tuple[str, ...]
) -> None:
    posted = wire().post(hand_off(lines=lines, task_for=(SUZUKI,)))
    said = body(simulator, posted)
    assert len(said) == 65_535
    assert "…[hr]このメッセージに返信" in said
    assert said.endswith("[/info]")
    assert posted.missing is None
    assert len(simulator.tasks[posted.task_ids[0]]["body"]) == 65_535


def test_a_task_goes_with_a_message(wire: Wire, simulator: Simulator) -> None:
    posted = wire().post(hand_off(task_for=(SUZUKI, TAKAHASHI), due=DUE))
    tasks = [simulator.tasks[one] for one in posted.task_ids]
    assert [str(task["account_id"]) for task in tasks] == [SUZUKI, TAKAHASHI]
    assert {task["body"] for task in tasks} == {task_body(hand_off())}
    assert {(task["limit_type"], task["limit_time"]) for task in tasks} == {
        ("time", int(DUE.timestamp()))
    }
    assert "タスクの完了は「承認」になります。" in body(simulator, posted)


def test_a_task_that_fails_does_not_take_the_message_back(wire: Wire, simulator: Simulator) -> None:
    connector = wire()
    simulator.faults.append(Fault("/tasks", method="POST", response=Response("busy", 503)))
    posted = connector.post(hand_off(task_for=(SUZUKI,)))
    assert isinstance(posted.missing, Unavailable)
    assert len(simulator.messages) == 1
    healed = connector.update(posted, hand_off(task_for=(SUZUKI,)))
    assert (healed.missing, len(healed.task_ids)) == (None, 1)
    assert len(simulator.tasks) == 1


def test_a_task_whose_answer_was_lost_is_not_made_twice(wire: Wire, simulator: Simulator) -> None:
    connector = wire()
    simulator.faults.append(Fault("/tasks", method="POST", after=True))
    posted = connector.post(hand_off(task_for=(SUZUKI,)))
    assert getattr(posted.missing, "maybe_applied", False)
    healed = connector.update(posted, hand_off(task_for=(SUZUKI,)))
    assert healed.task_ids == tuple(simulator.tasks)
    assert len(simulator.tasks) == 1


def test_an_answered_message_loses_its_explanation_and_its_tasks(
    wire: Wire, simulator: Simulator
) -> None:
    connector = wire()
    posted = connector.post(hand_off(task_for=(SUZUKI, TAKAHASHI)))
    del simulator.tasks[posted.task_ids[0]]
    connector.update(posted, hand_off(title="鈴木さんが承認しました", buttons=()))
    assert "鈴木さんが承認しました" in body(simulator, posted)
    assert "返信" not in body(simulator, posted)
    assert simulator.tasks[posted.task_ids[1]]["status"] == "done"


def test_a_lost_answer_is_found_again_and_not_posted_twice(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    connector = wire()
    began = clock()
    assert connector.find_posted(hand_off(), began) is None
    simulator.faults.append(Fault("/messages", method="POST", after=True))
    with pytest.raises(Unavailable) as caught:
        connector.post(hand_off())
    assert caught.value.maybe_applied
    found = connector.find_posted(hand_off(), began)
    assert found is not None
    assert found.id == f"{ROOM}-{next(iter(simulator.messages))}"
    assert connector.find_posted(hand_off(title="別件"), began) is None


def test_an_older_message_with_the_same_words_is_another(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    connector = wire()
    connector.post(hand_off())
    clock.at += timedelta(days=1)
    assert connector.find_posted(hand_off(), clock()) is None


def test_what_somebody_else_said_is_not_ours(wire: Wire, simulator: Simulator, clock: Any) -> None:
    simulator.say(int(SUZUKI), body_of(hand_off(), OPTIONS))
    assert wire().find_posted(hand_off(), clock()) is None


@pytest.mark.parametrize(
    ("message", "field"),
    [
        pytest.param(hand_off(room="sales"), "room", id="a room by name"),
        pytest.param(hand_off(room="1"), "room", id="a room that does not exist"),
        pytest.param(hand_off(mention=("suzuki@mihon.example",)), "mention", id="a mail address"),
        pytest.param(hand_off(task_for=("鈴木",)), "task_for", id="a task for a name"),
    ],
)
def test_a_message_that_cannot_go_out_says_what_is_at_fault(
    wire: Wire, simulator: Simulator, message: Message, field: str
) -> None:
    with pytest.raises(RecordRejected) as caught:
        wire().post(message)
    assert caught.value.fields == (field,)
    assert len(simulator.messages) == 0


@pytest.mark.parametrize("role", ["readonly", ""])
def test_a_room_where_the_bot_may_not_write_stops_only_its_message(
    wire: Wire, simulator: Simulator, role: str
) -> None:
    room = simulator.add_room("役員会", role=role)
    with pytest.raises(RecordRejected, match="make it a member") as caught:
        wire().post(hand_off(room=str(room)))
    assert caught.value.code == "CHATWORK_ROOM_FORBIDDEN"


def test_a_message_that_was_deleted_cannot_be_updated(wire: Wire, simulator: Simulator) -> None:
    posted = wire().post(hand_off())
    simulator.remove(posted.id.partition("-")[2])
    with pytest.raises(RecordGone):
        wire().update(posted, hand_off())


def test_posts_to_one_room_are_spread_and_none_is_refused(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    connector = wire()
    for number in range(25):
        connector.post(hand_off(title=f"引き継ぎ {number}"))
    assert len(simulator.messages) == 25
    assert {seen.status for seen in simulator.seen} == {200}
    assert clock.slept


def test_a_rooms_limit_is_told_without_a_retry_after(wire: Wire, simulator: Simulator) -> None:
    for number in range(10):
        wire().post(hand_off(title=f"他のワーカー {number}"))
    with pytest.raises(RateLimited) as caught:
        wire().post(hand_off())
    assert caught.value.retry_after == 10.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param(
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1775001690"}, 90.0, id="until"
        ),
        pytest.param(
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1775000000"}, 1.0, id="past"
        ),
        pytest.param(
            {"x-ratelimit-remaining": "7", "x-ratelimit-reset": "1775001690"}, 10.0, id="a room's"
        ),
        pytest.param({}, 10.0, id="nothing said"),
    ],
)
def test_the_five_minutes_end_when_the_header_says(
    wire: Wire, simulator: Simulator, clock: Any, headers: dict[str, str], seconds: float
) -> None:
    assert int(clock().timestamp()) == 1775001600
    refused = json_response({"errors": ["Rate limit exceeded"]}, 429, headers)
    simulator.faults.append(Fault("/me", response=refused, times=9))
    with pytest.raises(RateLimited) as caught:
        wire().identify()
    assert caught.value.retry_after == seconds


def test_three_hundred_requests_in_five_minutes_are_the_accounts_limit(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    connector = wire()
    assert connector.identify().quota_left == 299
    simulator._calls["count"] = 300
    clock.at += timedelta(seconds=30)
    with pytest.raises(RateLimited) as caught:
        connector.identify()
    assert caught.value.retry_after == 270.0
    clock.at += timedelta(seconds=271)
    assert connector.identify().quota_left == 299


def test_whoever_answered_is_told_where_they_answered(wire: Wire, simulator: Simulator) -> None:
    connector = wire()
    posted = connector.post(hand_off())
    simulator.reply(int(TAKAHASHI), posted.id.partition("-")[2], "承認")
    (answer,) = connector.collect_answers([posted])
    connector.tell(answer, "すでに[鈴木]さんが承認しました")
    said = list(simulator.messages.values())[-1]["body"]
    assert said == f"[rp aid={TAKAHASHI} to={answer.reply_to}]\nすでに［鈴木］さんが承認しました"


def test_an_oauth_client_signs_in_with_basic_and_keeps_its_refresh_token(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    refresh = simulator.add_app("hub", "s3cret")
    app = {"client_id": "hub", "client_secret": "s3cret", "refresh_token": refresh}
    connector = wire(oauth=app, token=None)
    assert connector.identify().account == "連携ボット"
    clock.at += timedelta(hours=1)
    assert connector.identify().account == "連携ボット"
    assert [seen.path for seen in simulator.seen].count("/token") == 2
    simulator.revoke()
    clock.at += timedelta(hours=1)
    with pytest.raises(AuthFailed):
        connector.identify()


def test_a_token_of_another_account_is_told(wire: Wire) -> None:
    with pytest.raises(AuthFailed, match="account_id") as caught:
        wire(account_id=99).identify()
    assert caught.value.code == "CHATWORK_ANOTHER_ACCOUNT"


@pytest.mark.parametrize("posted", ["", "12", "x-1", "1-", "1-2-3"])
def test_a_name_of_no_message_is_refused(wire: Wire, posted: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        wire().update(Posted(posted), hand_off())
    assert caught.value.code == "CHATWORK_NO_MESSAGE"
