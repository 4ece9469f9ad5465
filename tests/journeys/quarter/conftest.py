"""The company of the quarter, on SQLite and on PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sync.store.database import Database
from tests.journeys.quarter.company import Company, moment
from tests.journeys.quarter.story import people


@pytest.fixture
def company(tmp_path: Path, database: Database, clock: Any) -> Company:
    """The company on its first morning."""
    clock.moment = moment("04-01 09:00")
    return Company(tmp_path / "office", database, database.url, clock, people())
