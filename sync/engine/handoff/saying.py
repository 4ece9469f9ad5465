"""Say what is due in a chat: written down first, then said, then noted; never said twice.

No transaction is open while a chat is asked. A message whose fate is unknown, after a lost
answer or a kill, is looked for before it is said again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    RateLimited,
    RecordGone,
    Unavailable,
)
from connectors.kit.messages import FindsPosts, Message, Posted, Posts
from sync.engine.backoff import backoff
from sync.engine.crash import crashpoint
from sync.engine.handoff import composing
from sync.engine.handoff.giving import give
from sync.engine.handoff.standing import locked
from sync.engine.hub import Flow, Hub
from sync.engine.quota import Lane, in_lane
from sync.store import asides, handoff_messages, handoffs
from sync.store.asides import Aside, subject
from sync.store.database import Tx, from_iso, iso
from sync.store.handoff_messages import MessageRow

LIMIT = 20
LEASE = timedelta(minutes=5)
ATTEMPTS = 8
"""How often a message is tried before it waits for a person."""
UNKNOWN = "HANDOFF_UNKNOWN"


@dataclass(slots=True)
class Said:
    """What saying came to. ``error`` is what concerns the whole connection and ended it."""

    counts: Counter[str] = field(default_factory=Counter)
    error: ConnectorError | None = None


@dataclass(frozen=True, slots=True)
class _Work:
    """What is asked of the chat: to say a message, or (``over``) only to change it.

    ``first`` is as it was said at first, where it is not known whether it is there.
    """

    message: Message
    over: bool = False
    first: Message | None = None


def say_due(hub: Hub, flow: Flow, *, stop: Callable[[], bool] = lambda: False) -> Said:
    """Say what is due at a connection; safe beside other workers, and to be killed anywhere."""
    done = Said()
    while done.error is None and not stop():
        now = hub.now()
        with hub.database.write() as tx:
            until = iso(now + LEASE)
            rows = handoff_messages.claim(tx, flow.name, iso(now), until, LIMIT, hub.process)
        if not rows:
            return done
        for row in rows:
            if done.error is not None:
                _give_back(hub, row, done.error)
                continue
            try:
                _say(hub, flow, row, done)
            except (AuthFailed, RateLimited) as error:
                done.error = error
                _give_back(hub, row, error)
    return done


def _say(hub: Hub, flow: Flow, row: MessageRow, done: Said) -> None:
    attempt = row.posting_at
    work = _ending(hub, row) if row.state == "update" else _begin(hub, row)
    if work is None:
        done.counts["over"] += 1
        return
    crashpoint("handoff.after_intent")
    try:
        with in_lane(Lane.HAND_OFF):
            posted = _ask(flow, row, work)
    except (AuthFailed, RateLimited):
        row.posting_at = attempt
        raise
    except Unavailable as error:
        if not error.maybe_applied:
            row.posting_at = attempt
        _later(hub, row, error, done)
        return
    except ConnectorError as error:
        row.posting_at = None if error.code == UNKNOWN else attempt
        _set_aside(hub, row, error, done)
        return
    crashpoint("handoff.after_post")
    _record(hub, row, posted, work)
    crashpoint("handoff.after_record")
    done.counts["closed" if work.over else "said"] += 1


def _begin(hub: Hub, row: MessageRow) -> _Work | None:
    """Settle whom the lead goes to and what is said, and write down that it is about to be said.

    None where the hand-off is over, or somebody else has the message.
    """
    with hub.database.write() as tx:
        lead, handoff = locked(tx, row.handoff_id)
        if handoff_messages.held(tx, row) is None:
            return None
        rule = hub.config.handoff.rule(handoff.rule)
        first = None
        if row.posting_at is not None and row.content is not None:
            first = composing.message_of(hub, row.content)
        if handoff.state != "open" or rule is None or lead is None:
            if first is not None:
                return _Work(_closing(hub, tx, row), over=True, first=first)
            row.state = "closed"
            handoff_messages.save(tx, row, leased=False)
            return None
        if row.level == 0 and handoff.owner is None:
            give(hub, tx, rule, handoff, lead)
        if first is None:
            row.room = rule.room if row.level == 0 else rule.escalate_to[row.level - 1].room
            row.content, token = composing.compose(hub, tx, rule, handoff, lead, row)
            row.token_hash = composing.hashed(token)
            row.posting_at = hub.stamp()
        row.state = "posting"
        handoff_messages.save(tx, row, leased=True)
    return _Work(composing.message_of(hub, row.content or {}), first=first)


def _ending(hub: Hub, row: MessageRow) -> _Work:
    with hub.database.read() as tx:
        return _Work(_closing(hub, tx, row), over=True)


def _closing(hub: Hub, tx: Tx, row: MessageRow) -> Message:
    lead, handoff = locked(tx, row.handoff_id, lock=False)
    stage = lead.stage if lead is not None else handoff.stage
    return composing.closing_message(row.content or {}, composing.outcome(hub, handoff, stage))


def _ask(flow: Flow, row: MessageRow, work: _Work) -> Posted | None:
    """Have it said or changed; None where there is nothing, or nothing any more, to be changed."""
    chat = flow.connector
    if not isinstance(chat, Posts):
        raise ConnectorError(
            f'connection "{flow.name}" cannot say anything: its connector has no rooms',
            code="HANDOFF_NO_CHAT",
        )
    there = Posted(row.message_id, tuple(row.task_ids)) if row.message_id else None
    if there is None and work.first is not None:
        there = _look(flow, row, chat, work)
    if not work.over:
        return there or chat.post(work.message)
    if there is None:
        return None
    try:
        return chat.update(there, work.message)
    except RecordGone:
        return None


def _look(flow: Flow, row: MessageRow, chat: Posts, work: _Work) -> Posted | None:
    if not isinstance(chat, FindsPosts) or work.first is None:
        raise ConnectorError(
            f'whether a message went out over "{flow.name}" is not known, and it cannot be asked:'
            " look in the room",
            code=UNKNOWN,
        )
    return chat.find_posted(work.first, from_iso(row.posting_at or row.due_at))


def _record(hub: Hub, row: MessageRow, posted: Posted | None, work: _Work) -> None:
    now = hub.stamp()
    with hub.database.write() as tx:
        handoff = handoffs.by_id(tx, row.handoff_id, lock=True)
        is_open = handoff is not None and handoff.state == "open"
        if posted is not None:
            row.message_id, row.task_ids = posted.id, list(posted.task_ids)
            row.posted_at = row.posted_at or now
        if work.over:
            row.state = "closed"
        else:
            row.state = "there" if is_open else "update"
        if row.content is not None:
            row.content = {**row.content, "token": ""}
        row.due_at, row.attempts = now, 0
        handoff_messages.save(tx, row, leased=False)
        asides.close(tx, [about(row)], now)


def _give_back(hub: Hub, row: MessageRow, error: ConnectorError) -> None:
    """Nothing was said: as before, when the chat may be asked again."""
    wait = error.retry_after if isinstance(error, RateLimited) else 0.0
    _wait(hub, row, timedelta(seconds=wait), counts=False)


def _wait(hub: Hub, row: MessageRow, wait: timedelta, *, counts: bool) -> None:
    if row.state != "update":
        row.state = "due" if row.posting_at is None else "posting"
    row.due_at = iso(hub.now() + wait)
    row.attempts -= 0 if counts else 1
    with hub.database.write() as tx:
        handoff_messages.save(tx, row, leased=False)


def _later(hub: Hub, row: MessageRow, error: Unavailable, done: Said) -> None:
    if row.attempts >= ATTEMPTS:
        _set_aside(hub, row, error, done)
        return
    _wait(hub, row, backoff(row.attempts), counts=True)
    done.counts["put_off"] += 1


def about(row: MessageRow) -> str:
    """What a message that was set aside is called there."""
    return subject("handoff", row.connection, None, row.id)


def _set_aside(hub: Hub, row: MessageRow, error: ConnectorError, done: Said) -> None:
    now = hub.stamp()
    row.state = "aside"
    with hub.database.write() as tx:
        handoff = handoffs.by_id(tx, row.handoff_id)
        item = Aside(
            kind="handoff",
            connection=row.connection,
            external_id=row.id,
            lead_id=handoff.lead_id if handoff is not None else None,
            code=error.code,
            message=str(error),
            fix=f"correct the cause, then: renkei handoffs retry {row.handoff_id}",
        )
        if handoff_messages.save(tx, row, leased=False):
            asides.put(tx, [item], now)
    done.counts["set_aside"] += 1
