"""The jobs a doorbell, a schedule or a command starts: pull, resolve, push, by connection.

Each is safe to run twice, late, or for nothing. A job keeps its run row up to date, so that what
happened can be read while it happens and afterwards.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from connectors.kit.errors import ConnectorError, HeldBack
from sync.engine import reconciling
from sync.engine.changes import Chosen
from sync.engine.hooks import take_hooks
from sync.engine.hub import Flow, Hub
from sync.engine.limits import OVER_LIMIT, Guard, Held
from sync.engine.pull import Pulled, pull_stream, sweep
from sync.engine.push import Pushed, push_due
from sync.engine.quota import Lane, in_lane
from sync.engine.reconciling import RESTORED
from sync.engine.resolve import BATCH, Resolved, resolve_due
from sync.store import outbox, runs
from sync.store.database import iso
from sync.store.runs import RunRow
from sync.workers import upkeep
from sync.workers.job import Job, Watch, ignore, start
from sync.workers.policy import answer_to

log = logging.getLogger("renkei.jobs")

QUOTA_SPENT = "QUOTA_SPENT"
HOLDS = (OVER_LIMIT, RESTORED)
"""Codes of pushes that write opt-outs only, until somebody acts or the vendor was read."""
ROUNDS = 6
"""How often pushes and their echoes go round in one command, at most; two are the usual number."""


def pull(
    hub: Hub,
    name: str,
    *,
    cause: str = "command",
    streams: Sequence[str] | None = None,
    watch: Watch = ignore,
    stop: Callable[[], bool] = lambda: False,
) -> list[RunRow]:
    """Pull a connection's streams and resolve what came; a run for each stream.

    An error ends its stream, and the rest of the connection where it concerns all of it. Streams
    that were never read to their end are backfills: where the quota has no calls for them, the
    others go on. What the hub holds back unasked leaves no run behind, but is among the answers.
    """
    flow = hub.flows[name]
    if flow.config.pull is None:
        return []
    done: list[RunRow] = []
    try:
        chosen = list(streams) if streams is not None else flow.streams()
        with hub.database.read() as tx:
            whole = runs.whole_streams(tx, name)
        for stream in chosen:
            lane = Lane.ROUTINE if stream in whole else Lane.BACKFILL
            job = start(hub, name, "pull", cause, stream=stream, watch=watch, stop=stop)
            held = flow.meter.held_back(lane) if cause != "command" else None
            if held is not None:
                run = _not_begun(job, held)
            else:
                with in_lane(lane), job.about():
                    run = _pull_one(job, flow, stream)
            done.append(run)
            waits = run.state == "stopped" and run.code != QUOTA_SPENT
            if waits or not upkeep.is_active(hub, name):
                break
    except ConnectorError as error:
        return [start(hub, name, "pull", cause, watch=watch).end(answer_to(error).state, error)]
    finally:
        flow.meter.settle()
    return done


def _not_begun(job: Job, held: HeldBack) -> RunRow:
    """The run that would be, where it is known beforehand that there are no calls for it."""
    job.run.state, job.run.code, job.run.error = "stopped", held.code, str(held)
    job.run.resumes_at = iso(job.hub.now() + timedelta(seconds=held.retry_after))
    return job.run


def _pull_one(job: Job, flow: Flow, stream: str) -> RunRow:
    hub, run = job.hub, job.run
    counts: Counter[str] = Counter()

    taken, learnt = 0, 2 * BATCH

    def on_page(pulled: Pulled) -> bool:
        nonlocal taken, learnt
        if pulled.taken - taken >= BATCH:
            taken = pulled.taken
            counts.update(resolve_due(hub, stop=job.stop).counts)
        if taken >= learnt:
            learnt *= 10
            hub.database.learn()
        run.counts = {
            "read": pulled.read,
            "new": pulled.taken,
            "unchanged": pulled.unchanged,
            **counts,
        }
        run.steps = dict(pulled.steps)
        return job.beat()

    failed: ConnectorError | None = None
    try:
        pull_stream(hub, flow, stream, run, on_page=on_page)
    except ConnectorError as error:
        failed = error
    counts.update(resolve_due(hub, stop=job.stop).counts)
    run.counts = {**run.counts, **counts}
    if failed is not None:
        return job.end(answer_to(failed).state, failed)
    return job.end("partial" if counts["set_aside"] else "succeeded")


def resolve(hub: Hub) -> Resolved:
    """Resolve what is due."""
    return resolve_due(hub)


def push(
    hub: Hub,
    name: str,
    *,
    cause: str = "command",
    watch: Watch = ignore,
    stop: Callable[[], bool] = lambda: False,
    chosen: Chosen | None = None,
    onto: RunRow | None = None,
) -> RunRow | None:
    """Push what a connection is owed, or (``chosen``) only what was chosen of it.

    None where nothing was, or where a limit holds it back as it did before. Opt-outs are written
    although a limit holds the rest back, and what was chosen is, whatever the limits say. After a
    restore only opt-outs are written until the connection has been read once more. ``onto`` is a
    run that ended, which this one goes on with: its counts and seconds are added to.
    """
    flow = hub.flows[name]
    if flow.config.push is None:
        return None
    guard = Guard(hub, flow)
    job = start(hub, name, "push", cause, stream=flow.config.push.stream, watch=watch, stop=stop)
    if onto is not None:
        job.run = replace(onto, state="running", finished_at=None)
    before = replace(job.run)
    held: Held | None = None

    def on_batch(pushed: Pushed) -> bool:
        nonlocal held
        _add(job.run, before, pushed)
        if chosen is None and held is None:
            updated = pushed.counts["updated"] - pushed.opt_outs
            held = guard.check(pushed.counts["created"], updated)
        return job.beat()

    try:
        held = reconciling.held(hub, flow) or (guard.check() if chosen is None else None)
        if chosen is not None and held is not None:
            return _held(job, held)
        with job.about():
            pushed = push_due(
                hub,
                flow,
                run_id=job.run.id,
                on_batch=on_batch,
                chosen=chosen,
                is_held=lambda: held is not None,
            )
    except ConnectorError as error:
        return job.end(answer_to(error).state, error)
    finally:
        flow.meter.settle()
    told = held is not None and (held.is_news or cause == "command")
    if not pushed.rows and not told and (pushed.error is None or cause != "command"):
        return None
    _add(job.run, before, pushed)
    return _pushed(job, pushed, held)


def _pushed(job: Job, pushed: Pushed, held: Held | None) -> RunRow:
    """Close a push."""
    if held is not None and (pushed.error is None or isinstance(pushed.error, HeldBack)):
        return _held(job, held)
    if pushed.error is not None:
        return job.end(answer_to(pushed.error).state, pushed.error)
    trouble = pushed.counts["set_aside"] or pushed.counts["put_off"]
    return job.end("partial" if trouble else "succeeded")


def _add(run: RunRow, before: RunRow, pushed: Pushed) -> None:
    """Have a run say what it said before, and what was pushed since."""
    run.counts = dict(Counter(before.counts) + pushed.counts)
    steps = {*before.steps, *pushed.steps}
    run.steps = {name: before.steps.get(name, 0.0) + pushed.steps.get(name, 0.0) for name in steps}


def _held(job: Job, held: Held) -> RunRow:
    """Close a push that a limit stopped, or let write opt-outs only."""
    with job.hub.database.read() as tx:
        rows = outbox.waiting(tx, job.run.connection).held
    job.run.error, job.run.code = held.message, held.code
    job.run.counts = {**job.run.counts, "held": rows}
    return job.end("stopped")


def push_all(
    hub: Hub,
    *,
    cause: str = "command",
    watch: Watch = ignore,
    stop: Callable[[], bool] = lambda: False,
) -> list[RunRow]:
    """Push to every connection that is owed something, until all are quiet or can go no further.

    What a limit holds back is looked at again, once.
    """
    done: list[RunRow] = []
    stopped: set[str] = set()
    for number in range(ROUNDS):
        with hub.database.read() as tx:
            due = set(outbox.due_by_connection(tx, hub.stamp()))
            due |= outbox.held_connections(tx) if number == 0 else set()
        due -= stopped
        wanted = [f.name for f in hub.targets if f.name in due and upkeep.is_active(hub, f.name)]
        ran = [
            run for name in wanted if (run := push(hub, name, cause=cause, watch=watch, stop=stop))
        ]
        done += ran
        stopped |= {
            run.connection for run in ran if run.code in HOLDS or run.resumes_at is not None
        }
        resolve_due(hub, stop=stop)
        if not ran or stop() or all(run.state in ("failed", "stopped") for run in ran):
            return done
    return done


def run_once(
    hub: Hub,
    names: Iterable[str] | None = None,
    *,
    cause: str = "command",
    watch: Watch = ignore,
    stop: Callable[[], bool] = lambda: False,
) -> list[RunRow]:
    """The main job once: pull from all (or these) connections, resolve, push what is owed.

    With all of them, the webhooks in store are taken first.
    """
    chosen = list(names) if names is not None else list(hub.flows)
    done: list[RunRow] = []
    upkeep.note_maps(hub, chosen)
    upkeep.put_back_due(hub)
    if names is None:
        take_webhooks(hub, stop=stop)
    resolve_due(hub, stop=stop)
    for name in chosen:
        if stop():
            return done
        if upkeep.is_active(hub, name):
            done += pull(hub, name, cause=cause, watch=watch, stop=stop)
    done += hand_over_all(hub, cause=cause, stop=stop)
    return done + push_all(hub, cause=cause, watch=watch, stop=stop)


def take_webhooks(hub: Hub, *, stop: Callable[[], bool] = lambda: False) -> None:
    """Take the webhooks in store that are due; a hub whose workers are up does so by itself."""
    with in_lane(Lane.ROUTINE):
        while take_hooks(hub).more and not stop():
            continue
    for flow in hub.flows.values():
        flow.meter.settle()


def hand_over_all(
    hub: Hub, *, cause: str = "command", stop: Callable[[], bool] = lambda: False
) -> list[RunRow]:
    """Do what hand-offs want of every chat."""
    from sync.workers.handing import hand_over

    names = [flow.name for flow in hub.chats if upkeep.is_active(hub, flow.name)]
    return [run for name in names if (run := hand_over(hub, name, cause=cause, stop=stop))]


def sweep_connection(hub: Hub, name: str, *, cause: str = "schedule") -> list[RunRow]:
    """Look for records that vanished without a word, stream by stream."""
    flow = hub.flows[name]
    done: list[RunRow] = []
    try:
        for stream in flow.streams():
            job = start(hub, name, "sweep", cause, stream=stream)
            held = flow.meter.held_back(Lane.BACKFILL)
            if held is not None:
                return [*done, _not_begun(job, held)]
            done.append(_sweep_one(job, flow, stream))
    finally:
        flow.meter.settle()
    return done


def _sweep_one(job: Job, flow: Flow, stream: str) -> RunRow:
    try:
        with in_lane(Lane.BACKFILL):
            job.run.counts = {"gone": sweep(job.hub, flow, stream, job.run)}
    except ConnectorError as error:
        return job.end(answer_to(error).state, error)
    resolve_due(job.hub)
    return job.end("succeeded")


def summary(done: Sequence[RunRow]) -> Mapping[str, int]:
    """What some runs came to, together."""
    total: Counter[str] = Counter()
    for run in done:
        total.update({k: v for k, v in run.counts.items() if isinstance(v, int)})
    return total
