"""Webhook signatures as data: one verifier for every vendor that signs with a shared secret.

Always over the raw bytes, always in constant time, with several secrets at once so that one can be
changed without a gap. SendGrid's ECDSA signature (a public key, no shared secret) and Twilio's
sorted form parameters are not of this shape and are written where they are used.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from connectors.kit.base import Hook
from connectors.kit.errors import BadSignature

__all__ = ["SCHEMES", "Scheme", "sign", "verify", "verify_query"]

TOLERANCE = 300.0
PARTS = frozenset({"method", "url", "body", "timestamp", "secret"})


@dataclass(frozen=True, slots=True)
class Scheme:
    """How one vendor signs.

    ``signed`` is what is signed, in order: ``method``, ``url``, ``body``, ``timestamp``,
    ``secret``, ``header:NAME``, or a literal behind an equals sign (``=v0:``). ``algorithm`` may be
    ``plain`` for a fixed secret that is sent as it is. ``keyed`` False is a bare hash. ``layout``
    of the header: ``plain`` is one value behind ``prefix``; ``list`` is several, with spaces
    between them; ``pairs`` is ``t=…,v1=…`` where ``prefix`` names the signature's pair.
    ``timestamp`` is the header that holds the time (a pair's name for ``pairs``), in ``unit``,
    at most ``tolerance`` seconds from our clock. ``unescaped`` are characters whose percent escapes
    the vendor decodes in the URL before it signs.
    """

    header: str
    signed: tuple[str, ...] = ("body",)
    algorithm: Literal["sha256", "sha1", "sha512", "plain"] = "sha256"
    keyed: bool = True
    encoding: Literal["base64", "hex", "text"] = "hex"
    key: Literal["utf8", "base64", "hex", "whsec"] = "utf8"
    prefix: str = ""
    layout: Literal["plain", "list", "pairs"] = "plain"
    timestamp: str = ""
    unit: Literal["s", "ms"] = "s"
    tolerance: float = TOLERANCE
    unescaped: str = ""

    def __post_init__(self) -> None:
        for part in self.signed:
            if part not in PARTS and not part.startswith(("=", "header:")):
                raise ValueError(f'a signature cannot be over "{part}"; a literal begins with "="')
        if "timestamp" in self.signed and not self.timestamp:
            raise ValueError("a signature over a timestamp must say where the timestamp is")


def verify(scheme: Scheme, hook: Hook, secrets: Sequence[str], now: datetime) -> None:
    """Return when one of the secrets made this hook's signature in time; else BadSignature.

    ``code`` says why: SIGNATURE_MISSING, SIGNATURE_STALE, SIGNATURE_WRONG or NO_SECRET.
    """
    if not any(secrets):
        raise BadSignature("no webhook secret is configured", code="NO_SECRET")
    value = hook.headers.get(scheme.header, "").strip()
    given = list(_given(scheme, value))
    if not given:
        raise BadSignature(f"the header {scheme.header} has no signature", code="SIGNATURE_MISSING")
    stamp = _stamp(scheme, hook, value)
    if stamp is not None:
        _check_age(scheme, stamp, now)
    for secret in secrets:
        expected = _expected(scheme, hook, secret, stamp or "")
        for signature in given:
            if hmac.compare_digest(expected.encode(), signature.encode()):
                return
    raise BadSignature("the signature is of another secret or body", code="SIGNATURE_WRONG")


def verify_query(hook: Hook, name: str, secrets: Sequence[str]) -> None:
    """Return when the URL's parameter ``name`` is one of the secrets; else BadSignature."""
    given = parse_qs(urlsplit(hook.url).query).get(name, [""])[0]
    if not any(secrets):
        raise BadSignature("no webhook secret is configured", code="NO_SECRET")
    if not given:
        raise BadSignature(f"the URL has no {name}", code="SIGNATURE_MISSING")
    matches = [hmac.compare_digest(given.encode(), item.encode()) for item in secrets if item]
    if not any(matches):
        raise BadSignature("the URL's secret is another one", code="SIGNATURE_WRONG")


def sign(
    scheme: Scheme,
    secret: str,
    body: bytes,
    *,
    at: datetime | None = None,
    method: str = "POST",
    url: str = "",
    headers: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers a vendor would send: ``headers`` with signature and timestamp, for simulators."""
    moment = at or datetime.now(UTC)
    seconds = moment.timestamp()
    stamp = str(int(seconds * 1000 if scheme.unit == "ms" else seconds)) if scheme.timestamp else ""
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    hook = Hook(method=method, url=url, headers=sent, body=body, received_at=moment)
    expected = _expected(scheme, hook, secret, stamp)
    if not expected:
        raise ValueError("the secret is not of the form this scheme's keys have")
    if scheme.layout == "pairs":
        return {**sent, scheme.header: f"{scheme.timestamp}={stamp},{scheme.prefix}={expected}"}
    times = {scheme.timestamp: stamp} if scheme.timestamp else {}
    return {**sent, **times, scheme.header: f"{scheme.prefix}{expected}"}


def _given(scheme: Scheme, value: str) -> Iterator[str]:
    if scheme.layout == "pairs":
        for name, pair in _pairs(value):
            if name == scheme.prefix:
                yield pair
        return
    for entry in value.split() if scheme.layout == "list" else [value]:
        if entry.startswith(scheme.prefix) and len(entry) > len(scheme.prefix):
            yield entry[len(scheme.prefix) :]


def _pairs(value: str) -> Iterator[tuple[str, str]]:
    for pair in value.split(","):
        name, _, rest = pair.strip().partition("=")
        yield name, rest


def _stamp(scheme: Scheme, hook: Hook, value: str) -> str | None:
    """The timestamp as sent, or None for a scheme without one."""
    if not scheme.timestamp:
        return None
    if scheme.layout == "pairs":
        return dict(_pairs(value)).get(scheme.timestamp, "")
    return hook.headers.get(scheme.timestamp, "").strip()


def _check_age(scheme: Scheme, stamp: str, now: datetime) -> None:
    if not re.fullmatch(r"[0-9]{1,16}", stamp):
        raise BadSignature("the timestamp is missing or no number", code="SIGNATURE_MISSING")
    age = now.timestamp() - int(stamp) / (1000 if scheme.unit == "ms" else 1)
    if abs(age) > scheme.tolerance:
        raise BadSignature(
            f"the signature's time is {age:.0f} s from ours (at most {scheme.tolerance:.0f} s are "
            "allowed): a replay, or this machine's clock is wrong",
            code="SIGNATURE_STALE",
        )


def _expected(scheme: Scheme, hook: Hook, secret: str, stamp: str) -> str:
    """What the signature must be; empty where the secret is not of the scheme's form."""
    key = _key(scheme, secret)
    if not key:
        return ""
    if scheme.algorithm == "plain":
        return _encoded(scheme, key)
    message = b"".join(_part(scheme, part, hook, secret, stamp) for part in scheme.signed)
    if scheme.keyed:
        return _encoded(scheme, hmac.digest(key, message, scheme.algorithm))
    return _encoded(scheme, hashlib.new(scheme.algorithm, message).digest())


def _key(scheme: Scheme, secret: str) -> bytes:
    text = secret.strip()
    try:
        match scheme.key:
            case "base64":
                return b64decode(text, validate=True)
            case "whsec":
                return b64decode(text.removeprefix("whsec_"), validate=True)
            case "hex":
                return bytes.fromhex(text)
            case _:
                return text.encode()
    except (Base64Error, ValueError):
        return b""


def _part(scheme: Scheme, part: str, hook: Hook, secret: str, stamp: str) -> bytes:
    if part.startswith("="):
        return part[1:].encode()
    if part.startswith("header:"):
        return hook.headers.get(part.removeprefix("header:"), "").encode()
    if part == "body":
        return hook.body
    if part == "url":
        return _unescape(hook.url, scheme.unescaped).encode()
    return {"method": hook.method.upper(), "timestamp": stamp, "secret": secret.strip()}[
        part
    ].encode()


def _unescape(url: str, characters: str) -> str:
    if not characters:
        return url
    return re.sub(
        r"%[0-9A-Fa-f]{2}",
        lambda found: char if (char := unquote(found[0])) in characters else found[0],
        url,
    )


def _encoded(scheme: Scheme, digest: bytes) -> str:
    match scheme.encoding:
        case "base64":
            return b64encode(digest).decode("ascii")
        case "hex":
            return digest.hex()
        case _:
            return digest.decode()


HUBSPOT_UNESCAPED = ":/?@!$'()*,;"
"""Unverified: the escapes that HubSpot decodes before it signs; from memory of its docs."""

SCHEMES: Mapping[str, Scheme] = {
    "typeform": Scheme("typeform-signature", encoding="base64", prefix="sha256="),
    "tally": Scheme("tally-signature", encoding="base64"),
    "hubspot_v3": Scheme(
        "x-hubspot-signature-v3",
        ("method", "url", "body", "timestamp"),
        encoding="base64",
        timestamp="x-hubspot-request-timestamp",
        unit="ms",
        unescaped=HUBSPOT_UNESCAPED,
    ),
    "hubspot_v2": Scheme("x-hubspot-signature", ("secret", "method", "url", "body"), keyed=False),
    "hubspot_v1": Scheme("x-hubspot-signature", ("secret", "body"), keyed=False),
    "standard_webhooks": Scheme(
        "webhook-signature",
        ("header:webhook-id", "=.", "timestamp", "=.", "body"),
        encoding="base64",
        key="whsec",
        prefix="v1,",
        layout="list",
        timestamp="webhook-timestamp",
    ),
    "svix": Scheme(
        "svix-signature",
        ("header:svix-id", "=.", "timestamp", "=.", "body"),
        encoding="base64",
        key="whsec",
        prefix="v1,",
        layout="list",
        timestamp="svix-timestamp",
    ),
    "slack": Scheme(
        "x-slack-signature",
        ("=v0:", "timestamp", "=:", "body"),
        prefix="v0=",
        timestamp="x-slack-request-timestamp",
    ),
    "zoom": Scheme(
        "x-zm-signature",
        ("=v0:", "timestamp", "=:", "body"),
        prefix="v0=",
        timestamp="x-zm-request-timestamp",
    ),
    "chatwork": Scheme("x-chatworkwebhooksignature", encoding="base64", key="base64"),
    "line_works": Scheme("x-works-signature", encoding="base64"),
    "linkedin": Scheme("x-li-signature", ("=hmacsha256=", "body")),
    "meta": Scheme("x-hub-signature-256", prefix="sha256="),
    "github": Scheme("x-hub-signature-256", prefix="sha256="),
    "mailchimp": Scheme(
        "x-mailchimp-signature",
        ("timestamp", "=.", "body"),
        prefix="v1",
        layout="pairs",
        timestamp="t",
    ),
    "stripe": Scheme(
        "stripe-signature",
        ("timestamp", "=.", "body"),
        prefix="v1",
        layout="pairs",
        timestamp="t",
    ),
    "close": Scheme(
        "close-sig-hash", ("timestamp", "body"), key="hex", timestamp="close-sig-timestamp"
    ),
    "teams": Scheme("authorization", encoding="base64", key="base64", prefix="HMAC "),
    "basic": Scheme(
        "authorization", (), algorithm="plain", encoding="base64", prefix="Basic "
    ),  # the secret is user:password (Pipedrive)
    "bearer": Scheme("authorization", (), algorithm="plain", encoding="text", prefix="Bearer "),
    "token": Scheme("x-webhook-token", (), algorithm="plain", encoding="text"),
}
"""Signature schemes by name. Sources: each vendor's page on securing its webhooks."""
