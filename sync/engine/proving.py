"""What is kept of a move that needed evidence or was refused, and what to do about it."""

from __future__ import annotations

from typing import Any

from mapping.stages import Entry, Observation, StageDecision
from sync.store.database import dumps

__all__ = ["EVIDENCE_MISSING", "FORBIDDEN_MOVE", "fix", "inputs", "proofs", "stored"]

EVIDENCE_MISSING = "EVIDENCE_MISSING"
FORBIDDEN_MOVE = "FORBIDDEN_MOVE"


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
