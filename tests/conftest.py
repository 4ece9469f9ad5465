"""Fixtures for everything: databases of both kinds, a clock that is held, and the services."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from uuid import uuid4

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text

from sync.store.database import Database
from sync.store.upgrade import upgrade

POSTGRES = os.environ.get("RENKEI_TEST_POSTGRES", "postgresql://127.0.0.1:5432/test")
KEY = "cmVua2VpLXRlc3RzLXNlYWwtd2l0aC10aGlzLWtleSE="
"""What the tests' databases seal payloads with, so that no key is made beside the sources."""
REQUIRED = os.environ.get("RENKEI_REQUIRE_SERVICES") == "1"

settings.register_profile("check", derandomize=True)
if REQUIRED:  # the check of a change says the same each time; who develops meets new examples
    settings.load_profile("check")


def absent(service: str, why: str) -> None:
    """Skip for want of a service, or fail where all services are required."""
    message = (
        f"{service} is not there ({why}); start it, or name it by RENKEI_TEST_{service.upper()}"
    )
    if REQUIRED:
        pytest.fail(message)
    pytest.skip(message)


class Clock:
    """A clock that is held: it moves only when told."""

    def __init__(self, start: datetime = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        return self.moment

    def pass_time(self, **amount: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**amount)


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Postgres:
    """The PostgreSQL server, and databases of this session's own on it."""

    def __init__(self) -> None:
        base = f"postgresql+psycopg://{POSTGRES.partition('://')[2]}"
        self._admin = create_engine(
            base, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3}
        )
        self._ready = ""

    def make(self, template: str = "template1") -> str:
        """The name of a new database."""
        name = f"renkei_test_{uuid4().hex[:12]}"
        self._say(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def make_ready(self) -> str:
        """The name of a new database that is upgraded: a copy of one that was, which is quick."""
        if not self._ready:
            self._ready = self.make()
            database = Database(self.url(self._ready), keys=KEY)
            upgrade(database)
            database.close()
        return self.make(self._ready)

    def url(self, name: str) -> str:
        """Where a database is."""
        return f"{POSTGRES.rpartition('/')[0]}/{name}"

    def drop(self, name: str) -> None:
        """Drop a database, whoever still uses it."""
        self._say(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Leave nothing behind."""
        if self._ready:
            self.drop(self._ready)
        self._admin.dispose()

    def _say(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server; a skip where there is none."""
    server = Postgres()
    try:
        server.drop(server.make())
    except Exception as error:  # noqa: BLE001 - whatever the reason, the service is not usable
        absent("postgres", type(error).__name__)
    yield server
    server.close()


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A PostgreSQL database with nothing in it."""
    name = postgres.make()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
def postgres_ready(postgres: Postgres) -> Iterator[str]:
    """A PostgreSQL database that is upgraded."""
    name = postgres.make_ready()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(scope="session")
def sqlite_ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that is upgraded, to copy: that is quicker than to upgrade another one."""
    path = tmp_path_factory.mktemp("ready") / "renkei.sqlite3"
    database = Database(f"sqlite:///{path}", keys=KEY)
    upgrade(database)
    database.close()
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Database]:
    """An empty, upgraded database of each kind, on the clock that is held."""
    if request.param == "sqlite":
        ready: Path = request.getfixturevalue("sqlite_ready")
        url = f"sqlite:///{copyfile(ready, tmp_path / ready.name)}"
    else:
        url = request.getfixturevalue("postgres_ready")
    found = Database(url, clock=clock, keys=KEY)
    yield found
    found.close()
