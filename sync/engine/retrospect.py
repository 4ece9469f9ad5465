"""One lead's past, gone through again under other rules.

What people and systems did to its stage stays; what rules did is left out, and the rules that are
tried are asked at every event of the period instead: a stage entered, an activity, a changed field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mapping.conditions import Facts
from mapping.qualify import DUTIES, Past, Rules, Stay, qualify
from mapping.stages import StageRules, StageState
from mapping.touches import Touch
from sync.engine.touching import epoch
from sync.store.database import iso
from sync.store.rulefacts import Change, StayRow

__all__ = ["Fields", "Fired", "Life", "again", "is_by_rule", "rewound"]


@dataclass(frozen=True, slots=True)
class Fields:
    """A lead's fields as they were first known, and what they became when.

    ``has_gaps``: a change does not fit to what came after it, and could not be taken back.
    """

    first: Mapping[str, Any]
    became: tuple[tuple[float, str, Any], ...] = ()
    has_gaps: bool = False


@dataclass(frozen=True, slots=True)
class Life:
    """What is known of a lead's past, as far as rules ask for it."""

    stays: Sequence[StayRow]
    touches: Mapping[str, Sequence[Touch]]
    fields: Fields
    company: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that would have moved the lead."""

    rule: str
    before: str
    to: str
    at: float


def rewound(now: Mapping[str, Any], changes: Sequence[Change], names: frozenset[str]) -> Fields:
    """These fields as they were before the changes, which are in the order they were made."""
    held = {name: now.get(name) for name in names}
    became: list[tuple[float, str, Any]] = []
    has_gaps, behind = False, float("inf")
    for change in reversed(changes):
        behind = min(behind, epoch(change.at))
        for name in names & change.fields.keys():
            before, after = change.fields[name]
            if held[name] != after:
                has_gaps = True
                continue
            became.append((behind, name, after))
            held[name] = before
    return Fields(held, tuple(reversed(became)), has_gaps)


def is_by_rule(stay: StayRow) -> bool:
    """Whether a qualification rule put a lead there."""
    return stay.rule is not None and stay.rule not in DUTIES


def again(rules: Rules, life: Life, since: float, until: float) -> Iterator[Fired]:
    """What the rules would have done in a period, in order."""
    walk = _Walk(life, rules.moves)
    times = sorted(
        {
            at
            for at in (
                *(epoch(stay.entered_at) for stay in life.stays),
                *(touch.at for kind in life.touches.values() for touch in kind),
                *(at for at, _, _ in life.fields.became),
            )
            if since <= at < until
        }
    )
    if not times:
        return
    walk.go_to(since, as_it_was=True)
    for at in times:
        walk.go_to(at, including=True)
        if walk.state is None or walk.state.stage not in rules.stages:
            continue
        for firing in qualify(rules, walk.state, walk.past, walk.facts(at), _text(at)):
            yield Fired(firing.rule.id, walk.state.stage, firing.rule.to, at)
            walk.past = walk.past.moved(firing, rules.moves)
            walk.state = firing.decision.state or walk.state


class _Walk:
    """Where the lead is at a time: its state under the tried rules, its fields, its past."""

    def __init__(self, life: Life, moves: StageRules) -> None:
        self.life = life
        self.moves = moves
        self.state: StageState | None = None
        self.past = Past()
        self._stays = list(_with_inferred(life.stays))
        self._values = dict(life.fields.first)
        self._changed: dict[str, float] = {}
        self._stay = self._change = 0

    def go_to(self, at: float, *, including: bool = False, as_it_was: bool = False) -> None:
        """Take in what happened before a time, or up to it."""
        while self._stay < len(self._stays):
            when, stay, by_rule = self._stays[self._stay]
            if when > at or (when == at and not including):
                break
            if as_it_was or not by_rule:
                self._take(stay, is_real=as_it_was)
            self._stay += 1
        became = self.life.fields.became
        while self._change < len(became):
            when, name, value = became[self._change]
            if when > at or (when == at and not including):
                break
            self._values[name], self._changed[name] = value, when
            self._change += 1

    def facts(self, at: float) -> Facts:
        """What was known at a time."""
        fields = {**self._values, **self.life.company}
        return Facts(fields, self.life.touches, now=at, until=at, changed=self._changed)

    def _take(self, stay: StayRow, *, is_real: bool) -> None:
        """A move that was made; one that the tried rules have made already moves nobody."""
        state = self.state
        if not is_real and state is not None and _is_behind(stay, state.stage, self.moves):
            return
        cycle = stay.cycle if state is None else max(state.cycle, stay.cycle)
        at, by_hand = stay.entered_at, bool(stay.override_by)
        rule = stay.rule if is_real else None
        told = Stay(stay.stage, cycle, at, rule, by_hand, stay.inferred)
        self.past = self.past.then(told, state.stage if state is not None else None, self.moves)
        self.state = StageState(stay.stage, cycle, at)


def _with_inferred(stays: Sequence[StayRow]) -> Iterator[tuple[float, StayRow, bool]]:
    """Each stay with its time, and whether a rule made it; also on the way to where a rule led."""
    for place, stay in enumerate(stays):
        last = next((one for one in stays[place:] if not one.inferred), stay)
        yield epoch(stay.entered_at), stay, is_by_rule(last)


def _is_behind(stay: StayRow, present: str, moves: StageRules) -> bool:
    on_the_way = stay.stage in moves.place and present in moves.place
    behind = moves.rank(stay.stage) <= moves.rank(present)
    return on_the_way and behind and not stay.override_by


def _text(at: float) -> str:
    return iso(datetime.fromtimestamp(at, UTC))
