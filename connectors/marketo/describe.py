"""What an instance's fields are; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.kit.base import FieldSpec
from connectors.marketo.activities import ATTRIBUTE, NAME
from connectors.marketo.api import Row
from connectors.marketo.push import EMAIL
from connectors.marketo.translate import COMPANY_FIELDS

TYPES: Mapping[str, str] = {
    "string": "text",
    "text": "text",
    "email": "email",
    "phone": "phone",
    "url": "url",
    "integer": "number",
    "float": "number",
    "currency": "number",
    "percent": "number",
    "score": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "reference": "reference",
}
"""Our word for Marketo's data types (Adobe developer docs, "Field Types")."""
ACTIVITY = (
    FieldSpec("marketoGUID", "活動ID", "text", writable=False),
    FieldSpec("leadId", "リードID", "reference", writable=False),
    FieldSpec("activityDate", "活動日時", "datetime", writable=False),
    FieldSpec("activityTypeId", "活動の種類ID", "number", writable=False),
    FieldSpec(NAME, "活動の種類", "text", writable=False),
    FieldSpec("primaryAttributeValueId", "対象のID", "number", writable=False),
    FieldSpec("primaryAttributeValue", "対象", "text", writable=False),
    FieldSpec("campaignId", "キャンペーンID", "number", writable=False),
)
"""What every activity has; the connector adds the name of its kind."""


def lead_fields(known: Iterable[Row]) -> list[FieldSpec]:
    """Every field of a lead. E-mail is no unique field there, but what leads are looked up by."""
    return [_field(one) for one in known]


def _field(one: Row) -> FieldSpec:
    name, vendor = str(one["name"]), str(one.get("dataType", ""))
    theirs = one.get("crmManaged", False) or name in COMPANY_FIELDS or name == "id"
    return FieldSpec(
        name=name,
        label=str(one.get("displayName") or name),
        type=TYPES.get(vendor, "other"),
        vendor_type=vendor,
        writable=bool(one.get("updateable", True)) and not theirs,
        unique=name == EMAIL,
        max_length=one.get("length"),
    )


def activity_fields(kinds: Iterable[Row]) -> list[FieldSpec]:
    """What every activity has, and the attributes of these kinds, each once."""
    found = {one.name: one for one in ACTIVITY}
    for kind in kinds:
        for one in kind.get("attributes") or ():
            name = f"{ATTRIBUTE}{one['name']}"
            vendor = str(one.get("dataType", ""))
            found[name] = FieldSpec(
                name, str(one["name"]), TYPES.get(vendor, "other"), vendor, writable=False
            )
    return list(found.values())
