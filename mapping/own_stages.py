"""Stages, moves and reasons of a company's own, laid over those that Renkei comes with.

A stage of the company's own stands behind another one, which gives it its place and its rank. What
it leads to, and what leads to it, follows from the place until somebody writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mapping.stage_rules import DEFAULT, StageRules
from mapping.stage_words import (
    BACK,
    OTHER,
    PATH,
    REASONS,
    STAGES,
    TRANSITIONS,
    UNSTATED,
    Reason,
    Stage,
)

__all__ = ["Own", "OwnStage", "rules_of", "unreached"]


@dataclass(frozen=True, slots=True)
class OwnStage:
    """A stage as a company calls it; ``after`` is what a stage of its own stands behind."""

    code: str
    ja: str | None = None
    en: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """What a company's life cycle differs in.

    ``transitions`` replace what follows from a stage's place. A reason whose code is known is
    renamed. ``optional`` stages are not used, and who leads to one leads to what is behind it.
    ``evidence`` are the fields that a stage is not entered without.
    """

    stages: Sequence[OwnStage] = ()
    transitions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    reasons: Mapping[str, Sequence[Reason]] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def rules_of(own: Own) -> StageRules:
    """The life cycle of a company. Stages whose place is unknown are left out."""
    if own == Own():
        return DEFAULT
    behind = _behind(own.stages)
    order = tuple(_with_own(STAGES, behind))
    after = {one: stage for stage, followers in behind.items() for one in followers}
    named = {one.code: one for one in own.stages}
    ranked = _with_own(sorted(STAGES, key=lambda code: STAGES[code].rank), behind)
    rank = {code: place for place, code in enumerate(ranked)}
    stages = {code: _stage(code, rank[code], named.get(code)) for code in order}
    rules = StageRules(
        stages=stages,
        path=tuple(_with_own(PATH, behind)),
        reasons=_reasons(own.reasons),
        optional=own.optional,
        after={code: after[code] for code in order if code in after},
        evidence=own.evidence,
    )
    return replace(rules, transitions=_transitions(rules, own.transitions))


def unreached(rules: StageRules) -> Iterator[tuple[str, str | None]]:
    """Stages that no lead comes to without an override, with the one that should lead there.

    On the way that is the stage before; a stage of the company's own beside it may be led to by
    any, which None says. Stages that are not used need not be reached.
    """
    before: str | None = None
    for stage in rules.path:
        if stage in rules.optional:
            continue
        if before is not None and stage not in rules.transitions.get(before, ()):
            yield stage, before
        before = stage
    led_to = {stage for stages in rules.transitions.values() for stage in stages}
    for stage in rules.after:
        if stage not in rules.place and stage not in led_to | rules.optional:
            yield stage, None


def _behind(own: Sequence[OwnStage]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in own:
        if one.after is not None and one.code not in STAGES:
            found.setdefault(one.after, []).append(one.code)
    return found


def _with_own(stages: Iterable[str], behind: Mapping[str, list[str]]) -> Iterator[str]:
    """The stages, each followed by those that stand behind it."""
    for stage in stages:
        yield stage
        yield from _with_own(behind.get(stage, ()), behind)


def _stage(code: str, rank: int, own: OwnStage | None) -> Stage:
    known = STAGES.get(code, Stage(code, rank, code, code))
    if own is None:
        return replace(known, rank=rank)
    return Stage(code, rank, own.ja or known.ja, own.en or known.en)


def _reasons(own: Mapping[str, Sequence[Reason]]) -> Mapping[str, Mapping[str, Reason]]:
    """The lists with the company's own reasons in front of "other" and "unstated"."""
    last = {OTHER.code: OTHER, UNSTATED.code: UNSTATED}
    found: dict[str, Mapping[str, Reason]] = dict(REASONS)
    for stage, added in own.items():
        both = {**last, **REASONS.get(stage, {}), **{reason.code: reason for reason in added}}
        found[stage] = {code: both[code] for code in sorted(both, key=last.__contains__)}
    return found


def _transitions(
    rules: StageRules, written: Mapping[str, frozenset[str]]
) -> Mapping[str, frozenset[str]]:
    moves = {stage: set(after) for stage, after in TRANSITIONS.items()}
    for stage, before in rules.after.items():
        if stage in rules.place:
            _place_on_the_way(rules, moves, stage)
        else:
            _place_beside(rules, moves, stage, before)
    moves |= {stage: set(after) for stage, after in written.items() if stage in rules.stages}
    _pass_over(rules, moves, written)
    return {stage: frozenset(after) for stage, after in moves.items()}


def _place_on_the_way(rules: StageRules, moves: dict[str, set[str]], stage: str) -> None:
    """It leads where the stage before it leads, and who leads to that one leads here, too."""
    nearer = rules.path[: rules.place[stage]]
    before = nearer[-1]
    moves[stage] = moves[before].difference(nearer)
    for one in nearer:
        if one == before or before in moves[one]:
            moves[one].add(stage)


def _place_beside(rules: StageRules, moves: dict[str, set[str]], stage: str, before: str) -> None:
    """It leads where the stage it stands behind leads, and is entered from there.

    What leads back or out is entered from wherever that stage is.
    """
    leading = [before]
    if rules.like(stage) in BACK:
        leading += [one for one, after in moves.items() if before in after]
    moves[stage] = set(moves[before])
    for one in leading:
        moves[one].add(stage)


def _pass_over(
    rules: StageRules, moves: Mapping[str, set[str]], written: Mapping[str, frozenset[str]]
) -> None:
    """Who leads to a stage that is not used leads to what is behind it."""
    passed = [*rules.path, *(stage for stage in rules.after if stage in rules.beyond)]
    for unused in reversed([stage for stage in passed if stage in rules.optional]):
        for stage in moves.keys() - written.keys():
            if unused in moves[stage]:
                further = moves[unused] - {stage}
                is_whole = stage in rules.place or unused not in rules.place
                moves[stage] |= further if is_whole else further & rules.place.keys()
