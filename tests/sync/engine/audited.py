"""What the tests of audits share: an audit, and a connector that counts what it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.kit.base import Record
from connectors.kit.errors import ConnectorError, Unavailable
from sync.engine.audit import Audit
from sync.engine.hub import Hub
from sync.workers import audits
from tests.sync.engine.conftest import Shelves

PEOPLE = 40


class Asked:
    """A shelf's connector that says which records are gone, and counts what it is asked for."""

    def __init__(self, connector: Any) -> None:
        self.real = connector
        self.calls: list[list[str]] = []
        self.down_after = 1_000
        self.refuses: ConnectorError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def fetch(self, stream: str, external_ids: Sequence[str]) -> list[Record]:
        if self.refuses is not None:
            raise self.refuses
        if len(self.calls) >= self.down_after:
            raise Unavailable("down for a moment")
        self.calls.append(list(external_ids))
        rows = self.real.shelf.people
        return [
            Record(stream, one, dict(rows[one]))
            if one in rows
            else Record(stream, one, {}, deleted=True)
            for one in external_ids
        ]


def audit(hub: Hub, *, seed: int, sample: int = 400, **more: Any) -> Audit:
    return audits.audit(hub, sample=sample, seed=seed, **more)


def own(shelves: Shelves, connection: str) -> list[str]:
    return list(shelves.at[connection].people)
