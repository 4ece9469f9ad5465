"""Conditions over what is known of a lead: its fields, its activities, and scores made of both.

A condition is true or false; a field that holds nothing is simply empty. What each part of it saw
can be kept, so that a decision explains itself. Everything here is pure: the time is an argument.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from mapping.touches import Touch

__all__ = [
    "AllOf",
    "AnyOf",
    "Condition",
    "Did",
    "Facts",
    "Holds",
    "Input",
    "Not",
    "Points",
    "Scored",
    "Scores",
    "folded",
    "leaves",
    "look",
]

_DAY = 86_400.0
_KEPT = 3
"""Records of activities that an input names: the newest."""
_LONGEST = 200
"""Letters of a text that an input keeps."""


@dataclass(frozen=True, slots=True)
class Holds:
    """A field holds this: any of the values, any of the texts, a number, something at all."""

    name: str
    equals: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    filled: bool | None = None


@dataclass(frozen=True, slots=True)
class Did:
    """So many activities of these kinds happened, no longer ago than so many days.

    Each subject has one of these texts in it, each outcome is one of these, each took as long.
    """

    kinds: tuple[str, ...]
    count: int = 1
    within_days: float | None = None
    subject: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Scored:
    """A score has so many points."""

    name: str
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part is true."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part is true, or more."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part is false."""

    part: Condition


Condition = AllOf | AnyOf | Not | Holds | Did | Scored


@dataclass(frozen=True, slots=True)
class Points:
    """What a condition adds to a score."""

    points: float
    when: Condition


Scores = Mapping[str, Sequence[Points]]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a lead at a time, all times in seconds since 1970.

    ``touches`` are its activities by kind, each in time order and told once; of these only what
    happened behind ``after`` and up to ``until`` counts. ``changed`` is when fields changed last,
    where that is known.
    """

    fields: Mapping[str, Any]
    touches: Mapping[str, Sequence[Touch]]
    now: float
    after: float = -inf
    until: float = inf
    changed: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Input:
    """What one part of a condition saw.

    ``kind`` is field, activity or score, ``name`` which one, ``test`` what was asked of it. ``at``
    is when what it rests on happened, ``records`` the activities. ``negated`` parts stand below a
    ``not``; ``score`` is the score that a part was counted in.
    """

    kind: str
    name: str
    test: Mapping[str, Any]
    saw: Any
    holds: bool
    negated: bool = False
    score: str = ""
    at: float | None = None
    records: tuple[str, ...] = ()

    @property
    def speaks_for(self) -> bool:
        """Whether it helps to make the condition true."""
        return self.holds != self.negated

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to see."""
        return self.saw in (None, "", []) or (self.kind == "activity" and not self.saw)


def look(
    one: Condition,
    facts: Facts,
    scores: Scores,
    seen: list[Input] | None = None,
    *,
    negated: bool = False,
    score: str = "",
) -> bool:
    """Whether a condition is true. Given ``seen``, each part is looked at and kept there."""
    match one:
        case AllOf() | AnyOf():
            wanted = isinstance(one, AllOf)
            told = (
                look(part, facts, scores, seen, negated=negated, score=score) for part in one.parts
            )
            every = told if seen is None else list(told)
            return all(every) if wanted else any(every)
        case Not():
            return not look(one.part, facts, scores, seen, negated=not negated, score=score)
        case Scored():
            return _scored(one, facts, scores, seen, negated=negated)
        case Holds():
            found = facts.fields.get(one.name)
            holds = _holds(one, found)
            if seen is not None:
                at = facts.changed.get(one.name)
                seen.append(
                    Input("field", one.name, _test(one), _short(found), holds, negated, score, at)
                )
            return holds
        case Did():
            return _did(one, facts, seen, negated=negated, score=score)


def _scored(
    one: Scored, facts: Facts, scores: Scores, seen: list[Input] | None, *, negated: bool
) -> bool:
    parts: list[Input] | None = None if seen is None else []
    points = sum(
        line.points
        for line in scores.get(one.name, ())
        if look(line.when, facts, scores, parts, negated=negated, score=one.name)
    )
    holds = _between(points, one.at_least, one.at_most)
    if seen is not None and parts is not None:
        at = max((part.at for part in parts if part.holds and part.at is not None), default=None)
        seen.append(Input("score", one.name, _test(one), points, holds, negated, at=at))
        seen += parts
    return holds


def _did(one: Did, facts: Facts, seen: list[Input] | None, *, negated: bool, score: str) -> bool:
    since = facts.after
    if one.within_days is not None:
        since = max(since, facts.now - one.within_days * _DAY)
    counted = [
        touch
        for kind in one.kinds
        for touch in facts.touches.get(kind, ())
        if since < touch.at <= facts.until and _fits(one, touch)
    ]
    holds = len(counted) >= one.count
    if seen is not None:
        counted.sort(key=lambda touch: touch.at, reverse=True)
        at = counted[0].at if counted else None
        records = tuple(touch.record for touch in counted[:_KEPT] if touch.record)
        name = ", ".join(one.kinds)
        seen.append(
            Input("activity", name, _test(one), len(counted), holds, negated, score, at, records)
        )
    return holds


def _fits(one: Did, touch: Touch) -> bool:
    if one.subject:
        about = folded(touch.subject)
        if not any(text in about for text in one.subject):
            return False
    if one.outcome and not any(_plain(said) in one.outcome for said in touch.outcomes):
        return False
    return touch.seconds >= one.minutes * 60


def _holds(one: Holds, found: Any) -> bool:
    values = found if isinstance(found, list) else [found]
    said = [folded(value) for value in values if value is not None and value != ""]
    if one.filled is not None and bool(said) != one.filled:
        return False
    if one.equals and not any(value in one.equals for value in said):
        return False
    if one.contains and not any(text in value for value in said for text in one.contains):
        return False
    if one.at_least is None and one.at_most is None:
        return True
    number = _number(found)
    return number is not None and _between(number, one.at_least, one.at_most)


def _between(number: float, least: float | None, most: float | None) -> bool:
    return (least is None or number >= least) and (most is None or number <= most)


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def folded(value: Any) -> str:
    """A value as it is compared: width and case of letters make no difference."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None else str(value)
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _plain(outcome: str) -> str:
    return folded(outcome).replace(" ", "_")


def _test(one: Holds | Did | Scored) -> dict[str, Any]:
    """What was asked, as it is written in the configuration."""
    match one:
        case Holds():
            given = {
                "is": list(one.equals),
                "contains": list(one.contains),
                "at_least": one.at_least,
                "at_most": one.at_most,
                "filled": one.filled,
            }
        case Did():
            given = {
                "count": one.count,
                "within_days": one.within_days,
                "subject": list(one.subject),
                "outcome": list(one.outcome),
                "minutes": one.minutes or None,
            }
        case Scored():
            given = {"at_least": one.at_least, "at_most": one.at_most}
    return {name: value for name, value in given.items() if value not in (None, [])}


def _short(value: Any) -> Any:
    is_long = isinstance(value, str) and len(value) > _LONGEST
    return f"{value[:_LONGEST]}…" if is_long else value


def leaves(one: Condition) -> list[Holds | Did | Scored]:
    """The parts of a condition that look at something."""
    match one:
        case AllOf() | AnyOf():
            return [leaf for part in one.parts for leaf in leaves(part)]
        case Not():
            return leaves(one.part)
        case _:
            return [one]
