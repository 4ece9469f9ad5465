"""The job of hand-offs, by chat connection: escalate, ask for answers, and say what is due."""

from __future__ import annotations

from collections.abc import Callable

from connectors.kit.errors import ConnectorError
from sync.engine.handoff.collecting import collect
from sync.engine.handoff.escalating import look_after
from sync.engine.handoff.saying import say_due
from sync.engine.hub import Hub
from sync.store.runs import RunRow
from sync.workers.job import start
from sync.workers.policy import answer_to


def hand_over(
    hub: Hub,
    name: str,
    *,
    cause: str = "command",
    stop: Callable[[], bool] = lambda: False,
) -> RunRow | None:
    """Do what hand-offs want of a chat now; None where that was nothing."""
    flow = hub.flows[name]
    job = start(hub, name, "handoff", cause, stop=stop)
    counts, failed = job.run.counts, None
    try:
        escalated = look_after(hub, name)
        answered = collect(hub, flow)
        done = say_due(hub, flow, stop=stop)
        counts = {**done.counts, "escalated": escalated, "answered": answered}
        failed = done.error
    except ConnectorError as error:
        failed = error
    finally:
        flow.meter.settle()
    job.run.counts = {key: value for key, value in counts.items() if value}
    if failed is not None:
        return job.end(answer_to(failed).state, failed)
    if not job.run.counts:
        return None
    trouble = counts.get("set_aside") or counts.get("put_off")
    return job.end("partial" if trouble else "succeeded")
