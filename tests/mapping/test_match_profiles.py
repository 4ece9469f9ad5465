"""What a record is folded to before it is compared, and the keys by which it is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.match.profile import Profile, key, mailbox_key, profile
from mapping.match.rules import Rules
from mapping.model import Value

Values = dict[str, Value]


def made(values: Values) -> Profile:
    return profile("r", values)


@pytest.mark.parametrize(
    ("values", "contacts"),
    [
        ({"email": "hanako+x@hibari.co.jp"}, [("mailbox", "hanako@hibari.co.jp")]),
        ({"email": "ha.nako@gmail.com"}, [("mailbox", "hanako@gmail.com")]),
        ({"email": "info@hibari.co.jp"}, []),
        ({"email": "info@gmail.com"}, []),
        ({"email": "hanako@mailinator.com"}, []),
        (
            {"email": "info@hibari.co.jp", "emails": ["info@hibari.co.jp", "h@hibari.co.jp"]},
            [("mailbox", "h@hibari.co.jp")],
        ),
        ({"mobile": "+819045671289"}, [("mobile", "+819045671289")]),
        ({"phone": "+819045671289;ext=2"}, [("mobile", "+819045671289")]),
        ({"phone": "+81345671289;ext=2"}, [("line", "+81345671289")]),
        ({"mobile": "+81345671289"}, [("line", "+81345671289")]),
        ({"mobile": "+447700900123"}, [("mobile", "+447700900123")]),
        ({"phone": "+81120456789"}, []),
        ({"email": None, "emails": [], "phone": "", "company": None}, []),
    ],
)
def test_only_what_may_be_one_persons_is_a_contact(
    values: Values, contacts: list[tuple[str, str]]
) -> None:
    assert made(values).contacts == tuple(key(*one) for one in contacts)


@pytest.mark.parametrize(
    ("values", "family", "given"),
    [
        ({"full_name": "髙橋 花子"}, "高橋", "花子"),
        ({"family_name": "花子", "given_name": "高橋"}, "高橋", "花子"),
        ({"family_name": "高橋 花子"}, "高橋", "花子"),
        ({"family_name": "高橋", "given_name": "花子部長"}, "高橋", "花子"),
        ({"full_name": "Hanako TAKAHASHI"}, "takahashi", "hanako"),
        ({"full_name": "高橋"}, "高橋", ""),
        ({"full_name": "総務ご担当者様"}, "", ""),
        ({"family_name": "竹橋裕之"}, "", ""),
    ],
)
def test_names_are_put_in_their_places(values: Values, family: str, given: str) -> None:
    assert (made(values).family, made(values).given) == (family, given)


def test_a_whole_name_that_nobody_can_part_is_still_a_name() -> None:
    assert made({"family_name": "竹橋裕之"}).name == made({"full_name": "竹橋裕之"}).name != ""


@pytest.mark.parametrize(
    ("family", "given", "latin"),
    [("サトウ", "ケンイチ", "Ken-ichi SATOH"), ("ハットリ", "ショウコ", "HATTORI Shoko")],
)
def test_kana_and_romaji_of_one_name_share_a_key(family: str, given: str, latin: str) -> None:
    kana = made({"family_kana": family, "given_kana": given})
    spelled = made({"full_name": latin})

    assert set(kana.name_keys) & set(spelled.name_keys)


@pytest.mark.parametrize(
    ("email", "hints"),
    [
        ("h.sato@hibari.co.jp", {"h"}),
        ("sato-haruo@hibari.co.jp", {"haruo"}),
        ("satoha@hibari.co.jp", {"ha"}),
        ("sato@hibari.co.jp", set()),
        ("s21027@hibari.co.jp", set()),
    ],
)
def test_a_mailbox_tells_of_the_given_name(email: str, hints: set[str]) -> None:
    assert made({"full_name": "佐藤 春男", "email": email}).hints == hints


def test_a_lead_is_found_by_its_e_mail_address() -> None:
    assert mailbox_key("hanako@hibari.co.jp") in made({"email": "hanako@hibari.co.jp"}).keys


def test_keys_of_ones_own_need_all_their_fields() -> None:
    rules = Rules(keys=(("custom.born", "family_name:2"),))
    whole: Values = {"custom.born": "1980-01-02", "family_name": "佐々木"}

    one = set(profile("r", whole, rules).keys) - set(profile("r", whole).keys)
    same_start = profile("r", {**whole, "family_name": "佐々"}, rules).keys

    assert len(one) == 1
    assert one <= set(same_start)
    assert not one & set(profile("r", {"custom.born": "1980-01-02"}, rules).keys)


@given(st.text(max_size=40), st.text(max_size=40))
def test_keys_are_64_bits_and_of_their_kind(kind: str, value: str) -> None:
    assert -(2**63) <= key(kind, value) < 2**63
    assert key("mailbox", value) != key("mobile", value)


@given(
    st.fixed_dictionaries(
        {
            name: st.text(max_size=30)
            for name in ("full_name", "family_name", "given_name", "company", "email", "phone")
        }
    )
)
def test_any_text_gives_a_profile(values: Values) -> None:
    assert len(made(values).keys) < 60
