"""Bring a database to the schema this version needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sync.store import runs
from sync.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

MIGRATIONS = Path(__file__).parent / "migrations"
_WORKS_FROM = "schema.works_from"


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
    with database.engine.connect() as connection:
        return current_of(connection.execution_options(renkei_read=True))


def current_of(connection: Connection) -> str | None:
    """The same over a connection."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def known() -> set[str]:
    """Every revision that this version knows."""
    from alembic.script import ScriptDirectory

    return {one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()}


def works_from(revision: str) -> str:
    """The oldest schema whose code works with the tables of a revision that this version knows.

    A migration that takes something away from older code says so: ``works_from = revision``.
    """
    from alembic.script import ScriptDirectory

    found = ""
    for one in ScriptDirectory.from_config(_config()).walk_revisions("base", revision):
        found = max(found, str(getattr(one.module, "works_from", "")))
    return found or revision


def fits(database: Database) -> bool:
    """Whether this version works with the tables as they are: its own, or newer ones that allow it.

    Raises NewerSchema where the database was upgraded by a version whose tables it cannot use.
    """
    at = current(database)
    if at is None or at <= head():
        return at == head()
    with database.read() as tx:
        oldest = runs.setting(tx, _WORKS_FROM)
    if oldest is None or oldest > head():
        raise NewerSchema(
            f"the database is at schema {at}, which this version does not know: "
            "it was upgraded by a newer Renkei; install that version"
        )
    return True


def breaks_older(database: Database) -> bool:
    """Whether an upgrade takes away what code of the present schema needs."""
    at = current(database)
    return at is not None and at in known() and works_from(head()) > at


def upgrade(database: Database) -> bool:
    """Upgrade to the newest schema; whether anything was to do. Safe to call from many processes.

    A database that is newer, and whose tables this version can use, is left as it is. Raises
    NewerSchema where it cannot.
    """
    if fits(database):
        return False
    upgrade_to(database, "head")
    return True


def upgrade_to(database: Database, revision: str) -> None:
    """Upgrade to a revision that this version knows."""
    with database.write() as tx:
        upgrade_over(tx.connection, revision)
        at = head() if revision == "head" else revision
        runs.save_setting(tx, _WORKS_FROM, works_from(at))


def upgrade_over(connection: Connection, revision: str) -> None:
    """The same over a connection, in its transaction."""
    from alembic import command

    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "SELECT pg_advisory_xact_lock(hashtextextended('renkei.schema', 0))"
        )
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
