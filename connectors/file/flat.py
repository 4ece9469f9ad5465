"""A row's cells to flat fields: which column is what, and the repairs every list needs.

Pure: the same answer for the same payload and options. Values stay text as far as the file's
customs allow; reading dates, phones and names is the field map's work. A file never grants a
consent; where it says that somebody opted out, that is passed on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, TypeAlias

from connectors.file.options import Options
from connectors.file.profiles import (
    FIELD_NAMES,
    GENERIC,
    PROFILES,
    WORDS,
    Profile,
    assign,
    header_key,
)

MADE: Mapping[str, str] = {
    "channel": "獲得チャネル",
    "emails": "すべてのメールアドレス",
    "phones": "すべての電話番号",
}
"""Fields that no header means and ``flatten`` adds, with what people call them."""
_OURS = FIELD_NAMES | MADE.keys()
"""Names that a column without a meaning must not take."""
_PHONES = ("phone", "mobile", "fax", "phone_direct", "phone_department")
_KANA = ("full_kana", "family_kana")
_SHORTENED_PHONE = re.compile(r"[1-9]\d{8}|[5789]0\d{8}")
_SHORTENED_CODE = re.compile(r"\d{6}")
_LITERAL = re.compile(r'="([^"]*)"')
"""What exporters write so that a spreadsheet keeps a leading zero."""
_PROTECTED = re.compile(r"'(?=[=+\-@\t\r\n＝＋－＠])")
"""The apostrophe that our own export puts before a formula."""
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")
_ADDRESSES = re.compile(r"[;,、，；\s]+")
_BETWEEN_NUMBERS = re.compile(r"[,、;；/／|・\n]|または|又は")
_DIGITS_OF_A_NUMBER = 9
_AROUND_AT = re.compile(r"\s*[@＠]\s*")
_LISTED = re.compile(r"[;,、，；|/\n]+")
_SERIAL = re.compile(r"([2-7]\d{4})(?:\.\d+)?")
"""Days since 1899-12-30, as a spreadsheet saves a date without a format: 1954 to 2119."""
_WEEKDAY = re.compile(r"\s*\([月火水木金土日](?:曜日?)?\)\s*")
_REIWA = re.compile(r"(?:令和|R)\s*(元|\d{1,2})[年./-]\s*(\d{1,2})[月./-]\s*(\d{1,2})日?")


def clean(value: object) -> str:
    """A cell without outer space, without ="…" around it and without a protecting apostrophe."""
    text = "" if value is None else str(value).strip()
    if text[:2] == '="':
        literal = _LITERAL.fullmatch(text)
        return literal.group(1).strip() if literal is not None else text
    return _PROTECTED.sub("", text, count=1) if text[:1] == "'" else text


def flatten(payload: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """The row's fields by name; columns that mean no field keep their header. Blanks are left out.

    A row that could not be read gives its code under ``_error``.
    """
    if "_error" in payload:
        return {name: payload[name] for name in ("_error", "_message") if name in payload}
    profile = PROFILES.get(str(payload.get("_profile")), PROFILES[GENERIC])
    fields, others = _layout(profile.name, tuple(payload), tuple(options.columns.items()))
    flat: dict[str, Any] = {
        field: text for field, header in fields if (text := clean(payload[header]))
    }
    tags = _listed(flat.pop("tags")) if "tags" in flat else []
    for name, header in others:
        text = clean(payload[header])
        if profile.tag_columns and text in ("1", "○"):
            tags.append(header)
        elif text:
            flat[name] = text
    if tags:
        flat["tags"] = sorted(set(tags))
    _repair(flat, options)
    _state(flat, profile, options)
    return flat


_Columns: TypeAlias = tuple[tuple[str, str], ...]


@lru_cache(maxsize=4096)
def _layout(
    profile: str, names: tuple[str, ...], own: tuple[tuple[str, tuple[str, ...]], ...]
) -> tuple[_Columns, _Columns]:
    """Of columns with these headers, those of known fields and the others: (name, header) each."""
    headers = tuple(sorted(name for name in names if not name.startswith("_")))
    assigned = assign(profile, headers, own)
    taken, ignored = set(assigned.values()), PROFILES[profile].ignore
    return tuple(assigned.items()), tuple(
        (f"{header} (2)" if header in _OURS else header, header)
        for header in headers
        if header not in taken and header_key(header) not in ignored
    )


def _state(flat: dict[str, Any], profile: Profile, options: Options) -> None:
    """Add what is true of the whole list: channel, source, campaign, date of contact."""
    flat["channel"] = options.channel or profile.channel
    source = options.lead_source or flat.get("lead_source") or profile.lead_source
    if source:
        flat["lead_source"] = source
    if options.campaign:
        flat.setdefault("campaign", options.campaign)
    if options.occurred_on:
        flat.setdefault("occurred_on", options.occurred_on.isoformat())


def names_a_person(flat: Mapping[str, Any]) -> bool:
    """Whether somebody can be known by this row; totals and notes below a list cannot."""
    if "@" in flat.get("email", "").replace("＠", "@") or any(flat.get(at) for at in _PHONES):
        return True
    named = any(flat.get(field) for field in ("full_name", "family_name", *_KANA))
    return named and bool(flat.get("company"))


def _repair(flat: dict[str, Any], options: Options) -> None:
    if options.restore_zeros:
        for field in _PHONES:
            if field in flat and _SHORTENED_PHONE.fullmatch(flat[field]):
                flat[field] = f"0{flat[field]}"
        if "postal_code" in flat and _SHORTENED_CODE.fullmatch(flat["postal_code"]):
            flat["postal_code"] = f"0{flat['postal_code']}"
    for field, reading in _READINGS.items():
        if field in flat:
            value = reading(flat[field])
            if value is None:
                del flat[field]
            else:
                flat[field] = value
    _split_addresses(flat)
    _split_numbers(flat)
    _split_kana(flat)


def _split_kana(flat: dict[str, Any]) -> None:
    """Reading in two words is family and given kana; what they do not say stays ``full_kana``."""
    kana = flat.get("full_kana", "").split()
    if len(kana) != 2:
        return
    family, given = kana
    held = (flat.setdefault("family_kana", family), flat.setdefault("given_kana", given))
    if held == (family, given):
        del flat["full_kana"]


def _split_addresses(flat: dict[str, Any]) -> None:
    if "email2" not in flat and _PLAIN_ADDRESS.fullmatch(flat.get("email", "")):
        return
    cells = [flat.pop(field) for field in ("email", "email2") if field in flat]
    found = [
        part.removeprefix("mailto:")
        for cell in cells
        for part in _ADDRESSES.split(_AROUND_AT.sub("@", cell))
        if part
    ]
    mails = [part for part in found if "@" in part]
    if mails:
        flat["email"] = mails[0]
    elif cells:
        flat["email"] = cells[0]  # not an address: the field map sets it aside and says so
    if len(mails) > 1:
        flat["emails"] = list(dict.fromkeys(mails))


def _split_numbers(flat: dict[str, Any]) -> None:
    """Several numbers in one cell are listed; a separator may also stand inside of one."""
    cell = flat.get("phone")
    if not isinstance(cell, str):
        return
    parts = [part for part in _BETWEEN_NUMBERS.split(cell) if part.strip()]
    if len(parts) > 1 and all(sum(map(str.isdigit, part)) >= _DIGITS_OF_A_NUMBER for part in parts):
        flat["phones"] = parts


def _listed(text: str) -> list[str]:
    return [part.strip() for part in _LISTED.split(text) if part.strip()]


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def read_date(text: str) -> str:
    """A date in the forms lists have beside the usual ones (serial, 令和, weekday) as ISO 8601.

    Anything else comes back as it is, in half-width figures.
    """
    plain = _WEEKDAY.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    serial = _SERIAL.fullmatch(plain)
    if serial is not None:
        return (date(1899, 12, 30) + timedelta(days=int(serial.group(1)))).isoformat()
    reiwa = _REIWA.fullmatch(plain)
    if reiwa is not None:
        year, month, day = reiwa.groups()
        return f"{2018 + (1 if year == '元' else int(year))}-{int(month):02}-{int(day):02}"
    return plain


def _denied(text: str) -> str | None:
    return None if _plain(text) in WORDS["stays_in"] else "denied"


def _attendance(text: str) -> str:
    plain = _plain(text)
    if plain in WORDS["came"]:
        return "attended"
    return "absent" if plain in WORDS["stayed_away"] else text


_READINGS: dict[str, Callable[[str], str | None]] = {
    "occurred_on": read_date,
    "mail_optout": _denied,
    "phone_optout": _denied,
    "attendance": _attendance,
}
