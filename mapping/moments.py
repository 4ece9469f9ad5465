"""Dates and moments: a date stays a date, a moment becomes UTC, and no time zone is guessed.

A date is never turned by way of an instant unless its source is one and the line names a zone:
2026-10-01 is the first of October everywhere. A local time without a zone is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mapping.errors import Unreadable
from mapping.model import Value
from mapping.normalise.text import nfkc

EPOCHS = {"epoch_ms": 1000, "epoch_s": 1}
"""Words allowed in ``formats`` for counts since 1970, and their units to a second."""

_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = (
    r"(?:(?P<y>\d{4})(?:(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})"
    r"|年\s?(?P<jm>\d{1,2})月\s?(?P<jd>\d{1,2})日)"
    r"|(?P<era>令和|平成|昭和|[RHS])\s?(?P<ey>\d{1,2}|元)(?:年|[./])"
    r"(?P<em>\d{1,2})(?:月|[./])(?P<ed>\d{1,2})日?)"
)
_TIME = (
    r"(?:[T ]\s*(?P<H>\d{1,2})[:時](?P<M>\d{1,2})分?(?::?(?P<S>\d{1,2})秒?)?(?P<f>\.\d+)?"
    r"\s?(?P<zone>Z|[+-]\d{2}:?\d{2})?)"
)
_WRITTEN = re.compile(rf"{_DATE}{_TIME}?", re.ASCII)
_COMPACT = re.compile(r"(?:19|20)\d{6}", re.ASCII)
_COUNT = re.compile(r"-?\d{9,14}", re.ASCII)
_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}
_MILLISECONDS_FROM = 10**11
_SECONDS_FROM = 10**8


def _no_date() -> Unreadable:
    return Unreadable(
        "NOT_A_DATE",
        "the value is not a date this line can read",
        hint='name the way it is written, e.g. formats: ["%d/%m/%Y"]',
    )


def _no_zone() -> Unreadable:
    return Unreadable(
        "NO_ZONE",
        "the value is a local time, and the line does not say where",
        hint="add e.g. zone: Asia/Tokyo",
    )


def date_reader(formats: Sequence[str], zone: ZoneInfo | None) -> Callable[[Any], Value]:
    """Reads a date as ``YYYY-MM-DD``.

    Of an instant (an offset, a Z, a count since 1970) it is the date at ``zone``; without a zone,
    the date as it is written. A count that is midnight in UTC is how vendors hold a bare date.
    """

    def read(raw: Any) -> Value:
        if type(raw) is str and len(raw) == 10 and raw[4] == raw[7] == "-":
            with suppress(ValueError):
                return date.fromisoformat(raw).isoformat()
        found = _parse(raw, formats)
        if found is None:
            return None
        moment, is_instant = found
        if is_instant and zone is not None and not _is_bare_date(raw, moment):
            moment = moment.astimezone(zone)
        return moment.date().isoformat()

    return read


def datetime_reader(formats: Sequence[str], zone: ZoneInfo | None) -> Callable[[Any], Value]:
    """Reads a moment as ISO 8601 in UTC with a Z. A bare date is its midnight at ``zone``."""

    def read(raw: Any) -> Value:
        if type(raw) is str and len(raw) in _USUAL and raw[7] == "-" and raw[10] == "T":
            usual = _usual(raw)
            if usual is not None:
                return usual
        found = _parse(raw, formats)
        if found is None:
            return None
        moment, is_instant = found
        if not is_instant:
            if zone is None:
                raise _no_zone()
            moment = moment.replace(tzinfo=zone)
        return utc(moment)

    return read


_USUAL = frozenset({20, 24})


def _usual(raw: str) -> str | None:
    """A moment as nearly all vendors write it, to the second or the millisecond; else None."""
    if raw[-1] != "Z" or (len(raw) == 24 and raw[19] != "."):
        return None
    try:
        datetime.fromisoformat(raw)
    except ValueError:
        return None
    return f"{raw[:19]}Z" if raw[19:] == ".000Z" else raw


def date_writer(formats: Sequence[str]) -> Callable[[Value], Any]:
    """Writes a date in the first of the formats, else as ``YYYY-MM-DD``."""
    form = formats[0] if formats else None

    def write(value: Value) -> Any:
        try:
            day = datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
        except ValueError:
            raise _no_date() from None
        if form in EPOCHS:
            return (day - _EPOCH) // _DAY * 86400 * EPOCHS[form]
        return day.strftime(form) if form else day.date().isoformat()

    return write


def datetime_writer(formats: Sequence[str], zone: ZoneInfo | None) -> Callable[[Value], Any]:
    """Writes a moment in the first of the formats at ``zone`` (UTC without one), else as ISO."""
    form = formats[0] if formats else None

    def write(value: Value) -> Any:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            raise _no_date() from None
        if moment.tzinfo is None:
            raise _no_zone()
        if form in EPOCHS:
            return (moment - _EPOCH) // (timedelta(seconds=1) / EPOCHS[form])
        if form is None:
            return utc(moment)
        return moment.astimezone(zone or UTC).strftime(form)

    return write


def utc(moment: datetime) -> str:
    """A moment as ISO 8601 in UTC with a Z, to the millisecond where there are any."""
    spec = "milliseconds" if moment.microsecond >= 1000 else "seconds"
    try:
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=spec) + "Z"
    except OverflowError:
        raise _no_date() from None


def holds_a_date(form: str) -> bool:
    """Whether a format says year, month and day, and can be read back."""
    if form in EPOCHS:
        return True
    sample = datetime(2026, 11, 23, 13, 45, 56, tzinfo=UTC)
    try:
        return _strptime(sample.strftime(form), form).date() == sample.date()
    except ValueError:
        return False


def _parse(raw: Any, formats: Sequence[str]) -> tuple[datetime, bool] | None:
    """The date and time as written, and whether it is an instant; None for a blank."""
    if isinstance(raw, str):
        text = nfkc(raw).strip()
        if not text:
            return None
        return _by_format(text, formats) or _by_form(text)
    if isinstance(raw, datetime):
        return raw, raw.tzinfo is not None
    if isinstance(raw, date):
        return datetime(raw.year, raw.month, raw.day), False  # noqa: DTZ001  # a date has no zone
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return _counted(raw, formats)
    raise _no_date()


def _by_format(text: str, formats: Sequence[str]) -> tuple[datetime, bool] | None:
    for form in formats:
        if form in EPOCHS:
            if _COUNT.fullmatch(text) or text.lstrip("-").isdecimal():
                return _counted(int(text), formats)
            continue
        try:
            moment = _strptime(text, form)
        except ValueError:
            continue
        return moment, moment.tzinfo is not None
    return None


def _by_form(text: str) -> tuple[datetime, bool]:
    if _COUNT.fullmatch(text):
        return _counted(int(text), ())
    if len(text) > 18 and text[10] == "T":
        with suppress(ValueError):
            moment = datetime.fromisoformat(text)
            return moment, moment.tzinfo is not None
    try:
        if _COMPACT.fullmatch(text):
            return _strptime(text, "%Y%m%d"), False
        match = _WRITTEN.fullmatch(text)
        if match is None:
            raise _no_date()
        part = match.groupdict()
        year, month, day = _day_of(part)
        fraction = int(((part["f"] or ".0")[1:] + "000000")[:6])
        moment = datetime(  # noqa: DTZ001  # the zone follows, where there is one
            year,
            month,
            day,
            int(part["H"] or 0),
            int(part["M"] or 0),
            int(part["S"] or 0),
            fraction,
        )
        if part["zone"] is None:
            return moment, False
        offset = datetime.fromisoformat(f"2000-01-01T00:00:00{part['zone']}").tzinfo
        return moment.replace(tzinfo=offset), True
    except ValueError:
        raise _no_date() from None


def _day_of(part: dict[str, str | None]) -> tuple[int, int, int]:
    if part["era"]:
        count = 1 if part["ey"] == "元" else int(part["ey"] or 0)
        return _ERAS[part["era"]] + count, int(part["em"] or 0), int(part["ed"] or 0)
    return int(part["y"] or 0), int(part["m"] or part["jm"] or 0), int(part["d"] or part["jd"] or 0)


def _counted(count: float, formats: Sequence[str]) -> tuple[datetime, bool]:
    per_second = next((EPOCHS[form] for form in formats if form in EPOCHS), None)
    if per_second is None:
        if abs(count) < _SECONDS_FROM:
            raise _no_date()
        per_second = 1000 if abs(count) >= _MILLISECONDS_FROM else 1
    try:
        return _EPOCH + timedelta(milliseconds=count * (1000 // per_second)), True
    except (OverflowError, ValueError):
        raise _no_date() from None


def _is_bare_date(raw: Any, moment: datetime) -> bool:
    counted = isinstance(raw, (int, float)) or (isinstance(raw, str) and not _has_form(raw))
    return counted and (moment - _EPOCH) % _DAY == timedelta(0)


def _has_form(text: str) -> bool:
    return not text.strip().lstrip("-").isdecimal()


def _strptime(text: str, form: str) -> datetime:
    return datetime.strptime(text, form)  # noqa: DTZ007  # the line's zone is applied after
