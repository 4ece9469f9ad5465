"""What people look at: how the hub stands, and one lead with all that belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sync.engine.budgets import Wait, waits
from sync.engine.hub import Hub
from sync.store import asides, inbox, journeys, leads, links, matches, outbox, runs
from sync.store.asides import Aside
from sync.store.database import Tx
from sync.store.journeys import ActivityRow, DealRow, StageRow
from sync.store.leads import Event, LeadRow
from sync.store.links import LinkRow
from sync.store.runs import RunRow

__all__ = [
    "ConnectionView",
    "LeadView",
    "StatusView",
    "find_leads",
    "lead_view",
    "status",
]


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """How one connection stands. ``state`` is active, paused, needs_auth or disabled.

    ``records`` are live records by stream; ``owed`` are copies due to be written, ``waiting`` those
    that wait for a person. ``waits`` are kinds of work that the quota has no calls for.
    """

    name: str
    connector: str
    state: str
    reason: str | None
    since: str
    records: dict[str, int]
    owed: int
    waiting: int
    set_aside: int
    last_run: RunRow | None
    waits: tuple[Wait, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusView:
    """How the hub stands: leads by stage, connections, and what waits.

    ``unsure`` are pairs of leads that may be one person.
    """

    leads: int
    by_stage: dict[str, int]
    by_records: dict[int, int]
    connections: tuple[ConnectionView, ...]
    unresolved: int
    set_aside: tuple[tuple[str, str, str, int], ...]
    unsure: int = 0


@dataclass(frozen=True, slots=True)
class LeadView:
    """One lead with its records, stages, deals, activities, history and what is set aside."""

    lead: LeadRow
    links: tuple[LinkRow, ...] = ()
    stages: tuple[StageRow, ...] = ()
    deals: tuple[DealRow, ...] = ()
    activities: tuple[ActivityRow, ...] = ()
    history: tuple[Event, ...] = ()
    set_aside: tuple[Aside, ...] = field(default_factory=tuple)


def status(hub: Hub, names: Sequence[str] | None = None) -> StatusView:
    """How the hub, or these of its connections, stand now."""
    with hub.database.read() as tx:
        states = runs.connection_states(tx)
        depth = outbox.depth(tx)
        troubles = asides.counts(tx)
        waiting = waits(hub, tx)
        records: dict[str, dict[str, int]] = {}
        for connection, stream, count, _ in links.count_by_connection(tx):
            records.setdefault(connection, {})[stream] = count
        found = []
        for name, flow in hub.flows.items():
            if names and name not in names:
                continue
            state = states.get(name, runs.ConnectionState(name))
            owed = depth.get(name, {})
            found.append(
                ConnectionView(
                    name=name,
                    connector=flow.config.connector,
                    state=state.state if flow.config.enabled else "disabled",
                    reason=state.reason if state.state != "active" else None,
                    since=state.since,
                    records=records.get(name, {}),
                    owed=owed.get("due", 0) + owed.get("sent", 0),
                    waiting=owed.get("aside", 0),
                    set_aside=sum(count for who, _, _, count in troubles if who == name),
                    last_run=next(iter(runs.recent(tx, name, 1)), None),
                    waits=waiting.get(name, ()),
                )
            )
        return StatusView(
            leads=leads.count(tx),
            by_stage=leads.count_by_stage(tx),
            by_records=leads.link_counts(tx),
            connections=tuple(found),
            unresolved=inbox.waiting(tx, hub.stamp()),
            set_aside=tuple(one for one in troubles if not names or one[0] in names),
            unsure=matches.count_open(tx, hub.stamp()),
        )


def find_leads(hub: Hub, text: str, limit: int = 20) -> list[LeadRow]:
    """Leads that a text names: one where it is an id, a merged lead's survivor included."""
    wanted = text.strip()
    with hub.database.read() as tx:
        row = _by_id(tx, wanted)
        if row is not None:
            return [row]
        found = leads.by_email(tx, wanted, limit) if "@" in wanted else []
        return found or (leads.find(tx, wanted, limit) if wanted else [])


def _by_id(tx: Tx, lead_id: str) -> LeadRow | None:
    for _ in range(20):
        row = leads.by_ids(tx, [lead_id]).get(lead_id)
        if row is None or row.merged_into is None:
            return row
        lead_id = row.merged_into
    return None


def lead_view(hub: Hub, lead: LeadRow) -> LeadView:
    """Everything that belongs to a lead."""
    with hub.database.read() as tx:
        return LeadView(
            lead=lead,
            links=tuple(links.of_leads(tx, [lead.id])),
            stages=tuple(journeys.stages_of(tx, lead.id)),
            deals=tuple(journeys.deals_of(tx, [lead.id])),
            activities=tuple(journeys.activities_of(tx, lead.id)),
            history=tuple(leads.history(tx, lead.id)),
            set_aside=tuple(asides.listed(tx, lead_id=lead.id)),
        )
