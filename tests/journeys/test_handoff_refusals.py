"""Answers that do not count: repeated, forged, a stranger's, too late, or another message's."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode

import orjson
import pytest

from connectors.kit.base import Hook
from connectors.kit.errors import BadSignature
from connectors.kit.messages import ACCEPT, HAND_BACK, RECYCLE
from connectors.kit.signatures import SCHEMES, sign
from connectors.kit.simulator import Delivery
from connectors.slack.simulator import CHANNEL, SIGNING_SECRET
from sync.config.model import StagesConfig
from sync.engine.edits import edit_lead
from sync.engine.handoff import answering
from sync.workers import jobs
from tests.journeys.chats import EMAIL, SLACK_TAKAHASHI, SUZUKI

OTHER = "yamada@kaisha2.example"


def stages(chat: Any, email: str = EMAIL) -> list[str]:
    return [row.stage for row in chat.world.stages(chat.world.lead(email))]


def with_value(chat: Any, delivery: Delivery, **changes: str) -> Delivery:
    """A press whose button carries something else, signed as Slack signs."""
    body = orjson.loads(parse_qs(delivery.body.decode())["payload"][0])
    value = orjson.loads(body["actions"][0]["value"])
    body["actions"][0]["value"] = orjson.dumps({**value, **changes}).decode()
    raw = urlencode({"payload": orjson.dumps(body).decode()}).encode()
    form = {"content-type": "application/x-www-form-urlencoded"}
    headers = sign(SCHEMES["slack"], SIGNING_SECRET, raw, at=chat.world.now(), headers=form)
    return replace(delivery, body=raw, headers=headers)


def token_of(delivery: Delivery) -> str:
    body = orjson.loads(parse_qs(delivery.body.decode())["payload"][0])
    return str(orjson.loads(body["actions"][0]["value"])["token"])


def test_a_double_click_is_one_answer_and_the_second_is_told(slack: Any) -> None:
    slack.lead_at_tql()
    first, second = slack.pressed(ACCEPT), slack.pressed(ACCEPT)
    slack.receive(first)
    slack.receive(second)
    assert stages(slack).count("sal") == 1
    assert "すでに回答済み" in slack.told()[-1]
    assert [one.verdict for one in slack.only().answers] == ["taken", "answered"]


def test_a_webhook_that_comes_again_says_and_changes_nothing(slack: Any) -> None:
    slack.lead_at_tql()
    delivery = slack.press(ACCEPT)
    told = slack.told()
    slack.receive(delivery)
    slack.forget_hooks()  # even where the intake does not remember it
    slack.receive(delivery)
    assert stages(slack).count("sal") == 1
    assert slack.told() == told
    assert [one.verdict for one in slack.only().answers] == ["taken"]


def test_a_forged_webhook_is_refused_at_the_door(slack: Any) -> None:
    slack.lead_at_tql()
    true = slack.pressed(ACCEPT)
    headers = sign(SCHEMES["slack"], "another-secret", true.body, at=slack.world.now())
    with pytest.raises(BadSignature):
        slack.receive(replace(true, headers=headers))
    assert slack.world.lead(EMAIL).stage == "tql"


def test_a_stranger_is_told_and_leaves_a_trace(slack: Any) -> None:
    slack.sim.users["U0STRANGE1"] = {"name": "部外者", "email": "who@elsewhere.example"}
    slack.sim.channels[CHANNEL]["members"].append("U0STRANGE1")
    slack.lead_at_tql()
    slack.press(ACCEPT, "U0STRANGE1")
    lead = slack.world.lead(EMAIL)
    assert lead.stage == "tql"
    assert "メンバーだけ" in slack.told()[-1]
    with slack.world.database.read() as tx:
        rows = tx.rows("SELECT changes FROM history WHERE event = 'refused'")
    assert [orjson.loads(row[0])["by"] for row in rows] == [[None, "U0STRANGE1"]]
    slack.press(ACCEPT)
    assert slack.world.lead(EMAIL).stage == "sal"


def test_a_member_without_an_id_is_known_by_mail_address(slack: Any) -> None:
    slack.people = ("U0SOMEBODY", SLACK_TAKAHASHI)
    slack.open()
    slack.lead_at_tql()
    slack.press(ACCEPT)  # pressed by U0SUZUKI01, who is not U0SOMEBODY
    assert slack.world.lead(EMAIL).stage == "tql"

    teams = slack.world.handoff.model_dump(by_alias=True)
    teams["teams"]["field"]["members"][0]["ids"] = {}
    slack.world.handoff = type(slack.world.handoff).model_validate(teams)
    slack.world.hub = slack.world.open()
    slack.press(ACCEPT)
    assert slack.world.lead(EMAIL).stage == "sal"
    assert slack.only().row.answered_by == SUZUKI


def test_an_answer_after_the_lead_moved_on_is_told_so(slack: Any) -> None:
    slack.lead_at_tql()
    slack.crm_stage(EMAIL, "SAL")
    slack.world.tick(minutes=5)
    late = slack.pressed(ACCEPT)
    jobs.pull(slack.hub, "crm")
    slack.receive(late)
    assert "SAL" in slack.told()[-1]
    assert "進んでいます" in slack.told()[-1]
    assert stages(slack).count("sal") == 1


def test_the_button_of_another_hand_off_does_not_count(slack: Any) -> None:
    slack.lead_at_tql()
    foreign = token_of(slack.pressed(RECYCLE))
    slack.lead_at_tql(OTHER)
    slack.receive(with_value(slack, slack.pressed(ACCEPT), token=foreign))
    assert slack.world.lead(OTHER).stage == "tql"
    assert slack.world.lead(EMAIL).stage == "tql"
    assert "新しいメッセージから" in slack.told()[-1]


def test_the_button_of_an_earlier_round_does_not_count(slack: Any) -> None:
    slack.lead_at_tql()
    old = slack.pressed(ACCEPT)
    slack.press(RECYCLE)
    slack.world.settle()
    slack.world.tick(minutes=10)
    for stage in ("MQL", "TQL"):
        slack.crm_stage(EMAIL, stage)
        slack.world.sync("crm")
    lead = slack.world.lead(EMAIL)
    assert (lead.stage, lead.cycle, len(slack.all())) == ("tql", 2, 2)
    slack.world.hub.flows["chat"].connector.verify = lambda _hook: None  # older than five minutes
    slack.receive(old)
    assert slack.world.lead(EMAIL).stage == "tql"
    assert "すでに回答済み" in slack.told()[-1]


def test_a_reason_that_comes_after_somebody_accepted_is_stale(slack: Any) -> None:
    slack.lead_at_tql()
    slack.press(HAND_BACK)
    slack.press(ACCEPT, SLACK_TAKAHASHI)
    slack.write_reason("時期が先")
    assert slack.world.lead(EMAIL).stage == "sal"
    assert "高橋 美咲" in slack.told()[-1]


def test_words_of_strangers_in_other_threads_are_passed_over(chatwork: Any) -> None:
    chatwork.lead_at_tql()
    chatwork.sim.say(2001, "承認")
    chatwork.receive(chatwork.sim.deliveries[-1])
    assert chatwork.world.lead(EMAIL).stage == "tql"
    assert chatwork.told() == []


def test_words_that_are_no_answer_are_explained(chatwork: Any) -> None:
    chatwork.lead_at_tql()
    chatwork.reply("承認できません")
    assert chatwork.world.lead(EMAIL).stage == "tql"
    assert "返信してください" in chatwork.told()[-1]


def test_of_two_answers_at_once_one_counts(slack: Any) -> None:
    slack.lead_at_tql()
    both = [slack.pressed(ACCEPT), slack.pressed(RECYCLE, SLACK_TAKAHASHI)]
    start = threading.Barrier(2)
    flow = slack.hub.flows["chat"]

    def take(delivery: Delivery) -> None:
        hook = Hook("POST", "", delivery.headers, delivery.body, slack.world.now())
        known = answering.prepare(slack.hub, flow, flow.connector.read_answers(hook))
        start.wait()
        with slack.world.database.write() as tx:
            answering.take(slack.hub, tx, flow, known)

    threads = [threading.Thread(target=take, args=(one,)) for one in both]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(one.verdict for one in slack.only().answers) == ["answered", "taken"]
    found = [row for row in stages(slack) if row in ("sal", "recycled")]
    assert len(found) == 1


def test_an_answer_that_lacks_evidence_is_told_what_is_blank_and_counts_when_it_is_there(
    slack: Any,
) -> None:
    slack.world.stages_config = StagesConfig.model_validate({"evidence": {"sal": ["revisit_on"]}})
    slack.open()
    lead = slack.lead_at_tql()
    slack.press(ACCEPT)
    assert slack.world.lead(EMAIL).stage == "tql"
    assert "再アプローチ予定日" in slack.told()[-1]
    assert slack.only().answers[-1].verdict == "unproven"
    edit_lead(slack.hub, lead.id, {"revisit_on": "2026-05-01"}, user="mori")
    slack.press(ACCEPT)
    assert slack.world.lead(EMAIL).stage == "sal"
