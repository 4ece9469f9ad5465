"""Carry out a plan as runs, one for each of its targets, and undo a run as a run of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.kit.errors import ConnectorError
from sync.engine.applying import chosen_of
from sync.engine.hub import Hub
from sync.engine.limits import Guard
from sync.engine.planning import HubPlan
from sync.engine.putting_back import Undone
from sync.engine.resolve import resolve_due
from sync.engine.undoing import undo_run
from sync.store.runs import RunRow
from sync.workers import jobs
from sync.workers.job import Watch, ignore, start
from sync.workers.policy import answer_to

__all__ = ["Applied", "apply_plan", "undo"]


@dataclass(slots=True)
class Applied:
    """The runs of a plan, and by connection the leads that were left as they were.

    Somebody else was writing them, or they changed in the very moment.
    """

    runs: list[RunRow] = field(default_factory=list)
    left: dict[str, list[str]] = field(default_factory=dict)


def apply_plan(
    hub: Hub,
    plan: HubPlan,
    *,
    watch: Watch = ignore,
    stop: Callable[[], bool] = lambda: False,
) -> Applied:
    """Write exactly what a plan says, limits or not; ``moved_since`` is asked before.

    What is no longer as planned when its turn comes is left.
    """
    done = Applied()
    for target in plan.targets:
        if stop():
            break
        if not target.changes:
            continue
        chosen = chosen_of(target)
        run = jobs.push(hub, target.connection, watch=watch, stop=stop, chosen=chosen)
        if run is not None:
            done.runs.append(run)
        if chosen.left:
            done.left[target.connection] = sorted(chosen.left)
        resolve_due(hub)
        Guard(hub, hub.flows[target.connection]).check()
    return done


def undo(
    hub: Hub,
    run: RunRow,
    *,
    watch: Watch = ignore,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[RunRow, Undone]:
    """Put back what a run wrote; the run that did, and what it came to. It can be undone, too."""
    flow = hub.flows[run.connection]
    job = start(hub, run.connection, "undo", "command", stream=run.stream, watch=watch, stop=stop)
    undone = Undone()

    def on_batch(so_far: Undone) -> bool:
        job.run.counts = _counts(so_far)
        return job.beat()

    try:
        undone = undo_run(hub, flow, run.id, as_run=job.run.id, on_batch=on_batch)
    except ConnectorError as error:
        return job.end(answer_to(error).state, error), undone
    job.run.counts = _counts(undone)
    if stop():
        return job.end("stopped"), undone
    refused = any(one.why == "refused" for one in undone.kept)
    return job.end("partial" if refused else "succeeded"), undone


def _counts(undone: Undone) -> dict[str, int]:
    return {
        "read": undone.records,
        "updated": len({one.record for one in undone.put_back}),
        "fields": len(undone.put_back),
        "kept": len(undone.kept),
        "already": undone.already,
    }
