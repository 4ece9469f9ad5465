"""A stage that is entered by an answer: by the ordinary rules, and owed to every system."""

from __future__ import annotations

from mapping.stages import Observation, StageDecision, decide_stage
from sync.engine import edits, finish
from sync.engine.batch import Batch, Working
from sync.engine.hub import Hub
from sync.store.database import Tx
from sync.store.leads import Event


def enter(
    hub: Hub, tx: Tx, lead_id: str, seen: Observation, *, by: str, answer: str
) -> StageDecision:
    """Let a person's answer count as a system's word; what was decided, also where it is refused.

    The history tells who answered what.
    """
    decision = StageDecision(None)

    def change(batch: Batch, working: Working) -> None:
        nonlocal decision
        fields = working.lead.fields
        decision = decide_stage(working.state, seen, hub.stage_rules, fields)
        if decision.refused or decision.state is None or not decision.moved:
            return
        lead, before = working.lead, working.lead.stage
        working.state, working.restaged = decision.state, True
        last = decision.entries[-1]
        lead.stage_reason = finish.reason_of(last)
        batch.stages += finish.stays(lead.id, decision.entries)
        changes = {"stage": [before, decision.state.stage], "answer": [None, answer]}
        changes["by"] = [None, by]
        batch.events.append(
            Event(lead.id, decision.state.entered_at, "answered", changes, seen.event)
        )
        for link in working.links:
            if link.parked.pop("stage", None) is not None:
                batch.keep(link)

    edits.change_in(hub, tx, lead_id, change)
    return decision
