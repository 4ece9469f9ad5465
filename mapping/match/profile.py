"""What a record says about whose it is, folded once so that two records compare quickly.

A profile is made from the values that a record states. Its keys find other records that may be the
same person; none of them is identity. What many people share (info@, 0120 numbers, a family name
alone) is no key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from mapping.match.accounts import Firm, firm_of
from mapping.match.extra import fold_extra
from mapping.match.rules import CUTS, DEFAULT, Rules
from mapping.model import Value
from mapping.normalise import job
from mapping.normalise.email import (
    Mailbox,
    domain_class,
    email_key,
    mailbox_class,
)
from mapping.normalise.person import (
    Name,
    fold,
    looks_swapped,
    name_key,
    person_key,
    split,
)
from mapping.normalise.phone import PhoneKind, kind_of
from mapping.normalise.romaji import family_readings, given_readings, reading_romaji
from mapping.normalise.text import is_kana, kana_key

KEYS_VERSION = 4
"""Grows when the keys of the same values change, so that stored ones are made anew."""
_NOBODYS = frozenset({PhoneKind.FREEPHONE, PhoneKind.IP})


@dataclass(slots=True, eq=False)
class Profile:
    """One record, ready to be compared. Texts are "" where nothing is known.

    ``voices`` are what the family name may sound like, in folded Latin letters; ``hints`` what the
    mailboxes tell of the given name (the h of h.sato@), ``named`` those that hold the family name.
    ``account`` is set by whoever knows the accounts.
    """

    record: str
    mailboxes: frozenset[str]
    mobiles: frozenset[str]
    lines: frozenset[str]
    family: str
    given: str
    name: str
    script: str
    reading: str
    family_reading: str
    given_reading: str
    romaji: tuple[str, ...]
    voices: frozenset[str]
    given_voices: frozenset[str]
    hints: frozenset[str]
    named: frozenset[str]
    firm: Firm
    department: str
    department_text: str
    extras: tuple[str, ...]
    keys: tuple[int, ...]
    contacts: tuple[int, ...]
    name_keys: tuple[int, ...]
    account: str | None = None

    @property
    def voice(self) -> str:
        """One sound of the family name, to tell how many families use a mailbox or a number."""
        return min(self.voices) if self.voices else self.family or self.name


@lru_cache(maxsize=65536)
def key(kind: str, value: str) -> int:
    """A match key as stored: 64 bits of its kind and value, signed as databases want them.

    The last two bits say how many leads may share it (``cut_of``).
    """
    digest = blake2b(f"{kind}\0{value}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True) & ~3 | _CUT.get(kind, 0)


_CUT = {
    "name_company": 1,
    "family_company": 1,
    "line": 2,
    "local_part": 2,
    "name": 3,
    "sound": 3,
}


def cut_of(one: int) -> int:
    """How many leads may share a key; one that more share finds nobody."""
    return CUTS[one & 3]


def mailbox_key(address: str) -> int:
    """The key under which the leads of a normalised e-mail address are found."""
    return key("mailbox", email_key(address))


def profile(record: str, values: Mapping[str, Value], rules: Rules = DEFAULT) -> Profile:
    """The profile of the values that a record states, whatever of them is there."""
    mailboxes: list[str] = []
    for address in addresses(values):
        kind = mailbox_class(address)
        if kind is Mailbox.COMPANY or kind is Mailbox.FREE:
            mailboxes.append(email_key(address))
    mobiles, lines = _numbers(values)
    family, given = _parts(values)
    folded_family, folded_given = fold(family) if family else "", fold(given) if given else ""
    name = name_key(f"{family} {given}") if family and given else _whole(values)
    script = script_of(name or folded_family or folded_given)
    kana_family, kana_given = _readings(values, folded_family, folded_given, script)
    romaji = _romaji(values, family, given, script)
    voices = _voices(folded_family, family, romaji, 0)
    firm = firm_of(values)
    department = values.get("department")
    department = department if isinstance(department, str) else ""
    made = Profile(
        record=record,
        mailboxes=frozenset(mailboxes),
        mobiles=frozenset(mobiles),
        lines=frozenset(lines),
        family=folded_family,
        given=folded_given,
        name=name,
        script=script,
        reading=kana_family + kana_given if kana_family and kana_given else "",
        family_reading=kana_family,
        given_reading=kana_given,
        romaji=romaji,
        voices=voices,
        given_voices=_voices(folded_given, given, romaji, 1),
        hints=frozenset(_hints(mailboxes, voices)) if mailboxes else _NONE,
        named=frozenset([one for one in mailboxes if _names(one, voices)]) if mailboxes else _NONE,
        firm=firm,
        department=_department(department) if department else "",
        department_text=department,
        extras=_extras(values, rules) if rules.extras else (),
        keys=(),
        contacts=(),
        name_keys=(),
    )
    _add_keys(made, values, rules)
    return made


_NONE: frozenset[str] = frozenset()


def _extras(values: Mapping[str, Value], rules: Rules) -> tuple[str, ...]:
    return tuple([fold_extra(one.compare, values.get(one.field)) for one in rules.extras])


_department = lru_cache(maxsize=16384)(job.department_key)


def _add_keys(made: Profile, values: Mapping[str, Value], rules: Rules) -> None:
    contacts = [key("mailbox", one) for one in made.mailboxes]
    contacts += [key("mobile", one) for one in made.mobiles]
    contacts += [key("line", one.partition(";")[0]) for one in made.lines]
    names = []
    if made.name:
        names.append(key("name", made.name))
    if len(made.romaji) == 2:
        names.append(key("sound", " ".join(sorted(made.romaji))))
    keys = [*contacts, *names]
    if made.name:
        keys += [key("name_company", f"{made.name}|{firm}") for firm in made.firm.names]
    for voice in made.voices or ({made.family} if made.family else ()):
        keys += [key("family_company", f"{voice}|{firm}") for firm in made.firm.names]
        keys += [key("family_company", f"{voice}|{domain}") for domain in made.firm.domains]
    for address in made.mailboxes:
        local, _, domain = address.rpartition("@")
        if len(local) >= _LOCAL and domain_class(domain) is Mailbox.COMPANY:
            keys.append(key("local_part", local))
    if rules.keys:
        keys += _own_keys(values, rules)
    made.keys = tuple(dict.fromkeys(keys))
    made.contacts = tuple(contacts)
    made.name_keys = tuple(names)


_LOCAL = 4
"""Shorter local parts (ito@) are too many people's."""


def _own_keys(values: Mapping[str, Value], rules: Rules) -> Iterator[int]:
    """The keys that ``match.yaml`` adds; ``field:4`` is a field's first four signs."""
    for number, parts in enumerate(rules.keys):
        texts = []
        for part in parts:
            name, _, size = part.partition(":")
            text = fold_extra("text", values.get(name))
            texts.append(text[: int(size)] if size else text)
        if all(texts):
            yield key(f"own{number}", "|".join(texts))


def addresses(values: Mapping[str, Value]) -> Iterator[str]:
    """Every e-mail address among a lead's values, the primary first; one may come twice."""
    first = values.get("email")
    if isinstance(first, str) and "@" in first:
        yield first
    more = values.get("emails")
    if isinstance(more, list):
        yield from (address for address in more if address != first and "@" in address)


def _numbers(values: Mapping[str, Value]) -> tuple[list[str], list[str]]:
    """Mobile numbers, and other lines that may be somebody's (with extension)."""
    mobiles: list[str] = []
    lines: list[str] = []
    mobile, phone, more = values.get("mobile"), values.get("phone"), values.get("phones")
    for number in (mobile, phone, *(more if isinstance(more, list) else ())):
        if not isinstance(number, str) or not number.startswith("+"):
            continue
        kind = kind_of(number)
        if kind is PhoneKind.MOBILE or (number is mobile and not number.startswith("+81")):
            mobiles.append(number.partition(";")[0])
        elif kind not in _NOBODYS:
            lines.append(number)
    return mobiles, lines


def _parts(values: Mapping[str, Value]) -> Name:
    """Family and given name, put in order where the two fields were swapped."""
    family, given, full = (
        values.get(field) for field in ("family_name", "given_name", "full_name")
    )
    if not (isinstance(full, str) and full) and isinstance(family, str) and not given:
        full = family  # the whole name in the field of the family name
    if isinstance(full, str) and not (family and given) and not _is_nobody(full):
        parted = split(full)
        if parted is not None:
            return parted
    one = family if isinstance(family, str) and not _is_nobody(family) else None
    if one and full is family and len(one) >= _WHOLE:
        one = None  # nobody can tell where it parts
    other = given if isinstance(given, str) and not _is_nobody(given) else None
    if one and other:
        if looks_swapped(one, other):
            one, other = other, one
        if other[-1] in _TITLE_ENDS and (bare := split(one + other)) is not None:
            return bare  # 由織社長 is 由織, who is the president
    return Name(one, other)


def _whole(values: Mapping[str, Value]) -> str:
    """The key of a whole name that nobody could part."""
    full = values.get("full_name")
    if isinstance(full, str) and full:
        return "" if _is_nobody(full) else person_key(values)
    alone = values.get("family_name")
    if isinstance(alone, str) and len(alone) >= _WHOLE and not values.get("given_name"):
        return "" if _is_nobody(alone) else person_key({"full_name": alone})
    return ""


_WHOLE = 4
"""A family name of so many signs, without a given name, is most often the whole name."""


_NOBODY = re.compile("担当|御中|各位|受付|窓口|不明|匿名")
_TITLE_ENDS = frozenset("長員役様氏師生事さん任理者")


def _is_nobody(name: str) -> bool:
    """Whether a name is a form of address: ご担当者様."""
    return not name or (not name.isascii() and _NOBODY.search(name) is not None)


def script_of(text: str) -> str:
    """``latin``, ``kana``, ``kanji``, or "" for no text."""
    if not text:
        return ""
    if text.isascii():
        return "latin"
    return "kana" if is_kana(text) else "kanji"


def _readings(values: Mapping[str, Value], family: str, given: str, script: str) -> tuple[str, str]:
    """The kana of family and given name; a name in kana is its own reading."""
    kana, more = values.get("family_kana"), values.get("given_kana")
    one = kana_key(kana) if isinstance(kana, str) and kana else ""
    other = kana_key(more) if isinstance(more, str) and more else ""
    if not one and not other and script == "kana":
        return family, given
    return one, other


def _romaji(
    values: Mapping[str, Value], family: str | None, given: str | None, script: str
) -> tuple[str, ...]:
    """Family and given name in folded Latin letters, where somebody wrote or read them."""
    for pair in (("family_romaji", "given_romaji"), ("family_kana", "given_kana")):
        one, other = values.get(pair[0]), values.get(pair[1])
        if isinstance(one, str) and isinstance(other, str) and one and other:
            return _letters(one), _letters(other)
    if script in ("latin", "kana") and family and given:
        return _letters(family), _letters(given)
    return ()


@lru_cache(maxsize=16384)
def _letters(text: str) -> str:
    """A reading in folded Latin letters; from the kana as written, since ッ and ショ matter."""
    return fold(text) if text.isascii() else reading_romaji(text)


def _voices(
    folded: str, written: str | None, romaji: tuple[str, ...], place: int
) -> frozenset[str]:
    """How a part of a name may sound, in folded Latin letters."""
    if romaji:
        return frozenset((romaji[place],))
    if not written:
        return frozenset()
    script = script_of(folded)
    if script == "latin":
        return frozenset((folded,))
    return frozenset((reading_romaji(written),)) if script == "kana" else _sounds(folded, place)


@lru_cache(maxsize=16384)
def _sounds(kanji: str, place: int) -> frozenset[str]:
    readings = family_readings(kanji) if place == 0 else given_readings(kanji)
    return frozenset(reading_romaji(reading) for reading in readings)


_LETTERS = re.compile(r"[a-z]+")


def _hints(mailboxes: Iterable[str], voices: frozenset[str]) -> Iterator[str]:
    """What stands beside the family name in a local part: the h of h.sato@, satoharu@'s haru."""
    for address in mailboxes:
        words = [fold(word) for word in _LETTERS.findall(address.rpartition("@")[0])]
        for voice in voices:
            if len(voice) < _SHORTEST:
                continue
            if voice in words and len(words) > 1:
                yield from (word for word in words if word != voice)
            elif len(words) == 1 and words[0] != voice:
                whole = words[0]
                if whole.startswith(voice):
                    yield whole.removeprefix(voice)
                elif whole.endswith(voice):
                    yield whole.removesuffix(voice)


def _names(address: str, voices: frozenset[str]) -> bool:
    """Whether a local part holds the family name; where nobody knows how it sounds, it may."""
    local = fold("".join(_LETTERS.findall(address.rpartition("@")[0])))
    return not voices or any(voice in local for voice in voices)


_SHORTEST = 3
"""Shorter family names (ito is long enough, e is not) are found in anything."""


def is_company_domain(domain: str) -> bool:
    """Whether mailboxes at a domain are a company's, and not a provider's."""
    return domain_class(domain) is Mailbox.COMPANY


__all__ = ["Profile", "addresses", "cut_of", "is_company_domain", "key", "mailbox_key", "profile"]
