"""When something becomes an incident and when it is over. Pure: the time is an argument.

What comes and goes does not open and close each time: it must have lasted before it is told, must
have been well for a while before it is over, and twice as long each time it came back within a day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sync.engine.incidents.kinds import KINDS, Finding
from sync.store.database import from_iso, iso
from sync.store.incidents import IncidentRow

BACK_WITHIN = timedelta(days=1)
"""What comes back within this time of its end flaps."""
MOST_FLAPS = 6
"""Doublings of the time to settle, at most."""


def explained(
    findings: Sequence[Finding], standing: Collection[tuple[str, str]] = ()
) -> list[Finding]:
    """The findings that no other one at their connection explains; what was told already stays."""
    there = {(one.kind, one.connection) for one in findings}
    return [
        one
        for one in findings
        if one.key in standing
        or one.connection is None
        or not any((cause, one.connection) in there for cause in KINDS[one.kind].caused_by)
    ]


def begun(
    finding: Finding, incident_id: str, now: datetime, closed: Iterable[IncidentRow] = ()
) -> IncidentRow:
    """The incident of a finding that none is about yet; ``closed`` are those that lately ended."""
    stamp = iso(now)
    before = [
        one
        for one in closed
        if one.key == finding.key
        and one.closed_at is not None
        and from_iso(one.closed_at) > now - BACK_WITHIN
    ]
    row = IncidentRow(
        id=incident_id,
        kind=finding.kind,
        subject=finding.subject,
        connection=finding.connection,
        state="pending",
        since=finding.since or stamp,
        first_seen_at=stamp,
        last_seen_at=stamp,
        facts=dict(finding.facts),
        flaps=max((one.flaps for one in before), default=-1) + 1,
    )
    return after(row, finding, now) or row


def after(row: IncidentRow, finding: Finding | None, now: datetime) -> IncidentRow | None:
    """An incident after a look that found it again, or did not; None where it came to nothing."""
    kind, stamp = KINDS[row.kind], iso(now)
    if finding is not None:
        opens_after = kind.opens_after if finding.opens_after is None else finding.opens_after
        seen = replace(row, last_seen_at=stamp, facts=dict(finding.facts), well_since=None)
        if row.state == "pending" and now - from_iso(row.first_seen_at) >= opens_after:
            return replace(seen, state="open", opened_at=stamp)
        return seen
    if row.state == "pending":
        return None
    well_since = row.well_since or stamp
    settle = kind.settle * 2 ** min(row.flaps, MOST_FLAPS)
    if now - from_iso(well_since) >= settle:
        return replace(row, state="closed", well_since=well_since, closed_at=stamp)
    return replace(row, well_since=well_since)
