"""Reading calendars by sync token: what changed since the last time, deletions too.

A full read goes from ``since_days`` ago and ends with a token; the next read gives the token and
gets what changed. Google answers 410 to a token that is too old: the state of that user is dropped
and the calendar read in full again. The cursor holds, by user, the token, and inside a read the
page to go on with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from connectors.google_meet.api import CALENDAR, Api, Body, items_of, object_of
from connectors.google_meet.events import STREAM, Event, keeper_of, records_of
from connectors.google_meet.meetings import stamp
from connectors.kit.base import Record
from connectors.kit.errors import ContractBroken
from connectors.kit.paging import guarded

State = Mapping[str, str]
"""Where one calendar stands: ``sync`` (a token) or ``since`` (a full read), and ``page``."""
KEYS = frozenset({"sync", "since", "page"})
SAME = {"singleEvents": "true", "showDeleted": "true"}
"""Parameters that a sync token must come with again."""


def load(cursor: str | None) -> dict[str, State]:
    """The states that ``dump`` wrote; ContractBroken for anything else."""
    if cursor is None:
        return {}
    try:
        held = orjson.loads(cursor)
        good = all(
            isinstance(state, dict)
            and state.keys() <= KEYS
            and all(isinstance(value, str) for value in state.values())
            for state in held.values()
        )
        if good:
            return dict(held)
    except (ValueError, AttributeError):
        pass
    raise ContractBroken(
        "the saved cursor is not one of Google Calendar's: reset the stream to read it anew",
        code="GOOGLE_MEET_CURSOR",
    )


def dump(states: Mapping[str, State]) -> str:
    """The cursor as the hub keeps it."""
    return orjson.dumps(states, option=orjson.OPT_SORT_KEYS).decode()


def read(
    api: Api, user: str, state: State, *, now: datetime
) -> Iterator[tuple[list[Record], State]]:
    """The records of each page of a user's calendar, and where it stands after them."""
    pages = guarded(
        _pages(api, user, state, now=now),
        what="a list of calendar events",
        key=lambda step: step[1].get("page"),
    )
    for body, at in pages:
        events = items_of(body, "items")
        yield [one for event in events for one in records_of(event, user, api.options)], at


def _pages(api: Api, user: str, state: State, *, now: datetime) -> Iterator[tuple[Body, State]]:
    restarts = 0
    while True:
        base = {name: value for name, value in state.items() if name != "page"}
        if not base:
            base = {"since": stamp(now - timedelta(days=api.options.since_days))}
        reply = api.request(
            user, "GET", CALENDAR, params=_query(api, base, state), accept=(400, 410)
        )
        if reply.status in (400, 410):
            restarts += 1
            # 410: the token is too old. 400: a page's token has gone; begin this read again.
            fresh = {} if reply.status == 410 or "page" not in state else base
            if restarts > 2 or (fresh == state and "sync" not in state):
                raise ContractBroken(
                    f"Google Calendar refused to be read in full ({reply.status})",
                    status=reply.status,
                    code="GOOGLE_MEET_SYNC",
                )
            state = fresh
            continue
        body = object_of(reply)
        page, token = body.get("nextPageToken"), body.get("nextSyncToken")
        if not page and not token:
            raise ContractBroken(
                "a list of calendar events ended without a sync token", code="GOOGLE_MEET_SHAPE"
            )
        state = {**base, "page": str(page)} if page else {"sync": str(token)}
        yield body, state
        if not page:
            return


def _query(api: Api, base: State, state: State) -> dict[str, Any]:
    query: dict[str, Any] = {**SAME, "maxResults": api.options.page_size}
    query |= {"syncToken": base["sync"]} if "sync" in base else {"timeMin": base["since"]}
    return query | ({"pageToken": state["page"]} if "page" in state else {})


def changed_since(api: Api, user: str, since: str) -> list[Record]:
    """The records of what changed in a user's calendar since a moment, for a notification."""
    reply_items = api.pages(
        user, CALENDAR, "items", **SAME, updatedMin=since, maxResults=api.options.page_size
    )
    return [one for event in reply_items for one in records_of(event, user, api.options)]


def fetch(api: Api, external_id: str) -> Record:
    """One guest's record of one event, from the calendar that keeps it; deleted where it went."""
    event_id, _, _ = external_id.partition(".")
    if event_id.replace("_", "").isalnum():
        for user in api.options.users:
            for record in records_of(_event(api, user, event_id), user, api.options):
                if record.external_id == external_id:
                    return record
    return Record(STREAM, external_id, {}, deleted=True)


def _event(api: Api, user: str, event_id: str) -> Event:
    reply = api.request(user, "GET", f"{CALENDAR}/{event_id}", accept=(404, 410))
    event = object_of(reply) if reply.status < 400 else {}
    return event if keeper_of(event, api.options) == user else {}
