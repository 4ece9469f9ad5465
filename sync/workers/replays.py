"""The job that reads a period's payloads once more: what differs is put back, and resolved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from sync.engine import replay as engine
from sync.engine.hub import Hub
from sync.engine.replay import Period, ReplayDiff
from sync.engine.resolve import Resolved
from sync.store.runs import RunRow
from sync.workers.job import Job, Watch, ignore, start


def replay(
    hub: Hub,
    period: Period,
    *,
    cause: str = "command",
    watch: Watch = ignore,
    stop: Callable[[], bool] = lambda: False,
    keep: int = engine.KEPT,
) -> tuple[ReplayDiff, list[RunRow]]:
    """Apply a replay; what differed, and a run for each connection of which anything did.

    What the leads' other systems are owed afterwards is in the outbox.
    """
    begun: dict[str, Job] = {}
    counts: dict[str, Counter[str]] = {}

    def run_of(name: str) -> str:
        if name not in begun:
            begun[name] = start(hub, name, "replay", cause, watch=watch, stop=stop)
            counts[name] = Counter()
            begun[name].beat()
        return begun[name].run.id

    def took(name: str, part: ReplayDiff, resolved: Resolved) -> None:
        counts[name].update({"read": part.counts["differ"], **resolved.counts})
        begun[name].run.counts = dict(counts[name])
        begun[name].beat()

    try:
        diff = engine.apply(hub, period, run_of=run_of, took=took, stop=stop, keep=keep)
    except BaseException:
        for job in begun.values():
            job.end("failed")
        raise
    done = []
    for name, job in begun.items():
        trouble = counts[name]["set_aside"] or counts[name]["stale"]
        done.append(job.end("stopped" if diff.stopped else "partial" if trouble else "succeeded"))
    return diff, done
