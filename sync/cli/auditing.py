"""The verb that compares systems with the hub and with each other: audit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.context import Desk
from sync.cli.failures import ERROR, OK, PARTIAL, SIGN_IN, refused
from sync.cli.frame import verb
from sync.cli.running import Names, skipped, unsigned

if TYPE_CHECKING:
    from sync.engine.audit import Audit
    from sync.engine.tallies import Tally

SAMPLE = 400
"""Records of each connection: a score of 99 % is then known within a point and a half."""
SHOWN = 20
"""As many differences are shown to people; --json gives more."""
WORST = 3


def add(app: typer.Typer) -> None:
    """Add this verb."""
    verb(app, "audit")(audit)


def audit(
    desk: Desk,
    names: Names = None,
    sample: Annotated[
        int, typer.Option("--sample", min=1, help="Records of each connection.")
    ] = SAMPLE,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            help="Which sample; the same number takes the same records. Default: one a day.",
            show_default=False,
        ),
    ] = None,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Take in what differs, and write what is owed then."),
    ] = False,
    below: Annotated[
        float,
        typer.Option(
            "--below",
            min=0.0,
            max=1.0,
            help="Repair, and warn, only where the score is below this.",
        ),
    ] = 1.0,
) -> int:
    """Read a sample of records again and say how far they agree.

    Every connection is held against what Renkei remembers and what the leads
    say it should hold, and against each other connection. Ends with 3 where a
    score is below --below.
    """
    from sync.cli.progress import Watching, stopping
    from sync.workers import jobs
    from sync.workers.audits import audit as compared

    chosen = desk.known(names or [])
    hub = desk.working()
    number = seed if seed is not None else int(hub.now().strftime("%Y%m%d"))
    left_out = skipped(desk, chosen or list(hub.flows))
    with stopping(desk.out) as event, Watching(desk.out) as watching:
        stop = desk.world.stop or event.is_set
        found = compared(
            hub,
            sample=sample,
            seed=number,
            names=chosen or None,
            mend=repair,
            below=below,
            watch=watching.watch,
            stop=stop,
        )
        if any(one.repaired for one in found.connections.values()):
            jobs.push_all(hub, watch=watching.watch, stop=stop)
        if stop():
            raise refused("STOPPED", exit_code=ERROR)
    desk.out.say("audit.seed", sample=f"{sample:,}", seed=number)
    again = ["renkei audit", *chosen, *([f"--sample {sample}"] if sample != SAMPLE else [])]
    code = _tell(desk, found, below, " ".join([*again, f"--seed {number}"]))
    broken = dict.fromkeys([*left_out, *unsigned(hub, found.connections)])
    if broken:
        desk.out.next(f"renkei check --connect {' '.join(broken)}")
        return SIGN_IN
    return code


def _tell(desk: Desk, found: Audit, below: float, again: str) -> int:
    out = desk.out
    connections, pairs = list(found.connections.values()), list(found.pairs.values())
    tallies = [*connections, *pairs]
    for tally in tallies:
        out.item("audit", seed=found.seed, **_tally_fields(tally))
    _score_table(desk, connections)
    _score_table(desk, pairs)
    if all(one.score is None for one in tallies):
        out.say("audit.nothing")
    for tally in connections:
        if tally.error:
            out.say("audit.error", name=tally.names[0], why=tally.error)
    low = [one for one in tallies if one.score is not None and one.score < below]
    repaired = sum(tally.repaired for tally in connections)
    if repaired:
        out.say("audit.repaired", count=f"{repaired:,}")
        if any(one.share < 1 for one in low):
            out.say("audit.only_sample")
        out.next(again)
    else:
        _tell_differences(desk, connections)
        if low:
            out.next(f"{again} --repair")
    if connections and all(tally.error for tally in connections):
        return ERROR
    return PARTIAL if low or any(tally.error for tally in connections) else OK


def _score_table(desk: Desk, tallies: list[Tally]) -> None:
    from mapping.model import label

    out = desk.out
    rows = []
    for tally in tallies:
        score, interval = tally.score, tally.interval
        if score is None or interval is None:
            continue
        low, high = (_percent(one) for one in interval)
        worst = [f"{label(name, out.language)} {n}/{of}" for name, n, of in tally.worst()[:WORST]]
        rows.append(
            [
                " ↔ ".join(tally.names),
                f"{tally.records:,}",
                f"{tally.compared.total():,}",
                f"{tally.differing.total():,}",
                _percent(score),
                out.words("audit.exact") if tally.share >= 1 else f"{low}–{high}",
                ", ".join(worst),
            ]
        )
    if not rows:
        return
    is_pair = len(tallies[0].names) > 1
    if is_pair:
        out.line()
    out.table(
        (
            "column.between" if is_pair else "column.connection",
            "column.records",
            "column.compared",
            "column.differing",
            "column.score",
            "column.interval",
            "column.worst",
        ),
        rows,
        right=("column.records", "column.compared", "column.differing", "column.score"),
        wrap="column.worst",
    )


def _percent(share: float) -> str:
    """A share as people read it; all but all is not shown as all."""
    text = f"{100 * share:.2f} %"
    return "99.99 %" if text == "100.00 %" and share < 1 else text


def _tell_differences(desk: Desk, tallies: Iterable[Tally]) -> None:
    from mapping.model import label

    out = desk.out
    rows = [
        [one.record, one.lead_id, label(one.field, out.language), out.words(f"audit_why.{one.why}")]
        for tally in tallies
        for one in tally.examples
    ]
    if rows:
        out.line()
    out.table(
        ("column.record", "column.lead", "column.field", "column.reason"),
        rows[:SHOWN],
        wrap="column.record",
    )


def _tally_fields(tally: Tally) -> dict[str, Any]:
    interval = tally.interval
    return {
        "connections": list(tally.names),
        "share": tally.share,
        "records": tally.records,
        "compared": tally.compared.total(),
        "differing": tally.differing.total(),
        "score": tally.score,
        "interval": list(interval) if interval is not None else None,
        "fields": [
            {"field": name, "differing": count, "compared": of} for name, count, of in tally.worst()
        ],
        "why": dict(tally.why),
        "repaired": tally.repaired,
        "error": tally.error,
        "examples": [
            {
                "lead": one.lead_id,
                "record": one.record,
                "field": one.field,
                "why": one.why,
                "holds": one.holds,
                "wanted": one.wanted,
            }
            for one in tally.examples
        ],
    }
