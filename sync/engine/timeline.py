"""The story of one lead over all systems, in one order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mapping.consent import is_consent
from mapping.told import TOLD
from sync.engine.views import LeadView
from sync.store.database import from_iso

__all__ = ["KINDS", "Moment", "timeline"]

KINDS = (
    "created",
    "linked",
    "merged",
    "split",
    "stage",
    "answered",
    "refused",
    "activity",
    "deal",
    "consent",
    "edited",
    "changed",
    "pushed",
    "gone",
)
"""What a moment may be; of one time, in this order."""
_ORDER = {kind: place for place, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened with a lead.

    ``system`` is the connection it came from, "" where it is the hub's own; ``record`` the vendor's
    record; ``by`` the person who decided, ``why`` what they said of a consent. ``what`` depends on
    the kind: {field: [from, to]} of created, changed, edited and consent; stage, cycle, reason,
    reason_text, inferred and rule of a stage; activity, subject and the rest of an activity; name,
    stage and amount of a deal; fields of a push; lead of a merge and split; the answer to a
    hand-off. ``times`` is how many pushes it stands for, ``until`` the last one's time.
    """

    at: str
    kind: str
    system: str = ""
    record: str | None = None
    by: str | None = None
    what: Mapping[str, Any] = field(default_factory=dict)
    why: str | None = None
    times: int = 1
    until: str | None = None


def timeline(view: LeadView) -> list[Moment]:
    """Everything that happened with a lead, oldest first.

    Pushes to one connection with nothing between them are one moment.
    """
    moments = [*_told(view), *_stages(view), *_activities(view), *_deals(view)]
    moments.sort(key=lambda one: (from_iso(one.at), _ORDER[one.kind]))
    return list(_collapsed(moments))


def _told(view: LeadView) -> Iterator[Moment]:
    born = {event.link_id for event in view.history if event.event == "created"}
    for link in view.links:
        if link.kind == "lead" and link.id not in born:
            yield Moment(link.first_seen_at, "linked", link.connection, link.id)
    for event in view.history:
        system = event.link_id.partition("/")[0] if event.link_id else ""
        if event.event in ("changed", "created", "edited"):
            yield from _changes(view, event.at, event.event, system, event.link_id, event.changes)
        elif event.event == "pushed":
            fields = sorted(event.changes.get("fields", {}))
            yield Moment(event.at, "pushed", system, event.link_id, what={"fields": fields})
        elif event.event in ("answered", "refused"):
            by = event.changes["by"][1]
            what = {"answer": event.changes["answer"]}
            yield Moment(event.at, event.event, system, event.link_id, by, what)
        elif event.event in ("merged", "split", "gone"):
            yield Moment(event.at, event.event, system, event.link_id, what=dict(event.changes))


def _changes(
    view: LeadView,
    at: str,
    kind: str,
    system: str,
    record: str | None,
    changes: Mapping[str, Any],
) -> Iterator[Moment]:
    """A change as moments: consents are told on their own, hand edits with who made them."""
    consents = {name: pair for name, pair in changes.items() if is_consent(name)}
    others = {name: pair for name, pair in changes.items() if name not in consents}
    by, why = _editor(view, at, changes) if record is None else (None, None)
    if others or kind == "created":
        yield Moment(at, kind, system, record, by, others)
    if consents:
        yield Moment(at, "consent", system, record, by, consents, why)


def _editor(view: LeadView, at: str, changes: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Who set these fields by hand at that time, and why, where it is still known."""
    for name in changes:
        edit = view.lead.edits.get(name)
        if edit is not None and str(edit[1]) == at:
            return str(edit[2]), str(edit[3]) if len(edit) > 3 else None
    return None, None


def _stages(view: LeadView) -> Iterator[Moment]:
    for stay in view.stages:
        what = {
            "stage": stay.stage,
            "cycle": stay.cycle,
            "reason": stay.reason_code,
            "reason_text": stay.reason_text,
            "inferred": stay.inferred,
            "rule": stay.rule,
        }
        is_ours = stay.override_by or stay.rule not in (None, TOLD)
        system = "" if is_ours else stay.system
        yield Moment(stay.entered_at, "stage", system, stay.link_id, stay.override_by, what)


def _activities(view: LeadView) -> Iterator[Moment]:
    for one in view.activities:
        what = {"activity": one.activity, "subject": one.subject, **one.fields}
        yield Moment(one.at, "activity", one.link_id.partition("/")[0], one.link_id, what=what)


def _deals(view: LeadView) -> Iterator[Moment]:
    for deal in view.deals:
        what = {"name": deal.name, "stage": deal.stage, "amount": deal.fields.get("amount")}
        system = deal.link_id.partition("/")[0]
        yield Moment(deal.updated_at, "deal", system, deal.link_id, what=what)


def _collapsed(moments: Iterable[Moment]) -> Iterator[Moment]:
    held: Moment | None = None
    for moment in moments:
        if held is None:
            held = moment
        elif moment.kind == held.kind == "pushed" and moment.system == held.system:
            fields = sorted({*held.what["fields"], *moment.what["fields"]})
            held = replace(held, what={"fields": fields}, times=held.times + 1, until=moment.at)
        else:
            yield held
            held = moment
    if held is not None:
        yield held
