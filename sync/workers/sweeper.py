"""The sweeper: once a second, in every process, it rings for whatever is due.

That is what makes a lost message cost a second instead of data. It also notes the ticks of
schedules, closes runs whose process went away, and forgets what has been kept long enough.
"""

from __future__ import annotations

import logging
import random
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sync.engine import drift
from sync.engine.handoff import collecting
from sync.engine.hooks import waiting_connections
from sync.engine.hub import Flow, Hub
from sync.engine.processes import release_dead
from sync.engine.quota import Lane
from sync.store import handoffs, hooks, inbox, outbox, runs, ticks
from sync.store.database import Tx, iso
from sync.workers import schedules, subscribing, upkeep
from sync.workers.bells import Bell

log = logging.getLogger("renkei.sweeper")

BEAT_SECONDS = 1.0
DEAD_EVERY = timedelta(seconds=5)
LOST_RUNS_EVERY = timedelta(minutes=1)
FORGET_EVERY = timedelta(hours=1)
DESCRIBE_EVERY = timedelta(hours=1)
"""How often it is looked which vendors were not described for a day."""
SUBSCRIBE_EVERY = timedelta(minutes=5)
REFUSED_EVERY = timedelta(minutes=15)
REST_EVERY = timedelta(hours=1)
"""How often it is looked whether the silent leads of the day have been put to rest."""
TICKS_KEPT = timedelta(days=30)


@dataclass
class Sweeper:
    """Looks and rings. ``start`` gives it a thread; ``sweep`` is one look."""

    hub: Hub
    bell: Bell
    ticker: schedules.Ticker = field(init=False)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _broken: bool = False
    _last: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ticker = schedules.Ticker(self.hub)

    def start(self) -> None:
        """Look once a second from now on, in a thread."""
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def sweep(self) -> list[tuple[str, str]]:
        """Ring for all that is due; the (job, connection) pairs that were due."""
        upkeep.note_maps(self.hub)
        self.ticker.tick()
        wanted = self._due()
        for job, connection in wanted:
            self.bell.ring(job, connection)
        self._keep_house()
        return wanted

    def _due(self) -> list[tuple[str, str]]:
        now = self.hub.stamp()
        waiting = set(waiting_connections(self.hub))
        found: list[tuple[str, str]] = []
        with self.hub.database.read() as tx:
            if hooks.is_due(tx, sorted(waiting), now):
                found.append(("webhooks", ""))
            next_due = inbox.next_due(tx)
            if next_due is not None and next_due <= now:
                found.append(("resolve", ""))
            for flow in self.hub.targets:
                if flow.name not in waiting and self._may_push(tx, flow, now):
                    found.append(("push", flow.name))
            for flow in self.hub.chats:
                if flow.name not in waiting and self._may_say(tx, flow, now):
                    found.append(("handoff", flow.name))
        asked = dict.fromkeys(one.connection for one in schedules.due(self.hub))
        known = [name for name in asked if name in self.hub.flows and name not in waiting]
        return found + [("pull", name) for name in known]

    def _may_push(self, tx: Tx, flow: Flow, now: str) -> bool:
        """Whether a connection is owed something, and the quota has calls for it."""
        if not outbox.is_due(tx, flow.name, now):
            return False
        if flow.meter.held_back(Lane.ROUTINE) is None:
            return True
        if not outbox.is_due(tx, flow.name, now, urgent=True):
            return False
        return flow.meter.held_back(Lane.OPT_OUT) is None

    def _may_say(self, tx: Tx, flow: Flow, now: str) -> bool:
        """Whether hand-offs want something of a chat, and the quota has calls for it."""
        wanted = handoffs.is_due(tx, flow.name, now) or collecting.is_due(self.hub, tx, flow)
        return wanted and flow.meter.held_back(Lane.HAND_OFF) is None

    def _keep_house(self) -> None:
        if self._is_time("dead", DEAD_EVERY):
            release_dead(self.hub)
        if self._is_time("lost runs", LOST_RUNS_EVERY):
            closed = upkeep.close_lost_runs(self.hub)
            if closed:
                log.warning("%d runs were cut short; their work goes on", closed)
        if self._is_time("forget", FORGET_EVERY):
            self._forget()
        if self._is_time("refused", REFUSED_EVERY):
            upkeep.put_back_due(self.hub)
        if self._is_time("rest", REST_EVERY) and upkeep.rest_due(self.hub):
            del self._last["rest"]  # the next batch, at the next beat
        self._ring_vendors()

    def _ring_vendors(self) -> None:
        if self._is_time("describe", DESCRIBE_EVERY):
            for name in drift.due(self.hub):
                self.bell.ring("describe", name)
        if self._is_time("subscribe", SUBSCRIBE_EVERY):
            for name in subscribing.due(self.hub):
                self.bell.ring("subscribe", name)

    def _forget(self) -> None:
        now = self.hub.now()
        kept = self.hub.config.hub.retention
        received = iso(now - timedelta(days=kept.inbox_days))
        with self.hub.database.write() as tx:
            inbox.forget_before(tx, received)
            hooks.forget_before(tx, received)
            ticks.forget_before(tx, iso(now - TICKS_KEPT))
            runs.forget_before(tx, iso(now - timedelta(days=kept.runs_days)))

    def _is_time(self, what: str, every: timedelta) -> bool:
        now = self.hub.now()
        last = self._last.get(what)
        if last is not None and now - last < every:
            return False
        self._last[what] = now
        return True

    def _run(self) -> None:
        while not self._over.wait(BEAT_SECONDS * random.uniform(0.75, 1.25)):  # noqa: S311
            try:
                self.sweep()
            except Exception:
                if not self._broken:
                    log.exception("the sweeper cannot look; it goes on trying")
                self._broken = True
            else:
                if self._broken:
                    log.warning("the sweeper can look again")
                self._broken = False
