"""Verbs about what was set aside: errors (look) and retry (give it another try)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.context import Desk
from sync.cli.failures import CHANGES, ERROR, OK, PARTIAL, refused
from sync.cli.frame import verb
from sync.cli.tables import cut

if TYPE_CHECKING:
    from sync.engine.retry import Retried
    from sync.store.asides import Aside

Connection = Annotated[
    str | None, typer.Option("--connection", "-c", help="Only of this connection.")
]
Code = Annotated[str | None, typer.Option("--code", help="Only with this error code.")]


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    verb(app, "errors")(errors)
    verb(app, "retry")(retry)


def errors(
    desk: Desk,
    connection: Connection = None,
    code: Code = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            help="Only of a kind: record, field, change, hook, stage, conflict, limit, handoff.",
        ),
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
    tell_asides(desk, found)
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


def tell_asides(desk: Desk, found: list[Aside]) -> None:
    """Tell what was set aside: why, which record, and what to do."""
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

    It is tried now; what fails again is set aside again. With --all, or
    --connection alone, so is what failed for now and waits for its next try.
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
        tell_asides(desk, items)
        out.say("retry.would", count=len(items))
        return CHANGES if items else OK
    done = engine.retry(desk.working(), items)
    hastened = 0 if ids or code else engine.hasten(hub, connection)
    _tell_retried(desk, done)
    if hastened:
        out.say("retry.hastened", count=hastened)
    if later or not (done.put_back or hastened):
        return ERROR if done.lost and not done.put_back else OK
    jobs.take_webhooks(hub)
    resolved = jobs.resolve(hub)
    pushed = [*jobs.hand_over_all(hub), *jobs.push_all(hub)]
    from sync.cli.running import finish

    code_now = finish(desk, pushed) if pushed else OK
    again = engine.chosen(hub, ids=[item.id for item in done.put_back])
    out.item(
        "retried",
        put_back=len(done.put_back),
        hastened=hastened,
        again=len(again),
        resolved=resolved.rows,
    )
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
