"""Names of people as they are shown: cleaned, split, and put together."""

from __future__ import annotations

import pytest

from mapping.normalise.person import (
    Name,
    clean,
    full_name,
    kana,
    looks_swapped,
    missing_parts,
    reading_in,
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
