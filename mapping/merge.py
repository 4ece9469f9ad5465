"""Survivorship: of all that linked records and hand edits say about a lead, what holds.

A hand edit wins. Otherwise the more trusted connection, then the newer, then the longer value; at
last the order of sources decides, so that no order of reading matters. Parts of a name, and of an
address, come together from one source, completed by the next that agrees with it. First touches
are the earliest, BANTCH topics the newest, lists all of them, consent the strictest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from mapping import consent
from mapping.groups import (
    ADDRESS,
    GROUP_OF,
    KANA,
    NAME,
    ROMAJI,
    TOPICS,
    addresses_agree,
    names_agree,
    names_contradict,
)
from mapping.model import PUSH_ONLY, Value
from mapping.normalise.text import is_blank
from mapping.statement import RULES, Golden, Observed, Provenance, Statement, Trust, observe

__all__ = [
    "RULES",
    "Golden",
    "Observed",
    "Provenance",
    "Statement",
    "Trust",
    "explain_losers",
    "golden",
    "observe",
]

Edits = Mapping[str, tuple[Value, str]]
Agree = Callable[[Mapping[str, Value], Mapping[str, Value]], bool]

_NO_EDITS: Edits = MappingProxyType({})
_EARLIEST = frozenset(
    {"first_touch_at", "first_touch_channel", "first_touch_source", "channel", "lead_source"}
)
_UNIONS = {"emails": ("email", "emails"), "phones": ("phone", "mobile", "phones")}
_LISTS = frozenset({"tags"})


def golden(statements: Sequence[Statement], trust: Trust, edits: Edits = _NO_EDITS) -> Golden:
    """The values that hold and where each is from, whatever the order of the statements.

    ``edits`` are values set by hand with their time; an edit to a blank keeps the field blank. A
    source that comes twice counts once.
    """
    if len(statements) == 1 and not edits:
        return _sole(statements[0])
    return _Merge(statements, trust, edits).golden()


def explain_losers(
    name: str, statements: Sequence[Statement], trust: Trust, edits: Edits = _NO_EDITS
) -> list[tuple[Statement, Value, str]]:
    """Who else says something about a field, what, and by which rule (``RULES``) it lost."""
    won = golden(statements, trust, edits).provenance.get(name)
    if won is not None and (won.rule == "union" or (name in _UNIONS and won.rule != "edit")):
        return []
    by_source = {one.source: one for one in statements}
    winner = by_source.get(won.source) if won else None
    return [
        (one, one.says(name), _why_lost(name, one, winner, won, trust))
        for source, one in sorted(by_source.items())
        if one is not winner and not is_blank(one.says(name))
    ]


def _why_lost(
    name: str, loser: Statement, winner: Statement | None, won: Provenance | None, trust: Trust
) -> str:
    if won is None:
        return "together"
    if winner is None or won.rule == "together":
        return won.rule
    if name.startswith(("consent.", "bantch.")) or name in _EARLIEST or name == "consent_at":
        return won.rule
    return _rule_between(GROUP_OF.get(name, (name,)), winner, loser, trust)


def _sole(statement: Statement) -> Golden:
    """What holds when one record is all there is: the short way of nearly every new lead."""
    values: dict[str, Value] = {}
    provenance: dict[str, Provenance] = {}
    said, source, connection = statement.values, statement.source, statement.connection
    made: dict[str, Provenance] = {}
    for name, at in statement.since.items():
        value = said.get(name)
        if is_blank(value) or name in PUSH_ONLY:
            continue
        values[name] = _as_list(value) if name in _LISTS else value
        # Most fields of a record have one time: one provenance serves them all.
        one = made.get(at)
        if one is None:
            one = made[at] = Provenance(source, connection, at, "only")
        provenance[name] = one
    for union, parts in _UNIONS.items():
        present = [part for part in parts if part in values]
        if present:
            at = max(provenance[part].since for part in present)
            values[union] = _distinct(values[part] for part in present)
            provenance[union] = Provenance(source, connection, at, "union")
    return Golden(values, provenance)


class _Merge:
    """One merge under way: who says what, and the golden record as it grows."""

    def __init__(self, statements: Sequence[Statement], trust: Trust, edits: Edits) -> None:
        by_source = {one.source: one for one in statements}
        self.statements = [by_source[source] for source in sorted(by_source)]
        self.trust = trust
        self.edits = edits
        self.values: dict[str, Value] = {}
        self.provenance: dict[str, Provenance] = {}
        self.stated: dict[str, list[Statement]] = {}
        for one in self.statements:
            for name in one.since:
                if name not in PUSH_ONLY and not is_blank(one.values.get(name)):
                    self.stated.setdefault(name, []).append(one)

    def golden(self) -> Golden:
        for name, (value, at) in self.edits.items():
            if not name.startswith("consent."):
                self.values[name] = None if is_blank(value) else value
                self.provenance[name] = Provenance("edit", "", at, "edit")
        self._name()
        self._group(ADDRESS, self._stating(ADDRESS), addresses_agree)
        for topic in TOPICS:
            self._newest(topic)
        for name, stated in self.stated.items():
            if name not in GROUP_OF and name not in _UNIONS and name != "consent_at":
                self._single(name, stated)
        for name in self.edits:
            if name.startswith("consent.") and name not in self.stated:
                self._single(name, [])
        self._consent_at()
        for union, parts in _UNIONS.items():
            self._union(union, parts)
        return Golden(self.values, self.provenance)

    def _single(self, name: str, stated: list[Statement]) -> None:
        if name.startswith("consent."):
            self.values[name], self.provenance[name] = consent.resolve(
                name, stated, self.trust, self.edits.get(name)
            )
        elif name in _EARLIEST:
            winner = min(stated, key=lambda one: (_touched(one, name), self._rank(name, one)))
            self._take(name, winner, "earliest" if len(stated) > 1 else "only")
        elif name in _LISTS:
            self._list(name, stated)
        else:
            ordered = _ordered((name,), stated, self.trust)
            self._take(name, ordered[0], self._rule((name,), ordered))

    def _take(self, name: str, winner: Statement, rule: str) -> None:
        """Let a statement win a field, unless a hand edit has."""
        if name not in self.provenance:
            self.values[name] = winner.values[name]
            self.provenance[name] = Provenance(
                winner.source, winner.connection, winner.since[name], rule
            )

    def _rank(self, name: str, one: Statement) -> int:
        return self.trust.rank(name, one.connection)

    def _rule(self, group: Sequence[str], ordered: Sequence[Statement]) -> str:
        return _rule_between(group, *ordered[:2], self.trust) if len(ordered) > 1 else "only"

    def _stating(self, group: Sequence[str]) -> list[Statement]:
        found = {one.source: one for name in group for one in self.stated.get(name, ())}
        return [found[source] for source in sorted(found)]

    def _name(self) -> None:
        """The name from one source, and readings of that name: its own, else of one who agrees."""
        winner = self._group(NAME, self._stating(NAME), names_agree)
        for reading in (KANA, ROMAJI):
            stated = self._stating(reading)
            fitting = [one for one in stated if not names_contradict(_part(one, NAME), self.values)]
            if winner in fitting:
                rule = "together" if len(stated) > 1 else "only"
                self._group(reading, [winner], None, rule)
            else:
                self._group(reading, fitting, None)
        if {"family_name", "given_name"} & self.edits.keys() and "full_name" not in self.edits:
            # The whole name as somebody wrote it no longer fits its corrected part.
            self.values.pop("full_name", None)
            self.provenance.pop("full_name", None)

    def _group(
        self,
        group: Sequence[str],
        stated: list[Statement],
        agree: Agree | None,
        rule: str | None = None,
    ) -> Statement | None:
        """Fill a group from the winner, and its gaps from the next who agrees; give the winner."""
        if not stated:
            return None
        ordered = _ordered(group, stated, self.trust)
        winner = ordered[0]
        rule = rule or self._rule(group, ordered)
        own = _part(winner, group)
        for name in own:
            self._take(name, winner, rule)
        for other in ordered[1:] if agree else ():
            more = _part(other, group)
            if more.keys() - own.keys() and agree and agree(own, more):
                for name in more.keys() - own.keys():
                    self._take(name, other, "together")
                break
        return winner

    def _newest(self, topic: Sequence[str]) -> None:
        stated = self._stating(topic)
        if not stated:
            return
        stated.sort(key=lambda one: self._rank(topic[0], one))
        winner = max(stated, key=lambda one: _said_at(one, topic))
        for name in _part(winner, topic):
            self._take(name, winner, "newest" if len(stated) > 1 else "only")

    def _list(self, name: str, stated: list[Statement]) -> None:
        if name in self.provenance:
            return
        ordered = sorted(stated, key=lambda one: self._rank(name, one))
        first, at = ordered[0], max(one.since[name] for one in ordered)
        self.values[name] = _distinct(one.values[name] for one in ordered)
        rule = "union" if len(ordered) > 1 else "only"
        self.provenance[name] = Provenance(first.source, first.connection, at, rule)

    def _union(self, union: str, parts: Sequence[str]) -> None:
        """All addresses, or numbers, that anybody states; the primary first."""
        stated = self._stating(parts)
        if union in self.provenance or not (stated or any(self.values.get(p) for p in parts)):
            return
        stated.sort(key=lambda one: self._rank(parts[0], one))
        primary = [self.values.get(part) for part in parts if part != union]
        others = [one.says(part) for one in stated for part in parts]
        self.values[union] = _distinct([*primary, *others])
        won = next((self.provenance[p] for p in parts if self.values.get(p) and p != union), None)
        at = max(
            [_said_at(one, parts) for one in stated]
            + [self.edits[part][1] for part in parts if part in self.edits]
        )
        source, connection = (
            (won.source, won.connection) if won else (stated[0].source, stated[0].connection)
        )
        self.provenance[union] = Provenance(source, connection, at, "union")

    def _consent_at(self) -> None:
        """The date of consent that goes with the consent that holds, not of one it overruled."""
        stated = self.stated.get("consent_at", [])
        winners = {
            where.source for name, where in self.provenance.items() if name.startswith("consent.")
        }
        if winners:
            stated = [one for one in stated if one.source in winners]
        if stated:
            winner = max(stated, key=lambda one: str(one.values["consent_at"]))
            self._take("consent_at", winner, "newest" if len(stated) > 1 else "only")


def _ordered(group: Sequence[str], stated: list[Statement], trust: Trust) -> list[Statement]:
    """Statements about a group of fields, the winner first; ``stated`` is in order of source."""
    if len(stated) == 1:
        return stated
    ordered = sorted(stated, key=lambda one: _length(one, group), reverse=True)
    ordered.sort(key=lambda one: _said_at(one, group), reverse=True)
    ordered.sort(key=lambda one: _group_rank(group, one, trust))
    return ordered


def _rule_between(group: Sequence[str], winner: Statement, loser: Statement, trust: Trust) -> str:
    if _group_rank(group, winner, trust) != _group_rank(group, loser, trust):
        return "trust"
    if _said_at(winner, group) != _said_at(loser, group):
        return "newest"
    return "longest" if _length(winner, group) != _length(loser, group) else "tie"


def _group_rank(group: Sequence[str], one: Statement, trust: Trust) -> int:
    """The trust in a group: that of its first field for which the operator states one."""
    named = next((name for name in group if name in trust.fields), group[0])
    return trust.rank(named, one.connection)


def _part(one: Statement, group: Sequence[str]) -> dict[str, Value]:
    return {name: value for name in group if not is_blank(value := one.says(name))}


def _said_at(one: Statement, group: Sequence[str]) -> str:
    return max(one.since[name] for name in group if not is_blank(one.says(name)))


def _length(one: Statement, group: Sequence[str]) -> int:
    return sum(len(value) for value in _part(one, group).values() if isinstance(value, str))


def _touched(one: Statement, name: str) -> str:
    """When a source first met the person: as it says, else when it first said the field."""
    moment = one.says("first_touch_at")
    return moment if isinstance(moment, str) else one.since[name]


def _as_list(value: Value) -> list[str]:
    return list(dict.fromkeys(value if isinstance(value, list) else [str(value)]))


def _distinct(values: Iterable[Value]) -> list[str]:
    """The values and the items of lists among them, each once, in order."""
    found: dict[str, None] = {}
    for value in values:
        if isinstance(value, list):
            found.update(dict.fromkeys(value))
        elif isinstance(value, str) and value:
            found[value] = None
    return list(found)
