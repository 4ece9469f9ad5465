"""Japanese personal names: how they are written, read and how common they are."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from benchmarks.leads import name_tables as tables


@dataclass(frozen=True, slots=True)
class Written:
    """A name part as its bearer writes it, its reading in katakana (``|`` parts vowels)."""

    kanji: str
    reading: str
    others: tuple[str, ...] = ()

    @property
    def kana(self) -> str:
        """The reading in full-width katakana."""
        return self.reading.replace("|", "")


@dataclass(frozen=True, slots=True)
class Pool:
    """Names with running weights, for drawing."""

    names: Sequence[Written]
    weights: Sequence[int]

    def draw(self, rng: random.Random) -> Written:
        """Draw one name, common ones more often."""
        return rng.choices(self.names, cum_weights=self.weights)[0]


def _pool(table: str) -> Pool:
    rows = [line.split() for line in table.strip().splitlines()]
    names = [Written(row[0], row[1], tuple(row[3:])) for row in rows]
    return Pool(names, list(accumulate(int(row[2]) for row in rows)))


def _parts(table: str) -> list[tuple[str, str]]:
    """Split the table of heads or tails; a ``|`` before a reading belongs to the reading."""
    cells = table.replace("\n", "").replace(" |", " !").split("|")
    pairs = [cell.split(" ") for cell in cells if cell]
    return [(kanji, reading.replace("!", "|")) for kanji, reading in pairs]


@cache
def families() -> Pool:
    """Family names."""
    return _pool(tables.FAMILIES)


@cache
def men() -> Pool:
    """Given names of men as lists have them."""
    return _pool(tables.MEN)


@cache
def women() -> Pool:
    """Given names of women as lists have them."""
    return _pool(tables.WOMEN)


@cache
def _composed(female: bool) -> Sequence[Written]:
    heads = _parts(tables.FEMALE_HEADS if female else tables.MALE_HEADS)
    tails = _parts(tables.FEMALE_TAILS if female else tables.MALE_TAILS)
    return [
        Written(head + tail, head_kana + tail_kana)
        for head, head_kana in heads
        for tail, tail_kana in tails
        if head != tail and head_kana[-1] != tail_kana.strip("|")[0]
    ]


def given(rng: random.Random, female: bool) -> Written:
    """Draw a given name: half of them from the common ones, half put together."""
    if rng.random() < 0.5:
        return (women() if female else men()).draw(rng)
    return rng.choice(_composed(female))


@cache
def _composed_families() -> Sequence[Written]:
    return [
        Written(head + tail, head_kana + tail_kana, _folded(head + tail))
        for head, head_kana in _parts(tables.FAMILY_HEADS)
        for tail, tail_kana in _parts(tables.FAMILY_TAILS)
        if head != tail
    ]


def _folded(kanji: str) -> tuple[str, ...]:
    """Return the other spelling of a name with an old or a new 沢."""
    other = kanji.replace("澤", "沢") if "澤" in kanji else kanji.replace("沢", "澤")
    return (other,) if other != kanji else ()


def family(rng: random.Random) -> Written:
    """Draw a family name: most from the common ones, some put together and rare."""
    if rng.random() < 0.75:
        return families().draw(rng)
    return rng.choice(_composed_families())


@cache
def by_reading(female: bool) -> dict[str, tuple[str, ...]]:
    """Given names that sound alike: reading to all spellings."""
    found: dict[str, list[str]] = {}
    for name in [*(women() if female else men()).names, *_composed(female)]:
        found.setdefault(name.kana, []).append(name.kanji)
    return {kana: tuple(dict.fromkeys(all_)) for kana, all_ in found.items() if len(set(all_)) > 1}


@cache
def _readings() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name in [*men().names, *women().names]:
        found.setdefault(name.kanji, []).append(name.kana)
    return {kanji: tuple(dict.fromkeys(all_)) for kanji, all_ in found.items()}


def read_otherwise(kanji: str, kana: str) -> list[str]:
    """Return the other readings of a given name."""
    return [reading for reading in _readings().get(kanji, ()) if reading != kana]


@cache
def families_by_reading() -> dict[str, tuple[Written, ...]]:
    """Family names that sound alike and are different names, not spellings of one."""
    found: dict[str, list[Written]] = {}
    for name in families().names:
        found.setdefault(name.kana, []).append(name)
    return {kana: tuple(all_) for kana, all_ in found.items() if len(all_) > 1}


@cache
def _by_kanji() -> dict[str, Written]:
    return {name.kanji: name for name in [*families().names, *_composed_families()]}


def families_of(core: str) -> Written | None:
    """Return the family name a firm's name begins with, the longest that fits."""
    for length in (4, 3, 2, 1):
        found = _by_kanji().get(core[:length])
        if found:
            return found
    return None


ALIKE_FAMILIES = (
    (Written("高田", "タカダ"), Written("高多", "タカダ")),
    (Written("大田", "オオタ"), Written("太田", "オオタ")),
    (Written("菊地", "キクチ"), Written("菊池", "キクチ")),
    (Written("坂本", "サカモト"), Written("阪本", "サカモト")),
    (Written("小野", "オノ"), Written("小野田", "オノダ")),
    (Written("佐野", "サノ"), Written("佐藤", "サトウ")),
    (Written("中川", "ナカガワ"), Written("中河", "ナカガワ")),
    (Written("渡辺", "ワタナベ"), Written("渡部", "ワタナベ")),
    (Written("木下", "キノシタ"), Written("木ノ下", "キノシタ")),
    (Written("長田", "ナガタ"), Written("永田", "ナガタ")),
)
READ_TWICE = (
    (Written("裕子", "ユウコ"), Written("裕子", "ヒロコ"), True),
    (Written("愛", "アイ"), Written("愛", "メグミ"), True),
    (Written("淳", "ジュン"), Written("淳", "アツシ"), False),
    (Written("大樹", "ダイキ"), Written("大樹", "ヒロキ"), False),
    (Written("剛", "ツヨシ"), Written("剛", "タケシ"), False),
    (Written("健", "ケン"), Written("健", "タケシ"), False),
)
