"""A small company's systems, simulated, and a hub between them, on a clock that is held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from connectors.hubspot.contract import UNLIMITED
from connectors.hubspot.simulator import Simulator as HubSpot
from connectors.kintone.simulator import Simulator as Kintone
from connectors.kit.session import in_process
from connectors.salesforce.simulator import Simulator as Salesforce
from connectors.typeform.simulator import DEFAULT_FORM_ID
from connectors.typeform.simulator import Simulator as Typeform
from sync.config.handoff import HandoffConfig
from sync.config.model import (
    Config,
    ConnectionConfig,
    HubConfig,
    PullConfig,
    PushConfig,
    QuotaConfig,
    StagesConfig,
    TrustConfig,
)
from sync.engine.hub import Hub, open_hub
from sync.store import asides, journeys, leads, links
from sync.store.asides import Aside
from sync.store.database import Database
from sync.store.journeys import StageRow
from sync.store.leads import LeadRow
from sync.store.links import LinkRow
from sync.store.runs import RunRow
from sync.workers import jobs
from tests.journeys.chats import Chat, ChatworkRoom, SlackRoom

LEADS = 5
"""The kintone app that holds leads."""


class World:
    """Typeform, HubSpot, Salesforce and kintone, and the hub that keeps them in step."""

    def __init__(
        self, tmp_path: Path, database: Database, tick: Callable[..., None], now: Any
    ) -> None:
        self.tick = tick
        self.now: Callable[[], datetime] = now
        self.database = database
        self.form = Typeform(now=now, rate=None)
        self.ma = HubSpot(now=now, limits=UNLIMITED)
        self.sfa = Salesforce(now=now, daily_limit=1_000_000)
        self.crm = Kintone(now=now)
        self.simulators = {"form": self.form, "ma": self.ma, "sfa": self.sfa, "crm": self.crm}
        self.slugs = {"form": "typeform", "ma": "hubspot", "sfa": "salesforce", "crm": "kintone"}
        found = registry.find()
        self.options: dict[str, dict[str, Any]] = {}
        for name, slug in self.slugs.items():
            home = tmp_path / f"bench-{name}"
            home.mkdir()
            rehearsal = found.get(slug).rehearsal
            assert rehearsal is not None
            self.options[name] = dict(rehearsal(home).options)
        self.root = tmp_path
        self.pushes: dict[str, PushConfig] = {
            "ma": PushConfig(stream="contacts"),
            "sfa": PushConfig(stream="Lead"),
            "crm": PushConfig(stream="records:leads"),
        }
        self.quotas: dict[str, QuotaConfig] = {}
        self.wrap: Callable[[str, Any], Any] = lambda _name, app: app
        self.handoff = HandoffConfig()
        self.stages_config = StagesConfig()
        self.hub = self.open()

    def config(self) -> Config:
        connections = {
            name: ConnectionConfig(
                connector=slug,
                options=self.options[name],
                pull=PullConfig(),
                push=self.pushes.get(name),
                quota=self.quotas.get(name, QuotaConfig()),
            )
            for name, slug in self.slugs.items()
        }
        trust = TrustConfig(default=["crm", "sfa", "ma", "form"])
        hub = HubConfig(trust=trust)
        return Config(
            root=self.root,
            hub=hub,
            connections=connections,
            handoff=self.handoff,
            stages=self.stages_config,
        )

    def open(self) -> Hub:
        transports = {
            name: in_process(self.wrap(name, app)) for name, app in self.simulators.items()
        }
        return open_hub(
            self.config(),
            database=self.database,
            transports=transports,
            sleep=lambda seconds: self.tick(seconds=seconds),
        )

    def sync(self, *names: str, rounds: int = 1) -> list[RunRow]:
        """The main job, after long enough for every index to have caught up."""
        done: list[RunRow] = []
        for _ in range(rounds):
            self.tick(minutes=5)
            done += jobs.run_once(self.hub, names or None)
        return done

    def settle(self) -> list[RunRow]:
        """Sync until a round writes nothing anywhere; that round's runs."""
        for _ in range(6):
            done = self.sync()
            if not written(done):
                return done
        raise AssertionError(f"still writing after six rounds: {written(done)}")

    def submit(self, email: str, last: str = "佐藤", first: str = "花子", **answers: Any) -> str:
        """A form answer."""
        values = {
            "email": email,
            "last_name": last,
            "first_name": first,
            "company": "株式会社青空製作所",
            "phone": "+81312345678",
            "consent": True,
            **answers,
        }
        return self.form.submit(DEFAULT_FORM_ID, values, {"utm_source": "google"}, at=self.now())

    def leads(self) -> list[LeadRow]:
        with self.database.read() as tx:
            ids = [row[0] for row in tx.rows("SELECT id FROM lead WHERE merged_into IS NULL")]
            return list(leads.by_ids(tx, ids).values())

    def lead(self, email: str) -> LeadRow:
        (found,) = [row for row in self.leads() if email in _all_emails(row.fields)]
        return found

    def links(self, lead: LeadRow) -> dict[str, LinkRow]:
        with self.database.read() as tx:
            return {row.connection: row for row in links.of_leads(tx, [lead.id])}

    def stages(self, lead: LeadRow) -> list[StageRow]:
        with self.database.read() as tx:
            return journeys.stages_of(tx, lead.id)

    def asides(self, **wanted: Any) -> list[Aside]:
        with self.database.read() as tx:
            return asides.listed(tx, **wanted)

    def contacts(self) -> list[Mapping[str, str]]:
        """What HubSpot holds."""
        rows = self.ma.table("objects:contacts").values()
        return [row["properties"] for row in rows if not row.get("archived")]

    def sfa_rows(self, kind: str = "Lead") -> list[Mapping[str, Any]]:
        """What Salesforce holds."""
        return [row for row in self.sfa.table(kind).values() if not row.get("IsDeleted")]

    def crm_rows(self) -> list[dict[str, Any]]:
        """What kintone holds, field codes to values."""
        return [dict(row["values"]) for row in self.crm.table(f"records:{LEADS}").values()]


def _all_emails(fields: Mapping[str, Any]) -> set[str]:
    return {fields.get("email"), *(fields.get("emails") or [])}


def written(done: list[RunRow]) -> dict[str, int]:
    """How many records each connection had created or updated."""
    found: dict[str, int] = {}
    for run in done:
        if run.kind == "push":
            count = run.counts.get("created", 0) + run.counts.get("updated", 0)
            if count:
                found[run.connection] = found.get(run.connection, 0) + count
    return found


@pytest.fixture
def world(tmp_path: Path, database: Database, clock: Any) -> World:
    clock.moment = datetime(2026, 4, 1, tzinfo=UTC) + timedelta(hours=9)
    return World(tmp_path, database, clock.pass_time, clock)


@pytest.fixture
def slack(world: World, tmp_path: Path) -> Chat:
    return SlackRoom(world, tmp_path)


@pytest.fixture
def chatwork(world: World, tmp_path: Path) -> Chat:
    return ChatworkRoom(world, tmp_path)


@pytest.fixture(params=[SlackRoom, ChatworkRoom], ids=["slack", "chatwork"])
def chat(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Chat:
    """Each of the chats."""
    found: Chat = request.param(world, tmp_path)
    return found
