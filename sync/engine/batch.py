"""The working state of one batch in resolve: what was read, decided, and will be written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mapping.fieldmap import Draft
from mapping.match.accounts import Directory
from mapping.match.census import Census
from mapping.match.cluster import NO_DECISIONS, Decisions
from mapping.match.profile import Profile
from mapping.projection import Told
from mapping.stages import StageRules, StageState
from sync.engine.restating import Again
from sync.store.accounts import AccountRow
from sync.store.asides import Aside
from sync.store.inbox import InboxRow
from sync.store.journeys import ActivityRow, DealRow, StageRow
from sync.store.leads import Event, LeadRow
from sync.store.links import LinkRow
from sync.store.matches import MergeRow, Open


@dataclass(slots=True)
class Item:
    """One inbox row on its way through the batch."""

    row: InboxRow
    connection: str
    stream: str
    external_id: str
    kind: str
    flat: Mapping[str, Any]
    draft: Draft
    refs: tuple[str, ...]
    previous: tuple[str, ...]
    profile: Profile | None = None
    match: dict[str, Any] | None = None
    again: Again | None = None

    @property
    def at(self) -> str:
        """When the vendor says it changed, or else when we heard of it."""
        return self.row.changed_at or self.row.received_at


@dataclass(slots=True)
class Working:
    """A lead being worked on, with its links."""

    lead: LeadRow
    links: list[LinkRow]
    state: StageState | None
    keys: set[int]
    profiles: dict[str, Profile] = field(default_factory=dict)
    is_new: bool = False
    touched: bool = False
    restaged: bool = False
    cause: Item | None = None
    loaded_fields: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def stored(
        cls, lead: LeadRow, links: list[LinkRow], keys: Iterable[int] = frozenset()
    ) -> Working:
        """A lead as it is stored, with its links and match keys."""
        state = StageState(lead.stage, lead.cycle, lead.stage_at)
        return cls(lead, links, state, set(keys), loaded_fields=lead.fields)

    def was_at(self, connection: str) -> bool:
        """Whether the lead ever had a record there."""
        return any(link.connection == connection for link in self.links)


class TellsOf(NamedTuple):
    """What a record, heard for the first time, tells of a known lead's life."""

    lead_id: str
    told: tuple[Told, ...]
    system: str
    event: str


@dataclass(slots=True)
class Batch:
    """What one transaction of resolve reads, decides and writes, and the rules of stages."""

    now: str
    rules: StageRules
    items: list[Item] = field(default_factory=list)
    links: dict[str, LinkRow] = field(default_factory=dict)
    leads: dict[str, Working] = field(default_factory=dict)
    by_key: dict[int, list[str]] = field(default_factory=dict)
    hot: set[int] = field(default_factory=set)
    elsewhere: dict[int, list[str]] = field(default_factory=dict)
    census: Census = field(default_factory=Census)
    decisions: Decisions = NO_DECISIONS
    directory: Directory = field(default_factory=Directory)
    ref_owners: dict[str, str] = field(default_factory=dict)
    deal_stages: dict[str, dict[str, str]] = field(default_factory=dict)
    restored: frozenset[str] = frozenset()
    forgotten: set[str] = field(default_factory=set)
    accounts: dict[str, AccountRow] = field(default_factory=dict)
    opted_out: list[tuple[str, frozenset[str], str]] = field(default_factory=list)
    mailboxed: set[str] = field(default_factory=set)
    # to be written
    done: list[int] = field(default_factory=list)
    later: list[tuple[str, int]] = field(default_factory=list)
    aside_rows: list[int] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    decided: set[str] = field(default_factory=set)
    changed_links: dict[str, LinkRow] = field(default_factory=dict)
    moves: list[tuple[str, str, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    stages: list[StageRow] = field(default_factory=list)
    told: list[TellsOf] = field(default_factory=list)
    deals: list[DealRow] = field(default_factory=list)
    activities: list[ActivityRow] = field(default_factory=list)
    new_account_keys: list[tuple[str, str]] = field(default_factory=list)
    changed_accounts: dict[str, AccountRow] = field(default_factory=dict)
    merged: list[MergeRow] = field(default_factory=list)
    reviews: dict[tuple[str, str], Open] = field(default_factory=dict)
    owed: list[tuple[str, str]] = field(default_factory=list)
    urgent: set[tuple[str, str]] = field(default_factory=set)

    def standing(self, lead_id: str | None) -> Working | None:
        """A lead in play, or the one it was merged into; None where it is not in play."""
        working = self.leads.get(lead_id or "")
        while working is not None and working.lead.merged_into:
            working = self.leads.get(working.lead.merged_into)
        return working

    def by_mailbox(self, key: int) -> Sequence[str]:
        """The leads that have a mailbox, as far as they have been read."""
        return [*self.by_key.get(key, ()), *self.elsewhere.get(key, ())]

    def touch(self, working: Working, item: Item) -> None:
        """Have the lead's golden values worked out again."""
        working.touched = True
        working.cause = item

    def keep(self, link: LinkRow) -> None:
        """Have the link written."""
        self.links[link.id] = link
        self.changed_links[link.id] = link

    def index(self, working: Working, keys: Iterable[int]) -> None:
        """Let later records of this batch find the lead."""
        for key in keys:
            leads = self.by_key.setdefault(key, [])
            if working.lead.id not in leads:
                leads.append(working.lead.id)


def pack_provenance(provenance: Mapping[str, Sequence[Any]]) -> dict[str, list[str]]:
    """Provenance as stored: one entry per author, time and rule, with the fields it covers."""
    packed: dict[str, list[str]] = {}
    last: Sequence[Any] | None = None
    names: list[str] = []
    for name, where in provenance.items():
        if where is not last:  # neighbours mostly share one author, time and rule
            source, _connection, since, rule = last = where
            names = packed.setdefault(f"{source}|{since}|{rule}", [])
        names.append(name)
    return packed


def unpack_provenance(packed: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, str, str]]:
    """Per field: who said it (link id), when, and by which rule it won."""
    found = {}
    for entry, names in packed.items():
        source, since, rule = entry.rsplit("|", 2)
        for name in names:
            found[name] = (source, since, rule)
    return found
