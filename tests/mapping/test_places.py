"""Addresses, postal codes and web addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise import places, web
from mapping.normalise.address import (
    PREFECTURES,
    Address,
    address_key,
    postal_code,
    prefecture,
    prefecture_of_postal_code,
    split,
)
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
        ("京都郡みやこ町", "福岡県"),
        ("横浜市西区", "神奈川県"),
        ("名古屋市中村区", "愛知県"),
        ("札幌市厚別区", "北海道"),
        ("北海道", "北海道"),
        ("神戸市灘区", "兵庫県"),
        ("四日市市諏訪町", "三重県"),
        ("福島", "福島県"),
        ("福島市", "福島県"),
        ("山口県", "山口県"),
        ("府中市", None),
        ("府中市宮町", "東京都"),
        ("府中市府川町", "広島県"),
        ("府中市府中町", None),
        ("安芸郡府中町大須", "広島県"),
        ("〒726-0005 府中市府中町", "広島県"),
        ("伊達市", None),
        ("伊達市梁川町", "福島県"),
        ("伊達市大字有珠町", "北海道"),
        ("森町", None),
        ("周智郡森町", "静岡県"),
        ("茅部郡森町", "北海道"),
        ("池田町会染", "長野県"),
        ("愛知郡", None),
        ("愛知郡東郷町", "愛知県"),
        ("愛知郡愛荘町", "滋賀県"),
        ("北区", None),
        ("北区赤羽", "東京都"),
        ("北区梅田", "大阪府"),
        ("港区芝1-2-3", "東京都"),
        ("港区築港", "大阪府"),
        ("中央区銀座", "東京都"),
        ("中央区日本橋", None),
        ("中央区北1条西2丁目", "北海道"),
        ("中央区北一条西二丁目", "北海道"),
        ("中央区1-2 〒060-0001", "北海道"),
        ("福島区", "大阪府"),
        ("石川町", "福島県"),
        ("石川町1-2", None),
        ("葉山町堀内", "神奈川県"),
        ("八丈町", "東京都"),
        ("龍ケ崎市", "茨城県"),
        ("竜ヶ崎市", "茨城県"),
        ("龍が崎市", "茨城県"),
        ("茅ケ崎市", "神奈川県"),
        ("鎌ヶ谷市", "千葉県"),
        ("塩釜市", "宮城県"),
        ("塩竈市", "宮城県"),
        ("四條畷市", "大阪府"),
        ("桧原村", "東京都"),
        ("葛\U000e0100城市", "奈良県"),
        ("浦和市", "埼玉県"),
        ("横浜", "神奈川県"),
        ("横浜西区みなとみらい2", "神奈川県"),
        ("横浜 みなとみらい", "神奈川県"),
        ("世田谷", "東京都"),
        ("千代田 1-2", "東京都"),
        ("堺", "大阪府"),
        ("中野", None),
        ("神奈川横浜市西区", "神奈川県"),
        ("愛知名古屋市中区栄", "愛知県"),
        ("大阪北区梅田", "大阪府"),
        ("〒５３０－０００１大阪市北区梅田", "大阪府"),
        ("530-0001", "大阪府"),
        ("日本東京都港区", "東京都"),
        ("日本 〒530-0001 大阪市北区", "大阪府"),
        ("JAPAN, 〒100-0001 東京都千代田区", "東京都"),
        ("住所：福岡市博多区", "福岡県"),
        ("【本社】横浜市西区", "神奈川県"),
        ("(大阪府)大阪市", "大阪府"),
        ("横浜市 西区", "神奈川県"),
        ("大阪支店", "大阪府"),
        ("とうきょうと", "東京都"),
        ("ﾎｯｶｲﾄﾞｳ", "北海道"),
        ("上海市浦東新区", None),
        ("担当", None),
        ("Kyoto", "京都府"),
        ("Tokyo, Japan 100-0001", "東京都"),
        ("100-0001 Japan", "東京都"),
        ("Ōsaka", "大阪府"),
        ("Gumma", "群馬県"),
        ("Osaka-shi", "大阪府"),
        ("Fukushima-ku", "大阪府"),
        ("Fukushima-ku, Osaka-shi", "大阪府"),
        ("Yokohama", "神奈川県"),
        ("Kita-Kyushu", "福岡県"),
        ("Sendai City, Japan", "宮城県"),
        ("3-1 Minatomirai, Nishi-ku, Yokohama", "神奈川県"),
        ("Ohta-ku", "東京都"),
        ("Hakone-machi, Ashigarashimo-gun", "神奈川県"),
        ("Fuchu, Hiroshima", "広島県"),
        ("Minato-ku", None),
        ("1600 Amphitheatre Parkway, Mountain View, CA 94043", None),
        ("Tokyo", "東京都"),
        ("Osaka-fu", "大阪府"),
        ("2-1 Shiba, Minato-ku, Tokyo 105-0014", "東京都"),
        ("New York", None),
        ("", None),
    ],
)
def test_a_prefecture_is_told_by_what_is_unambiguous_only(raw: str, wanted: str | None) -> None:
    assert prefecture(raw) == wanted


def test_there_are_forty_seven_prefectures_and_each_is_its_own() -> None:
    assert len(PREFECTURES) == 47
    assert [prefecture(name) for name in PREFECTURES] == list(PREFECTURES)


def test_every_municipality_is_found_under_its_prefecture() -> None:
    for region, names, _ in places.municipalities():
        whole = [name.rstrip("!") for name in names]
        for name in whole[1:] or whole:
            over = whole[0] if len(whole) > 1 else ""
            assert split(f"{region}{over}{name}本町1") == Address(
                None, region, f"{over}{name}", "本町1"
            )


def test_a_municipality_with_what_it_is_part_of_needs_no_prefecture() -> None:
    for region, names, _ in places.municipalities():
        whole = [name.rstrip("!") for name in names]
        for name in whole[1:]:
            assert prefecture(whole[0] + name) == region


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("100-0001", "東京都"),
        ("〒5300001", "大阪府"),
        ("０６０－０００１", "北海道"),
        ("900-0015", "沖縄県"),
        ("498-0001", "愛知県"),
        ("498-0807", "三重県"),
        ("618-0015", "大阪府"),
        ("618-0071", "京都府"),
        ("618-0000", None),
        ("999-9999", "山形県"),
        ("12345", None),
        ("", None),
    ],
)
def test_a_postal_code_tells_its_prefecture(code: str, wanted: str | None) -> None:
    assert prefecture_of_postal_code(code) == wanted


@pytest.mark.parametrize(
    ("key", "ways"),
    [
        (
            "東京都|港区|芝1-2-3",
            "東京都港区芝1-2-3|東京都港区芝一丁目2-3|港区芝1丁目2番3号 ひばりビル4階"
            "|〒105-0014 東京都港区芝１－２－３ 4F|東京 港区 芝 1 丁目 2 番 3 号"
            "|東京都港区芝1ー2ー3-405|東京都港区芝01-02-03|東京都港区芝1丁目2番地の3",
        ),
        (
            "東京都|千代田区|丸内1-2-3",
            "千代田区丸の内1-2-3|東京都千代田区丸ノ内一丁目2番地3"
            "|東京都千代田区丸之内一丁目二番三号",
        ),
        (
            "北海道|中央区|北1条西2-3",
            "札幌市中央区北1条西2丁目3番地|北海道札幌市中央区北一条西二丁目3"
            "|〒060-0001 中央区北1条西2-3",
        ),
        ("東京都|千代田区|三番町6-1", "東京都千代田区三番町6-1|千代田区三番町六番地一"),
        ("神奈川県|葉山町|堀内12-3", "神奈川県三浦郡葉山町大字堀内12番地の3|葉山町堀内12-3"),
        ("大阪府|北区|梅田1-1-1", "大阪市北区梅田1ー1ー1|大阪府大阪市北区梅田1丁目1番1-100号"),
    ],
)
def test_ways_of_writing_one_address_share_a_key(key: str, ways: str) -> None:
    assert {address_key(way) for way in ways.split("|")} == {key}


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("東京都港区芝1-2-3", "東京都港区芝浦1-2-3"),
        ("東京都港区芝1-2-3", "東京都港区芝1-2-4"),
        ("札幌市中央区北1条西2", "札幌市中央区北1条東2"),
        ("大阪市北区大淀1-1", "札幌市北区大淀1-1"),
    ],
)
def test_addresses_that_differ_have_other_keys(a: str, b: str) -> None:
    assert address_key(a) != address_key(b)


@pytest.mark.parametrize("raw", ["", "東京都港区", "Tokyo", "芝1-2-3", "なし", "1 Market St"])
def test_an_address_without_place_or_number_has_no_key(raw: str) -> None:
    assert address_key(raw) is None


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
