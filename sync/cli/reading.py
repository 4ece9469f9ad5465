"""Verbs that look at how the hub stands and what it did: status, runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.asides import aside_fields, tell_asides
from sync.cli.context import Desk
from sync.cli.failures import OK, SIGN_IN, refused
from sync.cli.frame import verb
from sync.cli.people import stage_name
from sync.cli.quotas import tell_waits, wait_fields

if TYPE_CHECKING:
    from sync.engine.views import ConnectionView, StatusView


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    verb(app, "status")(status)
    verb(app, "runs")(runs)


def status(
    desk: Desk,
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Connections; default: all.", metavar="[NAME]...", show_default=False),
    ] = None,
) -> int:
    """Show how the hub stands.

    Leads by stage, each connection, what is owed and what is set aside. Ends
    with 5 where a connection must be signed in again.
    """
    from sync.engine import views

    view = views.status(desk.hub, desk.known(names or []))
    out = desk.out
    out.item(
        "status",
        leads=view.leads,
        by_stage=view.by_stage,
        by_records={str(records): count for records, count in view.by_records.items()},
        unresolved=view.unresolved,
        set_aside=sum(count for *_, count in view.set_aside),
        unsure=view.unsure,
        database=_without_password(desk.config.database_url()),
    )
    for one in view.connections:
        out.item("connection", **_connection_fields(one))
    _tell_status(desk, view)
    unsigned = [one.name for one in view.connections if one.state == "needs_auth"]
    if unsigned:
        out.next(f"renkei check --connect {' '.join(unsigned)}")
        return SIGN_IN
    return OK


def _tell_status(desk: Desk, view: StatusView) -> None:
    out = desk.out
    out.say("status.leads", count=f"{view.leads:,}")
    most = max(view.by_stage.values(), default=1)
    out.table(
        ("column.stage", "column.leads", "column.share"),
        [
            [
                stage_name(desk, code),
                f"{view.by_stage[code]:,}",
                "█" * max(1, round(24 * view.by_stage[code] / most)),
            ]
            for code in dict.fromkeys([*desk.stage_rules.stages, *view.by_stage])
            if view.by_stage.get(code)
        ],
        right=("column.leads",),
    )
    out.line()
    out.table(
        (
            "column.connection",
            "column.connector",
            "column.state",
            "column.records",
            "column.owed",
            "column.set_aside",
            "column.last_run",
        ),
        [
            [
                one.name,
                one.connector,
                out.words(f"connection_state.{one.state}"),
                f"{sum(one.records.values()):,}",
                f"{one.owed:,}",
                f"{one.set_aside:,}",
                _last_run(desk, one),
            ]
            for one in view.connections
        ],
        right=("column.records", "column.owed", "column.set_aside"),
    )
    for one in view.connections:
        if one.state in ("paused", "needs_auth"):
            out.say(f"status.{one.state}", name=one.name, reason=one.reason or "–")
        tell_waits(out, one.name, one.waits)
    if view.unresolved:
        out.say("status.unresolved", count=f"{view.unresolved:,}")
    if not view.connections:
        out.say("status.no_connections")
    aside = sum(count for *_, count in view.set_aside)
    if aside:
        out.say("status.set_aside", count=f"{aside:,}")
        out.next("renkei errors")
    if view.unsure:
        out.say("status.unsure", count=f"{view.unsure:,}")
        out.next("renkei dedupe list")


def _last_run(desk: Desk, one: ConnectionView) -> str:
    if one.last_run is None:
        return "–"
    words = desk.out.words(f"state.{one.last_run.state}")
    return f"{desk.out.when(one.last_run.started_at)} {words}"


def _connection_fields(one: ConnectionView) -> dict[str, Any]:
    from sync.cli.progress import run_fields

    return {
        "name": one.name,
        "connector": one.connector,
        "state": one.state,
        "reason": one.reason,
        "since": one.since or None,
        "records": one.records,
        "owed": one.owed,
        "waiting": one.waiting,
        "set_aside": one.set_aside,
        "waits": wait_fields(one.waits),
        "last_run": run_fields(one.last_run) if one.last_run is not None else None,
    }


def _without_password(url: str) -> str:
    head, mark, tail = url.partition("://")
    login, at, host = tail.rpartition("@")
    return f"{head}{mark}{login.partition(':')[0]}{at}{host}" if at else url


def runs(
    desk: Desk,
    name: Annotated[
        str | None, typer.Argument(help="Only of this connection.", show_default=False)
    ] = None,
    run_id: Annotated[
        str | None, typer.Option("--run", metavar="ID", help="One run, with what it set aside.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, the newest first.")] = 20,
) -> int:
    """List what ran, with counts and errors."""
    from sync.cli.progress import run_fields
    from sync.store import runs as store

    if run_id is not None:
        return _one_run(desk, run_id)
    if name is not None:
        desk.known([name])
    with desk.hub.database.read() as tx:
        found = store.recent(tx, name, limit)
    for run in found:
        desk.out.item("run", **run_fields(run))
    _tell_runs(desk, found)
    return OK


def _tell_runs(desk: Desk, found: list[Any]) -> None:
    from sync.cli.progress import figures, seconds, why

    out = desk.out
    if not found:
        out.say("runs.none")
        out.next("renkei run")
        return
    rows = []
    for run in found:
        count = figures(run.counts, run.kind)
        rows.append(
            [
                out.when(run.started_at),
                run.connection,
                run.stream or "–",
                out.words(f"job.{run.kind}"),
                out.words(f"state.{run.state}"),
                count["read"] or "",
                count["created"],
                count["updated"],
                count["set_aside"],
                f"{seconds(run):.1f}",
                run.id,
            ]
        )
    out.table(
        (
            "column.started",
            "column.connection",
            "column.stream",
            "column.job",
            "column.state",
            "column.read",
            "column.created",
            "column.updated",
            "column.set_aside",
            "column.seconds",
            "column.run",
        ),
        rows,
        right=(
            "column.read",
            "column.created",
            "column.updated",
            "column.set_aside",
            "column.seconds",
        ),
    )
    now = desk.hub.stamp()
    for run in found:
        if run.resumes_at is not None and run.resumes_at > now:
            out.line(why(out, run))


def _one_run(desk: Desk, run_id: str) -> int:
    from sync.cli.progress import run_fields, seconds, why
    from sync.store import asides
    from sync.store import runs as store

    out = desk.out
    with desk.hub.database.read() as tx:
        run = store.by_id(tx, run_id)
        aside = asides.listed(tx, run_id=run_id)
    if run is None:
        raise refused("UNKNOWN_RUN", id=run_id, next="renkei runs")
    out.item("run", **run_fields(run), steps=run.steps)
    for item in aside:
        out.item("set_aside", **aside_fields(item))
    out.line(f"{run.id}  {run.connection} {run.stream or '–'} {out.words(f'job.{run.kind}')}")
    out.line(f"{out.words(f'state.{run.state}')}  {out.when(run.started_at)}  {seconds(run):.1f} s")
    for name, count in sorted(run.counts.items()):
        out.line(f"  {name:<14} {count:>10,}")
    for name, took in run.steps.items():
        out.line(f"  {name:<14} {took:>9.2f}s")
    if run.resumes_at is not None:
        out.line(why(out, run))
    elif run.error:
        out.line(f"{run.error} [{run.code}]")
    tell_asides(desk, aside)
    return OK
