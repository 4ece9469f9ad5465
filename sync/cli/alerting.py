"""The verb about incidents and who is told of them: alerts."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.context import Desk
from sync.cli.failures import ERROR, OK, PARTIAL, refused
from sync.cli.frame import verb

if TYPE_CHECKING:
    from sync.engine.incidents.views import Delivery, Listed
    from sync.store.alerts import AlertRow

__all__ = ["add"]


class What(StrEnum):
    """What is to be done."""

    LIST = "list"
    TEST = "test"
    RETRY = "retry"


def add(app: typer.Typer) -> None:
    """Add this verb."""
    verb(app, "alerts")(alerts)


def alerts(
    desk: Desk,
    what: Annotated[
        What,
        typer.Argument(
            help="list: the incidents; test: send a test; retry: send again what was not sent.",
            show_default=False,
            metavar="[list|test|retry]",
        ),
    ] = What.LIST,
    destination: Annotated[
        str | None,
        typer.Argument(
            help="Of a test: the destination in alerts.yaml; default: all.",
            metavar="[DESTINATION]",
            show_default=False,
        ),
    ] = None,
) -> int:
    """List incidents, open and of the last week, and who was told of each.

    waits: it could not be sent yet. unsure: it may have been sent, and is sent again.
    """
    if what is What.TEST:
        return _test(desk, destination)
    if destination is not None:
        raise refused("ONLY_A_TEST", next="renkei alerts test NAME")
    return _retry(desk) if what is What.RETRY else _list(desk)


def _list(desk: Desk) -> int:
    from sync.engine.incidents import views

    out, found, unsent = desk.out, views.listed(desk.hub), views.waiting(desk.hub)
    for one in found:
        out.item("incident", **_fields(one))
    for alert in unsent:
        out.item("alert_waiting", **_alert_fields(alert))
    if not found:
        out.say("alerts.none")
    _tell(desk, found)
    for alert in unsent:
        if alert.error:
            out.say(
                "alerts.waiting",
                name=alert.destination,
                code=alert.error,
                at=out.when(alert.due_at),
            )
    if not desk.config.alerts.to:
        out.say("alerts.nobody")
    return OK


def _tell(desk: Desk, found: Sequence[Listed]) -> None:
    from sync.engine.incidents.composing import title_of

    out = desk.out
    rows = [
        [
            title_of(one.row.kind, out.language),
            one.row.subject,
            out.words(f"incident.{one.row.state}"),
            out.when(one.row.since),
            out.when(one.row.well_since if one.row.closed_at else None) or "–",
            "  ".join(_told(desk, each) for each in _newest(one.deliveries)) or "–",
        ]
        for one in found
    ]
    out.table(
        (
            "column.incident",
            "column.concerns",
            "column.standing",
            "column.arose",
            "column.ended",
            "column.told",
        ),
        rows,
        wrap="column.told",
    )


def _newest(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """How telling each destination stands: the last of what it is told."""
    return list({one.destination: one for one in deliveries}.values())


def _told(desk: Desk, one: Delivery) -> str:
    words = f"{one.destination}: {desk.out.words(f'told.{one.standing}')}"
    return f"{words} ({one.error})" if one.error else words


def _fields(one: Listed) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.id,
        "incident": row.kind,
        "subject": row.subject,
        "connection": row.connection,
        "state": row.state,
        "since": row.since,
        "opened_at": row.opened_at,
        "last_seen_at": row.last_seen_at,
        "closed_at": row.closed_at,
        "facts": row.facts,
        "told": [
            {
                "destination": each.destination,
                "about": each.about,
                "standing": each.standing,
                "sent_at": each.at,
                "error": each.error,
                "next_at": each.next_at,
            }
            for each in one.deliveries
        ],
    }


def _alert_fields(row: AlertRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "destination": row.destination,
        "about": row.about,
        "state": row.state,
        "attempts": row.attempts,
        "error": row.error,
        "sent_at": row.sent_at,
        "next_at": row.due_at if row.sent_at is None else None,
    }


def _test(desk: Desk, destination: str | None) -> int:
    from sync.engine.incidents import sending

    known = [one.name for one in desk.config.alerts.to]
    if not known:
        raise refused("NO_DESTINATIONS", hint=desk.out.words("alerts.nobody"))
    if destination is not None and destination not in known:
        raise refused("UNKNOWN_DESTINATION", name=destination, known=", ".join(known))
    done = sending.send_test(desk.working(), known if destination is None else [destination])
    for row in done:
        desk.out.item("alert_test", **_alert_fields(row))
        if row.state == "sent":
            desk.out.say("alerts.tested", name=row.destination)
        else:
            desk.out.say("alerts.test_failed", name=row.destination, code=row.error or "–")
    sent = sum(row.state == "sent" for row in done)
    if sent == len(done):
        return OK
    return PARTIAL if sent else ERROR


def _retry(desk: Desk) -> int:
    from sync.engine.incidents import views
    from sync.workers import alerting

    hub = desk.working()
    count = views.retry(hub)
    done = alerting.send(hub)
    out = desk.out
    out.item("alerts_retried", put_back=count, sent=done["sent"], put_off=done["put_off"])
    if not count:
        out.say("alerts.nothing")
        return OK
    out.say("alerts.retried", sent=done["sent"], put_off=done["put_off"])
    return PARTIAL if done["put_off"] else OK
