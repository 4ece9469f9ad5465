"""Why a lead is what it is: who said each value, what brought it, what lost, and whose it all is.

The stage, the company's account, and why the records are one person are told, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mapping.match.accounts import company_domains, firm_of, lookup_keys
from mapping.merge import contributions, explain_losers
from mapping.normalise.text import is_blank
from sync.engine.batch import unpack_provenance
from sync.engine.brought import Brought, Events, events
from sync.engine.finish import hand_edits
from sync.engine.hub import Hub
from sync.engine.stated import statement
from sync.store import accounts, journeys, leads, links, matches
from sync.store.database import Tx
from sync.store.journeys import StageRow
from sync.store.leads import LeadRow
from sync.store.links import LinkRow

__all__ = [
    "AccountStory",
    "Explanation",
    "Lost",
    "MatchStory",
    "MergeStory",
    "Said",
    "StageStory",
    "Story",
    "explain",
]

EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Lost:
    """A value that did not win. ``rule`` is why, one of ``mapping.merge.RULES``."""

    connection: str
    record: str
    value: Any
    at: str
    rule: str


@dataclass(frozen=True, slots=True)
class Said:
    """What one record, or a hand (``record`` is ""), adds to a list of all values."""

    connection: str
    record: str
    values: tuple[str, ...]
    at: str
    event: Brought | None


@dataclass(frozen=True, slots=True)
class Story:
    """One field: its value, who said it and when, the rule that won, what lost, what brought it.

    ``connection`` is "" and ``user`` set where somebody set the value by hand. ``said`` is who adds
    what to a list; its source is then that of the first value, its time and event the latest.
    """

    field: str
    value: Any
    connection: str
    record: str
    at: str
    rule: str
    user: str | None = None
    lost: tuple[Lost, ...] = ()
    event: Brought | None = None
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class StageStory:
    """A stay in a stage, and what brought it about."""

    row: StageRow
    event: Brought | None


@dataclass(frozen=True, slots=True)
class AccountStory:
    """The account of a lead's company, and what of the lead named it.

    ``rule`` is number, domain or name, the strongest of what both have, and ``value`` that; or
    earlier, where the lead's values have changed since. ``field`` is the story of the field it is
    in. ``others`` are accounts that share weaker signs: (id, name, sign).
    """

    id: str
    name: str | None
    rule: str
    value: str
    field: Story | None
    others: tuple[tuple[str, str | None, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MatchStory:
    """Why a record is this lead: the verdict, its score, and the points that make it up."""

    connection: str
    record: str
    state: str
    rule: str
    score: float
    reasons: tuple[tuple[str, float], ...]
    first_seen_at: str


@dataclass(frozen=True, slots=True)
class MergeStory:
    """A merge that made a lead what it is, and that can be taken back by its ``id``.

    ``cause`` is match, hand or vendor; ``records`` are those that came by it.
    """

    id: int
    at: str
    cause: str
    user: str | None
    lead_id: str
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that can be said about why a lead is what it is."""

    lead: LeadRow
    fields: tuple[Story, ...]
    stages: tuple[StageStory, ...]
    matches: tuple[MatchStory, ...]
    merges: tuple[MergeStory, ...] = ()
    account: AccountStory | None = None


def explain(hub: Hub, lead_id: str, field: str | None = None) -> Explanation | None:
    """The story of every field that holds something (or of one); None for an unknown lead."""
    with hub.database.read() as tx:
        row = leads.by_ids(tx, [lead_id]).get(lead_id)
        if row is None:
            return None
        held = links.of_leads(tx, [lead_id])
        stages = journeys.stages_of(tx, lead_id)
        merges = matches.merges_of(tx, lead_id)
        deals = [one.link_id for one in stages if one.link_id]
        happened = events(tx, [*(one.loser_id for one in merges), lead_id], held, deals)
        tell = _Teller(hub, row, held, happened)
        account = _account(tx, row, tell)
    names = [name for name, value in row.fields.items() if not is_blank(value)]
    if field is not None:
        names = [field] if field in row.fields or field in row.edits else []
    return Explanation(
        lead=row,
        fields=tuple(tell.story(name) for name in names),
        stages=tuple(StageStory(one, _of_stage(one, happened)) for one in stages),
        matches=tuple(_match(link) for link in held),
        merges=tuple(
            MergeStory(
                id=one.id,
                at=one.at,
                cause=one.cause,
                user=one.done_by,
                lead_id=one.loser_id,
                records=tuple(one.before["loser"]["links"]),
            )
            for one in merges
        ),
        account=account,
    )


class _Teller:
    """Tells the story of a lead's fields, one at a time."""

    def __init__(self, hub: Hub, lead: LeadRow, held: Sequence[LinkRow], happened: Events) -> None:
        self.trust = hub.trust
        self.lead = lead
        self.said = [statement(link) for link in held]
        self.edits = hand_edits(lead.edits)
        self.origins = unpack_provenance(lead.provenance)
        self.happened = happened

    def story(self, name: str) -> Story:
        """The story of one field."""
        value = self.lead.fields.get(name)
        source, at, rule = self.origins.get(name, ("", "", ""))
        by_hand = source == EDIT
        said = self._parts(name)
        latest = next((one for one in said if one.at == at), None)
        event = latest.event if latest else self._event(source, at, name, value)
        return Story(
            field=name,
            value=value,
            connection="" if by_hand or not source else links.split_id(source)[0],
            record="" if by_hand else source,
            at=at,
            rule=rule,
            user=_user(self.lead.edits, name, at) if by_hand else None,
            lost=self._lost(name),
            event=event,
            said=said,
        )

    def _lost(self, name: str) -> tuple[Lost, ...]:
        losers = explain_losers(name, self.said, self.trust, self.edits)
        return tuple(
            Lost(loser.connection, loser.source, value, loser.since.get(name, ""), why)
            for loser, value, why in losers
        )

    def _parts(self, name: str) -> tuple[Said, ...]:
        found = []
        for who, values, at in contributions(name, self.said, self.trust, self.edits):
            source, connection = (who.source, who.connection) if who else (EDIT, "")
            event = self._event(source, at, name, values)
            record = who.source if who else ""
            found.append(Said(connection, record, tuple(values), at, event))
        return tuple(found)

    def _event(self, source: str, at: str, name: str, value: Any) -> Brought | None:
        if source == EDIT:
            return self.happened.of_edit(at, name, value)
        return self.happened.of_record(source, at, name, value)


def _of_stage(one: StageRow, happened: Events) -> Brought | None:
    if one.rule is not None:
        return None  # what the rule saw stands with the stay
    if one.link_id is None:
        return happened.of_edit(one.entered_at, "stage", one.stage)
    return happened.of_record(one.link_id, one.entered_at, "stage", one.stage)


_FIELDS_OF = {"number": ("corporate_number",), "domain": ("website", "email", "emails")}


def _account(tx: Tx, lead: LeadRow, tell: _Teller) -> AccountStory | None:
    """Why a lead is of its account: the strongest sign that its values share with it."""
    if lead.account_id is None:
        return None
    signs = lookup_keys(firm_of(lead.fields))
    of: dict[str, list[str]] = {}
    for key, account_id in accounts.by_keys(tx, signs):
        of.setdefault(account_id, []).append(key)
    shared = {who: [sign for sign in signs if sign in keys] for who, keys in of.items()}
    rows = accounts.by_ids(tx, [lead.account_id, *of])
    others = tuple(
        (who, rows[who].name, common[0])
        for who, common in sorted(shared.items())
        if who != lead.account_id and common
    )
    found = shared.get(lead.account_id)
    rule, _, value = found[0].partition(":") if found else ("earlier", "", "")
    about = _FIELDS_OF.get(rule, ("company",))
    name = next((name for name in about if _names(lead, name, rule, value)), None)
    own = rows.get(lead.account_id)
    return AccountStory(
        id=lead.account_id,
        name=own.name if own is not None else None,
        rule=rule,
        value=value,
        field=tell.story(name) if name is not None else None,
        others=others,
    )


def _names(lead: LeadRow, name: str, rule: str, value: str) -> bool:
    """Whether a field of a lead is what names its account."""
    said = lead.fields.get(name)
    if is_blank(said):
        return False
    return rule != "domain" or value in company_domains({name: said})


def _user(edits: Mapping[str, Sequence[Any]], name: str, at: str) -> str | None:
    """Who set a value by hand; a list of all values has the author of the one it was made from.

    Such a list is as new as the last record that adds to it, which may be newer than the edit.
    """
    said = [edits[one] for one in (name, *_MADE_OF.get(name, ())) if one in edits]
    made_of = said or [one for one in edits.values() if one[1] == at]
    return next((str(edit[2]) for edit in made_of if len(edit) > 2), None)


_MADE_OF = {"emails": ("email",), "phones": ("phone", "mobile")}


def _match(link: LinkRow) -> MatchStory:
    why: Mapping[str, Any] = link.match or {}
    verdict = why.get("rule") or why.get("verdict") or "first"
    return MatchStory(
        connection=link.connection,
        record=link.id,
        state=link.state,
        rule=str(verdict),
        score=float(why.get("score") or 0.0),
        reasons=tuple((str(one[0]), float(one[1])) for one in why.get("reasons") or ()),
        first_seen_at=link.first_seen_at,
    )
