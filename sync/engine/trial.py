"""A short measurement on a scratch database beside the real one; no vendor is touched.

A list of invented people is taken in and resolved by the operator's own rules.
"""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path
from time import perf_counter

from mapping.normalise.family_names import readings
from sync.config.model import Config, ConnectionConfig
from sync.engine.hub import Hub, open_hub
from sync.engine.pull import receive
from sync.engine.resolve import resolve_batch
from sync.store import hooks
from sync.store.database import Database
from sync.store.hooks import Arrived
from sync.store.scratch import scratch

__all__ = ["RECORDS", "trial"]

RECORDS = 2000
WARM_UP = 500
"""Records that are resolved before the clock starts."""
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
    people = home / "people.csv"
    _invent(people)
    config = Config(
        root=home,
        hub=hub.config.hub.model_copy(update={"key": None, "plugins": []}),
        match=hub.config.match,
        connections={"trial": ConnectionConfig(connector="file", options={"path": str(people)})},
    )
    house = open_hub(config, database=database)
    flow = house.flows["trial"]
    for page in flow.connector.pull_file(people):
        with database.write() as tx:
            receive(tx, flow, page.records, source="import", run_id=None, now=house.stamp())
    database.learn()
    resolve_batch(house, WARM_UP)
    rows, started = 0, perf_counter()
    while done := resolve_batch(house).rows:
        rows += done
    return rows / (perf_counter() - started)


def _invent(people: Path) -> None:
    """A list of people who are all different, seven of each company."""
    names = sorted(readings())
    with people.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("姓", "名", "会社名", "メールアドレス", "携帯電話"))
        for number in range(RECORDS):
            company = number // 7
            rows.writerow(
                (
                    names[number % len(names)],
                    names[number * 7 % len(names)],
                    f"株式会社試験{company}",
                    f"person{number}@c{company}.example",
                    f"090{number + 10_000_000:08d}",
                )
            )
