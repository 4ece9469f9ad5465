"""What is said about hand-offs: once, whatever is lost or killed, and until it is answered."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from connectors.kit.messages import ACCEPT
from connectors.kit.simulator import Fault
from connectors.slack.simulator import CHANNEL
from sync.engine.handoff import saying
from sync.engine.handoff.views import listed, retry
from sync.engine.merging import merge
from sync.workers.bells import Bell, make_broker
from sync.workers.handing import hand_over
from sync.workers.sweeper import Sweeper
from tests.journeys.chats import EMAIL, SLACK_TAKAHASHI, SUZUKI, TAKAHASHI

LEADERS = "C0LEADERS1"


class Killed(BaseException):
    """The process ends here."""


def to_tql(chat: Any, email: str = EMAIL) -> None:
    """A lead is at TQL, and nothing was said of it yet."""
    work = chat.hub.chats
    chat.hub.__dict__["chats"] = []
    chat.lead_at_tql(email)
    chat.hub.__dict__["chats"] = work


def post_path(chat: Any) -> str:
    return "chat.postMessage" if chat.connector == "slack" else "/messages"


def test_a_post_whose_answer_was_lost_is_not_repeated(chat: Any) -> None:
    to_tql(chat)
    chat.sim.faults.append(Fault(post_path(chat), method="POST", after=True))
    chat.work()
    assert (len(chat.posts()), chat.only().standing) == (1, "posting")
    chat.work(minutes=5)
    assert (len(chat.posts()), chat.only().standing) == (1, "posted")
    if chat.connector == "slack":
        chat.press(ACCEPT)
    else:
        chat.reply("承認")
    assert chat.world.lead(EMAIL).stage == "sal"


@pytest.mark.parametrize(
    "point", ["handoff.after_intent", "handoff.after_post", "handoff.after_record"]
)
def test_a_kill_neither_loses_nor_repeats_a_message(
    chat: Any, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_tql(chat)

    def die(name: str) -> None:
        if name == point:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(saying, "crashpoint", die)
        with pytest.raises(Killed):
            chat.work()
    chat.work(minutes=6)  # the lease of the dead runs out
    assert (len(chat.posts()), chat.only().standing) == (1, "posted")
    assert chat.world.lead(EMAIL).fields["owner"] == SUZUKI


def test_a_button_pressed_before_the_post_was_noted_counts(
    slack: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_tql(slack)

    def die(name: str) -> None:
        if name == "handoff.after_post":
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(saying, "crashpoint", die)
        with pytest.raises(Killed):
            slack.work()
    slack.press(ACCEPT)
    assert slack.world.lead(EMAIL).stage == "sal"
    slack.work(minutes=6)
    assert (len(slack.posts()), slack.has_buttons()) == (1, False)


def test_two_workers_at_once_say_it_once_and_take_turns_fairly(slack: Any) -> None:
    for number in range(6):
        to_tql(slack, f"lead{number}@kaisha{number}.example")
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        hand_over(slack.hub, "chat")

    both = [threading.Thread(target=work) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    slack.work()
    assert len(slack.posts()) == 6
    owners = [one.row.owner for one in slack.all()]
    assert (owners.count(SUZUKI), owners.count(TAKAHASHI)) == (3, 3)


def test_a_room_that_is_gone_is_set_aside_and_tried_again(slack: Any) -> None:
    slack.open(room="C0NOWHERE1")
    slack.lead_at_tql()
    (item,) = slack.world.asides(kind="handoff")
    assert (item.lead_id, slack.only().standing) == (slack.world.lead(EMAIL).id, "aside")
    assert "renkei handoffs retry" in (item.fix or "")

    slack.open(room=CHANNEL)
    assert retry(slack.hub, None) == 1
    slack.work()
    assert (len(slack.posts()), slack.only().standing) == (1, "posted")
    assert slack.world.asides(kind="handoff") == []


def test_nobody_answers_and_others_are_told_once_a_level(slack: Any) -> None:
    slack.sim.add_channel("leaders", key=LEADERS)
    slack.open(
        escalate_to=[
            {"room": LEADERS, "mention": [SLACK_TAKAHASHI]},
            {"room": LEADERS, "mention": ["boss@mihon.example"], "after_hours": 16},
        ]
    )
    slack.lead_at_tql()
    slack.work(hours=7)
    assert slack.posts(LEADERS) == []
    for _ in range(3):  # the eighth business hour is tomorrow's
        slack.work(hours=8)
    assert len(slack.posts(LEADERS)) == 1
    assert f"<@{SLACK_TAKAHASHI}>" in slack.posts(LEADERS)[0]["text"]
    assert slack.only().standing == "escalated"
    slack.work(hours=16)
    assert len(slack.posts(LEADERS)) == 1
    slack.work(hours=100)
    assert len(slack.posts(LEADERS)) == 2

    slack.press(ACCEPT, SLACK_TAKAHASHI, channel=LEADERS)
    slack.work()
    assert slack.world.lead(EMAIL).stage == "sal"
    assert [row for row in slack.sim.messages.values() if "actions" in str(row)] == []


def test_a_hand_off_is_withdrawn_when_the_lead_goes_another_way(chat: Any) -> None:
    chat.lead_at_tql()
    chat.crm_stage(EMAIL, "ナーチャリング")
    chat.world.sync("crm")
    chat.work()
    assert chat.only().standing == "withdrawn"
    shown = chat.text() if chat.connector == "slack" else chat.posts()[-1]["body"]
    assert "取り下げ" in shown
    assert "ナーチャリング" in shown
    assert chat.work(hours=50) is None


def test_a_hand_off_follows_its_lead_into_a_merge(slack: Any) -> None:
    slack.submits("older@minato-shoji.example")
    slack.world.settle()
    other, lead = slack.world.lead("older@minato-shoji.example"), slack.lead_at_tql()
    merge(slack.hub, other.id, lead.id, user="tanaka")
    slack.work()
    assert (slack.only().row.lead_id, slack.only().standing) == (other.id, "posted")
    slack.press(ACCEPT)
    assert [row.stage for row in slack.world.leads()] == ["sal"]


def test_what_was_not_said_yet_stays_unsaid_once_it_is_over(slack: Any) -> None:
    to_tql(slack)
    slack.crm_stage(EMAIL, "ナーチャリング")
    slack.world.sync("crm")
    slack.work()
    assert (slack.posts(), slack.only().standing) == ([], "withdrawn")


def test_a_first_pull_of_old_leads_hands_nothing_over(slack: Any) -> None:
    slack.open(on="inquiry", newer_than_hours=24)
    slack.submits("old@kaisha1.example")
    slack.world.tick(hours=30)
    slack.submits("new@kaisha2.example")
    slack.world.sync()
    assert len(listed(slack.hub)) == 1


def test_only_from_the_stages_that_a_rule_names(slack: Any) -> None:
    slack.open(**{"from": ["tal"]})
    slack.lead_at_tql()
    assert slack.all() == []


def test_the_sweeper_rings_for_what_hand_offs_want(slack: Any) -> None:
    to_tql(slack)
    sweeper = Sweeper(slack.hub, Bell(make_broker(""), "test"))
    assert ("handoff", "chat") in sweeper.sweep()
    slack.work()
    assert ("handoff", "chat") not in sweeper.sweep()
    slack.crm_stage(EMAIL, "SAL")
    slack.world.sync("form", "crm")
    assert slack.only().standing == "withdrawn"


def test_an_asking_chat_is_rung_for_while_something_waits(chatwork: Any) -> None:
    chatwork.lead_at_tql()
    sweeper = Sweeper(chatwork.hub, Bell(make_broker(""), "test"))
    chatwork.work(seconds=61)
    assert ("handoff", "chat") not in sweeper.sweep()
    chatwork.world.tick(seconds=61)
    assert ("handoff", "chat") in sweeper.sweep()
