"""Which stages lie between the present stage and an observed one, if the way is open."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from mapping.stage_rules import StageRules
from mapping.stage_words import STARTS

_RE_ENTRY: dict[str, tuple[str, ...]] = {
    "recycled": (),
    "dormant": (),
    "lost": ("recycled",),
    "churned": ("recycled",),
}
"""What lies between a resting stage and being an MQL again."""


def route(
    present: str | None,
    target: str,
    rules: StageRules,
    *,
    deal: bool = False,
    origin: str | None = None,
    first: bool = False,
) -> tuple[str, ...] | None:
    """The stages to enter, ``target`` last, or None where that needs an override.

    Every step is an allowed move. Stages passed on the way are part of the answer, save the
    company's optional ones. ``deal``: a loss seen on a deal has been an opportunity. ``first``: the
    word of a system that had not spoken before, which may also lift a disqualification.
    """
    return _route(present, target, rules, deal, origin, first)


@lru_cache(maxsize=4096)
def _route(
    present: str | None,
    target: str,
    rules: StageRules,
    deal: bool,
    origin: str | None,
    first: bool,
) -> tuple[str, ...] | None:
    way = _way(present, target, rules, deal=deal, origin=origin, first=first)
    if way is None:
        return None
    way = (*(stage for stage in way[:-1] if stage not in rules.optional), target)
    steps = way if present is None else (present, *way)
    if all(after in rules.transitions.get(before, ()) for before, after in pairwise(steps)):
        return way
    return None


def _way(
    present: str | None,
    target: str,
    rules: StageRules,
    *,
    deal: bool,
    origin: str | None,
    first: bool,
) -> tuple[str, ...] | None:
    place, beyond = rules.place, rules.beyond
    if present is None:
        start = STARTS.get(origin, "inquiry")
        if target in place and place[target] < place[start]:
            start = "inquiry"
        if target == start:
            return (start,)
        return _prefixed((start,), _onward(start, target, rules, deal))
    allowed = rules.transitions.get(present, frozenset())
    if present in place:
        return _onward(present, target, rules, deal)
    if target in allowed and (target not in place or target in ("opportunity", "inquiry")):
        return (target,)
    if "opportunity" in allowed and target in beyond:
        return _prefixed(("opportunity",), _onward("opportunity", target, rules, deal))
    like = rules.like(present)
    if like == "disqualified" and (target in place or target in beyond or first):
        return _prefixed(("inquiry",), _onward("inquiry", target, rules, deal))
    working = target in beyond or rules.like(target) == "lost" or place.get(target, 0) > 0
    if like in _RE_ENTRY and working:
        return _worked_again(present, _RE_ENTRY[like], target, rules, deal)
    return None


def _worked_again(
    present: str, rests: tuple[str, ...], target: str, rules: StageRules, deal: bool
) -> tuple[str, ...] | None:
    """The way of a lead that rested: back in by the first stage of the way that is open to it."""
    allowed = rules.transitions.get((present, *rests)[-1], frozenset())
    door = next((stage for stage in rules.path[1:] if stage in allowed), None)
    if door is None:
        return None
    onward = () if target == door else _onward(door, target, rules, deal)
    return _prefixed((*rests, door), onward)


def _onward(present: str, target: str, rules: StageRules, deal: bool) -> tuple[str, ...] | None:
    """The stages from a place on the path to ``target``; side exits are entered directly."""
    at, path = rules.place[present], rules.path
    if target in rules.place:
        return path[at + 1 : rules.place[target] + 1] or None
    if rules.like(target) == "lost":
        last = rules.place["opportunity" if deal else "sql"]
        return (*path[at + 1 : last + 1], target)
    if target in rules.beyond:
        return (*path[at + 1 :], *rules.beyond[target])
    return (target,)


def _prefixed(prefix: tuple[str, ...], way: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if way is None else (*prefix, *way)
