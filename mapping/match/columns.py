"""Records as a table of columns: which pairs to look at, how alike they are, and who is who.

This is matching for data that is not of the lead model (a register, a list of sites): each column
is compared by its own settings, and the sum decides. Leads proper go through ``everyone``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from math import log2

from mapping.match.cluster import NO_DECISIONS, Clusters, Decisions, Pair, cluster
from mapping.match.compare import Reason, Score
from mapping.match.extra import (
    CLOSE,
    DIFFER,
    NEAR,
    SAME,
    UNKNOWN,
    Learnt,
    LearntRules,
    comparer,
    fold_extra,
    level,
    points_of,
)
from mapping.match.rules import HOT, Extra, Rules
from mapping.model import Value

Records = Mapping[str, Mapping[str, Value]]
Pattern = tuple[str, ...]
"""How two records compare, a step for each column."""

ONE_SIDE = Score(-99.0, (Reason("one_side", -99.0, ""),), is_clear=False, is_hard=True)
"""Two records of one file, where each file names everybody once."""

SEPARATOR = "\0"
ONE_GROUP = "one_group"
_SHARED = 2.0
"""What a group has in common agrees more often than by chance: by these points and more."""
_ALIKE = frozenset({SAME, CLOSE})
_CROSSED = {SAME: CLOSE, CLOSE: CLOSE, NEAR: NEAR, UNKNOWN: UNKNOWN}
"""What a value is taken for that stands in the other's place; a differing one is none."""


class Columns:
    """Records, folded for comparing. ``sides`` says of each record which file it is of, if any."""

    def __init__(
        self, records: Records, extras: Sequence[Extra], sides: Mapping[str, str] | None = None
    ) -> None:
        self.ids = list(records)
        self.extras = tuple(extras)
        self.sides = [sides[one] for one in self.ids] if sides else None
        self.raw = list(records.values())
        self.folded = [self._fold(extra) for extra in self.extras]
        self._compared = [
            (comparer(extra), of) for extra, of in zip(self.extras, self.folded, strict=True)
        ]
        self.place = {extra.field: at for at, extra in enumerate(self.extras)}
        self.swaps = next(
            (
                (at, self.place[extra.swaps])
                for at, extra in enumerate(self.extras)
                if isinstance(extra, Learnt) and extra.swaps in self.place
            ),
            None,
        )
        self.candidates: set[int] = set()
        self.found: dict[int, Pattern] = {}
        self._looked_for: set[tuple[str, ...]] = set()
        self._parts: dict[str, list[tuple[str, ...]]] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def _fold(self, extra: Extra) -> list[str]:
        made = [fold_extra(extra.compare, values.get(extra.field)) for values in self.raw]
        if isinstance(extra, Learnt) and extra.without:
            for at, values in enumerate(self.raw):
                said = {
                    word
                    for other in extra.without
                    for word in fold_extra("text", values.get(other)).split()
                }
                made[at] = " ".join(word for word in made[at].split() if word not in said)
        return made

    def apart(self, a: int, b: int) -> bool:
        """Whether two records are of one file, and so two entities."""
        return self.sides is not None and self.sides[a] == self.sides[b]

    def compare(self, a: int, b: int) -> Pattern:
        """How two records compare, by their places."""
        found = []
        for compare, of in self._compared:
            one, other = of[a], of[b]
            if not one or not other:
                found.append(UNKNOWN)
            else:
                found.append(SAME if one == other else compare(one, other))
        if self.swaps:
            self._crossed(found, a, b, *self.swaps)
        return tuple(found)

    def _crossed(self, found: list[str], a: int, b: int, one: int, other: int) -> None:
        """Take two columns for close whose values changed places, in either record."""
        if found[one] in _ALIKE or found[other] in _ALIKE:
            return
        ours, theirs = self.folded[one], self.folded[other]
        there = level("text", ours[a], theirs[b])
        back = level("text", theirs[a], ours[b])
        if there in _ALIKE and back in _CROSSED:
            found[one], found[other] = CLOSE, _CROSSED[back]
        elif back in _ALIKE and there in _CROSSED:
            found[one], found[other] = _CROSSED[there], CLOSE

    def compare_all(self, keys: Sequence[tuple[str, ...]]) -> Mapping[int, Pattern]:
        """How all pairs compare that share a key, by ``a * len + b``, a before b."""
        for parts in keys:
            self.look_for(parts)
        if len(self.found) < len(self.candidates):
            known: dict[Pattern, Pattern] = {}
            for code in sorted(self.candidates - self.found.keys()):
                made = self.compare(*divmod(code, len(self)))
                self.found[code] = known.setdefault(made, made)
        return self.found

    def look_for(self, parts: tuple[str, ...]) -> None:
        """Add the pairs that share a key to the ``candidates``, as ``a * len + b``."""
        if parts in self._looked_for:
            return
        self._looked_for.add(parts)
        size = len(self)
        for block in self.blocks(parts):
            for a, b in combinations(block, 2):
                if not self.apart(a, b):
                    self.candidates.add(a * size + b)

    def blocks(self, parts: tuple[str, ...]) -> Iterator[list[int]]:
        """The records of each value of a key, where there are at least two and not too many."""
        by_value: dict[str, list[int]] = {}
        for at, values in enumerate(self._values(parts)):
            for value in values:
                by_value.setdefault(value, []).append(at)
        return (block for block in by_value.values() if 2 <= len(block) <= HOT)

    def price(self, parts: tuple[str, ...]) -> tuple[int, int]:
        """How many pairs a key would find, and how many records it would find them for."""
        counts = Counter(value for values in self._values(parts) for value in values)
        sizes = [size for size in counts.values() if 2 <= size <= HOT]
        return sum(size * (size - 1) // 2 for size in sizes), sum(sizes)

    def _values(self, parts: tuple[str, ...]) -> Iterable[Sequence[str]]:
        """The values that each record has for a key."""
        first, *more = [self._pieces(part) for part in parts]
        if not more:
            return first
        return (
            [SEPARATOR.join(one) for one in product(*pieces)] if all(pieces) else ()
            for pieces in zip(first, *more, strict=True)
        )

    def _pieces(self, part: str) -> list[tuple[str, ...]]:
        """What each record has for one part of a key: a field, ``field:4`` or ``field:words``."""
        made = self._parts.get(part)
        if made is None:
            made = self._parts[part] = self._made_pieces(part)
        return made

    def _made_pieces(self, part: str) -> list[tuple[str, ...]]:
        name, _, how = part.partition(":")
        at = self.place.get(name)
        if at is None:
            values = [fold_extra("text", one.get(name)) for one in self.raw]
        else:
            values = self.folded[at]
        if how == "words":
            return [tuple(dict.fromkeys(value.split())) for value in values]
        if how:
            size = int(how)
            values = [value[:size] if size > 0 else value[size:] for value in values]
        return [(value,) if value else () for value in values]


def match_columns(
    table: Columns, rules: Rules, decisions: Decisions = NO_DECISIONS
) -> tuple[Clusters, Scorer]:
    """Who is who in a table by the rules' extras and keys; and what compares two records by id."""
    group = rules.group if isinstance(rules, LearntRules) else None
    scorer = Scorer(table, rules.extras, group)
    made = cluster(table.ids, scorer.pairs(rules), scorer.quick, rules=rules, decisions=decisions)
    review = [pair._replace(score=scorer(pair.a, pair.b)) for pair in made.review]
    return Clusters(made.of, made.members, review), scorer


class Scorer:
    """Compares two records of a table by their ids."""

    def __init__(self, table: Columns, extras: Sequence[Extra], group: float | None = None) -> None:
        self.table = table
        self.group = group
        self.extras = tuple(extras)
        self._at = {record: at for at, record in enumerate(table.ids)}
        self._most = [
            max([one.same, *one.usual.values()]) if isinstance(one, Learnt) else one.same
            for one in self.extras
        ]
        self._best: dict[Pattern, float] = {}

    def __call__(self, a: str, b: str) -> Score:
        """What speaks for and against two records being one."""
        one, other = self._at[a], self._at[b]
        if self.table.apart(one, other):
            return ONE_SIDE
        return self._of(one, other, self.table.compare(one, other))

    def quick(self, a: str, b: str) -> Score:
        """The same without its reasons."""
        one, other = self._at[a], self._at[b]
        if self.table.apart(one, other):
            return ONE_SIDE
        return Score(self._points(one, other, self.table.compare(one, other)), (), is_clear=True)

    def pairs(self, rules: Rules) -> Iterator[Pair]:
        """The pairs that share a key and may be one, without reasons."""
        size, ids = len(self.table), self.table.ids
        for code, pattern in self.table.compare_all(rules.keys).items():
            if self._best_of(pattern) >= rules.review:
                a, b = divmod(code, size)
                points = self._points(a, b, pattern)
                if points >= rules.review:
                    yield Pair(ids[a], ids[b], Score(points, (), is_clear=True))

    def _best_of(self, pattern: Pattern) -> float:
        """The most that a pattern can come to, whatever the values are."""
        found = self._best.get(pattern)
        if found is None:
            found = self._best[pattern] = sum(
                [
                    self._most[at] if step == SAME else points_of(self.extras[at], step)
                    for at, step in enumerate(pattern)
                ]
            )
        return found

    def _points(self, a: int, b: int, pattern: Pattern) -> float:
        return sum([points for _, points, _ in self._evidence(a, b, pattern)])

    def _of(self, a: int, b: int, pattern: Pattern) -> Score:
        reasons = tuple([Reason(*one) for one in self._evidence(a, b, pattern)])
        return Score(sum([one.points for one in reasons]), reasons, is_clear=True)

    def _evidence(self, a: int, b: int, pattern: Pattern) -> list[tuple[str, float, str]]:
        found = []
        for extra, of, step in zip(self.extras, self.table.folded, pattern, strict=True):
            if step != UNKNOWN:
                value = of[a] if step == SAME and of[a] == of[b] else ""
                if points := points_of(extra, step, value):
                    found.append((step, points, extra.field))
        if self.group is not None and (points := self._beside(a, b, pattern, self.group)):
            found.append((ONE_GROUP, points, ""))
        return found

    def _beside(self, a: int, b: int, pattern: Pattern, group: float) -> float:
        """What is taken off because two members of one household or company look like this too."""
        for extra, of, step in zip(self.extras, self.table.folded, pattern, strict=True):
            if step == UNKNOWN or not isinstance(extra, Learnt):
                continue
            group += extra.beside[step]
            if step == SAME and of[a] == of[b] and extra.beside[SAME] > _SHARED:
                group += extra.usual.get(of[a], extra.same) - extra.same
        return -round(log2(1.0 + pow(2.0, min(group, 200.0))), 2) or 0.0


__all__ = [
    "CLOSE",
    "DIFFER",
    "NEAR",
    "SAME",
    "UNKNOWN",
    "Columns",
    "Pattern",
    "Records",
    "Scorer",
    "match_columns",
]
