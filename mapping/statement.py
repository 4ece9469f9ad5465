"""What a linked record says about a lead, field by field, and since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from mapping.model import Value
from mapping.normalise.text import is_blank

_NO_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_NO_OWNERS: Mapping[str, str] = MappingProxyType({})

POLICIES = ("trust", "newest", "evidence", "hold")
"""How values that differ are decided: by the trusted connection, by the later word, by how many
records say it, or not at all: the first value stays until a person decides."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one linked record says. Only the fields in ``since`` are said by it.

    A value without a ``since`` is an echo of what the hub wrote there: it is held, not stated.
    ``source`` names the link, each once among the statements of a lead; ``since`` is ISO 8601 text
    in UTC, of one shape, so that later is greater.
    """

    source: str
    connection: str
    values: Mapping[str, Value]
    since: Mapping[str, str]

    def says(self, name: str) -> Value:
        """The stated value of a field; None when the field is not stated or blank."""
        if name not in self.since:
            return None
        value = self.values.get(name)
        return None if is_blank(value) else value


@dataclass(frozen=True, slots=True)
class Trust:
    """Which connection is believed over which: earlier in the list, more trusted.

    A connection that is not listed comes after all that are. ``resubscribe`` names connections
    whose later, dated consent may lift an opt-out; by default none may. ``owners`` are the only
    connection whose word counts for a field. ``policies`` say for a field how values that differ
    are decided (``POLICIES``), where not by trust.
    """

    default: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NO_FIELDS)
    resubscribe: frozenset[str] = frozenset()
    owners: Mapping[str, str] = field(default_factory=lambda: _NO_OWNERS)
    policies: Mapping[str, str] = field(default_factory=lambda: _NO_OWNERS)

    def rank(self, name: str, connection: str) -> int:
        """The place of a connection for a field; lower is more trusted."""
        order = self.fields.get(name, self.default)
        return order.index(connection) if connection in order else len(order)

    def hears(self, name: str, connection: str) -> bool:
        """Whether a connection's word counts for a field at all."""
        return name not in self.owners or self.owners[name] == connection

    def policy(self, group: Sequence[str]) -> str:
        """How a group of fields is decided: as the operator says for the first of them."""
        return next((self.policies[name] for name in group if name in self.policies), "trust")


class Provenance(NamedTuple):
    """Who said a golden value, since when, and by which rule it won (``RULES``)."""

    source: str
    connection: str
    since: str
    rule: str


@dataclass(slots=True)
class Golden:
    """The values of a lead that win, and where each is from.

    ``held`` are fields that records state differently and that a person has to decide, with the
    sources whose word waits.
    """

    values: dict[str, Value]
    provenance: dict[str, Provenance]
    held: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observed:
    """What a record says after it was read again, and which fields changed."""

    held: dict[str, Value]
    since: dict[str, str]
    changed: tuple[str, ...]


RULES: dict[str, tuple[str, str]] = {
    "edit": ("手動で修正された値", "edited by hand"),
    "trust": ("より信頼度の高い連携元", "a more trusted connection"),
    "owner": ("この項目の管理元", "the owner of the field"),
    "evidence": ("最も多くの記録が示す値", "said by most records"),
    "held": ("先にあった値を保留(要判断)", "the first value, held until a person decides"),
    "newest": ("より新しい値", "said later"),
    "longest": ("より詳しい値", "says more"),
    "tie": ("同順位のため固定の順", "equal in all; a fixed order decides"),
    "only": ("唯一の値", "nobody says otherwise"),
    "earliest": ("最も早い接点", "the earliest touch"),
    "strictest": ("最も厳しい同意状態", "the strictest consent"),
    "union": ("すべての値を保持", "all values are kept"),
    "derived": ("氏名の他の部分から算出", "worked out from the rest of the name"),
    "together": ("氏名・住所の他の部分と一致", "fits the rest of the name or address"),
}
"""Why a value wins, in Japanese and English; a loser lost for the same reason."""


def observe(
    held: Mapping[str, Value], since: Mapping[str, str], draft: Mapping[str, Value], at: str
) -> Observed:
    """What a record says once ``draft`` was read from it at ``at``.

    Fields the draft does not have stay. A value as it was keeps its ``since``, or stays an echo;
    another is stated from now on; one made blank is stated no longer. Observing the same draft
    twice changes nothing.
    """
    now_held, now_since = dict(held), dict(since)
    changed: list[str] = []
    for name, value in draft.items():
        before = held.get(name)
        if value == before and isinstance(value, bool) == isinstance(before, bool):
            now_held[name] = value
            continue
        if is_blank(value):
            now_held[name] = None
            now_since.pop(name, None)
            if not is_blank(before):
                changed.append(name)
            continue
        now_held[name] = value
        now_since[name] = at
        changed.append(name)
    return Observed(now_held, now_since, tuple(changed))
