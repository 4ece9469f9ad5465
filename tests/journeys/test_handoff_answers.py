"""A lead is handed over in a chat, and what people answer there arrives in every system."""

from __future__ import annotations

from typing import Any

from connectors.kit.messages import ACCEPT, HAND_BACK, RECYCLE
from tests.journeys.chats import EMAIL, SLACK_SUZUKI, SLACK_TAKAHASHI, SUZUKI, TAKAHASHI


def systems(world: Any) -> tuple[str, str, str, str]:
    """The lead's stage here, in kintone, in HubSpot and in Salesforce."""
    (crm,) = [row["ステージ"] for row in world.crm_rows()]
    (ma,) = [row["lifecyclestage"] for row in world.contacts()]
    (sfa,) = [row["Status"] for row in world.sfa_rows()]
    return world.lead(EMAIL).stage, str(crm), str(ma), str(sfa)


def test_a_lead_is_accepted_by_a_button_and_every_system_hears_of_it(slack: Any) -> None:
    world = slack.world
    slack.lead_at_tql()
    said = slack.text()
    for words in ("みなと商事", "田中 実", "TQL", "is-to-fs", "鈴木 健一", f"<@{SLACK_SUZUKI}>"):
        assert words in said
    assert world.lead(EMAIL).fields["owner"] == SUZUKI
    assert slack.has_buttons()

    slack.press(ACCEPT)
    assert world.lead(EMAIL).stage == "sal"
    world.settle()
    assert systems(world) == ("sal", "SAL", "salesqualifiedlead", "Working - Contacted")
    (row,) = [row for row in world.stages(world.lead(EMAIL)) if row.stage == "sal"]
    found = slack.only()
    assert (row.system, row.link_id) == ("chat", f"chat/handoffs/{found.row.id}")
    assert (found.row.state, found.row.action, found.row.answered_by) == (
        "answered",
        "accept",
        SUZUKI,
    )
    assert not slack.has_buttons()
    assert "承認しました" in slack.text()
    assert any("受け付けました" in text for text in slack.told())


def test_a_lead_is_handed_back_with_the_reason_that_was_asked_for(slack: Any) -> None:
    world = slack.world
    slack.lead_at_tql()
    slack.press(HAND_BACK)
    assert world.lead(EMAIL).stage == "tql"
    slack.write_reason("予算なし")
    lead = world.lead(EMAIL)
    assert (lead.stage, lead.stage_reason) == ("recycled", "no_budget")
    world.settle()
    assert systems(world)[:2] == ("recycled", "ナーチャリング")
    assert systems(world)[2] == "lead"
    assert "予算なし" in slack.text()
    assert not slack.has_buttons()


def test_a_lead_is_recycled_without_a_word(slack: Any) -> None:
    slack.lead_at_tql()
    slack.press(RECYCLE)
    slack.world.settle()
    assert systems(slack.world)[:2] == ("recycled", "ナーチャリング")


def test_words_in_chatwork_answer_too_and_the_task_is_closed(chatwork: Any) -> None:
    world = chatwork.world
    chatwork.lead_at_tql()
    assert [task["status"] for task in chatwork.sim.tasks.values()] == ["open"]
    chatwork.reply("差戻し")
    assert world.lead(EMAIL).stage == "tql"
    assert "理由が必要です" in chatwork.told()[-1]
    chatwork.reply("差戻し 時期が先")
    assert world.lead(EMAIL).stage_reason == "timing_later"
    world.settle()
    assert systems(world)[:2] == ("recycled", "ナーチャリング")
    assert [task["status"] for task in chatwork.sim.tasks.values()] == ["done"]
    assert "差し戻しました" in chatwork.posts()[-1]["body"]


def test_a_lost_webhook_is_made_up_for_by_asking(chatwork: Any) -> None:
    chatwork.lead_at_tql()
    chatwork.reply("承認", hooked=False)
    chatwork.work(seconds=61)
    assert chatwork.world.lead(EMAIL).stage == "sal"
    chatwork.receive(chatwork.sim.deliveries[-1])  # the webhook comes after all
    chatwork.work(seconds=61)
    assert [one.verdict for one in chatwork.only().answers] == ["taken"]
    assert len(chatwork.told()) == 1


def test_a_completed_task_accepts(chatwork: Any) -> None:
    chatwork.lead_at_tql()
    (task,) = chatwork.sim.tasks
    chatwork.sim.complete(task)
    chatwork.work(seconds=61)
    assert chatwork.world.lead(EMAIL).stage == "sal"
    assert chatwork.only().row.answered_by == SUZUKI


def test_whoever_accepts_takes_the_lead_over(slack: Any) -> None:
    slack.lead_at_tql()
    slack.press(ACCEPT, SLACK_TAKAHASHI)
    assert slack.world.lead(EMAIL).fields["owner"] == TAKAHASHI


def test_answers_lead_where_the_rule_says(slack: Any) -> None:
    slack.open(accept="recycled", id="odd")
    slack.lead_at_tql()
    slack.press(ACCEPT)
    assert slack.world.lead(EMAIL).stage == "recycled"
