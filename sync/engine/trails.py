"""Take in what happens with leads: deals, which move stages, and activities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mapping.stages import deal_observation
from sync.engine import finish, telling
from sync.engine.batch import Batch, Item, Working
from sync.engine.hub import Hub
from sync.store.journeys import ActivityRow, DealRow
from sync.store.links import LinkRow


def take(hub: Hub, batch: Batch, item: Item, result: Any) -> bool:
    """Bring a deal or an activity into the batch; false where its person is not known yet."""
    link = batch.links.get(item.row.link_id)
    if item.row.deleted:
        if link is not None:
            link.state = "gone"
            batch.keep(link)
        batch.done.append(item.row.id)
        return True
    owners = _owners(batch, item)
    if not owners and (item.kind == "activity" or _points_at_people(hub, item)):
        return False
    batch.done.append(item.row.id)
    if link is None:
        link = _new_link(item, owners, batch.now)
    elif link.changed_at and item.row.changed_at and item.row.changed_at < link.changed_at:
        return True
    if item.kind == "deal":
        _take_deal(hub, batch, item, link, owners)
        result.counts["deals"] += 1
    else:
        _take_activity(batch, item, owners[0])
        result.counts["activities"] += 1
    link.digest, link.version, link.changed_at = (
        item.row.digest,
        item.row.version,
        item.row.changed_at,
    )
    link.updated_at = batch.now
    link.owner_id = owners[0].lead.id if owners else None
    batch.keep(link)
    return True


def _owners(batch: Batch, item: Item) -> list[Working]:
    """Whose it is: the leads it points at, or else the one lead with its mailbox or its number.

    A mailbox goes before a number, and what several leads have says nothing.
    """
    found: dict[str, Working] = {}
    for ref in item.refs:
        link = batch.links.get(ref)
        link_owner = link.owner_id if link is not None and link.kind == "lead" else None
        working = batch.standing(link_owner or batch.ref_owners.get(ref))
        if working is not None:
            found.setdefault(working.lead.id, working)
    if not found and item.profile is not None:
        for key in item.profile.contacts:
            leads = (batch.standing(lead_id) for lead_id in batch.by_key.get(key, ()))
            sharing = {working.lead.id: working for working in leads if working is not None}
            if len(sharing) == 1:
                found |= sharing
    return list(found.values())


def _points_at_people(hub: Hub, item: Item) -> bool:
    flow = hub.flows[item.connection]
    for ref in item.refs:
        stream = ref.split("/", 2)[1]
        if flow.kind(stream) == "lead":
            return True
    return False


def _new_link(item: Item, owners: list[Working], now: str) -> LinkRow:
    return LinkRow(
        id=item.row.link_id,
        connection=item.connection,
        stream=item.stream,
        external_id=item.external_id,
        kind=item.kind,
        owner_id=owners[0].lead.id if owners else None,
        digest=None,
        version=None,
        changed_at=None,
        held={},
        since={},
        stage_value=None,
        parked={},
        state="live",
        match=None,
        first_seen_at=now,
        updated_at=now,
    )


def _take_deal(hub: Hub, batch: Batch, item: Item, link: LinkRow, owners: list[Working]) -> None:
    values = item.draft.values
    seen = item.draft.stage
    stage = seen.stages[0] if seen is not None and seen.stages else None
    batch.deals.append(
        DealRow(
            link_id=link.id,
            lead_id=owners[0].lead.id if owners else None,
            account_id=owners[0].lead.account_id if owners else None,
            name=None if values.get("name") is None else str(values["name"]),
            stage=stage,
            fields={k: v for k, v in values.items() if v is not None},
            updated_at=batch.now,
        )
    )
    if seen is None:
        return
    value = str(seen.value)
    first = link.stage_value is None
    if stage is None or (value == link.stage_value and not (item.again and item.again.stage)):
        return
    link.stage_value = value
    for working in owners:
        deals = batch.deal_stages.setdefault(working.lead.id, {})
        deals[link.id] = stage
        observation = deal_observation(
            stage,
            at=item.at,
            system=item.connection,
            others=[other for deal, other in deals.items() if deal != link.id],
            reason=seen.reason or _reason(values),
            first=first,
            event=link.id,
        )
        told = telling.told_by(hub, item, first=first)
        if told:
            telling.observe(hub, batch, working, item, observation, told, None)
        else:
            finish.observe_stage(hub, batch, working, item, observation, None)


def _reason(values: Any) -> str | None:
    reason = values.get("reason")
    return str(reason) if reason else None


def _take_activity(batch: Batch, item: Item, working: Working) -> None:
    fields = activity_values(item.draft.values, item.at)
    batch.activities.append(
        ActivityRow(
            link_id=item.row.link_id,
            lead_id=working.lead.id,
            activity=fields.pop("activity"),
            at=fields.pop("at"),
            subject=fields.pop("subject"),
            fields=fields,
        )
    )


def activity_values(values: Mapping[str, Any], at: str) -> dict[str, Any]:
    """An activity's fields as they are kept; its kind, time and subject always."""
    subject = values.get("subject")
    return {
        **{name: value for name, value in values.items() if value is not None},
        "activity": str(values.get("activity") or "note"),
        "at": str(values.get("at") or at),
        "subject": None if subject is None else str(subject),
    }
