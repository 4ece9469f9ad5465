"""Business hours: how much of a span is working time, and when so much of it will have passed.

All is counted on one scale, the working time since a fixed day: a span is a difference on it, a
deadline a place. So spans add up, and a deadline and its span are each other's inverse, also where
clocks go forward or back. Holidays are those of a country's calendar and the company's own.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

__all__ = ["DAYS", "BusinessHours", "holiday_countries", "minute_of"]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_HOUR = 3_600_000_000
_ANCHOR = 2000


class _Year(NamedTuple):
    """The working days of a year: when each begins and ends, and the working time before it."""

    begins: list[int]
    ends: list[int]
    before: list[int]
    total: int


@dataclass(frozen=True)
class BusinessHours:
    """When a company works. ``begin`` and ``end`` are minutes of a day in its zone.

    ``country`` names a calendar of holidays (ISO 3166, as JP), ``closed`` are further days off.
    """

    days: frozenset[str] = frozenset(DAYS[:5])
    begin: int = 9 * 60
    end: int = 18 * 60
    zone: str = "Asia/Tokyo"
    country: str | None = "JP"
    closed: frozenset[date] = frozenset()
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)
    _before: dict[int, int] = field(
        default_factory=lambda: {_ANCHOR: 0}, init=False, repr=False, compare=False
    )

    def is_working_day(self, day: date) -> bool:
        """Whether the company works on a day."""
        if DAYS[day.weekday()] not in self.days or day in self.closed:
            return False
        return day not in _holidays(self.country, day.year)

    def business_seconds(self, begin: datetime, end: datetime) -> float:
        """The working time from one moment to another; negative where the other is earlier."""
        return (self._worked(end) - self._worked(begin)) / 1_000_000

    def deadline(self, begin: datetime, hours: float) -> datetime:
        """The earliest moment by which so many working hours have passed since ``begin``."""
        ticks = round(hours * _HOUR)
        if ticks <= 0:
            return begin
        wanted = self._worked(begin) + ticks
        year = begin.astimezone(ZoneInfo(self.zone)).year
        while self._until(year + 1) < wanted:
            year += 1
        found = self._year(year)
        left = wanted - self._until(year)
        place = bisect_left(found.before, left) - 1
        return _EPOCH + (found.begins[place] + left - found.before[place]) * _TICK

    def latest_begin(self, end: datetime, hours: float) -> datetime:
        """The latest moment since when so many working hours have passed by ``end``."""
        ticks = round(hours * _HOUR)
        if ticks <= 0:
            return end
        wanted = self._worked(end) - ticks
        year = end.astimezone(ZoneInfo(self.zone)).year
        while self._until(year) > wanted:
            year -= 1
        found = self._year(year)
        left = wanted - self._until(year)
        place = bisect_right(found.before, left) - 1
        if place < 0:
            return _EPOCH + self._next_begin(year) * _TICK
        return _EPOCH + (found.begins[place] + left - found.before[place]) * _TICK

    def _next_begin(self, year: int) -> int:
        """When work begins for the first time after a year."""
        while not self._year(year + 1).begins:
            year += 1
        return self._year(year + 1).begins[0]

    def _worked(self, moment: datetime) -> int:
        """The working time since the fixed day, in microseconds."""
        at = (moment - _EPOCH) // _TICK
        year = moment.astimezone(ZoneInfo(self.zone)).year
        found = self._year(year)
        place = bisect_right(found.begins, at) - 1
        if place < 0:
            return self._until(year)
        return (
            self._until(year)
            + found.before[place]
            + min(at, found.ends[place])
            - (found.begins[place])
        )

    def _until(self, year: int) -> int:
        """The working time from the fixed day until a year begins; negative before that day."""
        known = self._before
        while year not in known:
            if year > _ANCHOR:
                last = max(known)
                known[last + 1] = known[last] + self._year(last).total
            else:
                first = min(known)
                known[first - 1] = known[first] - self._year(first - 1).total
        return known[year]

    def _year(self, year: int) -> _Year:
        if year not in self._years:
            self._years[year] = self._made(year)
        return self._years[year]

    def _made(self, year: int) -> _Year:
        begins, ends, before, total = [], [], [], 0
        for number in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
            day = date.fromordinal(number)
            if not self.is_working_day(day):
                continue
            begin, end = self._at(day, self.begin), self._at(day, self.end)
            if begin < end:  # not where clocks that go forward swallow the hours whole
                begins.append(begin)
                ends.append(end)
                before.append(total)
                total += end - begin
        return _Year(begins, ends, before, total)

    def _at(self, day: date, minute: int) -> int:
        midnight = datetime.combine(day, time(), ZoneInfo(self.zone))
        return (midnight + timedelta(minutes=minute) - _EPOCH) // _TICK


@cache
def _holidays(country: str | None, year: int) -> frozenset[date]:
    if country is None:
        return frozenset()
    import holidays

    return frozenset(holidays.country_holidays(country, years=year))


@cache
def holiday_countries() -> frozenset[str]:
    """The countries whose holidays are known, by their two letters."""
    import holidays

    return frozenset(holidays.list_supported_countries(include_aliases=False))


def minute_of(text: str) -> int:
    """The minute of the day that a time of day names, as 09:30; 24:00 is its end."""
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
