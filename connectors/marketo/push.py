"""Writing leads: updates by id, creates as upserts by e-mail or by the hub's own id.

Marketo has no unique fields, only a lookup, so a create looks for the address first, in the same
call; two upserts of one address at the same time would make two leads, so they go one after the
other. An opt-out is written and never taken back: only the person may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import (
    AuthFailed,
    Conflict,
    ContractBroken,
    RateLimited,
    RecordRejected,
    Unavailable,
)
from connectors.marketo.api import Api
from connectors.marketo.translate import READ_ONLY_FIELD, VALUE_REFUSED, rejected, written
from connectors.marketo.writes import Job, Writer

EMAIL = "email"
OPT_OUTS = ("unsubscribed", "doNotCall")
"""Flags that we set and do not lift."""


class Pusher:
    """Pushes the leads of one instance."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.writer = Writer(api)
        self._hub_id = api.options.hub_id_field

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change. Raises only when nothing was written."""
        jobs = [Job(change, {}, change.external_id) for change in changes]
        try:
            for job in jobs:
                self._prepare(job)
            known = [job for job in jobs if job.own is not None and job.status is None]
            self._look_out(known)
            for batch in _rounds([job for job in known if job.status is None]):
                self.writer.send("updateOnly", "id", batch)
            self._create([job for job in jobs if job.own is None and job.status is None])
        except (RateLimited, Unavailable, AuthFailed, ContractBroken) as error:
            if not any(job.wrote for job in jobs):
                raise
            for job in jobs:
                if job.status is None:
                    job.fail(error)
        return [job.outcome() for job in jobs]

    def _prepare(self, job: Job) -> None:
        """What may be sent: no system fields, no lifted opt-out, no address that is not ASCII."""
        values = {name: written(value) for name, value in job.change.values.items()}
        known = self.api.fields()
        for name in list(values):
            if name == "id" or not known.get(name, {}).get("updateable", True):
                del values[name]
                job.refused[name] = rejected(READ_ONLY_FIELD, (name,))
        for name in OPT_OUTS:
            if name in values and str(values[name]).lower() not in {"true", "1"}:
                del values[name]
        if not str(values.get(EMAIL) or "").isascii():
            del values[EMAIL]
            job.refused[EMAIL] = rejected(VALUE_REFUSED, (EMAIL,))
        if self._hub_id and (job.own is None or values):
            values[self._hub_id] = job.change.key
        job.values = values
        if job.own is not None and not values:
            job.status = Status.UNCHANGED

    def _look_out(self, jobs: Sequence[Job]) -> None:
        """Stop a lead from getting an address that another one has: Marketo would allow it."""
        moved = [job for job in jobs if _address(job) not in {"", _before(job)}]
        if not moved:
            return
        holders = self.api.holders(_address(job) for job in moved)
        for job in moved:
            others = [own for own in holders.get(_address(job), ()) if own != job.own]
            if others and len(others) == len(holders[_address(job)]):
                job.fail(
                    Conflict(
                        f"Marketo lead: the e-mail address is the lead's {others[0]} already",
                        existing_id=others[0],
                    )
                )

    def _create(self, jobs: Sequence[Job]) -> None:
        self._upsert(EMAIL, [job for job in jobs if _address(job)], _address)
        rest = [job for job in jobs if not _address(job)]
        if self._hub_id:
            self._upsert(self._hub_id, rest, lambda job: job.change.key)
            return
        for job in rest:
            job.fail(job.refused.get(EMAIL) or _no_key())

    def _upsert(self, field: str, jobs: Sequence[Job], key: Callable[[Job], str]) -> None:
        first: dict[str, Job] = {}
        second: list[tuple[Job, Job]] = []
        for job in jobs:
            if key(job) in first:
                second.append((job, first[key(job)]))
            else:
                first[key(job)] = job
        self.writer.send("createOrUpdate", field, list(first.values()))
        for job, other in second:
            text = f"Marketo lead: two leads have one {field}, and Marketo looks leads up by it"
            job.fail(Conflict(text, existing_id=other.own))


def _address(job: Job) -> str:
    return str(job.values.get(EMAIL) or "").strip().lower()


def _before(job: Job) -> str:
    return str(job.change.before.get(EMAIL) or "").strip().lower()


def _no_key() -> RecordRejected:
    return RecordRejected(
        "Marketo lead: a new lead needs an e-mail: map it, or set hub_id_field to make leads "
        "without one",
        code="NO_KEY",
        fields=(EMAIL,),
    )


def _rounds(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """Runs in which no lead comes twice: Marketo skips the second one."""
    waiting = list(jobs)
    while waiting:
        run: dict[str, Job] = {}
        later: list[Job] = []
        for job in waiting:
            if str(job.own) in run:
                later.append(job)
            else:
                run[str(job.own)] = job
        yield list(run.values())
        waiting = later
