"""What would be written now: the verb plan, and ``run --dry-run``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.context import Desk
from sync.cli.failures import CHANGES, OK
from sync.cli.frame import verb
from sync.cli.tables import cut

if TYPE_CHECKING:
    from sync.engine.planning import HubPlan, PlannedChange, TargetPlan

SAMPLES = 20
"""How many changes are shown for each connection."""
WIDTH = 40
PLAN_FILE = Path("data/plan.json")
"""Where a plan is kept until it is applied, in the operator's directory."""

Targets = Annotated[
    list[str] | None,
    typer.Option("--connection", "-c", help="Only this target. May repeat."),
]


def add(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "plan")(plan)


def plan(
    desk: Desk,
    connections: Targets = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Where to keep the plan; default: data/plan.json."),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=0, help="How many changes are shown for each target.")
    ] = SAMPLES,
) -> int:
    """Show what a push would write now, field by field, and keep it as a plan.

    Creates, updates, stage moves and what follows from them; the calls it takes, and the limits it
    is over. Nothing is written. `renkei apply` carries out exactly this; ends with 4 where there is
    anything to write.
    """
    from sync.engine.plan_files import save_plan
    from sync.engine.planning import make_plan

    made = make_plan(desk.hub, desk.known(connections or []))
    path = desk.root / (out or PLAN_FILE)
    name = save_plan(desk.hub, made, path)
    shown = _shown(desk, path)
    desk.out.item("plan_file", id=name, file=shown, made_at=made.made_at, empty=made.is_empty)
    tell_targets(desk, made, limit)
    if made.unresolved:
        desk.out.say("plan.unresolved", count=made.unresolved)
    if made.is_empty:
        return OK
    over = any(target.over for target in made.targets)
    desk.out.next(f"renkei apply{f' {shown}' if out else ''}{' --allow-large' if over else ''}")
    return CHANGES


def _shown(desk: Desk, path: Path) -> str:
    return str(path.relative_to(desk.root)) if path.is_relative_to(desk.root) else str(path)


def tell_plan(desk: Desk, names: Sequence[str]) -> int:
    """Show what is owed to each connection; the exit code says whether anything is."""
    from sync.engine.planning import make_plan

    made = make_plan(desk.hub, names, ask_quota=False)
    out = desk.out
    for target in made.targets:
        for change in target.changes[:SAMPLES]:
            out.item("change", **_change(change))
        counts = target.counts
        line = {"create": counts["create"], "update": counts["update"]}
        out.item("plan", connection=target.connection, unchanged=target.unchanged, **line)
        out.say("plan.line", name=target.connection, **line)
        out.table(
            ("column.action", "column.lead", "column.record", "column.fields"),
            [
                [
                    out.words(f"action.{one.action}"),
                    one.lead_id,
                    one.record or "–",
                    ", ".join(sorted(one.values or ())),
                ]
                for one in target.changes[:SAMPLES]
            ],
            wrap="column.fields",
        )
    if made.is_empty:
        out.say("plan.nothing")
    return OK if made.is_empty else CHANGES


def tell_targets(desk: Desk, made: HubPlan, limit: int) -> None:
    """Tell each target's changes, counts, calls and limits."""
    out = desk.out
    for target in made.targets:
        for change in target.changes[:limit]:
            out.item("change", **_change(change), diff=_diff(change))
            _tell_change(desk, change)
        _tell_target(desk, target, limit)
    if made.is_empty:
        out.say("plan.nothing")


def _change(change: PlannedChange) -> dict[str, Any]:
    return {
        "connection": change.connection,
        "action": change.action,
        "lead": change.lead_id,
        "record": change.record,
        "fields": sorted(change.values or ()),
    }


def _diff(change: PlannedChange) -> dict[str, Any]:
    """Vendor field → from and to."""
    before, values = change.before or {}, change.values or {}
    return {name: [before.get(name), value] for name, value in sorted(values.items())}


def _tell_change(desk: Desk, change: PlannedChange) -> None:
    out = desk.out
    place = f"  {change.record}" if change.record else ""
    out.line(f"{out.words(f'action.{change.action}')}  {change.lead_id}{place}")
    for name, (before, value) in _diff(change).items():
        out.line(f"    {name}: {value_text(before)} → {value_text(value)}")
    for code in change.second:
        out.line(f"    · {out.words(f'second.{code}')}")
    if change.back:
        out.line(f"    ! {out.words('plan.back')}")


def value_text(value: Any) -> str:
    """A vendor's value as people read it, on one line."""
    return "–" if value is None or value == "" else cut(str(value), WIDTH)


def _tell_target(desk: Desk, target: TargetPlan, limit: int) -> None:
    out, counts = desk.out, target.counts
    out.item(
        "plan",
        connection=target.connection,
        unchanged=target.unchanged,
        linked=target.linked,
        calls=target.calls,
        quota_left=target.quota_left,
        over=[
            {"limit": one.limit, "wanted": one.wanted, "allowed": one.allowed}
            for one in target.over
        ],
        **counts,
    )
    more = len(target.changes) - limit
    if more > 0:
        out.say("plan.more", count=more)
    out.say("plan.line", name=target.connection, create=counts["create"], update=counts["update"])
    if counts["stage_moves"]:
        out.say("plan.stages", moves=counts["stage_moves"], back=counts["stage_regressions"])
    if counts["doubles"]:
        out.say("plan.doubles", count=counts["doubles"])
    if target.changes:
        left = target.quota_left
        out.say("plan.calls", calls=target.calls, left="–" if left is None else f"{left:,}")
        if left is not None and left < target.calls:
            out.say("plan.quota_short")
    for one in target.over:
        out.say(f"over.{one.limit}", wanted=f"{one.wanted:g}", allowed=f"{one.allowed:g}")
