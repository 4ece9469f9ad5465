"""Web addresses: one way of writing each, its host, and the domain somebody registered.

The registrable domain comes from a short table of second-level suffixes, not from the network.
"""

from __future__ import annotations

import re
from functools import lru_cache

from mapping.normalise.text import nfkc, squeeze

_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})"
)
_URL = re.compile(r"(?:(https?)\s*:?\s*//)?([^\s/?#:@]+)(:\d{1,5})?([/?#]\S*)?", re.IGNORECASE)
_LABELLED = re.compile(
    r"^(?:url|hp|web(?:site)?|ホームページ|サイト)\s*[:：]\s*(?!//)", re.IGNORECASE
)
_LEADING = re.compile(r"^(?:ttps?|h+t+ps?)(?=://)", re.IGNORECASE)
_ENDING = "。、,;.)]>」』"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_JP_SECOND = _words("co or ne ac ad ed go gr lg")
_JP_PREFECTURES = _words(
    """
hokkaido aomori iwate miyagi akita yamagata fukushima ibaraki tochigi gunma saitama chiba tokyo
kanagawa niigata toyama ishikawa fukui yamanashi nagano gifu shizuoka aichi mie shiga kyoto osaka
hyogo nara wakayama tottori shimane okayama hiroshima yamaguchi tokushima kagawa ehime kochi
fukuoka saga nagasaki kumamoto oita miyazaki kagoshima okinawa
"""
)
_SECOND = _words("co com net org ac edu gov or ne go gob gen ltd plc sch id nom web firm")
_TWO_LEVEL = _words(
    """
uk au nz kr cn tw hk sg in th id my ph vn br mx ar za tr il pk bd lk np mm kh sa ae eg ng ke pe ve
"""
)
_SHARED = _words(
    """
ameblo.jp amebaownd.com fc2.com jimdo.com jimdofree.com jimdosite.com wixsite.com wix.com
peraichi.com note.com note.mu studio.site crayonsite.net goope.jp strikingly.com webnode.jp
webnode.com weebly.com wordpress.com blogspot.com hatenablog.com hatenablog.jp livedoor.jp
livedoor.blog seesaa.net exblog.jp cocolog-nifty.com shopinfo.jp base.shop thebase.in stores.jp
myshopify.com square.site github.io gitlab.io netlify.app vercel.app web.app pages.dev
herokuapp.com facebook.com instagram.com twitter.com x.com linkedin.com youtube.com line.me
lin.ee linktr.ee lit.link google.com goo.gl tabelog.com hotpepper.jp itp.ne.jp ekiten.jp
sakura.ne.jp lolipop.jp xsrv.jp xdomain.jp coocan.jp kintoneapp.com form.run
"""
)


@lru_cache(maxsize=8192)
def normalise(raw: str) -> str | None:
    """The address with scheme and lower-case host; ``https`` where none is written.

    None for what is no web address, e-mail addresses among it.
    """
    parts = _parts(raw)
    if parts is None:
        return None
    scheme, host, port, rest = parts
    return f"{scheme}://{host}{port}{'' if rest == '/' else rest}"


@lru_cache(maxsize=8192)
def host(raw: str) -> str | None:
    """The host of a web address, without ``www.``."""
    parts = _parts(raw)
    return parts[1].removeprefix("www.") if parts else None


@lru_cache(maxsize=16384)
def domain(raw: str) -> str | None:
    """The registrable domain of a web address or host: ``example.co.jp``; None for no address."""
    name = raw if _HOST.fullmatch(raw) else host(raw)
    if name is None:
        return None
    labels = name.split(".")
    if len(labels) == 2 and labels[0] in _JP_SECOND and labels[1] == "jp":
        return None
    kept = _suffix_size(labels) + 1
    return ".".join(labels[-kept:]) if len(labels) >= kept else None


def is_shared(registrable: str) -> bool:
    """Whether many companies have pages or profiles under one domain, so that it names none."""
    return registrable in _SHARED


def _suffix_size(labels: list[str]) -> int:
    """How many labels at the end belong to the registry."""
    if len(labels) < 3:
        return 1
    top, second = labels[-1], labels[-2]
    if top == "jp":
        if second in _JP_SECOND:
            return 2
        if second not in _JP_PREFECTURES:
            return 1
        # example.minato.tokyo.jp is of a city, pref.aichi.jp and metro.tokyo.jp of a prefecture.
        return 3 if len(labels) > 3 and labels[-3] not in {"metro", "pref"} else 2
    return 2 if top in _TWO_LEVEL and second in _SECOND else 1


def _parts(raw: str) -> tuple[str, str, str, str] | None:
    """Scheme, host, port and the rest of a web address."""
    text = squeeze(nfkc(raw)).strip("<>\"'「『(")
    text = _LEADING.sub(lambda found: "https" if found.group().endswith("s") else "http", text)
    match = _URL.fullmatch(_LABELLED.sub("", text).rstrip(_ENDING))
    if match is None:
        return None
    scheme, name, port, rest = match.groups(default="")
    name = name.lower().rstrip(".")
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return None
    if not _HOST.fullmatch(name):
        return None
    return (scheme or "https").lower(), name, port, rest
