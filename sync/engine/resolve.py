"""Resolve: inbox rows become leads, links, history and what is owed; a batch in one transaction.

Few set-based reads, decisions in memory, bulk writes, one commit. A record that cannot be read or
decided is set aside alone and the batch goes on; a batch that fails as a whole is done again row by
row, so that one poisoned record never holds the others.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy.exc import DBAPIError

from mapping.errors import MappingError
from mapping.match.profile import profile
from sync.engine import accounts as account_rules
from sync.engine import (
    awaiting,
    finish,
    forgotten,
    identify,
    joining,
    people,
    qualifying,
    sharing,
    telling,
    trails,
)
from sync.engine.batch import Batch, Item
from sync.engine.crash import crashpoint
from sync.engine.handoff import arising
from sync.engine.hub import Hub
from sync.engine.restating import Again
from sync.store import accounts, asides, inbox, journeys, leads, links, matches, outbox
from sync.store.asides import Aside
from sync.store.database import Tx, iso, out_of_locks
from sync.store.inbox import REPLAY, InboxRow

log = logging.getLogger("renkei.resolve")

BATCH = 500
REFERENCE_TRIES = 8
"""How often a deal or activity waits for its person before it is set aside, or dropped."""
REFERENCE_WAIT = timedelta(seconds=15)


@dataclass(slots=True)
class Resolved:
    """What a batch came to. ``wake`` are the connections that are owed something now."""

    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    wake: set[str] = field(default_factory=set)
    lead_ids: set[str] = field(default_factory=set)

    def add(self, other: Resolved) -> None:
        """Take another batch's result in."""
        self.rows += other.rows
        self.counts.update(other.counts)
        self.wake |= other.wake
        self.lead_ids |= other.lead_ids


def resolve_due(
    hub: Hub, *, limit: int | None = None, stop: Callable[[], bool] = lambda: False
) -> Resolved:
    """Resolve what is due, batch by batch, until nothing is left (or ``limit`` rows are done).

    Ends after the batch at hand where it is to ``stop``; the rest stays due.
    """
    total = Resolved()
    while (limit is None or total.rows < limit) and not stop():
        batch = resolve_batch(hub)
        if not batch.rows:
            return total
        total.add(batch)
    return total


def resolve_batch(hub: Hub, size: int = BATCH) -> Resolved:
    """Resolve up to ``size`` due rows in one transaction; row by row if that fails."""
    with hub.worktime.of("resolve") as lap:
        done = _resolve_batch(hub, size)
        lap.rows = done.rows
    return done


def _resolve_batch(hub: Hub, size: int) -> Resolved:
    try:
        return _resolve(hub, size)
    except DBAPIError as error:
        if size > 1 and out_of_locks(error):
            return _resolve_batch(hub, size // 4)  # many resolvers at once share what there is
        raise
    except Exception:
        log.exception("a batch failed; its records are resolved one by one")
        hub.tally.add("batches", "failed")
    total = Resolved()
    for _ in range(size):
        try:
            one = _resolve(hub, 1)
        except DBAPIError:
            raise
        except Exception as error:
            log.exception("a record failed")
            one = _poisoned(hub, error)
        if not one.rows:
            break
        total.add(one)
    return total


def _resolve(hub: Hub, size: int) -> Resolved:
    with hub.database.write() as tx:
        now = hub.stamp()
        rows = inbox.claim(tx, now, size)
        if not rows:
            return Resolved()
        batch = Batch(now, hub.stage_rules)
        result = Resolved(rows=len(rows))
        for row in rows:
            item = _open(hub, batch, row, result)
            if item is not None:
                batch.items.append(item)
        _load(hub, tx, batch)
        for item in batch.items:
            _decide(hub, batch, item, result)
        sharing.share(tx, batch)
        for working in batch.leads.values():
            if working.touched or working.restaged:
                finish.finish(hub, batch, working, result)
        account_rules.finish(batch)
        _write(hub, tx, batch)
        stale = awaiting.after_batch(hub, tx, batch)
        qualified = qualifying.after_batch(hub, tx, batch)
        crashpoint("resolve.before_commit")
    crashpoint("resolve.after_commit")
    hub.tally.add("batches", "done")
    result.wake = {connection for connection, _ in (*batch.owed, *stale, *qualified.owed)}
    return result


def _open(hub: Hub, batch: Batch, row: InboxRow, result: Resolved) -> Item | None:
    connection, stream, external_id = links.split_id(row.link_id)
    flow = hub.flows.get(connection)
    if flow is None:
        _aside(
            batch,
            row,
            "NO_CONNECTION",
            f'connection "{connection}" is not configured any more',
            "add the connection again, or forget its records",
            result,
        )
        return None
    if row.payload is None:
        _aside(
            batch,
            row,
            "WRONG_KEY",
            "what was received cannot be opened with the hub's key",
            "put the key back that it was sealed with, behind the new one; then retry",
            result,
        )
        return None
    payload, again = (
        Again.unpack(row.payload) if row.source == REPLAY else (orjson.loads(row.payload), None)
    )
    kind = flow.kind(stream)
    try:
        flat = flow.flatten(stream, payload)
        if again is not None and again.written:
            flat = {**flat, **again.written}
        draft = flow.map_for(stream).read(flat)
    except MappingError as error:
        fix = error.hint or "correct the record where it comes from, or its field map; then retry"
        _aside(batch, row, error.code, str(error), fix, result, received=payload)
        return None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        log.warning("%s: payload could not be read: %s", row.link_id, type(error).__name__)
        _aside(
            batch,
            row,
            "PAYLOAD_UNREADABLE",
            f"the record's payload is not as expected ({type(error).__name__})",
            "look at what was received; report it if the vendor changed its format",
            result,
            received=payload,
        )
        return None
    is_person = kind in ("lead", "activity")
    return Item(
        row=row,
        connection=connection,
        stream=stream,
        external_id=external_id,
        kind=kind,
        flat=flat,
        draft=draft,
        refs=_ids(connection, row.refs),
        previous=_ids(connection, row.previous),
        profile=profile(row.link_id, draft.values, hub.rules) if is_person else None,
        again=again,
    )


def _ids(connection: str, packed: str | None) -> tuple[str, ...]:
    if not packed:
        return ()
    return tuple(links.link_id(connection, stream, id_) for stream, id_ in orjson.loads(packed))


def _aside(
    batch: Batch,
    row: InboxRow,
    code: str,
    message: str,
    fix: str | None,
    result: Resolved,
    received: Any = None,
) -> None:
    connection, stream, external_id = links.split_id(row.link_id)
    batch.aside_rows.append(row.id)
    batch.asides.append(
        Aside(
            kind="record",
            connection=connection,
            stream=stream,
            external_id=external_id,
            code=code,
            message=message,
            fix=fix,
            received=received,
            run_id=row.run_id,
        )
    )
    result.counts["set_aside"] += 1


def _load(hub: Hub, tx: Tx, batch: Batch) -> None:
    """Read everything the decisions need: a handful of statements, whatever the batch's size."""
    link_ids = {item.row.link_id for item in batch.items}
    previous = {link for item in batch.items for link in item.previous}
    people_items = [item for item in batch.items if item.kind == "lead"]
    leads.lock_keys(tx, *identify.locks(batch))
    batch.links = links.by_ids(tx, link_ids | previous)
    account_rules.load(tx, batch)
    identify.read_keys(tx, batch)
    refs = {ref for item in batch.items if item.kind in ("deal", "activity") for ref in item.refs}
    batch.ref_owners = links.owners(tx, refs) if refs else {}
    named = {
        f"lead:{item.draft.values['renkei_id']}"
        for item in people_items
        if item.draft.values.get("renkei_id")
    }
    wanted = {
        *(link.owner_id for link in batch.links.values() if link.kind == "lead" and link.owner_id),
        *(lead_id for found in batch.by_key.values() for lead_id in found),
        *batch.ref_owners.values(),
        *(name.removeprefix("lead:") for name in named),
    }
    sharing.load(tx, batch, wanted)
    forgotten.learn(hub, tx, batch, {name.removeprefix("lead:") for name in named})
    if any(item.kind == "deal" for item in batch.items):
        for deal in journeys.deals_of(tx, set(batch.ref_owners.values())):
            if deal.lead_id and deal.stage:
                batch.deal_stages.setdefault(deal.lead_id, {})[deal.link_id] = deal.stage
    identify.load(tx, batch)


def _decide(hub: Hub, batch: Batch, item: Item, result: Resolved) -> None:
    again, link = item.again, batch.links.get(item.row.link_id)
    if again is not None and not again.fits(link, item.row.digest):
        batch.done.append(item.row.id)
        result.counts["stale"] += 1
        return
    match item.kind:
        case "lead" if again is not None and link is not None:
            people.take_again(hub, batch, item, link, again, result)
        case "lead":
            people.take(hub, batch, item, result)
        case "account":
            account_rules.take(batch, item, result)
        case _:
            _take_trail(hub, batch, item, result)


def _take_trail(hub: Hub, batch: Batch, item: Item, result: Resolved) -> None:
    if trails.take(hub, batch, item, result):
        return
    if item.row.attempts < REFERENCE_TRIES:
        wait = REFERENCE_WAIT * 2**item.row.attempts
        batch.later.append((iso(hub.now() + wait), item.row.id))
        result.counts["waiting"] += 1
        return
    if item.kind == "activity" and hub.flows[item.connection].drops_strangers(item.stream):
        batch.done.append(item.row.id)
        result.counts["no_lead"] += 1
        return
    _aside(
        batch,
        item.row,
        "REFERENCE_UNKNOWN",
        "the person this record belongs to has not arrived",
        "pull the stream that holds the person, then retry",
        result,
        received=dict(item.flat),
    )


def _write(hub: Hub, tx: Tx, batch: Batch) -> None:
    changed = [w for w in batch.leads.values() if w.touched or w.restaged]
    leads.save(tx, [w.lead for w in changed])
    links.save(tx, batch.changed_links.values())
    links.move(tx, batch.moves)
    leads.save_keys(tx, *identify.key_changes(changed, hub, batch))
    leads.add_history(tx, batch.events)
    arising.add_stages(hub, tx, batch.stages, {w.lead.id for w in changed if w.is_new})
    telling.write(tx, batch)
    journeys.save_deals(tx, batch.deals)
    journeys.save_activities(tx, batch.activities)
    accounts.save(tx, batch.changed_accounts.values())
    accounts.save_keys(tx, batch.new_account_keys)
    outbox.owe(tx, batch.owed, batch.now, urgent=batch.urgent)
    matches.ask(tx, batch.reviews.values())
    matches.follow(tx, [(old, new) for old, new, _ in batch.moves])
    joining.write(tx, batch)
    asides.put(tx, batch.asides, batch.now)
    asides.close(tx, batch.settled, batch.now)
    inbox.done(tx, batch.done)
    inbox.set_aside(tx, batch.aside_rows)
    inbox.later(tx, batch.later)


def _poisoned(hub: Hub, error: Exception) -> Resolved:
    """Set the oldest due row aside: resolving it alone raised something that is a bug."""
    with hub.database.write() as tx:
        rows = inbox.claim(tx, hub.stamp(), 1)
        if not rows:
            return Resolved()
        batch = Batch(hub.stamp(), hub.stage_rules)
        result = Resolved(rows=1)
        _aside(
            batch,
            rows[0],
            "BUG",
            f"resolving this record failed: {type(error).__name__}",
            "this is a fault of the hub: report it with the log of this time, then retry",
            result,
        )
        asides.put(tx, batch.asides, batch.now)
        inbox.set_aside(tx, batch.aside_rows)
    return result
