"""Names of people as they are compared: folded into keys, and initials and nicknames that fit."""

from __future__ import annotations

import pytest

from mapping.normalise.nicknames import same_given
from mapping.normalise.person import initials_fit, name_key, person_key, reading_key


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
