"""Telephone numbers as Japanese offices write them."""

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mapping.normalise.phone import PhoneKind, display, every, is_direct_hint, kind_of, normalise

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
    ("03/4567/1289", TOKYO),
    ("03_4567_1289", TOKYO),
    ("03～4567～1289", TOKYO),
    ("03⁃4567﹣1289", TOKYO),
    ("O3-4567-1289", TOKYO),
    ("03-4567-l289", TOKYO),
    ("〇三-四五六七-一二八九", TOKYO),
    ("℡03-4567-1289㈹", TOKYO),
    ('="0345671289"', TOKYO),
    ("tel:+81-3-4567-1289", TOKYO),
    ("+81(03)4567-1289", TOKYO),
    ("(81)3-4567-1289", TOKYO),
    ("3.45671289E8", TOKYO),
    ("184-03-4567-1289", TOKYO),
    ("186 090-4567-1289", MOBILE),
    ("平日9:00-18:00 03-4567-1289", TOKYO),
    ("〒105-0014 TEL 03-4567-1289", TOKYO),
    ("TEL&FAX 03-4567-1289", TOKYO),
    ("03-4567-1289-2", TOKYO),
    ("001-010-1-650-253-0000", "+16502530000"),
    ("0033-010-1-650-253-0000", "+16502530000"),
    ("020-4123-4567", "+812041234567"),
    ("03-1234-5678", "+81312345678"),
    ("03-3000-0000", "+81330000000"),
    ("", None),
    ("なし", None),
    ("-", None),
    ("110", None),
    ("090-4567-128", None),
    ("000-0000-0000", None),
    ("担当者不在", None),
    ("同上", None),
    ("0", None),
    ("1111111111", None),
    ("222222222", None),
    ("0120-000-000", None),
    ("045-000-0000", None),
    ("+81 45-000-0000", None),
    ("03-1234-56789", None),
    ("090-1234-56789", None),
    ("1-800-356-9377", None),
    ("2025/01/01", None),
    ("内線205", None),
    ("xxx-xxxx-xxxx", None),
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
        "03-4567-1289, ext. 205",
        "03-4567-1289 ex205",
        "03-4567-1289（内線番号：205）",
        "内線205 03-4567-1289",
        "345671289.0内線 205",
        "０３－４５６７－１２８９　内線２０５",
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
        "03-4567-1289／090-4567-1289",
        "03-4567-1289→090-4567-1289",
        "0345671289 09045671289",
        "TEL 03-4567-1289 携帯 090-4567-1289 FAX 03-4567-1290",
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
    assume(not digits.endswith("000000"))
    parsed = phonenumbers.parse(digits, "JP")
    valid = phonenumbers.is_valid_number(parsed)
    wanted = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    phone = normalise(digits)

    assert (phone.e164 if phone else None) == (wanted if valid else None)


@given(st.text(alphabet="0123456789+-() 内線x#;ext=・/０３ー〜FAX.", max_size=40))
def test_normalising_twice_is_normalising_once(raw: str) -> None:
    once = normalise(raw)

    assert once is None or normalise(once.text) == once


NUMBERS = [
    *[("3", "45671289"), ("6", "62341789"), ("45", "2341567"), ("467", "221234")],
    *[("90", "45671289"), ("80", "91234567"), ("70", "31415926"), ("50", "34567890")],
    *[("120", "456789"), ("800", "4567890"), ("570", "064123")],
]
LABELS = ["", "TEL:", "Tel. ", "電話:", "☎", "直通 ", "代表:"]
ENDINGS = ["", "(代)", "(代表)", "(直通)", " 担当:鈴木", " FAX 03-4567-1290", "\n"]
WIDE = str.maketrans("0123456789-+()", "０１２３４５６７８９－＋（）")


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str]:
    """A Japanese number in E.164, and one of the ways in which people write it."""
    area, rest = draw(st.sampled_from(NUMBERS))
    tail = rest[:-4], rest[-4:]
    start = draw(
        st.sampled_from(["0{}", "+81{}", "+81 (0){}", "0081{}", "010-81-{}", "81{}", "{}"])
    )
    dash = draw(st.sampled_from(["-", " ", ".", "・", "‐", "−", "ー", "–", "", " - "]))
    inner = draw(st.sampled_from([f"{dash}{tail[0]}{dash}{tail[1]}", f"({tail[0]}){tail[1]}"]))
    text = start.format(area) + inner
    if draw(st.booleans()):
        text = text.translate(WIDE)
    raw = draw(st.sampled_from(LABELS)) + text + draw(st.sampled_from(ENDINGS))
    return f"+81{area}{rest}", raw


@given(written())
def test_every_way_of_writing_a_number_is_that_number(case: tuple[str, str]) -> None:
    e164, raw = case
    phone = normalise(raw)

    assert phone is not None
    assert (phone.e164, phone.extension) == (e164, None)


@given(written(), st.from_regex(r"[1-9][0-9]{1,5}", fullmatch=True))
def test_an_extension_behind_any_number_is_found(case: tuple[str, str], extension: str) -> None:
    e164, raw = case

    assert [phone.text for phone in every(f"{raw} 内線{extension}")][:1] == [
        f"{e164};ext={extension}"
    ]


PIECES = st.sampled_from(
    [*["+81", "+81-", "(0)", "0", "03", "3", "90", "080", "0120", "4567", "1289", "22", "123"],
     *["-", " ", "(", ")", "代表", "(代)", " ext.", " x", "#", "内線", "（内", "：", "81"]]
)  # fmt: skip


@given(written().map(lambda case: case[1]) | st.lists(PIECES, max_size=9).map("".join))
def test_what_is_read_at_once_is_the_first_of_what_is_read_piece_by_piece(raw: str) -> None:
    assert normalise(raw) == next(iter(every(raw)), None)


@pytest.mark.parametrize(
    ("raw", "region", "e164"),
    [
        ("(650) 253-0000", "US", "+16502530000"),
        ("650-253-0000 ext. 12", "US", "+16502530000;ext=12"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+81 3-4567-1289", "US", TOKYO),
    ],
)
def test_a_number_without_a_country_code_is_of_its_region(raw: str, region: str, e164: str) -> None:
    phone = normalise(raw, region)

    assert phone is not None
    assert phone.text == e164


@pytest.mark.parametrize(
    ("raw", "is_direct"),
    [
        ("03-4567-1289(直通)", True),
        ("携帯 090-4567-1289", True),
        ("Direct: 03-4567-1289", True),
        ("代表取締役直通 03-4567-1289", True),
        ("03-4567-1289（代）", False),
        ("03-4567-1289㈹", False),
        ("大代表 03-4567-1289", False),
        ("Switchboard 03-4567-1289", False),
        ("03-4567-1289", None),
        ("代表 03-4567-1289 / 直通 03-4567-1290", None),
        ("代表取締役 03-4567-1289", None),
        ("", None),
    ],
)
def test_the_text_says_whether_a_line_is_direct(raw: str, is_direct: bool | None) -> None:
    assert is_direct_hint(raw) is is_direct
