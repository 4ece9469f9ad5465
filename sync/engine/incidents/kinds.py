"""The kinds of incidents: how grave, how long before they count and before they are over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

AT_ONCE = timedelta()


@dataclass(frozen=True, slots=True)
class Kind:
    """What holds of a kind of incident.

    It is told once it was seen for ``opens_after``, and is over once it was well for ``settle``.
    Those that are ``critical`` are told again once a day. ``caused_by`` are kinds that explain it:
    beside one of them, at the same connection, it is not told on its own.
    """

    critical: bool = False
    opens_after: timedelta = AT_ONCE
    settle: timedelta = timedelta(minutes=10)
    caused_by: frozenset[str] = frozenset()


_STOPPED = frozenset({"sign_in_needed", "runs_fail", "quota_spent"})

KINDS: Mapping[str, Kind] = {
    "sign_in_needed": Kind(critical=True, settle=timedelta(minutes=2)),
    "runs_fail": Kind(critical=True, caused_by=frozenset({"sign_in_needed"})),
    "quota_spent": Kind(caused_by=frozenset({"sign_in_needed"})),
    "hooks_refused": Kind(settle=timedelta(minutes=30)),
    "hooks_not_stored": Kind(critical=True, settle=timedelta(minutes=15)),
    "hooks_late": Kind(caused_by=_STOPPED),
    "inbox_late": Kind(critical=True),
    "outbox_late": Kind(caused_by=_STOPPED),
    "pull_late": Kind(
        opens_after=timedelta(minutes=10), caused_by=_STOPPED | {"schedule_failed", "mass_delete"}
    ),
    "set_aside_many": Kind(settle=timedelta(minutes=5)),
    "over_limit": Kind(critical=True, settle=timedelta(minutes=2)),
    "mass_delete": Kind(critical=True, settle=timedelta(minutes=2)),
    "handoffs_unanswered": Kind(settle=timedelta(minutes=2)),
    "schedule_failed": Kind(caused_by=_STOPPED | {"mass_delete"}),
    "disk_full": Kind(critical=True),
    "drift": Kind(settle=timedelta(minutes=2)),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong now. ``since`` is when it began, where that is known.

    ``facts`` are numbers, ids and codes, nothing personal: they are told, and kept.
    """

    kind: str
    subject: str
    connection: str | None = None
    since: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    opens_after: timedelta | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What it is about."""
        return self.kind, self.subject
