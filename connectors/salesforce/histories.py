"""When records entered their stages, as the org's own histories have it.

A lead's statuses come from ``LeadHistory``, where an administrator has them tracked; what it had
before the first change that is kept, it is taken to have had from its creation. An opportunity's
outcomes come from ``OpportunityHistory``, which every org keeps. Both are read while a stream is
read for the first time: what changes later is seen as it happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from connectors.kit.errors import ContractBroken, RecordGone, RecordRejected
from connectors.salesforce.api import Api, Row
from connectors.salesforce.describe import Descriptions

HISTORY = "StageHistory"
"""The field we add: [value, time] pairs in order of time."""

Passages = list[list[str]]


class Histories:
    """Reads the histories of one org; what the user may not see is not there."""

    def __init__(self, api: Api, descriptions: Descriptions) -> None:
        self._api = api
        self._descriptions = descriptions
        self._outcomes: Mapping[str, str] | None = None

    def of(self, stream: str, rows: Sequence[Row]) -> dict[str, Passages]:
        """The passages of these rows by id; those without a history are left out."""
        try:
            if stream == "Lead":
                return self._of_leads(rows)
            return self._of_deals(rows) if stream == "Opportunity" else {}
        except (ContractBroken, RecordGone, RecordRejected):
            return {}  # the object, or a field of it, is hidden from the connected user

    def _of_leads(self, rows: Sequence[Row]) -> dict[str, Passages]:
        created = {str(row["Id"]): str(row.get("CreatedDate") or "") for row in rows}
        found: dict[str, Passages] = {}
        for change in self._read(
            "LeadHistory", "LeadId", created, ("OldValue", "NewValue", "Field")
        ):
            if change.get("Field") != "Status":
                continue
            lead = str(change["LeadId"])
            passages = found.setdefault(lead, [])
            if not passages and change.get("OldValue") and created[lead]:
                passages.append([str(change["OldValue"]), created[lead]])
            if change.get("NewValue"):
                passages.append([str(change["NewValue"]), str(change["CreatedDate"])])
        return found

    def _of_deals(self, rows: Sequence[Row]) -> dict[str, Passages]:
        if self._outcomes is None:
            self._outcomes = {
                stage.value: "won" if stage.won else "lost" if stage.closed else "open"
                for stage in self._descriptions.stages("Opportunity")
            }
        ids = [str(row["Id"]) for row in rows]
        found: dict[str, Passages] = {}
        for one in self._read("OpportunityHistory", "OpportunityId", ids, ("StageName",)):
            outcome = self._outcomes.get(str(one.get("StageName")))
            passages = found.setdefault(str(one["OpportunityId"]), [])
            if outcome is not None and (not passages or passages[-1][0] != outcome):
                passages.append([outcome, str(one["CreatedDate"])])
        return found

    def _read(
        self, name: str, parent: str, ids: Iterable[str], fields: Sequence[str]
    ) -> Iterable[Row]:
        return self._api.rows_in(
            ("Id", parent, "CreatedDate", *fields),
            name,
            parent,
            list(ids),
            more=" ORDER BY CreatedDate ASC, Id ASC",
        )
