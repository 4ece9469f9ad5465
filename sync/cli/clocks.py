"""The verb about clocks: who stands in a stage for too long, and how stages keep their time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli import charts
from sync.cli.context import Desk
from sync.cli.failures import OK
from sync.cli.frame import verb
from sync.cli.funnel import Csv, Since, Until
from sync.cli.people import stage_name
from sync.cli.tables import cut

if TYPE_CHECKING:
    from sync.engine.clocks import ClockReport, Running, StageTime

HEADERS = (
    "lead",
    "name",
    "company",
    "stage",
    "owner",
    "team",
    "since",
    "due",
    "late_hours",
    "over",
)
"""Columns of the CSV."""


def add(app: typer.Typer) -> None:
    """Add this verb."""
    verb(app, "clocks")(clocks)


def clocks(
    desk: Desk,
    since: Since = None,
    until: Until = None,
    owner: Annotated[
        str | None, typer.Option("--owner", help="Only the leads of this owner.")
    ] = None,
    team: Annotated[
        str | None, typer.Option("--team", help="Only the leads of this team (custom.team).")
    ] = None,
    near: Annotated[
        int,
        typer.Option("--near", min=1, max=100, help="Percent of its time that a lead has used up."),
    ] = 80,
    limit: Annotated[
        int, typer.Option("--limit", min=1, help="How many are shown; a CSV has all.")
    ] = 20,
    target: Csv = None,
) -> int:
    """Show which leads stand in a stage for too long.

    Those over the limit of their stage or near it, due first; then for each stage how many left it
    in time, of those who entered it in the period, and the hours it took.
    """
    from sync.engine.clocks import clocks as report_of

    span = charts.period(desk, since, until)
    found = report_of(desk.hub, span, near_percent=near, owner=owner, team=team)
    for one in found.leads:
        desk.out.item("clock", **_fields(one))
    for stage in found.stages:
        desk.out.item("stage_time", since=since, until=until, **_figures(stage))
    if target is not None:
        rows = [[_csv(value) for value in _fields(one).values()] for one in found.leads]
        charts.write_csv(desk, target, HEADERS, rows)
        return OK
    if not found.stages:
        desk.out.say("clocks.none")
        return OK
    _tell_leads(desk, found, limit)
    desk.out.line()
    desk.out.say("clocks.title", period=charts.said_period(desk, since, until))
    _tell_stages(desk, found)
    return OK


def _fields(one: Running) -> dict[str, Any]:
    lead = one.lead
    values = (
        lead.lead_id,
        lead.name,
        lead.company,
        lead.stage,
        lead.owner,
        lead.team,
        lead.since,
        one.due,
        round(one.late_hours, 2),
        one.is_over,
    )
    return dict(zip(HEADERS, values, strict=True))


def _csv(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value


def _figures(one: StageTime) -> dict[str, Any]:
    return {
        "stage": one.clock.stage,
        "limit_hours": one.clock.hours,
        "business": one.clock.business is not None,
        "now": one.now,
        "over": one.over,
        "kept": one.kept,
        "missed": one.missed,
        "kept_rate": one.kept_rate,
        "median_hours": one.median_hours,
        "p90_hours": one.p90_hours,
    }


def _tell_leads(desk: Desk, found: ClockReport, limit: int) -> None:
    out = desk.out
    if not found.leads:
        out.say("clocks.nobody", percent=found.near_percent)
        return
    out.table(
        (
            "column.lead",
            "column.name",
            "column.company",
            "column.stage",
            "column.owner",
            "column.since",
            "column.due",
            "column.late",
        ),
        [
            [
                one.lead.lead_id,
                one.lead.name or "–",
                cut(one.lead.company or "–", 20),
                stage_name(desk, one.lead.stage),
                one.lead.owner or "–",
                out.when(one.lead.since)[:16],
                out.when(one.due)[:16],
                out.words(
                    "clocks.late" if one.is_over else "clocks.left",
                    hours=f"{abs(one.late_hours):.1f}",
                ),
            ]
            for one in found.leads[:limit]
        ],
        wrap="column.company",
        right=("column.late",),
    )
    if len(found.leads) > limit:
        out.say("clocks.more", shown=limit, count=len(found.leads))
        out.next("renkei clocks --csv clocks.csv")


def _tell_stages(desk: Desk, found: ClockReport) -> None:
    out = desk.out
    out.line()
    out.table(
        (
            "column.stage",
            "column.time_limit",
            "column.in_it",
            "column.over",
            "column.kept",
            "column.median_hours",
            "column.p90_hours",
        ),
        [
            [
                stage_name(desk, one.clock.stage),
                out.words(
                    "clocks.business" if one.clock.business is not None else "clocks.wall",
                    hours=f"{one.clock.hours:g}",
                ),
                f"{one.now:,}",
                f"{one.over:,}",
                charts.share(one.kept, one.kept + one.missed),
                _hours(one.median_hours),
                _hours(one.p90_hours),
            ]
            for one in found.stages
        ],
        right=(
            "column.in_it",
            "column.over",
            "column.kept",
            "column.median_hours",
            "column.p90_hours",
        ),
    )


def _hours(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
