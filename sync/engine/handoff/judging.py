"""Whether an answer counts, and what it means: a pure decision."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum

from connectors.kit.messages import ACCEPT, HAND_BACK, RECYCLE, Answer
from sync.config.handoff import HandoffConfig, HandoffRule
from sync.store.handoff_messages import MessageRow
from sync.store.handoffs import HandoffRow
from sync.store.leads import LeadRow


class Verdict(StrEnum):
    """What an answer comes to."""

    TAKEN = "taken"
    ASK = "asked"
    REASON = "reason"
    NOT_UNDERSTOOD = "not_understood"
    STRANGER = "stranger"
    UNKNOWN = "unknown"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    FORBIDDEN = "forbidden"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class Case:
    """What is known when an answer comes."""

    handoff: HandoffRow
    message: MessageRow
    lead: LeadRow | None
    rule: HandoffRule | None


def judge(case: Case, answer: Answer, token_hash: str, who: str | None) -> Verdict:
    """What an answer comes to. ``who`` is the person of ours who gave it, None for strangers.

    A button's token must be that of this very message. Who is a stranger learns nothing else.
    """
    held = case.message.token_hash or ""
    if answer.token and not hmac.compare_digest(token_hash, held):
        return Verdict.UNKNOWN
    if case.rule is None:
        return Verdict.WITHDRAWN
    if who is None:
        return Verdict.STRANGER
    if case.handoff.state == "answered":
        return Verdict.ANSWERED
    lead, handoff = case.lead, case.handoff
    moved = lead is None or (lead.stage, lead.cycle) != (handoff.stage, handoff.cycle)
    if handoff.state != "open" or moved:
        return Verdict.WITHDRAWN
    if answer.action not in (ACCEPT, HAND_BACK, RECYCLE):
        return Verdict.NOT_UNDERSTOOD
    if answer.action == HAND_BACK and not answer.text.strip():
        return Verdict.ASK if answer.asks else Verdict.REASON
    return Verdict.TAKEN


def person(
    config: HandoffConfig, rule: HandoffRule, connection: str, by: str, email: str | None
) -> str | None:
    """Who answered, as an owner is written: a member of the team, or one an escalation calls."""
    members = config.members(rule.team)
    called = {one for level in rule.escalate_to for one in level.mention}
    everybody = [one for team in config.teams.values() for one in team.members]
    allowed = [
        *members,
        *(one for one in everybody if one.owner in called or one.ids.get(connection) in called),
    ]
    for one in allowed:
        known = one.ids.get(connection)
        if known == by or (known is None and _same(one.owner, email)):
            return one.owner
    if by in called or any(_same(one, email) for one in called):
        return email or by
    return None


def knows(config: HandoffConfig, rule: HandoffRule, connection: str, by: str) -> bool:
    """Whether the chat's id alone says who answered."""
    return person(config, rule, connection, by, None) is not None


def _same(one: str, email: str | None) -> bool:
    return email is not None and one.strip().lower() == email.strip().lower()


def target(rule: HandoffRule, action: str) -> str:
    """The stage that an answer leads to."""
    stages = {ACCEPT: rule.accepted, HAND_BACK: rule.hand_back, RECYCLE: rule.recycle}
    return stages[action]
