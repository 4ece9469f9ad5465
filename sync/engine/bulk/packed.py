"""A profile as a compact row: numbers that compare many pairs at once, keys, and the rest as JSON.

Each number is 64 bits of a text (as match keys are) or a small set of bits. Equal texts have equal
numbers; that two others share one is as unlikely as that two match keys do.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

import orjson
from xxhash import xxh3_64_intdigest

from mapping.match.accounts import Firm
from mapping.match.compare import _TELLING
from mapping.match.names import _INITIALS, _SOFT
from mapping.match.profile import Profile, is_company_domain, key
from mapping.normalise.company import _stems
from mapping.normalise.text import is_kana

COLUMNS = (
    "flags",
    "family",
    "given",
    "name",
    "given_family",
    "reading",
    "family_reading",
    "sound",
    "voices",
    "given_voices",
    "voices_bits",
    "given_voices_bits",
    "voice",
    "family_letters",
    "given_letters",
    "given_romaji",
    "hint",
    "mailbox",
    "local",
    "domain",
    "local_letters",
    "domain_letters",
    "mobile",
    "line",
    "base",
    "firm",
    "number",
    "company",
    "company2",
    "stems",
    "stems2",
    "site",
    "site2",
    "former",
    "place",
    "department",
    "department_text",
)
"""The numbers of a row, in order; one more follows for each further field of the rules."""

SCRIPT, LATIN, KANJI = 3, 1, 3
"""The two lowest flags are the script: 0 none, 1 Latin, 2 kana, 3 kanji."""
NAMED, KANA_GIVEN, INITIAL, HINTED, TELLING, COMPANY_MAIL, NAMED_MAIL = (
    1 << bit for bit in range(2, 9)
)
KNOWN, LATIN_FIRM, OTHER_FIRM = (1 << bit for bit in range(9, 12))
ODD_MAIL, ODD_MOBILE, ODD_LINE, ODD_FIRM, ODD_HINT, ODD_SOUND = (1 << bit for bit in range(12, 18))
"""Odd: more, or longer, than the columns hold. Such pairs are compared one by one."""
CONTACTS = 32
"""From this bit on the flags hold how many of the keys, the first ones, are contacts."""

LETTERS = 12
"""Letters of a Latin word that fit into a number, five bits each, the first one highest."""
LENGTH, ENDS = 32, 40
"""From these bits on ``letters`` holds how long the text is, and its first and last sign."""

_SCRIPTS = {"": 0, "latin": LATIN, "kana": 2, "kanji": KANJI}
_PLACE = {chr(ord("a") + number): number + 1 for number in range(26)}
_APART = frozenset({"firm", "account", "keys", "contacts"})
"""The company stands before the rest, accounts are found later, and the others are not compared."""
_SLOTS = tuple(one.name for one in fields(Profile) if one.name not in _APART)
_rest = attrgetter(*_SLOTS)
_BLANKS: dict[str, Any] = {"keys": (), "contacts": ()}


class PackedRow(NamedTuple):
    """A record ready for bulk matching: its numbers, its match keys, and its profile as JSON."""

    record: str
    numbers: bytes
    keys: bytes
    body: bytes


def pack(made: Profile) -> PackedRow:
    """A profile as a row."""
    mailbox, mobile, line, hint = (
        min(one) if one else "" for one in (made.mailboxes, made.mobiles, made.lines, made.hints)
    )
    local, _, domain = mailbox.rpartition("@")
    given_romaji = made.romaji[1] if made.romaji else ""
    is_latin = made.script == "latin"
    firm = _firm(made.firm)
    flags = _name_flags(made, hint, given_romaji) | firm.flags
    flags |= len(dict.fromkeys(made.contacts)) << CONTACTS
    if mailbox:
        flags |= _mail_flags(made, mailbox, local, domain)
    if len(made.mobiles) > 1:
        flags |= ODD_MOBILE
    if len(made.lines) > 1:
        flags |= ODD_LINE
    numbers = (
        flags,
        _few(made.family),
        _few(made.given),
        _key("name", made.name),
        _key("name", made.given + made.family if made.family and made.given else ""),
        _hash(made.reading.translate(_SOFT)) if made.reading else 0,
        _few(made.family_reading),
        _key("sound", " ".join(sorted(made.romaji))) if made.romaji else 0,
        *_sounds(made.voices, made.given_voices),
        _few(made.voice),
        _letters_of_few(made.family) if is_latin else 0,
        _letters_of_few(made.given) if is_latin else 0,
        _word_of_few(given_romaji) if given_romaji else 0,
        word(hint) if hint else 0,
        _key("mailbox", mailbox),
        _hash(local),
        _few(domain),
        letters(local),
        _letters_of_few(domain),
        _key("mobile", mobile),
        _key("line", line),
        _key("line", line.partition(";")[0]),
        *firm.numbers,
        _few(made.department),
        _few(made.department_text),
        *(_hash(one) for one in made.extras),
    )
    return PackedRow(
        made.record,
        _integers(len(numbers)).pack(*numbers),
        _integers(len(made.keys)).pack(*made.keys),
        b"%b\n%b" % (firm.body, orjson.dumps(_rest(made), default=tuple)),
    )


class _Firm(NamedTuple):
    """What a row holds of its company: flags, numbers in the order of ``COLUMNS``, and JSON."""

    flags: int
    numbers: tuple[int, ...]
    body: bytes


def _firm(firm: Firm) -> _Firm:
    number, domains, names, former, place = firm
    body = orjson.dumps((number, domains, names, former, place))
    flags, of_names = _firm_names(names)
    if firm.is_known:
        flags |= KNOWN
    if len(domains) > 2 or len(former) > 1:
        flags |= ODD_FIRM
    numbers = (
        _number(body) if firm.is_known else 0,
        _hash(number),
        *of_names,
        *_two(domains),
        _hash(former[0]) if former else 0,
        _few(place),
    )
    return _Firm(flags, numbers, body)


@lru_cache(maxsize=16384)
def _firm_names(names: tuple[str, ...]) -> tuple[int, tuple[int, ...]]:
    """Flags and numbers of a company's names."""
    flags = 0
    if any(one.isascii() for one in names):
        flags |= LATIN_FIRM
    if not all(one.isascii() for one in names):
        flags |= OTHER_FIRM
    if len(names) > 2:
        flags |= ODD_FIRM
    return flags, (*_two(names), *_blooms({stem for one in names for stem in _stems(one)}))


def _name_flags(made: Profile, hint: str, given_romaji: str) -> int:
    flags = _SCRIPTS[made.script]
    if made.family or made.name or made.given:
        flags |= NAMED
    if is_kana(made.given):
        flags |= KANA_GIVEN
    if len(made.given) == 1 and made.given.isascii():
        flags |= INITIAL
    if made.hints:
        flags |= HINTED
    if len(made.hints) > 1 or not _fits(hint) or not _fits(given_romaji):
        flags |= ODD_HINT
    if any(" " in one for one in made.romaji):
        flags |= ODD_SOUND
    return flags


def _mail_flags(made: Profile, mailbox: str, local: str, domain: str) -> int:
    flags = TELLING if len(local) >= _TELLING else 0
    if domain and is_company_domain(domain):
        flags |= COMPANY_MAIL
    if mailbox in made.named:
        flags |= NAMED_MAIL
    return flags | ODD_MAIL if len(made.mailboxes) > 1 else flags


@lru_cache(maxsize=16384)
def _sounds(family: frozenset[str], given: frozenset[str]) -> tuple[int, int, int, int]:
    return _set(family), _set(given), _bloom(family), _bloom(given)


_integers = lru_cache(maxsize=64)(lambda count: struct.Struct(f"<{count}q"))


def _key(kind: str, text: str) -> int:
    """A text that is also a match key: what is learned of the keys is looked up by it."""
    return key(kind, text) if text else 0


def text_number(text: str) -> int:
    """64 bits of a text, signed, to tell texts of one column apart; no match key."""
    return _number(text.encode())


def _number(body: bytes) -> int:
    hashed: int = xxh3_64_intdigest(body)
    return hashed - _SIGN if hashed >= _HALF else hashed


_SIGN, _HALF = 1 << 64, 1 << 63


def _hash(text: str) -> int:
    return text_number(text) if text else 0


_few = lru_cache(maxsize=16384)(_hash)
"""For columns that hold few different texts."""


def _two(texts: Sequence[str]) -> tuple[int, int]:
    one = text_number(texts[0]) if texts else 0
    return one, text_number(texts[1]) if len(texts) > 1 else 0


def _set(texts: Iterable[str]) -> int:
    return _hash("|".join(sorted(texts)))


def _bloom(texts: Iterable[str]) -> int:
    """A bit for each text: two sets without a common bit have no common text."""
    bits = 0
    for one in texts:
        bits |= 1 << (text_number(one) >> 8) % 63
    return bits


def _blooms(texts: Iterable[str]) -> tuple[int, int]:
    """Two such sets of bits, each by other bits of the key."""
    bits, more = 0, 0
    for one in texts:
        hashed = text_number(one)
        bits |= 1 << (hashed >> 8) % 63
        more |= 1 << (hashed >> 24) % 61
    return bits, more


def letters(text: str) -> int:
    """Which signs a text is made of, how many, the first and the last: unlike texts are seen to be.

    Five bits tell signs apart well enough; all of it takes 50 bits.
    """
    bits = 0
    for sign in text:
        bits |= 1 << (ord(sign) & 31)
    if text:
        bits |= min(len(text), 255) << LENGTH
        bits |= (ord(text[0]) & 31) << ENDS | (ord(text[-1]) & 31) << ENDS + 5
    return bits


def word(text: str) -> int:
    """A Latin word as a number whose highest bits are the first letters."""
    packed = 0
    for sign in text[:LETTERS]:
        packed = packed << 5 | _PLACE.get(sign, 0)
    return packed << 5 * (LETTERS - min(len(text), LETTERS))


_letters_of_few = lru_cache(maxsize=16384)(letters)
_word_of_few = lru_cache(maxsize=16384)(word)

INITIALS = [_PLACE.get(_INITIALS.get(sign, sign), 0) for sign in "\0abcdefghijklmnopqrstuvwxyz"]
"""For each first letter of a word (as a number) the one that it is compared as."""


def _fits(text: str) -> bool:
    return len(text) <= LETTERS and all(sign in _PLACE for sign in text)


def _reader(annotation: str) -> Callable[[Any], Any]:
    for kind in (frozenset, tuple):
        if annotation.startswith(kind.__name__):
            return kind
    return str


_READERS = tuple((name, _reader(str(Profile.__annotations__[name]))) for name in _SLOTS)


def firm_part(body: bytes) -> bytes:
    """The part of a packed profile that is its company."""
    return body.partition(b"\n")[0]


def read_firm(part: bytes) -> Firm:
    """The company of a packed profile."""
    number, domains, names, former, place = orjson.loads(part)
    return Firm(number, tuple(domains), tuple(names), tuple(former), place)


def unpack(body: bytes, account: str | None = None) -> Profile:
    """The profile as ``compare`` needs it; what that does not look at is blank."""
    firm, _, rest = body.partition(b"\n")
    slots = {
        name: read(slot) for (name, read), slot in zip(_READERS, orjson.loads(rest), strict=True)
    }
    return Profile(**slots, **_BLANKS, firm=read_firm(firm), account=account)
