"""What a run would write, as the hub knows it now; nothing is read from or written to anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sync.cli.context import Desk
from sync.cli.failures import CHANGES, OK

if TYPE_CHECKING:
    from sync.engine.views import OwedChange

SAMPLES = 20
"""How many changes are shown for each connection."""


def tell_plan(desk: Desk, names: Sequence[str]) -> int:
    """Show what is owed to each connection; the exit code says whether anything is."""
    from sync.engine.views import owed_changes

    out, hub = desk.out, desk.hub
    any_owed = False
    for flow in hub.targets:
        if names and flow.name not in names:
            continue
        counts: Counter[str] = Counter()
        shown: list[OwedChange] = []
        for change in owed_changes(hub, flow):
            counts[change.action] += 1
            if len(shown) < SAMPLES:
                shown.append(change)
        any_owed = any_owed or bool(counts["create"] or counts["update"])
        for change in shown:
            out.item(
                "change",
                connection=flow.name,
                action=change.action,
                lead=change.lead_id,
                record=change.record,
                fields=list(change.fields),
            )
        out.item(
            "plan",
            connection=flow.name,
            create=counts["create"],
            update=counts["update"],
            unchanged=counts["nothing"],
        )
        out.say(
            "plan.line",
            name=flow.name,
            create=counts["create"],
            update=counts["update"],
        )
        out.table(
            ("column.action", "column.lead", "column.record", "column.fields"),
            [
                [out.words(f"action.{c.action}"), c.lead_id, c.record or "–", ", ".join(c.fields)]
                for c in shown
            ],
            wrap="column.fields",
        )
    if not any_owed:
        out.say("plan.nothing")
    return CHANGES if any_owed else OK
