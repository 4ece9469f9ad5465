"""The hub itself on the bench, as its own process.

``all`` is the main job: pull, resolve, and push where there are targets. ``fill`` only takes the
records into the inbox; ``work`` resolves and pushes what waits there, beside other processes.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from pathlib import Path

from pydantic import SecretStr

from sync.config.model import Config, ConnectionConfig, HubConfig, PushConfig
from sync.engine.hub import Hub, open_hub
from sync.engine.memory import calm_collector
from sync.engine.pull import pull_stream
from sync.store.database import Database
from sync.store.runs import RunRow
from sync.store.upgrade import upgrade
from sync.workers import jobs
from sync.workers.job import start

KEY = "YmVuY2hlcy1zZWFsLXdpdGgtb25lLWtub3duLWtleSE="
"""One key for every phase of a run."""


def hub_for(vendor: str, database: str, targets: int) -> Hub:
    """A hub with the vendor as source, and as ``targets`` targets."""
    connections = {
        "source": ConnectionConfig(connector="neutral", options={"base_url": vendor}),
    }
    for number in range(targets):
        connections[f"target{number}"] = ConnectionConfig(
            connector="neutral",
            options={"base_url": vendor, "name": f"target{number}"},
            pull=None,
            push=PushConfig(stream="contacts"),
        )
    root = Path(__file__).parent
    config = Config(
        root=root,
        hub=HubConfig(database=database, plugins=["plugin"], key=SecretStr(KEY)),
        connections=connections,
    )
    return open_hub(config, database=Database(database))


def run(hub: Hub, phase: str) -> list[RunRow]:
    """One phase; the runs it took."""
    if phase == "all":
        return jobs.run_once(hub)
    if phase == "fill":
        job = start(hub, "source", "pull", "command", stream="contacts")
        pulled = pull_stream(hub, hub.flows["source"], "contacts", job.run)
        job.run.counts = {"read": pulled.read, "new": pulled.taken}
        hub.database.learn()
        return [job.end("succeeded")]
    resolved = jobs.resolve(hub)
    job = start(hub, "source", "pull", "command")
    job.run.counts = dict(resolved.counts)
    return [job.end("succeeded"), *jobs.push_all(hub)]


def main() -> None:
    """Run the phase once; print counts, seconds, statements and peak memory as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vendor")
    parser.add_argument("database")
    parser.add_argument("--targets", type=int, default=0)
    parser.add_argument("--phase", choices=("all", "fill", "work"), default="all")
    given = parser.parse_args()
    started = time.perf_counter()
    hub = hub_for(given.vendor, given.database, given.targets)
    upgrade(hub.database)
    calm_collector()
    done = run(hub, given.phase)
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    failed = [one.error for one in done if one.error]
    json.dump(
        {
            "seconds": round(seconds, 3),
            "counts": dict(jobs.summary(done)),
            "steps": {f"{one.kind}:{one.connection}": one.steps for one in done},
            "transactions": hub.database.transactions,
            "statements": hub.database.statements,
            "cpu": round(used.ru_utime + used.ru_stime, 3),
            "peak_mb": used.ru_maxrss // 1024,
            "failed": failed,
        },
        sys.stdout,
    )
    print()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
