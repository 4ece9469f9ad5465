"""Hooks: stored webhooks become inbox rows; hints are read again, many of one record once.

Claimed by lease, and no transaction is open while a vendor is asked. What a hook says and that it
is done with are one commit; a crash anywhere before it means that the hook is taken again, and the
inbox drops what it knows already.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import orjson

from connectors.kit.base import Fetches, Hook, ReceivesWebhooks, Record, Ref
from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    ContractBroken,
    RateLimited,
    Unavailable,
)
from connectors.kit.messages import Answer, ReadsAnswers
from sync.engine.backoff import backoff
from sync.engine.crash import crashpoint
from sync.engine.handoff import answering
from sync.engine.hub import Flow, Hub
from sync.engine.pull import receive, reread
from sync.store import asides, hooks, runs
from sync.store.asides import Aside, subject
from sync.store.database import from_iso, iso
from sync.store.hooks import HookRow
from sync.store.sealing import WrongKey

log = logging.getLogger("renkei.hooks")

LIMIT = 200
LEASE = timedelta(seconds=120)
ATTEMPTS = 8
"""How often a hook is tried before it waits for a person."""
TRY_AGAIN = "renkei retry, once the cause is gone"


@dataclass(slots=True)
class HooksTaken:
    """What taking hooks came to.

    ``more``: whether others may be due. ``pull`` are connections whose hints only a pull can
    follow.
    """

    rows: int = 0
    more: bool = False
    taken: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    pull: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Said:
    """What some hooks of one connection say together."""

    records: list[Record] = field(default_factory=list)
    changed: dict[Ref, None] = field(default_factory=dict)
    deleted: dict[Ref, None] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)


def waiting_connections(hub: Hub) -> list[str]:
    """Connections whose hooks wait: paused, in need of a sign-in, or switched off."""
    with hub.database.read() as tx:
        states = runs.connection_states(tx)
    off = [name for name, flow in hub.flows.items() if not flow.config.enabled]
    return off + [name for name, held in states.items() if held.state != "active"]


def take_hooks(hub: Hub, limit: int = LIMIT) -> HooksTaken:
    """Take the oldest due hooks, up to ``limit``: what they say is in the inbox afterwards."""
    with hub.worktime.of("webhooks") as lap:
        total = _take_hooks(hub, limit)
        lap.rows = total.rows
    return total


def _take_hooks(hub: Hub, limit: int) -> HooksTaken:
    total = HooksTaken()
    waiting = waiting_connections(hub)
    now = hub.now()
    with hub.database.write() as tx:
        rows, total.more = hooks.claim(tx, waiting, iso(now), iso(now + LEASE), limit, hub.process)
    total.rows = len(rows)
    for connection, some in _groups(rows):
        flow = hub.flows.get(connection)
        if flow is None:
            _set_aside(hub, some, total, _NoConnection(connection))
        elif some[0].attempts > ATTEMPTS:
            _set_aside(hub, some, total, _Crasher(connection))
        else:
            _take(hub, flow, some, total)
    return total


def _groups(rows: Sequence[HookRow]) -> Iterator[tuple[str, list[HookRow]]]:
    """Fresh hooks by connection; then, each alone, those that were tried before."""
    fresh: dict[str, list[HookRow]] = {}
    for row in rows:
        if row.attempts == 1:
            fresh.setdefault(row.connection, []).append(row)
    yield from fresh.items()
    for row in rows:
        if row.attempts > 1:
            yield row.connection, [row]


def _take(hub: Hub, flow: Flow, rows: list[HookRow], total: HooksTaken) -> None:
    try:
        taken = _settle(hub, flow, rows, total)
    except (AuthFailed, RateLimited, Unavailable) as error:
        _put_off(hub, rows, error, total)
        return
    except Exception as error:
        if len(rows) == 1:
            if not isinstance(error, ConnectorError):
                log.exception("a webhook of connection %s failed", flow.name)
                error = _Bug(flow.name, error)
            _put_off(hub, rows, error, total)
            return
    else:
        total.taken += taken
        total.counts["done"] += len(rows)
        return
    for row in rows:
        _take(hub, flow, [row], total)


def _settle(hub: Hub, flow: Flow, rows: Sequence[HookRow], total: HooksTaken) -> int:
    """Read what the hooks say, ask the vendor where they only hint, and be done with them."""
    said = _read(flow, rows, with_answers=bool(hub.handoffs))
    known = answering.prepare(hub, flow, said.answers)
    taken = 0
    if said.changed:
        if isinstance(flow.connector, Fetches):
            taken = reread(hub, flow, list(said.changed))
        else:
            total.pull.add(flow.name)
    gone = [Record(ref.stream, ref.external_id, {}, deleted=True) for ref in said.deleted]
    with hub.database.write() as tx:
        now = hub.stamp()
        new, _ = receive(tx, flow, [*said.records, *gone], source="webhook", run_id=None, now=now)
        replies = answering.take(hub, tx, flow, known)
        hooks.done(tx, rows)
        asides.close(tx, [_subject(row) for row in rows], now)
        crashpoint("hook.before_done")
    answering.reply(flow, replies)
    return taken + new


def _read(flow: Flow, rows: Sequence[HookRow], *, with_answers: bool = False) -> _Said:
    connector = flow.connector
    if not isinstance(connector, ReceivesWebhooks):
        raise ContractBroken(
            f'connection "{flow.name}" has webhooks in store, but its connector takes none',
            code="NO_WEBHOOKS",
        )
    said = _Said()
    for row in rows:
        if row.body is None:
            raise WrongKey(
                f'a webhook of "{flow.name}" cannot be opened with the hub\'s key: put the key back'
                " that it was stored with, behind the new one"
            )
        hook = Hook(
            method=row.method,
            url=row.url,
            headers=orjson.loads(row.headers),
            body=row.body,
            received_at=from_iso(row.received_at),
        )
        news = connector.read_hook(hook)
        if with_answers and isinstance(connector, ReadsAnswers):
            said.answers.extend(connector.read_answers(hook))
        said.records.extend(news.records)
        said.changed.update(dict.fromkeys(news.changed))
        said.deleted.update(dict.fromkeys(news.deleted))
    if isinstance(connector, Fetches):
        # Hooks overtake each other: of a record that both changed and went, the vendor knows more.
        said.deleted = {ref: None for ref in said.deleted if ref not in said.changed}
    return said


class _NoConnection(ConnectorError):
    code = "NO_CONNECTION"

    def __init__(self, connection: str) -> None:
        super().__init__(f'connection "{connection}" is not configured any more')


class _Crasher(ConnectorError):
    code = "HOOK_CRASHES"

    def __init__(self, connection: str) -> None:
        super().__init__(
            f'a webhook of "{connection}" was begun {ATTEMPTS} times and never finished:'
            " the process may have been ended each time"
        )


class _Bug(ConnectorError):
    code = "BUG"

    def __init__(self, connection: str, cause: Exception) -> None:
        super().__init__(
            f'a webhook of "{connection}" met a fault of the hub ({type(cause).__name__});'
            " the log has the details"
        )


def _put_off(hub: Hub, rows: list[HookRow], error: ConnectorError, total: HooksTaken) -> None:
    """Later, at the time the error asks for; those tried often enough are set aside instead."""
    now = hub.now()
    if isinstance(error, AuthFailed):
        with hub.database.write() as tx:
            hooks.later(tx, [(row, iso(now)) for row in rows], failed=False)
            told = runs.set_connection(tx, rows[0].connection, "needs_auth", str(error), iso(now))
        if told:
            log.error("%s", error)
        total.counts["put_off"] += len(rows)
        return
    if isinstance(error, RateLimited):
        due = iso(now + timedelta(seconds=error.retry_after))
        with hub.database.write() as tx:
            hooks.later(tx, [(row, due) for row in rows], failed=False)
        total.counts["put_off"] += len(rows)
        return
    spent = [row for row in rows if row.attempts >= ATTEMPTS]
    if spent:
        _set_aside(hub, spent, total, error)
    again = [(row, iso(now + backoff(row.attempts))) for row in rows if row.attempts < ATTEMPTS]
    with hub.database.write() as tx:
        hooks.later(tx, again)
    total.counts["put_off"] += len(again)


def _subject(row: HookRow) -> str:
    return subject("hook", row.connection, None, str(row.id))


def _set_aside(hub: Hub, rows: list[HookRow], total: HooksTaken, error: ConnectorError) -> None:
    fix = (
        "add the connection again, then: renkei retry"
        if isinstance(error, _NoConnection)
        else TRY_AGAIN
    )
    items = [
        Aside(
            kind="hook",
            connection=row.connection,
            external_id=str(row.id),
            code=error.code,
            message=str(error),
            fix=fix,
        )
        for row in rows
    ]
    with hub.database.write() as tx:
        hooks.set_aside(tx, rows)
        asides.put(tx, items, hub.stamp())
    total.counts["set_aside"] += len(rows)
