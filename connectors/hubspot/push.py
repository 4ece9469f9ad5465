"""Writing contacts: updates by id, creates as upserts by a unique property, both safe to repeat.

HubSpot has no idempotency key, so nothing is ever sent to its plain create. An opt-out goes first
and through the consent API, for ``hs_email_optout`` cannot be written. A stage is read back: a
backward one is ignored in silence, unless the stage is cleared first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from connectors.hubspot.api import CONSENT, MOST_PER_BATCH, Api, chunks
from connectors.hubspot.pull import MERGED, OWNER_EMAIL
from connectors.hubspot.translate import VALUE_REFUSED, rejected, written
from connectors.hubspot.writes import STREAM, WHERE, Job, Writer
from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import (
    AuthFailed,
    Conflict,
    RateLimited,
    RecordGone,
    RecordRejected,
    Unavailable,
)

STAGE = "lifecyclestage"
OPT_OUT = "hs_email_optout"


class Pusher:
    """Pushes contacts of one portal."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.writer = Writer(api, api.options.hub_id_property or "email")

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change. Raises only when nothing was written."""
        jobs: list[Job] = []
        try:
            jobs += [self._job(change) for change in changes]
            self._opt_out(jobs)
            for batch in _rounds([job for job in jobs if job.own is not None]):
                self.writer.send("update", batch)
            self._create([job for job in jobs if job.own is None])
            self._settle([job for job in jobs if job.wrote and job.values.get(STAGE)])
        except (RateLimited, Unavailable, AuthFailed) as error:
            if not any(job.wrote for job in jobs):
                raise
            for job in jobs:
                if job.status is None or (job.wrote and job.values.get(STAGE) and not job.settled):
                    job.fail(error)
        return [job.outcome() for job in jobs]

    def _job(self, change: Change) -> Job:
        job = Job(
            change,
            {name: written(value) for name, value in change.values.items()},
            change.external_id,
        )
        if OWNER_EMAIL in job.values:
            self._name_owner(job)
        hub_id = self.api.options.hub_id_property
        if hub_id and (job.own is None or any(map(_is_written, job.values.items()))):
            job.values[hub_id] = change.key
        return job

    def _name_owner(self, job: Job) -> None:
        address = job.values.pop(OWNER_EMAIL).strip().lower()
        ids = [own for own, email in self.api.owners().items() if email == address]
        if address and not ids:
            job.refused[OWNER_EMAIL] = rejected(WHERE, VALUE_REFUSED, (OWNER_EMAIL,))
        else:
            job.values["hubspot_owner_id"] = ids[0] if ids else ""

    def _opt_out(self, jobs: Sequence[Job]) -> None:
        """Unsubscribe who is to be; a "false" is not written, only the person may come back."""
        out = [job for job in jobs if job.values.pop(OPT_OUT, "").lower() == "true"]
        known = self._addresses([job.own for job in out if job.own and not _address(job)])
        for job in out:
            email = _address(job) or known.get(job.own or "")
            if not email:
                reason = f"{WHERE}: a contact without an e-mail address cannot be unsubscribed"
                job.refused[OPT_OUT] = RecordRejected(reason, code="NO_EMAIL", fields=(OPT_OUT,))
                continue
            path = f"{CONSENT}/{quote(email, safe='')}/unsubscribe-all"
            try:
                self.api.session.post(path, params={"channel": "EMAIL"}, safe=True)
            except (RecordRejected, RecordGone, Conflict) as error:
                job.refused[OPT_OUT] = error
                continue
            if job.own and not job.values:
                job.status = Status.UPDATED

    def _addresses(self, ids: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for row in self.api.read(STREAM, ids, ("email", MERGED)):
            properties = row.get("properties") or {}
            merged = str(properties.get(MERGED) or "").split(";")
            found |= dict.fromkeys([str(row["id"]), *merged], str(properties.get("email") or ""))
        return found

    def _create(self, jobs: Sequence[Job]) -> None:
        first: dict[str, Job] = {}
        second: list[tuple[Job, Job]] = []
        for job in jobs:
            key = self.writer.unique(job)
            if not key:
                job.fail(_no_key(self.writer.key))
            elif key in first:
                second.append((job, first[key]))
            else:
                first[key] = job
        for batch in chunks(list(first.values()), MOST_PER_BATCH):
            self.writer.send("upsert", batch)
        for job, other in second:
            reason = f"{WHERE}: two leads have one e-mail address, and HubSpot keeps one contact"
            job.fail(Conflict(reason, existing_id=other.own))

    def _settle(self, jobs: Sequence[Job]) -> None:
        """Read the stages back; where one did not move from what the hub knew, clear it and set.

        A stage that is neither what was sent nor what was before is somebody's fresh news: it is
        reported as held and left alone.
        """
        wrong = self._differing(jobs)
        back = [job for job, now in wrong if now and now == str(job.change.before.get(STAGE) or "")]
        for batch in _rounds(back):
            self._rewrite(batch, cleared=True)
            self._rewrite(batch, cleared=False)
        for job, now in self._differing([job for job, _ in wrong]) if back else wrong:
            job.held[STAGE] = now
        for job in jobs:
            job.settled = True

    def _rewrite(self, jobs: Sequence[Job], *, cleared: bool) -> None:
        steps = [
            Job(job.change, {STAGE: "" if cleared else job.values[STAGE]}, job.own) for job in jobs
        ]
        self.writer.send("update", steps)
        for job, step in zip(jobs, steps, strict=True):
            job.version = step.version or job.version

    def _differing(self, jobs: Sequence[Job]) -> list[tuple[Job, str | None]]:
        """The jobs whose stage at HubSpot is not what was sent, and what it is."""
        rows = self.api.read(STREAM, [str(job.own) for job in jobs], (STAGE,))
        now = {str(row["id"]): (row.get("properties") or {}).get(STAGE) for row in rows}
        return [
            (job, now[str(job.own)])
            for job in jobs
            if str(job.own) in now and now[str(job.own)] != job.values[STAGE]
        ]


def _is_written(item: tuple[str, str]) -> bool:
    """Whether a value goes out at all; the "false" of an opt-out does not."""
    return item[0] != OPT_OUT or item[1].lower() == "true"


def _address(job: Job) -> str:
    return str(job.values.get("email") or job.change.before.get("email") or "").strip().lower()


def _no_key(key: str) -> RecordRejected:
    return RecordRejected(
        f"{WHERE}: a new contact needs {key}: map it, or set hub_id_property to make contacts "
        "without an e-mail address",
        code="NO_KEY",
        fields=(key,),
    )


def _rounds(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """Batches in which no id and no key comes twice: HubSpot refuses doubled inputs."""
    waiting = list(jobs)
    while waiting:
        batch: list[Job] = []
        seen: set[str] = set()
        later: list[Job] = []
        for job in waiting:
            marks = {f"id {job.own}", f"key {job.change.key}"}
            if marks & seen or len(batch) == MOST_PER_BATCH:
                later.append(job)
            else:
                seen |= marks
                batch.append(job)
        yield batch
        waiting = later
