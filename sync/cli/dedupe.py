"""Verbs about pairs that may be one person: dedupe list, show, merge, split, different, later."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from sync.cli.context import Desk
from sync.cli.dedupe_told import pair_fields, pair_rows, tell_case, tell_outcome
from sync.cli.failures import CHANGES, ERROR, OK, Refused, refused
from sync.cli.frame import verb
from sync.cli.people import one_lead, user_of

if TYPE_CHECKING:
    from sync.engine.merging import Impossible
    from sync.engine.review import Case
    from sync.store.leads import LeadRow

Lead = Annotated[
    str,
    typer.Argument(help="A lead: an id, an e-mail, a record's id, or part of a name or company."),
]
Other = Annotated[str, typer.Argument(help="The other lead.")]
By = Annotated[
    str | None, typer.Option("--by", help="Whose decision; default: who is logged in here.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")]


def add_dedupe(group: typer.Typer) -> None:
    """Add these verbs to their group."""
    verb(group, "list")(list_pairs)
    verb(group, "show")(show)
    verb(group, "merge")(merge)
    verb(group, "split")(split)
    verb(group, "different")(different)
    verb(group, "later")(later)


def list_pairs(
    desk: Desk,
    above: Annotated[
        float, typer.Option("--above", help="Only pairs with at least this score.")
    ] = 0.0,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, the surest first.")] = 50,
    later: Annotated[bool, typer.Option("--later", help="Those that were put off, too.")] = False,
) -> int:
    """List the pairs of leads that may be one person.

    The surest first, with what kept them from being put together.
    """
    from sync.engine import review

    out = desk.out
    found = review.cases(desk.hub, above=above, limit=limit, put_off=later)
    waiting = review.waiting(desk.hub)
    number = 0
    numbers: list[int | None] = []
    for case in found:
        put_off = _is_put_off(desk, case)
        number += not put_off
        numbers.append(None if put_off else number)
        out.item("pair", number=numbers[-1], **pair_fields(case))
    if not found:
        out.say("dedupe.none")
        return OK
    columns = ("column.number", "column.scores", "column.a", "column.b", "column.blocked")
    out.table(columns, list(pair_rows(desk, found, numbers)), right=columns[:2], wrap=columns[4])
    out.say("dedupe.waiting", count=f"{waiting:,}")
    out.next("renkei dedupe show 1")
    return OK


def _is_put_off(desk: Desk, case: Case) -> bool:
    until = case.question.later_until
    return until is not None and until > desk.hub.stamp()


def show(
    desk: Desk,
    one: Annotated[str, typer.Argument(help="A lead, or the number of a line of the list.")],
    other: Annotated[str | None, typer.Argument(help="The other lead.", show_default=False)] = None,
) -> int:
    """Show two leads side by side.

    What differs first and marked (≠), their records, the reasons with points that add up to the
    score, and what stands in the way.
    """
    from sync.engine import review
    from sync.engine.merging import Impossible

    if other is None:
        tell_case(desk, _numbered(desk, one))
        return OK
    pair = one_lead(desk, one).id, one_lead(desk, other).id
    try:
        case = review.case(desk.hub, *pair) or review.compared(desk.hub, *pair)
    except Impossible as error:
        raise _refusal(error, one_lead(desk, one)) from error
    tell_case(desk, case)
    return OK


def _numbered(desk: Desk, text: str) -> Case:
    from sync.engine import review

    if not text.isdecimal():
        raise refused("PAIR_HOW", next="renkei dedupe list")
    number = int(text)
    found = review.cases(desk.hub, limit=max(number, 1))
    if not 1 <= number <= len(found):
        count = review.waiting(desk.hub)
        raise refused("NO_PAIR", number=number, count=count, next="renkei dedupe list")
    return found[number - 1]


def merge(
    desk: Desk,
    one: Annotated[
        str | None,
        typer.Argument(
            help="A lead: an id, an e-mail, a record's id, or part of a name or company.",
            show_default=False,
        ),
    ] = None,
    other: Annotated[str | None, typer.Argument(help="The other lead.", show_default=False)] = None,
    above: Annotated[
        float | None, typer.Option("--above", help="Every pair with at least this score.")
    ] = None,
    blocked: Annotated[
        bool,
        typer.Option("--blocked", help="Those, too, that something stands in the way of."),
    ] = False,
    sample: Annotated[
        int, typer.Option("--sample", min=0, help="How many of them are shown first.")
    ] = 10,
    by: By = None,
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Merge two leads, or every pair from a score on.

    The older lead stays, with the records of both. Each merge can be taken back by
    `renkei dedupe split`. Many are shown first, and need --yes or that you type their number.
    """
    from sync.engine import merging
    from sync.engine.merging import Impossible

    if (above is None) == (one is None) or (one is None) != (other is None):
        raise refused("MERGE_WHAT", next="renkei dedupe list")
    user = by or user_of(desk)
    if above is not None:
        from sync.cli.dedupe_many import merge_many

        return merge_many(
            desk, above, blocked=blocked, sample=sample, user=user, dry_run=dry_run, yes=yes
        )
    first, second = one_lead(desk, one or ""), one_lead(desk, other or "")
    try:
        done = merging.merge(desk.hub, first.id, second.id, user=user, dry_run=dry_run)
    except Impossible as error:
        raise _refusal(error, first) from error
    (gone,) = {first.id, second.id} - set(done.leads)
    tell_outcome(desk, "merged", done, user, dry_run=dry_run, gone=gone)
    if dry_run:
        return CHANGES
    desk.out.say("dedupe.undo")
    desk.out.next(f"renkei dedupe split {done.leads[0]}")
    return OK


def split(
    desk: Desk,
    lead: Lead,
    records: Annotated[
        list[str] | None,
        typer.Option(
            "--record",
            metavar="LINK",
            help="A record to take off, as `renkei lead` shows it. May repeat.",
        ),
    ] = None,
    merge_id: Annotated[
        int | None,
        typer.Option(
            "--merge",
            metavar="ID",
            help="The merge to take back, by its number in `renkei explain LEAD match`.",
        ),
    ] = None,
    by: By = None,
    dry_run: DryRun = False,
) -> int:
    """Take a merge back, or records off a lead.

    Without --record the last merge is taken back: both leads are what they were before. With it
    the records become a lead of their own. They are never put together again by themselves.
    """
    from sync.engine import merging
    from sync.engine.merging import Impossible

    if records and merge_id is not None:
        raise refused("SPLIT_WHAT")
    row = one_lead(desk, lead)
    user = by or user_of(desk)
    try:
        if records:
            links = [_record(desk, row, text) for text in records]
            done = merging.split(desk.hub, row.id, links, user=user, dry_run=dry_run)
        else:
            done = merging.unmerge(desk.hub, row.id, user=user, merge_id=merge_id, dry_run=dry_run)
    except Impossible as error:
        raise _refusal(error, row, merge_id, desk) from error
    tell_outcome(desk, "split", done, user, dry_run=dry_run, new=bool(records))
    if dry_run:
        return CHANGES
    desk.out.say("dedupe.stay_apart")
    return OK


def _record(desk: Desk, row: LeadRow, text: str) -> str:
    """The link that a text means: whole, without its connection, or the vendor's id alone."""
    from sync.engine.views import lead_view

    links = [link.id for link in lead_view(desk.hub, row).links]
    meant = [one for one in links if one == text or one.endswith(f"/{text}")]
    if len(meant) != 1:
        known = ", ".join(links)
        raise refused("NOT_ITS_RECORD", text=text, known=known, next=f"renkei lead {row.id}")
    return meant[0]


def different(desk: Desk, one: Lead, other: Other, by: By = None) -> int:
    """Say for good that two leads are two people.

    No later import or change puts them together.
    """
    from sync.engine import merging
    from sync.engine.merging import Impossible

    first, second = one_lead(desk, one), one_lead(desk, other)
    user = by or user_of(desk)
    try:
        pairs = merging.keep_apart(desk.hub, first.id, second.id, user=user)
    except Impossible as error:
        raise _refusal(error, first) from error
    desk.out.item("different", leads=[first.id, second.id], pairs=pairs, by=user)
    desk.out.say("dedupe.apart", count=pairs)
    return OK


def later(
    desk: Desk,
    one: Lead,
    other: Other,
    days: Annotated[int, typer.Option("--days", min=1, help="After how many days.")] = 30,
) -> int:
    """Ask about two leads again some other day."""
    from sync.engine import review
    from sync.store.database import iso

    first, second = one_lead(desk, one), one_lead(desk, other)
    until = desk.hub.now() + timedelta(days=days)
    if not review.later(desk.hub, first.id, second.id, until):
        raise refused("NOT_ASKED", next="renkei dedupe list", exit_code=ERROR)
    desk.out.item("later", leads=[first.id, second.id], until=iso(until))
    desk.out.say("dedupe.later", at=desk.out.when(iso(until)))
    return OK


def _refusal(
    error: Impossible, row: LeadRow, merge_id: int | None = None, desk: Desk | None = None
) -> Refused:
    """What cannot be, in the reader's language, and what to look at."""
    match error.code:
        case "SAME_LEAD":
            return refused("SAME_LEAD", next=f"renkei lead {row.id}", exit_code=ERROR)
        case "NOT_MERGED":
            return refused("NOT_MERGED", next=f"renkei lead {row.id}", exit_code=ERROR)
        case "NOTHING_LEFT":
            next_ = f"renkei explain {row.id} match"
            return refused("NOTHING_LEFT", next=next_, exit_code=ERROR)
        case "NO_SUCH_MERGE" if desk is not None:
            from sync.store import matches

            with desk.hub.database.read() as tx:
                known = ", ".join(str(one.id) for one in matches.merges_of(tx, row.id))
            next_ = f"renkei explain {row.id} match"
            return refused("NO_SUCH_MERGE", id=merge_id, known=known, next=next_, exit_code=ERROR)
        case _:
            return refused(error.code, message=str(error), exit_code=ERROR)
