"""Metrics as Prometheus reads them. Labels are names the operator chose, and words of ours.

What the database says is said by every process of a hub alike: ask one, or take the maximum. What a
process counts of itself is its own, and begins at 0 when it starts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from sync.engine.hub import Hub
from sync.observe.reading import Reader, Reading
from sync.observe.redact import CODE
from sync.observe.vitals import BOUNDS, Vitals

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MOST_VALUES = 100
"""Values of a label that is not the operator's, at most; the others are taken together."""
OTHER = "other"
_REASON = re.compile(r"[a-z][a-z ]{1,20}")
_STATES = ("active", "paused", "needs_auth")

Row = tuple[tuple[str, ...], float]


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self, hub: Hub, vitals: Vitals) -> None:
        from prometheus_client import CollectorRegistry, ProcessCollector

        self.registry: CollectorRegistry = CollectorRegistry()
        self.registry.register(_Collector(hub, vitals))
        ProcessCollector(registry=self.registry)

    def render(self) -> bytes:
        """All metrics in Prometheus's text format."""
        from prometheus_client import generate_latest

        return generate_latest(self.registry)


class _Collector:
    """Collects at each scrape; a database that is away leaves its part out."""

    def __init__(self, hub: Hub, vitals: Vitals) -> None:
        self.hub = hub
        self.vitals = vitals
        self._reader = Reader(hub)

    def describe(self) -> Iterable[Metric]:
        """Nothing: asked at registration, when there may be no database yet."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All metrics, now."""
        database = self.hub.database.dialect
        yield _gauge(
            "build_info",
            "The version that runs, and its kind of database. Always 1.",
            ("version", "database"),
            [((version("renkei"), database), 1)],
        )
        yield from self._own()
        try:
            reading = self._reader.read()
        except (SQLAlchemyError, OSError):
            yield _gauge("database_up", "Whether the database answers.", (), [((), 0)])
            return
        yield _gauge("database_up", "Whether the database answers.", (), [((), 1)])
        yield _gauge(
            "database_read_seconds",
            "Seconds that reading these metrics from the database took.",
            (),
            [((), reading.seconds)],
        )
        yield from _connections(reading)
        yield from _work(reading)
        yield from _accounts(reading)

    def _own(self) -> Iterator[Metric]:
        """What this process counts of itself."""
        tally, counts = self.hub.tally, self.vitals.counts
        for name, label, what, count in (
            (
                "webhooks",
                "reason",
                "Webhooks by what became of them.",
                counts.get("webhooks"),
            ),
            ("rings", "result", "Wake-ups by what became of them.", counts.get("rings")),
            ("job_failures", "job", "Jobs that ended by a fault.", _of(tally.of, "failures")),
            (
                "takeovers",
                "what",
                "Runs, changes and processes whose worker went away; their work was taken over.",
                _of(tally.of, "takeovers"),
            ),
            ("batches", "result", "Batches of records resolved.", _of(tally.of, "batches")),
        ):
            seen = count() if count is not None else {}
            yield _counter(name, what, label, _bounded(seen))
        yield _durations(self.vitals)
        looked = self.vitals.silence
        if looked is not None:
            yield _gauge(
                "sweeper_silence_seconds",
                "Seconds since this process last looked for what is due.",
                (),
                [((), looked())],
            )


def _of(ask: Callable[[str], dict[str, int]], what: str) -> Callable[[], Mapping[str, int]]:
    return lambda: ask(what)


def _connections(reading: Reading) -> Iterator[Metric]:
    yield _gauge(
        "connection_state",
        "1 for the state that a connection is in, 0 for the others.",
        ("connection", "state"),
        [
            ((name, state), float(held == state))
            for name, held in reading.states.items()
            for state in _STATES
        ],
    )
    yield _gauge(
        "lag_seconds",
        "Age of the oldest change that a connection has not told or been told. The last good pull "
        "counts where pulls are scheduled.",
        ("connection",),
        [((name,), seconds) for name, seconds in reading.lags.items()],
    )
    yield _gauge(
        "pull_age_seconds",
        "Seconds since the last good pull of the stream that was not read for longest.",
        ("connection",),
        [((name,), seconds) for name, seconds in reading.pull_ages.items()],
    )


def _work(reading: Reading) -> Iterator[Metric]:
    yield _gauge(
        "queue_depth",
        "What waits in a queue: webhooks, records, leads owed, pulls, messages.",
        ("queue", "connection"),
        [((one.queue, one.connection), one.size) for one, _ in reading.waiting],
    )
    yield _gauge(
        "queue_age_seconds",
        "How long the first in a queue has been due, or owed.",
        ("queue", "connection"),
        [((one.queue, one.connection), age) for one, age in reading.waiting],
    )
    yield _gauge(
        "held_back",
        "Leads that a limit of the connection holds back.",
        ("connection",),
        [((name,), count) for name, count in reading.held.items()],
    )
    yield _gauge(
        "recent_runs",
        "Runs that began within the last hour, by how they stand.",
        ("connection", "kind", "state", "code"),
        _coded(reading.runs.items()),
    )
    yield _gauge(
        "recent_records",
        "Records in the runs of the last hour, by what became of them.",
        ("connection", "kind", "outcome"),
        list(reading.records.items()),
    )
    yield _gauge(
        "set_aside",
        "What is set aside and needs a person.",
        ("connection", "kind", "code"),
        _coded(((a, b, c), count) for a, b, c, count in reading.asides),
    )
    yield _gauge(
        "handoffs_waiting",
        "Hand-offs that nobody answered yet.",
        ("connection",),
        [((name,), count) for name, (count, _) in reading.handoffs.items()],
    )
    yield _gauge(
        "handoffs_late",
        "Hand-offs that nobody answered in time.",
        ("connection",),
        [((name,), late) for name, (_, late) in reading.handoffs.items()],
    )


def _accounts(reading: Reading) -> Iterator[Metric]:
    accounts = reading.accounts
    yield _gauge(
        "quota_limit",
        "Calls of an account's day.",
        ("account",),
        [((one.name,), one.limit) for one in accounts if one.limit is not None],
    )
    yield _gauge(
        "quota_left",
        "Calls that are left of the day.",
        ("account",),
        [((one.name,), one.left) for one in accounts if one.left is not None],
    )
    yield _gauge(
        "quota_used",
        "Calls that the hub made today, by lane.",
        ("account", "lane"),
        [((one.name, lane), count) for one in accounts for lane, count in one.used.items()],
    )
    yield _gauge(
        "quota_room",
        "Calls that a lane may still make today, what it leaves to others taken off.",
        ("account", "lane"),
        [
            ((one.name, lane), count)
            for one in accounts
            for lane, count in one.room.items()
            if count is not None
        ],
    )
    yield _gauge(
        "account_pause_seconds",
        "Seconds until an account is called again, as its vendor asked.",
        ("account",),
        [((one.name,), one.paused) for one in accounts],
    )


def _gauge(name: str, what: str, labels: tuple[str, ...], rows: Iterable[Row]) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    made = GaugeMetricFamily(f"renkei_{name}", what, labels=labels)
    for values, number in rows:
        made.add_metric(values, number)
    return made


def _counter(name: str, what: str, label: str, counts: Mapping[str, int]) -> Any:
    from prometheus_client.core import CounterMetricFamily

    made = CounterMetricFamily(f"renkei_{name}", what, labels=(label,))
    for value, count in sorted(counts.items()):
        made.add_metric((value,), count)
    return made


def _durations(vitals: Vitals) -> Any:
    from prometheus_client.core import HistogramMetricFamily

    made = HistogramMetricFamily("renkei_job_seconds", "How long jobs took.", labels=("job",))
    for job, (buckets, seconds) in sorted(vitals.durations.seen().items()):
        total, rows = 0, []
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), buckets, strict=True):
            total += count
            rows.append((bound, float(total)))
        made.add_metric((job,), rows, seconds)
    return made


def _bounded(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts whose names are words of ours; all others, and those beyond a number, as one."""
    found: dict[str, int] = {}
    for name, count in sorted(counts.items()):
        plain = name if _REASON.fullmatch(name) or CODE.fullmatch(name) else OTHER
        key = plain if plain in found or len(found) < MOST_VALUES else OTHER
        found[key] = found.get(key, 0) + count
    return found


def _coded(rows: Iterable[tuple[tuple[str, ...], float]]) -> list[Row]:
    """Rows whose last label is an error code: no more different ones than there may be."""
    codes: set[str] = set()
    found: dict[tuple[str, ...], float] = {}
    for values, number in sorted(rows):
        code = values[-1]
        known = not code or (CODE.fullmatch(code) and (code in codes or len(codes) < MOST_VALUES))
        if known:
            codes.add(code)
        key = (*values[:-1], code if known else OTHER)
        found[key] = found.get(key, 0) + number
    return list(found.items())
