"""Take one lead record in: whose it is, what it now says, and where it stands."""

from __future__ import annotations

from typing import Any

from mapping.match.place import Placement
from mapping.match.profile import profile
from mapping.merge import observe
from mapping.model import OUR_ID
from sync.engine import (
    accounts,
    consents,
    forgotten,
    identify,
    joining,
    sharing,
    standing,
    stated,
    turns,
)
from sync.engine.batch import Batch, Item, Working
from sync.engine.hub import Hub, new_id, stream_type
from sync.engine.restating import Again, correct
from sync.store.asides import Aside, subject
from sync.store.journeys import ActivityRow
from sync.store.leads import Event, LeadRow
from sync.store.links import LinkRow


def take(hub: Hub, batch: Batch, item: Item, result: Any) -> None:
    """Bring a lead record into the batch; decides, and saves nothing."""
    link = batch.links.get(item.row.link_id)
    batch.done.append(item.row.id)
    if link is not None and _is_stale(link, item):
        result.counts["stale"] += 1
        if (working := batch.standing(link.owner_id)) is not None and not item.row.deleted:
            sharing.late(batch, working, item, hub.trust)
        return
    link = _follow_previous(hub, batch, item, link)
    if item.row.deleted:
        _gone(batch, item, link, result)
        return
    accounts.place(batch, item)
    working = _whose(hub, batch, item, link, result)
    if link is None:
        link = _new_link(item, working, batch.now)
        working.links.append(link)
    if _hear(hub, batch, item, link, working, result):
        working = _look_again(hub, batch, item, working, result)
        sharing.heard(batch, working, link, item.at)
    standing.hear(hub, batch, item, link, working)
    _note_problems(batch, item, link, result)
    _note_activity(hub, batch, item, working)
    link.digest = item.row.digest
    link.version = item.row.version
    link.changed_at = item.row.changed_at
    link.updated_at = batch.now
    batch.keep(link)


def take_again(
    hub: Hub, batch: Batch, item: Item, link: LinkRow, again: Again, result: Any
) -> None:
    """Have a record that is read once more say what it should have said; decides, saves nothing."""
    batch.done.append(item.row.id)
    item.draft.values.pop(OUR_ID, None)
    accounts.place(batch, item)
    working = _whose(hub, batch, item, link, result)
    if again.corrections:
        correct(link, again.corrections)
        made = profile(link.id, identify.stated(link), hub.rules)
        if item.profile is not None and made.firm.is_known:
            made.account = item.profile.account
        item.profile = working.profiles[link.id] = made
        batch.touch(working, item)
        batch.index(working, made.keys)
        result.counts["changed"] += 1
        working = _look_again(hub, batch, item, working, result)
    if again.stage and item.draft.stage is not None:
        standing.say(hub, batch, item, link, working, item.draft.stage)
    _note_problems(batch, item, link, result)
    _note_activity(hub, batch, item, working)
    link.updated_at = batch.now
    batch.keep(link)


def _is_stale(link: LinkRow, item: Item) -> bool:
    """Whether this is older than what the hub has already heard of the record."""
    return bool(link.changed_at and item.row.changed_at and item.row.changed_at < link.changed_at)


def _gone(batch: Batch, item: Item, link: LinkRow | None, result: Any) -> None:
    if link is None or link.state == "gone" or not link.owner_id:
        return
    link.state = "gone"
    link.digest = item.row.digest
    link.changed_at = item.row.changed_at or link.changed_at  # what is older does not revive it
    link.updated_at = batch.now
    batch.keep(link)
    if (working := batch.standing(link.owner_id)) is not None:
        batch.touch(working, item)  # another record of the person may be the one to write to now
    batch.events.append(
        Event(link.owner_id, item.at, "gone", link_id=link.id, run_id=item.row.run_id)
    )
    result.counts["gone"] += 1


def _follow_previous(hub: Hub, batch: Batch, item: Item, link: LinkRow | None) -> LinkRow | None:
    """Move the links of ids that the vendor merged into, or converted to, this record."""
    for old_id in item.previous:
        old = batch.links.get(old_id)
        if old is None or old.state == "moved" or old_id == item.row.link_id:
            continue
        working = batch.leads.get(old.owner_id or "")
        if link is None:
            link = LinkRow(
                id=item.row.link_id,
                connection=item.connection,
                stream=item.stream,
                external_id=item.external_id,
                kind=item.kind,
                owner_id=old.owner_id,
                digest=None,
                version=None,
                changed_at=None,
                held=stated.inherited(old, hub.flows[item.connection].map_for(item.stream)),
                since=dict(old.since),
                stage_value=old.stage_value if old.stream == item.stream else None,
                parked={},
                state="live",
                match={"rule": "moved", "from": old.id},
                first_seen_at=old.first_seen_at,
                updated_at=batch.now,
            )
            if working is not None:
                working.links.append(link)
        elif link.owner_id and old.owner_id and link.owner_id != old.owner_id:
            winner, loser = batch.leads.get(link.owner_id), batch.leads.get(old.owner_id)
            if winner is not None and loser is not None:
                joining.join(batch, winner, loser, cause="vendor", item=item)
        old.state = "moved"
        consents.carry(old, link, hub.trust)
        if working is not None and old in working.links:
            working.links.remove(old)
            batch.touch(working, item)
        batch.keep(old)
        batch.keep(link)
        batch.moves.append((old.id, link.id, batch.now))
        if link.owner_id:
            batch.events.append(
                Event(
                    link.owner_id,
                    item.at,
                    "moved",
                    {"record": [old.id, link.id]},
                    link.id,
                    item.row.run_id,
                    item.row.id,
                )
            )
    return link


def _whose(hub: Hub, batch: Batch, item: Item, link: LinkRow | None, result: Any) -> Working:
    if link is not None and (working := batch.standing(link.owner_id)) is not None:
        link.owner_id = working.lead.id
        return working
    ours = item.draft.values.get(OUR_ID)
    named = batch.standing(ours) if isinstance(ours, str) else None
    # A second record with one id may be a copy; that of a lead which is another's now is none.
    if named is not None and (named.lead.id != ours or not named.was_at(item.connection)):
        result.counts["linked"] += 1
        item.match = {"rule": "our_id"}
        return named
    placed = identify.whose(hub, batch, item)
    if placed is None or not placed.same:
        working = _new_lead(hub, batch, item)
        item.match = identify.NOBODY if working.lead.id != ours else forgotten.MATCH
        result.counts["leads"] += 1
        if placed is not None and placed.maybe:
            if working.lead.id != ours:
                item.match = identify.told(placed.maybe[0].score, "ask")
            identify.ask(batch, working, item, placed.maybe, result)
        return working
    working = batch.leads[placed.same[0].lead]
    forgotten.remember(batch, item, working)
    working.cause = item
    item.match = identify.told(placed.same[0].score, "same")
    result.counts["linked"] += 1
    return _together(batch, working, item, placed, result)


def _together(
    batch: Batch, working: Working, item: Item, placed: Placement, result: Any
) -> Working:
    """Join the leads that a record shows to be one person; the oldest of them stays."""
    for near in placed.same:
        other = batch.leads[near.lead]
        if other is not working:
            working, loser = joining.elder(working, other)
            joining.join(batch, working, loser, cause="match", item=item)
            result.counts["merged"] += 1
    if placed.maybe:
        identify.ask(batch, working, item, placed.maybe, result)
    return working


def _look_again(hub: Hub, batch: Batch, item: Item, working: Working, result: Any) -> Working:
    """Whether what a known record now says shows its lead to be one with others.

    What tied it to its own lead may be gone; a tie stays until a person cuts it.
    """
    made = item.profile
    if made is None or working.is_new or working.keys.issuperset(made.keys):
        return working
    placed = identify.whose(hub, batch, item, working)
    return working if placed is None else _together(batch, working, item, placed, result)


def _new_lead(hub: Hub, batch: Batch, item: Item) -> Working:
    lead = LeadRow(
        id=forgotten.named(batch, item) or new_id("ld", hub.now()),
        name=None,
        email=None,
        company=None,
        account_id=None,
        stage="inquiry",
        stage_at=item.at,
        stage_reason=None,
        cycle=1,
        fields={},
        provenance={},
        edits={},
        merged_into=None,
        created_at=batch.now,
        updated_at=batch.now,
    )
    working = Working(lead=lead, links=[], state=None, keys=set(), is_new=True)
    batch.leads[lead.id] = working
    return working


def _new_link(item: Item, working: Working, now: str) -> LinkRow:
    return LinkRow(
        id=item.row.link_id,
        connection=item.connection,
        stream=item.stream,
        external_id=item.external_id,
        kind=item.kind,
        owner_id=working.lead.id,
        digest=None,
        version=None,
        changed_at=None,
        held={},
        since={},
        stage_value=None,
        parked={},
        state="live",
        match=item.match,
        first_seen_at=now,
        updated_at=now,
    )


def _hear(hub: Hub, batch: Batch, item: Item, link: LinkRow, working: Working, result: Any) -> bool:
    """Take in what a record says; whether that is news."""
    values = item.draft.values
    changed = link.digest is None or link.state != "live"
    if link.held or link.digest is not None:
        values.pop(OUR_ID, None)
        news = consents.hear(link, values, hub.trust, item.at)
        seen = observe(link.held, link.since, values, item.at)
        if seen.changed:
            turns.count(batch, item, link, seen.changed, seen.held)
        link.held, link.since = dict(seen.held), dict(seen.since)
        item.profile = profile(link.id, identify.stated(link), hub.rules)
        consents.settle(batch, item, link, news)
        changed = bool(seen.changed or news) or link.state != "live"
    else:  # the first word of a record: all of it is said now
        values.pop(OUR_ID, None)
        link.held = dict(values)
        if None in values.values():
            link.held = {k: v for k, v in values.items() if v is not None}
        link.since = dict.fromkeys(link.held, item.at)
    link.state = "live"
    if changed or working.is_new:
        result.counts["changed"] += 1
        batch.touch(working, item)
        if working.is_new and not working.lead.fields:
            working.lead.fields = link.held
        if item.profile is not None:
            working.profiles[link.id] = item.profile
            batch.index(working, item.profile.keys)
        return True
    result.counts["echo"] += 1
    return False


def _note_problems(batch: Batch, item: Item, link: LinkRow, result: Any) -> None:
    """Set aside the fields that could not be read; settle those that can be read again."""
    if not (item.draft.problems or link.parked):
        return
    unread = {p.field for p in item.draft.problems}
    for problem in item.draft.problems:
        batch.asides.append(
            Aside(
                kind="field",
                connection=item.connection,
                stream=item.stream,
                external_id=item.external_id,
                lead_id=link.owner_id,
                field=problem.field,
                code=problem.code,
                message=problem.message,
                fix=problem.hint,
                received={problem.vendor_field: item.flat.get(problem.vendor_field)},
                run_id=item.row.run_id,
            )
        )
        result.counts["fields_aside"] += 1
    marked = {name for name in link.parked if name.startswith("read:")}
    for name in marked:
        if name.removeprefix("read:") not in unread:
            del link.parked[name]
            batch.settled.append(
                subject(
                    "field",
                    item.connection,
                    item.stream,
                    item.external_id,
                    name.removeprefix("read:"),
                )
            )
    for name in unread:
        link.parked[f"read:{name}"] = True


def _note_activity(hub: Hub, batch: Batch, item: Item, working: Working) -> None:
    """A form's answer is a lead record and an activity in one."""
    kind = hub.flows[item.connection].manifest.streams[stream_type(item.stream)].activity
    if not kind:
        return
    values = item.draft.values
    batch.activities.append(
        ActivityRow(
            link_id=item.row.link_id,
            lead_id=working.lead.id,
            activity=kind,
            at=str(values.get("first_touch_at") or item.at),
            subject=_text(values.get("campaign")) or _text(values.get("interest")),
            fields={},
        )
    )


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return None if value is None else str(value)
