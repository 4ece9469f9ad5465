"""People decide who is who: merge two leads, take a merge back, split records off, keep apart.

A merge moves links, so that taking it back gives both leads exactly what they were, golden values
and all, and a decision "different" that no later import overrides. What this changes for the
connected systems is owed to them like any other change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from mapping.match.accounts import firm_of, lookup_keys
from mapping.match.compare import compare
from sync.engine import finish, identify, joining, parting, sharing
from sync.engine.batch import Batch, Working
from sync.engine.changes import plan_change
from sync.engine.hub import Hub
from sync.engine.stated import stated
from sync.store import accounts, asides, journeys, leads, links, matches, outbox
from sync.store.database import Tx
from sync.store.leads import LeadRow
from sync.store.links import LinkRow
from sync.store.matches import DIFFERENT, SAME, MergeRow
from sync.store.outbox import Owed

__all__ = [
    "Impossible",
    "Outcome",
    "Write",
    "between",
    "keep_apart",
    "load",
    "merge",
    "split",
    "unmerge",
]


class Impossible(Exception):
    """What was asked cannot be done. ``code`` is stable; the message says why and what can be."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Write:
    """What a connection is owed by a decision: ``create`` or ``update``, of which record.

    ``values`` is per vendor field → (what it holds, what it is to hold).
    """

    connection: str
    lead_id: str
    action: str
    record: str | None
    values: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision did, or would do: the leads it leaves, how each changed, who is owed what.

    ``changes`` is per lead field → (from, to); ``records`` per lead the records it has then.
    """

    leads: tuple[str, ...]
    changes: Mapping[str, Mapping[str, tuple[Any, Any]]]
    stages: Mapping[str, tuple[str, str]]
    records: Mapping[str, tuple[str, ...]]
    owed: tuple[tuple[str, str], ...]
    merge_id: int | None = None
    writes: tuple[Write, ...] = field(default_factory=tuple)


def merge(
    hub: Hub,
    one: str,
    other: str,
    *,
    user: str,
    dry_run: bool = False,
    unless_contradicted: bool = False,
) -> Outcome:
    """Make two leads one person; the older stays. Raises Impossible, or LookupError for a lead.

    What was decided before about their records is replaced: the last word counts. With
    ``unless_contradicted`` leads whose records speak hard against each other are refused.
    """
    with _transaction(hub, dry_run=dry_run) as tx:
        batch = Batch(hub.stamp(), hub.stage_rules)
        first, second = load(hub, tx, batch, (one, other), lock=not dry_run)
        if first is second:
            raise Impossible("SAME_LEAD", f"{one} and {other} are one lead already")
        if unless_contradicted and (what := between(hub, first, second)):
            raise Impossible("CONTRADICTED", f"{one} and {other} are kept apart by {what}")
        winner, loser = joining.elder(first, second)
        pairs = _across(winner.links, loser.links)
        before = _seen(winner, loser)
        joining.join(batch, winner, loser, cause="hand", user=user)
        others = sharing.share(tx, batch, lock=not dry_run)
        finish.finish_by_hand(hub, batch, others)
        done = _finish(hub, tx, batch, (winner,), before)
        if dry_run:
            return done
        matches.decide(tx, pairs, SAME, user, batch.now)
        _write(hub, tx, batch, (winner, loser, *others))
        joining.write(tx, batch)
        return replace(done, merge_id=matches.merges_of(tx, winner.lead.id)[0].id)


def unmerge(
    hub: Hub, lead_id: str, *, user: str, merge_id: int | None = None, dry_run: bool = False
) -> Outcome:
    """Take a lead's last merge (or the one given) back; both leads are what they were before.

    What later merges brought stays; what came by itself goes with the lead that it fits better.
    Raises Impossible where the lead was never merged, or a lead would be left without a record.
    """
    with _transaction(hub, dry_run=dry_run) as tx:
        batch = Batch(hub.stamp(), hub.stage_rules)
        survivor = _survivor(tx, lead_id).id
        chosen = _chosen(matches.merges_of(tx, survivor), lead_id, merge_id)[0].id
        (winner,) = load(hub, tx, batch, (lead_id,), lock=not dry_run)
        merges = _chosen(matches.merges_of(tx, winner.lead.id), lead_id, chosen)
        undo = merges[0]
        loser_row = leads.by_ids(tx, [undo.loser_id], lock=not dry_run)[undo.loser_id]
        loser = Working(loser_row, [], None, set(), loaded_fields=loser_row.fields)
        batch.leads[loser_row.id] = loser
        before = _seen(winner, loser)
        if not dry_run:
            matches.undone(tx, undo.id, batch.now)
        parting.part(tx, hub, batch, winner, loser, merges)
        for working in (winner, loser):
            if not working.links:
                raise Impossible("NOTHING_LEFT", f"{working.lead.id} would have no record left")
        done = _finish(hub, tx, batch, (winner, loser), before, undo)
        if dry_run:
            return done
        _write(hub, tx, batch, (winner, loser))
        parting.give_back(tx, winner, loser, undo.before)
        matches.repoint(tx, winner.lead.id, loser.lead.id, {link.id for link in loser.links})
        matches.decide(tx, _across(winner.links, loser.links), DIFFERENT, user, batch.now)
        return replace(done, merge_id=undo.id)


def split(
    hub: Hub, lead_id: str, records: Sequence[str], *, user: str, dry_run: bool = False
) -> Outcome:
    """Take records off a lead; they become a lead of their own, and stay one.

    Raises Impossible where a record is not the lead's, or one of the two would have nothing that
    its records say themselves.
    """
    with _transaction(hub, dry_run=dry_run) as tx:
        batch = Batch(hub.stamp(), hub.stage_rules)
        (old,) = load(hub, tx, batch, (lead_id,), lock=not dry_run)
        theirs = {link.id: link for link in old.links}
        unknown = [record for record in records if record not in theirs]
        if unknown or not records:
            known = ", ".join(theirs)
            raise Impossible("NOT_ITS_RECORD", f"{lead_id} has these records: {known}")
        before = _seen(old)
        taken = [theirs[record] for record in dict.fromkeys(records)]
        new = parting.new_lead(hub, batch, taken, leads.history(tx, old.lead.id))
        old.links = [link for link in old.links if link.id not in set(records)]
        for working in (old, new):
            if not any(stated(link) for link in working.links):
                raise Impossible("NOTHING_LEFT", "no record that says anything itself is left")
        old.profiles.clear()
        parting.left(batch, old.lead.id, new.lead.id, old, new)
        done = _finish(hub, tx, batch, (old, new), before)
        if dry_run:
            return done
        _write(hub, tx, batch, (old, new))
        parting.give_back(tx, old, new, {})
        matches.repoint(tx, old.lead.id, new.lead.id, set(records))
        matches.decide(tx, _across(old.links, new.links), DIFFERENT, user, batch.now)
        return done


def keep_apart(hub: Hub, one: str, other: str, *, user: str) -> int:
    """Say for good that two leads are two people; how many pairs of records that is."""
    with hub.database.write() as tx:
        batch = Batch(hub.stamp(), hub.stage_rules)
        first, second = load(hub, tx, batch, (one, other), lock=True)
        if first is second:
            raise Impossible("SAME_LEAD", f"{one} and {other} are one lead: split it instead")
        pairs = _across(first.links, second.links)
        matches.decide(tx, pairs, DIFFERENT, user, batch.now)
        matches.settle(tx, [matches.pair_of(first.lead.id, second.lead.id)])
        return len(pairs)


def _transaction(hub: Hub, *, dry_run: bool) -> AbstractContextManager[Tx]:
    return hub.database.read() if dry_run else hub.database.write()


def _survivor(tx: Tx, lead_id: str) -> LeadRow:
    """The lead of an id, or the one that it was merged into. Raises LookupError."""
    row = leads.by_ids(tx, [lead_id]).get(lead_id)
    while row is not None and row.merged_into:
        row = leads.by_ids(tx, [row.merged_into]).get(row.merged_into)
    if row is None:
        raise LookupError(lead_id)
    return row


def load(hub: Hub, tx: Tx, batch: Batch, lead_ids: Sequence[str], *, lock: bool) -> list[Working]:
    """The leads, or those that they were merged into, with all that decides about them.

    Locked like a resolver's, so that neither it nor a push writes their links meanwhile.
    """
    while True:
        ids = [_survivor(tx, lead_id).id for lead_id in lead_ids]
        held = links.of_leads(tx, ids)
        if lock:
            leads.lock_keys(tx, *identify.locks_of(hub, held))
        rows = leads.by_ids(tx, ids, lock=lock)
        if not lock or (
            not any(row.merged_into for row in rows.values()) and links.of_leads(tx, ids) == held
        ):
            break
    keys = leads.keys_of(tx, rows)
    for lead_id, row in rows.items():
        own = [link for link in held if link.owner_id == lead_id]
        batch.leads[lead_id] = Working.stored(row, own, keys.get(lead_id, ()))
    _learn_accounts(tx, batch, [stated(link) for link in held])
    for lead_id in rows:
        identify.profiles(hub, batch, batch.leads[lead_id])
    return [batch.leads[lead_id] for lead_id in ids]


def _learn_accounts(tx: Tx, batch: Batch, values: Iterable[Mapping[str, Any]]) -> None:
    keys = {key for one in values for key in lookup_keys(firm_of(one))}
    for key, account_id in accounts.by_keys(tx, keys):
        batch.directory.learn(account_id, (key,))


def between(hub: Hub, one: Working, other: Working) -> str:
    """What keeps two leads from being put together unasked: ``contradiction``, ``size``, or ""."""
    if len(one.links) + len(other.links) > hub.rules.largest:
        return "size"
    contradict = any(
        compare(a, b, rules=hub.rules).forbids(hub.rules)
        for a in one.profiles.values()
        for b in other.profiles.values()
    )
    return "contradiction" if contradict else ""


def _across(ours: Iterable[LinkRow], theirs: Iterable[LinkRow]) -> list[tuple[str, str]]:
    others = list(theirs)
    return [(one.id, other.id) for one in ours for other in others]


def _seen(*workings: Working) -> dict[str, tuple[dict[str, Any], str]]:
    return {w.lead.id: (dict(w.lead.fields), w.lead.stage) for w in workings}


def _chosen(merges: Sequence[MergeRow], lead_id: str, merge_id: int | None) -> list[MergeRow]:
    """The merge that is meant, and those after it."""
    if not merges:
        raise Impossible("NOT_MERGED", f"{lead_id} was not made of two leads")
    wanted = merges[0].id if merge_id is None else merge_id
    if wanted not in [one.id for one in merges]:
        known = ", ".join(str(one.id) for one in merges)
        raise Impossible("NO_SUCH_MERGE", f"no merge {wanted} made {lead_id}: there are {known}")
    return [one for one in reversed(merges) if one.id >= wanted]


def _finish(
    hub: Hub,
    tx: Tx,
    batch: Batch,
    workings: Sequence[Working],
    before: Mapping[str, tuple[dict[str, Any], str]],
    undo: MergeRow | None = None,
) -> Outcome:
    finish.finish_by_hand(hub, batch, workings)
    _learn_accounts(tx, batch, [working.lead.fields for working in workings])
    for working in workings:
        firm = firm_of(working.lead.fields)
        known = batch.directory.find(firm) if firm.is_known else None
        # Two people's values in one lead teach nothing about companies: accounts stay as they are.
        working.lead.account_id = known or (working.lead.account_id if firm.is_known else None)
    if undo is not None:
        for working, side in zip(workings, ("winner", "loser"), strict=True):
            parting.as_before(working.lead, undo.before[side])
    changes: dict[str, Mapping[str, tuple[Any, Any]]] = {}
    stages: dict[str, tuple[str, str]] = {}
    for working in workings:
        lead = working.lead
        fields, stage = before.get(lead.id, ({}, lead.stage))
        changes[lead.id] = {
            name: (fields.get(name), lead.fields.get(name))
            for name in sorted(fields.keys() | lead.fields.keys())
            if fields.get(name) != lead.fields.get(name)
        }
        if stage != lead.stage:
            stages[lead.id] = (stage, lead.stage)
    return Outcome(
        leads=tuple(w.lead.id for w in workings),
        changes=changes,
        stages=stages,
        records={w.lead.id: tuple(link.id for link in w.links) for w in workings},
        owed=tuple(sorted(set(batch.owed))),
        writes=tuple(_writes(hub, batch)),
    )


def _writes(hub: Hub, batch: Batch) -> Iterable[Write]:
    for connection, lead_id in sorted(set(batch.owed)):
        working = batch.leads[lead_id]
        owed = Owed(connection, lead_id, 0, False, 0, 0, 0)
        plan = plan_change(hub.flows[connection], owed, working.lead, working.links)
        if plan.change is None:
            continue
        held = plan.change.before
        yield Write(
            connection,
            lead_id,
            "create" if plan.link is None else "update",
            plan.link.id if plan.link is not None else None,
            {name: (held.get(name), value) for name, value in plan.change.values.items()},
        )


def _write(hub: Hub, tx: Tx, batch: Batch, workings: Sequence[Working]) -> None:
    leads.save(tx, [w.lead for w in workings])
    links.save(tx, batch.changed_links.values())
    leads.save_keys(tx, *identify.key_changes(workings, hub, batch))
    leads.add_history(tx, batch.events)
    journeys.add_stages(tx, batch.stages, {w.lead.id for w in workings if w.is_new})
    outbox.owe(tx, batch.owed, batch.now, urgent=batch.urgent)
    asides.put(tx, batch.asides, batch.now)
    asides.close(tx, batch.settled, batch.now)
