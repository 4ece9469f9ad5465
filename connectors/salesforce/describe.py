"""What an org's objects are made of: fields, picklists by record type, stages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.kit.base import FieldSpec, Option, StageSpec
from connectors.kit.errors import ContractBroken, RecordGone
from connectors.salesforce.api import Api

KEPT = timedelta(hours=1)
"""How long a description is believed before it is asked for again."""
TYPES = {
    "string": "text",
    "textarea": "text",
    "email": "email",
    "phone": "phone",
    "url": "url",
    "boolean": "boolean",
    "int": "number",
    "double": "number",
    "currency": "number",
    "percent": "number",
    "date": "date",
    "datetime": "datetime",
    "picklist": "picklist",
    "combobox": "picklist",
    "multipicklist": "multipicklist",
    "reference": "reference",
    "id": "reference",
    "base64": "file",
}
STAGES = {
    "Lead": "SELECT ApiName, MasterLabel, SortOrder, IsConverted FROM LeadStatus"
    " ORDER BY SortOrder ASC",
    "Opportunity": "SELECT ApiName, MasterLabel, SortOrder, IsClosed, IsWon, IsActive"
    " FROM OpportunityStage ORDER BY SortOrder ASC",
}


@dataclass(frozen=True, slots=True)
class Described:
    """An object as the hub's user sees it."""

    fields: Mapping[str, Mapping[str, Any]]
    record_types: tuple[tuple[str, str], ...]

    def has(self, path: str) -> bool:
        """Whether a field, or the relationship at the head of a dotted name, is there."""
        head, dot, _ = path.partition(".")
        if not dot:
            return head in self.fields
        return any(field.get("relationshipName") == head for field in self.fields.values())

    def vendor_type(self, name: str) -> str:
        """Salesforce's type of a field."""
        return str(self.fields.get(name, {}).get("type", ""))

    def writable(self, name: str, *, creating: bool) -> bool:
        """Whether the hub's user may write a field."""
        return bool(self.fields[name].get("createable" if creating else "updateable"))

    def required(self, name: str) -> bool:
        """Whether a new record cannot do without a field."""
        field = self.fields.get(name, {})
        return not (field.get("nillable", True) or field.get("defaultedOnCreate"))


class Descriptions:
    """Descriptions of one org, asked for once an hour at most."""

    def __init__(self, api: Api, now: Callable[[], datetime]) -> None:
        self._api = api
        self._now = now
        self._held: dict[str, tuple[datetime, Described]] = {}
        self._converted: tuple[datetime, frozenset[str]] | None = None

    def of(self, name: str) -> Described:
        """The description of an object."""
        held = self._held.get(name)
        if held is None or self._now() - held[0] > KEPT:
            held = self._held[name] = (self._now(), self._ask(name))
        return held[1]

    def forget(self, name: str) -> None:
        """Ask again next time: the org has changed."""
        self._held.pop(name, None)

    def visible(self, name: str, wanted: Iterable[str]) -> list[str]:
        """Those of the wanted fields that are there, each once, ``Id`` first."""
        described = self.of(name)
        return [path for path in dict.fromkeys(("Id", *wanted)) if described.has(path)]

    def converted_statuses(self) -> frozenset[str]:
        """Values of Lead.Status that only conversion may set."""
        if self._converted is None or self._now() - self._converted[0] > KEPT:
            rows = self._api.rows(STAGES["Lead"])
            self._converted = (
                self._now(),
                frozenset(row["ApiName"] for row in rows if row.get("IsConverted")),
            )
        return self._converted[1]

    def specs(self, name: str) -> list[FieldSpec]:
        """Every field, with the picklist values that each record type allows."""
        self.forget(name)
        described = self.of(name)
        allowed = self._by_record_type(name, described)
        return [_spec(field, allowed.get(key, {})) for key, field in described.fields.items()]

    def stages(self, name: str) -> Sequence[StageSpec]:
        """Lead statuses or opportunity stages that are in use, in order; else none."""
        if name not in STAGES:
            return []
        return [
            StageSpec(
                value=row["ApiName"],
                label=row["MasterLabel"],
                order=int(row.get("SortOrder") or 0),
                closed=bool(row.get("IsClosed") or row.get("IsConverted")),
                won=bool(row.get("IsWon")),
            )
            for row in self._api.rows(STAGES[name])
            if row.get("IsActive", True)
        ]

    def _ask(self, name: str) -> Described:
        try:
            body = self._api.get(f"/sobjects/{name}/describe")
        except RecordGone as error:
            raise ContractBroken(
                f"Salesforce has no object {name} that the hub's user may see: give its permission "
                'set access, or leave it out of "objects"',
                status=error.status,
                code="SALESFORCE_NO_OBJECT",
            ) from error
        kinds = tuple(
            (kind["name"], kind["recordTypeId"])
            for kind in body.get("recordTypeInfos", ())
            if kind.get("available", True) and kind.get("active", True) and not kind.get("master")
        )
        return Described({field["name"]: field for field in body["fields"]}, kinds)

    def _by_record_type(
        self, name: str, described: Described
    ) -> dict[str, dict[str, tuple[str, ...]]]:
        allowed: dict[str, dict[str, tuple[str, ...]]] = {}
        for label, kind in described.record_types:
            try:
                body = self._api.get(f"/ui-api/object-info/{name}/picklist-values/{kind}")
            except RecordGone:
                continue  # the UI API does not know every object
            for field, picklist in body.get("picklistFieldValues", {}).items():
                values = tuple(value["value"] for value in picklist.get("values", ()))
                allowed.setdefault(field, {})[label] = values
        return allowed


def _spec(field: Mapping[str, Any], record_types: Mapping[str, tuple[str, ...]]) -> FieldSpec:
    kind = str(field.get("type", ""))
    required = not (field.get("nillable", True) or field.get("defaultedOnCreate"))
    return FieldSpec(
        name=field["name"],
        label=field.get("label") or field["name"],
        type=TYPES.get(kind, "other"),
        vendor_type=kind,
        required=required and bool(field.get("createable")),
        writable=bool(field.get("createable") or field.get("updateable")),
        unique=bool(field.get("unique")),
        max_length=field.get("length") or None,
        options=tuple(
            Option(item["value"], item.get("label") or item["value"], bool(item.get("active")))
            for item in field.get("picklistValues") or ()
        ),
        record_types=dict(record_types),
    )
