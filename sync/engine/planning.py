"""What a push would write now: per target its creates, updates and stage moves, field by field.

Nothing is written, and vendors are asked only what is left of their quota. A plan names each change
by keyed digests of what it writes and of the lead and record it rests on, so that whoever carries
it out can tell whether the world has moved since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.kit.base import Identifies, Pushes, PushesInBulk
from connectors.kit.errors import ConnectorError
from sync.engine import consents
from sync.engine.changes import Plan, change_digest, plans
from sync.engine.hub import Flow, Hub
from sync.engine.limits import Excess, Reach, excess, goes_back
from sync.engine.owed import OF_THE_HUB
from sync.store import links, outbox
from sync.store.database import Tx, dumps
from sync.store.outbox import Owed
from sync.store.sealing import Box

__all__ = ["HubPlan", "PlannedChange", "TargetPlan", "changes_of", "make_plan", "setup_digest"]

PAGE = 500
"""Leads that are planned together."""
MOST = 1_000_000
"""Leads of one target that a plan looks at."""


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One change of one record: what is written, over what, and what it rests on.

    ``action`` is create, update, or nothing. ``values`` and ``before`` are vendor fields; before a
    create nothing is known. ``stage`` is the vendor's stage from → to, ``back`` says that this is a
    move backward. ``second`` are writes that follow from others: ``our_id`` ties the record to its
    lead, ``marks`` are what the hub itself says of the lead, ``opt_out`` goes to a further record
    of the person, ``stage_cleared`` empties the stage before it goes back. ``others`` are the
    person's further records there, which stay as they are. What brings ``opt_outs_only`` counts
    towards no limit.
    """

    connection: str
    lead_id: str
    action: str
    stream: str = ""
    record: str | None = None
    values: Mapping[str, Any] | None = None
    before: Mapping[str, Any] | None = None
    stage: tuple[str | None, str] | None = None
    back: bool = False
    second: tuple[str, ...] = ()
    others: int = 0
    opt_outs_only: bool = False
    change: str = ""
    lead: str = ""
    held: str = ""


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """What one connection would get.

    ``unchanged`` are leads that turn out to be up to date, ``calls`` how often the connector is
    called, ``quota_left`` what its vendor says is left, where it does. ``over`` are the limits that
    the changes are over. ``setup`` is a digest of the connection's configuration.
    """

    connection: str
    setup: str
    changes: tuple[PlannedChange, ...] = ()
    unchanged: int = 0
    linked: int = 0
    calls: int = 0
    quota_left: int | None = None
    over: tuple[Excess, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many creates, updates, stage moves, moves backward, doubles and second writes."""
        made = Counter(one.action for one in self.changes)
        second = Counter(code for one in self.changes for code in one.second)
        return {
            "create": made["create"],
            "update": made["update"],
            "stage_moves": sum(one.stage is not None for one in self.changes),
            "stage_regressions": sum(one.back for one in self.changes),
            "doubles": sum(one.others > 0 for one in self.changes),
            **{code: second[code] for code in ("our_id", "marks", "opt_out", "stage_cleared")},
        }


@dataclass(frozen=True, slots=True)
class HubPlan:
    """What all targets, or some, would get. ``unresolved`` records wait and are not part of it."""

    made_at: str
    targets: tuple[TargetPlan, ...] = ()
    unresolved: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return not any(target.changes for target in self.targets)


def make_plan(hub: Hub, names: Sequence[str] = (), *, ask_quota: bool = True) -> HubPlan:
    """What a push to each target, or to these, would write now; held-back changes included."""
    from sync.store import inbox

    with hub.database.read() as tx:
        unresolved = inbox.waiting(tx, hub.stamp())
    chosen = [flow for flow in hub.targets if not names or flow.name in names]
    return HubPlan(
        made_at=hub.stamp(),
        targets=tuple(_target(hub, flow, ask_quota=ask_quota) for flow in chosen),
        unresolved=unresolved,
    )


def _target(hub: Hub, flow: Flow, *, ask_quota: bool) -> TargetPlan:
    found = list(changes_of(hub, flow))
    changes = tuple(one for one in found if one.action != "nothing")
    with hub.database.read() as tx:
        linked = links.count_people(tx, flow.name)
    return TargetPlan(
        connection=flow.name,
        setup=setup_digest(hub, flow),
        changes=changes,
        unchanged=len(found) - len(changes),
        linked=linked,
        calls=calls_for(flow, len(changes)),
        quota_left=quota_left(flow) if ask_quota and changes else None,
        over=excess(flow, reach_of(changes, linked)),
    )


def changes_of(
    hub: Hub, flow: Flow, lead_ids: Sequence[str] | None = None
) -> Iterator[PlannedChange]:
    """What a connection is owed, lead by lead, as a push would write it; of these leads only."""
    with hub.database.read() as tx:
        ids = outbox.owed_ids(tx, flow.name, MOST)
    if lead_ids is not None:
        wanted = set(lead_ids)
        ids = [one for one in ids if one in wanted]
    for start in range(0, len(ids), PAGE):
        some = [Owed(flow.name, one, 0, False, 0, 0, 0) for one in ids[start : start + PAGE]]
        with hub.database.read() as tx:
            found = plans(tx, flow, some, whole=True, epoch=hub.epoch)
            yield from _told(tx, flow, found)


def _told(tx: Tx, flow: Flow, found: Sequence[Plan]) -> Iterator[PlannedChange]:
    records: Counter[str] = Counter(
        link.owner_id or ""
        for link in links.of_leads(tx, {plan.lead.id for plan in found}, flow.name)
        if link.state == "live"
    )
    for plan in found:
        change, link, lead = plan.change, plan.link, plan.lead
        record = link.id if link is not None else None
        if change is None:
            yield PlannedChange(flow.name, lead.id, "nothing", record=record)
            continue
        back = goes_back(flow, plan)
        yield PlannedChange(
            connection=flow.name,
            lead_id=lead.id,
            action="create" if link is None else "update",
            stream=change.stream,
            record=record,
            values=dict(change.values),
            before=dict(change.before) if link is not None else None,
            stage=(link.stage_value if link is not None else None, plan.stage)
            if plan.stage is not None
            else None,
            back=back,
            second=tuple(_second(flow, plan, back=back)),
            others=max(records[lead.id] - 1, 0),
            opt_outs_only=consents.is_alone(flow, plan),
            change=change_digest(tx.box, plan),
            lead=_digest(tx.box, [lead.fields, lead.stage, lead.stage_reason, lead.merged_into]),
            held=_digest(tx.box, [link.held, link.stage_value, link.state]) if link else "",
        )


def _second(flow: Flow, plan: Plan, *, back: bool) -> Iterator[str]:
    """The writes of a change that follow from other writes."""
    if plan.more:
        yield "opt_out"
    if plan.link is not None and "renkei_id" in plan.canonical:
        yield "our_id"
    if plan.link is not None and (OF_THE_HUB - {"renkei_id"}) & plan.canonical.keys():
        yield "marks"
    stage = flow.map_for(plan.change.stream).stage if plan.change is not None else None
    if back and stage is not None and stage.back == "clear":
        yield "stage_cleared"


def _digest(box: Box, said: Any) -> str:
    return box.digest(dumps(said).encode())


def setup_digest(hub: Hub, flow: Flow) -> str:
    """A digest of what decides where and how a connection is written; its limits are no part."""
    config = flow.config
    said = [
        config.connector,
        config.options,
        config.push.model_dump(exclude={"limits"}) if config.push is not None else None,
        hub.config.fields.get(flow.name),
    ]
    return _digest(hub.database.box, said)


def reach_of(changes: Sequence[PlannedChange], linked: int) -> Reach:
    """How far some changes reach; opt-outs count for nothing."""
    return Reach(
        creates=sum(one.action == "create" for one in changes),
        changed=len(
            {one.record for one in changes if one.action == "update" and not one.opt_outs_only}
        ),
        regressions=sum(one.back for one in changes),
        linked=linked,
    )


def calls_for(flow: Flow, count: int) -> int:
    """How often the connector is called for so many changes; each call may be a few requests."""
    connector = flow.connector
    if not count or not isinstance(connector, Pushes):
        return 0
    size = connector.batch_size
    if isinstance(connector, PushesInBulk) and count >= connector.bulk_from:
        size = connector.bulk_size
    return -(-count // size)


def quota_left(flow: Flow) -> int | None:
    """The requests that a vendor says are left; None where it does not say or cannot be asked."""
    connector = flow.connector
    if not isinstance(connector, Identifies):
        return None
    try:
        return connector.identify().quota_left
    except ConnectorError:
        return None
