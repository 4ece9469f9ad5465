"""A life before the hub: what a system says of the stages a record went through, and when.

A system's own history need not follow the hub's moves: what it tells is taken as it is told, and
each line says so (``rule`` is ``told``). What lies between two stages is entered as inferred, where
the hub's moves lead from one to the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from mapping.projection import Told
from mapping.stage_rules import DEFAULT, StageRules
from mapping.stages import (
    Entry,
    Observation,
    StageDecision,
    StageState,
    decide_stage,
    decided,
    opens_cycle,
)

__all__ = ["TOLD", "earlier", "replay", "since"]

TOLD = "told"
"""The rule of an entry that a system told of the time before the hub heard of the record."""


def since(told: Sequence[Told], stages: Collection[str]) -> str | None:
    """When a record says it entered what it says now; None where it does not say."""
    return told[-1].at if told and set(told[-1].stages) == set(stages) else None


def replay(told: Sequence[Told], seen: Observation, rules: StageRules = DEFAULT) -> StageDecision:
    """The life of a new lead as its first record tells it, up to what the record says now.

    The last entry is a told one where the record says since when; else it is of ``seen.at``. It has
    happened, so that no evidence is asked for.
    """
    rules = rules.bare
    state: StageState | None = None
    entries: list[Entry] = []
    for one in told:
        is_last = one is told[-1] and since(told, seen.stages) is not None
        word = seen._replace(
            stages=one.stages, at=one.at, reason=seen.reason if is_last else None, first=not entries
        )
        state = _step(state, word, rules, entries, rule=TOLD)
    if since(told, seen.stages) is None:
        state = _step(state, seen._replace(first=not entries), rules, entries, rule=None)
    return StageDecision(state, tuple(entries), moved=bool(entries))


def _step(
    state: StageState | None,
    word: Observation,
    rules: StageRules,
    entries: list[Entry],
    *,
    rule: str | None,
) -> StageState | None:
    decision = decide_stage(state, word, rules)
    if decision.refused:
        decision = _as_told(state, word, rules)
    if not decision.moved or not decision.entries:
        return decision.state
    if entries:
        entries[-1] = entries[-1]._replace(exited_at=decision.entries[0].entered_at)
    entries += [one._replace(rule=rule) for one in decision.entries]
    return decision.state


def _as_told(state: StageState | None, word: Observation, rules: StageRules) -> StageDecision:
    """A move that the hub's rules do not have, made all the same: it has happened."""
    back = state is not None and state.stage in rules.place and "recycled" in word.stages
    stage = "recycled" if back else word.stages[0]
    cycle = state.cycle if state else 1
    if state is not None and opens_cycle(state.stage, stage, rules):
        cycle += 1
    at = word.at if state is None else max(word.at, state.entered_at)
    code, text = rules.reason_of(stage, word.reason)
    entry = Entry(
        stage, cycle, at, word.system, reason_code=code, reason_text=text, event=word.event
    )
    return decided(state, (entry,))


def earlier(
    told: Iterable[Told], known: Mapping[str, str], present_at: str, *, system: str, event: str
) -> list[Entry]:
    """What told entries add to a life that the hub knows: first entries that are earlier.

    ``known`` are the first entries of stages, ``present_at`` is when the present one was entered.
    Nothing that is known changes. A told entry counts where it is before the first known entry of
    each stage it may mean and before the present one. All is in the first round: rounds that were
    counted are not counted anew.
    """
    ordered = sorted(told, key=lambda one: one.at)
    first = dict(known)
    found: list[Entry] = []
    for one in ordered:
        if one.at >= present_at or any(first.get(stage, "~") <= one.at for stage in one.stages):
            continue
        stage = one.stages[0]
        first[stage] = one.at
        later = [other.at for other in ordered if other.at > one.at]
        later += [at for at in (*known.values(), present_at) if at > one.at]
        found.append(Entry(stage, 1, one.at, system, exited_at=min(later), event=event, rule=TOLD))
    return found
