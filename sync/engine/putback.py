"""Give parked values and records another try because their cause changed, or after a while.

Batch by batch: each is a few statements in a transaction of its own, whatever its size; an item
that is put back is closed, and set aside again if it fails again. What a crash cuts short is done
again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from mapping.fieldmap import FieldMap
from sync.engine.hub import Flow, Hub, stream_type
from sync.store import asides, inbox, leads, links, outbox, parked
from sync.store.asides import Aside
from sync.store.database import Tx, iso
from sync.store.links import LinkRow, link_id

BATCH = 300
"""Items that one transaction takes: each may lock a link."""
NOT_OF_THE_MAP = frozenset(
    {
        "BUG",
        "CONSENT_UNSURE",
        "CRASHER",
        "FIELD_ALTERNATES",
        "MAILBOX_SHARED",
        "NO_CONNECTION",
        "REFERENCE_UNKNOWN",
        "WRONG_KEY",
    }
)
"""Codes of troubles that neither a field map nor a vendor's fields can end."""


FIRST_WAIT, LONGEST_WAIT = timedelta(hours=1), timedelta(days=7)
"""What a vendor refused is tried again after an hour, then after four times as long each time."""


def put_back_due(hub: Hub, flow: Flow) -> int:
    """Try again what a vendor refused a while ago, since its reason may be gone; how many."""
    now = hub.now()

    def is_due(item: Aside) -> bool:
        wait = min(FIRST_WAIT * 4 ** min(item.times - 1, 9), LONGEST_WAIT)
        return item.kind != "record" and not is_of_reading(item) and item.last_at <= iso(now - wait)

    return put_back(hub, flow, is_due, before=iso(now - FIRST_WAIT))


def put_back(
    hub: Hub, flow: Flow, is_wanted: Callable[[Aside], bool], *, before: str = parked.LATEST
) -> int:
    """Try the wanted ones of a connection's open items again; how many there were.

    Those set aside after ``before`` are not looked at.
    """
    count, last = 0, 0
    while True:
        with hub.database.write() as tx:
            items = parked.open_after(tx, flow.name, last, BATCH, before)
            chosen = [item for item in items if item.code not in NOT_OF_THE_MAP and is_wanted(item)]
            if chosen:
                _again(tx, flow, chosen, hub.stamp())
                asides.close(tx, [item.subject for item in chosen], hub.stamp())
        count += len(chosen)
        if len(items) < BATCH:
            return count
        last = items[-1].id


def is_of_reading(item: Aside) -> bool:
    """Whether a field could not be read; else it could not be written."""
    return item.kind == "field" and item.sent is None and item.received is not None


def _again(tx: Tx, flow: Flow, items: Sequence[Aside], now: str) -> None:
    inbox.put_back(tx, [_link(item) for item in items if item.kind == "record"], now)
    inbox.again(tx, [_link(item) for item in items if is_of_reading(item)], now)
    written = [
        item for item in items if item.lead_id and item.kind != "record" and not is_of_reading(item)
    ]
    lead_ids = list(dict.fromkeys(item.lead_id for item in written if item.lead_id))
    if lead_ids:
        _unpark(tx, flow, written, lead_ids)
        outbox.put_back(tx, flow.name, lead_ids, now)
        outbox.owe(tx, [(flow.name, lead_id) for lead_id in lead_ids], now)


def _link(item: Aside) -> str:
    return link_id(item.connection, item.stream or "", item.external_id or "")


def _unpark(tx: Tx, flow: Flow, items: Sequence[Aside], lead_ids: Sequence[str]) -> None:
    """Let the links of these leads forget the refused values of the items' fields."""
    ids = {link.id for link in links.of_leads(tx, lead_ids, flow.name)}
    leads.lock_keys(tx, (), ids)  # nobody writes these links meanwhile
    held: dict[str, list[LinkRow]] = {}
    for link in links.by_ids(tx, ids).values():
        held.setdefault(link.owner_id or "", []).append(link)
    changed: dict[str, LinkRow] = {}
    for item in items:
        for link in held.get(item.lead_id or "", ()):
            field_map = flow.maps.get(stream_type(link.stream))
            names = _lead_fields(item, field_map) & link.parked.keys()
            # What the stage was forbidden to become is parked with the value that stands there.
            if link.parked.get("stage", ...) == link.stage_value:
                names -= {"stage"}
            for name in names:
                del link.parked[name]
                changed[link.id] = link
    links.save(tx, changed.values())


def _lead_fields(item: Aside, field_map: FieldMap | None) -> set[str]:
    """The lead fields behind an item, which may name the vendor's."""
    named = {item.field, *(item.sent or {})}
    found = {name for name in named if name}
    if field_map is not None:
        found |= {line.field for line in field_map.lines if line.to in named}
        if field_map.stage is not None and field_map.stage.field in named:
            found.add("stage")
    return found
