"""Verbs that carry out a plan, and that put back what a run wrote: apply, undo."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sync.cli.context import Desk
from sync.cli.failures import CHANGES, ERROR, OK, PARTIAL, refused
from sync.cli.frame import verb
from sync.cli.planning import PLAN_FILE, tell_targets, value_text

if TYPE_CHECKING:
    from sync.engine.planning import HubPlan
    from sync.engine.putting_back import Undone
    from sync.store.runs import RunRow

SHOWN = 20


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    verb(app, "apply")(apply)
    verb(app, "undo")(undo)


def apply(
    desk: Desk,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="The plan; default: data/plan.json.", metavar="[FILE]", show_default=False
        ),
    ] = None,
    allow_large: Annotated[
        bool, typer.Option("--allow-large", help="Also where it is over a limit.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be.")] = False,
) -> int:
    """Write exactly what a plan says, or nothing.

    The records are read again first. Where one of them, a lead, or the configuration is not as it
    was when the plan was made, nothing is written.
    """
    from sync.engine.applying import moved_since

    hub = desk.working()
    name, plan = _load(desk, file)
    if not allow_large:
        _check_limits(desk, plan)
    moved = moved_since(hub, plan)
    for one in moved:
        desk.out.item(
            "moved", connection=one.connection, what=one.what, lead=one.lead_id, record=one.record
        )
    for one in moved[:SHOWN]:
        what = desk.out.words(f"moved.{one.what}")
        place = one.record or one.connection
        desk.out.line(f"{place}  {one.lead_id or ''}  {what}")
    if moved:
        raise refused("PLAN_MOVED", count=len(moved), next="renkei plan", exit_code=ERROR)
    if dry_run:
        tell_targets(desk, plan, SHOWN)
        return OK if plan.is_empty else CHANGES
    return _apply(desk, name, plan)


def _load(desk: Desk, file: Path | None) -> tuple[str, HubPlan]:
    from sync.engine.plan_files import PlanUnreadable, load_plan

    path = desk.root / PLAN_FILE if file is None else Path.cwd() / file
    if file is not None and not path.exists():
        path = desk.root / file
    try:
        return load_plan(desk.hub, path)
    except PlanUnreadable as error:
        says = desk.out.words(f"unreadable.{error.why}")
        raise refused("NO_PLAN", file=path.name, why=says, next="renkei plan") from error


def _check_limits(desk: Desk, plan: HubPlan) -> None:
    """Refuse where a target's changes are over the limits as they are now."""
    from sync.engine.limits import excess
    from sync.engine.planning import reach_of

    out, over = desk.out, []
    for target in plan.targets:
        flow = desk.hub.flows.get(target.connection)
        if flow is not None:
            over += [(target, one) for one in excess(flow, reach_of(target.changes, target.linked))]
    for target, one in over:
        wanted, allowed = f"{one.wanted:g}", f"{one.allowed:g}"
        out.item("over", connection=target.connection, limit=one.limit, wanted=one.wanted)
        out.line(
            f"{target.connection}: {out.words(f'over.{one.limit}', wanted=wanted, allowed=allowed)}"
        )
    if over:
        raise refused("OVER_LIMIT", next="renkei apply --allow-large", exit_code=ERROR)


def _apply(desk: Desk, name: str, plan: HubPlan) -> int:
    from sync.cli.progress import Watching, stopping
    from sync.cli.running import finish
    from sync.workers.plans import apply_plan

    out = desk.out
    with stopping(out) as event, Watching(out) as watching:
        stop = desk.world.stop or event.is_set
        done = apply_plan(desk.hub, plan, watch=watching.watch, stop=stop)
    left = sum(map(len, done.left.values()))
    out.item("applied", id=name, runs=[run.id for run in done.runs], left=done.left)
    code = finish(desk, done.runs)
    for run in done.runs:
        out.say("apply.undo", run=run.id)
    if left:
        out.say("apply.left", count=left)
    return PARTIAL if left and code == OK else code


def undo(
    desk: Desk,
    run: Annotated[
        str,
        typer.Argument(help="The run, as `renkei runs` shows it; or last, the last that wrote."),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be put back; write nothing.")
    ] = False,
) -> int:
    """Put back what a run wrote, where it still stands.

    Fields that somebody changed since are left, and listed. Records that the run created stay.
    What is put back is parked: it is not written again until the lead's value changes, or by
    `renkei retry`. An undo is a run, too, and can be undone.
    """
    from sync.engine.undoing import undo_run
    from sync.store import leads, runs
    from sync.workers import plans

    hub = desk.hub
    with hub.database.read() as tx:
        found = runs.last_that_wrote(tx) if run == "last" else runs.by_id(tx, run)
        wrote = found is not None and leads.has_pushed(tx, found.id)
    if found is None:
        raise refused("UNKNOWN_RUN", id=run, next="renkei runs")
    if not wrote:
        raise refused("NOTHING_WRITTEN", id=found.id, exit_code=ERROR)
    flow = desk.flow(found.connection)
    if dry_run:
        undone = undo_run(hub, flow, found.id, dry_run=True)
        _tell(desk, undone, dry_run=True)
        return CHANGES if undone.put_back else OK
    desk.working()
    row, undone = plans.undo(hub, found, stop=desk.world.stop or (lambda: False))
    _tell(desk, undone, row)
    if row.state in ("failed", "stopped"):
        raise refused("UNDO_ENDED", message=row.error or "", id=row.id, exit_code=ERROR)
    return PARTIAL if row.state == "partial" else OK


def _tell(desk: Desk, undone: Undone, row: RunRow | None = None, *, dry_run: bool = False) -> None:
    out = desk.out
    for one in undone.put_back:
        out.item(
            "put_back",
            record=one.record,
            lead=one.lead_id,
            field=one.field,
            was=one.written,
            will_be=one.value,
        )
        out.line(f"{one.record}  {one.field}: {value_text(one.written)} → {value_text(one.value)}")
    why = Counter(one.why for one in undone.kept)
    for kept in undone.kept:
        out.item(
            "kept",
            record=kept.record,
            lead=kept.lead_id,
            field=kept.field or None,
            why=kept.why,
            by=kept.by or None,
        )
        says = out.words(f"kept.{kept.why}", by=kept.by)
        place = f"  {kept.field}" if kept.field else ""
        out.line(f"{kept.record}{place}: {says}")
    out.item(
        "undone",
        run=row.id if row is not None else None,
        dry_run=dry_run,
        records=undone.records,
        fields=len(undone.put_back),
        already=undone.already,
        kept=dict(why),
    )
    key = "undo.would" if dry_run else "undo.done"
    out.say(key, fields=len(undone.put_back), records=undone.records, kept=len(undone.kept))
    if row is not None and undone.put_back:
        out.next("renkei errors --code UNDONE")
