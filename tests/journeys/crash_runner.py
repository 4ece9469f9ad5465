"""The main job over simulators whose state is kept in files, as a process that may be killed.

``python crash_runner.py DATABASE_URL DIRECTORY``: plants what is not planted yet, runs the job
until it is quiet, and prints what every system holds.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors import registry
from connectors.kintone.simulator import Simulator as Kintone
from connectors.kit.session import in_process
from connectors.salesforce.simulator import Simulator as Salesforce
from connectors.typeform.simulator import DEFAULT_FORM_ID
from connectors.typeform.simulator import Simulator as Typeform
from sync.config.model import Config, ConnectionConfig, PushConfig
from sync.engine.hub import open_hub
from sync.engine.processes import enter
from sync.store import leads
from sync.store.database import Database
from sync.store.upgrade import upgrade
from sync.workers import jobs

PEOPLE = 12


def main(url: str, home: Path) -> None:
    """Run until quiet."""
    form = Typeform(path=home / "form.db", rate=None)
    crm = Kintone(path=home / "crm.db")
    sfa = Salesforce(path=home / "sfa.db", daily_limit=1_000_000)
    if not form.table("_planted"):
        for number in range(PEOPLE):
            form.submit(
                DEFAULT_FORM_ID,
                {
                    "email": f"p{number}@c{number}.example",
                    "last_name": "佐藤",
                    "first_name": "花子",
                    "company": f"青空{number}",
                },
                {},
                at=datetime.now(UTC) - timedelta(hours=3),
            )
        form.table("_planted")["done"] = {"at": 1}
        form.save()
    found = registry.find()
    simulators = {"form": ("typeform", form), "crm": ("kintone", crm), "sfa": ("salesforce", sfa)}
    push = {"crm": PushConfig(stream="records:leads"), "sfa": PushConfig(stream="Lead")}
    connections = {}
    for name, (slug, _) in simulators.items():
        bench = home / f"bench-{name}"
        bench.mkdir(exist_ok=True)
        rehearsal = found.get(slug).rehearsal
        assert rehearsal is not None
        connections[name] = ConnectionConfig(
            connector=slug, options=dict(rehearsal(bench).options), push=push.get(name)
        )
    database = Database(url)
    upgrade(database)
    hub = open_hub(
        Config(root=home, connections=connections),
        database=database,
        transports={name: in_process(app) for name, (_, app) in simulators.items()},
    )
    presence = enter(hub)
    for _ in range(3):
        jobs.run_once(hub)
    with database.read() as tx:
        count = leads.count(tx)
        owed = tx.rows("SELECT count(*) FROM outbox")[0][0]
        lost = tx.rows("SELECT count(*) FROM run WHERE state = 'running'")[0][0]
    presence.leave()
    crm_rows = crm.table("records:5").values()
    json.dump(
        {
            "leads": count,
            "owed": owed,
            "running": lost,
            "crm": sorted(row["values"]["メールアドレス"] for row in crm_rows),
            "sfa": sorted(row["Email"] for row in sfa.table("Lead").values()),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
