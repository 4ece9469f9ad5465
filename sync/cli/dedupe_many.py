"""Merging every pair from a score on: what it would be, a yes, and how it goes."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import typer

from sync.cli.context import Desk
from sync.cli.dedupe_told import pair_fields, pair_rows
from sync.cli.failures import CHANGES, ERROR, OK, PARTIAL, refused

if TYPE_CHECKING:
    from sync.engine.merging import Outcome
    from sync.store.matches import Open

_BAND = 2
"""Points that one line of the spread covers."""
_EVERY = 100
"""Merges between two lines about how it goes."""


def merge_many(
    desk: Desk,
    above: float,
    *,
    blocked: bool,
    sample: int,
    user: str,
    dry_run: bool,
    yes: bool,
) -> int:
    """Show what it would be, ask, and merge; the exit code."""
    from sync.engine import review

    out = desk.out
    pairs = review.chosen(desk.hub, above, blocked=blocked)
    if not pairs:
        out.item("merged_many", merged=0, refused=[])
        out.say("dedupe.none")
        return OK
    _tell(desk, pairs, sample)
    if dry_run:
        return CHANGES
    if not yes:
        _ask(desk, len(pairs))
    return _merge(desk, above, len(pairs), blocked=blocked, user=user)


def _tell(desk: Desk, pairs: Sequence[Open], sample: int) -> None:
    from sync.engine import review

    out = desk.out
    scores = [one.score for one in pairs]
    spread = Counter(int(score // _BAND) * _BAND for score in scores)
    top, median, low = scores[0], scores[len(scores) // 2], scores[-1]
    out.item(
        "merge_plan",
        pairs=len(pairs),
        highest=top,
        median=median,
        lowest=low,
        spread=[[band, count] for band, count in sorted(spread.items(), reverse=True)],
    )
    out.say(
        "dedupe.would",
        count=f"{len(pairs):,}",
        top=f"{top:.1f}",
        median=f"{median:.1f}",
        low=f"{low:.1f}",
    )
    out.table(
        ("column.scores", "column.pairs"),
        [[f"{band}–{band + _BAND}", f"{count:,}"] for band, count in sorted(spread.items())[::-1]],
        right=("column.pairs",),
    )
    some = review.sample(desk.hub, pairs, sample)
    for case in some:
        out.item("sample", **pair_fields(case))
    out.line()
    out.say("dedupe.sample", count=len(some))
    columns = ("column.scores", "column.a", "column.b", "column.blocked")
    rows = [row[1:] for row in pair_rows(desk, some, [None] * len(some))]
    out.table(columns, rows, right=columns[:1], wrap=columns[3])


def _ask(desk: Desk, count: int) -> None:
    """Have the number typed; Refused where nobody can, or another was."""
    if desk.out.as_json or not sys.stdin.isatty():
        raise refused("SAY_YES", count=count, next="renkei dedupe merge --above N --yes")
    typed = typer.prompt(desk.out.words("dedupe.ask", count=count), default="", show_default=False)
    if str(typed).strip() != str(count):
        raise refused("NOT_CONFIRMED", exit_code=ERROR)


def _merge(desk: Desk, above: float, count: int, *, blocked: bool, user: str) -> int:
    from sync.cli.progress import stopping
    from sync.engine import review

    out = desk.out
    with stopping(out, "dedupe.stopping") as event, _Counting(desk, count) as counting:
        stop: Callable[[], bool] = desk.world.stop or event.is_set
        done = review.merge_above(
            desk.hub, above, user=user, blocked=blocked, stop=stop, watch=counting.watch
        )
        stopped = stop()
    out.item("merged_many", merged=done.merged, refused=[list(one) for one in done.refused])
    out.say("dedupe.merged", count=f"{done.merged:,}")
    if done.refused:
        out.say("dedupe.refused")
    for a, b, code in done.refused:
        if code == "CONTRADICTED":
            out.line(f"  {out.words('dedupe.contradicted', a=a, b=b)}")
        else:
            out.line(f"  {out.words('dedupe.other', a=a, b=b, code=code)}")
    if stopped:
        raise refused("STOPPED", exit_code=ERROR)
    if done.merged:
        out.next("renkei run")
    return PARTIAL if done.refused else OK


class _Counting:
    """Shows how many are merged: a moving line on a terminal, elsewhere a line now and then."""

    def __init__(self, desk: Desk, count: int) -> None:
        self.desk = desk
        self.count = count
        self.merged = 0
        self._status: Any = None

    def __enter__(self) -> _Counting:
        if self.desk.out.is_terminal:
            from rich.console import Console

            self._status = Console().status(self._words())
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def watch(self, done: Outcome) -> None:
        """One more is merged."""
        self.merged += 1
        self.desk.out.item("merged", leads=list(done.leads), merge=done.merge_id)
        if self._status is not None:
            self._status.update(self._words())
        elif self.merged % _EVERY == 0:
            self.desk.out.line(self._words())

    def _words(self) -> str:
        return self.desk.out.words(
            "dedupe.progress", count=f"{self.merged:,}", all=f"{self.count:,}"
        )
