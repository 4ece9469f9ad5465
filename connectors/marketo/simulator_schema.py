"""What a fresh Marketo instance has: fields of a lead, and kinds of activity.

Sources: Adobe Marketo Engage developer docs, "Standard Fields" (names and labels), "Field Types"
(data types) and the Swagger document of the lead database (the shape of describe2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COMPANY_FIELDS = (
    "company",
    "site",
    "billingStreet",
    "billingCity",
    "billingState",
    "billingCountry",
    "billingPostalCode",
    "website",
    "mainPhone",
    "annualRevenue",
    "numberOfEmployees",
    "industry",
    "sicCode",
)
"""Fields of a lead that are its company's; which they are is from memory, from their labels."""
SYSTEM_FIELDS = frozenset(
    {"id", "createdAt", "updatedAt", "isAnonymous", "priority", "relativeScore", "urgency"}
)
"""What no write changes: "System managed" in the vendor's list."""
TEXT_LENGTH = 255
_STANDARD = """
id integer Id
email email Email Address
firstName string First Name
middleName string Middle Name
lastName string Last Name
salutation string Salutation
dateOfBirth date Date of Birth
phone phone Phone Number
mobilePhone phone Mobile Phone Number
fax phone Fax Number
title string Job Title
department string Department
leadRole string Role
address text Address
city string City
state string State
country string Country
postalCode string Postal Code
leadSource string Lead Source
leadStatus string Lead Status
leadScore integer Lead Score
rating string Lead Rating
unsubscribed boolean Unsubscribed
unsubscribedReason text Unsubscribed Reason
doNotCall boolean Do Not Call
doNotCallReason text Do Not Call Reason
emailInvalid boolean Email Invalid
emailInvalidCause text Email Invalid Cause
externalCompanyId string External Company Id
leadPartitionId integer Lead Partition Id
company string Company Name
site string Site
billingStreet text Billing Address
billingCity string Billing City
billingState string Billing State
billingCountry string Billing Country
billingPostalCode string Billing Postal Code
website url Website
mainPhone phone Main Phone
annualRevenue currency Annual Revenue
numberOfEmployees integer Num Employees
industry string Industry
sicCode string SIC Code
anonymousIP string Anonymous IP
inferredCompany string Inferred Company
inferredCountry string Inferred Country
isAnonymous boolean Is Anonymous
priority integer Priority
relativeScore integer Relative Score
urgency float Urgency
createdAt datetime Created At
updatedAt datetime Updated At
"""
CUSTOM_FIELDS: tuple[tuple[str, str, str], ...] = (
    ("renkeiLeadId", "string", "Renkei Lead ID"),
    ("renkeiStage", "string", "Renkei Stage"),
    ("renkeiStageAt", "datetime", "Renkei Stage At"),
    ("renkeiStageReason", "string", "Renkei Stage Reason"),
)
"""What a careful administrator makes for the hub."""
SEARCHABLE = ("cookies", "email", "id", "leadPartitionId", "externalCompanyId")
"""Standard fields to look leads up by; custom ones join where text, e-mail or whole number."""
SEARCHABLE_TYPES = frozenset({"string", "email", "integer"})
UNLOOKED = "cookies"
"""Searchable, and no field."""
ACTIVITY_TYPES: Mapping[int, tuple[str, str, tuple[str, ...]]] = {
    1: ("Visit Webpage", "Webpage ID", ("Client IP Address", "Webpage URL")),
    2: ("Fill Out Form", "Webform ID", ("Form Fields", "Referrer URL", "Webpage ID")),
    3: ("Click Link", "Link ID", ("Webpage URL",)),
    6: ("Send Email", "Mailing ID", ("Campaign Run ID",)),
    7: ("Email Delivered", "Mailing ID", ("Campaign Run ID",)),
    8: ("Email Bounced", "Mailing ID", ("Category", "Details", "Email")),
    9: ("Unsubscribe Email", "Mailing ID", ("Campaign Run ID",)),
    10: ("Open Email", "Mailing ID", ("Device", "Platform")),
    11: ("Click Email", "Mailing ID", ("Link", "Device")),
    12: ("New Lead", "", ("Source Type", "Created Date")),
    13: ("Change Data Value", "Attribute Name", ("New Value", "Old Value", "Reason", "Source")),
    22: ("Change Score", "Score Name", ("Change Value", "New Value", "Old Value")),
    24: ("Add to List", "List ID", ("Source",)),
    25: ("Remove from List", "List ID", ("Source",)),
    27: ("Email Bounced Soft", "Mailing ID", ("Category", "Details", "Email")),
    32: ("Merge Leads", "Lead ID", ("Merge IDs", "Merge Fields", "Merge Source")),
    37: ("Delete Lead", "Lead ID", ("Source",)),
    46: ("Interesting Moment", "Type", ("Description", "Source")),
    104: ("Change Status in Progression", "Program ID", ("New Status", "Old Status")),
}
"""Names, primary and other attributes of kinds of activity by id; all of it from memory, but for
Fill Out Form and Change Data Value, which the vendor's pages show."""


def field(name: str, kind: str, label: str, *, custom: bool = False) -> dict[str, Any]:
    """A field as describe2 tells it."""
    made: dict[str, Any] = {
        "name": name,
        "displayName": label,
        "dataType": kind,
        "updateable": name not in SYSTEM_FIELDS,
        "crmManaged": False,
    }
    if kind in {"string", "email", "phone", "url"}:
        made["length"] = TEXT_LENGTH
    if custom:
        made["custom"] = True
    return made


def standard_fields() -> dict[str, dict[str, Any]]:
    """The fields that every instance has, by name."""
    lines = (line.split(" ", 2) for line in _STANDARD.strip().splitlines())
    return {name: field(name, kind, label) for name, kind, label in lines}
