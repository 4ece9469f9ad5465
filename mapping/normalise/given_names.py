"""Known given names of Japan, in kanji, kana and Latin letters.

Asked only where a family name alone cannot decide, so that most processes never hold the table:
its 60,000 spellings take 8 MB.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mapping.normalise.kanji import fold_kanji
from mapping.normalise.romanise import romaji_key
from mapping.normalise.text import is_kana, katakana

_TABLE = Path(__file__).with_name("tables") / "given_names.txt"


def is_given(name: str) -> bool:
    """Whether the name, in kanji, kana or Latin letters, is a known given name."""
    if name.isascii():
        return romaji_key(name) in in_latin()
    if is_kana(name):
        return (katakana(name) or "") in in_kana()
    return name in spellings() or fold_kanji(name) in spellings()


@cache
def in_kana() -> frozenset[str]:
    """Given names in katakana."""
    return frozenset(line[: line.index(" ")] for line in _lines())


@cache
def in_latin() -> frozenset[str]:
    """Keys of given names in Latin letters."""
    return frozenset(line.split(" ", 2)[1] for line in _lines())


@cache
def spellings() -> dict[str, str]:
    """The readings of every spelling in kanji, a space between two."""
    found: dict[str, str] = {}
    for line in _lines():
        kana, _, *kanji = line.split(" ")
        for one in kanji:
            found[one] = f"{found[one]} {kana}" if one in found else kana
    return found


def _lines() -> list[str]:
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]
