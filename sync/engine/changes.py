"""What is to be written to a connection for each lead that it is owed: the changes, not yet sent.

Decides, and writes nothing; the same for a push and for a plan of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from connectors.kit.base import Change, Outcome
from mapping.fieldmap import FieldMap, Problem
from sync.engine import consents, forgotten
from sync.engine.hub import Flow, stream_type
from sync.engine.owed import may_create, owed_fields, owed_stage, said_reason, target_link
from sync.store import leads, links
from sync.store.database import Tx, dumps
from sync.store.leads import LeadRow
from sync.store.links import LinkRow
from sync.store.outbox import Owed
from sync.store.sealing import Box

__all__ = ["Chosen", "Plan", "change_digest", "opt_outs_alone", "plan_change", "plans"]


@dataclass(slots=True)
class Plan:
    """One lead's change on its way: what is owed, to which record, and in which words.

    ``refused`` says why a record is not created. With ``more`` the rest of what is owed follows.
    ``outcome`` is what became of it where it was sent beside the change it is a part of.
    """

    owed: Owed
    lead: LeadRow
    link: LinkRow | None
    change: Change | None
    canonical: Mapping[str, Any]
    stage: str | None
    problems: Sequence[Any] = ()
    unwritten: Mapping[str, Any] = field(default_factory=dict)
    refused: Problem | None = None
    more: bool = False
    outcome: Outcome | None = None


@dataclass(slots=True)
class Chosen:
    """The only changes that a push may write: lead → digests of its changes, until they are sent.

    ``left`` are leads whose change is no longer the one that was chosen, or that somebody else is
    writing just now.
    """

    changes: dict[str, set[str]]
    left: set[str] = field(default_factory=set)

    def leave(self, lead_ids: Iterable[str]) -> None:
        """These are not to be written any more."""
        for lead_id in lead_ids:
            if self.changes.pop(lead_id, None):
                self.left.add(lead_id)

    def sift(self, box: Box, found: Sequence[Plan]) -> tuple[list[Plan], list[Plan]]:
        """The plans that are as chosen, or that write nothing, and the others."""
        kept: list[Plan] = []
        others: list[Plan] = []
        for plan in found:
            digest = change_digest(box, plan)
            is_chosen = digest in self.changes.get(plan.lead.id, ())
            (kept if is_chosen or not digest else others).append(plan)
        self.leave(plan.lead.id for plan in others)
        return kept, others

    def sent(self, box: Box, found: Iterable[Plan]) -> None:
        """These went out, or turned out to be settled."""
        for plan in found:
            wanted = self.changes.get(plan.lead.id, set())
            wanted.discard(change_digest(box, plan))
            if not wanted or plan.change is None:
                self.changes.pop(plan.lead.id, None)


def plans(
    tx: Tx, flow: Flow, leased: Sequence[Owed], *, whole: bool = False, epoch: int = 0
) -> list[Plan]:
    """The next change of each of these leads, opt-outs first; with ``whole`` all of its changes.

    A lead whose further records lack an opt-out has a change for each of them before its own.
    After a restore (``epoch``) a lead that may have its records already is refused new ones.
    """
    ids = [owed.lead_id for owed in leased]
    rows = leads.by_ids(tx, ids, provenance=False)
    taken = _taken(tx, flow, rows.values())
    by_lead: dict[str, list[LinkRow]] = {}
    for link in links.of_leads(tx, ids, flow.name):
        by_lead.setdefault(link.owner_id or "", []).append(link)
    found = []
    for owed in leased:
        lead = rows.get(owed.lead_id)
        if lead is None:
            continue
        held = by_lead.get(lead.id, [])
        target = target_link(flow, held)
        lacking = consents.elsewhere(flow, lead, held, target)
        while lacking is not None:
            found.append(Plan(owed, lead, *lacking, None, more=True))
            if not whole:
                break
            lacking[0].parked.update(lacking[2])  # as good as written, in this copy of the link
            lacking = consents.elsewhere(flow, lead, held, target)
        else:
            found.append(plan_change(flow, owed, lead, held, taken))
    if epoch:
        _refuse_doubtful(tx, found)
    return consents.opt_outs_first(found)


def _refuse_doubtful(tx: Tx, found: Sequence[Plan]) -> None:
    creates = {one.lead.id: one for one in found if one.change is not None and one.link is None}
    for lead_id, why in forgotten.doubtful(tx, creates).items():
        creates[lead_id].refused, creates[lead_id].change = why, None


def opt_outs_alone(flow: Flow, found: Sequence[Plan]) -> tuple[list[Plan], list[Plan]]:
    """What plans bring of opt-outs to records, by itself, and the plans that bring none.

    Those that turn out to write nothing are among the first: they are settled.
    """
    kept: list[Plan] = []
    others: list[Plan] = []
    for plan in found:
        one = plan if plan.more or consents.is_alone(flow, plan) else consents.alone(flow, plan)
        if one is not None:
            kept.append(one if one is plan else replace(one, more=True))
        elif plan.change is None and plan.refused is None:
            kept.append(plan)
        else:
            others.append(plan)
    return kept, others


def change_digest(box: Box, plan: Plan) -> str:
    """A keyed digest of what a change writes, where, and over what; "" where it writes nothing."""
    change = plan.change
    if change is None:
        return ""
    said = [change.stream, change.external_id, change.key, change.values, change.before]
    return box.digest(dumps(said).encode())


def _taken(tx: Tx, flow: Flow, batch: Iterable[LeadRow]) -> dict[str, str]:
    """Who already has, at this connection, an e-mail that only one record there may have.

    Two people behind one shared mailbox are two leads, but such a vendor holds the mailbox once.
    """
    push = flow.config.push
    if push is None or "email" not in flow.manifest.streams[stream_type(push.stream)].unique:
        return {}
    emails = {lead.email for lead in batch if lead.email}
    return leads.holders_of_emails(tx, emails, flow.name)


def _may_write(flow: Flow, lead: LeadRow, held: Sequence[LinkRow], link: LinkRow | None) -> bool:
    if link is None:
        return may_create(flow, lead, held)
    return flow.config.push is not None and flow.config.push.update


def plan_change(
    flow: Flow,
    owed: Owed,
    lead: LeadRow,
    held: Sequence[LinkRow],
    taken: Mapping[str, str] = MappingProxyType({}),
) -> Plan:
    """What to write to a connection for a lead; the change is None where nothing is owed.

    ``taken`` maps e-mails that only one record may have to the lead that has them there.
    """
    push = flow.config.push
    link = target_link(flow, held)
    if push is None or lead.merged_into or not _may_write(flow, lead, held, link):
        return Plan(owed, lead, link, None, {}, None)
    stream = link.stream if link is not None else push.stream
    field_map = flow.map_for(stream)
    if link is None and (refused := consents.unheld(field_map, lead)) is not None:
        return Plan(owed, lead, None, None, {}, None, refused=refused)
    canonical = owed_fields(flow, field_map, lead, link)
    stage = owed_stage(field_map, lead, link)
    if not canonical and stage is None:
        return Plan(owed, lead, link, None, {}, None)
    problems: list[Problem] = []
    if canonical.get("email") and taken.get(str(canonical["email"]), lead.id) != lead.id:
        problems.append(_shared_mailbox(taken[str(canonical["email"])]))
    wanted = canonical
    if problems:
        wanted = {name: value for name, value in canonical.items() if name != "email"}
    written = field_map.write(wanted, create=link is None)
    problems += written.problems
    values = written.values
    unwritten = {problem.field: canonical.pop(problem.field, None) for problem in problems}
    projection = field_map.stage
    if stage is not None and projection is not None:
        values[projection.field] = stage
        if projection.reason_field and projection.reason_field not in values:
            values[projection.reason_field] = said_reason(flow, lead) or ""
    before = _before(field_map, link, canonical, stage) if link is not None else {}
    if not values:
        return Plan(owed, lead, link, None, canonical, stage, problems, unwritten)
    change = Change(
        stream=stream,
        key=lead.id,
        values=values,
        external_id=link.external_id if link is not None else None,
        version=link.version if link is not None else None,
        before=before,
    )
    return Plan(owed, lead, link, change, canonical, stage, problems, unwritten)


def _before(
    field_map: FieldMap, link: LinkRow, canonical: Mapping[str, Any], stage: str | None
) -> dict[str, Any]:
    """What the vendor holds where a change is to write, as far as the hub knows."""
    holds = consents.really(link)
    before = field_map.write({name: holds.get(name) for name in canonical}).values
    if stage is not None and field_map.stage is not None:
        before[field_map.stage.field] = link.stage_value
    return before


def _shared_mailbox(holder: str) -> Problem:
    return Problem(
        field="email",
        vendor_field="email",
        code="MAILBOX_SHARED",
        message=f"the vendor lets one record have this e-mail, and lead {holder} has it there",
        hint="give one of the two people a mailbox of their own, or let the connection key records"
        " by the hub's id",
    )
