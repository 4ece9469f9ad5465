"""A process at work while a newer version upgrades the database goes on, or ends cleanly."""

from __future__ import annotations

from typing import Any

import pytest

from sync.store import runs, upgrade
from sync.store.database import Database
from sync.workers.runner import running
from tests.sync.conftest import PATIENCE


def upgraded_by_a_newer(database: Database, works_from: str) -> None:
    """As a newer version leaves the database: another schema, and from which on it may be used."""
    with database.write() as tx:
        tx.write("UPDATE alembic_version SET version_num = '9999'")
        tx.write("ALTER TABLE lead ADD COLUMN of_tomorrow TEXT")
        runs.save_setting(tx, "schema.works_from", works_from)


def test_it_goes_on_with_tables_that_it_can_use(relay: Any, clock: Any) -> None:
    with running(relay.open(), web=False) as house:
        upgraded_by_a_newer(relay.database, upgrade.head())
        clock.pass_time(seconds=30)
        house.sweeper.sweep()
        assert not house.hub.stop.is_set()
        relay.form.seed(1)
        house.crew.pull("form")
        with relay.database.read() as tx:
            assert tx.rows("SELECT version_num FROM alembic_version") == [("9999",)]


def test_it_ends_where_it_cannot_use_them_and_says_why(
    relay: Any, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with running(relay.open(), web=False) as house:
        upgraded_by_a_newer(relay.database, "9999")
        clock.pass_time(seconds=30)
        assert house.hub.stop.wait(PATIENCE)
    assert isinstance(house.sweeper.newer, upgrade.NewerSchema)
    assert "schema 9999, which this version does not know" in caplog.text
