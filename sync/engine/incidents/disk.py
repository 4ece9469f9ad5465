"""How much room is left where the database's file is."""

from __future__ import annotations

import shutil
from pathlib import Path

from sync.store.database import Database


def free_percent(database: Database) -> float | None:
    """The free share of the file system that holds the SQLite file; None for a server's."""
    if database.dialect != "sqlite":
        return None
    folder = Path(database.url.removeprefix("sqlite:///")).absolute().parent
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return 100 * usage.free / usage.total
