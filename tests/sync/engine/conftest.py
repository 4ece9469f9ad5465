"""Hubs over vendors in memory."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from sync.config.model import (
    Config,
    ConnectionConfig,
    HubConfig,
    PushConfig,
    StagesConfig,
    TrustConfig,
)
from sync.engine.hub import Hub, open_hub
from sync.store import asides, journeys, leads, links
from sync.store.database import Database
from sync.workers import jobs

KEY = "cmVua2VpLXRlc3RzLXNlYWwtd2l0aC10aGlzLWtleSE="
"""As the database's of ``tests/conftest.py``: no key is made beside the sources."""
PLUGINS = Path(__file__).parent / "plugins"


class Shelves:
    """A hub over some shelves, all pulled and all pushed; ``stages`` are the company's."""

    def __init__(
        self,
        database: Database,
        tick: Callable[..., None],
        names: list[str],
        stages: StagesConfig | None = None,
    ) -> None:
        self.database = database
        self.tick = tick
        connections = {
            name: ConnectionConfig(
                connector="shelf", options={"shelf": name}, push=PushConfig(stream="people")
            )
            for name in names
        }
        self.config = Config(
            root=PLUGINS.parent,
            hub=HubConfig(
                plugins=["plugins"], key=SecretStr(KEY), trust=TrustConfig(default=names)
            ),
            connections=connections,
            stages=stages or StagesConfig(),
        )
        self.hub: Hub = open_hub(self.config, database=database)
        module = importlib.import_module(type(self.hub.flows[names[0]].connector).__module__)
        module.SHELVES.clear()
        for flow in self.hub.flows.values():
            flow._connector = None
        self.at: dict[str, Any] = {name: self.hub.flows[name].connector.shelf for name in names}

    def run(self, *names: str) -> list[Any]:
        self.tick(seconds=30)
        return jobs.run_once(self.hub, names or None)

    def settle(self) -> None:
        for _ in range(8):
            done = self.run()
            wrote = sum(
                r.counts.get("created", 0) + r.counts.get("updated", 0)
                for r in done
                if r.kind == "push"
            )
            if not wrote:
                return
        raise AssertionError("the hub keeps writing")

    def leads(self) -> list[Any]:
        with self.database.read() as tx:
            ids = [row[0] for row in tx.rows("SELECT id FROM lead WHERE merged_into IS NULL")]
            return sorted(leads.by_ids(tx, ids).values(), key=lambda lead: lead.email or "")

    def links(self, lead_id: str) -> list[Any]:
        with self.database.read() as tx:
            return links.of_leads(tx, [lead_id])

    def asides(self, **wanted: Any) -> list[Any]:
        with self.database.read() as tx:
            return asides.listed(tx, **wanted)

    def history(self, lead_id: str) -> list[Any]:
        with self.database.read() as tx:
            return leads.history(tx, lead_id)

    def stages(self, lead_id: str) -> list[Any]:
        with self.database.read() as tx:
            return journeys.stages_of(tx, lead_id)


@pytest.fixture
def shelves(database: Database, clock: Any) -> Shelves:
    return Shelves(database, clock.pass_time, ["crm", "sfa", "ma"])
