"""What a lead is: the fields of the four kinds, their types, and the words people read for them.

A value is text, a number, a yes or no, or a list of texts; dates and moments are ISO 8601 text (a
date ``2026-10-01``, a moment in UTC), so that a lead is the same in Python, in the database and in
JSON. Besides the listed fields, leads have families: ``custom.<anything>``,
``consent.<channel>.<purpose>`` and ``bantch.<topic>.<part>``.
"""

from __future__ import annotations

import difflib
from enum import StrEnum
from functools import lru_cache

from mapping.labels import BANTCH_LABELS, CONSENT_LABELS, LEAD_LABELS

Value = str | int | float | bool | list[str] | None
"""A value of a field. Dates and moments are ISO text; None says that there is nothing."""


class FieldType(StrEnum):
    """What the values of a field look like, and so how they are normalised and written."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    DATE = "date"
    DATETIME = "datetime"
    NUMBER = "number"
    BOOLEAN = "boolean"
    LIST = "list"
    CORPORATE_NUMBER = "corporate_number"
    PERSON = "person"
    COMPANY = "company"
    CHOICE = "choice"


CHANNELS = (
    "form",
    "seminar",
    "webinar",
    "exhibition",
    "business_card",
    "ad",
    "referral",
    "cold_call",
    "purchased_list",
    "import",
    "other",
)
ORIGINS = ("sdr", "bdr", "marketing", "teleprospecting", "sales", "partner", "customer")
CONSENT_STATES = ("granted", "denied", "unknown")
CONSENT_CHANNELS = ("email", "phone", "post")
CONSENT_PURPOSES = ("marketing", "transactional")
BANTCH_TOPICS = ("budget", "authority", "needs", "timing", "competitor", "human_resources")
BANTCH_PARTS = ("text", "state", "by")
BANTCH_STATES = ("unknown", "partial", "known")
ACTIVITIES = (
    "form_submission",
    "email_sent",
    "email_delivered",
    "email_opened",
    "email_clicked",
    "email_bounced",
    "call",
    "meeting",
    "webinar",
    "note",
    "task",
)

_T = FieldType
CONSENT_FIELDS = tuple(
    f"consent.{channel}.{purpose}" for channel in CONSENT_CHANNELS for purpose in CONSENT_PURPOSES
)
BANTCH_FIELDS = tuple(f"bantch.{topic}.{part}" for topic in BANTCH_TOPICS for part in BANTCH_PARTS)

LEAD_FIELDS: dict[str, FieldType] = {
    "email": _T.EMAIL,
    "emails": _T.LIST,
    "phone": _T.PHONE,
    "mobile": _T.PHONE,
    "fax": _T.PHONE,
    "phones": _T.LIST,
    "full_name": _T.PERSON,
    "family_name": _T.PERSON,
    "given_name": _T.PERSON,
    "family_kana": _T.PERSON,
    "given_kana": _T.PERSON,
    "family_romaji": _T.PERSON,
    "given_romaji": _T.PERSON,
    "honorific": _T.TEXT,
    "company": _T.COMPANY,
    "company_kana": _T.TEXT,
    "corporate_number": _T.CORPORATE_NUMBER,
    "website": _T.URL,
    "department": _T.TEXT,
    "title": _T.TEXT,
    "country": _T.TEXT,
    "postal_code": _T.TEXT,
    "prefecture": _T.TEXT,
    "city": _T.TEXT,
    "street": _T.TEXT,
    "address": _T.TEXT,
    "channel": _T.CHOICE,
    "lead_source": _T.TEXT,
    "campaign": _T.TEXT,
    "occurred_on": _T.DATE,
    "first_touch_at": _T.DATETIME,
    "first_touch_channel": _T.CHOICE,
    "first_touch_source": _T.TEXT,
    "origin": _T.CHOICE,
    "score": _T.NUMBER,
    "owner": _T.EMAIL,
    "language": _T.TEXT,
    "note": _T.TEXT,
    "tags": _T.LIST,
    "interest": _T.TEXT,
    "consent_at": _T.DATETIME,
    "stage_reason": _T.TEXT,
    "revisit_on": _T.DATE,
    "renkei_id": _T.TEXT,
    "renkei_stage": _T.TEXT,
    "renkei_stage_at": _T.DATETIME,
    "renkei_reason": _T.TEXT,
    "renkei_cycle": _T.NUMBER,
} | {
    **dict.fromkeys(CONSENT_FIELDS, _T.CHOICE),
    **{name: _T.CHOICE if name.endswith(".state") else _T.TEXT for name in BANTCH_FIELDS},
}

ACCOUNT_FIELDS: dict[str, FieldType] = {
    "name": _T.COMPANY,
    "name_kana": _T.TEXT,
    "corporate_number": _T.CORPORATE_NUMBER,
    "website": _T.URL,
    "phone": _T.PHONE,
    "prefecture": _T.TEXT,
    "city": _T.TEXT,
    "address": _T.TEXT,
    "industry": _T.TEXT,
    "employees": _T.NUMBER,
}

DEAL_FIELDS: dict[str, FieldType] = {
    "name": _T.TEXT,
    "amount": _T.NUMBER,
    "currency": _T.TEXT,
    "close_on": _T.DATE,
    "probability": _T.NUMBER,
    "reason": _T.TEXT,
    "owner": _T.EMAIL,
}

ACTIVITY_FIELDS: dict[str, FieldType] = {
    "activity": _T.CHOICE,
    "subject": _T.TEXT,
    "at": _T.DATETIME,
    "duration_seconds": _T.NUMBER,
    "outcome": _T.TEXT,
    "body": _T.TEXT,
    "email": _T.EMAIL,
    "phone": _T.PHONE,
    "url": _T.URL,
}

FIELDS: dict[str, dict[str, FieldType]] = {
    "lead": LEAD_FIELDS,
    "account": ACCOUNT_FIELDS,
    "deal": DEAL_FIELDS,
    "activity": ACTIVITY_FIELDS,
}

OUR_ID = "renkei_id"
"""The lead's id as a vendor holds it: read only to know our own records again, never as a value."""
PUSH_ONLY = frozenset(name for name in LEAD_FIELDS if name.startswith("renkei_"))
"""Lead fields that the hub states and never reads."""

_CHOICES: dict[str, tuple[str, ...]] = {
    "channel": CHANNELS,
    "first_touch_channel": CHANNELS,
    "origin": ORIGINS,
    "activity": ACTIVITIES,
}


def field_type(kind: str, name: str) -> FieldType | None:
    """The type of a field, or None when no such field is known. ``custom.<x>`` is text."""
    known = FIELDS[kind].get(name)
    if known is not None:
        return known
    return FieldType.TEXT if name.startswith("custom.") and len(name) > len("custom.") else None


def choices(kind: str, name: str) -> tuple[str, ...] | None:
    """The values a choice may have, or None for a field that is free."""
    if field_type(kind, name) is not FieldType.CHOICE:
        return None
    if name.startswith("consent."):
        return CONSENT_STATES
    if name.startswith("bantch."):
        return BANTCH_STATES
    return _CHOICES[name]


def suggestions(kind: str, name: str) -> list[str]:
    """Up to three field names close to a mistaken one, best first, for "did you mean".

    Words that people write for a field (its Japanese or English label) lead to it too.
    """
    by_word = {field: field for field in FIELDS[kind]}
    if kind == "lead":
        for field in LEAD_FIELDS:
            for language in ("ja", "en"):
                by_word.setdefault(label(field, language).lower().replace(" ", "_"), field)
    wanted = name.strip().lower().replace("-", "_").replace(" ", "_")
    close = difflib.get_close_matches(wanted, by_word, n=5, cutoff=0.6)
    return list(dict.fromkeys(by_word[word] for word in close))[:3]


@lru_cache(maxsize=512)
def label(name: str, language: str = "ja") -> str:
    """What people call a lead field, in Japanese (``ja``) or English (anything else).

    A custom field is called what follows ``custom.``; an unknown name is its own label.
    """
    place = 0 if language == "ja" else 1
    if name in LEAD_LABELS:
        return LEAD_LABELS[name][place]
    family, _, rest = name.partition(".")
    if family == "custom":
        return rest
    first, _, second = rest.partition(".")
    words = {"consent": CONSENT_LABELS, "bantch": BANTCH_LABELS}.get(family)
    if words is None or first not in words or second not in words:
        return name
    if family == "consent":
        ja = f"{words[first][0]}の同意({words[second][0]})"
        return ja if place == 0 else f"Consent: {words[first][1]}, {words[second][1]}"
    return f"{words[first][place]}{words[second][place]}"
