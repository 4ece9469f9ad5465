"""A lease by name, renewed while it is held: two pulls of one connection never run at once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from sync.engine.hub import Hub
from sync.store import ticks
from sync.store.database import iso
from sync.store.ticks import TickRow

log = logging.getLogger("renkei.leases")

LEASE = timedelta(seconds=30)
RENEW_SECONDS = 10.0


@dataclass(slots=True)
class Held:
    """Rows held together: a lease, and the tick that is worked on under it."""

    hub: Hub
    rows: list[TickRow]
    lost: threading.Event = field(default_factory=threading.Event)

    def renew(self) -> None:
        """Hold them for another while; ``lost`` is set where somebody else has one of them."""
        now = self.hub.now()
        with self.hub.database.write() as tx:
            kept = [ticks.renew(tx, row, iso(now + LEASE), iso(now)) for row in self.rows]
        if not all(kept):
            self.lost.set()


@contextmanager
def held(hub: Hub, name: str) -> Iterator[Held | None]:
    """The lease ``name`` for the block; None where another process or thread has it.

    A thread renews it. A process that dies leaves it to run out within half a minute.
    """
    now = hub.now()
    with hub.database.write() as tx:
        lease = ticks.take_lease(tx, name, iso(now), iso(now + LEASE), hub.process)
    if lease is None:
        yield None
        return
    mine = Held(hub, [lease])
    over = threading.Event()
    beat = threading.Thread(target=_beat, args=(mine, over), name=f"lease-{name}", daemon=True)
    beat.start()
    try:
        yield mine
    finally:
        over.set()
        beat.join()
        with hub.database.write() as tx:
            ticks.give_lease_back(tx, lease, hub.stamp())


def _beat(mine: Held, over: threading.Event) -> None:
    while not over.wait(RENEW_SECONDS):
        try:
            mine.renew()
        except DBAPIError as error:
            log.warning("a lease could not be renewed (%s); trying again", type(error).__name__)
