"""Comparing further fields: texts, codes, dates and numbers that are no part of the lead model.

A value is folded once for each record and compared for each pair. How alike two values are is one
of a few steps, each with its own points: the steps are coarse so that their points can be
estimated from little data, and so that a reason can be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rapidfuzz.distance import OSA, JaroWinkler

from mapping.match.rules import Extra, Rules
from mapping.normalise.kanji import fold_kanji
from mapping.normalise.legal_forms import level as forms_level
from mapping.normalise.legal_forms import without_forms
from mapping.normalise.romanise import plain_letters
from mapping.normalise.text import nfkc

COMPARE = ("text", "tokens", "code", "date", "number")
"""How a field may be compared: as text, as words in any order, as a code with typing errors, as a
date, or as a number."""

SAME, CLOSE, NEAR, DIFFER, UNKNOWN = "same", "close", "near", "differ", ""
"""How alike two values are; ``UNKNOWN`` where one is missing."""


@dataclass(frozen=True, slots=True)
class Learnt(Extra):
    """A further field in finer steps, as ``mapping.match.unknown`` estimates them from data.

    ``near`` are points where values have something in common (a plain Extra takes half of
    ``close``). ``usual`` are points for equal values, by folded value, where they are not ``same``:
    common values tell less. ``words`` are what words tell, of 1, where ``tokens`` are compared.
    ``swaps`` names a field that this one is mixed up with; ``without`` those whose words are taken
    out of it before it is compared. ``beside`` are points of each step for two records of one
    household or company and not of one person.
    """

    near: float = 0.0
    usual: Mapping[str, float] = field(default_factory=dict)
    words: Mapping[str, float] = field(default_factory=dict)
    swaps: str = ""
    without: tuple[str, ...] = ()
    beside: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LearntRules(Rules):
    """Rules for a table, estimated.

    ``group`` is what a pair weighs, before it is compared, to be of one household or company only;
    None where there are none.
    """

    group: float | None = None


def points_of(extra: Extra, found: str, value: str = "") -> float:
    """What a step counts; ``value`` is what both records say where it is the same."""
    if found == SAME:
        if isinstance(extra, Learnt) and value:
            return extra.usual.get(value, extra.same)
        return extra.same
    if found == CLOSE:
        return extra.close
    if found == NEAR:
        return extra.near if isinstance(extra, Learnt) else extra.close / 2
    return extra.differ if found == DIFFER else 0.0


_SIGNS = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")
_WEB = re.compile(r"(?:https?://)?(?:www\d?\.)?(.*?)/*", re.DOTALL)
_EXACT = re.compile(r"[-+]?\d+\.0+")


def fold_extra(compare: str, value: Any) -> str:
    """A value as it is compared; "" for nothing."""
    if value is None:
        return ""
    text = str(value)
    if not text.isascii():
        text = plain_letters(fold_kanji(nfkc(text)))
    text = text.casefold().strip()
    if compare == "date":
        return _fold_date(text)
    if compare == "number":
        return _SIGNS.sub("", text.partition(".")[0] if _EXACT.fullmatch(text) else text)
    if compare == "code":
        return _fold_code(text)
    if compare == "text":
        return " ".join(_SIGNS.sub(" ", text).split())
    text = " ".join(_SIGNS.sub(" ", without_forms(forms_level(text))).split())
    return text if text.isascii() else _in_pairs(text)


def _in_pairs(text: str) -> str:
    """Words of Japanese as pairs of signs: where nobody writes spaces these are its words."""
    made: list[str] = []
    for word in text.split():
        if word.isascii() or len(word) < 3:
            made.append(word)
        else:
            made += [word[at : at + 2] for at in range(len(word) - 1)]
    return " ".join(made)


def _fold_code(text: str) -> str:
    if "@" in text:
        return "".join(text.split())
    if "://" in text or text.startswith("www."):
        found = _WEB.fullmatch(text)
        text = found[1] if found else text
    return _SIGNS.sub("", text)


def _fold_date(text: str) -> str:
    """Year, month and day as eight digits where they can be told, else the digits there are."""
    parts = _DIGITS.findall(text)
    if len(parts) < 3:
        return "".join(parts)
    one, two, three = parts[:3]
    if len(one) == 4:
        year, month, day = one, two, three
    else:
        # Where nothing tells them apart the month is taken to come first, in every record alike.
        day, month = (one, two) if int(one) > 12 else (two, one)
        year = three if len(three) == 4 else ("19" if int(three[:2]) > 30 else "20") + three[:2]
    return f"{year}{int(month[:2]):02}{int(day[:2]):02}"


def level(compare: str, one: str, other: str) -> str:
    """How two folded values compare: one of the steps above."""
    if not one or not other:
        return UNKNOWN
    if one == other:
        return SAME
    return _tokens(one, other, {}) if compare == "tokens" else _STEPS[compare](one, other)


def comparer(extra: Extra) -> Callable[[str, str], str]:
    """What compares two folded values of a field that are there and not equal."""
    if extra.compare != "tokens":
        return _STEPS[extra.compare]
    words = extra.words if isinstance(extra, Learnt) else {}
    return lambda one, other: _tokens(one, other, words)


@lru_cache(maxsize=262144)
def _text(one: str, other: str) -> str:
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    alike = JaroWinkler.similarity(one, other)
    if alike >= 0.92:
        return SAME if one.replace(" ", "") == other.replace(" ", "") else CLOSE
    if alike >= 0.6 and len(short) >= 4 and OSA.distance(one, other, score_cutoff=1) <= 1:
        return CLOSE
    if alike >= 0.82 or long.startswith(short):
        return NEAR
    if alike >= 0.5 and len(short) >= 4 and len(long) - len(short) <= 2:
        return NEAR if _letters_apart(one, other) <= 2 else DIFFER
    return CLOSE if one.isascii() and _is_nickname(one, other) else DIFFER


def _letters_apart(one: str, other: str) -> int:
    """How many letters one has and the other has not, wherever they stand."""
    left = list(other)
    missing = 0
    for letter in one:
        if letter in left:
            left.remove(letter)
        else:
            missing += 1
    return missing + len(left)


@lru_cache(maxsize=65536)
def _is_nickname(one: str, other: str) -> bool:
    from mapping.normalise.nicknames import same_given

    return same_given(one, other)


def _code(one: str, other: str) -> str:
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if len(short) >= 6 and long.endswith(short):
        return CLOSE
    edits = OSA.distance(one, other, score_cutoff=len(long) // 4)
    if len(short) >= 4 and edits <= 1 + (len(long) > 12):
        return CLOSE
    if len(long) >= 8 and edits <= len(long) // 4:
        return NEAR
    if "@" in short:
        local = one.partition("@")[0]
        return NEAR if len(local) > 4 and local == other.partition("@")[0] else DIFFER
    half = max(3, len(long) // 2)
    return NEAR if one[:half] == other[:half] else DIFFER


def _date(one: str, other: str) -> str:
    same_year = one[:4] == other[:4]
    if len(one) != 8 or len(other) != 8:
        return NEAR if same_year else DIFFER
    if OSA.distance(one, other, score_cutoff=1) <= 1:
        return CLOSE
    same_month, same_day = one[4:6] == other[4:6], one[6:] == other[6:]
    if same_year:
        swapped = one[4:6] == other[6:] and one[6:] == other[4:6]
        return CLOSE if swapped or same_month or same_day else NEAR
    if same_month and same_day and one[4:] != _NO_DAY:
        return NEAR
    return NEAR if _days_apart(one, other) <= _SOON else DIFFER


_NO_DAY = "0101"
"""What is written where only the year is known."""
_SOON = 100
"""Days between two dates that may be one, put down carelessly."""


def _days_apart(one: str, other: str) -> int:
    """About how many days lie between two dates, whether or not there are such days."""
    return abs(_days(one) - _days(other))


def _days(day: str) -> int:
    return int(day[:4]) * 365 + int(day[4:6]) * 30 + int(day[6:])


def _number(one: str, other: str) -> str:
    if len(one) >= 4 and OSA.distance(one, other, score_cutoff=1) <= 1:
        return CLOSE
    if one.isdecimal() and other.isdecimal() and abs(int(one) - int(other)) <= 1:
        return NEAR
    return DIFFER


def _tokens(one: str, other: str, worth: Mapping[str, float]) -> str:
    """How much two texts of several words have in common, rare words counting most."""
    if other < one:  # words are paired one after another: the same pairs from either side
        one, other = other, one
    ours, theirs = _words(one), _words(other)
    common = ours & theirs
    if len(common) == len(ours) == len(theirs):
        return SAME
    matched = sum([worth.get(word, 1.0) for word in common])
    all_ours = sum([worth.get(word, 1.0) for word in ours])
    all_theirs = sum([worth.get(word, 1.0) for word in theirs])
    left, right = ours - common, theirs - common
    if left and right:
        matched += _alike(left, right, worth)
    share = 2 * matched / (all_ours + all_theirs)
    if share >= 0.82:
        return CLOSE
    if share >= 0.5 or matched >= 0.95 * min(all_ours, all_theirs):
        return SAME if one.replace(" ", "") == other.replace(" ", "") else NEAR
    return _joined(one, other)


def _joined(one: str, other: str) -> str:
    """Whether texts differ in where words end, or one is the initials of the other."""
    if one[0] != other[0]:
        return DIFFER
    a, b = one.replace(" ", ""), other.replace(" ", "")
    if a == b:
        return SAME
    if len(a) > 6 and OSA.distance(a, b, score_cutoff=1) <= 1:
        return CLOSE
    for short, long in ((one, other), (other, one)):
        first = short.partition(" ")[0]
        if 2 <= len(first) <= _INITIALS:
            initials = "".join([word[0] for word in long.split()])
            if first == initials or (len(first) > 2 and initials.startswith(first)):
                return NEAR
    return DIFFER


_INITIALS = 6
"""More letters than this are a word."""


def _alike(ours: frozenset[str], theirs: frozenset[str], worth: Mapping[str, float]) -> float:
    """What words tell that are mistyped or shortened in one of two texts."""
    found = 0.0
    free = set(theirs)
    for word in sorted(ours):
        for other in sorted(free):
            if _same_word(word, other):
                free.discard(other)
                found += 0.9 * min(worth.get(word, 1.0), worth.get(other, 1.0))
                break
    return found


@lru_cache(maxsize=262144)
def _same_word(one: str, other: str) -> bool:
    if not one.isalpha() or not other.isalpha():
        return False
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if len(short) > 3 and OSA.distance(one, other, score_cutoff=2) <= 1 + (len(short) > 7):
        return True
    if one[0] != other[0]:
        return False
    letters = iter(long)
    shortened = len(short) == 1 or len(short) < len(long) - 1
    return shortened and all(letter in letters for letter in short)


@lru_cache(maxsize=65536)
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STEPS: Mapping[str, Callable[[str, str], str]] = {
    "text": _text,
    "code": _code,
    "date": _date,
    "number": _number,
}
