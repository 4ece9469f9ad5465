"""What metrics say of the database: read in a few statements, and kept for a few seconds."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter

from connectors.kit.errors import ConnectorError
from sync.engine import quota
from sync.engine.hub import Hub
from sync.engine.quota import Lane, Terms
from sync.store import asides, gauges, quotas, runs
from sync.store.database import Tx, from_iso, iso
from sync.store.gauges import Ended, Waiting
from sync.store.quotas import QuotaRow

__all__ = ["OUTCOMES", "Account", "Reader", "Reading"]

KEPT_SECONDS = 5.0
SHARE = 20
"""A reading is kept for so many times as long as it took: scrapes take 5 % of a core at most."""
LOOK_BACK = timedelta(days=7)
"""How far back it is looked for when a stream was last read."""
RECENT = timedelta(hours=1)
"""The window of what runs came to."""
OUTCOMES = {
    "read": ("read",),
    "new": ("new",),
    "created": ("created",),
    "updated": ("updated",),
    "unchanged": ("unchanged", "echo", "stale"),
    "gone": ("gone",),
    "put_off": ("put_off", "conflict", "waiting"),
    "set_aside": ("set_aside", "fields_aside"),
}
"""What becomes of records, and which counts of runs say so."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account's day. ``room`` is how many more calls each lane may make; None: no limit."""

    name: str
    limit: int | None
    left: int | None
    used: dict[str, int]
    room: dict[str, int | None]
    paused: float


@dataclass(frozen=True, slots=True)
class Reading:
    """How the hub stood at a moment; ages are in seconds."""

    connections: tuple[str, ...]
    states: dict[str, str]
    waiting: list[tuple[Waiting, float]]
    held: dict[str, int]
    pull_ages: dict[str, float]
    lags: dict[str, float]
    runs: Counter[tuple[str, str, str, str]]
    records: Counter[tuple[str, str, str]]
    asides: list[tuple[str, str, str, int]]
    handoffs: dict[str, tuple[int, int]]
    accounts: list[Account]
    seconds: float = 0.0


@dataclass
class Reader:
    """Reads how the hub stands. Whoever asks while somebody reads gets the same answer."""

    hub: Hub
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last: Reading | None = None
    _until: float = 0.0
    _streams: list[tuple[str, str]] | None = None

    def read(self) -> Reading:
        """How the hub stands now, or a moment ago. Raises SQLAlchemy's errors."""
        with self._lock:
            started = perf_counter()
            if self._last is not None and started < self._until:
                return self._last
            found = self._read(started)
            self._last = found
            self._until = perf_counter() + max(KEPT_SECONDS, SHARE * found.seconds)
            return found

    def _read(self, started: float) -> Reading:
        hub = self.hub
        now, names = hub.now(), [name for name, flow in hub.flows.items() if flow.config.enabled]
        streams = self._pulled_streams(names)
        with hub.database.read() as tx:
            states = runs.connection_states(tx)
            waiting = [
                (one, _age(one.since, now))
                for ask in _QUEUES
                for one in ask(tx)
                if one.connection in hub.flows
            ]
            pulled = gauges.pulled(tx, streams, iso(now - LOOK_BACK))
            recent = gauges.ended(tx, hub.flows, iso(now - RECENT))
            held, open_asides = gauges.held(tx), asides.counts(tx)
            handed = gauges.handoffs(tx, iso(now))
            accounts = self._accounts(tx, names, now)
        ages = {name: _age(at, now) for name, at in pulled.items()}
        return Reading(
            connections=tuple(names),
            states={name: states[name].state if name in states else "active" for name in names},
            waiting=waiting,
            held=held,
            pull_ages=ages,
            lags=self._lags(names, waiting, ages),
            runs=Counter((one.connection, one.kind, one.state, one.code) for one in recent),
            records=_records(recent),
            asides=open_asides,
            handoffs=handed,
            accounts=accounts,
            seconds=perf_counter() - started,
        )

    def _pulled_streams(self, names: Iterable[str]) -> list[tuple[str, str]]:
        if self._streams is None:
            self._streams = [
                (name, stream) for name in names for stream in _streams(self.hub, name)
            ]
        return self._streams

    def _lags(
        self, names: Iterable[str], waiting: list[tuple[Waiting, float]], ages: dict[str, float]
    ) -> dict[str, float]:
        """By connection the age of the oldest change that is not read, or not passed on."""
        found = dict.fromkeys(names, 0.0)
        for one, age in waiting:
            if one.queue != "handoff" and one.connection in found:
                found[one.connection] = max(found[one.connection], age)
        for name, age in ages.items():
            pull = self.hub.flows[name].config.pull
            if pull is not None and pull.schedule is not None:
                found[name] = max(found[name], age)
        return found

    def _accounts(self, tx: Tx, names: Iterable[str], now: datetime) -> list[Account]:
        terms = {(one := self.hub.flows[name].meter.terms).account: one for name in names}
        rows = quotas.of_accounts(tx, terms)
        return [_account(one, rows.get(name), now) for name, one in terms.items()]


_QUEUES = (gauges.hooks, gauges.inbox, gauges.outbox, gauges.ticks, gauges.messages)


def _streams(hub: Hub, name: str) -> list[str]:
    flow = hub.flows[name]
    if flow.config.pull is None:
        return []
    try:
        return flow.streams()
    except ConnectorError:
        return []  # it cannot be built: its runs say why


def _account(terms: Terms, held: QuotaRow | None, now: datetime) -> Account:
    row = held or QuotaRow(terms.account, iso(terms.day_ends(now)))
    quota.begin_day(terms, row, now)
    paused = 0.0 if row.paused_until is None else -_age(row.paused_until, now, least=None)
    return Account(
        name=terms.account,
        limit=quota.limit_of(terms, row),
        left=quota.left_of(terms, row),
        used={lane.value: row.used.get(lane.value, 0) for lane in Lane},
        room={lane.value: quota.room(terms, row, lane, now) for lane in Lane},
        paused=max(paused, 0.0),
    )


def _records(recent: Iterable[Ended]) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for one in recent:
        for outcome, names in OUTCOMES.items():
            count = sum(one.counts.get(name, 0) for name in names)
            if count:
                found[one.connection, one.kind, outcome] += count
    return found


def _age(since: str, now: datetime, *, least: float | None = 0.0) -> float:
    seconds = (now - from_iso(since)).total_seconds()
    return seconds if least is None else max(seconds, least)
