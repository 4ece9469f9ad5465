"""Two leads become one within a batch, in a way that can be undone."""

from __future__ import annotations

from typing import Any

from mapping.stages import merge_states
from sync.engine import sharing
from sync.engine.batch import Batch, Item, Working
from sync.engine.stated import said_by
from sync.store import asides, journeys, matches, outbox
from sync.store.database import Tx
from sync.store.leads import Event
from sync.store.matches import MergeRow


def elder(one: Working, other: Working) -> tuple[Working, Working]:
    """The older lead first: it is the one that stays."""
    first, second = sorted((one, other), key=lambda w: (w.is_new, w.lead.created_at, w.lead.id))
    return first, second


def join(
    batch: Batch,
    winner: Working,
    loser: Working,
    *,
    cause: str,
    item: Item | None = None,
    user: str | None = None,
) -> None:
    """Give a lead the records, edits and stages of another, and note how it was before.

    ``cause`` is ``match``, ``hand`` or ``vendor``.
    """
    if loser.lead.merged_into or winner is loser:
        return
    before = {"winner": _state(winner), "loser": _state(loser)}
    for link in loser.links:
        link.owner_id = winner.lead.id
        batch.keep(link)
    winner.links = sorted([*winner.links, *loser.links], key=lambda a: (a.first_seen_at, a.id))
    winner.profiles.update(loser.profiles)
    loser.links, loser.profiles = [], {}
    for name, edit in loser.lead.edits.items():
        held = winner.lead.edits.get(name)
        if held is None or str(held[1]) < str(edit[1]):
            winner.lead.edits[name] = edit
    loser.lead.merged_into = winner.lead.id
    loser.lead.updated_at = batch.now
    loser.touched = True
    _stand(batch, winner, loser)
    stages = batch.deal_stages.pop(loser.lead.id, {})
    if stages:
        batch.deal_stages.setdefault(winner.lead.id, {}).update(stages)
    winner.touched = True
    winner.cause = item or winner.cause
    batch.merged.append(
        MergeRow(0, winner.lead.id, loser.lead.id, batch.now, cause, user, before, None)
    )
    batch.events.append(
        Event(
            winner.lead.id,
            item.at if item is not None else batch.now,
            "merged",
            {"lead": [loser.lead.id, winner.lead.id]},
            item.row.link_id if item is not None else None,
            item.row.run_id if item is not None else None,
            item.row.id if item is not None else None,
        )
    )
    _index(batch, winner, loser)
    sharing.joined(batch, winner, loser)


def _stand(batch: Batch, winner: Working, loser: Working) -> None:
    """Have the lead that stays stand where the further of the two stands, and say why."""
    merged = merge_states(winner.state, loser.state, batch.rules)
    if merged is None or merged == winner.state:
        return
    ours, theirs = winner.state, loser.state
    stood = (ours.stage, ours.entered_at) if ours is not None else None
    if theirs is not None and stood != (merged.stage, merged.entered_at):
        winner.lead.stage_reason = loser.lead.stage_reason
    winner.state = merged
    winner.restaged = True


def _index(batch: Batch, winner: Working, loser: Working) -> None:
    """Let later records of this batch that look for the loser find the winner's new keys."""
    winner_id = winner.lead.id
    for leads in batch.by_key.values():
        if loser.lead.id in leads and winner_id not in leads:
            leads.append(winner_id)


def _state(working: Working) -> dict[str, Any]:
    """How a lead is, as far as it takes to have it so again."""
    lead = working.lead
    return {
        "links": [link.id for link in working.links],
        "said": said_by(working.links),
        "edits": dict(lead.edits),
        "fields": list(lead.fields),  # their order: the values follow from the records
        "provenance": lead.provenance,
        "account_id": lead.account_id,
        "stage": lead.stage,
        "stage_at": lead.stage_at,
        "stage_reason": lead.stage_reason,
        "cycle": lead.cycle,
    }


def write(tx: Tx, batch: Batch) -> None:
    """Write the batch's merges, and move what happened with the losers to the winners."""
    if not batch.merged:
        return
    for merge in batch.merged:
        pair = (merge.winner_id, merge.loser_id)
        open_now = matches.open_stays(tx, pair)
        merge.before["open"] = {
            "winner": open_now.get(merge.winner_id, []),
            "loser": open_now.get(merge.loser_id, []),
        }
        merge.before["kept"] = matches.happened_with(tx, merge.winner_id)
        merge.before["moved"] = journeys.move_owner(tx, merge.loser_id, merge.winner_id)
        state = batch.leads[merge.winner_id].state
        if state is not None:
            matches.close_stays(tx, merge.winner_id, state.stage, state.entered_at)
    matches.add_merges(tx, batch.merged)
    for merge in batch.merged:
        matches.repoint(tx, merge.loser_id, merge.winner_id)
        asides.close_of_lead(tx, merge.loser_id, "change", batch.now)
    outbox.forget(tx, [merge.loser_id for merge in batch.merged])
