"""Opt-outs on their way through the hub: heard once, they stay, and they are written first.

A record that said "denied" goes on saying so, whatever its vendor turns it to by itself, until
evidence lifts it. What the vendor really holds is kept beside it, so that the opt-out is written
again; a vendor that turns it back again and again is left to a person.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors.kit.base import Change, Outcome, Pushes, Status
from connectors.kit.errors import ConnectorError, RecordRejected
from mapping.consent import DENIED, GRANTED, UNKNOWN, denied, is_consent, is_lifted_by
from mapping.fieldmap import FieldMap, Problem
from mapping.merge import Trust
from sync.engine.hub import Flow, stream_type
from sync.engine.stated import SAID
from sync.store.asides import Aside, subject
from sync.store.database import from_iso
from sync.store.leads import LeadRow
from sync.store.links import LinkRow

if TYPE_CHECKING:
    from sync.engine.batch import Batch, Item
    from sync.engine.changes import Plan

__all__ = [
    "FIGHT",
    "FIGHTS",
    "UNHELD",
    "alone",
    "carry",
    "elsewhere",
    "hear",
    "is_alone",
    "lacks_opt_out",
    "opt_outs_first",
    "really",
    "rescue",
    "settle",
    "unheld",
    "wrote",
]

TURNED = "turned"
"""Where a link keeps opt-outs that its vendor turned back: field → [what it holds, times, when]."""
FIGHTS = 3
"""How often an opt-out that a vendor turns back by itself is written again unasked."""
FIGHT_WINDOW = timedelta(days=30)
"""Turned back after a longer peace than this, it counts from the beginning."""
FIGHT = "CONSENT_FIGHT"
UNHELD = "CONSENT_UNHELD"

_NOBODY = Trust()


def _turned(link: LinkRow) -> Mapping[str, Sequence[Any]]:
    return (link.match or {}).get(TURNED) or {}


def _note(link: LinkRow, kept: str, name: str, what: Sequence[Any] | None) -> None:
    """Keep something about a field with the link, or (None) forget it."""
    match: dict[str, Any] = dict(link.match or {})
    about = {key: one for key, one in (match.pop(kept, None) or {}).items() if key != name}
    if what is not None:
        about[name] = list(what)
    if about:
        match[kept] = about
    link.match = match or None


def really(link: LinkRow) -> Mapping[str, Any]:
    """What the vendor holds, opt-outs that it turned back as it turned them."""
    turned = _turned(link)
    return {**link.held, **{name: one[0] for name, one in turned.items()}} if turned else link.held


# Hearing


def hear(link: LinkRow, values: MutableMapping[str, Any], trust: Trust, at: str) -> list[str]:
    """Take out of a draft what would take an opt-out back without evidence; which fields are news.

    It is noted as turned back, or as asked for anew where the vendor itself opts out once more. A
    listed connection's later, dated consent is left in.
    """
    news = []
    for name in [name for name in values if is_consent(name)]:
        if link.held.get(name) != DENIED:
            continue
        state, before = values[name], _turned(link).get(name)
        if state == DENIED:
            if before is not None and before[0] != DENIED:
                _note(link, TURNED, name, [DENIED, *before[1:]])
                link.since[name] = at
                news.append(name)
            continue
        if state == GRANTED and is_lifted_by(
            link.connection, values.get("consent_at"), link.since.get(name, ""), trust
        ):
            _note(link, TURNED, name, None)
            continue
        del values[name]
        now = UNKNOWN if state is None else state
        if before is not None and before[0] != DENIED:
            _note(link, TURNED, name, [now, *before[1:]])
            continue
        times = before[1] if before is not None and not _long_ago(before[2], at) else 0
        _note(link, TURNED, name, [now, times + 1, at])
        news.append(name)
    return news


def _long_ago(then: str, now: str) -> bool:
    return from_iso(now) - from_iso(then) > FIGHT_WINDOW


def settle(batch: Batch, item: Item, link: LinkRow, news: Sequence[str]) -> None:
    """Set aside opt-outs that the vendor turned back too often; settle those it holds again."""
    about = (item.connection, item.stream, item.external_id)
    for name, (holds, times, _) in _turned(link).items():
        if holds == DENIED and link.parked.pop(name, None) is not None:
            batch.settled.append(subject("field", *about, name))
        if holds == DENIED or name not in news or times <= FIGHTS:
            continue
        link.parked[name] = DENIED
        batch.asides.append(
            Aside(
                "field",
                item.connection,
                FIGHT,
                f"the vendor turned this opt-out back {times} times, and it was written {FIGHTS}"
                " times again",
                stream=item.stream,
                external_id=item.external_id,
                lead_id=link.owner_id,
                field=name,
                fix="find what subscribes people there (a workflow, a list, another integration)"
                ' and stop it, then "renkei retry"',
                sent={name: DENIED},
                received={name: holds},
                run_id=item.row.run_id,
            )
        )


def carry(old: LinkRow, new: LinkRow, trust: Trust = _NOBODY) -> None:
    """Have a record say the opt-outs of another that its vendor merged into it."""
    said = (old.match or {}).get(SAID) or {}
    for name in [name for name in (*old.held, *said) if is_consent(name)]:
        at, holds = old.since.get(name), new.held.get(name)
        if at is None or old.held.get(name) != DENIED:
            before = said.get(name)
            if before is None or name in old.since or before[0] != DENIED:
                continue
            at = str(before[1])
            if holds == before[2] and name not in new.since:
                _note(new, SAID, name, before)
                continue
        if holds == DENIED:
            new.since.setdefault(name, at)
        elif not (
            holds == GRANTED
            and new.since.get(name, "") > at
            and is_lifted_by(new.connection, new.held.get("consent_at"), at, trust)
        ):
            new.held[name], new.since[name] = DENIED, at
            _note(new, TURNED, name, [UNKNOWN if holds is None else holds, 0, at])


# Writing


def unheld(field_map: FieldMap, lead: LeadRow) -> Problem | None:
    """Why a lead is not created where its opt-outs cannot be held; None where they can."""
    missing = sorted(denied(lead.fields) - field_map.writable)
    if not missing:
        return None
    return Problem(
        field=missing[0],
        vendor_field="",
        code=UNHELD,
        message=f"the person opted out ({', '.join(missing)}) and the field map writes that to no"
        " field: a record made there could be mailed",
        hint="map it to a field of the vendor's, or make the record there by hand",
    )


def lacks_opt_out(flow: Flow, lead: LeadRow, links: Sequence[LinkRow]) -> bool:
    """Whether a record of this connection may still be mailed though the person opted out."""
    out = denied(lead.fields)
    return bool(out) and any(
        any(really(link).get(name) != DENIED for name in out & flow.map_for(link.stream).writable)
        for link in links
        if link.connection == flow.name and (link.state, link.kind) == _LIVE
    )


def elsewhere(
    flow: Flow, lead: LeadRow, links: Sequence[LinkRow], target: LinkRow | None
) -> tuple[LinkRow, Change, dict[str, Any]] | None:
    """The next record of a person, beside the one that is written to, that lacks an opt-out.

    With the change that brings it, and that in the hub's words. People are mailed from doubles,
    too, so an opt-out goes to every record that can hold it.
    """
    out, push = denied(lead.fields), flow.config.push
    if not out or push is None or not push.update:
        return None
    for link in links:
        if link is target or link.connection != flow.name or (link.state, link.kind) != _LIVE:
            continue
        if not flow.manifest.streams[stream_type(link.stream)].push:
            continue
        field_map, holds = flow.map_for(link.stream), really(link)
        lacks = {
            name: DENIED
            for name in sorted(out & field_map.writable)
            if link.parked.get(name) != DENIED
            and not field_map.settles(name, DENIED, holds.get(name))
        }
        values = field_map.write(lacks).values
        if values:
            before = field_map.write({name: holds.get(name) for name in lacks}).values
            change = Change(
                stream=link.stream,
                key=lead.id,
                values=values,
                external_id=link.external_id,
                version=link.version,
                before=before,
            )
            return link, change, lacks
    return None


_LIVE = ("live", "lead")


def opt_outs_first(plans: Sequence[Plan]) -> list[Plan]:
    """The changes in the order they are sent: those that bring opt-outs to records first."""
    return sorted(plans, key=lambda plan: plan.link is None or not denied(plan.canonical))


def rescue(
    flow: Flow, connector: Pushes, plans: Sequence[Plan], done: MutableMapping[str, Outcome]
) -> list[Plan]:
    """Send the opt-outs of changes that were refused once more, by themselves; what was written.

    No other field that a vendor refuses keeps an opt-out back. Where this call fails as a whole,
    the changes are tried again later, and ``done`` says so.
    """
    again = [
        one
        for plan in plans
        if isinstance(_error(done.get(plan.lead.id)), RecordRejected)
        and not is_alone(flow, plan)
        and (one := alone(flow, plan)) is not None
    ]
    changes = [plan.change for plan in again if plan.change is not None]
    if not changes:
        return []
    try:
        found = {outcome.key: outcome for outcome in connector.push(changes)}
    except ConnectorError as error:
        done.update((one.key, Outcome(one.key, Status.FAILED, error=error)) for one in changes)
        return []
    return [
        replace(plan, outcome=found[plan.lead.id])
        for plan in again
        if plan.lead.id in found and _error(found[plan.lead.id]) is None
    ]


def _error(outcome: Outcome | None) -> ConnectorError | None:
    return outcome.error if outcome is not None and outcome.status is Status.FAILED else None


def is_alone(flow: Flow, plan: Plan) -> bool:
    """Whether a change brings opt-outs to a record, and nothing else."""
    if plan.change is None or plan.link is None or plan.stage is not None:
        return False
    fields = _opt_outs(flow, plan.change, plan.canonical)
    return bool(fields) and plan.change.values.keys() <= fields.keys()


def alone(flow: Flow, plan: Plan) -> Plan | None:
    """The opt-outs of a change to a record, without the rest; None where it brings none."""
    if plan.change is None or plan.link is None:
        return None
    fields = _opt_outs(flow, plan.change, plan.canonical)
    if not fields:
        return None
    out = dict.fromkeys(sorted(denied(plan.canonical)), DENIED)
    before = {name: value for name, value in plan.change.before.items() if name in fields}
    change = replace(plan.change, values=fields, before=before)
    return replace(plan, change=change, canonical=out, stage=None, problems=(), unwritten={})


def _opt_outs(flow: Flow, change: Change, canonical: Mapping[str, Any]) -> dict[str, Any]:
    """The vendor's fields in which a change says opt-outs."""
    out = dict.fromkeys(sorted(denied(canonical)), DENIED)
    return dict(flow.map_for(change.stream).write(out).values) if out else {}


def wrote(link: LinkRow, name: str, value: Any) -> bool:
    """Note that a vendor took a consent; whether the record goes on saying what it said.

    An opt-out that evidence lifted is remembered, for the day the evidence is taken back.
    """
    if not is_consent(name):
        return False
    says = link.held.get(name) == DENIED and name in link.since
    turned = _turned(link).get(name)
    if value == DENIED:
        if turned is not None:
            _note(link, TURNED, name, [DENIED, *turned[1:]])
        return says
    _note(link, TURNED, name, None)
    if says:
        _note(link, SAID, name, [DENIED, link.since[name], value])
        link.digest = None  # the payload of the opt-out would be no news if it came again
    return False
