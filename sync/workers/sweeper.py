"""The sweeper: once a second, in every process, it rings for whatever is due.

That is what makes a lost message cost a second instead of data. It also notes the ticks of
schedules, closes runs whose process went away, and forgets what has been kept long enough.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from sync.engine import drift, reconciling
from sync.engine.handoff import collecting
from sync.engine.hooks import waiting_connections
from sync.engine.hub import Flow, Hub, new_id
from sync.engine.processes import release_dead
from sync.engine.quota import Lane
from sync.store import (
    alerts,
    handoffs,
    hooks,
    inbox,
    incidents,
    outbox,
    runs,
    ticks,
    upgrade,
    worktimes,
)
from sync.store.database import Tx, iso
from sync.workers import alerting, schedules, subscribing, upkeep
from sync.workers.bells import Bell

log = logging.getLogger("renkei.sweeper")

BEAT_SECONDS = 1.0
SILENT_SECONDS = 60.0
"""How long the sweeper may not have looked before the process is not ready."""
DEAD_EVERY = timedelta(seconds=5)
SCHEMA_EVERY = timedelta(seconds=10)
LOST_RUNS_EVERY = timedelta(minutes=1)
FORGET_EVERY = timedelta(hours=1)
FORGOTTEN = 1000
"""Rows of a table that are dropped at once: webhooks wait for no longer than that takes."""
DESCRIBE_EVERY = timedelta(hours=1)
"""How often it is looked which vendors were not described for a day."""
SUBSCRIBE_EVERY = timedelta(minutes=5)
REREAD_EVERY = timedelta(seconds=15)
"""How often it is looked whether restored connections have been read once more."""
REFUSED_EVERY = timedelta(minutes=15)
REST_EVERY = timedelta(hours=1)
"""How often it is looked whether the silent leads of the day have been put to rest."""
WORKTIME_EVERY = timedelta(seconds=20)
WORKTIMES_KEPT = timedelta(days=30)
TICKS_KEPT = timedelta(days=30)


@dataclass
class Sweeper:
    """Looks and rings. ``start`` gives it a thread; ``sweep`` is one look.

    It stops the hub where the process must end, and sets ``newer`` to the reason: the database was
    upgraded to tables that this version cannot use.
    """

    hub: Hub
    bell: Bell
    ticker: schedules.Ticker = field(init=False)
    looked_at: float = field(init=False)
    newer: upgrade.NewerSchema | None = None
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _broken: bool = False
    _last: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ticker = schedules.Ticker(self.hub)
        self.looked_at = time.monotonic()

    def start(self) -> None:
        """Look once a second from now on, in a thread."""
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        self._save_worktime()

    def silence(self) -> float:
        """Seconds since it last looked, or was made."""
        return time.monotonic() - self.looked_at

    def trouble(self) -> str | None:
        """Why nothing is woken now; None where it looks as it should."""
        silent = self.silence() > SILENT_SECONDS
        return "the sweeper has not looked for a minute" if silent else None

    def sweep(self) -> list[tuple[str, str]]:
        """Ring for all that is due; the (job, connection) pairs that were due."""
        upkeep.note_maps(self.hub)
        self.ticker.tick()
        wanted = self._due()
        for job, connection in wanted:
            self.bell.ring(job, connection)
        self._keep_house()
        self.looked_at = time.monotonic()
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
            if alerts.is_due(tx, now):
                found.append(("alerts", ""))
        asked = dict.fromkeys(one.connection for one in schedules.due(self.hub))
        known = [name for name in asked if name in self.hub.flows and name not in waiting]
        return found + [("pull", name) for name in known]

    def _may_push(self, tx: Tx, flow: Flow, now: str) -> bool:
        """Whether a connection is owed something, and the quota has calls for it."""
        if not outbox.is_due(tx, flow.name, now):
            return False
        if reconciling.is_marked(self.hub, tx, flow):
            return outbox.is_due(tx, flow.name, now, urgent=True)
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
        if self._is_time("schema", SCHEMA_EVERY):
            self._check_schema()
        if self._is_time("dead", DEAD_EVERY):
            self.hub.tally.add("takeovers", "process", len(release_dead(self.hub)))
        if self._is_time("lost runs", LOST_RUNS_EVERY):
            closed = upkeep.close_lost_runs(self.hub)
            if closed:
                self.hub.tally.add("takeovers", "run", closed)
                log.warning("%d runs were cut short; their work goes on", closed)
        self._do_what_is_due()
        self._ring_vendors()

    def _do_what_is_due(self) -> None:
        if self._is_time("incidents", alerting.LOOK_EVERY):
            alerting.look(self.hub)
        if self._is_time("forget", FORGET_EVERY) and self._forget():
            del self._last["forget"]  # the next rows, at the next beat
        if self._is_time("reread", REREAD_EVERY):
            upkeep.reread_restored(self.hub)
        if self._is_time("refused", REFUSED_EVERY):
            upkeep.put_back_due(self.hub)
        if self._is_time("rest", REST_EVERY) and upkeep.rest_due(self.hub):
            del self._last["rest"]  # the next batch, at the next beat
        if self._is_time("worktime", WORKTIME_EVERY):
            self._save_worktime()

    def _ring_vendors(self) -> None:
        if self._is_time("describe", DESCRIBE_EVERY):
            for name in drift.due(self.hub):
                self.bell.ring("describe", name)
        if self._is_time("subscribe", SUBSCRIBE_EVERY):
            for name in subscribing.due(self.hub):
                self.bell.ring("subscribe", name)

    def _check_schema(self) -> None:
        """End this process where somebody upgraded the database to tables that it cannot use."""
        try:
            upgrade.fits(self.hub.database)
        except upgrade.NewerSchema as error:
            log.critical("%s; this process stops", error)
            self.newer = error
            self.hub.stop.set()

    def _forget(self) -> bool:
        """Drop some of what was kept long enough, table by table; whether there may be more."""
        now = self.hub.now()
        kept = self.hub.config.hub.retention
        received = iso(now - timedelta(days=kept.inbox_days))
        ended = now - timedelta(days=kept.runs_days)
        forgets: tuple[Callable[[Tx], int], ...] = (
            lambda tx: inbox.forget_before(tx, received, FORGOTTEN),
            lambda tx: hooks.forget_before(tx, received, FORGOTTEN),
            lambda tx: runs.forget_before(tx, new_id("run", ended), iso(ended), FORGOTTEN),
        )
        more = False
        for forget in forgets:
            with self.hub.database.write() as tx:
                more |= forget(tx) == FORGOTTEN
        with self.hub.database.write() as tx:
            ticks.forget_before(tx, iso(now - TICKS_KEPT))
            worktimes.forget_before(tx, iso(now - WORKTIMES_KEPT))
            incidents.forget_before(tx, iso(ended))
        return more

    def _save_worktime(self) -> None:
        try:
            self.hub.worktime.save(self.hub.database)
        except SQLAlchemyError as error:
            log.warning("how long work took is not noted (%s)", type(error).__name__)

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
