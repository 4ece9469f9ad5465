"""Verbs about one lead: lead (look, correct by hand) and explain (why is it so)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.context import Desk
from sync.cli.failures import CHANGES, ERROR, OK, refused
from sync.cli.frame import verb
from sync.cli.tables import cut

if TYPE_CHECKING:
    from sync.engine.edits import Edited
    from sync.engine.explain import Explanation, MatchStory, Story
    from sync.store.journeys import StageRow
    from sync.store.leads import LeadRow


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    verb(app, "lead")(lead)
    verb(app, "explain")(explain)


def lead(
    desk: Desk,
    text: Annotated[
        str, typer.Argument(help="An id, an e-mail, a record's id, or part of a name or company.")
    ],
    stage: Annotated[
        str | None, typer.Option("--stage", help="Put the lead at this stage by hand.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why; due with --stage, kept in the history.")
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
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; change nothing.")
    ] = False,
) -> int:
    """Show a lead, or correct it by hand.

    Values, records, stages and deals. A value set by hand wins over every
    system and is written to all of them.
    """
    if stage is None and not sets and not unset:
        return _show(desk, text)
    if stage is not None and not (reason or "").strip():
        raise refused("REASON_NEEDED", next=f'renkei lead {text} --stage {stage} --reason "…"')
    row = one_lead(desk, text)
    return _edit(desk, row, stage, reason or "", sets or [], unset or [], by, dry_run=dry_run)


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
    from mapping.stage_words import STAGES

    stage = STAGES.get(code)
    if stage is None:
        return code
    return stage.ja if desk.out.language == "ja" else stage.en


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
    user = by or _user(desk)
    changed = False
    if values or unset:
        done = edits.edit_lead(desk.hub, row.id, values, user=user, unset=unset, dry_run=dry_run)
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


def _user(desk: Desk) -> str:
    import getpass

    for name in ("RENKEI_USER", "USER", "USERNAME"):
        if desk.world.env.get(name):
            return desk.world.env[name]
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise refused("WHO", next='renkei lead … --by "NAME"') from None


def shown(value: Any) -> str:
    """A value as people read it."""
    if value is None or value == "":
        return "–"
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


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
    out.line()
    out.table(
        ("column.field", "column.value"),
        [[label(name, out.language), shown(value)] for name, value in _ordered(row.fields)],
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


def _ordered(fields: dict[str, Any]) -> list[tuple[str, Any]]:
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
    }


def explain(
    desk: Desk,
    text: Annotated[
        str, typer.Argument(help="An id, an e-mail, a record's id, or part of a name or company.")
    ],
    field: Annotated[
        str | None,
        typer.Argument(
            help="One field, or stage, or match; default: everything.", show_default=False
        ),
    ] = None,
) -> int:
    """Say why a lead is what it is.

    Who said each value, when, by which rule it won, and what lost; how the stage came about; why
    its records are taken for one person.
    """
    from sync.engine.explain import explain as story_of

    row = one_lead(desk, text)
    part = field if field in ("stage", "match") else None
    found = story_of(desk.hub, row.id, None if part else field)
    if found is None or (field is not None and part is None and not found.fields):
        known = ", ".join(name for name, _ in _ordered(row.fields))
        raise refused("NO_VALUE", field=field or "", known=known, exit_code=ERROR)
    everything = field is None
    if everything:
        desk.out.line(f"{row.name or '–'}  {row.company or ''}  {row.id}")
        desk.out.line()
    if part is None:
        _tell_fields(desk, found, alone=not everything)
    if everything:
        desk.out.line()
    if everything or part == "stage":
        _tell_stages(desk, found)
    if everything:
        desk.out.line()
    if everything or part == "match":
        _tell_matches(desk, found)
    return OK


def _tell_fields(desk: Desk, found: Explanation, *, alone: bool) -> None:
    from mapping.model import label

    out = desk.out
    order = {name: place for place, (name, _) in enumerate(_ordered(found.lead.fields))}
    rows = []
    for story in sorted(found.fields, key=lambda one: order.get(one.field, 0)):
        out.item("field", lead=found.lead.id, **_story_fields(story))
        name = label(story.field, out.language)
        value = shown(story.value) if alone else cut(shown(story.value), 40)
        who = _speaker(desk, story)
        rows.append([name, "✓", value, who, out.when(story.at), _rule(desk, story.rule)])
        for lost in story.lost:
            value = shown(lost.value) if alone else cut(shown(lost.value), 40)
            why = out.words("explain.lost", rule=_rule(desk, lost.rule))
            rows.append(["", "✗", value, lost.record, out.when(lost.at), why])
    out.table(
        (
            "column.field",
            "column.arrow",
            "column.value",
            "column.said_by",
            "column.said_at",
            "column.rule",
        ),
        rows,
        wrap="column.said_by",
    )
    if alone and not any(story.lost for story in found.fields):
        out.say("explain.nobody_else")


def _speaker(desk: Desk, story: Story) -> str:
    if story.user is not None or story.rule == "edit":
        return desk.out.words("explain.by_hand", user=story.user or "–")
    return story.record


def _rule(desk: Desk, rule: str) -> str:
    from mapping.merge import RULES

    ja, en = RULES.get(rule, (rule, rule))
    return ja if desk.out.language == "ja" else en


def _story_fields(story: Story) -> dict[str, Any]:
    return {
        "field": story.field,
        "value": story.value,
        "connection": story.connection,
        "record": story.record,
        "at": story.at,
        "rule": story.rule,
        "by": story.user,
        "lost": [
            {
                "connection": lost.connection,
                "record": lost.record,
                "value": lost.value,
                "at": lost.at,
                "rule": lost.rule,
            }
            for lost in story.lost
        ],
    }


def _tell_stages(desk: Desk, found: Explanation) -> None:
    out = desk.out
    for one in found.stages:
        out.item("stage", lead=found.lead.id, **stage_fields(one))
    out.table(
        ("column.stage", "column.entered", "column.system", "column.reason"),
        [
            [
                stage_name(desk, one.stage),
                out.when(one.entered_at),
                _mover(desk, one),
                _reason(desk, one),
            ]
            for one in found.stages
        ],
        wrap="column.reason",
    )


def _mover(desk: Desk, one: StageRow) -> str:
    if one.override_by:
        return desk.out.words("explain.by_hand", user=one.override_by)
    return desk.out.words("explain.inferred", system=one.system) if one.inferred else one.system


def _reason(desk: Desk, one: StageRow) -> str:
    from mapping.stage_words import REASONS

    reason = REASONS.get(one.stage, {}).get(one.reason_code or "")
    words = (reason.ja if desk.out.language == "ja" else reason.en) if reason else one.reason_code
    return ": ".join(part for part in (words, one.reason_text) if part)


def _tell_matches(desk: Desk, found: Explanation) -> None:
    out = desk.out
    for one in found.matches:
        out.item(
            "match",
            lead=found.lead.id,
            connection=one.connection,
            record=one.record,
            state=one.state,
            rule=one.rule,
            score=one.score,
            reasons=[list(reason) for reason in one.reasons],
            first_seen_at=one.first_seen_at,
        )
    out.table(
        ("column.record", "column.first_seen", "column.why"),
        [[one.record, out.when(one.first_seen_at), _why(desk, one)] for one in found.matches],
        wrap="column.why",
    )


def _why(desk: Desk, one: MatchStory) -> str:
    out = desk.out
    words = out.words(f"match.{one.rule}")
    if not one.reasons:
        return words
    parts = ", ".join(
        f"{out.words(f'evidence.{code}')} {points:+g}" for code, points in one.reasons
    )
    return f"{words} ({parts} = {one.score:+g})"
