"""Carry out exactly a plan, or nothing: whether the world has moved since it was made.

Before anything is written the records of the plan are read again, and what they say is taken in.
A plan that then comes out otherwise is refused as a whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.kit.base import Fetches, Ref
from sync.engine.changes import Chosen
from sync.engine.hub import Flow, Hub
from sync.engine.planning import (
    HubPlan,
    PlannedChange,
    TargetPlan,
    changes_of,
    setup_digest,
)
from sync.engine.pull import reread
from sync.engine.resolve import resolve_due
from sync.store import runs
from sync.store.links import split_id

__all__ = ["Moved", "chosen_of", "moved_since", "reread_records"]

READ_AT_ONCE = 100
"""Records that are read again with one call."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Something that is not any more as it was when the plan was made.

    ``what`` is connection (not written to now: paused, or switched off), setup (its
    configuration), lead, record, change (what would be written), or settled (nothing is owed any
    more).
    """

    connection: str
    what: str
    lead_id: str | None = None
    record: str | None = None


def moved_since(hub: Hub, plan: HubPlan) -> list[Moved]:
    """What has moved since a plan was made; its records are read again first.

    Raises the connector's errors. Nothing is written to any vendor.
    """
    targets = {flow.name: flow for flow in hub.targets}
    with hub.database.read() as tx:
        states = runs.connection_states(tx)
    found: list[Moved] = []
    for target in plan.targets:
        flow, state = targets.get(target.connection), states.get(target.connection)
        if flow is None or (state is not None and state.state != "active"):
            found.append(Moved(target.connection, "connection"))
        elif setup_digest(hub, flow) != target.setup:
            found.append(Moved(target.connection, "setup"))
    if found:
        return found
    for target in plan.targets:
        records = [one.record for one in target.changes if one.record is not None]
        reread_records(hub, targets[target.connection], records)
    resolve_due(hub)
    for target in plan.targets:
        found += _moved(hub, targets[target.connection], target)
    return found


def reread_records(
    hub: Hub, flow: Flow, records: Sequence[str], *, run_id: str | None = None
) -> None:
    """Read records again and take in what they say, where the connector can read single ones."""
    if not isinstance(flow.connector, Fetches):
        return
    refs = [Ref(stream, id_) for _, stream, id_ in map(split_id, dict.fromkeys(records))]
    for start in range(0, len(refs), READ_AT_ONCE):
        reread(hub, flow, refs[start : start + READ_AT_ONCE], run_id=run_id)


def _moved(hub: Hub, flow: Flow, target: TargetPlan) -> list[Moved]:
    lead_ids = list(dict.fromkeys(one.lead_id for one in target.changes))
    now: dict[str, list[PlannedChange]] = defaultdict(list)
    for one in changes_of(hub, flow, lead_ids):
        if one.action != "nothing":
            now[one.lead_id].append(one)
    planned: dict[str, list[PlannedChange]] = defaultdict(list)
    for one in target.changes:
        planned[one.lead_id].append(one)
    return [
        Moved(flow.name, what, lead_id, planned[lead_id][-1].record)
        for lead_id in lead_ids
        if (what := _difference(planned[lead_id], now.get(lead_id, [])))
    ]


def _difference(planned: Sequence[PlannedChange], now: Sequence[PlannedChange]) -> str:
    """What is different about a lead's changes; "" where nothing is."""
    if not now:
        return "settled"
    if {one.lead for one in planned} != {one.lead for one in now}:
        return "lead"
    if {(one.record, one.held) for one in planned} != {(one.record, one.held) for one in now}:
        return "record"
    return "" if {one.change for one in planned} == {one.change for one in now} else "change"


def chosen_of(target: TargetPlan) -> Chosen:
    """The changes of a target as the only ones that a push may write."""
    changes: dict[str, set[str]] = {}
    for one in target.changes:
        changes.setdefault(one.lead_id, set()).add(one.change)
    return Chosen(changes)
