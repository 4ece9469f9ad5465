"""The verb about the funnel: counts, conversion, days, ways back, cohorts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli import charts
from sync.cli.context import Desk
from sync.cli.failures import OK, refused
from sync.cli.frame import verb
from sync.cli.people import reason_name, stage_name
from sync.cli.tables import cut

if TYPE_CHECKING:
    from mapping.steps import Step
    from sync.engine.funnel import BackMove, Cohorts, Funnel

Since = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="WHEN", help="From this month, date or time on, in the hub's time zone."
    ),
]
Until = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="WHEN", help="Until before this time; a month or date is included."
    ),
]
Csv = Annotated[
    str | None,
    typer.Option("--csv", metavar="FILE", help="Write the table as CSV; - is standard output."),
]


def add(app: typer.Typer) -> None:
    """Add this verb."""
    verb(app, "funnel")(funnel)


def funnel(
    desk: Desk,
    since: Since = None,
    until: Until = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="WHAT",
            help="Cohorts by source, channel, campaign, month, owner, origin, team or any lead "
            "field.",
        ),
    ] = None,
    projection: Annotated[
        str, typer.Option("--projection", help="stages, or purchase: the four steps of a buyer.")
    ] = "stages",
    step: Annotated[
        list[str] | None,
        typer.Option(
            "--step", metavar="NAME=STAGE,…", help="A step of a funnel of your own. May repeat."
        ),
    ] = None,
    target: Csv = None,
) -> int:
    """Show the funnel: who stands where, who went on, and how fast.

    For each stage the leads there now, those who entered it in the period, the share that went on
    and the median days it took; then who went back and why. With --by those who began in the
    period, and how far they have come.
    """
    from mapping.steps import PROJECTIONS
    from sync.engine import funnel as engine
    from sync.engine.attribution import dimension

    if projection not in PROJECTIONS:
        raise refused("UNKNOWN_PROJECTION", name=projection, known=", ".join(PROJECTIONS))
    span = charts.period(desk, since, until)
    steps = engine.steps_of(desk.hub, projection, step or ())
    about = {"since": since, "until": until, "zone": desk.config.hub.timezone}
    title = charts.said_period(desk, since, until)
    if by is not None:
        _tell_cohorts(
            desk, engine.cohorts(desk.hub, steps, dimension(by), span), title, about, target
        )
    else:
        _tell_funnel(desk, engine.funnel(desk.hub, steps, span), title, about, target)
    return OK


def _name(desk: Desk, step: Step) -> str:
    return step.ja if desk.out.language == "ja" else step.en


def _tell_funnel(
    desk: Desk, found: Funnel, title: str, about: dict[str, Any], target: str | None
) -> None:
    out = desk.out
    out.item("funnel", **about, aside=found.aside)
    rows: list[list[Any]] = []
    for one in found.steps:
        out.item(
            "step",
            step=one.step.code,
            name=_name(desk, one.step),
            stages=list(one.step.stages),
            now=one.now,
            entered=one.entered,
            went_on=one.went_on,
            conversion=one.conversion,
            median_days=one.median_days,
        )
        rows.append([one.step.code, one.now, one.entered, one.went_on, one.conversion])
        rows[-1].append(one.median_days)
    for move in found.back:
        out.item(
            "back",
            before=move.before,
            stage=move.stage,
            reason=move.reason,
            count=move.count,
        )
    if target is not None:
        headers = ("step", "now", "entered", "went_on", "conversion", "median_days")
        charts.write_csv(desk, target, headers, rows)
        return
    out.say("funnel.title", period=title)
    out.line()
    for line in charts.bars(
        [(_name(desk, one.step), one.entered, f"{one.entered:,}") for one in found.steps]
    ):
        out.line(line)
    out.line()
    last = found.steps[-1]
    out.table(
        ("column.step", "column.in_it", "column.entries", "column.went_on", "column.median_days"),
        [
            [
                _name(desk, one.step),
                f"{one.now:,}",
                f"{one.entered:,}",
                "" if one is last else charts.share(one.went_on, one.entered),
                "–" if one.median_days is None else f"{one.median_days:.1f}",
            ]
            for one in found.steps
        ],
        right=("column.in_it", "column.entries", "column.went_on", "column.median_days"),
    )
    _tell_back(desk, found)


def _tell_back(desk: Desk, found: Funnel) -> None:
    out = desk.out
    if found.aside:
        out.line()
        beside = [f"{stage_name(desk, code)} {count:,}" for code, count in found.aside.items()]
        out.say("funnel.aside", stages=out.words("report.comma").join(beside))
    if not found.back:
        return
    out.line()
    out.table(
        ("column.before", "column.arrow", "column.back_to", "column.reason", "column.times"),
        [
            [
                "–" if move.before is None else stage_name(desk, move.before),
                "→",
                stage_name(desk, move.stage),
                _reason(desk, move),
                f"{move.count:,}",
            ]
            for move in found.back
        ],
        right=("column.times",),
        wrap="column.reason",
    )


def _reason(desk: Desk, move: BackMove) -> str:
    return reason_name(desk, move.stage, move.reason) or "–"


def _tell_cohorts(
    desk: Desk, found: Cohorts, title: str, about: dict[str, Any], target: str | None
) -> None:
    out = desk.out
    out.item("cohorts", **about, by=found.by, steps=[step.code for step in found.steps])
    codes = [step.code for step in found.steps]
    for one in found.cohorts:
        reached = dict(zip(codes, one.reached, strict=True))
        out.item(
            "cohort",
            by=found.by,
            name=one.name,
            began=one.began,
            reached=reached,
            conversion=one.conversion,
        )
    if target is not None:
        rows = [[one.name or "", one.began, *one.reached, one.conversion] for one in found.cohorts]
        charts.write_csv(desk, target, (found.by, "began", *codes, "conversion"), rows)
        return
    out.say("funnel.cohorts", by=found.by, period=title)
    out.line()
    for line in charts.bars(
        [
            (one.name or "–", one.began, f"{one.began:,} → {one.reached[-1]:,}")
            for one in found.cohorts
        ]
    ):
        out.line(line)
    out.line()
    _cohort_table(desk, found)


def _cohort_table(desk: Desk, found: Cohorts) -> None:
    """One column a step; the steps' names are data and not in the catalogue."""
    out = desk.out
    if not found.cohorts:
        out.say("report.none")
        return
    headers = [
        out.words("column.cohort"),
        out.words("column.began"),
        *(_name(desk, step) for step in found.steps),
        out.words("column.conversion"),
    ]
    rows = [
        [
            cut(one.name or "–", 24),
            f"{one.began:,}",
            *(f"{count:,}" for count in one.reached),
            charts.percent(one.conversion),
        ]
        for one in found.cohorts
    ]
    out.grid(headers, rows, right=range(1, len(headers)))
