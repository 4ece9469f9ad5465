"""Names in Latin letters: where the family name stands, and a key that no order changes.

Given name first, unless capitals, a comma or a known family name say otherwise: Sato Kenichi,
NGUYEN Van An and Wang Wei are written family first.
"""

from __future__ import annotations

import re

from mapping.normalise import family_names, given_names
from mapping.normalise.nicknames import same_given
from mapping.normalise.romanise import romaji_key

_PARTICLES = (
    " van von der den de del della di da dos das do du la le lo al el bin ibn bint ben ter ten"
    " af av zu zur zum st saint st. mac mc 't op "
)
# Particles that are Vietnamese middle names or given names when they have a capital.
_MIDDLE = frozenset(("Van", "Ben", "Le", "La", "Do", "Al", "Da", "Mac"))
_SUFFIXES = frozenset(("jr", "sr", "phd", "mba", "md", "esq", "cpa"))
_NUMERALS = frozenset(("II", "III", "IV"))
_DOT_BEFORE_LETTER = re.compile(r"\.(?=[^\W\d_])")
_VOWELS = frozenset("AEIOUYÄÖÜÉÁÍÓÚ")
_HYPHENS = re.compile("[-\u2010\u2011\u2012\u2013]+")
# Syllables of Korean and Chinese given names, from memory: after Kim or Lee they say that the
# family stands first, which Kim Brown and Lee Carter do not.
_ASIAN_GIVEN = re.compile(
    "(?:min|jun|joon|ji|hyun|hyeon|so+|su|yo?ung|yeong|seo|jin|woo|ho|hee|hye|eun|kyung|gyu|kyu|jae"
    "|dong|sang|se?ung|seong|chul|cheol|hwan|hoon|tae|yong|joo|ju|mi|na|ra|yun|yoon|ah|in|il|ki|gi"
    "|kwang|byung|yeon|seon|eun|geun|han|da|won|wook|seok|suk|sun|sook|nam|myung|moon|jong|jung|jeong|hyuk|ha|do"
    "|bo|beom|ye|rim|shin|sik|hak|hwa|wei|ming|xiao|jia|hui|mei|ling|jian|guo|hua|xin|yi|ying|yan"
    "|feng|lei|yang|hao|li|jing|tao|bin|yu|ying|wen|kai|chi|siu|wai|ka|man|kit|thi|van|anh|duc|minh"
    "|hong|lan|linh|huy|hung|son|quang|tuan|thanh|hai|long|phuong|trang|hoa|ngoc|thu|bao|khanh)+"
)
_ROMAJI = re.compile("(?:(?:[bcdfghjkmnprstwyz]|sh|ch|ts|[bghkmnpr]y|cch|[kpst]{2})?[aiueo]|n)+")


def split(text: str) -> tuple[str | None, str | None] | None:
    """Family and given name of a tidied Latin name; None when nothing tells where one ends."""
    text = _without_suffix(text)
    if "," in text:
        family, _, given = (part.strip() for part in text.partition(","))
        given = given.rstrip(", ")
        return (family, given) if family and given else None
    words = text.split()
    if not words:
        return None
    if len(words) == 1:
        return (text, None) if _is_surely_family(romaji_key(text)) else None
    at = _family_first(words)
    if at:
        return " ".join(words[:at]), " ".join(words[at:])
    at = _family_start(words)
    return " ".join(words[at:]), " ".join(words[:at])


def key(text: str) -> str:
    """The name folded, its words in the order of the alphabet.

    Middle initials and Jr. count for nothing. Where one word is a known family name the others are
    one given name: Min-jun Kim, Kim Min Jun and Minjun Kim share a key.
    """
    folded, parted = _folded(text)
    at = _known_family(folded, parted) if len(folded) > 2 else None
    if at is not None:
        # Round the end, so that it is the same whether the family stands first or last.
        given = romaji_key("".join((*folded[at + 1 :], *folded[:at])))
        if folded[at] not in family_names.doubtful() or _ASIAN_GIVEN.fullmatch(given):
            folded = [folded[at], given]
    return " ".join(sorted(folded))


def key_of_two(one: str, other: str) -> str:
    """The key of a name of two plain words."""
    a, b = romaji_key(one), romaji_key(other)
    return f"{a} {b}" if a < b else f"{b} {a}"


def part_key(text: str) -> str:
    """One part of a name folded to one word, without middle initials and Jr."""
    if text.isalpha():
        return romaji_key(text)
    words = _without_suffix(text).split()
    longer = [word for word in words if len(romaji_key(word)) > 1]
    return romaji_key("".join(longer or words))


def initials_fit(one: str, other: str) -> bool:
    """Whether two names, or two given names, may be one: initials, nicknames and middle names.

    Of whole names one word must be the same in both, first or last: the family name.
    """
    a, b = _words_for_initials(one), _words_for_initials(other)
    if len(a) < 2 or len(b) < 2:
        return bool(a and b) and _given_fits(a[:1], b[:1])
    for family in {a[0], a[-1]} & {b[0], b[-1]}:
        if len(family) > 1:
            mine, theirs = list(a), list(b)
            mine.remove(family)
            theirs.remove(family)
            if _given_fits(mine, theirs):
                return True
    return False


def _given_fits(one: list[str], other: list[str]) -> bool:
    if same_given("".join(one), "".join(other)):
        return True
    return all(
        same_given(a, b) or (min(len(a), len(b)) == 1 and a[0] == b[0])
        for a, b in zip(one, other, strict=False)
    )


def _words_for_initials(text: str) -> list[str]:
    words = _HYPHENS.sub(" ", _DOT_BEFORE_LETTER.sub(". ", _without_suffix(text))).split()
    return [key for key in map(romaji_key, words) if key]


def _folded(text: str) -> tuple[list[str], frozenset[str]]:
    """The words of a name folded, and those that a hyphen parts, which are no family names.

    A known given name with a hyphen is one word (Jun-ichi), others are two (Mary-Jane).
    """
    folded: list[str] = []
    parted: set[str] = set()
    for word in _without_suffix(text.replace(",", " ")).split():
        whole = romaji_key(word)
        if "-" in (plain := _HYPHENS.sub("-", word)) and whole not in given_names.in_latin():
            parts = [key for key in map(romaji_key, plain.split("-")) if key]
            parted.update(parts)
            folded.extend(parts)
        elif whole:
            folded.append(whole)
    longer = [word for word in folded if len(word) > 1]
    return (longer if len(longer) > 1 else folded), frozenset(parted)


def _known_family(folded: list[str], parted: frozenset[str]) -> int | None:
    """Which word is the family name, by what is known of names and not by where it stands."""
    families, ranks = family_names.in_latin(), family_names.asian_ranks()
    words = [(at, word) for at, word in enumerate(folded) if word not in parted]
    japanese = [at for at, word in words if word in families]
    asian = sorted((ranks[word], at) for at, word in words if word in ranks)
    if asian and not any(folded[at] in family_names.common_in_latin() for at in japanese):
        return asian[0][1] if len(asian) == 1 or asian[1][0] != asian[0][0] else None
    return japanese[0] if len(japanese) == 1 else None


def _without_suffix(text: str) -> str:
    """The name without Jr. and III, its glued initials (J.R.R.) apart."""
    if "." in text:
        text = _DOT_BEFORE_LETTER.sub(". ", text)
    words = text.split()
    if len(words) < 3:
        return text.rstrip(", ")
    while len(words) > 2 and _is_suffix(words[-1]):
        words.pop()
    return " ".join(words).rstrip(", ")


def _is_suffix(word: str) -> bool:
    bare = word.strip(".,")
    return bare in _NUMERALS or bare.lower() in _SUFFIXES


def _family_first(words: list[str]) -> int:
    """How many words at the start are the family name; 0 when it stands at the end."""
    shouted = [_is_shouted(word) for word in words]
    if any(shouted) and not all(shouted):
        leading = shouted.index(False)
        return 0 if shouted[-1] else leading
    if len(words[-1].strip(".")) == 1:
        return int(len(words[0].strip(".")) > 1)
    first, last = romaji_key(words[0]), romaji_key(words[-1])
    return int(_is_family_before_given(first, last, "".join(map(romaji_key, words[1:]))))


def _is_family_before_given(first: str, last: str, rest: str) -> bool:
    japanese, ranks = family_names.in_latin(), family_names.asian_ranks()
    if first in japanese:
        given = given_names.in_latin()
        if last in japanese:
            return last in given and first not in given
        if first not in given or first in family_names.common_in_latin():
            return last not in ranks or _is_romaji(last)
        # Kai Brown, Naomi Lee: also a given name, so what follows must look like one.
        return last in given or (last not in ranks and _is_romaji(last))
    if last in japanese:
        return False
    if first not in ranks:
        # A family name that nobody listed, before a known given name of Japan.
        given = given_names.in_latin()
        return last not in ranks and last in given and first not in given and _is_romaji(first)
    if last in ranks and ranks[last] < ranks[first]:
        return False
    return first not in family_names.doubtful() or _ASIAN_GIVEN.fullmatch(rest) is not None


def _is_romaji(key: str) -> bool:
    return _ROMAJI.fullmatch(key) is not None


def _is_surely_family(key: str) -> bool:
    if key in family_names.in_latin():
        return True
    return key in family_names.asian_ranks() and key not in family_names.doubtful()


def _family_start(words: list[str]) -> int:
    """Where the family name begins that stands at the end: before its particles."""
    last = len(words) - 1
    is_asian = romaji_key(words[-1]) in family_names.asian_ranks()
    if _is_shouted(words[-1]):
        while last > 1 and _is_shouted(words[last - 1]) and not _is_shouted(words[0]):
            last -= 1
        return last
    for at in range(1, last):
        word = words[at]
        if f" {word.lower()} " in _PARTICLES and not (word in _MIDDLE and is_asian):
            return at
    return last


def _is_shouted(word: str) -> bool:
    """Whether a word is in capitals and no initials."""
    if not word.isupper() or "." in word or len(word) < 2:
        return False
    return len(word) > 3 or word == "NG" or not _VOWELS.isdisjoint(word)
