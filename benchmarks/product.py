"""The hub itself on the bench: one pull (and push) of the neutral vendor, as its own process."""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from pathlib import Path

from sync.config.model import Config, ConnectionConfig, HubConfig, PushConfig
from sync.engine.hub import Hub, open_hub
from sync.store.database import Database
from sync.store.upgrade import upgrade
from sync.workers import jobs


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
        root=root, hub=HubConfig(database=database, plugins=["plugin"]), connections=connections
    )
    return open_hub(config, database=Database(database))


def main() -> None:
    """Run the job once; print counts, seconds, statements and peak memory as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vendor")
    parser.add_argument("database")
    parser.add_argument("--targets", type=int, default=0)
    given = parser.parse_args()
    started = time.perf_counter()
    hub = hub_for(given.vendor, given.database, given.targets)
    upgrade(hub.database)
    done = jobs.run_once(hub)
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    failed = [run.error for run in done if run.error]
    json.dump(
        {
            "seconds": round(seconds, 3),
            "counts": dict(jobs.summary(done)),
            "steps": {run.kind + ":" + run.connection: run.steps for run in done},
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
