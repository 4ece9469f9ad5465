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
from sync.engine.processes import Presence, enter
from sync.workers.actors import THREADS, Crew, declare
from sync.workers.bells import JOBS, Bell, installation, make_broker
from sync.workers.sweeper import Sweeper

if TYPE_CHECKING:
    from dramatiq import Worker

log = logging.getLogger("renkei.runner")

IDLE_MS = 200
"""How often an idle worker thread looks whether it is to stop."""
STOP_MS = 20_000
"""How long the batches at hand are waited for."""
WEB = "sync.web.server"
"""Named, not imported: the layers have web above workers, and only this room has both."""


@dataclass(frozen=True, slots=True)
class Running:
    """A hub that is up. ``address`` is where its web server listens, empty without one."""

    hub: Hub
    bell: Bell
    crew: Crew
    sweeper: Sweeper
    address: str = ""


@contextmanager
def running(
    hub: Hub,
    *,
    web: bool = True,
    workers: bool = True,
    queues: Sequence[str] = JOBS,
    threads: int = THREADS,
    stop: threading.Event | None = None,
) -> Iterator[Running]:
    """The hub is up while the block runs. Ends in order: no new webhooks, batches done, quiet.

    What is not done by then is due again by its rows, at the latest when its lease runs out.
    """
    bell = Bell(make_broker(hub.config.hub.broker), installation(hub))
    crew = Crew(hub, bell, stop=stop or threading.Event(), threads=threads)
    sweeper = Sweeper(hub, bell)
    with ExitStack() as stack:
        if hub.process is None:
            stack.callback(_leave, hub, enter(hub))
        stack.callback(bell.close)
        if workers:
            stack.enter_context(_working(crew, queues))
        sweeper.start()
        stack.callback(sweeper.stop)
        address = stack.enter_context(import_module(WEB).serve(hub, bell)) if web else ""
        yield Running(hub, bell, crew, sweeper, address)


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
        if not crew.stop.is_set():
            crew.stop.set()
        worker.stop(STOP_MS)


def up(
    hub: Hub, *, web: bool = True, workers: bool = True, stop: threading.Event | None = None
) -> None:
    """Run the hub until ``stop`` is set, or SIGTERM or SIGINT comes; a second signal ends it now.

    The signals are heeded in the main thread only.
    """
    over = stop or threading.Event()
    with _signals(over), running(hub, web=web, workers=workers, stop=over) as house:
        if house.address:
            log.info("listening on %s", house.address)
        _wait(over)
        log.info("stopping: the batches at hand are finished first")


def worker(
    hub: Hub,
    *,
    queues: Sequence[str] = JOBS,
    threads: int = THREADS,
    stop: threading.Event | None = None,
) -> None:
    """Run one worker of a cluster until it is stopped: no web, and only these queues."""
    over = stop or threading.Event()
    with _signals(over), running(hub, web=False, queues=queues, threads=threads, stop=over):
        _wait(over)


def _wait(over: threading.Event) -> None:
    """Return when the event is set, by a signal too.

    A signal's handler runs in the main thread: were that thread waiting on the event itself, the
    handler could meet the event's own lock, held by the wait that it interrupted, for ever. And a
    signal that comes just before a wait begins is heeded only when that wait ends: so it is short.
    """
    waiting = threading.Thread(target=over.wait, name="until-stopped", daemon=True)
    waiting.start()
    while waiting.is_alive():
        waiting.join(0.5)


@contextmanager
def _signals(over: threading.Event) -> Iterator[None]:
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
