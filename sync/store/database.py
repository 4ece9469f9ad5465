"""The database behind a URL: SQLite by default, PostgreSQL for more than one process.

Writers on SQLite take the write lock at once (BEGIN IMMEDIATE): a read that becomes a write does
not wait for others but fails. Everything above this module talks to ``Tx``.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING, Any

import orjson

from sync.store.turns import Turns

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Executable
    from sqlalchemy.engine import CursorResult
    from sqlalchemy.exc import DBAPIError

    from sync.store.sealing import Box

Row = tuple[Any, ...]

BUSY_SECONDS = 30
APPLICATION = "renkei/"
"""What the names of our sessions on PostgreSQL begin with: others see who is there."""
_SET = 5
"""From this many rows on PostgreSQL takes them as one set."""


def iso(moment: datetime) -> str:
    """A time as it is stored."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")[:26] + "Z"


def from_iso(text: str) -> datetime:
    """A stored time."""
    return datetime.fromisoformat(text)


def packed(value: Any) -> str:
    """A value as stored JSON, in the order it has."""
    return orjson.dumps(value).decode()


def dumps(value: Any) -> str:
    """A value as stored JSON; keys sorted, so that equal values are equal text."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def out_of_locks(error: DBAPIError) -> bool:
    """Whether PostgreSQL's shared table of locks is full: SQLSTATE 53200, out_of_memory."""
    return getattr(error.orig, "sqlstate", None) == "53200"


class Tx:
    """One transaction. Counts its statements, which the tests hold to a few per page."""

    def __init__(self, connection: Connection, database: Database) -> None:
        self.connection = connection
        self.dialect = database.dialect
        self.statements = 0
        self._database = database

    @property
    def box(self) -> Box:
        """What payloads are sealed with."""
        return self._database.box

    @property
    def postgres(self) -> bool:
        """Whether this is PostgreSQL."""
        return self.dialect == "postgresql"

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a Core statement."""
        self.statements += 1
        return self.connection.execute(statement, parameters)

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        """Rows of a hand-written statement with ``?`` places."""
        self.statements += 1
        result = self.connection.exec_driver_sql(self._places(sql), parameters)
        # The driver's own tuples: the library's rows, with names, cost more than the query.
        found = result.cursor.fetchall() if result.cursor is not None else []
        result.close()
        return list(found)

    def rows_in(
        self, sql: str, values: Iterable[Any], *more: Any, before: tuple[Any, ...] = ()
    ) -> list[Row]:
        """Rows of a statement in which the place written ``IN ?`` takes all ``values``.

        One statement text for any number of values. ``before`` and ``more`` fill the places before
        and after it.
        """
        given = list(values)
        if not given:
            return []
        if self.postgres:
            return self.rows(sql.replace("IN ?", "= ANY(%b)"), *before, given, *more)
        text = sql.replace("IN ?", "IN (SELECT value FROM json_each(?))")
        return self.rows(text, *before, orjson.dumps(given).decode(), *more)

    def write(self, sql: str, *parameters: Any) -> int:
        """Run a hand-written statement; how many rows it touched."""
        self.statements += 1
        return self.connection.exec_driver_sql(self._places(sql), parameters).rowcount

    def write_in(self, sql: str, values: Iterable[Any], *before: Any) -> int:
        """Like ``rows_in`` for a write; ``before`` fill the places before ``IN ?``."""
        given = list(values)
        if not given:
            return 0
        if self.postgres:
            return self.write(sql.replace("IN ?", "= ANY(%b)"), *before, given)
        text = sql.replace("IN ?", "IN (SELECT value FROM json_each(?))")
        return self.write(text, *before, orjson.dumps(given).decode())

    def insert(
        self,
        table: str,
        columns: Sequence[str],
        rows: Sequence[Row],
        *,
        key: Sequence[str] = (),
        update: Sequence[str] | None = None,
    ) -> None:
        """Insert many rows by one statement.

        With ``key``, rows that are there already are left alone, or have ``update`` columns set.
        """
        if not rows:
            return
        self.statements += 1
        if self.postgres and len(rows) >= _SET:
            if key:
                self._insert_set(table, tuple(columns), rows, tuple(key), tuple(update or ()))
            else:
                self._copy(table, columns, rows)
            return
        sql = _insert_sql(table, tuple(columns), tuple(key), tuple(update or ()))
        self.connection.exec_driver_sql(self._places(sql), list(rows))

    def _copy(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """PostgreSQL's way in for rows that cannot collide: a third of the cost of inserts."""
        raw = self.connection.connection.cursor()
        with closing(raw), raw.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def _insert_set(
        self,
        table: str,
        columns: tuple[str, ...],
        rows: Sequence[Row],
        key: tuple[str, ...],
        update: tuple[str, ...],
    ) -> None:
        """One statement over arrays, a column each; of rows with one key the last counts."""
        if update:
            places = [columns.index(name) for name in key]
            rows = list({tuple([row[place] for place in places]): row for row in rows}.values())
        sql = _insert_set_sql(table, columns, key, update)
        self.connection.exec_driver_sql(sql, _columns(rows))

    def write_many(self, sql: str, rows: Sequence[Row]) -> int:
        """Run one statement for each row of parameters; how many rows of the table it touched."""
        if not rows:
            return 0
        self.statements += 1
        return self.connection.exec_driver_sql(self._places(sql), list(rows)).rowcount

    def write_set(self, rows: Sequence[Row], *, each: str, together: str) -> int:
        """Run ``each`` for every row, or on PostgreSQL ``together`` once with an array a column.

        How many rows of the table were touched.
        """
        if not self.postgres or not rows:
            return self.write_many(each, rows)
        self.statements += 1
        return self.connection.exec_driver_sql(together, _columns(rows)).rowcount

    def _places(self, sql: str) -> str:
        return sql.replace("?", "%s") if self.postgres else sql


def _columns(rows: Sequence[Row]) -> tuple[list[Any], ...]:
    return tuple([list(column) for column in zip(*rows, strict=True)])


@lru_cache(maxsize=256)
def _insert_sql(
    table: str, columns: tuple[str, ...], key: tuple[str, ...], update: tuple[str, ...]
) -> str:
    places = ", ".join("?" * len(columns))
    sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"
    return sql + _on_conflict(key, update)


@lru_cache(maxsize=256)
def _insert_set_sql(
    table: str, columns: tuple[str, ...], key: tuple[str, ...], update: tuple[str, ...]
) -> str:
    from sqlalchemy.dialects import postgresql

    from sync.store.schema import metadata

    types = metadata.tables[table].columns
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # it declares no types
    arrays = ", ".join(f"%b::{types[name].type.compile(dialect)}[]" for name in columns)
    sql = f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"
    return sql + _on_conflict(key, update)


def _on_conflict(key: tuple[str, ...], update: tuple[str, ...]) -> str:
    if not key:
        return ""
    if not update:
        return f" ON CONFLICT ({', '.join(key)}) DO NOTHING"
    sets = ", ".join(f"{column} = excluded.{column}" for column in update)
    return f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}"


class Database:
    """A store behind a URL.

    ``clock`` is the wall clock of leases and due times. On PostgreSQL it is corrected to the
    server's, so that hosts whose clocks differ agree. ``keys`` are the hub's Fernet keys, newest
    first, or where they come from; ``seal_with`` gives them later.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], datetime] | None = None,
        keys: str | Callable[[], str] | None = None,
    ) -> None:
        self.url = url
        self.dialect = "postgresql" if url.startswith("postgres") else "sqlite"
        self._engine: Engine | None = None
        self._lock = threading.Lock()
        self._clock = clock
        self._offset: timedelta | None = None
        self._keys = keys
        self._box: Box | None = None
        self._turns = Turns(BUSY_SECONDS) if self.dialect == "sqlite" else None
        self.transactions = 0
        self.statements = 0

    @property
    def path(self) -> str:
        """Where the file of an SQLite database is; "" where there is none."""
        return self.url.removeprefix("sqlite:///") if self.dialect == "sqlite" else ""

    @property
    def engine(self) -> Engine:
        """SQLAlchemy's engine, made on first use."""
        with self._lock:
            if self._engine is None:
                self._engine = _engine(self.url)
            return self._engine

    @property
    def box(self) -> Box:
        """What payloads are sealed with, made on first use. Raises AuthFailed for a bad key."""
        from sync.store.sealing import Box

        if self._box is None:
            if self._keys is None:
                raise LookupError("this database was given no key to seal payloads with")
            self._box = Box(self._keys if isinstance(self._keys, str) else self._keys())
        return self._box

    def seal_with(self, keys: str | Callable[[], str]) -> None:
        """Use these keys, unless it was given some."""
        if self._keys is None:
            self._keys = keys

    def now(self) -> datetime:
        """The time every process of this installation agrees on."""
        if self._clock is not None:
            return self._clock()
        local = datetime.now(UTC)
        if self.dialect == "sqlite":
            return local
        if self._offset is None:
            with self.read() as tx:
                ((server,),) = tx.rows("SELECT clock_timestamp()")
            self._offset = server.astimezone(UTC) - datetime.now(UTC)
        return local + self._offset

    @contextmanager
    def write(self, *, first: bool = False) -> Iterator[Tx]:
        """A transaction that writes: commits after the block, rolls back on an exception.

        On SQLite the threads of a process write in turn; ``first`` is for who is waited for.
        """
        turn = nullcontext() if self._turns is None else self._turns.turn(first=first)
        with turn, self.engine.connect() as connection, connection.begin():
            tx = Tx(connection, self)
            yield tx
        self.transactions += 1
        self.statements += tx.statements

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that only reads, and holds no lock."""
        with self.engine.connect() as connection:
            reading = connection.execution_options(renkei_read=True)
            with reading.begin():
                tx = Tx(reading, self)
                yield tx
        self.statements += tx.statements

    def learn(self) -> None:
        """Have PostgreSQL look at how full the tables are.

        Plans that it made and kept while they were empty are wrong by far in a first, big load.
        """
        if self.dialect == "postgresql":
            with self.write() as tx:
                tx.write("ANALYZE inbox, link, lead, match_key, account_key, outbox")

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None


def session_name() -> str:
    """What this process's sessions on PostgreSQL are called: version, host and process."""
    from importlib.metadata import version

    return f"{APPLICATION}{version('renkei')} {gethostname()[:30]}:{os.getpid()}"


def _engine(url: str) -> Engine:
    from sqlalchemy import create_engine, event

    if url.startswith("postgres"):
        _, _, rest = url.partition("://")
        return create_engine(
            f"postgresql+psycopg://{rest}",
            pool_size=10,
            max_overflow=20,
            pool_pre_ping=True,
            hide_parameters=True,  # they are people's data, and errors are logged
            connect_args={"application_name": session_name()},
        )
    path = url.removeprefix("sqlite:///")
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_use_lifo=True,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _open(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "cache_size=-8000",  # for each connection of each thread; the system caches the file
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "wal_autocheckpoint=8000",
            "journal_size_limit=67108864",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("renkei_read")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
