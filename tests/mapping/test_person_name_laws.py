"""Whatever people write for a name: no error, no letter lost, one key for each way to write it."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise.person import (
    clean,
    fold,
    initials_fit,
    kana,
    looks_swapped,
    name_key,
    person_key,
    reading_in,
    split,
)

SEPARATORS = re.compile(r"[\s・,、，_|/／･]")
NAMES = st.text(alphabet="森髙邉齋々花子ﾓりさまノ・ A-zōŌ様(ヶ゛部長.,", max_size=12) | st.text(
    max_size=12
)
WORDS = "Mori Sato Kenichi Ken'ichi Ken-ichi Jane Roe Kim Min-jun Núñez O'Dell Oh Wang Mary Aoi"
LATIN = st.sampled_from(WORDS.split())


@given(NAMES)
def test_cleaning_and_folding_twice_is_doing_it_once(raw: str) -> None:
    assert fold(fold(raw)) == fold(raw)
    once = kana(raw)
    assert once is None or kana(once) == once


@given(NAMES, NAMES)
def test_nothing_that_people_write_is_an_error(one: str, other: str) -> None:
    reading = reading_in(one)
    assert reading is None or kana(reading) == reading
    assert initials_fit(one, other) == initials_fit(other, one)
    assert not (looks_swapped(one, other) and looks_swapped(other, one))
    assert person_key({"full_name": one}) in ("", name_key(one))


@given(st.lists(LATIN, min_size=1, max_size=4))
def test_the_key_of_a_key_is_that_key(words: list[str]) -> None:
    key = name_key(" ".join(words))

    assert name_key(key) == key


@given(st.lists(LATIN, min_size=2, max_size=4), st.integers(1, 3))
def test_family_first_or_last_makes_no_difference_to_a_latin_key(
    words: list[str], family_size: int
) -> None:
    moved = words[family_size:] + words[:family_size]

    assert name_key(" ".join(words)) == name_key(" ".join(moved))


@given(st.text(alphabet="あいきしちにんっょがぱふーづ", min_size=1, max_size=8))
def test_hiragana_and_katakana_have_one_key(hiragana: str) -> None:
    katakana = "".join(chr(ord(sign) + 0x60) if sign != "ー" else sign for sign in hiragana)

    assert fold(hiragana) == fold(katakana)
    assert name_key(hiragana) == name_key(katakana)


@given(NAMES)
def test_a_split_adds_no_letter_and_loses_none_but_what_is_no_name(raw: str) -> None:
    name, shown = split(raw), clean(raw)

    if name is not None:
        assert shown is not None
        parts = Counter(SEPARATORS.sub("", (name.family or "") + (name.given or "")))
        whole = Counter(SEPARATORS.sub("", shown))
        assert parts <= whole
        if whole.keys().isdisjoint("([（〈【「［<＜部長"):
            assert parts == whole
