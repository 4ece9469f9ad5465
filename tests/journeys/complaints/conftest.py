"""What stages a complaint: the world of the journeys on SQLite, its rules, webhooks and writes.

The tests of this package are named for the numbers in ``docs/explanation/guarantees.md``.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import copyfile
from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors.hubspot.contract import SECRET as MA_SECRET
from connectors.kintone.contract import SECRET as CRM_SECRET
from connectors.kit.simulator import Delivery
from connectors.salesforce.simulator import Simulator as Salesforce
from connectors.typeform.contract import SECRET as FORM_SECRET
from sync.config.model import ConnectionConfig, TrustConfig
from sync.engine.hooks import take_hooks
from sync.store.database import Database
from sync.web.intake import Intake
from sync.workers import jobs
from sync.workers.bells import Bell, make_broker
from tests.conftest import KEY
from tests.journeys.conftest import LEADS

EMAIL = "sato@aozora-seisakusho.example"
FAMILIES = ("佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤")
BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
"""For ``parametrize("database", BOTH, indirect=True)``, where concurrency is at stake."""
READS = ("/search", "/batch/read", "/token", "/cursor.json")


@pytest.fixture
def database(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_ready: Path, clock: Any
) -> Iterator[Database]:
    """An empty, upgraded SQLite database, or the kind that the test asks for."""
    if getattr(request, "param", "sqlite") == "postgres":
        url = request.getfixturevalue("postgres_ready")
    else:
        url = f"sqlite:///{copyfile(sqlite_ready, tmp_path / 'renkei.sqlite3')}"
    found = Database(url, clock=clock, keys=KEY)
    yield found
    found.close()


def ruled(
    world: Any,
    *,
    trust: Mapping[str, Any] | None = None,
    fields: Mapping[str, Any] | None = None,
    connections: Mapping[str, ConnectionConfig] | None = None,
) -> None:
    """Open the hub again under other rules of trust, other field maps, or more connections."""
    before = world.config()
    chosen = TrustConfig(default=before.hub.trust.default, **(trust or {}))
    after = before.model_copy(
        update={
            "hub": before.hub.model_copy(update={"trust": chosen}),
            "fields": {**before.fields, **(fields or {})},
            "connections": {**before.connections, **(connections or {})},
        }
    )
    world.config = lambda: after
    world.hub = world.open()


def listed(world: Any, name: str, text: str, profile: str = "generic") -> None:
    """Put a list of people into a folder that is read as the connection ``list``."""
    folder = world.root / "in"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    options = {"path": str(folder), "profile": profile, "settle": 0}
    ruled(world, connections={"list": ConnectionConfig(connector="file", options=options)})


def limited(world: Any, calls: int = 15_000) -> None:
    """Give Salesforce a day of so many calls."""
    world.sfa = world.simulators["sfa"] = Salesforce(now=world.now, daily_limit=calls)
    world.hub = world.open()


def writes(world: Any) -> dict[str, int]:
    """How many requests that change something each vendor has had."""
    return {
        name: sum(seen.method != "GET" and not seen.path.endswith(READS) for seen in simulator.seen)
        for name, simulator in world.simulators.items()
    }


def subscribe(world: Any) -> None:
    """Have every vendor that can tell of changes tell this hub."""
    base = world.hub.config.hub.public_url
    world.options["form"]["webhook_secrets"] = [FORM_SECRET]
    world.hub = world.open()
    world.hub.flows["form"].connector.subscribe(f"{base}/hooks/form")
    world.ma.subscribe_url(f"{base}/hooks/ma", MA_SECRET)
    world.crm.set_webhook(LEADS, f"{base}/hooks/crm?token={CRM_SECRET}")


def sent(world: Any, name: str) -> list[Delivery]:
    """The webhooks that a vendor sent since the last time, oldest first."""
    deliveries = world.simulators[name].deliveries
    found = list(deliveries)
    deliveries.clear()
    return found


def posted(world: Any, deliveries: list[Delivery]) -> list[int]:
    """What the hub answers to these webhooks; all of them are stored and none is taken yet."""
    intake = Intake(world.hub, Bell(make_broker(""), "test"))

    async def all_of_them() -> list[int]:
        return [await _post(intake, one) for one in deliveries]

    try:
        return asyncio.run(all_of_them())
    finally:
        intake.close()


async def _post(intake: Intake, delivery: Delivery) -> int:
    parts = urlsplit(delivery.url)
    scope = {
        "type": "http",
        "method": delivery.method,
        "path": parts.path,
        "query_string": parts.query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in delivery.headers.items()],
    }
    answered: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": delivery.body, "more_body": False}

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    await intake(scope, receive, send)
    return answered[0]


def told(world: Any, *names: str) -> int:
    """Post what these vendors sent, take it, resolve and push; how many webhooks it were."""
    deliveries = [one for name in names for one in sent(world, name)]
    assert set(posted(world, deliveries)) <= {200}
    take_hooks(world.hub)
    jobs.resolve(world.hub)
    jobs.push_all(world.hub)
    return len(deliveries)


def together(*work: Any) -> None:
    """Do all of it at once, in threads; whatever one raises is raised here."""
    start, errors = threading.Barrier(len(work)), []

    def run(one: Any) -> None:
        start.wait()
        try:
            one()
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def in_step(world: Any, email: str = EMAIL, **answers: Any) -> dict[str, str]:
    """One person, who came by the form and is in every system; their ids, by connection."""
    world.submit(email, **answers)
    world.settle()
    return ids(world, email)


def ids(world: Any, email: str = EMAIL) -> dict[str, str]:
    """The ids of a person's records, by connection."""
    return {name: link.external_id for name, link in world.links(world.lead(email)).items()}


def row_of(rows: list[Mapping[str, Any]], field: str, value: Any) -> Mapping[str, Any]:
    """The one row that has this value."""
    (found,) = [row for row in rows if row[field] == value]
    return found
