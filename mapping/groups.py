"""Fields that make sense only together, and when two sources speak of the same thing.

A family name from one system and a given name from another are nobody; a street in another city is
nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from mapping.model import BANTCH_PARTS, BANTCH_TOPICS, Value
from mapping.normalise.person import fold, person_key
from mapping.normalise.text import is_kana, nfkc

NAME = ("full_name", "family_name", "given_name")
KANA = ("family_kana", "given_kana")
ROMAJI = ("family_romaji", "given_romaji")
ADDRESS = ("postal_code", "prefecture", "city", "street", "address")
TOPICS = tuple(tuple(f"bantch.{topic}.{part}" for part in BANTCH_PARTS) for topic in BANTCH_TOPICS)

GROUP_OF: dict[str, tuple[str, ...]] = {
    name: group for group in (NAME, KANA, ROMAJI, ADDRESS, *TOPICS) for name in group
}
"""The group of each field that is in one."""


def names_agree(one: Mapping[str, Value], other: Mapping[str, Value]) -> bool:
    """Whether two sources name the same person, as far as they can be compared, and they can be."""
    keys = person_key(one), person_key(other)
    if all(keys):
        return keys[0] == keys[1]
    shared = [name for name in NAME if one.get(name) and other.get(name)]
    return bool(shared) and not any(_parts_differ(one[name], other[name]) for name in shared)


def names_contradict(one: Mapping[str, Value], other: Mapping[str, Value]) -> bool:
    """Whether two sources name different people; not if one of them is silent, or in romaji."""
    keys = person_key(one), person_key(other)
    if all(keys):
        return keys[0] != keys[1] and _script(keys[0]) == _script(keys[1])
    return any(
        _parts_differ(one[name], other[name]) for name in NAME if one.get(name) and other.get(name)
    )


def addresses_agree(one: Mapping[str, Value], other: Mapping[str, Value]) -> bool:
    """Whether two sources give parts of one address: they share some and differ in none."""
    shared = [name for name in ADDRESS if one.get(name) and other.get(name)]
    return bool(shared) and all(_folded(one[name]) == _folded(other[name]) for name in shared)


def _parts_differ(one: Value, other: Value) -> bool:
    a, b = fold(str(one)), fold(str(other))
    return a != b and _script(a) == _script(b)


def _script(text: str) -> str:
    if text.isascii():
        return "latin"
    return "kana" if is_kana(text) else "kanji"


def _folded(value: Value) -> str:
    return "".join(nfkc(str(value)).split())
