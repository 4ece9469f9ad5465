"""Addresses, postal codes and web addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise import web
from mapping.normalise.address import PREFECTURES, Address, postal_code, prefecture, split
from mapping.normalise.text import is_blank, katakana, lines, squeeze, tidy


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("東京都", "東京都"),
        ("東京", "東京都"),
        ("東京都港区芝1-2-3", "東京都"),
        ("東京港区芝1-2-3", "東京都"),
        ("〒105-0014 東京都港区芝1-2-3", "東京都"),
        ("1050014 東京都港区芝1-2-3", "東京都"),
        ("日本、東京都港区", "東京都"),
        ("渋谷区桜丘町", "東京都"),
        ("大阪", "大阪府"),
        ("大阪市北区", "大阪府"),
        ("京都市中京区", "京都府"),
        ("京都郡みやこ町", None),
        ("横浜市西区", "神奈川県"),
        ("名古屋市中村区", "愛知県"),
        ("札幌市厚別区", "北海道"),
        ("北海道", "北海道"),
        ("神戸市灘区", "兵庫県"),
        ("四日市市諏訪町", "三重県"),
        ("福島", "福島県"),
        ("福島市", "福島県"),
        ("山口県", "山口県"),
        ("府中市宮町", None),
        ("北区赤羽", None),
        ("石川町", None),
        ("Tokyo", "東京都"),
        ("Osaka-fu", "大阪府"),
        ("2-1 Shiba, Minato-ku, Tokyo 105-0014", "東京都"),
        ("New York", None),
        ("", None),
    ],
)
def test_a_prefecture_is_told_only_by_what_is_unambiguous(raw: str, wanted: str | None) -> None:
    assert prefecture(raw) == wanted


def test_there_are_forty_seven_prefectures_and_each_is_its_own() -> None:
    assert len(PREFECTURES) == 47
    assert [prefecture(name) for name in PREFECTURES] == list(PREFECTURES)


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("105-0014", "105-0014"),
        ("1050014", "105-0014"),
        ("〒105-0014", "105-0014"),
        ("〒 105-0014", "105-0014"),
        ("１０５－００１４", "105-0014"),
        ("105ー0014", "105-0014"),
        ("105‐0014", "105-0014"),
        ("1050014.0", "105-0014"),
        ("郵便番号：105-0014", "105-0014"),
        ("105 0014", "105-0014"),
        ("105-014", None),
        ("600001", None),
        ("94105", None),
        ("SW1A 1AA", None),
        ("", None),
    ],
)
def test_a_postal_code_has_seven_digits(raw: str, wanted: str | None) -> None:
    assert postal_code(raw) == wanted


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (
            "〒105-0014 東京都港区芝1-2-3 ひばりビル4階",
            Address("105-0014", "東京都", "港区", "芝1-2-3 ひばりビル4階"),
        ),
        ("神奈川県三浦郡葉山町堀内1", Address(None, "神奈川県", "三浦郡葉山町", "堀内1")),
        ("愛知県名古屋市中村区名駅1", Address(None, "愛知県", "名古屋市中村区", "名駅1")),
        ("三重県四日市市諏訪町", Address(None, "三重県", "四日市市", "諏訪町")),
        ("千葉県市川市八幡", Address(None, "千葉県", "市川市", "八幡")),
        ("奈良県大和郡山市北郡山町", Address(None, "奈良県", "大和郡山市", "北郡山町")),
        ("東京都町田市原町田", Address(None, "東京都", "町田市", "原町田")),
        ("東京都東村山市本町", Address(None, "東京都", "東村山市", "本町")),
        ("長野県北佐久郡軽井沢町", Address(None, "長野県", "北佐久郡軽井沢町", None)),
        ("東京港区芝", Address(None, "東京都", "港区", "芝")),
        ("大阪", Address(None, "大阪府", None, None)),
        ("1 Market St, San Francisco", Address(None, None, None, "1 Market St, San Francisco")),
    ],
)
def test_an_address_is_split_after_its_city(raw: str, wanted: Address) -> None:
    assert split(raw) == wanted


@pytest.mark.parametrize(
    ("raw", "url", "domain"),
    [
        ("https://www.tsubame.co.jp/", "https://www.tsubame.co.jp", "tsubame.co.jp"),
        ("www.tsubame.co.jp", "https://www.tsubame.co.jp", "tsubame.co.jp"),
        ("HTTP://Shop.Tsubame.co.jp/A?b=1", "http://shop.tsubame.co.jp/A?b=1", "tsubame.co.jp"),
        ("ttps://tsubame.jp", "https://tsubame.jp", "tsubame.jp"),
        ("ｗｗｗ．ｔｓｕｂａｍｅ．ｊｐ", "https://www.tsubame.jp", "tsubame.jp"),
        ("URL: https://tsubame.or.jp", "https://tsubame.or.jp", "tsubame.or.jp"),
        ("日本語.jp", "https://xn--wgv71a119e.jp", "xn--wgv71a119e.jp"),
        ("tsubame.minato.tokyo.jp", "https://tsubame.minato.tokyo.jp", "tsubame.minato.tokyo.jp"),
        ("www.metro.tokyo.jp", "https://www.metro.tokyo.jp", "metro.tokyo.jp"),
        ("a.lerche.co.uk", "https://a.lerche.co.uk", "lerche.co.uk"),
        ("lerche.com:8080/x", "https://lerche.com:8080/x", "lerche.com"),
        ("hanako@tsubame.co.jp", None, None),
        ("co.jp", "https://co.jp", None),
        ("なし", None, None),
        ("localhost", None, None),
        ("http://192.168.0.1/", None, None),
        ("", None, None),
    ],
)
def test_a_web_address_has_one_way_of_writing_and_a_domain(
    raw: str, url: str | None, domain: str | None
) -> None:
    assert web.normalise(raw) == url
    assert web.domain(raw) == domain


def test_many_companies_share_some_domains() -> None:
    assert web.is_shared("jimdo.com")
    assert not web.is_shared("tsubame.co.jp")


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("営業部　第一課", "営業部 第一課"),
        ("ｻｰﾋﾞｽ部", "サービス部"),
        ("ＩＴ推進室", "IT推進室"),
        ("ご検討ください！", "ご検討ください！"),
        ("㈱ひばり", "㈱ひばり"),
        ("サ－ビス", "サ－ビス"),
        ("a\u00a0 b\u200b", "a b"),
        ("　", None),
    ],
)
def test_text_for_display_is_tidied(raw: str, wanted: str | None) -> None:
    assert tidy(raw) == wanted


def test_a_note_keeps_its_lines() -> None:
    assert lines("１行目　\r\n\n ﾆ行目\n") == "1行目\n\nニ行目"


@pytest.mark.parametrize(
    ("value", "blank"),
    [
        (None, True),
        ("", True),
        (" 　\n", True),
        ([], True),
        (0, False),
        (False, False),
        ("0", False),
    ],
)
def test_nothing_said_is_blank(value: object, blank: bool) -> None:
    assert is_blank(value) is blank


@given(
    st.text(alphabet="東京都大阪府市区町村郡〒1-05ー、, Tokyo福島", max_size=24)
    | st.text(max_size=20)
)
def test_normalising_a_place_twice_is_normalising_it_once(raw: str) -> None:
    for normalise in (postal_code, prefecture, web.normalise, web.domain, tidy, katakana):
        once = normalise(raw)
        assert once is None or normalise(once) == once, normalise
    assert squeeze(squeeze(raw)) == squeeze(raw)
