"""Who else is connected to a PostgreSQL database, and how its tables are moved out of the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.store.database import APPLICATION, session_name

if TYPE_CHECKING:
    from sync.store.database import Tx


def others(tx: Tx) -> dict[str, int]:
    """The other hubs, workers and commands that are connected: how many of each version."""
    rows = tx.rows(
        "SELECT split_part(substr(application_name, ?), ' ', 1), count(DISTINCT application_name)"
        " FROM pg_stat_activity WHERE datname = current_database()"
        " AND starts_with(application_name, ?) AND application_name <> ? GROUP BY 1",
        len(APPLICATION) + 1,
        APPLICATION,
        session_name(),
    )
    return {str(version): int(count) for version, count in rows}


def set_aside(tx: Tx, schema: str) -> str:
    """Move the hub's tables into a schema of this name; its name, or "" where there are none."""
    from sync.store.schema import metadata

    ours = {*metadata.tables, "alembic_version"}
    rows = tx.rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    there = sorted(str(name) for (name,) in rows if name in ours)
    if not there:
        return ""
    tx.write(f'CREATE SCHEMA "{schema}"')
    for name in there:
        tx.write(f'ALTER TABLE "{name}" SET SCHEMA "{schema}"')
    return schema
