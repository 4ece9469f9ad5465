"""The verb about capacity: what this installation carries, and what runs out first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.context import Desk
from sync.cli.failures import ERROR, OK, refused
from sync.cli.frame import verb
from sync.cli.out import Out

if TYPE_CHECKING:
    from sync.engine.capacity import Disk, Limit, Stage
    from sync.engine.loads import Capacity

MB = 2**20
LONG_WAIT = 300.0
"""Seconds from which on a queue counts as behind."""
_COLUMNS = ("column.work", "column.connection", "column.timed", "column.speed", "column.load")


def add(app: typer.Typer) -> None:
    """Add this verb."""
    verb(app, "capacity")(capacity)


def capacity(
    desk: Desk,
    measure: Annotated[
        bool,
        typer.Option(
            "--measure",
            help="Also measure storing and resolving, on a scratch database beside the real one; "
            "takes some seconds and touches no vendor.",
        ),
    ] = False,
) -> int:
    """Show what this installation can carry, and what runs out first.

    From its own work of the last week: records a second by stage, the present
    load, the room above it, calls, disk, and what to do.
    """
    from sync.engine import loads
    from sync.store.scratch import NoScratch

    tried: dict[str, float] = {}
    if measure:
        from sync.engine.trial import trial

        try:
            tried = trial(desk.hub)
        except NoScratch as error:
            raise refused("NO_SCRATCH", why=str(error), exit_code=ERROR) from error
    found = loads.capacity(desk.hub, tried)
    _items(desk.out, found, tried)
    _tell(desk.out, found, tried)
    return OK


def _items(out: Out, found: Capacity, tried: dict[str, float]) -> None:
    for stage, speed in tried.items():
        out.item("trial", stage=stage, records_a_second=round(speed, 1))
    for one in found.stages:
        out.item("stage", **_fields(one))
    for account in found.accounts:
        out.item(
            "account",
            name=account.name,
            limit=account.limit,
            used=account.used,
            expected=account.expected,
            headroom=account.headroom,
            spent_at=account.spent_at,
        )
    disk = found.disk
    out.item(
        "disk",
        bytes=disk.size,
        leads=disk.leads,
        bytes_a_day=disk.per_day,
        free=disk.free,
        days=disk.days,
    )
    for queue in found.waiting:
        out.item("waiting", stage=queue.name, seconds=queue.seconds)
    for limit in found.limits:
        out.item(
            "limit",
            what=limit.what,
            name=limit.name,
            headroom=limit.headroom,
            at=limit.at,
            advice=limit.advice,
        )


def _fields(one: Stage) -> dict[str, Any]:
    return {
        "stage": one.name,
        "connection": one.connection or None,
        "records": one.rows,
        "records_a_second": one.rate,
        "load": one.load,
        "headroom": one.headroom,
        "enough": one.is_known,
        "at_vendor": one.away / one.seconds if one.seconds else None,
    }


def _tell(out: Out, found: Capacity, tried: dict[str, float]) -> None:
    from sync.engine.capacity import ENOUGH
    from sync.engine.worktime import FULL

    rows = [
        [
            out.words(f"work.{one.name}"),
            one.connection or "–",
            f"{one.rows:,}",
            _speed(one),
            f"{one.load:,.2f}" if one.busiest else "–",
            _times(one.headroom),
        ]
        for one in found.stages
    ]
    right = ("column.timed", "column.speed", "column.load", "column.headroom")
    out.table((*_COLUMNS, "column.headroom"), rows, right=right)
    if any(one.rate is None for one in found.stages):
        out.say("capacity.unknown", count=ENOUGH, full=FULL)
    if tried:
        out.say("capacity.tried")
    _tell_disk(out, found.disk)
    for queue in found.waiting:
        if queue.seconds >= LONG_WAIT:
            minutes = f"{queue.seconds / 60:,.0f}"
            out.say("capacity.behind", stage=out.words(f"work.{queue.name}"), minutes=minutes)
    if not found.limits:
        out.say("capacity.no_limit")
        return
    out.say("capacity.first")
    for number, one in enumerate(found.limits, 1):
        out.line(f"  {number}. {_limit(out, one)}")
    out.say(f"advice.{found.limits[0].advice}", name=found.limits[0].name)


def _speed(one: Stage) -> str:
    if one.rate is None:
        return "–"
    return f"{one.rate:,.0f}" if one.is_known else f"{one.rate:,.0f}*"


def _times(headroom: float | None) -> str:
    return "–" if headroom is None else f"{headroom:,.1f}x"


def _tell_disk(out: Out, disk: Disk) -> None:
    says = {"size": f"{disk.size / MB:,.1f}", "leads": f"{disk.leads:,}"}
    out.say("capacity.disk", **says)
    if disk.per_day is None:
        out.say("capacity.growth_unknown")
    else:
        out.say("capacity.growth", growth=f"{disk.per_day / MB:,.1f}")
    if disk.free is None:
        out.say("capacity.free_unknown")
    else:
        out.say("capacity.free", free=f"{disk.free / MB:,.0f}")


def _limit(out: Out, one: Limit) -> str:
    what = out.words(f"work.{one.what}")
    name = f"{what} {one.name}" if one.name else what
    at = out.when(one.at.isoformat()) if one.at is not None else ""
    if one.headroom is None:
        return out.words("capacity.at", name=name, at=at)
    if one.at is not None:
        return out.words("capacity.spent", name=name, at=at, times=_times(one.headroom))
    return out.words("capacity.times", name=name, times=_times(one.headroom))
