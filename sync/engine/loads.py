"""What this installation's work took of late: the measurements that its capacity is told from."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sync.engine import budgets
from sync.engine.capacity import DAY, Account, Disk, Limit, Stage, limits, per_day
from sync.engine.hub import Flow, Hub
from sync.engine.worktime import FULL, FULL_KIND
from sync.store import hooks, inbox, leads, outbox, runs, worktimes
from sync.store.database import Tx, from_iso, iso
from sync.store.runs import RunRow
from sync.store.worktimes import Hour, Spent

__all__ = ["PERIOD", "Capacity", "Waiting", "capacity"]

PERIOD = timedelta(days=7)
_HOUR = len("2026-04-01T00")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queue: how many seconds its oldest entry is overdue."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the installation carries, what of that is used, and what runs out first."""

    stages: Sequence[Stage]
    accounts: Sequence[Account]
    disk: Disk
    waiting: Sequence[Waiting]
    limits: Sequence[Limit]


def capacity(hub: Hub, trial: Mapping[str, float] | None = None) -> Capacity:
    """What the last week's work says; ``trial`` are speeds that were measured beside it."""
    now = hub.now()
    since, day = iso(now - PERIOD), iso(now - timedelta(days=1))
    with hub.database.read() as tx:
        hours = worktimes.since(tx, since)
        stages = [_of_hours(kind, "", hours, day, trial or {}) for kind in ("webhooks", "resolve")]
        for flow in hub.flows.values():
            if flow.config.pull is not None:
                stages.append(_pulls(flow, runs.since(tx, flow.name, since), day))
            if flow.config.push is not None:
                stages.append(_of_hours("push", flow.name, hours, day, {}))
        disk = _disk(hub, tx, hours)
        waiting = _waiting(tx, now)
    accounts = [_account(one, now) for one in budgets.accounts(hub)]
    found = limits(stages, accounts, disk, now=now, dialect=hub.database.dialect)
    return Capacity(stages, accounts, disk, waiting, found)


def _of_hours(
    name: str, connection: str, hours: Sequence[Hour], day: str, trial: Mapping[str, float]
) -> Stage:
    """A stage whose batches were timed."""
    kind = f"{name}:{connection}" if connection else name
    full = Spent(0, 0.0)
    for one in hours:
        full = full.plus(one.work.get(kind + FULL_KIND, Spent(0, 0.0)))
    by_hour = {one.hour: one.work[kind].rows for one in hours if kind in one.work}
    busiest = _busiest(by_hour, day)
    return Stage(name, connection, *full[:2], busiest, away=full.away, trial=trial.get(name))


def _pulls(flow: Flow, found: Sequence[RunRow], day: str) -> Stage:
    """A connection's pulls: what its runs say. One that read next to nothing tells no speed."""
    some = [run for run in found if run.kind == "pull"]
    by_hour: Counter[str] = Counter()
    for run in some:
        by_hour[run.started_at[:_HOUR]] += run.counts.get("read", 0)
    full = [run for run in some if run.counts.get("read", 0) >= FULL]
    return Stage(
        name="pull",
        connection=flow.name,
        rows=sum(run.counts["read"] for run in full),
        seconds=sum(sum(run.steps.values()) for run in full),
        busiest=_busiest(by_hour, day),
        away=sum(run.steps.get("pull", 0.0) for run in full),
    )


def _busiest(by_hour: Mapping[str, int], day: str) -> int:
    return max((rows for hour, rows in by_hour.items() if hour >= day[:_HOUR]), default=0)


def _disk(hub: Hub, tx: Tx, hours: Sequence[Hour]) -> Disk:
    sizes = [(from_iso(f"{one.hour}:00:00Z"), one.size) for one in hours if one.size is not None]
    free = None
    if hub.database.dialect == "sqlite":
        path = Path(hub.database.url.removeprefix("sqlite:///"))
        free = shutil.disk_usage(path.absolute().parent).free
    return Disk(worktimes.size(tx), leads.count(tx), per_day(sizes), free)


def _waiting(tx: Tx, now: datetime) -> list[Waiting]:
    due = {"webhooks": hooks.next_due(tx), "resolve": inbox.next_due(tx)}
    due["push"] = outbox.next_due(tx)
    found = []
    for name, moment in due.items():
        if moment is not None and moment < iso(now):
            found.append(Waiting(name, (now - from_iso(moment)).total_seconds()))
    return found


def _account(one: budgets.AccountView, now: datetime) -> Account:
    ends = from_iso(one.resets_at) if one.resets_at is not None else None
    left = (ends - now).total_seconds() / DAY if ends is not None else 0.0
    return Account(
        name=one.account,
        limit=one.limit,
        used=one.limit - one.left if one.limit is not None and one.left is not None else 0,
        over=min(max(1 - left, 0.0), 1.0),
        ends_at=ends,
    )
