"""The verb about quotas, and what other verbs say of runs and connections that wait for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.context import Desk
from sync.cli.failures import OK
from sync.cli.frame import verb
from sync.cli.out import Out

if TYPE_CHECKING:
    from sync.engine.budgets import AccountView, Forecast, Wait

__all__ = ["add", "tell_waits", "wait_fields"]

_LANES = ("hand_off", "opt_out", "routine", "backfill")
_LANE_COLUMNS = ("column.hand_off", "column.opt_out", "column.routine", "column.backfill")


def add(app: typer.Typer) -> None:
    """Add this verb."""
    verb(app, "quota")(quota)


def quota(
    desk: Desk,
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Connections; default: all.", metavar="[NAME]...", show_default=False),
    ] = None,
) -> int:
    """Show what is left of each account's calls.

    The limit, today's calls by kind of work, who waits until when, and what
    the changes that are owed would take.
    """
    from sync.engine.budgets import accounts

    wanted = desk.known(names or [])
    found = [
        one
        for one in accounts(desk.hub)
        if not wanted or any(name in wanted for name in one.connections)
    ]
    for one in found:
        desk.out.item("quota", **_fields(one))
    _tell(desk.out, found)
    return OK


def _tell(out: Out, found: Sequence[AccountView]) -> None:
    right = ("column.limit", "column.left", *_LANE_COLUMNS)
    rows = [
        [
            one.account,
            "–" if one.limit is None else f"{one.limit:,}",
            "–" if one.left is None else f"{one.left:,}",
            *(f"{_fields(one)['used'].get(lane, 0):,}" for lane in _LANES),
            out.when(one.resets_at) or "–",
        ]
        for one in found
    ]
    out.table(("column.account", *right, "column.resets"), rows, right=right)
    if not found:
        out.say("quota.none")
    for one in found:
        tell_waits(out, one.account, one.waits)
        for owed in one.forecast:
            says = {"changes": sum(owed.changes.values()), "calls": sum(owed.calls.values())}
            out.say(
                "quota.owed",
                name=owed.connection,
                **{name: f"{count:,}" for name, count in says.items()},
            )
            if not owed.fits:
                out.say("quota.short", name=owed.connection, until=out.when(one.resets_at) or "–")


def tell_waits(out: Out, name: str, waits: Sequence[Wait]) -> None:
    """Say who waits until when: the account as a whole, or some of its lanes."""
    if not waits:
        return
    code, until = waits[-1].code, waits[-1].until
    comma = "・" if out.language == "ja" else ", "
    lanes = comma.join(out.words(f"lane.{one.lane.value}") for one in waits)
    out.say(f"quota.{code}", name=name, lanes=lanes, until=out.when(until))


def wait_fields(waits: Sequence[Wait]) -> list[dict[str, str]]:
    """Waits as JSON shows them."""
    return [{"lane": one.lane.value, "code": one.code, "until": one.until} for one in waits]


def _fields(one: AccountView) -> dict[str, Any]:
    return {
        "account": one.account,
        "connections": list(one.connections),
        "limit": one.limit,
        "left": one.left,
        "used": {lane.value: count for lane, count in one.used.items()},
        "resets_at": one.resets_at,
        "paused_until": one.paused_until,
        "waits": wait_fields(one.waits),
        "forecast": [_forecast_fields(owed) for owed in one.forecast],
    }


def _forecast_fields(owed: Forecast) -> dict[str, Any]:
    return {
        "connection": owed.connection,
        "changes": {lane.value: count for lane, count in owed.changes.items()},
        "calls": {lane.value: count for lane, count in owed.calls.items()},
        "left": {lane.value: count for lane, count in owed.left.items()},
        "fits": owed.fits,
    }
