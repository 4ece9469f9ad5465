"""Verbs about leads that were handed over in chats: handoffs list, show, retry."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.context import Desk
from sync.cli.failures import ERROR, OK, refused
from sync.cli.frame import verb
from sync.cli.people import stage_name
from sync.cli.tables import cut

if TYPE_CHECKING:
    from sync.engine.handoff.views import Shown
    from sync.store.handoffs import HandoffRow

Id = Annotated[str, typer.Argument(help="A hand-off, as `renkei handoffs list` shows it.")]


class Which(StrEnum):
    """Which hand-offs are meant."""

    OPEN = "open"
    LATE = "late"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    ALL = "all"


def add_handoffs(group: typer.Typer) -> None:
    """Add these verbs."""
    verb(group, "list")(listed)
    verb(group, "show")(shown)
    verb(group, "retry")(retried)


def listed(
    desk: Desk,
    which: Annotated[Which, typer.Option("--state", help="Only these.")] = Which.OPEN,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, the newest first.")] = 50,
) -> int:
    """List the leads that were handed over, and how each stands.

    late: nobody answered in time. aside: the message could not be posted.
    """
    from sync.engine.handoff import views

    state = None if which in (Which.ALL, Which.LATE) else which.value
    found = views.listed(desk.hub, state=state, late=which is Which.LATE, limit=limit)
    out = desk.out
    for one in found:
        out.item("handoff", **_fields(one.row, one.standing), name=one.name, company=one.company)
    if not found:
        out.say("handoffs.none")
        return OK
    out.table(
        (
            "column.handoff",
            "column.name",
            "column.company",
            "column.stage",
            "column.owner",
            "column.standing",
            "column.answer_by",
        ),
        [
            [
                one.row.id,
                one.name or "–",
                cut(one.company or "–", 20),
                stage_name(desk, one.row.stage),
                one.row.owner or "–",
                out.words(f"handoff.{one.standing}"),
                out.when(one.row.due_at),
            ]
            for one in found
        ],
        wrap="column.company",
    )
    return OK


def shown(desk: Desk, handoff: Id) -> int:
    """Show one hand-off: to whom, why, what was said where, and what was answered."""
    from sync.engine.handoff import views

    try:
        found = views.shown(desk.hub, handoff.strip())
    except LookupError as error:
        raise refused(
            "NO_HANDOFF", id=handoff, next="renkei handoffs list", exit_code=ERROR
        ) from error
    desk.out.item("handoff", **_fields(found.row, found.standing), **_parts(found))
    _tell(desk, found)
    return OK


def _tell(desk: Desk, found: Shown) -> None:
    from sync.cli.asides import tell_asides

    out, row = desk.out, found.row
    facts = [
        ("column.lead", row.lead_id),
        ("column.stage", stage_name(desk, row.stage)),
        ("column.handoff_rule", row.rule),
        ("column.owner", row.owner or "–"),
        ("column.standing", out.words(f"handoff.{found.standing}")),
        ("column.answer_by", out.when(row.due_at)),
    ]
    if row.action is not None:
        answer = out.words(f"answer.{row.action}")
        facts.append(("column.answer", "  ".join(filter(None, (answer, row.reason)))))
        facts.append(("column.answered_by", row.answered_by or "–"))
    for key, value in facts:
        out.line(f"{out.words(key)}: {value}")
    out.line()
    out.table(
        ("column.level", "column.connection", "column.room", "column.standing", "column.posted"),
        [
            [
                str(one.level),
                one.connection,
                one.room,
                out.words(f"said.{one.state}"),
                out.when(one.posted_at) or "–",
            ]
            for one in found.messages
        ],
    )
    if found.answers:
        out.line()
        out.table(
            ("column.said_at", "column.person", "column.answer", "column.verdict"),
            [
                [
                    out.when(one.at),
                    one.person,
                    out.words(f"answer.{one.action or 'none'}"),
                    out.words(f"answer.{one.verdict}"),
                ]
                for one in found.answers
            ],
        )
    if found.set_aside:
        out.line()
        tell_asides(desk, list(found.set_aside))


def _fields(row: HandoffRow, standing: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "lead": row.lead_id,
        "cycle": row.cycle,
        "stage": row.stage,
        "rule": row.rule,
        "connection": row.connection,
        "standing": standing,
        "owner": row.owner,
        "owner_by": row.owner_why,
        "created_at": row.created_at,
        "due_at": row.due_at,
        "level": row.level,
        "closed_at": row.closed_at,
        "answered_by": row.answered_by,
        "action": row.action,
        "reason": row.reason,
    }


def _parts(found: Shown) -> dict[str, Any]:
    from sync.cli.asides import aside_fields

    return {
        "messages": [
            {
                "level": one.level,
                "connection": one.connection,
                "room": one.room,
                "state": one.state,
                "message": one.message_id,
                "posted_at": one.posted_at,
            }
            for one in found.messages
        ],
        "answers": [
            {"at": one.at, "person": one.person, "action": one.action, "verdict": one.verdict}
            for one in found.answers
        ],
        "set_aside": [aside_fields(one) for one in found.set_aside],
    }


def retried(
    desk: Desk,
    handoffs: Annotated[
        list[str] | None,
        typer.Argument(
            help="Hand-offs; default: all that were set aside.",
            metavar="[ID]...",
            show_default=False,
        ),
    ] = None,
) -> int:
    """Post again what could not be posted, in the room that the rule names now."""
    from sync.engine.handoff import views
    from sync.workers import jobs

    count = views.retry(desk.working(), handoffs or None)
    desk.out.item("handoffs_retried", put_back=count)
    if not count:
        desk.out.say("handoffs.nothing")
        return OK
    from sync.cli.running import finish

    return finish(desk, jobs.hand_over_all(desk.hub))
