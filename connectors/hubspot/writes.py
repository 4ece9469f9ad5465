"""One batch of contacts written, whatever it takes: a word about each record comes back.

Results come in any order and are told apart by ``objectWriteTraceId``. Some errors are lines of a
207, others refuse the whole batch: a property that does not exist is then taken out of all, else
the batch is halved until the culprit is alone. A record is written without the fields at fault, as
long as it has a key without them (HubSpot developer docs, batch errors).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.hubspot.api import OBJECTS, Api, Row, results
from connectors.hubspot.translate import UNKNOWN_FIELD, refusal, rejected
from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import (
    Conflict,
    ConnectorError,
    RecordGone,
    RecordRejected,
    Unavailable,
)

STREAM = "contacts"
WHERE = "HubSpot contacts"


@dataclass(slots=True, eq=False)
class Job:
    """One change on its way. ``own`` is the contact's id as soon as it is known."""

    change: Change
    values: dict[str, str]
    own: str | None
    status: Status | None = None
    error: ConnectorError | None = None
    version: str | None = None
    settled: bool = False
    refused: dict[str, ConnectorError] = field(default_factory=dict)
    held: dict[str, Any] = field(default_factory=dict)

    @property
    def wrote(self) -> bool:
        """Whether HubSpot said that it was written."""
        return self.status in {Status.CREATED, Status.UPDATED}

    def fail(self, error: ConnectorError) -> None:
        """It did not work out."""
        self.status, self.error = Status.FAILED, error

    def outcome(self) -> Outcome:
        """What became of the change."""
        if self.status is None:
            lost = f"{WHERE}: the answer has no word about one record; it is written again"
            self.fail(Unavailable(lost, code="NO_OUTCOME"))
        return Outcome(
            key=self.change.key,
            status=self.status or Status.FAILED,
            external_id=self.own,
            version=self.version,
            error=self.error,
            refused=self.refused,
            held=self.held,
        )


class Writer:
    """Writes batches of at most 100 jobs; ``key`` is the unique property that creates go by."""

    def __init__(self, api: Api, key: str) -> None:
        self.api = api
        self.key = key

    def unique(self, job: Job) -> str:
        """The value a create goes by; empty where the lead has none."""
        return (
            job.values.get("email", "").strip().lower() if self.key == "email" else job.change.key
        )

    def send(self, verb: str, jobs: Sequence[Job]) -> None:
        """Write with ``update`` or ``upsert``. Both end in the same state when repeated."""
        ready = [job for job in jobs if not self._empty(verb, job)]
        if not ready:
            return
        inputs = [self._input(verb, job) for job in ready]
        path = f"{OBJECTS}/{STREAM}/batch/{verb}"
        try:
            body = self.api.session.post(path, json={"inputs": inputs}, safe=True).json()
        except (RecordRejected, Conflict, RecordGone) as error:
            self._whole(verb, ready, error)
            return
        left = _match(ready, results(body))
        again: list[Job] = []
        for line in body.get("errors") or ():
            again += self._judge(verb, _meant(line, left), refusal(line, WHERE))
        self.send(verb, again)

    def _input(self, verb: str, job: Job) -> Row:
        one: Row = {"objectWriteTraceId": job.change.key, "properties": job.values}
        if verb == "upsert":
            return {**one, "id": self.unique(job), "idProperty": self.key}
        return {**one, "id": job.own}

    def _empty(self, verb: str, job: Job) -> bool:
        """Whether an update has nothing (left) to write; that is its outcome, then."""
        if verb == "upsert" or job.values:
            return False
        job.status = job.status or Status.UNCHANGED
        return True

    def _whole(self, verb: str, jobs: Sequence[Job], error: ConnectorError) -> None:
        if len(jobs) == 1:
            self.send(verb, self._judge(verb, jobs, error))
        elif isinstance(error, RecordRejected) and error.code == UNKNOWN_FIELD:
            meant = [job for job in jobs if set(error.fields) & set(job.values)]
            again = self._judge(verb, meant, error)
            if not meant:
                self._halve(verb, jobs)
            else:
                self.send(verb, [job for job in jobs if job not in meant or job in again])
        else:
            self._halve(verb, jobs)

    def _halve(self, verb: str, jobs: Sequence[Job]) -> None:
        half = len(jobs) // 2
        self.send(verb, jobs[:half])
        self.send(verb, jobs[half:])

    def _judge(self, verb: str, jobs: Sequence[Job], error: ConnectorError) -> list[Job]:
        """Take the fields at fault out of each job; those that go on are returned, others fail."""
        on: list[Job] = []
        for job in jobs:
            names = error.fields if isinstance(error, RecordRejected) else ()
            at_fault = [name for name in names if name in job.values]
            if not at_fault or (verb == "upsert" and self.key in at_fault):
                job.fail(error)
                continue
            for name in at_fault:
                del job.values[name]
                job.refused[name] = rejected(WHERE, error.code, (name,))
            on.append(job)
        return on


def _match(jobs: Sequence[Job], rows: Sequence[Mapping[str, Any]]) -> list[Job]:
    """Give each result to its job; returns the jobs that got none."""
    waiting = {job.change.key: job for job in jobs}
    for row in rows:
        job = waiting.pop(str(row.get("objectWriteTraceId")), None)
        if job is not None:
            job.own = str(row["id"])  # another one than asked, where that was merged
            job.version = row.get("updatedAt")
            if not job.wrote:
                job.status = Status.CREATED if row.get("new") else Status.UPDATED
    return list(waiting.values())


def _meant(line: Mapping[str, Any], jobs: Sequence[Job]) -> list[Job]:
    """The jobs a line of ``errors`` is about."""
    context = line.get("context") or {}
    keys = {str(one) for one in context.get("objectWriteTraceId") or ()}
    ids = {str(one) for one in context.get("ids") or context.get("id") or ()}
    if not keys and not ids:
        return list(jobs) if len(jobs) == 1 else []
    return [job for job in jobs if job.change.key in keys or job.own in ids]
