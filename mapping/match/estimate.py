"""What columns tell, estimated from the data alone: no labels are asked for.

Fellegi and Sunter's model (1969): each step of each column has a probability ``m`` among pairs of
one entity and ``u`` among pairs of two, and its points are log2(m / u). Expectation maximisation
(Dempster, Laird and Rubin, 1977) finds both, over all pairs there are: those that share a key are
counted one by one, of the others, which are two entities each, a sample is drawn. So the share of
pairs that belong together is estimated as well, and with it the score from which two records are
more likely one than two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from random import Random

from mapping.match.columns import Columns, Pattern
from mapping.match.extra import CLOSE, DIFFER, NEAR, SAME, UNKNOWN

STEPS = (SAME, CLOSE, NEAR, DIFFER)
_EXPECTED = {SAME: 0.8, CLOSE: 0.1, NEAR: 0.05, DIFFER: 0.05}
"""What pairs of one entity are taken to look like before any is seen."""
_WEIGHT = 20.0
"""How many pairs that expectation counts for."""
_SAMPLE = 60_000
_ROUNDS = 30
_SETTLED = 1e-3
_MOST = 20.0
"""No single column says more than this."""
_NOTHING = 1e-6
_OFTEN = 0.25
"""A column that differs in more pairs than this may be one person's own, and not the others'."""
_BY_CHANCE = 4.0
"""Agreeing up to so many times as often as others do is agreeing by chance."""
_FEW = 3.0
"""A step seen in fewer pairs than this has the points of its neighbours."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was found: points of each step by column, and what a pair weighs before any is compared.

    ``prior`` is log2 of the odds that two records drawn at random are one entity; ``share`` how
    sure each pattern is to be one; ``same`` is the probability of equal values among pairs of one
    entity, ``chance`` that among other pairs, by column. ``group`` and ``beside`` are the same of
    pairs that only share a household or a company, against others; None where there are none.
    """

    points: Sequence[Mapping[str, float]]
    prior: float
    share: Mapping[Pattern, float]
    same: Sequence[float]
    chance: Sequence[float]
    group: float | None = None
    beside: Sequence[Mapping[str, float]] = ()


def estimate(
    table: Columns,
    found: Mapping[int, Pattern],
    own: Collection[int] = (),
    family: Collection[int] = (),
) -> Estimate:
    """What the columns of a table tell. ``found`` are the pairs that share a key.

    ``own`` are the places of given and whole names, by which members of one household are told
    from records of one person; ``family`` those of family names.
    """
    data = _data(table, found)
    width = len(table.extras)
    alone = _fit(data, [[dict(_EXPECTED) for _ in range(width)]], [log2(1 / max(len(table), 2))])
    if own:
        grouped = _fit(data, *_split(alone, own))
        if _is_group(grouped, {*own, *family}, own):
            return _estimate(grouped, data)
    return _estimate(alone, data)


@dataclass(frozen=True, slots=True)
class _Data:
    """All pairs: patterns of those that share a key, and steps by column of those that do not."""

    patterns: Counter[Pattern]
    elsewhere: Sequence[Mapping[str, float]]
    total: int


def _data(table: Columns, found: Mapping[int, Pattern]) -> _Data:
    patterns = Counter(found.values())
    total = max(_all_pairs(table), 1)
    return _Data(patterns, _elsewhere(table, found, patterns, total), total)


Chances = dict[str, float]
"""How probable each step is."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """Kinds of pairs, the first those of one entity: their chances by column, and their priors.

    ``others`` are the chances among all further pairs; ``shares`` how sure a pattern is of a kind.
    """

    kinds: Sequence[Sequence[Chances]]
    priors: Sequence[float]
    others: Sequence[Chances]
    shares: Mapping[Pattern, Sequence[float]]
    expected: Sequence[float]


def _fit(data: _Data, kinds: Sequence[Sequence[Chances]], priors: Sequence[float]) -> _Fit:
    columns = range(len(data.elsewhere))
    shares: dict[Pattern, Sequence[float]] = dict.fromkeys(data.patterns, (0.0,) * len(kinds))
    expected: Sequence[float] = (0.0,) * len(kinds)
    others: list[Chances] = []
    for _ in range(_ROUNDS):
        rest = [(p, n * (1 - sum(shares[p]))) for p, n in data.patterns.items()]
        others = [_chances(data.elsewhere[at], [(p[at], n) for p, n in rest]) for at in columns]
        points = [[_raw_points(kind[at], others[at]) for at in columns] for kind in kinds]
        shares = {p: _shares(priors, points, p) for p in data.patterns}
        before = expected[0]
        expected = [
            max(1.0, sum([shares[p][at] * n for p, n in data.patterns.items()]))
            for at in range(len(kinds))
        ]
        left = max(data.total - sum(expected), 1.0)
        priors = [log2(one / left) for one in expected]
        made = []
        for number in range(len(kinds)):
            sure = [(p, n * shares[p][number]) for p, n in data.patterns.items()]
            sure = [(p, n) for p, n in sure if n > _NOTHING]
            made.append([_expectation([(p[at], n) for p, n in sure], number) for at in columns])
        kinds = made
        if abs(expected[0] - before) < _SETTLED * expected[0]:
            break
    return _Fit(kinds, priors, others, shares, expected)


def _split(fit: _Fit, own: Collection[int]) -> tuple[list[list[Chances]], list[float]]:
    """Where to start from when members of one group are told from records of one person."""
    mixed = fit.kinds[0]
    person = [
        dict(_EXPECTED) if at in own or one[DIFFER] > _OFTEN else dict(one)
        for at, one in enumerate(mixed)
    ]
    group = [
        dict(fit.others[at]) if at in own or one[DIFFER] > _OFTEN else dict(one)
        for at, one in enumerate(mixed)
    ]
    return [person, group], [fit.priors[0] - 1.0, fit.priors[0] - 1.0]


def _is_group(fit: _Fit, names: Collection[int], own: Collection[int]) -> bool:
    """Whether the second kind is of members of groups: what is their own agrees by chance only.

    One's own name has to, and something that is no name has to agree far less than in one person's
    records; or there are so many that it cannot be that a name was written wrongly. ``names`` are
    all columns of names.
    """
    if fit.expected[1] < _WEIGHT:
        return False
    own_name = other_too = False
    for at, (one, group, other) in enumerate(zip(*fit.kinds, fit.others, strict=True)):
        alike, there, chance = (c[SAME] + c[CLOSE] for c in (one, group, other))
        if alike > 0.5 and chance < 0.05:
            own_name = own_name or (at in own and there < _BY_CHANCE * chance)
            other_too = other_too or (at not in names and there < alike / _BY_CHANCE)
    return own_name and (other_too or fit.expected[1] > fit.expected[0] / 2)


def _estimate(fit: _Fit, data: _Data) -> Estimate:
    columns = range(len(fit.others))
    points = []
    for at in columns:
        counts = dict.fromkeys((*STEPS, UNKNOWN), 0.0)
        for pattern, number in data.patterns.items():
            counts[pattern[at]] += number * fit.shares[pattern][0]
        points.append(_settled(_raw_points(fit.kinds[0][at], fit.others[at]), counts))
    grouped = len(fit.kinds) > 1
    return Estimate(
        points=points,
        prior=fit.priors[0],
        share={pattern: shares[0] for pattern, shares in fit.shares.items()},
        same=[one[SAME] for one in fit.kinds[0]],
        chance=[other[SAME] for other in fit.others],
        group=fit.priors[1] if grouped else None,
        beside=[
            {
                step: worth - log2(fit.kinds[0][at][step] / fit.kinds[1][at][step])
                for step, worth in points[at].items()
            }
            for at in columns
        ]
        if grouped
        else (),
    )


def _all_pairs(table: Columns) -> int:
    size = len(table)
    if table.sides is None:
        return size * (size - 1) // 2
    return (size * size - sum(n * n for n in Counter(table.sides).values())) // 2


def _elsewhere(
    table: Columns, found: Mapping[int, Pattern], patterns: Counter[Pattern], total: int
) -> list[dict[str, float]]:
    """How pairs that share no key compare: counted where that is possible, else by a sample."""
    size = len(table)
    random = Random(1)  # noqa: S311 - a sample, the same each time
    seen: Counter[Pattern] = Counter()
    if total > len(found):
        for _ in range(min(_SAMPLE, 4 * total)):
            a, b = sorted((random.randrange(size), random.randrange(size)))
            if a != b and not table.apart(a, b) and a * size + b not in found:
                seen[table.compare(a, b)] += 1
    each = (total - len(found)) / max(seen.total(), 1)
    made = []
    for at, extra in enumerate(table.extras):
        counts = dict.fromkeys(STEPS, 0.0)
        for pattern, number in seen.items():
            if pattern[at] != UNKNOWN:
                counts[pattern[at]] += number * each
        if extra.compare != "tokens":
            inside = sum(n for pattern, n in patterns.items() if pattern[at] == SAME)
            counts[SAME] = max(0.0, _equal_pairs(table, at) - inside)
        made.append(counts)
    return made


def _equal_pairs(table: Columns, at: int) -> int:
    values = table.folded[at]
    equal = sum(n * (n - 1) // 2 for value, n in Counter(values).items() if value)
    if table.sides is None:
        return equal
    beside = Counter(zip(values, table.sides, strict=True))
    return equal - sum(n * (n - 1) // 2 for (value, _), n in beside.items() if value)


def _chances(elsewhere: Mapping[str, float], within: Sequence[tuple[str, float]]) -> Chances:
    counts = dict(elsewhere)
    for step, number in within:
        if step != UNKNOWN:
            counts[step] += number
    total = sum(counts.values()) + 2.0
    return {step: (number + 0.5) / total for step, number in counts.items()}


def _expectation(within: Sequence[tuple[str, float]], kind: int) -> Chances:
    counts = {step: _WEIGHT * share for step, share in _EXPECTED.items()}
    if kind:
        counts = dict.fromkeys(STEPS, 1.0)
    for step, number in within:
        if step != UNKNOWN:
            counts[step] += number
    total = sum(counts.values())
    return {step: number / total for step, number in counts.items()}


def _raw_points(one: Mapping[str, float], two: Mapping[str, float]) -> Chances:
    return {UNKNOWN: 0.0, **{step: log2(one[step] / two[step]) for step in STEPS}}


def _shares(
    priors: Sequence[float], points: Sequence[Sequence[Mapping[str, float]]], pattern: Pattern
) -> tuple[float, ...]:
    odds = []
    for prior, by_column in zip(priors, points, strict=True):
        total = prior + sum([by_column[at][step] for at, step in enumerate(pattern)])
        odds.append(pow(2.0, max(-200.0, min(200.0, total))))
    whole = 1.0 + sum(odds)
    return tuple([one / whole for one in odds])


def _settled(points: Mapping[str, float], counts: Mapping[str, float]) -> dict[str, float]:
    """Points that fall from step to step, whatever few pairs seemed to say."""
    same = min(_MOST, points[SAME])
    differ = min(0.0, points[DIFFER], same)
    close = points[CLOSE] if counts.get(CLOSE, 0) >= _FEW else same / 2
    close = max(differ, min(same, close))
    near = points[NEAR] if counts.get(NEAR, 0) >= _FEW else (close + differ) / 2
    near = max(differ, min(close, near))
    return {SAME: same, CLOSE: close, NEAR: near, DIFFER: differ}
