"""Mistakes in handoff.yaml, each with its place, and what may be left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.registry import Registry
from sync.config.errors import ConfigErrors
from sync.config.load import load

MARK = "‸"
CHAT = "connector: slack\noptions: {bot_token: '${env:KINTONE_TOKEN}'}\n"
ENV = {
    "KINTONE_TOKEN": "kintone-token-in-tests",
    "TYPEFORM_TOKEN": "tfp_in_tests",
    "HUBSPOT_TOKEN": "pat-in-tests",
    "KINTONE_URL": "https://example.cybozu.com",
}
TEAMS = "teams: {fs: {members: [{owner: suzuki@mihon.example, ids: {chat: U0SUZUKI01}}]}}\n"
RULE = "id: r, on: tql, channel: chat, room: C1, team: fs"
WITH = TEAMS + "handoffs:\n  - {%s}\n"
OWNER = WITH % (RULE + ", owner: [%s]")
CASES = {
    "a stage that is none": (
        WITH % RULE.replace("tql", "‸tqll"),
        "UNKNOWN_STAGE",
        '"tql"',
    ),
    "a stage before that is none": (WITH % (RULE + ", from: [‸tall]"), "UNKNOWN_STAGE", '"tal"'),
    "a team that is none": (WITH % RULE.replace("fs", "‸sf"), "NO_TEAM", "fs"),
    "a connection that is none": (
        WITH % RULE.replace("channel: chat", "channel: ‸chatt"),
        "NO_CONNECTION",
        "chat",
    ),
    "a connection that cannot speak": (
        WITH % RULE.replace("channel: chat", "channel: ‸crm"),
        "NOT_A_CHAT",
        "Slack or Chatwork",
    ),
    "an id at a connection that is none": (
        TEAMS.replace("{chat:", "{‸chatt:"),
        "NO_CONNECTION",
        "chat",
    ),
    "the same id twice": (
        f"{WITH % RULE}  - {{{RULE.replace('id: r', 'id: ‸r')}}}\n",
        "TWICE",
        "Remove",
    ),
    "an answer that is not allowed": (
        WITH % (RULE + ", accept: ‸dormant"),
        "ANSWER_FORBIDDEN",
        "recycled",
    ),
    "an answer to no stage": (WITH % (RULE + ", recycle: ‸recycle"), "UNKNOWN_STAGE", "recycled"),
    "an owner outside the team": (
        OWNER % "{by: rule, to: ‸sato@mihon.example}",
        "NOT_A_MEMBER",
        "suzuki@mihon.example",
    ),
    "a field that is none": (
        OWNER % "{by: rule, when: [{field: ‸prefectur, is: [x]}], to: suzuki@mihon.example}",
        "UNKNOWN_FIELD",
        "prefecture",
    ),
    "a field of the company without its family": (
        OWNER % "{by: rule, when: [{field: ‸employees, at_least: 9}], to: suzuki@mihon.example}",
        "UNKNOWN_FIELD",
        "account.employees",
    ),
    "a rule without an owner": (OWNER % "‸{by: rule}", "BAD_OPTIONS", "`to`"),
    "a condition without a test": (
        OWNER % "{by: rule, when: [‸{field: score}], to: suzuki@mihon.example}",
        "BAD_OPTIONS",
        "`is`",
    ),
    "an unknown key": (WITH % (RULE + ", ‸rom: C1"), "UNKNOWN_KEY", "room"),
    "no room": (
        (WITH % RULE.replace("room: C1, ", "")).replace("- {id", "- ‸{id"),
        "MISSING_KEY",
        "",
    ),
}


@pytest.mark.parametrize(("text", "code", "hint"), CASES.values(), ids=CASES)
def test_one_mistake_is_told_with_its_place_and_the_way_out(
    text: str,
    code: str,
    hint: str,
    plant: Callable[[dict[str, str]], Path],
    errors_of: Callable[[Path], ConfigErrors],
) -> None:
    before, marked, after = text.partition(MARK)
    assert marked
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    files = {"handoff.yaml": before + after, "connections/chat.yaml": CHAT}
    found = errors_of(plant(files))
    told = [(e.code, e.file, e.line, e.column) for e in found.errors]
    assert told == [(code, "handoff.yaml", line, column)]
    assert hint in found.errors[0].hint


def test_what_is_left_out_has_its_usual_meaning(
    plant: Callable[[dict[str, str]], Path], registry: Registry
) -> None:
    root = plant({"handoff.yaml": WITH % RULE, "connections/chat.yaml": CHAT})
    (rule,) = load(root, env=ENV, registry=registry).handoff.handoffs
    assert (rule.accepted, rule.hand_back, rule.recycle) == ("sal", "recycled", "recycled")
    assert [way.by for way in rule.owner] == ["round_robin"]


def test_moves_that_the_company_allows_may_be_answers(
    plant: Callable[[dict[str, str]], Path], registry: Registry
) -> None:
    files = {
        "handoff.yaml": WITH % (RULE + ", hand_back: lost"),
        "stages.yaml": "transitions: {tql: [sal, lost, recycled, disqualified]}\n",
        "connections/chat.yaml": CHAT,
    }
    (rule,) = load(plant(files), env=ENV, registry=registry).handoff.handoffs
    assert rule.hand_back == "lost"
