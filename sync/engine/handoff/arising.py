"""A hand-off begins where a lead enters a stage, in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sync.config.handoff import HandoffRule
from sync.engine.hub import Hub, new_id
from sync.store import handoff_messages, handoffs, journeys
from sync.store.database import Tx, from_iso, iso
from sync.store.handoff_messages import MessageRow
from sync.store.handoffs import HandoffRow
from sync.store.journeys import StageRow

NOT_ENTERED = frozenset({"split"})
"""Systems whose word is no entry: a lead that is taken apart stands where it stood."""


def add_stages(
    hub: Hub, tx: Tx, stages: Sequence[StageRow], new_leads: Collection[str] = frozenset()
) -> None:
    """Append stays, and begin the hand-offs that follow from the last of each lead."""
    journeys.add_stages(tx, stages, new_leads)
    if stages and hub.handoffs:
        _begin(hub, tx, stages)


def _begin(hub: Hub, tx: Tx, stages: Sequence[StageRow]) -> None:
    now = hub.now()
    last = {row.lead_id: row for row in stages}
    entered = [
        row for row in last.values() if row.stage in hub.handoffs and row.system not in NOT_ENTERED
    ]
    wanted = [(row, rule) for row in entered for rule in hub.handoffs[row.stage]]
    wanted = [(row, rule) for row, rule in wanted if _is_fresh(row, rule, now)]
    if any(rule.origin is not None for _, rule in wanted):
        before = journeys.stages_before(tx, [row.lead_id for row, _ in wanted])
        wanted = [
            (row, rule)
            for row, rule in wanted
            if rule.origin is None or before.get(row.lead_id) in rule.origin
        ]
    first: dict[str, tuple[StageRow, HandoffRule]] = {}
    for row, rule in wanted:
        first.setdefault(row.lead_id, (row, rule))
    _store(hub, tx, list(first.values()), now)


def _is_fresh(row: StageRow, rule: HandoffRule, now: datetime) -> bool:
    return from_iso(row.entered_at) >= now - timedelta(hours=rule.newer_than_hours)


def _store(hub: Hub, tx: Tx, begun: Sequence[tuple[StageRow, HandoffRule]], now: datetime) -> None:
    if not begun:
        return
    stamp = iso(now)
    rules = {rule.id for _, rule in begun}
    handoffs.withdraw(tx, [row.lead_id for row, _ in begun], rules, stamp)
    rows = [_row(hub, row, rule, now) for row, rule in begun]
    handoffs.put(tx, rows)
    rooms = [rule.room for _, rule in begun]
    handoff_messages.put(tx, list(messages(rows, rooms, now)))


def _row(hub: Hub, row: StageRow, rule: HandoffRule, now: datetime) -> HandoffRow:
    due = hub.hours.deadline(now, rule.answer_within_hours)
    return HandoffRow(
        id=new_id("ho", now),
        lead_id=row.lead_id,
        cycle=row.cycle,
        stage=row.stage,
        rule=rule.id,
        connection=rule.channel,
        state="open",
        owner=None,
        owner_why=None,
        created_at=iso(now),
        due_at=iso(due),
        level=0,
        escalate_at=escalates_at(hub, rule, 0, due),
    )


def escalates_at(hub: Hub, rule: HandoffRule, level: int, due: datetime) -> str | None:
    """When nobody's answer leads to the level after this one; None where there is none."""
    if level >= len(rule.escalate_to):
        return None
    return iso(hub.hours.deadline(due, rule.escalate_to[level].after_hours))


def messages(
    rows: Iterable[HandoffRow], rooms: Iterable[str], now: datetime
) -> Iterable[MessageRow]:
    """What is to be said at once about hand-offs, at their level."""
    for row, room in zip(rows, rooms, strict=True):
        yield MessageRow(
            id=new_id("hm", now),
            handoff_id=row.id,
            level=row.level,
            connection=row.connection,
            room=room,
            state="due",
            due_at=iso(now),
        )
