"""What the simulated org notes of changes: the histories of leads and of opportunities.

A lead's status is tracked, as an administrator switches it on (Salesforce object reference:
LeadHistory, OpportunityHistory). The history of opportunities is always kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Row = dict[str, Any]
OF_DEALS = ("StageName", "Amount", "CloseDate", "Probability")


def notes(name: str, old: Row | None, new: Row) -> Iterator[tuple[str, Row]]:
    """The history rows, by object, that saving a row makes."""
    if name == "Lead" and old is None:
        yield "LeadHistory", {"LeadId": new["Id"], "Field": "created"}
    elif name == "Lead" and old is not None and old.get("Status") != new.get("Status"):
        values = {"OldValue": old.get("Status"), "NewValue": new.get("Status")}
        yield "LeadHistory", {"LeadId": new["Id"], "Field": "Status", **values}
    elif name == "Opportunity":
        told = {field: new.get(field) for field in OF_DEALS}
        if old is None or any(old.get(field) != value for field, value in told.items()):
            yield "OpportunityHistory", {"OpportunityId": new["Id"], **told}
