"""A change on its way out: which object and id it goes to, with which values, and what was refused.

Pure, but for the org's description: a change is fitted to the object before it is sent, and fitted
again when the org refuses a field or says that a lead has become a contact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import ConnectorError, RecordRejected
from connectors.salesforce.describe import Described

PUSHED = ("Lead", "Contact")
CONVERTED = "SALESFORCE_CONVERTED_LEAD"
TO_CONTACT = {
    "Street": "MailingStreet",
    "City": "MailingCity",
    "State": "MailingState",
    "PostalCode": "MailingPostalCode",
    "Country": "MailingCountry",
}
"""Lead fields that a contact has under another name (conversion maps them so)."""
LEAD_ONLY = frozenset({"Company", "Status", "Website", "Industry", "Rating", "NumberOfEmployees"})
_NUMBERS = frozenset({"int", "double", "currency", "percent"})
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One change as it will be sent: an update of ``row_id``, or an upsert by the key.

    ``hops`` counts how often it was sent after another record; ``locked`` how often its row was
    found locked.
    """

    change: Change
    stream: str
    row_id: str | None
    values: Mapping[str, Any]
    refused: Mapping[str, ConnectorError] = field(default_factory=dict)
    hops: int = 0
    locked: int = 0

    def without(self, names: tuple[str, ...], error: ConnectorError) -> Outgoing:
        """The same with these fields left out, and why."""
        kept = {name: value for name, value in self.values.items() if name not in names}
        return replace(self, values=kept, refused={**self.refused, **dict.fromkeys(names, error)})

    def at(self, stream: str, row_id: str) -> Outgoing:
        """The same, sent to the record that took the old one's place."""
        moved = replace(self, stream=stream, row_id=row_id, hops=self.hops + 1)
        if stream == self.stream:
            return moved
        error = RecordRejected(
            f"Salesforce lead {self.row_id or self.change.key} was converted: a contact has no "
            "such field; change it at the account or the opportunity",
            code=CONVERTED,
        )
        lost = tuple(name for name in self.values if name in LEAD_ONLY)
        values = {TO_CONTACT.get(name, name): value for name, value in self.values.items()}
        return replace(moved, values=values).without(lost, error)

    def done(self, row_id: str, status: Status) -> Outcome:
        """The outcome of a write that took place, here or at the record it was sent on to."""
        return Outcome(
            key=self.change.key,
            status=status,
            external_id=row_id,
            stream=self.stream if self.stream != self.change.stream else None,
            refused=dict(self.refused),
        )

    def failed(self, error: ConnectorError) -> Outcome:
        """The outcome of a write that did not take place."""
        return Outcome(
            key=self.change.key,
            status=Status.FAILED,
            external_id=self.row_id or self.change.external_id,
            stream=self.stream if self.stream != self.change.stream else None,
            error=error,
            refused=dict(self.refused),
        )


def outgoing(change: Change) -> Outgoing:
    """A change before it is fitted to an object."""
    return Outgoing(change, change.stream, change.external_id, dict(change.values))


def fit(row: Outgoing, described: Described, converted_statuses: frozenset[str]) -> Outgoing:
    """The row with values of the types the object wants, without fields it cannot take."""
    creating = row.row_id is None
    for name, value in list(row.values.items()):
        error = _misfit(row, name, value, described, converted_statuses, creating=creating)
        if error is not None:
            row = row.without((name,), error)
    values = {name: typed(described.vendor_type(name), v) for name, v in row.values.items()}
    return replace(row, values=values)


def _misfit(
    row: Outgoing,
    name: str,
    value: Any,
    described: Described,
    converted_statuses: frozenset[str],
    *,
    creating: bool,
) -> ConnectorError | None:
    where = f"{row.stream}.{name}"
    if name not in described.fields:
        return RecordRejected(
            f"Salesforce has no field {where} that the hub's user may see: create it, give access "
            "to it, or take it out of the field map",
            code="SALESFORCE_NO_SUCH_FIELD",
            fields=(name,),
        )
    if not described.writable(name, creating=creating):
        return RecordRejected(
            f"Salesforce field {where} is read-only for the hub's user",
            code="SALESFORCE_READ_ONLY_FIELD",
            fields=(name,),
        )
    if (row.stream, name) == ("Lead", "Status") and value in converted_statuses:
        return RecordRejected(
            "a converted lead status is set by converting the lead in Salesforce, never by a write",
            code="SALESFORCE_CONVERTED_STATUS",
            fields=(name,),
        )
    return None


def typed(kind: str, value: Any) -> Any:
    """A value as JSON of the field's type; what does not convert is left to Salesforce to judge."""
    if isinstance(value, datetime):
        moment = value.astimezone(UTC)
        if kind == "date":
            return value.date().isoformat()
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return ";".join(str(item) for item in value)
    if kind == "boolean":
        return False if value is None else _BOOLEANS.get(str(value).lower(), value)
    if kind in _NUMBERS and isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    if value is None or kind in _NUMBERS or isinstance(value, str):
        return value
    return str(value)
