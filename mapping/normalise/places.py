"""The municipalities of Japan: which prefecture a city, ward, county, town or village is in.

The table is read at its first need, which an address that names its prefecture never has. A name
that several prefectures have (府中市, 北区) is told by the town behind it, or not at all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from mapping.normalise.kanji import fold_kanji
from mapping.normalise.romanise import romaji_key

# Written for each other in the names of places; 茅ヶ崎, 茅ケ崎 and 茅が崎 are one town.
_FOLD = str.maketrans("竈竃鰺檮ヶがガのノ之つっッ", "釜釜鯵梼ケケケノノノツツツ")
_NUMERAL = re.compile("[〇一二三四五六七八九十百]+(?=条|丁目|番(?!町)|号|線|地割)")
_VALUES = {sign: value for value, sign in enumerate("〇一二三四五六七八九")}
_TOWN_PREFIX = re.compile(r"^\s*(?:大字|字)?")
_BARE_END = re.compile(r"$|[\s,、・/(\d-]")
_KANA_ENDING = re.compile("(?:ト|フ|ケン)$")
_LONGEST = 10
# From memory: cities that became part of others, still found in old address books.
_FORMER = {
    "浦和市": "埼玉県", "大宮市": "埼玉県", "与野市": "埼玉県", "岩槻市": "埼玉県",
    "鳩ケ谷市": "埼玉県", "上福岡市": "埼玉県", "田無市": "東京都", "保谷市": "東京都",
    "秋川市": "東京都", "清水市": "静岡県", "浜北市": "静岡県", "天竜市": "静岡県",
    "具志川市": "沖縄県", "石川市": "沖縄県", "平良市": "沖縄県", "篠山市": "兵庫県",
    "中村市": "高知県", "原町市": "福島県", "尾西市": "愛知県", "美原町": "大阪府",
}  # fmt: skip


class Place(NamedTuple):
    """A municipality at the start of a text: where it is, its own name, and where it ends."""

    prefecture: str | None
    city: str
    end: int


@dataclass(frozen=True, slots=True)
class _Atlas:
    prefectures_of: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    inside: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    elsewhere: set[str] = field(default_factory=set)
    bases: dict[str, str] = field(default_factory=dict)
    towns: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))


def fold(text: str) -> str:
    """The text with variant signs of place names as one, each where it stood."""
    return fold_kanji(text).translate(_FOLD)


def find(text: str, prefecture: str | None = None) -> Place | None:
    """The municipality at the start of folded text, of one prefecture where that is known.

    Its prefecture is None when several have the name and the town does not tell which.
    """
    atlas = _atlas()
    for length in range(min(_LONGEST, len(text)), 1, -1):
        name = text[:length]
        if name in atlas.prefectures_of:
            if prefecture is None and name in atlas.elsewhere and _is_block(text, length):
                continue
            there = atlas.prefectures_of[name]
            if prefecture is None or prefecture in there:
                return _narrowed(atlas, text, name, {prefecture} if prefecture else there)
    return _without_ending(atlas, text, prefecture)


def of_latin(name: str, kind: str) -> str | None:
    """The one prefecture with a municipality of that romaji and kind (市, 区, 町, 村 or 郡)."""
    there = _latin().get(romaji_key(name) + kind, ())
    return next(iter(there)) if len(there) == 1 else None


def of_reading(kana: str) -> str | None:
    """The prefecture that a text in katakana begins with, or is without its ending."""
    for reading, prefecture in _readings().items():
        if kana.startswith(reading) or kana == _KANA_ENDING.sub("", reading):
            return prefecture
    return None


def of_postal_code(digits: str) -> str | None:
    """The prefecture where seven digits of a postal code are delivered."""
    postal = _postal()
    for length in range(2, len(digits) + 1):
        if found := postal.get(digits[:length]):
            return found
    return None


def numbers(text: str) -> str:
    """The text with the numerals of streets and blocks as digits: 北十一条 is 北11条."""
    return _NUMERAL.sub(number, text)


def number(numeral: re.Match[str]) -> str:
    """A numeral below a thousand as digits, written with 十 and 百 or digit by digit."""
    signs = numeral.group()
    if not set(signs) & set("十百"):
        return str(int("".join(str(_VALUES[sign]) for sign in signs)))
    total, last = 0, 0
    for sign in signs:
        if sign in _VALUES:
            last = _VALUES[sign]
        else:
            total, last = total + (last or 1) * (10 if sign == "十" else 100), 0
    return str(total + last)


def _is_block(text: str, start: int) -> bool:
    """Whether a number follows: 石川町1-2 is a part of some city, 石川町双里 a town."""
    return numbers(text[start:]).lstrip()[:1].isdecimal()


def _narrowed(atlas: _Atlas, text: str, name: str, there: set[str]) -> Place:
    """The place that a name begins, with the ward or town behind it."""
    end, city = len(name), name
    if name[-1] in "市郡島":
        skipped = end + len(text[end:]) - len(text[end:].lstrip())
        inner = ""
        for prefecture in there:
            for under in atlas.inside.get((prefecture, name), ()):
                if len(under) > len(inner) and text.startswith(under, skipped):
                    inner = under
        if inner:
            there = {one for one in there if inner in atlas.inside.get((one, name), ())}
            end, city = skipped + len(inner), inner
    if len(there) == 1:
        return Place(next(iter(there)), city, end)
    return Place(_of_town(atlas, name, text[end:], there), city, end)


def _of_town(atlas: _Atlas, name: str, rest: str, there: set[str]) -> str | None:
    """The prefecture that the town behind a shared name is in."""
    towns = atlas.towns.get(name)
    if not towns:
        return None
    rest = numbers(_TOWN_PREFIX.sub("", rest, count=1))
    for length in range(min(_LONGEST, len(rest)), 0, -1):
        if found := towns.get(rest[:length]):
            return found if found in there else None
    return None


def _without_ending(atlas: _Atlas, text: str, prefecture: str | None) -> Place | None:
    """A city written without 市 or a special ward without 区: 横浜西区, 世田谷 1-2."""
    for length in range(min(_LONGEST, len(text)), 0, -1):
        base = text[:length]
        there = atlas.bases.get(base)
        if there is None or prefecture not in (None, there):
            continue
        start = length + len(text[length:]) - len(text[length:].lstrip())
        for under in atlas.inside.get((there, base + "市"), ()):
            if text.startswith(under, start):
                return Place(there, under, start + len(under))
        if _BARE_END.match(text, length):
            ending = "市" if there in atlas.prefectures_of.get(base + "市", ()) else "区"
            return Place(there, base + ending, length)
    return None


@lru_cache(maxsize=1)
def _sections() -> tuple[str, str, str]:
    """The table's cities, towns and postal codes."""
    text = (files("mapping.normalise") / "tables" / "cities.txt").read_text(encoding="utf-8")
    cities, _, rest = text.partition("[cities]\n")[2].partition("[towns]\n")
    towns, _, postal = rest.partition("[postal]\n")
    return cities, towns, postal


def municipalities() -> Iterator[tuple[str, list[str], list[str]]]:
    """Each line of the table's cities: its prefecture, the names on it, and their romaji."""
    prefecture = ""
    for line in _sections()[0].splitlines():
        words = line.split()
        if words[0] == "=":
            prefecture = words[1]
        else:
            yield prefecture, words[::2], words[1::2]


@lru_cache(maxsize=1)
def _latin() -> Mapping[str, set[str]]:
    """The prefectures that have a municipality, by its folded romaji and kind."""
    there: dict[str, set[str]] = defaultdict(set)
    for prefecture, names, latin in municipalities():
        for name, word in zip(names, latin, strict=True):
            there[romaji_key(word) + name.rstrip("!")[-1]].add(prefecture)
    return there


@lru_cache(maxsize=1)
def _readings() -> Mapping[str, str]:
    """The 47 prefectures by their reading in katakana."""
    heads = (line.split() for line in _sections()[0].splitlines() if line.startswith("="))
    return {reading: prefecture for _, prefecture, reading in heads}


@lru_cache(maxsize=1)
def _postal() -> Mapping[str, str]:
    """The prefectures by the first digits of their postal codes."""
    there = {}
    for line in _sections()[2].splitlines():
        prefecture, *ranges = line.split()
        for one in ranges:
            first, _, last = one.partition("-")
            for code in range(int(first), int(last or first) + 1):
                there[str(code).zfill(len(first))] = prefecture
    return there


@lru_cache(maxsize=1)
def _atlas() -> _Atlas:
    atlas = _Atlas()
    for prefecture, written, _ in municipalities():
        over, *unders = names = [fold(name.rstrip("!")) for name in written]
        for name in names:
            atlas.prefectures_of[name].add(prefecture)
        atlas.elsewhere.update(fold(name[:-1]) for name in written if name.endswith("!"))
        if unders:
            atlas.inside[prefecture, over] = set(unders)
    for name, there in _FORMER.items():
        atlas.prefectures_of[fold(name)].add(there)
    for line in _sections()[1].splitlines():
        name, there, *begins = line.split()
        atlas.towns[fold(name)].update((fold(begin), there) for begin in begins)
    atlas.bases.update(_bases(atlas))
    return atlas


def _bases(atlas: _Atlas) -> Iterator[tuple[str, str]]:
    """Names told without their ending: of a city or special ward, if nothing else is called so.

    A city with wards is known to everybody by its bare name, whatever village shares it; a special
    ward gives way to cities and other wards only.
    """
    named: dict[tuple[str, bool], set[str]] = defaultdict(set)
    for name, there in atlas.prefectures_of.items():
        named[name[:-1], name[-1] in "市区"] |= there
    large = {over: prefecture for prefecture, over in atlas.inside if over.endswith("市")}
    for prefecture, written, _ in municipalities():
        over = fold(written[0].rstrip("!"))
        base, ending = over[:-1], over[-1]
        if over in large:
            yield base, prefecture
        elif ending in "市区" and len(base) > 1 and base + "市" not in large:
            others = named[base, True] | (named[base, False] if ending == "市" else set())
            if others == {prefecture}:
                yield base, prefecture
