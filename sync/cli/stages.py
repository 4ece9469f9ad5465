"""Verbs about qualification rules: stages simulate, stages requalify."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli import charts
from sync.cli.context import Desk
from sync.cli.failures import CHANGES, ERROR, OK, refused
from sync.cli.frame import verb
from sync.cli.funnel import Csv, Since, Until
from sync.cli.people import rule_name, stage_name
from sync.cli.tables import cut

if TYPE_CHECKING:
    from mapping.qualify import Rules
    from sync.engine.requalifying import Requalified
    from sync.engine.simulating import RuleOutcome, Simulation, WouldMove

HEADERS = (
    "rule",
    "lead",
    "name",
    "company",
    "from",
    "to",
    "verdict",
    "would_at",
    "did_at",
    "days",
    "became",
)
"""Columns of the CSV."""


def add_stages(group: typer.Typer) -> None:
    """Add these verbs to their group."""
    verb(group, "simulate")(simulate)
    verb(group, "requalify")(requalify)


def simulate(
    desk: Desk,
    file: Annotated[
        Path | None,
        typer.Option(
            "--stages", metavar="FILE", help="The rules to try; default: those of stages.yaml."
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    target: Csv = None,
) -> int:
    """Show what qualification rules would have done in a period; change nothing.

    Goes through stages, activities and changed fields again and asks the rules at each. Says who
    would have moved, how much earlier or later, who newly or no longer, and what became of them.
    Default: the last full quarter.
    """
    from sync.engine.periods import last_quarter
    from sync.engine.simulating import simulate as tried

    if since is None and until is None:
        since, until = last_quarter(desk.hub.now(), desk.config.hub.timezone)
    span = charts.period(desk, since, until)
    rules = _rules(desk, file)
    found = tried(desk.hub, rules, span)
    _items(desk, found, rules, since, until, file)
    if target is not None:
        rows = [["" if cell is None else cell for cell in _cells(one)] for one in found.moves]
        charts.write_csv(desk, target, HEADERS, rows)
        return OK
    _tell(desk, found, rules, charts.said_period(desk, since, until))
    return OK


def _rules(desk: Desk, file: Path | None) -> Rules:
    if file is None:
        return desk.hub.qualification
    if not file.is_file():
        raise refused("NO_FILE", file=str(file))
    from sync.config.load import load_stages

    language = desk.config.hub.language
    return load_stages(desk.root, file, env=desk.world.env, language=language).qualification_rules()


def _cells(one: WouldMove) -> tuple[Any, ...]:
    return (
        one.rule,
        one.lead_id,
        one.name,
        one.company,
        one.before,
        one.to,
        one.verdict,
        one.would_at,
        one.did_at,
        None if one.days is None else round(one.days, 2),
        one.became,
    )


def _items(
    desk: Desk,
    found: Simulation,
    rules: Rules,
    since: str | None,
    until: str | None,
    file: Path | None,
) -> None:
    out = desk.out
    out.item(
        "simulation",
        since=since,
        until=until,
        zone=desk.config.hub.timezone,
        file=None if file is None else str(file),
        leads=found.looked,
        late=found.late,
        gaps=found.gaps,
        companies_now=found.companies_now,
    )
    for one in found.rules.values():
        out.item(
            "rule",
            rule=one.rule,
            name=_name(desk, rules, one.rule),
            moved=one.moved,
            same=one.counts["same"],
            new=one.counts["new"],
            gone=one.counts["gone"],
            median_days=one.median_days,
            became={verdict: dict(counts) for verdict, counts in one.became.items()},
        )
    for move in found.moves if out.as_json else ():
        out.item("would_move", **dict(zip(HEADERS, _cells(move), strict=True)))


def _name(desk: Desk, rules: Rules, rule_id: str) -> str:
    """What the file that is tried calls a rule, or else what stages.yaml does."""
    rule = rules.by_id(rule_id)
    if rule is None:
        return rule_name(desk, rule_id)
    return rule.ja if desk.out.language == "ja" else rule.en


def _tell(desk: Desk, found: Simulation, rules: Rules, title: str) -> None:
    out = desk.out
    out.say("stages.title", period=title, leads=f"{found.looked:,}")
    if not found.rules:
        out.say("stages.no_rules")
        return
    out.line()
    numbers = ("column.would", "column.as_it_was", "column.new", "column.gone", "column.days_later")
    out.table(
        ("column.rule_name", *numbers),
        [
            [
                _name(desk, rules, one.rule),
                f"{one.moved:,}",
                f"{one.counts['same']:,}",
                f"{one.counts['new']:,}",
                f"{one.counts['gone']:,}",
                "–" if one.median_days is None else f"{one.median_days:+.1f}",
            ]
            for one in found.rules.values()
        ],
        right=numbers,
    )
    _tell_became(desk, rules, list(found.rules.values()))
    _tell_limits(desk, found)


def _tell_became(desk: Desk, rules: Rules, outcomes: Sequence[RuleOutcome]) -> None:
    from sync.engine.simulating import BECAME

    out = desk.out
    rows = [
        [
            _name(desk, rules, one.rule),
            out.words(f"verdict.{verdict}"),
            *(f"{counts[what]:,}" for what in BECAME),
        ]
        for one in outcomes
        for verdict, counts in one.became.items()
        if counts
    ]
    if not rows:
        return
    out.line()
    out.say("stages.became")
    headers = [out.words("column.rule_name"), out.words("column.who")]
    headers += [
        out.words("stages.open") if what == "open" else stage_name(desk, what) for what in BECAME
    ]
    out.grid(headers, rows, right=range(2, len(headers)))


def _tell_limits(desk: Desk, found: Simulation) -> None:
    """Say what the simulation rests on that was not so at the time."""
    out = desk.out
    if found.late or found.gaps or found.companies_now:
        out.line()
    if found.late:
        out.say("stages.late", count=f"{found.late:,}")
    if found.gaps:
        out.say("stages.gaps", count=f"{found.gaps:,}")
    if found.companies_now:
        out.say("stages.companies_now")


def requalify(
    desk: Desk,
    rules: Annotated[
        list[str] | None, typer.Option("--rule", metavar="ID", help="Only this rule. May repeat.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Move them.")] = False,
    allow_large: Annotated[
        bool, typer.Option("--allow-large", help="Also more than 1,000 leads.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many leads are shown.")] = 20,
) -> int:
    """Ask the qualification rules of all leads that stand where one leads away from.

    Shows who would move and changes nothing; ends with 4 where anybody would. --apply moves them,
    as of now; the connections' own limits hold for what is written then.
    """
    from sync.cli.progress import stopping
    from sync.engine.requalifying import MOST, TooMany
    from sync.engine.requalifying import requalify as ask

    most = None if allow_large else MOST
    try:
        with stopping(desk.out) as event:
            stop = desk.world.stop or event.is_set
            done = ask(desk.hub, rules or (), dry_run=not apply, most=most, stop=stop)
            stopped = stop()
    except TooMany as error:
        raise refused(
            "TOO_MANY_LEADS",
            count=f"{error.count:,}",
            most=f"{MOST:,}",
            next="renkei stages requalify --apply --allow-large",
            exit_code=ERROR,
        ) from error
    _tell_moves(desk, done, limit, applied=apply)
    if stopped:
        raise refused("STOPPED", exit_code=ERROR)
    return CHANGES if done.moves and not apply else OK


def _tell_moves(desk: Desk, done: Requalified, limit: int, *, applied: bool) -> None:
    out = desk.out
    out.item(
        "requalified",
        applied=applied,
        looked=done.looked,
        moved=len(done.moves),
        rules=dict(done.rules),
        owed=dict(done.owed),
    )
    for lead_id, name, before, to, rules in done.moves if out.as_json else ():
        out.item("move", lead=lead_id, name=name, before=before, to=to, rules=list(rules))
    key = "stages.moved" if applied else "stages.would_move"
    out.say(key, count=f"{len(done.moves):,}", looked=f"{done.looked:,}")
    shown = done.moves[:limit]
    out.table(
        (
            "column.lead",
            "column.name",
            "column.before",
            "column.arrow",
            "column.stage",
            "column.rule_name",
        ),
        [
            [
                lead_id,
                cut(name or "–", 24),
                stage_name(desk, before),
                "→",
                stage_name(desk, to),
                ", ".join(rule_name(desk, rule) for rule in rules),
            ]
            for lead_id, name, before, to, rules in shown
        ],
    )
    for connection, count in sorted(done.owed.items()):
        out.say("stages.owed", name=connection, count=f"{count:,}")
    if done.moves:
        out.next("renkei run" if applied else "renkei stages requalify --apply")
