"""The steps of a funnel: stages one by one, or put together as the buyer sees them.

A funnel is a projection of the life cycle. The usual one has a step for each stage of the way to an
order; the purchase funnel (認知 → 興味・関心 → 比較検討 → 購入) has four, and a company may put
together its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mapping.errors import MappingError
from mapping.stage_rules import DEFAULT, StageRules

__all__ = ["PROJECTIONS", "PURCHASE", "Step", "own_steps", "stage_steps"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a funnel: who is in one of its stages is in it."""

    code: str
    ja: str
    en: str
    stages: tuple[str, ...]


PURCHASE = (
    Step("awareness", "認知", "Awareness", ("inquiry",)),
    Step("interest", "興味・関心", "Interest", ("mql", "tal")),
    Step("comparison", "比較検討", "Comparison", ("tql", "sal", "sql", "opportunity")),
    Step("purchase", "購入", "Purchase", ("won", "customer")),
)
"""The purchase funnel, where a company does not write its own."""


def stage_steps(rules: StageRules = DEFAULT) -> tuple[Step, ...]:
    """A step for each stage of the way to an order, save those that the company does not use."""
    return tuple(
        Step(code, rules.stages[code].ja, rules.stages[code].en, (code,))
        for code in (*rules.path, "won")
        if code not in rules.optional
    )


PROJECTIONS = ("stages", "purchase")
"""The funnels that there are by name."""


def own_steps(written: Sequence[str], rules: StageRules = DEFAULT) -> tuple[Step, ...]:
    """Steps as people write them: ``NAME=STAGE,STAGE``, in order.

    Raises MappingError for a word that is no stage, a stage in two steps, or fewer than two steps.
    """
    found: list[Step] = []
    taken: set[str] = set()
    for text in written:
        name, equals, rest = text.partition("=")
        stages = tuple(word.strip() for word in rest.split(",") if word.strip())
        if not equals or not name.strip() or not stages:
            raise MappingError(
                "BAD_STEP", f'"{text}" is no step', hint="write NAME=STAGE,STAGE, as 購入=won"
            )
        for stage in stages:
            rules.check(stage)
            if stage in taken:
                raise MappingError(
                    "BAD_STEP", f"{stage} is in two steps", hint="a stage is in one step, or none"
                )
            taken.add(stage)
        found.append(Step(name.strip(), name.strip(), name.strip(), stages))
    if len(found) < 2:
        raise MappingError("BAD_STEP", "a funnel has two steps or more", hint="repeat --step")
    if len({step.code for step in found}) < len(found):
        raise MappingError("BAD_STEP", "two steps have one name", hint="name each its own way")
    return tuple(found)
