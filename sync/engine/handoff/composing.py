"""What a message about a hand-off says: who it is, why, what is known, and how to answer."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from connectors.kit.messages import (
    ACCEPT,
    HAND_BACK,
    RECYCLE,
    Button,
    KnowsPeople,
    Message,
    due_text,
)
from mapping.model import BANTCH_TOPICS, label
from sync.config.handoff import HandoffRule, MemberConfig
from sync.engine.handoff.words import activity, say
from sync.engine.hub import Hub
from sync.store import journeys, links
from sync.store.database import Tx, from_iso
from sync.store.handoff_messages import MessageRow
from sync.store.handoffs import HandoffRow
from sync.store.leads import LeadRow

ACTIVITIES = 3
"""How many of the last activities a message tells of."""
PASSED_OVER = frozenset({"email_sent", "email_delivered"})
"""What a lead did nothing about."""


def hashed(token: str) -> str:
    """What a token is known by in the database."""
    return sha256(token.encode()).hexdigest()


def compose(
    hub: Hub, tx: Tx, rule: HandoffRule, handoff: HandoffRow, lead: LeadRow, row: MessageRow
) -> tuple[dict[str, Any], str]:
    """What a message says, as stored, and its token, which only it carries."""
    token = secrets.token_urlsafe(32)
    late = row.level > 0
    escalation = rule.escalate_to[row.level - 1] if 0 < row.level <= len(rule.escalate_to) else None
    language = hub.config.hub.language
    lines = [*_late(hub, handoff)] if late else []
    lines += [*_lines(hub, tx, rule, handoff, lead)]
    content = {
        "room": row.room,
        "title": say(language, "title.late" if late else "title", who=_who(lead)),
        "lines": lines,
        "mention": list(escalation.mention) if escalation is not None else [],
        "task_for": [] if late else _receiver(hub, rule, handoff.owner),
        "due": None if late else handoff.due_at,
        "token": token,
    }
    return content, token


def message_of(hub: Hub, content: Mapping[str, Any]) -> Message:
    """A stored message with its buttons, the same each time."""
    token = content.get("token", "")
    return _message(content, buttons(hub.config.hub.language, token) if token else ())


def closing_message(content: Mapping[str, Any], outcome: str) -> Message:
    """A stored message that says how it ended and can no longer be answered."""
    lines = [outcome, *content["lines"]]
    return _message({**content, "lines": lines, "mention": [], "due": None}, ())


def _message(content: Mapping[str, Any], given: tuple[Button, ...]) -> Message:
    due = content.get("due")
    return Message(
        room=content["room"],
        title=content["title"],
        lines=tuple(content["lines"]),
        buttons=given,
        mention=tuple(content["mention"]),
        task_for=tuple(content["task_for"]),
        due=from_iso(due) if due else None,
    )


def buttons(language: str, token: str) -> tuple[Button, ...]:
    """Accept, hand back with a reason, recycle."""
    return (
        Button(ACCEPT, say(language, f"button.{ACCEPT}"), token),
        Button(HAND_BACK, say(language, f"button.{HAND_BACK}"), token, say(language, "asks")),
        Button(RECYCLE, say(language, f"button.{RECYCLE}"), token),
    )


def outcome(hub: Hub, handoff: HandoffRow, stage: str) -> str:
    """How a hand-off ended, in words."""
    language = hub.config.hub.language
    if handoff.state != "answered" or handoff.action is None or handoff.closed_at is None:
        return say(language, "outcome.withdrawn", stage=stage_name(hub, stage))
    return say(
        language,
        f"outcome.{handoff.action}",
        who=called(hub, handoff.answered_by),
        at=when(hub, from_iso(handoff.closed_at)),
        reason=handoff.reason or "–",
    )


def stage_name(hub: Hub, stage: str) -> str:
    """What people call a stage."""
    return hub.stage_rules.name(stage, hub.config.hub.language)


def when(hub: Hub, moment: datetime) -> str:
    """A time as people read it."""
    return due_text(moment, ZoneInfo(hub.config.hub.timezone))


def called(hub: Hub, owner: str | None) -> str:
    """What people call an owner."""
    member = _member(hub, owner)
    return member.called if member is not None else owner or "–"


def _member(hub: Hub, owner: str | None) -> MemberConfig | None:
    teams = hub.config.handoff.teams.values()
    return next((one for team in teams for one in team.members if one.owner == owner), None)


def _receiver(hub: Hub, rule: HandoffRule, owner: str | None) -> list[str]:
    """The owner as the chat names them; by mail address where it knows those."""
    member = _member(hub, owner)
    if owner is None:
        return []
    known = member.ids.get(rule.channel) if member is not None else None
    if known:
        return [known]
    return [owner] if isinstance(hub.flows[rule.channel].connector, KnowsPeople) else []


def _who(lead: LeadRow) -> str:
    return " / ".join(part for part in (lead.company, lead.name) if part) or lead.id


def _late(hub: Hub, handoff: HandoffRow) -> Iterator[str]:
    due = when(hub, from_iso(handoff.due_at))
    yield say(hub.config.hub.language, "late", due=due, owner=called(hub, handoff.owner))


def _lines(
    hub: Hub, tx: Tx, rule: HandoffRule, handoff: HandoffRow, lead: LeadRow
) -> Iterator[str]:
    language, fields = hub.config.hub.language, lead.fields
    job = [fields.get(name) for name in ("department", "title")]
    yield " ".join(str(part) for part in (lead.company, *job, lead.name) if part) or lead.id
    yield say(language, "why", stage=stage_name(hub, handoff.stage), rule=rule.id)
    if handoff.owner is None:
        yield say(language, "owner.none")
    else:
        way = say(language, f"way.{handoff.owner_why}")
        yield say(language, "owner", owner=called(hub, handoff.owner), way=way)
    reached = [fields.get(name) for name in ("email", "phone", "mobile")]
    contact = " ".join(str(one) for one in reached if one)
    if contact:
        yield say(language, "contact", said=contact)
    yield from _known(language, fields)
    yield from _lately(hub, tx, lead)
    held = [link.id for link in links.of_leads(tx, [lead.id]) if link.state == "live"]
    if held:
        yield say(language, "records", records=", ".join(sorted(held)))
    yield say(language, "lead", lead=lead.id)


def _known(language: str, fields: Mapping[str, Any]) -> Iterator[str]:
    for topic in BANTCH_TOPICS:
        said = fields.get(f"bantch.{topic}.text")
        if said:
            yield say(language, "bantch", name=label(f"bantch.{topic}.text", language), said=said)


def _lately(hub: Hub, tx: Tx, lead: LeadRow) -> Iterator[str]:
    language = hub.config.hub.language
    found: Sequence[journeys.ActivityRow] = [
        one for one in journeys.activities_of(tx, lead.id) if one.activity not in PASSED_OVER
    ]
    if not found:
        return
    yield say(language, "activities")
    for one in reversed(found[-ACTIVITIES:]):
        at = when(hub, from_iso(one.at))
        kind = activity(language, one.activity)
        yield say(language, "activity", at=at, kind=kind, subject=one.subject or "").strip()
