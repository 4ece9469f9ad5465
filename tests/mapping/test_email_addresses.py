"""E-mail addresses: what people write, and what is made of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise.email import Mailbox, email_key, every, mailbox_class, normalise

CASES = [
    ("hanako.mori@tsubame-denki.co.jp", "hanako.mori@tsubame-denki.co.jp"),
    ("Hanako.Mori@Tsubame-Denki.CO.JP", "hanako.mori@tsubame-denki.co.jp"),
    ("  hanako@tsubame.co.jp\n", "hanako@tsubame.co.jp"),
    ("ｈａｎａｋｏ＠ｔｓｕｂａｍｅ．ｃｏ．ｊｐ", "hanako@tsubame.co.jp"),
    ("hanako＠tsubame.co.jp", "hanako@tsubame.co.jp"),
    ("hanako@tsubame。co。jp", "hanako@tsubame.co.jp"),
    ("hanako@tsubame｡co.jp", "hanako@tsubame.co.jp"),
    ("森 花子 <hanako@tsubame.co.jp>", "hanako@tsubame.co.jp"),
    ('"森, 花子" <hanako@tsubame.co.jp>', "hanako@tsubame.co.jp"),
    ("森花子＜hanako@tsubame.co.jp＞", "hanako@tsubame.co.jp"),
    ("hanako@tsubame.co.jp(森)", "hanako@tsubame.co.jp"),
    ("メール：hanako@tsubame.co.jp", "hanako@tsubame.co.jp"),
    ("mailto:hanako@tsubame.co.jp", "hanako@tsubame.co.jp"),
    ("MAILTO:hanako@tsubame.co.jp?subject=資料請求", "hanako@tsubame.co.jp"),
    ("hanako @ tsubame.co.jp", "hanako@tsubame.co.jp"),
    ("'hanako@tsubame.co.jp", "hanako@tsubame.co.jp"),
    ("hanako@tsubame.co.jp.", "hanako@tsubame.co.jp"),
    ("hanako@tsubame.co.jp、", "hanako@tsubame.co.jp"),
    ("hanako\u200b@tsubame.co.jp", "hanako@tsubame.co.jp"),
    ("hanako+event@tsubame.co.jp", "hanako+event@tsubame.co.jp"),
    ("o'hara@tsubame.co.jp", "o'hara@tsubame.co.jp"),
    ("hana..ko@docomo.ne.jp", "hana..ko@docomo.ne.jp"),
    ("hanako.@docomo.ne.jp", "hanako.@docomo.ne.jp"),
    (".hanako@ezweb.ne.jp", ".hanako@ezweb.ne.jp"),
    ('"hana..ko"@docomo.ne.jp', "hana..ko@docomo.ne.jp"),
    ("hanako@日本語.jp", "hanako@xn--wgv71a119e.jp"),
    ("ŝtelo@tsubame.co.jp", "ŝtelo@tsubame.co.jp"),
    ("hanako@tsubame.co.jp / jiro@tsubame.co.jp", "hanako@tsubame.co.jp"),
    ("", None),
    ("なし", None),
    ("hanako", None),
    ("hanako@", None),
    ("@tsubame.co.jp", None),
    ("hanako@localhost", None),
    ("hanako@@tsubame.co.jp", None),
    ("hanako@192.168.0.1", None),
    ("hanako@-tsubame.jp", None),
    ("h" * 65 + "@tsubame.co.jp", None),
]


@pytest.mark.parametrize(("raw", "wanted"), CASES)
def test_an_address_is_written_one_way(raw: str, wanted: str | None) -> None:
    assert normalise(raw) == wanted


def test_every_address_of_a_cell_is_found_once() -> None:
    cell = "森 <hanako@tsubame.co.jp>; JIRO@tsubame.co.jp、hanako@tsubame.co.jp"

    assert every(cell) == ("hanako@tsubame.co.jp", "jiro@tsubame.co.jp")


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("hanako+expo2026@tsubame.co.jp", "hanako@tsubame.co.jp"),
        ("+hanako@tsubame.co.jp", "+hanako@tsubame.co.jp"),
        ("ha.na.ko+x@gmail.com", "hanako@gmail.com"),
        ("ha.nako@googlemail.com", "hanako@gmail.com"),
        ("ha.nako@tsubame.co.jp", "ha.nako@tsubame.co.jp"),
        ("hana..ko@docomo.ne.jp", "hana..ko@docomo.ne.jp"),
    ],
)
def test_the_key_is_the_mailbox_behind_an_address(address: str, key: str) -> None:
    assert email_key(address) == key


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("hanako@tsubame.co.jp", Mailbox.COMPANY),
        ("info@tsubame.co.jp", Mailbox.ROLE),
        ("info@gmail.com", Mailbox.ROLE),
        ("sales2@tsubame.co.jp", Mailbox.ROLE),
        ("info-osaka@tsubame.co.jp", Mailbox.ROLE),
        ("soumu@tsubame.co.jp", Mailbox.ROLE),
        ("eigyo_1@tsubame.co.jp", Mailbox.ROLE),
        ("otoiawase@tsubame.co.jp", Mailbox.ROLE),
        ("informatics.taro@tsubame.co.jp", Mailbox.COMPANY),
        ("salesman@tsubame.co.jp", Mailbox.COMPANY),
        ("itou@tsubame.co.jp", Mailbox.COMPANY),
        ("hanako@gmail.com", Mailbox.FREE),
        ("hanako@docomo.ne.jp", Mailbox.FREE),
        ("hanako@ezweb.ne.jp", Mailbox.FREE),
        ("hanako@i.softbank.jp", Mailbox.FREE),
        ("hanako@yahoo.co.jp", Mailbox.FREE),
        ("hanako@abc.ocn.ne.jp", Mailbox.FREE),
        ("hanako@kde.biglobe.ne.jp", Mailbox.FREE),
        ("hanako@mailinator.com", Mailbox.DISPOSABLE),
    ],
)
def test_a_mailbox_is_known_for_whose_it_is(address: str, mailbox: Mailbox) -> None:
    assert mailbox_class(address) is mailbox


@given(
    st.text(alphabet=st.sampled_from("aZ.é+@＠。 <>\"'-_1ﾊば:;,/株İ㎏"), max_size=30)
    | st.text(max_size=20)
)
def test_normalising_twice_is_normalising_once(raw: str) -> None:
    once = normalise(raw)

    assert once is None or normalise(once) == once


@given(st.emails())
def test_an_address_a_standard_allows_is_read(address: str) -> None:
    local = address.rpartition("@")[0]
    if local[0] in "'`" or address.lower().startswith("mailto:"):
        return
    assert normalise(address) == address.lower()
