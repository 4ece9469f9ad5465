"""What is looked for: a function a kind, each over a few statements of the store.

Nothing of a person goes into a finding: names of connections, ids, codes and numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import combinations

import orjson

from sync.config.alerts import ThresholdsConfig
from sync.engine import budgets
from sync.engine.hub import Hub
from sync.engine.incidents.disk import free_percent
from sync.engine.incidents.kinds import Finding
from sync.engine.quota import Lane
from sync.engine.refusals import NOT_STORED, SIGNATURE
from sync.store import health, outbox, runs
from sync.store.database import Tx, iso
from sync.store.health import Ended
from sync.store.incidents import IncidentRow

RUNS_WITHIN = timedelta(days=7)
REFUSED_WITHIN = timedelta(minutes=10)
SET_ASIDE_WITHIN = timedelta(hours=1)
BEAT_WITHIN = timedelta(minutes=2)
"""A pull that gave a sign within this time is going on."""
MASS_DELETE = "MASS_DELETE"
SCORE = "audit.score:"
"""What the settings that hold the scores of the last audit begin with."""
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True)
class Timetable:
    """A schedule: its key among the ticks, and the moment since which a pull should have come."""

    kind: str
    connection: str
    key: str
    pulled_by: datetime | None = None


@dataclass
class Look:
    """One look at a hub: what all detectors share. ``standing`` are incidents that are open."""

    hub: Hub
    tx: Tx
    now: datetime
    timetables: Sequence[Timetable] = ()
    standing: Mapping[tuple[str, str], IncidentRow] = field(default_factory=dict)

    @property
    def when(self) -> ThresholdsConfig:
        """From when on something is an incident."""
        return self.hub.config.alerts.when

    @cached_property
    def enabled(self) -> list[str]:
        """The connections that are not switched off."""
        return [name for name, flow in self.hub.flows.items() if flow.config.enabled]

    @cached_property
    def paused(self) -> set[str]:
        """Those that somebody paused: nobody is told of what waits for them."""
        states = runs.connection_states(self.tx)
        return {name for name, one in states.items() if one.state == "paused"}

    @cached_property
    def at_work(self) -> list[str]:
        """The connections that are neither switched off nor paused."""
        return [name for name in self.enabled if name not in self.paused]

    @cached_property
    def ended(self) -> list[Ended]:
        """How the last pulls, pushes and sweeps ended."""
        after = iso(self.now - RUNS_WITHIN)
        return health.ended(self.tx, self.at_work, ("pull", "push", "sweep"), after)

    def before(self, **amount: float) -> str:
        """A time so long ago, as stored."""
        return iso(self.now - timedelta(**amount))


def sign_in_needed(look: Look) -> Iterator[Finding]:
    """Connections whose credentials were refused."""
    depth = outbox.depth(look.tx)
    for name, one in runs.connection_states(look.tx).items():
        if one.state == "needs_auth" and name in look.enabled:
            states = depth.get(name, {})
            owed = states.get("due", 0) + states.get("sent", 0)
            yield Finding("sign_in_needed", name, name, one.since, {"owed": owed})


def runs_fail(look: Look) -> Iterator[Finding]:
    """Connections of which a stream, or what is not yet a stream, failed several times in a row."""
    found: dict[str, Finding] = {}
    for group in _groups(look.ended):
        failed = group[: look.when.failed_runs]
        if len(failed) < look.when.failed_runs or any(one.state != "failed" for one in failed):
            continue
        newest = failed[0]
        if newest.code == MASS_DELETE:
            continue
        since = _since([one for one in group if one.state != "failed"], group)
        facts = {"job": newest.kind, "count": _streak(group), "code": _code(newest.code)}
        held = found.get(newest.connection)
        if held is None or facts["count"] > held.facts["count"]:
            found[newest.connection] = Finding(
                "runs_fail", newest.connection, newest.connection, since, facts
            )
    yield from found.values()


def _groups(ended: Sequence[Ended]) -> list[list[Ended]]:
    """Runs by connection, kind and stream, newest first.

    A run that failed before it knew its streams goes with each run of its kind.
    """
    streams: dict[tuple[str, str], dict[str | None, list[Ended]]] = {}
    for one in ended:
        streams.setdefault((one.connection, one.kind), {}).setdefault(one.stream, []).append(one)
    found = []
    for some in streams.values():
        bare = some.pop(None, [])
        if not some:
            found.append(bare)
        for runs_of in some.values():
            mixed = sorted([*bare, *runs_of], key=lambda one: one.started_at, reverse=True)
            found.append(mixed)
    return found


def _streak(group: Sequence[Ended]) -> int:
    good = (number for number, one in enumerate(group) if one.state != "failed")
    return next(good, len(group))


def _since(good: Sequence[Ended], group: Sequence[Ended]) -> str:
    """The first failure after the last success, as far back as was looked."""
    last = good[0].started_at if good else ""
    return min(one.started_at for one in group if one.started_at > last)


def quota_spent(look: Look) -> Iterator[Finding]:
    """Connections whose routine work waits for the quota."""
    for name, some in budgets.waits(look.hub, look.tx).items():
        waits = [one for one in some if one.lane is Lane.ROUTINE]
        if name in look.at_work and waits:
            facts = {"code": _code(waits[0].code), "until": waits[0].until}
            after = timedelta(minutes=look.when.quota_minutes)
            yield Finding("quota_spent", name, name, facts=facts, opens_after=after)


def hooks_refused(look: Look) -> Iterator[Finding]:
    """Connections to which many webhooks come that do not prove who sent them."""
    yield from _refused(look, "hooks_refused", SIGNATURE, look.when.refused_hooks)


def hooks_not_stored(look: Look) -> Iterator[Finding]:
    """Connections of which a webhook could not be stored."""
    yield from _refused(look, "hooks_not_stored", NOT_STORED, 1)


def _refused(look: Look, kind: str, why: str, least: int) -> Iterator[Finding]:
    counts = health.refusals(look.tx, iso(look.now - REFUSED_WITHIN))
    for (name, reason), (count, since) in counts.items():
        if reason == why and count >= least and name in look.enabled:
            yield Finding(kind, name, name, since, {"count": count})


def hooks_late(look: Look) -> Iterator[Finding]:
    """Connections whose stored webhooks nobody takes."""
    for one in health.late_hooks(look.tx, look.before(minutes=look.when.hooks_minutes)):
        if one.connection in look.at_work:
            facts = {"count": one.number}
            yield Finding("hooks_late", one.connection, one.connection, one.since, facts)


def inbox_late(look: Look) -> Iterator[Finding]:
    """Records that nobody resolves."""
    late = health.late_inbox(look.tx, look.before(minutes=look.when.inbox_minutes))
    if late is not None:
        yield Finding("inbox_late", "inbox", None, late.since, {"count": late.number})


def outbox_late(look: Look) -> Iterator[Finding]:
    """Connections that have been owed changes for long."""
    targets = {flow.name for flow in look.hub.targets}
    for one in health.late_outbox(look.tx, look.before(minutes=look.when.outbox_minutes)):
        if one.connection in targets and one.connection in look.at_work:
            facts = {"count": one.number}
            yield Finding("outbox_late", one.connection, one.connection, one.since, facts)


def pull_late(look: Look) -> Iterator[Finding]:
    """Connections that no pull has brought anything from for several moments of their schedule."""
    wanted = {one.connection: one for one in look.timetables if one.pulled_by is not None}
    names = [name for name in wanted if name in look.at_work]
    last = health.last_pulls(look.tx, names)
    first = health.first_ticks(look.tx, [wanted[name].key for name in names])
    going_on = health.pulling(look.tx, names, iso(look.now - BEAT_WITHIN))
    for name in names:
        one = wanted[name]
        since = max(last.get(name, ""), first.get(one.key, ""))
        is_late = one.pulled_by is not None and "" < since < iso(one.pulled_by)
        if is_late and name not in going_on:
            yield Finding("pull_late", name, name, since, {"count": look.when.missed_pulls})


def set_aside_many(look: Look) -> Iterator[Finding]:
    """Connections at which much was set aside for one reason.

    It stays one until less than half is left of what was set aside since shortly before it began.
    """
    opening = iso(look.now - SET_ASIDE_WITHIN)
    seen = set()
    for (name, code), (count, since) in health.set_aside_since(look.tx, opening).items():
        if count >= look.when.set_aside:
            told = _code(code)
            subject = f"{name}/{told}"
            seen.add(subject)
            before = look.standing.get(("set_aside_many", subject))
            begun = before.facts["from"] if before is not None else opening
            facts = {"count": count, "code": told, "from": begun}
            yield Finding("set_aside_many", subject, name, since, facts)
    for (kind, subject), row in look.standing.items():
        if kind == "set_aside_many" and subject not in seen:
            left = health.set_aside_since(look.tx, str(row.facts["from"]))
            code = str(row.facts["code"])
            count, _ = left.get((row.connection or "", code), (0, ""))
            if count * 2 >= look.when.set_aside:
                yield Finding(
                    kind, subject, row.connection, row.since, {**row.facts, "count": count}
                )


def over_limit(look: Look) -> Iterator[Finding]:
    """Connections whose push a limit stopped."""
    for name, since in health.limits_held(look.tx).items():
        if name in look.enabled:
            held = outbox.waiting(look.tx, name).held
            yield Finding("over_limit", name, name, since, {"count": held})


def mass_delete(look: Look) -> Iterator[Finding]:
    """Connections whose sweep missed too many records to believe it."""
    for group in _groups([one for one in look.ended if one.kind == "sweep"]):
        newest = group[0]
        if newest.state == "failed" and newest.code == MASS_DELETE:
            name = newest.connection
            facts = {"code": MASS_DELETE, "stream": (newest.stream or "").partition(":")[0]}
            yield Finding(
                "mass_delete", f"{name}/{facts['stream']}", name, newest.started_at, facts
            )


def handoffs_unanswered(look: Look) -> Iterator[Finding]:
    """Rules whose hand-offs nobody answered although the last level was told long ago."""
    before = look.before(hours=look.when.handoff_hours)
    for rule, connection, count, since in health.unanswered(look.tx, before):
        if connection in look.enabled:
            yield Finding("handoffs_unanswered", rule, connection, since, {"count": count})


def schedule_failed(look: Look) -> Iterator[Finding]:
    """Schedules whose last moment was tried as often as it may be, and failed."""
    by_key = {one.key: one for one in look.timetables if one.connection in look.at_work}
    for key, due in health.failed_ticks(look.tx, list(by_key)).items():
        one = by_key[key]
        subject = f"{one.connection}/{one.kind}"
        yield Finding("schedule_failed", subject, one.connection, due, {"job": one.kind})


def disk_full(look: Look) -> Iterator[Finding]:
    """The file system that holds the SQLite file, where hardly any of it is free."""
    free = free_percent(look.hub.database)
    least = look.when.disk_free_percent
    if ("disk_full", "database") in look.standing:
        least *= 1.2
    if free is not None and free < least:
        yield Finding("disk_full", "database", None, facts={"percent": round(free, 1)})


def drift(look: Look) -> Iterator[Finding]:
    """Connections, and pairs of them, that agree too little by their last audit."""
    names = sorted(look.enabled)
    wanted = [*names, *(f"{one}+{other}" for one, other in combinations(names, 2))]
    said = health.settings(look.tx, [f"{SCORE}{name}" for name in wanted])
    for name, text in said.items():
        score = orjson.loads(text)
        percent = round(100 * score["score"], 2)
        if percent < look.when.agreement_percent:
            subject = name.removeprefix(SCORE)
            facts = {"percent": percent, "records": score["records"]}
            yield Finding("drift", subject, subject.partition("+")[0], score["at"], facts)


def _code(code: str | None) -> str:
    """A code as it is told: letters of a code only, whoever wrote it."""
    return code if code is not None and _CODE.fullmatch(code) else "ERROR"


DETECTORS: tuple[Callable[[Look], Iterator[Finding]], ...] = (
    sign_in_needed,
    runs_fail,
    quota_spent,
    hooks_refused,
    hooks_not_stored,
    hooks_late,
    inbox_late,
    outbox_late,
    pull_late,
    set_aside_many,
    over_limit,
    mass_delete,
    handoffs_unanswered,
    schedule_failed,
    disk_full,
    drift,
)
"""A function a kind; its name is the kind's."""
