"""Names of people: cleaned, split, and folded for keys only."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise.nicknames import same_given
from mapping.normalise.person import (
    Name,
    clean,
    fold,
    full_name,
    initials_fit,
    kana,
    looks_swapped,
    missing_parts,
    name_key,
    person_key,
    reading_in,
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
        ("森部長", "森"),
        ("森花子課長代理", "森花子"),
        ("森 花子 営業部 部長 様", "森 花子"),
        ("第一営業部 部長 森 花子", "森 花子"),
        ("代表取締役社長　森花子", "森花子"),
        ("代表取締役森花子", "森花子"),
        ("服部長", "服部長"),
        ("服部 長", "服部 長"),
        ("小野健士", "小野健士"),
        ("森 博士", "森 博士"),
        ("Mori-san", "Mori"),
        ("Hanako Mori, Sales Manager", "Hanako Mori"),
        ("Hanako Mori, Ph.D.", "Hanako Mori"),
        ("Aung San", "Aung San"),
        ("John Roe Jr.", "John Roe Jr."),
        ("森花子(旧姓:林)", "森花子(旧姓:林)"),
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
        ("御手洗潔", Name("御手洗", "潔")),
        ("鱧本権蔵", None),
        ("小野沢子", Name("小野", "沢子")),
        ("小野沢恵", Name("小野沢", "恵")),
        ("小野寺恵", Name("小野寺", "恵")),
        ("辻\U000e0100花子", Name("辻\U000e0100", "花子")),
        ("渡邉\U000e0102花子", Name("渡邉\U000e0102", "花子")),
        ("⾼橋花子", Name("⾼橋", "花子")),
        ("森、花子", Name("森", "花子")),
        ("森・花子", Name("森", "花子")),
        ("森 花 子", Name("森", "花子")),
        ("森花子(モリハナコ)", Name("森", "花子")),
        ("森(もり)花子(はなこ)", Name("森", "花子")),
        ("森花子 モリハナコ", Name("森", "花子")),
        ("森 花子 モリ ハナコ", Name("森", "花子")),
        ("森花子 / Hanako Mori", Name("森", "花子")),
        ("(株)森 花子", Name("森", "花子")),
        ("森 さくら", Name("森", "さくら")),
        ("営業部長 森花子", Name("森", "花子")),
        ("森部長", Name("森", None)),
        ("サトウ ハナコ", Name("サトウ", "ハナコ")),
        ("サトウハナコ", Name("サトウ", "ハナコ")),
        ("さとう はなこ", Name("さとう", "はなこ")),
        ("ハラダイスケ", Name("ハラ", "ダイスケ")),
        ("ナカムラタロウ", Name("ナカムラ", "タロウ")),
        ("ヤマダイ", None),
        ("ハナコ・モリス", Name("モリス", "ハナコ")),
        ("モリ・ハナコ", Name("モリ", "ハナコ")),
        ("アンナ=マリア・レルヒェ", Name("レルヒェ", "アンナ=マリア")),
        ("Hanako Mori", Name("Mori", "Hanako")),
        ("Mori Hanako", Name("Mori", "Hanako")),
        ("MORI Hanako", Name("MORI", "Hanako")),
        ("Hanako MORI", Name("MORI", "Hanako")),
        ("Mori, Hanako", Name("Mori", "Hanako")),
        ("Satoh Hanako", Name("Satoh", "Hanako")),
        ("Mary Ann Lerche", Name("Lerche", "Mary Ann")),
        ("Lerche", None),
        ("Mr Tanaka", Name("Tanaka", None)),
        ("Jane Q. Roe", Name("Roe", "Jane Q.")),
        ("Roe, Jane Q., Jr.", Name("Roe", "Jane Q.")),
        ("Jane Roe III", Name("Roe", "Jane")),
        ("J. Roe", Name("Roe", "J.")),
        ("Mori H.", Name("Mori", "H.")),
        ("H.Mori", Name("Mori", "H.")),
        ("JP Roe", Name("Roe", "JP")),
        ("Anna van der Lind", Name("van der Lind", "Anna")),
        ("Ana de la Roca", Name("de la Roca", "Ana")),
        ("Otto von Stein", Name("von Stein", "Otto")),
        ("Anna Van Lind", Name("Van Lind", "Anna")),
        ("Omar al-Amin", Name("al-Amin", "Omar")),
        ("Ana DE LA ROCA", Name("DE LA ROCA", "Ana")),
        ("Íñigo Núñez", Name("Núñez", "Íñigo")),
        ("Mary-Jane O'Dell", Name("O'Dell", "Mary-Jane")),
        ("NGUYEN Thi Hoa", Name("NGUYEN", "Thi Hoa")),
        ("Nguyễn Thị Hoa", Name("Nguyễn", "Thị Hoa")),
        ("Anh Van Tran", Name("Tran", "Anh Van")),
        ("Kim Seo-yeon", Name("Kim", "Seo-yeon")),
        ("Seo-yeon Kim", Name("Kim", "Seo-yeon")),
        ("Kim Brown", Name("Brown", "Kim")),
        ("Zhang Wei", Name("Zhang", "Wei")),
        ("Wei Zhang", Name("Zhang", "Wei")),
        ("Aoi Mori", Name("Mori", "Aoi")),
        ("Mori Aoi", Name("Mori", "Aoi")),
        ("Kai Brown", Name("Brown", "Kai")),
        ("Sato Michael", Name("Sato", "Michael")),
        ("Gondahara Hanako", Name("Gondahara", "Hanako")),
        ("Ｍｏｒｉ　Ｈａｎａｋｏ", Name("Mori", "Hanako")),
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
        ("森花子（旧姓:林）", "森 花子"),
        ("森 花子 部長 様", "森花子"),
        ("代表取締役　森 花子", "森花子"),
        ("森花子 モリハナコ", "森　花子"),
        ("辻\U000e0100花子", "辻花子"),
        ("José Núñez", "NUNEZ JOSE"),
        ("Jörg Weiß", "Jorg Weiss"),
        ("Ken-ichi Lerche", "Kenichi Lerche"),
        ("Ken'ichi Mori", "Mori, Ken ichi"),
        ("Jane Q. Roe Jr.", "Jane Roe"),
        ("Roe, Jane", "Ms. Jane Roe"),
        ("Mary-Jane Roe", "Mary Jane Roe"),
        ("Seo-yeon Park", "Park Seo Yeon"),
        ("Seoyeon Park", "Park Seo-Yeon"),
        ("Sang-jin Oh", "Oh Sangjin"),
        ("Jane O'Dell", "Jane O’Dell"),
        ("Wang Jane Wang", "Jane Wang Wang"),
        ("Ｊａｎｅ　Ｒｏｅ", "jane roe"),
        ("Zyun-iti Tutiya", "Tsuchiya Jun'ichi"),
        ("Hanako Mori, CEO", "Hanako Mori-san"),
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
        ({"full_name": "佐藤部長"}, ""),
        ({"full_name": "佐藤 部長 様"}, ""),
        ({"full_name": "佐藤(営業)"}, ""),
        ({"full_name": "ＹＡＭＡＤＡ"}, ""),
        ({"full_name": "José"}, ""),
        ({"full_name": "森 一"}, "森一"),
        ({"full_name": "佐藤 花子 部長"}, "佐藤花子"),
        ({"full_name": "佐藤 花子部長"}, "佐藤花子"),
        ({"full_name": "佐藤 営業部長"}, ""),
        ({"full_name": "Jane Q. Roe"}, "jane roe"),
        ({"family_name": "Roe", "given_name": "Jane Q."}, "jane roe"),
        ({"family_name": "van der Lind", "given_name": "Anna"}, "anna der lind van"),
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


@pytest.mark.parametrize(
    ("full", "reading"),
    [
        ("森花子(モリ ハナコ)", "モリ ハナコ"),
        ("森花子（もり・はなこ）", "モリ ハナコ"),
        ("森(もり)花子(はなこ)", "モリ ハナコ"),
        ("ﾓﾘﾊﾅｺ(森花子)", "モリハナコ"),
        ("森花子 ﾓﾘﾊﾅｺ", "モリハナコ"),
        ("森 花子 もり はなこ 様", "モリ ハナコ"),
        ("森花子／モリハナコ", "モリハナコ"),
        ("森花子(旧姓:林)", None),
        ("森 さくら", None),
        ("森 花子 さくら", None),
        ("モリ ハナコ", None),
        ("Hanako Mori", None),
        ("", None),
    ],
)
def test_a_full_name_may_bring_its_reading(full: str, reading: str | None) -> None:
    assert reading_in(full) == reading


@pytest.mark.parametrize(
    ("family", "given_name", "swapped"),
    [
        ("健一", "佐藤", True),
        ("眞一", "髙橋", True),
        ("ケンイチ", "サトウ", True),
        ("けんいち", "ｻﾄｳ", True),
        ("Ken'ichi", "Satoh", True),
        ("佐藤", "健一", False),
        ("サトウ", "ケンイチ", False),
        ("Sato", "Kenichi", False),
        ("泉", "葵", False),
        ("泉", "佐藤", False),
        ("東海", "林", False),
        ("Jane", "Roe", False),
        ("", "佐藤", False),
        ("佐藤", "", False),
    ],
)
def test_family_and_given_name_in_each_others_field_are_noticed(
    family: str, given_name: str, swapped: bool
) -> None:
    assert looks_swapped(family, given_name) is swapped


@pytest.mark.parametrize(
    ("one", "other", "fits"),
    [
        ("K. Sato", "Kenichi Sato", True),
        ("Satoh K", "KENICHI SATO", True),
        ("K. Sato", "Taro Sato", False),
        ("K. Sato", "Kenichi Saito", False),
        ("J.Q. Roe", "Jane Roe", True),
        ("J. Q. Roe", "Jane Quinn Roe", True),
        ("J. P. Roe", "Jane Quinn Roe", False),
        ("Bob Roe", "Robert Q. Roe", True),
        ("Bob Roe", "William Roe", False),
        ("Kenichi Sato", "Kenji Sato", False),
        ("Jane Roe", "Jane Roe", True),
        ("k", "kenichi", True),
        ("bob", "robert", True),
        ("Sato", "K. Sato", False),
        ("佐", "佐藤", False),
        ("", "", False),
    ],
)
def test_initials_and_nicknames_fit_the_names_they_stand_for(
    one: str, other: str, fits: bool
) -> None:
    assert initials_fit(one, other) is fits
    assert initials_fit(other, one) is fits


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Bob", "Robert", True),
        ("Bob", "Rob", True),
        ("Kate", "Catherine", True),
        ("Stephen", "Steven", True),
        ("JON", "Jonathan", True),
        ("Chris", "Christina", True),
        ("Christopher", "Christina", False),
        ("John", "Nathan", False),
        ("Hanako", "Hanako", True),
        ("Hanako", "Hana", False),
        ("", "", False),
    ],
)
def test_a_short_name_stands_for_its_full_names_only(one: str, other: str, same: bool) -> None:
    assert same_given(one, other) is same
    assert same_given(other, one) is same


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
