"""Push: what a connection is owed becomes one change per lead, in batches, with an outcome each.

Leased rows, no transaction across the calls, and a note ahead of every create that it is about to
go out. One lease covers several calls where the vendor is quick; what there was no time for, or no
reason to send after a failure, is given back as it was. Pushing twice, late or in another order
ends in the same state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from types import MappingProxyType
from typing import Any

from connectors.kit.base import Change, Outcome, Pushes, PushesInBulk, Ref
from connectors.kit.errors import ConnectorError, ContractBroken, HeldBack, RateLimited
from mapping.fieldmap import FieldMap, Problem
from sync.engine import consents, outcomes
from sync.engine.backoff import backoff
from sync.engine.crash import crashpoint
from sync.engine.hub import Flow, Hub, stream_type
from sync.engine.owed import may_create, owed_fields, owed_stage, target_link
from sync.engine.pull import reread
from sync.engine.quota import Lane, in_lane
from sync.store import asides, leads, links, outbox
from sync.store.asides import Aside
from sync.store.database import Tx, iso
from sync.store.leads import LeadRow
from sync.store.links import LinkRow
from sync.store.outbox import CRASHES, Owed

LEASE = timedelta(seconds=60)
BULK_LEASE = timedelta(minutes=20)
LEASED = 500
"""Rows that one lease takes, for as many calls as they need."""
CALLING_SECONDS = 5.0
"""How long after the first call of a lease another is begun."""


@dataclass(slots=True)
class Pushed:
    """What a push came to. ``retry_after`` is set where the vendor asked us to wait."""

    rows: int = 0
    calls: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    retry_after: float | None = None
    error: ConnectorError | None = None
    steps: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """One lead's change on its way: what is owed, to which record, and in which words.

    ``refused`` says why a record is not created. With ``more`` the rest of what is owed follows.
    ``outcome`` is what became of it where it was sent beside the change it is a part of.
    """

    owed: Owed
    lead: LeadRow
    link: LinkRow | None
    change: Change | None
    canonical: Mapping[str, Any]
    stage: str | None
    problems: Sequence[Any] = ()
    unwritten: Mapping[str, Any] = field(default_factory=dict)
    refused: Problem | None = None
    more: bool = False
    outcome: Outcome | None = None


def push_due(
    hub: Hub,
    flow: Flow,
    *,
    run_id: str | None = None,
    on_batch: Callable[[Pushed], bool] | None = None,
) -> Pushed:
    """Push what a connection is owed, batch by batch, until nothing is due; opt-outs first.

    What the quota has no calls for stays due as it is, and ``error`` says so. A rate limit or an
    outage ends the push; what was leased is due again when it is over.
    ``on_batch`` is called after each batch; false stops there.
    """
    connector = flow.connector
    if not isinstance(connector, Pushes):
        raise ContractBroken(
            f'connection "{flow.name}" cannot be written: its connector only reads; remove `push`'
        )
    total = Pushed()
    while True:
        started = perf_counter()
        lane, plans, size = _next_batch(hub, flow, connector, total)
        if not plans:
            return total
        crashpoint("push.after_lease")
        planned = perf_counter()
        with in_lane(lane):
            sent = _send(flow, connector, plans, size)
        total.rows += sum(plan.outcome is None for plan in sent.plans) + len(sent.failed)
        total.calls += sent.calls
        called = perf_counter()
        again = _settle(hub, flow, sent, total, run_id)
        for name, seconds in (
            ("lease", planned - started),
            ("push", called - planned),
            ("settle", perf_counter() - called),
        ):
            total.steps[name] = total.steps.get(name, 0.0) + seconds
        if again:
            reread(hub, flow, again, run_id=run_id)
        if sent.error is not None or (on_batch is not None and not on_batch(total)):
            return total


def _next_batch(
    hub: Hub, flow: Flow, connector: Pushes, total: Pushed
) -> tuple[Lane, list[Plan], int]:
    """What to send next, in its lane: opt-outs before all else, each while its lane has calls."""
    for lane in (Lane.OPT_OUT, Lane.ROUTINE):
        urgent = lane is Lane.OPT_OUT
        with hub.database.read() as tx:
            if not outbox.is_due(tx, flow.name, hub.stamp(), urgent=urgent):
                continue
        total.error = flow.meter.held_back(lane)
        if total.error is not None:
            continue
        plans, size = _plan_batch(hub, flow, connector, urgent=urgent)
        if plans:
            return lane, plans, size
    return Lane.ROUTINE, [], 0


def _plan_batch(hub: Hub, flow: Flow, connector: Pushes, *, urgent: bool) -> tuple[list[Plan], int]:
    """What is leased and planned, and how many changes one call takes."""
    size, term = connector.batch_size, LEASE
    limit = max(LEASED // size, 1) * size
    with hub.database.write() as tx:
        now = hub.now()
        if isinstance(connector, PushesInBulk):
            due = outbox.due_by_connection(tx, iso(now)).get(flow.name, 0)
            if due >= connector.bulk_from:
                size = limit = connector.bulk_size
                term = BULK_LEASE
        leased = outbox.lease(
            tx, flow.name, iso(now), iso(now + term), limit, hub.process, urgent=urgent
        )
        if not leased:
            return [], size
        if any(owed.crashes for owed in leased):
            # One of these may kill the worker again: no more of them than one call takes.
            crashers = [owed for owed in leased if owed.crashes >= CRASHES]
            _set_crashers_aside(tx, flow, crashers, iso(now))
            others = [owed for owed in leased if owed.crashes < CRASHES]
            others.sort(key=lambda owed: (-owed.crashes, owed.lead_id))
            outbox.give_back(tx, others[size:])
            leased = others[:size]
        plans = _plans(tx, flow, leased)
        creates = [p.owed.lead_id for p in plans if p.change is not None and p.link is None]
        outbox.mark_sent(tx, flow.name, creates)
        return plans, size


def _plans(tx: Tx, flow: Flow, leased: Sequence[Owed]) -> list[Plan]:
    ids = [owed.lead_id for owed in leased]
    rows = leads.by_ids(tx, ids, provenance=False)
    taken = _taken(tx, flow, rows.values())
    by_lead: dict[str, list[LinkRow]] = {}
    for link in links.of_leads(tx, ids, flow.name):
        by_lead.setdefault(link.owner_id or "", []).append(link)
    plans = []
    for owed in leased:
        lead = rows.get(owed.lead_id)
        if lead is None:
            continue
        held = by_lead.get(lead.id, [])
        lacking = consents.elsewhere(flow, lead, held, target_link(flow, held))
        if lacking is not None:
            plans.append(Plan(owed, lead, *lacking, None, more=True))
        else:
            plans.append(plan_change(flow, owed, lead, held, taken))
    return consents.opt_outs_first(plans)


def _taken(tx: Tx, flow: Flow, batch: Iterable[LeadRow]) -> dict[str, str]:
    """Who already has, at this connection, an e-mail that only one record there may have.

    Two people behind one shared mailbox are two leads, but such a vendor holds the mailbox once.
    """
    push = flow.config.push
    if push is None or "email" not in flow.manifest.streams[stream_type(push.stream)].unique:
        return {}
    emails = {lead.email for lead in batch if lead.email}
    return leads.holders_of_emails(tx, emails, flow.name)


def _may_write(flow: Flow, lead: LeadRow, held: Sequence[LinkRow], link: LinkRow | None) -> bool:
    if link is None:
        return may_create(flow, lead, held)
    return flow.config.push is not None and flow.config.push.update


def plan_change(
    flow: Flow,
    owed: Owed,
    lead: LeadRow,
    held: Sequence[LinkRow],
    taken: Mapping[str, str] = MappingProxyType({}),
) -> Plan:
    """What to write to a connection for a lead; the change is None where nothing is owed.

    ``taken`` maps e-mails that only one record may have to the lead that has them there.
    """
    push = flow.config.push
    link = target_link(flow, held)
    if push is None or lead.merged_into or not _may_write(flow, lead, held, link):
        return Plan(owed, lead, link, None, {}, None)
    stream = link.stream if link is not None else push.stream
    field_map = flow.map_for(stream)
    if link is None and (refused := consents.unheld(field_map, lead)) is not None:
        return Plan(owed, lead, None, None, {}, None, refused=refused)
    canonical = owed_fields(flow, field_map, lead, link)
    stage = owed_stage(field_map, lead, link)
    if not canonical and stage is None:
        return Plan(owed, lead, link, None, {}, None)
    problems: list[Problem] = []
    if canonical.get("email") and taken.get(str(canonical["email"]), lead.id) != lead.id:
        problems.append(_shared_mailbox(taken[str(canonical["email"])]))
    wanted = canonical
    if problems:
        wanted = {name: value for name, value in canonical.items() if name != "email"}
    written = field_map.write(wanted, create=link is None)
    problems += written.problems
    values = written.values
    unwritten = {problem.field: canonical.pop(problem.field, None) for problem in problems}
    projection = field_map.stage
    if stage is not None and projection is not None:
        values[projection.field] = stage
        if projection.reason_field and projection.reason_field not in values:
            values[projection.reason_field] = lead.stage_reason or ""
    before = _before(field_map, link, canonical, stage) if link is not None else {}
    if not values:
        return Plan(owed, lead, link, None, canonical, stage, problems, unwritten)
    change = Change(
        stream=stream,
        key=lead.id,
        values=values,
        external_id=link.external_id if link is not None else None,
        version=link.version if link is not None else None,
        before=before,
    )
    return Plan(owed, lead, link, change, canonical, stage, problems, unwritten)


def _before(
    field_map: FieldMap, link: LinkRow, canonical: Mapping[str, Any], stage: str | None
) -> dict[str, Any]:
    """What the vendor holds where a change is to write, as far as the hub knows."""
    holds = consents.really(link)
    before = field_map.write({name: holds.get(name) for name in canonical}).values
    if stage is not None and field_map.stage is not None:
        before[field_map.stage.field] = link.stage_value
    return before


def _shared_mailbox(holder: str) -> Problem:
    return Problem(
        field="email",
        vendor_field="email",
        code="MAILBOX_SHARED",
        message=f"the vendor lets one record have this e-mail, and lead {holder} has it there",
        hint="give one of the two people a mailbox of their own, or let the connection key records"
        " by the hub's id",
    )


@dataclass(slots=True)
class _Sent:
    """What became of a lease: plans that were called, that failed together, and that were not."""

    plans: list[Plan] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    failed: Sequence[Plan] = ()
    unsent: Sequence[Plan] = ()
    calls: int = 0
    error: Exception | None = None


def _send(flow: Flow, connector: Pushes, plans: Sequence[Plan], size: int) -> _Sent:
    """Call the connector, ``size`` changes at a time, until one call fails or time is up."""
    sent = _Sent()
    until = perf_counter() + CALLING_SECONDS
    for start in range(0, len(plans), size):
        some = plans[start : start + size]
        if start and perf_counter() >= until:
            sent.unsent = plans[start:]
            break
        changes = [plan.change for plan in some if plan.change is not None]
        try:
            done = connector.push(changes) if changes else ()
            sent.outcomes.update((outcome.key, outcome) for outcome in done)
        except Exception as error:  # noqa: BLE001  # raised again when what went before is recorded
            sent.error = error
            sent.failed, sent.unsent = some, plans[start + size :]
            break
        sent.calls += bool(done)
        sent.plans += [*consents.rescue(flow, connector, some, sent.outcomes), *some]
    return sent


def _settle(hub: Hub, flow: Flow, sent: _Sent, total: Pushed, run_id: str | None) -> list[Ref]:
    """Write down what became of a lease; the records that must be read again."""
    again: list[Ref] = []
    if sent.plans:
        crashpoint("push.after_send")
        again = outcomes.record(hub, flow, sent.plans, sent.outcomes, total.counts, run_id)
        crashpoint("push.after_record")
    if sent.unsent:
        with hub.database.write() as tx:
            outbox.give_back(tx, [plan.owed for plan in sent.unsent])
    if isinstance(sent.error, ConnectorError):
        _put_off(hub, sent.failed, sent.error, total)
    elif sent.error is not None:
        raise sent.error
    return again


def _set_crashers_aside(tx: Tx, flow: Flow, crashers: Sequence[Owed], now: str) -> None:
    outbox.set_aside(tx, [(owed, "CRASHER") for owed in crashers])
    asides.put(
        tx,
        [
            Aside(
                kind="change",
                connection=flow.name,
                lead_id=owed.lead_id,
                code="CRASHER",
                message=f"the worker died {owed.crashes} times while writing this lead",
                fix="look at the lead's values, then retry",
            )
            for owed in crashers
        ],
        now,
    )


def _put_off(hub: Hub, plans: Sequence[Plan], error: ConnectorError, total: Pushed) -> None:
    """The call failed as a whole: all of the batch falls due again."""
    now = hub.now()
    total.error = error
    limited = isinstance(error, RateLimited)
    if isinstance(error, RateLimited):
        total.retry_after = error.retry_after
    rows = []
    for plan in plans:
        if isinstance(error, HeldBack):
            wait = timedelta()  # the meter keeps it back, and opt-outs not longer than need be
        elif isinstance(error, RateLimited):
            wait = timedelta(seconds=error.retry_after)
        else:
            wait = backoff(plan.owed.attempts)
        rows.append((plan.owed, iso(now + wait)))
    with hub.database.write() as tx:
        outbox.put_off(tx, rows, error.code, failed=not limited)
    total.counts["put_off"] += len(rows)
