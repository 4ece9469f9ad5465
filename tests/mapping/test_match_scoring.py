"""Two records compared: which evidence is found, and laws that hold for any two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.match.compare import Score, compare
from mapping.match.crowd import Crowd
from mapping.match.profile import key, profile
from mapping.match.rules import DEFAULT, FIELDS, POINTS, WORDS, Extra, Rules
from mapping.model import Value

Values = dict[str, Value]

HANAKO: Values = {
    "family_name": "髙橋",
    "given_name": "花子",
    "family_kana": "タカハシ",
    "given_kana": "ハナコ",
    "company": "株式会社ひばり精機",
    "email": "hanako.takahashi@hibari-seiki.co.jp",
    "mobile": "+819045671289",
    "department": "営業部",
}


def score(one: Values, other: Values = HANAKO, rules: Rules = DEFAULT) -> Score:
    return compare(profile("a", one, rules), profile("b", other, rules), rules=rules)


def codes(one: Values, other: Values = HANAKO) -> set[str]:
    return {reason.code for reason in score(one, other).reasons}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        pytest.param(
            {"email": "hanako.takahashi@hibari-seiki.co.jp"}, {"mailbox", "account"}, id="mailbox"
        ),
        pytest.param(
            {"email": "Hanako.Takahashi+expo@hibari-seiki.co.jp".lower(), "full_name": "高橋花子"},
            {"mailbox", "name", "account"},
            id="tag, old kanji, whole name",
        ),
        pytest.param(
            {"full_name": "高橋 花子", "company": "ひばり精機㈱"},
            {"name", "account_by_name"},
            id="name and company's name",
        ),
        pytest.param(
            {"family_name": "花子", "given_name": "高橋", "company": "ひばり精機㈱"},
            {"name", "account_by_name"},
            id="family and given name swapped",
        ),
        pytest.param(
            {"full_name": "タカハシ ハナコ", "company": "(株)ひばり精機"},
            {"reading", "mailbox_fits", "account_by_name"},
            id="the reading alone",
        ),
        pytest.param(
            {"full_name": "TAKAHASHI Hanako", "company": "(株)ひばり精機"},
            {"reading", "mailbox_fits", "account_by_name"},
            id="romaji against kana",
        ),
        pytest.param(
            {"full_name": "高橋部長", "company": "(株)ひばり精機"},
            {"family", "account_by_name"},
            id="family name and title",
        ),
        pytest.param(
            {"full_name": "高橋 恵子", "email": "hanako.takahashi@hibari-seiki.co.jp"},
            {"mailbox", "given_names_differ", "account"},
            id="somebody else behind one mailbox",
        ),
        pytest.param(
            {"family_name": "佐藤", "given_name": "花子", "mobile": "+819045671289"},
            {"mobile", "family_new"},
            id="married",
        ),
        pytest.param(
            {"full_name": "高橋 花子", "email": "takahashi.h@hibari-seiki.co.jp"},
            {"name", "mailboxes_differ", "mailbox_fits", "account"},
            id="two mailboxes of one name at one company",
        ),
        pytest.param(
            {"full_name": "高橋 花子", "email": "hanako.takahashi@hibari-seki.co.jp"},
            {"name", "mailbox_fits", "mailbox_typo"},
            id="domain mistyped",
        ),
        pytest.param(
            {"full_name": "高橋 花子", "email": "info@hibari-seiki.co.jp", "department": "総務部"},
            {"name", "account", "other_department"},
            id="a desk is no mailbox of hers",
        ),
        pytest.param(
            {"full_name": "高橋 花子", "company": "ひばり精機販売㈱"},
            {"name", "sister_company"},
            id="a sister company",
        ),
        pytest.param({"full_name": "ご担当者様"}, set(), id="a form of address is no name"),
        pytest.param({}, set(), id="nothing"),
    ],
)
def test_what_is_found_between_two_records(values: Values, found: set[str]) -> None:
    assert codes(values) == found


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        pytest.param(
            {"full_name": "伊藤 健", "family_kana": "イトウ", "given_kana": "ケン"},
            {"full_name": "伊東 健", "family_kana": "イトウ", "given_kana": "ケン"},
            {"homophone"},
            id="one sound, other characters",
        ),
        pytest.param(
            {"full_name": "林 愛", "family_kana": "ハヤシ", "given_kana": "アイ"},
            {"full_name": "林 愛", "family_kana": "ハヤシ", "given_kana": "メグミ"},
            {"name", "readings_differ"},
            id="one name, two readings",
        ),
        pytest.param(
            {"full_name": "高田 誠", "family_kana": "タカダ", "given_kana": "マコト"},
            {"full_name": "高田 誠", "family_kana": "タカタ", "given_kana": "マコト"},
            {"name", "reading_too"},
            id="タカダ and タカタ are confused all the time",
        ),
        pytest.param(
            {"full_name": "Kathrin Smith"},
            {"full_name": "Katrhin Smith"},
            {"name_close"},
            id="letters that changed places",
        ),
        pytest.param(
            {"full_name": "石井 大樹", "email": "h-ishii@hibari.co.jp"},
            {"full_name": "石井 大樹", "family_kana": "イシイ", "given_kana": "ダイキ"},
            {"name", "mailbox_unfit"},
            id="the mailbox is of another given name",
        ),
        pytest.param(
            {"full_name": "石井 大樹", "email": "ishii-d@hibari.co.jp"},
            {"full_name": "石井 大樹", "family_kana": "イシイ", "given_kana": "ダイキ"},
            {"name", "mailbox_fits"},
            id="the mailbox fits the given name",
        ),
        pytest.param(
            {"email": "yuko.sato@hibari.co.jp", "full_name": "佐藤 裕子"},
            {"email": "yuko.sano@hibari.co.jp", "full_name": "佐野 裕子"},
            {"mailboxes_differ", "family_new", "account"},
            id="two people whose mailboxes differ in a letter",
        ),
        pytest.param(
            {"phone": "+81345671289", "company": "Hibari Precision"},
            {"phone": "+81345671289", "company": "ひばり精機"},
            {"line", "account"},
            id="one switchboard is one company",
        ),
        pytest.param(
            {"corporate_number": "7000012050002", "company": "ひばり"},
            {"corporate_number": "6120001567912", "company": "ひばり"},
            {"other_company"},
            id="corporate numbers decide",
        ),
    ],
)
def test_cases_that_are_told_apart(one: Values, other: Values, found: set[str]) -> None:
    assert codes(one, other) == found


@pytest.mark.parametrize(
    ("values", "is_clear"),
    [
        pytest.param({"email": HANAKO["email"]}, True, id="a mailbox of her name"),
        pytest.param({"full_name": "高橋 花子", "company": "ひばり精機"}, True, id="name, company"),
        pytest.param({"full_name": "高橋 花子"}, False, id="a name alone"),
        pytest.param({"company": "ひばり精機"}, False, id="a company alone"),
        pytest.param(
            {"email": HANAKO["email"], "full_name": "高橋 恵子"}, False, id="another given name"
        ),
    ],
)
def test_only_something_strong_without_contradiction_is_clear(
    values: Values, is_clear: bool
) -> None:
    assert score(values).is_clear is is_clear


def test_a_mailbox_without_a_name_ties_only_where_it_is_a_persons() -> None:
    desk: Values = {"email": "team-b@hibari.co.jp", "company": "ひばり精機"}
    named: Values = {**desk, "full_name": "高橋 花子"}

    assert "mailbox" in codes(desk, named)
    assert not score(desk, named).is_clear


def test_what_three_families_use_is_nobodys() -> None:
    values: Values = {"email": "sato@hibari.co.jp", "mobile": "+819045671289"}
    crowd = Crowd(shared={key("mailbox", "sato@hibari.co.jp"), key("mobile", "+819045671289")})

    found = compare(profile("a", values), profile("b", values), crowd)

    assert {reason.code for reason in found.reasons}.isdisjoint({"mailbox", "mobile"})


def test_a_name_counts_less_the_more_accounts_it_is_found_at() -> None:
    made = [profile(name, {"full_name": "佐藤 健一"}) for name in "ab"]
    worth = [
        compare(*made, Crowd(accounts={made[0].name_keys[0]: places})).points
        for places in (1, 2, 4, 8, 1000)
    ]

    assert worth == [9.0, 8.0, 8.0, 8.0, 8.0]


def test_a_field_of_ones_own_speaks_for_and_against() -> None:
    rules = Rules(extras=(Extra("custom.staff", "code", same=14, close=4, differ=-6, tie=True),))

    same = score({"custom.staff": "AB-1234"}, {"custom.staff": "ab1234"}, rules)
    typed = score({"custom.staff": "AB-1234"}, {"custom.staff": "ab1243"}, rules)
    other = score({"custom.staff": "AB-1234"}, {"custom.staff": "XY9876"}, rules)

    assert (same.points, typed.points, other.points) == (14, 4, -6)
    assert same.is_clear
    assert not typed.is_clear


NAMES = st.sampled_from(
    [
        "髙橋 花子",
        "高橋 花子",
        "タカハシ ハナコ",
        "Hanako Takahashi",
        "高橋",
        "佐藤 健",
        "田中一郎",
        "",
    ]
)
COMPANIES = st.sampled_from(
    ["株式会社ひばり精機", "ひばり精機販売", "Hibari Precision Co., Ltd.", "㈱千鳥", ""]
)
MAILS = st.sampled_from(
    ["h.takahashi@hibari.co.jp", "takahashi@hibari.co.jp", "info@hibari.co.jp", "h@gmail.com", ""]
)
RECORDS = st.fixed_dictionaries(
    {
        "full_name": NAMES,
        "company": COMPANIES,
        "email": MAILS,
        "phone": st.sampled_from(["+81345671289", "+81345671290;ext=12", "+819045671289", ""]),
        "mobile": st.sampled_from(["+819045671289", "+818045671289", ""]),
        "family_kana": st.sampled_from(["タカハシ", "タカバシ", ""]),
        "given_kana": st.sampled_from(["ハナコ", "ケイコ", ""]),
        "department": st.sampled_from(["営業部", "第一営業部", "総務部", ""]),
        "prefecture": st.sampled_from(["東京都", "大阪府", ""]),
    }
)


@given(RECORDS, RECORDS)
def test_reasons_add_up_to_the_score_and_are_in_words(one: Values, other: Values) -> None:
    found = score(one, other)

    assert found.points == sum(reason.points for reason in found.reasons)
    assert all(reason.code in WORDS for reason in found.reasons)
    assert all(reason.detail for reason in found.reasons)


@given(RECORDS, RECORDS)
def test_comparing_the_other_way_round_says_the_same(one: Values, other: Values) -> None:
    assert sorted(score(one, other).reasons) == sorted(score(other, one).reasons)


@given(RECORDS)
def test_a_record_never_contradicts_itself(values: Values) -> None:
    assert not score(values, values).forbids(DEFAULT)


def test_every_piece_of_evidence_has_words_and_a_known_field() -> None:
    assert set(POINTS) - {"name_common", "reading_common"} == set(WORDS)
    assert set(FIELDS) <= set(WORDS)
