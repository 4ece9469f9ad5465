"""How each account's quota stands, and what the work that is owed now would take of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connectors.kit.base import Pushes, PushesInBulk
from sync.engine import quota
from sync.engine.hub import Flow, Hub
from sync.engine.quota import Lane, Terms
from sync.store import outbox, quotas
from sync.store.database import Tx, iso
from sync.store.quotas import QuotaRow

__all__ = ["AccountView", "Forecast", "Wait", "accounts", "forecast", "waits"]


@dataclass(frozen=True, slots=True)
class Wait:
    """A lane that makes no calls until a time; ``code`` says why."""

    lane: Lane
    code: str
    until: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """What writing to a connection would take now: changes and calls, by lane.

    ``calls`` is the fewest that batches allow; a vendor that must be asked before it is written to
    takes more. ``left`` is what the lanes may still call today, None where no limit is known;
    ``fits`` whether that is enough.
    """

    connection: str
    account: str
    changes: dict[Lane, int]
    calls: dict[Lane, int]
    left: dict[Lane, int | None]
    fits: bool


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account's day; it has no ``resets_at`` where the last 24 hours count.

    ``left`` counts calls that are claimed as used; None: no limit is known.
    """

    account: str
    connections: tuple[str, ...]
    limit: int | None
    left: int | None
    used: dict[Lane, int]
    resets_at: str | None
    paused_until: str | None
    waits: tuple[Wait, ...]
    forecast: tuple[Forecast, ...]


def accounts(hub: Hub) -> list[AccountView]:
    """How the account of every enabled connection stands now."""
    now = hub.now()
    flows = [flow for flow in hub.flows.values() if flow.config.enabled]
    by_account: dict[str, list[Flow]] = {}
    for flow in flows:
        by_account.setdefault(flow.meter.terms.account, []).append(flow)
    with hub.database.read() as tx:
        rows = quotas.of_accounts(tx, by_account)
        owed = _owed(tx, flows, now, rows)
    found = []
    for account, some in by_account.items():
        terms = some[0].meter.terms
        row = _row(rows, terms, now)
        paused = row.paused_until
        found.append(
            AccountView(
                account=account,
                connections=tuple(flow.name for flow in some),
                limit=quota.limit_of(terms, row),
                left=quota.left_of(terms, row),
                used={lane: row.used[lane.value] for lane in Lane if row.used.get(lane.value)},
                resets_at=None if terms.rolling else row.ends_at,
                paused_until=paused if paused is not None and paused > iso(now) else None,
                waits=_waits(terms, row, now),
                forecast=tuple(owed[flow.name] for flow in some if flow.name in owed),
            )
        )
    return found


def forecast(hub: Hub) -> list[Forecast]:
    """What writing to each connection would take, if all that is owed were pushed now."""
    now = hub.now()
    with hub.database.read() as tx:
        rows = quotas.of_accounts(tx, {flow.meter.terms.account for flow in hub.targets})
        return list(_owed(tx, hub.targets, now, rows).values())


def waits(hub: Hub, tx: Tx) -> dict[str, tuple[Wait, ...]]:
    """The lanes that wait for the quota now, by connection."""
    now = hub.now()
    rows = quotas.of_accounts(tx, {flow.meter.terms.account for flow in hub.flows.values()})
    return {
        name: _waits(flow.meter.terms, _row(rows, flow.meter.terms, now), now)
        for name, flow in hub.flows.items()
        if flow.meter.terms.account in rows
    }


def _row(rows: dict[str, QuotaRow], terms: Terms, now: datetime) -> QuotaRow:
    row = rows.get(terms.account) or QuotaRow(terms.account, iso(terms.day_ends(now)))
    quota.begin_day(terms, row, now)
    return row


def _waits(terms: Terms, row: QuotaRow, now: datetime) -> tuple[Wait, ...]:
    found = []
    for lane in Lane:
        code, until = quota.waits_until(terms, row, lane, now)
        if code:
            found.append(Wait(lane, code, iso(until)))
    return tuple(found)


def _owed(
    tx: Tx, flows: list[Flow], now: datetime, rows: dict[str, QuotaRow]
) -> dict[str, Forecast]:
    depth, urgent = outbox.depth(tx), outbox.urgent_by_connection(tx)
    found = {}
    for flow in flows:
        states = depth.get(flow.name, {})
        count = states.get("due", 0) + states.get("sent", 0)
        if flow.config.push is None or not flow.config.enabled or not count:
            continue
        first = min(urgent.get(flow.name, 0), count)
        changes = {
            lane: some
            for lane, some in ((Lane.OPT_OUT, first), (Lane.ROUTINE, count - first))
            if some
        }
        calls = {lane: -(-some // _batch(flow, some)) for lane, some in changes.items()}
        row, terms = _row(rows, flow.meter.terms, now), flow.meter.terms
        left = {lane: quota.room(terms, row, lane, now) for lane in changes}
        found[flow.name] = Forecast(
            connection=flow.name,
            account=terms.account,
            changes=changes,
            calls=calls,
            left=left,
            fits=all(_fits(calls, lane, there) for lane, there in left.items()),
        )
    return found


def _fits(calls: dict[Lane, int], lane: Lane, there: int | None) -> bool:
    """Whether a lane's calls, and those of the lanes that go first, are there."""
    lanes = list(Lane)
    before = sum(calls.get(one, 0) for one in lanes[: lanes.index(lane) + 1])
    return there is None or before <= there


def _batch(flow: Flow, count: int) -> int:
    connector = flow.connector
    if isinstance(connector, PushesInBulk) and count >= connector.bulk_from:
        return connector.bulk_size
    return connector.batch_size if isinstance(connector, Pushes) else 1
