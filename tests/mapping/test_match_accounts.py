"""Which company a record names: numbers, domains, names, sisters, renames, namesakes."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.match.accounts import Directory, account_keys, firm_of
from mapping.model import Value

Values = dict[str, Value]

DENKI: Values = {"company": "北斗電機株式会社", "website": "https://www.hokuto-denki.co.jp/"}


def told(*companies: Values) -> list[str | None]:
    """The accounts that companies are, one after another."""
    directory = Directory()
    ids = (f"ac{number}" for number in itertools.count(1))
    return [directory.take(firm_of(values), lambda: next(ids))[0] for values in companies]


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        pytest.param({"company": "㈱北斗電機"}, True, id="its name alone, there is one"),
        pytest.param({"email": "info@mail.hokuto-denki.co.jp"}, True, id="its domain"),
        pytest.param(
            {"company": "Hokuto Electric Co., Ltd.", "email": "a@hokuto-denki.co.jp"},
            True,
            id="its name in English",
        ),
        pytest.param(
            {"company": "北斗ソリューションズ", "email": "a@hokuto-denki.co.jp"},
            False,
            id="a look-alike behind the group's domain",
        ),
        pytest.param(
            {"company": "北斗電機販売株式会社", "email": "a@hokuto-denki.co.jp"},
            False,
            id="a sister behind the same domain",
        ),
        pytest.param({"company": "北斗電機販売株式会社"}, False, id="a sister"),
        pytest.param({"company": "千鳥商事"}, False, id="somebody else"),
        pytest.param(
            {"company": "千鳥商事", "email": "a@hokuto-denki.co.jp"},
            True,
            id="another name behind its domain: it was renamed",
        ),
    ],
)
def test_a_company_is_known_again(other: Values, is_same: bool) -> None:
    first, second = told(DENKI, other)

    assert (first == second) is is_same


def test_what_was_learned_counts_for_those_who_say_less() -> None:
    accounts = told(
        DENKI,
        {"company": "Hokuto Electric", "email": "a@hokuto-denki.co.jp"},
        {"company": "Hokuto Electric Co., Ltd."},
    )

    assert len(set(accounts)) == 1


def test_corporate_numbers_decide() -> None:
    accounts = told(
        {**DENKI, "corporate_number": "7000012050002"},
        {**DENKI, "corporate_number": "6120001567912"},
        {"company": "改名後", "corporate_number": "7000012050002"},
    )

    assert accounts[0] == accounts[2] != accounts[1]


def test_namesakes_in_two_prefectures_are_two_and_their_name_alone_is_neither() -> None:
    accounts = told(
        {"company": "千鳥商事", "prefecture": "東京都", "website": "chidori.co.jp"},
        {"company": "千鳥商事", "prefecture": "大阪府", "website": "chidori-shoji.jp"},
        {"company": "㈱千鳥商事", "prefecture": "大阪府"},
        {"company": "千鳥商事"},
    )

    assert accounts[0] != accounts[1]
    assert accounts[2] == accounts[1]
    assert accounts[3] is None


def test_free_mail_and_shared_hosts_name_no_company() -> None:
    assert told({"email": "a@gmail.com"}, {"website": "https://a.jimdo.com"}) == [None, None]


def test_a_domain_of_a_group_tells_no_company_without_a_name() -> None:
    accounts = told(
        DENKI,
        {"company": "北斗電機販売", "email": "a@hokuto-denki.co.jp"},
        {"email": "b@hokuto-denki.co.jp"},
    )

    assert accounts[2] is None


@given(st.permutations([DENKI, {"company": "㈱北斗電機"}, {"email": "a@hokuto-denki.co.jp"}]))
def test_saying_it_twice_teaches_nothing(companies: list[Values]) -> None:
    directory = Directory()
    for values in companies:
        directory.take(firm_of(values), lambda: str(len(directory.accounts)))
    for values in companies:
        assert directory.take(firm_of(values), lambda: "new")[1] == []


def test_keys_name_what_they_are() -> None:
    keys = account_keys(firm_of({**DENKI, "address": "東京都港区芝1-2-3"}))

    assert keys == ("domain:hokuto-denki.co.jp", "name:北斗電機", "place:東京都")
