"""Date literals of SOQL, ``TODAY`` and its like (Salesforce SOQL reference, date formats).

A period is a run of whole days in the user's time zone, told as the moments it begins and ends.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

USER_ZONE = ZoneInfo("Asia/Tokyo")
"""The time zone of the connected user."""
WORDS = frozenset(
    (
        *("TODAY", "YESTERDAY", "TOMORROW", "LAST_90_DAYS"),
        *("LAST_WEEK", "THIS_WEEK", "LAST_MONTH", "THIS_MONTH", "LAST_YEAR", "THIS_YEAR"),
    )
)
COUNTED = frozenset(("LAST_N_DAYS", "NEXT_N_DAYS", "N_DAYS_AGO"))


def is_period(word: str) -> bool:
    """Whether a word of a query is a date literal; counted ones look like ``LAST_N_DAYS:7``."""
    name, colon, number = word.upper().partition(":")
    return (name in COUNTED and number.isdigit()) if colon else name in WORDS


def days_of(word: str, now: datetime) -> tuple[date, date]:
    """The first day of a period and the day after its last."""
    name, _, number = word.upper().partition(":")
    today, day = now.astimezone(USER_ZONE).date(), timedelta(days=1)
    week = today - timedelta(days=(today.weekday() + 1) % 7)  # weeks begin on Sunday
    month = today.replace(day=1)
    last_month = (month - day).replace(day=1)
    year = month.replace(month=1)
    count = timedelta(days=int(number or 0))
    return {
        "TODAY": (today, today + day),
        "YESTERDAY": (today - day, today),
        "TOMORROW": (today + day, today + 2 * day),
        "THIS_WEEK": (week, week + 7 * day),
        "LAST_WEEK": (week - 7 * day, week),
        "THIS_MONTH": (month, (month + 31 * day).replace(day=1)),
        "LAST_MONTH": (last_month, month),
        "THIS_YEAR": (year, year.replace(year=year.year + 1)),
        "LAST_YEAR": (year.replace(year=year.year - 1), year),
        "LAST_90_DAYS": (today - 90 * day, today + day),
        "LAST_N_DAYS": (today - count, today + day),
        "NEXT_N_DAYS": (today + day, today + day + count),
        "N_DAYS_AGO": (today - count, today - count + day),
    }[name]


def moments_of(word: str, now: datetime) -> tuple[datetime, datetime]:
    """The first moment of a period and the first one after it, in UTC."""
    first, last = (
        datetime(one.year, one.month, one.day, tzinfo=USER_ZONE).astimezone(UTC)
        for one in days_of(word, now)
    )
    return first, last
