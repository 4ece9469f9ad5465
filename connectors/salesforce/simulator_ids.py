"""The ids of the simulated org: 15 characters, and three more that make them safe without case."""

from __future__ import annotations

from typing import Any

PREFIXES = {
    "Lead": "00Q",
    "Contact": "003",
    "Account": "001",
    "Opportunity": "006",
    "Task": "00T",
    "Event": "00U",
    "OpportunityContactRole": "00K",
    "CampaignMember": "00v",
    "Campaign": "701",
    "User": "005",
    "Organization": "00D",
    "LeadStatus": "01J",
    "OpportunityStage": "01J",
    "RecordType": "012",
    "LeadHistory": "017",
    "OpportunityHistory": "008",
}
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def make_id(prefix: str, number: int) -> str:
    """The 18-character id of the ``number``-th row of an object; ids grow with the number."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = ALPHABET[rest] + digits
    return long_id(f"{prefix}IR{digits.rjust(10, '0')}")


def long_id(short: str) -> str:
    """The 18-character form of a 15-character id: three letters say which letters are capitals."""
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << n for n, c in enumerate(short[start : start + 5]) if "A" <= c <= "Z")
        suffix += _CHECK[bits]
    return short + suffix


def read_id(value: Any) -> str | None:
    """The 18-character form of a well-formed id; None for a wrong length, letter or checksum."""
    if not isinstance(value, str) or len(value) not in (15, 18) or not value.isalnum():
        return None
    full = long_id(value[:15])
    return full if len(value) == 15 or value[15:].upper() == full[15:] else None
