"""The writer: one thread that stores webhooks, as many in a commit as have come meanwhile."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from dataclasses import dataclass
from time import monotonic

from sync.engine.crash import crashpoint
from sync.store import hooks, runs
from sync.store.database import Database, iso
from sync.store.hooks import Arrived
from sync.workers.bells import Bell

log = logging.getLogger("renkei.intake")

GROUP = 200
"""Webhooks in one commit, at most."""
QUEUE_MARK = 4000
"""Webhooks waiting to be stored above which more are refused."""
BACKLOG_MARK = 200_000
"""Stored webhooks that nobody took yet above which more are refused."""
COUNT_SECONDS = 1.0
"""How often the backlog is counted, at most."""


PROBE = "intake.probe"
"""A setting that is written to see whether the database takes something again."""


class Full(Exception):
    """No more webhooks are taken now."""


class NotStored(OSError):
    """The database did not take the webhooks."""


@dataclass(slots=True)
class _Waiting:
    arrived: Arrived
    future: asyncio.Future[None]


class Writer:
    """Stores webhooks for one event loop. Thread-safe from that loop's side."""

    def __init__(
        self,
        database: Database,
        bell: Bell,
        *,
        queue_mark: int = QUEUE_MARK,
        backlog_mark: int = BACKLOG_MARK,
    ) -> None:
        self.queue_mark = queue_mark
        self.backlog_mark = backlog_mark
        self._database = database
        self._bell = bell
        self._queue: deque[_Waiting] = deque()
        self._wake = threading.Condition()
        self._idle = True
        self._open = True
        self._backlog = 0
        self._counted = -COUNT_SECONDS
        self._broken = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="hook-writer", daemon=True)
        self._thread.start()

    def is_full(self) -> bool:
        """Whether no more is taken now; where the backlog is the cause, it is counted again."""
        if not self._open or len(self._queue) >= self.queue_mark:
            return True
        if self._backlog < self.backlog_mark:
            return False
        with self._wake:
            self._wake.notify()
        return True

    async def store(self, arrived: Arrived) -> None:
        """Return when the webhook is committed. Raises Full, or NotStored."""
        if not self._open:
            raise Full
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = self._loop.create_future()
        self._queue.append(_Waiting(arrived, future))
        if self._idle:
            with self._wake:
                self._wake.notify()
        await future

    def trouble(self) -> str | None:
        """Why webhooks are refused now; None where they are not."""
        broken = self._broken or not self._thread.is_alive()
        return "webhooks cannot be stored" if broken else None

    def close(self) -> None:
        """Store what waits, and take no more."""
        with self._wake:
            self._open = False
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._idle = True
                while self._open and not self._queue and not self._looks_again():
                    self._wake.wait()
                self._idle = False
                if not self._queue and not self._open:
                    return
                if not self._queue:
                    self._wake.wait(COUNT_SECONDS)
            group = [self._queue.popleft() for _ in range(min(GROUP, len(self._queue)))]
            try:
                self._write(group)
            except Exception as error:
                if not self._broken:
                    log.exception("webhooks cannot be stored; they are refused until they can")
                self._broken = True
                self._answer(group, NotStored(type(error).__name__))
            else:
                if self._broken:
                    log.warning("webhooks can be stored again")
                self._broken = False
                self._answer(group, None)

    def _looks_again(self) -> bool:
        """Whether it is to be seen from time to time if webhooks can be taken again."""
        return self._broken or self._backlog >= self.backlog_mark

    def _write(self, group: list[_Waiting]) -> None:
        now = monotonic()
        with self._database.write(first=True) as tx:
            hooks.put(tx, [waiting.arrived for waiting in group])
            if self._broken and not group:
                runs.save_setting(tx, PROBE, iso(self._database.now()))
            if now - self._counted >= COUNT_SECONDS:
                self._backlog = hooks.backlog(tx, self.backlog_mark)
                self._counted = now
        if group:
            crashpoint("hook.after_commit")
            self._bell.ring("webhooks")

    def _answer(self, group: list[_Waiting], error: NotStored | None) -> None:
        loop = self._loop
        if loop is None or not group:
            return
        try:
            loop.call_soon_threadsafe(_wake_all, group, error)
        except RuntimeError:
            log.warning("the server went away before %d webhooks were answered", len(group))


def _wake_all(group: list[_Waiting], error: NotStored | None) -> None:
    for waiting in group:
        if waiting.future.done():
            continue
        if error is None:
            waiting.future.set_result(None)
        else:
            waiting.future.set_exception(error)
