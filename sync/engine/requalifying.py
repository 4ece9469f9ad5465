"""The rules of today applied to everybody who stands where a rule leads away from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from mapping.errors import MappingError
from mapping.qualify import Rules
from sync.config.report import near
from sync.engine import owed, qualifying
from sync.engine.hub import Hub
from sync.engine.loading import workings_of
from sync.engine.qualifying import Move
from sync.store import rulefacts

__all__ = ["MOST", "Requalified", "TooMany", "requalify"]

PAGE = 500
MOST = 1_000
"""Leads that are moved without being asked for by name of the limit."""


class TooMany(Exception):
    """More leads would move than may at once; nothing was changed."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


@dataclass(slots=True)
class Requalified:
    """What moved, or would. ``owed`` are copies that are stale by it, by connection."""

    looked: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    moves: list[tuple[str, str | None, str, str, tuple[str, ...]]] = field(default_factory=list)
    owed: Counter[str] = field(default_factory=Counter)

    def add(self, move: Move, before: str) -> None:
        """Count a lead that moves: its id, name, stages from and to, and the rules."""
        rules = tuple(firing.rule.id for firing in move.firings)
        self.rules.update(rules)
        self.moves.append((move.lead.id, move.lead.name, before, move.to, rules))


def requalify(
    hub: Hub,
    only: Sequence[str] = (),
    *,
    dry_run: bool = True,
    most: int | None = MOST,
    stop: Callable[[], bool] = lambda: False,
) -> Requalified:
    """Ask the rules, or these, of all leads that stand at their stages, and move those that fit.

    Page by page, each in a transaction of its own; safe to stop and to run again. Raises TooMany
    where more than ``most`` would move, and MappingError for a rule that there is not.
    """
    rules = _chosen(hub, only)
    looked = _preview(hub, rules, stop)
    if dry_run or not looked.moves:
        return looked
    if most is not None and len(looked.moves) > most:
        raise TooMany(len(looked.moves))
    done = Requalified(looked=looked.looked)
    for ids in _in_pages([one[0] for one in looked.moves]):
        if stop():
            break
        with hub.database.write() as tx:
            now = hub.stamp()
            workings = workings_of(tx, ids, lock=True)
            before = {working.lead.id: working.lead.stage for working in workings}
            moved = qualifying.take(hub, tx, workings, {}, now, rules)
        for move in moved.moves:
            done.add(move, before[move.lead.id])
        done.owed.update(connection for connection, _ in moved.owed)
    return done


def _chosen(hub: Hub, only: Sequence[str]) -> Rules:
    rules = hub.qualification
    known = [rule.id for rule in rules.rules]
    for name in only:
        if name not in known:
            meant, there_are = near(name, known), ", ".join(known) or "–"
            raise MappingError(
                "UNKNOWN_RULE",
                f'there is no rule "{name}"',
                hint=f'did you mean "{meant}"?' if meant else f"rules are {there_are}",
            )
    if not only:
        return rules
    return replace(rules, rules=tuple(rule for rule in rules.rules if rule.id in only))


def _preview(hub: Hub, rules: Rules, stop: Callable[[], bool]) -> Requalified:
    found, last = Requalified(), ""
    while not stop():
        with hub.database.read() as tx:
            ids = rulefacts.standing(tx, rules.stages, last, PAGE)
            workings = {one.lead.id: one for one in workings_of(tx, ids)}
            rows = [one.lead for one in workings.values()]
            moves = qualifying.moves_of(rules, tx, rows, {}, hub.stamp())
        for move in moves:
            found.add(move, move.lead.stage)
            working = workings[move.lead.id]
            moved = replace(working.lead, stage=move.to)
            found.owed.update(
                flow.name for flow in hub.targets if owed.is_owed(flow, moved, working.links)
            )
        found.looked += len(ids)
        if len(ids) < PAGE:
            break
        last = ids[-1]
    return found


def _in_pages(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), PAGE):
        yield ids[start : start + PAGE]
