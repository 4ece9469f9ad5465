"""Known family names: what a full name without a space is split by, and how a family reads.

The tables in ``tables/`` are read at the first name. Latin names are known by their folded key.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mapping.normalise.kanji import fold_kanji
from mapping.normalise.romanise import romaji, romaji_key
from mapping.normalise.text import is_kana, kana_key, katakana

_TABLES = Path(__file__).with_name("tables")
_APART = "="
_COMMON = 200

# Common family names of China, Korea and Vietnam in Latin letters, roughly the commonest first,
# from memory: of two known names in one, the commoner is taken for the family.
_ASIAN = """
wang li zhang nguyen kim chen liu lee tran park yang huang zhao wu zhou xu pham sun ma zhu hu guo
lin choi luo gao zheng liang xie tang hoang vu vo phan truong bui dang do ngo duong dinh trinh doan
huynh jeong chung kang cho yoon yun jang lim hwang shin kwon bae baek ryu hong chan wong cheung
chang cheng chow kwok ng tan tsai hsu hsieh yeh chiu chiang tseng liao lai kuo peng pan yuan jiang
cai jia ye cui xiong shi zou meng qin xiao zeng fang xue hou bai jiao tian deng feng cao han dong
le ho mai ly cao luong thai tong moon nam noh seo oh goh teo koh kwan leung lau lam cheong yeo sim
khoo
"""
# Those that are given names or short words elsewhere: family first only before an Asian given name.
_DOUBTFUL = "kim lee le ma do mai ho han chan lin lam lai sim sun tan moon hong jia ryu may jin yoo"


def is_family(name: str) -> bool:
    """Whether the name, in kanji, kana or Latin letters, is a known family name."""
    if name.isascii():
        return romaji_key(name) in in_latin()
    return fold_kanji(name) in in_kanji() or (is_kana(name) and (katakana(name) or "") in in_kana())


@cache
def in_kanji() -> frozenset[str]:
    """Family names in kanji, folded for keys."""
    return frozenset(readings())


@cache
def in_kana() -> frozenset[str]:
    """Family names in katakana of two signs and more."""
    return frozenset(kana for kinds in _readings().values() for kana in kinds if len(kana) > 1)


@cache
def common_in_latin() -> frozenset[str]:
    """Keys of the commonest family names of Japan."""
    return frozenset(key for _, _, key in _rows("family_names.txt")[:_COMMON])


@cache
def readings() -> dict[str, tuple[str, ...]]:
    """The known readings of every family name, in katakana, by folded kanji."""
    known = dict(_readings())
    for kanji, kinds in _apart().items():
        known[kanji] = known.get(kanji, ()) + kinds
    return known


@cache
def in_latin() -> frozenset[str]:
    """Keys of the family names of Japan in Latin letters, of three letters and more."""
    known = {key for _, _, key in _rows("family_names.txt")}
    known.update(romaji_key(romaji(kana)) for _, *kinds in _more()[0] for kana in kinds)
    return frozenset(key for key in known if len(key) > 2)


@cache
def folded() -> frozenset[str]:
    """Family names in kanji and kana as ``person.fold`` folds them."""
    return in_kanji() | frozenset(map(kana_key, in_kana()))


@cache
def longest_kanji() -> int:
    """How many kanji the longest family name has."""
    return max(map(len, in_kanji()))


@cache
def longest_kana() -> int:
    """How many kana the longest family name has."""
    return max(map(len, in_kana()))


@cache
def asian_ranks() -> dict[str, int]:
    """Keys of common Chinese, Korean and Vietnamese family names, 0 for the commonest."""
    ranks: dict[str, int] = {}
    for name in _ASIAN.split():
        ranks.setdefault(romaji_key(name), len(ranks))
    return ranks


@cache
def doubtful() -> frozenset[str]:
    """Keys of those Asian family names that elsewhere are given names or particles."""
    return frozenset(map(romaji_key, _DOUBTFUL.split()))


@cache
def _readings() -> dict[str, tuple[str, ...]]:
    """Readings by folded kanji."""
    found: dict[str, list[str]] = {}
    for kanji, kana, _ in _rows("family_names.txt"):
        found.setdefault(fold_kanji(kanji), []).append(kana)
    for kanji, *kinds in _more()[0]:
        found.setdefault(fold_kanji(kanji), []).extend(kinds)
    return {kanji: tuple(dict.fromkeys(kinds)) for kanji, kinds in found.items()}


@cache
def _apart() -> dict[str, tuple[str, ...]]:
    """Readings that are no evidence of a name in kana, by folded kanji."""
    return {fold_kanji(kanji): tuple(kinds) for kanji, *kinds in _more()[1]}


@cache
def _more() -> tuple[list[list[str]], list[list[str]]]:
    rows = _rows("family_names_more.txt")
    apart = rows.index([_APART])
    return rows[:apart], rows[apart + 1 :]


@cache
def _rows(name: str) -> list[list[str]]:
    text = (_TABLES / name).read_text(encoding="utf-8")
    return [line.split() for line in text.splitlines() if not line.startswith("#")]
