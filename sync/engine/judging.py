"""Judging a matching by a labelled file: how good it is at each band, and where it is wrong.

Leads are matched as the hub matches them. Anything else is matched column by column, by the fields
of a match.yaml or by what the columns themselves tell; no label is looked at before the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from mapping.match.census import Census
from mapping.match.cluster import Clusters, Pair
from mapping.match.columns import Columns, match_columns
from mapping.match.compare import Score, compare
from mapping.match.evaluate import Figures, figures
from mapping.match.everyone import match_all, profiles_of
from mapping.match.rules import DEFAULT, Rules
from mapping.match.unknown import describe, learn
from mapping.model import Value
from sync.engine.labelled import Labelled, custom_name

_OWN = frozenset({"given_name", "given_kana", "given_romaji", "full_name", "full_kana"})
_FAMILY = frozenset({"family_name", "family_kana", "family_romaji"})
_STEPS = 4
"""Bands below the automatic one, down to the score from which a person is asked."""
_LOOKED_AT = 400
"""Pairs of one cluster, or of one entity, that are looked at for mistakes."""

Scorer = Callable[[str, str], Score]


@dataclass(frozen=True, slots=True)
class Band:
    """What comes out when all pairs from a score on are put together.

    ``review`` are the pairs from that score on that a person would be asked about, ``right`` those
    of them that are one entity. The first band is the automatic one and asks about nothing.
    """

    at: float
    figures: Figures
    review: int
    right: int


@dataclass(frozen=True, slots=True)
class Mistake:
    """Two records that were put together wrongly, or missed; the reasons add up to the score."""

    a: str
    b: str
    score: Score


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a matching did. ``how`` is ``leads``, or ``columns`` where columns were compared."""

    how: str
    rules: Rules
    records: int
    bands: Sequence[Band]
    false: Sequence[Mistake]
    missed: Sequence[Mistake]


def judge(
    given: Labelled, rules: Rules | None = None, threshold: float | None = None, worst: int = 10
) -> Judgement:
    """Match a labelled file and hold it against its labels.

    ``rules`` are a match.yaml's; without them leads are matched as usual, and other columns by what
    they themselves tell. ``threshold`` replaces the score from which records are put together.
    ``worst`` is how many mistakes of each kind are told.
    """
    how = "leads" if given.is_of_leads() else "columns"
    if how == "leads":
        chosen = _with_threshold(rules or DEFAULT, threshold)
        found, scorer = _as_leads(given.lead_values(), chosen)
    else:
        values = given.own_values()
        if rules is None:
            fields = [custom_name(header) for header in given.compared]
            own, family = (_named(given, names) for names in (_OWN, _FAMILY))
            table = Columns(values, describe(values, fields), given.sides)
            chosen = _with_threshold(learn(table, own, family), threshold)
        else:
            chosen = _with_threshold(rules, threshold)
            table = Columns(values, rules.extras, given.sides)
        found, scorer = match_columns(table, chosen)
    return Judgement(
        how=how,
        rules=chosen,
        records=len(given.rows),
        bands=list(_bands(found, given.truth, chosen)),
        false=_worst(_false_pairs(found, given.truth), scorer, worst, best_first=True),
        missed=_worst(
            _missed_pairs(found, given.truth, given.sides), scorer, worst, best_first=False
        ),
    )


def _named(given: Labelled, names: Collection[str]) -> list[str]:
    return [custom_name(header) for header, field in given.fields.items() if field in names]


def _with_threshold(rules: Rules, threshold: float | None) -> Rules:
    if threshold is None:
        return rules
    return replace(rules, accept=threshold, review=min(rules.review, threshold))


def _as_leads(values: Mapping[str, Mapping[str, Value]], rules: Rules) -> tuple[Clusters, Scorer]:
    profiles = profiles_of(values, rules)
    census = Census()
    for made in profiles.values():
        census.count(made)

    def scorer(a: str, b: str) -> Score:
        return compare(profiles[a], profiles[b], census.crowd, rules)

    return match_all(values, rules=rules), scorer


def _bands(found: Clusters, truth: Mapping[str, str], rules: Rules) -> Iterator[Band]:
    joined = dict(found.of)
    yield Band(rules.accept, figures(joined, truth), 0, 0)
    asked = sorted(found.review, key=lambda pair: -pair.score.points)
    known = [pair for pair in asked if pair.a in truth and pair.b in truth]
    step = (rules.accept - rules.review) / _STEPS
    parents: dict[str, str] = {}
    for number in range(1, _STEPS + 1):
        at = round(rules.accept - number * step, 2)
        due = [pair for pair in known if pair.score.points >= at]
        # What was kept apart for a reason stays apart: a person would say so.
        _join(parents, found.of, (pair for pair in due if not pair.blocked))
        joined = {record: _root(parents, cluster) for record, cluster in found.of.items()}
        right = sum(1 for pair in due if truth[pair.a] == truth[pair.b])
        yield Band(at, figures(joined, truth), len(due), right)


def _join(parents: dict[str, str], of: Mapping[str, str], pairs: Iterable[Pair]) -> None:
    for pair in pairs:
        one, other = _root(parents, of[pair.a]), _root(parents, of[pair.b])
        if one != other:
            parents[other] = one


def _root(parents: dict[str, str], name: str) -> str:
    while name in parents:
        name = parents[name]
    return name


Found = tuple[tuple[str, ...], str, str]
"""A mistake's kind, of which one is told, and the two records."""


def _false_pairs(found: Clusters, truth: Mapping[str, str]) -> Iterator[Found]:
    for name, members in found.members.items():
        labelled = [one for one in members if one in truth]
        wrong = [(a, b) for a, b in combinations(labelled, 2) if truth[a] != truth[b]]
        for a, b in wrong[:_LOOKED_AT]:
            yield (name, *sorted((truth[a], truth[b]))), a, b


def _missed_pairs(
    found: Clusters, truth: Mapping[str, str], sides: Mapping[str, str] | None
) -> Iterator[Found]:
    entities: dict[str, list[str]] = {}
    for record, entity in truth.items():
        entities.setdefault(entity, []).append(record)
    for entity, members in entities.items():
        apart = [
            (a, b)
            for a, b in combinations(members, 2)
            if found.of[a] != found.of[b] and (sides is None or sides[a] != sides[b])
        ]
        for a, b in apart[:_LOOKED_AT]:
            yield (entity, *sorted((found.of[a], found.of[b]))), a, b


def _worst(pairs: Iterable[Found], scorer: Scorer, most: int, *, best_first: bool) -> list[Mistake]:
    """The mistakes that were made with least doubt: one of each kind, its best-scored pair."""
    best: dict[tuple[str, ...], Mistake] = {}
    for kind, a, b in pairs:
        score = scorer(a, b)
        known = best.get(kind)
        if known is None or score.points > known.score.points:
            best[kind] = Mistake(a, b, score)
    sign = -1 if best_first else 1
    return sorted(best.values(), key=lambda one: (sign * one.score.points, one.a, one.b))[:most]
