"""The migrations build the tables that the schema names."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from sync.store import runs
from sync.store.database import Database
from sync.store.schema import metadata
from sync.store.upgrade import NewerSchema, current, head, upgrade


def test_migrations_and_tables_agree(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []


def test_upgrading_twice_does_nothing(database: Database) -> None:
    assert current(database) == head()
    assert upgrade(database) is False


def at_a_newer(database: Database, works_from: str) -> None:
    """As a newer version leaves the database: another schema, and from which on it may be used."""
    with database.write() as tx:
        tx.write("UPDATE alembic_version SET version_num = '9999'")
        tx.write("ALTER TABLE lead ADD COLUMN of_tomorrow TEXT")
        tx.write("CREATE TABLE tomorrow (id TEXT PRIMARY KEY)")
        runs.save_setting(tx, "schema.works_from", works_from)


def test_a_newer_schema_that_this_version_cannot_use_is_refused(database: Database) -> None:
    at_a_newer(database, "9999")
    with pytest.raises(NewerSchema, match="9999"):
        upgrade(database)


def test_a_newer_schema_of_a_version_that_does_not_say_is_refused(database: Database) -> None:
    at_a_newer(database, "")
    with database.write() as tx:
        tx.write("DELETE FROM setting WHERE name = 'schema.works_from'")
    with pytest.raises(NewerSchema, match="9999"):
        upgrade(database)


def test_a_newer_schema_that_allows_it_is_used_and_left_as_it_is(database: Database) -> None:
    at_a_newer(database, head())
    assert upgrade(database) is False
    assert current(database) == "9999"
