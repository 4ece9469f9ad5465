"""Where a record says that its lead stands, and where a new lead begins."""

from __future__ import annotations

from mapping.stage_words import STARTS
from mapping.stages import Observation, StageSeen
from sync.engine import finish, telling, turns
from sync.engine.batch import Batch, Item, Working
from sync.engine.hub import Hub
from sync.store.links import LinkRow

__all__ = ["hear", "say"]


def hear(hub: Hub, batch: Batch, item: Item, link: LinkRow, working: Working) -> None:
    """Let a record's stage count where it is news; who says none begins somewhere all the same."""
    seen = item.draft.stage
    first = link.stage_value is None
    if seen is None:
        projection = hub.flows[item.connection].map_for(item.stream).stage
        if link.stage_value and projection is not None and projection.is_cleared(item.flat):
            turns.count_stage(batch, item, link)
            link.stage_value = ""
            batch.touch(working, item)
        if working.state is None:
            finish.observe_stage(hub, batch, working, item, _entry(batch, item), None)
        return
    if not first and link.digest is None:
        telling.note(hub, batch, working, item)
    value = None if seen.value is None else str(seen.value)
    if value == link.stage_value and not first:
        return
    say(hub, batch, item, link, working, seen)
    if working.state is None:
        finish.observe_stage(hub, batch, working, item, _entry(batch, item), None)


def say(
    hub: Hub, batch: Batch, item: Item, link: LinkRow, working: Working, seen: StageSeen
) -> None:
    """Let what a record says of its stage count, and what it tells of the time before."""
    first = link.stage_value is None
    link.stage_value = None if seen.value is None else str(seen.value)
    observation = Observation(
        seen.stages, item.at, item.connection, seen.reason, first, link.id, origin=_origin(item)
    )
    told = telling.told_by(hub, item, first=first)
    if told:
        telling.observe(hub, batch, working, item, observation, told, link)
    else:
        finish.observe_stage(hub, batch, working, item, observation, link)


def _entry(batch: Batch, item: Item) -> Observation:
    """A person who became identifiable is an inquiry, or starts where the lead's origin says."""
    origin = _origin(item)
    start = STARTS.get(origin, "inquiry")
    stages = ("inquiry" if start in batch.rules.optional else start,)
    return Observation(
        stages, item.at, item.connection, first=True, event=item.row.link_id, origin=origin
    )


def _origin(item: Item) -> str | None:
    origin = item.draft.values.get("origin")
    return origin if isinstance(origin, str) else None
