"""C43 to C45: limits end cleanly, dropped webhooks cost nothing, and no worker spoils a token."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from connectors.kit.session import in_process
from connectors.salesforce.simulator import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN
from sync.engine.hub import open_hub
from sync.store import runs
from sync.store.tokens import DatabaseTokens
from sync.workers import jobs, upkeep
from tests.conftest import KEY
from tests.journeys.complaints.conftest import (
    BOTH,
    LEADS,
    in_step,
    limited,
    subscribe,
    together,
    told,
)


def test_c43_a_used_up_day_ends_cleanly_and_goes_on_the_next(world: Any) -> None:
    limited(world)
    in_step(world)
    world.sfa.use_up_calls()
    world.submit("suzuki@minato.example", "鈴木", "一郎", company="みなと商事株式会社", phone=None)
    done = world.sync()
    stopped = {run.connection for run in done if run.state == "stopped"}
    assert stopped == {"sfa"}
    assert all(run.error for run in done if run.state == "stopped")
    assert len(world.contacts()) == len(world.crm_rows()) == 2
    asked = len(world.sfa.seen)
    world.sync(rounds=3)
    assert len(world.sfa.seen) - asked <= 2 * 3
    assert len(world.sfa_rows()) == 1

    world.tick(hours=24)
    world.settle()
    assert len(world.sfa_rows()) == 2
    assert upkeep.is_active(world.hub, "sfa")
    assert world.asides() == []


def test_c44_webhooks_that_the_vendor_drops_are_made_up_for(world: Any) -> None:
    records = [
        world.crm.add_record(
            LEADS,
            {
                "氏名": f"佐藤 {number}",
                "会社名": f"第{number}商事",
                "メールアドレス": f"p{number}@c{number}.example",
            },
        )
        for number in range(80)
    ]
    world.sync("crm")
    subscribe(world)
    for record in records:
        world.crm.edit_record(LEADS, record, {"役職": "部長"})
    assert (told(world, "crm"), world.crm.dropped) == (60, 20)
    titles = [lead.fields.get("title") for lead in world.leads()]
    assert titles.count("部長") == 60
    world.sync("crm")
    assert {lead.fields.get("title") for lead in world.leads()} == {"部長"}
    assert {row["Title"] for row in world.sfa_rows()} == {"部長"}


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_c45_workers_that_refresh_a_rotating_token_at_once_keep_the_grant(world: Any) -> None:
    world.options["sfa"]["auth"] = {
        "scheme": "refresh",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": REFRESH_TOKEN,
        "login_url": "https://login.salesforce.com",
    }
    tokens = [DatabaseTokens(world.database, KEY) for _ in range(4)]
    hubs = [
        open_hub(
            world.config(),
            database=world.database,
            tokens=held,
            transports={name: in_process(app) for name, app in world.simulators.items()},
        )
        for held in tokens
    ]
    assert {run.state for run in jobs.pull(hubs[0], "sfa", streams=["Lead"])} == {"succeeded"}
    for _ in range(2):
        world.sfa.end_sessions()
        asked = refreshes(world)
        together(*[partial(jobs.pull, hub, "sfa", streams=["Lead"]) for hub in hubs])
        assert refreshes(world) - asked == 1
    with world.database.read() as tx:
        assert {run.state for run in runs.recent(tx, "sfa", 100)} == {"succeeded"}
    assert upkeep.is_active(hubs[0], "sfa")


def refreshes(world: Any) -> int:
    """How often Salesforce was asked for a token."""
    return sum(seen.path == "/services/oauth2/token" for seen in world.sfa.seen)
