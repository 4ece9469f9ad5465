"""How a name sounds: the readings of its kanji, and a reading in Latin letters for comparing.

With these 佐藤, サトウ and Sato are seen as one family. Readings of given names are many and only
a hint.
"""

from __future__ import annotations

from mapping.normalise import family_names, given_names
from mapping.normalise.kanji import fold_kanji
from mapping.normalise.romanise import romaji, romaji_key
from mapping.normalise.text import katakana


def reading_romaji(kana: str) -> str:
    """The key of a reading, equal to ``person.name_key`` of the name in romaji; "" if not kana.

    The words of a whole name (サトウ ケンイチ) stay words, in the order of the alphabet. Give the
    reading as written: ``kana_key`` makes シヨ of ショ, which nobody can tell from シヨ.
    """
    words = (romaji_key(romaji(word)) for word in (katakana(kana) or "").replace("・", " ").split())
    return " ".join(sorted(filter(None, words)))


def family_readings(kanji: str) -> tuple[str, ...]:
    """The known readings of a family name in kanji, in katakana; none when it is unknown."""
    return family_names.readings().get(fold_kanji(kanji), ())


def given_readings(kanji: str) -> tuple[str, ...]:
    """The known readings of a given name in kanji, in katakana; none when it is unknown."""
    known = given_names.spellings()
    return tuple((known.get(kanji) or known.get(fold_kanji(kanji)) or "").split())
