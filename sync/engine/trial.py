"""A short measurement on a scratch database beside the real one; no vendor is touched.

Invented answers of a simulated form are taken in and resolved by the operator's own rules.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from connectors.kit.session import in_process
from connectors.typeform.contract import rehearsal
from connectors.typeform.simulator import DEFAULT_FORM_ID, Simulator
from mapping.normalise.family_names import readings
from sync.config.model import Config, ConnectionConfig
from sync.engine.hub import Hub, new_id, open_hub
from sync.engine.pull import pull_stream
from sync.engine.resolve import resolve_batch
from sync.store import hooks
from sync.store.database import Database
from sync.store.hooks import Arrived
from sync.store.runs import RunRow
from sync.store.scratch import scratch

__all__ = ["RECORDS", "trial"]

RECORDS = 2000
WARM_UP = 500
"""Records that are resolved before the clock starts."""
APART = timedelta(milliseconds=250)
"""Between two answers: the vendor's pages do not take thousands of one moment."""
GROUP = 200
"""Webhooks in one commit, as under load."""


def trial(hub: Hub) -> dict[str, float]:
    """Records a second, by stage: webhooks stored, and records resolved by one worker.

    Raises NoScratch where there may be no scratch database.
    """
    with (
        tempfile.TemporaryDirectory(prefix="renkei-") as home,
        scratch(hub.database) as database,
    ):
        return {"webhooks": _webhooks(database), "resolve": _resolve(hub, database, Path(home))}


def _webhooks(database: Database) -> float:
    """How many a second are stored, in groups, each in a commit that is on the disk."""
    body, at = b"x" * 3000, "2026-04-01T00:00:00.000000Z"
    arrived = [
        Arrived("trial", f"{number:064d}", "POST", "http://127.0.0.1/hooks/trial", "{}", body, at)
        for number in range(RECORDS)
    ]
    started = perf_counter()
    for start in range(0, RECORDS, GROUP):
        with database.write() as tx:
            hooks.put(tx, arrived[start : start + GROUP])
    return RECORDS / (perf_counter() - started)


def _resolve(hub: Hub, database: Database, home: Path) -> float:
    """How many a second one worker resolves."""
    options = {**rehearsal(home).options, "page_size": 1000}
    simulator = Simulator(path=home / "trial.db", rate=None)
    _invent(simulator)
    config = Config(
        root=home,
        hub=hub.config.hub.model_copy(update={"key": None, "plugins": []}),
        match=hub.config.match,
        connections={"trial": ConnectionConfig(connector="typeform", options=options)},
    )
    house = open_hub(config, database=database, transports={"trial": in_process(simulator)})
    flow, now = house.flows["trial"], house.stamp()
    for stream in flow.streams():
        run_id = new_id("run", house.now())
        run = RunRow(run_id, "trial", stream, "pull", "command", "running", now, now)
        pull_stream(house, flow, stream, run)
    simulator.close()
    database.learn()
    resolve_batch(house, WARM_UP)
    rows, started = 0, perf_counter()
    while done := resolve_batch(house).rows:
        rows += done
    return rows / (perf_counter() - started)


def _invent(simulator: Simulator) -> None:
    """Plant answers of people who are all different, seven of each company."""
    names = sorted(readings())
    at = simulator.now()
    for number in range(RECORDS):
        company = number // 7
        simulator.submit(
            DEFAULT_FORM_ID,
            {
                "email": f"person{number}@c{company}.example",
                "last_name": names[number % len(names)],
                "first_name": names[number * 7 % len(names)],
                "company": f"株式会社試験{company}",
                "phone": f"+8190{number + 10_000_000:08d}",
                "interest": "demo",
                "consent": number % 3 == 0,
            },
            {"utm_source": "trial"},
            at=at - (RECORDS - number) * APART,
        )
    simulator.save()
