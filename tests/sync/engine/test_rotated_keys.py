"""Payloads are read while their key is listed, and are known again after it was rotated."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet

from connectors.kit.base import Record
from sync.engine.hub import open_hub
from sync.engine.pull import receive
from sync.engine.replay import replay
from sync.engine.resolve import resolve_due
from sync.store.database import Database
from tests.sync.engine.histories import MAILABLE as SATO
from tests.sync.engine.replaying import EVER, mistaken


def test_payloads_of_an_older_key_are_read_while_it_is_listed(
    shelves: Any, database: Database
) -> None:
    mistaken(shelves)
    new = Fernet.generate_key().decode()
    for keys, found in ((f"{new},{shelves.config.hub.key.get_secret_value()}", 3), (new, 0)):
        process = Database(database.url, clock=database.now, keys=keys)
        hub = open_hub(shelves.config, database=process)
        diff = replay(hub, EVER)
        assert diff.counts["differ"] == found
        assert bool(diff.counts["unreadable"]) == (found == 0)
        process.close()


def test_a_repeated_delivery_is_known_again_after_the_key_was_rotated(
    shelves: Any, database: Database
) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.run("crm")
    new = Fernet.generate_key().decode()
    process = Database(
        database.url,
        clock=database.now,
        keys=f"{new},{shelves.config.hub.key.get_secret_value()}",
    )
    with process.write() as tx:
        flow, now = shelves.hub.flows["crm"], shelves.hub.stamp()
        again, other = shelves.at["crm"].records[-1], Record("people", "1", {**SATO, "given": "薫"})
        assert receive(tx, flow, [again], source="webhook", run_id=None, now=now) == (0, 1)
        assert receive(tx, flow, [other], source="webhook", run_id=None, now=now) == (1, 0)
        assert receive(tx, flow, [other], source="webhook", run_id=None, now=now) == (0, 1)
    process.close()


def test_a_payload_that_no_key_opens_is_set_aside_and_comes_back_with_the_key(
    shelves: Any, database: Database
) -> None:
    from sync.engine.retry import chosen, retry

    shelves.at["crm"].put("1", **SATO)
    with shelves.database.write() as tx:
        flow, now = shelves.hub.flows["crm"], shelves.hub.stamp()
        receive(tx, flow, shelves.at["crm"].records, source="pull", run_id=None, now=now)
    process = Database(database.url, clock=database.now, keys=Fernet.generate_key().decode())
    resolve_due(open_hub(shelves.config, database=process))
    process.close()
    (item,) = shelves.asides()
    assert (item.kind, item.code) == ("record", "WRONG_KEY")
    retry(shelves.hub, chosen(shelves.hub, code="WRONG_KEY"))
    resolve_due(shelves.hub)
    assert len(shelves.leads()) == 1
