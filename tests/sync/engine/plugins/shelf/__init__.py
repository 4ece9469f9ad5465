"""A vendor in memory: rows by id, upserts by the hub's key, and failures that a test plants."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from connectors.kit.base import Change, Outcome, Page, Record, Ref, Status
from connectors.kit.errors import ConnectorError, RecordGone
from connectors.kit.session import Wiring

SHELVES: dict[str, Shelf] = {}


@dataclass
class Shelf:
    """What one simulated account holds. ``refuse`` may return an error for a change.

    ``keeps`` is what the vendor makes of what it is given; ``lag`` records of the log are not shown
    yet; ``shown`` of them ever were; ``now`` dates the records where it is set. With ``marks`` the
    hub's key of a record stands in it, under ``hub``.
    """

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    writes: list[Change] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    before: Callable[[Sequence[Change]], None] = lambda _: None
    after: Callable[[Sequence[Change]], None] = lambda _: None
    refuse: Callable[[Change], ConnectorError | None] = lambda _: None
    refuse_fields: Callable[[Change], dict[str, ConnectorError]] = lambda _: {}
    keeps: Callable[[dict[str, Any]], dict[str, Any]] = lambda row: row
    lag: int = 0
    shown: int = 0
    marks: bool = False
    now: Callable[[], datetime | None] = lambda: None

    def put(self, external_id: str, **values: Any) -> None:
        """Somebody edits a record at the vendor."""
        row = self.people[external_id] = self.keeps({**self.people.get(external_id, {}), **values})
        self.records.append(Record("people", external_id, dict(row), changed_at=self.now()))

    def delete(self, external_id: str) -> None:
        """Somebody deletes a record; its id is not used again."""
        del self.people[external_id]
        self.people[f"gone-{len(self.records)}"] = {}
        self.records.append(Record("people", external_id, {}, deleted=True, changed_at=self.now()))

    def merge(self, kept: str, gone: str) -> None:
        """Somebody merges a record into another."""
        del self.people[gone]
        self.people[f"gone-{len(self.records)}"] = {}
        row, previous = dict(self.people[kept]), (Ref("people", gone),)
        self.records.append(
            Record("people", kept, row, previous_ids=previous, changed_at=self.now())
        )


class Options(BaseModel):
    """Which shelf."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shelf: str = Field(description="The shelf's name.")


class Connector:
    """Pulls the log of what changed; upserts by key."""

    batch_size = 10

    def __init__(self, shelf: Shelf, wiring: Wiring) -> None:
        self.shelf = shelf
        self.wiring = wiring

    def streams(self) -> list[str]:
        return ["people", "deals", "calls", "visits"]

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        start = int(cursor or 0)
        log = self.shelf.records[: len(self.shelf.records) - self.shelf.lag]
        self.shelf.shown = max(self.shelf.shown, len(log))
        found = [record for record in log[start:] if record.stream == stream]
        if found:
            yield Page(found, cursor=str(len(log)))

    def fetch(self, stream: str, external_ids: Sequence[str]) -> list[Record]:
        return [Record(stream, one, dict(self.shelf.people[one])) for one in external_ids]

    def ids(self, stream: str) -> Iterator[str]:
        if stream == "people":
            return iter([one for one, row in self.shelf.people.items() if row])
        return iter({one.external_id for one in self.shelf.records if one.stream == stream})

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        with self.shelf.lock:
            self.shelf.before(changes)
            done = [self._write(change) for change in changes]
            self.shelf.after(changes)
            return done

    def _write(self, change: Change) -> Outcome:
        shelf = self.shelf
        error = shelf.refuse(change)
        if error is not None:
            return Outcome(change.key, Status.FAILED, error=error)
        shelf.writes.append(change)
        refused = shelf.refuse_fields(change)
        values = {k: v for k, v in change.values.items() if k not in refused}
        known = change.external_id or shelf.keys.get(change.key)
        if change.external_id is not None and change.external_id not in shelf.people:
            return Outcome(change.key, Status.FAILED, error=RecordGone("it is gone"))
        external_id = known or f"{len(shelf.people) + 1000}"
        shelf.keys.setdefault(change.key, external_id)
        mark = {"hub": change.key} if shelf.marks and known is None else {}
        shelf.put(external_id, **mark, **values)
        status = Status.UPDATED if known else Status.CREATED
        return Outcome(change.key, status, external_id=external_id, refused=refused)


def connect(options: Options, wiring: Wiring) -> Connector:
    return Connector(SHELVES.setdefault(options.shelf, Shelf()), wiring)


__all__ = ["SHELVES", "Connector", "Options", "Ref", "Shelf", "connect"]
