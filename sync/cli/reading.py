"""Verbs that look at how the hub stands, and at what was set aside: status, runs, errors, retry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.context import Desk
from sync.cli.failures import CHANGES, ERROR, OK, PARTIAL, SIGN_IN, refused
from sync.cli.frame import verb
from sync.cli.tables import cut

if TYPE_CHECKING:
    from sync.engine.retry import Retried
    from sync.engine.views import ConnectionView, StatusView
    from sync.store.asides import Aside

Connection = Annotated[
    str | None, typer.Option("--connection", "-c", help="Only of this connection.")
]
Code = Annotated[str | None, typer.Option("--code", help="Only with this error code.")]


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    verb(app, "status")(status)
    verb(app, "runs")(runs)
    verb(app, "errors")(errors)
    verb(app, "retry")(retry)


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
    from mapping.stage_words import STAGES

    out = desk.out
    out.say("status.leads", count=f"{view.leads:,}")
    most = max(view.by_stage.values(), default=1)
    out.table(
        ("column.stage", "column.leads", "column.share"),
        [
            [
                stage.ja if out.language == "ja" else stage.en,
                f"{view.by_stage[code]:,}",
                "█" * max(1, round(24 * view.by_stage[code] / most)),
            ]
            for code, stage in STAGES.items()
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
    if view.unresolved:
        out.say("status.unresolved", count=f"{view.unresolved:,}")
    if not view.connections:
        out.say("status.no_connections")
    aside = sum(count for *_, count in view.set_aside)
    if aside:
        out.say("status.set_aside", count=f"{aside:,}")
        out.next("renkei errors")


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
    from sync.cli.progress import figures, seconds

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


def _one_run(desk: Desk, run_id: str) -> int:
    from sync.cli.progress import run_fields, seconds
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
    if run.error:
        out.line(f"{run.error} [{run.code}]")
    _tell_asides(desk, aside)
    return OK


def errors(
    desk: Desk,
    connection: Connection = None,
    code: Code = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", help="Only of a kind: record, field, change, hook, stage, match."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, the newest first.")] = 50,
) -> int:
    """List what was set aside and needs a person.

    Why, which record, and what to do; -v shows what was sent and received.
    """
    from sync.store import asides

    if connection is not None:
        desk.known([connection])
    with desk.hub.database.read() as tx:
        found = asides.listed(tx, connection=connection, code=code, kind=kind, limit=limit)
        counts = asides.counts(tx)
    out = desk.out
    for item in found:
        out.item("set_aside", **aside_fields(item))
    if not found:
        out.say("errors.none")
        return OK
    wanted = [
        row
        for row in counts
        if (connection is None or row[0] == connection)
        and (kind is None or row[1] == kind)
        and (code is None or row[2] == code)
    ]
    _tell_asides(desk, found)
    out.line()
    out.table(
        ("column.connection", "column.kind", "column.code", "column.count"),
        [[who, out.words(f"aside.{what}"), why, many] for who, what, why, many in wanted],
        right=("column.count",),
    )
    out.next("renkei retry --all" if len({row[2] for row in wanted}) > 1 else _retry_code(found))
    return OK


def _retry_code(found: list[Aside]) -> str:
    return f"renkei retry --code {found[0].code}"


def _tell_asides(desk: Desk, found: list[Aside]) -> None:
    out = desk.out
    for item in found:
        place = "/".join(part for part in (item.connection, item.stream, item.external_id) if part)
        lead = f"  {item.lead_id}" if item.lead_id else ""
        field = f" {item.field}:" if item.field else ""
        times = out.words("errors.times", count=item.times) if item.times > 1 else ""
        out.line(
            f"#{item.id}  {item.code}  {place}{lead}  {out.when(item.last_at)} {times}".rstrip()
        )
        out.line(f"    {out.words(f'aside.{item.kind}')}:{field} {item.message}")
        if item.fix:
            out.line(f"    = {item.fix}")
        if out.verbose:
            for key, value in (("errors.sent", item.sent), ("errors.received", item.received)):
                if value is not None:
                    out.line(f"    {out.words(key)}: {cut(str(value), 400)}")


def aside_fields(item: Aside) -> dict[str, Any]:
    """A set-aside item as JSON shows it."""
    return {
        "id": item.id,
        "what": item.kind,
        "connection": item.connection,
        "stream": item.stream,
        "external_id": item.external_id,
        "lead": item.lead_id,
        "field": item.field,
        "code": item.code,
        "message": item.message,
        "fix": item.fix,
        "sent": item.sent,
        "received": item.received,
        "run": item.run_id,
        "first_at": item.first_at,
        "last_at": item.last_at,
        "times": item.times,
    }


def retry(
    desk: Desk,
    ids: Annotated[
        list[int] | None,
        typer.Argument(
            help="Numbers that `renkei errors` shows.", metavar="[ID]...", show_default=False
        ),
    ] = None,
    connection: Connection = None,
    code: Code = None,
    everything: Annotated[bool, typer.Option("--all", help="All that was set aside.")] = False,
    later: Annotated[
        bool, typer.Option("--later", help="Only put back; the next run takes it up.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be.")] = False,
) -> int:
    """Give what was set aside another try.

    It is tried now; what fails again is set aside again.
    """
    from sync.engine import retry as engine
    from sync.workers import jobs

    if not (ids or connection or code or everything):
        raise refused("RETRY_WHAT", next="renkei retry --all")
    if connection is not None:
        desk.known([connection])
    hub, out = desk.hub, desk.out
    items = engine.chosen(hub, ids=ids or (), connection=connection, code=code)
    if ids and len(items) < len(set(ids)) and not items:
        raise refused("UNKNOWN_ASIDE", ids=", ".join(map(str, ids)), next="renkei errors")
    if dry_run:
        for item in items:
            out.item("set_aside", **aside_fields(item))
        _tell_asides(desk, items)
        out.say("retry.would", count=len(items))
        return CHANGES if items else OK
    done = engine.retry(desk.working(), items)
    _tell_retried(desk, done)
    if later or not done.put_back:
        return ERROR if done.lost and not done.put_back else OK
    resolved = jobs.resolve(hub)
    pushed = jobs.push_all(hub)
    from sync.cli.running import finish

    code_now = finish(desk, pushed) if pushed else OK
    again = engine.chosen(hub, ids=[item.id for item in done.put_back])
    out.item("retried", put_back=len(done.put_back), again=len(again), resolved=resolved.rows)
    out.say("retry.done", settled=len(done.put_back) - len(again), again=len(again))
    return max(code_now, PARTIAL) if again and code_now != ERROR else code_now


def _tell_retried(desk: Desk, done: Retried) -> None:
    out = desk.out
    for item in done.undecided:
        out.item("undecided", **aside_fields(item))
        out.say(f"retry.{item.kind}", id=item.id, lead=item.lead_id or "ID")
    for item in done.lost:
        out.item("lost", **aside_fields(item))
        out.say("retry.lost", id=item.id)
    out.say("retry.put_back", count=len(done.put_back))
