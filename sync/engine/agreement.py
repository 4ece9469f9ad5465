"""Do the systems agree on who opted out? Counted for each pair, channel and purpose.

Compared is what matters to a person: opted out or not. "Granted" and "unknown" are no disagreement,
for many systems know only one flag. Two systems that both do not know of an opt-out disagree with
the lead, and are counted, too: both may still mail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from mapping.consent import DENIED
from mapping.model import CONSENT_FIELDS
from sync.engine.batch import unpack_provenance
from sync.engine.consents import really
from sync.engine.hub import Flow, Hub
from sync.engine.owed import owed_fields
from sync.store import leads, links, pages
from sync.store.leads import LeadRow
from sync.store.links import LinkRow

__all__ = ["REASONS", "Agreement", "Disagreement", "Evidence", "Pair", "agreement", "evidence"]

REASONS = ("owed", "refused", "unmapped", "read_only", "kept")
"""Why a system differs: it is owed the opt-out, refused it (or was left alone after a fight), its
field map writes it nowhere, it is not written at all; or it keeps one that evidence lifted."""
LISTED = 10_000
"""As many disagreements are kept by name; all are counted."""
TEXT, URL = "custom.consent_text", "custom.consent_url"
"""Where a field map puts what a person was shown, and where, when they consented."""
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A person whom two systems hold differently, or both otherwise than the lead.

    ``at`` is the one that differs from what holds, and ``reason`` why; of two the one that is to be
    written.
    """

    lead_id: str
    field: str
    states: Mapping[str, Any]
    at: str
    reason: str


@dataclass(slots=True)
class Pair:
    """Two systems, one channel and purpose: people known to both, and how far they agree."""

    one: str
    other: str
    about: str
    people: int = 0
    denied: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def differing(self) -> int:
        """People whom the two hold differently, or both otherwise than the lead."""
        return self.reasons.total()


@dataclass(slots=True)
class Agreement:
    """The pairs in order, and the first ``LISTED`` disagreements."""

    pairs: dict[tuple[str, str, str], Pair] = field(default_factory=dict)
    listed: list[Disagreement] = field(default_factory=list)


def agreement(
    hub: Hub,
    pair: tuple[str, str] | None = None,
    *,
    stop: Callable[[], bool] = lambda: False,
) -> Agreement:
    """What every pair of systems (or one pair) holds of each person, as the hub knows it.

    Reads the whole store in pages.
    """
    done = Agreement()
    for rows, held in _people(hub):
        if stop():
            break
        for lead in rows:
            _look(hub, lead, held.get(lead.id, ()), pair, done)
    done.pairs = dict(sorted(done.pairs.items()))
    return done


def _people(hub: Hub) -> Iterator[tuple[list[LeadRow], dict[str, list[LinkRow]]]]:
    after = ""
    while True:
        with hub.database.read() as tx:
            ids = pages.lead_ids(tx, after, _PAGE)
            if not ids:
                return
            found = leads.by_ids(tx, ids, provenance=False)
            held: dict[str, list[LinkRow]] = {}
            for link in links.of_leads(tx, ids):
                held.setdefault(link.owner_id or "", []).append(link)
        after = ids[-1]
        yield [row for row in found.values() if row.merged_into is None], held


def _look(
    hub: Hub,
    lead: LeadRow,
    held: Sequence[LinkRow],
    pair: tuple[str, str] | None,
    done: Agreement,
) -> None:
    at: dict[str, list[LinkRow]] = {}
    for link in held:
        if link.state == "live" and link.connection in hub.flows:
            at.setdefault(link.connection, []).append(link)
    names = [name for name in at if pair is None or name in pair]
    if len(names) < 2:
        return
    for about in CONSENT_FIELDS:
        states = {name: _state(hub.flows[name], at[name], about) for name in names}
        if lead.fields.get(about) is None and not any(states.values()):
            continue
        for one, other in combinations(sorted(names), 2):
            found = done.pairs.setdefault((one, other, about), Pair(one, other, about))
            found.people += 1
            out = [name for name in (one, other) if states[name] == DENIED]
            found.denied += len(out) == 2
            wanted = lead.fields.get(about)
            if len(out) == 2 or (not out and wanted != DENIED):
                continue
            wrong = [name for name in (one, other) if (name in out) != (wanted == DENIED)]
            reasons = {name: _why(hub.flows[name], lead, at[name], about) for name in wrong}
            differs = min(wrong, key=lambda name: REASONS.index(reasons[name]))
            reason = reasons[differs]
            found.reasons[reason] += 1
            if len(done.listed) < LISTED:
                both = {one: states[one], other: states[other]}
                done.listed.append(Disagreement(lead.id, about, both, differs, reason))


def _state(flow: Flow, held: Sequence[LinkRow], about: str) -> Any:
    """What a system holds: opted out where all of its records that can say so do."""
    states = [
        really(link).get(about) for link in held if about in _known(flow, link) or len(held) == 1
    ]
    if states and all(state == DENIED for state in states):
        return DENIED
    return next((state for state in states if state not in (None, DENIED)), None)


def _known(flow: Flow, link: LinkRow) -> frozenset[str]:
    field_map = flow.map_for(link.stream)
    return field_map.fields | field_map.writable


def _why(flow: Flow, lead: LeadRow, held: Sequence[LinkRow], about: str) -> str:
    """Why a system differs from what holds for the lead."""
    push = flow.config.push
    wanted = lead.fields.get(about)
    differing = [link for link in held if (really(link).get(about) == DENIED) != (wanted == DENIED)]
    link = next(iter(differing or held))
    if push is None or not push.update:
        return "read_only"
    if about not in flow.map_for(link.stream).writable:
        return "unmapped"
    if link.parked.get(about) == wanted:
        return "refused"
    if wanted != DENIED and about not in owed_fields(flow, flow.map_for(link.stream), lead, link):
        return "kept"
    return "owed"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a consent of a lead rests on: the record and its words, or who set it and why."""

    field: str
    state: Any
    connection: str
    record: str
    at: str
    rule: str
    consent_at: str | None = None
    text: str | None = None
    url: str | None = None
    by: str | None = None
    reason: str | None = None
    where: str | None = None


def evidence(hub: Hub, lead_id: str) -> list[Evidence]:
    """What each consent of a lead rests on; nothing for an unknown lead."""
    with hub.database.read() as tx:
        lead = leads.by_ids(tx, [lead_id]).get(lead_id)
        if lead is None:
            return []
        held = {link.id: link for link in links.of_leads(tx, [lead_id])}
    origins = unpack_provenance(lead.provenance)
    found = []
    for name in [name for name in CONSENT_FIELDS if lead.fields.get(name) is not None]:
        source, at, rule = origins.get(name, ("", "", ""))
        link = held.get(source)
        edit = [*lead.edits.get(name, ()), *[None] * 5] if source == "edit" else [None] * 5
        said: Mapping[str, Any] = link.held if link is not None else {}
        found.append(
            Evidence(
                field=name,
                state=lead.fields[name],
                connection=link.connection if link is not None else "",
                record=link.id if link is not None else "",
                at=at,
                rule=rule,
                consent_at=said.get("consent_at"),
                text=said.get(TEXT),
                url=said.get(URL),
                by=edit[2],
                reason=edit[3],
                where=edit[4],
            )
        )
    return found
