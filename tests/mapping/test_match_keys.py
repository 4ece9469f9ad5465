"""Match keys: what is evidence of a person, what only of a company, and what of nobody."""

import pytest

from mapping.keys import Key, account_keys, lead_keys
from mapping.model import Value

NAMED: dict[str, Value] = {
    "family_name": "髙橋",
    "given_name": "花子",
    "family_kana": "タカハシ",
    "given_kana": "ハナコ",
    "company": "株式会社ひばり精機",
}


@pytest.mark.parametrize(
    ("values", "keys"),
    [
        ({"email": "hanako+x@hibari.co.jp"}, ["email:hanako@hibari.co.jp"]),
        ({"email": "info@hibari.co.jp"}, []),
        ({"email": "info@gmail.com"}, []),
        ({"email": "hanako@mailinator.com"}, []),
        ({"email": "ha.nako@gmail.com"}, ["email:hanako@gmail.com"]),
        (
            {"email": "info@hibari.co.jp", "emails": ["info@hibari.co.jp", "h@hibari.co.jp"]},
            ["email:h@hibari.co.jp"],
        ),
        ({"mobile": "+819045671289"}, ["mobile:+819045671289"]),
        ({"phone": "+819045671289"}, ["mobile:+819045671289"]),
        ({"phone": "+819045671289;ext=2", "mobile": "+819045671289"}, ["mobile:+819045671289"]),
        ({"phone": "+81345671289"}, []),
        ({"phone": "+81120456789"}, []),
        ({"mobile": "+81345671289"}, []),
        ({"mobile": "+447700900123"}, ["mobile:+447700900123"]),
        ({"phone": "+447700900123"}, []),
        (
            {"phones": ["+81345671289", "+819045671289"]},
            ["mobile:+819045671289"],
        ),
        (
            NAMED,
            ["name_company:高橋花子|ひばり精機", "kana_company:タカハシハナコ|ひばり精機"],
        ),
        (
            {"full_name": "高橋 花子", "company": "ひばり精機㈱"},
            ["name_company:高橋花子|ひばり精機"],
        ),
        ({"full_name": "高橋", "company": "ひばり精機"}, []),
        ({"family_name": "高橋", "company": "ひばり精機"}, []),
        ({"full_name": "高橋 花子"}, []),
        ({"full_name": "高橋 花子", "company": "株式会社"}, []),
        ({}, []),
        ({"email": None, "emails": [], "phone": "", "company": None}, []),
    ],
)
def test_only_what_one_person_has_is_a_key_of_a_person(
    values: dict[str, Value], keys: list[str]
) -> None:
    assert [key.text() for key in lead_keys(values)] == keys


@pytest.mark.parametrize(
    ("values", "keys"),
    [
        ({"corporate_number": "7000012050002"}, ["corporate_number:7000012050002"]),
        ({"corporate_number": "7000012050003"}, []),
        ({"website": "https://www.hibari.co.jp/about"}, ["domain:hibari.co.jp"]),
        ({"website": "https://hibari.jimdo.com"}, []),
        ({"email": "info@mail.hibari.co.jp"}, ["domain:hibari.co.jp"]),
        ({"email": "hanako@docomo.ne.jp"}, []),
        ({"website": "hibari.co.jp", "email": "h@hibari.co.jp"}, ["domain:hibari.co.jp"]),
        (
            {"company": "ひばり精機㈱", "prefecture": "愛知県"},
            ["company:ひばり精機|愛知県", "company_alone:ひばり精機"],
        ),
        (
            {"name": "ひばり精機㈱", "address": "名古屋市中村区名駅1"},
            ["company:ひばり精機|愛知県", "company_alone:ひばり精機"],
        ),
        ({"company": "ひばり精機"}, ["company_alone:ひばり精機"]),
        ({"phone": "+81345671289"}, []),
    ],
)
def test_a_company_is_known_by_number_domain_and_name_with_place(
    values: dict[str, Value], keys: list[str]
) -> None:
    assert [key.text() for key in account_keys(values)] == keys


def test_a_company_name_without_its_place_is_weak() -> None:
    assert [key.is_weak for key in account_keys({"company": "ひばり", "prefecture": "愛知"})] == [
        False,
        True,
    ]
    assert not Key("email", "h@hibari.co.jp").is_weak
