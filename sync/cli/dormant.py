"""The verb about who has gone silent: the list for winning leads back, and moving those on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from sync.cli import charts
from sync.cli.context import Desk
from sync.cli.failures import OK
from sync.cli.frame import verb
from sync.cli.funnel import Csv
from sync.cli.people import stage_name
from sync.cli.tables import cut

if TYPE_CHECKING:
    from sync.engine.dormant import Dormant
    from sync.store.trails import Silent

HEADERS = (
    "lead",
    "name",
    "company",
    "email",
    "phone",
    "owner",
    "stage",
    "stage_at",
    "last_activity",
    "last_activity_at",
    "opted_out",
)
"""Columns of the CSV."""


def add(app: typer.Typer) -> None:
    """Add this verb."""
    verb(app, "dormant")(dormant)


def dormant(
    desk: Desk,
    days: Annotated[
        int, typer.Option("--days", min=1, help="Days without activity or a change of stage.")
    ] = 90,
    opted_out: Annotated[
        bool, typer.Option("--opted-out", help="Also those who opted out of marketing, marked ✗.")
    ] = False,
    limit: Annotated[
        int, typer.Option("--limit", min=1, help="How many are shown; a CSV has all.")
    ] = 20,
    target: Csv = None,
    due: Annotated[
        bool, typer.Option("--due", help="Only those who become dormant by stages.yaml.")
    ] = False,
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--reopen",
            metavar="FIELD=VALUE|all",
            help="Dormant leads with this value, to be woken. May repeat.",
        ),
    ] = None,
    ids: Annotated[
        str | None,
        typer.Option("--ids", metavar="ID,…", help="Dormant leads of these ids, to be woken."),
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why they are woken; kept.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Whose decision; default: who is logged in here.")
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Move them; without it they are only listed.")
    ] = False,
) -> int:
    """List who has gone silent, to be won back.

    Leads at the stage dormant, and those without activity for so many days, customers included; the
    longest silent first. Disqualified leads are left out, and those who opted out. --due and
    --reopen list those who would be moved, to dormant or back to recycled, and end with 4 where
    there are any; --apply moves them.
    """
    from sync.cli import resting
    from sync.engine.dormant import dormant as silent

    if filters or ids:
        chosen = resting.chosen(desk, filters or [], ids, with_denied=opted_out)
        _list(desk, chosen, limit, target)
        return resting.wake(desk, chosen, reason=reason or "", by=by, apply=apply)
    if due or apply:
        chosen = resting.due(desk)
        _list(desk, chosen, limit, target)
        return resting.rest(desk, chosen, apply=apply)
    wanted = None if target is not None else limit
    found = silent(desk.hub, days=days, with_denied=opted_out, limit=wanted)
    for one in found.leads:
        desk.out.item("dormant", **_fields(one))
    if target is not None:
        rows = [[_csv(value) for value in _fields(one).values()] for one in found.leads]
        charts.write_csv(desk, target, HEADERS, rows)
        return OK
    _tell(desk, found)
    return OK


def _list(desk: Desk, leads: Sequence[Silent], limit: int, target: str | None) -> None:
    for one in leads:
        desk.out.item("dormant", **_fields(one))
    if target is not None:
        rows = [[_csv(value) for value in _fields(one).values()] for one in leads]
        charts.write_csv(desk, target, HEADERS, rows)
    elif leads:
        _table(desk, leads[:limit])


def _fields(one: Silent) -> dict[str, str | list[str] | None]:
    values = (
        one.lead_id,
        one.name,
        one.company,
        one.email,
        one.phone,
        one.owner,
        one.stage,
        one.stage_at,
        one.last,
        one.last_at,
        [name.split(".")[1] for name in one.denied],
    )
    return dict(zip(HEADERS, values, strict=True))


def _csv(value: str | list[str] | None) -> str:
    return ";".join(value) if isinstance(value, list) else value or ""


def _tell(desk: Desk, found: Dormant) -> None:
    out = desk.out
    if not found.leads:
        out.say("dormant.none", days=found.days)
        return
    _table(desk, found.leads)
    if found.more:
        out.say("dormant.more", count=len(found.leads))
        out.next("renkei dormant --csv dormant.csv")


def _table(desk: Desk, leads: Sequence[Silent]) -> None:
    out = desk.out
    out.table(
        (
            "column.lead",
            "column.name",
            "column.company",
            "column.stage",
            "column.last_activity",
            "column.said_at",
            "column.owner",
            "column.opted_out",
        ),
        [
            [
                one.lead_id,
                one.name or "–",
                cut(one.company or "–", 20),
                stage_name(desk, one.stage),
                out.words(f"activity.{one.last}") if one.last else "–",
                out.when(one.last_at or one.stage_at)[:10],
                one.owner or "–",
                "✗" if one.denied else "",
            ]
            for one in leads
        ],
        wrap="column.company",
    )
