"""One lead becomes two again: which records go, what they say, and how both leads stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mapping.errors import Unreadable
from mapping.match.compare import compare
from mapping.normalise.text import is_blank
from mapping.stages import StageState, first_steps, merge_states
from sync.engine.batch import Batch, Working, unpack_provenance
from sync.engine.hub import Hub, new_id
from sync.engine.stated import overwritten, say_again
from sync.store import journeys, matches
from sync.store.database import Tx
from sync.store.journeys import StageRow
from sync.store.leads import Event, LeadRow
from sync.store.links import LinkRow, split_id
from sync.store.matches import MergeRow

__all__ = ["as_before", "give_back", "left", "new_lead", "part"]

Before = Mapping[str, Any]


def part(
    tx: Tx, hub: Hub, batch: Batch, winner: Working, loser: Working, merges: Sequence[MergeRow]
) -> None:
    """Give a lead back the records that the first of these merges took from it.

    ``merges`` are that one and those after it, whose records stay. What came by itself since goes
    with the lead that it fits better.
    """
    undo, *later = merges
    back = matches.now_of(tx, undo.before["loser"]["links"])
    stayed = matches.now_of(tx, undo.before["winner"]["links"])
    for one in later:
        stayed |= matches.now_of(tx, one.before["loser"]["links"])
    back -= stayed
    fitting = {
        link.id
        for link in winner.links
        if link.id not in back | stayed and _fits(hub, winner, link, back, stayed)
    }
    loser.links = [link for link in winner.links if link.id in back | fitting]
    winner.links = [link for link in winner.links if link.id not in back | fitting]
    for link in loser.links:
        link.owner_id = loser.lead.id
        batch.keep(link)
    said = {**undo.before["winner"]["said"], **undo.before["loser"]["said"]}
    blanked = {name for name, edit in winner.lead.edits.items() if is_blank(edit[0])}
    for working in (winner, loser):
        for link in working.links:
            if say_again(link, said.get(link.id, {}), blanked):
                batch.keep(link)
        working.profiles.clear()
    _restore(batch, winner, loser, undo)
    left(batch, undo.winner_id, undo.loser_id, winner, loser)


def left(batch: Batch, old_id: str, new_id_: str, *workings: Working) -> None:
    """Note with both leads that they parted."""
    for working in workings:
        working.touched = True
        change = {"lead": [old_id, new_id_]}
        batch.events.append(Event(working.lead.id, batch.now, "split", change))


def _fits(hub: Hub, winner: Working, link: LinkRow, back: set[str], stayed: set[str]) -> bool:
    """Whether a record that came later is more like those that go than like those that stay."""
    made = winner.profiles.get(link.id)
    if made is None:
        return False
    best = {True: 0.0, False: 0.0}
    for record, other in winner.profiles.items():
        if record in back or record in stayed:
            goes = record in back
            best[goes] = max(best[goes], compare(made, other, rules=hub.rules).points)
    return best[True] > best[False]


def _restore(batch: Batch, winner: Working, loser: Working, undo: MergeRow) -> None:
    """Edits and stages as they were; what happened since stays with the lead that was left."""
    ours, theirs = undo.before["winner"], undo.before["loser"]
    for name, edit in theirs["edits"].items():
        if winner.lead.edits.get(name) == edit:
            winner.lead.edits.pop(name)
            if name in ours["edits"]:
                winner.lead.edits[name] = ours["edits"][name]
    loser.lead.edits = dict(theirs["edits"])
    loser.lead.merged_into = None
    _stand(loser, theirs)
    merged = merge_states(_state(ours), _state(theirs), batch.rules)
    now = winner.lead
    if merged and (now.stage, now.stage_at, now.cycle) == (
        merged.stage,
        merged.entered_at,
        merged.cycle,
    ):
        _stand(winner, ours)


def _state(before: Before) -> StageState:
    return StageState(before["stage"], before["cycle"], before["stage_at"])


def _stand(working: Working, before: Before) -> None:
    lead = working.lead
    lead.stage, lead.stage_at = before["stage"], before["stage_at"]
    lead.cycle, lead.stage_reason = before["cycle"], before["stage_reason"]
    working.state = _state(before)


def as_before(lead: LeadRow, before: Before) -> None:
    """Have a lead's values in the order they were in, where they are what they were.

    What is stored is then the same to the letter.
    """
    if lead.fields.keys() == set(before["fields"]):
        lead.fields = {name: lead.fields[name] for name in before["fields"]}
    # What lost may have been written over since, and with it the rule by which the same value won.
    if _sources(lead.provenance) == _sources(before["provenance"]):
        lead.provenance = before["provenance"]
        lead.account_id = before["account_id"]


def _sources(provenance: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, str]]:
    return {name: (who, at) for name, (who, at, _) in unpack_provenance(provenance).items()}


def new_lead(hub: Hub, batch: Batch, theirs: list[LinkRow], history: Sequence[Event]) -> Working:
    """A lead of records that are taken off another; it stands where their systems have them.

    They say again what the hub wrote over, as far as the other lead's history tells.
    """
    lead = LeadRow(
        id=new_id("ld", hub.now()),
        name=None,
        email=None,
        company=None,
        account_id=None,
        stage="inquiry",
        stage_at=min(link.first_seen_at for link in theirs),
        stage_reason=None,
        cycle=1,
        fields={},
        provenance={},
        edits={},
        merged_into=None,
        created_at=batch.now,
        updated_at=batch.now,
    )
    working = Working(lead, theirs, None, set(), is_new=True, touched=True)
    batch.leads[lead.id] = working
    for link in theirs:
        link.owner_id = lead.id
        link.match = {"rule": "split"}
        flow = hub.flows.get(link.connection)
        if flow is not None:
            say_again(link, overwritten(link, flow.map_for(link.stream), history))
        batch.keep(link)
    for stage, code, inferred in _steps(hub, theirs):
        left_at = lead.stage_at if inferred else None
        row = (lead.id, 1, stage, lead.stage_at, left_at, "split", code, None, inferred, None, None)
        batch.stages.append(StageRow(*row))
        lead.stage = stage
    working.state = StageState(lead.stage, 1, lead.stage_at)
    return working


def _steps(hub: Hub, theirs: Iterable[LinkRow]) -> Sequence[tuple[str, str | None, bool]]:
    """The stages that the records' own systems have them in; an inquiry where none says."""
    best: Sequence[tuple[str, str | None, bool]] = [("inquiry", None, False)]
    for link in theirs:
        flow = hub.flows.get(link.connection)
        projection = flow.map_for(link.stream).stage if flow is not None else None
        try:
            seen = projection.seen(link.stage_value) if projection is not None else None
        except Unreadable:  # it was set aside when it came
            continue
        if seen is not None:
            steps = first_steps(seen.stages, False, None, hub.stage_rules.bare)
            best = steps if len(steps) > len(best) else best
    return best


def _went_along(
    tx: Tx, old: Working, new: Working, kept: Mapping[str, Iterable[str]]
) -> dict[str, list[str]]:
    """What happened with records that left: theirs, or at connections where no other is.

    What is ``kept`` was the lead's before they came.
    """
    gone = {link.connection for link in new.links} - {link.connection for link in old.links}
    ids = {link.id for link in new.links}
    found = matches.happened_with(tx, old.lead.id)
    return {
        table: [
            one
            for one in theirs
            if one not in set(kept.get(table, ())) and (one in ids or split_id(one)[0] in gone)
        ]
        for table, theirs in found.items()
    }


def give_back(tx: Tx, old: Working, new: Working, before: Before) -> None:
    """Give a lead what happened with it before, and since with its records."""
    moved: dict[str, Sequence[Any]] = dict(before.get("moved", {}))
    still = matches.happened_with(tx, old.lead.id)
    for table, theirs in _went_along(tx, old, new, before.get("kept", {})).items():
        go = {*moved.get(table, ()), *theirs}
        moved[table] = [one for one in still[table] if one in go]
    journeys.move_back(tx, new.lead.id, moved)
    if "open" not in before:
        return
    ours, lead = before["winner"], old.lead
    if (lead.stage, lead.stage_at) == (ours["stage"], ours["stage_at"]):
        matches.reopen_stays(tx, before["open"]["winner"])
    matches.reopen_stays(tx, before["open"]["loser"])
