"""What can be told of many pairs of records at once, mostly without looking at a text.

Two pairs of which the same facts hold compare alike, so that one of them is compared and stands for
the others. Where the numbers do not tell (texts that may be close), a pair is marked unsure of that
part. The tests hold the facts against ``mapping.match.compare``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mapping.match.profile import Profile
from mapping.normalise.job import same_department
from sync.engine.bulk.columns import Bools, Columns, Ints, Places
from sync.engine.bulk.packed import (
    COMPANY_MAIL,
    ENDS,
    HINTED,
    INITIAL,
    INITIALS,
    KANA_GIVEN,
    KNOWN,
    LATIN,
    LATIN_FIRM,
    LENGTH,
    LETTERS,
    NAMED,
    NAMED_MAIL,
    ODD_FIRM,
    ODD_HINT,
    ODD_LINE,
    ODD_MAIL,
    ODD_MOBILE,
    ODD_SOUND,
    OTHER_FIRM,
    SCRIPT,
    TELLING,
)

NAME, PART, FIRM, EXTRA, WHOLE = 1, 2, 4, 8, 16
"""What a pair may be unsure of; of WHOLE nothing can be said beforehand. PART: whether one name is
a part of the other."""

SAME_MAILBOX = 1
"""The lowest bit of what is told of names: a mailbox is shared, and tells nothing of them."""

_PLACES_BITS = 6
_MOST_EXTRAS = 15


class Facts(NamedTuple):
    """The facts of each pair, as two words of bits, and what it is unsure of."""

    names: Ints
    others: Ints
    unsure: Ints


class Texts:
    """A slot of all records as numbers of its different values, which are kept once."""

    def __init__(self, columns: Columns, name: str, slot: Callable[[Profile], Any]) -> None:
        _, first, numbers = np.unique(columns[name], return_index=True, return_inverse=True)
        self.numbers: Places = numbers.astype(np.int32)
        self.values = [slot(columns.profile(int(record))) for record in first]


def related(
    a: tuple[Texts, Places],
    b: tuple[Texts, Places],
    where: Bools,
    relation: Callable[[Any, Any], int],
) -> npt.NDArray[np.int8]:
    """What ``relation`` says of the values of two sides, asked once for each two values."""
    found = np.zeros(len(where), np.int8)
    (ours, records), (theirs, others) = a, b
    size = len(theirs.values)
    asked = ours.numbers[records[where]].astype(np.int64) * size + theirs.numbers[others[where]]
    twos, place = np.unique(asked, return_inverse=True)
    said = [relation(ours.values[two // size], theirs.values[two % size]) for two in twos.tolist()]
    found[where] = np.array(said, np.int8)[place]
    return found


class Pool:
    """All records, with the texts that facts are asked of.

    ``is_plain``: of a further field that two records share, its points do not depend on its value.
    """

    def __init__(self, columns: Columns, *, is_plain: bool = True) -> None:
        self.columns = columns
        self.is_plain = is_plain
        self.voices = Texts(columns, "voices", lambda made: made.voices)
        self.given_voices = Texts(columns, "given_voices", lambda made: made.given_voices)
        self.departments = Texts(columns, "department_text", lambda made: made.department_text)

    def facts(self, a: Places, b: Places) -> Facts:
        """What holds of the pairs (a, b)."""
        pairs = _Pairs(self, a, b)
        same_mailbox, same_line = _contacts(pairs)
        _companies(pairs, same_line)
        _jobs(pairs)
        _names(pairs, same_mailbox)
        _extras(pairs)
        return Facts(pairs.names.bits, pairs.others.bits, pairs.unsure)


class _Word:
    """A word of bits for each pair."""

    def __init__(self, size: int) -> None:
        self.bits = np.zeros(size, np.int64)
        self.at = 0

    def add(self, *facts: Bools) -> None:
        for fact in facts:
            self.bits |= fact.astype(np.int64) << self.at
            self.at += 1


class _Pairs:
    """The two sides of some pairs, and the facts found so far."""

    def __init__(self, pool: Pool, a: Places, b: Places) -> None:
        self.pool, self.columns = pool, pool.columns
        self.a, self.b = a, b
        self.flags_a, self.flags_b = self.sides("flags")
        self.either, self.both = self.flags_a | self.flags_b, self.flags_a & self.flags_b
        self.names, self.others = _Word(len(a)), _Word(len(a))
        self.unsure = np.zeros(len(a), np.int64)

    def sides(self, name: str) -> tuple[Ints, Ints]:
        column = self.columns[name]
        return column[self.a], column[self.b]

    def same(self, name: str) -> tuple[Bools, Bools]:
        """Whether both have a text there, and whether it is one."""
        one, other = self.sides(name)
        have = (one != 0) & (other != 0)
        return have, have & (one == other)

    def share(self, name: str, more: str) -> tuple[Bools, Bools]:
        """The same of two slots that hold a set between them."""
        a1, b1 = self.sides(name)
        a2, b2 = self.sides(more)
        first = (a1 != 0) & ((a1 == b1) | (a1 == b2))
        return (a1 != 0) & (b1 != 0), first | ((a2 != 0) & ((a2 == b1) | (a2 == b2)))

    def doubt(self, what: int, where: Bools) -> None:
        self.unsure |= where * np.int64(what)


def _has(flags: Ints, bit: int) -> Bools:
    found: Bools = (flags & bit) != 0
    return found


def _contacts(pairs: _Pairs) -> tuple[Bools, Bools]:
    add, shared = pairs.others.add, pairs.columns.is_shared
    have, mailbox = pairs.same("mailbox")
    _, local = pairs.same("local")
    _, domain = pairs.same("domain")
    add(have, mailbox, local, domain)
    add(*(have & _has(pairs.both, bit) for bit in (COMPANY_MAIL, NAMED_MAIL, TELLING)))
    locals_ = pairs.sides("local_letters")
    edited = (local & _may_be_edited(*pairs.sides("domain_letters"))) | (
        domain & _may_be_edited(*locals_) & (locals_[0] >> ENDS == locals_[1] >> ENDS)
    )
    nobodys = mailbox & shared["mailbox"][pairs.a]
    doubtful = (~mailbox & edited) | nobodys | _has(pairs.either, ODD_MAIL)
    pairs.doubt(WHOLE, have & doubtful)
    have, mobile = pairs.same("mobile")
    add(have, mobile, mobile & shared["mobile"][pairs.a])
    pairs.doubt(WHOLE, have & _has(pairs.either, ODD_MOBILE))
    have, line = pairs.same("line")
    add(line, line & (pairs.columns["line"][pairs.a] != pairs.columns["base"][pairs.a]))
    add(line & shared["base"][pairs.a])
    pairs.doubt(WHOLE, have & _has(pairs.either, ODD_LINE))
    return mailbox, line


def _may_be_edited(one: Ints, other: Ints) -> Bools:
    """Whether one letter more, less, other or moved may be all that two texts differ by."""
    away = np.abs(_length(one) - _length(other))
    found: Bools = (away <= 1) & (_lost(one, other) <= 1) & (_lost(other, one) <= 1)
    return found


def _length(one: Ints) -> Ints:
    return one >> LENGTH & 255


def _lost(one: Ints, other: Ints) -> Ints:
    """How many kinds of signs one text has and the other has not."""
    counted: Ints = np.bitwise_count(one & ~other & ((1 << LENGTH) - 1)).astype(np.int64)
    return counted


_ALIKE_JARO = (0.9 - 0.4) / (1 - 0.4)
"""Jaro's likeness below which Jaro-Winkler's, with four letters of prefix, stays below 0.9."""


def _may_be_alike(one: Ints, other: Ints) -> Bools:
    """Whether Jaro-Winkler may find two texts alike: matched letters are at most those shared."""
    size, size_too = _length(one), _length(other)
    matched = np.minimum(size - _lost(one, other), size_too - _lost(other, one))
    ratio = matched / np.maximum(size, 1) + matched / np.maximum(size_too, 1)
    found: Bools = (matched > 0) & (ratio + 1 >= 3 * _ALIKE_JARO - 1e-9)
    return found


def _companies(pairs: _Pairs, line: Bools) -> None:
    add = pairs.others.add
    known = _has(pairs.both, KNOWN)
    numbers, number = pairs.same("number")
    account_a, account_b = pairs.columns.account[pairs.a], pairs.columns.account[pairs.b]
    accounts = (account_a >= 0) & (account_b >= 0)
    account = accounts & (account_a == account_b)
    names, name = pairs.share("company", "company2")
    _, site = pairs.share("site", "site2")
    scripts = _has(pairs.both, LATIN_FIRM) | _has(pairs.both, OTHER_FIRM)
    places, place = pairs.same("place")
    is_open = known & ~numbers & ~account & ~line
    add(known, known & numbers, known & number, known & account)
    add(*(is_open & fact for fact in (accounts, names, name, site, scripts, places & ~place)))
    alike = names & ~name
    for stems in ("stems", "stems2"):
        one, other = pairs.sides(stems)
        alike &= (one & other) != 0
    pairs.doubt(FIRM, is_open & (alike | _has(pairs.either, ODD_FIRM)))


def _jobs(pairs: _Pairs) -> None:
    have, same = pairs.same("department")
    texts = pairs.pool.departments
    told = related((texts, pairs.a), (texts, pairs.b), have & ~same, _same_job)
    pairs.others.add(same, told == _SAME, told == _OTHER)


_SAME, _OTHER = 1, 2


def _same_job(one: str, other: str) -> int:
    same = same_department(one, other)
    return 0 if same is None else _SAME if same else _OTHER


def _names(pairs: _Pairs, same_mailbox: Bools) -> None:
    add = pairs.names.add
    named = _has(pairs.both, NAMED)
    one_script = (pairs.flags_a & SCRIPT) == (pairs.flags_b & SCRIPT)
    latin = one_script & ((pairs.flags_a & SCRIPT) == LATIN)
    add(same_mailbox)
    for flags in (pairs.flags_a, pairs.flags_b):
        add(*(named & _has(flags, bit) for bit in (1, 2, KANA_GIVEN, INITIAL)))
    family_a, family_b = pairs.sides("family")
    given_a, given_b = pairs.sides("given")
    name_a, name_b = pairs.sides("name")
    back_a, back_b = pairs.sides("given_family")
    parts = [one != 0 for one in (family_a, family_b, given_a, given_b, name_a, name_b)]
    same_family, same_given = family_a == family_b, given_a == given_b
    crossed = (family_a == given_b, given_a == family_b)
    name = parts[4] & (name_a == name_b)
    sound_a, sound_b = pairs.sides("sound")
    sound = (sound_a != 0) & (sound_a == sound_b)
    backwards = (parts[4] & (name_a == back_b), parts[5] & (name_b == back_a))
    add(named, *parts, same_family, same_given, *crossed, name, *backwards)
    add(sound_a != 0, sound_b != 0, sound, *pairs.same("reading"), *pairs.same("family_reading"))
    whole = parts[0] & parts[1] & parts[2] & parts[3]
    is_other = named & ~name
    pairs.doubt(WHOLE, is_other & sound & _has(pairs.either, ODD_SOUND))
    begins = _may_begin(parts, backwards[0] | backwards[1])
    pairs.doubt(PART, is_other & ~sound & one_script & ~whole & begins)
    same = (same_family & same_given) | (crossed[0] & crossed[1])
    pairs.doubt(NAME, is_other & latin & whole & ~same & _may_be_latin(pairs, same_family))
    _voices(pairs, is_other & ~latin)
    _hints(pairs, named & ~same_mailbox)
    places = pairs.columns.places
    at = np.maximum(
        np.where(name, places["name"][pairs.a], 1), np.where(sound, places["sound"][pairs.a], 1)
    )
    pairs.names.bits |= at.astype(np.int64) << pairs.names.at
    pairs.names.at += _PLACES_BITS


def _may_begin(parts: Sequence[Bools], backwards: Bools) -> Bools:
    """Whether it matters that one name may begin with the other: at least one is not parted."""
    family_a, family_b, _, _, name_a, name_b = parts
    return np.where(name_a & name_b, (family_a | family_b) & ~backwards, ~(family_a & family_b))


def _may_be_latin(pairs: _Pairs, same_family: Bools) -> Bools:
    families, givens = pairs.sides("family_letters"), pairs.sides("given_letters")
    return (
        same_family
        | _may_be_edited(*families)
        | (_may_be_alike(*families) & _may_be_alike(*givens))
        | (_may_be_alike(families[0], givens[1]) & _may_be_alike(givens[0], families[1]))
    )


def _voices(pairs: _Pairs, where: Bools) -> None:
    """Whether two names may sound alike, part by part, and crosswise."""
    family, given = pairs.pool.voices, pairs.pool.given_voices
    bits = {family: pairs.sides("voices_bits"), given: pairs.sides("given_voices_bits")}
    for sides in bits.values():
        pairs.names.add(*(where & (one != 0) for one in sides))
    for ours, theirs in ((family, family), (given, given), (family, given), (given, family)):
        may = where & ((bits[ours][0] & bits[theirs][1]) != 0)
        pairs.names.add(related((ours, pairs.a), (theirs, pairs.b), may, _meet) == 1)


def _meet(one: frozenset[str], other: frozenset[str]) -> int:
    return not one.isdisjoint(other)


def _hints(pairs: _Pairs, where: Bools) -> None:
    """Whether what the mailboxes tell of the given names fits, and whether it speaks against it."""
    hint_a, hint_b = pairs.sides("hint")
    given_a, given_b = pairs.sides("given_romaji")
    sound_a, sound_b = pairs.sides("sound")
    hinted_a, hinted_b = _has(pairs.flags_a, HINTED), _has(pairs.flags_b, HINTED)
    told = np.zeros(len(hint_a), np.bool_)
    fits, unfit = told.copy(), ~told
    for hint, other, have in (
        (hint_a, given_b, hinted_a & (sound_b != 0)),
        (hint_b, given_a, hinted_b & (sound_a != 0)),
        (hint_a, hint_b, hinted_a & hinted_b),
    ):
        told |= have
        one_initial = _INITIALS[hint >> _FIRST] == _INITIALS[other >> _FIRST]
        size = _size(hint)
        begins = ((hint ^ other) & _MASK[size] & _MASK[_size(other)]) == 0
        fits |= have & (begins | ((size == 1) & one_initial))
        unfit &= ~have | ~one_initial
    told &= where
    pairs.names.add(told, told & fits, told & unfit)
    pairs.doubt(WHOLE, told & _has(pairs.either, ODD_HINT))


_FIRST = 5 * (LETTERS - 1)
_INITIALS = np.array(INITIALS, np.int64)
_MASK = np.array([((1 << 5 * size) - 1) << 5 * (LETTERS - size) for size in range(LETTERS + 1)])


def _size(words: Ints) -> Ints:
    """How many letters a packed word has."""
    size = np.zeros(len(words), np.int64)
    for at in range(LETTERS):
        size += (words >> 5 * at & 31) != 0
    return size


def _extras(pairs: _Pairs) -> None:
    """Further fields: both equal, or to be looked at."""
    for number, column in enumerate(pairs.columns.extras):
        one, other = column[pairs.a], column[pairs.b]
        have, same = (one != 0) & (other != 0), one == other
        if pairs.pool.is_plain and number < _MOST_EXTRAS:
            pairs.others.add(have & same)
            pairs.doubt(EXTRA, have & ~same)
        else:
            pairs.doubt(EXTRA, (one != 0) | (other != 0))
