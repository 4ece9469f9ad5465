"""Who of the invited came: a participant is taken for a guest, or for nobody."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.google_meet import Options
from connectors.google_meet.attendance import matched, words_of

US = {"sato": {"email": "sato@mihon.example", "id": "10800"}}
KEY = '{"client_email": "a@b.example", "private_key": "x"}'


def options(**more: Any) -> Options:
    auth = {"scheme": "service_account", "key": KEY}
    return Options.model_validate({"auth": auth, "users": US, **more})


def guest(email: str, name: str | None = None) -> dict[str, Any]:
    return {"email": email} | ({"displayName": name} if name else {})


def anonymous(name: str) -> dict[str, Any]:
    return {"anonymousUser": {"displayName": name}}


def signed_in(name: str, user: str = "users/99") -> dict[str, Any]:
    return {"signedinUser": {"user": user, "displayName": name}}


PHONE = {"phoneUser": {"displayName": "+81 3-••••-••78"}}
SATO = signed_in("佐藤 恵", "users/10800")
YAMADA = guest("taro@aozora.example", "山田太郎")
ITO = guest("ito@aozora.example", "伊藤 恵")
NAMELESS = guest("x@aozora.example")


def who(
    came: list[dict[str, Any]], guests: list[dict[str, Any]], **more: Any
) -> list[tuple[str, str] | None]:
    """For each participant the guest's address and the reason, or None."""
    people = [
        {**one, "name": f"conferenceRecords/c/participants/{n}"} for n, one in enumerate(came)
    ]
    event = {"organizer": {"email": "sato@mihon.example"}, "attendees": guests}
    found = matched(people, event, options(**more))
    held = [found.get(str(one["name"])) for one in people]
    return [None if one is None else (one[0]["email"], one[1]) for one in held]


TARO = ("taro@aozora.example", "name")
ONLY = ("taro@aozora.example", "only_one")


@pytest.mark.parametrize(
    ("came", "guests", "found"),
    [
        pytest.param([SATO, anonymous("山田太郎")], [YAMADA, ITO], [None, TARO], id="same name"),
        pytest.param([anonymous("山田 太郎")], [YAMADA, ITO], [TARO], id="with a space"),
        pytest.param([anonymous("太郎 山田")], [YAMADA, ITO], [TARO], id="the other way round"),
        pytest.param([anonymous("山田　太郎様")], [YAMADA, ITO], [TARO], id="with an honorific"),
        pytest.param([anonymous("ﾔﾏﾀﾞ")], [guest("t@a.example", "ヤマダ"), ITO],
                     [("t@a.example", "name")], id="half width"),
        pytest.param([anonymous("齋藤 隆")], [guest("s@a.example", "斉藤隆"), ITO],
                     [("s@a.example", "name")], id="old characters"),
        pytest.param([signed_in("TARO YAMADA")], [guest("taro.yamada@a.example"), NAMELESS],
                     [("taro.yamada@a.example", "name")], id="the words of the address"),
        pytest.param([anonymous("Taro")], [guest("taro@a.example"), NAMELESS], [None],
                     id="one word of an address is not enough"),
        pytest.param([anonymous("山田")], [YAMADA, ITO], [None], id="a family name is not enough"),
        pytest.param([anonymous("伊藤恵"), anonymous("山田太郎")], [YAMADA, ITO],
                     [("ito@aozora.example", "name"), TARO], id="two by name"),
        pytest.param([anonymous("山田太郎"), anonymous("山田太郎")], [YAMADA, ITO], [TARO, TARO],
                     id="who came twice is one"),
        pytest.param([anonymous("山田太郎"), anonymous("山田 太郎")], [YAMADA, ITO], [None, None],
                     id="two of one name in two spellings are nobody"),
        pytest.param([anonymous("山田太郎")], [YAMADA, guest("b@b.example", "山田太郎")], [None],
                     id="two guests of one name are nobody"),
        pytest.param([SATO, anonymous("iPad")], [YAMADA], [None, ONLY], id="the only one left"),
        pytest.param([signed_in("佐藤 恵", "users/1"), anonymous("iPad")], [YAMADA], [None, ONLY],
                     id="who is signed in is ours sooner"),
        pytest.param([PHONE, SATO], [YAMADA], [ONLY, None], id="on the phone"),
        pytest.param([anonymous("iPad"), PHONE], [YAMADA], [None, None], id="one of two strangers"),
        pytest.param([anonymous("iPad")], [YAMADA, NAMELESS], [None], id="one of two guests"),
        pytest.param([anonymous("伊藤恵"), anonymous("iPad")], [YAMADA, ITO],
                     [("ito@aozora.example", "name"), ONLY], id="the other one left"),
        pytest.param([SATO], [YAMADA], [None], id="nobody but us came"),
        pytest.param([signed_in("佐藤恵", "users/1")],
                     [YAMADA, guest("sato@mihon.example", "佐藤 恵")], [None],
                     id="a colleague by name"),
        pytest.param([anonymous("山田太郎")], [guest("taro@mihon.example", "山田太郎")], [None],
                     id="a colleague is no guest"),
        pytest.param([anonymous("")], [YAMADA, ITO], [None], id="no name"),
        pytest.param([{}], [YAMADA, ITO], [None], id="a new kind of participant"),
    ],
)  # fmt: skip
def test_a_participant_is_taken_for_a_guest_or_for_nobody(
    came: list[dict[str, Any]],
    guests: list[dict[str, Any]],
    found: list[tuple[str, str] | None],
) -> None:
    assert who(came, guests) == found


def test_guessing_can_be_switched_off() -> None:
    assert who([anonymous("iPad")], [YAMADA], guess=False) == [None]
    assert who([anonymous("山田太郎")], [YAMADA], guess=False) == [TARO]


def test_people_of_another_domain_of_ours_are_no_guests() -> None:
    assert who([anonymous("山田太郎")], [YAMADA], internal_domains=["Aozora.example"]) == [None]


names = st.lists(st.text("山田太郎abc ", max_size=6), max_size=4)


@given(came=names, guests=names)
def test_no_two_names_are_taken_for_one_guest(came: list[str], guests: list[str]) -> None:
    invited = [guest(f"g{n}@aozora.example", name) for n, name in enumerate(guests)]
    found = who([anonymous(name) for name in came], invited)
    taken: dict[str, set[frozenset[str]]] = {}
    for name, one in zip(came, found, strict=True):
        if one is not None:
            taken.setdefault(one[0], set()).add(words_of(name))
    assert all(len(spellings) == 1 for spellings in taken.values())
