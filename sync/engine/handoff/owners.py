"""Whom a lead goes to: by rule, to whoever has the company already, or in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sync.config.handoff import Condition, HandoffRule, MemberConfig, OwnerWay
from sync.engine.hub import Hub
from sync.store import handoffs
from sync.store.database import Tx
from sync.store.leads import LeadRow

ACCOUNT = "account."


def choose(
    hub: Hub, tx: Tx, rule: HandoffRule, lead: LeadRow, now: str
) -> tuple[str | None, str | None]:
    """The owner of a lead, and the way that found them; nobody where no way does.

    A turn is taken in this transaction: it counts exactly if the owner is written.
    """
    members = hub.config.handoff.members(rule.team)
    facts: Mapping[str, Any] = lead.fields
    if any(one.field.startswith(ACCOUNT) for way in rule.owner for one in way.when):
        facts = {**facts, **_account(tx, lead)}
    for way in rule.owner:
        found = _by(tx, way, rule, lead, members, facts, now)
        if found is not None:
            return found, way.by
    return None, None


def _by(
    tx: Tx,
    way: OwnerWay,
    rule: HandoffRule,
    lead: LeadRow,
    members: Sequence[MemberConfig],
    facts: Mapping[str, Any],
    now: str,
) -> str | None:
    if way.by == "rule":
        return way.to if all(holds(one, facts) for one in way.when) else None
    if way.by == "account_owner":
        known = {one.owner.lower(): one.owner for one in members}
        beside = handoffs.owners_beside(tx, lead.id, lead.account_id) if lead.account_id else []
        return next((known[one.lower()] for one in beside if one.lower() in known), None)
    here = [one.owner for one in members if not one.away]
    return handoffs.take_turn(tx, rule.team, here, now)


def holds(condition: Condition, facts: Mapping[str, Any]) -> bool:
    """Whether a field is as a rule wants it. A list is where one of its values is."""
    value = facts.get(condition.field)
    if value is None:
        return False
    if condition.at_least is not None:
        return _number(value) >= condition.at_least
    said = value if isinstance(value, list) else [value]
    wanted = {_plain(one) for one in condition.values}
    return any(_plain(one) in wanted for one in said)


def _plain(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().casefold()


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("-inf")


def _account(tx: Tx, lead: LeadRow) -> dict[str, Any]:
    known = handoffs.account_fields(tx, lead.account_id) if lead.account_id else {}
    return {f"{ACCOUNT}{name}": value for name, value in known.items()}
