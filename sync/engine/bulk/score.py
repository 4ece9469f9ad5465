"""Scores of many pairs: one pair of each pattern of facts is compared, and stands for the others.

``mapping.match.compare`` alone says what evidence counts. A pair whose facts leave something open
gets an upper bound: what the rest comes to, and the most that the open part could add. Only pairs
that may still reach the floor are compared one by one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import inf
from typing import NamedTuple

import numpy as np

from mapping.match.accounts import NO_FIRM
from mapping.match.compare import Score, compare
from mapping.match.crowd import Crowd
from mapping.match.extra import Learnt
from mapping.match.profile import Profile
from mapping.match.rules import Extra, Rules
from sync.engine.bulk.columns import Bools, Floats, Ints, Places
from sync.engine.bulk.facts import EXTRA, FIRM, NAME, PART, SAME_MAILBOX, WHOLE, Pool

Compared = Callable[[Sequence[tuple[int, int]]], Iterable[Score]]

_UNSURE_FROM = 58
_OF_A_PART = ("family", "families_differ", "given_names_differ", "names_differ")
_NONE: frozenset[str] = frozenset()
_NOT_OF_A_NAME = frozenset(
    {
        "mailbox", "mobile", "line", "extension", "local_part", "mailbox_typo", "mailboxes_differ",
        "mailboxes_vary", "mobiles_differ", "account", "account_by_name", "other_company",
        "sister_company", "prefectures_differ", "department", "other_department",
        "name", "name_common", "reading", "reading_common", "reading_too",
    }
)  # fmt: skip
_OF_A_FIRM = ("account", "account_by_name", "other_company", "sister_company")
_HINTS = ("mailbox_fits", "mailbox_unfit")


class Scored(NamedTuple):
    """Pairs of records by number, and the number of each pair's score among ``Scores``."""

    a: Places
    b: Places
    score: Places

    def where(self, held: Bools | Ints) -> Scored:
        """Some of them, or all in another order."""
        return Scored(self.a[held], self.b[held], self.score[held])


def together(parts: Sequence[Scored]) -> Scored:
    """All of several."""
    if not parts:
        none = np.zeros(0, np.int32)
        return Scored(none, none, none)
    return Scored(*(np.concatenate(column) for column in zip(*parts, strict=True)))


class Scores:
    """Each different score once, by number."""

    def __init__(self) -> None:
        self.all: list[Score] = []
        self._numbers: dict[Score, int] = {}
        self._lock = threading.Lock()

    def number(self, score: Score) -> int:
        """The number of a score, a new one where it was not there."""
        with self._lock:
            found = self._numbers.setdefault(score, len(self.all))
            if found == len(self.all):
                self.all.append(score)
            return found

    def each(self, what: Callable[[Score], float]) -> Floats:
        """Something of every score, by number."""
        return np.array([what(score) for score in self.all], np.float64)


class Judge:
    """Finds the scores of pairs of records."""

    def __init__(
        self, pool: Pool, crowd: Crowd, rules: Rules, compared: Compared, threads: int = 1
    ) -> None:
        self.pool, self.columns = pool, pool.columns
        self.crowd, self.rules = crowd, rules
        self.scores = Scores()
        self._compared = compared
        self._threads = threads
        self._most = _most(rules)
        self._names: dict[int, float] = {}
        self._others: dict[int, float] = {}
        self._sure: dict[tuple[int, int], int] = {}

    def scored(self, pairs: Iterable[tuple[Places, Places]], floor: float = -inf) -> Scored:
        """Those of the pairs that score ``floor`` or more."""
        with ThreadPoolExecutor(self._threads) as threads:
            # Arrays are worked on outside the interpreter's lock.
            found = together(
                list(threads.map(lambda two: self._some(two[0], two[1], floor), pairs))
            )
        open_ = np.flatnonzero(found.score < 0)
        if len(open_):
            twos = list(zip(found.a[open_].tolist(), found.b[open_].tolist(), strict=True))
            scores = [self.scores.number(score) for score in self._compared(twos)]
            found.score[open_] = scores
        points = self.scores.each(lambda score: score.points)
        return found.where(points[found.score] >= floor)

    def _some(self, a: Places, b: Places, floor: float) -> Scored:
        """The pairs that may score ``floor`` or more; score -1 where only comparing can tell."""
        names, others, unsure = self.pool.facts(a, b)
        names |= (unsure & (NAME | PART)) << _UNSURE_FROM
        others |= (unsure & ~(NAME | PART)) << _UNSURE_FROM
        most = self._points(names, self._names, self._of_names, a, b)
        most += self._points(others, self._others, self._of_others, a, b)
        held = most + _SLACK >= floor
        a, b = a[held], b[held]
        return Scored(a, b, self._known(names[held], others[held], unsure[held], a, b))

    def one(self, a: int, b: int) -> Score:
        """The score of one pair, by comparing it."""
        made, other = self.columns.profile(a), self.columns.profile(b)
        return compare(made, other, self.crowd, self.rules)

    def _points(
        self,
        words: Ints,
        known: dict[int, float],
        look: Callable[[int, int, int], float],
        a: Places,
        b: Places,
    ) -> Floats:
        """The most that one part of each pair's facts comes to; new facts are looked at."""
        different, first, at = np.unique(words, return_index=True, return_inverse=True)
        found = np.empty(len(different))
        for place, (word, pair) in enumerate(zip(different.tolist(), first.tolist(), strict=True)):
            points = known.get(word)
            if points is None:
                points = known[word] = look(int(a[pair]), int(b[pair]), word)
            found[place] = points
        each: Floats = found[at]
        return each

    def _of_names(self, a: int, b: int, word: int) -> float:
        if unsure := word >> _UNSURE_FROM:
            return self._most[NAME if unsure & NAME else PART]
        made, other = (
            replace(
                self.columns.profile(record),
                mobiles=_NONE,
                lines=_NONE,
                mailboxes=_NONE,
                firm=NO_FIRM,
                department="",
                extras=(),
                hints=_NONE if word & SAME_MAILBOX else self.columns.profile(record).hints,
            )
            for record in (a, b)
        )
        return compare(made, other, self.crowd, replace(self.rules, extras=())).points

    def _of_others(self, a: int, b: int, word: int) -> float:
        unsure = word >> _UNSURE_FROM
        if unsure & WHOLE:
            return inf
        rules = replace(self.rules, extras=()) if unsure & EXTRA else self.rules
        made, other = (_without(self.columns.profile(record), unsure) for record in (a, b))
        more = sum(most for part, most in self._most.items() if unsure & part)
        return compare(made, other, self.crowd, rules).points + more

    def _known(self, names: Ints, others: Ints, unsure: Ints, a: Places, b: Places) -> Places:
        """The number of each pair's score, one pair compared for all with its facts; -1: unsure."""
        name_words, name_at = np.unique(names, return_inverse=True)
        other_words, other_at = np.unique(others, return_inverse=True)
        size = len(other_words)
        both = name_at.astype(np.int64) * size + other_at
        words, first, at = np.unique(both, return_index=True, return_inverse=True)
        numbers = np.empty(len(words), np.int32)
        for place, (word, pair) in enumerate(zip(words.tolist(), first.tolist(), strict=True)):
            key = int(name_words[word // size]), int(other_words[word % size])
            number = -1 if unsure[pair] else self._sure.get(key)
            if number is None:
                score = self.one(int(a[pair]), int(b[pair]))
                number = self._sure[key] = self.scores.number(score)
            numbers[place] = number
        found: Places = numbers[at]
        return found


_SLACK = 1e-6
"""Sums in another order differ by less."""


def _without(made: Profile, unsure: int) -> Profile:
    """A profile without its names, and without what a pair is unsure of."""
    made = replace(made, family="", given="", name="")
    if unsure & FIRM:
        made = replace(made, firm=NO_FIRM)
    if unsure & EXTRA:
        made = replace(made, extras=())
    return made


def _most(rules: Rules) -> Mapping[int, float]:
    """The most that each part can add to a score.

    An unsure name is neither the same as written nor the same as read; a part of a name at most
    agrees.
    """
    points = rules.points
    name = max(points[code] for code in points if code not in (*_NOT_OF_A_NAME, *_HINTS))
    hint = max(points[code] for code in _HINTS)
    place = max(points["prefectures_differ"], 0.0)
    firm = max(points[code] for code in _OF_A_FIRM)
    extras = sum(_most_of(one) for one in rules.extras)
    part = max(points[code] for code in _OF_A_PART)
    return {
        NAME: max(name, 0.0) + max(hint, 0.0),
        PART: max(part, 0.0),
        FIRM: max(firm, 0.0) + place,
        EXTRA: extras,
    }


def _most_of(extra: Extra) -> float:
    learnt = (extra.near, *extra.usual.values()) if isinstance(extra, Learnt) else ()
    return max(extra.same, extra.close, extra.differ, *learnt, 0.0)
