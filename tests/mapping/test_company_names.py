"""Company names and corporate numbers: legal forms in all the ways they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise.company import clean, company_key
from mapping.normalise.corporate_number import check_digit, normalise

SAME = [
    "株式会社ひばり精機",
    "ひばり精機株式会社",
    "株式会社 ひばり精機",
    "株式会社　ひばり精機",
    "株 式 会 社 ひばり精機",
    "㈱ひばり精機",
    "ひばり精機㈱",
    "㍿ひばり精機",
    "(株)ひばり精機",
    "（株）ひばり精機",
    "ひばり精機（株）",
    "[株]ひばり精機",
    "株)ひばり精機",
    "ひばり精機(株",
    "カ)ひばり精機",
    "ｶ)ひばり精機",
    "ひばり精機(カ",
    "(ｶ)ひばり精機",
    "カブシキガイシャひばり精機",
    "株式會社ひばり精機",
    "ひばり精機",
    "ひばり・精機",
    "ひばり精機 Co., Ltd.",
    "ひばり精機株式会社 御中",
    "ひばり精機株式会社 名古屋支店",
    "ひばり精機㈱名古屋営業所",
    "ひばり精機株式会社(本社)",
    "有限会社ひばり精機",
]


@pytest.mark.parametrize("raw", SAME)
def test_a_legal_form_is_stripped_however_it_is_written(raw: str) -> None:
    assert company_key(raw) == "ひばり精機"


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("Hibari Seiki Co., Ltd.", "hibariseiki"),
        ("HIBARI SEIKI CO.,LTD.", "hibariseiki"),
        ("Hibari Seiki CO LTD", "hibariseiki"),
        ("Hibari Seiki K.K.", "hibariseiki"),
        ("K.K. Hibari Seiki", "hibariseiki"),
        ("KK Hibari Seiki", "hibariseiki"),
        ("Hibari Seiki Kabushiki Kaisha", "hibariseiki"),
        ("Hibari Seiki G.K.", "hibariseiki"),
        ("Hibari Seiki, Inc.", "hibariseiki"),
        ("Hibari Seiki Corporation", "hibariseiki"),
        ("Hibari Seiki LLC", "hibariseiki"),
        ("Ｈｉｂａｒｉ　Ｓｅｉｋｉ", "hibariseiki"),
        ("Lerche Maschinen GmbH", "lerchemaschinen"),
        ("Lerche AG", "lerche"),
        ("Inca Foods", "incafoods"),
        ("Costco", "costco"),
        ("Limited", "limited"),
        ("日本株式会社研究所", "日本株式会社研究所"),
        ("株式会社ひばり精機販売", "ひばり精機販売"),
        ("澤村電機㈱", "沢村電機"),
        ("沢村電機株式会社", "沢村電機"),
        ("キャノピー工業㈱", "キヤノピー工業"),
        ("サ－ビスネット㈱", "サービスネツト"),
        ("株式会社セブン‐ハーツ", "セブンハーツ"),
        ("一般社団法人ひばり会", "ひばり会"),
        ("特定非営利活動法人ひばり会", "ひばり会"),
        ("医療法人社団ひばり会", "ひばり会"),
        ("学校法人ひばり学園", "ひばり学園"),
        ("合同会社hibari.io", "hibariio"),
        ("Ａ＆Ｂ株式会社", "a&b"),
        ("株式会社", None),
        ("(株)", None),
        ("---", None),
        ("", None),
    ],
)
def test_a_key_keeps_what_distinguishes_a_company(raw: str, key: str | None) -> None:
    assert company_key(raw) == key


def test_sister_companies_have_keys_of_their_own() -> None:
    assert company_key("北嶺電機株式会社") != company_key("北嶺電機販売株式会社")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("㈱ひばり精機", "㈱ひばり精機"),
        ("株式会社　ひばり精機 御中", "株式会社 ひばり精機"),
        ("ﾋﾊﾞﾘ精機（株）", "ヒバリ精機(株)"),
        ("Ｈｉｂａｒｉ", "Hibari"),
        ("髙嶋商店", "髙嶋商店"),
        ("  ", None),
    ],
)
def test_a_name_for_display_keeps_its_letters(raw: str, shown: str | None) -> None:
    assert clean(raw) == shown


FORMS = st.sampled_from(
    [
        "株式会社",
        "㈱",
        "(株)",
        " Co., Ltd.",
        " 御中",
        "カ)",
        "(カ",
        "有限会社",
        "本店",
        " 支店",
        " ",
    ]
)


@given(
    st.lists(
        FORMS | st.text(alphabet="ひばりヒ-ァ精機ab&.,・()会社 株", max_size=6), max_size=5
    ).map("".join)
    | st.text(max_size=20)
)
def test_the_key_of_a_key_is_itself(raw: str) -> None:
    key = company_key(raw)

    assert key is None or company_key(key) == key


VALID = [
    f"{check_digit(twelve)}{twelve}" for twelve in ("010401089998", "000012050002", "123456789012")
]


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("7000012050002", "7000012050002"),
        ("T7000012050002", "7000012050002"),
        ("t7000012050002", "7000012050002"),
        ("Ｔ７００００１２０５０００２", "7000012050002"),
        ("７０００－０１２０－５０００２", "7000012050002"),
        ("7-0000-1205-0002", "7000012050002"),
        ("7 0000 1205 0002", "7000012050002"),
        (" 7000012050002\n", "7000012050002"),
        ("法人番号：7000012050002", "7000012050002"),
        ("登録番号 T7000012050002", "7000012050002"),
        ("7000012050002.0", "7000012050002"),
        (VALID[0], VALID[0]),
        (VALID[2], VALID[2]),
        ("8000012050002", None),
        ("7000012050003", None),
        ("7000012050020", None),
        ("0000012050002", None),
        ("000012050002", None),
        ("70000120500020", None),
        ("7000012O50002", None),
        ("TT7000012050002", None),
        ("７０００一二〇五〇〇〇二", None),
        ("なし", None),
        ("", None),
    ],
)
def test_a_corporate_number_is_read_when_its_check_digit_holds(
    raw: str, wanted: str | None
) -> None:
    assert normalise(raw) == wanted


@given(st.from_regex(r"[0-9]{12}", fullmatch=True), st.integers(0, 11), st.integers(1, 8))
def test_one_wrong_digit_is_seen_save_a_nine_for_a_zero(twelve: str, place: int, more: int) -> None:
    number = f"{check_digit(twelve)}{twelve}"
    digit = (int(twelve[place]) + more) % 10
    wrong = number[: place + 1] + str(digit) + number[place + 2 :]

    if {int(twelve[place]), digit} != {0, 9}:
        assert normalise(wrong) is None
    assert normalise(number) == number
