"""Bring a database to the schema this version needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sync.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


class NewerSchema(Exception):
    """The database was upgraded by a newer version of the hub."""


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def head() -> str:
    """The newest revision this version knows."""
    from alembic.script import ScriptDirectory

    found = ScriptDirectory.from_config(_config()).get_current_head()
    return found or ""


def current(database: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    from alembic.runtime.migration import MigrationContext

    with database.engine.connect() as connection:
        reading = connection.execution_options(renkei_read=True)
        return MigrationContext.configure(reading).get_current_revision()


def upgrade(database: Database) -> bool:
    """Upgrade to the newest schema; whether anything was to do. Safe to call from many processes.

    Raises NewerSchema where the database knows revisions that this version does not.
    """
    from alembic import command
    from alembic.script import ScriptDirectory

    config = _config()
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    at = current(database)
    if at == head():
        return False
    if at is not None and at not in known:
        raise NewerSchema(
            f"the database is at schema {at}, which this version does not know: "
            "it was upgraded by a newer Renkei; install that version"
        )
    with database.engine.connect() as connection, connection.begin():
        if database.dialect == "postgresql":
            connection.exec_driver_sql(
                "SELECT pg_advisory_xact_lock(hashtextextended('renkei.schema', 0))"
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True
