"""What happened with one lead, each thing once, and what led to what.

Two systems often tell of one call or one meeting. Told by different streams, of one kind and close
in time, it is one; told twice by one stream, it happened twice.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["CLOSE", "KINDS", "Touch", "is_held", "led_to", "once", "unique"]

_MINUTE = 60.0
CLOSE: dict[str, float] = {
    "call": 5 * _MINUTE,
    "meeting": 30 * _MINUTE,
    "webinar": 30 * _MINUTE,
    "form_submission": 5 * _MINUTE,
    "email_sent": 5 * _MINUTE,
    "email_delivered": 5 * _MINUTE,
    "email_bounced": 5 * _MINUTE,
    "email_opened": 5 * _MINUTE,
    "email_clicked": 5 * _MINUTE,
}
"""Seconds within which what two streams tell is one, by kind of activity."""
KINDS = tuple(CLOSE)
"""Kinds of activity that figures are made of; notes and tasks are not among them."""

_PROVEN = frozenset({"attended", "completed"})
_NOT_HELD = frozenset({"declined", "canceled", "cancelled", "no_show", "rescheduled"})
_PLANNED = frozenset({"invited", "tentative", "scheduled"})


@dataclass(slots=True)
class Touch:
    """One activity of a lead. ``at`` is in seconds since 1970, ``source`` connection/stream.

    ``record`` is the vendor's, where somebody wants to know it.
    """

    at: float
    kind: str
    source: str
    subject: str | None = None
    outcomes: tuple[str, ...] = ()
    seconds: float = 0.0
    record: str = ""


def once(touches: Iterable[Touch]) -> list[Touch]:
    """A lead's touches in time order, what several streams tell once.

    The stream whose name comes first keeps it, with all outcomes that were told. It lasted as long
    as whoever saw it take place says, and else as the longest that is told: a meeting of an hour in
    the calendar may have been over after six minutes. E-mails must have one subject.
    """
    touches = sorted(touches, key=lambda one: (one.at, one.kind, one.source))
    if len({touch.source for touch in touches}) < 2:
        return touches
    alike: dict[tuple[str, str | None], dict[str, list[Touch]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for touch in touches:
        of_mail = touch.kind.startswith("email")
        alike[touch.kind, touch.subject if of_mail else None][touch.source].append(touch)
    kept: list[Touch] = []
    for (kind, _), by_source in alike.items():
        sources = [by_source[name] for name in sorted(by_source)]
        times = [[touch.at for touch in told] for told in sources]
        for place, told in enumerate(sources):
            for touch in told:
                first = _same(touch, sources[:place], times[:place], CLOSE.get(kind, 0.0))
                if first is None:
                    kept.append(touch)
                else:
                    first.seconds = _lasted(first, touch)
                    first.outcomes += touch.outcomes
    return sorted(kept, key=lambda one: (one.at, one.kind, one.source))


def _same(
    touch: Touch, sources: Sequence[list[Touch]], times: Sequence[list[float]], close: float
) -> Touch | None:
    """What an earlier stream tells of the same thing: the nearest in time."""
    for told, at in zip(sources, times, strict=True):
        begin, end = bisect_left(at, touch.at - close), bisect_right(at, touch.at + close)
        if begin < end:
            return min(told[begin:end], key=lambda one: abs(one.at - touch.at))
    return None


def _lasted(one: Touch, other: Touch) -> float:
    if _is_proven(one) != _is_proven(other):
        proven = one if _is_proven(one) else other
        if proven.seconds:
            return proven.seconds
    return max(one.seconds, other.seconds)


def unique(touches: Iterable[Touch]) -> list[Touch]:
    """The first of each subject: an e-mail that is opened five times was opened."""
    first: dict[str | None, Touch] = {}
    for touch in touches:
        first.setdefault(touch.subject, touch)
    return list(first.values())


def led_to(causes: Sequence[Touch], effects: Iterable[float], seconds: float) -> list[Touch]:
    """For each effect the last cause before it, where it is no longer ago; both in time order."""
    times = [cause.at for cause in causes]
    found = []
    for at in effects:
        place = bisect_right(times, at) - 1
        if place >= 0 and at - times[place] <= seconds:
            found.append(causes[place])
    return found


def is_held(touch: Touch) -> bool:
    """Whether a meeting took place: presence proves it, a refusal or mere plan does not."""
    if _is_proven(touch):
        return True
    said = _said(touch)
    return not said & _NOT_HELD and not (said and said <= _PLANNED)


def _is_proven(touch: Touch) -> bool:
    return bool(_said(touch) & _PROVEN)


def _said(touch: Touch) -> set[str]:
    return {outcome.strip().lower().replace(" ", "_") for outcome in touch.outcomes}
