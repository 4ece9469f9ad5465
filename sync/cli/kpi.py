"""The verb about figures: e-mail, phone, meetings, webinars."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli import charts
from sync.cli.context import Desk
from sync.cli.failures import OK
from sync.cli.frame import verb
from sync.cli.funnel import Csv, Since, Until
from sync.cli.tables import cut

if TYPE_CHECKING:
    from sync.engine.attribution import Dimension
    from sync.engine.kpi import Figures, KpiReport

CHAPTERS: dict[str, tuple[str, ...]] = {
    "email": ("sent", "delivered", "bounced", "opened", "clicked", "converted"),
    "phone": ("calls", "connected", "appointments", "deals", "talk_seconds"),
    "meeting": ("meetings", "held", "meeting_seconds"),
    "webinar": ("webinars", "webinar_seconds"),
    "form": ("forms",),
}
"""The figures by what they are about, in the order people read them."""


def add(app: typer.Typer) -> None:
    """Add this verb."""
    verb(app, "kpi")(kpi)


def kpi(
    desk: Desk,
    since: Since = None,
    until: Until = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="WHAT",
            help="Tell apart by month, owner, team, campaign, source, channel, origin, connection "
            "or any lead field.",
        ),
    ] = None,
    within: Annotated[
        int,
        typer.Option(
            "--within", min=1, help="Days in which a meeting, deal or form counts as a result."
        ),
    ] = 30,
    target: Csv = None,
) -> int:
    """Show the figures of e-mail, phone, meetings, webinars and forms.

    With their rates, and what each is a share of. What two systems tell of one call or meeting
    counts once.
    """
    from sync.engine.kpi import kpi as report_of

    span = charts.period(desk, since, until)
    found = report_of(desk.hub, span, _dimension(by), days=within)
    about = {
        "since": since,
        "until": until,
        "zone": desk.config.hub.timezone,
        "within_days": within,
        "by": by,
    }
    desk.out.item("kpi", **about, **figures(found.total))
    for row in found.rows:
        desk.out.item("kpi_group", by=by, name=row.name, **figures(row.figures))
    if target is not None:
        _write(desk, found, target)
        return OK
    desk.out.say("kpi.title", period=charts.said_period(desk, since, until))
    desk.out.line()
    if by is None:
        _tell_total(desk, found.total)
    else:
        _tell_groups(desk, found)
    desk.out.say("kpi.within", days=within)
    return OK


def _dimension(by: str | None) -> Dimension | None:
    from sync.engine.attribution import dimension
    from sync.engine.kpi import CONNECTION

    if by is None:
        return None
    return CONNECTION if by == CONNECTION.name else dimension(by)


def figures(one: Figures) -> dict[str, Any]:
    """Figures and their rates as JSON shows them."""
    rates = {
        name: {"part": rate.part, "whole": rate.whole, "share": rate.share}
        for name, rate in one.rates().items()
    }
    return {"figures": asdict(one), "rates": rates}


def _write(desk: Desk, found: KpiReport, target: str) -> None:
    names = [name for chapter in CHAPTERS.values() for name in chapter]
    rates = list(found.total.rates())
    groups = [(row.name or "", row.figures) for row in found.rows] or [("", found.total)]
    rows = [
        [
            name,
            *(getattr(one, figure) for figure in names),
            *(one.rates()[rate].share for rate in rates),
        ]
        for name, one in groups
    ]
    headers = (found.by or "all", *names, *(f"{rate}_rate" for rate in rates))
    charts.write_csv(desk, target, headers, rows)


def _tell_total(desk: Desk, total: Figures) -> None:
    out = desk.out
    rates = total.rates()
    for chapter, names in CHAPTERS.items():
        out.line(out.words(f"kpi_chapter.{chapter}"))
        rows = []
        for name in names:
            rate = rates.get(name)
            said = charts.share(rate.part, rate.whole) if rate else ""
            chart = charts.bar(rate.share or 0.0, 1.0, 24) if rate else ""
            value = getattr(total, name)
            number = _duration(desk, value) if name.endswith("seconds") else f"{value:,}"
            rows.append([out.words(f"kpi_figure.{name}"), number, said, chart])
        out.table(
            ("column.figure", "column.counted", "column.of", "column.share"),
            rows,
            right=("column.counted", "column.of"),
        )
        out.line()


def _duration(desk: Desk, seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return desk.out.words("kpi.duration", hours=f"{hours:,}", minutes=f"{minutes:02}")


def _tell_groups(desk: Desk, found: KpiReport) -> None:
    out = desk.out
    if not found.rows:
        out.say("report.none")
    for chapter, names in CHAPTERS.items():
        if not any(getattr(found.total, name) for name in names):
            continue
        out.line(out.words(f"kpi_chapter.{chapter}"))
        headers = [found.by or "", *(out.words(f"kpi_figure.{name}") for name in names)]
        rows = [
            [
                cut(row.name or "–", 24),
                *(_cell(desk, row.figures, name) for name in names),
            ]
            for row in found.rows
        ]
        out.grid(headers, rows, right=range(1, len(headers)))
        out.line()


def _cell(desk: Desk, one: Figures, name: str) -> str:
    value, rate = getattr(one, name), one.rates().get(name)
    if name.endswith("seconds"):
        return _duration(desk, value)
    return f"{value:,}" if rate is None else f"{value:,} ({charts.percent(rate.share)})"
