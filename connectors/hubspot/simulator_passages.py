"""When records entered and left their stages, as the portal counts it by itself.

HubSpot knowledge base, "Use stage calculated properties": a date entered is that of the last entry,
a date exited that of the last exit; both are read-only and go on when a record comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

STAGED: Mapping[str, str] = {"contacts": "lifecyclestage", "deals": "dealstage"}
"""The property that holds the stage, by kind."""
ENTERED, EXITED = "hs_v2_date_entered_", "hs_v2_date_exited_"
CURRENT = f"{ENTERED}current_stage"


def names(stages: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The properties (name, label) that count the passages through these stages."""
    yield CURRENT, "現在のステージに入った日時"
    for stage, label in stages.items():
        yield f"{ENTERED}{stage}", f"「{label}」に入った日時"
        yield f"{EXITED}{stage}", f"「{label}」を出た日時"


def passages(
    kind: str, before: Mapping[str, str], values: Mapping[str, str], now: str
) -> dict[str, str]:
    """What a write that moves a record to another stage has the portal note."""
    name = STAGED.get(kind)
    if name is None or name not in values or values[name] == before.get(name, ""):
        return {}
    noted = {}
    if before.get(name):
        noted[f"{EXITED}{before[name]}"] = now
    if values[name]:
        noted |= {f"{ENTERED}{values[name]}": now, CURRENT: now}
    return noted
