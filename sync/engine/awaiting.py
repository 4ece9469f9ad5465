"""Moves that wait: for the fields that their stage needs, or for stages.yaml to allow them.

What was said is kept with the item that was set aside. It is looked at again when the lead is
touched (one read for a batch, and none where stages.yaml asks for no evidence), and for all leads
when stages.yaml has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mapping.stages import Entry, Observation, StageDecision, StageRules, decide_stage
from sync.engine import consents, owed
from sync.engine.batch import Batch, Working
from sync.engine.handoff import arising
from sync.engine.hub import Hub
from sync.engine.loading import workings_of
from sync.store import asides, leads, links, outbox, runs
from sync.store.asides import Aside
from sync.store.database import Tx, dumps, from_iso
from sync.store.leads import Event
from sync.store.links import link_id

__all__ = [
    "after_batch",
    "fix",
    "inputs",
    "note_stages",
    "proofs",
    "stored",
    "take",
]

EVIDENCE_MISSING = "EVIDENCE_MISSING"
FORBIDDEN_MOVE = "FORBIDDEN_MOVE"
PAGE = 300
"""Leads that one transaction looks at when stages.yaml has changed."""
_SETTING = "stages"


def fix(decision: StageDecision) -> str:
    """What to do about a move that was refused."""
    if decision.refused != EVIDENCE_MISSING:
        return (
            'set the stage by hand with "renkei lead ID --stage STAGE --reason WHY",'
            " or correct it at the vendor"
        )
    return (
        f"fill {', '.join(decision.lacking)}, at a vendor or by hand; the move is then made by"
        ' itself. A person may override it: "renkei lead ID --stage STAGE --reason WHY"'
    )


def stored(decision: StageDecision, seen: Observation) -> dict[str, Any] | None:
    """What was said, as it is kept with the item; None of a move that waits for nothing."""
    if decision.refused not in (EVIDENCE_MISSING, FORBIDDEN_MOVE):
        return None
    return {name: value for name, value in seen._asdict().items() if value}


def proofs(entry: Entry) -> list[dict[str, Any]]:
    """What counted as evidence for a stay, as it is kept with it."""
    return [
        {"kind": "field", "name": name, "test": {"filled": True}, "saw": value, "holds": True}
        for name, value in entry.evidence
    ]


def inputs(entry: Entry) -> str | None:
    """The same as text; None where no evidence was needed."""
    return dumps(proofs(entry)) if entry.evidence else None


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
    news: list[Aside] = []
    settled: list[str] = []
    moved: dict[str, Working] = {}
    for item in asides.of_leads(tx, by_id, "stage"):
        if item.code not in codes or not isinstance(item.received, dict):
            continue
        working = by_id[item.lead_id or ""]
        seen = _said(item)
        decision = decide_stage(working.state, seen, hub.stage_rules, working.lead.fields)
        if decision.refused == item.code:
            continue
        if decision.refused:
            news.append(
                replace(
                    item,
                    code=decision.refused,
                    message=decision.message,
                    fix=fix(decision),
                    received=stored(decision, seen),
                )
            )
            continue
        settled.append(item.subject)
        _unpark(tx, working, item)
        if decision.moved:
            _enter(hub, tx, working, seen, now)
            moved[working.lead.id] = working
    asides.put(tx, news, now)
    asides.close(tx, settled, now)
    return _owe(hub, tx, list(moved.values()), now)


def _said(item: Aside) -> Observation:
    said = dict(item.received)
    return Observation(tuple(said.pop("stages")), **said)


def _enter(hub: Hub, tx: Tx, working: Working, seen: Observation, now: str) -> None:
    """Have the lead enter the stage as of when its evidence came."""
    from sync.engine.finish import stays

    came = min(working.cause.at if working.cause is not None else now, now, key=from_iso)
    word = seen._replace(at=max(seen.at, came, key=from_iso))
    lead, before = working.lead, working.lead.stage
    decision = decide_stage(working.state, word, hub.stage_rules, lead.fields)
    state = decision.state
    if state is None or not decision.moved:
        return
    working.state = state
    lead.stage, lead.stage_at, lead.cycle = state.stage, state.entered_at, state.cycle
    lead.stage_reason = decision.entries[-1].reason_text
    lead.updated_at = now
    leads.add_history(
        tx,
        [Event(lead.id, state.entered_at, "stage", {"stage": [before, state.stage]}, seen.event)],
    )
    arising.add_stages(hub, tx, stays(lead.id, decision.entries))


def _unpark(tx: Tx, working: Working, item: Aside) -> None:
    """Have the record's own stage count again."""
    about = link_id(item.connection, item.stream or "", item.external_id or "")
    for link in working.links:
        if link.id == about and link.parked.pop("stage", None) is not None:
            links.save(tx, [link])


def _owe(hub: Hub, tx: Tx, moved: Sequence[Working], now: str) -> list[tuple[str, str]]:
    if not moved:
        return []
    leads.save(tx, [working.lead for working in moved])
    stale = [
        (flow, working)
        for working in moved
        for flow in hub.targets
        if owed.is_owed(flow, working.lead, working.links)
    ]
    urgent = {
        (flow.name, working.lead.id)
        for flow, working in stale
        if consents.lacks_opt_out(flow, working.lead, working.links)
    }
    rows = [(flow.name, working.lead.id) for flow, working in stale]
    outbox.owe(tx, rows, now, urgent=urgent)
    return rows
