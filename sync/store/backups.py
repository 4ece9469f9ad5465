"""Backup files: one line of JSON that says what it is, then the hub's tables, compressed.

What is compressed is an SQLite database with the hub's own schema, whichever kind of database it
was taken from: so every backup goes back into either kind, and ``sqlite3`` can look into it.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from sync.store import upgrade as schemas
from sync.store.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = [
    "BadBackup",
    "Header",
    "close_up",
    "columns",
    "copy_out",
    "fill",
    "pack",
    "read_header",
    "sync_folder",
    "unpack",
]

FORMAT = 1
LEVEL = 3
"""Of gzip: most of what it can gain here, at a third of the usual level's time."""
HEADER_BYTES = 4096
ROWS = 5_000
"""Rows that are held in memory at once."""
VERSIONS = "alembic_version"


class BadBackup(Exception):
    """The file is no backup, or not the one that was written."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup says of itself. ``sha256`` and ``bytes`` are those of the SQLite database."""

    renkei: str
    schema: str
    made_at: str
    taken_from: str
    epoch: int
    bytes: int
    sha256: str
    format: int = FORMAT


def copy_out(database: Database, to: Path) -> None:
    """Copy the database as it is at this moment into a new SQLite file; the hub goes on meanwhile.

    Raises BadBackup where the copy is not sound.
    """
    to.unlink(missing_ok=True)
    if database.dialect == "sqlite":
        with (
            closing(_open(Path(database.path), "rw")) as source,
            closing(sqlite3.connect(to)) as copy,
        ):
            source.backup(copy)  # in one step: writers go on, and the copy is of one moment
            copy.execute("PRAGMA journal_mode=DELETE")  # all in one file
    else:
        _copy_postgres(database, to)
    check(to)


def check(path: Path) -> str:
    """The schema of a sound SQLite database; raises BadBackup for any other file."""
    try:
        with closing(_open(path, "ro")) as copy:
            ((said,),) = copy.execute("PRAGMA integrity_check(1)").fetchall()
            ((revision,),) = copy.execute(f"SELECT version_num FROM {VERSIONS}").fetchall()
    except (sqlite3.DatabaseError, ValueError) as error:
        raise BadBackup(f"the database in it is damaged: {error}") from error
    if said != "ok":
        raise BadBackup(f"the database in it is damaged: {said}")
    return str(revision)


def _open(path: Path, mode: str) -> sqlite3.Connection:
    """A file that must be there: never makes an empty one."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True)


def _copy_postgres(database: Database, to: Path) -> None:
    """Read every table in one snapshot, and write it into an SQLite database of the same schema."""
    with database.engine.connect() as connection:
        reading = connection.execution_options(isolation_level="REPEATABLE READ")
        with reading.begin():
            revision = schemas.current_of(reading)
            if revision is None:
                raise BadBackup("the database is empty: there is nothing to back up")
            made = Database(f"sqlite:///{to}")
            with made.write() as tx:
                schemas.upgrade_over(tx.connection, revision)
            made.close()
            with closing(sqlite3.connect(to, isolation_level=None)) as copy:
                copy.execute("PRAGMA journal_mode=DELETE")
                copy.execute("BEGIN IMMEDIATE")
                for table, columns in tables(copy):
                    _copy_table(reading, copy, table, columns)
                copy.execute("COMMIT")


def _copy_table(
    reading: Connection, copy: sqlite3.Connection, table: str, columns: Sequence[str]
) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    into = f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(columns))})'
    driver: Any = reading.connection.driver_connection
    with driver.cursor() as raw:
        raw.execute(f'SELECT {names} FROM "{table}" LIMIT 0')
        types = [column.type_code for column in raw.description]
        with raw.copy(f'COPY "{table}" ({names}) TO STDOUT (FORMAT BINARY)') as rows:
            rows.set_types(types)
            copy.executemany(into, rows.rows())


def tables(copy: sqlite3.Connection) -> list[tuple[str, list[str]]]:
    """The tables of an SQLite database of ours and their columns; not that of the schema."""
    found = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    names = [name for (name,) in found if not name.startswith("sqlite_") and name != VERSIONS]
    return [
        (name, [row[1] for row in copy.execute(f'PRAGMA table_info("{name}")')]) for name in names
    ]


def fill(connection: Connection, source: Path) -> None:
    """Put the rows of an SQLite database of ours into PostgreSQL's empty tables of its schema."""
    driver: Any = connection.connection.driver_connection
    with closing(sqlite3.connect(source)) as copy:
        for table, columns in tables(copy):
            names = ", ".join(f'"{name}"' for name in columns)
            with driver.cursor() as raw:
                with raw.copy(f'COPY "{table}" ({names}) FROM STDIN') as rows:
                    for row in _rows(copy, f'SELECT {names} FROM "{table}"'):
                        rows.write_row(row)
                if "id" in columns:
                    _count_on(raw, table)


def _rows(copy: sqlite3.Connection, sql: str) -> Iterator[tuple[Any, ...]]:
    found = copy.execute(sql)
    while some := found.fetchmany(ROWS):
        yield from some


def _count_on(raw: Any, table: str) -> None:
    """Let a table's counter go on after the highest number that is taken, where it has one."""
    raw.execute("SELECT pg_get_serial_sequence(%s, 'id')", (table,))
    ((sequence,),) = raw.fetchall()
    if sequence is not None:
        raw.execute(
            f'SELECT setval(%s, coalesce(max(id), 0) + 1, false) FROM "{table}"', (sequence,)
        )


def columns(path: Path) -> set[str]:
    """Everything that an SQLite database of ours has columns for, as ``table.column``."""
    with closing(sqlite3.connect(path)) as copy:
        return {f"{table}.{name}" for table, names in tables(copy) for name in names}


def close_up(path: Path) -> None:
    """Have an SQLite database that nobody has open in one file, and that on the disk."""
    with closing(sqlite3.connect(path)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def pack(snapshot: Path, to: Path, *, version: str, made_at: str, taken_from: str) -> Header:
    """Write a backup file of an SQLite snapshot, readable by its owner only; what it says."""
    schema = check(snapshot)
    with closing(sqlite3.connect(snapshot)) as copy:
        rows = copy.execute("SELECT value FROM setting WHERE name = 'epoch'").fetchall()
    with snapshot.open("rb") as body:
        sha256 = file_digest(body, "sha256").hexdigest()
    epoch = int(rows[0][0]) if rows else 0
    size = snapshot.stat().st_size
    header = Header(version, schema, made_at, taken_from, epoch, size, sha256)
    handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(orjson.dumps(asdict(header)) + b"\n")
        with (
            snapshot.open("rb") as body,
            gzip.GzipFile(fileobj=file, mode="wb", compresslevel=LEVEL, mtime=0) as packed,
        ):
            shutil.copyfileobj(body, packed, 1 << 20)
        file.flush()
        os.fsync(file.fileno())
    return header


def read_header(path: Path) -> Header:
    """What a backup says of itself. Raises BadBackup for a file that is none."""
    try:
        with path.open("rb") as file:
            said = orjson.loads(file.readline(HEADER_BYTES))
        header = Header(**said)
    except (orjson.JSONDecodeError, TypeError) as error:
        raise BadBackup("it does not begin as a backup does") from error
    if header.format != FORMAT:
        raise BadBackup(f"it is of format {header.format}; this version reads format {FORMAT}")
    return header


def unpack(path: Path, to: Path) -> Header:
    """Write the SQLite database of a backup, whole and proven; raises BadBackup otherwise."""
    header = read_header(path)
    handle = os.open(to, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w+b") as body, path.open("rb") as file:
        file.readline(HEADER_BYTES)
        try:
            with gzip.GzipFile(fileobj=file, mode="rb") as packed:
                shutil.copyfileobj(packed, body, 1 << 20)
        except (EOFError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise BadBackup("it ends too early, or was changed") from error
        body.seek(0)
        if file_digest(body, "sha256").hexdigest() != header.sha256:
            raise BadBackup("it is not what was written: its SHA-256 is another")
    if check(to) != header.schema:
        raise BadBackup("the database in it is of another schema than it says")
    return header


def sync_folder(path: Path) -> None:
    """Have the names in a directory outlive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
