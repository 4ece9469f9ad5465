"""What a field, a record type and a stage of the simulated org are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object, as describe would tell it."""

    name: str
    label: str
    type: str = "string"
    length: int = 0
    required: bool = False
    values: tuple[str, ...] = ()
    restricted: bool = False
    external_id: bool = False
    unique: bool = False
    createable: bool = True
    updateable: bool = True
    refers_to: tuple[str, ...] = ()
    relationship: str | None = None
    custom: bool = False
    default: Any = None

    def describe(self) -> dict[str, Any]:
        """The entry of this field in ``describe``'s ``fields``."""
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "length": self.length,
            "byteLength": self.length * 3,
            "calculated": False,
            "filterable": self.type != "textarea",
            "sortable": self.type != "textarea",
            "groupable": self.type not in ("textarea", "datetime", "double", "currency"),
            "nameField": self.name == "Name",
            "deprecatedAndHidden": False,
            "nillable": not self.required,
            "createable": self.createable,
            "updateable": self.updateable,
            "externalId": self.external_id,
            "idLookup": self.external_id or self.type in ("id", "email"),
            "unique": self.unique,
            "caseSensitive": False,
            "custom": self.custom,
            "defaultedOnCreate": self.default is not None or self.type == "boolean",
            "restrictedPicklist": self.restricted,
            "referenceTo": list(self.refers_to),
            "relationshipName": self.relationship,
            "picklistValues": [
                {"active": True, "defaultValue": False, "label": v, "value": v, "validFor": None}
                for v in self.values
            ],
        }


@dataclass(frozen=True, slots=True)
class RecordType:
    """A record type and the picklist values it allows; fields not named allow them all."""

    id: str
    name: str
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of LeadStatus or OpportunityStage."""

    value: str
    default: bool = False
    converted: bool = False
    closed: bool = False
    won: bool = False
    probability: int = 0
    active: bool = True
