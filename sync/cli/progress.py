"""How runs stand, while they run: moving lines on a terminal, plain lines elsewhere."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any

from sync.cli.out import Out
from sync.engine.stop import Stop

if TYPE_CHECKING:
    from sync.store.runs import RunRow
    from sync.workers.job import Progress

__all__ = ["Watching", "figures", "run_fields", "run_table", "stopping", "why"]

PLAIN_EVERY = 5.0
"""Seconds between two plain lines about one run."""
_ENDED = ("succeeded", "partial", "failed", "stopped")


def figures(counts: Mapping[str, int], job: str) -> dict[str, int]:
    """Counts in the words of the command line: read, created, updated, unchanged, set aside."""
    get = counts.get
    aside = get("set_aside", 0) + get("fields_aside", 0)
    if job == "push":
        read = 0
        unchanged = get("unchanged", 0)
    else:
        read = get("read", 0)
        unchanged = get("unchanged", 0) + get("echo", 0) + get("stale", 0)
    return {
        "read": read,
        "created": get("created", 0),
        "updated": get("updated", 0),
        "unchanged": unchanged,
        "gone": get("gone", 0),
        "put_off": get("put_off", 0) + get("conflict", 0) + get("waiting", 0),
        "set_aside": aside,
    }


def run_fields(run: RunRow) -> dict[str, Any]:
    """A run as JSON shows it."""
    return {
        "id": run.id,
        "connection": run.connection,
        "stream": run.stream,
        "job": run.kind,
        "cause": run.cause,
        "state": run.state,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "resumes_at": run.resumes_at,
        "figures": figures(run.counts, run.kind),
        "counts": dict(run.counts),
        "code": run.code,
        "error": run.error,
    }


def seconds(run: RunRow) -> float:
    """How long a run took, or has taken."""
    from datetime import datetime

    end = run.finished_at or run.beat_at
    return (datetime.fromisoformat(end) - datetime.fromisoformat(run.started_at)).total_seconds()


def why(out: Out, run: RunRow) -> str:
    """Why a run failed, or until when it waits."""
    if run.resumes_at is None:
        return f"{run.error} [{run.code}]"
    name = f"{run.connection} {run.stream or '–'}"
    return f"{out.words('run.resumes', name=name, until=out.when(run.resumes_at))} [{run.code}]"


COLUMNS = (
    "column.connection",
    "column.stream",
    "column.job",
    "column.state",
    "column.read",
    "column.created",
    "column.updated",
    "column.unchanged",
    "column.set_aside",
    "column.seconds",
)
NUMBERS = COLUMNS[4:]


def run_table(out: Out, done: Sequence[RunRow]) -> None:
    """The table of some runs."""
    rows = [_row(out, run) for run in done]
    out.table(COLUMNS, rows, right=NUMBERS)


def _row(out: Out, run: RunRow) -> list[Any]:
    found = figures(run.counts, run.kind)
    return [
        run.connection,
        run.stream or "–",
        out.words(f"job.{run.kind}"),
        out.words(f"state.{run.state}"),
        found["read"] or "",
        found["created"],
        found["updated"],
        found["unchanged"],
        found["set_aside"],
        f"{seconds(run):.1f}",
    ]


class Watching:
    """Shows runs while they run; ``watch`` is given to the job."""

    def __init__(self, out: Out) -> None:
        self.out = out
        self._runs: dict[str, tuple[RunRow, int | None]] = {}
        self._told: dict[str, float] = {}
        self._live: Any = None

    def __enter__(self) -> Watching:
        if self.out.is_terminal:
            from rich.live import Live

            self._live = Live(refresh_per_second=8, transient=True)
            self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.__exit__(kind, error, trace)

    def watch(self, progress: Progress) -> None:
        """Show how a run stands."""
        run = progress.run
        self._runs[run.id] = (run, progress.quota_left)
        if run.state in _ENDED:
            self.out.item("run", **run_fields(run))
        if self._live is not None:
            self._live.update(self._table())
        elif run.state in _ENDED or self._is_time(run):
            self.out.line(self._line(run, progress.quota_left))

    def _is_time(self, run: RunRow) -> bool:
        now = monotonic()
        if now - self._told.setdefault(run.id, now) < PLAIN_EVERY:
            return False
        self._told[run.id] = now
        return True

    def _line(self, run: RunRow, quota: int | None) -> str:
        found = figures(run.counts, run.kind)
        told = [
            self.out.words(f"figure.{name}", count=f"{count:,}")
            for name, count in found.items()
            if count
        ] or [self.out.words("figure.none")]
        if quota is not None:
            told.append(self.out.words("figure.quota", count=f"{quota:,}"))
        line = f"{run.connection} {run.stream or '–'} {self.out.words(f'job.{run.kind}')}: "
        line += f"{self.out.words(f'state.{run.state}')}; {', '.join(told)}"
        return f"{line}\n  {why(self.out, run)}" if run.error else line

    def _table(self) -> Any:
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="dim")
        for key in (*COLUMNS[:3], "column.state", *COLUMNS[4:9], "column.rate", "column.quota"):
            right = key in NUMBERS or key in ("column.rate", "column.quota")
            table.add_column(self.out.words(key), justify="right" if right else "left")
        for run, quota in self._runs.values():
            *cells, took = [str(cell) for cell in _row(self.out, run)]
            state = {"succeeded": "green", "partial": "yellow", "failed": "red"}.get(run.state)
            shown: Any = Text(cells[3], style=state or "")
            if run.state == "running":
                shown = Spinner("dots", Text(cells[3]))
            total = sum(figures(run.counts, run.kind)[name] for name in ("created", "updated"))
            handled = run.counts.get("read", 0) or total
            rate = f"{handled / float(took):,.0f}/s" if float(took) >= 1 else ""
            quota_text = "" if quota is None else f"{quota:,}"
            texts = [Text(cell) for cell in cells]
            table.add_row(*texts[:3], shown, *texts[4:], Text(rate), Text(quota_text))
        return table


@contextmanager
def stopping(out: Out, note: str = "run.stopping", over: Stop | None = None) -> Iterator[Stop]:
    """A stop, ``over`` if given, that Ctrl-C or SIGTERM sets; twice: all ends at once."""
    over = over or Stop()

    def stop(_signal: int, _frame: Any) -> None:
        if over.is_set():
            raise KeyboardInterrupt
        over.set()
        if note:
            out.note(note)

    if threading.current_thread() is not threading.main_thread():
        yield over
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield over
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
