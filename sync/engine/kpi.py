"""Figures of e-mail, phone, meetings and webinars, each thing that happened counted once.

A rate is told with what it is a share of. What led to what goes by time: the last call before a
meeting, or before a deal was opened, and the last click before a form, no longer ago than so many
days. It counts in the period of the call or the click.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby

from mapping.touches import KINDS, Touch, is_held, led_to, once, unique
from sync.engine.attribution import MONTH, Dimension
from sync.engine.hub import Hub
from sync.engine.periods import ALWAYS, END, Span, month_of
from sync.engine.touching import epoch, touch_of
from sync.store import trails
from sync.store.database import from_iso, iso

__all__ = ["CONNECTION", "Figures", "KpiReport", "KpiRow", "Rate", "kpi"]

CONNECTION = Dimension("connection")
"""Told apart by the connection that told it."""


@dataclass(slots=True)
class Figures:
    """What happened. Opened and clicked e-mails count once for each lead and subject.

    ``held`` of the meetings took place; ``talk_seconds``, ``meeting_seconds`` and
    ``webinar_seconds`` are sums. ``appointments``, ``deals`` and ``converted`` followed on a call,
    a call and a click.
    """

    sent: int = 0
    delivered: int = 0
    bounced: int = 0
    opened: int = 0
    clicked: int = 0
    converted: int = 0
    calls: int = 0
    connected: int = 0
    talk_seconds: float = 0.0
    appointments: int = 0
    deals: int = 0
    meetings: int = 0
    held: int = 0
    meeting_seconds: float = 0.0
    webinars: int = 0
    webinar_seconds: float = 0.0
    forms: int = 0

    def rates(self) -> dict[str, Rate]:
        """The rates, by name, with what each is a share of."""
        return {
            "delivered": Rate(self.delivered, self.sent),
            "bounced": Rate(self.bounced, self.sent),
            "opened": Rate(self.opened, self.delivered),
            "clicked": Rate(self.clicked, self.delivered),
            "converted": Rate(self.converted, self.clicked),
            "connected": Rate(self.connected, self.calls),
            "appointments": Rate(self.appointments, self.calls),
            "deals": Rate(self.deals, self.calls),
            "held": Rate(self.held, self.meetings),
        }


@dataclass(frozen=True, slots=True)
class Rate:
    """A share: ``part`` of ``whole``."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """Part by whole; None where there is no whole."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class KpiRow:
    """Figures of those who share a value; None is having none, or not being told apart."""

    name: str | None
    figures: Figures


@dataclass(frozen=True, slots=True)
class KpiReport:
    """The figures of a period, and those of each group where they are told apart."""

    span: Span
    by: str | None
    days: int
    total: Figures
    rows: tuple[KpiRow, ...] = ()


@dataclass(slots=True)
class _Tally:
    """Where figures are added up: the whole, and the group of each touch."""

    span: tuple[float, float]
    total: Figures = field(default_factory=Figures)
    groups: dict[str | None, Figures] = field(default_factory=dict)

    def inside(self, touches: Sequence[Touch]) -> list[Touch]:
        """The touches of the period."""
        return [touch for touch in touches if self.span[0] <= touch.at < self.span[1]]

    def add(
        self, name: str, touches: Sequence[Touch], group: Callable[[Touch], str | None]
    ) -> None:
        """Count touches, those outside of the period left out."""
        for touch in self.inside(touches):
            for one in (self.total, self.groups.setdefault(group(touch), Figures())):
                setattr(one, name, getattr(one, name) + 1)

    def lasted(
        self, name: str, touches: Sequence[Touch], group: Callable[[Touch], str | None]
    ) -> None:
        """Add up how long touches took."""
        for touch in self.inside(touches):
            for one in (self.total, self.groups.setdefault(group(touch), Figures())):
                setattr(one, name, getattr(one, name) + touch.seconds)


def kpi(hub: Hub, span: Span = ALWAYS, by: Dimension | None = None, *, days: int = 30) -> KpiReport:
    """The figures of a period. ``days`` is how long after a call or click something is its result.

    Activities are read page by page, so that memory does not grow with them.
    """
    later = span.until
    if later != END:
        later = iso(from_iso(later) + timedelta(days=days))
    fields = by.fields if by is not None else ()
    tally = _Tally((epoch(span.since), epoch(span.until)))
    with hub.database.read() as tx:
        deals = {
            lead_id: [epoch(row[1]) for row in rows]
            for lead_id, rows in groupby(
                trails.openings(tx, span.since, later, fields), key=lambda row: row[0]
            )
        }
        close = iso(from_iso(span.since) - timedelta(days=1)) if span.since > "0002" else span.since
        rows = trails.told(tx, KINDS, close, later, fields)
        for lead_id, some in groupby(rows, key=lambda row: row.lead_id):
            own = list(some)
            group = _group_of(by, own[0].group, hub.config.hub.timezone)
            _count(tally, list(_touches(own)), deals.get(lead_id, []), group, days * 86400.0)
    found = [KpiRow(name, figures) for name, figures in tally.groups.items()] if by else []
    found.sort(key=lambda row: (row.name is None, row.name or ""))
    return KpiReport(span, by.name if by else None, days, tally.total, tuple(found))


def _group_of(by: Dimension | None, value: str | None, zone: str) -> Callable[[Touch], str | None]:
    if by is not None and by.name == MONTH:
        months: dict[float, str] = {}
        return lambda touch: months.setdefault(touch.at, _month(touch.at, zone))
    if by is CONNECTION:
        return lambda touch: touch.source.partition("/")[0]
    return lambda _: value


def _month(at: float, zone: str) -> str:
    return month_of(iso(datetime.fromtimestamp(at, UTC)), zone)


def _touches(rows: Sequence[trails.Told]) -> Iterator[Touch]:
    for row in rows:
        yield touch_of(row.link_id, row.activity, row.at, row.subject, row.fields)


def _count(
    tally: _Tally,
    told: list[Touch],
    deals: Sequence[float],
    group: Callable[[Touch], str | None],
    reach: float,
) -> None:
    """Add what happened with one lead."""
    of: dict[str, list[Touch]] = {kind: [] for kind in KINDS}
    for touch in once(told):
        of[touch.kind].append(touch)
    calls, meetings = of["call"], of["meeting"]
    for name, touches in (
        ("sent", of["email_sent"]),
        ("delivered", of["email_delivered"]),
        ("bounced", of["email_bounced"]),
        ("opened", unique(tally.inside(of["email_opened"]))),
        ("clicked", unique(tally.inside(of["email_clicked"]))),
        ("converted", led_to(of["email_clicked"], _times(of["form_submission"]), reach)),
        ("calls", calls),
        ("connected", [one for one in calls if one.seconds or "connected" in one.outcomes]),
        ("appointments", led_to(calls, _times(meetings), reach)),
        ("deals", led_to(calls, deals, reach)),
        ("meetings", meetings),
        ("held", [one for one in meetings if is_held(one)]),
        ("webinars", of["webinar"]),
        ("forms", of["form_submission"]),
    ):
        tally.add(name, touches, group)
    tally.lasted("talk_seconds", calls, group)
    tally.lasted("meeting_seconds", [one for one in meetings if is_held(one)], group)
    tally.lasted("webinar_seconds", of["webinar"], group)


def _times(touches: Sequence[Touch]) -> list[float]:
    return [touch.at for touch in touches]
