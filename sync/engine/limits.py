"""How much one push may change: what is over a limit is held back as a whole, and a person asked.

Opt-outs count towards no limit and are not held back: they go out by themselves, without the rest
of their change.
Counting rows is enough most of the time: as long as no more is owed than the smallest limit allows,
nothing can be over it. Only then are the changes themselves looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sync.engine import consents
from sync.engine.changes import Plan, plans
from sync.engine.hub import Flow, Hub
from sync.store import asides, links, outbox
from sync.store.asides import Aside
from sync.store.database import Tx
from sync.store.outbox import Owed

__all__ = ["OVER_LIMIT", "Excess", "Guard", "Held", "Reach", "excess", "goes_back", "is_limited"]

OVER_LIMIT = "OVER_LIMIT"
SMALL = 20
"""Below so many records of a connection no percentage counts."""
PAGE = 500
_ANY = 1 << 31


@dataclass(frozen=True, slots=True)
class Reach:
    """How far changes reach: records made, changed and moved backward, of so many linked ones."""

    creates: int = 0
    changed: int = 0
    regressions: int = 0
    linked: int = 0


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit that changes are over. Of ``changed_percent`` both are percents, else counts."""

    limit: str
    wanted: float
    allowed: float


@dataclass(frozen=True, slots=True)
class Held:
    """A push that may write opt-outs only. ``is_news``: it was not held before."""

    message: str
    is_news: bool
    code: str = OVER_LIMIT


def is_limited(flow: Flow) -> bool:
    """Whether a connection has any limit."""
    limits = flow.config.push.limits if flow.config.push is not None else None
    return limits is not None and any(
        one is not None
        for one in (limits.creates, limits.changed_percent, limits.stage_regressions)
    )


def excess(flow: Flow, reach: Reach) -> tuple[Excess, ...]:
    """The limits of a connection that changes reaching so far are over."""
    push = flow.config.push
    if push is None:
        return ()
    limits, found = push.limits, []
    if limits.creates is not None and reach.creates > limits.creates:
        found.append(Excess("creates", reach.creates, limits.creates))
    if limits.changed_percent is not None and reach.linked >= SMALL:
        percent = 100 * reach.changed / reach.linked
        if percent > limits.changed_percent:
            found.append(Excess("changed_percent", round(percent, 1), limits.changed_percent))
    if limits.stage_regressions is not None and reach.regressions > limits.stage_regressions:
        found.append(Excess("stage_regressions", reach.regressions, limits.stage_regressions))
    return tuple(found)


def goes_back(flow: Flow, plan: Plan) -> bool:
    """Whether a change moves its record's stage backward."""
    if plan.stage is None or plan.link is None or plan.change is None:
        return False
    stage = flow.map_for(plan.change.stream).stage
    return stage is not None and stage.goes_back(plan.lead.stage, plan.link.stage_value)


@dataclass(slots=True)
class Guard:
    """Watches one push to a connection: once it would be over a limit, it writes opt-outs only."""

    hub: Hub
    flow: Flow
    _done: int = 0
    _within: int = field(default=-1)

    def check(self, created: int = 0, updated: int = 0) -> Held | None:
        """Hold back what is owed where it is over a limit; let go what is not any more.

        With what this push has ``created`` and ``updated`` so far, opt-outs left out. Cheap where
        nothing has come to be owed since the last time.
        """
        if self._within >= 0 and not is_limited(self.flow):
            return None
        done = created + updated
        with self.hub.database.read() as tx:
            owed, held, free = outbox.waiting(tx, self.flow.name)
            if not is_limited(self.flow) and not held:
                return None
            if done + owed <= self._within and not held:
                return None
            over = () if done + owed <= self._surely(tx) else self._over(tx, created, updated)
            open_item = asides.listed(tx, connection=self.flow.name, kind="limit", limit=1)
        self._within = done + owed
        if over:
            return self._hold(over, is_news=not open_item, is_more=free > 0)
        if held or open_item:
            with self.hub.database.write() as tx:
                now = self.hub.stamp()
                outbox.let_go(tx, self.flow.name, now)
                asides.close(tx, [item.subject for item in open_item], now)
        return None

    def _surely(self, tx: Tx) -> int:
        """So many rows cannot be over any limit."""
        push = self.flow.config.push
        if push is None or not is_limited(self.flow):
            return _ANY
        limits = push.limits
        counts = [one for one in (limits.creates, limits.stage_regressions) if one is not None]
        if limits.changed_percent is not None:
            linked = links.count_people(tx, self.flow.name)
            if linked >= SMALL:
                counts.append(int(linked * limits.changed_percent / 100))
        return min(counts, default=_ANY)

    def _over(self, tx: Tx, created: int, updated: int) -> tuple[Excess, ...]:
        """The limits that all that is owed is over, as a push would write it, with what went."""
        creates, regressions = created, 0
        changed: set[str] = set()
        ids = outbox.owed_ids(tx, self.flow.name, _ANY)
        for start in range(0, len(ids), PAGE):
            some = ids[start : start + PAGE]
            owed = [Owed(self.flow.name, one, 0, False, 0, 0, 0) for one in some]
            for plan in plans(tx, self.flow, owed, whole=True, epoch=self.hub.epoch):
                if plan.change is None or consents.is_alone(self.flow, plan):
                    continue
                if plan.link is None:
                    creates += 1
                else:
                    changed.add(plan.link.id)
                regressions += goes_back(self.flow, plan)
        linked = links.count_people(tx, self.flow.name)
        return excess(self.flow, Reach(creates, updated + len(changed), regressions, linked))

    def _hold(self, over: Sequence[Excess], *, is_news: bool, is_more: bool) -> Held:
        name = self.flow.name
        message = f"held back, but for opt-outs: {'; '.join(_said(one) for one in over)}"
        if is_news or is_more:
            with self.hub.database.write() as tx:
                now = self.hub.stamp()
                outbox.hold_back(tx, name, now)
                asides.put(
                    tx,
                    [
                        Aside(
                            kind="limit",
                            connection=name,
                            code=OVER_LIMIT,
                            message=message,
                            fix=f'look with "renkei plan --connection {name}"; where it is meant,'
                            ' "renkei apply --allow-large", else correct the cause and run again',
                        )
                    ],
                    now,
                )
        return Held(message, is_news)


def _said(one: Excess) -> str:
    match one.limit:
        case "creates":
            return f"{one.wanted:g} records would be created, {one.allowed:g} may be"
        case "changed_percent":
            return f"{one.wanted:g} % of the records would change, {one.allowed:g} % may"
        case _:
            return f"{one.wanted:g} stages would go backward, {one.allowed:g} may"
