"""The verb about one lead: lead (look at it, correct it by hand)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mapping.told import TOLD
from sync.cli.context import Desk
from sync.cli.failures import CHANGES, ERROR, OK, refused
from sync.cli.frame import verb
from sync.cli.tables import cut, shown

if TYPE_CHECKING:
    from sync.engine.edits import Edited
    from sync.store.journeys import StageRow
    from sync.store.leads import LeadRow


def add(app: typer.Typer) -> None:
    """Add this verb."""
    verb(app, "lead")(lead)


def lead(
    desk: Desk,
    text: Annotated[
        str, typer.Argument(help="An id, an e-mail, a record's id, or part of a name or company.")
    ],
    stage: Annotated[
        str | None, typer.Option("--stage", help="Put the lead at this stage by hand.")
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option("--reason", help="Why; due with --stage and to grant a consent, and kept."),
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="FIELD=VALUE", help="Set a field by hand; it wins. May repeat."
        ),
    ] = None,
    unset: Annotated[
        list[str] | None,
        typer.Option("--unset", metavar="FIELD", help="Take a hand edit back. May repeat."),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Whose decision; default: who is logged in here.")
    ] = None,
    timeline: Annotated[
        bool, typer.Option("--timeline", help="Tell the lead's story over all systems.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; change nothing.")
    ] = False,
) -> int:
    """Show a lead, or correct it by hand.

    Values, records, stages and deals. A value set by hand wins over every
    system and is written to all of them.
    """
    if stage is None and not sets and not unset:
        return _tell_story(desk, text) if timeline else _show(desk, text)
    if stage is not None and not (reason or "").strip():
        raise refused("REASON_NEEDED", next=f'renkei lead {text} --stage {stage} --reason "…"')
    row = one_lead(desk, text)
    return _edit(desk, row, stage, reason or "", sets or [], unset or [], by, dry_run=dry_run)


def _tell_story(desk: Desk, text: str) -> int:
    from sync.cli.timeline import tell
    from sync.engine.views import lead_view

    tell(desk, lead_view(desk.hub, one_lead(desk, text)))
    return OK


def one_lead(desk: Desk, text: str) -> LeadRow:
    """The one lead a text names; Refused where there is none, or several."""
    from sync.engine.views import find_leads

    found = find_leads(desk.hub, text)
    if not found:
        raise refused("NO_LEAD", text=text, exit_code=ERROR)
    if len(found) > 1:
        _hits(desk, found)
        raise refused("SEVERAL_LEADS", text=text, count=len(found))
    return found[0]


def _hits(desk: Desk, found: Sequence[LeadRow]) -> None:
    out = desk.out
    for row in found:
        out.item(
            "lead_hit",
            id=row.id,
            name=row.name,
            company=row.company,
            email=row.email,
            stage=row.stage,
        )
    out.table(
        ("column.lead", "column.name", "column.company", "column.email", "column.stage"),
        [
            [row.id, row.name, cut(row.company or "", 30), row.email, stage_name(desk, row.stage)]
            for row in found
        ],
        wrap="column.company",
    )


def stage_name(desk: Desk, code: str) -> str:
    """A stage as people call it."""
    return desk.stage_rules.name(code, desk.out.language)


def reason_name(desk: Desk, stage: str, code: str | None) -> str | None:
    """The reason of a stay as people call it; None where there is none."""
    return desk.stage_rules.reason_name(stage, code, desk.out.language)


def by_rule(desk: Desk, rule: str) -> str:
    """What is said of a stay that a rule of the hub made, or that a system told afterwards."""
    if rule == TOLD:
        return desk.out.words("stages.told")
    return desk.out.words("stages.by_rule", rule=rule_name(desk, rule))


def rule_name(desk: Desk, rule_id: str) -> str:
    """A qualification rule as people call it; its id where it is not configured any more."""
    rule = desk.hub.qualification.by_id(rule_id)
    if rule is None:
        return rule_id
    return rule.ja if desk.out.language == "ja" else rule.en


def _edit(
    desk: Desk,
    row: LeadRow,
    stage: str | None,
    reason: str,
    sets: Sequence[str],
    unset: Sequence[str],
    by: str | None,
    *,
    dry_run: bool,
) -> int:
    from sync.engine import edits

    values: dict[str, Any] = {}
    for one in sets:
        name, equals, value = one.partition("=")
        if not equals:
            raise refused("SET_HOW", text=one)
        values[name.strip()] = edits.read_edit(name.strip(), value, desk.config.hub.timezone)
    user = by or user_of(desk)
    changed = False
    if values or unset:
        done = edits.edit_lead(
            desk.hub,
            row.id,
            values,
            user=user,
            unset=unset,
            reason=reason,
            where="renkei lead",
            dry_run=dry_run,
        )
        changed = _tell_edit(desk, done, user, dry_run=dry_run) or changed
    if stage is not None:
        done = edits.set_stage(desk.hub, row.id, stage, reason=reason, user=user, dry_run=dry_run)
        changed = _tell_edit(desk, done, user, dry_run=dry_run) or changed
    return CHANGES if dry_run and changed else OK


def _tell_edit(desk: Desk, done: Edited, user: str, *, dry_run: bool) -> bool:
    from mapping.model import label

    out = desk.out
    out.item(
        "edited",
        lead=done.lead_id,
        changes={name: list(pair) for name, pair in done.changes.items()},
        stage=list(done.stage) if done.stage else None,
        owed=list(done.owed),
        by=user,
        dry_run=dry_run,
    )
    for name, (old, new) in done.changes.items():
        out.line(f"{label(name, out.language)}: {shown(old)} → {shown(new)}")
    if done.stage:
        old, new = (stage_name(desk, code) for code in done.stage)
        out.line(f"{out.words('column.stage')}: {old} → {new}")
    if not done.changes and not done.stage:
        out.say("edit.nothing")
        return False
    if done.owed:
        out.say("edit.owed", names=", ".join(done.owed))
        out.next("renkei run")
    return True


def user_of(desk: Desk) -> str:
    """Who is at the terminal; Refused where nobody says."""
    import getpass

    for name in ("RENKEI_USER", "USER", "USERNAME"):
        if desk.world.env.get(name):
            return desk.world.env[name]
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise refused("WHO", next='renkei lead … --by "NAME"') from None


def _show(desk: Desk, text: str) -> int:
    from mapping.model import label
    from sync.engine.views import find_leads, lead_view

    found = find_leads(desk.hub, text)
    if not found:
        raise refused("NO_LEAD", text=text, exit_code=ERROR)
    if len(found) > 1:
        _hits(desk, found)
        return OK
    view = lead_view(desk.hub, found[0])
    row, out = view.lead, desk.out
    out.item(
        "lead",
        id=row.id,
        name=row.name,
        company=row.company,
        email=row.email,
        stage=row.stage,
        stage_at=row.stage_at,
        cycle=row.cycle,
        fields=row.fields,
        edits=row.edits,
        records=[
            {
                "connection": link.connection,
                "stream": link.stream,
                "external_id": link.external_id,
                "state": link.state,
                "first_seen_at": link.first_seen_at,
            }
            for link in view.links
        ],
        stages=[stage_fields(one) for one in view.stages],
        deals=[
            {"record": deal.link_id, "name": deal.name, "stage": deal.stage, **deal.fields}
            for deal in view.deals
        ],
        activities=[
            {"record": one.link_id, "activity": one.activity, "at": one.at, "subject": one.subject}
            for one in view.activities
        ],
        history=[
            {"at": one.at, "event": one.event, "record": one.link_id, "changes": one.changes}
            for one in view.history
        ],
        set_aside=len(view.set_aside),
    )
    out.line(f"{row.name or '–'}  {row.company or ''}  {row.id}")
    out.line(
        f"{stage_name(desk, row.stage)}  {out.when(row.stage_at)}  "
        f"{out.words('lead.cycle', cycle=row.cycle)}"
    )
    if view.stages and (rule := view.stages[-1].rule):
        out.line(by_rule(desk, rule))
    out.line()
    out.table(
        ("column.field", "column.value"),
        [[label(name, out.language), shown(value)] for name, value in ordered(row.fields)],
        wrap="column.value",
    )
    out.line()
    out.table(
        ("column.connection", "column.record", "column.state", "column.first_seen"),
        [
            [
                link.connection,
                f"{link.stream}/{link.external_id}",
                out.words(f"link.{link.state}"),
                out.when(link.first_seen_at),
            ]
            for link in view.links
        ],
    )
    for deal in view.deals:
        out.say(
            "lead.deal",
            name=deal.name or deal.link_id,
            stage=stage_name(desk, deal.stage or "–"),
            amount=deal.fields.get("amount") or "–",
        )
    if view.activities:
        out.say("lead.activities", count=len(view.activities))
    if view.set_aside:
        out.say("lead.set_aside", count=len(view.set_aside))
    out.next(f"renkei explain {row.id}")
    return OK


def ordered(fields: dict[str, Any]) -> list[tuple[str, Any]]:
    """The fields that hold something, in the order people read them."""
    from mapping.model import LEAD_FIELDS

    order = {name: place for place, name in enumerate(LEAD_FIELDS)}
    held = [(name, value) for name, value in fields.items() if value not in (None, "", [])]
    return sorted(held, key=lambda item: (order.get(item[0], len(order)), item[0]))


def stage_fields(one: StageRow) -> dict[str, Any]:
    """A stay in a stage as JSON shows it."""
    return {
        "stage": one.stage,
        "cycle": one.cycle,
        "entered_at": one.entered_at,
        "exited_at": one.exited_at,
        "system": one.system,
        "reason": one.reason_code,
        "reason_text": one.reason_text,
        "inferred": one.inferred,
        "by": one.override_by,
        "record": one.link_id,
        "rule": one.rule,
        "inputs": json.loads(one.inputs) if one.inputs else None,
    }
