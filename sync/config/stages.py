"""stages.yaml: the company's life cycle, its clocks, and the rules that move leads on."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Literal

from pydantic import Field

from mapping.hours import BusinessHours, minute_of
from mapping.own_stages import Own, OwnStage
from mapping.own_stages import rules_of as stage_rules_of
from mapping.qualify import Rules as Qualification
from mapping.stage_rules import StageRules
from mapping.stage_words import Reason
from mapping.steps import PURCHASE, Step
from sync.config.qualification import PointsConfig, RuleConfig, rules_of
from sync.config.written import Written

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri")


class HoursConfig(Written):
    """When the company works, in the hub's time zone."""

    days: list[Day] = Field(
        default_factory=lambda: list(WEEKDAYS),
        min_length=1,
        description="Days of the week that are worked.",
    )
    begin: str = Field(
        "09:00",
        alias="from",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="Time of day when work begins, e.g. 09:00.",
    )
    end: str = Field(
        "18:00",
        alias="to",
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$",
        description="Time of day when it ends, e.g. 18:00; 24:00 is the end of the day.",
    )
    holidays: str | None = Field(
        "JP",
        description="Country whose public holidays are days off, by two letters; none for none.",
    )
    closed: list[date] = Field(
        default_factory=list, description="The company's own days off, as 2026-12-29."
    )

    def business_hours(self, zone: str) -> BusinessHours:
        """The hours that these settings come to in a time zone."""
        country = self.holidays
        return BusinessHours(
            days=frozenset(self.days),
            begin=minute_of(self.begin),
            end=minute_of(self.end),
            zone=zone,
            country=None if country in (None, "none") else country,
            closed=frozenset(self.closed),
        )


class ClockConfig(Written):
    """How long a lead may stand in a stage before it moves on."""

    hours: float = Field(gt=0, le=10_000, description="Hours until it has to move on.")
    business: bool = Field(
        True, description="Whether only business hours count; false: the clock on the wall."
    )


class DormantConfig(Written):
    """When leads that are silent become dormant by themselves."""

    after_days: int = Field(ge=1, description="Days without activity or a change of stage.")
    stages: list[str] = Field(
        min_length=1, description="Stages in which a silent lead becomes dormant."
    )


class StageConfig(Written):
    """A stage as the company calls it; with ``after`` one of its own."""

    ja: str | None = Field(None, min_length=1, description="Its name in Japanese.")
    en: str | None = Field(None, min_length=1, description="Its name in English.")
    after: str | None = Field(
        None, description="Of a stage of your own: the stage that it stands behind."
    )


class ReasonConfig(Written):
    """A reason that people choose from."""

    ja: str = Field(min_length=1, description="Its name in Japanese.")
    en: str = Field(min_length=1, description="Its name in English.")


class StepConfig(Written):
    """A step of the purchase funnel."""

    ja: str = Field(min_length=1, description="Its name in Japanese.")
    en: str = Field(min_length=1, description="Its name in English.")
    stages: list[str] = Field(min_length=1, description="Who is in one of these is in the step.")


class StagesConfig(Written):
    """stages.yaml: the company's stages, the moves between them, and the reasons."""

    stages: dict[str, StageConfig] = Field(
        default_factory=dict,
        description="Other names for stages, and stages of your own: ja, en and after.",
    )
    optional: list[str] = Field(
        default_factory=list,
        description="Stages that the company does not use: nobody is taken to have been there.",
    )
    transitions: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Moves that need no override, by the stage they leave; others stay as usual.",
    )
    reasons: dict[str, dict[str, ReasonConfig]] = Field(
        default_factory=dict,
        description="Further reasons, by stage and code: ja and en. A known code is renamed.",
    )
    evidence: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Lead fields without which a stage is not entered, by stage; a person may.",
    )
    purchase: list[StepConfig] = Field(
        default_factory=list,
        description="The steps of the purchase funnel: ja, en and stages; default: 認知, "
        "興味・関心, 比較検討, 購入.",
    )
    hours: HoursConfig = Field(
        default_factory=HoursConfig, description="When the company works, in the hub's time zone."
    )
    clocks: dict[str, ClockConfig] = Field(
        default_factory=dict,
        description="How long a lead may stand in a stage before it moves on, by stage.",
    )
    dormant: DormantConfig | None = Field(
        None, description="When silent leads become dormant by themselves; default: never."
    )
    qualification: list[RuleConfig] = Field(
        default_factory=list,
        description="Rules that move leads on; of those that fit, the first in this order.",
    )
    scores: dict[str, list[PointsConfig]] = Field(
        default_factory=dict, description="Scores that rules may ask for, by name."
    )

    def rules(self) -> StageRules:
        """The life cycle that these settings come to; one object for equal settings."""
        return _rules(self.model_dump_json(include=_OF_RULES))

    def qualification_rules(self) -> Qualification:
        """The qualification rules that these settings come to."""
        return rules_of(self.qualification, self.scores, self.rules())

    def purchase_steps(self) -> tuple[Step, ...]:
        """The purchase funnel."""
        if not self.purchase:
            return PURCHASE
        return tuple(
            Step(_code(one.en), one.ja, one.en, tuple(one.stages)) for one in self.purchase
        )


_OF_RULES = {"stages", "optional", "transitions", "reasons", "evidence"}


@lru_cache(maxsize=32)
def _rules(written: str) -> StageRules:
    said = StagesConfig.model_validate_json(written)
    return stage_rules_of(
        Own(
            stages=tuple(
                OwnStage(code, one.ja, one.en, one.after) for code, one in said.stages.items()
            ),
            transitions={stage: frozenset(after) for stage, after in said.transitions.items()},
            reasons={
                stage: tuple(Reason(code, one.ja, one.en) for code, one in reasons.items())
                for stage, reasons in said.reasons.items()
            },
            optional=frozenset(said.optional),
            evidence={stage: tuple(names) for stage, names in said.evidence.items() if names},
        )
    )


def _code(name: str) -> str:
    """A step's code, after its English name."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or name
