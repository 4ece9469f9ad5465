"""Opt-outs from mail are of a mailbox: all leads that have it share them, in play or not."""

from __future__ import annotations

from collections.abc import Iterable

from mapping.consent import DENIED, denied, is_lifted_by
from mapping.match.profile import addresses, mailbox_key
from mapping.merge import Trust
from sync.engine.batch import Batch, Item, Working
from sync.engine.granting import STAYED
from sync.store import leads, links
from sync.store.database import Tx
from sync.store.links import LinkRow

__all__ = ["heard", "joined", "late", "load", "said", "share"]

_OF_MAIL = "consent.email."


def heard(batch: Batch, working: Working, link: LinkRow, at: str) -> None:
    """Note what a record has just opted out of, or that it has just named its mailbox."""
    names = [name for name in denied(link.held) if link.since.get(name) == at]
    if link.since.get("email") == at:
        batch.mailboxed.add(working.lead.id)
        names += denied(working.lead.fields)
    _note(batch, working, names, at)


def late(batch: Batch, working: Working, item: Item, trust: Trust) -> None:
    """Take in an opt-out that something newer of its record overtook; nothing else of it counts.

    Heard in time it would hold until evidence, or a person, lifts it; so it does now.
    """
    edits = dict(working.lead.edits)
    for name in denied(item.draft.values):
        edit = edits.get(name)
        if working.lead.fields.get(name) == DENIED or (edit and str(edit[1]) >= item.at):
            continue
        if not any(
            is_lifted_by(one.connection, one.held.get("consent_at"), item.at, trust)
            for one in working.links
        ):
            edits[name] = [DENIED, item.at, STAYED]
            _note(batch, working, (name,), item.at)
    if edits != working.lead.edits:
        working.lead.edits = edits
        batch.touch(working, item)


def joined(batch: Batch, winner: Working, loser: Working) -> None:
    """Note what two leads that become one have opted out of: each has the other's mailboxes now."""
    _note(batch, winner, denied(winner.lead.fields) | denied(loser.lead.fields), batch.now)


def said(batch: Batch, working: Working, names: Iterable[str]) -> None:
    """Note what a lead is opted out of by hand."""
    _note(batch, working, names, batch.now)


def _note(batch: Batch, working: Working, names: Iterable[str], at: str) -> None:
    of_mail = frozenset(name for name in names if name.startswith(_OF_MAIL))
    if of_mail:
        batch.opted_out.append((working.lead.id, of_mail, at))


def share(tx: Tx, batch: Batch, *, lock: bool = True) -> list[Working]:
    """Have all leads with a mailbox of those noted share the opt-outs; those that changed.

    A lead that has just got a mailbox takes over what others who have it opted out of. What is
    taken over goes on to the lead's other mailboxes. Reads nothing where nobody opted out.
    """
    changed: dict[str, Working] = {}
    tellers = _tellers(batch)
    told = {(working.lead.id, name) for working, names, _ in tellers for name in names}

    def tell(other: Working, names: Iterable[str], at: str) -> None:
        new = {name for name in names if (other.lead.id, name) not in told}
        taken = _take_over(other, new, at)
        if taken:
            told.update((other.lead.id, name) for name in taken)
            changed[other.lead.id] = other
            tellers.append((other, taken, at))

    for lead_id in sorted(batch.mailboxed):
        if (working := batch.standing(lead_id)) is not None:
            for other in _sharing(batch, working):
                tell(working, denied(other.lead.fields), batch.now)
    while tellers:
        now, tellers[:] = list(tellers), []
        _read(tx, batch, [working for working, _, _ in now], lock=lock)
        for working, names, at in now:
            for other in _sharing(batch, working):
                tell(other, names, at)
    return list(changed.values())


def _tellers(batch: Batch) -> list[tuple[Working, frozenset[str], str]]:
    found = [(batch.standing(lead_id), names, at) for lead_id, names, at in batch.opted_out]
    return [(working, names, at) for working, names, at in found if working is not None]


def _take_over(working: Working, names: Iterable[str], at: str) -> frozenset[str]:
    """Those of the opt-outs that are new to a lead, which has them now as if by hand."""
    new = frozenset(
        name
        for name in names
        if name.startswith(_OF_MAIL) and working.lead.fields.get(name) != DENIED
    )
    if new:
        working.lead.edits = working.lead.edits | {name: [DENIED, at, STAYED] for name in new}
        working.touched = True
    return new


def _sharing(batch: Batch, working: Working) -> list[Working]:
    """The other leads in play that have a mailbox of this one."""
    emails = _emails(working)
    keys = [mailbox_key(email) for email in emails]
    found: dict[str, Working] = {}
    for lead_id in {one for key in keys for one in batch.by_mailbox(key)}:
        other = batch.standing(lead_id)
        if other is not None and other is not working and not emails.isdisjoint(_emails(other)):
            found[other.lead.id] = other
    return [found[lead_id] for lead_id in sorted(found)]


def _emails(working: Working) -> set[str]:
    return {email for link in working.links for email in addresses(link.held)}


def _read(tx: Tx, batch: Batch, tellers: Iterable[Working], *, lock: bool) -> None:
    """Read the leads that share a mailbox with these and are not in play yet."""
    keys = {mailbox_key(email) for working in tellers for email in _emails(working)}
    unknown = keys - batch.by_key.keys() - batch.hot - batch.elsewhere.keys()
    if not unknown:
        return
    found, _ = leads.by_keys(tx, unknown)
    batch.elsewhere |= {key: found.get(key, []) for key in unknown}
    new = {lead_id for some in found.values() for lead_id in some} - batch.leads.keys()
    load(tx, batch, new, lock=lock)


def load(tx: Tx, batch: Batch, lead_ids: Iterable[str], *, lock: bool = True) -> None:
    """Bring leads into play, and those that they were merged into, with their records."""
    stored = leads.by_ids(tx, lead_ids, lock=lock)
    while follow := {row.merged_into for row in stored.values() if row.merged_into} - stored.keys():
        stored.update(leads.by_ids(tx, follow, lock=lock))
    stored = {lead_id: row for lead_id, row in stored.items() if lead_id not in batch.leads}
    links_by_lead: dict[str, list[LinkRow]] = {}
    for link in links.of_leads(tx, stored):
        kept = batch.links.setdefault(link.id, link)
        if kept.kind == "lead" and kept.owner_id:
            links_by_lead.setdefault(kept.owner_id, []).append(kept)
    keys = leads.keys_of(tx, stored)
    for lead_id, row in stored.items():
        own = links_by_lead.get(lead_id, [])
        batch.leads[lead_id] = Working.stored(row, own, keys.get(lead_id, ()))
