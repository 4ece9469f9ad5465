"""Salesforce ids: 15 characters that tell case apart, or the same and three that repair case."""

from __future__ import annotations

import re

_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
OBJECTS = {
    "00Q": "Lead",
    "003": "Contact",
    "001": "Account",
    "006": "Opportunity",
    "00T": "Task",
    "00U": "Event",
}
"""Key prefixes of the standard objects; they are the same in every org."""


def full_id(value: str) -> str | None:
    """The 18-character form of an id, the one form that is stored; None where it is no id."""
    if not _ID.fullmatch(value):
        return None
    if len(value) == 18:
        return value
    groups = (value[start : start + 5] for start in (0, 5, 10))
    return value + "".join(
        _LETTERS[sum(1 << place for place, letter in enumerate(group) if letter.isupper())]
        for group in groups
    )


def object_of(value: str) -> str | None:
    """The object an id belongs to, of those we know."""
    return OBJECTS.get(value[:3])
