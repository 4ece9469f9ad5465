"""Names in Latin letters: kana spelled out, and the many spellings of one sound folded to one key.

Hepburn, kunrei and passport spellings meet: Satoh, Satou, Satō and サトウ are ``sato``; Jun'ichi,
Junichi and Zyun-iti are ``junichi``. A key is for comparing and never shown.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from mapping.normalise.text import katakana

# Long vowels are spelled out here and folded away by ``romaji_key``.
_HEPBURN = """
ア=a イ=i ウ=u エ=e オ=o カ=ka キ=ki ク=ku ケ=ke コ=ko サ=sa シ=shi ス=su セ=se ソ=so タ=ta チ=chi
ツ=tsu テ=te ト=to ナ=na ニ=ni ヌ=nu ネ=ne ノ=no ハ=ha ヒ=hi フ=fu ヘ=he ホ=ho マ=ma ミ=mi ム=mu
メ=me モ=mo ヤ=ya ユ=yu ヨ=yo ラ=ra リ=ri ル=ru レ=re ロ=ro ワ=wa ヲ=o ン=n ガ=ga ギ=gi グ=gu
ゲ=ge ゴ=go ザ=za ジ=ji ズ=zu ゼ=ze ゾ=zo ダ=da ヂ=ji ヅ=zu デ=de ド=do バ=ba ビ=bi ブ=bu ベ=be
ボ=bo パ=pa ピ=pi プ=pu ペ=pe ポ=po ヰ=i ヱ=e ヴ=vu ヵ=ka ヶ=ke
"""
_GLIDES = {"ャ": "ya", "ュ": "yu", "ョ": "yo", "ヮ": "wa"}
_SMALL = {"ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o"}
_HISSING = ("sh", "ch", "j")
_MORA = re.compile("(ッ*)([ア-ヶ])([ャュョヮァィゥェォ]?)")

_WRITTEN = {
    "si": "shi", "ti": "chi", "tu": "tsu", "hu": "fu", "zi": "ji", "du": "zu", "dz": "z",
    "sy": "sh", "ty": "ch", "cy": "ch", "zy": "j", "jy": "j", "tch": "cch", "m": "n",
}  # fmt: skip
# ``oh`` is a long o at the end and before a Japanese syllable (Satoh, Ohno), not in Kohara or John;
# at the start also where 大 begins common names (Ohishi, Ohuchi). No kunrei ``hu`` is in ``shu``.
_SYLLABLE = r"(?=$|(?:[bdfghjkmnprstwyz]y?|sh|ch|ts|[kst]{2})[aiueo])"
_SPELLING = re.compile(
    r"^oh(?=i(?:sh|wa|de$|zu|ke|$)|u(?:chi|ti|ra|mi)|oka|e$)"
    rf"|o(?:h{_SYLLABLE}|[ou])|u(?:h{_SYLLABLE}|u)"
    r"|[stz]i|tu|(?<![cs])hu|(?<=.)du|dz|[stczj]y(?=[auo])|tch|m(?=[bmp])"
)
_SIGNS = str.maketrans("", "", " '-.,`\u2018\u2019\u02bc\u02bb\u2010\u2011\u00b7·=")
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
)


def romaji(kana: str) -> str:
    """Kana in Latin letters, plain Hepburn; signs it does not know and ー are left out."""
    sounds, spelled = _sounds(), []
    for double, sign, small in _MORA.findall(katakana(kana) or ""):
        sound = sounds.get(sign + small) or sounds.get(sign, "") + _SMALL.get(small, "")
        spelled.append(sound[:1] + sound if double else sound)
    return "".join(spelled)


@lru_cache(maxsize=16384)
def romaji_key(word: str) -> str:
    """A Latin spelling folded: Satoh, Satou and Sato are one; accents, signs and spaces gone."""
    written = key = plain_letters(word).translate(_SIGNS)
    while True:
        before = key
        key = _SPELLING.sub(_meant, key)
        if key == before:
            # Oh and Oo are names, O is an initial.
            return key if len(key) != 1 or len(written) == 1 else key * 2


def plain_letters(text: str) -> str:
    """The text in small Latin letters without accents: José is ``jose``, Åse ``ase``."""
    if text.isascii():
        return text.lower()
    small = unicodedata.normalize("NFKD", text).lower()
    letters = (letter for letter in small if not unicodedata.combining(letter))
    return "".join(letters).translate(_LETTERS)


def _meant(found: re.Match[str]) -> str:
    written = found.group()
    return _WRITTEN.get(written) or written[0]


@cache
def _sounds() -> dict[str, str]:
    """Every sound of one or two signs: シ shi, シャ sha, ファ fa, ウィ wi."""
    sounds = dict(pair.split("=") for pair in _HEPBURN.split())
    for sign, sound in tuple(sounds.items()):
        stem = sound[:-1]
        for small, glide in _GLIDES.items():
            if sound.endswith("i"):
                sounds[sign + small] = stem + glide[stem.endswith(_HISSING) :]
        for small, vowel in _SMALL.items():
            if sound[-1] in "iue" and stem:
                sounds[sign + small] = stem + vowel
        if sign == "ウ":
            sounds |= {sign + small: "w" + vowel for small, vowel in _SMALL.items()}
    return sounds
