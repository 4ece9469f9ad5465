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
    addresses_agree,
    names_agree,
    names_contradict,
)
from mapping.model import PUSH_ONLY, Value
from mapping.normalise.text import is_blank
from mapping.statement import RULES, Golden, Observed, Provenance, Statement, Trust, observe
from mapping.voices import Voice, best, best_of_field

__all__ = [
    "RULES",
    "UNION_OF",
    "Golden",
    "Observed",
    "Provenance",
    "Statement",
    "Trust",
    "contributions",
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
UNION_OF = {part: union for union, parts in _UNIONS.items() for part in parts if part != union}
"""The list that keeps every address or number, by the field that holds one."""
_LISTS = frozenset({"tags"})


def golden(statements: Sequence[Statement], trust: Trust, edits: Edits = _NO_EDITS) -> Golden:
    """The values that hold and where each is from, whatever the order of the statements.

    ``edits`` are values set by hand with their time; an edit to a blank keeps the field blank. A
    source that comes twice counts once.
    """
    if len(statements) == 1 and not edits and not trust.owners:
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


def contributions(
    name: str, statements: Sequence[Statement], trust: Trust, edits: Edits = _NO_EDITS
) -> list[tuple[Statement | None, list[str], str]]:
    """Who adds what to a list, and when it was last said; nobody for a field that is no list.

    None stands for the hand that edited one of the fields the list is made of.
    """
    parts = _UNIONS.get(name, (name,) if name in _LISTS else ())
    if name in edits:
        return []
    by_hand = [edits[part] for part in parts if part in edits]
    found: list[tuple[Statement | None, list[str], str]] = [
        (None, _distinct([value]), at) for value, at in by_hand if not is_blank(value)
    ]
    by_source = {one.source: one for one in statements}
    for _, one in sorted(by_source.items()):
        said = Voice(one, trust).said
        present = [part for part in parts if part in said]
        if present:
            at = max(one.since[part] for part in present)
            found.append((one, _distinct(said[part] for part in present), at))
    return found


def _why_lost(
    name: str, loser: Statement, winner: Statement | None, won: Provenance | None, trust: Trust
) -> str:
    if not trust.hears(name, loser.connection):
        return "owner"
    if won is None:
        return "together"
    if winner is None or won.rule == "together":
        return won.rule
    if name == "consent_at" and won.rule == "only":
        return "strictest"
    if name.startswith(("consent.", "bantch.")) or name in _EARLIEST or name == "consent_at":
        return won.rule
    pair = [Voice(winner, trust), Voice(loser, trust)]
    return best(GROUP_OF.get(name, (name,)), pair)[1]


def _sole(statement: Statement) -> Golden:
    """What holds when one record is all there is: the short way of nearly every new lead."""
    source, connection, since = statement.source, statement.connection, statement.since
    get = statement.values.get
    values: dict[str, Value] = {
        name: value
        for name in since
        # Nearly all values are text, and a call for each would be half of the work.
        if (value := get(name)) is not None
        and ((value and not value.isspace()) if type(value) is str else not is_blank(value))
    }
    for name in PUSH_ONLY & values.keys():
        del values[name]
    for name in _LISTS & values.keys():
        values[name] = _as_list(values[name])
    made = {at: Provenance(source, connection, at, "only") for at in set(since.values())}
    if len(made) == 1:  # a record that was read once
        provenance = dict.fromkeys(values, *made.values())
    else:
        provenance = {name: made[since[name]] for name in values}
    for union, parts in _UNIONS.items():
        present = [part for part in parts if part in values]
        if present:
            at = max(provenance[part].since for part in present)
            values[union] = _distinct([values[part] for part in present])
            provenance[union] = Provenance(source, connection, at, "union")
    return Golden(values, provenance)


class _Merge:
    """One merge under way: who says what, and the golden record as it grows."""

    def __init__(self, statements: Sequence[Statement], trust: Trust, edits: Edits) -> None:
        by_source = {one.source: one for one in statements}
        self.trust = trust
        self.edits = edits
        self.values: dict[str, Value] = {}
        self.provenance: dict[str, Provenance] = {}
        # In the order of sources, so that whoever is first among equals is always the same.
        self.voices = [Voice(by_source[source], trust) for source in sorted(by_source)]
        self.stated: dict[str, list[Voice]] = {}
        for voice in self.voices:
            for name in voice.said:
                self.stated.setdefault(name, []).append(voice)

    def golden(self) -> Golden:
        for name, (value, at) in self.edits.items():
            if not name.startswith("consent."):
                self.values[name] = None if is_blank(value) else value
                self.provenance[name] = Provenance("edit", "", at, "edit")
        self._name()
        self._group(ADDRESS, self._stating(ADDRESS), addresses_agree)
        for name, stated in self.stated.items():
            if name not in GROUP_OF and name not in _UNIONS and name != "consent_at":
                self._single(name, stated)
            elif name.startswith("bantch."):
                self._newest(GROUP_OF[name])
        for name in self.edits:
            if name.startswith("consent.") and name not in self.stated:
                self._single(name, [])
        self._consent_at()
        for union, parts in _UNIONS.items():
            self._union(union, parts)
        return Golden(self.values, self.provenance, self._held())

    def _held(self) -> dict[str, list[str]]:
        """Fields that wait for a person, and whose word it is that waits."""
        return {
            name: [
                voice.statement.source
                for voice in self.stated.get(name, ())
                if voice.said[name] != self.values[name]
            ]
            for name, where in self.provenance.items()
            if where.rule == "held"
        }

    def _single(self, name: str, stated: list[Voice]) -> None:
        if name.startswith("consent."):
            said = [voice.statement for voice in stated]
            self.values[name], self.provenance[name] = consent.resolve(
                name, said, self.trust, self.edits.get(name)
            )
        elif name in self.provenance:
            return
        elif name in _LISTS:
            self._list(name, stated)
        elif len(stated) == 1:
            self._take(name, stated[0], "only")
        elif name in _EARLIEST:
            winner = min(stated, key=lambda voice: (voice.touched(name), voice.rank(name)))
            self._take(name, winner, "earliest")
        else:
            self._take(name, *best_of_field(name, stated))

    def _take(self, name: str, winner: Voice, rule: str) -> None:
        """Let a voice win a field, unless a hand edit has."""
        if name not in self.provenance:
            self.values[name] = winner.said[name]
            self.provenance[name] = winner.provenance(name, rule)

    def _stating(self, group: Sequence[str]) -> list[Voice]:
        return [voice for voice in self.voices if any(name in voice.said for name in group)]

    def _name(self) -> None:
        """The name from one source, and readings of that name: its own, else of one who agrees."""
        winner = self._group(NAME, self._stating(NAME), names_agree)
        for reading in (KANA, ROMAJI):
            stated = self._stating(reading)
            fitting = [v for v in stated if not names_contradict(v.part(NAME), self.values)]
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
        stated: list[Voice],
        agree: Agree | None,
        rule: str | None = None,
    ) -> Voice | None:
        """Fill a group from the winner, and its gaps from the next who agrees; give the winner."""
        if not stated:
            return None
        winner, why = best(group, stated)
        own = winner.part(group)
        for name in own:
            self._take(name, winner, rule or why)
        if agree and any(voice.part(group).keys() - own.keys() for voice in stated):
            self._complete(group, [voice for voice in stated if voice is not winner], own, agree)
        return winner

    def _complete(
        self, group: Sequence[str], others: list[Voice], own: dict[str, Value], agree: Agree
    ) -> None:
        while others:
            other, _ = best(group, others)
            more = other.part(group)
            missing = [name for name in more if name not in own]
            if missing and agree(own, more):
                for name in missing:
                    self._take(name, other, "together")
                return
            others = [voice for voice in others if voice is not other]

    def _newest(self, topic: Sequence[str]) -> None:
        stated = sorted(self._stating(topic), key=lambda voice: voice.rank(topic[0]))
        winner = max(stated, key=lambda voice: voice.said_at(topic))
        for name in winner.part(topic):
            self._take(name, winner, "newest" if len(stated) > 1 else "only")

    def _list(self, name: str, stated: list[Voice]) -> None:
        ordered = sorted(stated, key=lambda voice: voice.rank(name))
        self.values[name] = _distinct(voice.said[name] for voice in ordered)
        rule = "union" if len(ordered) > 1 else "only"
        at = max(voice.since[name] for voice in ordered)
        self.provenance[name] = ordered[0].provenance(name, rule)._replace(since=at)

    def _union(self, union: str, parts: Sequence[str]) -> None:
        """All addresses, or numbers, that anybody states; the primary first."""
        stated = self._stating(parts)
        if union in self.provenance or not (stated or any(self.values.get(p) for p in parts)):
            return
        if len(stated) > 1:
            stated.sort(key=lambda voice: voice.rank(parts[0]))
        primary = [part for part in parts if part != union and self.values.get(part)]
        others = [voice.said.get(part) for voice in stated for part in parts]
        self.values[union] = _distinct([*(self.values[part] for part in primary), *others])
        times = [voice.said_at(parts) for voice in stated]
        times.extend(self.edits[part][1] for part in parts if part in self.edits)
        won = (
            self.provenance[primary[0]]
            if primary
            else stated[0].provenance(next(p for p in parts if p in stated[0].said), "union")
        )
        self.provenance[union] = won._replace(since=max(times), rule="union")

    def _consent_at(self) -> None:
        """The date of consent that goes with the consent that holds, not of one it overruled."""
        stated = self.stated.get("consent_at", [])
        winners = {
            where.source for name, where in self.provenance.items() if name.startswith("consent.")
        }
        if winners:
            stated = [voice for voice in stated if voice.statement.source in winners]
        if stated:
            winner = max(stated, key=lambda voice: str(voice.said["consent_at"]))
            self._take("consent_at", winner, "newest" if len(stated) > 1 else "only")


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
