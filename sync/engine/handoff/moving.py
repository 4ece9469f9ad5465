"""A stage that is entered by an answer: by the ordinary rules, and owed to every system."""

from __future__ import annotations

from mapping.stages import Observation, StageDecision, decide_stage
from sync.engine import edits, moves
from sync.engine.batch import Batch, Working
from sync.engine.hub import Hub
from sync.store.database import Tx


def enter(
    hub: Hub, tx: Tx, lead_id: str, seen: Observation, *, by: str, answer: str
) -> StageDecision:
    """Let a person's answer count as a system's word; what was decided, also where it is refused.

    The history tells who answered what.
    """
    decision = StageDecision(None)

    def change(batch: Batch, working: Working) -> None:
        nonlocal decision
        decision = decide_stage(working.state, seen, hub.stage_rules, working.lead.fields)
        if decision.refused:
            return
        said = {"answer": [None, answer], "by": [None, by]}
        if moves.move(batch, working, decision, event="answered", said=said, link_id=seen.event):
            moves.settle(batch, working)

    edits.change_in(hub, tx, lead_id, change)
    return decision
