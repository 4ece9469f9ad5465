"""The verb that says how far the systems agree on who opted out: consent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sync.cli.context import Desk
from sync.cli.failures import ERROR, OK, PARTIAL, refused
from sync.cli.frame import verb
from sync.cli.tables import cut

if TYPE_CHECKING:
    from sync.engine.agreement import Agreement, Evidence

SHOWN = 20
"""As many people are shown to people; --json gives more."""


def add(app: typer.Typer) -> None:
    """Add this verb."""
    verb(app, "consent")(consent)


def consent(
    desk: Desk,
    pair: Annotated[
        tuple[str, str] | None,
        typer.Option("--pair", help="Only these two connections.", show_default=False),
    ] = None,
    lead: Annotated[
        str | None,
        typer.Option("--lead", help="Only this lead: what each of its consents rests on."),
    ] = None,
) -> int:
    """Say how far the systems agree on who opted out.

    For each pair, channel and purpose: how many agree, who does not, and why.
    Ends with 3 where anybody does not.
    """
    from sync.cli.progress import stopping
    from sync.engine.agreement import agreement

    if lead is not None:
        return _tell_evidence(desk, lead)
    two = desk.known(pair or ())
    with stopping(desk.out) as event:
        stop = desk.world.stop or event.is_set
        found = agreement(desk.hub, (two[0], two[-1]) if two else None, stop=stop)
    if stop():
        raise refused("STOPPED", exit_code=ERROR)
    return _tell_agreement(desk, found)


def _tell_agreement(desk: Desk, found: Agreement) -> int:
    from mapping.model import label

    out = desk.out
    for one in found.pairs.values():
        out.item(
            "agreement",
            connections=[one.one, one.other],
            field=one.about,
            people=one.people,
            agree=one.people - one.differing,
            opted_out=one.denied,
            differing=one.differing,
            why=dict(one.reasons),
        )
    for who in found.listed:
        out.item(
            "disagreement",
            lead=who.lead_id,
            field=who.field,
            holds=dict(who.states),
            connection=who.at,
            why=who.reason,
        )
    if not found.pairs:
        out.say("consent.none")
        return OK
    out.table(
        (
            "column.between",
            "column.consent",
            "column.people",
            "column.both_out",
            "column.agree",
            "column.differing",
        ),
        [
            [
                f"{one.one} ↔ {one.other}",
                label(one.about, out.language),
                f"{one.people:,}",
                f"{one.denied:,}",
                f"{one.people - one.differing:,}",
                f"{one.differing:,}",
            ]
            for one in found.pairs.values()
        ],
        right=("column.people", "column.both_out", "column.agree", "column.differing"),
    )
    differing = sum(one.differing for one in found.pairs.values())
    if not differing:
        out.say("consent.agree")
        return OK
    out.line()
    out.table(
        ("column.lead", "column.consent", "column.connection", "column.reason"),
        [
            [
                who.lead_id,
                label(who.field, out.language),
                who.at,
                out.words(f"consent_why.{who.reason}"),
            ]
            for who in found.listed[:SHOWN]
        ],
        wrap="column.reason",
    )
    if differing > SHOWN:
        out.say("consent.more", count=f"{differing - SHOWN:,}")
    return PARTIAL


def _tell_evidence(desk: Desk, text: str) -> int:
    from mapping.model import label
    from sync.cli.people import one_lead
    from sync.engine.agreement import evidence

    out = desk.out
    row = one_lead(desk, text)
    found = evidence(desk.hub, row.id)
    if not found:
        raise refused("NO_CONSENT", text=text, exit_code=ERROR)
    for one in found:
        out.item(
            "evidence",
            lead=row.id,
            field=one.field,
            state=one.state,
            connection=one.connection,
            record=one.record,
            at=one.at,
            rule=one.rule,
            consent_at=one.consent_at,
            text=one.text,
            url=one.url,
            by=one.by,
            reason=one.reason,
            where=one.where,
        )
    out.table(
        ("column.consent", "column.state", "column.said_by", "column.said_at", "column.rests_on"),
        [
            [
                label(one.field, out.language),
                one.state,
                _speaker(desk, one),
                out.when(one.at),
                _grounds(desk, one),
            ]
            for one in found
        ],
        wrap="column.rests_on",
    )
    return OK


def _speaker(desk: Desk, one: Evidence) -> str:
    if one.by is None:
        return one.record
    return desk.out.words("consent.by_hand", user=one.by, where=one.where or "–")


def _grounds(desk: Desk, one: Evidence) -> str:
    said = [one.reason, one.text, one.url, desk.out.when(one.consent_at)]
    return cut("; ".join(part for part in said if part), 60) or "–"
