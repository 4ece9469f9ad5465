"""Names of people: cleaned, split, and folded for keys only."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise.family_names import KANA, KANJI, romaji, romaji_key
from mapping.normalise.person import (
    Name,
    clean,
    fold,
    full_name,
    kana,
    missing_parts,
    name_key,
    person_key,
    reading_key,
    split,
)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("森　花子", "森 花子"),
        ("  森   花子 様 ", "森 花子"),
        ("森花子さん", "森花子"),
        ("森花子先生", "森花子"),
        ("森花子殿", "森花子"),
        ("真殿", "真殿"),
        ("髙橋 花子", "髙橋 花子"),
        ("渡邉", "渡邉"),
        ("ﾓﾘ ﾊﾅｺ", "モリ ハナコ"),
        ("Ｍｏｒｉ　Ｈａｎａｋｏ", "Mori Hanako"),
        ("Ms. Hanako Mori", "Hanako Mori"),
        ("Dr Hanako Mori", "Hanako Mori"),
        ("Drew Mori", "Drew Mori"),
        ("\u200b", None),
        ("", None),
    ],
)
def test_a_name_for_display_is_tidied_and_never_respelled(raw: str, shown: str | None) -> None:
    assert clean(raw) == shown


@pytest.mark.parametrize(
    ("full", "name"),
    [
        ("森 花子", Name("森", "花子")),
        ("森　花子様", Name("森", "花子")),
        ("森田花子", Name("森田", "花子")),
        ("森花子", Name("森", "花子")),
        ("長谷川花", Name("長谷川", "花")),
        ("佐々木花子", Name("佐々木", "花子")),
        ("髙橋花子", Name("髙橋", "花子")),
        ("渡邉花子", Name("渡邉", "花子")),
        ("齋藤花子", Name("齋藤", "花子")),
        ("𠮷田花子", Name("𠮷田", "花子")),
        ("勅使河原花子", Name("勅使河原", "花子")),
        ("五十嵐花", Name("五十嵐", "花")),
        ("林健太郎", Name("林", "健太郎")),
        ("田中", Name("田中", None)),
        ("原田", Name("原田", None)),
        ("森岩太", Name("森", "岩太")),
        ("辻脇太郎", None),
        ("御手洗潔", None),
        ("サトウ ハナコ", Name("サトウ", "ハナコ")),
        ("サトウハナコ", Name("サトウ", "ハナコ")),
        ("さとう はなこ", Name("さとう", "はなこ")),
        ("ハラダイスケ", None),
        ("ハナコ・モリス", Name("モリス", "ハナコ")),
        ("Hanako Mori", Name("Mori", "Hanako")),
        ("Mori Hanako", Name("Mori", "Hanako")),
        ("MORI Hanako", Name("MORI", "Hanako")),
        ("Hanako MORI", Name("MORI", "Hanako")),
        ("Mori, Hanako", Name("Mori", "Hanako")),
        ("Satoh Hanako", Name("Satoh", "Hanako")),
        ("Mary Ann Lerche", Name("Lerche", "Mary Ann")),
        ("Lerche", None),
        ("営業部 森 花子", None),
        ("", None),
    ],
)
def test_a_full_name_is_split_where_something_tells_where(full: str, name: Name | None) -> None:
    assert split(full) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("髙橋 花子", "高橋花子"),
        ("渡邉 花子", "渡邊　花子"),
        ("渡邊花子", "渡辺花子"),
        ("齋藤花子", "斉藤 花子"),
        ("斎藤花子", "齊藤花子"),
        ("濱崎花子", "浜﨑花子"),
        ("𠮷田花子", "吉田花子"),
        ("佐々木花子", "佐佐木花子"),
        ("𣘺本花子", "橋本花子"),
        ("澤嶋花子", "沢島花子"),
        ("神 花子", "神花子"),
        ("もり はなこ", "ﾓﾘ ﾊﾅｺ"),
        ("モリ ショウコ", "モリ シヨウコ"),
        ("Hanako Satoh", "SATO HANAKO"),
        ("Ōno Jirō", "Jiro Ohno"),
        ("森花子(旧姓:林)", "森 花子"),
    ],
)
def test_two_ways_of_writing_a_name_share_a_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("森 花子", "森 華子"), ("伊藤花子", "伊東花子"), ("河合花", "川合花")]
)
def test_different_kanji_of_one_reading_are_different_names(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"family_name": "髙橋", "given_name": "花子"}, "高橋花子"),
        ({"full_name": "髙橋 花子"}, "高橋花子"),
        ({"full_name": "髙橋花子"}, "高橋花子"),
        ({"family_name": "山田", "given_name": "さくら"}, "山田さくら"),
        ({"full_name": "山田 さくら"}, "山田さくら"),
        ({"full_name": "Taro Yamada"}, "taro yamada"),
        ({"family_name": "Yamada", "given_name": "Taro"}, "taro yamada"),
        ({"family_name": "高橋"}, ""),
        ({"full_name": "高橋"}, ""),
        ({"full_name": "サトウ"}, ""),
        ({"full_name": "鵜殿"}, ""),
        ({"full_name": "Yamada"}, ""),
        ({}, ""),
    ],
)
def test_only_a_full_name_gives_a_key_of_a_person(values: dict[str, str], key: str) -> None:
    assert person_key(values) == key


def test_a_reading_needs_both_its_parts() -> None:
    assert reading_key({"family_kana": "ﾓﾘ", "given_kana": "しょうこ"}) == "モリシヨウコ"
    assert reading_key({"family_kana": "モリ"}) == ""
    assert reading_key({"family_kana": "森", "given_kana": "ハナコ"}) == ""


@pytest.mark.parametrize(
    ("raw", "reading"),
    [
        ("もり　はなこ", "モリ ハナコ"),
        ("ﾓﾘ ﾊﾅｺ", "モリ ハナコ"),
        ("ｶﾞﾝﾊﾞﾙﾃﾞｨ", "ガンバルディ"),
        ("か゛", "ガ"),
        ("タカハシさま", "タカハシ"),
        ("森", None),
        ("Mori", None),
        ("", None),
    ],
)
def test_a_reading_is_katakana(raw: str, reading: str | None) -> None:
    assert kana(raw) == reading


def test_the_whole_name_is_put_together_in_the_order_of_its_script() -> None:
    assert full_name({"family_name": "森", "given_name": "花子"}) == "森 花子"
    assert full_name({"family_name": "Lerche", "given_name": "Anna"}) == "Anna Lerche"
    assert full_name({"full_name": "森花子", "family_name": "林"}) == "森花子"
    assert full_name({"given_name": "花子"}) == "花子"
    assert full_name({}) is None


def test_family_names_are_one_word_each_and_read_in_kana() -> None:
    assert len(KANJI) > 700
    assert all(romaji(reading).isascii() and romaji(reading) for reading in KANA)
    assert romaji_key(romaji("オオツカ")) == romaji_key("Ohtsuka") == "otsuka"


SEPARATORS = re.compile(r"[\s・,]")
NAMES = st.text(alphabet="森髙邉齋々花子ﾓりさまノ・ A-zōŌ様(ヶ゛", max_size=12) | st.text(
    max_size=12
)


@given(NAMES)
def test_cleaning_and_folding_twice_is_doing_it_once(raw: str) -> None:
    assert fold(fold(raw)) == fold(raw)
    once = kana(raw)
    assert once is None or kana(once) == once


@given(NAMES)
def test_a_split_loses_no_letter(raw: str) -> None:
    name, shown = split(raw), clean(raw)

    if name is not None:
        assert shown is not None
        parts = (name.family or "") + (name.given or "")
        assert sorted(SEPARATORS.sub("", parts)) == sorted(SEPARATORS.sub("", shown))


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ({"full_name": "佐藤 花子"}, {"family_name": "佐藤", "given_name": "花子"}),
        ({"full_name": "佐藤 花子", "family_name": "佐藤"}, {}),
        ({"family_name": "佐藤", "given_name": "花子"}, {"full_name": "佐藤 花子"}),
        ({"family_name": "Smith", "given_name": "Mary"}, {"full_name": "Mary Smith"}),
        ({"full_name": "何某何何"}, {}),
        ({}, {}),
    ],
)
def test_what_is_missing_of_a_name_follows_from_the_rest(
    values: dict[str, str], parts: dict[str, str]
) -> None:
    assert missing_parts(values)[1] == parts
