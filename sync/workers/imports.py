"""The job that takes one list in by hand: a file becomes leads, and what is owed is pushed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from connectors.kit.errors import ConnectorError
from sync.engine.hub import Hub
from sync.engine.pull import receive
from sync.engine.resolve import resolve_due
from sync.store.runs import RunRow
from sync.workers.job import Watch, ignore, start
from sync.workers.policy import answer_to


def import_file(
    hub: Hub,
    name: str,
    path: Path,
    *,
    watch: Watch = ignore,
    stop: Callable[[], bool] = lambda: False,
) -> RunRow:
    """Take a file's rows in through a file connection; the same file again changes nothing."""
    flow = hub.flows[name]
    stream = next(iter(flow.connector.streams()))
    job = start(hub, name, "import", "command", stream=stream, watch=watch, stop=stop)
    counts: Counter[str] = Counter()
    try:
        for page in flow.connector.pull_file(path):
            with hub.database.write() as tx:
                taken, unchanged = receive(
                    tx,
                    flow,
                    page.records,
                    source="import",
                    run_id=job.run.id,
                    now=hub.stamp(),
                )
            counts.update({"read": taken + unchanged, "new": taken, "unchanged": unchanged})
            counts.update(resolve_due(hub, stop=job.stop).counts)
            job.run.counts = dict(counts)
            if not job.beat():
                return job.end("stopped")
    except ConnectorError as error:
        return job.end(answer_to(error).state, error)
    counts.update(resolve_due(hub).counts)
    job.run.counts = dict(counts)
    return job.end("partial" if counts["set_aside"] else "succeeded")
