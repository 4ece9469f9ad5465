"""Whom a lead goes to: by rule, to whoever has the company, or in turn."""

from __future__ import annotations

from typing import Any

from sync.engine.edits import edit_lead
from tests.journeys.chats import SUZUKI, TAKAHASHI

BY_RULE = {"by": "rule", "when": [{"field": "campaign", "is": ["展示会"]}], "to": TAKAHASHI}


def owners(chat: Any) -> list[str | None]:
    return [one.row.owner for one in chat.all()]


def test_turns_go_round_and_survive_a_restart(slack: Any) -> None:
    for number in range(3):
        slack.lead_at_tql(f"lead{number}@kaisha{number}.example")
        slack.open()
    assert owners(slack) == [SUZUKI, TAKAHASHI, SUZUKI]


def test_a_rule_comes_before_turns(slack: Any) -> None:
    slack.open(owner=[BY_RULE, {"by": "round_robin"}])
    slack.lead_at_tql()
    assert slack.only().row.owner_why == "round_robin"
    slack.submits("show@kaisha9.example", company="株式会社北斗システム")
    slack.world.settle()
    lead = slack.world.lead("show@kaisha9.example")
    edit_lead(slack.hub, lead.id, {"campaign": "展示会"}, user="tanaka")
    for stage in ("MQL", "TQL"):
        slack.crm_stage("show@kaisha9.example", stage)
        slack.world.sync("crm")
    assert [(one.row.owner, one.row.owner_why) for one in slack.all()][1] == (TAKAHASHI, "rule")


def test_whoever_has_the_company_gets_its_next_lead(slack: Any) -> None:
    slack.open(owner=[{"by": "account_owner"}, {"by": "round_robin"}])
    slack.lead_at_tql("one@minato-shoji.example")
    slack.lead_at_tql("two@minato-shoji.example")
    found = [(one.row.owner, one.row.owner_why) for one in slack.all()]
    assert found == [(SUZUKI, "round_robin"), (SUZUKI, "account_owner")]


def test_the_reason_stays_with_the_owner(slack: Any) -> None:
    lead = slack.lead_at_tql()
    edit = slack.world.lead(lead.email).edits["owner"]
    assert edit[0] == SUZUKI
    assert edit[2:] == ["handoff:is-to-fs", "順番", slack.only().row.id]


def test_nobody_is_found_and_the_room_decides(slack: Any) -> None:
    slack.open(owner=[BY_RULE])
    slack.lead_at_tql()
    assert owners(slack) == [None]
    assert "担当: 未定" in slack.text()
    slack.press("accept")
    assert owners(slack) == [SUZUKI]
