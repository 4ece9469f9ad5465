"""Fixtures for everything: databases of both kinds, a clock that is held, and the services."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from sync.store.database import Database
from sync.store.upgrade import upgrade

POSTGRES = os.environ.get("RENKEI_TEST_POSTGRES", "postgresql://127.0.0.1:5432/test")
KEY = "cmVua2VpLXRlc3RzLXNlYWwtd2l0aC10aGlzLWtleSE="
"""What the tests' databases seal payloads with, so that no key is made beside the sources."""
REQUIRED = os.environ.get("RENKEI_REQUIRE_SERVICES") == "1"


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


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[str]:
    """A PostgreSQL database of this session's own, by its URL."""
    base = f"postgresql+psycopg://{POSTGRES.partition('://')[2]}"
    name = f"renkei_test_{uuid4().hex[:12]}"
    admin = create_engine(base, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except Exception as error:  # noqa: BLE001 - whatever the reason, the service is not usable
        absent("postgres", type(error).__name__)
    url = f"{POSTGRES.rpartition('/')[0]}/{name}"
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def postgres_url(postgres_database: str) -> str:
    """A PostgreSQL database with nothing in it: what an earlier test left is dropped."""
    engine = create_engine(f"postgresql+psycopg://{postgres_database.partition('://')[2]}")
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return postgres_database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Database]:
    """An empty, upgraded database of each kind, on the clock that is held."""
    if request.param == "sqlite":
        found = Database(f"sqlite:///{tmp_path / 'renkei.sqlite3'}", clock=clock, keys=KEY)
        upgrade(found)
    else:
        found = Database(request.getfixturevalue("postgres_url"), clock=clock, keys=KEY)
        upgrade(found)
    yield found
    found.close()
