"""The figures that follow from the story, counted from its tables and from nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from tests.journeys.quarter import spec
from tests.journeys.quarter.spec import HANDOFFS, STAYS, HandOff, Stay
from tests.journeys.quarter.story import EVENTS, people

Span = tuple[str, str]
"""From a time of the story on, until before another: ("04-01 00:00", "05-01 00:00")."""
QUARTER: Span = ("04-01 00:00", "07-01 00:00")
MONTHS: dict[str, Span] = {
    "2026-04": ("04-01 00:00", "05-01 00:00"),
    "2026-05": ("05-01 00:00", "06-01 00:00"),
    "2026-06": ("06-01 00:00", "07-01 00:00"),
}
REACH = timedelta(days=30)


def day(text: str) -> datetime:
    """A time of the story, as Japan's clocks show it."""
    return datetime.fromisoformat(f"2026-{text}")


def days_between(first: str, last: str) -> float:
    return (day(last) - day(first)) / timedelta(days=1)


def stays_until(now: str) -> list[Stay]:
    """What has happened by now."""
    return [one for one in STAYS if one.since <= now]


def present(now: str) -> dict[str, Stay]:
    """The stay that each lead is in."""
    return {one.who: one for one in stays_until(now)}


def owners(now: str) -> dict[str, str | None]:
    """Who has each lead: the last to whom it was given, or who accepted it."""
    given = [(one.at, one.who, one.given) for one in HANDOFFS]
    given += [(one.ended, one.who, one.by) for one in HANDOFFS if one.answer == "accept"]
    found: dict[str, str | None] = dict.fromkeys(present(now))
    found |= {who: owner for who, owner in spec.CARD_OWNERS.items() if who in found}
    found |= {who: owner for at, who, owner in sorted(given) if at <= now}
    return {who: owner and f"{owner}@mihon.example" for who, owner in found.items()}


# -- the funnel ----------------------------------------------------------------------------------


def _passages(now: str) -> dict[tuple[str, int], list[Stay]]:
    found: dict[tuple[str, int], list[Stay]] = defaultdict(list)
    for one in stays_until(now):
        found[one.who, one.cycle].append(one)
    return found


def _first(stays: Iterable[Stay], stages: Sequence[str], *, seen: bool = False) -> str | None:
    return min(
        (one.since for one in stays if one.stage in stages and not (seen and one.is_inferred)),
        default=None,
    )


def steps(
    now: str, span: Span, projection: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, Any]]:
    """Each step of a funnel: leads there, passages that entered, went on, and their median days."""
    groups = list(projection.values())
    standing = Counter(one.stage for one in present(now).values())
    found = {}
    for place, (name, stages) in enumerate(projection.items()):
        entered = went_on = 0
        took: list[float] = []
        for stays in _passages(now).values():
            at = _first(stays, stages)
            if at is None or not span[0] <= at < span[1]:
                continue
            entered += 1
            later = [_first(stays, group) for group in groups[place + 1 :]]
            onward = [one for one in later if one is not None and one >= at]
            if onward:
                went_on += 1
                if _first(stays, stages, seen=True) == at:
                    took.append(days_between(at, min(onward)))
        found[name] = {
            "now": sum(standing[stage] for stage in stages),
            "entered": entered,
            "went_on": went_on,
            "conversion": went_on / entered if entered else None,
            "median_days": median(took) if took else None,
        }
    return found


def aside(now: str) -> dict[str, int]:
    """Who stands beside the way."""
    standing = Counter(one.stage for one in present(now).values())
    return {stage: standing[stage] for stage in spec.BACK}


def back_moves(now: str, span: Span) -> Counter[tuple[str | None, str, str | None]]:
    """Moves back or out: from where, to where, why."""
    found: Counter[tuple[str | None, str, str | None]] = Counter()
    before: dict[str, str] = {}
    for one in stays_until(now):
        if one.stage in spec.BACK and span[0] <= one.since < span[1]:
            found[before.get(one.who), one.stage, str(one.row[5]) if one.row[5] else None] += 1
        before[one.who] = one.stage
    return found


def cohorts(now: str, span: Span) -> dict[str, tuple[int, tuple[int, ...]]]:
    """Of each source: passages that began in the period, and how many came to each step."""
    sources = {who: one.source for who, one in people().items()}
    found: dict[str, tuple[int, tuple[int, ...]]] = {}
    for (who, _), stays in _passages(now).items():
        if span[0] <= min(one.since for one in stays) < span[1]:
            began, reached = found.get(sources[who], (0, (0,) * len(spec.PATH)))
            here = [_first(stays, (stage,)) is not None for stage in spec.PATH]
            added = tuple(old + new for old, new in zip(reached, here, strict=True))
            found[sources[who]] = (began + 1, added)
    return found


# -- activities ----------------------------------------------------------------------------------


class Touch(NamedTuple):
    """What happened with a lead, once, whoever tells of it."""

    kind: str
    who: str
    at: datetime
    seconds: float = 0.0
    subject: str = ""


def touches(now: str) -> list[Touch]:
    """Everything that happened by now, in order; what is logged a second time is no second time."""
    found: list[Touch] = []
    booked: dict[str, Touch] = {}
    mails = ("sent", "delivered", "opened", "clicked")
    for when, what, args, given in EVENTS:
        at, who = day(when), args[0] if args else ""
        if when > now:
            break
        match what:
            case "fills_form" | "registers":
                found.append(Touch("form", who, at))
            case "gets_mail":
                until = given["until"]
                found += [Touch(kind, who, at, 0, args[1]) for kind in mails[:until]]
            case "bounces":
                found += [Touch(kind, who, at, 0, args[1]) for kind in ("sent", "bounced")]
            case "talks":
                seconds = args[1]
                begun = at - timedelta(seconds=60 if seconds is None else seconds + 8)
                found.append(Touch("call", who, begun, seconds or 0))
            case "holds_webinar":
                begun = at - timedelta(minutes=60)
                found += [
                    Touch("webinar", one, begun, 60.0 * minutes) for one, minutes in given.items()
                ]
            case "books":
                booked[who] = Touch("planned", who, day(args[1]))
                found.append(booked[who])
            case "meets":
                found.remove(booked[who])
                found.append(Touch("held", who, booked[who].at, 60.0 * args[1]))
    return sorted(found, key=lambda one: one.at)


def kpi(now: str, span: Span) -> dict[str, float]:
    """The figures of a period."""
    happened = touches(now)
    first, last = day(span[0]), day(span[1])

    def inside(*kinds: str) -> list[Touch]:
        return [one for one in happened if one.kind in kinds and first <= one.at < last]

    def led(cause: str, effects: Iterable[tuple[str, datetime]]) -> int:
        count = 0
        for who, at in effects:
            causes = [
                one.at for one in happened if (one.kind, one.who) == (cause, who) and one.at <= at
            ]
            if causes and at - max(causes) <= REACH and first <= max(causes) < last:
                count += 1
        return count

    deals = [
        (who, day(at))
        for (who, _), stays in _passages(now).items()
        if (at := _first(stays, ("opportunity",))) is not None
    ]
    meetings = [(one.who, one.at) for one in happened if one.kind in ("planned", "held")]
    forms = [(one.who, one.at) for one in happened if one.kind == "form"]
    return {
        "sent": len(inside("sent")),
        "delivered": len(inside("delivered")),
        "bounced": len(inside("bounced")),
        "opened": len({(one.who, one.subject) for one in inside("opened")}),
        "clicked": len({(one.who, one.subject) for one in inside("clicked")}),
        "converted": led("clicked", forms),
        "calls": len(inside("call")),
        "connected": sum(one.seconds > 0 for one in inside("call")),
        "talk_seconds": sum(one.seconds for one in inside("call")),
        "appointments": led("call", meetings),
        "deals": led("call", deals),
        "meetings": len(inside("planned", "held")),
        "held": len(inside("held")),
        "meeting_seconds": sum(one.seconds for one in inside("held")),
        "webinars": len(inside("webinar")),
        "webinar_seconds": sum(one.seconds for one in inside("webinar")),
        "forms": len(inside("form")),
    }


def silent(now: str, days: int) -> set[str]:
    """Who is dormant, or neither did anything nor moved for so many days."""
    heard: dict[str, datetime] = {}
    for one in touches(now):
        if one.kind not in ("sent", "delivered", "bounced"):
            heard[one.who] = one.at
    since = day(now) - timedelta(days=days)
    return {
        who
        for who, stay in present(now).items()
        if stay.stage != "disqualified"
        and (
            stay.stage == "dormant"
            or (day(stay.since) < since and heard.get(who, day(stay.since)) < since)
        )
    }


# -- clocks and hand-offs ------------------------------------------------------------------------


def hours(first: str, last: str, *, business: bool) -> float:
    """Hours from a time to another, counted minute by minute where only business hours do."""
    if not business:
        return days_between(first, last) * 24
    at, minutes = day(first), 0
    while at < day(last):
        is_free = at.weekday() >= 5 or at.strftime("%m-%d") in spec.HOLIDAYS
        minutes += not is_free and 9 <= at.hour < 18
        at += timedelta(minutes=1)
    return minutes / 60


def stage_times(now: str, span: Span) -> dict[str, dict[str, Any]]:
    """How each clock was kept by those who entered its stage in the period."""
    found = {}
    leaving = {one: other for one, other in pairwise(STAYS) if one.who == other.who}
    for stage, (limit, business) in spec.CLOCKS.items():
        left, missed, standing, over = [], 0, 0, 0
        for one in stays_until(now):
            if one.stage != stage or one.is_inferred:
                continue
            then = leaving.get(one)
            if then is not None and then.since <= now:
                if span[0] <= one.since < span[1]:
                    left.append(hours(one.since, then.since, business=business))
                continue
            standing += 1
            if hours(one.since, now, business=business) > limit:
                over += 1
                missed += span[0] <= one.since < span[1]
        late = sum(one > limit for one in left)
        found[stage] = {
            "now": standing,
            "over": over,
            "kept": len(left) - late,
            "missed": missed + late,
            "median_hours": median(left) if left else None,
        }
    return found


def late(now: str) -> dict[str, float]:
    """Who is over the time of the stage they are in, and by how many hours."""
    found = {}
    for who, stay in present(now).items():
        if stay.stage in spec.CLOCKS:
            limit, business = spec.CLOCKS[stay.stage]
            passed = hours(stay.since, now, business=business) - limit
            if passed > 0:
                found[who] = passed
    return found


def handoff(one: HandOff, now: str) -> tuple[object, ...]:
    """A hand-off as it stands: who, rule, when, due, owner, standing, answer, by whom, why."""
    ended = bool(one.ended) and one.ended <= now
    owner = one.by if ended and one.answer == "accept" else one.given
    shown = (one.who, one.rule, one.at, one.due, f"{owner}@mihon.example")
    if not ended:
        overdue = "escalated" if one.rule == spec.MI else "late"
        return (*shown, overdue if one.due <= now else "posted", None, None, None)
    if one.answer == "withdrawn":
        return (*shown, "withdrawn", None, None, None)
    return (*shown, "answered", one.answer, f"{one.by}@mihon.example", one.reason)
