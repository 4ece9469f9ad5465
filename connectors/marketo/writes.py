"""Batches of leads written, whatever it takes: a word about each record comes back, in order.

A record that is skipped for a field is written once more without it, as long as its key is another.
Sources: Adobe developer docs ("Leads", "Error Codes").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import orjson

from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import (
    ConnectorError,
    ContractBroken,
    RecordGone,
    RecordRejected,
    Unavailable,
)
from connectors.marketo.api import LEADS, MOST, Api, Row, rows
from connectors.marketo.translate import reason, rejected

LARGEST = 900_000
"""Bytes of one body; more than 1 MB would be a 413."""


@dataclass(slots=True, eq=False)
class Job:
    """One change on its way. ``own`` is the lead's id as soon as it is known."""

    change: Change
    values: Row
    own: str | None
    status: Status | None = None
    error: ConnectorError | None = None
    refused: dict[str, ConnectorError] = field(default_factory=dict)

    @property
    def wrote(self) -> bool:
        """Whether Marketo said that it was written."""
        return self.status in {Status.CREATED, Status.UPDATED}

    def fail(self, error: ConnectorError) -> None:
        """It did not work out."""
        self.status, self.error = Status.FAILED, error

    def outcome(self) -> Outcome:
        """What became of the change."""
        if self.status is None:
            lost = "Marketo lead: the answer has no word about one record; it is written again"
            self.fail(Unavailable(lost, code="NO_OUTCOME"))
        return Outcome(
            key=self.change.key,
            status=self.status or Status.FAILED,
            external_id=self.own,
            error=self.error,
            refused=self.refused,
        )


class Writer:
    """Writes jobs in batches of at most 300, one after the other."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def send(self, action: str, key: str, jobs: Sequence[Job]) -> None:
        """Write with ``updateOnly`` or ``createOrUpdate``, leads being looked up by ``key``."""
        ready = [job for job in jobs if not self._empty(action, job)]
        for batch in _batches(ready):
            again = self._batch(action, key, batch)
            if again:
                self.send(action, key, again)

    def _empty(self, action: str, job: Job) -> bool:
        """Whether an update has nothing (left) to write; that is its outcome, then."""
        if action != "updateOnly" or job.values:
            return False
        job.status = job.status or Status.UNCHANGED
        return True

    def _batch(self, action: str, key: str, jobs: Sequence[Job]) -> list[Job]:
        """The jobs to be written again, each without a field that was at fault."""
        updates = action == "updateOnly"
        body: Row = {"action": action, "lookupField": key}
        if self.api.options.partition and not updates:
            body["partitionName"] = self.api.options.partition
        body["input"] = [{"id": int(job.own or 0), **job.values} for job in jobs]
        if not updates:
            body["input"] = [job.values for job in jobs]
        try:
            # An upsert that is repeated before the first one is through makes a second lead.
            told = rows(self.api.post(LEADS, body, safe=updates))
        except (RecordRejected, RecordGone) as error:
            return self._whole(action, key, jobs, error)
        if len(told) != len(jobs):
            raise ContractBroken("Marketo told of more or fewer records than were written")
        again = (_judged(key, job, line) for job, line in zip(jobs, told, strict=True))
        return [job for job in again if job is not None]

    def _whole(
        self, action: str, key: str, jobs: Sequence[Job], error: ConnectorError
    ) -> list[Job]:
        """A request refused as a whole: without the field at fault, or halved to find who is."""
        names = set(error.fields) if isinstance(error, RecordRejected) else set()
        if len(jobs) > 1 and not any(names & set(job.values) for job in jobs):
            half = len(jobs) // 2
            self.send(action, key, jobs[:half])
            self.send(action, key, jobs[half:])
            return []
        meant = [job for job in jobs if len(jobs) == 1 or names & set(job.values)]
        again = {id(job) for job in meant if _without(key, job, error) is None}
        return [job for job in jobs if id(job) not in again]


def _judged(key: str, job: Job, line: Row) -> Job | None:
    """Give a job its result; the job itself where it is to be written again."""
    if line.get("status") in {"created", "updated"}:
        job.own = str(line["id"])
        job.status = Status.CREATED if line["status"] == "created" else Status.UPDATED
        return None
    return _without(key, job, reason(line.get("reasons") or (), job.values))


def _without(key: str, job: Job, error: ConnectorError) -> Job | None:
    """The job without the fields at fault; None where it fails for good."""
    names = error.fields if isinstance(error, RecordRejected) else ()
    at_fault = [name for name in names if name in job.values]
    if not at_fault or key in at_fault:
        job.fail(error)
        return None
    for name in at_fault:
        del job.values[name]
        job.refused[name] = rejected(error.code, (name,))
    return job


def _batches(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """Runs of jobs that are neither too many nor too large."""
    run: list[Job] = []
    size = 0
    for job in jobs:
        own = len(orjson.dumps(job.values)) + 20
        if run and (len(run) == MOST or size + own > LARGEST):
            yield run
            run, size = [], 0
        run.append(job)
        size += own
    if run:
        yield run
