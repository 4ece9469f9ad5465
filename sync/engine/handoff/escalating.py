"""What follows where nobody answers: others are told, level by level; or the lead has moved on."""

from __future__ import annotations

from sync.engine.handoff.arising import escalates_at, messages
from sync.engine.hub import Hub
from sync.store import handoff_messages, handoffs
from sync.store.database import from_iso, iso


def look_after(hub: Hub, connection: str) -> int:
    """Withdraw what its lead left behind, and escalate what is late; how many escalated.

    Each level once, whoever looks and however often.
    """
    now = hub.now()
    with hub.database.write() as tx:
        handoffs.follow_merges(tx, connection)
        handoffs.withdraw_moved(tx, connection, iso(now))
        late = handoffs.to_escalate(tx, connection, iso(now))
        told = 0
        for row in late:
            rule = hub.config.handoff.rule(row.rule)
            row.escalate_at = None
            if rule is not None and row.level < len(rule.escalate_to):
                room = rule.escalate_to[row.level].room
                row.level += 1
                due = from_iso(row.due_at)
                row.escalate_at = escalates_at(hub, rule, row.level, due)
                handoff_messages.put(tx, list(messages([row], [room], now)))
                told += 1
            handoffs.save(tx, row)
    return told
