"""What is looked after beside the jobs: maps that changed, refusals, vendors' fields, lost runs."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta

from connectors.kit.errors import ConnectorError
from sync.engine import awaiting, drift, putback, reconciling, resting
from sync.engine.hub import Hub
from sync.store import epochs, runs
from sync.store.database import iso
from sync.workers import schedules

log = logging.getLogger("renkei.jobs")

LOST_AFTER = timedelta(minutes=2)
"""A run that gave no sign for so long has lost its process."""


def is_active(hub: Hub, name: str) -> bool:
    """Whether a connection may be used now."""
    with hub.database.read() as tx:
        state = runs.connection_states(tx).get(name)
    return hub.flows[name].config.enabled and (state is None or state.state == "active")


def note_maps(hub: Hub, names: Iterable[str] | None = None) -> None:
    """Try again what waited for a field map or for stages.yaml, where one has changed.

    Looks once in a hub's life.
    """
    moved = awaiting.note_stages(hub)
    if moved:
        log.info("stages.yaml has changed, %d leads are where it did not let them before", moved)
    for name in names if names is not None else list(hub.flows):
        count = drift.note_maps(hub, name)
        if count:
            log.info("%s: the field map has changed, %d are tried again", name, count)


def put_back_due(hub: Hub) -> None:
    """Try again what vendors refused a while ago."""
    for flow in hub.targets:
        count = putback.put_back_due(hub, flow)
        if count:
            log.info("%s: %d that were refused are tried again", flow.name, count)


def reread_restored(hub: Hub) -> None:
    """Have connections read that were restored from a backup; let those go on that have been."""
    if not hub.epoch:
        return
    with hub.database.read() as tx:
        marked = epochs.marks(tx)
        reading = runs.connections_running(tx, "pull")
    for name in marked.keys() & hub.flows.keys() - reading:
        if not is_active(hub, name):
            continue
        try:
            held = reconciling.held(hub, hub.flows[name])
        except ConnectorError as error:
            log.warning("%s: its streams could not be asked for: %s", name, error)
            continue
        if held is None:
            log.info("%s has been read since the restore; it is written to again", name)
        elif hub.flows[name].config.pull is not None and not schedules.due_of(hub, name):
            schedules.ask(hub, "pull", name)


def rest_due(hub: Hub) -> bool:
    """Put a batch of silent leads to rest; whether more may be due."""
    count = resting.rest_today(hub)
    if count:
        log.info("%d silent leads are dormant now", count)
    return count > 0


def describe_connection(hub: Hub, name: str) -> None:
    """Ask a vendor what its streams are like, and take in what changed; later, if it is away."""
    if not is_active(hub, name):
        return
    try:
        drift.describe(hub, hub.flows[name])
    except ConnectorError as error:
        log.warning("%s: its fields could not be asked for: %s", name, error)


def describe_due(hub: Hub, names: Iterable[str] | None = None) -> None:
    """Ask the vendors that were not asked for a day, of all connections or these."""
    wanted = None if names is None else set(names)
    for name in drift.due(hub):
        if wanted is None or name in wanted:
            describe_connection(hub, name)


def close_lost_runs(hub: Hub) -> int:
    """Mark runs whose process went away; how many."""
    now = hub.now()
    with hub.database.write() as tx:
        return runs.close_lost(tx, iso(now), iso(now - LOST_AFTER))
