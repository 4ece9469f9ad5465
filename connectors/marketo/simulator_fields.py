"""The fields of a simulated instance's leads: what describe tells, and which values they take."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

from connectors.kit.simulator import Request, Response, route
from connectors.marketo.simulator_instance import Instance, zulu
from connectors.marketo.simulator_schema import (
    COMPANY_FIELDS,
    CUSTOM_FIELDS,
    SEARCHABLE,
    SEARCHABLE_TYPES,
    field,
    standard_fields,
)


class Skipped(Exception):
    """One record of a write that is not written, and why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Fields(Instance):
    """Fields by name. ``crm``: a CRM is synchronised natively and manages companies."""

    def __init__(self, *, crm: bool = False, renkei_fields: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.crm = crm
        if not self.table("fields"):
            for name, made in standard_fields().items():
                self.table("fields")[name] = made
            for custom in CUSTOM_FIELDS if renkei_fields else ():
                self.add_field(*custom)

    def add_field(self, name: str, kind: str = "string", label: str = "") -> None:
        """An administrator makes a custom field."""
        self.table("fields")[name] = field(name, kind, label or name, custom=True)

    def drop_field(self, name: str) -> None:
        """An administrator hides a custom field; what leads hold of it is not seen any more."""
        del self.table("fields")[name]

    def check_fields(self, names: Iterable[str]) -> None:
        """Refuse a request that names a field that leads do not have."""
        for name in names:
            if name not in self.table("fields"):
                raise self.no("1006", f"Field '{name}' not found")

    def searchable(self) -> list[str]:
        """The fields that leads can be looked up by."""
        custom = [
            name
            for name, made in self.table("fields").items()
            if made.get("custom") and made["dataType"] in SEARCHABLE_TYPES
        ]
        return [*SEARCHABLE, *custom]

    @route("GET", "/rest/v1/leads/describe2.json")
    def describe2(self, request: Request) -> Response:  # noqa: ARG002 - a route
        """Every field, and what can be searched by."""
        self.need("Read-Only Lead", "Read-Write Lead")
        told = [
            {name: value for name, value in made.items() if name != "custom"}
            | ({"crmManaged": True} if self.crm and made["name"] in COMPANY_FIELDS else {})
            for made in self.table("fields").values()
        ]
        searchable = [[name] for name in self.searchable()]
        return self.ok([{"name": "API Lead", "searchableFields": searchable, "fields": told}])

    @route("GET", "/rest/v1/leads/describe.json")
    def describe(self, request: Request) -> Response:  # noqa: ARG002 - a route
        """Every field in the shape before describe2."""
        self.need("Read-Only Lead", "Read-Write Lead")
        told = []
        for own, made in enumerate(self.table("fields").values(), start=1):
            said = {"id": own, "displayName": made["displayName"], "dataType": made["dataType"]}
            said |= {"length": made["length"]} if "length" in made else {}
            rest = {"name": made["name"], "readOnly": not made["updateable"]}
            told.append({**said, "rest": rest})
        return self.ok(told)

    def store(self, name: str, value: Any) -> Any:
        """A value as the field keeps it; None where it is cleared. Raises Skipped."""
        if name not in self.table("fields"):
            raise Skipped("1006", f"Field '{name}' not found")
        made = self.table("fields")[name]
        if not made["updateable"]:
            raise Skipped("1003", f"Field '{name}' is not updateable")
        if name in COMPANY_FIELDS:
            if self.crm:
                raise Skipped("1018", f"CRM Enabled. Field '{name}' is managed by the CRM")
            raise Skipped("1021", "Company update not allowed during syncLead")
        if value is None or value == "":
            return None
        keep: Callable[[Any], Any] = KEPT.get(made["dataType"], _text)
        try:
            return keep(value)
        except (ValueError, TypeError) as error:
            kind = made["dataType"]
            raise Skipped("1001", f"Invalid value '{value}'. Required of type '{kind}'") from error


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        raise TypeError("a field holds one value")
    return str(value)


def _email(value: Any) -> str:
    text = _text(value)
    if not text.isascii() or "@" not in text:
        raise ValueError("an e-mail address is ASCII and has an @")
    return text


def _boolean(value: Any) -> bool:
    said = str(value).lower()
    if said not in {"true", "false", "1", "0"}:
        raise ValueError("neither true nor false")
    return said in {"true", "1"}


def _datetime(value: Any) -> str:
    moment = datetime.fromisoformat(str(value))
    return zulu(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _date(value: Any) -> str:
    return date.fromisoformat(str(value)).isoformat()


def _integer(value: Any) -> int:
    return int(str(value))


def _float(value: Any) -> float:
    return float(str(value))


KEPT: dict[str, Callable[[Any], Any]] = {
    "email": _email,
    "boolean": _boolean,
    "datetime": _datetime,
    "date": _date,
    "integer": _integer,
    "score": _integer,
    "percent": _integer,
    "float": _float,
    "currency": _float,
}
