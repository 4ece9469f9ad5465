"""HubSpot's webhooks: a signed array of hints (HubSpot developer docs, webhooks, validating).

One address gets the events of every portal the app is in, in no order, at least once. An event
names one property; the record is read again. Who is behind ``changeSource`` is not asked: an echo
is known by its values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from connectors.hubspot.options import Options
from connectors.kit.base import Hook, News, Ref
from connectors.kit.errors import ContractBroken
from connectors.kit.signatures import SCHEMES, verify

STREAMS: Mapping[str, str] = {
    "contact": "contacts",
    "company": "companies",
    "deal": "deals",
    "0-1": "contacts",
    "0-2": "companies",
    "0-3": "deals",
}
"""Streams by the first word of ``subscriptionType``; where that is object, by ``objectTypeId``."""
GONE = frozenset({"deletion", "privacyDeletion"})
Event = Mapping[str, Any]


def check(hook: Hook, options: Options) -> None:
    """Return when the hook is HubSpot's, signed v3 within five minutes; else BadSignature."""
    secrets = [
        one.get_secret_value()
        for one in (options.webhook_secret, options.previous_webhook_secret)
        if one is not None
    ]
    verify(SCHEMES["hubspot_v3"], hook, secrets, hook.received_at)


def read(hook: Hook, portal: int | None) -> News:
    """Which records to read again, and which are gone; the latest event of a record decides."""
    events = _events(hook.body)
    mine = [one for one in events if portal is None or one.get("portalId") == portal]
    mine.sort(key=_order)
    gone: dict[Ref, bool] = {}
    for one in mine:
        stream = _stream(one)
        if stream is None:
            continue
        event = str(one.get("subscriptionType", "")).rpartition(".")[2]
        for own in _ids(one, event):
            ref = Ref(stream, own)
            gone.pop(ref, None)
            gone[ref] = event in GONE
    return News(
        event_ids=tuple(dict.fromkeys(_event_id(one) for one in mine)),
        changed=tuple(ref for ref, dead in gone.items() if not dead),
        deleted=tuple(ref for ref, dead in gone.items() if dead),
    )


def _events(body: bytes) -> list[Event]:
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ContractBroken("a signed HubSpot webhook was not JSON") from error
    if not isinstance(read, list) or not all(isinstance(one, dict) for one in read):
        raise ContractBroken("a signed HubSpot webhook was no array of events")
    return read


def _order(event: Event) -> tuple[int, bool]:
    """By time; at one time a deletion comes first, for reading again finds out what is gone."""
    name = str(event.get("subscriptionType", "")).rpartition(".")[2]
    return int(event.get("occurredAt") or 0), name not in GONE


def _stream(event: Event) -> str | None:
    word = str(event.get("subscriptionType", "")).partition(".")[0]
    return STREAMS.get(str(event.get("objectTypeId")) if word == "object" else word)


def _ids(event: Event, name: str) -> Iterable[str]:
    """The records an event is about; of a merge the survivor, whose record names the others."""
    keys: tuple[str, ...] = ("objectId",)
    if name == "merge":
        keys = ("newObjectId", "primaryObjectId", "objectId")
    elif name == "associationChange":
        keys = ("fromObjectId", "objectId")
    found = next((event[key] for key in keys if event.get(key) is not None), None)
    return () if found is None else (str(found),)


def _event_id(event: Event) -> str:
    """``eventId`` alone is not promised to be unique."""
    keys = ("subscriptionId", "eventId", "occurredAt", "objectId")
    return ":".join(str(event.get(key, "")) for key in keys)
