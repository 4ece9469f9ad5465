"""Everything a hub runs for as long as it is up: web intake, workers and the sweeper."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING

from sync.engine.hub import Hub
from sync.engine.memory import few_arenas
from sync.engine.processes import Presence, enter
from sync.engine.stop import Stop
from sync.observe.vitals import Vitals
from sync.workers.actors import THREADS, Crew, declare
from sync.workers.bells import JOBS, Bell, Reach, installation, make_broker
from sync.workers.sweeper import Sweeper

if TYPE_CHECKING:
    from dramatiq import Worker

log = logging.getLogger("renkei.runner")

IDLE_MS = 200
"""How often an idle worker thread looks whether it is to stop."""
STOP_MS = 20_000
"""How long the calls at hand, and what follows from their answers, are waited for."""
WEB = "sync.web.server"
"""Named, not imported: the layers have web above workers, and only this room has both."""


@dataclass(frozen=True, slots=True)
class Running:
    """A hub that is up.

    ``address`` is where its web server listens, ``pages`` where health and metrics are told alone;
    empty without.
    """

    hub: Hub
    bell: Bell
    crew: Crew
    sweeper: Sweeper
    address: str = ""
    pages: str = ""


@contextmanager
def running(
    hub: Hub,
    *,
    web: bool = True,
    workers: bool = True,
    queues: Sequence[str] = JOBS,
    threads: int = THREADS,
    pages: str | None = None,
) -> Iterator[Running]:
    """The hub is up while the block runs. Ends in order: no new webhooks, calls answered, quiet.

    ``hub.stop`` is set by whatever ends it, and clear again when this returns.

    ``pages`` is a host and port of their own for health and metrics, empty for none; None: as the
    configuration says. Raises AddressTaken of the web server.

    What is not done by then is due again by its rows, at the latest when its lease runs out.
    """
    few_arenas()
    bell = Bell(make_broker(hub.config.hub.broker), installation(hub))
    vitals = Vitals()
    crew = Crew(hub, bell, threads=threads, vitals=vitals)
    sweeper = Sweeper(hub, bell)
    vitals.counts["rings"] = bell.counts.copy
    if not web:  # who takes webhooks can store them without
        vitals.checks["broker"] = Reach(hub.config.hub.broker).trouble
    vitals.checks["sweeper"] = sweeper.trouble
    vitals.silence = sweeper.silence
    config = hub.config.hub
    if pages is None:
        pages = "" if web and config.metrics == config.listen else config.metrics
    with ExitStack() as stack:
        stack.callback(hub.stop.clear)
        if hub.process is None:
            stack.callback(_leave, hub, enter(hub))
        stack.callback(bell.close)
        if workers:
            stack.enter_context(_working(crew, queues))
        sweeper.start()
        stack.callback(sweeper.stop)
        front = import_module(WEB) if web or pages else None
        seen = stack.enter_context(front.serve_pages(hub, vitals, pages)) if front and pages else ""
        address = stack.enter_context(front.serve(hub, bell, vitals)) if front and web else ""
        yield Running(hub, bell, crew, sweeper, address, seen)


def _leave(hub: Hub, presence: Presence) -> None:
    presence.leave()
    hub.process = None


@contextmanager
def _working(crew: Crew, queues: Sequence[str]) -> Iterator[Worker]:
    from dramatiq import Worker

    logging.getLogger("dramatiq").setLevel(logging.CRITICAL)  # we say it ourselves, once
    declare(crew.bell.broker, crew)
    worker = Worker(
        crew.bell.broker,
        queues={crew.bell.queue(job) for job in queues},
        worker_threads=crew.threads,
        worker_timeout=IDLE_MS,
    )
    worker.start()
    try:
        yield worker
    finally:
        crew.hub.stop.set()
        worker.stop(STOP_MS)


def up(hub: Hub, *, web: bool = True, workers: bool = True) -> None:
    """Run the hub until it is told to stop, or SIGTERM or SIGINT comes; a second one ends it now.

    The signals are heeded in the main thread only.
    """
    with _signals(hub.stop), running(hub, web=web, workers=workers) as house:
        if house.address:
            log.info("listening on %s", house.address)
        hub.stop.wait()
        log.info("stopping: the calls at hand are finished first")


@contextmanager
def _signals(over: Stop) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    wanted = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.getsignal(number) for number in wanted}

    def heed(_number: int, _frame: FrameType | None) -> None:
        for number in wanted:
            signal.signal(number, before[number])
        over.set()

    for number in wanted:
        signal.signal(number, heed)
    try:
        yield
    finally:
        for number in wanted:
            signal.signal(number, before[number])
