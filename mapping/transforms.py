"""Named pure functions used in field maps: from a vendor's value to a field's, and back.

A reader gets what the vendor holds and returns the field's value, None for a blank; it raises
Unreadable rather than guess. A writer gets a field's value that is not None. Each is made once,
when the map is compiled.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from mapping.errors import Unreadable
from mapping.model import FieldType, Value
from mapping.moments import date_reader, date_writer, datetime_reader, datetime_writer
from mapping.normalise import company, corporate_number, person, web
from mapping.normalise import email as emails
from mapping.normalise import phone as phones
from mapping.normalise.text import is_blank, nfkc

__all__ = [
    "Reader",
    "Shape",
    "Writer",
    "is_blank",
    "one_newline",
    "reader_of",
    "shown",
    "word",
    "writer_of",
]

_clean_person = lru_cache(maxsize=16384)(person.clean)
_clean_company = lru_cache(maxsize=16384)(company.clean)

Reader = Callable[[Any], Value]
Writer = Callable[[Value], Any]

_GROUPED = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d{1,2})?|[+-]?\.\d+")
_CURRENCY = re.compile(r"^[¥$€]\s*|\s*円$")
_TRUE = frozenset({"true", "1", "yes", "y", "on", "はい", "有", "あり", "有り", "○", "〇"})
_FALSE = frozenset({"false", "0", "no", "n", "off", "いいえ", "無", "なし", "無し", "×"})
_PERSONAL = re.compile(r"@|\d{6}")
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Shape:
    """What a line says about how its values are written down."""

    formats: tuple[str, ...] = ()
    zone: ZoneInfo | None = None
    on: str | None = None
    phone: str = "e164"
    choices: tuple[str, ...] | None = None
    items: FieldType = FieldType.TEXT


def word(raw: Any) -> str:
    """A single value as the text it is looked up by, without spaces around it: true, 12, Hot."""
    if isinstance(raw, str):
        return raw.strip()
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int):
        return str(int(raw))
    if isinstance(raw, float) and math.isfinite(raw):
        return str(int(raw)) if raw.is_integer() else repr(float(raw))
    raise Unreadable(
        "NOT_TEXT",
        "the value is not a single text or number",
        hint='several values need as: list, or a separator to join them: on: "; "',
    )


def shown(raw: Any) -> str:
    """A picklist value in quotes, for a message; left out when it looks like a person's data."""
    text = raw.strip() if isinstance(raw, str) else word(raw)
    if len(text) > _SHOWN or _PERSONAL.search(text):
        return '"…"'
    return f'"{text}"'


def one_newline(text: str) -> str:
    """The text with its lines ended one way, whichever way the vendor ends them."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def text_reader(shape: Shape) -> Reader:
    """Text as it stands, without the spaces around it; several values are joined by ``on``."""

    def read(raw: Any) -> Value:
        if isinstance(raw, str):
            return one_newline(raw.strip()) or None
        if shape.on is not None and isinstance(raw, (list, tuple)):
            return shape.on.join(word(item) for item in raw if not is_blank(item)) or None
        return word(raw)

    return read


def read_person(raw: Any) -> Value:
    """A person's name for display: widths and spaces tidied, no honorific, nothing respelled."""
    return _clean_person(word(raw))


def read_company(raw: Any) -> Value:
    """A company's name for display: widths and spaces tidied, no 御中, its legal form kept."""
    return _clean_company(word(raw))


def read_email(raw: Any) -> Value:
    """One address, normalised."""
    text = word(raw)
    if not text:
        return None
    found = emails.normalise(text)
    if found is None:
        raise Unreadable("BAD_EMAIL", "the value is not an e-mail address")
    return found


def read_phone(raw: Any) -> Value:
    """One number in E.164, with ``;ext=`` where it has an extension; of Japan if it names none."""
    text = word(raw)
    if not text:
        return None
    if (plainly := phones.plain(text)) is not None:
        return plainly
    found = phones.normalise(text)
    if found is None:
        raise Unreadable(
            "BAD_PHONE",
            "the value is not a telephone number that can be dialled",
            hint="a number from abroad needs its country code: +1 …",
        )
    return found.text


def read_number(raw: Any) -> Value:
    """A whole number or a fraction: 1,200,000 and ¥1,200,000 are read; 1.200,50 and 12% are not."""
    if isinstance(raw, bool):
        raise _not_a_number()
    if isinstance(raw, int):
        return int(raw)
    if isinstance(raw, float):
        number = float(raw)
    else:
        text = nfkc(word(raw)).strip()
        if not text:
            return None
        text = _CURRENCY.sub("", text)
        if _GROUPED.fullmatch(text) is None:
            raise _not_a_number()
        text = text.replace(",", "")
        if text.lstrip("+-").isdecimal():
            return int(text)
        number = float(text)
    if not math.isfinite(number):
        raise _not_a_number()
    return int(number) if number.is_integer() else number


def _not_a_number() -> Unreadable:
    return Unreadable(
        "NOT_A_NUMBER",
        "the value is not a number",
        hint="1,200,000 and 0.5 are; units and percent signs belong into another field",
    )


def read_boolean(raw: Any) -> Value:
    """Yes or no, from true/false, 1/0, yes/no, はい/いいえ, あり/なし and ○/×."""
    if isinstance(raw, bool):
        return bool(raw)
    text = nfkc(word(raw)).strip().lower()
    if not text:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise Unreadable(
        "NOT_A_BOOLEAN",
        "the value is neither yes nor no",
        hint='say what it means: values: {"済": true, "未": false}',
    )


def read_url(raw: Any) -> Value:
    """A web address with its scheme and host in lower case; https:// where none is written."""
    text = word(raw)
    if not text:
        return None
    found = web.normalise(text)
    if found is None:
        raise Unreadable("BAD_URL", "the value is not a web address")
    return found


def read_corporate_number(raw: Any) -> Value:
    """The 13 digits of a Japanese corporate number, its check digit verified."""
    text = word(raw)
    if not text:
        return None
    digits = corporate_number.normalise(text)
    if digits is None:
        raise Unreadable(
            "BAD_CORPORATE_NUMBER",
            "the value is not a corporate number: 13 digits of which the first checks the rest",
        )
    return digits


def choice_reader(shape: Shape) -> Reader:
    """One of the words a field allows."""
    allowed = frozenset(shape.choices or ())

    def read(raw: Any) -> Value:
        text = word(raw)
        if not text:
            return None
        if text in allowed:
            return text
        raise Unreadable(
            "PICKLIST_UNMAPPED",
            f"{shown(text)} is not one of the field's words",
            hint=f"translate it with values: {{{shown(text)}: …}}; "
            f"the words are {', '.join(shape.choices or ())}",
        )

    return read


def list_reader(shape: Shape) -> Reader:
    """Each value once, in their order, from an array or from text parted by ``on`` (else ";")."""
    separator = shape.on or ";"
    item = reader_of(shape.items, shape)

    def read(raw: Any) -> Value:
        parts: Sequence[Any] = raw if isinstance(raw, (list, tuple)) else word(raw).split(separator)
        found = (item(part) for part in parts if not is_blank(part))
        return list(dict.fromkeys(str(value) for value in found if value is not None)) or None

    return read


def reader_of(kind: FieldType, shape: Shape) -> Reader:
    """What reads values of a type."""
    match kind:
        case FieldType.TEXT:
            return text_reader(shape)
        case FieldType.DATE:
            return date_reader(shape.formats, shape.zone)
        case FieldType.DATETIME:
            return datetime_reader(shape.formats, shape.zone)
        case FieldType.CHOICE:
            return choice_reader(shape)
        case FieldType.LIST:
            return list_reader(shape)
        case _:
            return _PLAIN_READERS[kind]


_PLAIN_READERS: dict[FieldType, Reader] = {
    FieldType.EMAIL: read_email,
    FieldType.PHONE: read_phone,
    FieldType.URL: read_url,
    FieldType.NUMBER: read_number,
    FieldType.BOOLEAN: read_boolean,
    FieldType.CORPORATE_NUMBER: read_corporate_number,
    FieldType.PERSON: read_person,
    FieldType.COMPANY: read_company,
}


def writer_of(kind: FieldType, shape: Shape) -> Writer:
    """What writes values of a type the way the vendor takes them."""
    match kind:
        case FieldType.DATE:
            return date_writer(shape.formats)
        case FieldType.DATETIME:
            return datetime_writer(shape.formats, shape.zone)
        case FieldType.PHONE:
            return _PHONE_WRITERS[shape.phone]
        case FieldType.LIST if shape.on is not None:
            return _joiner(shape.on)
        case _:
            return as_it_is


def as_it_is(value: Value) -> Any:
    """The value, for a vendor that takes it as the hub holds it; of a list a new one."""
    return list(value) if isinstance(value, list) else value


def _joiner(separator: str) -> Writer:
    def write(value: Value) -> Any:
        parts = [value] if not isinstance(value, list) else value
        if any(separator in word(part) for part in parts):
            raise Unreadable(
                "HOLDS_SEPARATOR",
                "a value holds the text that parts the values from one another",
                hint="choose another separator with on:",
            )
        return separator.join(word(part) for part in parts)

    return write


def _write_e164(value: Value) -> Any:
    return str(value).replace(";ext=", " ext. ")


def _write_national(value: Value) -> Any:
    return phones.display(str(value))


_PHONE_WRITERS: dict[str, Writer] = {
    "e164": _write_e164,
    "national": _write_national,
    "raw": as_it_is,
}
