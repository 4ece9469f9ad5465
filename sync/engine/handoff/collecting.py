"""Ask chats for answers that no webhook brought: some send each webhook once, and it gets lost."""

from __future__ import annotations

from datetime import timedelta

from connectors.kit.messages import CollectsAnswers, Posted
from sync.engine.handoff import answering
from sync.engine.hub import Flow, Hub
from sync.engine.quota import Lane, in_lane
from sync.store import handoff_messages, handoffs
from sync.store.database import Tx, from_iso, iso

EVERY = timedelta(minutes=1)
"""How often a chat is asked while something waits for an answer."""


def is_due(hub: Hub, tx: Tx, flow: Flow) -> bool:
    """Whether a connection is to be asked for answers now."""
    if not isinstance(flow.connector, CollectsAnswers):
        return False
    if not handoff_messages.is_waiting(tx, flow.name):
        return False
    last = handoffs.collected_at(tx, flow.name)
    return last is None or from_iso(last) <= hub.now() - EVERY


def collect(hub: Hub, flow: Flow) -> int:
    """Ask for answers to what is there, and take them; how many came. Each counts once."""
    chat = flow.connector
    now = hub.now()
    with hub.database.write() as tx:
        if not is_due(hub, tx, flow) or not handoffs.begin_collecting(
            tx, flow.name, iso(now), iso(now - EVERY)
        ):
            return 0
        waiting = handoff_messages.waiting(tx, flow.name)
    posted = [Posted(row.message_id or "", tuple(row.task_ids)) for row in waiting]
    with in_lane(Lane.HAND_OFF):
        answers = chat.collect_answers(posted)
    known = answering.prepare(hub, flow, answers)
    with hub.database.write() as tx:
        replies = answering.take(hub, tx, flow, known)
    answering.reply(flow, replies)
    return len(replies)
