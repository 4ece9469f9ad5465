"""What an alert says: what, since when, what it means for leads, and what to do.

Names of connections, ids, codes and numbers; nothing of a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from connectors.kit.messages import due_text
from sync.engine.hub import Hub
from sync.engine.incidents.words import DETAILS, EFFECTS, FIXES, TITLES, said, say
from sync.store.database import from_iso
from sync.store.incidents import IncidentRow

SHOWN = 10
"""Incidents of a kind that are named in one message; the rest is counted."""


def language_of(hub: Hub) -> str:
    """The language of alerts."""
    return hub.config.alerts.language or hub.config.hub.language


def compose(hub: Hub, about: str, rows: Sequence[IncidentRow], alert_id: str) -> dict[str, Any]:
    """A message about incidents, kind by kind: its title and its lines."""
    language = language_of(hub)
    if about == "test":
        lines = [say(language, "test.line")]
        return _content(language, say(language, "subject.test"), lines, alert_id)
    groups: dict[str, list[IncidentRow]] = {}
    for row in rows:
        groups.setdefault(row.kind, []).append(row)
    lines = []
    for kind, some in groups.items():
        lines += [*([""] if lines else []), *_section(hub, language, about, kind, some)]
    what = _what(language, groups)
    return _content(language, say(language, f"subject.{about}", what=what), lines, alert_id)


def _content(language: str, title: str, lines: Sequence[str], alert_id: str) -> dict[str, Any]:
    return {"title": title, "lines": [*lines, "", say(language, "foot", id=alert_id)]}


def _what(language: str, groups: dict[str, list[IncidentRow]]) -> str:
    rows = [row for some in groups.values() for row in some]
    if len(rows) == 1:
        title = title_of(rows[0].kind, language)
        return say(language, "one", title=title, subject=rows[0].subject)
    return say(language, "many", count=len(rows))


def _section(
    hub: Hub, language: str, about: str, kind: str, rows: Sequence[IncidentRow]
) -> Iterator[str]:
    yield say(language, "kind", title=title_of(kind, language), count=len(rows))
    for row in rows[:SHOWN]:
        if about == "closed":
            until = _when(hub, row.well_since or row.closed_at or row.last_seen_at)
            given = {"since": _when(hub, row.since), "until": until}
            yield say(language, "closed.line", subject=row.subject, **given)
        else:
            detail = detail_of(hub, row, language)
            since = _when(hub, row.since)
            yield say(language, "open.line", subject=row.subject, since=since, detail=detail)
    if len(rows) > SHOWN:
        yield say(language, "more", count=len(rows) - SHOWN)
    if about == "closed":
        return
    yield say(language, "effect", text=said(language, EFFECTS[kind]))
    names = dict.fromkeys(row.connection for row in rows[:SHOWN] if row.connection)
    fixes = dict.fromkeys(said(language, FIXES[kind], name=name) for name in names or [""])
    yield say(language, "fixes", text=say(language, "and").join(fixes))
    yield say(language, "docs", code=kind.upper())


def title_of(kind: str, language: str) -> str:
    """What a kind of incident is called."""
    return said(language, TITLES[kind])


def detail_of(hub: Hub, row: IncidentRow, language: str) -> str:
    """The facts of an incident, as they follow the time it began at."""
    facts = dict(row.facts)
    if "until" in facts:
        facts["until"] = _when(hub, facts["until"])
    return said(language, DETAILS[row.kind], **facts)


def _when(hub: Hub, stamp: str) -> str:
    return due_text(from_iso(stamp), ZoneInfo(hub.config.hub.timezone))
