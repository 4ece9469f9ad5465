"""Qualification: leads that news came of are moved on by the rules of stages.yaml.

Done behind every batch of resolve, in its transaction, with a few reads whatever the number of
leads, and none where there are no rules. Leads that no news came of stay where they are until
somebody asks for them (``requalify``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mapping.conditions import Facts, Input
from mapping.qualify import ACCOUNT, Firing, Past, Rules, Stay, past_of, qualify
from mapping.stages import StageRules, StageState
from mapping.touches import Touch, once
from sync.engine import finish, moves, proving
from sync.engine.batch import Batch, Working
from sync.engine.hub import Hub
from sync.engine.touching import epoch, touch_of
from sync.store import accounts, rulefacts
from sync.store.database import Tx, dumps, from_iso, iso
from sync.store.journeys import StageRow
from sync.store.leads import LeadRow
from sync.store.rulefacts import Activity, Change, StayRow

__all__ = [
    "Move",
    "after_batch",
    "changed_at",
    "company_fields",
    "moves_of",
    "past_from",
    "take",
    "touches_by_kind",
]


@dataclass(frozen=True, slots=True)
class Move:
    """A lead that rules move, and by which, one after the other."""

    lead: LeadRow
    firings: tuple[Firing, ...]

    @property
    def to(self) -> str:
        """Where it ends."""
        return self.firings[-1].rule.to


@dataclass(slots=True)
class Moved:
    """What moved. ``owed`` are the (connection, lead) copies that are stale by it."""

    moves: list[Move] = field(default_factory=list)
    owed: list[tuple[str, str]] = field(default_factory=list)


def after_batch(hub: Hub, tx: Tx, batch: Batch) -> Moved:
    """Move the leads that a batch brought news of; call it when the batch is written."""
    if not hub.qualification.rules:
        return Moved()
    news: dict[str, str] = {}
    for working in batch.leads.values():
        if working.touched or working.restaged:
            at = working.cause.at if working.cause is not None else batch.now
            _note(news, batch.standing(working.lead.id), at)
    for activity in batch.activities:
        _note(news, batch.standing(activity.lead_id), activity.at)
    return take(hub, tx, [batch.leads[lead_id] for lead_id in news], news, batch.now)


def _note(news: dict[str, str], working: Working | None, at: str) -> None:
    if working is not None:
        lead_id = working.lead.id
        news[lead_id] = max(news.get(lead_id, at), at, key=from_iso)


def take(
    hub: Hub,
    tx: Tx,
    workings: Sequence[Working],
    news: Mapping[str, str],
    now: str,
    rules: Rules | None = None,
) -> Moved:
    """Move these leads as the rules say, in a transaction that holds them.

    ``news`` is when what is new of them happened; nothing is entered later than ``now``. ``rules``
    are those of the configuration, or some of them.
    """
    rows = [working.lead for working in workings]
    moved = Moved(moves_of(rules or hub.qualification, tx, rows, news, now))
    if not moved.moves:
        return moved
    by_id = {working.lead.id: working for working in workings}
    batch = Batch(now, hub.stage_rules)
    for one in moved.moves:
        working = by_id[one.lead.id]
        for firing in one.firings:
            moves.move(batch, working, firing.decision, rows=_rows(one.lead.id, firing))
        finish.owe(hub, batch, working)
    moves.write(hub, tx, batch, [by_id[one.lead.id] for one in moved.moves])
    moved.owed = batch.owed
    return moved


def _rows(lead_id: str, firing: Firing) -> list[StageRow]:
    """The stays; the rule and what it saw stand with the stage it names."""
    rows = finish.stays(lead_id, firing.decision.entries)
    proven = proving.proofs(firing.decision.entries[-1])
    inputs = dumps([*(_told(one) for one in firing.inputs), *proven])
    return [*rows[:-1], rows[-1]._replace(rule=firing.rule.id, inputs=inputs)]


def _told(one: Input) -> dict[str, Any]:
    """What a part of a condition saw, as it is kept."""
    told: dict[str, Any] = {
        "kind": one.kind,
        "name": one.name,
        "test": dict(one.test),
        "saw": one.saw,
        "holds": one.holds,
    }
    if one.is_empty:
        told["empty"] = True
    if one.negated:
        told["not"] = True
    if one.score:
        told["score"] = one.score
    if one.at is not None:
        told["at"] = _stored(one.at)
    if one.records:
        told["records"] = list(one.records)
    return told


def moves_of(
    rules: Rules, tx: Tx, rows: Sequence[LeadRow], news: Mapping[str, str], now: str
) -> list[Move]:
    """What the rules would do with these leads now; nothing is changed."""
    asked = [row for row in rows if row.merged_into is None and row.stage in rules.stages]
    if not asked:
        return []
    ids = [row.id for row in asked]
    done = rulefacts.activities(tx, ids, rules.kinds)
    stays = rulefacts.stays(tx, ids)
    pasts = {lead_id: past_from(stays.get(lead_id, ()), rules.moves) for lead_id in ids}
    rested = [lead_id for lead_id in ids if pasts[lead_id].rested > 0]
    changes = rulefacts.changes(tx, rested) if rules.fields and rested else {}
    companies = company_fields(tx, rules, [row.account_id for row in asked])
    found = []
    for row in asked:
        facts = Facts(
            fields={**row.fields, **companies.get(row.account_id or "", {})},
            touches=touches_by_kind(done.get(row.id, ())),
            now=epoch(now),
            changed=changed_at(changes.get(row.id, ())),
        )
        at = min(news.get(row.id, now), now, key=from_iso)
        state = StageState(row.stage, row.cycle, row.stage_at)
        firings = qualify(rules, state, pasts[row.id], facts, at)
        if firings:
            found.append(Move(row, firings))
    return found


def past_from(stays: Sequence[StayRow], moves: StageRules) -> Past:
    """The past of a lead by its stored stays."""
    return past_of(
        (
            Stay(
                one.stage, one.cycle, one.entered_at, one.rule, bool(one.override_by), one.inferred
            )
            for one in stays
        ),
        moves,
    )


def touches_by_kind(told: Sequence[Activity]) -> dict[str, list[Touch]]:
    """A lead's activities by kind, what several systems tell once."""
    found: dict[str, list[Touch]] = defaultdict(list)
    for touch in once(touch_of(*one) for one in told):
        found[touch.kind].append(touch)
    return found


def changed_at(changes: Sequence[Change]) -> dict[str, float]:
    """When each field changed last."""
    found: dict[str, float] = {}
    for one in changes:
        at = epoch(one.at)
        for name in one.fields:
            found[name] = max(at, found.get(name, at))
    return found


def company_fields(tx: Tx, rules: Rules, ids: Sequence[str | None]) -> dict[str, dict[str, Any]]:
    """By account the fields that rules may ask for; nothing is read where none does."""
    if not rules.accounts:
        return {}
    found = accounts.by_ids(tx, {one for one in ids if one})
    return {
        one.id: {f"{ACCOUNT}{name}": value for name, value in one.fields.items()}
        for one in found.values()
    }


def _stored(seconds: float) -> str:
    return iso(datetime.fromtimestamp(seconds, UTC))
