"""Periods and months as people of the operator's zone mean them, in the text that is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sync.store.database import from_iso, iso

__all__ = ["ALWAYS", "BEGINNING", "END", "Span", "last_quarter", "month_of", "months", "span_of"]

BEGINNING, END = "0001-01-01T00:00:00.000000Z", "9999-12-31T00:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class Span:
    """From ``since`` on, until before ``until``: times as they are stored."""

    since: str = BEGINNING
    until: str = END

    @property
    def is_open(self) -> bool:
        """Whether it has neither beginning nor end."""
        return self.since == BEGINNING and self.until == END


ALWAYS = Span()


def span_of(since: str | None, until: str | None, zone: str) -> Span:
    """The span that two texts mean, either of which may be missing; ``until`` takes a day whole.

    A month (2026-04), a date or a time, in the zone where it names none. Raises ValueError.
    """
    begin = iso(_moment(since, zone)) if since else BEGINNING
    end = iso(_moment(until, zone, whole=True)) if until else END
    if end <= begin:
        raise ValueError(f"{since} is not before {until}")
    return Span(begin, end)


def _moment(text: str, zone: str, *, whole: bool = False) -> datetime:
    is_month = len(text) == len("2026-04")
    found = datetime.fromisoformat(f"{text}-01" if is_month else text)
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(zone))
    if not whole or len(text) > len("2026-04-01"):
        return found
    return _next_month(found) if is_month else found + timedelta(days=1)


def _next_month(moment: datetime) -> datetime:
    return (moment.replace(day=1) + timedelta(days=32)).replace(day=1)


def last_quarter(now: datetime, zone: str) -> tuple[str, str]:
    """The last full quarter before a time, by its first and last month: 2026-01, 2026-03."""
    here = now.astimezone(ZoneInfo(zone))
    number = here.year * 12 + (here.month - 1) // 3 * 3
    first, last = number - 3, number - 1
    return f"{first // 12}-{first % 12 + 1:02}", f"{last // 12}-{last % 12 + 1:02}"


def month_of(at: str, zone: str) -> str:
    """The month of a stored time: 2026-04."""
    return from_iso(at).astimezone(ZoneInfo(zone)).strftime("%Y-%m")


def months(first: str, last: str, zone: str) -> list[tuple[str, str, str]]:
    """(2026-04, its beginning, its end) for each month from one stored time to another."""
    at = from_iso(first).astimezone(ZoneInfo(zone))
    begin = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = []
    while iso(begin) <= last:
        end = _next_month(begin)
        found.append((begin.strftime("%Y-%m"), iso(begin), iso(end)))
        begin = end
    return found
