"""Checks of the work itself: connections, processes, leases, queues, schedules, set-aside items."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from connectors.kit.base import Identifies
from connectors.kit.errors import AuthFailed, ConnectorError
from sync.cli.doctor.findings import FAIL, OK, WARN, Check, Finding, Visit, found
from sync.cli.doctor.installation import keys_of
from sync.engine.processes import alive
from sync.store import asides, epochs, runs, sessions, vitals
from sync.store.database import from_iso, iso
from sync.store.tokens import DatabaseTokens

if TYPE_CHECKING:
    from sync.config.model import Config

STALE = timedelta(minutes=5)
"""How long after a lease ran out somebody should have taken its work up."""
LATE = timedelta(minutes=15)
"""How long something may be due before it is a sign that nobody works."""


def connections(config: Config) -> list[Check]:
    """A check for each connection that is in use."""
    return [
        Check(f"connection {name}", partial(_connection, name), ("schema", "sealed"))
        for name, one in config.connections.items()
        if one.enabled
    ]


def _connection(name: str, visit: Visit) -> Iterator[Finding]:
    """Whether a connection may be used, and is signed in."""
    store = visit.desk.raw_database
    with store.read() as tx:
        state = runs.connection_states(tx).get(name, runs.ConnectionState(name))
        marked = epochs.mark(tx, name) is not None
    if state.state == "needs_auth":
        yield found(FAIL, "connection_signed_out", name=name, why=state.reason or "–")
        return
    try:
        DatabaseTokens(store, keys_of(visit) or "").read(name)
    except AuthFailed as error:
        yield found(FAIL, "connection_token", name=name, why=str(error))
        return
    if state.state == "paused":
        yield found(WARN, "connection_paused", name=name, why=state.reason or "–")
    elif marked:
        yield found(WARN, "connection_restored", name=name)
    elif not visit.online:
        yield found(OK, "connection", name=name)
    else:
        yield _asked(name, visit)


def _asked(name: str, visit: Visit) -> Finding:
    connector = visit.hub.flows[name].connector
    if not isinstance(connector, Identifies):
        return found(OK, "connection", name=name)
    try:
        who = connector.identify()
    except AuthFailed as error:
        return found(FAIL, "connection_signed_out", name=name, why=str(error))
    except ConnectorError as error:
        return found(WARN, "connection_silent", name=name, why=str(error))
    return found(OK, "connection_asked", name=name, account=who.account)


def processes(visit: Visit) -> Iterator[Finding]:
    """Who is at work, and whether all are of one version."""
    mine = version("renkei")
    others = _versions(visit)
    if not others:
        yield found(OK, "processes_none")
    elif set(others) != {mine}:
        yield found(WARN, "processes_differ", versions=", ".join(sorted(others)), mine=mine)
    else:
        yield found(OK, "processes", version=mine, count=others[mine])


def _versions(visit: Visit) -> dict[str, int]:
    """The versions of the processes that are at work; of other hosts where the database tells."""
    here: dict[str, int] = {}
    for one in alive(visit.desk.root).values():
        here[one] = here.get(one, 0) + 1
    store = visit.desk.raw_database
    if store.dialect == "sqlite":
        return here
    with store.read() as tx:
        return here | sessions.others(tx)


def leases(visit: Visit) -> Iterator[Finding]:
    """Whether work that somebody left behind is taken up."""
    store = visit.desk.raw_database
    with store.read() as tx:
        count = vitals.stale_leases(tx, iso(store.now() - STALE))
    if count:
        yield found(WARN, "leases_stale", count=count)
    else:
        yield found(OK, "leases")


def queues(visit: Visit) -> Iterator[Finding]:
    """Whether anything has been due for long."""
    store = visit.desk.raw_database
    now = store.now()
    with store.read() as tx:
        oldest = vitals.oldest_due(tx, iso(now))
    late = {queue: now - from_iso(since) for queue, since in oldest.items()}
    worst = {queue: wait for queue, wait in late.items() if wait > LATE}
    if worst:
        shown = ", ".join(f"{queue} {int(wait.total_seconds() // 60)} min" for queue, wait in
                          sorted(worst.items()))  # fmt: skip
        yield found(WARN, "queues_late", queues=shown)
    else:
        yield found(OK, "queues")


def schedules(visit: Visit) -> Iterator[Finding]:
    """Whether there is somebody to keep the schedules."""
    from sync.workers.schedules import schedules_of

    count = len(schedules_of(visit.hub))
    if count and not _versions(visit):
        yield found(WARN, "schedules_alone", count=count)
    else:
        yield found(OK, "schedules", count=count)


def set_aside(visit: Visit) -> Iterator[Finding]:
    """Whether something waits for a person."""
    with visit.desk.raw_database.read() as tx:
        count = sum(number for *_, number in asides.counts(tx))
    yield found(WARN, "aside_open", count=count) if count else found(OK, "aside")
