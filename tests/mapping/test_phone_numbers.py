"""Telephone numbers as Japanese offices write them."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise.phone import PhoneKind, display, every, kind_of, normalise

TOKYO, MOBILE = "+81345671289", "+819045671289"

CASES = [
    ("03-4567-1289", TOKYO),
    ("0345671289", TOKYO),
    ("03 4567 1289", TOKYO),
    ("03(4567)1289", TOKYO),
    ("(03)4567-1289", TOKYO),
    ("03.4567.1289", TOKYO),
    ("03・4567・1289", TOKYO),
    ("０３－４５６７－１２８９", TOKYO),
    ("０３ー４５６７ー１２８９", TOKYO),
    ("03‐4567−1289", TOKYO),
    ("03-4567-1289(代表)", TOKYO),
    ("03-4567-1289（代）", TOKYO),
    ("代表：03-4567-1289", TOKYO),
    ("TEL. 03-4567-1289 / FAX. 03-4567-1290", TOKYO),
    ("FAX:03-4567-1290 TEL:03-4567-1289", TOKYO),
    ("FAX 03-4567-1289", TOKYO),
    ("+81-3-4567-1289", TOKYO),
    ("+81 (0)3-4567-1289", TOKYO),
    ("+81 03 4567 1289", TOKYO),
    ("0081-3-4567-1289", TOKYO),
    ("010-81-3-4567-1289", TOKYO),
    ("81-3-4567-1289", TOKYO),
    ("345671289", TOKYO),
    ("03-4567-1289~90", TOKYO),
    ("090-4567-1289", MOBILE),
    ("9045671289", MOBILE),
    ("9045671289.0", MOBILE),
    ("携帯０９０－４５６７－１２８９", MOBILE),
    ("+819045671289", MOBILE),
    ("0120-456-789", "+81120456789"),
    ("120456789", "+81120456789"),
    ("0800-456-7890", "+818004567890"),
    ("0570-064-000", "+81570064000"),
    ("050-3456-7890", "+815034567890"),
    ("0467-22-1234", "+81467221234"),
    ("+1 (650) 253-0000", "+16502530000"),
    ("010-1-650-253-0000", "+16502530000"),
    ("+44 20 7946 0958", "+442079460958"),
    ("+44 (0)20 7946 0958", "+442079460958"),
    ("", None),
    ("なし", None),
    ("-", None),
    ("110", None),
    ("090-4567-128", None),
    ("000-0000-0000", None),
    ("担当者不在", None),
]


@pytest.mark.parametrize(("raw", "e164"), CASES)
def test_a_number_is_written_one_way(raw: str, e164: str | None) -> None:
    phone = normalise(raw)

    assert (phone.e164 if phone else None) == e164


@pytest.mark.parametrize(
    "raw",
    [
        "03-4567-1289 内線205",
        "03-4567-1289(内線 205)",
        "03-4567-1289（内）205",
        "03-4567-1289 内線：205",
        "03-4567-1289 ext.205",
        "03-4567-1289x205",
        "03-4567-1289 #205",
        "+81345671289;ext=205",
    ],
)
def test_an_extension_is_kept_beside_the_number(raw: str) -> None:
    phone = normalise(raw)

    assert phone is not None
    assert (phone.e164, phone.extension, phone.text) == (TOKYO, "205", f"{TOKYO};ext=205")


@pytest.mark.parametrize(
    "raw",
    [
        "03-4567-1289/090-4567-1289",
        "03-4567-1289、090-4567-1289",
        "03-4567-1289・090-4567-1289",
        "03-4567-1289 090-4567-1289",
        "03-4567-1289(会社)\n090-4567-1289(携帯)",
        "03-4567-1289 または 090-4567-1289",
    ],
)
def test_every_number_of_a_cell_is_found(raw: str) -> None:
    assert [phone.e164 for phone in every(raw)] == [TOKYO, MOBILE]


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("090-4567-1289", PhoneKind.MOBILE),
        ("060-4567-1289", PhoneKind.MOBILE),
        ("03-4567-1289", PhoneKind.FIXED),
        ("0120-456-789", PhoneKind.FREEPHONE),
        ("050-3456-7890", PhoneKind.IP),
        ("0570-064-000", PhoneKind.UNKNOWN),
    ],
)
def test_the_kind_of_a_line_is_told(raw: str, kind: PhoneKind) -> None:
    phone = normalise(raw)

    assert phone is not None
    assert phone.kind is kind
    assert kind_of(phone.text) is kind


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (TOKYO, "03-4567-1289"),
        (f"{TOKYO};ext=205", "03-4567-1289 内線205"),
        (MOBILE, "090-4567-1289"),
        ("+81120456789", "0120-456-789"),
        ("+81467221234", "0467-22-1234"),
        ("+16502530000", "+1 650-253-0000"),
    ],
)
def test_a_number_is_shown_as_it_is_written_in_japan(number: str, shown: str) -> None:
    assert display(number) == shown


@given(
    st.from_regex(r"0[1-9][1-9][0-9]{7,8}|0[5-9]0[0-9]{8}|0(120|800|570)[0-9]{6,7}", fullmatch=True)
)
def test_plain_numbers_are_read_as_libphonenumber_reads_them(digits: str) -> None:
    parsed = phonenumbers.parse(digits, "JP")
    valid = phonenumbers.is_valid_number(parsed)
    wanted = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    phone = normalise(digits)

    assert (phone.e164 if phone else None) == (wanted if valid else None)


@given(st.text(alphabet="0123456789+-() 内線x#;ext=・/０３ー〜FAX.", max_size=40))
def test_normalising_twice_is_normalising_once(raw: str) -> None:
    once = normalise(raw)

    assert once is None or normalise(once.text) == once
