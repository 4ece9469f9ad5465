"""What is done when a bell rings: one method per job, safe to run twice, late, or for nothing.

A ring that comes while the same job runs here is remembered, and the job runs once more: so one
slow connection never takes all the threads.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sync.engine.backoff import backoff
from sync.engine.hooks import take_hooks
from sync.engine.hub import Hub
from sync.engine.quota import Lane, in_lane
from sync.engine.resolve import Resolved, resolve_batch
from sync.observe import tracing
from sync.observe.vitals import Vitals, at_work
from sync.store import inbox, outbox, ticks
from sync.store.database import from_iso, iso
from sync.store.runs import RunRow
from sync.store.ticks import TickRow
from sync.workers import alerting, jobs, schedules, subscribing, upkeep
from sync.workers.bells import Bell
from sync.workers.handing import hand_over
from sync.workers.leases import LEASE, held

if TYPE_CHECKING:
    from dramatiq import Broker

log = logging.getLogger("renkei.actors")

THREADS = 8
SLOW = frozenset({"pull", "push", "describe", "handoff", "subscribe"})
"""Jobs that wait for a vendor."""
FREE_THREADS = 2
"""Threads that these leave to webhooks and resolving."""
TURN_SECONDS = 300.0
"""How long a job goes on before it makes room and rings for itself."""
SHARED_SECONDS = 15.0
"""The same while another connection waits for a thread."""
BACKLOG = 20_000
"""Records in the inbox above which webhooks stay where they are until it is shorter."""
TIME_LIMIT_MS = 1_800_000
"""The broker's own limit, far above a turn: it only ends what hangs."""
TRIES = 3
"""How often a scheduled pull that failed is begun before it waits for its next moment."""
ONE_RUN = timedelta(minutes=1)
"""How long pushes that follow each other are one run: else a busy hour would leave thousands."""
CRASHES = 20
"""How often a tick may be begun at all, page by page of a long first pull included."""


@dataclass
class Crew:
    """The jobs of one hub in this process. ``hub.stop`` ends them after the calls at hand."""

    hub: Hub
    bell: Bell
    threads: int = THREADS
    vitals: Vitals = field(default_factory=Vitals)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _busy: set[tuple[str, str]] = field(default_factory=set)
    _again: set[tuple[str, str]] = field(default_factory=set)
    _turned_away: dict[tuple[str, str], None] = field(default_factory=dict)
    _pushed: dict[str, RunRow] = field(default_factory=dict)

    def webhooks(self) -> None:
        """Take stored webhooks until none is due."""
        self._alone("webhooks", "", self._webhooks)

    def resolve(self) -> None:
        """Resolve what is due, and wake the connections that are owed something by it."""
        self._alone("resolve", "", self._resolve)

    def push(self, connection: str) -> None:
        """Push what one connection is owed."""
        self._alone("push", connection, self._push)

    def pull(self, connection: str) -> None:
        """Do what one connection's schedules, or somebody, asked for: pulls and sweeps."""
        self._alone("pull", connection, self._pull)

    def describe(self, connection: str) -> None:
        """Ask a vendor what its streams are like now."""
        self._alone("describe", connection, self._describe)

    def handoff(self, connection: str) -> None:
        """Say what hand-offs want said in one chat, and ask it for answers."""
        self._alone("handoff", connection, self._handoff)

    def subscribe(self, connection: str) -> None:
        """Have a vendor send its webhooks here for another while."""
        self._alone("subscribe", connection, self._subscribe)

    def alerts(self) -> None:
        """Send the alerts that are due."""
        self._alone("alerts", "", self._alerts)

    def _alone(self, job: str, connection: str, work: Callable[[str], None]) -> None:
        """Do the work unless it is being done here; then once more afterwards.

        Slow jobs for which there is no thread wait for one in the order in which they came.
        """
        self.bell.taken(job, connection)
        if self.hub.stop.is_set():
            return
        key = (job, connection)
        with self._lock:
            if key in self._busy:
                self._again.add(key)
                return
            slow = sum(name in SLOW for name, _ in self._busy)
            if job in SLOW and slow >= max(1, self.threads - FREE_THREADS):
                self._turned_away[key] = None
                return
            self._turned_away.pop(key, None)
            self._busy.add(key)
        try:
            with at_work(self.vitals, job, connection):
                self._try(job, connection, work)
        finally:
            with self._lock:
                self._busy.discard(key)
                again = [key] if key in self._again else []
                self._again.discard(key)
                if job in SLOW and self._turned_away:
                    again.insert(0, waiting := next(iter(self._turned_away)))
                    del self._turned_away[waiting]
        for one in again:
            self.bell.ring(*one)

    def _try(self, job: str, connection: str, work: Callable[[str], None]) -> None:
        try:
            work(connection)
        except Exception as error:
            tracing.fail(error)
            self.hub.tally.add("failures", job)
            log.exception("job %s %s failed; what it began is taken up again", job, connection)

    def _stopper(self) -> Callable[[], bool]:
        """Whether a job begun now is to end."""
        began = time.monotonic()

        def is_over() -> bool:
            turn = SHARED_SECONDS if self._turned_away else TURN_SECONDS
            return self.hub.stop.is_set() or time.monotonic() - began > turn

        return is_over

    def _webhooks(self, _connection: str) -> None:
        stop = self._stopper()
        while not stop():
            with self.hub.database.read() as tx:
                full = inbox.backlog(tx, BACKLOG) >= BACKLOG
            if full:
                self.bell.ring("resolve")
                return
            with in_lane(Lane.ROUTINE):
                done = take_hooks(self.hub)
            for flow in self.hub.flows.values():
                flow.meter.settle()
            for name in done.pull:
                schedules.ask(self.hub, "pull", name)
                self.bell.ring("pull", name)
            if done.taken:
                self.bell.ring("resolve")
            if not done.more:
                return
        self.bell.ring("webhooks")

    def _resolve(self, _connection: str) -> None:
        stop = self._stopper()
        while not stop():
            done: Resolved = resolve_batch(self.hub)
            for name in sorted(done.wake):
                if self._is_target(name):
                    self.bell.ring("push", name)
            if not done.rows:
                return
        self.bell.ring("resolve")

    def _push(self, connection: str) -> None:
        if not self._is_target(connection):
            return
        stop = self._stopper()
        onto = self._pushed.pop(connection, None)
        if onto is not None and self.hub.now() - from_iso(onto.started_at) >= ONE_RUN:
            onto = None
        done = jobs.push(self.hub, connection, cause="webhook", stop=stop, onto=onto) or onto
        if done is not None and done.state == "succeeded":
            self._pushed[connection] = done
        self._ring_for_what_follows()
        with self.hub.database.read() as tx:
            more = stop() and outbox.is_due(tx, connection, self.hub.stamp())
        if more:
            self.bell.ring("push", connection)

    def _pull(self, connection: str) -> None:
        if not self._is_active(connection):
            return
        with held(self.hub, f"pull:{connection}") as lease:
            wanted = schedules.due_of(self.hub, connection)
            if lease is None:
                schedules.skip_overlapping(self.hub, wanted)
                return
            stop = self._stopper()
            for asked in wanted:
                if stop() or lease.lost.is_set():
                    return
                now = self.hub.now()
                until = iso(now + LEASE)
                with self.hub.database.write() as tx:
                    tick = ticks.begin(
                        tx, asked.key, asked.due_at, iso(now), until, self.hub.process
                    )
                if tick is None:
                    continue
                lease.rows.append(tick)
                self._work_on(asked, tick, lambda: stop() or lease.lost.is_set())
                lease.rows.remove(tick)
        self._ring_for_what_follows()

    def _work_on(self, asked: schedules.Asked, tick: TickRow, stop: Callable[[], bool]) -> None:
        if tick.fence > CRASHES:
            log.error("%s was begun %d times and never ended; given up", asked.key, CRASHES)
            with self.hub.database.write() as tx:
                ticks.end(tx, tick, "failed", self.hub.stamp())
            return
        done = self._run(asked, stop)
        self._close(tick, asked.kind, done, stopped=stop())

    def _run(self, asked: schedules.Asked, stop: Callable[[], bool]) -> list[RunRow]:
        if asked.kind == "sweep":
            return jobs.sweep_connection(self.hub, asked.connection, cause=asked.cause)
        return jobs.pull(self.hub, asked.connection, cause=asked.cause, stop=stop)

    def _close(self, tick: TickRow, kind: str, done: list[RunRow], *, stopped: bool) -> None:
        """Note what became of a tick; one that was cut short, or may work later, is due again."""
        now = self.hub.now()
        broken = any(run.state in ("failed", "stopped") for run in done)
        waits = min((run.resumes_at for run in done if run.resumes_at is not None), default=None)
        state, not_before = "failed" if broken else "done", None
        if stopped:
            state = "due"
        elif waits is not None:
            with self.hub.database.read() as tx:
                others = ticks.is_waiting(tx, tick.schedule, iso(now))
            state, not_before = ("skipped", None) if others else ("due", waits)
        elif broken and kind == "pull" and tick.fence < TRIES:
            state, not_before = "due", iso(now + backoff(tick.fence) + timedelta(seconds=5))
        with self.hub.database.write() as tx:
            counts = waits is None or stopped
            ticks.end(tx, tick, state, iso(now), not_before=not_before, counts=counts)

    def _ring_for_what_follows(self) -> None:
        now = self.hub.stamp()
        with self.hub.database.read() as tx:
            next_due = inbox.next_due(tx)
            owed = [f.name for f in self.hub.targets if outbox.is_due(tx, f.name, now)]
        if next_due is not None and next_due <= now:
            self.bell.ring("resolve")
        for name in owed:
            if self._is_active(name):
                self.bell.ring("push", name)

    def _describe(self, connection: str) -> None:
        if self._is_active(connection):
            upkeep.describe_connection(self.hub, connection)
            self._ring_for_what_follows()

    def _handoff(self, connection: str) -> None:
        if self._is_active(connection):
            hand_over(self.hub, connection, cause="schedule", stop=self._stopper())
            self._ring_for_what_follows()

    def _subscribe(self, connection: str) -> None:
        if self._is_active(connection):
            subscribing.subscribe(self.hub, connection)

    def _alerts(self, _connection: str) -> None:
        alerting.send(self.hub, stop=self._stopper())

    def _is_active(self, name: str) -> bool:
        return name in self.hub.flows and upkeep.is_active(self.hub, name)

    def _is_target(self, name: str) -> bool:
        flow = self.hub.flows.get(name)
        return flow is not None and flow.config.push is not None and self._is_active(name)


def declare(broker: Broker, crew: Crew) -> None:
    """Put the crew's jobs behind the broker's queues. Messages carry a connection's name, or none.

    No retries: a job that fails is due again by its rows.
    """
    import dramatiq

    behind: tuple[Callable[..., None], ...] = (
        crew.webhooks,
        crew.resolve,
        crew.push,
        crew.pull,
        crew.describe,
        crew.handoff,
        crew.subscribe,
        crew.alerts,
    )
    for job in behind:
        actor = dramatiq.actor(
            broker=broker,
            actor_name=job.__name__,
            queue_name=crew.bell.queue(job.__name__),
            max_retries=0,
            time_limit=TIME_LIMIT_MS,
        )
        actor(job)
