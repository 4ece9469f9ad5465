"""The verb that says why a lead is what it is: explain (values, stage, account, matches)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mapping.told import TOLD
from sync.cli.context import Desk
from sync.cli.evidence import told
from sync.cli.failures import ERROR, OK, refused
from sync.cli.frame import verb
from sync.cli.inputs import tell_inputs
from sync.cli.people import one_lead, ordered, reason_name, stage_fields, stage_name
from sync.cli.tables import cut, shown

if TYPE_CHECKING:
    from sync.engine.brought import Brought
    from sync.engine.explain import Explanation, MatchStory, Story
    from sync.store.journeys import StageRow


PARTS = ("stage", "account", "match")


def add(app: typer.Typer) -> None:
    """Add this verb."""
    verb(app, "explain")(explain)


def explain(
    desk: Desk,
    text: Annotated[
        str, typer.Argument(help="An id, an e-mail, a record's id, or part of a name or company.")
    ],
    field: Annotated[
        str | None,
        typer.Argument(
            help="One field, or stage, account or match; default: everything.",
            show_default=False,
        ),
    ] = None,
) -> int:
    """Say why a lead is what it is.

    Who said each value, when, by which rule it won, what lost, and which event brought it; how the
    stage came about; which company it is; why its records are taken for one person.
    """
    from sync.engine.explain import explain as story_of

    row = one_lead(desk, text)
    part = field if field in PARTS else None
    found = story_of(desk.hub, row.id, None if part else field)
    if found is None or (field is not None and part is None and not found.fields):
        known = ", ".join(name for name, _ in ordered(row.fields))
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
    if everything or part == "account":
        _tell_account(desk, found, alone=not everything)
    if everything:
        desk.out.line()
    if everything or part == "match":
        _tell_matches(desk, found)
        _tell_merges(desk, found)
    return OK


def _tell_fields(desk: Desk, found: Explanation, *, alone: bool) -> None:
    from mapping.model import label

    out = desk.out
    order = {name: place for place, (name, _) in enumerate(ordered(found.lead.fields))}
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
    if not alone:
        return
    for story in found.fields:
        for said in story.said if len(story.said) > 1 else ():
            who = said.record or out.words("explain.by_hand", user=story.user or "–")
            out.say("explain.adds", who=who, values=", ".join(said.values), at=out.when(said.at))
        _tell_event(desk, story.event)
    if not any(story.lost for story in found.fields):
        out.say("explain.nobody_else")


def _tell_event(desk: Desk, event: Brought | None) -> None:
    if event is not None:
        out = desk.out
        how = out.words(f"brought.{event.how}")
        more = [f"{out.words('explain.run')} {event.run}"] if event.run else []
        more += [f"{out.words('explain.inbox')} #{event.inbox}"] if event.inbox else []
        out.say("explain.event", how=how, about=", ".join([out.when(event.at), *more]))


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
        "event": _event_fields(story.event),
        "said": [
            {
                "connection": said.connection,
                "record": said.record,
                "values": list(said.values),
                "at": said.at,
                "event": _event_fields(said.event),
            }
            for said in story.said
        ],
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


def _event_fields(event: Brought | None) -> dict[str, Any] | None:
    if event is None:
        return None
    return {"how": event.how, "at": event.at, "run": event.run, "inbox": event.inbox}


def _tell_stages(desk: Desk, found: Explanation) -> None:
    out = desk.out
    for one in found.stages:
        event = _event_fields(one.event)
        out.item("stage", lead=found.lead.id, **stage_fields(one.row), event=event)
    out.table(
        ("column.stage", "column.entered", "column.system", "column.reason"),
        [
            [
                stage_name(desk, one.row.stage),
                out.when(one.row.entered_at),
                _mover(desk, one.row),
                _reason(desk, one.row),
            ]
            for one in found.stages
        ],
        wrap="column.reason",
    )
    for one in found.stages:
        tell_inputs(desk, one.row)


def _mover(desk: Desk, one: StageRow) -> str:
    if one.override_by:
        return desk.out.words("explain.by_hand", user=one.override_by)
    if one.rule == TOLD:
        return desk.out.words("explain.told", system=one.system)
    if one.rule:
        return desk.out.words("stages.by_rule", rule=one.rule)
    return desk.out.words("explain.inferred", system=one.system) if one.inferred else one.system


def _reason(desk: Desk, one: StageRow) -> str:
    words = reason_name(desk, one.stage, one.reason_code)
    return ": ".join(part for part in (words, one.reason_text) if part)


def _tell_account(desk: Desk, found: Explanation, *, alone: bool) -> None:
    out, told = desk.out, found.account
    if told is None:
        if alone:
            out.say("explain.no_account")
        return
    out.item(
        "account",
        lead=found.lead.id,
        id=told.id,
        name=told.name,
        rule=told.rule,
        value=told.value,
        field=_story_fields(told.field) if told.field is not None else None,
        others=[{"id": who, "name": name, "shares": sign} for who, name, sign in told.others],
    )
    source = told.field
    out.line()
    out.say(
        f"account.{told.rule}",
        name=told.name or "–",
        id=told.id,
        value=told.value,
        who=_speaker(desk, source) if source is not None else "–",
        at=out.when(source.at) if source is not None else "–",
    )
    for who, name, sign in told.others if alone else ():
        out.say("explain.other_account", name=name or "–", id=who, sign=sign)
    if alone and source is not None:
        _tell_event(desk, source.event)


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
    parts = ", ".join(f"{what} {points}" for what, points in told(out, one.reasons, one.score))
    return f"{words} ({parts} = {one.score:+.1f})"


def _tell_merges(desk: Desk, found: Explanation) -> None:
    out = desk.out
    for one in found.merges:
        undo = f"renkei dedupe split {found.lead.id} --merge {one.id}"
        out.item(
            "merge",
            lead=found.lead.id,
            id=one.id,
            at=one.at,
            cause=one.cause,
            by=one.user,
            gone=one.lead_id,
            records=list(one.records),
            undo=undo,
        )
        cause = out.words(f"cause.{one.cause}", user=one.user or "–")
        names = ", ".join(one.records)
        out.line()
        out.say("explain.merge", at=out.when(one.at), lead=one.lead_id, cause=cause, names=names)
        out.next(undo)
