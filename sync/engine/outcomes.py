"""Record what became of changes: links, what the vendor now holds, and what is set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors.kit.base import Change, Outcome, Ref, Status
from connectors.kit.errors import (
    AuthFailed,
    Conflict,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordGone,
    Unavailable,
)
from mapping.fieldmap import Problem
from mapping.merge import UNION_OF
from mapping.projection import StageProjection
from sync.engine import consents, stated
from sync.engine.backoff import backoff
from sync.engine.hub import Flow, Hub
from sync.store import asides, leads, links, outbox
from sync.store.asides import Aside, subject
from sync.store.database import iso
from sync.store.leads import Event
from sync.store.links import LinkRow, link_id

if TYPE_CHECKING:
    from sync.engine.changes import Plan

RETRIES = 8
"""Failures of one change, beyond which it waits for a person."""
PASSING = (Unavailable, RateLimited, AuthFailed, ContractBroken)
"""What is wrong with the vendor or the way to it, and not with the change."""
CONFLICT_WAIT = timedelta(seconds=2)


class Ledger:
    """What one batch of outcomes writes."""

    def __init__(self, flow: Flow, now: str, run_id: str | None) -> None:
        self.flow = flow
        self.now = now
        self.run_id = run_id
        self.settled: list[Any] = []
        self.more: list[tuple[Any, str]] = []
        self.put_off: list[tuple[Any, str]] = []
        self.aside: list[tuple[Any, str]] = []
        self.links: dict[str, LinkRow] = {}
        self.moves: list[tuple[str, str, str]] = []
        self.events: list[Event] = []
        self.asides: list[Aside] = []
        self.closed: list[str] = []
        self.again: list[Ref] = []


def record(
    hub: Hub,
    flow: Flow,
    plans: Sequence[Plan],
    done: Mapping[str, Outcome],
    counts: Counter[str],
    run_id: str | None,
) -> list[Ref]:
    """Write down the outcomes of a batch; the records that must be read again."""
    with hub.database.write() as tx:
        ledger = Ledger(flow, hub.stamp(), run_id)
        ids = {
            link_id(flow.name, outcome.stream or plan.change.stream, outcome.external_id)
            for plan in plans
            if plan.change is not None
            and (outcome := done.get(plan.lead.id)) is not None
            and outcome.external_id
        }
        ids |= {plan.link.id for plan in plans if plan.link is not None}
        leads.lock_keys(tx, (), ids)  # no resolver writes these links meanwhile
        stored = links.by_ids(tx, ids)
        for plan in plans:
            _note_write_problems(plan, ledger)
            if plan.refused is not None:
                _refuse(plan, plan.refused, ledger, counts)
                continue
            if plan.change is None:
                _nothing_to_write(plan, stored, ledger, counts)
                continue
            outcome = plan.outcome or done.get(plan.lead.id)
            if outcome is None:
                outcome = Outcome(
                    plan.lead.id,
                    Status.FAILED,
                    error=Unavailable("the connector gave no outcome", maybe_applied=True),
                )
            if outcome.status is Status.FAILED:
                _failed(hub, plan, plan.change, outcome, ledger, counts)
            else:
                _written(plan, plan.change, outcome, stored, ledger, counts)
        links.save(tx, ledger.links.values())
        links.move(tx, ledger.moves)
        leads.add_history(tx, ledger.events)
        outbox.settle(tx, ledger.settled)
        outbox.put_off(tx, ledger.put_off, "RETRY")
        outbox.put_off(tx, ledger.more, "MORE", failed=False)
        outbox.set_aside(tx, ledger.aside)
        asides.put(tx, ledger.asides, ledger.now)
        asides.close(tx, ledger.closed, ledger.now)
    return ledger.again


def _nothing_to_write(
    plan: Plan, stored: Mapping[str, LinkRow], ledger: Ledger, counts: Counter[str]
) -> None:
    """The copy is up to date, but for fields that have no words at the vendor."""
    ledger.settled.append(plan.owed)
    ledger.closed.append(subject("change", ledger.flow.name, None, plan.lead.id))
    counts["unchanged"] += 1
    link = stored.get(plan.link.id) if plan.link is not None else None
    if link is not None and plan.unwritten:
        link.parked.update(plan.unwritten)
        ledger.links[link.id] = link


def _refuse(plan: Plan, why: Problem, ledger: Ledger, counts: Counter[str]) -> None:
    """The record is not to be made; the change waits for a person, or for the lead to change."""
    ledger.aside.append((plan.owed, why.code))
    ledger.asides.append(
        Aside(
            kind="change",
            connection=ledger.flow.name,
            lead_id=plan.lead.id,
            code=why.code,
            message=why.message,
            fix=why.hint,
            run_id=ledger.run_id,
        )
    )
    counts["set_aside"] += 1


def _close(plan: Plan, ledger: Ledger) -> None:
    """Nothing more is owed, or the rest follows at once."""
    if plan.more:
        ledger.more.append((plan.owed, ledger.now))
    else:
        ledger.settled.append(plan.owed)


def _written(
    plan: Plan,
    change: Change,
    outcome: Outcome,
    stored: Mapping[str, LinkRow],
    ledger: Ledger,
    counts: Counter[str],
) -> None:
    flow = ledger.flow
    stream = outcome.stream or change.stream
    external_id = outcome.external_id or change.external_id or ""
    new_id = link_id(flow.name, stream, external_id)
    link = ledger.links.get(new_id) or stored.get(new_id)
    if link is None:
        link = _link(plan, stream, external_id, ledger.now, flow.name)
    elif link.owner_id is None:
        link.owner_id = plan.lead.id
    if plan.link is not None and plan.link.id != new_id and link.owner_id != plan.lead.id:
        # The vendor merged two people's records: read as such, it brings their leads together.
        ledger.again.append(Ref(stream, external_id))
    elif plan.link is not None and plan.link.id != new_id:
        old = stored.get(plan.link.id, plan.link)
        old.state = "moved"
        link.held = {**stated.inherited(old, flow.map_for(stream)), **link.held}
        consents.carry(old, link)
        ledger.links[old.id] = old
        ledger.moves.append((old.id, new_id, ledger.now))
    refused = _canonical(flow.map_for(stream), plan, outcome.refused)
    _note_held(plan, link, refused, ledger)
    _note_stage(plan, link, flow.map_for(stream).stage, outcome, ledger)
    _note_refused(plan, stream, external_id, outcome, refused, ledger)
    link.version = outcome.version or link.version
    link.updated_at = ledger.now
    link.state = "live"
    ledger.links[link.id] = link
    if plan.outcome is None:
        _close(plan, ledger)
        ledger.closed.append(subject("change", flow.name, None, plan.lead.id))
    counts[str(outcome.status)] += 1
    if outcome.status is not Status.UNCHANGED:
        ledger.events.append(
            Event(
                plan.lead.id,
                ledger.now,
                "pushed",
                {"fields": change.values, "before": change.before},
                link.id,
                ledger.run_id,
            )
        )


def _note_held(plan: Plan, link: LinkRow, refused: set[str], ledger: Ledger) -> None:
    """The vendor now holds what was written; what was not is left alone until it changes."""
    link.parked.update(plan.unwritten)
    if not (refused or link.held or link.since or link.parked):  # a record that was created
        link.held = dict(plan.canonical)
        return
    writable = ledger.flow.map_for(link.stream).writable
    for name, value in plan.canonical.items():
        if name in refused:
            link.parked[name] = value
            continue
        says_so = consents.wrote(link, name, value)
        if UNION_OF.get(name) not in writable:
            stated.keep(link, name, value)
        link.held[name] = value
        if not says_so:
            link.since.pop(name, None)
        if link.parked.pop(name, None) is not None:
            ledger.closed.append(
                subject("field", link.connection, link.stream, link.external_id, name)
            )


def _note_stage(
    plan: Plan,
    link: LinkRow,
    projection: StageProjection | None,
    outcome: Outcome,
    ledger: Ledger,
) -> None:
    if plan.stage is None or projection is None:
        return
    if projection.field in outcome.refused:
        link.parked["stage"] = plan.stage
        return
    link.stage_value = str(outcome.held.get(projection.field, plan.stage))
    if link.stage_value != plan.stage:
        link.parked["stage"] = plan.stage
    elif plan.link is not None:
        link.parked.pop("stage", None)
        ledger.closed.append(
            subject("field", link.connection, link.stream, link.external_id, "stage")
        )


def _link(plan: Plan, stream: str, external_id: str, now: str, connection: str) -> LinkRow:
    return LinkRow(
        id=link_id(connection, stream, external_id),
        connection=connection,
        stream=stream,
        external_id=external_id,
        kind="lead",
        owner_id=plan.lead.id,
        digest=None,
        version=None,
        changed_at=None,
        held={},
        since={},
        stage_value=None,
        parked={},
        state="live",
        match={"rule": "created"},
        first_seen_at=now,
        updated_at=now,
    )


def _canonical(field_map: Any, plan: Plan, refused: Mapping[str, ConnectorError]) -> set[str]:
    """The lead fields behind refused vendor fields."""
    if not refused:
        return set()
    found = set()
    for name in plan.canonical:
        if set(field_map.write({name: plan.canonical[name]}).values) & set(refused):
            found.add(name)
    return found


def _note_refused(
    plan: Plan,
    stream: str,
    external_id: str,
    outcome: Outcome,
    refused: set[str],
    ledger: Ledger,
) -> None:
    for vendor_field, error in outcome.refused.items():
        ledger.asides.append(
            Aside(
                kind="field",
                connection=ledger.flow.name,
                stream=stream,
                external_id=external_id,
                lead_id=plan.lead.id,
                field=vendor_field if len(refused) != 1 else next(iter(refused)),
                code=error.code,
                message=str(error),
                fix="correct the value or the field map; it is tried again when the value changes,"
                ' or by "renkei retry"',
                sent={vendor_field: plan.change.values.get(vendor_field) if plan.change else None},
                run_id=ledger.run_id,
            )
        )
    for vendor_field, held in outcome.held.items():
        ledger.asides.append(
            Aside(
                kind="field",
                connection=ledger.flow.name,
                stream=stream,
                external_id=external_id,
                lead_id=plan.lead.id,
                field=vendor_field,
                code="NOT_TAKEN",
                message=f'the vendor accepted the write but kept another value in "{vendor_field}"',
                fix="set it at the vendor by hand, or change the stage's way back in the field map",
                sent={vendor_field: plan.change.values.get(vendor_field) if plan.change else None},
                received={vendor_field: held},
                run_id=ledger.run_id,
            )
        )


def _note_write_problems(plan: Plan, ledger: Ledger) -> None:
    """Fields that could not be put into the vendor's words."""
    for problem in plan.problems:
        ledger.asides.append(
            Aside(
                kind="field",
                connection=ledger.flow.name,
                stream=plan.change.stream if plan.change else None,
                external_id=plan.link.external_id if plan.link else None,
                lead_id=plan.lead.id,
                field=problem.field,
                code=problem.code,
                message=problem.message,
                fix=problem.hint,
                run_id=ledger.run_id,
            )
        )


def _failed(
    hub: Hub,
    plan: Plan,
    change: Change,
    outcome: Outcome,
    ledger: Ledger,
    counts: Counter[str],
) -> None:
    error = outcome.error or ConnectorError("the connector gave no reason")
    now = hub.now()
    tries_left = plan.owed.attempts < RETRIES
    if isinstance(error, RecordGone) and plan.link is not None:
        plan.link.state = "gone"
        plan.link.updated_at = ledger.now
        ledger.links[plan.link.id] = plan.link
        ledger.more.append((plan.owed, ledger.now))  # another record may be the one to write to now
        ledger.events.append(
            Event(plan.lead.id, ledger.now, "gone", {}, plan.link.id, ledger.run_id)
        )
        counts["gone"] += 1
        return
    if isinstance(error, Conflict) and tries_left:
        existing = error.existing_id or change.external_id
        if existing:
            ledger.again.append(Ref(change.stream, existing))
        ledger.put_off.append((plan.owed, iso(now + CONFLICT_WAIT * 2**plan.owed.attempts)))
        counts["conflict"] += 1
        return
    if isinstance(error, PASSING) and tries_left:
        wait = (
            timedelta(seconds=error.retry_after)
            if isinstance(error, RateLimited)
            else backoff(plan.owed.attempts)
        )
        ledger.put_off.append((plan.owed, iso(now + wait)))
        counts["put_off"] += 1
        return
    ledger.aside.append((plan.owed, error.code))
    ledger.asides.append(
        Aside(
            kind="change",
            connection=ledger.flow.name,
            lead_id=plan.lead.id,
            external_id=None,
            code=error.code,
            message=str(error),
            fix='correct the cause, then "renkei retry"; a change of the lead tries again, too',
            sent=dict(change.values),
            run_id=ledger.run_id,
        )
    )
    counts["set_aside"] += 1
