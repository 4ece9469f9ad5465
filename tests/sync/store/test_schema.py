"""The migrations build the tables that the schema names."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

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


def test_a_newer_schema_is_refused(database: Database) -> None:
    with database.write() as tx:
        tx.write("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerSchema, match="9999"):
        upgrade(database)
