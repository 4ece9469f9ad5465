"""What people look at: the hand-offs there are, and one with all that was said and answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sync.engine.handoff.saying import about
from sync.engine.hub import Hub
from sync.store import asides, handoff_messages, handoffs, leads
from sync.store.asides import Aside
from sync.store.handoff_messages import MessageRow
from sync.store.handoffs import AnswerRow, HandoffRow

__all__ = ["Listed", "Shown", "listed", "retry", "shown"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One hand-off among others.

    ``standing`` is due, posting, posted, late, escalated, answered, withdrawn or aside.
    """

    row: HandoffRow
    standing: str
    name: str | None
    company: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One hand-off with its messages, answers and what was set aside."""

    row: HandoffRow
    standing: str
    messages: tuple[MessageRow, ...]
    answers: tuple[AnswerRow, ...]
    set_aside: tuple[Aside, ...]


_STANDING = {"due": "due", "posting": "posting", "aside": "aside"}


def _standing(row: HandoffRow, messages: Sequence[MessageRow], now: str) -> str:
    if row.state != "open":
        return row.state
    if any(one.state == "aside" for one in messages):
        return "aside"
    if row.level:
        return "escalated"
    if row.due_at <= now:
        return "late"
    return _STANDING.get(messages[0].state, "posted") if messages else "due"


def listed(
    hub: Hub, *, state: str | None = None, late: bool = False, limit: int = 50
) -> list[Listed]:
    """Hand-offs, the newest first; ``late``: only those whose time to answer in is over."""
    now = hub.stamp()
    with hub.database.read() as tx:
        rows = handoffs.listed(tx, state=state, late_at=now if late else None, limit=limit)
        said: dict[str, list[MessageRow]] = {}
        for message in handoff_messages.of_handoffs(tx, [row.id for row in rows]):
            said.setdefault(message.handoff_id, []).append(message)
        people = leads.by_ids(tx, {row.lead_id for row in rows}, provenance=False)
    found = []
    for row in rows:
        lead = people.get(row.lead_id)
        name, company = (lead.name, lead.company) if lead is not None else (None, None)
        found.append(Listed(row, _standing(row, said.get(row.id, []), now), name, company))
    return found


def shown(hub: Hub, handoff_id: str) -> Shown:
    """One hand-off. LookupError where there is none."""
    with hub.database.read() as tx:
        row = handoffs.by_id(tx, handoff_id)
        if row is None:
            raise LookupError(handoff_id)
        messages = tuple(handoff_messages.of_handoffs(tx, [row.id]))
        answers = tuple(handoffs.answers_of(tx, row.id))
        mine = {one.id for one in messages}
        waiting = asides.listed(tx, connection=row.connection, kind="handoff")
    aside = tuple(one for one in waiting if one.external_id in mine)
    return Shown(row, _standing(row, messages, hub.stamp()), messages, answers, aside)


def retry(hub: Hub, ids: Sequence[str] | None) -> int:
    """Try what was set aside of these hand-offs, or of all, again; how many messages."""
    now = hub.stamp()
    with hub.database.write() as tx:
        wanted = handoff_messages.set_aside_of(tx, ids)
        count = handoff_messages.put_back(tx, [row.id for row in wanted], now)
        asides.close(tx, [about(row) for row in wanted], now)
    return count
