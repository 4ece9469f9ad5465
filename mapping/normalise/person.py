"""Names of people: cleaned for display, split into family and given, folded for keys.

Display never changes a character of a name: 髙橋 stays 髙橋. Only keys take 髙 for 高.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from mapping.normalise import family_names, given_names, honorifics, latin_names
from mapping.normalise.kanji import fold_kanji, without_selectors
from mapping.normalise.romaji import family_readings
from mapping.normalise.text import is_kana, kana_key, katakana, nfkc, tidy

_NOT_IN_KEY = re.compile(r"[\s・･.,、，'’`\-‐=゠]+")
_KANJI = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0002ffff々]+")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff\s.,'’`\-‐]+")
_BETWEEN = re.compile(r"[\s,，、・･_|／/]+")
_SELECTED = "(?:.[\ufe00-\ufe0f\U000e0100-\U000e01ef]*)"
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
    return honorifics.without_honorifics(text) or None if text else None


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
    names are given name first unless capitals, a comma or a known family name say no. Titles,
    brackets and a reading beside the name belong to neither part.
    """
    joined = _plain_kanji(full)
    if joined and len(words := full.split()) < 3:
        return Name(*words) if len(words) == 2 else _split_kanji(joined)
    text = _bare(full)
    if not text:
        return None
    if text.isascii() or _LATIN.fullmatch(text):
        parts = latin_names.split(text)
        return Name(*parts) if parts else None
    one, _, other = text.partition(" ")
    if one.isalpha() and (other.isalpha() or not other):
        return Name(one, other) if other else _split_joined(one)
    words = [word for word in _BETWEEN.split(text) if word]
    if len(words) == 2:
        one, other = words
        return Name(other, one) if "・" in text and _is_foreign(one, other) else Name(*words)
    return _split_joined("".join(words)) if len(words) == 1 else _split_spaced(text, words)


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
    is_latin = _LATIN.fullmatch(family) and _LATIN.fullmatch(given)
    return f"{given} {family}" if is_latin else f"{family} {given}"


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


def reading_in(full: str) -> str | None:
    """The reading that a full name brings along, in katakana: 佐藤健一(サトウ ケンイチ)."""
    text = clean(full)
    if text is None:
        return None
    found = [part for part in honorifics.in_brackets(text) if is_kana(part)]
    if not found:
        bare = honorifics.without_brackets(text)
        name, reading = _beside(bare)
        if not reading and bare != text and is_kana(name):
            reading = name
        found = [reading] if reading else []
    return kana(" ".join(found).replace("・", " ")) if found else None


def looks_swapped(family: str, given: str) -> bool:
    """Whether the two parts stand in each other's field: family name 健一, given name 佐藤.

    Only where both are known for what they are and the family name is known for nothing else.
    """
    return (
        family_names.is_family(given)
        and not family_names.is_family(family)
        and given_names.is_given(family)
    )


def initials_fit(one: str, other: str) -> bool:
    """Whether two Latin names may be one: K. Sato and Kenichi Sato, Bob Hill and Robert Q. Hill.

    Two given names alone may be asked about too. Other scripts have no initials.
    """
    a, b = _bare(one), _bare(other)
    if not (_LATIN.fullmatch(a) and _LATIN.fullmatch(b)):
        return False
    return latin_names.initials_fit(a, b)


@lru_cache(maxsize=16384)
def fold(name: str) -> str:
    """A part of a name for comparison: old kanji new, kana katakana, Latin spellings one."""
    if name.isascii():
        return latin_names.part_key(name)
    if _KANJI.fullmatch(name):
        return fold_kanji(name)
    text = nfkc(name)
    if _LATIN.fullmatch(text):
        return latin_names.part_key(text)
    # Letters that a sign stood between may join: NFKC once more.
    text = nfkc(fold_kanji(_NOT_IN_KEY.sub("", text).lower()))
    if _LATIN.fullmatch(text):
        return latin_names.part_key(text)
    return kana_key(text) or text


@lru_cache(maxsize=16384)
def name_key(full: str) -> str:
    """A full name for comparison; the order of Latin names does not matter. "" when blank."""
    if full.isascii():
        one, _, other = full.partition(" ")
        if one.isalpha() and other.isalpha() and honorifics.is_plain_latin(one, other):
            return latin_names.key_of_two(one, other)
    elif joined := _plain_kanji(full):
        return fold_kanji(joined)
    elif _KANA.fullmatch(joined := full.replace(" ", "")) and honorifics.is_plain(joined):
        return kana_key(joined)
    return _key(_bare(full))


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
    key = name_key(full)
    if key.isascii():
        return key if " " in key else ""
    if len(key) > 2 and key not in family_names.folded():
        return key
    # Short, or a family name by itself: only two words are a whole name.
    bare = _bare(full)
    return key if " " in bare or "・" in bare else ""


def reading_key(values: Mapping[str, object]) -> str:
    """The key of a lead's whole reading, "" unless both parts are known."""
    family, given = values.get("family_kana"), values.get("given_kana")
    if isinstance(family, str) and isinstance(given, str) and family and given:
        folded = kana_key(family)
        return folded + kana_key(given) if folded else ""
    return ""


def _bare(full: str) -> str:
    """A full name and nothing else; "" when there is none."""
    text = tidy(full)
    if not text:
        return ""
    is_letters = text.replace(" ", "").isalpha()
    if not is_letters:
        text = honorifics.without_brackets(text)
    text = honorifics.without_honorifics(text) if text else ""
    if is_letters and (not "\u3041" <= text[-1] <= "\u30ff" or "\u3041" <= text[0] <= "\u30ff"):
        return text
    return text if text.isascii() else _beside(text)[0]


def _plain_kanji(full: str) -> str:
    """The kanji of a name that is nothing else, which most are; "" for any other."""
    joined = full.replace(" ", "").replace("\u3000", "")
    return joined if _KANJI.fullmatch(joined) and honorifics.is_plain(joined) else ""


def _key(bare: str) -> str:
    text = nfkc(bare)
    return latin_names.key(text) if _LATIN.fullmatch(text) else fold(text)


def _beside(text: str) -> tuple[str, str]:
    """A name and the reading that stands behind it: 佐藤健一 / サトウケンイチ."""
    if "/" in text or "／" in text:
        name, _, other = text.replace("／", "/").partition("/")
        name, other = name.strip(), other.strip()
        if name and other and not is_kana(name):
            if is_kana(other):
                return name, other
            if _LATIN.fullmatch(other) and not _LATIN.fullmatch(name):
                return name, ""
    if " " not in text or "\u3041" <= text[0] <= "\u30ff" or not is_kana(text[-1]):
        return text, ""
    words = text.split(" ")
    first = next(at for at, word in enumerate(words) if is_kana(word) or at == len(words) - 1)
    written, reading = words[:first], words[first:]
    if len(words) > 4 or not all(map(is_kana, reading)):
        return text, ""
    if len(written) == 2 == len(reading) or _reads_as("".join(written), "".join(reading)):
        return " ".join(written), " ".join(reading)
    return text, ""


def _reads_as(name: str, reading: str) -> bool:
    """Whether a reading is that of a name: of its family name and then more."""
    sound = katakana(reading) or ""
    longest = min(len(name) - 1, family_names.longest_kanji())
    return any(
        sound.startswith(one) and len(sound) > len(one)
        for size in range(longest, 0, -1)
        for one in family_readings(name[:size])
    )


def _is_foreign(one: str, other: str) -> bool:
    """Whether ハナコ・モリス is given name first, which サトウ・ハナコ is not."""
    known, of_kana = family_names.in_kana(), one.replace("=", "") + other
    is_ours = katakana(one) in known and katakana(other) not in known
    return is_kana(of_kana.replace("゠", "")) and not is_ours


def _split_spaced(text: str, words: list[str]) -> Name | None:
    """Three words and more: foreign names in kana, and names written 佐 藤 健 一."""
    if is_kana(text.replace("=", "").replace("゠", "")):
        first, _, last = text.rpartition("・")
        return Name(last, first) if first and last and " " not in last else None
    if all(len(word) == 1 for word in words):
        return _split_kanji("".join(words))
    return None


def _split_joined(text: str) -> Name | None:
    return _split_kana(text) if is_kana(text) else _split_kanji(text)


def _split_kana(text: str) -> Name | None:
    """Readings run into each other (ハラダイスケ): the sole fit, or the sole known given name."""
    reading = katakana(text) or text
    families = family_names.in_kana()
    if reading in families:
        return Name(text, None)
    fits = [
        size
        for size in range(2, min(len(reading) - 2, family_names.longest_kana()) + 1)
        if reading[:size] in families
    ]
    if len(fits) > 1:
        known = given_names.in_kana()
        fits = [size for size in fits if reading[size:] in known]
    return Name(text[: fits[0]], text[fits[0] :]) if len(fits) == 1 else None


def _split_kanji(text: str) -> Name | None:
    """The longest known family name, unless only a shorter one leaves a known given name."""
    families = family_names.in_kanji()
    bare = text if text.isalpha() else without_selectors(text)
    folded = fold_kanji(bare)
    if folded in families:
        return Name(text, None)
    longest = min(len(bare) - 1, family_names.longest_kanji())
    fits = (at for at in range(longest, 0, -1) if folded[:at] in families and _is_given(bare, at))
    size = next(fits, 0)
    if not size:
        return None
    if len(bare) - size == 1 and not given_names.is_given(bare[size:]):
        size = next((at for at in fits if given_names.is_given(bare[at:])), size)
    if bare != text and (shaped := re.match(f"{_SELECTED}{{{size}}}", text)):
        size = shaped.end()
    return Name(text[:size], text[size:])


def _is_given(text: str, size: int) -> bool:
    rest = text[size:]
    if size > 1:
        return len(rest) <= 4
    return len(rest) <= 3 and (rest[0] not in _SECOND_OF_FAMILY or len(rest) == 1)
