"""How long it takes until nothing is held any more in the name of a process that is gone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.store.database import Database

LOOK_EVERY = 0.1


@dataclass
class Recovery:
    """Watches the leases of dead processes.

    ``seconds`` has one figure for each process that died holding something: from its death until
    all of that was free for others, or taken by them. It is looked ten times a second.
    """

    seconds: list[float] = field(default_factory=list)
    _dead: dict[str, float] = field(default_factory=dict)
    _held: set[str] = field(default_factory=set)
    _looked: float = 0.0

    def died(self, process: str) -> None:
        """A process died just now."""
        if process:
            self._dead[process] = time.monotonic()

    def look(self, database: Database) -> None:
        """See whose leases are gone. Raises what the database raises while it is down."""
        from sync.store import backlog

        now = time.monotonic()
        if not self._dead or now - self._looked < LOOK_EVERY:
            return
        self._looked = now
        with database.read() as tx:
            still = {name for name in self._dead if backlog.holds(tx, name)}
        self._held |= still
        for name in self._dead.keys() - still:
            died = self._dead.pop(name)
            if name in self._held:
                self.seconds.append(time.monotonic() - died)

    @property
    def is_waiting(self) -> bool:
        """Whether something is still held in the name of a dead process."""
        return bool(self._dead)


def percentile(seconds: Sequence[float], share: float) -> float | None:
    """The figure that this share of all is not above; None where there are none."""
    if not seconds:
        return None
    found = sorted(seconds)
    return found[min(len(found) - 1, int(share * len(found)))]
