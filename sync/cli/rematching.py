"""Verbs about what is stored: match all, match rebuild, match train."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.context import Desk
from sync.cli.failures import CHANGES, ERROR, OK, refused
from sync.cli.frame import verb
from sync.cli.people import user_of

if TYPE_CHECKING:
    from sync.engine.rematch import Rematched
    from sync.engine.train import Proposal


def add_rematch(group: typer.Typer) -> None:
    """Add these verbs to their group."""
    verb(group, "all")(match_all)
    verb(group, "rebuild")(rebuild)
    verb(group, "train")(train)


def match_all(
    desk: Desk,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; change nothing.")
    ] = False,
    by: Annotated[
        str | None, typer.Option("--by", help="Whose decision; default: who is logged in here.")
    ] = None,
) -> int:
    """Match all leads again, by the rules as they are now.

    Joins leads that are one person and puts up for review those that may be. It never parts what
    is together, and keeps what people decided. Each merge can be taken back.
    """
    from sync.cli.progress import stopping
    from sync.engine.bulk import MissingExtra
    from sync.engine.rematch import rematch

    hub = desk.working()
    try:
        with stopping(desk.out) as event:
            stop = desk.world.stop or event.is_set
            done = rematch(hub, dry_run=dry_run, user=by or user_of(desk), stop=stop)
            stopped = stop()
    except MissingExtra as error:
        raise refused("NO_BULK", why=str(error)) from error
    _tell(desk, done, dry_run=dry_run)
    if stopped:
        raise refused("STOPPED", exit_code=ERROR)
    return CHANGES if dry_run and (done.merged or done.asked) else OK


def _tell(desk: Desk, done: Rematched, *, dry_run: bool) -> None:
    out = desk.out
    counts: dict[str, Any] = {
        "records": done.records,
        "leads": done.leads,
        "groups": done.groups,
        "merged": done.merged,
        "asked": done.asked,
        "left": done.left,
    }
    out.item("matched_all", dry_run=dry_run, sample=[list(one) for one in done.sample], **counts)
    shown = {name: f"{count:,}" for name, count in counts.items()}
    out.say("match.would_join" if dry_run else "match.joined", **shown)
    if dry_run:
        for group in done.sample:
            out.line("  " + " + ".join(group))
    if done.left:
        out.say("match.left", **shown)
    if done.asked:
        out.next("renkei dedupe list")


def rebuild(desk: Desk) -> int:
    """Make the keys anew by which records find each other.

    Done by itself after an upgrade and after `keys` in match.yaml changed; safe to stop and to run
    again.
    """
    from sync.cli.progress import stopping
    from sync.engine.rekey import rekey

    with stopping(desk.out) as event:
        stop = desk.world.stop or event.is_set
        done = rekey(desk.hub, stop=stop)
        stopped = stop()
    desk.out.item("rekeyed", leads=done.leads, added=done.added, removed=done.removed)
    desk.out.say("match.rekeyed", leads=f"{done.leads:,}", added=done.added, removed=done.removed)
    if stopped:
        raise refused("STOPPED", exit_code=ERROR)
    return OK


def train(
    desk: Desk,
    diff: Annotated[
        bool, typer.Option("--diff", help="Print nothing but the diff, to be piped into patch.")
    ] = False,
) -> int:
    """Propose points for match.yaml, estimated from your own records.

    Says what each piece of evidence counts now and what it would, and the diff that takes it over.
    Changes nothing: look at it, and judge it by `match eval` or `match all --dry-run`.
    """
    from sync.engine.bulk import MissingExtra
    from sync.engine.train import propose_for

    hub = desk.working()
    try:
        found = propose_for(hub)
    except MissingExtra as error:
        raise refused("NO_TRAINING", why=str(error)) from error
    file = desk.root / "match.yaml"
    changes = found.as_yaml_diff(file.read_text(encoding="utf-8") if file.is_file() else "")
    if diff and not desk.out.as_json:
        desk.out.line(changes.rstrip("\n"))
    else:
        _tell_proposal(desk, found, changes)
    return CHANGES if changes else OK


def _tell_proposal(desk: Desk, found: Proposal, changes: str) -> None:
    from mapping.match.rules import WORDS

    out = desk.out
    lines = [
        {"code": one.code, "now": one.now, "proposed": one.proposed, "pairs": one.pairs}
        for one in found.lines
    ]
    accept = {"now": found.accept_now, "proposed": found.accept}
    out.item(
        "trained",
        records=found.records,
        pairs=found.pairs,
        accept=accept,
        points=lines,
        diff=changes,
    )
    out.say("match.trained", records=f"{found.records:,}", pairs=f"{found.pairs:,}")
    columns = ("column.evidence", "column.says", "column.now", "column.proposed", "column.pairs")
    language = out.language != "ja"
    rows = [
        [
            one.code,
            WORDS[one.code.removesuffix("_common")][language],
            *(f"{one.now:g}", f"{one.proposed:g}", f"{one.pairs:,}"),
        ]
        for one in found.lines
    ]
    out.table(columns, rows, right=columns[2:])
    if not changes:
        out.say("match.trained_none")
        return
    out.say("match.accept", now=f"{found.accept_now:g}", proposed=f"{found.accept:g}")
    out.line()
    out.line(changes.rstrip("\n"))
    out.next("renkei match train --diff | patch match.yaml")
