"""What a merge asks of a statement, and who wins between several that speak of the same."""

from __future__ import annotations

from collections.abc import Sequence

from mapping.model import PUSH_ONLY, Value
from mapping.normalise.text import is_blank
from mapping.statement import Provenance, Statement, Trust


class Voice:
    """A statement as the merge asks it: what it says without blanks, its ranks, its times."""

    __slots__ = ("default_rank", "said", "since", "statement", "trust")

    def __init__(self, statement: Statement, trust: Trust) -> None:
        self.statement = statement
        self.since = statement.since
        self.trust = trust
        self.default_rank = trust.rank("", statement.connection)
        values = statement.values
        self.said = {
            name: value
            for name in statement.since
            if not is_blank(value := values.get(name)) and name not in PUSH_ONLY
        }
        for name in trust.owners:
            if not trust.hears(name, statement.connection):
                self.said.pop(name, None)

    def rank(self, name: str) -> int:
        """The trust in its connection for a field; lower is more."""
        if name not in self.trust.fields:
            return self.default_rank
        return self.trust.rank(name, self.statement.connection)

    def group_rank(self, group: Sequence[str]) -> int:
        """The trust in a group: that of its first field for which the operator states one."""
        for name in group:
            if name in self.trust.fields:
                return self.rank(name)
        return self.rank(group[0])

    def part(self, group: Sequence[str]) -> dict[str, Value]:
        """What it says of a group of fields."""
        said = self.said
        return {name: said[name] for name in group if name in said}

    def said_at(self, group: Sequence[str]) -> str:
        """When it last said something of a group; it must say something of it."""
        if len(group) == 1:
            return self.since[group[0]]
        return max(self.since[name] for name in group if name in self.said)

    def length(self, group: Sequence[str]) -> int:
        """How much text it says of a group."""
        return sum(len(value) for value in self.part(group).values() if isinstance(value, str))

    def touched(self, name: str) -> str:
        """When the source first met the person: as it says, else when it first said the field."""
        moment = self.said.get("first_touch_at")
        return moment if isinstance(moment, str) else self.since[name]

    def provenance(self, name: str, rule: str) -> Provenance:
        """Its mark on a field that it wins by a rule."""
        one = self.statement
        return Provenance(one.source, one.connection, self.since[name], rule)


def best_of_field(name: str, stated: list[Voice]) -> tuple[Voice, str]:
    """As ``best``, for one field and the two voices that most fields have."""
    if len(stated) != 2 or name in stated[0].trust.policies:
        return best((name,), stated)
    one, other = stated
    rank, other_rank = one.rank(name), other.rank(name)
    if rank != other_rank:
        return (one if rank < other_rank else other), "trust"
    at, other_at = one.since[name], other.since[name]
    if at != other_at:
        return (one if at > other_at else other), "newest"
    return best((name,), stated)


def best(group: Sequence[str], stated: list[Voice]) -> tuple[Voice, str]:
    """Who wins a group of fields, and by which rule; ``stated`` is in the order of sources."""
    if len(stated) == 1:
        return stated[0], "only"
    policy = stated[0].trust.policy(group)
    if policy == "hold":
        return _first(group, stated)
    if policy == "newest":
        return _newest(group, stated)
    if policy == "evidence":
        most = _most_said(group, stated)
        if len(most) < len(stated):
            return best_of_equals(group, most)[0], "evidence"
    return best_of_equals(group, stated)


def best_of_equals(group: Sequence[str], stated: list[Voice]) -> tuple[Voice, str]:
    """Who wins by trust, then time, then length, then the order of sources."""
    if len(stated) == 1:
        return stated[0], "only"
    ranks = [voice.group_rank(group) for voice in stated]
    best_rank = min(ranks)
    left = [voice for voice, rank in zip(stated, ranks, strict=True) if rank == best_rank]
    if len(left) == 1:
        return left[0], "trust"
    return _newest(group, left)


def _first(group: Sequence[str], stated: list[Voice]) -> tuple[Voice, str]:
    """Who said it first; ``held`` where others say otherwise."""
    first = min(stated, key=lambda voice: (voice.said_at(group), voice.statement.source))
    agree = all(voice.part(group) == first.part(group) for voice in stated)
    return first, "earliest" if agree else "held"


def _most_said(group: Sequence[str], stated: list[Voice]) -> list[Voice]:
    """Those who say what most say; all of them where no value stands out."""
    groups: dict[str, list[Voice]] = {}
    for voice in stated:
        groups.setdefault(repr(sorted(voice.part(group).items())), []).append(voice)
    most = max(map(len, groups.values()))
    best_said = [voices for voices in groups.values() if len(voices) == most]
    return best_said[0] if len(best_said) == 1 else stated


def _newest(group: Sequence[str], left: list[Voice]) -> tuple[Voice, str]:
    times = [voice.said_at(group) for voice in left]
    latest = max(times)
    left = [voice for voice, time in zip(left, times, strict=True) if time == latest]
    if len(left) == 1:
        return left[0], "newest"
    lengths = [voice.length(group) for voice in left]
    longest = max(lengths)
    left = [voice for voice, length in zip(left, lengths, strict=True) if length == longest]
    return left[0], "longest" if len(left) == 1 else "tie"
