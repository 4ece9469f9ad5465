"""Consents by hand, with their evidence, and opt-outs that stay with leads that part.

Whoever grants a consent, or takes an opt-out back, says why; it is kept with who, when and where.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from mapping.consent import DENIED, GRANTED, denied, is_consent
from mapping.errors import MappingError
from sync.engine.batch import Working
from sync.store.leads import LeadRow

__all__ = ["check_edit", "edited", "is_anew", "stay", "unset"]

EVIDENCE = "CONSENT_EVIDENCE"
STAYED = "renkei"
"""Who set an opt-out that a lead has from another one."""


def check_edit(lead: LeadRow, values: Mapping[str, Any], unset: Sequence[str], reason: str) -> None:
    """Raise MappingError where somebody takes an opt-out back, or grants a consent, with no reason.

    The reason is the evidence: it is kept with who said it, when and where.
    """
    for name in unset:
        if is_consent(name) and name in lead.edits and lead.edits[name][0] == DENIED:
            raise MappingError(
                EVIDENCE,
                f"{name} was denied by hand, and that is not taken back by leaving it out",
                hint=f'--set {name}=granted --reason "WHERE AND WHEN THE PERSON CONSENTED"',
            )
    for name, value in values.items():
        weaker = value == GRANTED or (value != DENIED and lead.fields.get(name) == DENIED)
        if is_consent(name) and weaker and not reason.strip():
            raise MappingError(
                EVIDENCE,
                f"{name} needs evidence to be set to {value or 'nothing'}",
                hint='--reason "WHERE AND WHEN THE PERSON CONSENTED": it is kept with the value',
            )


def is_anew(lead: LeadRow, name: str, value: Any) -> bool:
    """Whether a consent that was set before is set again after something else came to hold."""
    return is_consent(name) and lead.fields.get(name) != value


def edited(
    lead: LeadRow, name: str, value: Any, at: str, user: str, *, reason: str, where: str
) -> list[Any]:
    """A hand edit as it is stored; of a consent with its evidence, and the denial that it lifts."""
    if not is_consent(name) or not reason.strip():
        return [value, at, user]
    return [value, at, user, reason.strip(), where, _denial(lead.edits.get(name))]


def unset(edits: MutableMapping[str, Any], name: str) -> None:
    """Take a hand edit back; a denial that it lifted holds again."""
    denial = _denial(edits.pop(name, None))
    if denial is not None and is_consent(name):
        edits[name] = denial


def _denial(edit: Sequence[Any] | None) -> list[Any] | None:
    """The opt-out that an edit is, or that it lifted."""
    if edit is None:
        return None
    if edit[0] == DENIED:
        return list(edit[:3])
    return edit[5] if len(edit) > 5 else None


def stay(
    workings: Sequence[Working],
    together: Mapping[str, Any],
    before: Sequence[Mapping[str, Any]],
    at: str,
) -> None:
    """Have leads that part keep the opt-outs that came while they were one.

    ``together`` are the values of the one lead, ``before`` what each was before they were joined,
    as a merge notes it: an opt-out of that time goes back to whose it was. A later one stays with
    both, as if by hand, for nobody knows which of the two asked for it.
    """
    known: set[str] = set()
    for one in before:
        for said in (*one["said"].values(), one["edits"]):
            known |= {name for name, word in said.items() if word[0] == DENIED}
    for working in workings:
        for name in denied(together) - known:
            working.lead.edits[name] = [DENIED, at, STAYED]
