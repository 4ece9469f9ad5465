"""E-mail addresses: what people write, and what is made of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise.email import (
    Mailbox,
    domain_typo,
    email_key,
    every,
    mailbox_class,
    normalise,
)
from mapping.normalise.mailboxes import JAPANESE_FREE, NOT_MISTYPED, PROVIDERS

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
    ("ＨＡＮＡ．．ＫＯ＠ＤＯＣＯＭＯ．ＮＥ．ＪＰ", "hana..ko@docomo.ne.jp"),
    ("-hanako-@docomo.ne.jp。", "-hanako-@docomo.ne.jp"),
    ("mailto:hana%2Bko@tsubame.co.jp?cc=x", "hana+ko@tsubame.co.jp"),
    ("hana&amp;ko@tsubame.co.jp", "hana&ko@tsubame.co.jp"),
    ("&lt;hanako@tsubame.co.jp&gt;", "hanako@tsubame.co.jp"),
    ("hana‐ko@tsubame－denki.co.jp", "hana-ko@tsubame-denki.co.jp"),
    ("hana−ko@tsubameー1.co.jp", "hana-ko@tsubame-1.co.jp"),
    ("hanako@yahoo.co,jp", "hanako@yahoo.co.jp"),
    ("hanako@tsubame,co,jp", "hanako@tsubame.co.jp"),
    ("hanako@tsubame.co. jp", "hanako@tsubame.co.jp"),
    ("hanako@tsubame .co.jp", "hanako@tsubame.co.jp"),
    ("hanako[at]tsubame.co.jp", "hanako@tsubame.co.jp"),
    ("hanako (at) tsubame [dot] co [dot] jp", "hanako@tsubame.co.jp"),
    ("hanako【＠】tsubame.co.jp", "hanako@tsubame.co.jp"),
    ("hanakoアットマークtsubame.co.jp", "hanako@tsubame.co.jp"),
    ("hanako★tsubame.co.jp", "hanako@tsubame.co.jp"),
    ("①hanako@tsubame.co.jp", "hanako@tsubame.co.jp"),
    ("「hanako@tsubame.co.jp」まで", "hanako@tsubame.co.jp"),
    ("hanako@tsubame.co.jp->jiro@hibari.jp", "hanako@tsubame.co.jp"),
    ("森花子hanako@tsubame.co.jp宛", "hanako@tsubame.co.jp"),
    ("森@例え.jp", "森@xn--r8jz45g.jp"),
    ("hanako@XN--WGV71A119E.jp", "hanako@xn--wgv71a119e.jp"),
    ("https://tsubame.co.jp/a@tsubame.co.jp", None),
    ("hanako@tsubame@hibari.jp", None),
    ("hanako@tsubame.co.123", None),
    ("hanako@tsu_bame.jp", None),
    ("hanako★", None),
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
    "cell",
    [
        "hanako@tsubame.co.jp;jiro@hibari.jp",
        "hanako@tsubame.co.jp,jiro@hibari.jp",
        "hanako@tsubame.co.jp、jiro@hibari.jp",
        "hanako@tsubame.co.jp\njiro@hibari.jp",
        "hanako@tsubame.co.jp　jiro@hibari.jp",
        "hanako@tsubame.co.jp／jiro@hibari.jp",
        "hanako@tsubame.co.jp・jiro@hibari.jp",
        "hanako@tsubame.co.jp→jiro@hibari.jp",
        "森 <hanako@tsubame.co.jp>, 次郎 <jiro@hibari.jp>",
        "To: hanako@tsubame.co.jp Cc: jiro@hibari.jp",
        "hanako@tsubame.co,jp jiro@hibari,jp",
    ],
)
def test_two_addresses_in_a_cell_are_two(cell: str) -> None:
    assert every(cell) == ("hanako@tsubame.co.jp", "jiro@hibari.jp")


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
        ("hanako@ymail.ne.jp", Mailbox.FREE),
        ("hanako@tuta.com", Mailbox.FREE),
        ("hanako@outlook.jp", Mailbox.FREE),
        ("hanako@mailinator.com", Mailbox.DISPOSABLE),
        ("hanako@box.yopmail.com", Mailbox.DISPOSABLE),
        ("hanako@0815.su", Mailbox.DISPOSABLE),
        ("hanako@f5.si", Mailbox.DISPOSABLE),
        ("hanako@sute.jp", Mailbox.DISPOSABLE),
    ],
)
def test_a_mailbox_is_known_for_whose_it_is(address: str, mailbox: Mailbox) -> None:
    assert mailbox_class(address) is mailbox


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("gmial.com", "gmail.com", id="letters in turn"),
        pytest.param("mgail.com", "gmail.com", id="the first two in turn"),
        pytest.param("gmail.con", "gmail.com", id="a wrong letter at the end"),
        pytest.param("gnail.com", "gmail.com", id="a wrong letter inside"),
        pytest.param("gmail.co", "gmail.com", id="a letter too few"),
        pytest.param("gmaill.com", "gmail.com", id="a letter too many"),
        pytest.param("gmailcom", "gmail.com", id="no dot"),
        pytest.param("gmail.co.jp", "gmail.com", id="the usual suffix"),
        pytest.param("ｇｍｉａｌ．ｃｏｍ", "gmail.com", id="full width"),
        pytest.param("docomo.ne.jo", "docomo.ne.jp", id="docomo"),
        pytest.param("docmo.ne.jp", "docomo.ne.jp", id="docomo short"),
        pytest.param("yahoo.co,jp", "yahoo.co.jp", id="a comma"),
        pytest.param("yahoo.cojp", "yahoo.co.jp", id="yahoo without a dot"),
        pytest.param("yhaoo.co.jp", "yahoo.co.jp", id="yahoo in turn"),
        pytest.param("ezwed.ne.jp", "ezweb.ne.jp", id="ezweb"),
        pytest.param("sofbank.ne.jp", "softbank.ne.jp", id="softbank"),
        pytest.param("i.softbank.jo", "i.softbank.jp", id="softbank iphone"),
        pytest.param("iclod.com", "icloud.com", id="icloud"),
        pytest.param("hotmai.co.jp", "hotmail.co.jp", id="hotmail"),
        pytest.param("gmail.com", None, id="right"),
        pytest.param("GMAIL.COM.", None, id="right but for case"),
        pytest.param("yahoo.co.jp", None, id="right too"),
        pytest.param("yahoo.com", None, id="right abroad"),
        pytest.param("ymail.com", None, id="another provider"),
        pytest.param("mail.com", None, id="and another"),
        pytest.param("odn.ne.jp", None, id="near ocn, and itself"),
        pytest.param("cloud.com", None, id="a company"),
        pytest.param("fifty.com", None, id="another first letter"),
        pytest.param("gmeil.con", None, id="two slips"),
        pytest.param("tsubame.co.jp", None, id="none"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_mistyped_provider_is_known(typed: str, meant: str | None) -> None:
    assert domain_typo(typed) == meant


def test_no_provider_is_taken_for_another() -> None:
    known = PROVIDERS | JAPANESE_FREE | NOT_MISTYPED

    assert {name: domain_typo(name) for name in known} == dict.fromkeys(known)


@given(
    st.text(alphabet=st.sampled_from("aZ.é+@＠。 <>\"'-_1ﾊば:;,/株İ㎏★&%−ー"), max_size=30)
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
