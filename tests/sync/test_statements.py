"""Statements and transactions a page: counters that no machine's load can move.

They catch a return to row-at-a-time long before a clock does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync.config.model import Config, ConnectionConfig, HubConfig, PushConfig
from sync.engine.hub import Hub, open_hub
from sync.engine.pull import pull_stream
from sync.engine.push import push_due
from sync.engine.resolve import resolve_batch
from sync.store import leads
from sync.store.database import Database
from sync.workers.job import start

ROOT = Path(__file__).parents[2]
SMALL, LARGE = 100, 400
MOST_A_PULLED_PAGE = 5
MOST_FOR_CLAIMED_CALLS = 5
MOST_ONCE = 2
MOST_A_RESOLVED_BATCH = 22
MOST_A_PUSHED_BATCH = 14


@dataclass(frozen=True)
class Counted:
    """What a step took of the database."""

    statements: int
    transactions: int


def counted(database: Database, step: Callable[[], Any]) -> Counted:
    statements, transactions = database.statements, database.transactions
    step()
    return Counted(database.statements - statements, database.transactions - transactions)


@pytest.fixture
def hub_of(database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Hub]:
    """A hub on the bench's vendor, which gives so many contacts on one page and takes as many."""
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.vendor import Vendor

    def build(size: int) -> Hub:
        vendor = Vendor(size, size)

        def answer(request: httpx.Request) -> httpx.Response:
            path = request.url.raw_path.decode()
            return httpx.Response(200, content=vendor.answer(request.method, path, request.content))

        options = {"base_url": "http://vendor.example"}
        config = Config(
            root=ROOT / "benchmarks",
            hub=HubConfig(plugins=["plugin"]),
            connections={
                "source": ConnectionConfig(connector="neutral", options=options),
                "target": ConnectionConfig(
                    connector="neutral",
                    options=options,
                    pull=None,
                    push=PushConfig(stream="contacts"),
                ),
            },
        )
        wire = httpx.MockTransport(answer)
        hub = open_hub(config, database=database, transports={"source": wire, "target": wire})
        hub.flows["target"].connector.batch_size = size
        return hub

    return build


def taken(hub: Hub, size: int) -> dict[str, Counted]:
    """The counts of a first pull, resolve and push, and of a second pull with nothing new."""
    source, target = hub.flows["source"], hub.flows["target"]
    run = start(hub, "source", "pull", "command").run
    database = hub.database
    database.now()  # on PostgreSQL the first look at the clock asks the server
    counts = {
        "pull": counted(database, lambda: pull_stream(hub, source, "contacts", run)),
        "resolve": counted(database, lambda: resolve_batch(hub)),
        "push": counted(database, lambda: push_due(hub, target)),
        "again": counted(database, lambda: pull_stream(hub, source, "contacts", run)),
    }
    with database.read() as tx:
        assert leads.count(tx) == size
    return counts


@pytest.fixture
def counts(hub_of: Callable[[int], Hub], request: pytest.FixtureRequest) -> dict[str, Counted]:
    size: int = request.param
    return taken(hub_of(size), size)


@pytest.mark.parametrize("counts", [SMALL, LARGE], indirect=True)
def test_a_page_is_one_transaction_and_few_statements(counts: dict[str, Counted]) -> None:
    # the page, the calls that are claimed for the job, and the note that all was read once
    assert counts["pull"].transactions == 3
    assert counts["pull"].statements <= MOST_A_PULLED_PAGE + MOST_FOR_CLAIMED_CALLS + MOST_ONCE
    assert counts["resolve"].transactions == 1
    assert counts["resolve"].statements <= MOST_A_RESOLVED_BATCH
    # the plan, the outcomes, and the look that finds nothing more to do
    assert counts["push"].transactions == 3
    assert counts["push"].statements <= MOST_A_PUSHED_BATCH + MOST_FOR_CLAIMED_CALLS
    assert counts["again"].statements < counts["pull"].statements


def test_the_number_of_statements_does_not_grow_with_the_page(
    hub_of: Callable[[int], Hub], database: Database
) -> None:
    small = taken(hub_of(SMALL), SMALL)
    _empty(database)
    assert taken(hub_of(LARGE), LARGE) == small


def _empty(database: Database) -> None:
    from sync.store.schema import metadata

    with database.write() as tx:
        for table in metadata.sorted_tables:
            tx.write(f"DELETE FROM {table.name}")
