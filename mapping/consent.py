"""Consent: denied over granted over unknown, whoever says it.

An opt-out wins from any system and however little that system is trusted. It is lifted only by an
explicit, dated and later consent from a connection that is allowed to re-subscribe, or by a later
edit by hand.
"""

from __future__ import annotations

from collections.abc import Sequence

from mapping.model import Value
from mapping.statement import Provenance, Statement, Trust

GRANTED, DENIED, UNKNOWN = "granted", "denied", "unknown"

_STRICTNESS = {DENIED: 2, GRANTED: 1, UNKNOWN: 0}


def strictness(state: Value) -> int:
    """How strict a consent is; a state nobody knows is as strict as unknown."""
    return _STRICTNESS.get(state, 0) if isinstance(state, str) else 0


def resolve(
    name: str,
    stated: Sequence[Statement],
    trust: Trust,
    edit: tuple[Value, str] | None = None,
) -> tuple[Value, Provenance]:
    """The consent that holds for a field, of at least one statement or an edit."""
    if edit is not None and edit[0] == DENIED:
        return DENIED, Provenance("edit", "", edit[1], "edit")
    rule = "only" if len(stated) == 1 else "strictest"
    denials = [one for one in stated if one.says(name) == DENIED]
    last_denial = max((one.since[name] for one in denials), default="")
    if edit is not None and (not denials or edit[1] > last_denial):
        return edit[0], Provenance("edit", "", edit[1], "edit")
    if denials:
        lifted = [
            one
            for one in stated
            if one.says(name) == GRANTED and _lifts(one, name, last_denial, trust)
        ]
        if lifted:
            return GRANTED, _provenance(_latest(name, lifted), name, "newest")
        return DENIED, _provenance(_latest(name, denials), name, rule)
    strictest = max(strictness(one.says(name)) for one in stated)
    among = [one for one in stated if strictness(one.says(name)) == strictest]
    winner = _latest(name, among)
    return winner.says(name), _provenance(winner, name, rule)


def _lifts(statement: Statement, name: str, last_denial: str, trust: Trust) -> bool:
    """Whether a granted consent is explicit, dated after every denial, and allowed to lift one."""
    if statement.connection not in trust.resubscribe:
        return False
    evidence = statement.says("consent_at")
    return (
        isinstance(evidence, str) and evidence > last_denial and statement.since[name] > last_denial
    )


def _latest(name: str, stated: Sequence[Statement]) -> Statement:
    latest = max(one.since[name] for one in stated)
    return min((one for one in stated if one.since[name] == latest), key=lambda one: one.source)


def _provenance(statement: Statement, name: str, rule: str) -> Provenance:
    return Provenance(statement.source, statement.connection, statement.since[name], rule)
