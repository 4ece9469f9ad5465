"""Moves that wait: for the fields that their stage needs, or for stages.yaml to allow them.

What was said is kept with the item that was set aside. It is looked at again when the lead is
touched (one read for a batch, and none where stages.yaml asks for no evidence), and for all leads
when stages.yaml has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from mapping.stages import Observation, StageRules, decide_stage
from sync.engine import finish, moves
from sync.engine.batch import Batch, Working
from sync.engine.hub import Hub
from sync.engine.loading import workings_of
from sync.engine.proving import EVIDENCE_MISSING, FORBIDDEN_MOVE, fix, stored
from sync.store import asides, runs
from sync.store.asides import Aside
from sync.store.database import Tx, dumps, from_iso
from sync.store.links import link_id

__all__ = ["after_batch", "note_stages", "take"]

PAGE = 300
"""Leads that one transaction looks at when stages.yaml has changed."""
_SETTING = "stages"


def after_batch(hub: Hub, tx: Tx, batch: Batch) -> list[tuple[str, str]]:
    """Make the moves that waited for what a batch brought; the copies that are stale by it.

    Call it when the batch is written.
    """
    if not hub.stage_rules.evidence:
        return []
    return take(hub, tx, [one for one in batch.leads.values() if one.touched], batch.now)


def note_stages(hub: Hub) -> int:
    """Try again what stages.yaml did not allow, if it has changed; how many leads were moved.

    Looks once in the life of a hub. The first stages of a hub are no change.
    """
    if hub.stages_noted:
        return 0
    digest, count = _digest(hub.stage_rules), 0
    with hub.database.read() as tx:
        before = runs.setting(tx, _SETTING)
        ids = asides.leads_with(tx, "stage") if before not in (None, digest) else []
    for start in range(0, len(ids), PAGE):
        with hub.database.write() as tx:
            workings = workings_of(tx, ids[start : start + PAGE], lock=True)
            stood = {one.lead.id: one.lead.stage for one in workings}
            _try(hub, tx, workings, hub.stamp(), (EVIDENCE_MISSING, FORBIDDEN_MOVE))
            count += sum(one.lead.stage != stood[one.lead.id] for one in workings)
    if before != digest:
        with hub.database.write() as tx:
            runs.save_setting(tx, _SETTING, digest)
    hub.stages_noted = True
    return count


def _digest(rules: StageRules) -> str:
    said = [
        list(rules.path),
        {stage: sorted(after) for stage, after in sorted(rules.transitions.items())},
        sorted(rules.optional),
        sorted(rules.after.items()),
        sorted((stage, list(names)) for stage, names in rules.evidence.items()),
    ]
    return hashlib.sha256(dumps(said).encode()).hexdigest()


def take(hub: Hub, tx: Tx, workings: Sequence[Working], now: str) -> list[tuple[str, str]]:
    """Make the moves of these leads that lack nothing any more; the copies stale by it."""
    if not hub.stage_rules.evidence:
        return []
    return _try(hub, tx, workings, now, (EVIDENCE_MISSING,))


def _try(
    hub: Hub, tx: Tx, workings: Sequence[Working], now: str, codes: Sequence[str]
) -> list[tuple[str, str]]:
    by_id = {one.lead.id: one for one in workings if one.lead.merged_into is None}
    if not by_id:
        return []
    batch = Batch(now, hub.stage_rules)
    moved: dict[str, Working] = {}
    for item in asides.of_leads(tx, by_id, "stage"):
        if item.code not in codes or not isinstance(item.received, dict):
            continue
        working = by_id[item.lead_id or ""]
        seen = _said(item)
        decision = decide_stage(working.state, seen, batch.rules, working.lead.fields)
        if decision.refused == item.code:
            continue
        if decision.refused:
            batch.asides.append(
                replace(
                    item,
                    code=decision.refused,
                    message=decision.message,
                    fix=fix(decision),
                    received=stored(decision, seen),
                )
            )
            continue
        batch.settled.append(item.subject)
        _unpark(batch, working, item)
        if decision.moved:
            _enter(batch, working, seen)
            moved[working.lead.id] = working
    for working in moved.values():
        finish.owe(hub, batch, working)
    moves.write(hub, tx, batch, moved.values())
    return batch.owed


def _said(item: Aside) -> Observation:
    said = dict(item.received)
    return Observation(tuple(said.pop("stages")), **said)


def _enter(batch: Batch, working: Working, seen: Observation) -> None:
    """Have the lead enter the stage as of when its evidence came."""
    cause = working.cause
    came = min(cause.at if cause is not None else batch.now, batch.now, key=from_iso)
    word = seen._replace(at=max(seen.at, came, key=from_iso))
    decision = decide_stage(working.state, word, batch.rules, working.lead.fields)
    moves.move(batch, working, decision, link_id=seen.event)


def _unpark(batch: Batch, working: Working, item: Aside) -> None:
    """Have the record's own stage count again."""
    about = link_id(item.connection, item.stream or "", item.external_id or "")
    for link in working.links:
        if link.id == about and link.parked.pop("stage", None) is not None:
            batch.keep(link)
