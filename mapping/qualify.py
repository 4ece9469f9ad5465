"""Qualification: rules that move a lead on when a condition over it is true.

A rule fires once for a lead in a cycle. After a lead came to rest, or was handed back by a person,
only what happened since counts, and something of what a rule rests on must be newer than that: the
facts that were judged once are not judged again. Everything here is pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from math import inf

from mapping.conditions import Condition, Did, Facts, Holds, Input, Points, Scored, leaves, look
from mapping.stages import (
    DEFAULT,
    Observation,
    StageDecision,
    StageRules,
    StageState,
    decide_stage,
)

__all__ = [
    "ACCOUNT",
    "DUTIES",
    "HUB",
    "NO_RULES",
    "Firing",
    "Past",
    "Rule",
    "Rules",
    "Stay",
    "past_of",
    "qualify",
]

HUB = "renkei"
"""The system whose word a rule is."""
DUTIES = frozenset({"dormant", "told"})
"""What the history names where the hub's own duties moved a lead; no rule has such an id."""
ACCOUNT = "account."
"""What the names of fields begin with that are the company's."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Leads at one of these stages move on when the condition is true."""

    id: str
    stages: tuple[str, ...]
    to: str
    when: Condition
    ja: str = ""
    en: str = ""
    reason: str | None = None


@dataclass(frozen=True)
class Rules:
    """All rules of a company, in their order, and the scores they speak of."""

    rules: tuple[Rule, ...] = ()
    scores: Mapping[str, Sequence[Points]] = field(default_factory=dict)
    moves: StageRules = DEFAULT

    @cached_property
    def stages(self) -> frozenset[str]:
        """Stages that a rule leads away from."""
        return frozenset(stage for rule in self.rules for stage in rule.stages)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of activity that are asked for."""
        found = {kind for leaf in self._leaves if isinstance(leaf, Did) for kind in leaf.kinds}
        return tuple(sorted(found))

    @cached_property
    def fields(self) -> frozenset[str]:
        """Fields that are asked for."""
        return frozenset(leaf.name for leaf in self._leaves if isinstance(leaf, Holds))

    @cached_property
    def accounts(self) -> bool:
        """Whether anything is asked of the companies that leads are of."""
        return any(name.startswith(ACCOUNT) for name in self.fields)

    @cached_property
    def _leaves(self) -> list[Holds | Did | Scored]:
        said = [rule.when for rule in self.rules]
        said += [line.when for lines in self.scores.values() for line in lines]
        return [leaf for one in said for leaf in leaves(one)]

    def by_id(self, rule_id: str) -> Rule | None:
        """The rule of this id."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)


NO_RULES = Rules()


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay of a lead in a stage, as far as rules ask for it."""

    stage: str
    cycle: int
    entered_at: str
    rule: str | None = None
    is_override: bool = False
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """What a lead's stages mean for its rules.

    ``fired`` are rules with the cycle they fired in; ``rested`` is when the lead last came to rest
    or was handed back, in seconds since 1970.
    """

    fired: frozenset[tuple[int, str]] = frozenset()
    rested: float = -inf

    def then(self, stay: Stay, before: str | None, moves: StageRules = DEFAULT) -> Past:
        """The past once a stay followed on the stage ``before``."""
        rests = _is_rest(stay, before, moves)
        rested = max(self.rested, _seconds(stay.entered_at)) if rests else None
        if stay.rule is None and rested is None:
            return self
        fired = self.fired if stay.rule is None else self.fired | {(stay.cycle, stay.rule)}
        return Past(fired, self.rested if rested is None else rested)

    def moved(self, firing: Firing, moves: StageRules = DEFAULT) -> Past:
        """The past once a rule fired."""
        past = self
        for entry in firing.decision.entries:
            rule = None if entry.inferred else firing.rule.id
            stay = Stay(entry.stage, entry.cycle, entry.entered_at, rule, inferred=entry.inferred)
            past = past.then(stay, None, moves)
        return past


@dataclass(frozen=True, slots=True)
class Firing:
    """A rule that moves a lead: where to, and what it saw."""

    rule: Rule
    decision: StageDecision
    inputs: tuple[Input, ...]


def past_of(stays: Iterable[Stay], moves: StageRules = DEFAULT) -> Past:
    """The past of a lead, from its stays in the order they were entered.

    It rests off the way to an order; it was handed back where a person put it to a stage that lies
    before the one it stood at. Stages that were only inferred on the way are no rest.
    """
    past: Past = Past()
    before: str | None = None
    for stay in stays:
        past, before = past.then(stay, before, moves), stay.stage
    return past


def _is_rest(stay: Stay, before: str | None, moves: StageRules) -> bool:
    if stay.inferred:
        return False
    if stay.stage not in moves.place:
        return True
    back = before is not None and moves.rank(stay.stage) < moves.rank(before)
    return stay.is_override and back and before in moves.place


def qualify(
    rules: Rules, state: StageState, past: Past, facts: Facts, at: str
) -> tuple[Firing, ...]:
    """The rules that move a lead now, one after the other, until none does.

    The first that fits moves it, then those of its new stage are asked. ``at`` is when the news
    came that they are asked for; nothing is entered before the present stay.
    """
    firings: list[Firing] = []
    while True:
        found = _first(rules, state, past, facts, at)
        if found is None or found.decision.state is None:
            return tuple(firings)
        firings.append(found)
        state, past = found.decision.state, past.moved(found, rules.moves)


def _first(rules: Rules, state: StageState, past: Past, facts: Facts, at: str) -> Firing | None:
    known = facts if past.rested <= facts.after else replace(facts, after=past.rested)
    for rule in rules.rules:
        if state.stage not in rule.stages or not look(rule.when, known, rules.scores):
            continue
        seen: list[Input] = []
        look(rule.when, known, rules.scores, seen)
        if not _is_news(seen, past):
            continue
        word = Observation((rule.to,), at, HUB, rule.reason)
        decision = decide_stage(state, word, rules.moves, facts.fields)
        if not decision.moved or decision.state is None:
            continue
        if (decision.state.cycle, rule.id) not in past.fired:
            return Firing(rule, decision, tuple(seen))
    return None


def _is_news(seen: Sequence[Input], past: Past) -> bool:
    """Whether something that speaks for the move is newer than the lead's last rest."""
    if past.rested == -inf:
        return True
    return any(one.speaks_for and one.at is not None and one.at > past.rested for one in seen)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
