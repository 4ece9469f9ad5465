"""Corporate numbers: thirteen digits whose first checks the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise.corporate_number import check_digit, normalise

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
        ("T-7000012050002", "7000012050002"),
        ("T 7000-0120-50002", "7000012050002"),
        ("7,000,012,050,002", "7000012050002"),
        ("法人番号（7000012050002）", "7000012050002"),
        ("法人番号 7000012050002 (国税庁)", "7000012050002"),
        ("法人番号第7000012050002号", "7000012050002"),
        ("適格請求書発行事業者登録番号：T7000012050002", "7000012050002"),
        ("インボイス番号 T7000012050002", "7000012050002"),
        ("No.7000012050002", "7000012050002"),
        ("'7000012050002", "7000012050002"),
        ('="7000012050002"', "7000012050002"),
        ("\ufeff7000012050002\u200b", "7000012050002"),
        ("T7000012050002、", "7000012050002"),
        ("8000012050002 / 7000012050002", "7000012050002"),
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
        ("07000012050002", None),
        ("7000012050002-7", None),
        ("7-7000012050002", None),
        ("AB7000012050002", None),
        ("7000012050002AB", None),
        ("7.0000120500E+12", None),
        ("٧٠٠٠٠١٢٠٥٠٠٠٢", None),
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


@given(st.text(alphabet="T70012５.-,: 号法A", max_size=30))
def test_a_number_that_was_read_reads_as_itself(raw: str) -> None:
    once = normalise(raw)

    assert once is None or normalise(once) == once
