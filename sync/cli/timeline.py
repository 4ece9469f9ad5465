"""The story of a lead, told line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync.cli.people import by_rule, reason_name, stage_name
from sync.cli.tables import cut, shown

if TYPE_CHECKING:
    from sync.cli.context import Desk
    from sync.engine.timeline import Moment
    from sync.engine.views import LeadView

WIDTH = 28
"""Columns that a value takes at most."""


def tell(desk: Desk, view: LeadView) -> None:
    """Tell everything that happened with a lead, oldest first."""
    from sync.engine.timeline import timeline

    out, row = desk.out, view.lead
    moments = timeline(view)
    for one in moments:
        out.item(
            "moment",
            lead=row.id,
            at=one.at,
            what=one.kind,
            system=one.system or None,
            record=one.record,
            by=one.by,
            why=one.why,
            times=one.times,
            until=one.until,
            told=dict(one.what),
        )
    out.line(f"{row.name or '–'}  {row.company or ''}  {row.id}")
    out.line()
    out.table(
        ("column.said_at", "column.told_by", "column.happened", "column.story"),
        [
            [out.when(one.at), _who(desk, one), out.words(f"moment.{one.kind}"), _story(desk, one)]
            for one in moments
        ],
        wrap="column.story",
    )


def _who(desk: Desk, one: Moment) -> str:
    if one.by is not None and one.kind not in ("answered", "refused"):
        return desk.out.words("explain.by_hand", user=one.by)
    return " ".join(part for part in (one.system, one.by) if part) or "Renkei"


def _story(desk: Desk, one: Moment) -> str:
    what = one.what
    if one.kind == "stage":
        return _stage(desk, what)
    if one.kind == "activity":
        return _activity(desk, what)
    if one.kind == "deal":
        stage = stage_name(desk, what["stage"]) if what["stage"] else ""
        amount = "" if what["amount"] is None else f"{what['amount']:,}"
        return "  ".join(part for part in (what["name"], stage, amount) if part)
    if one.kind == "pushed":
        return _pushed(desk, one)
    if one.kind in ("answered", "refused"):
        return desk.out.words(
            f"answer.{what['answer'][0 if one.kind == 'refused' else 1] or 'none'}"
        )
    if one.kind in ("merged", "split"):
        return " → ".join(what.get("lead", ()))
    if one.kind in ("changed", "edited", "consent"):
        return _changes(desk, what) + (f" ({one.why})" if one.why else "")
    return one.record.partition("/")[2] if one.record else ""


def _stage(desk: Desk, what: Any) -> str:
    out = desk.out
    words = reason_name(desk, what["stage"], what["reason"])
    parts = [stage_name(desk, what["stage"])]
    if what["cycle"] > 1:
        parts.append(out.words("lead.cycle", cycle=what["cycle"]))
    parts += [part for part in (words, what["reason_text"]) if part]
    if what["rule"]:
        parts.append(by_rule(desk, what["rule"]))
    if what["inferred"]:
        parts.append(out.words("timeline.inferred"))
    return "  ".join(parts)


def _activity(desk: Desk, what: Any) -> str:
    out = desk.out
    parts = [out.words(f"activity.{what['activity']}"), what["subject"], what.get("outcome")]
    seconds = what.get("duration_seconds")
    if isinstance(seconds, (int, float)) and seconds > 0:
        parts.append(out.words("timeline.minutes", minutes=f"{seconds / 60:.0f}"))
    return "  ".join(str(part) for part in parts if part)


def _pushed(desk: Desk, one: Moment) -> str:
    names = one.what["fields"]
    more = f" +{len(names) - 3}" if len(names) > 3 else ""
    told = ", ".join(names[:3]) + more
    if one.times == 1:
        return told
    return desk.out.words("timeline.pushes", count=one.times, fields=told)


def _changes(desk: Desk, changes: Any) -> str:
    from mapping.model import choices, label

    parts = []
    for name, (old, new) in changes.items():
        said = [
            _value(desk, one, is_choice=choices("lead", name) is not None) for one in (old, new)
        ]
        parts.append(f"{label(name, desk.out.language)}: {said[0]} → {said[1]}")
    return "; ".join(parts)


def _value(desk: Desk, value: Any, *, is_choice: bool) -> str:
    from mapping.model import CONSENT_STATES

    if is_choice and value in CONSENT_STATES:
        return desk.out.words(f"consent_state.{value}")
    return cut(shown(value), WIDTH)
