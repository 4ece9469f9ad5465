"""Web addresses: one way of writing each, its host, and the domain somebody registered.

The registrable domain comes from the public suffix list as the package ``publicsuffixlist`` ships
it, not from the network. Of its two parts only that of the registries says where a name begins;
that of hosts (github.io, wixsite.com) says which domains name no company.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mapping.normalise.text import nfkc, squeeze

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})"
)
_URL = re.compile(
    r"(?:(https?)[:;]?//(?:[^\s/?#@]*@)?|//)?([^\s/?#:@]+)(:\d{1,5})?([/?#]\S*)?", re.IGNORECASE
)
_LABELLED = re.compile(
    r"^(?:(?:url|hp|web(?:site)?)(?:\s*:\s*|\s+)|(?:ホームページ|サイト)\s*:?\s*)"
    r"(?=https?:|www\.|//)"
    r"|^(?:url|hp|web(?:site)?|ホームページ|サイト)\s*:\s*(?!//)",
    re.IGNORECASE,
)
# As they are typed and pasted: ttps://, http:/, https:hibari.jp, a scheme twice, a space behind it.
_SCHEME = re.compile(
    r"^(?:(?:h+t+ps?|ttps?)\s*[:;]?\s*//\s*)*(?:h+t+p|ttp)(?P<secure>s?)"
    r"(?:\s*[:;]?\s*//|\s*:\s*/?(?=[\w.-]+\.\w))\s*",
    re.IGNORECASE,
)
_HREF = re.compile(r"<a\s[^>]*?href\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>|[\"'<>].*$")
_NEXT = re.compile(r"[\s、]+|,\s+|[;,](?=https?:|www\.)")
_CALLED_WEB = re.compile(r"(?:https?:)?//|www\.", re.IGNORECASE)
_COMMA_FOR_DOT = re.compile(r"(?<=[a-z0-9]),(?=[a-z0-9-]+(?:\.|,|$))")
_WWW = re.compile(r"^(?:www\.)+(?=[^.]+\.)")
_LONGEST_HOST = 253
_ENDING = "。、,;.)]>」』"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Under lg.jp the kind of body stands before its place: city.osaka.lg.jp is Osaka City and
# pref.osaka.lg.jp is Osaka Prefecture, which the list takes for one (from memory).
_LOCAL_GOVERNMENTS = _words("city pref metro town vill ward union")
# Sold by registries of their own, name by name, as if they were of a country; the list counts them
# among hosts (from memory).
_SOLD_LIKE_A_COUNTRY = _words(
    """
ae.org br.com cn.com co.com com.de com.se de.com eu.com gb.net gr.com hu.net jp.net jpn.com kr.com
mex.com ru.com sa.com se.net uk.com uk.net us.com us.org za.com
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
amazonaws.com azure.com windows.net sharepoint.com office.com notion.site notion.so canva.site
medium.com tiktok.com pinterest.com pinterest.jp threads.net bit.ly tinyurl.com t.co forms.gle
geocities.jp geocities.co.jp en-gage.net wantedly.com prtimes.jp baseconnect.in houjin.jp
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
    return _WWW.sub("", parts[1]) if parts else None


@lru_cache(maxsize=16384)
def domain(raw: str) -> str | None:
    """The registrable domain of a web address or host: ``example.co.jp``.

    None for no address, and for a registry's own suffix (``co.jp``). A page at a host whose
    customers share a domain gives the host's: ``github.io``, which ``is_shared``.
    """
    name = raw if _HOST.fullmatch(raw) else host(raw)
    if name is None:
        return None
    labels = name.split(".")
    if labels[-2:] == ["lg", "jp"]:
        kept = 4 if labels[-4:-3] and labels[-4] in _LOCAL_GOVERNMENTS else 3
        return ".".join(labels[-kept:]) if len(labels) > 2 else None
    if ".".join(labels[-2:]) in _SOLD_LIKE_A_COUNTRY and len(labels) > 2:
        return ".".join(labels[-3:])
    return _suffixes(True).privatesuffix(name)


@lru_cache(maxsize=16384)
def is_shared(registrable: str) -> bool:
    """Whether many companies have pages or profiles under one domain, so that it names none."""
    return registrable in _SHARED or _suffixes(False).publicsuffix(registrable) == registrable


@cache
def _suffixes(of_registries: bool) -> PublicSuffixList:
    """The public suffix list, read at its first use, which ``renkei --help`` does not need.

    Hosts are ASCII here, so that only the few lines that are not are encoded: ten times as fast.
    """
    from publicsuffixlist import PSLFILE, PublicSuffixList

    with Path(PSLFILE).open(encoding="utf-8") as lines:
        return PublicSuffixList(
            map(_in_ascii, lines), accept_encoded_idn=False, only_icann=of_registries
        )


def _in_ascii(line: str) -> str:
    if line.isascii() or line.startswith("//"):
        return line
    name = line.split(maxsplit=1)[0]
    bare = name.removeprefix("!")
    return name[: len(name) - len(bare)] + bare.encode("idna").decode("ascii")


def _parts(raw: str) -> tuple[str, str, str, str] | None:
    """Scheme, host, port and the rest of the first web address in a cell."""
    text = squeeze(nfkc(raw))
    if "<" in text:
        text = _TAG.sub("", found.group(1) if (found := _HREF.match(text)) else text.strip("<"))
    text = _LABELLED.sub("", text.strip("<>\"'「『( "))
    text = _SCHEME.sub(lambda found: f"http{found['secure'].lower()}://", text)
    first, *others = _NEXT.split(text)
    if parts := _read(first):
        return parts
    named = (_read(word) for word in others if _CALLED_WEB.match(word))
    return next((parts for parts in named if parts), None)


def _read(word: str) -> tuple[str, str, str, str] | None:
    match = _URL.fullmatch(word.rstrip(_ENDING))
    if match is None:
        return None
    scheme, name, port, rest = match.groups(default="")
    name = name.lower().rstrip(".")
    if "," in name:
        name = _COMMA_FOR_DOT.sub(".", name)
    if not name.isascii():
        if len(name) > _LONGEST_HOST:
            return None
        try:
            name = name.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return None
    if not _HOST.fullmatch(name):
        return None
    return (scheme or "https").lower(), name, port, rest
