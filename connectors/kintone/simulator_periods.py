"""The date functions of kintone's query language (cybozu developer network, "Query string").

A function names whole days. A field that holds a moment is compared with the run of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Tokyo")
"""Whose days these are: the user's, of a domain in Japan; for API tokens it is a guess."""
WEEKDAYS = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")
UNITS = ("DAYS", "WEEKS", "MONTHS", "YEARS")
FUNCTIONS = frozenset(
    (
        *("TODAY", "YESTERDAY", "TOMORROW", "FROM_TODAY"),
        *("THIS_WEEK", "LAST_WEEK", "NEXT_WEEK"),
        *("THIS_MONTH", "LAST_MONTH", "NEXT_MONTH"),
        *("THIS_YEAR", "LAST_YEAR", "NEXT_YEAR"),
    )
)
_SHIFT = {"LAST": -1, "THIS": 0, "NEXT": 1}
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days, from ``first`` up to the day before ``after``."""

    first: date
    after: date

    def bounds(self, *, moments: bool) -> tuple[str, str]:
        """Both ends as they are compared: with days, or with moments in UTC."""
        if not moments:
            return self.first.isoformat(), self.after.isoformat()
        first, after = (
            datetime(one.year, one.month, one.day, tzinfo=ZONE).astimezone(UTC)
            for one in (self.first, self.after)
        )
        return first.strftime("%Y-%m-%dT%H:%M:%SZ"), after.strftime("%Y-%m-%dT%H:%M:%SZ")


def period(name: str, given: Sequence[str], now: datetime) -> Period | None:
    """What a function with these arguments means today; None where the arguments are wrong."""
    today = now.astimezone(ZONE).date()
    which, _, unit = name.partition("_")
    if name == "FROM_TODAY":
        return _from(today, given)
    if unit == "WEEK":
        return _week(today + _SHIFT[which] * 7 * DAY, given)
    if unit == "MONTH":
        return _month(_months(today.replace(day=1), _SHIFT[which]), given)
    if given:
        return None
    if unit == "YEAR":
        first = date(today.year + _SHIFT[which], 1, 1)
        return Period(first, date(first.year + 1, 1, 1))
    day = today + {"YESTERDAY": -DAY, "TOMORROW": DAY}.get(name, timedelta())
    return Period(day, day + DAY)


def _from(today: date, given: Sequence[str]) -> Period | None:
    if len(given) != 2 or given[1] not in UNITS or not given[0].lstrip("-").isdigit():
        return None
    count = int(given[0])
    match given[1]:
        case "DAYS":
            day = today + count * DAY
        case "WEEKS":
            day = today + count * 7 * DAY
        case _:
            first = _months(today.replace(day=1), count * (12 if given[1] == "YEARS" else 1))
            last = (_months(first, 1) - DAY).day
            day = first.replace(day=min(today.day, last))
    return Period(day, day + DAY)


def _week(day: date, given: Sequence[str]) -> Period | None:
    first = day - (day.weekday() + 1) % 7 * DAY  # weeks begin on Sunday
    if not given:
        return Period(first, first + 7 * DAY)
    if len(given) > 1 or given[0] not in WEEKDAYS:
        return None
    one = first + WEEKDAYS.index(given[0]) * DAY
    return Period(one, one + DAY)


def _month(first: date, given: Sequence[str]) -> Period | None:
    after = _months(first, 1)
    if not given:
        return Period(first, after)
    if len(given) > 1 or not (given[0] == "LAST" or given[0].isdigit()):
        return None
    last = (after - DAY).day
    day = last if given[0] == "LAST" else int(given[0])
    if not 1 <= day <= 31:
        return None
    one = first.replace(day=min(day, last))
    return Period(one, one + DAY)


def _months(first: date, count: int) -> date:
    years, month = divmod(first.month - 1 + count, 12)
    return date(first.year + years, month + 1, 1)
