"""Why a lead is what it is: who said each value, what lost, and why its records are one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mapping.merge import Statement, explain_losers
from mapping.normalise.text import is_blank
from sync.engine.batch import unpack_provenance
from sync.engine.finish import hand_edits
from sync.engine.hub import Hub
from sync.engine.stated import statement
from sync.store import journeys, leads, links, matches
from sync.store.journeys import StageRow
from sync.store.leads import LeadRow
from sync.store.links import LinkRow

__all__ = ["Explanation", "Lost", "MatchStory", "MergeStory", "Story", "explain"]

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
class Story:
    """One field: its value, who said it and when, the rule that won, and what lost.

    ``connection`` is "" and ``user`` set where somebody set the value by hand.
    """

    field: str
    value: Any
    connection: str
    record: str
    at: str
    rule: str
    user: str | None = None
    lost: tuple[Lost, ...] = ()


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
    stages: tuple[StageRow, ...]
    matches: tuple[MatchStory, ...]
    merges: tuple[MergeStory, ...] = ()


def explain(hub: Hub, lead_id: str, field: str | None = None) -> Explanation | None:
    """The story of every field that holds something (or of one); None for an unknown lead."""
    with hub.database.read() as tx:
        row = leads.by_ids(tx, [lead_id]).get(lead_id)
        if row is None:
            return None
        held = links.of_leads(tx, [lead_id])
        stages = journeys.stages_of(tx, lead_id)
        merges = matches.merges_of(tx, lead_id)
    names = [name for name, value in row.fields.items() if not is_blank(value)]
    if field is not None:
        names = [field] if field in row.fields or field in row.edits else []
    said = [statement(link) for link in held]
    return Explanation(
        lead=row,
        fields=tuple(_story(hub, row, name, said) for name in names),
        stages=tuple(stages),
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
    )


def _story(hub: Hub, lead: LeadRow, name: str, said: Sequence[Statement]) -> Story:
    source, at, rule = unpack_provenance(lead.provenance).get(name, ("", "", ""))
    lost = tuple(
        Lost(
            connection=loser.connection,
            record=loser.source,
            value=value,
            at=loser.since.get(name, ""),
            rule=why,
        )
        for loser, value, why in explain_losers(name, said, hub.trust, hand_edits(lead.edits))
    )
    by_hand = source == EDIT
    return Story(
        field=name,
        value=lead.fields.get(name),
        connection="" if by_hand or not source else links.split_id(source)[0],
        record="" if by_hand else source,
        at=at,
        rule=rule,
        user=_user(lead.edits, name, at) if by_hand else None,
        lost=lost,
    )


def _user(edits: Mapping[str, Sequence[Any]], name: str, at: str) -> str | None:
    """Who set a value by hand; a list of all values has the author of the one it was made from."""
    made_of = [edits[name]] if name in edits else [one for one in edits.values() if one[1] == at]
    return next((str(edit[2]) for edit in made_of if len(edit) > 2), None)


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
