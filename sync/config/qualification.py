"""Qualification rules as an operator writes them in stages.yaml, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from pydantic import Field

from mapping.conditions import AllOf, AnyOf, Condition, Did, Holds, Not, Points, Scored, folded
from mapping.qualify import Rule, Rules
from mapping.stage_rules import StageRules
from sync.config.written import Written

__all__ = ["ConditionConfig", "PointsConfig", "RuleConfig", "rules_of"]

Text = str | bool | int | float
_T = TypeVar("_T", bound=Text)
Texts = Text | list[Text]


class ConditionConfig(Written):
    """What must be true of a lead: all, any or not of others, or one of field, activity, score."""

    all_: list[ConditionConfig] | None = Field(
        None, alias="all", min_length=1, description="Each of these is true."
    )
    any_: list[ConditionConfig] | None = Field(
        None, alias="any", min_length=1, description="One of these is true, or more."
    )
    not_: ConditionConfig | None = Field(None, alias="not", description="This is false.")
    field: str | None = Field(None, description="A lead field, or account.NAME of its company.")
    activity: str | list[str] | None = Field(None, description="A kind of activity, or several.")
    score: str | None = Field(None, description="A score of scores:.")
    is_: Texts | None = Field(None, alias="is", description="The field is this, or one of these.")
    contains: str | list[str] | None = Field(
        None, description="The field has this text in it, or one of these."
    )
    filled: bool | None = Field(
        None, description="true: the field holds something; false: nothing."
    )
    at_least: float | None = Field(None, description="The number, or the score, is at least this.")
    at_most: float | None = Field(None, description="The number, or the score, is at most this.")
    count: int | None = Field(None, ge=1, description="So many activities; default: 1.")
    within_days: float | None = Field(
        None, gt=0, description="Only activities no longer ago than so many days."
    )
    subject: str | list[str] | None = Field(
        None, description="Only activities whose subject has this text in it, or one of these."
    )
    outcome: str | list[str] | None = Field(
        None, description="Only activities with this outcome, or one of these."
    )
    minutes: float | None = Field(
        None, ge=0, description="Only activities that took so many minutes."
    )


class PointsConfig(Written):
    """What a condition adds to a score."""

    points: float = Field(description="Points, below 0 to take away.")
    when: ConditionConfig = Field(description="When they count.")


class RuleConfig(Written):
    """A rule that moves leads on."""

    id: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]*$", description="Its name in the history; it should stay."
    )
    from_: str | list[str] = Field(alias="from", description="The stage that leads leave, or some.")
    to: str = Field(description="The stage that they enter.")
    when: ConditionConfig = Field(description="When they do.")
    ja: str = Field("", description="What people call the rule, in Japanese.")
    en: str = Field("", description="What people call the rule, in English.")
    reason: str | None = Field(
        None, description="Why, for stages that are not entered without a reason."
    )


def rules_of(
    rules: Sequence[RuleConfig], scores: Mapping[str, Sequence[PointsConfig]], moves: StageRules
) -> Rules:
    """The rules that these settings come to."""
    return Rules(
        tuple(
            Rule(
                id=one.id,
                stages=tuple(_listed(one.from_)),
                to=one.to,
                when=_condition(one.when),
                ja=one.ja or one.en or one.id,
                en=one.en or one.id,
                reason=one.reason,
            )
            for one in rules
        ),
        {
            name: tuple(Points(line.points, _condition(line.when)) for line in lines)
            for name, lines in scores.items()
        },
        moves,
    )


def _condition(one: ConditionConfig) -> Condition:
    if one.all_ is not None:
        return AllOf(tuple(_condition(part) for part in one.all_))
    if one.any_ is not None:
        return AnyOf(tuple(_condition(part) for part in one.any_))
    if one.not_ is not None:
        return Not(_condition(one.not_))
    if one.score is not None:
        return Scored(one.score, one.at_least, one.at_most)
    if one.activity is not None:
        return Did(
            kinds=tuple(_listed(one.activity)),
            count=one.count or 1,
            within_days=one.within_days,
            subject=tuple(folded(text) for text in _listed(one.subject)),
            outcome=tuple(folded(text).replace(" ", "_") for text in _listed(one.outcome)),
            minutes=one.minutes or 0.0,
        )
    return Holds(
        name=one.field or "",
        equals=tuple(folded(value) for value in _listed(one.is_)),
        contains=tuple(folded(text) for text in _listed(one.contains)),
        at_least=one.at_least,
        at_most=one.at_most,
        filled=one.filled,
    )


def _listed(value: _T | list[_T] | None) -> list[_T]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
