"""A drop folder, and ways to read a list out of bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.file import Connector, Options, connect
from connectors.file.simulator import Simulator
from connectors.kit.base import Record
from connectors.kit.session import Wiring
from connectors.kit.tokens import MemoryTokens


@dataclass
class Bench:
    """A folder ``drop``, a clock, and connectors that read it."""

    folder: Path
    drop: Simulator
    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def connector(self, **options: Any) -> Connector:
        chosen = Options.model_validate({"path": str(self.folder), **options})
        return connect(chosen, Wiring("lists", MemoryTokens(), now=self.now))

    def pull(self, cursor: str | None = None, **options: Any) -> tuple[list[Record], str | None]:
        """All records and the last cursor of one pull."""
        records: list[Record] = []
        for page in self.connector(**options).pull("rows", cursor):
            records.extend(page.records)
            cursor = page.cursor
        return records, cursor

    def flat(self, records: list[Record], **options: Any) -> list[dict[str, Any]]:
        connector = self.connector(**options)
        return [dict(connector.flatten("rows", record.payload)) for record in records]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    folder = tmp_path / "in"
    return Bench(folder, Simulator(folder))


@pytest.fixture
def read(bench: Bench) -> Callable[..., list[dict[str, Any]]]:
    """The flat fields of a list given as text or bytes."""

    def rows(content: str | bytes, name: str = "list.csv", **options: Any) -> list[dict[str, Any]]:
        raw = content.encode() if isinstance(content, str) else content
        path = bench.drop.drop(name, raw)
        pages = bench.connector(**options).pull_file(path)
        records = [record for page in pages for record in page.records]
        return bench.flat(records, **options)

    return rows
