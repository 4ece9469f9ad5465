"""Which rows are the same row, and whether a row has changed.

Neither depends on the file: the same row in another file is the same record in the same version.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

_PARTS = ("family", "given")
_HONORIFICS = ("様", "さま", "殿", "御中")


def same(value: object) -> str:
    """A value for comparing: width, case and spaces do not count."""
    return "".join(unicodedata.normalize("NFKC", str(value)).casefold().split())


def row_id(flat: Mapping[str, Any], key: Sequence[str] = ()) -> str:
    """The id of a row: a hash of its key.

    ``key`` are the fields an operator chose. Without them it is the e-mail address and the name
    (an address like info@ is shared by people), else the company and the name. A row that has not
    all of its key is known by all it says.
    """
    for fields in (tuple(key),) if key else (("email", "full_name"), ("company", "full_name")):
        values = [_value(flat, field) for field in fields]
        if all(values) or (not key and fields[0] == "email" and values[0]):
            return _hash("\0".join([*fields, *values]))
    return _hash(_said(flat))


def row_version(flat: Mapping[str, Any]) -> str:
    """A hash of all the row says, whatever its columns' order, width and spacing."""
    return hashlib.sha256(_said(flat).encode()).hexdigest()


def _value(flat: Mapping[str, Any], field: str) -> str:
    if field == "email":
        address = same(flat.get(field, ""))
        return address if "@" in address else ""  # "なし" and "-" are nobody's address
    if field == "full_kana":
        parts = flat.get("full_kana") or "".join(flat.get(f"{one}_kana", "") for one in _PARTS)
        return same(parts)
    if field != "full_name":
        return same(flat.get(field, ""))
    parts = flat.get("full_name") or f"{flat.get('family_name', '')}{flat.get('given_name', '')}"
    name = same(parts)
    for honorific in _HONORIFICS:
        name = name.removesuffix(honorific)
    return name


def _said(flat: Mapping[str, Any]) -> str:
    said = "\0".join(f"{name}\1{value}" for name, value in sorted(flat.items()))
    return " ".join(unicodedata.normalize("NFKC", said).split())


def _hash(text: str) -> str:
    return "row:" + hashlib.sha256(text.encode()).hexdigest()[:32]
