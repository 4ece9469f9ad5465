"""Where a lead is in its life cycle, and what a system's word on it changes.

A stage moves forward on any system's word; what was skipped on the way is entered as inferred. It
moves back only through recycled, lost, dormant or disqualified, or by a person's override. First
words of several systems settle on the furthest stage, whatever order they arrive in. Everything
here is pure: times are arguments, and what is decided is for the caller to store.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from mapping.errors import MappingError
from mapping.projection import StageProjection, StageSeen
from mapping.routes import route
from mapping.stage_rules import DEFAULT, StageRules
from mapping.stage_words import PATH, REASONS, STAGES, TRANSITIONS, Reason, Stage

__all__ = [
    "DEFAULT",
    "PATH",
    "REASONS",
    "STAGES",
    "TRANSITIONS",
    "Entry",
    "Observation",
    "Reason",
    "Stage",
    "StageDecision",
    "StageProjection",
    "StageRules",
    "StageSeen",
    "StageState",
    "deal_observation",
    "decide_stage",
    "decided",
    "first_steps",
    "merge_states",
    "opens_cycle",
    "override",
]


@dataclass(frozen=True, slots=True)
class StageState:
    """Where a lead is. ``entered_at`` is of this entry; ``first_entered`` of the first ever.

    Times are ISO 8601 in UTC. The cycle grows when a lead that rested is worked on again.
    """

    stage: str
    cycle: int
    entered_at: str
    first_entered: Mapping[str, str] = field(default_factory=dict)


class Observation(NamedTuple):
    """What a system says of a lead's stage, made only when that differs from what it said before.

    ``stages`` are those its value may mean, the preferred one first. ``first``: the link has not
    spoken before. ``deal``: it was read from a deal. ``origin`` is the lead's, for a new one.
    """

    stages: tuple[str, ...]
    at: str
    system: str
    reason: str | None = None
    first: bool = False
    event: str | None = None
    deal: bool = False
    origin: str | None = None


_UNKNOWN: Mapping[str, Any] = MappingProxyType({})
_ANY_TIME = "2000-01-01T00:00:00Z"


class Entry(NamedTuple):
    """One line of a lead's stage history; never changed, save that the last one gets its exit.

    Append them in order and close the open entry before them at the first one's ``entered_at``.
    A ``reason_code`` of "unstated" marks a reason that is due and missing. ``rule`` is the hub's
    own rule that made the move, or ``told`` for what a system says of the time before the hub.
    ``evidence`` are the fields, with their values, without which it would not have been entered.
    """

    stage: str
    cycle: int
    entered_at: str
    system: str
    exited_at: str | None = None
    reason_code: str | None = None
    reason_text: str | None = None
    inferred: bool = False
    override_by: str | None = None
    event: str | None = None
    rule: str | None = None
    evidence: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class StageDecision:
    """What a word on a stage leads to. ``refused`` is a code; ``message`` says what to do.

    ``lacking`` are the fields that are missing as evidence.
    """

    state: StageState | None
    entries: tuple[Entry, ...] = ()
    refused: str | None = None
    message: str = ""
    moved: bool = False
    lacking: tuple[str, ...] = ()


def decide_stage(
    state: StageState | None,
    observation: Observation,
    rules: StageRules = DEFAULT,
    fields: Mapping[str, Any] = _UNKNOWN,
) -> StageDecision:
    """What becomes of a lead's stage when a system says where it sees the lead.

    Nothing, when the present stage is among those the system's value may mean. Otherwise the
    preferred one is entered, if an allowed way leads there; if none does and the value may also
    mean ``recycled``, the lead was handed back. Of first words only the furthest stands, so that a
    back-fill ends the same in any order. News of a way back, or of a new cycle, that is older than
    the present entry is refused (STALE_MOVE): something later has been heard already. ``fields``
    are the lead's: where a stage on the way needs evidence that is not among them, the move is
    refused (EVIDENCE_MISSING).
    """
    for stage in observation.stages:
        rules.check(stage)
    if not observation.stages:
        return StageDecision(state)
    if state is None:
        return _discover(None, observation, rules, fields)
    if observation.first:
        if rules.rank(observation.stages[0]) <= rules.rank(state.stage):
            return StageDecision(state)
        return _discover(state, observation, rules, fields)
    if state.stage in observation.stages or _has_open_deal(state, observation, rules):
        return StageDecision(state)
    return _follow(state, observation, rules, fields)


def _has_open_deal(state: StageState, observation: Observation, rules: StageRules) -> bool:
    """Whether a deal is said to be open of a lead that stands behind that on the way."""
    if not observation.deal or observation.stages[0] != "opportunity":
        return False
    return rules.place.get(state.stage, -1) > rules.place["opportunity"]


@lru_cache(maxsize=256)
def first_steps(
    stages: tuple[str, ...],
    deal: bool = False,
    origin: str | None = None,
    rules: StageRules = DEFAULT,
) -> tuple[tuple[str, str | None, bool], ...]:
    """What ``decide_stage`` enters for a new lead at a first word without a reason.

    (stage, reason code, inferred), all at one time and in the first cycle; the same for everybody
    under the same rules, so worked out once. Empty where nothing is entered, or where the way is
    closed.
    """
    seen = Observation(stages, _ANY_TIME, "", first=True, deal=deal, origin=origin)
    entries = decide_stage(None, seen, rules).entries
    return tuple((entry.stage, entry.reason_code, entry.inferred) for entry in entries)


def _discover(
    state: StageState | None,
    observation: Observation,
    rules: StageRules,
    fields: Mapping[str, Any],
) -> StageDecision:
    present = state.stage if state else None
    target = observation.stages[0]
    way = route(
        present,
        target,
        rules,
        deal=observation.deal,
        origin=observation.origin,
        first=True,
    )
    if way is None:
        return _forbidden(state, target)
    return _move(state, way, observation, rules, fields)


def _follow(
    state: StageState, observation: Observation, rules: StageRules, fields: Mapping[str, Any]
) -> StageDecision:
    targets = dict.fromkeys((observation.stages[0], *_handed_back(observation, rules)))
    for target in targets:
        way = route(state.stage, target, rules, deal=observation.deal)
        if way is None:
            continue
        onward = state.stage in rules.place and rules.rank(target) > rules.rank(state.stage)
        if not onward and _moment(observation.at) < _moment(state.entered_at):
            return StageDecision(
                state,
                refused="STALE_MOVE",
                message=f"{target} was said before {state.stage} was entered; "
                "nothing to do unless it is still true: then set the stage by hand",
            )
        if rules.like(state.stage) == "disqualified" and not (observation.reason or "").strip():
            return StageDecision(
                state,
                refused="REASON_REQUIRED",
                message="a disqualified lead comes back only with the reason why it is one again",
            )
        return _move(state, way, observation, rules, fields)
    return _forbidden(state, observation.stages[0])


def _handed_back(observation: Observation, rules: StageRules) -> tuple[str, ...]:
    # Not lost, dormant or disqualified: a value that is compatible with those does not say them.
    return tuple(stage for stage in observation.stages if rules.like(stage) == "recycled")


def _forbidden(state: StageState | None, target: str) -> StageDecision:
    present = state.stage if state else "new"
    return StageDecision(
        state,
        refused="FORBIDDEN_MOVE",
        message=f"{present} does not lead to {target}; a person may override it with a reason",
    )


def _unproven(state: StageState | None, target: str, lacking: tuple[str, ...]) -> StageDecision:
    return StageDecision(
        state,
        refused="EVIDENCE_MISSING",
        message=f"{target} is not entered while these fields are blank: {', '.join(lacking)}",
        lacking=lacking,
    )


def _move(
    state: StageState | None,
    way: tuple[str, ...],
    observation: Observation,
    rules: StageRules,
    fields: Mapping[str, Any],
) -> StageDecision:
    lacking = rules.lacking(way, fields) if rules.evidence else ()
    if lacking:
        return _unproven(state, way[-1], lacking)
    at = observation.at
    if state is not None and _moment(at) < _moment(state.entered_at):
        at = state.entered_at
    present = state.stage if state else None
    cycle = state.cycle if state else 1
    entries: list[Entry] = []
    for stage in way:
        last = stage == way[-1] and len(entries) == len(way) - 1
        if not observation.first and opens_cycle(present, stage, rules):
            cycle += 1
        code, text = rules.reason_of(stage, observation.reason if last else None)
        entries.append(
            Entry(
                stage,
                cycle,
                at,
                observation.system,
                exited_at=None if last else at,
                reason_code=code,
                reason_text=text,
                inferred=not last,
                event=observation.event,
                evidence=tuple((name, fields[name]) for name in rules.evidence.get(stage, ())),
            )
        )
        present = stage
    return decided(state, tuple(entries))


def decided(state: StageState | None, entries: tuple[Entry, ...]) -> StageDecision:
    """The decision that entries, in order, come to."""
    first_entered = dict(state.first_entered) if state else {}
    if state is not None:
        first_entered.setdefault(state.stage, state.entered_at)
    for entry in entries:
        first_entered.setdefault(entry.stage, entry.entered_at)
    last = entries[-1]
    after = StageState(last.stage, last.cycle, last.entered_at, first_entered)
    return StageDecision(after, entries, moved=True)


def opens_cycle(before: str | None, stage: str, rules: StageRules = DEFAULT) -> bool:
    """A lead that rested is worked on again; a deal re-opened after a loss stays in its cycle."""
    if before is None or before in rules.place or stage not in rules.place:
        return False
    return not (rules.like(before) == "lost" and stage == "opportunity")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def override(
    state: StageState | None,
    stage: str,
    *,
    at: str,
    user: str,
    reason: str,
    rules: StageRules,
) -> StageDecision:
    """A person's decision: any move is allowed, in their name and with their reason.

    Nothing is inferred. Raises MappingError when the name or the reason is missing.
    """
    rules.check(stage)
    if not user.strip() or not reason.strip():
        raise MappingError(
            "OVERRIDE_UNEXPLAINED",
            f"setting a stage to {stage} by hand needs a user and a reason",
            hint="say who decides and why; both stay in the lead's history",
        )
    if state is not None and state.stage == stage:
        return StageDecision(state)
    if state is not None and _moment(at) < _moment(state.entered_at):
        at = state.entered_at
    cycle = state.cycle if state else 1
    if state is not None and opens_cycle(state.stage, stage, rules):
        cycle += 1
    code, text = rules.reason_of(stage, reason)
    entry = Entry(
        stage,
        cycle,
        at,
        "override",
        reason_code=code,
        reason_text=text,
        override_by=user.strip(),
    )
    return decided(state, (entry,))


def merge_states(
    a: StageState | None, b: StageState | None, rules: StageRules = DEFAULT
) -> StageState | None:
    """The state of two leads that turn out to be one person: the furthest stage, its own times.

    The order of the two does not matter. Each stage keeps its earliest first entry, and the cycle
    is the higher of the two.
    """
    if a is None or b is None:
        return a or b
    ahead = min(
        (a, b), key=lambda s: (-rules.rank(s.stage), _moment(s.entered_at), s.entered_at, s.stage)
    )
    first = {**a.first_entered}
    for stage, at in b.first_entered.items():
        first[stage] = min(first.get(stage, at), at, key=lambda text: (_moment(text), text))
    return replace(ahead, cycle=max(a.cycle, b.cycle), first_entered=first)


def deal_observation(
    stage: str,
    *,
    at: str,
    system: str,
    others: Collection[str] = (),
    reason: str | None = None,
    first: bool = False,
    event: str | None = None,
) -> Observation:
    """What a deal's stage (opportunity, won or lost) says of its person.

    ``others`` are the stages of the person's other deals. A person stands at the highest open deal:
    while another one is open, the end of this one moves nobody. An open deal beside a won one is an
    up-sell and moves the person even when it is the first word on that deal.
    """
    if stage not in ("opportunity", "won", "lost"):
        raise MappingError(
            "NOT_A_DEAL_STAGE",
            f'a deal cannot be "{stage}"',
            hint="a deal is opportunity, won or lost",
        )
    if stage != "opportunity" and "opportunity" in others:
        stage, reason = "opportunity", None
    if stage == "opportunity" and "won" in others:
        first = False
    return Observation((stage,), at, system, reason, first, event, deal=True)
