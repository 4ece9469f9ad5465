"""Consent: denied over granted over unknown, whoever says it, for each channel and purpose alone.

A one-way lattice: an opt-out wins from any system and however little that system is trusted. It is
lifted only by an explicit, dated and later consent from a connection that is allowed to
re-subscribe, or by a later consent set by hand. Silence, a blank, or "unknown" lift nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mapping.model import Value
from mapping.statement import Provenance, Statement, Trust

__all__ = [
    "DENIED",
    "FAMILY",
    "GRANTED",
    "UNKNOWN",
    "denied",
    "is_consent",
    "is_lifted_by",
    "resolve",
    "strictness",
]

GRANTED, DENIED, UNKNOWN = "granted", "denied", "unknown"
FAMILY = "consent."
"""What the names of consents begin with: ``consent.<channel>.<purpose>``."""

_NOTHING: frozenset[str] = frozenset()
_STRICTNESS = {DENIED: 2, GRANTED: 1, UNKNOWN: 0}


def is_consent(name: str) -> bool:
    """Whether a lead field is a consent. Its date, ``consent_at``, is none."""
    return name.startswith(FAMILY)


def strictness(state: Value) -> int:
    """How strict a consent is; a state nobody knows is as strict as unknown."""
    return _STRICTNESS.get(state, 0) if isinstance(state, str) else 0


def denied(values: Mapping[str, Value]) -> frozenset[str]:
    """The channels and purposes that somebody has opted out of."""
    if DENIED not in values.values():
        return _NOTHING
    return frozenset(name for name, value in values.items() if value == DENIED and is_consent(name))


def is_lifted_by(connection: str, consent_at: Value, last_denial: str, trust: Trust) -> bool:
    """Whether a consent of a connection, dated so, is evidence enough against an opt-out.

    Within one second it is not: vendors tell times more or less exactly.
    """
    if connection not in trust.resubscribe or not isinstance(consent_at, str):
        return False
    return consent_at[:19] > last_denial[:19]


def resolve(
    name: str,
    stated: Sequence[Statement],
    trust: Trust,
    edit: tuple[Value, str] | None = None,
) -> tuple[Value, Provenance]:
    """The consent that holds for a field, of at least one statement or an edit."""
    if edit is not None and edit[0] == DENIED:
        return DENIED, _by_hand(edit)
    rule = "only" if len(stated) == 1 else "strictest"
    denials = [one for one in stated if one.says(name) == DENIED]
    last_denial = max((one.since[name] for one in denials), default="")
    if edit is not None and (not denials or (edit[0] == GRANTED and edit[1] > last_denial)):
        return edit[0], _by_hand(edit)
    if denials:
        lifted = [
            one
            for one in stated
            if one.says(name) == GRANTED
            and one.since[name] > last_denial
            and is_lifted_by(one.connection, one.says("consent_at"), last_denial, trust)
        ]
        if lifted:
            return GRANTED, _provenance(_latest(name, lifted), name, "newest")
        return DENIED, _provenance(_latest(name, denials), name, rule)
    strictest = max(strictness(one.says(name)) for one in stated)
    among = [one for one in stated if strictness(one.says(name)) == strictest]
    winner = _latest(name, among)
    return winner.says(name), _provenance(winner, name, rule)


def _latest(name: str, stated: Sequence[Statement]) -> Statement:
    latest = max(one.since[name] for one in stated)
    return min((one for one in stated if one.since[name] == latest), key=lambda one: one.source)


def _provenance(statement: Statement, name: str, rule: str) -> Provenance:
    return Provenance(statement.source, statement.connection, statement.since[name], rule)


def _by_hand(edit: tuple[Value, str]) -> Provenance:
    return Provenance("edit", "", edit[1], "edit")
