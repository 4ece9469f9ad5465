"""How a lead that nothing is heard of becomes dormant, and how it is woken for a new round.

Both go by the ordinary moves: nobody's rules are bent because a machine, or many leads, do it.
"""

from __future__ import annotations

from mapping.stage_rules import DEFAULT, StageRules
from mapping.stages import Entry, StageDecision, StageState, decided

__all__ = ["ASLEEP", "fall_asleep", "way_to_sleep"]

ASLEEP = "dormant"
_BETWEEN = "recycled"
_NO_CONTACT = "no_contact"


def way_to_sleep(stage: str, rules: StageRules = DEFAULT) -> tuple[str, ...] | None:
    """The stages from one to dormant, dormant last; None where no allowed way leads there.

    Where none leads there directly it goes by way of recycled: a lead that was worked on and
    answers nobody is handed back, and then rests.
    """
    if stage == ASLEEP:
        return None
    allowed = rules.transitions.get(stage, frozenset())
    if ASLEEP in allowed:
        return (ASLEEP,)
    if _BETWEEN in allowed and ASLEEP in rules.transitions.get(_BETWEEN, frozenset()):
        return (_BETWEEN, ASLEEP)
    return None


def fall_asleep(
    state: StageState, *, at: str, system: str, rule: str, rules: StageRules = DEFAULT
) -> StageDecision:
    """What becomes of a silent lead: dormant, in the same round, and nothing if it is already.

    A hand-back on the way is inferred, and its reason is that there was no contact.
    """
    way = way_to_sleep(state.stage, rules)
    if way is None:
        return StageDecision(state)
    return decided(
        state,
        tuple(
            Entry(
                stage,
                state.cycle,
                at,
                system,
                exited_at=None if stage == ASLEEP else at,
                reason_code=_NO_CONTACT if stage == _BETWEEN else None,
                inferred=stage != ASLEEP,
                rule=rule,
            )
            for stage in way
        ),
    )
