"""Katakana in Latin letters, in the systems people really use on cards and in addresses."""

from __future__ import annotations

from functools import cache

ROWS = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "s": "サシスセソ",
    "t": "タチツテト",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "m": "マミムメモ",
    "y": "ヤ ユ ヨ",
    "r": "ラリルレロ",
    "w": "ワ   ヲ",
    "g": "ガギグゲゴ",
    "z": "ザジズゼゾ",
    "d": "ダヂヅデド",
    "b": "バビブベボ",
    "p": "パピプペポ",
}
HEPBURN = {"si": "shi", "ti": "chi", "tu": "tsu", "hu": "fu", "zi": "ji", "di": "ji", "du": "zu"}
SMALL = {"ャ": "a", "ュ": "u", "ョ": "o", "ェ": "e", "ィ": "i", "ァ": "a", "ォ": "o"}
DIGRAPH = {"shi": "sh", "chi": "ch", "ji": "j", "fu": "f", "te": "t", "de": "d", "u": "w"}
MACRON = str.maketrans("aiueo", "āīūēō")


@cache
def _morae(kunrei: bool) -> dict[str, str]:
    table: dict[str, str] = {"ヴ": "vu"}
    for consonant, row in ROWS.items():
        for kana, vowel in zip(row, "aiueo", strict=False):
            if kana != " ":
                sound = consonant + vowel
                table[kana] = sound if kunrei else HEPBURN.get(sound, sound)
    table["ヲ"] = "o"
    return table


def _syllables(reading: str, kunrei: bool) -> list[str]:
    """One Latin syllable a mora; ``-`` for a long mark, ``q`` for ッ, ``N`` for ン, ``|`` kept."""
    table = _morae(kunrei)
    out: list[str] = []
    for kana in reading:
        if kana in SMALL and out:
            last = out.pop()
            head = DIGRAPH.get(last) or (last[:-1] + "y" if last.endswith("i") else last[:-1])
            out.append(head + SMALL[kana])
        else:
            out.append({"ッ": "q", "ン": "N", "ー": "-"}.get(kana) or table.get(kana, kana))
    return out


def romanise(reading: str, system: str = "passport") -> str:
    """Return the reading in lower-case Latin letters.

    ``system``: ``passport`` (sato, yuko, kenichi), ``wapuro`` (satou, yuuko), ``oh`` (satoh),
    ``macron`` (satō, ken'ichi), ``apostrophe`` (sato, ken'ichi), ``hyphen`` (ken-ichi),
    ``kunrei`` (siniti), ``old`` (homma: m before b, m, p). ``|`` parts two vowels.
    """
    syllables = _syllables(reading, system == "kunrei")
    out = ""
    for at, syllable in enumerate(syllables):
        following = syllables[at + 1] if at + 1 < len(syllables) else ""
        if syllable == "|":
            continue
        if syllable == "N":
            out += _n(following, system)
        elif syllable == "q":
            out += "t" if following.startswith("ch") else following[:1]
        elif at and _is_long(out, syllable, syllables[at - 1]):
            out = _lengthen(out, syllable, system, last=not following)
        else:
            out += syllable
    return out


def _n(following: str, system: str) -> str:
    if following[:1] in tuple("aiueoy"):
        return {"macron": "n'", "apostrophe": "n'", "hyphen": "n-"}.get(system, "n")
    return "m" if system == "old" and following[:1] in tuple("bmp") else "n"


def _is_long(out: str, syllable: str, before: str) -> bool:
    if before == "|" or not out:
        return False
    return syllable == "-" or (out[-1] + syllable) in {"ou", "oo", "uu"}


def _lengthen(out: str, syllable: str, system: str, last: bool) -> str:
    if system == "macron":
        return out[:-1] + out[-1].translate(MACRON)
    if system == "wapuro":
        return out + (out[-1] if syllable == "-" else syllable)
    if system == "oh" and out[-1] == "o" and (last or out in {"o", "ko", "go"}):
        return out + "h"
    return out
