"""One job on its way: its run row kept up to date, for whoever watches, and a way to stop it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic, time_ns

from connectors.kit.errors import ConnectorError, HeldBack, RateLimited
from sync.engine.hub import Hub, new_id
from sync.observe import tracing
from sync.observe.context import about
from sync.store import runs
from sync.store.database import iso
from sync.store.runs import RunRow
from sync.workers.policy import answer_to

log = logging.getLogger("renkei.jobs")

BEAT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How a job stands, for whoever watches. ``run`` is being changed; read it at once."""

    run: RunRow
    quota_left: int | None = None


Watch = Callable[[Progress], None]


def ignore(_progress: Progress) -> None:
    """Watch nothing."""


@dataclass(slots=True)
class Job:
    """One run on its way: its row, whoever watches, and a way to stop it."""

    hub: Hub
    run: RunRow
    watch: Watch = ignore
    stop: Callable[[], bool] = field(default=lambda: False)
    beaten: float = 0.0
    began_ns: int = field(default_factory=time_ns)

    def about(self) -> AbstractContextManager[None]:
        """Log lines of this thread name the run while the block runs."""
        run = self.run
        return about(connection=run.connection, stream=run.stream, run=run.id)

    def beat(self) -> bool:
        """Save how it stands, once a second at most; false when it is to stop."""
        if monotonic() - self.beaten < BEAT_SECONDS:
            return not self.stop()
        self.beaten = monotonic()
        self.run.beat_at = self.hub.stamp()
        with self.hub.database.write() as tx:
            runs.save(tx, self.run)
        flow = self.hub.flows.get(self.run.connection)
        session = getattr(flow.connector, "session", None) if flow is not None else None
        quota = getattr(session, "quota", None)
        self.watch(Progress(self.run, getattr(quota, "left", None)))
        return not self.stop()

    def end(self, state: str, error: ConnectorError | None = None) -> RunRow:
        """Close the run; tell the operator once when the connection breaks or recovers."""
        self.run.state = state
        self.run.finished_at = self.run.beat_at = self.hub.stamp()
        if error is not None:
            self.run.error, self.run.code = str(error), error.code
        if isinstance(error, RateLimited):
            self._wait(error)
        with self.about(), self.hub.database.write() as tx:
            runs.save(tx, self.run)
            wanted = answer_to(error).connection if error is not None else None
            if wanted is not None and runs.set_connection(
                tx, self.run.connection, wanted, str(error), self.hub.stamp()
            ):
                log.error("%s", error)
        tracing.tell_run(self.run, self.began_ns)
        self.watch(Progress(self.run))
        return self.run

    def _wait(self, error: RateLimited) -> None:
        """Note when it goes on.

        What the vendor asked for holds for the account's other jobs, too; some vendors ask in a way
        that only their connector understands.
        """
        until = self.hub.now() + timedelta(seconds=error.retry_after)
        self.run.resumes_at = iso(until)
        if not isinstance(error, HeldBack):
            self.hub.flows[self.run.connection].meter.pause(error.retry_after)


def start(
    hub: Hub,
    connection: str,
    kind: str,
    cause: str,
    *,
    stream: str | None = None,
    watch: Watch = ignore,
    stop: Callable[[], bool] = lambda: False,
) -> Job:
    """A job with its run row."""
    now = hub.now()
    run = RunRow(
        id=new_id("run", now),
        connection=connection,
        stream=stream,
        kind=kind,
        cause=cause,
        state="running",
        started_at=iso(now),
        beat_at=iso(now),
        process=hub.process,
    )
    return Job(hub, run, watch, stop)
