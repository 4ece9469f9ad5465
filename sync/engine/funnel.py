"""The funnel: who stands where, who went on and how fast, who went back, and cohorts.

Counted in passages, which are one lead in one cycle: a customer who is worked on again is a passage
of its own. Times are as the systems said them, periods as the operator's zone has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mapping.steps import Step, own_steps, stage_steps
from sync.engine.attribution import MONTH, Dimension
from sync.engine.hub import Hub
from sync.engine.periods import ALWAYS, Span, months
from sync.store import funnels, leads

__all__ = [
    "BackMove",
    "Cohort",
    "Cohorts",
    "Funnel",
    "StepCount",
    "cohorts",
    "funnel",
    "steps_of",
]


@dataclass(frozen=True, slots=True)
class StepCount:
    """One step in a period.

    ``now`` leads stand there, whatever the period; ``entered`` passages came there in it, of which
    ``went_on`` came to a later step since, half of them within ``median_days``.
    """

    step: Step
    now: int
    entered: int
    went_on: int
    median_days: float | None

    @property
    def conversion(self) -> float | None:
        """The share that went on, 0 to 1; None where nobody entered."""
        return self.went_on / self.entered if self.entered else None


@dataclass(frozen=True, slots=True)
class BackMove:
    """Moves to a stage that leads back or out, from which stage, and why."""

    before: str | None
    stage: str
    reason: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """A funnel over a period. ``aside`` are stages beside the way: leads there now, by code."""

    span: Span
    steps: tuple[StepCount, ...]
    aside: dict[str, int]
    back: tuple[BackMove, ...]


@dataclass(frozen=True, slots=True)
class Cohort:
    """Passages that began in the period and share a value; None is having none.

    ``reached`` are those that have come to each step by now, in the order of the steps.
    """

    name: str | None
    began: int
    reached: tuple[int, ...]

    @property
    def conversion(self) -> float | None:
        """The share that came to the last step; None where none began."""
        return self.reached[-1] / self.began if self.began else None


@dataclass(frozen=True, slots=True)
class Cohorts:
    """Cohorts by a dimension, the largest first; months in their order."""

    span: Span
    by: str
    steps: tuple[Step, ...]
    cohorts: tuple[Cohort, ...]


def steps_of(hub: Hub, projection: str = "stages", own: Sequence[str] = ()) -> tuple[Step, ...]:
    """The steps of a projection, or those that somebody wrote; MappingError where they are bad."""
    if own:
        return own_steps(own, hub.stage_rules)
    if projection == "purchase":
        return hub.config.stages.purchase_steps()
    return stage_steps(hub.stage_rules)


def funnel(hub: Hub, steps: Sequence[Step], span: Span = ALWAYS) -> Funnel:
    """The funnel of a period: three queries, whatever the number of leads."""
    stages, rules = [step.stages for step in steps], hub.stage_rules
    with hub.database.read() as tx:
        now = leads.count_by_stage(tx)
        entered = funnels.entered(tx, stages, span.since, span.until)
        back = funnels.moves_to(tx, rules.back, span.since, span.until)
    counts = tuple(
        StepCount(
            step=step,
            now=sum(now.get(stage, 0) for stage in step.stages),
            entered=entered[place].entered,
            went_on=entered[place].went_on,
            median_days=entered[place].median_days,
        )
        for place, step in enumerate(steps)
    )
    on_the_way = {stage for step in steps for stage in step.stages}
    beside = [stage for stage in dict.fromkeys([*rules.stages, *now]) if stage not in on_the_way]
    aside = {stage: now.get(stage, 0) for stage in beside if stage in rules.back or stage in now}
    return Funnel(span, counts, aside, tuple(BackMove(*one) for one in back))


def cohorts(hub: Hub, steps: Sequence[Step], by: Dimension, span: Span = ALWAYS) -> Cohorts:
    """Who began in a period, told apart, and how far they have come by now."""
    zone = hub.config.hub.timezone
    with hub.database.read() as tx:
        if by.name == MONTH:
            reach = funnels.reach(tx)
            if reach is None:
                return Cohorts(span, by.name, tuple(steps), ())
            first, last = max(reach[0], span.since), min(reach[1], span.until)
            named = months(first, last, zone)
            if not named:
                return Cohorts(span, by.name, tuple(steps), ())
            group = funnels.by_month(named, "began")
        else:
            group = funnels.lead_value(tx, by.fields)
        stages = [step.stages for step in steps]
        rows = funnels.cohorts(tx, stages, span.since, span.until, group)
    found = [
        Cohort(None if name is None else str(name), int(began), tuple(map(int, reached)))
        for name, began, *reached in rows
    ]
    if by.name != MONTH:
        found.sort(key=lambda one: (-one.began, one.name is None, one.name or ""))
    return Cohorts(span, by.name, tuple(steps), tuple(found))
