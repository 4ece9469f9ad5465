"""What the simulated org refuses to save: types, lengths, picklists, required fields.

Error codes are those of the Salesforce API ("Core data types", StatusCode); the wording of the
messages, and whether a code comes alone, is from memory where the fact sheet of this connector has
no recording.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from connectors.salesforce.simulator_fields import Field
from connectors.salesforce.simulator_ids import read_id

EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
TEXT = frozenset({"string", "textarea", "email", "phone", "url", "picklist", "multipicklist"})
NUMBER = frozenset({"int", "double", "currency", "percent"})


class DmlError(Exception):
    """A write that the org refuses."""

    def __init__(
        self, code: str, message: str, *fields: str, extra: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = list(fields)
        self.extra = dict(extra or {})

    def row(self) -> dict[str, Any]:
        """The error as an item of a collection's ``errors``."""
        return {
            "statusCode": self.code,
            "message": self.message,
            "fields": self.fields,
            **self.extra,
        }

    def body(self) -> list[dict[str, Any]]:
        """The error as the body of a refused request."""
        item = {"message": self.message, "errorCode": self.code, **self.extra}
        return [{**item, "fields": self.fields} if self.fields else item]


def stamp(moment: datetime) -> str:
    """A moment as the API prints it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") + ".000+0000"


def clean(
    name: str, fields: Mapping[str, Field], values: Mapping[str, Any], *, creating: bool
) -> dict[str, Any]:
    """The values as they will be stored; raises DmlError for the first that cannot be."""
    by_name = {f.lower(): fields[f] for f in fields}
    cleaned: dict[str, Any] = {}
    for given, value in values.items():
        field = by_name.get(given.lower())
        if field is None:
            raise DmlError("INVALID_FIELD", f"No such column '{given}' on sobject of type {name}")
        if not (field.createable if creating else field.updateable):
            raise DmlError(
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                f"Unable to create/update fields: {field.name}. Please check the security settings "
                "of this field and verify that it is read/write for your profile.",
                field.name,
            )
        cleaned[field.name] = _value(field, value)
    missing = [
        f.name
        for f in fields.values()
        if f.required and (cleaned.get(f.name) is None) and (creating or f.name in cleaned)
    ]
    if missing:
        raise DmlError(
            "REQUIRED_FIELD_MISSING",
            f"Required fields are missing: [{', '.join(missing)}]",
            *missing,
        )
    return cleaned


def _value(field: Field, value: Any) -> Any:
    if value is None or value == "":
        if field.type == "boolean":
            raise _wrong_type(field, value)
        return None
    if field.type in TEXT:
        return _text(field, value)
    if field.type == "boolean":
        if not isinstance(value, bool):
            raise _wrong_type(field, value)
        return value
    if field.type in NUMBER:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong_type(field, value)
        return value
    if field.type == "reference":
        full = read_id(value)
        if full is None:
            raise DmlError(
                "MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", field.name
            )
        return full
    return _moment(field, value)


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong_type(field, value)
    if field.length and len(value) > field.length:
        raise DmlError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {value[:20]}... (max length={field.length})",
            field.name,
        )
    if field.type == "email" and not EMAIL.fullmatch(value):
        raise DmlError(
            "INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {value}", field.name
        )
    if field.restricted and value not in field.values:
        raise DmlError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {value}",
            field.name,
        )
    return value


def _moment(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong_type(field, value)
    try:
        if field.type == "date":
            return date.fromisoformat(value).isoformat()
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _wrong_type(field, value) from None
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _wrong_type(field: Field, value: Any) -> DmlError:
    return DmlError(
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        f"{field.label}: value not of required type: {value}",
        field.name,
    )
