"""A scratch database beside the real one: on the same disk, and gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from sync.store.database import Database
from sync.store.upgrade import upgrade


class NoScratch(Exception):
    """The database's user may not make a schema."""


@contextmanager
def scratch(real: Database) -> Iterator[Database]:
    """An empty database at its schema, with a key of its own.

    On SQLite a file in the real one's directory, on PostgreSQL a schema in the real one. Raises
    NoScratch.
    """
    from cryptography.fernet import Fernet

    key = Fernet.generate_key().decode()
    with _place(real) as url:
        database = Database(url, keys=key)
        try:
            upgrade(database)
            yield database
        finally:
            database.close()


@contextmanager
def _place(real: Database) -> Iterator[str]:
    if real.dialect == "sqlite":
        directory = Path(real.url.removeprefix("sqlite:///")).absolute().parent
        with tempfile.TemporaryDirectory(prefix="renkei-trial-", dir=directory) as home:
            yield f"sqlite:///{home}/trial.sqlite3"
        return
    from sqlalchemy.exc import ProgrammingError

    name = f"renkei_trial_{uuid4().hex[:12]}"
    try:
        with real.write() as tx:
            tx.write(f"CREATE SCHEMA {name}")
    except ProgrammingError as error:
        raise NoScratch(str(error.orig).splitlines()[0]) from error
    try:
        join = "&" if "?" in real.url else "?"
        yield f"{real.url}{join}options={quote(f'-csearch_path={name}')}"
    finally:
        with real.write() as tx:
            tx.write(f"DROP SCHEMA {name} CASCADE")
