"""Which stages lie between the present stage and an observed one, if the way is open."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from mapping.stage_words import DEFAULT, PATH, STARTS, StageRules

_PLACE = {stage: place for place, stage in enumerate(PATH)}
_BEYOND = {"won": ("won",), "customer": ("won", "customer"), "churned": ("won", "churned")}
"""What follows an opportunity on the way to a stage behind it."""
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
    if rules is DEFAULT:
        return _by_default(present, target, deal, origin, first)
    return _route(present, target, rules, deal=deal, origin=origin, first=first)


@lru_cache(maxsize=1024)
def _by_default(
    present: str | None, target: str, deal: bool, origin: str | None, first: bool
) -> tuple[str, ...] | None:
    """The way under the default rules, which nearly everybody has, worked out once."""
    return _route(present, target, DEFAULT, deal=deal, origin=origin, first=first)


def _route(
    present: str | None,
    target: str,
    rules: StageRules,
    *,
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
    if present is None:
        start = STARTS.get(origin, "inquiry")
        if target in _PLACE and _PLACE[target] < _PLACE[start]:
            start = "inquiry"
        return (start,) if target == start else _prefixed((start,), _onward(start, target, deal))
    allowed = rules.transitions.get(present, frozenset())
    if present in _PLACE:
        return _onward(present, target, deal)
    if target in allowed and (target not in _PLACE or target in ("opportunity", "inquiry")):
        return (target,)
    if "opportunity" in allowed and target in _BEYOND:
        return ("opportunity", *_BEYOND[target])
    if present == "disqualified" and (target in _PLACE or target in _BEYOND or first):
        return _prefixed(("inquiry",), _onward("inquiry", target, deal))
    working = target in _BEYOND or target == "lost" or _PLACE.get(target, 0) > 0
    if present in _RE_ENTRY and working:
        return _prefixed(_RE_ENTRY[present], _onward("inquiry", target, deal))
    return None


def _onward(present: str, target: str, deal: bool) -> tuple[str, ...] | None:
    """The stages from a place on the path to ``target``; side exits are entered directly."""
    place = _PLACE[present]
    if target in _PLACE:
        return PATH[place + 1 : _PLACE[target] + 1] or None
    if target == "lost":
        last = _PLACE["opportunity" if deal else "sql"]
        return (*PATH[place + 1 : last + 1], "lost")
    if target in _BEYOND:
        return (*PATH[place + 1 :], *_BEYOND[target])
    return (target,)


def _prefixed(prefix: tuple[str, ...], way: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if way is None else (*prefix, *way)
