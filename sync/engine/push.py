"""Push: what a connection is owed becomes one change per lead, in batches, with an outcome each.

Leased rows, no transaction across the calls, and a note ahead of every create that it is about to
go out. One lease covers several calls where the vendor is quick; what there was no time for, or no
reason to send after a failure, is given back as it was. Pushing twice, late or in another order
ends in the same state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from time import perf_counter

from connectors.kit.base import Outcome, Pushes, PushesInBulk, Ref, Status
from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    ContractBroken,
    HeldBack,
    RateLimited,
)
from sync.engine import consents, outcomes
from sync.engine.backoff import backoff
from sync.engine.changes import Chosen, Plan, opt_outs_alone, plans
from sync.engine.crash import crashpoint
from sync.engine.hub import Flow, Hub
from sync.engine.pull import reread
from sync.engine.quota import Lane, in_lane
from sync.store import asides, outbox
from sync.store.asides import Aside
from sync.store.database import Tx, iso
from sync.store.outbox import CRASHES, Owed
from sync.store.worktimes import Spent

LEASE = timedelta(seconds=60)
BULK_LEASE = timedelta(minutes=20)
LEASED = 500
"""Rows that one lease takes, for as many calls as they need."""
CALLING_SECONDS = 5.0
"""How long after the first call of a lease another is begun."""


@dataclass(slots=True)
class Pushed:
    """What a push came to. ``retry_after`` is set where the vendor asked us to wait.

    ``opt_outs`` are records that got opt-outs and nothing else.
    """

    rows: int = 0
    calls: int = 0
    opt_outs: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    retry_after: float | None = None
    error: ConnectorError | None = None
    steps: dict[str, float] = field(default_factory=dict)


def push_due(
    hub: Hub,
    flow: Flow,
    *,
    run_id: str | None = None,
    on_batch: Callable[[Pushed], bool] | None = None,
    chosen: Chosen | None = None,
    is_held: Callable[[], bool] = lambda: False,
) -> Pushed:
    """Push what a connection is owed, batch by batch, until nothing is due; opt-outs first.

    With ``chosen`` only those changes are written, also where they are held back or put off; what
    has become another change meanwhile is left as it is. What the quota has no calls for stays due
    as it is, and ``error`` says so. A rate limit or an outage ends the push; what was leased is due
    again when it is over. ``on_batch`` is called after each batch; false stops there. While it
    ``is_held`` only opt-outs are written, each without the rest of its change.
    """
    connector = flow.connector
    if not isinstance(connector, Pushes):
        raise ContractBroken(
            f'connection "{flow.name}" cannot be written: its connector only reads; remove `push`'
        )
    total = Pushed()
    while True:
        started = perf_counter()
        held = is_held()
        lane, found, size = _next_batch(hub, flow, connector, total, chosen, held=held)
        if not found:
            if total.error is None and _is_more_due(hub, flow, chosen, held=held):
                continue
            return total
        crashpoint("push.after_lease")
        planned = perf_counter()
        with in_lane(lane):
            sent = _send(flow, connector, found, size)
        if chosen is not None:
            chosen.sent(hub.database.box, [*sent.plans, *sent.failed])
        total.rows += sum(plan.outcome is None for plan in sent.plans) + len(sent.failed)
        total.opt_outs += sum(_is_opt_out(flow, plan, sent.outcomes) for plan in sent.plans)
        total.calls += sent.calls
        called = perf_counter()
        again = _settle(hub, flow, sent, total, run_id)
        for name, seconds in (
            ("lease", planned - started),
            ("push", called - planned),
            ("settle", perf_counter() - called),
        ):
            total.steps[name] = total.steps.get(name, 0.0) + seconds
        spent = perf_counter() - started
        hub.worktime.note(f"push:{flow.name}", Spent(len(found), spent, called - planned))
        if again:
            reread(hub, flow, again, run_id=run_id)
        if sent.error is not None or (on_batch is not None and not on_batch(total)):
            return total


def _is_more_due(hub: Hub, flow: Flow, chosen: Chosen | None, *, held: bool) -> bool:
    """Whether there is more to look at although a batch came to nothing."""
    if chosen is not None:
        return bool(chosen.changes)
    if not held:
        return False
    with hub.database.read() as tx:
        return outbox.is_due(tx, flow.name, hub.stamp(), urgent=True)


def _is_opt_out(flow: Flow, plan: Plan, done: Mapping[str, Outcome]) -> bool:
    """Whether a record was updated with opt-outs alone."""
    outcome = done.get(plan.lead.id)
    updated = outcome is not None and outcome.status is Status.UPDATED
    return updated and plan.outcome is None and consents.is_alone(flow, plan)


def _next_batch(
    hub: Hub,
    flow: Flow,
    connector: Pushes,
    total: Pushed,
    chosen: Chosen | None,
    *,
    held: bool,
) -> tuple[Lane, list[Plan], int]:
    """What to send next, in its lane: opt-outs before all else, each while its lane has calls."""
    lanes = (Lane.OPT_OUT, *(() if held else (Lane.ROUTINE,)))
    for lane in lanes if chosen is None else (Lane.ROUTINE,):
        urgent = lane is Lane.OPT_OUT
        if chosen is None:
            with hub.database.read() as tx:
                if not outbox.is_due(tx, flow.name, hub.stamp(), urgent=urgent):
                    continue
        total.error = flow.meter.held_back(lane)
        if total.error is not None:
            continue
        found, size = _plan_batch(hub, flow, connector, chosen, urgent=urgent, held=held)
        if found:
            return lane, found, size
    return Lane.ROUTINE, [], 0


def _plan_batch(
    hub: Hub, flow: Flow, connector: Pushes, chosen: Chosen | None, *, urgent: bool, held: bool
) -> tuple[list[Plan], int]:
    """What is leased and planned, and how many changes one call takes."""
    size, term = connector.batch_size, LEASE
    limit = max(LEASED // size, 1) * size
    with hub.database.write() as tx:
        now = hub.now()
        if isinstance(connector, PushesInBulk):
            due = (
                outbox.due_by_connection(tx, iso(now)).get(flow.name, 0)
                if chosen is None
                else len(chosen.changes)
            )
            if due >= connector.bulk_from:
                size = limit = connector.bulk_size
                term = BULK_LEASE
        term_ends = iso(now + term)
        if chosen is None:
            leased = outbox.lease(
                tx, flow.name, iso(now), term_ends, limit, hub.process, urgent=urgent
            )
        else:
            wanted = list(islice(chosen.changes, limit))
            leased = outbox.lease_these(tx, flow.name, wanted, iso(now), term_ends, hub.process)
            chosen.leave(set(wanted) - {owed.lead_id for owed in leased})
        if not leased:
            return [], size
        crashes = max(owed.crashes for owed in leased)
        if crashes:
            hub.tally.add("takeovers", "change", sum(bool(owed.crashes) for owed in leased))
            # One of these may kill the worker again: each time fewer go together, at last one.
            few = max(1, min(size, connector.batch_size) >> 2 * (crashes - 1))
            crashers = [owed for owed in leased if owed.crashes >= CRASHES]
            _set_crashers_aside(tx, flow, crashers, iso(now))
            others = [owed for owed in leased if owed.crashes < CRASHES]
            others.sort(key=lambda owed: (-owed.crashes, owed.lead_id))
            outbox.give_back(tx, others[few:])
            leased = others[:few]
        found = plans(tx, flow, leased, epoch=hub.epoch)
        if chosen is not None:
            found, changed = chosen.sift(tx.box, found)
            outbox.give_back(tx, [plan.owed for plan in changed])
        elif held:
            found, rest = opt_outs_alone(flow, found)
            outbox.hold(tx, [plan.owed for plan in rest])
        creates = [p.owed.lead_id for p in found if p.change is not None and p.link is None]
        outbox.mark_sent(tx, flow.name, creates)
        return found, size


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
    blameless = isinstance(error, (RateLimited, AuthFailed))
    if isinstance(error, RateLimited):
        total.retry_after = error.retry_after
    rows = []
    for plan in plans:
        if isinstance(error, (HeldBack, AuthFailed)):
            # The meter keeps it back, and opt-outs not longer than need be; or a person does.
            wait = timedelta()
        elif isinstance(error, RateLimited):
            wait = timedelta(seconds=error.retry_after)
        else:
            wait = backoff(plan.owed.attempts)
        rows.append((plan.owed, iso(now + wait)))
    with hub.database.write() as tx:
        outbox.put_off(tx, rows, error.code, failed=not blameless)
    total.counts["put_off"] += len(rows)
