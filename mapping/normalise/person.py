"""Names of people: cleaned for display, split into family and given, folded for keys.

Display never changes a character of a name: 髙橋 stays 髙橋. Only keys take 髙 for 高.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from mapping.normalise import family_names
from mapping.normalise.kanji import fold_kanji
from mapping.normalise.text import is_kana, kana_key, katakana, nfkc, tidy

_NOT_IN_KEY = re.compile(r"[\s・･.,'’`\-‐=゠]+")
_IN_BRACKETS = re.compile(r"\s*[((〈【\[].*$")
_HONORIFIC_END = re.compile(
    r"(?<=..)[\s]*(?:様方|さま|サマ|様|殿|氏|さん|サン|くん|ちゃん|先生|御中|各位)$"
)
_HONORIFIC_START = re.compile(
    r"^(?:mrs?|ms|miss|dr|prof|sir|mme)(?:\.\s*|\s+)(?=\S)", re.IGNORECASE
)
_KANJI = re.compile("[\u4e00-\u9fff々]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\s.,'’\-]+")
# What often follows the first kanji of a longer family name: 西脇太郎 is not 西 and 脇太郎.
_SECOND_OF_FAMILY = frozenset(
    "田山川本村野原井上下中木島崎沢口谷部岡橋脇条尾瀬地内塚坂林森浦池岸家屋場畑松藤倉城保見宮津戸永江沼根枝方"
)


class Name(NamedTuple):
    """A family name and a given name; either may be unknown."""

    family: str | None
    given: str | None


def clean(raw: str) -> str | None:
    """A name, or part of one, for display: widths and spaces put right, honorifics taken off."""
    text = tidy(raw)
    if text is None:
        return None
    if text.isascii():
        return _HONORIFIC_START.sub("", text)
    return _HONORIFIC_END.sub("", text).strip() or None


def kana(raw: str) -> str | None:
    """A reading for display, in full-width katakana; None when it is no kana at all."""
    text = clean(raw)
    if text is None:
        return None
    text = katakana(text)
    return text if text and is_kana(text) else None


@lru_cache(maxsize=16384)
def split(full: str) -> Name | None:
    """Family and given name of a full name; None when nothing tells where the one ends.

    A space decides, otherwise the longest known family name. Nothing is guessed by length. Latin
    names are given name first unless capitals, a comma or a known Japanese family name say no.
    """
    text = clean(full)
    if text is None:
        return None
    if _LATIN.fullmatch(text):
        return _split_latin(text)
    if "・" in text and " " not in text and is_kana(text):
        first, _, last = text.rpartition("・")
        return Name(last, first) if first and last else None
    parts = text.split(" ")
    if len(parts) == 2:
        return Name(parts[0], parts[1])
    if len(parts) > 2:
        return None
    return _split_kana(text) if is_kana(text) else _split_kanji(text)


def full_name(values: Mapping[str, object]) -> str | None:
    """The whole name that a lead's values give, for people to read."""
    full = values.get("full_name")
    if isinstance(full, str) and full:
        return full
    family, given = values.get("family_name"), values.get("given_name")
    if not isinstance(family, str) or not family:
        return given if isinstance(given, str) and given else None
    if not isinstance(given, str) or not given:
        return family
    return f"{given} {family}" if family.isascii() and given.isascii() else f"{family} {given}"


def missing_parts(values: Mapping[str, object]) -> tuple[str, dict[str, str]]:
    """What is missing of a name and can be worked out, and the field that it follows from.

    Some systems hold only the whole name, others only its parts.
    """
    whole, family, given = (values.get(name) for name in ("full_name", "family_name", "given_name"))
    if family and not whole:
        full = full_name(values)
        return "family_name", {"full_name": full} if full else {}
    if isinstance(whole, str) and whole and not family and not given:
        name = split(whole)
        if name is not None and name.family and name.given:
            return "full_name", {"family_name": name.family, "given_name": name.given}
    return "full_name", {}


def fold(name: str) -> str:
    """A part of a name for comparison: old kanji new, kana katakana, Latin spellings one."""
    if name.isascii():
        return family_names.romaji_key(name)
    if _KANJI.fullmatch(name):
        return fold_kanji(name)
    text = nfkc(name)
    # Letters that a sign stood between may join: NFKC once more.
    text = nfkc(fold_kanji(_NOT_IN_KEY.sub("", text).lower()))
    if _LATIN.fullmatch(text):
        return family_names.romaji_key(text)
    return kana_key(text) or text


def name_key(full: str) -> str:
    """A full name for comparison; the order of Latin names does not matter. "" when blank."""
    if _KANJI.fullmatch(joined := full.replace(" ", "")):
        return fold_kanji(joined)
    text = nfkc(_IN_BRACKETS.sub("", full))
    if _LATIN.fullmatch(text):
        words = text.replace(",", " ").split()
        return " ".join(sorted(filter(None, map(family_names.romaji_key, words))))
    return fold(text)


def person_key(values: Mapping[str, object]) -> str:
    """The key of a lead's full name, "" when its values do not hold a full one.

    A family name alone (forms that ask for 姓 only, 「佐藤様」) is shared by far too many.
    """
    family, given = values.get("family_name"), values.get("given_name")
    if isinstance(family, str) and isinstance(given, str) and family and given:
        return name_key(f"{family} {given}")
    full = values.get("full_name")
    if not isinstance(full, str) or not full:
        return ""
    has_two = " " in full.strip() or "・" in full
    if not has_two and (full.isascii() or len(full) < 3 or fold(full) in _FAMILY_KEYS):
        return ""
    return name_key(full)


def reading_key(values: Mapping[str, object]) -> str:
    """The key of a lead's whole reading, "" unless both parts are known."""
    family, given = values.get("family_kana"), values.get("given_kana")
    if isinstance(family, str) and isinstance(given, str) and family and given:
        folded = kana_key(family)
        return folded + kana_key(given) if folded else ""
    return ""


def _split_latin(text: str) -> Name | None:
    if "," in text:
        family, _, given = (part.strip() for part in text.partition(","))
        return Name(family, given) if family and given else None
    words = text.split()
    if len(words) < 2:
        return (
            Name(words[0], None) if family_names.romaji_key(text) in family_names.ROMAJI else None
        )
    first, last = words[0], words[-1]
    first_known = family_names.romaji_key(first) in family_names.ROMAJI
    last_known = family_names.romaji_key(last) in family_names.ROMAJI
    capitals = first.isupper() and len(first) > 1 and not last.isupper()
    if capitals or (first_known and not last_known and not (last.isupper() and len(last) > 1)):
        return Name(first, " ".join(words[1:]))
    return Name(last, " ".join(words[:-1]))


def _split_kana(text: str) -> Name | None:
    """Readings run into each other (ハラ|ダイスケ, ハラダ|イスケ): only a sole fit counts."""
    reading = katakana(text) or text
    if reading in family_names.KANA:
        return Name(text, None)
    fits = [
        size
        for size in range(1, min(len(reading) - 1, family_names.LONGEST_KANA) + 1)
        if reading[:size] in family_names.KANA
    ]
    return Name(text[: fits[0]], text[fits[0] :]) if len(fits) == 1 else None


def _split_kanji(text: str) -> Name | None:
    if fold_kanji(text) in _FAMILY_KEYS:
        return Name(text, None)
    for size in range(min(len(text) - 1, family_names.LONGEST_KANJI), 0, -1):
        if fold_kanji(text[:size]) in _FAMILY_KEYS and _is_given(text, size):
            return Name(text[:size], text[size:])
    return None


def _is_given(text: str, size: int) -> bool:
    rest = text[size:]
    if size > 1:
        return len(rest) <= 4
    return len(rest) <= 3 and (rest[0] not in _SECOND_OF_FAMILY or len(rest) == 1)


_FAMILY_KEYS = frozenset(map(fold, family_names.KANJI | family_names.KANA))
