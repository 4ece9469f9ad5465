"""Take answers: each once, from whom it was asked, in one transaction with all that follows.

What is to be said to whoever answered is returned, and said after the commit.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectors.kit.errors import ConnectorError
from connectors.kit.messages import ACCEPT, Answer, Asks, KnowsPeople, Tells
from mapping.model import label
from mapping.stages import Observation
from sync.engine.handoff import composing
from sync.engine.handoff.giving import assign
from sync.engine.handoff.judging import Case, Verdict, judge, knows, person, target
from sync.engine.handoff.moving import enter
from sync.engine.handoff.standing import locked
from sync.engine.handoff.words import say
from sync.engine.hub import Flow, Hub
from sync.engine.quota import Lane, in_lane
from sync.store import handoff_messages, handoffs, leads
from sync.store.database import Tx, from_iso, iso
from sync.store.leads import Event
from sync.store.links import link_id

log = logging.getLogger("renkei.handoffs")


@dataclass(frozen=True, slots=True)
class Known:
    """An answer about a hand-off of ours, and the mail address of whoever gave it."""

    answer: Answer
    email: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What is to be said to whoever answered; ``ask`` asks them for the reason first."""

    answer: Answer
    text: str
    ask: bool = False


def prepare(hub: Hub, flow: Flow, answers: Iterable[Answer]) -> list[Known]:
    """The answers that are about hand-offs, with who gave them: the chat is asked where it must be.

    Other people's buttons and words in rooms are passed over.
    """
    found: list[Known] = []
    for answer in answers:
        with hub.database.read() as tx:
            message = _message(tx, flow, answer)
            handoff = handoffs.by_id(tx, message.handoff_id) if message is not None else None
        if handoff is None and not answer.token:
            continue
        rule = hub.config.handoff.rule(handoff.rule) if handoff is not None else None
        email = None
        if rule is not None and not knows(hub.config.handoff, rule, flow.name, answer.by):
            email = _email(flow, answer.by)
        found.append(Known(answer, email))
    return found


def _message(tx: Tx, flow: Flow, answer: Answer) -> handoff_messages.MessageRow | None:
    hashed = composing.hashed(answer.token) if answer.token else None
    return handoff_messages.answered(tx, flow.name, answer.message_id, hashed)


def _email(flow: Flow, by: str) -> str | None:
    chat = flow.connector
    if not isinstance(chat, KnowsPeople):
        return None
    with in_lane(Lane.HAND_OFF):
        return chat.email_of(by)


def take(hub: Hub, tx: Tx, flow: Flow, known: Sequence[Known]) -> list[Reply]:
    """Take answers within a transaction. One that came before changes nothing and says nothing."""
    replies: list[Reply] = []
    for one in known:
        answer = one.answer
        at, now = iso(answer.at), hub.stamp()
        if handoffs.note_answer(tx, flow.name, answer.id, answer.action, answer.by, at, now):
            reply = _take(hub, tx, flow, one)
            if reply is not None:
                replies.append(reply)
    return replies


def _take(hub: Hub, tx: Tx, flow: Flow, known: Known) -> Reply | None:
    answer, language = known.answer, hub.config.hub.language
    message = _message(tx, flow, answer)
    if message is None:
        handoffs.judged(tx, flow.name, answer.id, None, Verdict.UNKNOWN)
        return Reply(answer, say(language, "told.unknown"))
    lead, handoff = locked(tx, message.handoff_id)
    rule = hub.config.handoff.rule(handoff.rule)
    who = None
    if rule is not None:
        who = person(hub.config.handoff, rule, flow.name, answer.by, known.email)
    case = Case(handoff, message, lead, rule)
    verdict = judge(case, answer, composing.hashed(answer.token), who)
    lacking: tuple[str, ...] = ()
    if verdict is Verdict.TAKEN and lead is not None and rule is not None and who is not None:
        verdict, lacking = _move(hub, tx, flow, case, answer, who)
        if verdict is Verdict.TAKEN:
            handoffs.close_messages(tx, [handoff.id], hub.stamp())
    handoffs.judged(tx, flow.name, answer.id, handoff.id, verdict)
    _note_refusal(tx, hub, case, answer, verdict)
    return _reply(hub, flow, case, answer, verdict, lacking)


def _move(
    hub: Hub, tx: Tx, flow: Flow, case: Case, answer: Answer, who: str
) -> tuple[Verdict, tuple[str, ...]]:
    """Have the lead enter the answer's stage, and close the hand-off.

    What that came to, and the fields that are missing as evidence.
    """
    handoff, rule, lead = case.handoff, case.rule, case.lead
    if rule is None or lead is None:
        return Verdict.FORBIDDEN, ()
    stage, reason = target(rule, answer.action), answer.text.strip() or None
    if stage != lead.stage:
        seen = Observation(
            (stage,),
            at=iso(min(max(answer.at, from_iso(lead.stage_at)), hub.now())),
            system=flow.name,
            reason=reason,
            event=link_id(flow.name, "handoffs", handoff.id),
        )
        decision = enter(hub, tx, lead.id, seen, by=who, answer=answer.action)
        if decision.lacking:
            return Verdict.UNPROVEN, decision.lacking
        if not decision.moved:
            return Verdict.FORBIDDEN, ()
    if answer.action == ACCEPT and handoff.owner != who and "@" in who:
        assign(hub, tx, handoff, lead, who, "taken_over")
    handoff.state, handoff.escalate_at = "answered", None
    handoff.closed_at, handoff.answered_by = hub.stamp(), who
    handoff.action, handoff.reason = answer.action, reason
    handoffs.save(tx, handoff)
    return Verdict.TAKEN, ()


def _note_refusal(tx: Tx, hub: Hub, case: Case, answer: Answer, verdict: Verdict) -> None:
    """A stranger's answer, or a button of something else, stays in the lead's history."""
    if verdict not in (Verdict.STRANGER, Verdict.UNKNOWN) or case.lead is None:
        return
    said = {"answer": [answer.action, str(verdict)], "by": [None, answer.by]}
    link = link_id(case.handoff.connection, "handoffs", case.handoff.id)
    leads.add_history(tx, [Event(case.lead.id, hub.stamp(), "refused", said, link)])
    log.warning("an answer about hand-off %s was refused (%s)", case.handoff.id, verdict)


def _reply(
    hub: Hub, flow: Flow, case: Case, answer: Answer, verdict: Verdict, lacking: Sequence[str]
) -> Reply | None:
    language = hub.config.hub.language
    stage = case.lead.stage if case.lead is not None else case.handoff.stage
    ended = composing.outcome(hub, case.handoff, stage)
    if verdict is Verdict.NOT_UNDERSTOOD and isinstance(flow.connector, Asks):
        return None  # words in a thread; who means to answer has buttons
    text = say(
        language,
        "told.reason" if verdict is Verdict.ASK else f"told.{verdict}",
        outcome=ended,
        stage=composing.stage_name(hub, stage),
        lacking=("、" if language == "ja" else ", ").join(label(one, language) for one in lacking),
    )
    return Reply(answer, text, ask=verdict is Verdict.ASK)


def reply(flow: Flow, replies: Iterable[Reply]) -> None:
    """Say it to whoever answered. What cannot be said is logged: the message itself tells, too."""
    chat = flow.connector
    for one in replies:
        try:
            with in_lane(Lane.HAND_OFF):
                if one.ask and isinstance(chat, Asks) and chat.ask(one.answer):
                    continue
                if isinstance(chat, Tells):
                    chat.tell(one.answer, one.text)
        except ConnectorError as error:
            log.warning("%s: an answer could not be replied to: %s", flow.name, error)
