"""How much work there is, and who holds it: for whoever watches a hub from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sync.store.database import Tx

LEASED = ("outbox", "hook", "handoff_message", "tick")
"""Where processes hold leases under their names."""


class Backlog(NamedTuple):
    """What is not done with: stale copies, what was received, jobs asked for, runs, troubles."""

    owed: int
    received: int
    asked: int
    running: int
    set_aside: int

    @property
    def is_clear(self) -> bool:
        """Whether there is nothing left to do by itself; what is set aside waits for a person."""
        return not (self.owed or self.received or self.asked or self.running)


def backlog(tx: Tx) -> Backlog:
    """How much there is of all that is not done with."""
    (figures,) = tx.rows(
        "SELECT (SELECT count(*) FROM outbox WHERE state <> 'aside'),"
        " (SELECT count(*) FROM inbox WHERE state = 'new')"
        " + (SELECT count(*) FROM hook WHERE state = 'new'),"
        " (SELECT count(*) FROM tick WHERE state IN ('due', 'running')"
        " AND substr(schedule, 1, 6) <> 'lease:'),"
        " (SELECT count(*) FROM run WHERE state = 'running'),"
        " (SELECT count(*) FROM set_aside WHERE state = 'open')"
    )
    return Backlog(*map(int, figures))


def received(tx: Tx) -> int:
    """How many records ever came into the inbox, by its newest number."""
    ((newest,),) = tx.rows("SELECT coalesce(max(id), 0) FROM inbox")
    return int(newest)


def holds(tx: Tx, process: str) -> bool:
    """Whether anything is leased under the name of a process."""
    found = " UNION ALL ".join(f"SELECT 1 FROM {table} WHERE leased_by = ?" for table in LEASED)
    return bool(tx.rows(f"SELECT 1 FROM ({found}) AS held LIMIT 1", *[process] * len(LEASED)))


def everybody(tx: Tx) -> list[tuple[str, str, int]]:
    """Every lead's address and stage, and how many records it has."""
    rows = tx.rows(
        "SELECT email, stage, (SELECT count(*) FROM link WHERE owner_id = lead.id"
        " AND kind = 'lead' AND state = 'live') FROM lead WHERE merged_into IS NULL"
    )
    return [(str(email or ""), str(stage), int(count)) for email, stage, count in rows]
